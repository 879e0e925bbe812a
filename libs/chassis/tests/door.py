"""A sample door: briefs that are written, published and read over HTTP, with nothing but memory behind it."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal, TypeVar
from uuid import UUID, uuid4

import httpx2
from fastapi import APIRouter, Depends, Query, Response, Security
from pydantic import Field

from kpo_chassis.blobs import Blobs
from kpo_chassis.cursors import Cursors
from kpo_chassis.documents import EXPECTED, OpenTask
from kpo_chassis.http import (
    Check,
    ContentBody,
    Download,
    Edge,
    Instant,
    Listed,
    ListFilters,
    MoneyBody,
    Reading,
    RequestBody,
    ResponseBody,
    TaskPlace,
    Upload,
    add_reading,
    caller,
    command,
    content_get,
    content_put,
    create_app,
    download,
    reply,
    seen_command,
    upload,
)
from kpo_chassis.kernel import (
    Aggregate,
    Caller,
    Command,
    ConflictError,
    KeyReusedError,
    NotFoundError,
    StaleError,
    Stored,
    Task,
    TenantId,
)
from kpo_chassis.reading import Place
from kpo_chassis.store import Where
from kpo_chassis.testing.blobs import MemoryBlobs
from kpo_chassis.testing.filters import matches
from kpo_chassis.testing.tokens import Issuer

S = TypeVar("S")
A = TypeVar("A", bound=Aggregate)

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
READ, WRITE = "briefs:read", "briefs:write"


class BriefStatus(StrEnum):
    EXPECTED = EXPECTED
    DRAFT = "draft"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Brief:
    """A text that its tenant may publish once."""

    id: UUID
    tenant: TenantId
    title: str = "A market study"
    status: BriefStatus = BriefStatus.DRAFT
    due_at: datetime | None = None

    @property
    def parties(self) -> frozenset[TenantId]:
        return frozenset({self.tenant})

    @property
    def tasks(self) -> tuple[Task, ...]:
        return (Task(self.tenant, "publish", f"/v1/briefs/{self.id}/publish", self.due_at),)


class AlreadyPublishedError(ConflictError):
    code = "already_published"


@dataclass
class Shelf:
    """Changes, reads and listings over a dictionary; each command runs at once and is remembered by key."""

    briefs: dict[UUID, Listed[Brief]] = field(default_factory=dict)
    answers: dict[str, tuple[str, UUID]] = field(default_factory=dict)
    causes: list[Command] = field(default_factory=list)
    failure: Exception | None = None

    def put(self, brief: Brief) -> Brief:
        created_at = START + timedelta(minutes=len(self.briefs))
        self.briefs[brief.id] = Listed(Stored(brief, 1), created_at)
        return brief

    def change(self, cause: Command, key: UUID, decide: Callable[[Brief | None], Brief]) -> Stored[Brief]:
        self.causes.append(cause)
        if self.failure:
            raise self.failure
        assert cause.key is not None
        if cause.key in self.answers:
            return self._replayed(cause)
        before = self.briefs.get(key)
        if before and cause.if_match not in {None, before.stored.version}:
            raise StaleError("It changed after you saw it; read it again and decide again.")
        brief = decide(before.stored.state if before else None)
        version = before.stored.version + 1 if before else 1
        created_at = before.created_at if before else START + timedelta(minutes=len(self.briefs))
        self.briefs[key] = Listed(Stored(brief, version), created_at)
        self.answers[cause.key] = cause.fingerprint, key
        return self.briefs[key].stored

    def _replayed(self, cause: Command) -> Stored[Brief]:
        assert cause.key is not None
        asked, key = self.answers[cause.key]
        if asked != cause.fingerprint:
            raise KeyReusedError("The key was used for another request; take a new one.")
        return replace(self.briefs[key].stored, replayed=True)

    async def get(self, kind: type[S], key: UUID, caller: Caller | None = None) -> Stored[S]:
        found = self.briefs.get(key)
        if found is None or (caller and not caller.may_know(found.stored.state.parties)):
            raise NotFoundError(f"There is no brief {key}.")
        state = found.stored.state
        assert isinstance(state, kind)
        return Stored(state, found.stored.version)

    async def find(
        self, kind: type[S], where: Mapping[str, str], *, after: UUID | None = None, limit: int
    ) -> tuple[S, ...]:
        raise NotImplementedError

    async def several(self, kind: type[S], keys: Collection[UUID]) -> tuple[S, ...]:
        raise NotImplementedError

    async def page(
        self, kind: type[A], caller: Caller, where: Where, *, after: Place | None, limit: int
    ) -> tuple[Listed[A], ...]:
        listed = [
            Listed(Stored(brief, each.stored.version), each.created_at)
            for each in self.briefs.values()
            if isinstance(brief := each.stored.state, kind) and caller.may_know(brief.parties)
            if matches({"status": brief.status, "facets": {"due_at": brief.due_at}}, where)
        ]
        ordered = sorted(listed, key=lambda each: each.place, reverse=True)
        return tuple(each for each in ordered if after is None or each.place < after)[:limit]

    async def tasks(self, caller: Caller, *, after: TaskPlace | None, limit: int) -> tuple[OpenTask, ...]:
        never = datetime.max.replace(tzinfo=UTC)
        waiting = [
            OpenTask(task, "brief", each.stored.state.id)
            for each in self.briefs.values()
            for task in each.stored.state.tasks
            if caller.may_know(frozenset({task.tenant}))
        ]
        ordered = sorted(waiting, key=lambda each: (each.task.until or never, each.id))
        start = (after.until or never, after.id) if after else None
        return tuple(w for w in ordered if start is None or (w.task.until or never, w.id) > start)[:limit]


class WriteBody(RequestBody):
    """What a new brief says."""

    title: Annotated[str, Field(min_length=1, max_length=80)]
    tone: Literal["formal", "plain"] = "plain"
    fee: MoneyBody | None = None
    due_at: Instant | None = None
    tags: Annotated[tuple[Annotated[str, Field(max_length=10)], ...], Field(max_length=3)] = ()


class PublishBody(RequestBody):
    """To whom a brief is shown."""

    audience: Annotated[str, Field(max_length=80)] = "everybody"


class BriefBody(ResponseBody):
    """A brief."""

    id: UUID
    title: str
    status: BriefStatus
    due_at: Instant | None
    is_yours: bool


@dataclass(frozen=True)
class BriefFilters(ListFilters):
    """What briefs can be found by."""

    due_before: Annotated[Instant | None, Query(description="Keep what is due earlier.")] = None

    @property
    def facets(self) -> Mapping[str, object]:
        return {} if self.due_before is None else {"due_at": {"$lt": self.due_before}}


def brief_body(stored: Stored[Brief], who: Caller) -> BriefBody:
    brief = stored.state
    return BriefBody(
        id=brief.id,
        title=brief.title,
        status=brief.status,
        due_at=brief.due_at,
        is_yours=who.tenant == brief.tenant,
    )


def _published(brief: Brief | None) -> Brief:
    assert brief is not None
    if brief.status is BriefStatus.PUBLISHED:
        raise AlreadyPublishedError("The brief is published already.", allowed=("withdraw", "copy"))
    return replace(brief, status=BriefStatus.PUBLISHED)


def briefs_router(shelf: Shelf, blobs: Blobs) -> APIRouter:
    routes = APIRouter(tags=["briefs"])
    add_reading(
        routes,
        shelf,
        Reading(
            kind=Brief,
            path="/v1/briefs",
            name="brief",
            plural="briefs",
            body=BriefBody,
            shape=brief_body,
            scope=READ,
            statuses=BriefStatus,
            filters=BriefFilters,
        ),
    )

    @routes.post("/v1/briefs", status_code=201)
    async def write_brief(
        body: WriteBody,
        response: Response,
        cause: Annotated[Command, Security(command, scopes=[WRITE])],
    ) -> BriefBody:
        brief = Brief(uuid4(), cause.caller.tenant, body.title, due_at=body.due_at)
        stored = shelf.change(cause, brief.id, lambda _: brief)
        return reply(response, stored, brief_body, location=f"/v1/briefs/{stored.state.id}")

    @routes.post("/v1/briefs/{brief_id}/publish")
    async def publish_brief(
        brief_id: UUID,
        body: PublishBody,
        response: Response,
        cause: Annotated[Command, Security(seen_command, scopes=[WRITE])],
    ) -> BriefBody:
        assert body.audience
        await shelf.get(Brief, brief_id, cause.caller)
        return reply(response, shelf.change(cause, brief_id, _published), brief_body)

    _add_content(routes, shelf, blobs)
    return routes


def _add_content(routes: APIRouter, shelf: Shelf, blobs: Blobs) -> None:
    @content_put(routes, "/v1/briefs/{brief_id}/content")
    async def put_brief_content(
        brief_id: UUID,
        sent: Annotated[Upload, Depends(upload)],
        who: Annotated[Caller, Security(caller, scopes=[WRITE])],
    ) -> ContentBody:
        await shelf.get(Brief, brief_id, who)
        return ContentBody.of(await sent.into(blobs, str(brief_id)))

    @content_get(routes, "/v1/briefs/{brief_id}/content")
    async def get_brief_content(
        brief_id: UUID,
        asked: Annotated[Download, Depends(download)],
        who: Annotated[Caller, Security(caller, scopes=[READ])],
    ) -> Response:
        await shelf.get(Brief, brief_id, who)
        return await asked.answer(blobs, str(brief_id))


@dataclass
class Door:
    """The sample application with everything a test wants to reach."""

    http: httpx2.AsyncClient
    shelf: Shelf
    issuer: Issuer
    tenant: TenantId
    checks: list[Check]

    def token(self, *scopes: str, tenant: UUID | None = None) -> dict[str, str]:
        return self.issuer.headers(tenant=tenant or self.tenant, scopes=scopes)

    def writing(self, key: str = "k1", **headers: str) -> dict[str, str]:
        """Give the headers of a command; underscores in names stand for hyphens."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.token(READ, WRITE) | {"Idempotency-Key": key} | more

    def a_brief(self, **said: object) -> Brief:
        return self.shelf.put(replace(Brief(uuid4(), self.tenant), **said))  # type: ignore[arg-type]  # Fields.


@asynccontextmanager
async def a_door(*routers: APIRouter, timeout_seconds: float = 5.0) -> AsyncIterator[Door]:
    """Open the sample application, with more routers if a test brings them."""
    shelf, issuer, checks = Shelf(), Issuer(), list[Check]()

    async def asked() -> tuple[Check, ...]:
        return tuple(checks)

    edge = Edge(
        name="sample",
        description="A sample.",
        version="1.2.3",
        verifier=issuer.verifier(),
        cursors=Cursors(b"a key of the tests"),
        listings=shelf,
        checks=asked,
        request_timeout_seconds=timeout_seconds,
    )
    app = create_app(edge, [briefs_router(shelf, MemoryBlobs()), *routers])
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://sample") as http:
        yield Door(http, shelf, issuer, TenantId(uuid4()), checks)
