"""The vocabulary of a change: what a domain decides, why it was asked, and how it refuses. Pure.

A domain is made of functions `(state, now, ...) -> Decision(next state, facts)`. This module and `money`
are all that a domain or a use case may import from the chassis.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Generic, NamedTuple, NewType, Protocol, TypeAlias, TypeVar, overload
from uuid import UUID

TenantId = NewType("TenantId", UUID)
PersonId = NewType("PersonId", UUID)

PUBLIC = TenantId(UUID(int=0))
"""The party that everybody belongs to: whoever has the scope may know an aggregate that names it."""

AGGREGATES_PER_CAUSE_MAX = 512
"""How many aggregates one change may touch: it must fit one transaction."""

NEEDS_ROUNDS_MAX = 3
"""How often a decision may ask for more aggregates before it must decide."""


# What is changed ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for a tenant: what to do, where, and by when."""

    tenant: TenantId
    action: str
    path: str
    until: datetime | None


class Aggregate(Protocol):
    """What the committer must know of a state; everything else in it is the domain's own."""

    @property
    def id(self) -> UUID: ...

    @property
    def parties(self) -> frozenset[TenantId]:
        """The tenants that may know this aggregate (PUBLIC: all); to others it does not exist."""
        ...

    @property
    def due_at(self) -> datetime | None:
        """When time itself must act on it next; None when no clock runs."""
        ...

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Who must act on it, in the words of the HTTP API."""
        ...


class Quiet:
    """The answers of an aggregate that no tenant sees, no clock moves and nobody must act on."""

    __slots__ = ()

    @property
    def parties(self) -> frozenset[TenantId]:
        return frozenset()

    @property
    def due_at(self) -> datetime | None:
        return None

    @property
    def tasks(self) -> tuple[Task, ...]:
        return ()


S = TypeVar("S")
R_co = TypeVar("R_co", covariant=True)
A = TypeVar("A", bound=Aggregate)
S_co = TypeVar("S_co", covariant=True, bound=Aggregate)
F_co = TypeVar("F_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Ref(Generic[R_co]):
    """One aggregate that a change touches, by state type and id.

    `required`: its absence is an answer (not found for a command, not yet for an event).
    `named`: the caller named it, so the caller's tenant must be one of its parties.
    """

    type: type[R_co]
    id: UUID
    required: bool = field(default=True, compare=False)
    named: bool = field(default=True, compare=False)


def existing(kind: type[S], key: UUID) -> Ref[S]:
    """Name an aggregate that must exist and that the caller must be a party of."""
    return Ref(kind, key)


def maybe(kind: type[S], key: UUID) -> Ref[S]:
    """Name an aggregate that the change may make: read it with `States.get`."""
    return Ref(kind, key, required=False)


def inner(kind: type[S], key: UUID) -> Ref[S]:
    """Name an aggregate that a rule needs and the caller did not name; it must exist."""
    return Ref(kind, key, named=False)


def inner_maybe(kind: type[S], key: UUID) -> Ref[S]:
    """Name an aggregate that a rule needs and may make; the caller did not name it."""
    return Ref(kind, key, required=False, named=False)


class States:
    """The loaded states of a change, found again by the refs that named them."""

    __slots__ = ("_loaded",)

    def __init__(self, loaded: Mapping[Ref[object], object | None]) -> None:
        self._loaded = loaded

    def __contains__(self, ref: Ref[object]) -> bool:
        return ref in self._loaded

    def __getitem__(self, ref: Ref[S]) -> S:
        state = self.get(ref)
        assert state is not None, f"{ref} is not there: name it with existing() or read it with get()"
        return state

    def get(self, ref: Ref[S]) -> S | None:
        state = self._loaded[ref]
        assert state is None or isinstance(state, ref.type)
        return state


# What is decided ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decision(Generic[S_co, F_co]):
    """The next state of one aggregate and the facts it announces, in order."""

    state: S_co
    facts: tuple[F_co, ...] = ()


@dataclass(frozen=True, slots=True)
class Decisions:
    """What one change does: decisions about several aggregates and immutable entries, all or none.

    Entries are documents that are only ever inserted; each has an `id` derived from cause and rule.
    """

    decisions: tuple[Decision[Aggregate, object], ...] = ()
    entries: tuple[object, ...] = ()


def together(*decisions: Decision[Aggregate, object] | None, entries: Iterable[object] = ()) -> Decisions:
    """Join what happens in one change; None stands for an aggregate that nothing happens to."""
    return Decisions(tuple(d for d in decisions if d is not None), tuple(entries))


@dataclass(frozen=True, slots=True)
class Needs:
    """A decision's wish for more aggregates, loaded in the same transaction before it is asked again."""

    refs: tuple[Ref[object], ...]

    @classmethod
    def of(cls, *refs: Ref[object]) -> "Needs":
        return cls(refs)


Decide: TypeAlias = Callable[[States, datetime], Decision[Aggregate, object] | Decisions | Needs]
"""A pure decision; it may be asked again with newer states, and must answer from its arguments alone."""


# Why it is asked ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a person or a machine that acts for one tenant, with the scopes of its token."""

    person: PersonId
    tenant: TenantId
    scopes: frozenset[str]

    OPERATOR: ClassVar[str] = "operator"

    @property
    def is_operator(self) -> bool:
        return self.OPERATOR in self.scopes

    @property
    def circles(self) -> tuple[TenantId, ...]:
        """The parties that the caller belongs to."""
        return (self.tenant, PUBLIC)

    def may_know(self, parties: frozenset[TenantId]) -> bool:
        return self.is_operator or not parties.isdisjoint(self.circles)


@dataclass(frozen=True, slots=True)
class Command:
    """An HTTP request that changes something; `key` is unique per tenant and route.

    Without a key nothing is remembered of it: it may be repeated, like a download that is logged each time.
    `fingerprint` is a SHA-256 over method, concrete path and canonical body. `if_match` is the version
    that the caller saw, or None where the action does not depend on it.
    """

    caller: Caller
    key: str | None
    fingerprint: str
    if_match: int | None = None


class Occurrence(NamedTuple):
    """An incoming event as a cause: number `seq` of the stream (`topic`, `key`) at one place in the log."""

    topic: str
    key: str
    seq: int
    partition: int
    offset: int
    event_id: UUID
    correlation_id: UUID
    actor: str
    tenant: UUID | None


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline that ran out: the aggregate and the due time that was read; moot if that has moved."""

    type: type[object]
    id: UUID
    due_at: datetime


Cause: TypeAlias = Command | Occurrence | Clock


@dataclass(frozen=True, slots=True)
class Stored(Generic[R_co]):
    """A state as the database holds it; `version` is its ETag, for its parties.

    As the answer to a change it is the state of the first aggregate that was named, and `replayed` says
    that an earlier request with the same idempotency key made it.
    """

    state: R_co
    version: int
    replayed: bool = False


class Changes(Protocol):
    """The one way to change data: all that `decide` answers happens in one transaction, or nothing."""

    @overload
    async def change(
        self, cause: Cause, decide: Decide, first: Ref[S], *others: Ref[object]
    ) -> Stored[S]: ...

    @overload
    async def change(self, cause: Cause, decide: Decide) -> None: ...


class Reads(Protocol):
    """The read side: what is stored now, without the promise that it still holds when a change decides."""

    async def get(self, kind: type[A], key: UUID, caller: Caller | None = None) -> Stored[A]:
        """Give one state; NotFoundError where it is absent or the caller is none of its parties."""
        ...

    async def find(
        self, kind: type[A], where: Mapping[str, str], *, after: UUID | None = None, limit: int
    ) -> tuple[A, ...]:
        """Give states whose fields equal (or, being lists, contain) all values of `where`, by id.

        Names are dotted paths into the stored state; values are compared as JSON strings. Who wants all
        asks again with the last id of the page before as `after`, until nothing comes.
        """
        ...

    async def several(self, kind: type[A], keys: Collection[UUID]) -> tuple[A, ...]:
        """Give the states that these ids have, by id, however many are asked for; others are left out."""
        ...


class EntryReads(Protocol):
    """Reading immutable entries back; kept apart because few services need it."""

    async def entries(
        self,
        kind: type[S],
        where: Mapping[str, object],
        *,
        order: Sequence[str],
        after: Sequence[object] | None = None,
        limit: int,
    ) -> tuple[S, ...]:
        """Give entries whose document fields equal `where`, sorted by the fields `order`, behind `after`."""
        ...

    async def totals(self, kind: type[object], array: str, key: str, amount: str) -> dict[str, int]:
        """Sum `array[].amount` by `array[].key` over all entries of a kind."""
        ...


# How it is refused ----------------------------------------------------------------------------------------


class RefusalError(Exception):
    """A command that is answered with no; the sentence says what to do, `code` is stable."""

    code: ClassVar[str] = "refused"

    def __init__(self, detail: str, *, pointer: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.pointer = pointer


class NotFoundError(RefusalError):
    """There is no such thing, as far as this caller may know."""

    code = "not_found"


class ConflictError(RefusalError):
    """The state does not allow it; `allowed` names the actions that it does allow."""

    code = "conflict"

    def __init__(self, detail: str, *, allowed: tuple[str, ...] = ()) -> None:
        super().__init__(detail)
        self.allowed = allowed


class RejectedError(RefusalError):
    """A rule forbids it, whatever the state; `pointer` (RFC 6901) names the part of the request."""

    code = "rejected"


class TooLargeError(RejectedError):
    """What was asked makes an event that is too large to be announced."""

    code = "event_too_large"


class StaleError(RefusalError):
    """The caller saw an older version than the one that is stored."""

    code = "stale_version"


class KeyReusedError(RefusalError):
    """The idempotency key was used before, for another request."""

    code = "idempotency_key_reused"


class OverloadedError(Exception):
    """Too much is waiting already; the same request may be sent again after `retry_after_seconds`."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(f"Too many changes wait; try again in {retry_after_seconds} s.")
        self.retry_after_seconds = retry_after_seconds


class NotYetError(Exception):
    """An event needs master data (client, vendor, expert) that has not arrived; it is tried again later."""


class TransientError(Exception):
    """The database or the broker is away or asks to try again; nothing is wrong with the change itself."""
