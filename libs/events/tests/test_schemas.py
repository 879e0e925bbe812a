"""Frozen schemas: a major version may gain optional fields, and nothing else may happen to it."""

from pathlib import Path
from typing import Annotated, ClassVar
from uuid import UUID

import pytest
from pydantic import Field

from kpo_events.generate import FOLDER, generate, refusals
from kpo_events.payload import Payload, Value
from kpo_events.schemas import breaks, changes, schema_name, schema_of, schema_text


class Part(Value):
    """A part as it was published."""

    name: Annotated[str, Field(max_length=10)]


class ThingMadeV1(Payload):
    """A thing as it was published."""

    event_type: ClassVar = "test.thing.made.v1"

    thing_id: UUID
    parts: tuple[Part, ...]
    note: str | None = None
    colour: str = "red"


class Reworded(ThingMadeV1):
    """The same demands in other words."""

    note: Annotated[str | None, Field(description="Anything worth knowing.")] = None


class Reordered(Payload):
    event_type: ClassVar = "test.thing.made.v1"

    colour: str = "red"
    note: str | None = None
    parts: tuple[Part, ...]
    thing_id: UUID


class WithOptionalField(ThingMadeV1):
    weight_grams: int | None = None


class BiggerPart(Part):
    size: int | None = None


class WithOptionalFieldInside(ThingMadeV1):
    parts: tuple[BiggerPart, ...]


class WithRequiredField(ThingMadeV1):
    weight_grams: int


class WithoutDefault(ThingMadeV1):
    colour: str


class WithOtherDefault(ThingMadeV1):
    colour: str = "blue"


class WithOtherType(ThingMadeV1):
    colour: int = 1  # type: ignore[assignment]  # A changed field is what is tested.


class WithOptionalId(ThingMadeV1):
    thing_id: UUID | None = None  # type: ignore[assignment]  # A changed field is what is tested.


class WithNarrowerText(ThingMadeV1):
    colour: Annotated[str, Field(max_length=5)] = "red"


class LongerPart(Value):
    name: Annotated[str, Field(max_length=20)]


class WithWiderTextInside(ThingMadeV1):
    parts: tuple[LongerPart, ...]  # type: ignore[assignment]  # A changed field is what is tested.


class WithFewerChoices(ThingMadeV1):
    note: str = ""


class WithoutField(Payload):
    event_type: ClassVar = "test.thing.made.v1"

    thing_id: UUID
    parts: tuple[Part, ...]
    note: str | None = None


class Renamed(WithoutField):
    color: str = "red"


@pytest.mark.parametrize("model", [Reworded, WithOptionalField, WithOptionalFieldInside])
def test_optional_fields_and_other_words_keep_the_promise(model: type[Payload]) -> None:
    assert breaks(schema_of(ThingMadeV1), schema_of(model)) == []


@pytest.mark.parametrize(
    ("model", "where"),
    [
        (WithRequiredField, "/required"),
        (WithoutDefault, "/required"),
        (WithOtherDefault, "/properties/colour/default"),
        (WithOtherType, "/properties/colour/type"),
        (WithOptionalId, "/properties/thing_id"),
        (WithNarrowerText, "/properties/colour/maxLength: is new"),
        (WithWiderTextInside, "/properties/parts/items/properties/name/maxLength"),
        (WithFewerChoices, "/properties/note/anyOf: is gone"),
        (WithoutField, "/properties/colour: is gone"),
        (Renamed, "/properties/colour: is gone"),
    ],
)
def test_anything_else_breaks_it_and_is_named(model: type[Payload], where: str) -> None:
    found = breaks(schema_of(ThingMadeV1), schema_of(model))

    assert any(where in each for each in found)


def test_a_new_field_is_a_change_even_where_it_breaks_nothing() -> None:
    found = changes(schema_of(ThingMadeV1), schema_of(WithOptionalField))

    assert found == ["/properties/weight_grams: is new"]


@pytest.mark.parametrize("model", [Reworded, Reordered])
def test_other_words_and_another_order_are_no_change(model: type[Payload]) -> None:
    assert changes(schema_of(ThingMadeV1), schema_of(model)) == []


def test_no_model_breaks_a_committed_schema() -> None:
    assert refusals(FOLDER / "schemas") == []


def test_generating_again_changes_no_committed_file(tmp_path: Path) -> None:
    generate(tmp_path)

    made = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}

    assert len(made) > 1
    for path in made:
        assert (FOLDER / path).read_text() == (tmp_path / path).read_text(), (
            f"run python -m kpo_events.generate for {path}"
        )


def test_a_frozen_schema_is_not_overwritten(tmp_path: Path) -> None:
    generate(tmp_path)
    frozen = tmp_path / "schemas" / "intake.client.registered.v1.0.json"
    frozen.write_text(frozen.read_text().replace('"country"', '"land"'))

    refused = refusals(tmp_path / "schemas")

    assert any("is frozen" in each and "raise `minor` in ClientRegisteredV1" in each for each in refused)


class ThingMadeV1Second(ThingMadeV1):
    """The same major with one more optional field."""

    minor: ClassVar = 1

    weight_grams: int | None = None


class ThingMadeV1Third(ThingMadeV1):
    """A minor that takes back what the second gave."""

    minor: ClassVar = 2


def freeze(folder: Path, *models: type[Payload]) -> None:
    for model in models:
        (folder / schema_name(model)).write_text(schema_text(model))


def test_a_minor_version_with_an_optional_field_may_follow(tmp_path: Path) -> None:
    freeze(tmp_path, ThingMadeV1)

    assert refusals(tmp_path, [ThingMadeV1Second]) == []


def test_a_minor_version_is_held_to_every_earlier_one(tmp_path: Path) -> None:
    freeze(tmp_path, ThingMadeV1, ThingMadeV1Second)

    refused = refusals(tmp_path, [ThingMadeV1Third])

    assert len(refused) == 1
    assert (
        "ThingMadeV1Third breaks test.thing.made.v1.1.json: /properties/weight_grams: is gone" in refused[0]
    )
    assert "make a new major version beside it" in refused[0]


def test_an_earlier_schema_that_was_removed_is_missed(tmp_path: Path) -> None:
    freeze(tmp_path, ThingMadeV1)

    refused = refusals(tmp_path, [ThingMadeV1Third])

    assert refused == ["test.thing.made.v1.1.json is gone; a published schema stays"]


def test_a_field_added_without_a_new_minor_is_refused(tmp_path: Path) -> None:
    freeze(tmp_path, ThingMadeV1)

    refused = refusals(tmp_path, [WithOptionalField])

    assert len(refused) == 1
    assert "test.thing.made.v1.0.json is frozen, but /properties/weight_grams: is new" in refused[0]
    assert "raise `minor` in WithOptionalField" in refused[0]
