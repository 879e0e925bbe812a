"""A client filed an open call: its data are looked for, and it waits for its purse."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decision, States, Stored, inner_maybe, maybe
from kpo_delivery.domain.challenge import Challenge, OfferedDataset
from kpo_delivery.domain.challenge_facts import ChallengeFact
from kpo_delivery.domain.challenge_plan import ChallengePlan
from kpo_delivery.domain.dataset import Dataset


@dataclass(frozen=True, slots=True)
class PlanChallenge:
    engagement_id: UUID
    plan: ChallengePlan


async def plan_challenge(command: PlanChallenge, cause: Cause, *, changes: Changes) -> Stored[Challenge]:
    challenge = maybe(Challenge, Challenge.id_of(command.engagement_id))
    datasets = tuple(inner_maybe(Dataset, reference.dataset_id) for reference in command.plan.datasets)

    def decide(states: States, now: datetime) -> Decision[Challenge, ChallengeFact]:
        known = states.get(challenge) or Challenge.expect(command.engagement_id)
        return known.announce(command.plan, _offered(command.plan, states), now)

    return await changes.change(cause, decide, challenge, *datasets)


def _offered(plan: ChallengePlan, states: States) -> tuple[OfferedDataset, ...] | None:
    """Give the data that the plan names, if the client uploaded all of them exactly so."""
    offered = list[OfferedDataset]()
    for reference in plan.datasets:
        found = states.get(inner_maybe(Dataset, reference.dataset_id))
        if found is None or (found.client, found.sha256) != (plan.client, reference.sha256):
            return None
        offered.append(OfferedDataset(found.id, found.name, found.media_type, found.size, found.sha256))
    return tuple(offered)
