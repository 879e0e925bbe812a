"""One milestone of a work order: what is owed, its two clocks, and how often it went back."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, TypeAlias
from uuid import UUID

from kpo_chassis.money import Money
from kpo_delivery.domain.errors import DeliverableRepeatedError

REMINDERS_MAX = 2
"""How often the client is reminded of a review before the clock accepts in its place."""

RETURNS_MAX = 3
"""How often the client may send one milestone back, unless the policy says otherwise."""

GIVE_UP_AFTER = timedelta(days=14)
"""How long an overdue delivery is waited for, unless the policy says otherwise."""

MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Policy:
    """What the platform, not the contract, decides about deliveries."""

    returns_max: int = RETURNS_MAX
    give_up_after: timedelta = GIVE_UP_AFTER


@dataclass(frozen=True, slots=True)
class Plan:
    """What the contract says of a milestone; its due time runs from the opening of the work order."""

    number: int
    title: str
    amount: Money
    due_within: timedelta


@dataclass(frozen=True, slots=True)
class Deliverable:
    """Bytes that are stored: `size` in bytes, `sha256` in lower-case hexadecimal."""

    id: UUID
    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Submission:
    """What the vendor delivered at one time; earlier ones are kept beside it."""

    at: datetime
    deliverables: tuple[Deliverable, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """The vendor's clock: first the delay is announced, then nobody waits any longer.

    `gives_up_at` is set when the delay was really announced.
    """

    at: datetime
    gives_up_at: datetime | None = None
    gave_up: bool = False

    @property
    def next_step_at(self) -> datetime | None:
        return None if self.gave_up else self.gives_up_at or self.at


@dataclass(frozen=True, slots=True)
class Review:
    """The client's clock: a reminder after each third of the review time, then the end of it.

    Every step runs from `stepped_at`, when the step before really happened.
    """

    within: timedelta
    stepped_at: datetime
    reminders: int = 0

    @property
    def next_step_at(self) -> datetime:
        return self.stepped_at + self._third if self.reminders < REMINDERS_MAX else self.ends_at

    @property
    def ends_at(self) -> datetime:
        return self.stepped_at + self.within - self.reminders * self._third

    @property
    def _third(self) -> timedelta:
        """Cut to milliseconds, as the database keeps them; the last step takes what is left."""
        return self.within // (REMINDERS_MAX + 1) // MILLISECOND * MILLISECOND


class AcceptedBy(StrEnum):
    """Who accepted: the client, or the clock in its place."""

    CLIENT = "client"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Planned:
    """The vendor works on it."""

    kind: Literal["planned"] = "planned"


@dataclass(frozen=True, slots=True)
class Submitted:
    """The client reviews it."""

    review: Review
    kind: Literal["submitted"] = "submitted"


@dataclass(frozen=True, slots=True)
class Returned:
    """The vendor works on it again, because of `reason`."""

    reason: str
    kind: Literal["returned"] = "returned"


@dataclass(frozen=True, slots=True)
class Accepted:
    """It is done, and paid for."""

    by: AcceptedBy
    at: datetime
    kind: Literal["accepted"] = "accepted"


Progress: TypeAlias = Planned | Submitted | Returned | Accepted


@dataclass(frozen=True, slots=True)
class Milestone:
    """One part of the work; all of them run side by side."""

    plan: Plan
    due: Due
    progress: Progress = field(default_factory=Planned)
    submissions: tuple[Submission, ...] = ()
    returns: int = 0

    @classmethod
    def opened(cls, plan: Plan, now: datetime) -> "Milestone":
        return cls(plan, Due(now + plan.due_within))

    @property
    def number(self) -> int:
        return self.plan.number

    @property
    def is_accepted(self) -> bool:
        return isinstance(self.progress, Accepted)

    @property
    def next_step_at(self) -> datetime | None:
        """When one of its clocks must act next."""
        match self.progress:
            case Submitted(review=review):
                return review.next_step_at
            case Planned() | Returned():
                return self.due.next_step_at
            case Accepted():
                return None

    @property
    def allowed(self) -> tuple[str, ...]:
        """The actions that its state allows."""
        match self.progress:
            case Submitted():
                return ("accept", "return")
            case Planned() | Returned():
                return ("submit",)
            case Accepted():
                return ()

    def may_go_back(self, policy: Policy) -> bool:
        return self.returns < policy.returns_max

    def allowed_by(self, policy: Policy) -> tuple[str, ...]:
        """Name the actions that its state allows, without those that the policy has used up."""
        return self.allowed if self.may_go_back(policy) else tuple(a for a in self.allowed if a != "return")

    def is_in_hand(self, now: datetime) -> bool:
        """Say whether somebody has put work into it that must still be answered."""
        match self.progress:
            case Submitted():
                return True
            case Returned():
                return now < self.due.at
            case Planned() | Accepted():
                return False

    # What happens to it -----------------------------------------------------------------------------------

    def submitted(
        self, deliverables: tuple[Deliverable, ...], review_within: timedelta, now: datetime
    ) -> "Milestone":
        _check_unrepeated(deliverables)
        submissions = (*self.submissions, Submission(now, deliverables))
        return replace(self, progress=Submitted(Review(review_within, now)), submissions=submissions)

    def reminded(self, review: Review, now: datetime) -> "Milestone":
        stepped = replace(review, stepped_at=now, reminders=review.reminders + 1)
        return replace(self, progress=Submitted(stepped))

    def returned(self, reason: str, rework_within: timedelta, now: datetime) -> "Milestone":
        due = Due(max(self.due.at, now + rework_within))
        return replace(self, progress=Returned(reason), due=due, returns=self.returns + 1)

    def accepted(self, by: AcceptedBy, now: datetime) -> "Milestone":
        return replace(self, progress=Accepted(by, now))

    def overdue(self, gives_up_at: datetime) -> "Milestone":
        return replace(self, due=replace(self.due, gives_up_at=gives_up_at))

    def given_up(self) -> "Milestone":
        return replace(self, due=replace(self.due, gave_up=True))


def _check_unrepeated(deliverables: tuple[Deliverable, ...]) -> None:
    ids = [deliverable.id for deliverable in deliverables]
    for position, key in enumerate(ids):
        if key in ids[:position]:
            raise DeliverableRepeatedError(
                f"The deliverable {key} is named twice; name it once.",
                pointer=f"/deliverables/{position}/deliverable_id",
            )
