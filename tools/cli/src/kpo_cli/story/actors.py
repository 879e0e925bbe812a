"""People and machines that use the system over HTTP, each with a token of their own."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import TypeAlias
from uuid import UUID, uuid4

import httpx2
from pydantic import JsonValue

from kpo_cli.tokens import PERSONAS, Identity, TokenIssuer

REQUEST_SECONDS_MAX = 30.0
AGAIN_SECONDS = 0.5
UNAVAILABLE = 503
CONNECTIONS_MAX = 64

Json: TypeAlias = dict[str, JsonValue]


class RefusedError(Exception):
    """The system said no; `status` and `problem` are its answer."""

    def __init__(self, request: str, status: int, problem: Json) -> None:
        super().__init__(f"{request}: {status} {problem.get('code')}: {problem.get('detail')}")
        self.status = status
        self.problem = problem


@dataclass(frozen=True)
class World:
    """Where the services listen, and who issues tokens for them."""

    urls: Mapping[str, str]
    issuer: TokenIssuer
    patience_seconds: float = 0.0
    """How long an actor repeats a request that got no answer, or was told to come back."""

    client: httpx2.AsyncClient = field(
        default_factory=lambda: httpx2.AsyncClient(
            timeout=REQUEST_SECONDS_MAX, limits=httpx2.Limits(max_connections=CONNECTIONS_MAX)
        )
    )

    def actor(self, persona: str, *, tenant: UUID | None = None, person: UUID | None = None) -> "Actor":
        """Give somebody new of a persona (client, vendor, operator), or one who acts for a known tenant.

        There is only one operator organisation: all operators act for it.
        """
        if persona == "operator":
            tenant = self.issuer.persona(persona).tenant
        identity = Identity(tenant or uuid4(), person or uuid4(), PERSONAS[persona])
        return Actor(self, identity, self.issuer.issue(identity))

    async def close(self) -> None:
        await self.client.aclose()


@dataclass(frozen=True)
class Answer:
    """What a door answered: the object, its version, and the trace that the request began."""

    body: Json
    etag: str | None
    trace_id: str

    def text(self, name: str) -> str:
        value = self.body[name]
        assert isinstance(value, str), f"{name} is {value!r}"
        return value


@dataclass(frozen=True)
class Actor:
    """Somebody with a token."""

    world: World
    identity: Identity
    token: str

    @property
    def tenant(self) -> UUID:
        return self.identity.tenant

    @property
    def person(self) -> UUID:
        return self.identity.person

    async def get(self, service: str, path: str) -> Answer:
        return await self.ask("GET", service, path)

    async def post(
        self,
        service: str,
        path: str,
        body: Json | None = None,
        *,
        seen: str | None = None,
        key: str | None = None,
    ) -> Answer:
        """Send a command; `seen` is the ETag that the actor looked at before deciding."""
        headers = {"Idempotency-Key": key or uuid4().hex}
        if seen is not None:
            headers["If-Match"] = seen
        return await self.ask("POST", service, path, json=body or {}, headers=headers)

    async def put_content(
        self, service: str, path: str, content: bytes | AsyncIterable[bytes], headers: Mapping[str, str]
    ) -> Answer:
        """Upload bytes; what comes piece by piece needs its Content-Length, and is sent once only."""
        return await self.ask("PUT", service, path, content=content, headers=headers)

    @asynccontextmanager
    async def stream(
        self, service: str, path: str, headers: Mapping[str, str]
    ) -> AsyncIterator[httpx2.Response]:
        """Download bytes piece by piece; RefusedError where they are not given."""
        url, told = f"{self.world.urls[service]}{path}", {**self._told(uuid4().hex), **headers}
        async with self.world.client.stream("GET", url, headers=told) as answer:
            if answer.status_code > 299:  # noqa: PLR2004 - the HTTP classes are numbers by nature.
                await answer.aread()
                raise RefusedError(f"GET {path}", answer.status_code, answer.json())
            yield answer

    def _told(self, trace_id: str) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.token}",
            "traceparent": f"00-{trace_id}-{trace_id[:16]}-01",
        }

    async def ask(  # noqa: PLR0913 - one HTTP request, spread out.
        self,
        method: str,
        service: str,
        path: str,
        *,
        json: Json | None = None,
        content: bytes | AsyncIterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Make a request in a trace of its own; RefusedError for every answer above 299."""
        trace_id = uuid4().hex
        told = {**self._told(trace_id), **(headers or {})}
        url = f"{self.world.urls[service]}{path}"
        request = self.world.client.build_request(method, url, json=json, content=content, headers=told)
        answer = await self._send(request)
        body: Json = answer.json() if answer.content else {}
        if answer.status_code > 299:  # noqa: PLR2004 - the HTTP classes are numbers by nature.
            raise RefusedError(f"{method} {path}", answer.status_code, body)
        return Answer(body, answer.headers.get("etag"), trace_id)

    async def _send(self, request: httpx2.Request) -> httpx2.Response:
        """Send, again and again while nobody answers: the idempotency key makes that harmless."""
        deadline = monotonic() + self.world.patience_seconds
        while True:
            try:
                answer = await self.world.client.send(request)
                if answer.status_code != UNAVAILABLE or monotonic() > deadline:
                    return answer
            except httpx2.TransportError:
                if monotonic() > deadline:
                    raise
            await asyncio.sleep(AGAIN_SECONDS)
