"""The frozen JSON Schema of every event version, and the rule by which one may follow another."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from pydantic import JsonValue, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from kpo_events.envelope import schema_id
from kpo_events.payload import Payload

JsonObject: TypeAlias = dict[str, JsonValue]

_OBJECT = TypeAdapter(JsonObject)
_ANNOTATIONS = frozenset({"$schema", "$id", "$defs", "title", "description", "examples"})
"""What a schema says to people; it may be reworded at any time."""

_SETS = frozenset({"required", "enum"})
"""Keywords whose order means nothing."""


class _Schema(GenerateJsonSchema):
    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - the title repeats the field's name
        return False


def schema_name(model: type[Payload], minor: int | None = None) -> str:
    """Name the file of a schema, such as `intake.client.registered.v1.0.json`."""
    return f"{model.event_type}.{model.minor if minor is None else minor}.json"


def schema_of(model: type[Payload]) -> JsonObject:
    """Describe what a consumer of this version must accept."""
    described = model.model_json_schema(schema_generator=_Schema)
    return {
        "$schema": _Schema.schema_dialect,
        "$id": schema_id(model.event_type, model.minor),
        **described,
        "title": model.event_type,
    }


def schema_text(model: type[Payload]) -> str:
    return json.dumps(schema_of(model), indent=2, ensure_ascii=False) + "\n"


def read_schema(path: Path) -> JsonObject:
    return _OBJECT.validate_json(path.read_bytes())


def breaks(old: JsonObject, new: JsonObject) -> list[str]:
    """Say why `new` may not follow `old` inside one major version; empty where it may.

    The rule is stricter than compatible: a new version may add optional fields, and nothing else. So any
    consumer reads any producer of the major version, whichever of the two was deployed first.
    """
    return list(_differences(shape(old), shape(new), "", additions=True))


def changes(old: JsonObject, new: JsonObject) -> list[str]:
    """Say in what two schemas differ, apart from their words to people."""
    return list(_differences(shape(old), shape(new), "", additions=False))


def shape(schema: JsonObject) -> JsonObject:
    """Reduce a schema to what it demands: references replaced by what they name, annotations left out."""
    definitions = schema.get("$defs", {})
    assert isinstance(definitions, dict), "$defs is an object in every schema that Pydantic writes"
    return _demands(schema, definitions)


def _demands(schema: JsonObject, definitions: JsonObject) -> JsonObject:
    reference = schema.get("$ref")
    if isinstance(reference, str):
        named = definitions[reference.removeprefix("#/$defs/")]
        assert isinstance(named, dict), f"{reference} names no schema"
        schema = {**named, **{key: value for key, value in schema.items() if key != "$ref"}}
    return {key: _value(key, value, definitions) for key, value in schema.items() if key not in _ANNOTATIONS}


def _value(key: str, value: JsonValue, definitions: JsonObject) -> JsonValue:
    match key, value:
        case "properties", dict():
            return {name: _nested(field, definitions) for name, field in value.items()}
        case "default" | "const", _:
            return value
        case _, list() if key in _SETS:
            return sorted(value, key=str)
        case _, list():
            return [_nested(each, definitions) for each in value]
        case _:
            return _nested(value, definitions)


def _nested(value: JsonValue, definitions: JsonObject) -> JsonValue:
    return _demands(value, definitions) if isinstance(value, dict) else value


def _differences(old: JsonValue, new: JsonValue, at: str, *, additions: bool) -> Iterator[str]:
    match old, new:
        case dict(), dict():
            yield from _object_differences(old, new, at, additions=additions)
        case list(), list() if len(old) == len(new):
            for number, (before, after) in enumerate(zip(old, new, strict=True)):
                yield from _differences(before, after, f"{at}/{number}", additions=additions)
        case _ if old != new:
            yield f"{at or '/'}: {old!r} became {new!r}"


def _object_differences(old: JsonObject, new: JsonObject, at: str, *, additions: bool) -> Iterator[str]:
    may_add = additions and at.endswith("/properties")
    for key in sorted(old.keys() | new.keys()):
        if key not in new:
            yield f"{at}/{key}: is gone"
        elif key in old:
            yield from _differences(old[key], new[key], f"{at}/{key}", additions=additions)
        elif not may_add:
            yield f"{at}/{key}: is new"
