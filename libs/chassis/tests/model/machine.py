"""The state machine: hypothesis chooses what happens, the world says what must be true after each step."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kpo_chassis.committer import Batching

from .faults import Blow, Fate, Side
from .processes import Build
from .story import CLIENTS, Kind
from .world import PROCESSES_MAX, World, a_world

CROSSINGS_AHEAD_MAX = 30
CALLS_AHEAD_MAX = 3
REFUSED_AMOUNT = 2_000
SEEDS_MAX = 2**16

CROWDED = Batching(changes_max=2, backlog_min=1)
"""A handful of changes is a backlog already, and a second transaction open as soon as it can be."""

clients = st.sampled_from((CLIENTS[0], *CLIENTS))
processes = st.integers(0, PROCESSES_MAX - 1)
picks = st.integers(0, 7)
kinds = st.sampled_from((Kind.FINE, Kind.FINE, Kind.FINE, Kind.POISON, Kind.EARLY))
amounts = st.sampled_from((10, 20, 30, REFUSED_AMOUNT))
blows, sides = st.sampled_from(Blow), st.sampled_from(Side)
fates = st.builds(Fate, st.integers(1, CROSSINGS_AHEAD_MAX), blows, sides) | st.builds(
    Fate,
    st.integers(1, CALLS_AHEAD_MAX),
    blows,
    sides,
    st.sampled_from(("commit", "send", "forget", "claim")),
)


class Service(RuleBasedStateMachine):
    """Two or three processes, three clients, events in any order, commands, clocks, and all that fails."""

    build: Build | None = None

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self._world: World | None = None

    @property
    def world(self) -> World:
        assert self._world is not None
        return self._world

    @initialize(
        seed=st.integers(0, SEEDS_MAX), count=st.sampled_from((2, 2, PROCESSES_MAX)), crowded=st.booleans()
    )
    def begin(self, seed: int, count: int, crowded: bool) -> None:  # noqa: FBT001 - hypothesis draws it.
        build = self.build or Build()
        build = replace(build, batching=CROWDED) if crowded else build
        world = a_world(seed, build, processes=count)
        self._world = self._stack.enter_context(world)
        self._world.send(CLIENTS[0], 1)
        self._world.join()

    # What arrives -----------------------------------------------------------------------------------------

    @rule(client=clients, kind=kinds)
    def the_next_event_arrives(self, client: UUID, kind: Kind) -> None:
        self.world.send(client, self._last(client) + 1, kind)

    @rule(client=clients, ahead=st.integers(2, 3))
    def an_event_arrives_too_soon(self, client: UUID, ahead: int) -> None:
        self.world.send(client, self._last(client) + ahead)

    @rule(client=clients, back=st.integers(0, 3))
    def an_event_arrives_late_or_again(self, client: UUID, back: int) -> None:
        self.world.send(client, max(1, self._last(client) - back))

    def _last(self, client: UUID) -> int:
        return max(self.world.story.sent[client], default=0)

    @rule(client=clients, amount=amounts, index=processes)
    def a_command_arrives(self, client: UUID, amount: int, index: int) -> None:
        self.world.ask(self.world.story.ask(client, amount), index)

    @rule(client=clients)
    def commands_compete(self, client: UUID) -> None:
        for index in range(len(self.world.processes)):
            self.world.ask(self.world.story.ask(client, 10), index)

    @precondition(lambda self: self.world.story.asked)
    @rule(pick=picks, index=processes)
    def a_command_arrives_again(self, pick: int, index: int) -> None:
        self.world.ask(self.world.story.asked[-1 - pick % len(self.world.story.asked)], index)

    @rule(seconds=st.sampled_from((1, 2)), index=processes)
    def an_alarm_is_set(self, seconds: int, index: int) -> None:
        self.world.set_alarm(timedelta(seconds=seconds), index)

    @precondition(lambda self: self.world.story.alarms)
    @rule(pick=picks, amount=amounts, index=processes)
    def an_alarm_counts(self, pick: int, amount: int, index: int) -> None:
        story = self.world.story
        self.world.ask(story.add_to_alarm(story.alarms[pick % len(story.alarms)], amount), index)

    @rule(client=clients)
    def a_person_leaves_out_what_blocks(self, client: UUID) -> None:
        for number in self.world.story.blocking(client)[:1]:
            self.world.skip(client, number)

    # What befalls processes -------------------------------------------------------------------------------

    @rule(fate=fates, index=processes)
    def something_is_in_store(self, fate: Fate, index: int) -> None:
        self.world.process(index).gate.arm(fate)

    @rule(index=processes, seconds=st.sampled_from((0.05, 0.5, 3.0)))
    def a_process_loses_the_broker(self, index: int, seconds: float) -> None:
        self.world.lose_broker(index, seconds)

    @rule(index=processes)
    def a_process_is_killed(self, index: int) -> None:
        self.world.process(index).kill()

    @rule(index=processes)
    def a_process_freezes_or_wakes_up(self, index: int) -> None:
        process = self.world.process(index)
        if process.frozen:
            process.thaw()
        else:
            process.freeze()

    @rule(index=processes)
    def a_process_is_stopped_or_started(self, index: int) -> None:
        process = self.world.process(index)
        if process.lives:
            process.stop()
        else:
            self.world.start(index)

    @rule(seconds=st.sampled_from((0.002, 0.01, 0.05, 0.3, 1.0)))
    def time_passes(self, seconds: float) -> None:
        self.world.wait(seconds)

    # What must be true ------------------------------------------------------------------------------------

    @invariant()
    def nothing_is_lost_doubled_or_out_of_order(self) -> None:
        if self._world is not None:
            self._world.wait(0.001)
            self._world.check()

    def teardown(self) -> None:
        try:
            if self._world is not None:
                self._world.rest()
                self._world.complete()
        finally:
            self._stack.close()
