"""What must hold of an open call when it is over, seen from its events and from what it exported."""

from collections.abc import Sequence
from typing import TypeAlias, TypeVar
from uuid import UUID

from kpo_cli.story.checks import Check
from kpo_cli.story.evidence import FORGED, Verdict
from kpo_events.billing import EscrowReleasedV1, EscrowSettledV1, PayoutBookedV1
from kpo_events.catalogue import Event
from kpo_events.challenges import ChallengeAwardedV1, EntryEnteredV1
from kpo_events.payload import Payload

P = TypeVar("P", bound=Payload)
Events: TypeAlias = Sequence[Event[Payload]]


def purse_is_shared_out(events: Events, engagement: UUID) -> Check:
    """Check that the purse is what winners got, what the operator kept of it, and what went back."""
    promise = "purse = awards (net) + fees + returned"
    closed = _told(events, EscrowSettledV1, engagement)
    released = _told(events, EscrowReleasedV1, engagement)
    if len(closed) != 1:
        return Check(promise, held=False, seen=f"settled {len(closed)} times")
    (settled,) = closed
    net, fees = sum(each.net.minor for each in released), sum(each.fee.minor for each in released)
    held = (net, fees) == (settled.released.minor, settled.fees.minor)
    held = held and net + fees + settled.refunded.minor == settled.funded.minor
    parts = (settled.released.amount, settled.fees.amount, settled.refunded.amount)
    return Check(promise, held, f"{settled.funded.amount} = {' + '.join(parts)} {settled.funded.currency}")


def every_award_is_paid(events: Events, engagement: UUID) -> Check:
    """Check that each award was released, and paid out by the bank, once and to the minor unit."""
    awards = [award for told in _told(events, ChallengeAwardedV1, engagement) for award in told.awards]
    released = [(each.award, each.net) for each in _told(events, EscrowReleasedV1, engagement)]
    booked = [(each.award, each.amount) for each in _told(events, PayoutBookedV1, engagement)]
    numbers = {award.number: award.prize for award in awards}
    paid = dict(booked)
    held = (
        bool(awards)
        and len(released) == len(booked) == len(awards)
        and all(paid.get(number) == net for number, net in released)
        and paid.keys() == numbers.keys()
    )
    seen = f"{len(awards)} awards, {len(released)} releases, {len(booked)} payouts booked"
    return Check("every award is paid once, to the cent", held, seen)


def entrants_come_from(events: Events, engagement: UUID, countries_min: int) -> Check:
    """Check that people of enough countries take part."""
    entered = _told(events, EntryEnteredV1, engagement)
    countries = {each.country for each in entered}
    held = len(countries) >= countries_min
    seen = f"{len(entered)} from {len(countries)} countries"
    return Check(f"entrants come from {countries_min} countries or more", held, seen)


def evidence_stands(verdicts: Sequence[Verdict]) -> Check:
    """Check that the command line believes what was exported, and not what was forged."""
    wrong = [each.file for each in verdicts if each.is_true != (each.file != FORGED)]
    seen = f"{len(verdicts)} files" if not wrong else f"wrong about {', '.join(wrong)}"
    return Check("receipt and rankings stand, a forgery falls", bool(verdicts) and not wrong, seen)


def _told(events: Events, kind: type[P], engagement: UUID) -> list[P]:
    return [
        event.data for event in events if isinstance(event.data, kind) and event.correlation_id == engagement
    ]
