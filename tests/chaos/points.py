"""Named points of the engine at which a process ends itself with SIGKILL: between two steps, not at random.

The points are put into the text of the modules while the services load them; see `edits.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from .edits import Edit

VARIABLE: Final = "CHAOS_DOOM"
"""Tells processes the folder in which they find their orders; see `stand_ins/doom.py`."""


class Where(Enum):
    """Which processes come to a point by themselves, or only when another worker comes and goes."""

    ANYWHERE = "any process"
    WORKERS_CHANGE = "a worker whose twin comes and goes"
    APIS = "an api"
    UPLOADS = "the api that takes uploads"


def _at(point: str) -> str:
    return f'__import__("doom").reached("{point}")'


def _edit(module: str, step: str, *, before: str = "", after: str = "") -> Edit:
    """Put points before and after a statement, on its own line: it keeps its place and its indentation."""
    parts = (_at(before) if before else "", step, _at(after) if after else "")
    return Edit(f"kpo_chassis.{module}", step, "; ".join(filter(None, parts)))


_SENDS: Final = "sent = [await self._send_batch(place, queue) for place, queue in queues.items()]"

EDITS: Final = (
    _edit("attempt", "await self._write_inbox()", before="between two writes"),
    _edit(
        "mongo.database",
        "await session.commit_transaction()",
        before="before a commit",
        after="after a commit",
    ),
    _edit(
        "relay", "await self._producer.send(records)", before="before sending", after="before a sent is noted"
    ),
    Edit(
        "kpo_chassis.kafka",
        _SENDS,
        f'{_SENDS}; await __import__("doom").reached_a_little_later("before an acknowledgement")',
    ),
    _edit("relay", "await self._database.forget(OUTBOX, ids)", before="before a delete"),
    _edit(
        "consumer",
        "to_end.update(session for session in sessions if session not in self._database.session_ids)",
        before="after a claim",
    ),
    _edit("consumer", "self._consumer.seek(partition, lane.next_offset)", before="before a seek"),
    _edit("consumer", "self._committer.close_lane(partition.id)", after="after a revocation"),
    _edit("commands", 'response.headers["ETag"] = tag_of(stored, who, body)', before="before an answer"),
    _edit("mongo.blobs", "before = await self._claim(blob, file_id)", before="between bytes and their row"),
)

POINTS: Final[Mapping[str, Where]] = {
    "between two writes": Where.ANYWHERE,
    "before a commit": Where.ANYWHERE,
    "after a commit": Where.ANYWHERE,
    "before sending": Where.ANYWHERE,
    "before an acknowledgement": Where.ANYWHERE,
    "before a sent is noted": Where.ANYWHERE,
    "before a delete": Where.ANYWHERE,
    "after a claim": Where.WORKERS_CHANGE,
    "before a seek": Where.WORKERS_CHANGE,
    "after a revocation": Where.WORKERS_CHANGE,
    "before an answer": Where.APIS,
    "between bytes and their row": Where.UPLOADS,
}


@dataclass(frozen=True)
class Orders:
    """The folder in which processes find out where they are to die."""

    folder: Path

    def give(self, port: int, point: str) -> None:
        """Tell the process at a port to die at a point; it reads the whole order or none."""
        draft = self._order(port).with_suffix(".draft")
        draft.write_text(point, encoding="utf-8")
        draft.rename(self._order(port))

    def take_back(self, port: int) -> bool:
        """Say whether the order was still there: if not, it has been carried out."""
        try:
            self._order(port).unlink()
        except FileNotFoundError:
            return False
        return True

    def _order(self, port: int) -> Path:
        return self.folder / str(port)
