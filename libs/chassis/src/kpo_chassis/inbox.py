"""The inbox row: how far a stream has been consumed, and what its next record therefore is."""

from dataclasses import dataclass
from enum import Enum

from kpo_chassis.store import Document


class Place(Enum):
    """Where a record stands in its stream."""

    DUPLICATE = "duplicate"
    NEXT = "next"
    BEHIND = "behind"
    GAP = "gap"


@dataclass(slots=True)
class InboxRow:
    """`seq` is the last number applied; `parked` counts the stream's parked records, `head` their lowest."""

    stream: str
    seq: int = 0
    parked: int = 0
    head: int = 0
    partial: bool = False
    is_new: bool = True
    dirty: bool = False

    @classmethod
    def read(cls, stream: str, document: Document | None) -> "InboxRow":
        if document is None:
            return cls(stream)
        seq, parked, head = document["seq"], document["parked"], document["head"]
        assert isinstance(seq, int)
        assert isinstance(parked, int)
        assert isinstance(head, int)
        return cls(stream, seq, parked, head, partial=document["partial"] is True, is_new=False)

    def place(self, seq: int, *, late_start: bool) -> Place:
        """Say what number `seq` is here; `late_start` lets a first contact begin above 1."""
        if seq <= self.seq:
            return Place.DUPLICATE
        if self.parked:
            return Place.NEXT if seq == self.seq + 1 and seq < self.head else Place.BEHIND
        if seq == self.seq + 1 or (late_start and self.is_new and not self.dirty):
            return Place.NEXT
        return Place.GAP

    def apply(self, seq: int) -> None:
        self.partial = self.partial or seq != self.seq + 1
        self.seq = seq
        self.dirty = True

    def park(self, seq: int) -> None:
        self.head = min(self.head, seq) if self.parked else seq
        self.parked += 1
        self.dirty = True

    def release(self, following: int) -> None:
        """Take the lowest parked record out; `following` is the next one's number, 0 if none is known."""
        self.parked -= 1
        self.head = following if self.parked else 0
        self.dirty = True

    def document(self) -> Document:
        return {
            "_id": self.stream,
            "seq": self.seq,
            "parked": self.parked,
            "head": self.head,
            "partial": self.partial,
        }
