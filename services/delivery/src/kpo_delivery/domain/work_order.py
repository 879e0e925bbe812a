"""The work order: an accepted contract on its way to its end, milestone by milestone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID, uuid5

from kpo_chassis.kernel import Decision, Task, TenantId
from kpo_delivery.domain.errors import (
    CancelWishedError,
    MilestoneStateError,
    MilestoneUnknownError,
    MisplacedFactError,
    NotYourWorkOrderError,
    ReturnsExhaustedError,
    WorkOrderEndedError,
)
from kpo_delivery.domain.milestone import (
    REMINDERS_MAX,
    AcceptedBy,
    Deliverable,
    Milestone,
    Plan,
    Planned,
    Policy,
    Returned,
    Review,
    Submitted,
)
from kpo_delivery.domain.work_order_facts import (
    DeliveryOverdue,
    MilestoneAccepted,
    MilestoneReturned,
    MilestoneSubmitted,
    Party,
    ReviewReminded,
    Standing,
    Terms,
    WaitingOn,
    WorkOrderCancelled,
    WorkOrderCompleted,
    WorkOrderFact,
    WorkOrderOpened,
)

ROLE = "workorder"
"""Derives a work order's id from its engagement's, so that a repeated event cannot make a second one."""

OVERDUE = "The delivery stayed overdue for too long."


class WorkOrderStatus(StrEnum):
    """`expected`: only a cancel wish is known; nobody sees it yet."""

    EXPECTED = "expected"
    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class CancelWish:
    """A wish to cancel, remembered until nothing is in hand any more."""

    reason: str


@dataclass(frozen=True, slots=True)
class _Wait:
    """A milestone that somebody must do something about."""

    number: int
    party: Party
    until: datetime | None


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """Holds the engagement from the accepted offer to the last milestone, or to its cancellation.

    Terms and milestones are there from the opening on.
    """

    id: UUID
    engagement_id: UUID
    status: WorkOrderStatus = WorkOrderStatus.EXPECTED
    terms: Terms | None = None
    milestones: tuple[Milestone, ...] = ()
    wish: CancelWish | None = None
    opened_at: datetime | None = None
    ended_at: datetime | None = None

    @classmethod
    def expect(cls, engagement_id: UUID) -> "WorkOrder":
        """Begin before anything is known but that there may be a work order."""
        return cls(cls.id_of(engagement_id), engagement_id)

    @staticmethod
    def id_of(engagement_id: UUID) -> UUID:
        return uuid5(engagement_id, ROLE)

    # What others may know of it ---------------------------------------------------------------------------

    @property
    def parties(self) -> frozenset[TenantId]:
        return frozenset() if self.terms is None else frozenset({self.terms.client, self.terms.vendor})

    @property
    def due_at(self) -> datetime | None:
        """The earliest next step of any milestone's clock."""
        return min((at for at, _ in self._clocks()), default=None)

    @property
    def tasks(self) -> tuple[Task, ...]:
        return tuple(self._task(wait) for wait in self._waits())

    @property
    def waiting_on(self) -> WaitingOn | None:
        """Who must act first, of all that must act."""
        waits = sorted(self._waits(), key=_urgency)
        return WaitingOn(waits[0].party, waits[0].until) if waits else None

    def holds(self, deliverable_id: UUID) -> bool:
        """Say whether a deliverable was ever submitted."""
        submissions = (s for milestone in self.milestones for s in milestone.submissions)
        return any(d.id == deliverable_id for submission in submissions for d in submission.deliverables)

    def may_read(self, deliverable_id: UUID, tenant: TenantId) -> bool:
        """Say whether a tenant may read bytes: before their submission they are the vendor's own."""
        return tenant == self.contract.vendor or self.holds(deliverable_id)

    # Who may act ------------------------------------------------------------------------------------------

    def expect_vendor(self, by: TenantId) -> None:
        if by != self.contract.vendor:
            raise NotYourWorkOrderError(f"Your organisation delivers no work order {self.id}.")

    def expect_client(self, by: TenantId) -> None:
        if by != self.contract.client:
            raise NotYourWorkOrderError(f"Your organisation reviews no work order {self.id}.")

    def expect_open(self) -> None:
        if self.status is not WorkOrderStatus.OPEN:
            raise WorkOrderEndedError(f"The work order is {self.status}; nothing more can be done in it.")

    # Rows of the fact table -------------------------------------------------------------------------------

    def open(self, terms: Terms, plans: tuple[Plan, ...], now: datetime) -> "WorkOrderDecision":
        """Begin the work; a wish that came first is answered in the same breath."""
        if self.status is not WorkOrderStatus.EXPECTED:
            raise MisplacedFactError(f"work order {self.id} is {self.status} and cannot be opened again")
        opened = replace(
            self,
            status=WorkOrderStatus.OPEN,
            terms=terms,
            milestones=tuple(Milestone.opened(plan, now) for plan in plans),
            opened_at=now,
        )
        after = opened.concluded(now)
        return Decision(after, (WorkOrderOpened(after.standing, plans), *after.ending()))

    def wish_cancelled(self, reason: str, now: datetime) -> "WorkOrderDecision":
        """Take the client's wish: at once where nothing is in hand, else as soon as nothing is."""
        match self.status:
            case WorkOrderStatus.EXPECTED:
                return Decision(self.wishing(reason))
            case WorkOrderStatus.OPEN:
                after = self.wishing(reason).concluded(now)
                return Decision(after, after.ending())
            case WorkOrderStatus.COMPLETED | WorkOrderStatus.CANCELLED:
                return Decision(self)

    def submit(
        self, number: int, deliverables: tuple[Deliverable, ...], now: datetime, policy: Policy
    ) -> "WorkOrderDecision":
        """Deliver a milestone; its review begins."""
        milestone = self._open_milestone(number)
        match milestone.progress:
            case Planned() if self.wish is not None:
                raise CancelWishedError(
                    f"The client wishes to cancel, so milestone {number} cannot be begun any more."
                )
            case Planned() | Returned():
                review_within = self.contract.review_within
                after = self._with(milestone.submitted(deliverables, review_within, now))
                review_by = now + review_within
                return Decision(after, (MilestoneSubmitted(after.standing, number, deliverables, review_by),))
            case _:
                raise _not_now(milestone, "submitted", milestone.allowed_by(policy))

    def return_milestone(
        self, number: int, reason: str, now: datetime, policy: Policy
    ) -> "WorkOrderDecision":
        """Ask for rework, with a reason."""
        milestone = self._open_milestone(number)
        if not isinstance(milestone.progress, Submitted):
            raise _not_now(milestone, "returned", milestone.allowed)
        if not milestone.may_go_back(policy):
            raise ReturnsExhaustedError(
                f"Milestone {number} was returned {milestone.returns} times, which is the limit; accept it.",
                allowed=("accept",),
            )
        again = milestone.returned(reason, self.contract.rework_within, now)
        after = self._with(again)
        fact = MilestoneReturned(after.standing, number, reason, again.returns, again.due.at)
        return Decision(after, (fact,))

    def accept(self, number: int, now: datetime) -> "WorkOrderDecision":
        """Accept a milestone; the last one completes the work order."""
        milestone = self._open_milestone(number)
        if not isinstance(milestone.progress, Submitted):
            raise _not_now(milestone, "accepted", milestone.allowed)
        return self._accept(milestone, AcceptedBy.CLIENT, now)

    def run_clock(self, now: datetime, policy: Policy) -> "WorkOrderDecision":
        """Take the earliest step that is past, one at a time; the next runs from when this one happened."""
        past = [(at, milestone) for at, milestone in self._clocks() if at <= now]
        if not past:
            return Decision(self)
        _, milestone = min(past, key=lambda step: (step[0], step[1].number))
        match milestone.progress:
            case Submitted(review=review) if review.reminders < REMINDERS_MAX:
                return self._remind(milestone, review, now)
            case Submitted():
                return self._accept(milestone, AcceptedBy.CLOCK, now)
            case _ if milestone.due.gives_up_at is None:
                return self._announce_delay(milestone, now, policy)
            case _:
                return self._give_up(milestone, now)

    # Steps of the clock -----------------------------------------------------------------------------------

    def _remind(self, milestone: Milestone, review: Review, now: datetime) -> "WorkOrderDecision":
        after = self._with(milestone.reminded(review, now))
        return Decision(after, (ReviewReminded(after.standing, milestone.number, review.reminders + 1),))

    def _accept(self, milestone: Milestone, by: AcceptedBy, now: datetime) -> "WorkOrderDecision":
        after = self._with(milestone.accepted(by, now)).concluded(now)
        fact = MilestoneAccepted(after.standing, milestone.number, milestone.plan.amount, by)
        return Decision(after, (fact, *after.ending()))

    def _announce_delay(self, milestone: Milestone, now: datetime, policy: Policy) -> "WorkOrderDecision":
        after = self._with(milestone.overdue(now + policy.give_up_after)).concluded(now)
        return Decision(after, (DeliveryOverdue(after.standing, milestone.number), *after.ending()))

    def _give_up(self, milestone: Milestone, now: datetime) -> "WorkOrderDecision":
        """Wish in the client's place: cancelled at once, or as soon as nothing is in hand."""
        after = self._with(milestone.given_up()).wishing(OVERDUE).concluded(now)
        return Decision(after, after.ending())

    # How it ends ------------------------------------------------------------------------------------------

    def concluded(self, now: datetime) -> "WorkOrder":
        """End an open work order where everything is accepted, or a wish meets nothing in hand."""
        if all(milestone.is_accepted for milestone in self.milestones):
            return replace(self, status=WorkOrderStatus.COMPLETED, ended_at=now)
        if self.wish is not None and not any(milestone.is_in_hand(now) for milestone in self.milestones):
            return replace(self, status=WorkOrderStatus.CANCELLED, ended_at=now)
        return self

    def ending(self) -> tuple[WorkOrderFact, ...]:
        """Announce the end that `concluded` has just made, if it has made one."""
        match self.status:
            case WorkOrderStatus.COMPLETED:
                return (WorkOrderCompleted(self.standing),)
            case WorkOrderStatus.CANCELLED:
                assert self.wish is not None
                return (WorkOrderCancelled(self.standing, self.wish.reason),)
            case WorkOrderStatus.EXPECTED | WorkOrderStatus.OPEN:
                return ()

    # Its parts --------------------------------------------------------------------------------------------

    @property
    def standing(self) -> Standing:
        return Standing(self.id, self.engagement_id, self.contract, self.waiting_on)

    @property
    def contract(self) -> Terms:
        assert self.terms is not None, "only an opened work order has terms"
        return self.terms

    def wishing(self, reason: str) -> "WorkOrder":
        """Remember a wish; the first one counts."""
        return self if self.wish is not None else replace(self, wish=CancelWish(reason))

    def _open_milestone(self, number: int) -> Milestone:
        self.expect_open()
        for milestone in self.milestones:
            if milestone.number == number:
                return milestone
        raise MilestoneUnknownError(f"The work order has no milestone {number}.")

    def _with(self, changed: Milestone) -> "WorkOrder":
        milestones = tuple(changed if each.number == changed.number else each for each in self.milestones)
        return replace(self, milestones=milestones)

    def _clocks(self) -> Iterator[tuple[datetime, Milestone]]:
        """Give every clock that runs, with its milestone."""
        if self.status is not WorkOrderStatus.OPEN:
            return
        for milestone in self.milestones:
            if (at := milestone.next_step_at) is not None:
                yield at, milestone

    def _waits(self) -> Iterator[_Wait]:
        """Give every milestone that somebody must act on: with a wish, only what is begun is finished."""
        if self.status is not WorkOrderStatus.OPEN:
            return
        for milestone in self.milestones:
            match milestone.progress:
                case Submitted(review=review):
                    yield _Wait(milestone.number, Party.CLIENT, review.ends_at)
                case Planned() if self.wish is None:
                    yield _Wait(milestone.number, Party.VENDOR, milestone.due.next_step_at)
                case Returned():
                    yield _Wait(milestone.number, Party.VENDOR, milestone.due.next_step_at)
                case _:
                    continue

    def _task(self, wait: _Wait) -> Task:
        path = f"/v1/work-orders/{self.id}/milestones/{wait.number}"
        if wait.party is Party.CLIENT:
            return Task(self.contract.client, "accept", f"{path}/accept", wait.until)
        return Task(self.contract.vendor, "submit", f"{path}/submit", wait.until)


WorkOrderDecision: TypeAlias = Decision[WorkOrder, WorkOrderFact]


def _urgency(wait: _Wait) -> tuple[bool, float, int]:
    return wait.until is None, wait.until.timestamp() if wait.until else 0.0, wait.number


def _not_now(milestone: Milestone, done: str, allowed: tuple[str, ...]) -> MilestoneStateError:
    return MilestoneStateError(
        f"Milestone {milestone.number} is {milestone.progress.kind} and cannot be {done} now.",
        allowed=allowed,
    )
