"""The words that intake's requests and answers share, and the bodies of clients and timelines."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field

from kpo_chassis.http import Instant, MoneyBody, RequestBody, ResponseBody
from kpo_chassis.kernel import Caller, Stored
from kpo_chassis.money import Money
from kpo_events.money import minor_digits
from kpo_intake.domain.client import Client
from kpo_intake.domain.timeline import TimelineRow

TEXT_CHARS_MAX = 500
ITEMS_MAX = 64
DURATION_CHARS_MAX = 64

DAY = timedelta(days=1)


def _iso_8601(told: object) -> object:
    """Let only durations such as P14D pass, though Pydantic reads other texts and numbers, too."""
    if isinstance(told, timedelta):  # Ours, on its way out: JSON has no such type.
        return told
    if isinstance(told, str) and told.startswith("P") and len(told) <= DURATION_CHARS_MAX:
        return told
    raise ValueError("write an ISO 8601 duration such as P14D or PT36H")


def _known_currency(code: str) -> str:
    minor_digits(code)
    return code


Text = Annotated[str, Field(min_length=1, max_length=TEXT_CHARS_MAX)]
CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$", examples=["DE"])]
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["EUR"]), AfterValidator(_known_currency)]
Duration = Annotated[timedelta, BeforeValidator(_iso_8601)]


def money_of(body: MoneyBody) -> Money:
    return Money(body.minor, body.currency)


def money_body(amount: Money) -> MoneyBody:
    return MoneyBody.of(amount.minor, amount.currency)


# Clients --------------------------------------------------------------------------------------------------


class RegisterBody(RequestBody):
    """An organisation that may file engagements; its people's tokens name `client_id` as their tenant."""

    client_id: UUID | None = Field(None, description="The tenant's id; made up when absent.")
    name: Text
    country: CountryCode
    currency: CurrencyCode


class ClientBody(ResponseBody):
    """A client organisation."""

    id: UUID
    name: str
    country: str
    currency: str


def client_body(stored: Stored[Client], _: Caller) -> ClientBody:
    client = stored.state
    return ClientBody(id=client.id, name=client.name, country=client.country, currency=client.currency)


# Timeline -------------------------------------------------------------------------------------------------


class WaitingOnBody(ResponseBody):
    """Who must act."""

    party: str = Field(examples=["client"])
    act_by: Instant | None = Field(description="When a clock acts instead; null when none runs.")


class StepBody(ResponseBody):
    """One thing that happened, as its service announced it."""

    happened_at: Instant
    service: str = Field(examples=["matching"])
    type: str = Field(examples=["matching.match.offered.v1"])
    subject: UUID = Field(description="The aggregate that announced it.")
    number: int = Field(description="The event's number in its aggregate's stream.")
    actor: str = Field(description="Who did it: person:<id>, machine:<id> or clock.", examples=["clock"])
    trace_id: str | None
    sentence: str = Field(examples=["Milestone 1 was delivered."])
    waiting_on: WaitingOnBody | None = Field(description="Who had to act from then on; null: nobody.")


def step_body(row: TimelineRow) -> StepBody:
    waiting_on = row.waiting_on
    return StepBody(
        happened_at=row.time,
        service=row.service,
        type=row.type,
        subject=row.subject,
        number=row.number,
        actor=row.actor,
        trace_id=row.trace_id,
        sentence=row.sentence,
        waiting_on=WaitingOnBody(party=waiting_on.party, act_by=waiting_on.until) if waiting_on else None,
    )
