"""The promises of our HTTP API that only requests show: each operation is asked wrongly in every way."""

import json
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus

import httpx2
from pydantic import JsonValue

from kpo_chassis.content import OCTETS
from kpo_chassis.current import JSON_BYTES_MAX
from kpo_chassis.examples import example_of
from kpo_chassis.openapi import Json, asked_by, operations_of, shown_by
from kpo_chassis.problem import PROBLEM_MEDIA_TYPE
from kpo_chassis.refusals import Asked

JSON_HEADERS = {"Content-Type": "application/json"}
SURPRISE = "surprise"
DIGEST = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"
REQUEST_ID = "a-request-of-the-test"

Headers = Mapping[str, str]
TokenFor = Callable[[Collection[str]], Headers]
"""Gives request headers with an Authorization that holds these scopes."""


@dataclass(frozen=True)
class Wrong:
    """One request that must be refused, and how."""

    status: int
    code: str
    headers: Headers
    content: bytes | None = None
    query: str = ""
    chunked: bool = False


@dataclass(frozen=True)
class Target:
    """One operation, with the means to ask it."""

    path: str
    method: str
    operation: Json
    token_for: TokenFor

    @cached_property
    def asked(self) -> Asked:
        return asked_by(self.operation)

    @cached_property
    def url(self) -> str:
        parameters = self.operation.get("parameters", [])
        assert isinstance(parameters, list)
        url = self.path
        for parameter in parameters:
            assert isinstance(parameter, dict)
            if parameter["in"] == "path":
                schema = parameter["schema"]
                assert isinstance(schema, dict)
                url = url.replace(f"{{{parameter['name']}}}", str(example_of(schema, {})))
        return url

    @cached_property
    def example(self) -> dict[str, JsonValue]:
        media = self.operation
        for step in ("requestBody", "content", "application/json"):
            inner = media[step]
            assert isinstance(inner, dict)
            media = inner
        example = shown_by(media)[0]
        assert isinstance(example, dict)
        return example

    def wrongs(self) -> Iterator[Wrong]:
        """List the wrong requests that this operation must refuse, each wrong in one way only."""
        if self.asked.scopes is None:
            return
        yield Wrong(401, "token_missing", {})
        yield Wrong(401, "token_invalid", {"Authorization": "Bearer no.token.atall"})
        if self.asked.scopes:
            yield Wrong(403, "scope_missing", self._authorised(()))
        yield from self._wrong_headers()
        if self.asked.takes_json:
            yield from self._wrong_bodies()
        if self.asked.takes_bytes:
            yield from self._wrong_content()
        if "cursor" in self.asked.parameters:
            yield Wrong(400, "cursor_invalid", self._token, query="?cursor=bm90IG91cnM")
            yield Wrong(422, "request_invalid", self._token, query=f"?{SURPRISE}=1")
            yield Wrong(422, "request_invalid", self._token, query="?limit=0")

    @cached_property
    def _token(self) -> Headers:
        return self._authorised(self.asked.scopes or ())

    def _authorised(self, scopes: Collection[str]) -> Headers:
        """Take the token alone: whatever else a test usually sends would hide what is missing here."""
        return {"Authorization": self.token_for(scopes)["Authorization"]}

    @cached_property
    def _right(self) -> dict[str, str]:
        """Headers that are all there and well-formed."""
        headers = {**self._token}
        if self.asked.is_command:
            headers["Idempotency-Key"] = "once"
        if "If-Match" in self.asked.headers:
            headers["If-Match"] = '"1"'
        return headers

    def _wrong_headers(self) -> Iterator[Wrong]:
        body = json.dumps(self.example).encode() if self.asked.takes_json else None
        right = self._right | JSON_HEADERS if self.asked.takes_json else self._right
        if self.asked.is_command:
            yield Wrong(400, "idempotency_key_missing", _without(right, "Idempotency-Key"), body)
            too_long = right | {"Idempotency-Key": "k" * 256}
            yield Wrong(400, "idempotency_key_missing", too_long, body)
        if "If-Match" in self.asked.headers:
            yield Wrong(428, "if_match_missing", _without(right, "If-Match"), body)
            yield Wrong(400, "if_match_malformed", right | {"If-Match": "*"}, body)

    def _wrong_bodies(self) -> Iterator[Wrong]:
        right = self._right | JSON_HEADERS
        surprised = json.dumps({**self.example, SURPRISE: 1}).encode()
        yield Wrong(400, "json_malformed", right, b'{"broken": ')
        yield Wrong(400, "json_malformed", right, b'{"text": "\xff"}')
        yield Wrong(413, "body_too_large", right, b" " * (JSON_BYTES_MAX + 1))
        yield Wrong(413, "body_too_large", right, b" " * (JSON_BYTES_MAX + 1), chunked=True)
        yield Wrong(415, "media_type_unsupported", right | {"Content-Type": "text/plain"}, b"{}")
        yield Wrong(422, "request_invalid", right, surprised)
        yield Wrong(422, "request_invalid", right, b"[]")
        yield Wrong(422, "request_invalid", right)

    def _wrong_content(self) -> Iterator[Wrong]:
        right = self._right | {"Content-Type": OCTETS, "Content-Digest": DIGEST}
        yield Wrong(400, "content_digest_malformed", _without(right, "Content-Digest"), b"x")
        yield Wrong(400, "content_digest_malformed", right | {"Content-Digest": "md5=:x:"}, b"x")
        yield Wrong(411, "length_required", right, b"x", chunked=True)
        yield Wrong(413, "content_too_large", right | {"Content-Length": "999999999999"}, b"x")


async def misbehaviour(http: httpx2.AsyncClient, token_for: TokenFor) -> list[str]:
    """Ask every operation of a service wrongly; give what was not refused as promised, in sentences."""
    document = (await http.get("/openapi.json")).raise_for_status().json()
    targets = [Target(*operation, token_for) for operation in operations_of(document)]
    found: list[str] = []
    for target in targets:
        for wrong in target.wrongs():
            answer = await _ask(http, target, wrong)
            found += [
                f"{target.method.upper()} {target.path}, {wrong}: {told}" for told in _told(answer, wrong)
            ]
        found += await _other_method(
            http, target, {t.method.upper() for t in targets if t.path == target.path}
        )
    return found


async def _ask(http: httpx2.AsyncClient, target: Target, wrong: Wrong) -> httpx2.Response:
    content = _chunks(wrong.content or b"") if wrong.chunked else wrong.content
    headers = {**wrong.headers, "X-Request-Id": REQUEST_ID}
    return await http.request(target.method, target.url + wrong.query, headers=headers, content=content)


def _told(answer: httpx2.Response, wrong: Wrong) -> Iterator[str]:
    """Compare a refusal with the one expected, and with the form that all have."""
    if answer.status_code != wrong.status:
        yield f"answered {answer.status_code} {answer.text}"
        return
    if answer.headers["content-type"] != PROBLEM_MEDIA_TYPE:
        yield f"is {answer.headers['content-type']}"
        return
    problem = answer.json()
    if problem["code"] != wrong.code:
        yield f"has the code {problem['code']}"
    if problem["request_id"] != REQUEST_ID or answer.headers["x-request-id"] != REQUEST_ID:
        yield "lost the request id"
    if problem["status"] != wrong.status or problem["instance"] != answer.url.path:
        yield "names another status or path"
    if wrong.status in {401, 403} and "www-authenticate" not in answer.headers:
        yield "lacks WWW-Authenticate"
    if wrong.status == HTTPStatus.UNPROCESSABLE_ENTITY and not problem["errors"]:
        yield "does not say what is wrong"


async def _other_method(http: httpx2.AsyncClient, target: Target, methods: set[str]) -> list[str]:
    answer = await http.request("TRACE", target.url)
    allowed = set(answer.headers.get("allow", "").split(", "))
    if answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED and allowed == methods:
        return []
    return [f"TRACE {target.path}: answered {answer.status_code}, allows {sorted(allowed)}"]


def _without(headers: Headers, name: str) -> dict[str, str]:
    return {key: value for key, value in headers.items() if key != name}


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    yield content
