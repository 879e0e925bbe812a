"""What a rule has to say about a history: one broken promise, in a sentence, at one place."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from .entries import Seen
from .known import Command, History


@dataclass(frozen=True)
class Finding:
    """Something that must not be; `event` and `command` are where to begin to look, if there is one."""

    sentence: str
    event: Seen | None = None
    command: Command | None = None

    @property
    def at(self) -> datetime | None:
        if self.event:
            return self.event.at
        return self.command.asked.at if self.command else None


Rule = Callable[[History], Iterator[Finding]]
"""A rule reads a whole history and changes nothing."""
