"""What must be true of the service after every step, and what must be true of it once it has come to rest."""

from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from libs.chassis.tests.sample import counter_of

from kpo_chassis.announcement import Parcel
from kpo_chassis.broker import Partition
from kpo_chassis.store import AUDIT, INBOX, OUTBOX, PARKED, POSITIONS, Document
from kpo_chassis.testing.broker import MemoryBroker
from kpo_chassis.testing.database import Shelves
from kpo_chassis.work import Incoming
from kpo_events.catalogue import Event, decode, peek
from kpo_events.payload import Payload

from .story import CLIENTS, Asked, Story

SOURCE, TARGET = "intake.client", "matching.vendor"


class Downstream:
    """A consumer of what the service announces: it drops copies, and must never meet a gap."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker
        self._read: defaultdict[Partition, int] = defaultdict(int)
        self.streams: defaultdict[UUID, list[Event[Payload]]] = defaultdict(list)

    def read(self) -> None:
        for partition, log in list(self._broker.logs.items()):
            if partition.topic == TARGET:
                for record in log[self._read[partition] :]:
                    self._take(record)
                self._read[partition] = len(log)

    def _take(self, record: Incoming) -> None:
        event = decode(record.headers, record.value)
        stream = self.streams[event.subject]
        assert event.seq <= len(stream) + 1, f"{event.subject}: {event.seq} came after {len(stream)}"
        if event.seq == len(stream) + 1:
            stream.append(event)
        else:
            assert stream[event.seq - 1].id == event.id, f"{event.subject}: {event.seq} was given out twice"


def rows(shelves: Shelves, collection: str) -> list[Document]:
    return list(shelves.documents[collection].values())


def number(row: Document, name: str) -> int:
    value = row[name]
    assert isinstance(value, int)
    return value


def check_always(shelves: Shelves, downstream: Downstream, story: Story) -> None:
    """Check what no crash may break even for a moment, since every commit is whole."""
    downstream.read()
    _check_announced(shelves, downstream)
    parked = _parked_numbers(shelves)
    for row in rows(shelves, INBOX):
        stream = str(row["_id"])
        numbers = parked.pop(stream, [])
        assert number(row, "parked") == len(numbers), f"{stream}: {row} counts {numbers} wrongly"
        client = UUID(stream.rpartition("/")[2])
        applied = set(range(1, number(row, "seq") + 1))
        assert applied - story.skipped[client] <= _noted(shelves, stream) <= applied, f"{row} is not applied"
    assert not parked, f"{parked} are parked without a row of their stream"


def _parked_numbers(shelves: Shelves) -> dict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for row in rows(shelves, PARKED):
        found[f"{row['topic']}/{row['key']}"].append(number(row, "seq"))
    return dict(found)


def _noted(shelves: Shelves, stream: str) -> set[int]:
    marks = [str(key).rpartition("/") for key in shelves.documents["notes"]]
    return {int(seq) for of, _, seq in marks if of == stream}


def _check_announced(shelves: Shelves, downstream: Downstream) -> None:
    """Check that every number that was given out is in the log or waits in the outbox."""
    waiting: Tally[str] = Tally()
    for document in rows(shelves, OUTBOX):
        for record in Parcel.read(document).records:
            if record.topic == TARGET and peek(record.headers).seq > len(
                downstream.streams[UUID(record.key)]
            ):
                waiting[record.key] += 1
    for row in rows(shelves, "counters"):
        key = row["_id"]
        assert isinstance(key, UUID)
        told = len(downstream.streams[key]) + waiting[str(key)]
        assert number(row, "seq") == told, f"{key}: {row['seq']} numbers were given out, {told} are known"


def unrest(shelves: Shelves, broker: MemoryBroker, story: Story) -> Iterator[str]:
    """Name what is still to be done."""
    yield from (f"{document['_id']} is not published" for document in rows(shelves, OUTBOX))
    yield from (f"command {asked.number} has no answer" for asked in story.asked if not asked.is_settled)
    yield from (
        f"the clock of {row['_id']}" for row in rows(shelves, "counters") if row["due_at"] is not None
    )
    offsets = {str(row["_id"]): row.get("next_offset", 0) for row in rows(shelves, POSITIONS)}
    for partition, log in list(broker.logs.items()):
        if partition.topic == SOURCE and offsets.get(partition.id, 0) != len(log):
            yield f"{partition.id} stands at {offsets.get(partition.id)} of {len(log)}"
    applied = {str(row["_id"]): number(row, "seq") for row in rows(shelves, INBOX)}
    for client in CLIENTS:
        seq = applied.get(f"{SOURCE}/{client}", 0)
        if seq != story.reached(client):
            yield f"{client} is at {seq}, not at {story.reached(client)}"


def check_at_rest(shelves: Shelves, downstream: Downstream, story: Story) -> None:
    """Compare every stream with the story: each cause once, none without one, and the sums add up."""
    counters = shelves.documents["counters"]
    expected = {alarm.counter for alarm in story.alarms if alarm.answered}
    expected |= {counter_of(client) for client in CLIENTS if any(story.applied(client))}
    assert set(counters) == expected
    for key in expected:
        total = _total(downstream.streams[key], story)
        state = counters[key]["state"]
        assert isinstance(state, dict)
        assert state["total"] == total, f"{key}: {state} after {total} was announced"
    for asked in story.asked:
        times = _caused(downstream.streams[asked.counter], f"person:{asked.person}")
        assert times == min(1, asked.answered), f"{asked} had its effect {times} times"
    for client in CLIENTS:
        caused = [event.causation_id for event in downstream.streams[counter_of(client)]]
        wanted = [sent.event.id for sent in story.applied(client)]
        told = [cause for cause in caused if cause is not None]
        assert told == wanted, f"{client}: the events {told} had their effect, not {wanted}"
    for alarm in story.alarms:
        assert _caused(downstream.streams[alarm.counter], "clock") == min(1, alarm.answered)


def check_audit(shelves: Shelves, story: Story) -> None:
    """Check that the audit tells of every event that was left out once that this was done."""
    skipped = [f"parked/{SOURCE}/{client}/{n}" for client in CLIENTS for n in story.skipped[client]]
    assert sorted(str(row["about"]) for row in rows(shelves, AUDIT)) == sorted(skipped)


def _caused(stream: Iterable[Event[Payload]], actor: str) -> int:
    return sum(1 for event in stream if event.actor == actor)


def _total(stream: Iterable[Event[Payload]], story: Story) -> int:
    """Add up a stream as its causes say, and compare with the totals that it tells."""
    by_person: Mapping[str, Asked] = {f"person:{asked.person}": asked for asked in story.asked}
    total = 0
    for event in stream:
        if event.actor == "clock":
            total *= 2
        else:
            total += by_person[event.actor].amount if event.actor in by_person else 1
        assert event.data.model_dump()["name"] == f"counted {total}", f"{event} does not follow from {total}"
    return total
