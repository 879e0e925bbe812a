"""Connections and errors: the driver's many exceptions become the store's few."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from inspect import isawaitable
from typing import Any

from bson.int64 import Int64
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)

from kpo_chassis.kernel import TransientError
from kpo_chassis.store import ConflictingWriteError, RejectedWriteError

SERVER_SELECTION_MILLISECONDS = 3_000
SOCKET_MILLISECONDS = 15_000
CONNECTIONS_MAX = 20

DUPLICATE_KEY = 11000
WRITE_CONFLICT = 112
PASSING: Mapping[int, str] = {
    6: "HostUnreachable",
    7: "HostNotFound",
    24: "LockTimeout",
    43: "CursorNotFound",
    50: "MaxTimeMSExpired",
    89: "NetworkTimeout",
    91: "ShutdownInProgress",
    134: "ReadConcernMajorityNotAvailableYet",
    189: "PrimarySteppedDown",
    211: "KeyNotFound",  # Of cluster times: a member that was away has not read the newest keys yet.
    237: "CursorKilled",
    246: "SnapshotUnavailable",
    251: "NoSuchTransaction",
    262: "ExceededTimeLimit",
    290: "TransactionExceededLifetimeLimitSeconds",
    365: "TemporarilyUnavailable",
    9001: "SocketException",
    10107: "NotWritablePrimary",
    11600: "InterruptedAtShutdown",
    11601: "Interrupted",
    11602: "InterruptedDueToReplStateChange",
    13435: "NotPrimaryNoSecondaryOk",
    13436: "NotPrimaryOrSecondary",
}
"""What passes by itself, by code and name of MongoDB's error_codes.yml."""


def connect(url: str, client_class: Any = AsyncIOMotorClient) -> Any:
    """Make a client; nothing is sent before its first use. `client_class` is for the driver's own tests."""
    return client_class(
        url,
        uuidRepresentation="standard",
        tz_aware=True,
        serverSelectionTimeoutMS=SERVER_SELECTION_MILLISECONDS,
        socketTimeoutMS=SOCKET_MILLISECONDS,
        maxPoolSize=CONNECTIONS_MAX,
        retryWrites=True,
    )


def int64(value: int) -> object:
    """Mark a number to be stored with 64 bits whatever its size, as validators of money demand."""
    return Int64(value)


async def resolved(answer: Any) -> Any:
    """Await what one driver answers at once and another answers later."""
    return await answer if isawaitable(answer) else answer


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Turn driver errors into those of the store."""
    try:
        yield
    except PyMongoError as error:
        raise translate(error) from error
    except (OverflowError, TypeError) as error:
        raise RejectedWriteError(f"not storable: {error}") from error


def translate(error: PyMongoError) -> Exception:
    codes = _codes(error)
    if codes & {DUPLICATE_KEY, WRITE_CONFLICT} or isinstance(error, DuplicateKeyError):
        return ConflictingWriteError(str(error))
    if _is_passing(error, codes):
        return TransientError(str(error))
    return RejectedWriteError(str(error))


def _is_passing(error: PyMongoError, codes: frozenset[int]) -> bool:
    if isinstance(error, (ConnectionFailure, AutoReconnect, ExecutionTimeout, WTimeoutError)):
        return True
    labels = ("TransientTransactionError", "UnknownTransactionCommitResult", "RetryableWriteError")
    return bool(codes & PASSING.keys()) or any(error.has_error_label(label) for label in labels)


def _codes(error: PyMongoError) -> frozenset[int]:
    if isinstance(error, BulkWriteError):
        details: Any = error.details
        return frozenset(item["code"] for item in details.get("writeErrors", ()))
    if isinstance(error, OperationFailure) and error.code is not None:
        return frozenset({error.code})
    return frozenset()
