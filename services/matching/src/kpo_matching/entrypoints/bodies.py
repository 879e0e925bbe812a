"""What matching's requests and answers about vendors, experts and skills are made of."""

from collections.abc import Hashable, Sequence
from typing import Annotated, TypeVar
from uuid import UUID

from pydantic import AfterValidator, Field

from kpo_chassis.http import MoneyBody, RequestBody, ResponseBody
from kpo_chassis.kernel import Caller, Stored
from kpo_chassis.money import Money
from kpo_events.money import minor_digits
from kpo_events.payload import ITEMS_MAX
from kpo_matching.domain.abilities import SKILL_LEVEL_MAX, Cefr, LanguageLevel, PracticeArea, SkillLevel
from kpo_matching.domain.expert import Expert, ExpertProfile, ExpertStatus
from kpo_matching.domain.references import Skill
from kpo_matching.domain.vendor import Vendor, VendorProfile, VendorStatus

TEXT_CHARS_MAX = 500
NAME_CHARS_MAX = 200
CODE_CHARS_MAX = 64
WEEKLY_HOURS_MAX = 80

SAMPLE_SKILL = "http://data.europa.eu/esco/skill/ccd0a1d9-afda-43d9-b901-96344886e14d"

T = TypeVar("T", bound=Hashable)


def _each_once(values: tuple[T, ...]) -> tuple[T, ...]:
    if len(set(values)) < len(values):
        raise ValueError("name each one once")
    return values


def _known_currency(code: str) -> str:
    minor_digits(code)
    return code


def _above_nothing(rate: MoneyBody) -> MoneyBody:
    if rate.minor <= 0:
        raise ValueError("ask for more than nothing")
    return rate


Text = Annotated[str, Field(min_length=1, max_length=TEXT_CHARS_MAX)]
Name = Annotated[str, Field(min_length=1, max_length=NAME_CHARS_MAX)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2.", examples=["PT"])]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$"), AfterValidator(_known_currency)]
Jurisdiction = Annotated[str, Field(pattern=r"^[A-Z]{2}$", examples=["PT"])]
Organisations = Annotated[tuple[UUID, ...], Field(max_length=ITEMS_MAX)]


class SuspendBody(RequestBody):
    """Why there is no new work any more."""

    reason: Annotated[Text, Field(examples=["Retired."])]


# Vendors --------------------------------------------------------------------------------------------------


class UpdateVendorBody(RequestBody):
    """A vendor as it is now, whole."""

    name: Annotated[Name, Field(examples=["Lumen Labs"])]
    country: Country
    currencies: Annotated[
        tuple[Currency, ...],
        Field(min_length=1, max_length=ITEMS_MAX, description="It is matched for budgets in these only."),
        AfterValidator(_each_once),
    ]

    @property
    def profile(self) -> VendorProfile:
        return VendorProfile(self.name, self.country, self.currencies)


class OnboardVendorBody(UpdateVendorBody):
    """A new vendor."""

    vendor_id: Annotated[UUID, Field(description="The organisation's tenant id; it is the vendor's id.")]


class VendorBody(ResponseBody):
    """An organisation that offers experts."""

    id: UUID
    name: str
    country: str
    currencies: tuple[str, ...]
    state: VendorStatus
    suspended_for: str | None = Field(description="Why it gets no new work.")


def vendor_body(stored: Stored[Vendor], _: Caller) -> VendorBody:
    vendor = stored.state
    return VendorBody(
        id=vendor.id,
        name=vendor.profile.name,
        country=vendor.profile.country,
        currencies=vendor.profile.currencies,
        state=vendor.status,
        suspended_for=vendor.suspended_for,
    )


# Experts --------------------------------------------------------------------------------------------------


class SkillLevelBody(RequestBody):
    """An ESCO skill at a level."""

    skill: Annotated[
        str, Field(max_length=TEXT_CHARS_MAX, description="As in GET /v1/skills.", examples=[SAMPLE_SKILL])
    ]
    level: Annotated[int, Field(ge=1, le=SKILL_LEVEL_MAX)]


class LanguageLevelBody(RequestBody):
    """A language at a CEFR level."""

    language: Annotated[str, Field(pattern=r"^[a-z]{2}$", description="ISO 639-1.", examples=["en"])]
    level: Cefr


def _skills_once(skills: Sequence[SkillLevelBody]) -> Sequence[SkillLevelBody]:
    _each_once(tuple(each.skill for each in skills))
    return skills


def _languages_once(languages: Sequence[LanguageLevelBody]) -> Sequence[LanguageLevelBody]:
    _each_once(tuple(each.language for each in languages))
    return languages


class UpdateExpertBody(RequestBody):
    """An expert's profile as it is now, whole."""

    name: Annotated[Name, Field(examples=["Ana Sample"])]
    country: Country
    jurisdictions: Annotated[
        tuple[Jurisdiction, ...],
        Field(
            max_length=ITEMS_MAX, description="Where the expert may work: countries, or EU for all members."
        ),
        AfterValidator(_each_once),
    ] = ()
    time_zone: Annotated[
        str, Field(max_length=CODE_CHARS_MAX, description="IANA.", examples=["Europe/Lisbon"])
    ]
    weekly_hours: Annotated[int, Field(ge=1, le=WEEKLY_HOURS_MAX, description="For all matches together.")]
    day_rate: Annotated[MoneyBody, AfterValidator(_above_nothing)]
    practice_areas: Annotated[
        tuple[PracticeArea, ...],
        Field(min_length=1, max_length=len(PracticeArea)),
        AfterValidator(_each_once),
    ]
    skills: Annotated[tuple[SkillLevelBody, ...], Field(max_length=ITEMS_MAX), AfterValidator(_skills_once)]
    languages: Annotated[
        tuple[LanguageLevelBody, ...],
        Field(min_length=1, max_length=ITEMS_MAX),
        AfterValidator(_languages_once),
    ]
    employers: Annotated[
        Organisations, Field(description="Client organisations that employ or employed the expert.")
    ] = ()
    relations: Annotated[
        Organisations, Field(description="Client organisations that the expert is close to.")
    ] = ()

    @property
    def profile(self) -> ExpertProfile:
        return ExpertProfile(
            name=self.name,
            country=self.country,
            jurisdictions=self.jurisdictions,
            time_zone=self.time_zone,
            weekly_hours=self.weekly_hours,
            day_rate=Money(self.day_rate.minor, self.day_rate.currency),
            practice_areas=self.practice_areas,
            skills=tuple(SkillLevel(each.skill, each.level) for each in self.skills),
            languages=tuple(LanguageLevel(each.language, each.level) for each in self.languages),
            employers=self.employers,
            relations=self.relations,
        )


class RegisterExpertBody(UpdateExpertBody):
    """A new expert of a vendor."""

    vendor_id: Annotated[UUID, Field(description="The vendor that offers the expert.")]
    person_id: Annotated[UUID, Field(description="Who the expert is: the sub of their own tokens.")]


class ReservationBody(ResponseBody):
    """Hours of every week that a match holds."""

    match_id: UUID
    hours: int
    is_contracted: bool = Field(description="Whether the offer was accepted.")


class TrackRecordBody(ResponseBody):
    """How the work orders of one practice area ended, and what challenges brought."""

    practice_area: PracticeArea
    completed: int
    cancelled: int
    awarded: int = Field(description="Challenges that gave at least one award.")


class ExpertBody(ResponseBody):
    """A person whom a vendor offers."""

    id: UUID
    person_id: UUID
    vendor_id: UUID
    name: str
    country: str
    jurisdictions: tuple[str, ...]
    time_zone: str
    weekly_hours: int
    free_hours: int = Field(description="What no offer and no contract holds.")
    day_rate: MoneyBody
    practice_areas: tuple[PracticeArea, ...]
    skills: tuple[SkillLevelBody, ...]
    languages: tuple[LanguageLevelBody, ...]
    employers: tuple[UUID, ...]
    relations: tuple[UUID, ...]
    reservations: tuple[ReservationBody, ...]
    track_records: tuple[TrackRecordBody, ...]
    panels: tuple[UUID, ...] = Field(description="Panels of running challenges that may call on the expert.")
    state: ExpertStatus
    suspended_for: str | None = Field(description="Why there is no new work.")


def expert_body(stored: Stored[Expert], _: Caller) -> ExpertBody:
    expert, profile = stored.state, stored.state.profile
    return ExpertBody(
        id=expert.id,
        person_id=expert.person_id,
        vendor_id=expert.vendor_id,
        name=profile.name,
        country=profile.country,
        jurisdictions=profile.jurisdictions,
        time_zone=profile.time_zone,
        weekly_hours=profile.weekly_hours,
        free_hours=expert.free_hours,
        day_rate=money_body(profile.day_rate),
        practice_areas=profile.practice_areas,
        skills=skill_bodies(profile.skills),
        languages=language_bodies(profile.languages),
        employers=profile.employers,
        relations=profile.relations,
        reservations=tuple(
            ReservationBody(match_id=held.match_id, hours=held.hours, is_contracted=held.contracted)
            for held in expert.reservations
        ),
        track_records=tuple(
            TrackRecordBody(
                practice_area=each.practice_area,
                completed=each.completed,
                cancelled=each.cancelled,
                awarded=each.awarded,
            )
            for each in expert.track_records
        ),
        panels=expert.panels,
        state=expert.status,
        suspended_for=expert.suspended_for,
    )


def money_body(amount: Money) -> MoneyBody:
    return MoneyBody.of(amount.minor, amount.currency)


def skill_bodies(skills: tuple[SkillLevel, ...]) -> tuple[SkillLevelBody, ...]:
    return tuple(SkillLevelBody(skill=each.skill, level=each.level) for each in skills)


def language_bodies(languages: tuple[LanguageLevel, ...]) -> tuple[LanguageLevelBody, ...]:
    return tuple(LanguageLevelBody(language=each.language, level=each.level) for each in languages)


# Skills ---------------------------------------------------------------------------------------------------


class SkillBody(ResponseBody):
    """An ESCO skill that profiles and engagements may name."""

    id: str = Field(description="The skill's URI.", examples=[SAMPLE_SKILL])
    label: str = Field(
        description="Its preferred label in English.", examples=["Python (computer programming)"]
    )
    practice_areas: tuple[PracticeArea, ...]


def skill_body(skill: Skill) -> SkillBody:
    return SkillBody(id=skill.id, label=skill.label, practice_areas=tuple(sorted(skill.practice_areas)))
