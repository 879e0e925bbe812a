"""Lets a service's process end itself at a named point: for those that CHAOS_DOOM has an order for.

An order is a file that is named after the port of the process and holds the name of the point. Whoever
carries it out, removes it; so does who takes it back, and only one of both can.
"""

import asyncio
import os
import signal
from pathlib import Path

SENT_SECONDS = 0.02
"""What has been handed to a client is on its way by then, and nobody has looked at the answer."""


def reached(point: str) -> None:
    """Die here without a word, if that is the order."""
    order = _order(point)
    if order is None:
        return
    try:
        order.unlink()
    except FileNotFoundError:  # It was taken back just now.
        return
    os.kill(os.getpid(), signal.SIGKILL)


async def reached_a_little_later(point: str) -> None:
    """Wait until what was begun is under way, and die then, if that is the order."""
    if _order(point) is not None:
        await asyncio.sleep(SENT_SECONDS)
        reached(point)


def _order(point: str) -> Path | None:
    order = Path(os.environ["CHAOS_DOOM"]) / os.environ.get("KPO_HTTP_PORT", "none")
    try:
        return order if order.read_text(encoding="utf-8") == point else None
    except FileNotFoundError:
        return None
