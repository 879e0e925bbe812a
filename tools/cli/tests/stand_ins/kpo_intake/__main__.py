"""Stands in for the service of the same name."""

import runpy
from pathlib import Path

if __name__ == "__main__":
    runpy.run_path(str(Path(__file__).parent.with_name("stand_in.py")), run_name="__main__")
