"""Two processes' views of one service's database on a real server, with a ledger that must balance."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from motor.motor_asyncio import AsyncIOMotorClient

from kpo_chassis.mongo import Collection, MongoDatabase, Preparation, connect, prepare
from kpo_chassis.store import Database
from kpo_cli.stack.servers import Servers

Pair = tuple[Database, Database]

LEDGER = "ledger"
UNBALANCED = {"$expr": {"$eq": [{"$sum": "$legs.minor"}, 0]}}


@asynccontextmanager
async def a_pair(servers: Servers, client_class: type[object] = AsyncIOMotorClient) -> AsyncIterator[Pair]:
    """Prepare a database of its own, look at it through this class of client, and drop it."""
    client = connect(servers.mongo_admin_url, client_class)
    name = f"contract_{uuid4().hex}"
    ledger = Collection(name=LEDGER, validator=UNBALANCED)
    without_user = "mongodb://" + servers.mongo_admin_url.rpartition("@")[2]  # `prepare` then makes none.
    await prepare(
        client, Preparation(database=name, collections=(ledger,), request_days_kept=30), without_user
    )
    yield await MongoDatabase.open(client, name), await MongoDatabase.open(client, name)
    await client.drop_database(name)
    if (closing := client.close()) is not None:
        await closing
