"""What all rules about briefs measure with, and the checks that both ways of handing out work share."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from kpo_chassis.money import Money
from kpo_intake.domain.errors import (
    AmountNotPositiveError,
    CountryUnknownError,
    CurrencyDiffersError,
    DurationOutOfRangeError,
    NameRepeatedError,
    TextTooLongError,
)

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """The shortest duration, the published lists, and how money is written."""

    duration_min: timedelta
    skills: frozenset[str]
    languages: frozenset[str]
    countries: frozenset[str]
    time_zones: frozenset[str]
    written: Callable[[Money], str]

    def check_duration(self, duration: timedelta, longest: timedelta, pointer: str) -> None:
        """Refuse a step that is too short, too long, or not of whole seconds."""
        if not self.duration_min <= duration <= longest or duration % SECOND:
            raise DurationOutOfRangeError(
                f"Write whole seconds, from {iso_8601(self.duration_min)} to {iso_8601(longest)}; "
                f"this is {iso_8601(duration)}.",
                pointer=pointer,
            )

    def check_countries(
        self, codes: Iterable[str], pointer: str, *, unions: frozenset[str] = frozenset()
    ) -> None:
        """Refuse a code that names no country, nor one of the unions that will do as well."""
        for position, code in enumerate(codes):
            if code not in self.countries | unions:
                others = "".join(f", or {union}" for union in sorted(unions))
                raise CountryUnknownError(
                    f"'{code}' is no country of ISO 3166-1; name one such as DE{others}.",
                    pointer=f"{pointer}/{position}",
                )


def iso_8601(duration: timedelta) -> str:
    """Write a duration as requests do: P14D, PT36M, P1DT2H."""
    length = abs(duration)
    minutes, seconds = divmod(length.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{length.microseconds:06}".rstrip("0") if length.microseconds else ""
    days = f"{length.days}D" if length.days else ""
    time = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    time += f"{seconds}{fraction}S" if seconds or fraction or not days + time else ""
    return ("-" if duration < timedelta() else "") + "P" + days + ("T" + time if time else "")


def check_size(text: str, bytes_max: int, pointer: str) -> None:
    """Refuse a text that does not fit into the event that carries it: bytes count, not characters."""
    size = len(text.encode())
    if size > bytes_max:
        raise TextTooLongError(
            f"This text has {size} bytes in UTF-8, and at most {bytes_max} are allowed; shorten it.",
            pointer=pointer,
        )


def check_named_once(names: Iterable[str], pointer: str) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise NameRepeatedError(f"'{name}' is named {count} times; name it once.", pointer=pointer)


def check_positive(amount: Money, pointer: str) -> None:
    if amount.minor <= 0:
        raise AmountNotPositiveError("Write an amount above zero.", pointer=f"{pointer}/amount")


def check_part(part: Money, whole: Money, name: str, pointer: str) -> None:
    """Refuse a part of the budget that is nothing, or of another currency."""
    check_positive(part, pointer)
    if part.currency != whole.currency:
        raise CurrencyDiffersError(
            f"{name} is in {part.currency} and the budget in {whole.currency}; use one currency.",
            pointer=f"{pointer}/currency",
        )
