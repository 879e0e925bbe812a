"""Write the frozen schemas and the catalogue page: `python -m kpo_events.generate`."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from kpo_events.catalogue import CATALOGUE, MODELS, TOPICS
from kpo_events.page import page
from kpo_events.payload import Payload
from kpo_events.schemas import breaks, changes, read_schema, schema_name, schema_of, schema_text

FOLDER = Path(__file__).parents[2]
"""The library's own folder in a checkout, where `schemas/` and `README.md` lie."""


def refusals(schemas: Path, models: Iterable[type[Payload]] = MODELS) -> list[str]:
    """Say which models no longer keep what their committed schemas promise, and what to do about it."""
    return [refusal for model in models for refusal in (*_changed(schemas, model), *_broken(schemas, model))]


def generate(folder: Path) -> None:
    """Write what is missing or worded differently; a committed promise is never overwritten."""
    (folder / "schemas").mkdir(exist_ok=True)
    for model in MODELS:
        (folder / "schemas" / schema_name(model)).write_text(schema_text(model), encoding="utf-8")
    (folder / "README.md").write_text(page(CATALOGUE, TOPICS), encoding="utf-8")


def main() -> None:
    refused = refusals(FOLDER / "schemas")
    if refused:
        sys.exit("\n".join(refused))
    generate(FOLDER)


def _changed(schemas: Path, model: type[Payload]) -> Iterator[str]:
    same = schemas / schema_name(model)
    if same.exists():
        for change in changes(read_schema(same), schema_of(model)):
            yield f"{same.name} is frozen, but {change}; raise `minor` in {model.__name__}"


def _broken(schemas: Path, model: type[Payload]) -> Iterator[str]:
    for older in (schemas / schema_name(model, minor) for minor in range(model.minor)):
        if not older.exists():
            yield f"{older.name} is gone; a published schema stays"
            continue
        for broken in breaks(read_schema(older), schema_of(model)):
            yield f"{model.__name__} breaks {older.name}: {broken}; make a new major version beside it"


if __name__ == "__main__":
    main()
