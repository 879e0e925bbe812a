"""The table of contents: everything that intake can be asked to do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Caller, Command, Occurrence, Stored
from kpo_intake.domain.client import Client
from kpo_intake.domain.engagement import Engagement
from kpo_intake.domain.timeline import TimelineRow
from kpo_intake.use_cases.cancel_engagement import CancelEngagement
from kpo_intake.use_cases.close_engagement import CloseEngagement
from kpo_intake.use_cases.list_timeline import ListTimeline
from kpo_intake.use_cases.record_event import RecordEvent
from kpo_intake.use_cases.register_client import RegisterClient
from kpo_intake.use_cases.resume_engagement import ResumeEngagement
from kpo_intake.use_cases.show_engagement import EngagementView
from kpo_intake.use_cases.submit_engagement import SubmitEngagement


@dataclass(frozen=True, kw_only=True)
class App:
    """One field per use case, its dependencies bound."""

    register_client: Callable[[RegisterClient, Command], Awaitable[Stored[Client]]]

    submit_engagement: Callable[[SubmitEngagement, Command], Awaitable[Stored[Engagement]]]
    cancel_engagement: Callable[[CancelEngagement, Command], Awaitable[Stored[Engagement]]]
    resume_engagement: Callable[[ResumeEngagement, Occurrence], Awaitable[Stored[Engagement]]]
    close_engagement: Callable[[CloseEngagement, Occurrence], Awaitable[Stored[Engagement]]]
    show_engagement: Callable[[UUID, Caller], Awaitable[EngagementView]]

    record_event: Callable[[RecordEvent, Occurrence], Awaitable[None]]
    list_timeline: Callable[[ListTimeline, Caller], Awaitable[tuple[TimelineRow, ...]]]
    find_stranded: Callable[[datetime], Awaitable[tuple[TimelineRow, ...]]]
