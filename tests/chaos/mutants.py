"""Services with a guard switched off: each must turn the verdict red."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .edits import Edit


@dataclass(frozen=True)
class Mutant:
    """A set of guards to switch off together, the faults that show it, and for how long there is load."""

    edits: tuple[Edit, ...]
    faults: frozenset[str]
    seconds: float


INBOX_NUMBER: Final = (
    Edit("kpo_chassis.inbox", "return Place.DUPLICATE", "return Place.NEXT"),
    Edit("kpo_chassis.inbox", "self.seq = seq\n", "self.seq = max(seq, self.seq)\n"),
)

MUTANTS: Final[Mapping[str, Mutant]] = {
    "reads outside the transaction": Mutant(
        (
            Edit(
                "kpo_chassis.mongo.database",
                '.find({"_id": {"$in": list(ids)}}, session=self._session)',
                '.find({"_id": {"$in": list(ids)}})',
            ),
        ),
        frozenset(),
        30,
    ),
    "prev": Mutant(
        (
            Edit(
                "kpo_chassis.relay",
                "any(p in still_there or (p in self._waiting and p not in going) for p in parcel.prev)",
                "False",
            ),
        ),
        frozenset({"outage"}),
        60,
    ),
    "inbox number": Mutant(
        INBOX_NUMBER,
        frozenset({"copies"}),
        30,
    ),
    "position and inbox number": Mutant(
        (
            Edit(
                "kpo_chassis.mongo.database",
                '{"_id": move.id, "epoch": move.epoch, "next_offset": move.expected}',
                '{"_id": move.id}',
            ),
            *INBOX_NUMBER,
        ),
        frozenset({"unheard-commits", "zombie"}),
        45,
    ),
    "account guard and domain check": Mutant(
        (
            Edit(
                "kpo_billing.domain.account",
                "if not 0 <= balance <= BALANCE_MINOR_MAX:",
                "if balance > BALANCE_MINOR_MAX:",
            ),
            Edit("kpo_billing.adapters.accounts", '"minimum": 0', '"minimum": -(2**53)'),
        ),
        frozenset(),
        40,
    ),
    "majority and journal": Mutant(
        (
            Edit(
                "kpo_chassis.mongo.database",
                'SAFE = WriteConcern(w="majority", j=True)',
                "SAFE = WriteConcern(w=1, j=False)",
            ),
        ),
        frozenset({"kill-database"}),
        45,
    ),
    "idempotency key": Mutant(
        (
            Edit(
                "kpo_chassis.attempt",
                "row = self.requests.get(key) if key else None",
                "row = None",
            ),
            Edit("kpo_chassis.attempt", "self.inserts[REQUESTS].append(row.document(now))", "pass"),
        ),
        frozenset({"kill-api", "lost-commits", "unheard-commits"}),
        40,
    ),
}
