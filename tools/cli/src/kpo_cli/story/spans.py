"""A small OTLP/HTTP receiver that keeps spans in memory, so that traces can be checked without a back end."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

SPANS_KEPT_MAX = 200_000


@dataclass(frozen=True, slots=True)
class Span:
    """One span as a service reported it; ids in lower-case hexadecimal."""

    service: str
    name: str
    trace_id: str
    links: tuple[str, ...]


@dataclass
class Spans:
    """Everything received since the receiver started."""

    endpoint: str
    _kept: list[Span] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, spans: list[Span]) -> None:
        with self._lock:
            self._kept.extend(spans[: SPANS_KEPT_MAX - len(self._kept)])

    def of(self, trace_id: str) -> list[Span]:
        with self._lock:
            return [span for span in self._kept if span.trace_id == trace_id]

    def services(self, trace_id: str) -> set[str]:
        """Name the services that a trace has reached."""
        return {span.service.removeprefix("kpo-") for span in self.of(trace_id)}

    def linked_to(self, trace_id: str) -> set[str]:
        """Give the traces that began with a link to a span of this one."""
        with self._lock:
            return {span.trace_id for span in self._kept if trace_id in span.links}


@contextmanager
def receiving_spans() -> Iterator[Spans]:
    """Listen on a free loopback port until the block is left."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            if self.path == "/v1/traces":
                spans.add(_read(body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing: the demo's screen belongs to the story."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    spans = Spans(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield spans
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _read(body: bytes) -> list[Span]:
    request = ExportTraceServiceRequest.FromString(body)
    found = []
    for group in request.resource_spans:
        named = {pair.key: pair.value.string_value for pair in group.resource.attributes}
        service = named.get("service.name", "")
        for scope in group.scope_spans:
            for span in scope.spans:
                links = tuple(link.trace_id.hex() for link in span.links)
                found.append(Span(service, span.name, span.trace_id.hex(), links))
    return found
