"""A client files an engagement."""

from dataclasses import dataclass
from datetime import datetime

from kpo_chassis.kernel import Changes, Command, States, Stored, inner_maybe, maybe
from kpo_intake.domain.client import Client
from kpo_intake.domain.engagement import Engagement, EngagementDecision, Filing, submit
from kpo_intake.domain.limits import Limits


@dataclass(frozen=True, slots=True)
class SubmitEngagement:
    filing: Filing


async def submit_engagement(
    command: SubmitEngagement, cause: Command, *, changes: Changes, limits: Limits
) -> Stored[Engagement]:
    filing = command.filing
    engagement, client = maybe(Engagement, filing.engagement_id), inner_maybe(Client, filing.client_id)
    follows = filing.brief.follows
    followed = (
        [inner_maybe(Engagement, follows)] if follows else []
    )  # Only the domain can say where it is named.

    def decide(states: States, now: datetime) -> EngagementDecision:
        before = states.get(followed[0]) if followed else None
        return submit(filing, states.get(client), before, limits, now)

    return await changes.change(cause, decide, engagement, client, *followed)
