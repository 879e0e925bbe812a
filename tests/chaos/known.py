"""A history in memory, with the questions that rules ask of it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from pydantic import JsonValue

from .entries import Answered, Fault, Invoked, Line, Look, Outcome, Peek, Run, Seen

Json = dict[str, JsonValue]
TELLING: dict[Outcome, int] = {"ok": 0, "unknown": 1, "fail": 2}
"""Of requests with one key, which outcome tells most: what was done once is done."""


@dataclass(frozen=True)
class Command:
    """A command with what became of it; one that was never answered is unknown."""

    asked: Invoked
    answer: Answered | None

    @property
    def outcome(self) -> Outcome:
        return self.answer.outcome if self.answer else "unknown"

    @property
    def deed(self) -> tuple[str, str]:
        """Name what the sender wants done: requests with one key of theirs want it once."""
        return (self.asked.who, self.asked.key or self.asked.trace)

    @property
    def title(self) -> str:
        return f"{self.asked.method} {self.asked.service}{self.asked.path}"


@dataclass(frozen=True)
class History:
    """All lines of one run."""

    lines: Sequence[Line]

    @classmethod
    def of(cls, lines: Iterable[Line]) -> "History":
        return cls(tuple(lines))

    @cached_property
    def run(self) -> Run | None:
        return next((line for line in self.lines if isinstance(line, Run)), None)

    @cached_property
    def commands(self) -> list[Command]:
        answers = {line.number: line for line in self.lines if isinstance(line, Answered)}
        asked = (line for line in self.lines if isinstance(line, Invoked))
        return [Command(each, answers.get(each.number)) for each in asked]

    @cached_property
    def by_deed(self) -> dict[tuple[str, str], list[Command]]:
        """Give the requests that were sent with one key by one sender, as they were sent."""
        found: defaultdict[tuple[str, str], list[Command]] = defaultdict(list)
        for command in self.commands:
            found[command.deed].append(command)
        return found

    @cached_property
    def deeds(self) -> list[Command]:
        """Give one request of each key: the one whose answer tells most."""
        return [min(same, key=lambda each: TELLING[each.outcome]) for same in self.by_deed.values()]

    @cached_property
    def peeks(self) -> list[Peek]:
        return [line for line in self.lines if isinstance(line, Peek)]

    @cached_property
    def faults(self) -> list[Fault]:
        return [line for line in self.lines if isinstance(line, Fault)]

    @cached_property
    def records(self) -> list[Seen]:
        """Every readable record in the order of its partition, copies included."""
        found = [line for line in self.lines if isinstance(line, Seen) and line.seq is not None]
        return sorted(found, key=lambda record: (record.topic, record.partition, record.offset))

    @cached_property
    def unreadable(self) -> set[str | None]:
        """Give the keys of records that are no events."""
        return {line.key for line in self.lines if isinstance(line, Seen) and line.seq is None}

    @cached_property
    def events(self) -> list[Seen]:
        """Every event once, by the time it happened."""
        first: dict[str, Seen] = {}
        for record in self.records:
            first.setdefault(record.id, record)
        return sorted(first.values(), key=lambda event: event.at)

    @cached_property
    def by_id(self) -> dict[str, Seen]:
        return {event.id: event for event in self.events}

    @cached_property
    def by_trace(self) -> dict[str, list[Seen]]:
        """Give the events that a command itself made, by its trace."""
        found: defaultdict[str, list[Seen]] = defaultdict(list)
        for event in self.events:
            if event.cause is None:
                found[event.trace].append(event)
        return found

    @cached_property
    def by_cause(self) -> dict[str, list[Seen]]:
        found: defaultdict[str, list[Seen]] = defaultdict(list)
        for event in self.events:
            if event.cause is not None:
                found[event.cause].append(event)
        return found

    @cached_property
    def engagements(self) -> dict[str, list[Seen]]:
        """Give every event about an engagement, by the engagement's id."""
        found: defaultdict[str, list[Seen]] = defaultdict(list)
        for event in self.events:
            if "engagement_id" in data_of(event) and data_of(event)["engagement_id"] is not None:
                found[str(data_of(event)["engagement_id"])].append(event)
        return found

    def made_by(self, command: Command) -> list[Seen]:
        """Give what a command announced; what was done by another request with its key is its own, too."""
        own = self.by_trace.get(command.asked.trace, [])
        if own or command.outcome != "ok":
            return own
        same = self.by_deed[command.deed]
        return [event for each in same for event in self.by_trace.get(each.asked.trace, ())]

    def looks(self, what: str) -> dict[str, Json]:
        """Give what the doors showed of a kind, by id."""
        shown = (line for line in self.lines if isinstance(line, Look) and line.what == what)
        return {look.id: look.body for look in shown if isinstance(look.body, dict)}

    def way(self, event: Seen) -> list[str]:
        """Tell how an event came about, the beginning first: the command or clock, then cause by cause."""
        steps: list[str] = []
        there: Seen | None = event
        while there is not None and len(steps) <= len(self.events):
            steps.append(told(there))
            if there.cause is None:
                steps.append(self._origin(there))
            there = self.by_id.get(there.cause) if there.cause else None
        return steps[::-1]

    def _origin(self, event: Seen) -> str:
        for command in self.commands:
            if command.asked.trace == event.trace:
                return f"{command.title} by {command.asked.who}: {command.outcome}"
        return f"by {event.actor}"


def data_of(event: Seen) -> Json:
    return event.data if isinstance(event.data, dict) else {}


def told(event: Seen) -> str:
    place = f"{event.topic}/{event.partition}@{event.offset}"
    return f"{event.at:%H:%M:%S.%f} {event.type} #{event.seq} of {event.key} ({place})"
