"""Says on the terminal what happens: a sentence for each act, and some of the events that it caused."""

from __future__ import annotations

from collections import Counter
from typing import Final

from rich.console import Console

from kpo_events.catalogue import Event
from kpo_events.payload import Payload

QUIET_TYPES: Final = ("matching.vendor.", "matching.expert.")
ALIKE_MAX: Final = 4
"""How many events of one type an act shows; what many people do alike is counted."""


class Narrator:
    """Writes to one console; an act ends where the next sentence begins."""

    def __init__(self, out: Console) -> None:
        self._out = out
        self._seen: Counter[str] = Counter()

    def say(self, sentence: str) -> None:
        for event_type, count in self._seen.items():
            if count > ALIKE_MAX:
                self._out.print(f"   [dim]and {count - ALIKE_MAX:,} more {event_type}[/]")
        self._seen.clear()
        self._out.print(f"\n[bold]{sentence}[/]")

    def show(self, event: Event[Payload]) -> None:
        if event.type.startswith(QUIET_TYPES):
            return
        self._seen[event.type] += 1
        if self._seen[event.type] <= ALIKE_MAX:
            service, _, what = event.type.partition(".")
            at, subject = f"{event.time:%H:%M:%S}", str(event.subject)[:8]
            self._out.print(f"   [dim]{at}[/] {service:<9} {what:<38} {subject}  #{event.seq}")
