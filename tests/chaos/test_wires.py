"""What a wire carries, and what it does to those who talk through it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from time import monotonic

import pytest

from .wires import HOST, Way, Wire, a_free_port, stretched

DELAY_SECONDS = 0.1
ANSWER_SECONDS_MAX = 0.5


@pytest.fixture
def heard() -> list[bytes]:
    """Give what the server was told."""
    return []


@pytest.fixture
def ended() -> list[bool]:
    """Give a sign for every connection that has ended as the server sees it."""
    return []


@pytest.fixture
async def wire(heard: list[bytes], ended: list[bool]) -> AsyncIterator[Wire]:
    """Give a wire to a server that says what it is told."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(1_000):
                heard.append(data)
                writer.write(data)
        ended.append(True)
        writer.close()

    server = await asyncio.start_server(echo, HOST, 0)
    target = server.sockets[0].getsockname()[1]
    with stretched(("echo", a_free_port(), target)) as (opened,):
        yield opened
    server.close()


@dataclass
class Caller:
    """Somebody at the near end of a wire."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, text: bytes) -> bytes:
        """Give the answer, or nothing where the other side has hung up."""
        self.writer.write(text)
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            try:
                return await self.reader.read(1_000)
            except ConnectionError:
                return b""


@asynccontextmanager
async def a_caller(wire: Wire) -> AsyncIterator[Caller]:
    caller = Caller(*await asyncio.open_connection(HOST, wire.port))
    try:
        yield caller
    finally:
        caller.writer.transport.abort()
        with suppress(OSError):
            await caller.writer.wait_closed()


async def test_what_is_said_arrives_and_is_answered(wire: Wire) -> None:
    async with a_caller(wire) as caller:
        assert await caller.ask(b"hello") == b"hello"


async def test_a_slow_wire_takes_its_time_both_ways(wire: Wire) -> None:
    async with a_caller(wire) as caller:
        wire.slow_down(DELAY_SECONDS)
        began = monotonic()

        await caller.ask(b"hello")

    assert monotonic() - began >= 2 * DELAY_SECONDS


async def test_a_cut_breaks_what_there_is_and_lets_others_come(wire: Wire) -> None:
    async with a_caller(wire) as caller:
        await caller.ask(b"hello")

        wire.cut()

        assert await caller.ask(b"again") == b""
    async with a_caller(wire) as another:
        assert await another.ask(b"hello") == b"hello"


async def test_a_deaf_connection_stays_open_and_says_nothing(wire: Wire) -> None:
    async with a_caller(wire) as caller:
        await caller.ask(b"hello")

        wire.deafen()

        with pytest.raises(TimeoutError):
            await caller.ask(b"again")
        assert wire.calls == 1


async def test_beside_a_deaf_connection_a_new_one_is_whole(wire: Wire) -> None:
    async with a_caller(wire) as caller:
        await caller.ask(b"hello")

        wire.deafen()

        async with a_caller(wire) as newcomer:
            assert await newcomer.ask(b"hello") == b"hello"


async def test_what_is_asked_arrives_when_only_the_answers_are_lost(wire: Wire, heard: list[bytes]) -> None:
    async with a_caller(wire) as caller:
        await caller.ask(b"hello")

        wire.deafen(Way.ANSWERING)

        with pytest.raises(TimeoutError):
            await caller.ask(b"again")
        assert heard == [b"hello", b"again"]


async def test_what_is_asked_does_not_arrive_when_that_way_is_lost(wire: Wire, heard: list[bytes]) -> None:
    async with a_caller(wire) as caller:
        await caller.ask(b"hello")

        wire.deafen(Way.ASKING)

        with pytest.raises(TimeoutError):
            await caller.ask(b"again")
        assert heard == [b"hello"]


async def test_a_server_does_not_hear_of_the_end_of_a_deaf_connection(wire: Wire, ended: list[bool]) -> None:
    async with a_caller(wire) as caller:
        await caller.ask(b"hello")
        wire.deafen()

    await asyncio.sleep(ANSWER_SECONDS_MAX)
    assert not ended
    assert wire.calls == 1


async def test_a_dead_wire_takes_new_connections_and_never_answers(wire: Wire) -> None:
    wire.die()

    async with a_caller(wire) as caller:
        with pytest.raises(TimeoutError):
            await caller.ask(b"hello")


async def test_a_wire_that_is_revived_breaks_what_was_deaf_and_carries_what_is_new(wire: Wire) -> None:
    async with a_caller(wire) as caller:
        await caller.ask(b"hello")
        wire.die()
        with pytest.raises(TimeoutError):
            await caller.ask(b"again")

        wire.revive()

        assert await caller.ask(b"and again") == b""
    async with a_caller(wire) as another:
        assert await another.ask(b"hello") == b"hello"


async def test_a_server_that_is_away_hangs_up() -> None:
    with stretched(("nobody", a_free_port(), a_free_port())) as (wire,):
        async with a_caller(wire) as caller:
            assert await caller.ask(b"hello") == b""
