"""Turns what FastAPI and Starlette raise into problems: bodies that do not parse, rules that do not hold."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from kpo_chassis.kernel import OverloadedError, RefusalError, TransientError
from kpo_chassis.problem import ERRORS_MAX, HttpProblem, ProblemError, Source, problem_of, problem_response

Location: TypeAlias = Sequence[str | int]
Finding: TypeAlias = Mapping[str, object]

_SOURCES: Mapping[str | int, Source] = {
    "body": "body",
    "query": "query",
    "path": "path",
    "header": "header",
}

_KINDS: Mapping[str, str] = {
    "bool_type": "Write true or false, without quotes.",
    "int_type": "Write a whole number, without quotes.",
    "string_type": "Write a text, in quotes.",
    "tuple_type": "Write an array.",
    "dict_type": "Write an object.",
    "model_type": "Write an object.",
    "model_attributes_type": "Write an object.",
}
"""What is asked for where a value is of another type, in the words of JSON."""

_MEMBER = re.compile(r"<\w+\.\w+: |>(?=,|$)")
"""What Pydantic writes around the value of an enumeration's member."""


def add_failures(app: FastAPI) -> None:
    """Answer every error that leaves a route as a problem; the rest is the middleware's."""
    for kind in (RefusalError, OverloadedError, TransientError, ClientDisconnect):
        app.add_exception_handler(kind, _answer)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(RequestValidationError, _answer_validation)


async def _answer(request: Request, error: Exception) -> Response:
    return problem_response(request.url.path, problem_of(error))


async def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    problem = error if isinstance(error, HttpProblem) else _of_framework(request, error)
    return problem_response(request.url.path, problem)


async def _answer_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem_response(request.url.path, invalid(error))


def _of_framework(request: Request, error: HTTPException) -> HttpProblem:
    """Say in our words what Starlette says in its own."""
    match error.status_code:
        case 404:
            return HttpProblem(404, "route_unknown", "There is no such path; see /openapi.json.")
        case 405:
            allow = ", ".join(sorted(_methods_at(request)))
            detail = f"This path does not take {request.method}; it takes {allow}."
            return HttpProblem(405, "method_not_allowed", detail, headers={"Allow": allow})
        case 400:
            return HttpProblem(400, "json_malformed", "The body is no JSON text; send valid JSON in UTF-8.")
        case status:
            return HttpProblem(status, "http_error", error.detail, headers=error.headers)


def _methods_at(request: Request) -> set[str]:
    """Collect the methods of all routes at this path; Starlette alone would name those of the first."""
    methods: set[str] = set()
    for route in iter_route_contexts(request.app.router.routes):
        pattern = getattr(route.original_route, "path_regex", None)
        if pattern is not None and route.methods and pattern.match(request.url.path):
            methods |= route.methods
    return methods


def invalid(error: RequestValidationError) -> HttpProblem:
    """Choose the answer to a request that breaks rules: 400, 415, 428, or 422 with everything listed."""
    findings: Sequence[Finding] = error.errors()
    early = _malformed(findings) or _not_json(findings, error.body) or _header_problem(findings)
    if early is not None:
        return early
    findings = _without_consequences(findings)
    errors = [_error(finding, error.body) for finding in findings[:ERRORS_MAX]]
    detail = f"{errors[0].pointer or 'The ' + errors[0].source}: {errors[0].detail}"
    more = len(findings) - 1
    counted = f" And {more} more: see errors." if more else ""
    return HttpProblem(422, "request_invalid", detail + counted, errors=errors)


def _without_consequences(findings: Sequence[Finding]) -> Sequence[Finding]:
    """Leave out that an array is too short where that is so because some of its items are wrong."""
    with_faults_inside = {place[:depth] for place in map(_place, findings) for depth in range(len(place))}
    return [
        finding
        for finding in findings
        if finding["type"] != "too_short" or _place(finding) not in with_faults_inside
    ]


def _place(finding: Finding) -> tuple[str | int, ...]:
    place = finding["loc"]
    assert isinstance(place, tuple)
    return place


def _malformed(findings: Iterable[Finding]) -> HttpProblem | None:
    for finding in findings:
        if finding["type"] == "json_invalid":
            detail = f"The body is no JSON text: it breaks off at character {_place(finding)[-1]}."
            return HttpProblem(400, "json_malformed", detail)
    return None


def _not_json(findings: Iterable[Finding], body: object) -> HttpProblem | None:
    """Bytes are what FastAPI hands on when Content-Type says that the body is something else."""
    if isinstance(body, bytes) and any(finding["loc"] == ("body",) for finding in findings):
        detail = "Send JSON, and say so: Content-Type: application/json."
        return HttpProblem(415, "media_type_unsupported", detail, headers={"Accept": "application/json"})
    return None


def _header_problem(findings: Iterable[Finding]) -> HttpProblem | None:
    """Headers that carry a rule of HTTP have a status of their own."""
    for finding in findings:
        match finding["loc"], finding["type"]:
            case ("header", "Idempotency-Key"), _:
                detail = "Send an Idempotency-Key of 1 to 255 characters, new for every new request."
                return HttpProblem(400, "idempotency_key_missing", detail)
            case ("header", "If-Match"), "missing":
                detail = "Say which version you saw: send its ETag in If-Match."
                return HttpProblem(428, "if_match_missing", detail)
            case ("header", "Content-Length"), _:
                return HttpProblem(411, "length_required", "Say how many bytes come: send Content-Length.")
            case ("header", "Content-Digest"), _:
                detail = "Send the SHA-256 of the bytes: Content-Digest: sha-256=:<base64>:."
                return HttpProblem(400, "content_digest_malformed", detail)
            case _:
                continue
    return None


def _error(finding: Finding, body: object) -> ProblemError:
    location = (*_place(finding), *_discriminator(finding))
    source = _SOURCES.get(location[0], "body")
    missing = finding["type"] in {"missing", "union_tag_not_found"}
    pointer = (
        pointer_into(body, location[1:], ends_missing=missing)
        if source == "body"
        else "".join(f"/{step}" for step in location[1:])
    )
    return ProblemError(source=source, pointer=pointer, code=str(finding["type"]), detail=_sentence(finding))


def _discriminator(finding: Finding) -> tuple[str, ...]:
    """Name the field that tells the members of a union apart, where that one is wrong or missing."""
    match finding:
        case {"type": "union_tag_invalid" | "union_tag_not_found", "ctx": {"discriminator": str(quoted)}}:
            return (quoted.strip("'"),)
        case _:
            return ()


def _sentence(finding: Finding) -> str:
    match finding["type"]:
        case "missing" | "union_tag_not_found":
            return "This is required."
        case "union_tag_invalid":
            context = finding["ctx"]
            assert isinstance(context, Mapping)
            return f"This is one of {_MEMBER.sub('', str(context['expected_tags']))}."
        case "too_short" | "too_long" as bound:
            context = finding["ctx"]
            assert isinstance(context, Mapping)
            word, limit = ("least", "min_length") if bound == "too_short" else ("most", "max_length")
            items = "item" if context[limit] == 1 else "items"
            return f"There must be at {word} {context[limit]} {items} here, not {context['actual_length']}."
        case str(kind) if kind in _KINDS:
            return _KINDS[kind]
        case "extra_forbidden" if finding["msg"] == "Extra inputs are not permitted":
            return "There is no such field here; remove it or correct its name."
        case _:
            text = str(finding["msg"]).removeprefix("Value error, ")
            return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def pointer_into(document: object, location: Location, *, ends_missing: bool) -> str:
    """Turn Pydantic's location into a JSON Pointer (RFC 6901) into the document that was sent.

    Pydantic's locations also name union members and validators; steps that the document does not have are
    left out, but for the last one when it names what is missing.
    """
    pointer, place = "", document
    for position, step in enumerate(location):
        found, inner = _step(place, step)
        if found:
            place = inner
        elif not (ends_missing and position == len(location) - 1):
            continue
        pointer += "/" + str(step).replace("~", "~0").replace("/", "~1")
    return pointer


def _step(place: object, step: str | int) -> tuple[bool, object]:
    if isinstance(place, dict) and step in place:
        return True, place[step]
    if isinstance(place, list) and isinstance(step, int) and step < len(place):
        return True, place[step]
    return False, None
