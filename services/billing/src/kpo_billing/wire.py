"""The only file that knows both billing's domain and the events: facts go out, events become commands."""

from datetime import datetime
from typing import TypedDict, assert_never
from uuid import UUID

from kpo_billing.domain import escrow_facts as escrow
from kpo_billing.domain import invoice, party
from kpo_billing.domain import payout_facts as payout
from kpo_billing.domain.escrow_facts import Due, Engagement, EscrowFact, Outcome
from kpo_billing.domain.part import Mode, Part, PartKind
from kpo_billing.domain.payout_facts import PayoutFact
from kpo_billing.use_cases.escrows.award_challenge import AwardChallenge
from kpo_billing.use_cases.escrows.end_without_work import EndWithoutWork
from kpo_billing.use_cases.escrows.end_work import EndWork
from kpo_billing.use_cases.escrows.note_cancel_wish import NoteCancelWish
from kpo_billing.use_cases.escrows.open_escrow import OpenEscrow
from kpo_billing.use_cases.escrows.release_milestone import ReleaseMilestone
from kpo_billing.use_cases.parties.copy_client import CopyClient
from kpo_billing.use_cases.parties.copy_vendor import CopyVendor
from kpo_chassis import money
from kpo_chassis.kernel import TenantId
from kpo_events import billing, challenges, delivery, intake, matching
from kpo_events.money import Money
from kpo_events.payload import EngagementPayload, Payload, WaitingOn

CLIENT_FINANCE = "client_finance"
"""Who must act while an escrow awaits funds."""


# Out ------------------------------------------------------------------------------------------------------


def outgoing(fact: object) -> Payload:
    """Give the payload that announces a fact."""
    if isinstance(fact, invoice.InvoiceIssued):
        return _invoice_issued(fact.invoice)
    if isinstance(fact, PayoutFact):
        return _payout(fact)
    assert isinstance(fact, EscrowFact), f"{fact!r} is no fact of billing"
    return _escrow(fact)


def _escrow(fact: EscrowFact) -> Payload:
    about = _about(fact.engagement)
    match fact:
        case escrow.EscrowOpened(terms=terms):
            return billing.EscrowOpenedV1(
                **about,
                mode=terms.mode,
                waiting_on=_client_finance(terms.fund_by),
                amount=_money(terms.amount),
                fund_by=terms.fund_by,
                payment_reference=terms.payment_reference,
                fee_basis_points=terms.fee_basis_points,
            )
        case escrow.EscrowPartFunded():
            return billing.EscrowPartFundedV1(
                **about,
                mode=fact.mode,
                waiting_on=_client_finance(fact.fund_by),
                received=_money(fact.received),
                funded=_money(fact.funded),
                missing=_money(fact.missing),
            )
        case escrow.EscrowFunded(mode=mode, funded=funded):
            return billing.EscrowFundedV1(**about, mode=mode, waiting_on=None, funded=_money(funded))
        case escrow.EscrowReleased(release=release):
            return _released(fact.engagement, release)
        case escrow.EscrowSettled() | escrow.EscrowLapsed():
            return _closed(fact)
        case _:
            assert_never(fact)


def _released(engagement: Engagement, release: escrow.Release) -> Payload:
    return billing.EscrowReleasedV1(
        **_about(engagement),
        vendor_id=release.due.vendor,
        **_paid_for(release.due.part),
        gross=_money(release.due.gross),
        fee=_money(release.fee),
        net=_money(release.net),
    )


def _closed(fact: escrow.EscrowSettled | escrow.EscrowLapsed) -> Payload:
    settled = isinstance(fact, escrow.EscrowSettled)
    model = billing.EscrowSettledV1 if settled else billing.EscrowLapsedV1
    return model(
        **_about(fact.engagement),
        mode=fact.mode,
        waiting_on=None,
        outcome=fact.outcome,
        funded=_money(fact.sums.funded),
        released=_money(fact.sums.released),
        fees=_money(fact.sums.fees),
        refunded=_money(fact.sums.refunded),
    )


def _payout(fact: PayoutFact) -> Payload:
    order = fact.order
    about = _Ordered(
        payout_id=order.payout,
        payee_kind=order.payee.kind,
        payee_id=order.payee.id,
        amount=_money(order.amount),
        engagement_id=order.work.engagement if order.work else None,
        **_paid_for(order.work.part if order.work else None),
    )
    match fact:
        case payout.PayoutRequested():
            return billing.PayoutRequestedV1(**about)
        case payout.PayoutSent(attempt=attempt, reference=reference):
            return billing.PayoutSentV1(**about, attempt=attempt, reference=reference)
        case payout.PayoutBooked(attempt=attempt, reference=reference):
            return billing.PayoutBookedV1(**about, attempt=attempt, reference=reference)
        case payout.PayoutFailed(attempt=attempt, reason=reason):
            return billing.PayoutFailedV1(**about, attempt=attempt, reason=reason)
        case payout.PayoutReturned(attempt=attempt, reason=reason):
            return billing.PayoutReturnedV1(**about, attempt=attempt, reason=reason)
        case _:
            assert_never(fact)


def _invoice_issued(issued: invoice.Invoice) -> Payload:
    bill = issued.bill
    return billing.InvoiceIssuedV1(
        engagement_id=bill.engagement.id,
        client_id=bill.engagement.client,
        invoice_id=issued.id,
        kind=bill.kind,
        number=issued.number,
        issued_at=issued.issued_at,
        **_paid_for(bill.part),
        seller=_party(bill.seller),
        buyer=_party(bill.buyer),
        net=_money(bill.net),
        tax_category=issued.tax_category,
        tax_basis_points=issued.tax_basis_points,
        tax=_money(issued.tax),
        gross=_money(issued.gross),
    )


class _About(TypedDict):
    """What every payload of an escrow says first."""

    engagement_id: UUID
    client_id: UUID
    escrow_id: UUID


class _PaidFor(TypedDict):
    """What a release, an invoice or a payout is for: one of the two, or nothing at all."""

    milestone: int | None
    award: int | None


class _Ordered(_PaidFor):
    """What every payload of a payout says first."""

    payout_id: UUID
    payee_kind: str
    payee_id: UUID
    amount: Money
    engagement_id: UUID | None


def _about(engagement: Engagement) -> _About:
    return _About(engagement_id=engagement.id, client_id=engagement.client, escrow_id=engagement.escrow_id)


def _paid_for(part: Part | None) -> _PaidFor:
    return _PaidFor(
        milestone=part.milestone if part else None,
        award=part.award if part else None,
    )


def _client_finance(until: datetime) -> WaitingOn:
    return WaitingOn(party=CLIENT_FINANCE, until=until)


def _money(amount: money.Money) -> Money:
    return Money.of(amount.minor, amount.currency)


def _party(organisation: party.Party) -> billing.Party:
    return billing.Party(id=organisation.id, name=organisation.name, country=organisation.country)


# In -------------------------------------------------------------------------------------------------------


def open_escrow(data: intake.EngagementSubmittedV1) -> OpenEscrow:
    return OpenEscrow(_engagement(data), Mode(data.mode), _amount(data.budget), data.fund_by)


def note_cancel_wish(data: intake.EngagementCancellationRequestedV1) -> NoteCancelWish:
    return NoteCancelWish(_engagement(data))


def end_match(data: matching.MatchEndedV1) -> EndWithoutWork:
    return EndWithoutWork(_engagement(data), Outcome(data.outcome))


def release_milestone(data: delivery.MilestoneAcceptedV1) -> ReleaseMilestone:
    part = Part(PartKind.MILESTONE, data.milestone)
    return ReleaseMilestone(_engagement(data), Due(TenantId(data.vendor_id), part, _amount(data.amount)))


def complete_work(data: delivery.WorkOrderCompletedV1) -> EndWork:
    return EndWork(_engagement(data), Outcome.COMPLETED)


def cancel_work(data: delivery.WorkOrderCancelledV1) -> EndWork:
    return EndWork(_engagement(data), Outcome.CANCELLED)


def award_challenge(data: challenges.ChallengeAwardedV1) -> AwardChallenge:
    return AwardChallenge(_engagement(data), tuple(map(_award, data.awards)))


def void_challenge(data: challenges.ChallengeVoidedV1) -> EndWithoutWork:
    return EndWithoutWork(_engagement(data), Outcome.VOIDED)


def cancel_challenge(data: challenges.ChallengeCancelledV1) -> EndWork:
    return EndWork(_engagement(data), Outcome.CANCELLED)


def copy_client(data: intake.ClientRegisteredV1) -> CopyClient:
    return CopyClient(party.Party(TenantId(data.client_id), data.name, data.country))


def copy_vendor(data: matching.VendorOnboardedV1) -> CopyVendor:
    return CopyVendor(party.Party(TenantId(data.vendor_id), data.name, data.country))


def _engagement(data: EngagementPayload) -> Engagement:
    return Engagement(data.engagement_id, TenantId(data.client_id))


def _award(won: challenges.Award) -> Due:
    return Due(TenantId(won.vendor_id), Part(PartKind.AWARD, won.number), _amount(won.prize))


def _amount(wired: Money) -> money.Money:
    return money.Money(wired.minor, wired.currency)
