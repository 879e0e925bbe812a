"""Kafka and MongoDB run for real, keep what they were told, and come back after a kill."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from kpo_cli.stack import ports
from kpo_cli.stack.options import ServerOptions
from kpo_cli.stack.servers import LocalServers

pytestmark = pytest.mark.real

Client = MongoClient[dict[str, object]]


@pytest.fixture
def admin(servers: LocalServers) -> Iterator[Client]:
    with Client(servers.mongo.admin_url) as client:
        yield client


@asynccontextmanager
async def a_topic(servers: LocalServers) -> AsyncIterator[str]:
    name = f"test.{uuid.uuid4().hex}"
    kafka = AIOKafkaAdminClient(bootstrap_servers=servers.kafka.bootstrap)
    await kafka.start()
    try:
        await kafka.create_topics([NewTopic(name, num_partitions=1, replication_factor=1)])
        yield name
    finally:
        await kafka.close()


async def publish(servers: LocalServers, topic: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=servers.kafka.bootstrap, acks="all") as producer:
        await producer.send_and_wait(topic, value)


async def first_record(servers: LocalServers, topic: str) -> bytes | None:
    consumer = AIOKafkaConsumer(bootstrap_servers=servers.kafka.bootstrap, auto_offset_reset="earliest")
    consumer.assign([TopicPartition(topic, 0)])
    async with consumer:
        value: bytes | None = (await consumer.getone()).value
    return value


async def test_a_record_outlives_a_kill_of_the_broker(servers: LocalServers) -> None:
    async with a_topic(servers) as topic:
        await publish(servers, topic, b"kept")

    servers.kafka.kill()
    assert not servers.kafka.running
    servers.kafka.start()

    assert await first_record(servers, topic) == b"kept"


def test_a_document_outlives_a_kill_of_the_database(servers: LocalServers, admin: Client) -> None:
    admin.kpo_test.things.insert_one({"_id": "kept"})

    servers.mongo.kill()
    assert not servers.mongo.running
    servers.mongo.start()

    assert admin.kpo_test.things.find_one({"_id": "kept"}) == {"_id": "kept"}


def test_transactions_work_and_end_after_five_seconds(admin: Client) -> None:
    with admin.start_session() as session, session.start_transaction():
        admin.kpo_test.things.insert_one({"_id": uuid.uuid4().hex}, session=session)

    limit = admin.admin.command("getParameter", transactionLifetimeLimitSeconds=1)
    assert limit["transactionLifetimeLimitSeconds"] == 5


def test_nobody_reads_without_a_password(servers: LocalServers) -> None:
    with (
        Client("127.0.0.1", servers.mongo.port) as stranger,
        pytest.raises(OperationFailure, match="requires authentication"),
    ):
        stranger.kpo_test.things.find_one()


def test_a_user_of_one_database_cannot_read_another(servers: LocalServers, admin: Client) -> None:
    admin.kpo_test.command("createUser", "kpo_test", pwd="secret", roles=["readWrite"])

    with Client(servers.mongo.url("kpo_test", "secret", "kpo_test")) as client:
        client.kpo_test.things.find_one()
        with pytest.raises(OperationFailure, match="not authorized"):
            client.kpo_billing.things.find_one()


def test_fail_points_are_there_for_tests_that_ask_for_them(admin: Client) -> None:
    answer = admin.admin.command("configureFailPoint", "failCommand", mode="off")

    assert answer["ok"] == 1


def test_the_broker_writes_a_log(servers: LocalServers) -> None:
    assert "Kafka Server started" in servers.kafka.log_path.read_text()


def test_both_servers_follow_when_their_ports_are_taken(tmp_path: Path) -> None:
    with LocalServers.start(tmp_path) as first:
        with Client(first.mongo.admin_url) as client:
            client.kpo_test.things.insert_one({"_id": "kept"})
        mongo_port = first.mongo.port
    moved = ServerOptions(mongo_port=ports.choose({mongo_port}), kafka_port=ports.choose(()))

    with LocalServers.start(tmp_path, moved) as second, Client(second.mongo.admin_url) as client:
        found = client.kpo_test.things.find_one({"_id": "kept"})

    assert found == {"_id": "kept"}
    assert second.mongo.port != mongo_port


def test_a_start_that_was_killed_half_way_is_made_good(tmp_path: Path) -> None:
    for half in ("kafka/data/half", "mongod/data/half"):
        (tmp_path / half).parent.mkdir(parents=True)
        (tmp_path / half).write_text("half a preparation")

    with LocalServers.start(tmp_path) as servers, Client(servers.mongo.admin_url) as client:
        assert client.admin.command("ping")["ok"] == 1
