"""The broker's jars come whole or not at all."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from kpo_cli.stack import artifacts, downloads
from kpo_cli.stack.artifacts import Jar
from kpo_cli.stack.errors import StackError


def a_jar(content: bytes = b"some classes") -> Jar:
    return Jar("org.example:some-library:1.0", len(content), hashlib.sha256(content).hexdigest())


def the_smallest_jar() -> Jar:
    return min(artifacts.read_lock(), key=lambda jar: jar.size_bytes)


def silently(_size_bytes: int) -> None:
    pass


def test_the_lock_names_the_broker_and_a_way_for_it_to_log() -> None:
    coordinates = [jar.coordinate.rsplit(":", 1)[0] for jar in artifacts.read_lock()]

    assert "org.apache.kafka:kafka_2.13" in coordinates
    assert "org.apache.logging.log4j:log4j-slf4j-impl" in coordinates
    assert len(set(coordinates)) == len(coordinates)


def test_a_jar_in_the_cache_is_not_missing(tmp_path: Path) -> None:
    jar = a_jar(b"some classes")
    (tmp_path / jar.file_name).write_bytes(b"some classes")

    assert artifacts.missing([jar], tmp_path) == []


@pytest.mark.parametrize("content", [b"", b"some class", b"evil classes"])
def test_a_jar_with_other_bytes_is_missing(tmp_path: Path, content: bytes) -> None:
    jar = a_jar(b"some classes")
    (tmp_path / jar.file_name).write_bytes(content)

    assert artifacts.missing([jar], tmp_path) == [jar]


def test_the_cache_is_where_the_person_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KPO_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert artifacts.cache_directory() == Path("/somewhere/kpo")

    monkeypatch.setenv("KPO_CACHE", "/elsewhere")
    assert artifacts.cache_directory() == Path("/elsewhere")


def test_no_network_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    with pytest.raises(StackError, match="the download of Kafka failed; check the network"):
        downloads.fetch([the_smallest_jar()], tmp_path, silently)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.real
def test_a_damaged_jar_is_fetched_again(tmp_path: Path) -> None:
    jar = the_smallest_jar()
    arrived: list[int] = []
    (tmp_path / jar.file_name).write_bytes(b"damaged")

    downloads.fetch(artifacts.missing([jar], tmp_path), tmp_path, arrived.append)

    assert artifacts.missing([jar], tmp_path) == []
    assert sum(arrived) == jar.size_bytes


@pytest.mark.real
def test_a_jar_with_another_checksum_than_the_lock_names_is_refused(tmp_path: Path) -> None:
    jar = replace(the_smallest_jar(), sha256="0" * 64)

    with pytest.raises(StackError, match="arrived with another checksum"):
        downloads.fetch([jar], tmp_path, silently)

    assert list(tmp_path.iterdir()) == []
