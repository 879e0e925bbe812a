"""Short storms on systems of their own: a flood of requests, and the replacement of every worker."""

import sys
from pathlib import Path

import pytest

from . import overload, rolling

pytestmark = [pytest.mark.real, pytest.mark.trial, pytest.mark.timeout(900)]

FLOOD_SECONDS = 15.0


def test_ten_times_the_load_breaks_no_promise(tmp_path: Path) -> None:
    flood = overload.run(tmp_path, FLOOD_SECONDS, overload.TIMES)

    sys.stdout.write(flood.text())
    assert not flood.complaints()


def test_nothing_is_lost_while_every_worker_is_replaced(tmp_path: Path) -> None:
    rolled = rolling.run(tmp_path)

    sys.stdout.write(rolled.text())
    assert not rolled.complaints()
