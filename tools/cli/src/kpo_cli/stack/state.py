"""The `.kpo/` folder of a checkout: what the stack must remember between two starts."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ValidationError

from kpo_cli.stack import ports
from kpo_cli.stack.errors import StackError

SECRET_BYTES: Final = 24
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

    def __init__(self, directory: Path, memory: Memory) -> None:
        self.directory = directory
        self._memory = memory

    @classmethod
    def open(cls, directory: Path) -> Self:
        """Make the folder if it is missing and read what it remembers."""
        directory = directory.absolute()
        directory.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        return cls(directory, _read_memory(directory / "state.json"))

    @property
    def logs(self) -> Path:
        return self.directory / "logs"

    def port(self, name: str, given: int | None = None) -> int:
        """Return the given port, else the remembered one if it is free, else a new one; and remember it."""
        known = self._memory.ports
        port = ports.insist(name, given) if given else known.get(name)
        if port is None or not ports.is_free(port):
            port = ports.choose(known.values())
        if known.get(name) != port:
            known[name] = port
            self._save()
        return port

    def secret(self, name: str) -> str:
        """Return a random text that is made at the first call and never changes."""
        known = self._memory.secrets
        if name not in known:
            known[name] = secrets.token_hex(SECRET_BYTES)
            self._save()
        return known[name]

    @contextlib.contextmanager
    def held(self, purpose: str) -> Iterator[None]:
        """Hold the folder; the kernel lets go of it when this process dies, however it dies."""
        with (self.directory / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StackError(
                    f"{self._occupation()}; end it first, for example with `make down`."
                ) from None
            lock.truncate(0)
            lock.write(Holder(pid=os.getpid(), purpose=purpose).model_dump_json())
            lock.flush()
            yield

    def holder(self) -> Holder | None:
        """Return the process that holds the folder now, or None."""
        path = self.directory / "lock"
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

    def _save(self) -> None:
        self.write("state.json", self._memory.model_dump_json(indent=1))

    def _occupation(self) -> str:
        holder = self.holder()
        if holder is None:
            return f"{self.directory} is in use"
        return f"{holder.purpose} already runs in {self.directory} (process {holder.pid})"


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
