"""What clusters of servers on this machine have in common: how many members, and where each is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kpo_cli.stack.state import Home

MEMBERS: Final = 3


@dataclass(frozen=True, slots=True)
class Place:
    """The port at which a member listens, and the one at which others are told to look for it.

    They differ when something leads from one to the other.
    """

    port: int
    advertised: int


def places(home: Home, kind: str) -> Sequence[Place]:
    """Choose ports for members that everybody reaches directly."""
    ports = [home.port(f"{kind}-{number}") for number in range(1, MEMBERS + 1)]
    return [Place(port, port) for port in ports]


def addresses(members: Sequence[Place]) -> str:
    """Name all members, as a client wants them."""
    return ",".join(address(member) for member in members)


def address(member: Place) -> str:
    return f"127.0.0.1:{member.advertised}"
