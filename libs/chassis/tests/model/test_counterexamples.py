"""What the model has found in the engine, each as a story of its own, so that it is never found again."""

from kpo_chassis.store import INBOX, PARKED

from .faults import Blow, Fate, Side
from .story import CLIENTS
from .verdict import SOURCE
from .world import World, a_world

CLIENT = CLIENTS[0]
WAIT_SECONDS = 0.1
HEAL_SECONDS = 1.0


def with_a_gap(world: World) -> int:
    """Park a number whose predecessor is missing; give the process that has it."""
    world.join()
    world.send(CLIENT, 1)
    world.send(CLIENT, 3)
    world.wait(WAIT_SECONDS)
    assert len(world.shelves.documents[PARKED]) == 1
    return world.owner(CLIENT)


def test_a_release_whose_answer_was_lost_is_counted_once() -> None:
    with a_world() as world:
        owner = with_a_gap(world)
        world.processes[owner].gate.arm(Fate(2, Blow.FAILS, Side.AFTER, "commit"))

        world.send(CLIENT, 2)
        world.wait(HEAL_SECONDS)

        assert world.processes[owner].gate.struck
        assert world.shelves.documents[PARKED] == {}
        row = world.shelves.documents[INBOX][f"{SOURCE}/{CLIENT}"]
        assert (row["seq"], row["parked"], row["partial"]) == (3, 0, False)


def test_a_release_that_was_under_way_when_its_partition_was_lost_is_tried_again() -> None:
    with a_world() as world:
        owner = with_a_gap(world)
        world.send(CLIENT, 2)
        world.wait(WAIT_SECONDS)
        world.processes[owner].gate.arm(Fate(1, Blow.FREEZES, Side.BEFORE, "delete"))
        world.wait(HEAL_SECONDS)
        assert world.processes[owner].frozen
        world.processes[1 - owner].stop()

        world.rest()

        assert world.shelves.documents[PARKED] == {}
