"""Hides what people wrote, and shows what machines need: for records that somebody looks at or exports."""

import json
import re
from collections.abc import Iterable
from typing import Final

from pydantic import JsonValue

HIDDEN: Final = "•••"
_OPEN: Final = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # ids
    r"|\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)"  # moments; a date alone may be that of a birth
    r"|-?\d{1,15}\.\d{1,4}|[A-Z]{2,3}"  # amounts, and codes of countries and currencies
    r"|[0-9a-f]{64}|P[\dTDHMS.]+"  # digests, durations
)
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,49}")
_QUOTED: Final = re.compile(r"""(?<!\w)(?:'([^']*)(?:'|\Z)|"([^"]*)(?:"|\Z))""")
_OPEN_HEADERS: Final = re.compile(r"ce_[a-z]{1,40}|content-type|traceparent")


def masked(value: JsonValue) -> JsonValue:
    """Give the same shape, with every text hidden that is no id, moment, amount, code, digest or duration.

    What is not named as a field is, is hidden too: a foreign object may have people's names as its keys.
    """
    match value:
        case str():
            return value if _OPEN.fullmatch(value) else HIDDEN
        case list():
            return [masked(item) for item in value]
        case dict():
            return {_name(name): masked(item) for name, item in value.items()}
        case _:
            return value


def body_of(data: bytes, *, reveal: bool) -> JsonValue:
    """Read a record's body for people; what is no JSON is shown as text, and hidden whole unless revealed."""
    try:
        value: JsonValue = json.loads(data)
    except ValueError:
        return data.decode(errors="replace") if reveal else HIDDEN
    return value if reveal else masked(value)


def headers_of(headers: Iterable[tuple[str, bytes]], *, reveal: bool) -> dict[str, str]:
    """Read a record's headers for people; of those that are not of our envelope only the names are shown."""
    return {
        name: data.decode(errors="replace") if reveal or _OPEN_HEADERS.fullmatch(name) else HIDDEN
        for name, data in headers
    }


def told(sentence: str, *, reveal: bool) -> str:
    """Give an error's sentence for people, in which what is quoted is hidden: it may be from the record."""
    return sentence if reveal else _QUOTED.sub(_hidden, sentence)


def _hidden(quoted: re.Match[str]) -> str:
    text = quoted[1] if quoted[1] is not None else quoted[2]
    return quoted[0] if _OPEN.fullmatch(text) or _NAME.fullmatch(text) else f"'{HIDDEN}'"


def _name(name: str) -> str:
    return name if _NAME.fullmatch(name) else HIDDEN
