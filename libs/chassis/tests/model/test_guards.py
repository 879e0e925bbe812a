"""Each guard of the engine is left out once: the model must notice, or it would prove nothing."""

from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from kpo_chassis.store import INBOX

from .faults import Blow, Fate, Side
from .machine import Service
from .processes import Build
from .story import CLIENTS
from .verdict import SOURCE
from .weaknesses import (
    FromTheBeginning,
    Unkeyed,
    Unnumbered,
    Unordered,
    Unplaced,
    UnplacedAndUnnumbered,
    Unread,
)
from .world import World, a_world

EXAMPLES_MAX = 300
"""How many examples the model may need until it finds that a guard is missing."""

STEPS = 20
CLIENT = CLIENTS[0]


@dataclass(frozen=True)
class Missing:
    """A guard that is left out, and the words in which the model then complains."""

    build: Build
    complaint: str


MISSING = {
    "reads in the transaction": Missing(Build(transaction=Unread), r"given out|had its effect|announced"),
    "epoch, expected offset and inbox number": Missing(
        Build(transaction=UnplacedAndUnnumbered), r"had their effect|is not applied|does not follow"
    ),
    "position row and inbox number": Missing(
        Build(transaction=UnplacedAndUnnumbered, database=FromTheBeginning),
        r"had their effect|is not applied|does not follow",
    ),
    "idempotency key": Missing(Build(transaction=Unkeyed), r"had its effect 2 times|made twice"),
    "order of outbox documents": Missing(Build(database=Unordered), r"\d came after \d"),
}


@pytest.mark.parametrize("guard", MISSING)
def test_the_model_notices_when_a_guard_is_left_out(guard: str) -> None:
    class Weakened(Service):
        build = MISSING[guard].build

    with pytest.raises(AssertionError, match=MISSING[guard].complaint):
        run_state_machine_as_test(
            Weakened,
            settings=settings(
                max_examples=EXAMPLES_MAX,
                stateful_step_count=STEPS,
                derandomize=True,
                database=None,
                deadline=None,
                phases=[Phase.generate],
                report_multiple_bugs=False,
                suppress_health_check=(HealthCheck.too_slow,),
            ),
        )


@pytest.mark.parametrize("guard", MISSING)
def test_while_nothing_fails_no_guard_is_missed(guard: str) -> None:
    with a_world(build=MISSING[guard].build) as world:
        world.join()
        for client in CLIENTS:
            world.send(client, 1)
            world.send(client, 3)
            world.wait(0.1)
            world.send(client, 2)
            world.wait(0.1)
            world.ask(world.story.ask(client, 10), 0)
            world.wait(0.1)

        world.rest()


# Guards overlap: while one is missing, another stops what got past it --------------------------------------


def wake_a_zombie(world: World) -> None:
    """Freeze an owner before it commits a record; another applies it; then let the first one go on."""
    world.join()
    zombie = world.processes[world.owner(CLIENT)]
    zombie.gate.arm(Fate(1, Blow.FREEZES, Side.BEFORE, "load"))
    world.send(CLIENT, 1)
    world.wait(2.0)
    assert zombie.frozen
    assert world.shelves.documents[INBOX][f"{SOURCE}/{CLIENT}"]["seq"] == 1
    zombie.thaw()
    world.wait(1.0)


def test_without_the_inbox_number_the_position_stops_a_zombie() -> None:
    with a_world(build=Build(transaction=Unnumbered)) as world:
        wake_a_zombie(world)

        world.rest()

        assert world.meters.counted("kpo_guard_stopped_total", guard="position") > 0


def test_without_the_position_the_inbox_number_stops_a_zombie() -> None:
    with a_world(build=Build(transaction=Unplaced)) as world:
        wake_a_zombie(world)

        world.rest()

        assert world.meters.counted("kpo_guard_stopped_total", guard="position") == 0
        assert world.meters.counted("kpo_duplicates_total") > 0


def test_an_event_that_is_sent_again_is_stopped_by_its_number() -> None:
    with a_world() as world:
        world.join()
        world.send(CLIENT, 1)
        world.send(CLIENT, 1)

        world.rest()

        assert world.meters.counted("kpo_duplicates_total") == 1


def test_of_two_processes_that_write_one_document_one_is_stopped() -> None:
    with a_world() as world:
        world.join()
        world.send(CLIENT, 1)
        world.wait(0.1)
        for index in (0, 1):
            world.ask(world.story.ask(CLIENT, 10), index)

        world.rest()

        assert world.meters.counted("kpo_conflicts_total") > 0


def test_a_command_that_is_sent_again_is_stopped_by_its_key() -> None:
    with a_world() as world:
        world.join()
        world.send(CLIENT, 1)
        world.wait(0.1)
        asked = world.story.ask(CLIENT, 10)
        for index in (0, 1):
            world.ask(asked, index)

        world.rest()

        assert asked.answered == 2
        assert world.meters.counted("kpo_guard_stopped_total", guard="request_key") == 1


def test_a_later_announcement_is_stopped_until_the_earlier_one_is_out() -> None:
    with a_world() as world:
        world.join()
        world.send(CLIENT, 1)
        world.wait(0.1)
        for index in (0, 1):
            world.lose_broker(0, seconds=0.5)
            world.ask(world.story.ask(CLIENT, 10), index)
            world.wait(0.1)

        world.rest()

        assert world.meters.counted("kpo_guard_stopped_total", guard="order") > 0


def test_a_missing_number_is_stopped_as_a_gap() -> None:
    with a_world() as world:
        world.join()
        world.send(CLIENT, 2)

        world.rest()

        assert world.meters.counted("kpo_gaps_total") == 1
