"""The data of the invented mine: always the same, large enough, and what they say they are."""

import csv
import json
from array import array
from pathlib import Path

import pytest

from kpo_cli.story import orebody
from kpo_cli.story.orebody import DataFile
from kpo_cli.story.transfers import part_of

TENS_OF_MEGABYTES = 20_000_000


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[DataFile, ...]:
    return orebody.write_all(tmp_path_factory.mktemp("mine"))


def test_the_data_are_always_the_same(data: tuple[DataFile, ...], tmp_path: Path) -> None:
    again = orebody.write_all(tmp_path)

    assert [(file.name, file.size, file.sha256) for file in again] == [
        (file.name, file.size, file.sha256) for file in data
    ]


def test_the_data_are_tens_of_megabytes(data: tuple[DataFile, ...]) -> None:
    assert sum(file.size for file in data) > TENS_OF_MEGABYTES


def test_the_drill_holes_are_a_table_of_assays(data: tuple[DataFile, ...]) -> None:
    with data[0].path.open() as file:
        rows = list(csv.DictReader(file))

    assert len(rows) == orebody.HOLES * orebody.ASSAYS_PER_HOLE
    assert all(float(row["au_g_t"]) >= 0 for row in rows)


def test_the_block_model_has_a_grade_for_each_block_of_its_grid(data: tuple[DataFile, ...]) -> None:
    with data[1].path.open("rb") as file:
        grid = json.loads(file.readline())
        grades = array("f", file.read())

    assert len(grades) == grid["east"] * grid["north"] * grid["down"]
    assert max(grades) > orebody.LENSES[1][2]


def test_a_part_of_a_file_is_what_a_download_of_it_must_give(data: tuple[DataFile, ...]) -> None:
    part = part_of(data[0].path, first=10, size=100)

    assert part.size == 100
    assert part_of(data[0].path).sha256 == data[0].sha256
