"""The `.kpo/` folder of a checkout: what the stack must remember between two starts."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self, TextIO

from pydantic import BaseModel, ValidationError

from kpo_cli.stack import ports
from kpo_cli.stack.errors import StackError

LOCK_FILE: Final = "lock"
STATE_FILE: Final = "state.json"
SECRET_BYTES: Final = 24
LOCK_SECONDS_MAX: Final = 1.0
LOCK_POLL_SECONDS: Final = 0.02
PRIVATE_FILE: Final = 0o600
PRIVATE_FOLDER: Final = 0o700


class Memory(BaseModel):
    """What `state.json` holds."""

    ports: dict[str, int] = {}
    secrets: dict[str, str] = {}


class Holder(BaseModel):
    """Who works in the folder now: written into the lock file by the process that holds the lock."""

    pid: int
    purpose: str


class Home:
    """The folder with its lock, ports and secrets; one process at a time may hold it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @classmethod
    def open(cls, directory: Path) -> Self:
        """Make the folder if it is missing; StackError where a file is in its place."""
        directory = directory.absolute()
        try:
            directory.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise _no_folder(directory) from None
        return cls(directory)

    @classmethod
    def at(cls, directory: Path) -> Self:
        """Look at the folder and make nothing: it may be missing; StackError where a file is in its place."""
        directory = directory.absolute()
        if directory.exists() and not directory.is_dir():
            raise _no_folder(directory)
        return cls(directory)

    def expect_ours(self) -> None:
        """Raise StackError where no start and no key has ever left anything in this folder."""
        if not any((self.directory / name).exists() for name in (LOCK_FILE, STATE_FILE)):
            raise StackError(
                f"{self.directory} holds no system of ours, and nothing is removed; check the path."
            )

    @property
    def logs(self) -> Path:
        return self.directory / "logs"

    def port(self, name: str, given: int | None = None) -> int:
        """Return the given port, else the remembered one if it is free, else a new one; and remember it."""
        with self._memory() as memory:
            port = ports.insist(name, given) if given else memory.ports.get(name)
            if port is None or not ports.is_free(port):
                port = ports.choose(memory.ports.values())
            memory.ports[name] = port
        return port

    def secret(self, name: str) -> str:
        """Return a random text that is made at the first call and never changes."""
        with self._memory() as memory:
            return memory.secrets.setdefault(name, secrets.token_hex(SECRET_BYTES))

    def identifier(self, name: str) -> uuid.UUID:
        """Return a random id that is made at the first call and never changes."""
        return uuid.UUID(hex=self.secret(name)[:32], version=4)

    @contextlib.contextmanager
    def held(self, purpose: str) -> Iterator[None]:
        """Hold the folder; the kernel lets go of it when this process dies, however it dies."""
        with (self.directory / LOCK_FILE).open("a+") as lock:
            self._take(lock)
            lock.truncate(0)
            lock.write(Holder(pid=os.getpid(), purpose=purpose).model_dump_json())
            lock.flush()
            yield

    def _take(self, lock: TextIO) -> None:
        """Take the lock, with patience for those who only look whether it is taken."""
        deadline = time.monotonic() + LOCK_SECONDS_MAX
        while True:
            try:
                return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise StackError(self.occupation()) from None
                time.sleep(LOCK_POLL_SECONDS)

    def holder(self) -> Holder | None:
        """Return the process that holds the folder now, or None."""
        path = self.directory / LOCK_FILE
        if not path.exists():
            return None
        with path.open("r") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _parse_holder(lock.read())
        return None

    def write(self, name: str, text: str) -> Path:
        """Write a private file whole or not at all, so that a kill leaves no half of it."""
        path = self.directory / name
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE), "w") as file:
            file.write(text)
        draft.replace(path)
        return path

    @contextlib.contextmanager
    def _memory(self) -> Iterator[Memory]:
        """Give what is remembered for a change; two processes at once do not lose each other's changes."""
        with (self.directory / "state.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            memory = _read_memory(self.directory / STATE_FILE)
            before = memory.model_dump_json(indent=1)
            yield memory
            after = memory.model_dump_json(indent=1)
            if after != before:
                self.write(STATE_FILE, after)

    def occupation(self) -> str:
        """Return a sentence that says who holds the folder and what to do about it."""
        holder = self.holder()
        what = f"{holder.purpose} already runs (process {holder.pid})" if holder else "something already runs"
        return f"{what} in {self.directory}; end it first with `make down`."


def _no_folder(path: Path) -> StackError:
    return StackError(f"{path} is no folder; name another one with --directory.")


def _read_memory(path: Path) -> Memory:
    if not path.exists():
        return Memory()
    try:
        return Memory.model_validate_json(path.read_text())
    except ValidationError:
        raise StackError(f"{path} is damaged; throw the local data away with `kpo stack reset`.") from None


def _parse_holder(text: str) -> Holder | None:
    """Read the lock file; it is empty for the instant between taking the lock and writing into it."""
    try:
        return Holder.model_validate_json(text)
    except ValidationError:
        return None
