"""What machines ask a service: is it alive, is it ready, which one is it."""

import platform

from fastapi import APIRouter, Request, Response

from kpo_chassis.bodies import ResponseBody
from kpo_chassis.edge import edge_of


class LivezBody(ResponseBody):
    """The process runs and its event loop answers."""

    status: str = "alive"


class CheckBody(ResponseBody):
    """One thing readiness asked; one that is not decisive is told only."""

    name: str
    ok: bool
    decisive: bool
    detail: str


class ReadyzBody(ResponseBody):
    """Whether this process should get requests, and why not."""

    ready: bool
    checks: tuple[CheckBody, ...]


class VersionBody(ResponseBody):
    """Which service answers here."""

    service: str
    version: str
    python: str


def health_router() -> APIRouter:
    routes = APIRouter(tags=["health"])

    @routes.get("/livez")
    async def get_livez() -> LivezBody:
        """Say that the process lives; it asks nobody, so that an outage elsewhere restarts nothing."""
        return LivezBody()

    @routes.get("/readyz", responses={503: {"model": ReadyzBody, "description": "Not ready."}})
    async def get_readyz(request: Request, response: Response) -> ReadyzBody:
        """Ask what the service needs: 200 when it may get requests, else 503, with the reasons in both."""
        checks = await edge_of(request).checks()
        ready = all(check.ok for check in checks if check.decisive)
        response.status_code = 200 if ready else 503
        told = (
            CheckBody(name=check.name, ok=check.ok, decisive=check.decisive, detail=check.detail)
            for check in checks
        )
        return ReadyzBody(ready=ready, checks=tuple(told))

    @routes.get("/version")
    async def get_version(request: Request) -> VersionBody:
        edge = edge_of(request)
        return VersionBody(service=edge.name, version=edge.version, python=platform.python_version())

    return routes
