"""The only file that knows both intake's domain and the events: facts go out, events become rows."""

from collections.abc import Mapping
from typing import Final, assert_never
from uuid import UUID

from kpo_chassis import money
from kpo_events import billing, challenges, delivery, intake, matching
from kpo_events import payload as wire
from kpo_events.catalogue import Event
from kpo_events.money import Money
from kpo_events.payload import EngagementPayload, HeldPayload, Payload
from kpo_intake.domain import engagement
from kpo_intake.domain.assignment import AssignmentPlan, Milestone, Overlap
from kpo_intake.domain.brief import Brief, LanguageNeed, SkillNeed
from kpo_intake.domain.challenge import ChallengePlan, Round
from kpo_intake.domain.client import ClientRegistered
from kpo_intake.domain.engagement import EngagementFact, Outcome
from kpo_intake.domain.timeline import TimelineRow, WaitingOn
from kpo_intake.use_cases.close_engagement import CloseEngagement
from kpo_intake.use_cases.resume_engagement import ResumeEngagement

PARTY: Final = "client"

NUMBER_DIGITS: Final = 8
"""Numbers are padded in a row's id, so that events of one moment stand in the order of their stream."""

# Out ------------------------------------------------------------------------------------------------------


def outgoing(fact: object) -> Payload:
    """Give the payload that announces a fact."""
    if isinstance(fact, ClientRegistered):
        client = fact.client
        return intake.ClientRegisteredV1(
            client_id=client.id, name=client.name, country=client.country, currency=client.currency
        )
    assert isinstance(fact, EngagementFact), f"{fact!r} is no fact of intake"
    match fact:
        case engagement.EngagementSubmitted(engagement_id=key, client_id=client_id, brief=brief):
            return _submitted(key, client_id, brief)
        case engagement.CancellationRequested(engagement_id=key, client_id=client_id):
            return intake.EngagementCancellationRequestedV1(
                engagement_id=key, client_id=client_id, mode=fact.mode, reason=fact.reason
            )
        case engagement.EngagementClosed(engagement_id=key, client_id=client_id, outcome=outcome):
            return intake.EngagementClosedV1(
                engagement_id=key, client_id=client_id, waiting_on=None, outcome=outcome
            )
        case _:
            assert_never(fact)


def _submitted(key: UUID, client_id: UUID, brief: Brief) -> Payload:
    needs = brief.needs
    assignment = brief.plan if isinstance(brief.plan, AssignmentPlan) else None
    challenge = brief.plan if isinstance(brief.plan, ChallengePlan) else None
    return intake.EngagementSubmittedV1(
        engagement_id=key,
        client_id=client_id,
        waiting_on=wire.WaitingOn(party=PARTY, until=brief.fund_by),
        title=brief.title,
        practice_area=brief.practice_area,
        mode=brief.mode,
        brief=brief.text,
        required_skills=tuple(map(_skill, needs.required_skills)),
        wished_skills=tuple(map(_skill, needs.wished_skills)),
        languages=tuple(map(_language, needs.languages)),
        jurisdictions=assignment.jurisdictions if assignment else (),
        overlap=_overlap(assignment.overlap) if assignment and assignment.overlap else None,
        budget=_money(brief.budget),
        fund_by=brief.fund_by,
        confidential=brief.confidential,
        follows=brief.follows,
        assignment=_assignment(assignment) if assignment else None,
        challenge=_challenge(challenge) if challenge else None,
    )


def _overlap(overlap: Overlap) -> intake.OverlapNeed:
    return intake.OverlapNeed(time_zone=overlap.time_zone, hours=overlap.hours)


def _assignment(plan: AssignmentPlan) -> intake.AssignmentPlan:
    return intake.AssignmentPlan(
        hours_per_week=plan.hours_per_week,
        milestones=tuple(map(_milestone, plan.milestones)),
        choose_within=plan.pace.choose_within,
        offer_valid_for=plan.pace.offer_valid_for,
        review_within=plan.pace.review_within,
        rework_within=plan.pace.rework_within,
        choice=plan.choice,
        preferred_expert=plan.preferred_expert,
    )


def _challenge(plan: ChallengePlan) -> intake.ChallengePlan:
    return intake.ChallengePlan(
        open_for=plan.open_for,
        datasets=tuple(
            intake.DatasetReference(dataset_id=each.dataset_id, sha256=each.sha256) for each in plan.datasets
        ),
        licence=intake.Licence(version=plan.licence.version, text=plan.licence.text),
        criteria=tuple(intake.Criterion(name=each.name, weight=each.weight) for each in plan.criteria),
        rounds=tuple(map(_round, plan.rounds)),
        judges=plan.judges,
        invitations=plan.invitations,
        excluded_countries=plan.excluded_countries,
    )


def _round(each: Round) -> intake.RoundPlan:
    return intake.RoundPlan(
        number=each.number,
        picks=each.picks,
        prizes=tuple(map(_money, each.prizes)),
        judge_within=each.judge_within,
    )


def _skill(need: SkillNeed) -> intake.SkillNeed:
    return intake.SkillNeed(skill=need.skill, level=need.level)


def _language(need: LanguageNeed) -> intake.LanguageNeed:
    return intake.LanguageNeed(language=need.language, level=need.level)


def _milestone(milestone: Milestone) -> intake.MilestonePlan:
    return intake.MilestonePlan(
        number=milestone.number,
        title=milestone.title,
        amount=_money(milestone.amount),
        due_within=milestone.due_within,
    )


def _money(amount: money.Money) -> Money:
    return Money.of(amount.minor, amount.currency)


def written(amount: money.Money) -> str:
    """Write an amount as people and the wire do: 1250.00 EUR."""
    return f"{_money(amount).amount} {amount.currency}"


# In -------------------------------------------------------------------------------------------------------


def close_engagement(event: Event[billing.EscrowClosingPayload]) -> CloseEngagement:
    row = timeline_row(event)
    assert row is not None, "every event of an escrow is about an engagement"
    return CloseEngagement(Outcome(event.data.outcome), row)


def resume_engagement(event: Event[challenges.ChallengeCancelRefusedV1]) -> ResumeEngagement:
    row = timeline_row(event)
    assert row is not None, "every event of a challenge is about an engagement"
    return ResumeEngagement(row)


def timeline_row(event: Event[Payload]) -> TimelineRow | None:
    """Make the row of one event; None where it is about no engagement."""
    engagement_id = _engagement_of(event.data)
    if engagement_id is None:
        return None
    return TimelineRow(
        id=f"{event.topic}/{event.subject}/{event.seq:0{NUMBER_DIGITS}}",
        engagement_id=engagement_id,
        time=event.time,
        service=event.type.partition(".")[0],
        type=event.type,
        subject=event.subject,
        number=event.seq,
        stage=event.data.stage,
        actor=event.actor,
        trace_id=_trace_id(event.traceparent),
        sentence=_sentence(event.data),
        waiting_on=_waiting_on(event.data),
    )


def _engagement_of(data: Payload) -> UUID | None:
    match data:
        case EngagementPayload(engagement_id=engagement_id):
            return engagement_id
        case billing.PayoutPayload(engagement_id=engagement_id):
            return engagement_id
        case _:
            return None


def _sentence(data: Payload) -> str:
    """Say it to the client, who is told nothing that only operator and vendor have to do with."""
    match data:
        case billing.InvoiceIssuedV1(buyer=buyer, client_id=client_id) if buyer.id != client_id:
            return BILLED_TO_ANOTHER.format(data=data)
        case _:
            return SENTENCES[type(data)].format(data=data)


def _waiting_on(data: Payload) -> WaitingOn | None:
    match data:
        case HeldPayload(waiting_on=wire.WaitingOn(party=party, until=until)):
            return WaitingOn(party, until)
        case _:
            return None


def _trace_id(traceparent: str | None) -> str | None:
    """Take the trace out of a W3C traceparent: version, trace, span, flags."""
    return traceparent.split("-")[1] if traceparent else None


SENTENCES: Final[Mapping[type[Payload], str]] = {
    intake.EngagementSubmittedV1: "The client filed the engagement '{data.title}'.",
    intake.EngagementCancellationRequestedV1: "The client wishes to cancel: {data.reason}",
    intake.EngagementClosedV1: "The engagement is closed: {data.outcome}.",
    matching.MatchShortlistedV1: "Experts who fit were found.",
    matching.MatchChoiceOpenedV1: "The money is there; the client chooses an expert.",
    matching.MatchOfferedV1: (
        "Offer {data.offer_number} went out, open until {data.expires_at:%Y-%m-%d %H:%M} UTC."
    ),
    matching.MatchDeclinedV1: "Offer {data.offer_number} was declined: {data.reason}",
    matching.MatchOfferExpiredV1: "Offer {data.offer_number} expired without an answer.",
    matching.MatchAcceptedV1: "Offer {data.offer_number} was accepted; the work can begin.",
    matching.MatchEndedV1: "The search ended without an expert ({data.outcome}): {data.reason}",
    matching.MatchWithdrawnV1: "The search was withdrawn, since the money did not come.",
    matching.InvitationSentV1: "An expert was invited.",
    matching.PanelProposedV1: "Judges were proposed.",
    challenges.ChallengePlannedV1: "The challenge is ready; it opens when the purse is there.",
    challenges.ChallengeOpenedV1: (
        "The challenge is open; submissions are taken until {data.submissions_close_at:%Y-%m-%d %H:%M} UTC."
    ),
    challenges.JudgeAppointedV1: "Seat {data.seat} of the panel is taken.",
    challenges.JudgeReplacedV1: "Seat {data.seat} of the panel has a new judge: {data.reason}",
    challenges.SubmissionsClosedV1: (
        "Submissions are closed: {data.entries} entered, {data.submissions} submitted; "
        "the panel judges until {data.judge_by:%Y-%m-%d %H:%M} UTC."
    ),
    challenges.RoundJudgedV1: (
        "Round {data.round} is judged: {data.picked} of {data.submissions} submissions were picked."
    ),
    challenges.ChallengeAwardedV1: "The challenge has its winners.",
    challenges.ChallengeVoidedV1: "The challenge ended without a winner: {data.reason}",
    challenges.ChallengeCancelledV1: "The challenge was cancelled: {data.reason}",
    challenges.ChallengeCancelRefusedV1: "The challenge goes on: {data.reason}",
    challenges.ChallengeWithdrawnV1: "The challenge was withdrawn, since the purse did not come.",
    challenges.EntryEnteredV1: "An expert entered the challenge.",
    challenges.SubmissionReceivedV1: "A submission was sealed.",
    delivery.WorkOrderOpenedV1: "The work began.",
    delivery.MilestoneSubmittedV1: (
        "Milestone {data.milestone} was delivered; review it until {data.review_by:%Y-%m-%d %H:%M} UTC."
    ),
    delivery.MilestoneReturnedV1: "Milestone {data.milestone} was sent back: {data.reason}",
    delivery.ReviewRemindedV1: "Reminder {data.reminder}: milestone {data.milestone} waits for its review.",
    delivery.MilestoneAcceptedV1: "Milestone {data.milestone} was accepted by the {data.accepted_by}.",
    delivery.DeliveryOverdueV1: "Milestone {data.milestone} is overdue.",
    delivery.WorkOrderCompletedV1: "All milestones are accepted; the work is done.",
    delivery.WorkOrderCancelledV1: "The work was cancelled: {data.reason}",
    billing.EscrowOpenedV1: (
        "{data.amount.amount} {data.amount.currency} is awaited until {data.fund_by:%Y-%m-%d %H:%M} UTC; "
        "quote {data.payment_reference}."
    ),
    billing.EscrowPartFundedV1: (
        "{data.received.amount} {data.received.currency} arrived; "
        "{data.missing.amount} {data.missing.currency} is missing."
    ),
    billing.EscrowFundedV1: "The escrow holds {data.funded.amount} {data.funded.currency}.",
    billing.EscrowReleasedV1: (
        "{data.part} is paid: {data.net.amount} {data.net.currency} for the vendor, "
        "{data.fee.amount} {data.fee.currency} fee."
    ),
    billing.EscrowSettledV1: (
        "The escrow is settled: {data.refunded.amount} {data.refunded.currency} went back to the client."
    ),
    billing.EscrowLapsedV1: "The escrow lapsed: {data.outcome}.",
    billing.InvoiceIssuedV1: "Invoice {data.number} was issued: {data.gross.amount} {data.gross.currency}.",
    billing.PayoutRequestedV1: "A payout of {data.amount.amount} {data.amount.currency} was requested.",
    billing.PayoutSentV1: "A payout of {data.amount.amount} {data.amount.currency} was sent to the bank.",
    billing.PayoutBookedV1: "A payout of {data.amount.amount} {data.amount.currency} was paid.",
    # Why a payout went wrong is between bank, operator and payee.
    billing.PayoutFailedV1: "A payout of {data.amount.amount} {data.amount.currency} failed.",
    billing.PayoutReturnedV1: "A payout of {data.amount.amount} {data.amount.currency} came back.",
}
"""What each event means to a client, in one sentence."""

BILLED_TO_ANOTHER: Final = (
    "A document for another party was issued: {data.gross.amount} {data.gross.currency}."
)
"""What a client is told of an invoice whose buyer is somebody else, as that of the operator's fee is."""
