"""The port to the database: documents by id inside transactions, a few plain operations outside.

The language of filters is a small part of MongoDB's: equality (on a list: contains), `$in`, `$ne`, `$lt`,
`$lte`, `$gt`, `$gte`, `$exists`, `$or`, with dotted paths. One contract suite pins every implementation.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias
from uuid import UUID

from kpo_chassis.kernel import TransientError

Document: TypeAlias = dict[str, object]
Where: TypeAlias = Mapping[str, object]
Id: TypeAlias = str | UUID
Sort: TypeAlias = tuple[tuple[str, int], ...]

BY_ID: Sort = (("_id", 1),)

AUDIT = "audit"
INBOX = "inbox"
OUTBOX = "outbox"
PARKED = "parked"
POSITIONS = "positions"
REQUESTS = "requests"


TRANSACTIONS_MAX = 2
"""How many transactions a process has open at a time; each has a session of its own."""


class ConflictingWriteError(TransientError):
    """Another writer was there first; read again and decide again."""


class PositionLostError(TransientError):
    """A partition's position is not where this process left it: the partition belongs to another now."""


class RejectedWriteError(Exception):
    """The database refuses this write for what it says (a validator, a size); repeating cannot help."""


@dataclass(frozen=True, slots=True)
class Window:
    """What is wanted of all that matches: the first `limit` by `sort`, of those that also match `behind`."""

    behind: Where
    sort: Sort
    limit: int


@dataclass(frozen=True, slots=True)
class Move:
    """Move a partition's position from `expected` to `next_offset`, if `epoch` still holds."""

    id: str
    epoch: int
    expected: int
    next_offset: int


class Transaction(Protocol):
    """A snapshot of the database and the writes that become visible with its commit, all or none.

    Each method is one statement. Only what was loaded in the same transaction may be saved.
    """

    async def load(self, collection: str, ids: Sequence[Id]) -> dict[Id, Document]: ...

    async def save(self, collection: str, documents: Sequence[Document], new: frozenset[Id]) -> None:
        """Replace whole documents by `_id`; those in `new` must not exist yet."""
        ...

    async def insert(self, collection: str, documents: Sequence[Document]) -> None: ...

    async def delete(self, collection: str, ids: Sequence[Id]) -> None: ...

    async def announce(self, document: Document) -> None:
        """Insert an outbox document, with the server's time as `at`."""
        ...

    async def advance(self, moves: Sequence[Move]) -> None:
        """Move positions; PositionLostError if one is not where it was expected."""
        ...


class Database(Protocol):
    """One service's own database. Every operation may raise TransientError."""

    @property
    def session_ids(self) -> Sequence[str]:
        """Name the sessions of this process's transactions, so that a successor can end them."""
        ...

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Open a transaction, at most TRANSACTIONS_MAX at a time; leaving it commits, an exception aborts.

        When the commit's outcome is unknown, TransientError is raised: repeat the same changes, which
        then meet their own traces (inbox numbers, request keys, due times) and change nothing twice.
        """
        ...

    async def find(
        self,
        collection: str,
        where: Where,
        *,
        limit: int,
        sort: Sort = BY_ID,
        without: Sequence[str] = (),
    ) -> list[Document]:
        """Read the first documents that match; `without` names fields that are not needed, to spare them."""
        ...

    async def existing(self, collection: str, ids: Sequence[Id]) -> set[Id]:
        """Say which documents there are, without reading them."""
        ...

    async def count(self, collection: str, where: Where, *, limit: int) -> int: ...

    async def insert(self, collection: str, documents: Sequence[Document]) -> None:
        """Write new documents for good; ConflictingWriteError where one of them is there already."""
        ...

    async def update(self, collection: str, where: Where, changes: Where) -> bool:
        """Set fields of the first document that matches; say whether there was one."""
        ...

    async def forget(self, collection: str, ids: Sequence[Id]) -> None:
        """Delete by id, without waiting for a majority: a lost delete must be harmless."""
        ...

    async def claim(self, position: str) -> Document | None:
        """Raise a position's epoch, put this session in it, and give the document as it was before."""
        ...

    async def end_sessions(self, session_ids: Sequence[str]) -> None:
        """End other processes' sessions, so that their open transactions free what they hold."""
        ...

    async def now(self) -> datetime:
        """Read the server's clock."""
        ...

    async def elements(self, collection: str, array: str, where: Where, window: Window) -> list[Document]:
        """Give the first elements of an array, over all documents, that match; each has its document's `_id`.

        `where` is about fields of the elements alone and may use an index; `window` knows their `_id`, too.
        """
        ...

    async def totals(self, collection: str, array: str, key: str, amount: str) -> dict[str, int]:
        """Sum `array[].amount` by `array[].key` over a whole collection."""
        ...
