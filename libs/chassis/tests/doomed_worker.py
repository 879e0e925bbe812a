"""A worker that dies at a named point, as a process of its own: `-m libs.chassis.tests.doomed_worker ...`.

Arguments: the name of the service, MongoDB's URL, the database, Kafka's address, the point, and which time.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from kpo_chassis.broker import Broker, Consumer, Outgoing, Producer
from kpo_chassis.committer import SystemClock
from kpo_chassis.kafka import KafkaBroker
from kpo_chassis.machinery import Machinery, Ports
from kpo_chassis.mongo import MongoDatabase, connect
from kpo_chassis.mongo.database import MongoTransaction
from kpo_chassis.testing.blobs import MemoryBlobs

from .sample import blueprint

EXIT_CODE = 9
POINTS = ("before commit", "after commit", "before sending", "after sending")


@dataclass
class Doom:
    """Ends the process without a word when a point is reached for the nth time."""

    point: str
    times: int

    def reached(self, point: str) -> None:
        if point != self.point:
            return
        self.times -= 1
        if self.times == 0:
            os._exit(EXIT_CODE)


class DoomedDatabase(MongoDatabase):
    doom: Doom

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[MongoTransaction]:
        async with super().transaction() as tx:
            yield tx
            self.doom.reached("before commit")
        self.doom.reached("after commit")


@dataclass
class DoomedProducer:
    producer: Producer
    doom: Doom

    async def send(self, records: Sequence[Outgoing]) -> None:
        self.doom.reached("before sending")
        await self.producer.send(records)
        self.doom.reached("after sending")

    async def close(self) -> None:
        await self.producer.close()


@dataclass
class DoomedBroker:
    broker: Broker
    doom: Doom

    async def producer(self) -> Producer:
        return DoomedProducer(await self.broker.producer(), self.doom)

    def consumer(self, group: str) -> Consumer:
        return self.broker.consumer(group)

    async def create_topics(self, names: Iterable[str], partitions: int, replicas: int) -> None:
        await self.broker.create_topics(names, partitions, replicas)


async def main(name: str, url: str, own: str, kafka_address: str, doom: Doom) -> None:
    database = await DoomedDatabase.open(connect(url), own)
    assert isinstance(database, DoomedDatabase)
    database.doom = doom
    ports = Ports(
        database, DoomedBroker(KafkaBroker(kafka_address, name), doom), MemoryBlobs(), SystemClock()
    )
    machinery = Machinery(replace(blueprint(), name=name), ports)
    async with machinery.running(worker=True):
        await machinery.failed


if __name__ == "__main__":
    service, mongo_url, database_name, kafka, point, times = sys.argv[1:]
    asyncio.run(main(service, mongo_url, database_name, kafka, Doom(point, int(times))))
