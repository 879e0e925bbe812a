"""Which refusals an operation can answer, told from what it asks; one sample problem for each status."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from kpo_chassis.examples import SAMPLE_UUID
from kpo_chassis.problem import Problem, ProblemError

SAMPLE_PATH = f"/v1/matches/{SAMPLE_UUID}/choose"
SAMPLE_REQUEST_ID = "5b1fd1f2e60c4b0f8d2f3b6f0a3e9c77"


@dataclass(frozen=True, slots=True)
class Asked:
    """What an operation takes, as its OpenAPI description says."""

    scopes: tuple[str, ...] | None
    headers: frozenset[str]
    parameters: frozenset[str]
    is_in_path: bool
    takes_json: bool
    takes_bytes: bool

    @property
    def takes_body(self) -> bool:
        return self.takes_json or self.takes_bytes

    @property
    def is_command(self) -> bool:
        return "Idempotency-Key" in self.headers


@dataclass(frozen=True, slots=True)
class Refusal:
    """One HTTP status with which requests are refused, and when an operation may answer it."""

    status: int
    code: str
    detail: str
    applies: Callable[[Asked], bool]
    errors: tuple[ProblemError, ...] = ()
    allowed: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name its entry under components/responses, such as `NotFound`."""
        return HTTPStatus(self.status).phrase.title().replace(" ", "").replace("-", "")

    @property
    def sample(self) -> Problem:
        return Problem(
            type=f"urn:kpo:problem:{self.code}",
            title=HTTPStatus(self.status).phrase,
            status=self.status,
            detail=self.detail,
            instance=SAMPLE_PATH,
            code=self.code,
            request_id=SAMPLE_REQUEST_ID,
            trace_id=None,
            allowed=self.allowed,
            errors=self.errors,
        )


_MISSING = ProblemError(source="body", pointer="/expert_id", code="missing", detail="This is required.")

REFUSALS = (
    Refusal(
        400,
        "idempotency_key_missing",
        "Send an Idempotency-Key of 1 to 255 characters, new for every new request.",
        lambda asked: asked.is_command or asked.takes_body or "cursor" in asked.parameters,
    ),
    Refusal(
        401,
        "token_invalid",
        "The token has expired; get a new one.",
        lambda asked: asked.scopes is not None,
    ),
    Refusal(
        403,
        "scope_missing",
        "The token lacks the scope matches:write; ask for one that has it.",
        lambda asked: bool(asked.scopes),
    ),
    Refusal(
        404,
        "not_found",
        "There is no such match, as far as you may know.",
        lambda asked: asked.is_in_path,
    ),
    Refusal(
        409,
        "conflict",
        "The match is not in a state for this; do one of the allowed actions.",
        lambda asked: asked.is_command,
        allowed=("cancel",),
    ),
    Refusal(
        411,
        "length_required",
        "Say how many bytes come: send Content-Length.",
        lambda asked: asked.takes_bytes,
    ),
    Refusal(
        412,
        "stale_version",
        "It changed after you saw it; read it again and decide again.",
        lambda asked: "If-Match" in asked.headers,
    ),
    Refusal(
        413,
        "body_too_large",
        "A body has at most 1048576 bytes here.",
        lambda asked: asked.takes_body,
    ),
    Refusal(
        415,
        "media_type_unsupported",
        "Send JSON, and say so: Content-Type: application/json.",
        lambda asked: asked.takes_body,
    ),
    Refusal(
        416,
        "range_not_satisfiable",
        "There are only 1024 bytes.",
        lambda _: False,  # Routes that give content say so themselves.
    ),
    Refusal(
        422,
        "request_invalid",
        "/expert_id: This is required.",
        lambda asked: asked.takes_body or bool(asked.parameters),
        errors=(_MISSING,),
    ),
    Refusal(
        428,
        "if_match_missing",
        "Say which version you saw: send its ETag in If-Match.",
        lambda asked: "If-Match" in asked.headers,
    ),
    Refusal(
        500,
        "internal_error",
        "This is our mistake; quote the request_id to us.",
        lambda _: True,
    ),
    Refusal(
        503,
        "overloaded",
        "Too many changes wait; try again in 5 s.",
        lambda _: True,
    ),
)
