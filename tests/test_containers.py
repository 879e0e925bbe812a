"""The same servers in containers: a store and a broker that work as the local processes do."""

from uuid import uuid4

import pytest

from kpo_chassis.kafka import KafkaBroker
from kpo_chassis.mongo import MongoDatabase, connect
from tests import containers

pytestmark = pytest.mark.real


async def test_containers_serve_transactions_and_topics() -> None:
    reason = containers.why_not()
    if reason is not None:
        pytest.skip(reason)
    with containers.contained() as made:
        await KafkaBroker(made.kafka_bootstrap, "containers").create_topics(["intake.client"], 3, 1)
        client = connect(made.mongo_admin_url)
        database = await MongoDatabase.open(client, f"containers_{uuid4().hex}")
        async with database.transaction() as tx:
            await tx.insert("rows", [{"_id": "a"}])

        assert await database.count("rows", {}, limit=2) == 1
        client.close()
