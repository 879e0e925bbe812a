"""What the machine lacks is told in one sentence that says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpo_cli.stack import requirements
from kpo_cli.stack.errors import StackError

GIGABYTE = 1 << 30


def a_cgroup(folder: Path, *, limit: str = "max", used: int = 0, inactive_file: int = 0) -> Path:
    (folder / "memory.max").write_text(f"{limit}\n")
    (folder / "memory.current").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 5\ninactive_file {inactive_file}\n")
    return folder


def test_less_than_two_gibibytes_of_memory_are_too_few() -> None:
    with pytest.raises(StackError, match=r"only 1.5 GiB of memory are available .* end some programs"):
        requirements.check_memory(3 * GIGABYTE // 2)


def test_two_gibibytes_of_memory_are_enough() -> None:
    requirements.check_memory(2 * GIGABYTE)


def test_a_container_has_no_more_than_its_limit(tmp_path: Path) -> None:
    cgroup = a_cgroup(tmp_path, limit="1000", used=700, inactive_file=200)

    assert requirements.available_memory_bytes(cgroup) == 500


def test_a_container_without_a_limit_has_what_the_machine_has(tmp_path: Path) -> None:
    cgroup = a_cgroup(tmp_path, limit="max", used=700)

    assert requirements.available_memory_bytes(cgroup) > 1000


def test_a_full_disk_is_told_even_for_a_folder_that_does_not_exist_yet(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"GiB left and .* are needed; free some space"):
        requirements.check_disk(tmp_path / "not" / "yet", bytes_min=1 << 60)


def test_another_system_than_linux_is_refused() -> None:
    with pytest.raises(StackError, match="runs on Linux only, not on Darwin"):
        requirements.check_platform("Darwin", "arm64")


def test_another_processor_needs_a_mongod_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KPO_MONGOD", raising=False)
    with pytest.raises(StackError, match="no mongod comes for aarch64; name one"):
        requirements.check_platform("Linux", "aarch64")

    monkeypatch.setenv("KPO_MONGOD", "/usr/bin/mongod")
    requirements.check_platform("Linux", "aarch64")
