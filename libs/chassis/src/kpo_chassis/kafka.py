"""The broker ports on Kafka: the only module that knows aiokafka, and the place of its traps."""

import asyncio
import ssl
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import KafkaError, NoError, TopicAlreadyExistsError, for_code

from kpo_chassis.broker import Outgoing, Partition
from kpo_chassis.kernel import TransientError
from kpo_chassis.work import Incoming
from kpo_events.envelope import MalformedEventError, peek

POLL_RECORDS_MAX = 500
"""How many records are taken in at one go: nothing else runs meanwhile, not even a commit's answer."""

POLL_MILLISECONDS = 200
SESSION_MILLISECONDS = 6_000
HEARTBEAT_MILLISECONDS = 1_500
REBALANCE_MILLISECONDS = 60_000
REQUEST_MILLISECONDS = 40_000
BATCH_BYTES_MAX = 900_000
REPORT_SECONDS_MAX = 2.0
PRODUCER_CLOSE_SECONDS_MAX = 2.0
CONSUMER_CLOSE_SECONDS_MAX = 5.0
"""A consumer says good-bye to its group, so that the others need not wait for its session to end."""

Queue = deque[tuple[bytes, Outgoing]]
Queues = defaultdict[TopicPartition, Queue]


def partition_of(key: bytes, partitions: int) -> int:
    """Place a key as librdkafka does (CRC-32); the Java client's hash takes ten times as long in Python."""
    return crc32(key) % partitions


@dataclass(frozen=True, slots=True)
class KafkaSecurity:
    """How the brokers are reached: in the clear, unless told otherwise.

    With TLS, a broker must show a certificate for its host name that an authority of `ca_file` has signed, or
    one of the system's list where that is None.
    """

    protocol: str = "PLAINTEXT"
    mechanism: str = "SCRAM-SHA-512"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None

    def options(self) -> dict[str, Any]:
        """Say it in the words of the client, the same for all its kinds."""
        options: dict[str, Any] = {"security_protocol": self.protocol}
        if self.protocol.endswith("SSL"):
            options["ssl_context"] = ssl.create_default_context(cafile=self.ca_file)
        if self.protocol.startswith("SASL_"):
            options["sasl_mechanism"] = self.mechanism
            options["sasl_plain_username"] = self.user
            options["sasl_plain_password"] = self.password
        return options


IN_THE_CLEAR = KafkaSecurity()


class KafkaBroker:
    """The broker port on a Kafka cluster."""

    def __init__(self, bootstrap: str, client_id: str, security: KafkaSecurity = IN_THE_CLEAR) -> None:
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._security = security

    async def producer(self) -> "KafkaProducer":
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            client_id=self._client_id,
            **self._security.options(),
            acks="all",
            enable_idempotence=True,
            compression_type=None,
            linger_ms=0,
            max_batch_size=BATCH_BYTES_MAX,
            request_timeout_ms=REQUEST_MILLISECONDS,
        )
        try:
            await producer.start()
        except KafkaError as error:
            await _close(producer)
            raise TransientError(str(error)) from error
        except BaseException:  # Cancelled on the way: what is half open must not stay.
            await _close(producer)
            raise
        return KafkaProducer(producer)

    def consumer(self, group: str) -> "KafkaConsumer":
        return KafkaConsumer(self._bootstrap, self._client_id, group, self._security)

    async def create_topics(self, names: Iterable[str], partitions: int, replicas: int) -> None:
        admin = AIOKafkaAdminClient(
            bootstrap_servers=self._bootstrap, client_id=self._client_id, **self._security.options()
        )
        settings = {
            "retention.ms": "-1",
            "retention.bytes": "-1",
            "cleanup.policy": "delete",
            "min.insync.replicas": str(max(1, replicas - 1)),
        }
        try:
            await admin.start()
            there = set(await admin.list_topics())
            new = [
                NewTopic(name, partitions, replicas, topic_configs=settings)
                for name in sorted(set(names) - there)
            ]
            if new:
                _check_created(await admin.create_topics(new))
        except KafkaError as error:
            raise TransientError(str(error)) from error
        finally:
            await admin.close()


class KafkaProducer:
    """Sends one batch per partition at a time: a later batch never overtakes a failed one."""

    def __init__(self, producer: Any) -> None:
        self._producer = producer

    async def send(self, records: Sequence[Outgoing]) -> None:
        try:
            queues = await self._by_place(records)
            while queues:
                await self._send_round(queues)
        except KafkaError as error:
            raise TransientError(str(error)) from error

    async def _by_place(self, records: Sequence[Outgoing]) -> Queues:
        counts = {
            topic: len(await self._producer.partitions_for(topic)) for topic in {r.topic for r in records}
        }
        queues: Queues = defaultdict(deque)
        for record in records:
            key = record.key.encode()
            queues[TopicPartition(record.topic, partition_of(key, counts[record.topic]))].append(
                (key, record)
            )
        return queues

    async def _send_round(self, queues: Queues) -> None:
        """Send the next batch of every partition, and wait for all of them, also when one fails."""
        sent = [await self._send_batch(place, queue) for place, queue in queues.items()]
        for place in [place for place, queue in queues.items() if not queue]:
            del queues[place]
        for outcome in await asyncio.gather(*sent, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    async def _send_batch(self, place: TopicPartition, queue: Queue) -> Any:
        batch = self._producer.create_batch()
        while queue:
            key, record = queue[0]
            there = batch.append(key=key, value=record.value, timestamp=None, headers=list(record.headers))
            if there is None:
                break
            queue.popleft()
        assert batch.record_count(), f"an event of {len(queue[0][1].value)} bytes fits no batch"
        batch.close()
        return await self._producer.send_batch(batch, place.topic, partition=place.partition)

    async def close(self) -> None:
        await _close(self._producer)


class KafkaConsumer:
    """A member of a consumer group that keeps its own positions; the group's offsets only show the lag."""

    def __init__(
        self, bootstrap: str, client_id: str, group: str, security: KafkaSecurity = IN_THE_CLEAR
    ) -> None:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            client_id=client_id,
            **security.options(),
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            partition_assignment_strategy=(StickyPartitionAssignor,),
            session_timeout_ms=SESSION_MILLISECONDS,
            heartbeat_interval_ms=HEARTBEAT_MILLISECONDS,
            rebalance_timeout_ms=REBALANCE_MILLISECONDS,
            request_timeout_ms=REQUEST_MILLISECONDS,
            max_poll_records=POLL_RECORDS_MAX,
            isolation_level="read_uncommitted",
        )

    async def start(
        self,
        topics: Iterable[str],
        assigned: Callable[[Sequence[Partition]], Awaitable[None]],
        revoked: Callable[[Sequence[Partition]], Awaitable[None]],
    ) -> None:
        self._consumer.subscribe(topics=sorted(topics), listener=_Listener(assigned, revoked))
        try:
            await self._consumer.start()
        except KafkaError as error:
            raise TransientError(str(error)) from error

    async def poll(self) -> Sequence[Incoming]:
        # Never wrapped in a timeout: a cancelled fetch disables the client's own watchdog for good.
        found = await self._consumer.getmany(timeout_ms=POLL_MILLISECONDS, max_records=POLL_RECORDS_MAX)
        return [_incoming(record) for records in found.values() for record in records]

    async def bounds(self, partition: Partition) -> tuple[int, int]:
        place = TopicPartition(partition.topic, partition.number)
        try:
            first = await self._consumer.beginning_offsets([place])
            last = await self._consumer.end_offsets([place])
        except KafkaError as error:
            raise TransientError(str(error)) from error
        return first[place], last[place]

    def end(self, partition: Partition) -> int | None:
        place = TopicPartition(partition.topic, partition.number)
        if place not in self._consumer.assignment():
            return None
        end: int | None = self._consumer.highwater(place)
        return end

    def seek(self, partition: Partition, offset: int) -> None:
        place = TopicPartition(partition.topic, partition.number)
        if place in self._consumer.assignment():
            self._consumer.seek(place, offset)

    def pause(self) -> None:
        self._consumer.pause(*self._consumer.assignment())

    def resume(self) -> None:
        self._consumer.resume(*self._consumer.paused())

    async def report(self, offsets: Mapping[Partition, int]) -> None:
        places = {TopicPartition(p.topic, p.number): offset for p, offset in offsets.items()}
        # Refused after a rebalance, endless while the broker is away: either way the database knows better.
        with suppress(KafkaError, TimeoutError):
            async with asyncio.timeout(REPORT_SECONDS_MAX):
                await self._consumer.commit(places)

    async def close(self) -> None:
        await _close(self._consumer, CONSUMER_CLOSE_SECONDS_MAX)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc] # The client is untyped.
    def __init__(
        self,
        assigned: Callable[[Sequence[Partition]], Awaitable[None]],
        revoked: Callable[[Sequence[Partition]], Awaitable[None]],
    ) -> None:
        self._assigned = assigned
        self._revoked = revoked

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        await self._assigned([Partition(place.topic, place.partition) for place in assigned])

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        await self._revoked([Partition(place.topic, place.partition) for place in revoked])


def _check_created(answer: Any) -> None:
    """Raise what the broker says of each topic, which the client only gives back."""
    for name, code, *told in answer.topic_errors:
        error = for_code(code)
        if error not in {NoError, TopicAlreadyExistsError}:  # Another init may have made it a moment ago.
            raise error(f"the topic {name} was not made: {' '.join(filter(None, told)) or error.__name__}")


def _incoming(record: Any) -> Incoming:
    place = (record.topic, record.partition, record.offset)
    value = record.value or b""
    headers = tuple((name, data or b"") for name, data in record.headers)  # Kafka allows null in both.
    try:
        route = peek(headers)
        key = record.key.decode()
    except (MalformedEventError, UnicodeDecodeError, AttributeError):
        return Incoming(*place, _key(record.key), None, headers, value)
    seq = route.seq if key == route.subject else None  # Under another key the number means nothing.
    return Incoming(*place, key, seq, headers, value, route.type)


def _key(key: bytes | None) -> str | None:
    return key.decode(errors="replace") if key is not None else None


async def _close(client: Any, seconds_max: float = PRODUCER_CLOSE_SECONDS_MAX) -> None:
    """Close a client that may hang after a failure; what it held is published again from the outbox.

    It closes in a task of its own: while the broker is away, the client lets a cancellation of its own
    parts out, which is not ours.
    """
    stopping = asyncio.create_task(client.stop())
    await asyncio.wait({stopping}, timeout=seconds_max)
    if not stopping.done():
        stopping.cancel()
        await asyncio.wait({stopping}, timeout=seconds_max)
    if not stopping.done() or stopping.cancelled() or stopping.exception() is not None:
        await _cut(client)


async def _cut(client: Any) -> None:
    """End what a client that could not be closed leaves behind: a task that sends for ever, open sockets."""
    sender = getattr(client, "_sender", None)
    if sender is not None and sender.sender_task is not None:
        sender.sender_task.cancel()
    network = getattr(client, "client", None) or client._client  # noqa: SLF001 - there is no other way.
    with suppress(KafkaError, TimeoutError, OSError):
        await asyncio.wait_for(network.close(), PRODUCER_CLOSE_SECONDS_MAX)
