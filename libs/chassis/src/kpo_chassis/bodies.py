"""What requests and answers are made of: strict when we read, exact when we write."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, PlainSerializer

from kpo_events.money import Money


class RequestBody(BaseModel):
    """A body that a caller sends: an unknown field is an error, so that a typing mistake is never ignored.

    Every text and array field names its maximum; a test walks the OpenAPI document and finds those without.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ResponseBody(BaseModel):
    """A body that we send: fields may be added to it, callers ignore those that they do not know."""

    model_config = ConfigDict(frozen=True, serialize_by_alias=True)


class MoneyBody(Money):
    """Money inside a request: exactly an amount and a currency, nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _utc_milliseconds(moment: datetime) -> datetime:
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Instant = Annotated[
    AwareDatetime,
    AfterValidator(_utc_milliseconds),
    PlainSerializer(_rfc3339, return_type=str, when_used="json"),
]
"""A moment with its offset from UTC (RFC 3339), kept in UTC to the millisecond as the database does."""
