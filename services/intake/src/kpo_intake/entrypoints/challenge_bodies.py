"""What a challenge says beside the brief, in requests and answers alike."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field

from kpo_chassis.http import MoneyBody, RequestBody
from kpo_events.intake import CRITERIA_MAX, DATASETS_MAX, INVITATIONS_MAX, JUDGES_MAX, ROUNDS_MAX
from kpo_intake.domain.brief import Mode
from kpo_intake.domain.challenge import PRIZES_MAX, ChallengePlan, Criterion, Dataset, Licence, Round
from kpo_intake.domain.challenge_rules import LICENCE_BYTES_MAX
from kpo_intake.entrypoints.bodies import ITEMS_MAX, CountryCode, Duration, money_body, money_of

NAME_CHARS_MAX = 80
"""Criteria and licence versions are many in one event, so their names are short."""

WEIGHT_MAX = 100

Name = Annotated[str, Field(min_length=1, max_length=NAME_CHARS_MAX)]


class DatasetReferenceBody(RequestBody):
    """Data that you have uploaded to delivery, by id and hash."""

    dataset_id: UUID
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

    @property
    def dataset(self) -> Dataset:
        return Dataset(self.dataset_id, self.sha256)

    @classmethod
    def of(cls, dataset: Dataset) -> Self:
        return cls(dataset_id=dataset.dataset_id, sha256=dataset.sha256)


class LicenceBody(RequestBody):
    """What an entrant accepts before any byte of the data."""

    version: Annotated[Name, Field(examples=["2026-1"])]
    text: Annotated[
        str, Field(min_length=1, max_length=LICENCE_BYTES_MAX, description="At most 8 KiB in UTF-8.")
    ]

    @classmethod
    def of(cls, licence: Licence) -> Self:
        return cls(version=licence.version, text=licence.text)


class CriterionBody(RequestBody):
    """What judges score from 0 to 100, and how much it weighs; ties are broken by the first criterion."""

    name: Annotated[Name, Field(examples=["Geological reasoning"])]
    weight: Annotated[int, Field(ge=1, le=WEIGHT_MAX)]

    @classmethod
    def of(cls, criterion: Criterion) -> Self:
        return cls(name=criterion.name, weight=criterion.weight)


class RoundBody(RequestBody):
    """One round of the panel; rounds are numbered 1, 2, 3 as they come."""

    picks: Annotated[
        int,
        Field(ge=1, le=PRIZES_MAX, description="How many go on; fewer in each round than in the one before."),
    ]
    prizes: Annotated[
        tuple[MoneyBody, ...],
        Field(max_length=PRIZES_MAX, description="By rank, the fee inside; at most as many as it picks."),
    ] = ()
    judge_within: Annotated[Duration, Field(examples=["P14D"])]

    def numbered(self, number: int) -> Round:
        return Round(number, self.picks, tuple(map(money_of, self.prizes)), self.judge_within)

    @classmethod
    def of(cls, each: Round) -> Self:
        return cls(
            picks=each.picks, prizes=tuple(map(money_body, each.prizes)), judge_within=each.judge_within
        )


class ChallengeTerms(BaseModel):
    """How an open call runs: the brief is its question, the budget its purse."""

    mode: Literal[Mode.CHALLENGE]
    open_for: Annotated[Duration, Field(description="From the funding on.", examples=["P60D"])]
    datasets: Annotated[tuple[DatasetReferenceBody, ...], Field(max_length=DATASETS_MAX)] = ()
    licence: LicenceBody
    criteria: Annotated[tuple[CriterionBody, ...], Field(min_length=1, max_length=CRITERIA_MAX)]
    rounds: Annotated[
        tuple[RoundBody, ...],
        Field(min_length=1, max_length=ROUNDS_MAX, description="Their prizes never exceed the budget."),
    ]
    judges: Annotated[int, Field(ge=1, le=JUDGES_MAX, description="The seats of the panel.", examples=[5])]
    invitations: Annotated[
        int, Field(ge=0, le=INVITATIONS_MAX, description="How many experts hear of it; anyone may enter.")
    ] = 0
    excluded_countries: Annotated[
        tuple[CountryCode, ...],
        Field(max_length=ITEMS_MAX, description="ISO 3166-1 countries whose residents may not enter."),
    ] = ()

    def to_plan(self) -> ChallengePlan:
        return ChallengePlan(
            open_for=self.open_for,
            datasets=tuple(each.dataset for each in self.datasets),
            licence=Licence(self.licence.version, self.licence.text),
            criteria=tuple(Criterion(each.name, each.weight) for each in self.criteria),
            rounds=tuple(each.numbered(number) for number, each in enumerate(self.rounds, start=1)),
            judges=self.judges,
            invitations=self.invitations,
            excluded_countries=self.excluded_countries,
        )

    @classmethod
    def of(cls, plan: ChallengePlan) -> Self:
        return cls(
            mode=Mode.CHALLENGE,
            open_for=plan.open_for,
            datasets=tuple(map(DatasetReferenceBody.of, plan.datasets)),
            licence=LicenceBody.of(plan.licence),
            criteria=tuple(map(CriterionBody.of, plan.criteria)),
            rounds=tuple(map(RoundBody.of, plan.rounds)),
            judges=plan.judges,
            invitations=plan.invitations,
            excluded_countries=plan.excluded_countries,
        )
