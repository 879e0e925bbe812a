"""The outermost layer of ours, plain ASGI: names a request, bounds it, logs it, catches what is left."""

import asyncio
import logging

from opentelemetry import trace
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kpo_chassis.current import CurrentRequest, answering, request_id_from, trace_id
from kpo_chassis.edge import Edge, edge_in
from kpo_chassis.problem import HttpProblem, in_flight, problem_of, problem_response, unavailable

log = logging.getLogger("kpo.http")

REQUEST_ID_HEADER = "X-Request-Id"
QUIET_PATHS = frozenset({"/livez", "/readyz"})
"""Asked every few seconds by machines: no log line, no span."""


class RequestEdge:
    """Gives each request an id, a deadline and a body limit, and each answer its id and log line."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, edge = Headers(scope=scope), edge_in(scope)
        request = CurrentRequest(
            request_id=request_id_from(headers.get(REQUEST_ID_HEADER)),
            trace_id=trace_id(),
            deadline=asyncio.timeout(edge.request_timeout_seconds),
        )
        send = _named(send, request)
        with answering(request):
            problem = await self._failure(scope, _bounded(receive, request, headers), send, request)
            if problem is not None and request.status is None:
                await problem_response(scope["path"], problem)(scope, receive, send)
            if scope["path"] not in QUIET_PATHS:
                _log(scope, request)

    async def _failure(
        self, scope: Scope, receive: Receive, send: Send, request: CurrentRequest
    ) -> HttpProblem | None:
        """Run the application, and say what to answer in its place if it could not.

        Where its answer had begun already, nothing more is sent: the server then closes the connection, and
        the caller sees that the answer is not whole.
        """
        try:
            async with request.deadline:
                await self.app(scope, receive, send)
        except Exception as error:
            if request.deadline.expired():
                return _late(request, edge_in(scope))
            trace.get_current_span().record_exception(error)
            log.exception("request_failed")
            return problem_of(error)
        return None


def _late(request: CurrentRequest, edge: Edge) -> HttpProblem:
    """Tell who waited in vain behind an earlier request with the same key apart from who was first."""
    if request.command is not None and edge.under_way(request.command):
        return in_flight()
    detail = "It took too long; send the same request with the same Idempotency-Key again."
    return unavailable("timeout", detail)


def _bounded(receive: Receive, request: CurrentRequest, headers: Headers) -> Receive:
    """Stop reading a body where it grows beyond the request's limit, or says at once that it will."""
    declared = headers.get("content-length", "")
    declared_bytes = int(declared) if declared.isdecimal() else 0
    arrived_bytes = 0

    async def bounded() -> Message:
        nonlocal arrived_bytes
        if declared_bytes > request.body_bytes_max:
            raise _too_large(request)
        message = await receive()
        arrived_bytes += len(message.get("body", b""))
        if arrived_bytes > request.body_bytes_max:
            raise _too_large(request)
        return message

    return bounded


def _too_large(request: CurrentRequest) -> HttpProblem:
    return HttpProblem(413, "body_too_large", f"A body has at most {request.body_bytes_max} bytes here.")


def _named(send: Send, request: CurrentRequest) -> Send:
    async def named(message: Message) -> None:
        if message["type"] == "http.response.start":
            request.status = message["status"]
            MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request.request_id
        await send(message)

    return named


def _log(scope: Scope, request: CurrentRequest) -> None:
    told = {
        "method": scope["method"],
        "route": getattr(scope.get("route"), "path", None),
        "status": request.status,
        "ms": round(request.elapsed_seconds * 1000, 1),
        "tenant": request.caller.tenant if request.caller else None,
    }
    log.info("request", extra=told)
