"""Rules about the log alone: numbers, copies, order, and which event may follow from which."""

from collections import defaultdict
from collections.abc import Iterator

from kpo_events.catalogue import TOPICS

from .entries import Seen
from .finding import Finding
from .known import History, data_of

Stream = tuple[str, str | None]


def _streams(history: History) -> dict[Stream, list[Seen]]:
    found: defaultdict[Stream, list[Seen]] = defaultdict(list)
    for record in history.records:
        found[record.topic, record.key].append(record)
    return found


def _firsts(records: list[Seen]) -> list[Seen]:
    """Leave out the copies: keep the first record of every number, in the order of the log."""
    first: dict[int | None, Seen] = {}
    for record in records:
        first.setdefault(record.seq, record)
    return list(first.values())


def numbered_without_gaps(history: History) -> Iterator[Finding]:
    for (topic, key), records in _streams(history).items():
        numbers = sorted({record.seq or 0 for record in records})
        missing = next((n for n, found in enumerate(numbers, 1) if n != found), None)
        if missing is not None:
            after = next(record for record in records if (record.seq or 0) > missing)
            yield Finding(f"number {missing} of {topic}/{key} was never announced", after)


def in_order(history: History) -> Iterator[Finding]:
    """Let copies come late, but the first record of a number never before that of the number before."""
    for records in _streams(history).values():
        highest = 0
        for record in _firsts(records):
            number = record.seq or 0
            if number < highest:
                yield Finding(f"number {number} of {record.key} came after number {highest}", record)
                break
            highest = number


def copies_are_identical(history: History) -> Iterator[Finding]:
    for records in _streams(history).values():
        first = {record.seq: record for record in reversed(records)}
        for record in records:
            original = first[record.seq]
            if (record.id, record.digest) != (original.id, original.digest):
                yield Finding(f"two different events are number {record.seq} of {record.key}", record)


def in_one_place(history: History) -> Iterator[Finding]:
    """Demand one partition for a key and one stream for an id."""
    partitions: dict[Stream, int] = {}
    places: dict[str, tuple[str, str | None, int | None]] = {}
    for record in history.records:
        if partitions.setdefault((record.topic, record.key), record.partition) != record.partition:
            yield Finding(f"{record.topic}/{record.key} is in two partitions", record)
        place = (record.topic, record.key, record.seq)
        if places.setdefault(record.id, place) != place:
            yield Finding(f"event {record.id} has two places", record)


def causes_exist(history: History) -> Iterator[Finding]:
    """Look for the cause of an event: in the log, consumed by its producer, about the same chain."""
    for event in history.events:
        if event.cause is None:
            continue
        cause = history.by_id.get(event.cause)
        if cause is None:
            yield Finding(f"{event.type} follows from an event that is not in the log", event)
            continue
        producer = event.topic.partition(".")[0]
        if producer not in TOPICS[cause.topic].consumers:
            yield Finding(f"{producer} does not consume {cause.topic}, and yet acted on it", event)
        if cause.correlation != event.correlation:
            yield Finding(f"{event.type} belongs to another chain than its cause", event)


PARTS = ("milestone", "award", "seat")


def effects_happen_once(history: History) -> Iterator[Finding]:
    """One cause makes one event of a type about one thing: an aggregate, or the part that the event names.

    Causes are events, commands and steps of clocks. A step whose answer was lost is taken again, and is then
    the next one where two parts were due at the same time.
    """
    seen: set[tuple[str | None, ...]] = set()
    for event in history.events:
        told, cause = data_of(event), event.cause or event.trace
        place = (cause, event.type, event.key, *(str(told.get(part)) for part in PARTS))
        if cause and place in seen:
            yield Finding(f"{event.type} was announced twice by one cause", event)
        seen.add(place)
