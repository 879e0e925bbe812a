"""A short run of people and faults on a system of its own; `make chaos` has longer ones, with other seeds."""

import sys
from pathlib import Path

import pytest

from kpo_cli.stack.options import SERVICES

from .damage import kills
from .run import WORKERS, Plan, run

pytestmark = [pytest.mark.real, pytest.mark.trial, pytest.mark.timeout(900)]

SEED = 1
SECONDS = 60.0
SECONDS_ON_CLUSTERS = 20.0


def test_every_promise_holds_while_processes_commits_and_records_suffer(tmp_path: Path) -> None:
    verdict = run(Plan(SEED, SECONDS), tmp_path)

    sys.stdout.write(verdict.text())
    assert verdict.held, verdict.text()
    assert kills(verdict.history)
    assert verdict.history.peeks, "nobody got so far as to submit to an open call"
    assert len(verdict.history.looks("status")) == WORKERS * len(SERVICES)


def test_every_promise_holds_on_three_kafkas_and_three_mongods(tmp_path: Path) -> None:
    verdict = run(Plan(SEED, SECONDS_ON_CLUSTERS, clusters=True), tmp_path)

    sys.stdout.write(verdict.text())
    assert verdict.held, verdict.text()
    assert kills(verdict.history)
