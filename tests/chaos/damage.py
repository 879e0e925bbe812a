"""What was broken in a run, by kind: which processes were killed, and what befell commits and records."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from .entries import Fault
from .known import History

KILLING: Final = frozenset({"kill", "outage"})
"""Faults that SIGKILL every process that they name."""

NOTHING: Final = "nothing"
"""The target of a fault that could not be done."""

SERVER: Final = re.compile(r"(kafka|mongod)(-\d+)?")
WORKER: Final = re.compile(r"[a-z]+-worker(-\d+)?")
MANY: Final = {"copies": "records", "lost commits": "times", "unheard commits": "times"}
"""Faults that befall so many of something at once, and the detail that says how many."""


def kills(history: History) -> Counter[str]:
    """Count the SIGKILLs by what they ended: a server by its name, or a service's api or worker."""
    return Counter(
        _kind_of(victim)
        for fault in _begun(history)
        if fault.name in KILLING
        for victim in fault.target.split(", ")
    )


def _kind_of(process: str) -> str:
    if server := SERVER.fullmatch(process):
        return server[1]
    return "worker" if WORKER.fullmatch(process) else "api"


def others(history: History) -> Counter[str]:
    """Count what else was done on purpose, and what ended without having been told to."""
    return Counter(fault.name for fault in _begun(history) if fault.name not in KILLING)


def points(history: History) -> Counter[str]:
    """Count at which named points processes ended themselves."""
    told = (fault.detail for fault in _begun(history) if fault.name in KILLING)
    return Counter(str(detail["point"]) for detail in told if isinstance(detail, dict) and "point" in detail)


def sizes(history: History) -> Counter[str]:
    """Add up how many commits or records were befallen by the faults that befall many at once."""
    found: Counter[str] = Counter()
    for fault in _begun(history):
        many = fault.detail.get(MANY.get(fault.name, "")) if isinstance(fault.detail, dict) else None
        if isinstance(many, int):
            found[fault.name] += many
    return found


def _begun(history: History) -> Iterator[Fault]:
    return (fault for fault in history.faults if fault.phase == "begins")


def lines(history: History) -> Iterator[str]:
    """Tell it in sentences of one line each."""
    killed, befallen, many = kills(history), others(history), sizes(history)
    yield f"{killed.total()} processes were killed: {counted(killed)}."
    named = points(history)
    if named:
        yield f"{named.total()} of them at a named point: {counted(named)}."
    told = ", ".join(
        f"{count} {name}" + (f" (of {many[name]:,})" if name in many else "")
        for name, count in sorted(befallen.items())
    )
    failed = sum(fault.target == NOTHING for fault in history.faults)
    in_the_way = f" {failed} more could not be done, for other faults were in their way." if failed else ""
    yield f"{befallen.total()} other faults: {told or 'none'}.{in_the_way}"


def counted(names: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(names.items())) or "none"
