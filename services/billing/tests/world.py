"""Billing's rules without an engine: one change at a time, over plain dictionaries, with nothing to await."""

from collections import Counter
from collections.abc import Collection, Coroutine, Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import TypeVar, overload
from uuid import UUID

from kpo_billing.domain.account import AccountKind
from kpo_billing.domain.escrow import Escrow, EscrowStatus
from kpo_billing.domain.ledger import Transaction
from kpo_chassis.kernel import (
    Aggregate,
    Caller,
    Cause,
    Decide,
    Decision,
    Needs,
    NotFoundError,
    Ref,
    States,
    Stored,
)

from .factories import NOW

S = TypeVar("S")
A = TypeVar("A", bound=Aggregate)
T = TypeVar("T")


def run(work: Coroutine[object, None, T]) -> T:
    """Run a use case over a world: it never has to wait."""
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise AssertionError("a use case over a world waits for nothing")


class World:
    """Fulfils `Changes` and `Reads`.

    `sums` are the journal's debits minus credits by account, `written` says how many aggregates the last
    change wrote.
    """

    def __init__(self) -> None:
        self.now: datetime = NOW
        self.states: dict[tuple[type[object], UUID], Aggregate] = {}
        self.booked: set[str] = set()
        self.sums: Counter[str] = Counter()
        self.written = 0

    @overload
    async def change(
        self, cause: Cause, decide: Decide, first: Ref[S], *others: Ref[object]
    ) -> Stored[S]: ...

    @overload
    async def change(self, cause: Cause, decide: Decide) -> None: ...

    async def change(
        self, cause: Cause, decide: Decide, first: Ref[object] | None = None, *others: Ref[object]
    ) -> Stored[object] | None:
        del cause  # Every cause comes once here.
        known = [first, *others] if first else []
        while isinstance(answer := decide(self._load(known), self.now), Needs):
            known.extend(answer.refs)
        decisions = (answer,) if isinstance(answer, Decision) else answer.decisions
        self.written = len(decisions)
        for decision in decisions:
            state = decision.state
            assert Ref(type(state), state.id) in known, f"{state} was written without being read"
            self.states[type(state), state.id] = state
        for entry in () if isinstance(answer, Decision) else answer.entries:
            assert isinstance(entry, Transaction)
            self._book(entry)
        return Stored(self.states[first.type, first.id], 1) if first else None

    async def get(self, kind: type[A], key: UUID, caller: Caller | None = None) -> Stored[A]:
        del caller  # Nobody is refused here.
        [found] = (state for state in self.all(kind) if state.id == key)
        return Stored(found, 1)

    async def find(
        self, kind: type[A], where: Mapping[str, str], *, after: UUID | None = None, limit: int
    ) -> tuple[A, ...]:
        assert after is None, "billing reads no second page"
        found = (state for state in self.all(kind) if _matches(state, where.items()))
        return tuple(found)[:limit]

    async def several(self, kind: type[A], keys: Collection[UUID]) -> tuple[A, ...]:
        return tuple(state for state in self.all(kind) if state.id in keys)

    def all(self, kind: type[A]) -> list[A]:
        return [state for state in self.states.values() if isinstance(state, kind)]

    def total(self, kind: AccountKind, currency: str) -> int:
        """Sum up all accounts of a kind and currency: debits minus credits."""
        return sum(
            minor
            for name, minor in self.sums.items()
            if name.startswith(f"{kind}:") and name.endswith(f":{currency}")
        )

    def _book(self, transaction: Transaction) -> None:
        assert transaction.id not in self.booked, f"{transaction.id} was booked twice"
        self.booked.add(transaction.id)
        for leg in transaction.legs:
            self.sums[str(leg.account)] += leg.minor

    def _load(self, refs: Iterable[Ref[object]]) -> States:
        loaded = {ref: self.states.get((ref.type, ref.id)) for ref in refs}
        for ref, state in loaded.items():
            if ref.required and (state is None or _is_hidden(state)):
                raise NotFoundError(f"There is no {ref.type.__name__} {ref.id}.")
        return States(loaded)


def _is_hidden(state: object) -> bool:
    """Nobody can name what is only expected; the committer sees to that."""
    return isinstance(state, Escrow) and state.status is EscrowStatus.EXPECTED


def _matches(state: object, where: Iterable[tuple[str, str]]) -> bool:
    try:
        return all(str(attrgetter(name)(state)) == wanted for name, wanted in where)
    except AttributeError:  # A path through something that is not there (yet).
        return False
