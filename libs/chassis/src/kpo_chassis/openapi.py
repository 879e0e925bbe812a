"""Finishes the OpenAPI document: what FastAPI leaves out or gets wrong, for every operation alike."""

from collections.abc import Iterator
from typing import TypeAlias

from fastapi import FastAPI
from pydantic import JsonValue

from kpo_chassis.examples import REF_PREFIX, Schema, example_of, examples_of
from kpo_chassis.problem import PROBLEM_MEDIA_TYPE, Problem
from kpo_chassis.refusals import REFUSALS, Asked, Refusal

Json: TypeAlias = dict[str, JsonValue]

METHODS = frozenset({"get", "put", "post", "patch", "delete"})
JSON_MEDIA_TYPE = "application/json"

_FRAMEWORK_SCHEMAS = ("HTTPValidationError", "ValidationError")
_HEADERS: dict[str, str] = {
    "X-Request-Id": "The id of this request, yours or ours.",
    "ETag": "The version of what is answered, for If-Match and If-None-Match.",
    "Location": "The path of what was created.",
    "Idempotency-Replayed": "`true` when an earlier request with the same key was answered so.",
    "Retry-After": "Seconds to wait before the same request is sent again.",
    "WWW-Authenticate": "What the token lacks (RFC 6750).",
}
_REFUSED_HEADERS = {401: ("WWW-Authenticate",), 403: ("WWW-Authenticate",), 503: ("Retry-After",)}


def finish_openapi(app: FastAPI) -> None:
    """Let the application tell its finished document, made once."""
    tell, finished = app.openapi, dict[str, Json]()

    def openapi() -> Json:
        if "document" not in finished:
            finished["document"] = _finished(tell())
        return finished["document"]

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document.


def operations_of(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Give path, method and operation of everything in a document."""
    for path in _at(document, "paths"):
        for method, operation in _at(document, "paths", path).items():
            if method in METHODS and isinstance(operation, dict):
                yield path, method, operation


def asked_by(operation: Json) -> Asked:
    """Say what an operation takes."""
    parameters = operation.get("parameters", [])
    assert isinstance(parameters, list)
    named = [(p["in"], p["name"]) for p in parameters if isinstance(p, dict)]
    media_types = _at(operation, "requestBody", "content") if "requestBody" in operation else {}
    return Asked(
        scopes=_scopes(operation),
        headers=frozenset(str(name) for place, name in named if place == "header"),
        parameters=frozenset(str(name) for _, name in named),
        is_in_path=any(place == "path" for place, _ in named),
        takes_json=JSON_MEDIA_TYPE in media_types,
        takes_bytes=bool(media_types) and JSON_MEDIA_TYPE not in media_types,
    )


def _scopes(operation: Json) -> tuple[str, ...] | None:
    demands = operation.get("security")
    if not isinstance(demands, list):
        return None
    found = [
        scope
        for demand in demands
        if isinstance(demand, dict)
        for scopes in demand.values()
        if isinstance(scopes, list)
        for scope in scopes
    ]
    return tuple(str(scope) for scope in found)


def _finished(document: Json) -> Json:
    document["servers"] = [{"url": "/"}]
    _add_problem(document)
    for path, method, operation in operations_of(document):
        _refuse(operation, asked_by(operation))
        _show(operation, _schemas(document), f"{method.upper()} {path}")
    return document


def _add_problem(document: Json) -> None:
    """Add the schema of problems and one answer per status; take the framework's own schema away."""
    schemas = _at(document, "components", "schemas")
    for name in _FRAMEWORK_SCHEMAS:
        schemas.pop(name, None)
    described = Problem.model_json_schema(mode="serialization", ref_template=f"{REF_PREFIX}{{model}}")
    schemas |= described.pop("$defs")
    schemas["Problem"] = described
    answers = _at(document, "components", "responses")
    answers |= {refusal.name: _answer(refusal) for refusal in REFUSALS}


def _answer(refusal: Refusal) -> Json:
    headers = ("X-Request-Id", *_REFUSED_HEADERS.get(refusal.status, ()))
    return {
        "description": refusal.sample.title,
        "headers": _headers(*headers),
        "content": {
            PROBLEM_MEDIA_TYPE: {
                "schema": {"$ref": f"{REF_PREFIX}Problem"},
                "example": refusal.sample.model_dump(mode="json"),
            }
        },
    }


def _headers(*names: str) -> Json:
    return {name: {"description": _HEADERS[name], "schema": {"type": "string"}} for name in names}


def _refuse(operation: Json, asked: Asked) -> None:
    """Say which refusals to expect; FastAPI's own 422, and a bare one that a route declares, become ours."""
    answers = _at(operation, "responses")
    for refusal in REFUSALS:
        status = str(refusal.status)
        declared = answers.get(status)
        is_bare = declared is not None and (status == "422" or "content" not in _at(answers, status))
        if is_bare or (declared is None and refusal.applies(asked)):
            answers[status] = {"$ref": f"#/components/responses/{refusal.name}"}
    operation["responses"] = dict(sorted(answers.items()))


def _show(operation: Json, schemas: dict[str, Schema], where: str) -> None:
    """Add an example to every JSON body, and the headers that we always send to every answer of success."""
    if "requestBody" in operation:
        _exemplify(_at(operation, "requestBody"), schemas, f"{where}, request")
    asked, answers = asked_by(operation), _at(operation, "responses")
    for status in answers:
        answer = _at(answers, status)
        if "$ref" in answer:
            continue
        _exemplify(answer, schemas, f"{where}, {status}")
        headers = ["X-Request-Id"]
        headers += ["ETag"] if asked.is_command or "If-None-Match" in asked.headers else []
        headers += ["Idempotency-Replayed"] if asked.is_command else []
        headers += ["Location"] if status == "201" else []
        answer["headers"] = _headers(*headers) | _at(answer, "headers")


def _exemplify(body: Json, schemas: dict[str, Schema], where: str) -> None:
    media = _at(body, "content").get(JSON_MEDIA_TYPE) if "content" in body else None
    if not isinstance(media, dict) or "example" in media or "examples" in media:
        return
    schema = _at(media, "schema")
    try:
        if several := examples_of(schema, schemas):
            media["examples"] = {word: {"value": value} for word, value in several.items()}
        else:
            media["example"] = example_of(schema, schemas)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error


def shown_by(media: Json) -> list[JsonValue]:
    """Give every example of a body."""
    several = media.get("examples", {})
    assert isinstance(several, dict)
    values = [named["value"] for named in several.values() if isinstance(named, dict)]
    return [media["example"]] if "example" in media else values


def _schemas(document: Json) -> dict[str, Schema]:
    return {
        name: schema
        for name, schema in _at(document, "components", "schemas").items()
        if isinstance(schema, dict)
    }


def _at(node: Json, *path: str) -> Json:
    """Go down to an object inside the document, making those that are missing."""
    for step in path:
        inner = node.setdefault(step, {})
        assert isinstance(inner, dict), f"{step} is no object"
        node = inner
    return node
