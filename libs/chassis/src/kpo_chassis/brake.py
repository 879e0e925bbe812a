"""Stops consumption where so much is parked that the deployment must be at fault, and not the data."""

import logging
from collections.abc import Mapping, Sequence

from kpo_chassis.meters import Meters
from kpo_chassis.parking import BODY, COMES_BACK
from kpo_chassis.store import PARKED, Database
from kpo_chassis.work import Lane, Proposal, Slot

log = logging.getLogger("kpo.brake")

PARKED_IN_A_ROW_MAX = 50
"""How many records of one partition may be parked with none applied between them."""

PARKED_IN_WINDOW_MAX = 200
PARKED_WINDOW_RECORDS = 1_000
"""How many of so many records that a process takes may be parked."""

PARKED_LOOK_MAX = 200
"""How many parked rows are looked at to find out how many records of a partition were parked last."""

WHAT_TO_DO = "This is a bad deployment rather than bad data: roll back or fix it, as the runbook says."


class TooMuchParkedError(Exception):
    """So much was parked that consumption has stopped; a person must look before it goes on."""


class Brake:
    """Counts what committed batches parked; once pulled, nothing more is consumed by this process.

    Only what waits for a person counts: not what is behind a parked event, nor what comes back by itself.
    """

    def __init__(self, meters: Meters) -> None:
        self._meters = meters
        self._taken = 0
        self._parked = 0
        self.error: TooMuchParkedError | None = None

    def note(self, lane: Lane, slots: Sequence[Slot], parked: Mapping[Slot, str]) -> None:
        """Count records of one partition that were taken, in their order; `parked` has codes by slot."""
        self._taken += len(slots)
        if parked:
            self._count(lane, slots, parked)
        elif lane.parked_in_a_row and any(_was_applied(slot) for slot in slots):
            lane.parked_in_a_row = 0
        if self._taken >= PARKED_WINDOW_RECORDS:
            self._taken = self._parked = 0

    def _count(self, lane: Lane, slots: Sequence[Slot], parked: Mapping[Slot, str]) -> None:
        for slot in slots:
            code = parked.get(slot)
            if code is None:
                lane.parked_in_a_row = 0 if _was_applied(slot) else lane.parked_in_a_row
            elif code not in COMES_BACK:
                lane.parked_in_a_row += 1
                self._parked += 1
                self._check(lane, code)

    def _check(self, lane: Lane, code: str) -> None:
        if lane.parked_in_a_row > PARKED_IN_A_ROW_MAX:
            self._pull(f"{lane.id}: {lane.parked_in_a_row} records in a row were parked, the last as {code}.")
        elif self._parked > PARKED_IN_WINDOW_MAX:
            self._pull(
                f"{self._parked} of {self._taken} records were parked, the last of {lane.id} as {code}."
            )

    def _pull(self, reason: str) -> None:
        if self.error is not None:
            return
        self.error = TooMuchParkedError(f"{reason} {WHAT_TO_DO}")
        self._meters.add("kpo_guard_stopped_total", {"guard": "parking"})
        log.error("consumption_stopped", extra={"reason": str(self.error)})


def at_once(lane: Lane, count_max: int) -> int:
    """Say how many records of a partition one transaction may take, so that it parks no more than it may."""
    if not lane.parked_in_a_row:
        return count_max
    return min(count_max, max(1, PARKED_IN_A_ROW_MAX + 1 - lane.parked_in_a_row))


async def parked_last(database: Database, lane: Lane) -> int:
    """Count the records just before a partition's position that are parked and that nobody has looked at.

    So a worker that was started again goes on counting where the one before it ended. What lies between them
    and is not parked ends the count, though it may be of a type that nobody here acts on: the number is
    sometimes too low, never too high. A wish says that a person has looked.
    """
    where = {"topic": lane.topic, "partition": lane.partition, "offset": {"$lt": lane.next_offset}}
    rows = await database.find(PARKED, where, sort=(("offset", -1),), limit=PARKED_LOOK_MAX, without=BODY)
    count = 0
    for place, row in enumerate(rows, start=1):
        if row["offset"] != lane.next_offset - place or row["wish"] is not None:
            break
        count += row["code"] not in COMES_BACK
    return count


def _was_applied(slot: Slot) -> bool:
    """Say of a record that was not parked whether a handler acted on it; others prove nothing."""
    return isinstance(slot.verdict, Proposal)
