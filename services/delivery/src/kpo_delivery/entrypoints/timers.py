"""What happens in delivery because time passes."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from kpo_chassis.doors import ClockHandler, Job
from kpo_chassis.kernel import Aggregate, Clock
from kpo_delivery.app import App
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.tally import Tally
from kpo_delivery.domain.work_order import WorkOrder
from kpo_delivery.use_cases.challenges.run_challenge_clock import RunChallengeClock
from kpo_delivery.use_cases.rounds.run_tally_clock import RunTallyClock
from kpo_delivery.use_cases.work_orders.run_work_order_clock import RunWorkOrderClock

CLEAN_UP_EVERY = timedelta(hours=1)


def clocks(app: App) -> Mapping[type[Aggregate], ClockHandler]:
    """Give one handler per aggregate that has a deadline."""

    async def work_order_due(work_order_id: UUID, cause: Clock) -> object:
        return await app.run_work_order_clock(RunWorkOrderClock(work_order_id), cause)

    async def challenge_due(challenge_id: UUID, cause: Clock) -> object:
        return await app.challenges.run_challenge_clock(RunChallengeClock(challenge_id), cause)

    async def round_complete(round_id: UUID, cause: Clock) -> object:
        return await app.challenges.run_tally_clock(RunTallyClock(round_id), cause)

    return {WorkOrder: work_order_due, Challenge: challenge_due, Tally: round_complete}


def jobs(app: App) -> tuple[Job, ...]:
    """Give what is done now and then, whatever is due."""
    return (Job("remove_unreferenced_content", CLEAN_UP_EVERY, app.remove_unreferenced_content),)
