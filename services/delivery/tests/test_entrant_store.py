"""What is stored of entrants and their data comes back as it was, from a real database, too."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import pytest

from kpo_chassis.documents import Documents
from kpo_chassis.kernel import Aggregate, PersonId
from kpo_chassis.mongo import MongoDatabase, connect
from kpo_cli.stack.servers import Servers
from kpo_delivery.adapters.copies import client_copies, expert_copies
from kpo_delivery.adapters.datasets import datasets
from kpo_delivery.adapters.downloads import downloads
from kpo_delivery.adapters.entries import entries
from kpo_delivery.adapters.participations import participations
from kpo_delivery.adapters.sealed_contents import sealed_contents
from kpo_delivery.domain.copies import ClientCopy, ExpertCopy, ExpertProfile
from kpo_delivery.domain.dataset import Dataset
from kpo_delivery.domain.download import Download
from kpo_delivery.domain.entry import AcceptedLicence, Entry
from kpo_delivery.domain.entry_facts import Entrant
from kpo_delivery.domain.participation import ParticipantRole, Participation
from kpo_delivery.domain.sealing import Item, SealedContent, SealedFile

from .factories import CLIENT_ID, DAY, ENGAGEMENT_ID, EXPERT_ID, NOW, VENDOR_ID
from .room import ANN, CHALLENGE_ID, DATASET_ID, FILE_ID

SHA256 = sha256(b"").hexdigest()


def an_entrant() -> Entrant:
    return Entrant(ANN.entry_id, CHALLENGE_ID, ENGAGEMENT_ID, CLIENT_ID, EXPERT_ID, ANN.person, VENDOR_ID)


def an_entry() -> Entry:
    return Entry.enter(an_entrant(), AcceptedLicence("1.0", SHA256, NOW), "NL", NOW + DAY).state


def a_content(number: int = 1, *, name: str = "easting") -> SealedContent:
    file = SealedFile(FILE_ID, "text/csv", 3, SHA256)
    items = (Item("Target 1", {name: "431200.5"}),)
    return SealedContent(CHALLENGE_ID, ANN.entry_id, ANN.person, number, "00" * 32, items, file)


SUBMITTED = an_entry().submit(a_content(), NOW).state
PROFILE = ExpertProfile(ANN.person, VENDOR_ID, "NL", (CLIENT_ID,), (uuid4(),))


@pytest.mark.parametrize(
    ("documents", "state"),
    [
        (entries, an_entry()),
        (entries, SUBMITTED),
        (entries, SUBMITTED.revoke("The data were passed on.", NOW).state),
        (datasets, Dataset(DATASET_ID, CLIENT_ID, "holes.csv", "text/csv", 3, SHA256, NOW)),
        (participations, Participation(uuid4(), CHALLENGE_ID, ANN.person, ParticipantRole.JUDGE, NOW)),
        (expert_copies, ExpertCopy(EXPERT_ID, PROFILE)),
        (expert_copies, ExpertCopy(EXPERT_ID, PROFILE).suspend().state),
        (client_copies, ClientCopy(CLIENT_ID, "Goldcorp", "CA")),
    ],
)
def test_a_state_is_read_back_as_it_was_stored(documents: Documents, state: Aggregate) -> None:
    assert documents.load(documents.dump(state), documents.schema) == state


@pytest.fixture
async def database(servers: Servers) -> AsyncIterator[MongoDatabase]:
    client, name = connect(servers.mongo_admin_url), f"entrants_{uuid4().hex}"
    yield await MongoDatabase.open(client, name)
    await client.drop_database(name)
    client.close()


@pytest.mark.parametrize("name", ["easting", "a.b", "$where", "nul\0", "Höhe"])
async def test_content_comes_back_whatever_its_values_are_called(database: MongoDatabase, name: str) -> None:
    content = a_content(name=name)
    async with database.transaction() as tx:
        await tx.insert(sealed_contents.collection, [sealed_contents.encode(content)])

    (row,) = await database.find(sealed_contents.collection, {"_id": content.id}, limit=1)

    assert sealed_contents.decode(row) == content


async def test_the_download_log_comes_back_as_it_was_written(database: MongoDatabase) -> None:
    row = Download(uuid4(), CHALLENGE_ID, DATASET_ID, ANN.entry_id, PersonId(uuid4()), VENDOR_ID, None, NOW)
    ranged = replace(row, id=uuid4(), part="bytes=0-6", at=NOW + timedelta(milliseconds=1))
    async with database.transaction() as tx:
        await tx.insert(downloads.collection, [downloads.encode(each) for each in (row, ranged)])

    found = await database.find(
        downloads.collection, {"challenge_id": CHALLENGE_ID}, limit=9, sort=(("at", 1),)
    )

    assert [downloads.decode(each) for each in found] == [row, ranged]
