"""Makes passing time a cause: whatever is due becomes a change, and a clock that keeps failing is shown."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.committer import WallClock
from kpo_chassis.documents import Documents
from kpo_chassis.doors import ClockHandler
from kpo_chassis.kernel import Aggregate, Clock, OverloadedError, TransientError
from kpo_chassis.meters import Meters
from kpo_chassis.store import Database, Document
from kpo_chassis.stuck import RUNS, mark
from kpo_chassis.telemetry import linked_span

log = logging.getLogger("kpo.timers")

TIMER_SECONDS = 0.25
DUE_AT_ONCE_MAX = 500
ATTEMPTS_MAX = 3


@dataclass(frozen=True, slots=True)
class _Due:
    documents: Documents
    id: UUID
    due_at: datetime
    trace: str | None


class Timers:
    """The clocks of a service. Any number of workers may sweep: only one finds the due time unchanged."""

    def __init__(
        self,
        database: Database,
        documents: Mapping[type[object], Documents],
        handlers: Mapping[type[Aggregate], ClockHandler],
        clock: WallClock,
        meters: Meters,
    ) -> None:
        self._database = database
        self._clocked = [(documents[kind], handler) for kind, handler in handlers.items()]
        self._clock = clock
        self._meters = meters
        self._failures: dict[tuple[UUID, datetime], int] = {}

    async def sweep(self) -> int:
        """Carry out everything that is due now; answer how much there was."""
        count = 0
        for documents, handler in self._clocked:
            found = await self._find(documents)
            await asyncio.gather(*(self._fire(due, handler) for due in found))
            count += len(found)
        return count

    async def _find(self, documents: Documents) -> list[_Due]:
        where = {"due_at": {"$lte": self._clock.now()}, **RUNS}
        rows = await self._database.find(
            documents.collection, where, sort=(("due_at", 1),), limit=DUE_AT_ONCE_MAX
        )
        return [_due(documents, row) for row in rows]

    async def _fire(self, due: _Due, handler: ClockHandler) -> None:
        key = (due.id, due.due_at)
        with linked_span(due.trace, f"clock {due.documents.name}"):
            try:
                await handler(due.id, Clock(due.documents.type, due.id, due.due_at))
            except (TransientError, OverloadedError):
                return  # It is still due, and the next sweep finds it again.
            except Exception as error:  # noqa: BLE001 - a clock has nobody to refuse to: this is a bug to show.
                self._failures[key] = self._failures.get(key, 0) + 1
                log.warning(
                    "clock_failed",
                    extra={"aggregate": due.documents.name, "id": str(due.id), "reason": repr(error)[:200]},
                )
                if self._failures[key] >= ATTEMPTS_MAX:
                    await self._show_stuck(due, error)
                return
        self._meters.add("kpo_clocks_fired_total", {"aggregate": due.documents.name})
        self._failures.pop(key, None)

    async def _show_stuck(self, due: _Due, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"
        stuck = mark(reason, self._clock.now())
        where = {"_id": due.id, "due_at": due.due_at}
        await self._database.update(due.documents.collection, where, {"stuck": stuck})
        self._failures.pop((due.id, due.due_at), None)
        self._meters.add("kpo_stuck_clocks_total", {"aggregate": due.documents.name})


def _due(documents: Documents, row: Document) -> _Due:
    key, due_at, trace = row["_id"], row["due_at"], row["due_trace"]
    assert isinstance(key, UUID)
    assert isinstance(due_at, datetime)
    assert trace is None or isinstance(trace, str)
    return _Due(documents, key, due_at, trace)
