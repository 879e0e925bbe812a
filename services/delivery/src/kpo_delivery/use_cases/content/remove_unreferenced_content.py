"""Bytes that nothing ever named are removed a day after their upload."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, TypeAlias

from kpo_chassis.kernel import NotFoundError, Reads
from kpo_delivery.domain.content import UNREFERENCED_KEPT, Place, Shelf
from kpo_delivery.domain.dataset import Dataset
from kpo_delivery.domain.entry import Entry
from kpo_delivery.domain.work_order import WorkOrder

PAGE_MAX = 500

Holder: TypeAlias = WorkOrder | Entry | Dataset
"""What may name bytes."""

HOLDERS: Mapping[Shelf, type[Holder]] = {
    Shelf.WORK_ORDERS: WorkOrder,
    Shelf.ENTRIES: Entry,
    Shelf.DATASETS: Dataset,
}


class AgingContents(Protocol):
    """What the clean-up asks of the store of bytes."""

    async def stored_before(self, moment: datetime, *, after: str | None, limit: int) -> tuple[str, ...]:
        """Give keys of bytes that were stored before a moment, in order, behind the key `after`."""
        ...

    async def forget(self, key: str, *, stored_before: datetime | None = None) -> bool:
        """Remove bytes, unless they were uploaded again at or after the moment; say whether they are gone."""
        ...

    async def discard_unfinished(self, moment: datetime) -> int:
        """Remove what broken uploads left that began before a moment; say how many there were."""
        ...


async def remove_unreferenced_content(now: datetime, *, reads: Reads, contents: AgingContents) -> int:
    """Look at all old bytes once; answer how many were removed. May run at any time, and several at once."""
    old = now - UNREFERENCED_KEPT
    removed, after = await contents.discard_unfinished(old), None
    while keys := await contents.stored_before(old, after=after, limit=PAGE_MAX):
        for key in keys:
            if not await _is_referenced(key, reads):
                removed += await contents.forget(key, stored_before=old)
        after = keys[-1]
    return removed


async def _is_referenced(key: str, reads: Reads) -> bool:
    place = Place.of(key)
    try:
        stored = await reads.get(HOLDERS[place.shelf], place.holder_id)
    except NotFoundError:
        return False
    return stored.state.holds(place.part)
