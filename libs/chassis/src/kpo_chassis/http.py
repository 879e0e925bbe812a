"""The HTTP door of every service: the vocabulary of its routes, and the application that serves them."""

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline
from starlette.middleware import Middleware
from starlette.types import Scope

from kpo_chassis.bodies import Instant, MoneyBody, RequestBody, ResponseBody
from kpo_chassis.commands import (
    caller,
    command,
    etag,
    reply,
    route_template,
    seen_command,
    unkeyed_command,
)
from kpo_chassis.content import ContentBody, Download, Upload, content_get, content_put, download, upload
from kpo_chassis.cursors import Cursors
from kpo_chassis.edge import REQUEST_TIMEOUT_SECONDS, Check, Checks, Edge, edge_of
from kpo_chassis.failures import add_failures
from kpo_chassis.health import health_router
from kpo_chassis.lists import (
    LIMIT_DEFAULT,
    Cursor,
    Limit,
    ListFilters,
    PageBody,
    Reading,
    add_list,
    add_reading,
    only_parameters,
)
from kpo_chassis.middleware import QUIET_PATHS, RequestEdge
from kpo_chassis.openapi import finish_openapi
from kpo_chassis.problem import HttpProblem
from kpo_chassis.reading import Listed, Listings, TaskPlace
from kpo_chassis.tasks import tasks_router

__all__ = [
    "LIMIT_DEFAULT",
    "REQUEST_TIMEOUT_SECONDS",
    "Check",
    "Checks",
    "ContentBody",
    "Cursor",
    "Cursors",
    "Download",
    "Edge",
    "HttpProblem",
    "Instant",
    "Limit",
    "ListFilters",
    "Listed",
    "Listings",
    "MoneyBody",
    "PageBody",
    "Reading",
    "RequestBody",
    "ResponseBody",
    "TaskPlace",
    "Upload",
    "add_list",
    "add_reading",
    "caller",
    "command",
    "content_get",
    "content_put",
    "create_app",
    "download",
    "edge_of",
    "etag",
    "only_parameters",
    "reply",
    "route_template",
    "seen_command",
    "unkeyed_command",
    "upload",
]


def create_app(edge: Edge, routers: Sequence[APIRouter]) -> FastAPI:
    """Make a service's application: its own routers, and what every service answers beside them."""
    app: FastAPI = FastAPIOffline(
        title=f"kpo {edge.name}",
        description=edge.description,
        version=edge.version,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        redirect_slashes=False,
        middleware=[Middleware(RequestEdge)],
        telemetry={
            "tracer_provider": edge.tracer_provider,
            "meter_provider": edge.meter_provider,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
            "exclude": _is_quiet,
        },
    )
    app.state.edge = edge
    add_failures(app)
    for router in (health_router(), *([tasks_router()] if edge.listings else []), *routers):
        app.include_router(router)
    finish_openapi(app)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name


def _is_quiet(scope: Scope) -> bool:
    return scope["path"] in QUIET_PATHS
