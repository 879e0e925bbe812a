"""The promises of our HTTP API that an OpenAPI document shows, checked for every operation at once."""

import re
from collections.abc import Iterator, Mapping

import jsonschema
from pydantic import JsonValue

from kpo_chassis.openapi import Json, asked_by, operations_of, shown_by
from kpo_chassis.problem import PROBLEM_MEDIA_TYPE

JSON_MEDIA_TYPE = "application/json"

_SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_SEGMENT = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*|\{[a-z_]+(:path)?\}")
_MOMENT = re.compile(r".*_(at|by)|as_of")
_BOUNDS = frozenset({"maxLength", "enum", "const", "format", "pattern"})
_FAILED = 400


def breaches(document: Json) -> list[str]:
    """Say in sentences which rules a document breaks; an empty list is what a test wants."""
    if not document.get("paths"):
        return [f"it describes no path: {document}"]
    found = [*_names(document)]
    for path, method, operation in operations_of(document):
        found += [
            f"{method.upper()} {path}: {told}" for told in _of_operation(document, path, method, operation)
        ]
    return found


def _names(document: Json) -> Iterator[str]:
    seen: set[str] = set()
    for path, _, operation in operations_of(document):
        name = str(operation["operationId"])
        if name in seen:
            yield f"the operationId {name} is used twice"
        seen.add(name)
        if not _SNAKE.fullmatch(name):
            yield f"the operationId {name} is no function name"
        if not all(_SEGMENT.fullmatch(segment) for segment in path.split("/")[1:]):
            yield f"{path} is not made of lower-case words with hyphens"


def _of_operation(document: Json, path: str, method: str, operation: Json) -> Iterator[str]:
    asked = asked_by(operation)
    if path.startswith("/v1/") and asked.scopes is None:
        yield "it asks for no token"
    if method == "post" and not asked.is_command:
        yield "it is a POST without Idempotency-Key"
    yield from _of_request(document, operation)
    yield from _of_answers(document, operation)


def _of_request(document: Json, operation: Json) -> Iterator[str]:
    for media in _media(operation.get("requestBody")):
        yield from _of_example(document, media, "request")
        for place, name, schema in _walk(document, media["schema"], "request"):
            yield from _of_property(place, name, schema)
            yield from _unbounded(place, schema)


def _unbounded(place: str, schema: Json) -> Iterator[str]:
    match schema.get("type"):
        case "object" if schema.get("additionalProperties") is not False and not _is_bounded_map(schema):
            yield f"{place} takes unknown fields"
        case "string" if not _BOUNDS & schema.keys():
            yield f"{place} is a text without a maximum"
        case "array" if "maxItems" not in schema:
            yield f"{place} is an array without a maximum"
        case _:
            pass


def _is_bounded_map(schema: Json) -> bool:
    """Say whether fields that the caller names are bounded in number and length, as their values are."""
    names, values = schema.get("propertyNames"), schema.get("additionalProperties")
    return (
        "maxProperties" in schema
        and isinstance(names, dict)
        and bool(_BOUNDS & names.keys())
        and isinstance(values, dict)
    )


def _of_answers(document: Json, operation: Json) -> Iterator[str]:
    answers = operation["responses"]
    assert isinstance(answers, dict)
    for status, declared in answers.items():
        answer = _resolved(document, declared)
        if int(status) >= _FAILED and "ready" not in str(operation["operationId"]):
            yield from _of_refusal(status, answer)
        for media in _media(answer):
            yield from _of_example(document, media, status)
            for place, name, schema in _walk(document, media["schema"], status):
                yield from _of_property(place, name, schema)


def _of_refusal(status: str, answer: Json) -> Iterator[str]:
    content = answer.get("content", {})
    assert isinstance(content, dict)
    if list(content) != [PROBLEM_MEDIA_TYPE]:
        yield f"{status} is no {PROBLEM_MEDIA_TYPE}"


def _of_property(place: str, name: str, schema: Json) -> Iterator[str]:
    if name and not _SNAKE.fullmatch(name):
        yield f"{place} is not in snake_case"
    if name and schema.get("format") == "date-time" and not _MOMENT.fullmatch(name):
        yield f"{place} is a moment and should end in _at"
    alternatives = schema.get("anyOf", [])
    assert isinstance(alternatives, list)
    types = {a.get("type") for a in alternatives if isinstance(a, dict)}
    if {"array", "null"} <= types:
        yield f"{place} is an array that may be null"


def _of_example(document: Json, media: Json, place: str) -> Iterator[str]:
    if not (shown := shown_by(media)):
        yield f"{place} has no example"
    root = {"components": document["components"], **_resolved(document, media["schema"])}
    for example in shown:
        for error in jsonschema.Draft202012Validator(root).iter_errors(example):
            yield f"{place}: the example breaks the schema at {error.json_path}: {error.message}"


def _walk(
    document: Json, node: JsonValue, place: str, name: str = "", seen: frozenset[int] = frozenset()
) -> Iterator[tuple[str, str, Json]]:
    """Give every schema under a body, with its place and the name of the property that holds it."""
    schema = _resolved(document, node)
    if id(schema) in seen:
        return
    seen |= {id(schema)}
    yield place, name, schema
    for inner_name, inner in _children(schema):
        step = f"{place}.{inner_name}" if inner_name else place
        yield from _walk(document, inner, step, inner_name or name, seen)


def _children(schema: Json) -> Iterator[tuple[str, JsonValue]]:
    properties = schema.get("properties", {})
    assert isinstance(properties, dict)
    yield from properties.items()
    for word in ("items", "additionalProperties"):
        if isinstance(schema.get(word), dict):
            yield "", schema[word]
    for word in ("anyOf", "oneOf", "allOf"):
        alternatives = schema.get(word, [])
        assert isinstance(alternatives, list)
        yield from (("", alternative) for alternative in alternatives)


def _media(body: JsonValue) -> Iterator[Json]:
    content = body.get("content") if isinstance(body, dict) else None
    media = content.get(JSON_MEDIA_TYPE) if isinstance(content, dict) else None
    if isinstance(media, dict):
        yield media


def _resolved(document: Json, node: JsonValue) -> Json:
    assert isinstance(node, dict)
    reference = node.get("$ref")
    if not isinstance(reference, str):
        return node
    found: JsonValue = document
    for step in reference.removeprefix("#/").split("/"):
        assert isinstance(found, Mapping)
        found = found[step]
    assert isinstance(found, dict)
    return found
