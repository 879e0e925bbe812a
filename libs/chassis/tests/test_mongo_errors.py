"""What the database says is one of three things: somebody was first, it passes, or it is refused."""

import pytest
from pymongo.errors import BulkWriteError, OperationFailure, PyMongoError, ServerSelectionTimeoutError

from kpo_chassis.kernel import TransientError
from kpo_chassis.mongo.driver import translate
from kpo_chassis.store import ConflictingWriteError, RejectedWriteError


@pytest.mark.parametrize(
    ("error", "becomes"),
    [
        (OperationFailure("Write conflict", 112), ConflictingWriteError),
        (BulkWriteError({"writeErrors": [{"code": 11000}]}), ConflictingWriteError),
        (ServerSelectionTimeoutError("nobody is there"), TransientError),
        (OperationFailure("not primary", 10107), TransientError),
        (OperationFailure("No keys found for HMAC that is valid for time", 211), TransientError),
        (OperationFailure("majority reads are currently not possible", 134), TransientError),
        (OperationFailure("any", 1, {"errorLabels": ["TransientTransactionError"]}), TransientError),
        (OperationFailure("Document failed validation", 121), RejectedWriteError),
        (BulkWriteError({"writeErrors": [{"code": 121}]}), RejectedWriteError),
        (OperationFailure("not authorized", 13), RejectedWriteError),
    ],
    ids=str,
)
def test_an_error_of_the_driver_becomes_one_of_the_store(
    error: PyMongoError, becomes: type[Exception]
) -> None:
    assert type(translate(error)) is becomes
