"""The table of contents: everything that delivery can be asked to do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, TypeVar

from kpo_chassis.kernel import Caller, Cause, Command, Stored
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.content import Admitted
from kpo_delivery.domain.copies import ClientCopy, ExpertCopy
from kpo_delivery.domain.dataset import Dataset
from kpo_delivery.domain.download import Download
from kpo_delivery.domain.entry import Entry
from kpo_delivery.domain.ranking_export import Sheet
from kpo_delivery.domain.scorecard import Scorecard
from kpo_delivery.domain.work_order import WorkOrder
from kpo_delivery.use_cases.challenges.answer_cancel_wish import AnswerCancelWish
from kpo_delivery.use_cases.challenges.fund_challenge import FundChallenge
from kpo_delivery.use_cases.challenges.lapse_challenge import LapseChallenge
from kpo_delivery.use_cases.challenges.note_fee import NoteFee
from kpo_delivery.use_cases.challenges.plan_challenge import PlanChallenge
from kpo_delivery.use_cases.challenges.run_challenge_clock import RunChallengeClock
from kpo_delivery.use_cases.challenges.void_challenge import VoidChallenge
from kpo_delivery.use_cases.copies.copy_client import CopyClient
from kpo_delivery.use_cases.copies.copy_expert import CopyExpert
from kpo_delivery.use_cases.copies.suspend_expert import SuspendExpert
from kpo_delivery.use_cases.datasets.admit_dataset import AdmitDataset
from kpo_delivery.use_cases.datasets.register_dataset import RegisterDataset
from kpo_delivery.use_cases.entries.admit_file import AdmitFile
from kpo_delivery.use_cases.entries.download_dataset import DownloadDataset
from kpo_delivery.use_cases.entries.enter_challenge import EnterChallenge
from kpo_delivery.use_cases.entries.list_downloads import ListDownloads
from kpo_delivery.use_cases.entries.open_submission import OpenedSubmission, OpenSubmission
from kpo_delivery.use_cases.entries.revoke_grant import RevokeGrant
from kpo_delivery.use_cases.entries.submit_entry import SubmitEntry
from kpo_delivery.use_cases.panels.appoint_judge import AppointJudge
from kpo_delivery.use_cases.panels.decline_seat import DeclineSeat
from kpo_delivery.use_cases.panels.propose_panel import ProposePanel
from kpo_delivery.use_cases.rounds.find_assignments import Assigned, FindAssignments
from kpo_delivery.use_cases.rounds.find_ranking import FindRanking
from kpo_delivery.use_cases.rounds.find_submission import BlindSubmission, FindSubmission
from kpo_delivery.use_cases.rounds.give_score import GiveScore
from kpo_delivery.use_cases.rounds.run_tally_clock import RunTallyClock
from kpo_delivery.use_cases.work_orders.accept_milestone import AcceptMilestone
from kpo_delivery.use_cases.work_orders.admit_deliverable import AdmitDeliverable
from kpo_delivery.use_cases.work_orders.find_deliverable import FindDeliverable
from kpo_delivery.use_cases.work_orders.note_cancel_wish import NoteCancelWish
from kpo_delivery.use_cases.work_orders.open_work_order import OpenWorkOrder
from kpo_delivery.use_cases.work_orders.return_milestone import ReturnMilestone
from kpo_delivery.use_cases.work_orders.run_work_order_clock import RunWorkOrderClock
from kpo_delivery.use_cases.work_orders.submit_milestone import SubmitMilestone

C = TypeVar("C")

Fact: TypeAlias = Callable[[C, Cause], Awaitable[Stored[WorkOrder]]]
"""A use case with its dependencies bound, which an event or a clock asks."""

Action: TypeAlias = Callable[[C, Command], Awaitable[Stored[WorkOrder]]]
"""A use case with its dependencies bound, which a caller asks."""

ChallengeCause: TypeAlias = Callable[[C, Cause], Awaitable[Stored[Challenge]]]
"""The same for challenges: an event or a clock asks."""

ChallengeAction: TypeAlias = Callable[[C, Command], Awaitable[Stored[Challenge]]]
"""A caller asks."""


@dataclass(frozen=True, kw_only=True)
class Challenges:
    """What challenges, their panels and their rounds can be asked: one field per use case."""

    plan_challenge: ChallengeCause[PlanChallenge]
    note_fee: ChallengeCause[NoteFee]
    fund_challenge: ChallengeCause[FundChallenge]
    lapse_challenge: ChallengeCause[LapseChallenge]
    answer_cancel_wish: ChallengeCause[AnswerCancelWish]
    propose_panel: ChallengeCause[ProposePanel]
    run_challenge_clock: ChallengeCause[RunChallengeClock]
    run_tally_clock: ChallengeCause[RunTallyClock]

    appoint_judge: ChallengeAction[AppointJudge]
    decline_seat: ChallengeAction[DeclineSeat]
    void_challenge: ChallengeAction[VoidChallenge]
    give_score: Callable[[GiveScore, Command], Awaitable[Stored[Scorecard]]]
    find_assignments: Callable[[FindAssignments, Caller], Awaitable[tuple[Assigned, ...]]]
    find_submission: Callable[[FindSubmission, Caller], Awaitable[BlindSubmission]]
    find_ranking: Callable[[FindRanking, Caller], Awaitable[Sheet]]


@dataclass(frozen=True, kw_only=True)
class Entrants:
    """What owners of data and entrants can ask, and what is copied for them: one field per use case."""

    copy_client: Callable[[CopyClient, Cause], Awaitable[Stored[ClientCopy]]]
    copy_expert: Callable[[CopyExpert, Cause], Awaitable[Stored[ExpertCopy]]]
    suspend_expert: Callable[[SuspendExpert, Cause], Awaitable[Stored[ExpertCopy]]]

    admit_dataset: Callable[[AdmitDataset, Caller], Awaitable[Admitted]]
    register_dataset: Callable[[RegisterDataset, Command], Awaitable[Stored[Dataset]]]
    download_dataset: Callable[[DownloadDataset, Command], Awaitable[str]]
    list_downloads: Callable[[ListDownloads, Caller], Awaitable[tuple[Download, ...]]]
    revoke_grant: Callable[[RevokeGrant, Command], Awaitable[Stored[Entry]]]

    enter_challenge: Callable[[EnterChallenge, Command], Awaitable[Stored[Entry]]]
    admit_file: Callable[[AdmitFile, Caller], Awaitable[Admitted]]
    submit_entry: Callable[[SubmitEntry, Command], Awaitable[Stored[Entry]]]
    open_submission: Callable[[OpenSubmission, Command], Awaitable[OpenedSubmission]]


@dataclass(frozen=True, kw_only=True)
class App:
    """One field per use case; those of open calls are two tables of their own."""

    challenges: Challenges
    entrants: Entrants

    open_work_order: Fact[OpenWorkOrder]
    note_cancel_wish: Fact[NoteCancelWish]
    run_work_order_clock: Fact[RunWorkOrderClock]

    submit_milestone: Action[SubmitMilestone]
    return_milestone: Action[ReturnMilestone]
    accept_milestone: Action[AcceptMilestone]

    admit_deliverable: Callable[[AdmitDeliverable, Caller], Awaitable[Admitted]]
    find_deliverable: Callable[[FindDeliverable, Caller], Awaitable[str]]
    remove_unreferenced_content: Callable[[datetime], Awaitable[int]]
