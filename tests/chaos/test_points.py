"""Who is told to die at a point dies there, at once and nowhere else."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .edits import STAND_INS
from .points import POINTS, VARIABLE, Orders

PORT = 4_711
AFTERWARDS = "it lives on"
COMES_TO_A_COMMIT = f"import doom; doom.reached('before a commit'); print({AFTERWARDS!r})"
WAITS_FOR_AN_ANSWER = (
    "import asyncio, doom;"
    f"asyncio.run(doom.reached_a_little_later('before an acknowledgement')); print({AFTERWARDS!r})"
)


@pytest.fixture
def orders(tmp_path: Path) -> Orders:
    return Orders(tmp_path)


def run(orders: Orders, program: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(STAND_INS),
        "KPO_HTTP_PORT": str(PORT),
        VARIABLE: str(orders.folder),
    }
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own command.


@pytest.mark.parametrize(
    ("program", "point"),
    [(COMES_TO_A_COMMIT, "before a commit"), (WAITS_FOR_AN_ANSWER, "before an acknowledgement")],
)
def test_a_process_dies_at_the_point_that_it_was_told(orders: Orders, program: str, point: str) -> None:
    orders.give(PORT, point)

    ended = run(orders, program)

    assert (ended.returncode, ended.stdout) == (-signal.SIGKILL, "")


def test_an_order_is_carried_out_once(orders: Orders) -> None:
    orders.give(PORT, "before a commit")

    run(orders, COMES_TO_A_COMMIT)

    assert run(orders, COMES_TO_A_COMMIT).returncode == 0
    assert not orders.take_back(PORT)


@pytest.mark.parametrize("point", [point for point in POINTS if point != "before a commit"])
def test_a_process_passes_all_other_points(orders: Orders, point: str) -> None:
    orders.give(PORT, point)

    ended = run(orders, COMES_TO_A_COMMIT)

    assert (ended.returncode, ended.stdout.strip()) == (0, AFTERWARDS)


def test_an_order_to_another_process_harms_nobody(orders: Orders) -> None:
    orders.give(PORT + 1, "before a commit")

    assert run(orders, COMES_TO_A_COMMIT).returncode == 0


def test_an_order_that_was_taken_back_harms_nobody(orders: Orders) -> None:
    orders.give(PORT, "before a commit")

    assert orders.take_back(PORT)
    assert run(orders, COMES_TO_A_COMMIT).returncode == 0
