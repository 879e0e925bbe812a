"""Chooses ports on the loopback interface that nobody uses now and nobody is likely to use later."""

from __future__ import annotations

import random
import socket
from collections.abc import Collection
from typing import Final

from kpo_cli.stack.errors import StackError

# Below the range from which Linux takes ports for outgoing connections, so that a remembered port stays ours.
PORT_MIN: Final = 20_000
PORT_MAX: Final = 29_999
CHOICES_MAX: Final = 200


def is_free(port: int) -> bool:
    """Tell whether a server could listen there; a past connection in TIME_WAIT does not matter."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose(taken: Collection[int]) -> int:
    """Return a free port that is not among `taken`."""
    for port in random.sample(range(PORT_MIN, PORT_MAX + 1), CHOICES_MAX):
        if port not in taken and is_free(port):
            return port
    raise StackError(
        f"no free port was found between {PORT_MIN} and {PORT_MAX}; end some servers and start again."
    )


def insist(name: str, port: int) -> int:
    """Return the port that a person asked for, or say that it is taken."""
    if not is_free(port):
        raise StackError(
            f"port {port}, given for {name}, is taken; name another one or end what listens there."
        )
    return port
