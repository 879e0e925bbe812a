"""Every event of the platform, who consumes which topic, and the functions that write and read them."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple
from uuid import UUID

from kpo_events import billing, challenges, delivery, intake, matching
from kpo_events.envelope import Envelope, MalformedEventError, Route, peek, uuid7
from kpo_events.event import Event
from kpo_events.payload import EngagementPayload, Payload
from kpo_events.registry import (
    EVENT_BYTES_MAX,
    Entry,
    EventTooLargeError,
    Record,
    Registry,
    Topic,
    UnknownMajorError,
    UnknownTypeError,
)

__all__ = [
    "ABILITY",
    "CATALOGUE",
    "CONSUMERS",
    "EVENT_BYTES_MAX",
    "MODELS",
    "TOPICS",
    "Entry",
    "Envelope",
    "Event",
    "EventTooLargeError",
    "MalformedEventError",
    "Origin",
    "Record",
    "Route",
    "Topic",
    "UnknownMajorError",
    "UnknownTypeError",
    "decode",
    "encode",
    "make_event",
    "model_of",
    "peek",
    "record",
]

CONSUMERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "intake.client": ("matching", "delivery", "billing"),
        "intake.engagement": ("intake", "matching", "delivery", "billing"),
        "matching.vendor": ("billing",),
        "matching.expert": ("delivery",),
        "matching.match": ("intake", "delivery", "billing"),
        "matching.invitation": ("intake",),
        "matching.panel": ("intake", "delivery"),
        "delivery.workorder": ("intake", "matching", "billing"),
        "delivery.challenge": ("intake", "matching", "billing"),
        "delivery.entry": ("intake",),
        "billing.escrow": ("intake", "matching", "delivery"),
        "billing.invoice": ("intake",),
        "billing.payout": ("intake",),
    }
)
"""Which services consume each topic; intake also consumes its own engagements, for the timeline."""

MODELS: Final[tuple[type[Payload], ...]] = (
    intake.ClientRegisteredV1,
    intake.ClientUpdatedV1,
    intake.EngagementSubmittedV1,
    intake.EngagementCancellationRequestedV1,
    intake.EngagementClosedV1,
    matching.VendorOnboardedV1,
    matching.VendorUpdatedV1,
    matching.VendorSuspendedV1,
    matching.ExpertRegisteredV1,
    matching.ExpertUpdatedV1,
    matching.ExpertSuspendedV1,
    matching.MatchShortlistedV1,
    matching.MatchChoiceOpenedV1,
    matching.MatchOfferedV1,
    matching.MatchDeclinedV1,
    matching.MatchOfferExpiredV1,
    matching.MatchAcceptedV1,
    matching.MatchEndedV1,
    matching.MatchWithdrawnV1,
    matching.InvitationSentV1,
    matching.PanelProposedV1,
    delivery.WorkOrderOpenedV1,
    delivery.MilestoneSubmittedV1,
    delivery.MilestoneReturnedV1,
    delivery.ReviewRemindedV1,
    delivery.MilestoneAcceptedV1,
    delivery.DeliveryOverdueV1,
    delivery.WorkOrderCompletedV1,
    delivery.WorkOrderCancelledV1,
    challenges.ChallengePlannedV1,
    challenges.ChallengeOpenedV1,
    challenges.JudgeAppointedV1,
    challenges.JudgeReplacedV1,
    challenges.SubmissionsClosedV1,
    challenges.RoundJudgedV1,
    challenges.ChallengeAwardedV1,
    challenges.ChallengeVoidedV1,
    challenges.ChallengeCancelledV1,
    challenges.ChallengeCancelRefusedV1,
    challenges.ChallengeWithdrawnV1,
    challenges.EntryEnteredV1,
    challenges.SubmissionReceivedV1,
    billing.EscrowOpenedV1,
    billing.EscrowPartFundedV1,
    billing.EscrowFundedV1,
    billing.EscrowReleasedV1,
    billing.EscrowSettledV1,
    billing.EscrowLapsedV1,
    billing.InvoiceIssuedV1,
    billing.PayoutRequestedV1,
    billing.PayoutSentV1,
    billing.PayoutBookedV1,
    billing.PayoutFailedV1,
    billing.PayoutReturnedV1,
)

_REGISTRY = Registry(MODELS, CONSUMERS)

CATALOGUE: Final[Mapping[str, Entry]] = _REGISTRY.entries
"""Every event type by its name on the wire."""

TOPICS: Final[Mapping[str, Topic]] = _REGISTRY.topics
"""Every topic by name."""

ABILITY: Final = _REGISTRY.ability
"""Names what this library can read: another name where events, versions or bounds are others."""

encode = _REGISTRY.encode
record = _REGISTRY.record
decode = _REGISTRY.decode
model_of = _REGISTRY.model_of


class Origin(NamedTuple):
    """What all events of one change have in common: who did it, for whom, and what it follows from.

    `causation_id` and `correlation_id` are those of the event that caused the change, where one did.
    """

    actor: str
    tenant_id: UUID | None = None
    causation_id: UUID | None = None
    correlation_id: UUID | None = None
    traceparent: str | None = None


def make_event(
    payload: Payload, origin: Origin, *, subject: UUID, seq: int, time: datetime
) -> Event[Payload]:
    """Make the event that announces `payload` as number `seq` of the aggregate `subject`, with a new id."""
    envelope = Envelope(
        id=uuid7(time),
        type=payload.event_type,
        subject=subject,
        time=time,
        seq=seq,
        correlation_id=_correlation(payload, origin, subject),
        causation_id=origin.causation_id,
        actor=origin.actor,
        tenant_id=origin.tenant_id,
        traceparent=origin.traceparent,
    )
    return Event(envelope, payload)


def _correlation(payload: Payload, origin: Origin, subject: UUID) -> UUID:
    """Everything about one engagement carries its id; other chains carry the id of what began them."""
    match payload:
        case (
            EngagementPayload(engagement_id=engagement)
            | billing.PayoutPayload(engagement_id=UUID() as engagement)
        ):
            return engagement
        case _:
            return origin.correlation_id or subject
