"""The one form of every refusal and failure (RFC 9457), and the table from error to HTTP status."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Literal

from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from kpo_chassis.bodies import ResponseBody
from kpo_chassis.current import current_request
from kpo_chassis.kernel import (
    ConflictError,
    KeyReusedError,
    NotFoundError,
    OverloadedError,
    RefusalError,
    StaleError,
    TransientError,
)

PROBLEM_MEDIA_TYPE = "application/problem+json"
ERRORS_MAX = 50
"""How many errors one problem lists; a caller who has more reads these first."""
RETRY_AFTER_SECONDS = 1
"""What `Retry-After` says where nobody knows better."""

Source = Literal["body", "query", "path", "header"]


class ProblemError(ResponseBody):
    """One thing that is wrong with the request."""

    source: Source = Field("body", description="The part of the request that `pointer` points into.")
    pointer: str = Field(description="JSON Pointer (RFC 6901) to the value; '' is the whole.")
    code: str = Field(description="The rule that was broken, stable.")
    detail: str = Field(description="What the rule allows.")


class Problem(ResponseBody):
    """Why the request was not done, and what to do about it."""

    type: str = Field(description="The kind of problem, as a URI made from `code`.")
    title: str = Field(description="The HTTP status in words.")
    status: int
    detail: str = Field(description="A sentence that says what to do.")
    instance: str = Field(description="The path of the request.")
    code: str = Field(description="The kind of problem, stable: programs decide by it.")
    request_id: str = Field(description="Quote it when you ask for help.")
    trace_id: str | None = Field(None, description="The trace of the request, if it was traced.")
    allowed: tuple[str, ...] = Field((), description="The actions that the state allows (409).")
    errors: tuple[ProblemError, ...] = Field((), description="What is wrong, part by part (422).")


class HttpProblem(HTTPException):
    """A problem that the HTTP edge itself finds; a subclass of what FastAPI lets pass untouched."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Iterable[ProblemError] = (),
    ) -> None:
        super().__init__(status, detail, headers)
        self.code = code
        self.allowed: tuple[str, ...] = ()
        self.errors = tuple(errors)[:ERRORS_MAX]


def problem_of(error: Exception) -> HttpProblem:
    """Say which HTTP answer an error is; whatever has no row here is a bug and becomes 500."""
    match error:
        case HttpProblem():
            return error
        case RefusalError():
            return _refused(error)
        case OverloadedError(retry_after_seconds=seconds):
            return unavailable("overloaded", str(error), seconds)
        case TransientError():
            return unavailable("unavailable", "The database does not answer; send the same request again.")
        case ClientDisconnect():
            return HttpProblem(400, "body_incomplete", "The connection closed before the body was complete.")
        case _:
            return HttpProblem(500, "internal_error", "This is our mistake; quote the request_id to us.")


def unavailable(code: str, detail: str, retry_after_seconds: int = RETRY_AFTER_SECONDS) -> HttpProblem:
    return HttpProblem(503, code, detail, headers={"Retry-After": str(retry_after_seconds)})


def in_flight() -> HttpProblem:
    code, detail = (
        "request_in_flight",
        "The first request with this key is still under way; send it again later.",
    )
    found = ProblemError(source="header", pointer="/Idempotency-Key", code=code, detail=detail)
    return HttpProblem(409, code, detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)}, errors=[found])


def status_of(error: RefusalError) -> int:
    match error:
        case NotFoundError():
            return 404
        case ConflictError():
            return 409
        case StaleError():
            return 412
        case _:
            return 422


def _refused(error: RefusalError) -> HttpProblem:
    pointed = error.pointer is not None or isinstance(error, KeyReusedError)
    found = ProblemError(
        source="header" if isinstance(error, KeyReusedError) else "body",
        pointer="/Idempotency-Key" if isinstance(error, KeyReusedError) else error.pointer or "",
        code=error.code,
        detail=error.detail,
    )
    problem = HttpProblem(status_of(error), error.code, error.detail, errors=[found] if pointed else [])
    if isinstance(error, ConflictError):
        problem.allowed = error.allowed
    return problem


def problem_response(path: str, problem: HttpProblem) -> Response:
    """Write a problem as the answer to the current request."""
    request = current_request()
    body = Problem(
        type=f"urn:kpo:problem:{problem.code}",
        title=HTTPStatus(problem.status_code).phrase,
        status=problem.status_code,
        detail=problem.detail,
        instance=path,
        code=problem.code,
        request_id=request.request_id,
        trace_id=request.trace_id,
        allowed=problem.allowed,
        errors=problem.errors,
    )
    return Response(
        body.model_dump_json(),
        problem.status_code,
        headers=problem.headers,
        media_type=PROBLEM_MEDIA_TYPE,
    )
