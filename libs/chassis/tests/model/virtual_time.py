"""An event loop whose time is only a number: it jumps to the next timer instead of waiting for it."""

import asyncio
import selectors
from collections.abc import Coroutine, Generator, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeAlias, TypeVar

T = TypeVar("T")
Work: TypeAlias = Coroutine[object, None, T] | Generator[object, None, T]

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Owner(Protocol):
    """Whoever must know all tasks that are made on its behalf, so that it can die with them."""

    tasks: set["asyncio.Task[object]"]


owner: ContextVar[Owner | None] = ContextVar("owner", default=None)
"""In whose name the running code runs; tasks inherit it from those that make them."""


class _JumpingSelector(selectors.DefaultSelector):
    """Looks for input and never waits for it: the time that it was told to wait is added up."""

    seconds = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if not found:
            assert timeout is not None, "everything waits for something that will never happen"
            self.seconds += max(0.0, timeout)
        return found


class VirtualLoop(asyncio.SelectorEventLoop):
    """Runs coroutines as fast as they go, in an order that depends on nothing but themselves."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.seconds

    def create_task(
        self, coro: Work[T], *, name: object = None, context: Context | None = None
    ) -> "asyncio.Task[T]":
        task = super().create_task(coro, name=name, context=context)
        mine = owner.get() if context is None else context.get(owner)
        if mine is not None:
            mine.tasks.add(task)
            task.add_done_callback(mine.tasks.discard)
        return task

    def now(self) -> datetime:
        """Tell the wall clock's time, in milliseconds as the database keeps it."""
        return START + timedelta(milliseconds=int(self._jumping.seconds * 1_000))


@contextmanager
def virtual_time() -> Iterator[VirtualLoop]:
    """Give a loop, and end all that still runs on it afterwards."""
    loop = VirtualLoop()
    try:
        yield loop
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()
