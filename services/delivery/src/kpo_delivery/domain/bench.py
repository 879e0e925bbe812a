"""Who of the proposed judges may sit down now, and what sitting down makes of them."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Decision, PersonId, Ref, States, TenantId, inner_maybe
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.copies import ExpertCopy
from kpo_delivery.domain.panel import Judge
from kpo_delivery.domain.participation import ParticipantRole, Participation, take_part


def participation(challenge_id: UUID, person_id: UUID) -> Ref[Participation]:
    return inner_maybe(Participation, Participation.id_of(challenge_id, person_id))


def bench_refs(challenge_id: UUID, bench: tuple[Judge, ...]) -> tuple[Ref[object], ...]:
    """Name all that decides who of the bench may judge."""
    return tuple(_refs(challenge_id, bench))


def spares(challenge: Challenge, bench: tuple[Judge, ...], states: States) -> tuple[Judge, ...]:
    """Give those of the bench who may sit down, best first.

    Whoever takes part already may not, be it as entrant, on a seat, or as a judge who left one; nor may
    somebody of whom nothing is known.
    """
    return tuple(judge for judge in bench if _may_sit(challenge, judge, states))


def seatings(
    before: Challenge, after: Challenge, now: datetime
) -> tuple[Decision[Participation, object], ...]:
    """Make judges of those who have just sat down, so that they cannot enter."""
    new = sorted(after.panel.judges - before.panel.judges, key=lambda judge: judge.person_id)
    return tuple(
        take_part(None, after.id, PersonId(judge.person_id), ParticipantRole.JUDGE, now) for judge in new
    )


def judge_of(expert: ExpertCopy) -> Judge:
    return Judge(expert.id, expert.profile.person, expert.profile.vendor)


def may_judge(expert: ExpertCopy | None, client: TenantId) -> bool:
    """Say whether an expert is known, active, and not close to the client."""
    return expert is not None and expert.is_active and not expert.is_close_to(client)


def _refs(challenge_id: UUID, bench: tuple[Judge, ...]) -> Iterator[Ref[object]]:
    for judge in bench:
        yield participation(challenge_id, judge.person_id)
        yield inner_maybe(ExpertCopy, judge.expert_id)


def _may_sit(challenge: Challenge, judge: Judge, states: States) -> bool:
    takes_part = states.get(participation(challenge.id, judge.person_id)) is not None
    return not takes_part and may_judge(
        states.get(inner_maybe(ExpertCopy, judge.expert_id)), challenge.client
    )
