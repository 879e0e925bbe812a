"""Records that are set aside: the stored row, and how a record comes back from it."""

from datetime import datetime
from importlib.metadata import version
from typing import Final, Literal

from kpo_chassis.outcome import Park
from kpo_chassis.store import Document
from kpo_chassis.work import Incoming

RETRY = "retry"
SKIP = "skip"
"""What a person may wish for a parked event: handle it again, or leave it out and go on."""

BEHIND = Park("behind", "An earlier event of the same key is parked.")
GAP = Park("gap", "An earlier event of the same key has not arrived.")

Code = Literal["not_yet", "gap", "behind", "bug", "unreadable", "unknown_major", "no_key"]
"""Every code that a parked row may have."""

BODY = ("value", "headers")
"""The fields of a parked row that hold the record itself: large, and not needed to see what is parked."""

VERSION: Final = version("kpo-chassis")
"""The version of the build that parks: libraries and services are released together."""

COMES_BACK = frozenset({"not_yet", "gap", "behind"})
"""The codes that need no person: the time, a missing number or the head of the stream brings them back."""


def parked_id(record: Incoming) -> str:
    """Name a parked row: by number where there is one, by its place in the log otherwise."""
    if record.numbered:
        return f"{record.stream}/{record.seq}"
    return f"{record.topic}/{record.partition}/{record.offset}"


def park_document(
    record: Incoming, park: Park, now: datetime, *, attempts: int, trace: str | None
) -> Document:
    return {
        "_id": parked_id(record),
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "key": record.key,
        "seq": record.seq,
        "type": record.type,
        "headers": [[name, value] for name, value in record.headers],
        "value": record.value,
        "code": park.code,
        "reason": park.reason,
        "error": park.error,
        "attempts": attempts,
        "parked_at": now,
        "next_at": now + park.retry_after if park.retry_after else None,
        "trace": trace,
        "version": VERSION,
        "unreadable_by": park.unreadable_by,
        "wish": None,
    }


def unpark(row: Document) -> Incoming:
    """Make the record again from its parked row."""
    topic, partition, offset, value = (row[name] for name in ("topic", "partition", "offset", "value"))
    key, seq, headers = row["key"], row["seq"], row["headers"]
    assert isinstance(topic, str)
    assert isinstance(partition, int)
    assert isinstance(offset, int)
    assert isinstance(value, bytes)
    assert key is None or isinstance(key, str)
    assert seq is None or isinstance(seq, int)
    assert isinstance(headers, list)
    pairs = tuple((name, data) for name, data in headers)
    kind = row["type"]
    assert isinstance(kind, str)
    return Incoming(topic, partition, offset, key, seq, pairs, value, kind)
