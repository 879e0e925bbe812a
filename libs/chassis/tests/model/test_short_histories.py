"""Short histories in full: one blow at every await on a port, and at the end all must be true."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import product

import pytest

from .faults import Blow, Fate, Side
from .story import CLIENTS, Kind
from .world import World, a_world

IDLE_PORTS = frozenset({"poll", "count", "report"})
"""They look or tell again and again, in every process that has nothing to do."""

READING_PORTS = frozenset({"bounds", "existing", "find", "load", "now"})
"""Nothing changes through them: before and after are the same to everybody else."""

CLIENT = CLIENTS[0]
STORY_SECONDS = 0.8
AFTERMATH_SECONDS = 1.0

History = Callable[[World, int], None]


def an_event_and_a_command(world: World, victim: int) -> None:
    world.send(CLIENT, 1)
    world.wait(0.1)
    world.ask(world.story.ask(CLIENT, 10), victim)
    world.send(CLIENT, 2)


def a_gap_that_fills(world: World, _: int) -> None:
    world.send(CLIENT, 1)
    world.send(CLIENT, 3)
    world.wait(0.1)
    world.send(CLIENT, 2)


def a_poison_that_is_left_out(world: World, _: int) -> None:
    world.send(CLIENT, 1, Kind.POISON)
    world.send(CLIENT, 2)
    world.wait(0.1)
    world.skip(CLIENT, 1)


def a_clock(world: World, victim: int) -> None:
    alarm = world.set_alarm(timedelta(milliseconds=200), victim)
    world.wait(0.05)
    world.ask(world.story.add_to_alarm(alarm, 10), victim)


HISTORIES = (an_event_and_a_command, a_gap_that_fills, a_poison_that_is_left_out, a_clock)


def crossings(history: History) -> list[str]:
    """Name every await on a port of the process that owns the client's partition, in a run without faults."""
    with a_world() as world:
        world.join()
        victim = world.owner(CLIENT)
        gate = world.processes[victim].gate
        before = len(gate.crossed)
        history(world, victim)
        world.wait(STORY_SECONDS)
        return gate.crossed[before:]


def fates(history: History) -> Iterator[Fate]:
    for crossing, name in enumerate(crossings(history), start=1):
        if name not in IDLE_PORTS:
            sides = (Side.BEFORE,) if name in READING_PORTS else tuple(Side)
            yield from (Fate(crossing, blow, side) for blow, side in product(Blow, sides))


def suffer(history: History, fate: Fate) -> None:
    """Let one process meet its fate in the middle of a history; pytest shows which when something breaks."""
    with a_world() as world:
        world.join()
        victim = world.owner(CLIENT)
        world.processes[victim].gate.arm(fate)
        history(world, victim)
        world.wait(AFTERMATH_SECONDS)
        world.check()
        world.rest()
        world.complete()


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history.__name__)
def test_nothing_breaks_whatever_befalls_a_process_at_any_await(history: History) -> None:
    all_fates = list(fates(history))

    for fate in all_fates:
        suffer(history, fate)

    assert {fate.blow for fate in all_fates} == set(Blow)
