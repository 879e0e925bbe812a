"""What is stored can be read again as it was, in every state."""

from dataclasses import replace

import pytest

from kpo_chassis.documents import Documents
from kpo_chassis.kernel import Aggregate
from kpo_matching.adapters.clients import clients
from kpo_matching.adapters.experts import experts
from kpo_matching.adapters.invitations import invitations
from kpo_matching.adapters.matches import matches
from kpo_matching.adapters.panels import panels
from kpo_matching.adapters.vendors import vendors
from kpo_matching.domain.abilities import PracticeArea
from kpo_matching.domain.expert import TrackRecord
from kpo_matching.domain.invitation import Invitation, invite
from kpo_matching.domain.match import MatchStatus
from kpo_matching.domain.panel import ChallengeEnd, ChallengeOutcome, Panel
from kpo_matching.domain.selection import select

from .factories import (
    CLIENT,
    CLIENT_ID,
    MATCH_ID,
    NOW,
    a_challenge,
    a_match_in,
    a_pool,
    a_profile,
    a_vendor,
    an_expected_panel,
    an_expert,
)

BUSY = replace(
    an_expert(profile=a_profile(employers=(CLIENT_ID,))).reserve(MATCH_ID, 20).contract(MATCH_ID),
    track_records=(TrackRecord(PracticeArea.SOFTWARE, completed=3, cancelled=1, awarded=2),),
    panels=(MATCH_ID,),
)

INVITATION: Invitation = invite(a_challenge(), an_expert(), NOW).state
PROPOSED: Panel = replace(
    an_expected_panel(),
    challenge=a_challenge(),
    judges=select(a_challenge(), a_pool(an_expert())).judges,
)
ENDED: Panel = replace(PROPOSED, end=ChallengeEnd(ChallengeOutcome.AWARDED, (an_expert().id,)))


@pytest.mark.parametrize("status", MatchStatus)
def test_a_match_is_read_as_it_was_stored(status: MatchStatus) -> None:
    match = a_match_in(status)

    stored = matches.dump(match)

    assert matches.load(stored, matches.schema) == match
    assert matches.status_of(match) == status


@pytest.mark.parametrize(
    ("documents", "state"),
    [(experts, BUSY), (vendors, a_vendor()), (vendors, a_vendor().suspend("Fees.").state), (clients, CLIENT)],
)
def test_master_data_is_read_as_it_was_stored(documents: Documents, state: Aggregate) -> None:
    assert documents.load(documents.dump(state), documents.schema) == state


@pytest.mark.parametrize(
    ("documents", "state"),
    [(invitations, INVITATION), (panels, an_expected_panel()), (panels, PROPOSED), (panels, ENDED)],
)
def test_what_challenges_leave_is_read_as_it_was_stored(documents: Documents, state: Aggregate) -> None:
    assert documents.load(documents.dump(state), documents.schema) == state


def test_experts_lie_where_the_ranking_looks_for_them() -> None:
    stored = experts.dump(an_expert())

    assert stored["status"] == "active"
    assert stored["profile"] == stored["profile"] | {"practice_areas": ["software"]}  # type: ignore[operator]  # JSON.
