"""The table of contents: everything that matching can be asked to do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from kpo_chassis.kernel import Cause, Stored
from kpo_matching.domain.client import ClientCopy
from kpo_matching.domain.expert import Expert
from kpo_matching.domain.match import Match
from kpo_matching.domain.panel import Panel
from kpo_matching.domain.vendor import Vendor
from kpo_matching.use_cases.challenges.call_experts import CallExperts
from kpo_matching.use_cases.challenges.end_challenge import EndChallenge
from kpo_matching.use_cases.clients.copy_client import CopyClient
from kpo_matching.use_cases.experts.register_expert import RegisterExpert
from kpo_matching.use_cases.experts.suspend_expert import SuspendExpert
from kpo_matching.use_cases.experts.update_expert import UpdateExpert
from kpo_matching.use_cases.matches.accept_offer import AcceptOffer
from kpo_matching.use_cases.matches.choose_candidate import ChooseCandidate
from kpo_matching.use_cases.matches.decline_offer import DeclineOffer
from kpo_matching.use_cases.matches.end_work import EndWork
from kpo_matching.use_cases.matches.note_cancel_wish import NoteCancelWish
from kpo_matching.use_cases.matches.open_choice import OpenChoice
from kpo_matching.use_cases.matches.run_match_clock import RunMatchClock
from kpo_matching.use_cases.matches.shortlist_candidates import ShortlistCandidates
from kpo_matching.use_cases.matches.withdraw_match import WithdrawMatch
from kpo_matching.use_cases.vendors.onboard_vendor import OnboardVendor
from kpo_matching.use_cases.vendors.suspend_vendor import SuspendVendor
from kpo_matching.use_cases.vendors.update_vendor import UpdateVendor

C = TypeVar("C")
S = TypeVar("S")

Change: TypeAlias = Callable[[C, Cause], Awaitable[Stored[S]]]
"""A use case with its dependencies bound: a command and why it is asked, answered with what is stored."""


@dataclass(frozen=True, kw_only=True)
class App:
    """One field per use case."""

    copy_client: Change[CopyClient, ClientCopy]

    onboard_vendor: Change[OnboardVendor, Vendor]
    update_vendor: Change[UpdateVendor, Vendor]
    suspend_vendor: Change[SuspendVendor, Vendor]

    register_expert: Change[RegisterExpert, Expert]
    update_expert: Change[UpdateExpert, Expert]
    suspend_expert: Change[SuspendExpert, Expert]

    shortlist_candidates: Change[ShortlistCandidates, Match]
    open_choice: Change[OpenChoice, Match]
    withdraw_match: Change[WithdrawMatch, Match]
    note_cancel_wish: Change[NoteCancelWish, Match]
    choose_candidate: Change[ChooseCandidate, Match]
    accept_offer: Change[AcceptOffer, Match]
    decline_offer: Change[DeclineOffer, Match]
    run_match_clock: Change[RunMatchClock, Match]
    end_work: Change[EndWork, Match]

    call_experts: Change[CallExperts, Panel]
    end_challenge: Change[EndChallenge, Panel]
