"""What makes the broker start quickly is kept whole, or not at all, and only for the very same files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kpo_cli.stack.errors import StackError
from kpo_cli.stack.training import train
from kpo_cli.stack.warmth import Warmth


@pytest.fixture
def jar(tmp_path: Path) -> Path:
    made = tmp_path / "broker.jar"
    made.touch()
    return made


def found(*jars: Path) -> Warmth:
    warmth = Warmth.of(jars)
    assert warmth is not None
    return warmth


def test_the_same_jars_have_the_same_place(jar: Path) -> None:
    assert found(jar) == found(jar)


def test_a_jar_that_was_touched_has_another_place(jar: Path) -> None:
    before = found(jar)

    os.utime(jar, (1, 1))

    assert found(jar) != before


def test_a_java_of_ones_own_is_not_warmed_up(jar: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPO_JAVA_HOME", "/opt/java")

    assert Warmth.of([jar]) is None


def test_a_training_that_fails_leaves_nothing(jar: Path, tmp_path: Path) -> None:
    place = tmp_path / "cache"
    place.mkdir()

    with pytest.raises(StackError):
        train([jar], Warmth(place / "kafka"))

    assert list(place.iterdir()) == []
