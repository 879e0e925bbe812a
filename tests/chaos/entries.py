"""The lines of a history: what was asked and answered, what was broken, what the log and the doors showed."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, TextIO, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

Outcome: TypeAlias = Literal["ok", "fail", "unknown"]
Role: TypeAlias = Literal["entrant", "rival", "client", "operator"]
"""Who could wish to read a submission, seen from the entry."""

GOOD_ENDS = frozenset({"completed", "awarded"})
"""The outcomes of an engagement for which somebody has worked until the end, and was paid."""


class Entry(BaseModel):
    """One line; `at` is the time of whoever wrote it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: datetime


class Invoked(Entry):
    """Somebody sent a command; `trace` is how its events are known, whatever became of the answer."""

    kind: Literal["invoked"] = "invoked"
    number: int
    who: str
    method: str
    service: str
    path: str
    body: JsonValue
    key: str
    trace: str


class Answered(Entry):
    """What the sender learnt in the end: done, refused, or nothing that can be relied on."""

    kind: Literal["answered"] = "answered"
    number: int
    outcome: Outcome
    status: int | None
    body: JsonValue


class Fault(Entry):
    """Something was broken on purpose, or mended again."""

    kind: Literal["fault"] = "fault"
    name: str
    target: str
    phase: Literal["begins", "ends"]
    detail: JsonValue = None


class Seen(Entry):
    """One record of the log, in its place; `seq` is None where the record is no event of ours."""

    kind: Literal["seen"] = "seen"
    topic: str
    partition: int
    offset: int
    key: str | None
    seq: int | None
    id: str = ""
    type: str = ""
    cause: str | None = None
    correlation: str = ""
    trace: str = ""
    actor: str = ""
    digest: str
    data: JsonValue = None


class Peek(Entry):
    """Somebody asked for what an entry had submitted: `shown` says whether they were given it."""

    kind: Literal["peek"] = "peek"
    role: Role
    entry: str
    submission: int
    shown: bool


class Look(Entry):
    """What a public door showed when all was over."""

    kind: Literal["look"] = "look"
    what: str
    id: str
    body: JsonValue


class Run(Entry):
    """The first line: how the run can be repeated."""

    kind: Literal["run"] = "run"
    seed: int
    seconds: float
    mutant: str | None
    clusters: bool = False
    workers: int


Line: TypeAlias = Annotated[
    Run | Invoked | Answered | Fault | Peek | Seen | Look,
    Field(discriminator="kind"),
]
LINE: TypeAdapter[Line] = TypeAdapter(Line)


def now() -> datetime:
    return datetime.now(UTC)


class Recorder:
    """Writes a history while it happens; every line is on disk before the next thing is done."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._commands = 0

    def number(self) -> int:
        """Give the number of the next command."""
        self._commands += 1
        return self._commands

    def write(self, entry: Entry) -> None:
        with self._lock:
            self._file.write(entry.model_dump_json() + "\n")
            self._file.flush()

    def fault(
        self, name: str, target: str, phase: Literal["begins", "ends"], detail: JsonValue = None
    ) -> None:
        self.write(Fault(at=now(), name=name, target=target, phase=phase, detail=detail))


def read(path: Path) -> Iterator[Line]:
    """Read a history back; a line that was cut off by a dying writer is an error, as it should be."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield LINE.validate_json(line)
