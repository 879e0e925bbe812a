"""The database port on MongoDB: snapshot transactions, majority and journal, a session per transaction."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from bson.binary import Binary, UuidRepresentation
from pymongo import InsertOne, ReplaceOne, ReturnDocument, UpdateOne, WriteConcern
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from kpo_chassis.mongo.driver import resolved, translated
from kpo_chassis.store import (
    BY_ID,
    OUTBOX,
    POSITIONS,
    TRANSACTIONS_MAX,
    ConflictingWriteError,
    Document,
    Id,
    Move,
    PositionLostError,
    Sort,
    Where,
    Window,
)

INSERTS_APART_MIN = 50
"""So many new documents are worth an insert of their own: an upsert looks for each of them first."""

COMMIT_MILLISECONDS_MAX = 4_000
"""Below TRANSACTION_SECONDS_MAX, after which the server ends the transaction itself."""

TRANSACTION_SECONDS_MAX = 5
"""The server's transactionLifetimeLimitSeconds must not be above this: closing times count on it."""

SAFE = WriteConcern(w="majority", j=True)
"""With a majority but without the journal a commit waits for the next 100 ms flush."""

QUICK = WriteConcern(w=1)


class MongoTransaction:
    """The transaction port inside one session; each method is one command to the server."""

    def __init__(self, database: Any, session: Any) -> None:
        self._database = database
        self._session = session

    async def load(self, collection: str, ids: Sequence[Id]) -> dict[Id, Document]:
        async with translated():
            cursor = self._database[collection].find({"_id": {"$in": list(ids)}}, session=self._session)
            found = await cursor.batch_size(len(ids) + 1).to_list(len(ids))
        return {document["_id"]: document for document in found}

    async def save(self, collection: str, documents: Sequence[Document], new: frozenset[Id]) -> None:
        inserted = new if len(new) >= INSERTS_APART_MIN else frozenset[Id]()
        writes = [
            InsertOne(d) if d["_id"] in inserted else ReplaceOne({"_id": d["_id"]}, d, upsert=d["_id"] in new)
            for d in documents
        ]
        async with translated():
            written = await self._database[collection].bulk_write(
                writes, ordered=False, session=self._session
            )
        added = written.upserted_count + written.inserted_count
        if written.matched_count + added != len(documents):
            raise ConflictingWriteError(f"{collection}: a document that was read is gone")
        if added != len(new):
            raise ConflictingWriteError(f"{collection}: a new document was there already")

    async def insert(self, collection: str, documents: Sequence[Document]) -> None:
        async with translated():
            await self._database[collection].insert_many(documents, ordered=False, session=self._session)

    async def delete(self, collection: str, ids: Sequence[Id]) -> None:
        async with translated():
            await self._database[collection].delete_many({"_id": {"$in": list(ids)}}, session=self._session)

    async def announce(self, document: Document) -> None:
        fields = {name: value for name, value in document.items() if name != "_id"}
        async with translated():
            await self._database[OUTBOX].update_one(
                {"_id": document["_id"]},
                {"$set": fields, "$currentDate": {"at": True}},
                upsert=True,
                session=self._session,
            )

    async def advance(self, moves: Sequence[Move]) -> None:
        writes = [
            UpdateOne(
                {"_id": move.id, "epoch": move.epoch, "next_offset": move.expected},
                {"$set": {"next_offset": move.next_offset}},
            )
            for move in moves
        ]
        async with translated():
            moved = await self._database[POSITIONS].bulk_write(writes, ordered=False, session=self._session)
        if moved.matched_count != len(moves):
            raise PositionLostError(f"{len(moves) - moved.matched_count} positions were moved by another")


class MongoDatabase:
    """One service's database. Made by `open`, which starts the sessions; closed with its client.

    What is read outside transactions a majority has: what a new primary may roll back is shown to nobody,
    and never published. Only `existing` sees what this primary has, quick deletes included.
    """

    def __init__(self, client: Any, name: str, sessions: Sequence[Any]) -> None:
        self._client = client
        self._free = list(sessions)
        self.session_ids = tuple(_id_of(session) for session in sessions)
        self._database = client.get_database(name, write_concern=SAFE, read_concern=ReadConcern("majority"))
        self._quick = client.get_database(name, write_concern=QUICK)

    @classmethod
    async def open(cls, client: Any, name: str) -> Self:
        async with translated():
            await client.admin.command("ping")
            sessions = [await resolved(client.start_session()) for _ in range(TRANSACTIONS_MAX)]
            return cls(client, name, sessions)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[MongoTransaction]:
        session = self._free.pop()  # Those of a process share them out themselves: one too many is a bug.
        try:
            async with self._transaction(session) as transaction:
                yield transaction
        finally:
            self._free.append(session)

    @asynccontextmanager
    async def _transaction(self, session: Any) -> AsyncIterator[MongoTransaction]:
        async with translated():
            await resolved(
                session.start_transaction(
                    read_concern=ReadConcern("snapshot"),
                    write_concern=SAFE,
                    max_commit_time_ms=COMMIT_MILLISECONDS_MAX,
                )
            )
        try:
            yield MongoTransaction(self._database, session)
            async with translated():
                await session.commit_transaction()
        finally:
            if session.in_transaction:
                await _abort(session)

    async def find(
        self,
        collection: str,
        where: Where,
        *,
        limit: int,
        sort: Sort = BY_ID,
        without: Sequence[str] = (),
    ) -> list[Document]:
        async with translated():
            left_out = dict.fromkeys(without, False) or None
            cursor = self._database[collection].find(where, left_out).sort(list(sort)).limit(limit)
            found: list[Document] = await cursor.to_list(limit)
        return found

    async def existing(self, collection: str, ids: Sequence[Id]) -> set[Id]:
        async with translated():
            cursor = self._quick[collection].find({"_id": {"$in": list(ids)}}, {"_id": True})
            found = await cursor.to_list(len(ids))
        return {document["_id"] for document in found}

    async def count(self, collection: str, where: Where, *, limit: int) -> int:
        async with translated():
            counted: int = await self._database[collection].count_documents(where, limit=limit)
        return counted

    async def insert(self, collection: str, documents: Sequence[Document]) -> None:
        async with translated():
            await self._database[collection].insert_many(documents, ordered=False)

    async def update(self, collection: str, where: Where, changes: Where) -> bool:
        async with translated():
            updated = await self._database[collection].update_one(where, {"$set": dict(changes)})
        return bool(updated.matched_count)

    async def forget(self, collection: str, ids: Sequence[Id]) -> None:
        async with translated():
            await self._quick[collection].delete_many({"_id": {"$in": list(ids)}})

    async def claim(self, position: str) -> Document | None:
        async with translated():
            before: Document | None = await self._database[POSITIONS].find_one_and_update(
                {"_id": position},
                {"$inc": {"epoch": 1}, "$set": {"sessions": list(self.session_ids)}},
                upsert=True,
                return_document=ReturnDocument.BEFORE,
            )
        return before

    async def end_sessions(self, session_ids: Sequence[str]) -> None:
        keys = [{"id": Binary.from_uuid(UUID(key))} for key in session_ids]
        async with translated():
            await self._database.command("killSessions", keys)

    async def now(self) -> datetime:
        async with translated():
            answer = await self._client.admin.command("hello")
        now: datetime = answer["localTime"]
        return now.replace(tzinfo=UTC)  # Answers to commands come without a zone, whatever the client says.

    async def elements(self, collection: str, array: str, where: Where, window: Window) -> list[Document]:
        element = {"$mergeObjects": [f"${array}", {"_id": "$_id"}]}
        steps = [
            {"$match": {array: {"$elemMatch": where}}},
            {"$unwind": f"${array}"},
            {"$replaceRoot": {"newRoot": element}},
            {"$match": {"$and": [where, window.behind]}},
            {"$sort": dict(window.sort)},
            {"$limit": window.limit},
        ]
        async with translated():
            cursor = await resolved(self._database[collection].aggregate(steps))
            found: list[Document] = await cursor.to_list(window.limit)
        return found

    async def totals(self, collection: str, array: str, key: str, amount: str) -> dict[str, int]:
        steps = [
            {"$unwind": f"${array}"},
            {"$group": {"_id": f"${array}.{key}", "total": {"$sum": f"${array}.{amount}"}}},
        ]
        async with translated():
            cursor = await resolved(self._database[collection].aggregate(steps))
            rows = await cursor.to_list(None)
        return {row["_id"]: int(row["total"]) for row in rows}


def _id_of(session: Any) -> str:
    key: Binary = session.session_id["id"]
    return str(key.as_uuid(UuidRepresentation.STANDARD))


async def _abort(session: Any) -> None:
    """End a failed transaction; when the server is away it ends by itself."""
    try:
        await session.abort_transaction()
    except PyMongoError:
        return
