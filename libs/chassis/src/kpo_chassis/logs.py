"""Log lines for machines: one JSON object per event on standard error, tied to request and trace."""

import json
import logging
import sys
from datetime import UTC, datetime

from opentelemetry import trace

from kpo_chassis.current import request_id_or_none

LOGGER = logging.getLogger("kpo")
FIELD_CHARS_MAX = 2_000

Field = str | int | float | bool | None


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Field] = {
            "at": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "service": self._service,
            "event": record.getMessage()[:FIELD_CHARS_MAX],
            **_context(),
        }
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps({key: value for key, value in line.items() if value is not None})


def configure_logs(service: str, level: str) -> None:
    """Send everything that anybody logs in this process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(service))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for chatty in ("httpx2", "httpcore2", "aiokafka", "pymongo", "uvicorn.access"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def log_event(event: str, *, error: BaseException | None = None, **fields: Field) -> None:
    """Log one event with its key-values: never bodies, whole commands, or anything secret.

    With an `error` the line is of level error and carries the traceback.
    """
    level = logging.ERROR if error else logging.INFO
    LOGGER.log(level, event, extra={"fields": fields}, exc_info=error)


def warn_event(event: str, **fields: Field) -> None:
    """Log one event that somebody should look at."""
    LOGGER.warning(event, extra={"fields": fields})


def _context() -> dict[str, Field]:
    context = trace.get_current_span().get_span_context()
    traced = context.is_valid
    return {
        "request_id": request_id_or_none(),
        "trace_id": trace.format_trace_id(context.trace_id) if traced else None,
        "span_id": trace.format_span_id(context.span_id) if traced else None,
    }
