"""Wires between the services and a server, through which all their bytes go: slow, cut or deaf on demand."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from socket import AF_INET, SOCK_STREAM, socket
from typing import Final

HOST: Final = "127.0.0.1"
CHUNK_BYTES: Final = 64 * 1024


@dataclass(eq=False)
class _Call:
    """One connection: the two ends that are joined, and whether they still hear each other."""

    ends: tuple[asyncio.StreamWriter, asyncio.StreamWriter]
    deaf: bool = False

    def cut(self) -> None:
        for end in self.ends:
            end.transport.abort()


@dataclass(eq=False)
class Wire:
    """A port that leads to another one; made by `stretched`. Its methods may be called from any thread."""

    name: str
    port: int
    target: int
    _loop: asyncio.AbstractEventLoop
    _delay_seconds: float = 0.0
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

    def deafen(self) -> None:
        """Leave every connection that there is half open: nothing arrives any more, and nobody is told."""
        for call in tuple(self._calls):
            call.deaf = True

    async def join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection to the server; when that is not there, hang up."""
        try:
            there, back = await asyncio.open_connection(HOST, self.target)
        except OSError:
            writer.transport.abort()
            return
        call = _Call((writer, back))
        self._calls.add(call)
        try:
            await asyncio.gather(self._carry(call, reader, back), self._carry(call, there, writer))
        finally:
            self._calls.discard(call)
            call.cut()

    async def _carry(self, call: _Call, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(CHUNK_BYTES):
                if self._delay_seconds:
                    await asyncio.sleep(self._delay_seconds)
                if not call.deaf:
                    writer.write(data)
                    await writer.drain()
        except OSError:
            pass  # One end has gone.
        finally:
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
    mine = asyncio.current_task()
    left = [task for task in asyncio.all_tasks() if task is not mine]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


def a_free_port() -> int:
    """Find a port that nobody listens at."""
    with socket(AF_INET, SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
