"""What every event payload is, and the small values that several of them carry."""

from datetime import datetime
from enum import IntEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

TEXT_CHARS_MAX = 500
"""Titles, reasons, names."""

BRIEF_BYTES_MAX = 32 * 1024
"""The brief travels inside `intake.engagement.submitted`, whose body must stay below 64 KiB."""

ITEMS_MAX = 64
"""Milestones, skills, languages, jurisdictions, deliverables: any list in a payload."""

Text = Annotated[str, Field(max_length=TEXT_CHARS_MAX)]
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Stage(IntEnum):
    """Who holds an engagement, in the order in which it is handed on; the timeline's current step uses it."""

    FILED = 0
    ESCROW = 1
    MATCH = 2
    WORK = 3
    SETTLING = 4
    CLOSED = 5


class Value(BaseModel):
    """A part of a payload: immutable, and tolerant of fields that a newer producer adds."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Payload(Value):
    """The data of one event type in one major version.

    `event_type` is the name on the wire, `minor` the number of optional fields' generations inside the
    major, `public` says that partners may receive it, and `stage` marks the events that move an
    engagement's current step (those of its holder).
    """

    event_type: ClassVar[str]
    minor: ClassVar[int] = 0
    public: ClassVar[bool] = False
    stage: ClassVar[Stage | None] = None


class WaitingOn(Value):
    """Who must act next, and by when a clock acts instead."""

    party: Text
    until: datetime | None


class EngagementPayload(Payload):
    """An event about one engagement: its id is the correlation id of everything that follows from it."""

    engagement_id: UUID
    client_id: UUID


class HeldPayload(EngagementPayload):
    """An event of an aggregate that may hold the engagement: it says who must act, or that nobody must."""

    waiting_on: WaitingOn | None
