"""A document that lies is worse than none: what they say of files, limits, metrics and names is compared."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from .tree import ROOT, files, read, sources, texts

LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\((?P<target>[^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(?P<title>.+?) *$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
MENTION = re.compile(r"[\w./-]+\.md\b")
TEST_FILE = re.compile(r"\btest_\w+\.py\b")
METRIC = re.compile(
    r"\bkpo_[a-z_]+_(?:total|seconds|documents|events|records|changes|paused|stranded|overdue)\b"
)
CONSTANT = re.compile(r"`(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`")
LIMIT = re.compile(r"^\| `(?P<name>[A-Z_]+)` \| (?P<value>[\d.]+) \|", re.MULTILINE)

DECISION_PARTS = ("Context", "Decision", "Consequences", "Alternatives", "Check", "Revisit")
ENVIRONMENT = "KPO_"
WITH_EXAMPLES = frozenset({"tests/test_docs.py", "tests/test_tidy.py"})

DECISIONS = sorted(name for name in files() if name.startswith("docs/adr/"))
RUNBOOKS = sorted(name for name in files() if name.startswith("docs/runbooks/"))


def documents() -> dict[str, str]:
    return {name: FENCE.sub("", text) for name, text in texts(".md").items()}


def broken_links(name: str, text: str) -> Iterator[str]:
    for found in LINK.finditer(text):
        path, _, anchor = found["target"].partition("#")
        if "://" in path or path.startswith("mailto:"):
            continue
        target = (ROOT / name).parent / path if path else ROOT / name
        if not target.exists():
            yield f"{name}: {found['target']} does not exist"
        elif anchor and target.suffix == ".md" and anchor not in anchors(target):
            yield f"{name}: {found['target']} has no such heading"


def anchors(document: Path) -> set[str]:
    """Name the headings as GitHub does in addresses."""
    titles = (
        found["title"] for found in HEADING.finditer(FENCE.sub("", document.read_text(encoding="utf-8")))
    )
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def constants() -> dict[str, set[str]]:
    """Give every constant of the product's modules with its values, where the text alone tells them."""
    found: dict[str, set[str]] = {}
    for source in sources():
        for node in source.tree.body if source.is_product else ():
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    found.setdefault(name, set()).add(_value(value))
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    found.setdefault(name, set()).add(_value(value))
    return found


def _value(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=value):
            return str(value)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            factors = _value(left), _value(right)
            return str(int(factors[0]) * int(factors[1])) if all(map(str.isdecimal, factors)) else ""
        case _:
            return ""


def test_links_lead_somewhere() -> None:
    broken = [fault for name, text in documents().items() for fault in broken_links(name, text)]

    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("text", ["[a](nowhere.md)", "[a](docs/glossary.md#nothing)", "[a](#nothing)"])
def test_a_link_that_leads_nowhere_is_found(text: str) -> None:
    assert list(broken_links("CHANGELOG.md", text))


def test_documents_that_are_named_exist() -> None:
    known = {PurePosixPath(name).name for name in files()}
    told = texts(".md", ".py", ".toml", ".yaml", "Makefile")

    broken = [
        f"{name}: {mention}"
        for name, text in told.items()
        for mention in MENTION.findall(text)
        if name not in WITH_EXAMPLES and PurePosixPath(mention).name not in known
    ]

    assert not broken, "\n".join(broken)


def test_tests_that_documents_name_exist() -> None:
    known = {PurePosixPath(name).name for name in files()}

    named = {test for text in texts(".md").values() for test in TEST_FILE.findall(text)}

    assert named <= known


def test_metrics_that_documents_name_exist() -> None:
    known = set(METRIC.findall(read("libs/chassis/src/kpo_chassis/meters.py")))
    counted = {
        metric
        for source in sources()
        if source.is_product and not source.name.endswith("/meters.py")
        for metric in METRIC.findall(source.text)
    }

    named = {metric for name, text in texts(".md").items() for metric in METRIC.findall(text)}

    assert named <= known & counted


def test_every_metric_that_is_declared_is_counted_somewhere() -> None:
    meters = "libs/chassis/src/kpo_chassis/meters.py"
    counted = "".join(source.text for source in sources() if source.is_product and source.name != meters)

    declared = re.findall(r'^    "(kpo_\w+)"', read(meters), re.MULTILINE)

    assert declared
    assert [metric for metric in declared if f'"{metric}"' not in counted] == []


def test_constants_that_documents_name_exist() -> None:
    known = constants()

    broken = [
        f"{name}: {constant}"
        for name, text in documents().items()
        for constant in CONSTANT.findall(text)
        if constant not in known and not constant.startswith(ENVIRONMENT)
    ]

    assert not broken, "\n".join(broken)


def test_limits_on_the_architecture_page_are_those_of_the_code() -> None:
    known = constants()
    stated = LIMIT.findall(read("docs/architecture.md"))

    wrong = [(name, value, known[name]) for name, value in stated if value not in known[name]]

    assert stated
    assert not wrong


def test_settings_that_documents_name_exist() -> None:
    code = "".join(source.text.upper() for source in sources())
    named = {
        setting
        for text in texts(".md").values()
        for setting in re.findall(rf"\b{ENVIRONMENT}([A-Z][A-Z_]+)\b", text)
    }

    assert [setting for setting in sorted(named) if setting not in code] == []


def test_the_glossary_has_every_aggregate_that_events_speak_of() -> None:
    schemas = (name.rpartition("/")[2] for name in files() if name.startswith("libs/events/schemas/"))
    words = read("docs/glossary.md")

    unknown = {
        aggregate for _, aggregate, *_ in (name.split(".") for name in schemas) if aggregate not in words
    }

    assert not unknown


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(name.rpartition("/")[2][:4]) for name in DECISIONS]

    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_has_all_its_parts_and_a_sentence_to_quote(name: str) -> None:
    text = read(name)
    parts = [found["title"] for found in HEADING.finditer(text) if found[0].startswith("## ")]

    assert parts == list(DECISION_PARTS)
    assert "\n> " in text.partition("## Decision")[2].partition("## Consequences")[0]


@pytest.mark.parametrize("name", RUNBOOKS)
def test_a_runbook_says_when_it_is_needed_and_what_it_means(name: str) -> None:
    text = read(name)

    assert "**You are here because**" in text
    assert "**What it means.**" in text
    assert "\n## Look" in text or "\n## Which case is it?" in text
