"""Makes an example from a JSON Schema, so that every operation of the API shows one without anybody's care.

Where a schema names an example itself (Pydantic: `Field(examples=[...])`), that one is taken.
"""

from collections.abc import Mapping

from pydantic import JsonValue

EXAMPLE_DEPTH_MAX = 32
"""How many schemas may lie inside each other: a page of the richest aggregate takes half of it."""

REF_PREFIX = "#/components/schemas/"
SAMPLE_UUID = "0d9b4f3e-6a51-4c7e-9b1d-2f60c8a7e514"
SAMPLE_DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

Schema = Mapping[str, JsonValue]

_BY_FORMAT: Mapping[str, str] = {
    "uuid": SAMPLE_UUID,
    "date-time": "2027-03-01T09:30:00.000Z",
    "date": "2027-03-01",
    "duration": "P7D",
    "email": "finance@client.example",
    "uri": "https://client.example/brief",
    "binary": "",
}
_BY_PATTERN: Mapping[str, str] = {
    r"^[A-Z]{3}$": "EUR",
    r"^[A-Z]{2}$": "DE",
    r"^[a-z]{2,3}$": "en",
    r"^(A1|A2|B1|B2|C1|C2)$": "B2",
    r"^[0-9a-f]{64}$": SAMPLE_DIGEST,
}


class NoExampleError(ValueError):
    """A schema is too special to guess a value for; it must name an example itself."""


def example_of(schema: Schema, schemas: Mapping[str, Schema], depth: int = 0) -> JsonValue:
    """Give a value that the schema allows; NoExampleError where it must name one itself."""
    if depth > EXAMPLE_DEPTH_MAX:
        raise NoExampleError("the schema nests too deep or refers to itself")
    for given in (_first(schema.get("examples")), schema.get("const"), schema.get("default")):
        if given not in (None, [], {}):
            return given
    if values := schema.get("enum"):
        return _first(values)
    if inner := _inner(schema, schemas):
        return example_of(inner, schemas, depth + 1)
    return _of_type(schema, schemas, depth)


def examples_of(schema: Schema, schemas: Mapping[str, Schema]) -> dict[str, JsonValue]:
    """Give an example of each member of a union, under the word that tells it apart; none for the rest."""
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return examples_of(schemas[reference.removeprefix(REF_PREFIX)], schemas)
    match schema.get("discriminator"):
        case {"mapping": dict(members)}:
            return {word: example_of({"$ref": member}, schemas) for word, member in members.items()}
        case _:
            return {}


def _first(values: JsonValue) -> JsonValue:
    return values[0] if isinstance(values, list) and values else None


def _inner(schema: Schema, schemas: Mapping[str, Schema]) -> Schema | None:
    """Find the schema that stands for this one: what a reference names, or the first real alternative."""
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return schemas[reference.removeprefix(REF_PREFIX)]
    for word in ("anyOf", "oneOf", "allOf"):
        alternatives = schema.get(word)
        if isinstance(alternatives, list):
            return next((a for a in alternatives if isinstance(a, dict) and a.get("type") != "null"), None)
    return None


def _of_type(schema: Schema, schemas: Mapping[str, Schema], depth: int) -> JsonValue:
    match schema.get("type"):
        case "object":
            return _object(schema, schemas, depth)
        case "array":
            items = schema.get("items")
            return [example_of(items, schemas, depth + 1)] if isinstance(items, dict) else []
        case "string":
            return _text(schema)
        case "integer" | "number" as kind:
            number = schema.get("minimum", schema.get("maximum", 1))
            return int(number) if kind == "integer" and isinstance(number, float) else number
        case "boolean":
            return True
        case _:
            return None


def _object(schema: Schema, schemas: Mapping[str, Schema], depth: int) -> JsonValue:
    properties = schema.get("properties", {})
    assert isinstance(properties, dict)
    return {
        name: example_of(inner, schemas, depth + 1)
        for name, inner in properties.items()
        if isinstance(inner, dict)
    }


def _text(schema: Schema) -> str:
    form, pattern = schema.get("format"), schema.get("pattern")
    if isinstance(form, str) and form in _BY_FORMAT:
        return _BY_FORMAT[form]
    if isinstance(pattern, str):
        if pattern not in _BY_PATTERN:
            raise NoExampleError(f"say examples=[...] beside the pattern {pattern}")
        return _BY_PATTERN[pattern]
    longest, title = schema.get("maxLength"), str(schema.get("title", "Text"))
    return title[:longest] if isinstance(longest, int) else title
