"""Looks at the machine and fetches what is missing, in sight of a person, before the stack starts."""

from __future__ import annotations

import contextlib
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from kpo_cli.stack import artifacts, requirements
from kpo_cli.stack.errors import StackError


def prepare(directory: Path, console: Console) -> None:
    """Check the machine and fetch what is missing; raise StackError with one sentence when that cannot be."""
    requirements.check(directory, artifacts.cache_directory())
    _warm_up(jars(console), console)


def jars(console: Console | None = None) -> list[Path]:
    """Return the broker's class path, fetched now if it is not in the cache, with progress on the console."""
    cache = artifacts.cache_directory()
    absent = artifacts.missing(artifacts.read_lock(), cache)
    if absent:
        _fetch(absent, cache, console or Console(quiet=True))
    return artifacts.classpath(cache)


def _warm_up(fetched: list[Path], console: Console) -> None:
    """Train the broker once; where that fails, it only takes longer to start."""
    from kpo_cli.stack import training, warmth  # noqa: PLC0415  # Tokens are made where no Java is installed.

    wanted = warmth.Warmth.of(fetched)
    if wanted is not None and not wanted.folder.exists():
        with console.status("training Kafka to start quickly, this once"), contextlib.suppress(StackError):
            training.train(fetched, wanted)


def _fetch(absent: list[artifacts.Jar], cache: Path, console: Console) -> None:
    from kpo_cli.stack import downloads  # noqa: PLC0415  # It takes half a second to import and is needed once.

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console) as progress:
        total_bytes = sum(jar.size_bytes for jar in absent)
        bar = progress.add_task(f"Kafka ({len(absent)} jars)", total=total_bytes)
        downloads.fetch(absent, cache, lambda size_bytes: progress.advance(bar, size_bytes))
