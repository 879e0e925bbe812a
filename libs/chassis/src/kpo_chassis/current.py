"""What is known about the request that is being answered, wherever in the call it is asked for."""

import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import uuid4

from opentelemetry import trace

from kpo_chassis.kernel import Caller, Command

JSON_BYTES_MAX = 1024 * 1024
"""The largest JSON body."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._~+/=:-]{1,128}")


@dataclass(slots=True)
class CurrentRequest:
    """One HTTP request on its way: who asks, what it is called in logs, and how much it may still take.

    `body_bytes_max` and `deadline` start with the limits of JSON; routes that stream content widen them.
    `command` is the cause that the request became, where it changes something.
    `status` is that of the answer, None until it is on its way.
    """

    request_id: str
    trace_id: str | None
    deadline: asyncio.Timeout
    caller: Caller | None = None
    command: Command | None = None
    body_bytes_max: int = JSON_BYTES_MAX
    status: int | None = None
    started_seconds: float = field(default_factory=time.perf_counter)

    @property
    def elapsed_seconds(self) -> float:
        return time.perf_counter() - self.started_seconds


_CURRENT: ContextVar[CurrentRequest] = ContextVar("kpo_current_request")


def current_request() -> CurrentRequest:
    """Give the request being answered; only code that runs inside one may ask."""
    return _CURRENT.get()


def request_id_or_none() -> str | None:
    request = _CURRENT.get(None)
    return request.request_id if request else None


@contextmanager
def answering(request: CurrentRequest) -> Iterator[None]:
    token = _CURRENT.set(request)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def request_id_from(header: str | None) -> str:
    """Keep the caller's own id where it is short and printable, else make one."""
    return header if header and _REQUEST_ID.fullmatch(header) else uuid4().hex


def trace_id() -> str | None:
    context = trace.get_current_span().get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else None
