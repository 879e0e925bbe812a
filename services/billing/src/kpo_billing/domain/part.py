"""What an engagement pays for one by one: the milestones of an assignment, the awards of a challenge."""

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """How an engagement is handed out: to one expert, or as an open call."""

    ASSIGNMENT = "assignment"
    CHALLENGE = "challenge"


class PartKind(StrEnum):
    """What a part is called, which follows from the mode."""

    MILESTONE = "milestone"
    AWARD = "award"


PARTS: dict[Mode, PartKind] = {
    Mode.ASSIGNMENT: PartKind.MILESTONE,
    Mode.CHALLENGE: PartKind.AWARD,
}
"""The kind of part that an escrow of each mode pays for."""


@dataclass(frozen=True, slots=True)
class Part:
    """One milestone or award by its number; it is paid once, and documents and payouts say that it was it."""

    kind: PartKind
    number: int

    def __str__(self) -> str:
        return f"{self.kind}-{self.number}"

    @property
    def milestone(self) -> int | None:
        return self.number if self.kind is PartKind.MILESTONE else None

    @property
    def award(self) -> int | None:
        return self.number if self.kind is PartKind.AWARD else None
