"""What becomes of an incoming event: a closed set, and the one place that judges an error."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from kpo_chassis.kernel import NotYetError, TransientError
from kpo_events.catalogue import MalformedEventError, UnknownMajorError

ATTEMPTS_MAX = 3
"""How often an event whose handling fails is tried before it is parked as a bug."""

NOT_YET_DELAY = timedelta(seconds=2)
"""How long an event waits for missing master data before it is tried again."""

REASON_CHARS_MAX = 500


@dataclass(frozen=True, slots=True)
class Skip:
    """Nobody here acts on this event: only its number moves."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again where it stands."""


@dataclass(frozen=True, slots=True)
class Park:
    """Set it aside, with its key, for a person or a later time. `code` is stable, `retry_after` optional.

    `error` is the class of what was raised, where something was. `unreadable_by` names the ability to read
    that was not enough: another one will try by itself.
    """

    code: str
    reason: str
    retry_after: timedelta | None = None
    unreadable_by: str | None = None
    error: str | None = None


Judgement: TypeAlias = Retry | Park


def judge(error: Exception, attempt: int) -> Judgement:
    """Decide what an error in the handling of an event means; `attempt` counts from 1."""
    match error:
        case TransientError():
            return Retry()  # No limit: parking cannot cure an outage.
        case NotYetError():
            return _park("not_yet", error, NOT_YET_DELAY)
        case UnknownMajorError():
            return _park("unknown_major", error)
        case MalformedEventError():
            return _park("unreadable", error)
        case _ if attempt < ATTEMPTS_MAX:
            return Retry()  # A bug may be a race in disguise: try at once, thrice.
        case _:
            return _park("bug", error)


def _park(code: str, error: Exception, retry_after: timedelta | None = None) -> Park:
    name = type(error).__name__
    return Park(code, f"{name}: {error}"[:REASON_CHARS_MAX], retry_after, error=name)
