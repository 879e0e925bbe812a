"""An aggregate in the committer's hands: from its document to its next document."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.documents import EXPECTED, Documents
from kpo_chassis.kernel import Aggregate, Caller
from kpo_chassis.store import Document


@dataclass(slots=True)
class Held:
    """A loaded aggregate: `state` is None until something makes it; `dirty` asks for it to be saved."""

    documents: Documents
    id: UUID
    state: Aggregate | None = None
    version: int = 0
    seq: int = 0
    outbox: str | None = None
    due_at: datetime | None = None
    due_trace: str | None = None
    stuck: object = None
    created_at: datetime | None = None
    changed_at: datetime | None = None
    is_new: bool = True
    dirty: bool = False

    @classmethod
    def read(cls, documents: Documents, key: UUID, document: Document | None) -> "Held":
        if document is None:
            return cls(documents, key)
        stored, schema = document["state"], document["schema"]
        version, seq = document["version"], document["seq"]
        assert isinstance(stored, dict)
        assert isinstance(schema, int)
        assert isinstance(version, int)
        assert isinstance(seq, int)
        return cls(
            documents=documents,
            id=key,
            state=documents.load(stored, schema),
            version=version,
            seq=seq,
            outbox=_text(document["ob"]),
            due_at=_instant(document["due_at"]),
            due_trace=_text(document["due_trace"]),
            stuck=document.get("stuck"),
            created_at=_instant(document["created_at"]),
            changed_at=_instant(document["changed_at"]),
            is_new=False,
        )

    def known_to(self, caller: Caller) -> bool:
        """Say whether the caller may know it; what does not exist yet is nobody's secret."""
        if self.state is None:
            return True
        return self.documents.status_of(self.state) != EXPECTED and caller.may_know(self.state.parties)

    def become(self, state: Aggregate, now: datetime, trace: str | None) -> None:
        """Take the next state; the version counts only what is different."""
        if state == self.state:
            return
        if state.due_at != self.due_at:
            self.due_at, self.due_trace, self.stuck = state.due_at, trace, None
        self.state = state
        self.version += 1
        self.created_at = self.created_at or now
        self.changed_at = now
        self.dirty = True

    def announce(self, outbox_id: str) -> tuple[int, str | None]:
        """Count one more event; answer the number and the outbox document that must go out before."""
        before = self.outbox if self.outbox != outbox_id else None
        self.seq += 1
        self.outbox = outbox_id
        self.dirty = True
        return self.seq, before

    def document(self) -> Document:
        assert self.state is not None
        status = self.documents.status_of(self.state)
        visible = status != EXPECTED
        document: Document = {
            "_id": self.id,
            "schema": self.documents.schema,
            "version": self.version,
            "seq": self.seq,
            "ob": self.outbox,
            "status": status,
            "parties": sorted(self.state.parties) if visible else [],
            "visible": visible,
            "due_at": self.due_at,
            "due_trace": self.due_trace,
            "tasks": self._tasks() if visible else [],
            "created_at": self.created_at,
            "changed_at": self.changed_at,
            "state": self.documents.dump(self.state),
        }
        if visible and (facets := self.documents.facets_of(self.state)):
            document["facets"] = dict(facets)
        if self.stuck is not None:
            document["stuck"] = self.stuck
        return document

    def _tasks(self) -> list[Document]:
        assert self.state is not None
        return [
            {"tenant": task.tenant, "action": task.action, "path": task.path, "until": task.until}
            for task in self.state.tasks
        ]


def _text(value: object) -> str | None:
    assert value is None or isinstance(value, str)
    return value


def _instant(value: object) -> datetime | None:
    assert value is None or isinstance(value, datetime)
    return value
