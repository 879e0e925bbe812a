"""The house rules that one Python file can break, each a function from a file to what is wrong with it."""

import ast
import re
import sys
from collections.abc import Iterator

from .tree import Source

FUNCTION_LINES_MAX = 50
FILE_LINES_MAX = 400
TEST_WORDS_MIN = 3
"""A test is named by a sentence; `test` itself counts as a word."""

UNTYPED = (
    "libs/chassis/src/kpo_chassis/mongo/",
    "libs/chassis/src/kpo_chassis/kafka.py",
    "libs/chassis/src/kpo_chassis/testing/stage.py",  # It stands for parts of many types.
    "benchmarks/",
)
"""Where the drivers are spoken to: in two places of the chassis, and in the loops it is measured against."""

EMPTY_NAMES = frozenset({"util", "utils", "helper", "helpers", "base", "common", "manager", "misc"})
VOCABULARY = frozenset({"kpo_chassis.kernel", "kpo_chassis.money"})
UNPREDICTABLE = frozenset({"asyncio", "logging", "os", "pathlib", "random", "secrets", "socket", "time"})
"""Modules of the standard library that a pure function has no use for."""

UNPREDICTABLE_CALLS = frozenset({"now", "today", "utcnow", "uuid1", "uuid4"})
PATCHES_ALLOWED = frozenset({"setenv", "delenv", "chdir", "syspath_prepend"})
FOREIGN = {
    # Kafka's image keeps its settings in a folder `shared`.
    "a folder of one machine": re.compile(r"(?<![\w.}/])/(?:home|root|work|Users|mnt)/(?!shared/)\w"),
    "a tracker's number": re.compile(r"\b(?:issue|PR|pull request)s? #?\d", re.IGNORECASE),
    "work left as a note": re.compile(r"\b(?:TODO|FIXME)\b"),
    "praise": re.compile(
        r"\b(?:blazing|bullet-?proof|cutting.edge|effortless|game.chang|leverag|seamless|world.class)",
        re.IGNORECASE,
    ),
    "a dash that hides two sentences": re.compile("\N{EM DASH}"),
}

_NOQA = re.compile(r"#\s*noqa\b(?P<rest>[^\n]*)")
_NOQA_GOOD = re.compile(r": [A-Z]+\d+(?:, [A-Z]+\d+)* +(?:-|#) +\w")
_IGNORE = re.compile(r"#\s*type:\s*ignore(?P<rest>[^\n]*)")
_IGNORE_GOOD = re.compile(r"\[[a-z-]+(?:, ?[a-z-]+)*\] +# +\w")


def functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert node.end_lineno is not None, "trees made from text know their lines"
    return node.end_lineno - node.lineno + 1


def imports(source: Source) -> Iterator[tuple[int, str]]:
    """Give line and dotted name of everything imported, `from a import b` as `a.b`."""
    for node in source.nodes:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def too_long(source: Source) -> Iterator[str]:
    lines = source.text.count("\n")
    if lines > FILE_LINES_MAX:
        yield f"{source.name}: {lines} lines are above {FILE_LINES_MAX}"
    for node in functions(source):
        if length(node) > FUNCTION_LINES_MAX:
            yield f"{source.name}:{node.lineno}: {length(node)} lines are above {FUNCTION_LINES_MAX}"


def without_purpose(source: Source) -> Iterator[str]:
    told = ast.get_docstring(source.tree) or ""
    if not told.partition("\n\n")[0].endswith("."):
        yield f"{source.name}: the module does not begin with a sentence that says why it exists"


def untyped(source: Source) -> Iterator[str]:
    if source.name.startswith(UNTYPED):
        return
    for line, name in imports(source):
        if name in {"typing.Any", "typing.cast"}:
            yield f"{source.name}:{line}: {name} belongs to the modules of UNTYPED alone"


def reads_environment(source: Source) -> Iterator[str]:
    place = source.name
    if not source.is_product or place.startswith("tools/") or place.endswith("/settings.py"):
        return
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "environb"}:
            yield f"{place}:{node.lineno}: the environment is read by settings alone"


def unexplained(source: Source) -> Iterator[str]:
    for pattern, good in ((_NOQA, _NOQA_GOOD), (_IGNORE, _IGNORE_GOOD)):
        for found in pattern.finditer(source.text):
            if not good.match(found["rest"]):
                line = source.text.count("\n", 0, found.start()) + 1
                yield f"{source.name}:{line}: {found[0]!r} needs a code and a reason"


def empty_name(source: Source) -> Iterator[str]:
    stem = source.name.rpartition("/")[2].removesuffix(".py")
    if EMPTY_NAMES & set(stem.split("_")):
        yield f"{source.name}: the name says nothing about the content"
    for node in source.nodes:
        if isinstance(node, ast.ClassDef) and EMPTY_NAMES & set(_words(node.name)):
            yield f"{source.name}:{node.lineno}: {node.name} says nothing about the class"


def _words(name: str) -> list[str]:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower().split()


def impure_import(source: Source) -> Iterator[str]:
    if source.layer not in {"domain", "use_cases"}:
        return
    package = source.name.split("/")[3]
    for line, name in imports(source):
        first = name.partition(".")[0]
        own = name.startswith((f"{package}.domain", f"{package}.use_cases"))
        known = own or any(name.startswith(f"{each}.") for each in VOCABULARY)
        if not known and (first not in sys.stdlib_module_names or first in UNPREDICTABLE):
            yield f"{source.name}:{line}: {name} has no place in {source.layer}"


def unpredictable(source: Source) -> Iterator[str]:
    if source.layer != "domain":
        return
    for node in source.nodes:
        if isinstance(node, ast.Call) and _called(node) in UNPREDICTABLE_CALLS:
            yield f"{source.name}:{node.lineno}: {_called(node)}() makes a decision that cannot be repeated"


def mutable(source: Source) -> Iterator[str]:
    if source.layer not in {"domain", "use_cases"}:
        return
    for node in source.nodes:
        if not isinstance(node, ast.ClassDef):
            continue
        for mark in node.decorator_list:
            if "dataclass" in ast.unparse(mark) and not _frozen(mark):
                yield f"{source.name}:{node.lineno}: {node.name} is not frozen with slots"


def _frozen(mark: ast.expr) -> bool:
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in getattr(mark, "keywords", ())}
    return given.get("frozen") == given.get("slots") == "True"


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def misnamed_use_case(source: Source) -> Iterator[str]:
    stem = source.name.rpartition("/")[2].removesuffix(".py")
    if source.layer != "use_cases" or stem.startswith("__"):
        return
    if stem not in {node.name for node in functions(source)}:
        yield f"{source.name}: there is no function {stem}"


def patched(source: Source) -> Iterator[str]:
    if source.is_product:
        return
    for line, name in imports(source):
        if name.startswith("unittest.mock"):
            yield f"{source.name}:{line}: doubles come from kpo_chassis.testing"
    for node in source.nodes:
        match node:
            case ast.Attribute(value=ast.Name(id="monkeypatch"), attr=patch) if patch not in PATCHES_ALLOWED:
                yield f"{source.name}:{node.lineno}: monkeypatch.{patch} changes code under test"


def no_sentence(source: Source) -> Iterator[str]:
    for node in functions(source):
        if node.name.startswith("test_") and len(node.name.split("_")) < TEST_WORDS_MIN:
            yield f"{source.name}:{node.lineno}: {node.name} is no sentence"


def foreign(name: str, text: str) -> Iterator[str]:
    """Find what a reader of this repository alone cannot understand or believe; for any text."""
    for kind, pattern in FOREIGN.items():
        for found in pattern.finditer(text):
            yield f"{name}:{text.count(chr(10), 0, found.start()) + 1}: {found[0]!r} is {kind}"


RULES = (
    too_long,
    without_purpose,
    untyped,
    reads_environment,
    unexplained,
    empty_name,
    impure_import,
    unpredictable,
    mutable,
    misnamed_use_case,
    patched,
    no_sentence,
)
