"""Clients, briefs and engagements with readable defaults."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from kpo_chassis.kernel import TenantId
from kpo_chassis.money import Money
from kpo_intake.domain.brief import (
    Brief,
    Cefr,
    Choice,
    LanguageNeed,
    Milestone,
    Mode,
    Needs,
    Overlap,
    PracticeArea,
    Schedule,
    SkillNeed,
)
from kpo_intake.domain.brief_rules import Limits
from kpo_intake.domain.client import Client
from kpo_intake.domain.engagement import Engagement, Filing, Outcome, submit

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

CLIENT_ID = TenantId(UUID("0c000000-0000-4000-8000-000000000001"))
OTHER_CLIENT_ID = TenantId(UUID("0c000000-0000-4000-8000-000000000002"))
ENGAGEMENT_ID = UUID("0e000000-0000-4000-8000-000000000001")
BUDGET = Money(1_250_000, "EUR")
SKILL = "http://data.europa.eu/esco/skill/ccd0a1d9-afda-43d9-b901-96344886e14d"


def written(money: Money) -> str:
    return f"{money.minor / 100:.2f} {money.currency}"


LIMITS = Limits(HOUR, frozenset({"Europe/Berlin"}), written)


def a_client(key: TenantId = CLIENT_ID, *, name: str = "Kanzlei Müller") -> Client:
    return Client(key, name, "DE", "EUR")


def some_needs(
    *,
    required_skills: tuple[SkillNeed, ...] = (SkillNeed(SKILL, 4),),
    languages: tuple[LanguageNeed, ...] = (LanguageNeed("fr", Cefr.C1),),
    time_zone: str = "Europe/Berlin",
) -> Needs:
    overlap = Overlap(time_zone, 4)
    return Needs(required_skills, (), languages, ("DE",), overlap, 30, preferred_expert=None)


def a_milestone(
    number: int = 1, *, minor: int = 1_250_000, currency: str = "EUR", due_within: timedelta = 14 * DAY
) -> Milestone:
    return Milestone(number, f"Part {number}", Money(minor, currency), due_within)


def a_schedule(*, fund_by: datetime = NOW + 7 * DAY, review_within: timedelta = 5 * DAY) -> Schedule:
    return Schedule(fund_by, 3 * DAY, 2 * DAY, review_within, 7 * DAY)


def a_brief(
    *,
    mode: Mode = Mode.ASSIGNMENT,
    text: str = "Make 40,000 scanned judgments searchable.",
    needs: Needs | None = None,
    budget: Money = BUDGET,
    milestones: tuple[Milestone, ...] = (a_milestone(),),
    schedule: Schedule | None = None,
    follows: UUID | None = None,
) -> Brief:
    return Brief(
        title="Search our own judgments",
        practice_area=PracticeArea.SOFTWARE,
        mode=mode,
        text=text,
        needs=needs or some_needs(),
        budget=budget,
        milestones=milestones,
        schedule=schedule or a_schedule(),
        choice=Choice.CLIENT,
        confidential=True,
        follows=follows,
    )


def a_filing(brief: Brief | None = None, *, engagement_id: UUID = ENGAGEMENT_ID) -> Filing:
    return Filing(engagement_id, CLIENT_ID, brief or a_brief())


def an_engagement(*, client_id: TenantId = CLIENT_ID) -> Engagement:
    filed = submit(a_filing(), a_client(), None, LIMITS, NOW).state
    return replace(filed, client_id=client_id)


def cancelling(engagement: Engagement | None = None) -> Engagement:
    return (engagement or an_engagement()).cancel("Our plans changed.").state


def closed(engagement: Engagement | None = None, *, outcome: Outcome = Outcome.COMPLETED) -> Engagement:
    return (engagement or an_engagement()).close(outcome, NOW + 30 * DAY).state
