"""Wires between services and a server, through which all their bytes go: slow, cut, deaf or dead."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Flag, auto
from socket import AF_INET, SOCK_STREAM, socket
from typing import Final

HOST: Final = "127.0.0.1"
CHUNK_BYTES: Final = 64 * 1024
HANG_UP_SECONDS_MAX: Final = 2.0


class Way(Flag):
    """Which way bytes go: what a service asks, what the server answers, or both."""

    ASKING = auto()
    ANSWERING = auto()
    BOTH = ASKING | ANSWERING


NEITHER: Final = Way(0)


@dataclass(eq=False)
class _Call:
    """One connection: the two ends that are joined, and the ways on which nothing arrives any more."""

    ends: tuple[asyncio.StreamWriter, ...]
    lost: Way = NEITHER

    def cut(self) -> None:
        for end in self.ends:
            end.transport.abort()


@dataclass(frozen=True)
class _Lane:
    """One way of a connection, with where its bytes come from and go to."""

    way: Way
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


@dataclass(eq=False)
class Wire:
    """A port that leads to another one; made by `stretched`. Its methods may be called from any thread."""

    name: str
    port: int
    target: int
    _loop: asyncio.AbstractEventLoop
    _delay_seconds: float = 0.0
    _dead: bool = False
    _calls: set[_Call] = field(default_factory=set)

    @property
    def calls(self) -> int:
        """How many connections there are."""
        return len(self._calls)

    def slow_down(self, seconds: float) -> None:
        """Let every piece of data take so long on its way; 0 ends that."""
        self._delay_seconds = seconds

    def cut(self) -> None:
        """Break every connection that there is; new ones may be made at once."""
        for call in tuple(self._calls):
            self._loop.call_soon_threadsafe(call.cut)

    def deafen(self, way: Way = Way.BOTH) -> None:
        """Leave every connection that there is half open: nothing arrives, and nobody is told.

        That lasts until the connection ends. New connections are whole.
        """
        for call in tuple(self._calls):
            call.lost |= way

    def die(self) -> None:
        """Let nothing through any more, also on new connections: they are taken, and never answered."""
        self._dead = True
        self.deafen()

    def revive(self) -> None:
        """Carry new connections again; those that there are break, so that nobody waits for a lost answer."""
        self._loop.call_soon_threadsafe(self._revive)

    def _revive(self) -> None:
        for call in tuple(self._calls):
            call.cut()
        self._dead = False

    async def join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection to the server; when that is not there, hang up."""
        if self._dead:
            await self._swallow(reader, writer)
            return
        try:
            there, back = await asyncio.open_connection(HOST, self.target)
        except OSError:
            writer.transport.abort()
            return
        call = _Call((writer, back))
        asking, answering = _Lane(Way.ASKING, reader, back), _Lane(Way.ANSWERING, there, writer)
        with self._kept(call):
            await asyncio.gather(self._carry(call, asking, writer), self._carry(call, answering, back))

    async def _swallow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take what is said, until the caller gives up or the wire breaks."""
        with self._kept(_Call((writer,))), suppress(OSError):
            while await reader.read(CHUNK_BYTES):
                pass

    @contextmanager
    def _kept(self, call: _Call) -> Iterator[None]:
        self._calls.add(call)
        try:
            yield
        finally:
            self._calls.discard(call)
            call.cut()

    async def _carry(self, call: _Call, lane: _Lane, origin: asyncio.StreamWriter) -> None:
        """Carry one way until its origin hangs up; on a lost way the other end does not hear of it."""
        try:
            while data := await lane.reader.read(CHUNK_BYTES):
                if self._delay_seconds:
                    await asyncio.sleep(self._delay_seconds)
                if lane.way not in call.lost and not self._dead:
                    lane.writer.write(data)
                    await lane.writer.drain()
        except OSError:
            pass  # One end has gone.
        finally:
            if lane.way in call.lost:
                origin.transport.abort()
            else:
                call.cut()


@contextmanager
def stretched(*ends: tuple[str, int, int]) -> Iterator[list[Wire]]:
    """Open wires, each a name, the port to listen at and the one it leads to, in a thread of their own."""
    loop = asyncio.new_event_loop()
    wires = [Wire(name, port, target, loop) for name, port, target in ends]
    thread = threading.Thread(target=loop.run_forever, name="wires", daemon=True)
    thread.start()
    opened = [asyncio.start_server(wire.join, HOST, wire.port) for wire in wires]
    servers = [asyncio.run_coroutine_threadsafe(each, loop).result() for each in opened]
    try:
        yield wires
    finally:
        asyncio.run_coroutine_threadsafe(_close(servers, wires), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _close(servers: list[asyncio.Server], wires: list[Wire]) -> None:
    for server in servers:
        server.close()
    for wire in wires:
        wire.cut()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    if left:
        _, left = await asyncio.wait(
            left, timeout=HANG_UP_SECONDS_MAX
        )  # Their connections are cut: they end.
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


def a_free_port() -> int:
    """Find a port that nobody listens at."""
    with socket(AF_INET, SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
