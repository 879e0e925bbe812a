"""The house rules that have a number or a list, so that nobody has to remember them in a review."""

import statistics
from collections.abc import Callable, Iterator

import pytest

from .hygiene import faults
from .rules import (
    RULES,
    empty_name,
    foreign,
    functions,
    impure_import,
    length,
    misnamed_use_case,
    mutable,
    no_sentence,
    patched,
    reads_environment,
    too_long,
    unexplained,
    unpredictable,
    untyped,
    without_purpose,
)
from .shape import missing, unexpected, unplaced_use_cases
from .tree import ROOT, SERVICES, Source, files, read, sources, texts

MEDIAN_LINES_MAX = 10
TENTH_LINES_MAX = 25
"""Nine of ten functions are at most this long."""

Rule = Callable[[Source], Iterator[str]]

DOMAIN = "services/billing/src/kpo_billing/domain/escrow.py"
USE_CASE = "services/billing/src/kpo_billing/use_cases/open_escrow.py"
TEST = "services/billing/tests/test_escrow.py"

NOQA = "\N{NUMBER SIGN} noqa"
IGNORE = "\N{NUMBER SIGN} type: ignore"

BROKEN: list[tuple[Rule, str, str]] = [
    (too_long, DOMAIN, "\n" * 401),
    (too_long, DOMAIN, "def grow():\n" + "    pass\n" * 50),
    (without_purpose, DOMAIN, "import re\n"),
    (without_purpose, DOMAIN, '"""A title without an end"""\n'),
    (untyped, DOMAIN, "from typing import Any\n"),
    (untyped, DOMAIN, "from typing import cast\n"),
    (reads_environment, DOMAIN, "import os\nos.environ['HOME']\n"),
    (unexplained, DOMAIN, f"x = 1  {NOQA}\n"),
    (unexplained, DOMAIN, f"x = 1  {NOQA}: E501\n"),
    (unexplained, DOMAIN, f"x = 1  {IGNORE}\n"),
    (unexplained, DOMAIN, f"x = 1  {IGNORE}[misc]\n"),
    (empty_name, "libs/chassis/src/kpo_chassis/text_utils.py", "x = 1\n"),
    (empty_name, DOMAIN, "class EscrowManager: ...\n"),
    (impure_import, DOMAIN, "import pydantic\n"),
    (impure_import, DOMAIN, "from kpo_chassis.store import Document\n"),
    (impure_import, DOMAIN, "from kpo_billing.wire import outgoing\n"),
    (impure_import, USE_CASE, "import logging\n"),
    (unpredictable, DOMAIN, "from datetime import datetime\ndatetime.now()\n"),
    (mutable, DOMAIN, "@dataclass\nclass Escrow: ...\n"),
    (mutable, DOMAIN, "@dataclass(frozen=True)\nclass Escrow: ...\n"),
    (misnamed_use_case, USE_CASE, "async def close_escrow(): ...\n"),
    (patched, TEST, "from unittest.mock import patch\n"),
    (patched, TEST, "def test(monkeypatch):\n    monkeypatch.setattr('a', 'b')\n"),
    (no_sentence, TEST, "def test_escrow(): ...\n"),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_file_keeps_the_rule(rule: Rule) -> None:
    broken = [fault for source in sources() for fault in rule(source)]

    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(("rule", "name", "text"), BROKEN)
def test_a_rule_finds_what_breaks_it(rule: Rule, name: str, text: str) -> None:
    source = Source.of(name, text)

    assert list(rule(source))


def test_most_functions_are_small() -> None:
    lengths = [length(node) for source in sources() if source.is_product for node in functions(source)]

    median, tenth = statistics.median(lengths), statistics.quantiles(lengths, n=10)[-1]

    assert median <= MEDIAN_LINES_MAX
    assert tenth <= TENTH_LINES_MAX


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_the_shape_of_the_others(service: str) -> None:
    broken = [
        *missing(service, files()),
        *unexpected(service, files()),
        *unplaced_use_cases(service, files()),
    ]

    assert not broken, "\n".join(broken)


def test_a_service_of_another_shape_is_found() -> None:
    broken = ("services/intake/src/kpo_intake/oddments.py",)

    assert list(missing("intake", broken))
    assert list(unexpected("intake", broken))


@pytest.mark.parametrize("service", SERVICES)
def test_a_fact_without_a_payload_does_not_type_check(service: str) -> None:
    wire = read(f"services/{service}/src/kpo_{service}/wire.py")

    assert "assert_never(" in wire


def test_texts_speak_of_the_project_alone() -> None:
    told = texts(".py", ".md", ".toml", ".yaml", ".yml", ".sh", "Makefile", "Dockerfile", ".ci/run")
    own = {"tests/rules.py", "tests/test_tidy.py"}

    broken = [fault for name, text in told.items() if name not in own for fault in foreign(name, text)]

    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("text", ["see /home/ann/notes", "fixes issue #12", "TODO: later", "a seamless flow"])
def test_a_text_that_speaks_of_something_else_is_found(text: str) -> None:
    assert list(foreign("README.md", text))


def test_files_hold_no_stray_space_and_no_secret() -> None:
    broken = [fault for name in files() for fault in faults(name, (ROOT / name).read_bytes())]

    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.py", b"x = 1 \n"),
        ("a.py", b"x = 1"),
        ("a.py", b"x = 1\n\n"),
        ("a.py", b"x = 1\r\n"),
        ("a.md", b"<" * 7 + b" ours\n"),
        ("a.md", b"-----BEGIN PRIVATE" + b" KEY-----\n"),
        ("a.md", b"AKIA" + b"A" * 16 + b"\n"),
        ("deploy/.env", b"A=1\n"),
    ],
)
def test_a_file_that_is_not_clean_is_found(name: str, content: bytes) -> None:
    assert list(faults(name, content))
