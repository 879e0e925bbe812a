"""The client asks who has downloaded its data, oldest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias
from uuid import UUID

from kpo_chassis.kernel import Caller, Reads
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.download import Download

Place: TypeAlias = tuple[datetime, UUID]
"""Where a page ended: time and id of its last row."""


class Downloads(Protocol):
    """The log of all challenges."""

    async def page(self, challenge_id: UUID, *, after: Place | None, limit: int) -> tuple[Download, ...]:
        """Give at most `limit` rows in the order of (time, id), behind `after`."""
        ...


@dataclass(frozen=True, slots=True)
class ListDownloads:
    challenge_id: UUID
    after: Place | None
    limit: int


async def list_downloads(
    query: ListDownloads, caller: Caller, *, reads: Reads, downloads: Downloads
) -> tuple[Download, ...]:
    """Give a page of the log to the client, and to the operator."""
    seen = await reads.get(Challenge, query.challenge_id, caller)
    if not caller.is_operator:
        seen.state.expect_client(caller.tenant)
    return await downloads.page(query.challenge_id, after=query.after, limit=query.limit)
