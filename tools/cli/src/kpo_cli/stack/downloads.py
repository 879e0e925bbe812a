"""Fetches jars through Maven's layout, several at once, into a cache that never holds half a file."""

from __future__ import annotations

import contextlib
import errno
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, TypeAlias

from jgo.maven import MavenContext, PythonResolver

from kpo_cli.stack.artifacts import Jar, is_whole
from kpo_cli.stack.errors import StackError

FETCHES_AT_ONCE_MAX: Final = 8
ATTEMPTS_MAX: Final = 3
RETRY_DELAY_SECONDS: Final = 1.0
READ_SECONDS_MAX: Final = 20
LEFT_BEHIND_SECONDS: Final = 3600
INCOMING: Final = "incoming-"

Advance: TypeAlias = Callable[[int], None]
"""Called with the number of bytes that have just arrived."""


class ChecksumError(Exception):
    """What arrived is not what the lock file names."""


class InterruptedFetchError(Exception):
    """Somebody else failed or asked to stop, so this fetch ends as well."""


def fetch(jars: Sequence[Jar], cache: Path, advance: Advance) -> None:
    """Bring the jars into the cache, several at once; raise StackError with what to do when it fails."""
    try:
        cache.mkdir(parents=True, exist_ok=True)
        _sweep(cache)
        with tempfile.TemporaryDirectory(prefix=INCOMING, dir=cache) as incoming:
            _Fetch(Path(incoming), cache, advance).all(jars)
    except OSError as error:
        raise StackError(_what_to_do(error, cache)) from error
    except (
        ChecksumError,
        RuntimeError,
    ) as error:  # jgo raises a bare RuntimeError for an answer other than 200.
        raise StackError(f"the download of Kafka failed ({error}); try again in a moment.") from error


def _sweep(cache: Path) -> None:
    """Remove what a fetch left behind that was killed; one that still runs is never that old."""
    for folder in cache.glob(f"{INCOMING}*"):
        if time.time() - folder.stat().st_mtime > LEFT_BEHIND_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


class _Fetch:
    """One round of downloads, which stops as a whole when one of them fails or a person interrupts."""

    def __init__(self, incoming: Path, cache: Path, advance: Advance) -> None:
        self._incoming = incoming
        self._cache = cache
        self._advance = advance
        self._stopped = threading.Event()

    def all(self, jars: Sequence[Jar]) -> None:
        with ThreadPoolExecutor(FETCHES_AT_ONCE_MAX, "kpo-fetch") as pool:
            tasks = [pool.submit(self._one_with_retries, jar) for jar in jars]
            try:
                for task in as_completed(tasks):
                    task.result()
            except BaseException:
                self._stopped.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _one_with_retries(self, jar: Jar) -> None:
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                return self._one(jar, attempt)
            except (OSError, RuntimeError, ChecksumError) as error:
                if attempt == ATTEMPTS_MAX or getattr(error, "errno", None) == errno.ENOSPC:
                    raise
                time.sleep(RETRY_DELAY_SECONDS)
        return None

    def _one(self, jar: Jar, attempt: int) -> None:
        """Fetch into a folder of its own, check, and only then move the file to where others look for it."""
        resolver = PythonResolver(progress_callback=self._progress)
        folder = self._incoming / f"{jar.sha256}-{attempt}"
        context = MavenContext(resolver, repo_cache=folder, timeout=READ_SECONDS_MAX)
        arrived = Path(context.create_dependency(jar.coordinate).artifact.resolve())
        if not is_whole(arrived, jar):
            raise ChecksumError(f"{jar.coordinate} arrived with another checksum than the lock file names")
        arrived.replace(self._cache / jar.file_name)

    def _progress(self, _name: str, _size_bytes: int) -> AbstractContextManager[Advance]:
        return self._counting()

    @contextlib.contextmanager
    def _counting(self) -> Iterator[Advance]:
        def count(size_bytes: int) -> None:
            if self._stopped.is_set():
                raise InterruptedFetchError
            self._advance(size_bytes)

        yield count


def _what_to_do(error: OSError, cache: Path) -> str:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return f"the disk of {cache} is full; free 200 MB or name another folder in KPO_CACHE."
        case errno.EACCES | errno.EROFS:
            return f"{cache} cannot be written; name another folder in KPO_CACHE and start again."
        case _:
            return "the download of Kafka failed; check the network (or HTTPS_PROXY) and start again."
