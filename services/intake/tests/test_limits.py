"""How a refused duration is told, in the form in which it must be written."""

from datetime import timedelta

import pytest

from kpo_intake.domain.errors import DurationOutOfRangeError

from .factories import DAY, HOUR, LIMITS


@pytest.mark.parametrize(
    ("duration", "told"),
    [
        (1000 * DAY, "P1000D"),
        (timedelta(0), "PT0S"),
        (DAY + 2 * HOUR + timedelta(minutes=3, seconds=4), "P1DT2H3M4S"),
        (2 * HOUR + timedelta(milliseconds=500), "PT2H0.5S"),
        (-DAY, "-P1D"),
    ],
)
def test_a_refused_duration_is_told_in_iso_8601(duration: timedelta, told: str) -> None:
    with pytest.raises(DurationOutOfRangeError) as refused:
        LIMITS.check_duration(duration, DAY, "/open_for")

    assert refused.value.detail == f"Write whole seconds, from PT1H to P1D; this is {told}."


def test_the_longest_duration_is_told_in_days() -> None:
    with pytest.raises(DurationOutOfRangeError, match="to P730D;"):
        LIMITS.check_duration(1000 * DAY, 730 * DAY, "/open_for")
