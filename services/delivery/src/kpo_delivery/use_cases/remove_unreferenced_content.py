"""Bytes that no submission ever named are removed a day after their upload."""

from datetime import datetime, timedelta
from typing import Protocol

from kpo_chassis.kernel import NotFoundError, Reads
from kpo_delivery.domain.content import ids_of
from kpo_delivery.domain.work_order import WorkOrder

UNREFERENCED_KEPT = timedelta(hours=24)
"""How long uploaded bytes wait for the submission that names them."""

PAGE_MAX = 500


class AgingContents(Protocol):
    """What the clean-up asks of the store of bytes."""

    async def stored_before(self, moment: datetime, *, after: str, limit: int) -> tuple[str, ...]:
        """Give keys of bytes that were stored before a moment, in order, behind the key `after`."""
        ...

    async def forget(self, key: str) -> None: ...


async def remove_unreferenced_content(now: datetime, *, reads: Reads, contents: AgingContents) -> int:
    """Look at all old bytes once; answer how many were removed. May run again at any time."""
    removed, after = 0, ""
    while keys := await contents.stored_before(now - UNREFERENCED_KEPT, after=after, limit=PAGE_MAX):
        for key in keys:
            if not await _is_referenced(key, reads):
                await contents.forget(key)
                removed += 1
        after = keys[-1]
    return removed


async def _is_referenced(key: str, reads: Reads) -> bool:
    work_order_id, deliverable_id = ids_of(key)
    try:
        stored = await reads.get(WorkOrder, work_order_id)
    except NotFoundError:
        return False
    return stored.state.holds(deliverable_id)
