"""A client filed an open call: its data are looked for, and it waits for its purse."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decision, Ref, States, Stored, inner_maybe, maybe
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.challenge_facts import ChallengeFact
from kpo_delivery.domain.challenge_plan import ChallengePlan, DatasetReference
from kpo_delivery.domain.dataset import Dataset


@dataclass(frozen=True, slots=True)
class PlanChallenge:
    engagement_id: UUID
    plan: ChallengePlan


async def plan_challenge(command: PlanChallenge, cause: Cause, *, changes: Changes) -> Stored[Challenge]:
    challenge = maybe(Challenge, Challenge.id_of(command.engagement_id))
    named = command.plan.datasets
    datasets = tuple(_ref(reference) for reference in named)

    def decide(states: States, now: datetime) -> Decision[Challenge, ChallengeFact]:
        known = states.get(challenge) or Challenge.expect(command.engagement_id)
        has_data = all(_is_there(command.plan, reference, states) for reference in named)
        return known.announce(command.plan, now, has_data=has_data)

    return await changes.change(cause, decide, challenge, *datasets)


def _ref(reference: DatasetReference) -> Ref[Dataset]:
    return inner_maybe(Dataset, reference.dataset_id)


def _is_there(plan: ChallengePlan, reference: DatasetReference, states: States) -> bool:
    """Say whether the client uploaded exactly these bytes under exactly this id."""
    dataset = states.get(_ref(reference))
    return dataset is not None and dataset.client == plan.client and dataset.sha256 == reference.sha256
