"""Invents the data of a mine, always the same: drill holes, a block model and a report, 26 MB in all.

Gold lies in lenses, and assays find it where a hole meets one. Nothing here is of any real mine. Files are
written piece by piece, since entrants and services stream them, too.
"""

import hashlib
import json
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from math import exp
from pathlib import Path
from random import Random
from typing import Final

from kpo_cli.story.documents import a_pdf

SEED: Final = 19_480_401
HOLES: Final = 2_400
ASSAYS_PER_HOLE: Final = 80
ASSAY_METRES: Final = 3
EXTENT_METRES: Final = 4_000
SPREAD_METRES: Final = 220.0

BLOCKS_EAST: Final = 200
BLOCKS_NORTH: Final = 200
BLOCKS_DOWN: Final = 100
BLOCK_METRES: Final = 20

REPORT_BYTES: Final = 4 * 1024 * 1024

LENSES: Final = ((900, 1_200, 14.0), (2_300, 800, 9.0), (3_100, 2_900, 22.0), (1_500, 3_400, 6.0))
"""Easting, northing and richness (grams of gold per tonne at the centre) of what is down there."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """One of the mine's files on disk."""

    name: str
    path: Path
    media_type: str
    size: int
    sha256: str

    @classmethod
    def of(cls, path: Path, media_type: str) -> "DataFile":
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
        return cls(path.name, path, media_type, path.stat().st_size, digest.hexdigest())


def write_all(folder: Path) -> tuple[DataFile, ...]:
    """Write the three files into a folder, which is made if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = Random(SEED)  # noqa: S311 - It invents rock; nothing is kept secret with it.
    holes, model, report = (folder / name for name in ("drill-holes.csv", "block-model.bin", "report.pdf"))
    _write_pieces(holes, _drill_holes(chance))
    _write_pieces(model, _block_model())
    report.write_bytes(a_pdf("Geology of the property", REPORT_BYTES))
    return (
        DataFile.of(holes, "text/csv"),
        DataFile.of(model, "application/octet-stream"),
        DataFile.of(report, "application/pdf"),
    )


def _write_pieces(path: Path, pieces: Iterator[bytes]) -> None:
    with path.open("wb") as file:
        for piece in pieces:
            file.write(piece)


def grade_at(east: float, north: float) -> float:
    """Give the grams of gold per tonne that are expected somewhere; depth changes it by layers only."""
    return sum(
        richness * exp(-((east - e) ** 2 + (north - n) ** 2) / (2 * SPREAD_METRES**2))
        for e, n, richness in LENSES
    )


def _drill_holes(chance: Random) -> Iterator[bytes]:
    yield b"hole,east_m,north_m,from_m,to_m,au_g_t\n"
    for number in range(1, HOLES + 1):
        east, north = chance.randrange(EXTENT_METRES), chance.randrange(EXTENT_METRES)
        expected = grade_at(east, north) + 0.05
        yield "".join(
            f"RL-{number:04},{east},{north},{assay * ASSAY_METRES},{(assay + 1) * ASSAY_METRES},"
            f"{expected * chance.expovariate(1.0):.3f}\n"
            for assay in range(ASSAYS_PER_HOLE)
        ).encode()


def _block_model() -> Iterator[bytes]:
    """Give a line of JSON that describes the grid, then a float32 for each block, layer by layer."""
    shape = {"east": BLOCKS_EAST, "north": BLOCKS_NORTH, "down": BLOCKS_DOWN, "block_m": BLOCK_METRES}
    yield json.dumps(shape).encode() + b"\n"
    surface = array(
        "f",
        (
            grade_at(east * BLOCK_METRES, north * BLOCK_METRES)
            for north in range(BLOCKS_NORTH)
            for east in range(BLOCKS_EAST)
        ),
    )
    for layer in range(BLOCKS_DOWN):
        fading = exp(-layer / BLOCKS_DOWN)
        yield array("f", (grade * fading for grade in surface)).tobytes()
