"""Hides what people wrote, and shows what machines need: for records that somebody looks at or exports."""

import json
import re
from collections.abc import Iterable
from typing import Final

from pydantic import JsonValue

HIDDEN: Final = "•••"
_ATTRIBUTES: Final = ("ce_", "content-type")
_OPEN: Final = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # ids
    r"|\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?"  # dates and times
    r"|-?\d{1,15}(\.\d{1,4})?|[A-Z]{2,3}|[0-9a-f]{64}|P[\dTDHMS.]+"  # amounts, codes, digests, durations
)


def masked(value: JsonValue) -> JsonValue:
    """Give the same shape, with every text hidden that is no id, time, amount, code, digest or duration."""
    match value:
        case str():
            return value if _OPEN.fullmatch(value) else HIDDEN
        case list():
            return [masked(item) for item in value]
        case dict():
            return {name: masked(item) for name, item in value.items()}
        case _:
            return value


def headers_of(headers: Iterable[tuple[str, bytes]], *, reveal: bool) -> dict[str, str]:
    """Read a record's headers for people: those of CloudEvents have no text in them, others may."""
    return {
        name: data.decode(errors="replace") if reveal or name.startswith(_ATTRIBUTES) else HIDDEN
        for name, data in headers
    }


def body_of(data: bytes, *, reveal: bool) -> JsonValue:
    """Read a record's body for people; what is no JSON is shown as text, and hidden whole unless revealed."""
    try:
        value: JsonValue = json.loads(data)
    except ValueError:
        return data.decode(errors="replace") if reveal else HIDDEN
    return value if reveal else masked(value)
