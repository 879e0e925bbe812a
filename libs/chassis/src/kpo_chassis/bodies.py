"""What requests and answers are made of: strict when we read, exact when we write."""

import re
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    PlainSerializer,
    field_validator,
)
from pydantic_core import core_schema

from kpo_events.money import Money

Value = TypeVar("Value")

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _be_strict(schema: object) -> None:
    match schema:
        case {"type": "int" | "bool"}:
            assert isinstance(schema, dict)
            schema["strict"] = True
        case dict():
            for inner in schema.values():
                _be_strict(inner)
        case list() | tuple():
            for inner in schema:
                _be_strict(inner)
        case _:
            pass


def _texts(value: object) -> tuple[str, ...]:
    match value:
        case str():
            return (value,)
        case tuple():
            return tuple(text for text in value if isinstance(text, str))
        case dict():
            return (*_texts(tuple(value)), *_texts(tuple(value.values())))
        case _:
            return ()


class RequestBody(BaseModel):
    """A body that a caller sends: an unknown field is an error, so that a typing mistake is never ignored.

    Every text and array field names its maximum; a test walks the OpenAPI document and finds those without.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Take numbers and truth values only as JSON has them: what is quoted may mean something else."""
        schema = handler(source)
        _be_strict(schema)
        return schema

    @field_validator("*", mode="after")
    @classmethod
    def _legible(cls, value: Value) -> Value:
        """Refuse texts that a person cannot read, or that say nothing."""
        for text in _texts(value):
            if _CONTROL.search(text):
                raise ValueError("there are control characters in this text; leave them out")
            if text and not text.strip():
                raise ValueError("this text is blank; write something")
        return value


class ResponseBody(BaseModel):
    """A body that we send: fields may be added to it, callers ignore those that they do not know."""

    model_config = ConfigDict(frozen=True, serialize_by_alias=True)


class MoneyBody(Money):
    """Money inside a request: exactly an amount and a currency, nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _written_out(moment: object) -> object:
    """Refuse what Pydantic would take beside RFC 3339: seconds since 1970, spaces, times without seconds."""
    if isinstance(moment, datetime) or (isinstance(moment, str) and _RFC3339.fullmatch(moment)):
        return moment
    raise ValueError("write a moment with its offset, like 2027-03-01T09:30:00Z")


def _utc_milliseconds(moment: datetime) -> datetime:
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("write a moment that is in the years 1 to 9999 in UTC") from None
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_written_out),
    AfterValidator(_utc_milliseconds),
    PlainSerializer(_rfc3339, return_type=str, when_used="json"),
]
"""A moment with its offset from UTC (RFC 3339), kept in UTC to the millisecond as the database does."""
