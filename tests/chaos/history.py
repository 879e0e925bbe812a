"""The history checker: `python -m tests.chaos.history FILE` gives the verdict about a recorded run."""

import argparse
import sys
from pathlib import Path

from .entries import read
from .known import History
from .verdict import Verdict

__all__ = ["History", "Verdict", "check"]


def check(path: Path) -> Verdict:
    """Judge a recorded history; nothing but the file is looked at."""
    return Verdict.about(History.of(read(path)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="a history in JSON lines")
    verdict = check(parser.parse_args().file)
    sys.stdout.write(verdict.text() + "\n")
    sys.exit(0 if verdict.held else 1)


if __name__ == "__main__":
    main()
