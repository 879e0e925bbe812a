"""The rules of an open call: a purse that covers its prizes, and rounds that pick fewer each time."""

from datetime import timedelta
from itertools import pairwise

from kpo_chassis.money import Money
from kpo_intake.domain.challenge import PRIZES_MAX, ChallengePlan, Round
from kpo_intake.domain.errors import (
    PicksNotFallingError,
    PrizesAbovePurseError,
    PrizesOutOfRangeError,
    PrizesWithoutPickError,
)
from kpo_intake.domain.limits import Limits, check_named_once, check_part, check_size

LICENCE_BYTES_MAX = 8 * 1024
"""The licence travels whole beside the brief, in UTF-8."""

OPEN_FOR_MAX = timedelta(days=365)
JUDGE_WITHIN_MAX = timedelta(days=90)


def check_challenge(plan: ChallengePlan, purse: Money, limits: Limits) -> None:
    """Raise the refusal of the first rule that the plan breaks, with a pointer to the place."""
    check_size(plan.licence.text, LICENCE_BYTES_MAX, "/licence/text")
    check_named_once((str(dataset.dataset_id) for dataset in plan.datasets), "/datasets")
    check_named_once((criterion.name for criterion in plan.criteria), "/criteria")
    check_named_once(plan.excluded_countries, "/excluded_countries")
    limits.check_countries(plan.excluded_countries, "/excluded_countries")
    for position, each in enumerate(plan.rounds):
        _check_round(each, purse, f"/rounds/{position}")
    _check_picks(plan.rounds)
    _check_prizes(plan.prizes, purse, limits)
    _check_durations(plan, limits)


def _check_round(each: Round, purse: Money, place: str) -> None:
    if len(each.prizes) > each.picks:
        raise PrizesWithoutPickError(
            f"Round {each.number} picks {each.picks} and has {len(each.prizes)} prizes; "
            f"name 0 to {each.picks} prizes, or pick more.",
            pointer=f"{place}/prizes",
        )
    for position, prize in enumerate(each.prizes):
        name, pointer = f"Prize {position + 1} of round {each.number}", f"{place}/prizes/{position}"
        check_part(prize, purse, name, pointer)


def _check_picks(rounds: tuple[Round, ...]) -> None:
    for before, after in pairwise(rounds):
        if after.picks >= before.picks:
            raise PicksNotFallingError(
                f"Round {before.number} picks {before.picks} and round {after.number} picks {after.picks} "
                f"of them; each round picks fewer than the one before it, here at most {before.picks - 1}.",
                pointer=f"/rounds/{after.number - 1}/picks",
            )


def _check_prizes(prizes: tuple[Money, ...], purse: Money, limits: Limits) -> None:
    if not 1 <= len(prizes) <= PRIZES_MAX:
        raise PrizesOutOfRangeError(
            f"The rounds have {len(prizes)} prizes in all; name 1 to {PRIZES_MAX}.", pointer="/rounds"
        )
    total = sum(prizes, Money.zero(purse.currency))
    if total.minor > purse.minor:
        raise PrizesAbovePurseError(
            f"The prizes add up to {limits.written(total)} and the budget is {limits.written(purse)}; "
            f"name prizes of at most {limits.written(purse)} in all.",
            pointer="/rounds",
        )


def _check_durations(plan: ChallengePlan, limits: Limits) -> None:
    limits.check_duration(plan.open_for, OPEN_FOR_MAX, "/open_for")
    for position, each in enumerate(plan.rounds):
        limits.check_duration(each.judge_within, JUDGE_WITHIN_MAX, f"/rounds/{position}/judge_within")
