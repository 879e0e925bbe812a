"""What is stored of clients, engagements and timelines comes back as it was, from MongoDB as from memory."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from kpo_chassis.attempt import Registry
from kpo_chassis.mongo import MongoDatabase, connect, prepare
from kpo_chassis.reads import StoredReads
from kpo_chassis.service import preparation_of
from kpo_chassis.store import RejectedWriteError
from kpo_cli.stack.servers import Servers
from kpo_intake.adapters.clients import clients
from kpo_intake.adapters.engagements import engagements
from kpo_intake.adapters.timeline import StoredTimeline, timeline
from kpo_intake.domain.engagement import Engagement
from kpo_intake.domain.timeline import TimelineRow, WaitingOn

from .factories import (
    BLUEPRINT,
    DAY,
    ENGAGEMENT_ID,
    NOW,
    a_brief,
    a_challenge,
    a_client,
    an_engagement,
    cancelling,
    closed,
)

ESCROW, MATCH, WORK = 1, 2, 3
NOTHING = timedelta(0)
A_CALL = an_engagement(a_brief(a_challenge()))


def a_row(
    number: int,
    *,
    engagement_id: UUID = ENGAGEMENT_ID,
    stage: int | None = ESCROW,
    after: timedelta = NOTHING,
    waiting_on: WaitingOn | None = None,
) -> TimelineRow:
    return TimelineRow(
        id=f"topic-{stage}/{engagement_id}/{number}",
        engagement_id=engagement_id,
        time=NOW + after,
        service="billing",
        type="billing.escrow.opened.v1",
        subject=engagement_id,
        number=number,
        stage=stage,
        actor="clock",
        trace_id=None,
        sentence="Something happened.",
        waiting_on=waiting_on,
    )


@pytest.mark.parametrize("engagement", [an_engagement(), cancelling(), closed(), A_CALL])
def test_an_engagement_in_any_state_and_mode_is_read_back_as_it_was_stored(engagement: Engagement) -> None:
    assert engagements.load(engagements.dump(engagement), engagements.schema) == engagement


def test_a_client_is_read_back_as_it_was_stored() -> None:
    assert clients.load(clients.dump(a_client()), clients.schema) == a_client()


@dataclass(frozen=True)
class Rows:
    """Timelines in intake's own database, opened with the rights of the service and no others."""

    database: MongoDatabase
    timeline: StoredTimeline

    async def insert(self, *rows: TimelineRow) -> None:
        async with self.database.transaction() as transaction:
            await transaction.insert(timeline.collection, [timeline.encode(row) for row in rows])


@pytest.fixture
async def rows(servers: Servers) -> AsyncIterator[Rows]:
    name, host = f"intake_{uuid4().hex}", servers.mongo_admin_url.rpartition("@")[2].partition("/")[0]
    service_url = f"mongodb://{name}:secret@{host}/?authSource={name}&directConnection=true"
    admin, client = connect(servers.mongo_admin_url), connect(service_url)
    described = BLUEPRINT
    await prepare(admin, preparation_of(name, described), service_url)
    database = await MongoDatabase.open(client, name)
    registry = Registry.of(name, described.documents, described.entries, described.outgoing)
    yield Rows(database, StoredTimeline(StoredReads(database, registry)))
    client.close()
    await admin.drop_database(name)
    admin.close()


@pytest.mark.real
async def test_rows_are_read_by_time_and_id_page_by_page(rows: Rows) -> None:
    late, early, beside = a_row(1, after=DAY), a_row(2), a_row(3)
    await rows.insert(late, beside, early, a_row(4, engagement_id=uuid4()))

    first = await rows.timeline.page(ENGAGEMENT_ID, after=None, limit=2)
    rest = await rows.timeline.page(ENGAGEMENT_ID, after=(first[-1].time, first[-1].id), limit=2)

    assert (first, rest) == ((early, beside), (late,))


@pytest.mark.real
async def test_the_current_step_is_the_highest_number_of_the_furthest_stage(rows: Rows) -> None:
    current = a_row(10, stage=MATCH, waiting_on=WaitingOn("vendor", NOW + DAY))
    await rows.insert(
        a_row(9, stage=MATCH),
        current,
        a_row(99, after=DAY),
        a_row(7, stage=None, after=DAY),
        a_row(1, stage=WORK, engagement_id=uuid4()),
    )

    assert await rows.timeline.current(ENGAGEMENT_ID) == current


@pytest.mark.real
async def test_the_newest_row_may_be_of_no_holder(rows: Rows) -> None:
    newest = a_row(1, stage=None, after=DAY)
    await rows.insert(a_row(2), newest)

    assert await rows.timeline.newest(ENGAGEMENT_ID) == newest
    assert await rows.timeline.newest(uuid4()) is None


@pytest.mark.real
async def test_a_row_is_never_changed(rows: Rows) -> None:
    await rows.insert(a_row(1))

    with pytest.raises(RejectedWriteError):
        await rows.database.update(timeline.collection, {}, {"sentence": "Nothing happened."})
