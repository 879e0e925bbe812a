"""The history checker: `python -m tests.chaos.history FOLDER` gives the verdict about a recorded run.

It needs the history and nothing else: no server, no service, not the seed. The exit code is 1 where a promise
is broken.
"""

import argparse
import sys
from pathlib import Path
from typing import Final

from .entries import read
from .known import History
from .verdict import Verdict

HISTORY: Final = "history.jsonl"

__all__ = ["History", "Verdict", "check"]


def check(path: Path) -> Verdict:
    """Judge a recorded history, which is a file, or lies in the folder of a run under its usual name."""
    return Verdict.about(History.of(read(path / HISTORY if path.is_dir() else path)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path, help="the folder of a run, or a history in JSON lines")
    verdict = check(parser.parse_args().path)
    sys.stdout.write(verdict.text() + "\n")
    sys.exit(0 if verdict.held else 1)


if __name__ == "__main__":
    main()
