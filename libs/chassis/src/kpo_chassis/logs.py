"""Log lines for machines: one JSON object per event on standard error, tied to request and trace.

Code logs with the standard library: `log.info("partitions_assigned", extra={"count": 3})`. The message is the
name of the event, `extra` its key-values: never bodies, whole commands, or anything secret.
"""

import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic

from opentelemetry import trace

from kpo_chassis.current import request_id_or_none

FIELD_CHARS_MAX = 2_000
CHATTY_LOGGERS = ("aiokafka", "httpcore2", "httpx2", "pymongo", "urllib3", "uvicorn.access")
"""Libraries whose every step is not worth a line."""

SAID_MAX = 1_000
REPEATED_SECONDS = 10.0
"""How long a chatty library may not say the same again: a client without its server says it all the time."""

_OWN_FIELDS = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "color_message"}


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "at": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "event": record.getMessage()[:FIELD_CHARS_MAX],
            **_context(),
            **{key: _short(value) for key, value in record.__dict__.items() if key not in _OWN_FIELDS},
            "error": self.formatException(record.exc_info) if record.exc_info else None,
        }
        return json.dumps({key: value for key, value in line.items() if value is not None})


class Seldom(logging.Filter):
    """Lets what is said in the same words through once in a while."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._said: dict[object, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        now, words = self._clock(), (record.name, record.msg)
        if now - self._said.get(words, -REPEATED_SECONDS) < REPEATED_SECONDS:
            return False
        if len(self._said) >= SAID_MAX:
            self._said.clear()
        self._said[words] = now
        return True


def configure_logs(service: str, level: str) -> None:
    """Send everything that anybody logs in this process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(service))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.captureWarnings(capture=True)
    seldom = Seldom()
    for chatty in CHATTY_LOGGERS:
        logging.getLogger(chatty).setLevel(logging.WARNING)
    handler.addFilter(lambda record: not record.name.startswith(CHATTY_LOGGERS) or seldom.filter(record))
    # A collector that is away is one line per lost batch, not one per attempt.
    logging.getLogger("opentelemetry").setLevel(logging.ERROR)


def _short(value: object) -> str | int | float | None:
    if value is None or isinstance(value, (int, float)):
        return value
    return str(value)[:FIELD_CHARS_MAX]


def _context() -> dict[str, str | None]:
    context = trace.get_current_span().get_span_context()
    traced = context.is_valid
    return {
        "request_id": request_id_or_none(),
        "trace_id": trace.format_trace_id(context.trace_id) if traced else None,
        "span_id": trace.format_span_id(context.span_id) if traced else None,
    }
