"""Whatever happens in whatever order: hours are promised once, given back once, and nobody is asked twice."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid5

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kpo_chassis.kernel import Decisions, RefusalError
from kpo_matching.domain import joining, offering
from kpo_matching.domain.engagement import ChoicePolicy
from kpo_matching.domain.errors import MisplacedFactError
from kpo_matching.domain.expert import Expert, Reservation, WorkOutcome
from kpo_matching.domain.match import Accepted, Answer, Match, Offered
from kpo_matching.domain.offering import OfferReply
from kpo_matching.domain.roster import Roster

from .factories import (
    CLIENT,
    CLIENT_ID,
    ENGAGEMENT_ID,
    HOUR,
    NOW,
    a_profile,
    a_ranking,
    a_roster,
    an_engagement,
    an_expert,
    reply_to,
)

MATCHES = [uuid5(ENGAGEMENT_ID, str(number)) for number in range(4)]
EXPERTS = [an_expert(number, profile=a_profile(weekly_hours=30)) for number in range(1, 4)]

matches = st.sampled_from(MATCHES)
experts = st.sampled_from([expert.id for expert in EXPERTS])
outcomes = st.sampled_from(WorkOutcome)


class Bookings(RuleBasedStateMachine):
    """Four engagements of 16 hours compete for three experts who have 30 hours each."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOW
        self.matches: dict[UUID, Match] = {}
        self.experts: dict[UUID, Expert] = {expert.id: expert for expert in EXPERTS}

    def _match(self, engagement_id: UUID) -> Match:
        return self.matches.get(engagement_id) or Match.expected(engagement_id, CLIENT_ID)

    def _roster(self) -> Roster:
        return a_roster(*self.experts.values())

    def _apply(self, decide: Callable[[], Decisions]) -> None:
        """Take what was decided; a refusal or a fact out of place changes nothing."""
        try:
            decisions = decide()
        except (RefusalError, MisplacedFactError):
            return
        for decision in decisions.decisions:
            match decision.state:
                case Match() as match:
                    self.matches[match.engagement_id] = match
                case Expert() as expert:
                    self.experts[expert.id] = expert

    @rule(engagement_id=matches, choice=st.sampled_from(ChoicePolicy))
    def submit(self, engagement_id: UUID, choice: ChoicePolicy) -> None:
        engagement = an_engagement(hours_per_week=16, choice=choice)
        shortlist = a_ranking(engagement, *self.experts.values(), client=CLIENT)

        def decide() -> Decisions:
            filed = joining.engagement_submitted(self._match(engagement_id), engagement, shortlist)
            return joining.settle(filed, self._roster(), self.now)

        self._apply(decide)

    @rule(engagement_id=matches)
    def fund(self, engagement_id: UUID) -> None:
        self._apply(lambda: joining.escrow_funded(self._match(engagement_id), self._roster(), self.now))

    @rule(engagement_id=matches)
    def lapse(self, engagement_id: UUID) -> None:
        self._apply(lambda: joining.escrow_lapsed(self._match(engagement_id)))

    @rule(engagement_id=matches)
    def wish_to_cancel(self, engagement_id: UUID) -> None:
        self._apply(lambda: joining.cancel_wished(self._match(engagement_id), "Stop.", self._roster()))

    @rule(engagement_id=matches, expert_id=experts)
    def choose(self, engagement_id: UUID, expert_id: UUID) -> None:
        match = self._match(engagement_id)
        self._apply(lambda: offering.choose(match, expert_id, self._roster(), self.now))

    @rule(engagement_id=matches)
    def accept(self, engagement_id: UUID) -> None:
        self._answer(
            engagement_id, lambda match, reply: offering.accept(match, reply, self._roster(), self.now)
        )

    @rule(engagement_id=matches)
    def decline(self, engagement_id: UUID) -> None:
        self._answer(
            engagement_id,
            lambda match, reply: offering.decline(match, reply, "Busy.", self._roster(), self.now),
        )

    def _answer(self, engagement_id: UUID, answer: Callable[[Match, OfferReply], Decisions]) -> None:
        """Answer the last offer, if there was any."""
        match = self._match(engagement_id)
        if match.offers:
            self._apply(lambda: answer(match, reply_to(match.last_offer)))

    @rule(hours=st.integers(min_value=1, max_value=60))
    def let_time_pass(self, hours: int) -> None:
        self.now += hours * HOUR
        for match in list(self.matches.values()):
            if match.due_at is not None and match.due_at <= self.now:
                self._apply(lambda: offering.deadline_passed(match, self._roster(), self.now))  # noqa: B023 - Called at once.

    @rule(engagement_id=matches, outcome=outcomes)
    def end_work(self, engagement_id: UUID, outcome: WorkOutcome) -> None:
        match = self._match(engagement_id)
        self._apply(lambda: offering.work_ended(match, outcome, self._roster()))

    @rule(expert_id=experts)
    def suspend(self, expert_id: UUID) -> None:
        self._apply(lambda: Decisions((self.experts[expert_id].suspend("Left."),)))

    @invariant()
    def nobody_carries_more_than_they_can(self) -> None:
        for expert in self.experts.values():
            assert sum(held.hours for held in expert.reservations) <= expert.profile.weekly_hours

    @invariant()
    def hours_are_held_for_open_offers_and_running_contracts_alone(self) -> None:
        held = {(e.id, reserved) for e in self.experts.values() for reserved in e.reservations}

        assert held == {booking for match in self.matches.values() for booking in _bookings(match)}

    @invariant()
    def a_match_asks_nobody_twice_and_one_at_a_time(self) -> None:
        for match in self.matches.values():
            asked = [offer.expert_id for offer in match.offers]
            assert len(asked) == len(set(asked))
            is_open = [offer.answer is Answer.OPEN for offer in match.offers]
            assert (
                is_open == [False] * (len(is_open) - 1) + [isinstance(match.stage, Offered)][: len(is_open)]
            )

    @invariant()
    def nothing_waits_without_a_clock(self) -> None:
        for match in self.matches.values():
            assert bool(match.tasks) == (match.due_at is not None)


def _bookings(match: Match) -> list[tuple[UUID, Reservation]]:
    """Say what a match must hold of whom."""
    match match.stage:
        case Offered():
            return [(match.last_offer.expert_id, Reservation(match.id, 16))]
        case Accepted() if match.work_outcome is None:
            return [(match.last_offer.expert_id, Reservation(match.id, 16, contracted=True))]
        case _:
            return []


Bookings.TestCase.settings = settings(
    max_examples=150, stateful_step_count=40, deadline=None, derandomize=True
)
TestBookings = Bookings.TestCase
