"""People who do knowledge work: what they can do, how much they can still carry, and what became of it."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID, uuid5

from kpo_chassis.kernel import Decision, Quiet, TenantId
from kpo_chassis.money import Money
from kpo_matching.domain.abilities import LanguageLevel, PracticeArea, SkillLevel
from kpo_matching.domain.errors import ExpertExistsError, ExpertSuspendedError, VendorSuspendedError
from kpo_matching.domain.vendor import Vendor

JUDGING_MAX = 3
"""How many panels an expert may be proposed for at once: whoever judges everything judges nothing well."""


class ExpertStatus(StrEnum):
    """A suspended expert gets no new work, for good; contracts that hold go on."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class ExpertProfile:
    """What the vendor says of an expert; `employers` and `relations` are client organisations."""

    name: str
    country: str
    jurisdictions: tuple[str, ...]
    time_zone: str
    weekly_hours: int
    day_rate: Money
    practice_areas: tuple[PracticeArea, ...]
    skills: tuple[SkillLevel, ...]
    languages: tuple[LanguageLevel, ...]
    employers: tuple[UUID, ...] = ()
    relations: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Reservation:
    """Hours of every week that a match holds: while its offer is open, then as long as its contract runs."""

    match_id: UUID
    hours: int
    contracted: bool = False


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """How the work orders of one practice area ended, and how many challenges gave an award."""

    practice_area: PracticeArea
    completed: int = 0
    cancelled: int = 0
    awarded: int = 0


class WorkOutcome(StrEnum):
    """How a work order ended."""

    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ExpertRegistered:
    """The person may be matched from now on."""

    expert: "Expert"


@dataclass(frozen=True, slots=True)
class ExpertUpdated:
    """The profile is another one now."""

    expert: "Expert"


@dataclass(frozen=True, slots=True)
class ExpertSuspended:
    """No new work for this person."""

    expert_id: UUID
    vendor_id: UUID
    reason: str


ExpertFact: TypeAlias = ExpertRegistered | ExpertUpdated | ExpertSuspended


@dataclass(frozen=True, slots=True)
class Expert(Quiet):
    """A person whom a vendor offers. One profile per person, so nobody can promise the same hour twice.

    `panels` are those that the person was proposed for and whose challenges have not ended.
    """

    id: UUID
    person_id: UUID
    vendor_id: UUID
    profile: ExpertProfile
    status: ExpertStatus = ExpertStatus.ACTIVE
    suspended_for: str | None = None
    reservations: tuple[Reservation, ...] = ()
    track_records: tuple[TrackRecord, ...] = ()
    panels: tuple[UUID, ...] = ()

    @staticmethod
    def id_of(person_id: UUID) -> UUID:
        return uuid5(person_id, "expert")

    @property
    def parties(self) -> frozenset[TenantId]:
        return frozenset({TenantId(self.vendor_id)})

    @property
    def is_active(self) -> bool:
        return self.status is ExpertStatus.ACTIVE

    @property
    def free_hours(self) -> int:
        """How many hours of a week nobody holds; none when the capacity was lowered below what is held."""
        return max(0, self.profile.weekly_hours - sum(held.hours for held in self.reservations))

    @property
    def may_judge(self) -> bool:
        """Say whether the person has time for one more panel."""
        return self.is_active and len(self.panels) < JUDGING_MAX

    def is_close_to(self, client_id: UUID) -> bool:
        """Say whether the person works for the client, is related to it, or is offered by it."""
        ties = (self.vendor_id, *self.profile.employers, *self.profile.relations)
        return client_id in ties

    def track_record(self, area: PracticeArea) -> TrackRecord:
        return next((r for r in self.track_records if r.practice_area is area), TrackRecord(area))

    def recorded(self, record: TrackRecord) -> "Expert":
        others = tuple(r for r in self.track_records if r.practice_area is not record.practice_area)
        return replace(self, track_records=(*others, record))

    # What its vendor says ---------------------------------------------------------------------------------

    def update(self, profile: ExpertProfile) -> "Decision[Expert, ExpertFact]":
        if profile == self.profile:
            return Decision(self)
        updated = replace(self, profile=profile)
        return Decision(updated, (ExpertUpdated(updated),))

    def suspend(self, reason: str) -> "Decision[Expert, ExpertFact]":
        if not self.is_active:
            raise ExpertSuspendedError("This expert is suspended already.", allowed=("update",))
        suspended = replace(self, status=ExpertStatus.SUSPENDED, suspended_for=reason)
        return Decision(suspended, (ExpertSuspended(self.id, self.vendor_id, reason),))

    # What matches do to it --------------------------------------------------------------------------------

    def reserve(self, match_id: UUID, hours: int) -> "Expert":
        """Hold hours for an open offer; whoever calls has looked at `free_hours` of this very state."""
        assert hours <= self.free_hours, f"expert {self.id} has {self.free_hours} free hours, not {hours}"
        return replace(self, reservations=(*self.reservations, Reservation(match_id, hours)))

    def contract(self, match_id: UUID) -> "Expert":
        """Keep the hours of an accepted offer until the work ends."""
        held = tuple(replace(r, contracted=True) if r.match_id == match_id else r for r in self.reservations)
        return replace(self, reservations=held)

    def release(self, match_id: UUID) -> "Expert":
        """Give the hours of a match back; a match that holds none changes nothing."""
        return replace(self, reservations=tuple(r for r in self.reservations if r.match_id != match_id))

    def finish(self, match_id: UUID, area: PracticeArea, outcome: WorkOutcome) -> "Expert":
        """Give the hours back and remember how the work ended."""
        record = self.track_record(area)
        match outcome:
            case WorkOutcome.COMPLETED:
                record = replace(record, completed=record.completed + 1)
            case WorkOutcome.CANCELLED:
                record = replace(record, cancelled=record.cancelled + 1)
        return self.release(match_id).recorded(record)

    # What challenges do to it -----------------------------------------------------------------------------

    def propose_for(self, panel_id: UUID) -> "Expert":
        """Count a panel; whoever calls has looked at `may_judge` of this very state."""
        assert self.may_judge, f"expert {self.id} has {len(self.panels)} panels already"
        return replace(self, panels=(*self.panels, panel_id))

    def leave_panel(self, panel_id: UUID) -> "Expert":
        """Stop counting a panel; one that was never counted changes nothing."""
        return replace(self, panels=tuple(each for each in self.panels if each != panel_id))

    def win(self, area: PracticeArea) -> "Expert":
        """Remember a challenge that gave this person an award, however many prizes it was."""
        record = self.track_record(area)
        return self.recorded(replace(record, awarded=record.awarded + 1))


def register(
    existing: Expert | None, vendor: Vendor, person_id: UUID, profile: ExpertProfile
) -> Decision[Expert, ExpertFact]:
    if not vendor.is_active:
        raise VendorSuspendedError("This vendor is suspended; it cannot offer new experts.")
    if existing is not None:
        raise ExpertExistsError("This person has an expert profile already.")
    expert = Expert(Expert.id_of(person_id), person_id, vendor.id, profile)
    return Decision(expert, (ExpertRegistered(expert),))
