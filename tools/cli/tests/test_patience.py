"""Whoever waits for something neither asks all the time nor comes much too late."""

from itertools import accumulate, pairwise, takewhile

from kpo_cli.story.patience import LOOK_SECONDS, LOOK_SECONDS_MAX, LOOK_SHARE, pauses


def looks_within(seconds: float) -> list[float]:
    """Give when somebody looks again who waits so long."""
    return list(takewhile(lambda at: at <= seconds, accumulate(pauses())))


def test_the_first_look_comes_soon() -> None:
    assert next(pauses()) == LOOK_SECONDS


def test_nobody_comes_later_than_by_a_share_of_the_wait_or_the_longest_pause() -> None:
    looks = looks_within(60)

    for before, after in pairwise(looks):
        assert after - before <= LOOK_SECONDS + LOOK_SHARE * before + 1e-9
        assert after - before <= LOOK_SECONDS_MAX + 1e-9


def test_a_minute_takes_an_eighth_of_the_looks_that_haste_would_take() -> None:
    assert len(looks_within(60)) < 60 / LOOK_SECONDS / 8
