"""What open calls can be found by, beside their state."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator

from kpo_chassis.http import Instant, ListFilters, MoneyBody
from kpo_delivery.domain.challenge_plan import PracticeArea

PURSE_CHARS_MAX = 28


def _purse(text: str) -> MoneyBody:
    """Read `USD:575000.00`; ValueError where it is no amount of that currency."""
    currency, _, amount = text.partition(":")
    return MoneyBody(amount=amount, currency=currency)


def _known_purse(text: str | None) -> str | None:
    if text is not None:
        _purse(text)
    return text


@dataclass(frozen=True)
class ChallengeFilters(ListFilters):
    """The parameters of the list, each of which keeps some."""

    practice_area: Annotated[PracticeArea | None, Query(description="Keep those of this practice area.")] = (
        None
    )
    closes_before: Annotated[
        Instant | None, Query(description="Keep those whose submissions close earlier.")
    ] = None
    purse_min: Annotated[
        str | None,
        AfterValidator(_known_purse),
        Query(
            pattern=r"^[A-Z]{3}:[0-9.]+$",
            max_length=PURSE_CHARS_MAX,
            description="Keep those with at least this purse, in its currency.",
            examples=["USD:100000.00"],
        ),
    ] = None

    @property
    def facets(self) -> Mapping[str, object]:
        wanted: dict[str, object] = {}
        if self.practice_area is not None:
            wanted["practice_area"] = self.practice_area.value
        if self.closes_before is not None:
            wanted["closes_at"] = {"$lt": self.closes_before}
        if self.purse_min is not None:
            purse = _purse(self.purse_min)
            wanted[f"purse.{purse.currency}"] = {"$gte": purse.minor}
        return wanted
