"""The contract of the broker ports: in memory and on Kafka."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from uuid import UUID, uuid4

import pytest

from kpo_chassis.broker import Broker, Consumer, Outgoing, Partition
from kpo_chassis.kafka import KafkaBroker
from kpo_chassis.kernel import TransientError
from kpo_chassis.testing.broker import PARTITIONS, MemoryBroker
from kpo_chassis.work import Incoming
from kpo_cli.stack.servers import Servers

from .bench import a_record

SECONDS_MAX = 30.0
QUIET_POLLS = 5
LARGE_BYTES = 60_000
LARGE_RECORDS = 40
"""Together 2.4 MB: more than two batches of what a client sends at once to one partition."""


@dataclass
class Member:
    """A consumer in a group, and all that it was told and given."""

    consumer: Consumer
    owned: set[Partition] = field(default_factory=set)
    assignments: int = 0
    records: list[Incoming] = field(default_factory=list)

    async def take(self, partitions: Sequence[Partition]) -> None:
        self.owned |= set(partitions)
        self.assignments += 1
        for partition in partitions:
            self.consumer.seek(partition, 0)

    async def lose(self, partitions: Sequence[Partition]) -> None:
        self.owned -= set(partitions)

    async def poll(self) -> None:
        self.records.extend(await self.consumer.poll())


@dataclass
class Bench:
    """A broker with one topic of its own."""

    broker: Broker
    topic: str
    members: list[Member] = field(default_factory=list)

    async def member(self, group: str = "") -> Member:
        consumer = self.broker.consumer(group or f"group_{uuid4().hex}")
        member = Member(consumer)
        self.members.append(member)
        await consumer.start([self.topic], member.take, member.lose)
        return member

    async def reader(self) -> Member:
        """Join a group alone, and wait until everything is ours."""
        member = await self.member()
        await self.until(lambda: len(member.owned) == PARTITIONS)
        return member

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Let all members poll until something holds."""
        deadline = monotonic() + SECONDS_MAX
        while not is_so():
            assert monotonic() < deadline, "it does not come true"
            for member in self.members:
                await member.poll()

    async def send(self, *records: Outgoing) -> None:
        producer = await self.broker.producer()
        await producer.send(records)
        await producer.close()

    def a_record(self, key: UUID, number: int) -> Outgoing:
        return a_record(key, number)._replace(topic=self.topic)

    async def leave(self, member: Member) -> None:
        self.members.remove(member)
        await member.consumer.close()


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.real)])
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    topic = f"contract.{uuid4().hex}"
    broker: Broker = MemoryBroker()
    if request.param == "kafka":
        servers: Servers = request.getfixturevalue("servers")
        broker = KafkaBroker(servers.kafka_bootstrap, "contract")
    await broker.create_topics([topic], PARTITIONS, 1)
    bench = Bench(broker, topic)
    yield bench
    for member in list(bench.members):
        await bench.leave(member)


def numbers_by_key(records: Sequence[Incoming]) -> dict[str | None, list[int | None]]:
    found: defaultdict[str | None, list[int | None]] = defaultdict(list)
    for record in records:
        found[record.key].append(record.seq)
    return found


async def test_records_of_one_key_keep_their_order_in_one_partition(bench: Bench) -> None:
    keys = [uuid4() for _ in range(20)]
    await bench.send(*(bench.a_record(key, number) for number in range(1, 11) for key in keys))

    member = await bench.reader()
    await bench.until(lambda: len(member.records) >= 200)

    assert numbers_by_key(member.records) == {str(key): list(range(1, 11)) for key in keys}
    assert len({(record.key, record.partition) for record in member.records}) == len(keys)


async def test_offsets_count_up_by_one_in_every_partition(bench: Bench) -> None:
    await bench.send(*(bench.a_record(uuid4(), 1) for _ in range(50)))

    member = await bench.reader()
    await bench.until(lambda: len(member.records) >= 50)

    for number in range(PARTITIONS):
        offsets = [record.offset for record in member.records if record.partition == number]
        assert offsets == list(range(len(offsets)))


async def test_what_exceeds_one_batch_of_a_partition_keeps_its_order(bench: Bench) -> None:
    key = uuid4()
    large = [bench.a_record(key, n)._replace(value=b"x" * LARGE_BYTES) for n in range(1, LARGE_RECORDS + 1)]

    await bench.send(*large)

    member = await bench.reader()
    await bench.until(lambda: len(member.records) >= LARGE_RECORDS)
    assert numbers_by_key(member.records) == {str(key): list(range(1, LARGE_RECORDS + 1))}


async def test_bytes_and_headers_arrive_as_they_were_sent(bench: Bench) -> None:
    sent = bench.a_record(uuid4(), 1)._replace(value=b"\x00\xff", headers=(("a", b"\xff"), ("a", b"2")))

    await bench.send(sent)

    member = await bench.reader()
    await bench.until(lambda: bool(member.records))
    (record,) = member.records
    assert (record.value, tuple(record.headers)) == (sent.value, sent.headers)
    assert (record.key, record.seq) == (sent.key, None)


async def test_bounds_enclose_what_the_log_has(bench: Bench) -> None:
    key = uuid4()
    member = await bench.reader()
    before = [await member.consumer.bounds(partition) for partition in sorted(member.owned, key=str)]

    await bench.send(*(bench.a_record(key, number) for number in range(1, 6)))

    after = [await member.consumer.bounds(partition) for partition in sorted(member.owned, key=str)]
    assert before == [(0, 0)] * PARTITIONS
    assert sorted(after) == [(0, 0), (0, 0), (0, 5)]


async def test_the_end_is_behind_the_last_record_that_was_fetched(bench: Bench) -> None:
    key = uuid4()
    await bench.send(bench.a_record(key, 1), bench.a_record(key, 2))
    member = await bench.reader()

    await bench.until(lambda: len(member.records) == 2)

    assert member.consumer.end(Partition(bench.topic, member.records[0].partition)) == 2
    assert member.consumer.end(Partition("another", 0)) is None


async def test_a_seek_gives_old_records_again(bench: Bench) -> None:
    key = uuid4()
    await bench.send(*(bench.a_record(key, number) for number in range(1, 6)))
    member = await bench.reader()
    await bench.until(lambda: len(member.records) == 5)

    member.consumer.seek(Partition(bench.topic, member.records[0].partition), 3)
    await bench.until(lambda: len(member.records) == 7)

    assert [record.seq for record in member.records] == [1, 2, 3, 4, 5, 4, 5]


async def test_a_paused_member_gets_nothing_and_misses_nothing(bench: Bench) -> None:
    key = uuid4()
    member = await bench.reader()
    member.consumer.pause()
    await bench.send(*(bench.a_record(key, number) for number in range(1, 6)))

    for _ in range(QUIET_POLLS):
        await member.poll()
    while_paused = list(member.records)
    member.consumer.resume()
    await bench.until(lambda: len(member.records) == 5)

    assert while_paused == []
    assert (len(member.owned), member.assignments) == (PARTITIONS, 1)


async def test_two_members_share_the_partitions(bench: Bench) -> None:
    one, other = await bench.member("pair"), await bench.member("pair")

    await bench.until(lambda: bool(one.owned and other.owned))

    assert not one.owned & other.owned
    assert len(one.owned | other.owned) == PARTITIONS


async def test_who_stays_takes_over_when_another_leaves(bench: Bench) -> None:
    one, other = await bench.member("leaving"), await bench.member("leaving")
    await bench.until(lambda: bool(one.owned and other.owned))

    await bench.leave(other)
    await bench.until(lambda: len(one.owned) == PARTITIONS)
    keys = [uuid4() for _ in range(20)]
    one.records.clear()
    await bench.send(*(bench.a_record(key, 1) for key in keys))
    await bench.until(lambda: len(one.records) == 20)

    assert {record.key for record in one.records} == {str(key) for key in keys}


async def test_groups_do_not_disturb_each_other(bench: Bench) -> None:
    one, other = await bench.reader(), await bench.reader()

    await bench.send(bench.a_record(uuid4(), 1))
    await bench.until(lambda: bool(one.records and other.records))

    assert one.records == other.records


@pytest.mark.real
async def test_topics_that_the_broker_will_not_make_are_named(servers: Servers) -> None:
    broker, topic = KafkaBroker(servers.kafka_bootstrap, "contract"), f"contract.{uuid4().hex}"

    with pytest.raises(TransientError, match=rf"the topic {topic} was not made: .*[Rr]eplication"):
        await broker.create_topics([topic], PARTITIONS, 99)


async def test_creating_topics_again_changes_nothing(bench: Bench) -> None:
    await bench.send(bench.a_record(uuid4(), 1))

    await asyncio.gather(*(bench.broker.create_topics([bench.topic], 1, 1) for _ in range(2)))

    member = await bench.reader()
    await bench.until(lambda: bool(member.records))
    assert len(member.owned) == PARTITIONS
