"""Disturbs the mongod that takes writes: commits whose outcome nobody is told, and a hand-over."""

from collections.abc import Mapping
from typing import Final

from pymongo import MongoClient
from pymongo.errors import PyMongoError

CLIENT_MILLISECONDS_MAX: Final = 5_000
SHUTDOWN_IN_PROGRESS: Final = 91

LOST: Final[Mapping[str, object]] = {"closeConnection": True}
"""The connection is gone before the commit: it did not happen, and nobody is told."""

UNHEARD: Final[Mapping[str, object]] = {
    "writeConcernError": {"code": SHUTDOWN_IN_PROGRESS, "errmsg": "the node is going down"}
}
"""The commit happens, and its sender is told that this is not certain."""


def disturb_commits(admin_url: str, how: Mapping[str, object], times: int) -> bool:
    """Let the next commits of whoever comes end like this; say whether mongod could be told."""
    data = {"failCommands": ["commitTransaction"], **how}
    return _told(admin_url, {"configureFailPoint": "failCommand", "mode": {"times": times}, "data": data})


def step_down(admin_url: str, seconds: int) -> bool:
    """Let it hand over, and take no writes for so long; say whether it could be told.

    Where it is the only one, nobody takes writes meanwhile.
    """
    return _told(admin_url, {"replSetStepDown": seconds, "force": True})


def _told(admin_url: str, command: dict[str, object]) -> bool:
    try:
        with MongoClient[dict[str, object]](
            admin_url, serverSelectionTimeoutMS=CLIENT_MILLISECONDS_MAX
        ) as client:
            client.admin.command(command)
    except PyMongoError:  # It is down on purpose; the next fault will find it again.
        return False
    return True
