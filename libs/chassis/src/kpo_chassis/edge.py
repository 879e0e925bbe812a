"""What the routes of the chassis work with; one per application, found through the request."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from fastapi import Request
from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import TracerProvider
from starlette.types import Scope

from kpo_chassis.auth import Verifier
from kpo_chassis.cursors import Cursors
from kpo_chassis.kernel import Command
from kpo_chassis.reading import Listings

REQUEST_TIMEOUT_SECONDS = 15.0
"""How long a JSON request may take before it is answered with 503."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that readiness asks; only a decisive one that is not ok makes the service not ready."""

    name: str
    ok: bool
    decisive: bool = True
    detail: str = ""


Checks = Callable[[], Awaitable[tuple[Check, ...]]]


UnderWay = Callable[[Command], bool]


def nothing_under_way(_: Command) -> bool:
    return False


async def no_checks() -> tuple[Check, ...]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Edge:
    """One service's HTTP door: its name, whom it believes, what it reads for lists, and its limits.

    `listings` is None for a door without aggregates (a worker's); then it has no tasks either.
    `under_way` says whether an earlier request with a command's key still waits for its answer here.
    Telemetry providers are those of the process unless given.
    """

    name: str
    description: str
    version: str
    verifier: Verifier
    cursors: Cursors
    listings: Listings | None
    checks: Checks = no_checks
    under_way: UnderWay = nothing_under_way
    request_timeout_seconds: float = REQUEST_TIMEOUT_SECONDS
    tracer_provider: TracerProvider | None = field(default=None, repr=False)
    meter_provider: MeterProvider | None = field(default=None, repr=False)


def edge_of(request: Request) -> Edge:
    return edge_in(request.scope)


def edge_in(scope: Scope) -> Edge:
    """Find the door that a request came through."""
    edge = scope["app"].state.edge
    assert isinstance(edge, Edge)
    return edge


def listings_of(request: Request) -> Listings:
    listings = edge_of(request).listings
    assert listings is not None, "an application with lists is made with listings"
    return listings
