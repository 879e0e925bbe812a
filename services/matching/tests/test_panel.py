"""What a panel makes of each fact in each of its states, and what experts carry because of it."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID, uuid4, uuid5

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kpo_chassis.kernel import Decisions
from kpo_matching.domain.abilities import PracticeArea
from kpo_matching.domain.calling import called_at_end, called_at_opening, challenge_ended, challenge_opened
from kpo_matching.domain.errors import MisplacedFactError
from kpo_matching.domain.expert import JUDGING_MAX, Expert
from kpo_matching.domain.invitation import Invitation, InvitationSent
from kpo_matching.domain.panel import ChallengeEnd, ChallengeOutcome, Panel, PanelProposed, PanelStatus
from kpo_matching.domain.selection import select

from .factories import (
    CHALLENGE_ID,
    CLIENT_ID,
    ENGAGEMENT_ID,
    NOW,
    a_challenge,
    a_pool,
    a_profile,
    an_expected_panel,
    an_expert,
    the_experts,
    the_facts,
)

JUDGE, ENTRANT = an_expert(1), an_expert(2)
POOL = (JUDGE, ENTRANT) if JUDGE.id < ENTRANT.id else (ENTRANT, JUDGE)
"""Two experts who fit alike: the first of them by id is proposed, the second one is invited."""

AWARDED = ChallengeEnd(ChallengeOutcome.AWARDED, (POOL[1].id,))
VOIDED = ChallengeEnd(ChallengeOutcome.VOIDED)


def opened(panel: Panel, *now: Expert) -> Decisions:
    """Select among the two of the pool, and decide on what they are now."""
    selection = select(a_challenge(judges=1), a_pool(*POOL))
    return challenge_opened(panel, a_challenge(), selection, by_id(now or POOL), NOW)


def ended(panel: Panel, end: ChallengeEnd, *now: Expert) -> Decisions:
    return challenge_ended(panel, end, by_id(now or POOL))


def by_id(experts: Iterable[Expert]) -> dict[UUID, Expert]:
    return {expert.id: expert for expert in experts}


def the_panel(decisions: Decisions) -> Panel:
    state = decisions.decisions[0].state
    assert isinstance(state, Panel)
    return state


def the_invitations(decisions: Decisions) -> list[Invitation]:
    return [d.state for d in decisions.decisions if isinstance(d.state, Invitation)]


def awards_of(experts: Iterable[Expert]) -> list[int]:
    return [expert.track_record(PracticeArea.SOFTWARE).awarded for expert in experts]


# It opens -------------------------------------------------------------------------------------------------


def test_an_opening_proposes_and_invites_at_once() -> None:
    decisions = opened(an_expected_panel())

    panel, (invitation,) = the_panel(decisions), the_invitations(decisions)
    assert panel.status is PanelStatus.PROPOSED
    assert [judge.expert_id for judge in panel.judges] == [POOL[0].id]
    assert the_facts(decisions) == (PanelProposed(panel),)
    assert [expert.panels for expert in the_experts(decisions)] == [(panel.id,)]
    assert (invitation.expert_id, invitation.parties) == (POOL[1].id, frozenset({POOL[1].vendor_id}))
    assert decisions.decisions[-1].facts == (InvitationSent(invitation),)


def test_nobody_who_fits_is_a_panel_without_judges() -> None:
    selection = select(a_challenge(), a_pool())

    decisions = challenge_opened(an_expected_panel(), a_challenge(), selection, {}, NOW)

    assert the_panel(decisions).judges == ()
    assert the_invitations(decisions) == []


@pytest.mark.parametrize(
    "changed",
    [
        replace(POOL[0], panels=tuple(uuid4() for _ in range(JUDGING_MAX))),
        POOL[0].suspend("Left.").state,
        replace(POOL[0], profile=a_profile(relations=(CLIENT_ID,))),
    ],
    ids=["full", "suspended", "in conflict"],
)
def test_who_cannot_judge_any_more_by_the_time_of_the_change_is_left_out(changed: Expert) -> None:
    decisions = opened(an_expected_panel(), changed, POOL[1])

    assert the_panel(decisions).judges == ()
    assert the_experts(decisions) == ()


def test_a_challenge_that_has_ended_is_told_to_nobody() -> None:
    panel = the_panel(ended(an_expected_panel(), VOIDED))

    decisions = opened(panel)

    assert the_panel(decisions).status is PanelStatus.ENDED
    assert (the_facts(decisions), the_invitations(decisions), the_experts(decisions)) == ((), [], ())


def test_an_opening_that_comes_after_the_awards_still_gives_the_winners_their_standing() -> None:
    panel = the_panel(ended(an_expected_panel(), AWARDED))

    assert awards_of(the_experts(opened(panel))) == [1]


@pytest.mark.parametrize("end", [None, VOIDED])
def test_a_challenge_opens_once(end: ChallengeEnd | None) -> None:
    panel = the_panel(opened(an_expected_panel()))
    panel = the_panel(ended(panel, end)) if end else panel

    with pytest.raises(MisplacedFactError):
        opened(panel)


# It ends --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ChallengeOutcome)
def test_every_end_gives_the_judges_their_time_back(outcome: ChallengeOutcome) -> None:
    opening = opened(an_expected_panel())

    decisions = ended(the_panel(opening), ChallengeEnd(outcome), *the_experts(opening))

    assert the_panel(decisions).status is PanelStatus.ENDED
    assert [expert.panels for expert in the_experts(decisions)] == [()]


def test_an_end_that_comes_before_the_opening_is_remembered_and_seen_by_nobody() -> None:
    decisions = ended(an_expected_panel(), AWARDED)

    assert (the_panel(decisions).status, the_panel(decisions).end) == (PanelStatus.EXPECTED, AWARDED)
    assert the_experts(decisions) == ()


@pytest.mark.parametrize("is_opened", [False, True])
def test_a_second_end_changes_nothing(*, is_opened: bool) -> None:
    panel = the_panel(opened(an_expected_panel())) if is_opened else an_expected_panel()
    panel = the_panel(ended(panel, VOIDED))

    decisions = ended(panel, AWARDED)

    assert [decision.state for decision in decisions.decisions] == [panel]


def test_who_was_proposed_and_entered_instead_gets_both_the_time_and_the_award() -> None:
    opening = opened(an_expected_panel())
    (judge,) = the_experts(opening)

    decisions = ended(the_panel(opening), ChallengeEnd(ChallengeOutcome.AWARDED, (judge.id,)), judge)

    (winner,) = the_experts(decisions)
    assert (winner.panels, awards_of([winner])) == ((), [1])


def test_the_client_sees_the_panel_and_an_entrants_vendor_does_not() -> None:
    assert the_panel(opened(an_expected_panel())).parties == frozenset({CLIENT_ID})


# Whatever happens -----------------------------------------------------------------------------------------

CHALLENGES = [uuid5(ENGAGEMENT_ID, str(number)) for number in range(6)]
challenges = st.sampled_from(CHALLENGES)
outcomes = st.sampled_from(ChallengeOutcome)


class Judging(RuleBasedStateMachine):
    """Six challenges open and end in any order, some of them twice, and share four experts."""

    def __init__(self) -> None:
        super().__init__()
        self.panels: dict[UUID, Panel] = {}
        self.experts = by_id(an_expert(number) for number in range(1, 5))

    def _panel(self, challenge_id: UUID) -> Panel:
        return self.panels.get(challenge_id) or Panel.expected(challenge_id, ENGAGEMENT_ID, CLIENT_ID)

    def _apply(self, decisions: Decisions) -> None:
        panel = the_panel(decisions)
        self.panels[panel.challenge_id] = panel
        self.experts |= by_id(the_experts(decisions))

    @rule(challenge_id=challenges, judges=st.integers(min_value=1, max_value=3))
    def open(self, challenge_id: UUID, judges: int) -> None:
        panel = self._panel(challenge_id)
        if panel.challenge is not None:
            return
        challenge = replace(a_challenge(judges=judges), id=challenge_id)
        selection = select(challenge, a_pool(*self.experts.values()))
        called = called_at_opening(panel, selection)
        now = {expert_id: self.experts[expert_id] for expert_id in called}
        self._apply(challenge_opened(panel, challenge, selection, now, NOW))

    @rule(challenge_id=challenges, outcome=outcomes, data=st.data())
    def end(self, challenge_id: UUID, outcome: ChallengeOutcome, data: st.DataObject) -> None:
        panel = self._panel(challenge_id)
        winners = data.draw(st.lists(st.sampled_from(sorted(self.experts)), max_size=3))
        end = ChallengeEnd(outcome, tuple(winners) if outcome is ChallengeOutcome.AWARDED else ())
        now = {expert_id: self.experts[expert_id] for expert_id in called_at_end(panel, end)}
        self._apply(challenge_ended(panel, end, now))

    @invariant()
    def nobody_is_proposed_for_more_panels_than_they_may(self) -> None:
        assert all(len(expert.panels) <= JUDGING_MAX for expert in self.experts.values())

    @invariant()
    def time_is_kept_for_running_challenges_alone(self) -> None:
        kept = {(expert.id, panel_id) for expert in self.experts.values() for panel_id in expert.panels}

        running = [panel for panel in self.panels.values() if panel.status is PanelStatus.PROPOSED]
        assert kept == {(judge.expert_id, panel.id) for panel in running for judge in panel.judges}

    @invariant()
    def every_award_counts_once_per_challenge_and_winner(self) -> None:
        over = [panel for panel in self.panels.values() if panel.status is PanelStatus.ENDED]
        won = [len(set(panel.end.winners)) for panel in over if panel.end]

        assert sum(awards_of(self.experts.values())) == sum(won)


Judging.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None, derandomize=True)
TestJudging = Judging.TestCase


def test_a_panel_has_the_id_that_follows_from_its_challenge() -> None:
    assert an_expected_panel().id == uuid5(CHALLENGE_ID, "panel")
