"""From a request to a cause: the caller, the idempotency key with its fingerprint, the version seen."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Request, Response, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes
from pydantic import BaseModel, JsonValue

from kpo_chassis.auth import demand, refuse_anonymous
from kpo_chassis.current import current_request
from kpo_chassis.edge import edge_of
from kpo_chassis.kernel import PUBLIC, Aggregate, Caller, Command, Stored
from kpo_chassis.problem import HttpProblem

S = TypeVar("S", bound=Aggregate)
B = TypeVar("B", bound=BaseModel)

KEY_HEADER = "Idempotency-Key"
KEY_CHARS_MAX = 255
REPLAYED_HEADER = "Idempotency-Replayed"
ETAG_CHARS_MAX = 64

_STRONG_ETAG = re.compile(r'"([1-9][0-9]{0,17})"')
_BEARER = HTTPBearer(
    scheme_name="bearer", bearerFormat="JWT", description="An access token (RFC 9068).", auto_error=False
)


async def caller(
    request: Request,
    required: SecurityScopes,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
) -> Caller:
    """Authenticate: use it as `Security(caller, scopes=[...])`; every scope named must be in the token."""
    if credentials is None:
        refuse_anonymous()
    known = await edge_of(request).verifier.caller(credentials.credentials)
    current_request().caller = known
    demand(known, required.scopes)
    return known


async def command(
    request: Request,
    who: Annotated[Caller, Depends(caller)],
    key: Annotated[
        str,
        Header(
            alias=KEY_HEADER,
            min_length=1,
            max_length=KEY_CHARS_MAX,
            description="Yours to choose, new for every new request; repeat it to repeat the request safely.",
            examples=["6f1d4c1e-0d6b-4f2a-9a50-3b2f1c7e8a11"],
        ),
    ],
) -> Command:
    """Make the cause of a change: use it as `Security(command, scopes=[...])` on every POST."""
    return _current(Command(who, f"{route_template(request)}:{key}", await fingerprint(request)))


async def unkeyed_command(who: Annotated[Caller, Depends(caller)]) -> Command:
    """Make the cause of a GET that time decides on, or that leaves a trace each time it is done."""
    return Command(who, None, "")


async def seen_command(
    cause: Annotated[Command, Depends(command)],
    if_match: Annotated[
        str,
        Header(
            alias="If-Match",
            max_length=ETAG_CHARS_MAX,
            description="The ETag of the version that you saw and decided on.",
            examples=['"7"'],
        ),
    ],
) -> Command:
    """Make the cause of a change that depends on what the caller saw."""
    return _current(Command(cause.caller, cause.key, cause.fingerprint, seen_version(if_match)))


def _current(cause: Command) -> Command:
    """Let the edge know what the request became, for the case that it takes too long."""
    current_request().command = cause
    return cause


def seen_version(if_match: str) -> int:
    """Read the one strong ETag that an action needs; `*` and lists would hide what the caller saw."""
    found = _STRONG_ETAG.fullmatch(if_match.strip())
    if found is None:
        raise HttpProblem(400, "if_match_malformed", 'Send one ETag as you got it, such as If-Match: "7".')
    return int(found[1])


def route_template(request: Request) -> str:
    """Give method and path of the matched route, such as `POST /v1/matches/{match_id}/choose`."""
    return f"{request.method} {request.scope['route'].path}"


async def fingerprint(request: Request) -> str:
    """Hash what makes two requests the same: method, concrete path, canonical JSON (SHA-256, hex)."""
    told = hashlib.sha256(f"{request.method} {request.url.path}\n".encode())
    told.update(await _canonical_body(request))
    return told.hexdigest()


async def _canonical_body(request: Request) -> bytes:
    """Write the JSON with sorted keys and no spaces; what is no JSON is refused later, so any bytes do."""
    raw = await request.body()
    try:
        body = json.loads(raw.decode(), object_pairs_hook=_each_once)
        return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    except UnicodeDecodeError:
        raise HttpProblem(
            400, "json_malformed", "The body is not in UTF-8; send valid JSON in UTF-8."
        ) from None
    except (ValueError, RecursionError):
        return raw


def _each_once(fields: Sequence[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    """Refuse an object that names a field twice: readers would not agree on what it says."""
    found = dict(fields)
    if len(found) < len(fields):
        twice = next(name for name, count in Counter(name for name, _ in fields).items() if count > 1)
        raise HttpProblem(400, "json_malformed", f"The field {twice[:80]!r} is there twice; send it once.")
    return found


def reply(
    response: Response,
    stored: Stored[S],
    shape: Callable[[Stored[S], Caller], B],
    *,
    location: str | None = None,
) -> B:
    """Answer with a state as its caller may see it: sets ETag, `Idempotency-Replayed` and Location."""
    who = current_request().caller
    assert who is not None, "a route that replies asks for its caller or command first"
    body = shape(stored, who)
    response.headers["ETag"] = tag_of(stored, who, body)
    if stored.replayed:
        response.headers[REPLAYED_HEADER] = "true"
    if location is not None:
        response.headers["Location"] = location
    return body


def tag_of(stored: Stored[S], who: Caller, body: BaseModel) -> str:
    """Give parties the version, and the public a hash of what it sees.

    A version counts every change, and how often a state changes behind what is shown is not for all to know.
    """
    parties = stored.state.parties
    if PUBLIC not in parties or who.is_operator or who.tenant in parties:
        return etag(stored.version)
    return f'"{hashlib.sha256(body.model_dump_json().encode()).hexdigest()}"'


def etag(version: int) -> str:
    return f'"{version}"'
