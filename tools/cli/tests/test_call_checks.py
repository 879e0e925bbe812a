"""What must hold of an open call: each check sees when it does, and when a cent or a payout is missing."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from kpo_cli.story import call_checks
from kpo_cli.story.evidence import FORGED, Verdict
from kpo_events.billing import EscrowReleasedV1, EscrowSettledV1, PayoutBookedV1
from kpo_events.catalogue import Event, Origin, make_event
from kpo_events.challenges import Award, ChallengeAwardedV1, EntryEnteredV1
from kpo_events.money import Money
from kpo_events.payload import Payload

CALL, SOMEBODY = uuid4(), uuid4()
FUNDED, PRIZE, FEE = 100_000, 60_000, 6_000


def dollars(minor: int) -> Money:
    return Money.of(minor, "USD")


def an_event(payload: Payload) -> Event[Payload]:
    origin = Origin(actor="clock", correlation_id=CALL)
    return make_event(payload, origin, subject=uuid4(), seq=1, time=datetime.now(UTC))


def settled(*, refunded: int = FUNDED - PRIZE) -> EscrowSettledV1:
    return EscrowSettledV1(
        engagement_id=CALL,
        client_id=SOMEBODY,
        waiting_on=None,
        escrow_id=SOMEBODY,
        mode="challenge",
        outcome="awarded",
        funded=dollars(FUNDED),
        released=dollars(PRIZE - FEE),
        fees=dollars(FEE),
        refunded=dollars(refunded),
    )


def released(*, net: int = PRIZE - FEE) -> EscrowReleasedV1:
    return EscrowReleasedV1(
        engagement_id=CALL,
        client_id=SOMEBODY,
        escrow_id=SOMEBODY,
        mode="challenge",
        vendor_id=SOMEBODY,
        award=1,
        gross=dollars(PRIZE),
        fee=dollars(FEE),
        net=dollars(net),
    )


def awarded() -> ChallengeAwardedV1:
    award = Award(
        number=1,
        round=1,
        rank=1,
        entry_id=SOMEBODY,
        expert_id=SOMEBODY,
        person_id=SOMEBODY,
        vendor_id=SOMEBODY,
        prize=dollars(PRIZE),
    )
    return ChallengeAwardedV1(
        engagement_id=CALL, client_id=SOMEBODY, waiting_on=None, challenge_id=SOMEBODY, awards=(award,)
    )


def booked(*, award: int = 1, minor: int = PRIZE - FEE) -> PayoutBookedV1:
    return PayoutBookedV1(
        payout_id=uuid4(),
        payee_kind="vendor",
        payee_id=SOMEBODY,
        amount=dollars(minor),
        engagement_id=CALL,
        award=award,
        attempt=1,
        reference="P-1",
    )


def entered(country: str, *, call: UUID = CALL) -> EntryEnteredV1:
    return EntryEnteredV1(
        engagement_id=call,
        client_id=SOMEBODY,
        entry_id=SOMEBODY,
        challenge_id=SOMEBODY,
        expert_id=SOMEBODY,
        person_id=SOMEBODY,
        vendor_id=SOMEBODY,
        licence_version="1",
        country=country,
    )


def events(*payloads: Payload) -> list[Event[Payload]]:
    return [an_event(payload) for payload in payloads]


def test_a_purse_that_is_shared_out_holds() -> None:
    assert call_checks.purse_is_shared_out(events(released(), settled()), CALL).held


def test_a_cent_that_did_not_come_back_is_seen() -> None:
    short = settled(refunded=FUNDED - PRIZE - 1)

    assert not call_checks.purse_is_shared_out(events(released(), short), CALL).held


def test_a_cent_that_a_winner_did_not_get_is_seen() -> None:
    assert not call_checks.purse_is_shared_out(events(released(net=PRIZE - FEE - 1), settled()), CALL).held


def test_a_purse_that_was_never_settled_is_seen() -> None:
    assert not call_checks.purse_is_shared_out(events(released()), CALL).held


def test_an_award_that_was_paid_once_holds() -> None:
    assert call_checks.every_award_is_paid(events(awarded(), released(), booked()), CALL).held


def test_an_award_that_was_paid_twice_is_seen() -> None:
    twice = events(awarded(), released(), booked(), booked())

    assert not call_checks.every_award_is_paid(twice, CALL).held


def test_an_award_that_was_never_booked_is_seen() -> None:
    assert not call_checks.every_award_is_paid(events(awarded(), released()), CALL).held


def test_another_award_than_was_won_is_seen() -> None:
    assert not call_checks.every_award_is_paid(events(awarded(), released(), booked(award=2)), CALL).held


def test_entrants_are_counted_by_country_and_by_call() -> None:
    told = events(entered("AU"), entered("AU"), entered("CA", call=uuid4()))

    assert call_checks.entrants_come_from(told, CALL, 1).held
    assert not call_checks.entrants_come_from(told, CALL, 2).held


def test_evidence_stands_when_only_the_forgery_falls() -> None:
    true, forged = Verdict("ranking-1.json", is_true=True, told=""), Verdict(FORGED, is_true=False, told="")

    assert call_checks.evidence_stands([true, forged]).held


def test_a_forgery_that_is_believed_is_seen() -> None:
    believed = Verdict(FORGED, is_true=True, told="")

    assert not call_checks.evidence_stands([believed]).held


def test_no_evidence_is_seen() -> None:
    assert not call_checks.evidence_stands([]).held
