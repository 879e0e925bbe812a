"""What every run of a benchmark gets to know; it travels to the process that runs it."""

from dataclasses import dataclass

BATCH_EVENTS_MAX = 500
"""How many events go into one write, in every loop that is compared."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One run of one loop over the backlog, on servers that run already."""

    loop: str
    name: str
    events: int
    mongo_url: str
    kafka: str
    mongod_pid: int
    broker_pid: int
