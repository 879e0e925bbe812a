"""What a service's database must look like before the first request: made by `init`, again and again."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from pymongo.errors import CollectionInvalid, OperationFailure

from kpo_chassis.documents import Index
from kpo_chassis.mongo.blobs import BLOBS, BUCKET
from kpo_chassis.mongo.database import TRANSACTION_SECONDS_MAX
from kpo_chassis.mongo.driver import translated
from kpo_chassis.store import AUDIT, INBOX, OUTBOX, PARKED, POSITIONS, REQUESTS

SECONDS_PER_DAY = 86_400
READ_AND_ADD = ["find", "insert"]
READ_AND_WRITE = ["find", "insert", "update", "remove"]
INDEXING = ("createIndex", "listIndexes")


class PreparationError(Exception):
    """The database cannot be used as it is; the sentence says what to change."""


@dataclass(frozen=True, kw_only=True)
class Collection:
    """A collection with its indexes, its validator, and whether it may only grow."""

    name: str
    indexes: tuple[Index, ...] = ()
    validator: Mapping[str, object] | None = None
    append_only: bool = False
    days_kept: int | None = None
    makes_indexes: bool = False
    """GridFS makes the indexes of its two collections itself, and wants to look first."""

    @property
    def actions(self) -> list[str]:
        if self.append_only:
            return READ_AND_ADD
        return [*READ_AND_WRITE, *(INDEXING if self.makes_indexes else ())]


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """All collections of one service, beside those that the engine itself needs."""

    database: str
    collections: tuple[Collection, ...]
    request_days_kept: int

    def all(self) -> tuple[Collection, ...]:
        engine = (
            Collection(name=AUDIT, indexes=((("about", 1), ("_id", 1)),), append_only=True),
            Collection(name=INBOX),
            Collection(name=OUTBOX, indexes=((("at", 1),),)),
            Collection(
                name=PARKED,
                indexes=(
                    (("topic", 1), ("partition", 1), ("key", 1), ("seq", 1)),
                    (("topic", 1), ("partition", 1), ("offset", 1)),
                ),
            ),
            Collection(name=POSITIONS),
            Collection(name=REQUESTS, days_kept=self.request_days_kept),
            Collection(name=BLOBS),
            Collection(name=f"{BUCKET}.files", makes_indexes=True),
            Collection(name=f"{BUCKET}.chunks", makes_indexes=True),
        )
        return (*engine, *self.collections)


async def prepare(client: Any, preparation: Preparation, service_url: str) -> None:
    """Make collections, validators, indexes, the service's role and its user, as administrator.

    Raises PreparationError where the server's settings break a promise of the engine.
    """
    async with translated():
        await _check_transaction_limit(client)
        database = client[preparation.database]
        for collection in preparation.all():
            await _make(database, collection)
        await _make_role(database, preparation)
        await _make_user(database, preparation, service_url)


async def _check_transaction_limit(client: Any) -> None:
    name = "transactionLifetimeLimitSeconds"
    answer = await client.admin.command({"getParameter": 1, name: 1})
    if answer[name] > TRANSACTION_SECONDS_MAX:
        raise PreparationError(
            f"Start mongod with --setParameter {name}={TRANSACTION_SECONDS_MAX}: it is {answer[name]}, "
            "and deadlines are only safe when no transaction lives longer."
        )


async def _make(database: Any, collection: Collection) -> None:
    with suppress(CollectionInvalid):  # It may be there already; what follows brings it up to date.
        await database.create_collection(collection.name)
    if collection.validator is not None:
        await database.command("collMod", collection.name, validator=dict(collection.validator))
    for index in collection.indexes:
        await database[collection.name].create_index(list(index))
    if collection.days_kept is not None:
        seconds = collection.days_kept * SECONDS_PER_DAY
        await database[collection.name].create_index("created_at", expireAfterSeconds=seconds)


async def _make_role(database: Any, preparation: Preparation) -> None:
    """Give the service what it needs on its own collections, and nothing anywhere else."""
    privileges = [
        {
            "resource": {"db": preparation.database, "collection": collection.name},
            "actions": collection.actions,
        }
        for collection in preparation.all()
    ]
    await _create_or_update(database, "Role", preparation.database, privileges=privileges, roles=[])


async def _make_user(database: Any, preparation: Preparation, service_url: str) -> None:
    parts = urlsplit(service_url)
    if parts.username is None or parts.password is None:
        return  # A server without authorization, as some tests use.
    roles = [{"role": preparation.database, "db": preparation.database}]
    await _create_or_update(
        database, "User", unquote(parts.username), pwd=unquote(parts.password), roles=roles
    )


async def _create_or_update(database: Any, what: str, name: str, **settings: Any) -> None:
    try:
        await database.command(f"create{what}", name, **settings)
    except OperationFailure as error:
        if error.code not in {51002, 51003}:  # Role or user exists already.
            raise
        await database.command(f"update{what}", name, **settings)
