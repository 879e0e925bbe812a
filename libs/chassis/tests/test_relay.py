"""The relay by itself: what may go out while other documents come and go."""

import asyncio
from collections.abc import Callable, Sequence

from kpo_chassis.announcement import Parcel
from kpo_chassis.broker import Outgoing
from kpo_chassis.meters import Meters
from kpo_chassis.relay import Relay
from kpo_chassis.store import OUTBOX, Id
from kpo_chassis.testing.broker import MemoryBroker
from kpo_chassis.testing.database import MemoryDatabase

LOOKS_SECONDS = 0.05


class InterruptedDatabase(MemoryDatabase):
    """Lets something happen once while the relay waits for an answer."""

    def __init__(self, interruption: Callable[[], None]) -> None:
        super().__init__()
        self._interruption = interruption

    async def existing(self, collection: str, ids: Sequence[Id]) -> set[Id]:
        found = await super().existing(collection, ids)
        interrupt, self._interruption = self._interruption, lambda: None
        interrupt()
        return found


def a_parcel(name: str, *prev: str) -> Parcel:
    return Parcel(name, frozenset(prev), (Outgoing("topic", name, (), b"{}"),))


async def test_what_comes_while_the_relay_looks_waits_for_its_own_look() -> None:
    broker = MemoryBroker()
    database = InterruptedDatabase(lambda: relay.publish(a_parcel("later", "elsewhere")))
    relay = Relay(database, broker, Meters(), lambda _full: None)
    for unpublished in ("earlier", "elsewhere"):
        database.shelves.put(OUTBOX, a_parcel(unpublished).document())
    running = asyncio.create_task(relay.run())

    relay.publish(a_parcel("first", "earlier"))
    await asyncio.sleep(LOOKS_SECONDS)
    running.cancel()

    assert broker.sent == []
