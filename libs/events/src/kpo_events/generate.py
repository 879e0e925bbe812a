"""Write the frozen schemas and the catalogue page: `python -m kpo_events.generate`."""

import sys
from collections.abc import Iterator
from pathlib import Path

from kpo_events.catalogue import CATALOGUE, TOPICS, Entry
from kpo_events.page import page
from kpo_events.schemas import breaks, changes, read_schema, schema_name, schema_of, schema_text

FOLDER = Path(__file__).parents[2]
"""The library's own folder in a checkout, where `schemas/` and `README.md` lie."""


def refusals(folder: Path) -> list[str]:
    """Say which models no longer keep what their committed schemas promise, and what to do about it."""
    return [refusal for entry in CATALOGUE.values() for refusal in _refusals(folder / "schemas", entry)]


def generate(folder: Path) -> None:
    """Write what is missing or worded differently; a committed promise is never overwritten."""
    (folder / "schemas").mkdir(exist_ok=True)
    for entry in CATALOGUE.values():
        path = folder / "schemas" / schema_name(entry.model)
        path.write_text(schema_text(entry.model), encoding="utf-8")
    (folder / "README.md").write_text(page(CATALOGUE, TOPICS), encoding="utf-8")


def main() -> None:
    refused = refusals(FOLDER)
    if refused:
        sys.exit("\n".join(refused))
    generate(FOLDER)


def _refusals(schemas: Path, entry: Entry) -> Iterator[str]:
    today = schema_of(entry.model)
    same = schemas / schema_name(entry.model)
    if same.exists():
        for change in changes(read_schema(same), today):
            yield f"{same.name} is frozen, but {change}; raise `minor` in {entry.model.__name__}"
    for minor in range(entry.minor):
        older = schemas / schema_name(entry.model, minor)
        if not older.exists():
            yield f"{older.name} is gone; a published schema stays"
            continue
        for break_ in breaks(read_schema(older), today):
            yield f"{entry.type} breaks {older.name}: {break_}; make a new major version beside it"


if __name__ == "__main__":
    main()
