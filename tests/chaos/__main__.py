"""`python -m tests.chaos`: a run with faults, or with `--mutants` a run per guard that is switched off."""

import argparse
import shutil
import sys
from pathlib import Path

from .faults import EVERY_FAULT
from .mutants import MUTANTS
from .run import SERVERS, Plan, run
from .verdict import Verdict

FOLDER = Path(".kpo") / "chaos"
BEFORE = "-before"
"""What is added to the name of a run's folder when the same run is made again."""


def main() -> None:
    told = _arguments()
    if told.mutants is not None:
        survived = [name for name in told.mutants or MUTANTS if not _is_caught(name, told.seed)]
        sys.exit(f"not caught: {', '.join(survived)}" if survived else 0)
    plan = Plan(told.seed, told.seconds, frozenset(told.faults), clusters=told.clusters)
    verdict = _run(plan, FOLDER / f"seed-{told.seed}")
    sys.exit(0 if verdict.held else 1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long there are new engagements")
    parser.add_argument("--seed", type=int, default=1, help="the same seed draws the same faults")
    parser.add_argument("--faults", nargs="+", default=list(EVERY_FAULT), choices=EVERY_FAULT)
    parser.add_argument("--clusters", action="store_true", help="run three Kafkas and three mongods")
    parser.add_argument(
        "--mutants", nargs="*", choices=MUTANTS, help="switch guards off (all, or these); each must turn red"
    )
    return parser.parse_args()


def _is_caught(name: str, seed: int) -> bool:
    mutant = MUTANTS[name]
    folder = FOLDER / name.replace(" ", "-")
    verdict = _run(Plan(seed, mutant.seconds, mutant.faults, name), folder)
    _say(f"{name}: {'survived, and must not' if verdict.held else 'caught'}\n")
    return not verdict.held


def _run(plan: Plan, folder: Path) -> Verdict:
    keep_the_last(folder)
    verdict = run(plan, folder)
    for data in (folder / SERVERS).glob("*/data"):  # What is left are the history and the logs.
        shutil.rmtree(data, ignore_errors=True)
    _say(verdict.text())
    _say(f"The history is kept; judge it again with `{sys.executable} -m tests.chaos.history {folder}`.")
    return verdict


def keep_the_last(folder: Path) -> None:
    """Put what the run before has left under this name aside, so that a second look at it is possible."""
    before = folder.with_name(f"{folder.name}{BEFORE}")
    if folder.exists():
        shutil.rmtree(before, ignore_errors=True)
        folder.rename(before)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
