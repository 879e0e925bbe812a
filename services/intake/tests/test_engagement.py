"""Every fact and command of an engagement in every state: one test per cell of the domain's table."""

from uuid import uuid4

import pytest

from kpo_intake.domain.brief import Mode
from kpo_intake.domain.engagement import (
    CancellationRequested,
    Engagement,
    EngagementClosed,
    EngagementStatus,
    EngagementSubmitted,
    Outcome,
    submit,
)
from kpo_intake.domain.errors import (
    ClientUnknownError,
    EngagementClosedError,
    FollowsUnendedError,
    FollowsUnknownError,
    MisplacedFactError,
    SumDiffersError,
)

from .factories import (
    CLIENT_ID,
    DAY,
    ENGAGEMENT_ID,
    LIMITS,
    NOW,
    OTHER_CLIENT_ID,
    a_brief,
    a_challenge,
    a_client,
    a_filing,
    a_milestone,
    an_assignment,
    an_engagement,
    cancelling,
    closed,
)

# filing ---------------------------------------------------------------------------------------------------


def test_filing_announces_the_whole_brief() -> None:
    decision = submit(a_filing(), a_client(), None, LIMITS, NOW)

    assert decision.state.status is EngagementStatus.SUBMITTED
    assert decision.state.submitted_at == NOW
    assert decision.facts == (EngagementSubmitted(ENGAGEMENT_ID, CLIENT_ID, a_brief()),)


def test_filing_a_challenge_announces_its_question_and_its_plan() -> None:
    brief = a_brief(a_challenge())

    decision = submit(a_filing(brief), a_client(), None, LIMITS, NOW)

    assert decision.facts == (EngagementSubmitted(ENGAGEMENT_ID, CLIENT_ID, brief),)


def test_filing_by_an_unregistered_client_is_refused() -> None:
    with pytest.raises(ClientUnknownError):
        submit(a_filing(), None, None, LIMITS, NOW)


def test_filing_checks_the_brief() -> None:
    with pytest.raises(SumDiffersError):
        submit(a_filing(a_brief(an_assignment(a_milestone(minor=1)))), a_client(), None, LIMITS, NOW)


def test_filing_may_follow_an_ended_engagement_of_the_same_client() -> None:
    decision = submit(a_filing(a_brief(follows=uuid4())), a_client(), closed(), LIMITS, NOW)

    assert decision.state.status is EngagementStatus.SUBMITTED


@pytest.mark.parametrize("followed", [an_engagement(), cancelling()])
def test_filing_cannot_follow_an_engagement_that_goes_on(followed: Engagement) -> None:
    with pytest.raises(FollowsUnendedError) as refused:
        submit(a_filing(a_brief(follows=followed.id)), a_client(), followed, LIMITS, NOW)

    assert refused.value.pointer == "/follows"


@pytest.mark.parametrize("followed", [None, closed(an_engagement(client_id=OTHER_CLIENT_ID))])
def test_filing_cannot_follow_what_is_absent_or_anothers(followed: Engagement | None) -> None:
    with pytest.raises(FollowsUnknownError, match=f"You have no engagement {ENGAGEMENT_ID}") as refused:
        submit(a_filing(a_brief(follows=ENGAGEMENT_ID)), a_client(), followed, LIMITS, NOW)

    assert refused.value.pointer == "/follows"


# cancel ---------------------------------------------------------------------------------------------------


def test_cancel_announces_the_wish() -> None:
    decision = an_engagement().cancel("Our plans changed.")

    assert decision.state.status is EngagementStatus.CANCELLING
    assert decision.facts == (
        CancellationRequested(ENGAGEMENT_ID, CLIENT_ID, Mode.ASSIGNMENT, "Our plans changed."),
    )


def test_cancel_of_a_challenge_says_whose_wish_it_is() -> None:
    (wish,) = an_engagement(a_brief(a_challenge())).cancel("Our plans changed.").facts

    assert isinstance(wish, CancellationRequested)
    assert wish.mode is Mode.CHALLENGE


def test_cancel_while_cancelling_gives_the_same_answer() -> None:
    decision = cancelling().cancel("Really.")

    assert decision.state == cancelling()
    assert decision.facts == ()


def test_cancel_of_a_closed_engagement_is_refused() -> None:
    with pytest.raises(EngagementClosedError):
        closed().cancel("Too late.")


# cancel_refused -------------------------------------------------------------------------------------------


def test_cancel_refused_lets_the_engagement_go_on() -> None:
    assert cancelling().cancel_refused().state == an_engagement()


def test_cancel_refused_after_the_end_changes_nothing() -> None:
    assert closed().cancel_refused().state == closed()


def test_cancel_refused_without_a_wish_is_a_bug() -> None:
    with pytest.raises(MisplacedFactError):
        an_engagement().cancel_refused()


# escrow.settled, escrow.lapsed ----------------------------------------------------------------------------


@pytest.mark.parametrize("engagement", [an_engagement(), cancelling()])
def test_the_escrows_last_word_closes_an_open_engagement(engagement: Engagement) -> None:
    decision = engagement.close(Outcome.LAPSED, NOW + 9 * DAY)

    assert decision.state.status is EngagementStatus.CLOSED
    assert decision.state.closed_at == NOW + 9 * DAY
    assert decision.facts == (EngagementClosed(ENGAGEMENT_ID, CLIENT_ID, Outcome.LAPSED),)


def test_a_closed_engagement_keeps_its_first_outcome() -> None:
    decision = closed(outcome=Outcome.COMPLETED).close(Outcome.CANCELLED, NOW + 99 * DAY)

    assert decision.state == closed(outcome=Outcome.COMPLETED)
    assert decision.facts == ()


# what others may know -------------------------------------------------------------------------------------


def test_an_engagement_is_known_to_its_client_alone() -> None:
    assert an_engagement().parties == {CLIENT_ID}
