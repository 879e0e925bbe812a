"""The one shape of a service: which files all four have, and what a single one has beside them, and why."""

from collections.abc import Iterable, Iterator

USE_CASES_FLAT_MAX = 12
"""Past this many use cases in one folder, each aggregate gets a folder of its own."""

REQUIRED = (
    "README.md",
    "pyproject.toml",
    "src/{package}/__init__.py",
    "src/{package}/__main__.py",
    "src/{package}/adapters/__init__.py",
    "src/{package}/app.py",
    "src/{package}/domain/__init__.py",
    "src/{package}/domain/errors.py",
    "src/{package}/entrypoints/__init__.py",
    "src/{package}/entrypoints/http.py",
    "src/{package}/entrypoints/kafka.py",
    "src/{package}/entrypoints/timers.py",
    "src/{package}/py.typed",
    "src/{package}/settings.py",
    "src/{package}/use_cases/__init__.py",
    "src/{package}/wire.py",
    "src/{package}/wiring.py",
    "tests/factories.py",
    "tests/test_http.py",
    "tests/test_kafka.py",
)
FREE = (
    "src/{package}/adapters/",
    "src/{package}/domain/",
    "src/{package}/entrypoints/",
    "src/{package}/use_cases/",
    "tests/",
)
"""Where a service has as many files as it has aggregates and verbs, under names of its own."""

DEVIATIONS: dict[str, dict[str, str]] = {}
"""What a single service has beside them: the path below its folder, and why."""


def missing(service: str, files: Iterable[str]) -> Iterator[str]:
    there = set(files)
    for path in REQUIRED:
        name = _place(service, path)
        if name not in there:
            yield f"{name}: every other service has it"


def unexpected(service: str, files: Iterable[str]) -> Iterator[str]:
    known = {_place(service, path) for path in REQUIRED}
    free = tuple(_place(service, path) for path in (*FREE, *DEVIATIONS.get(service, {})))
    for name in files:
        if name.startswith(f"services/{service}/") and name not in known and not name.startswith(free):
            yield f"{name}: no other service has it; move it, or give its reason in tests/shape.py"


def unplaced_use_cases(service: str, files: Iterable[str]) -> Iterator[str]:
    folder = _place(service, "src/{package}/use_cases/")
    flat = [name for name in files if name.startswith(folder) and "/" not in name.removeprefix(folder)]
    count = len(flat) - 1
    if count > USE_CASES_FLAT_MAX:
        yield f"{folder}: {count} use cases in one folder; make one per aggregate"


def _place(service: str, path: str) -> str:
    return f"services/{service}/{path.format(package=f'kpo_{service}')}"
