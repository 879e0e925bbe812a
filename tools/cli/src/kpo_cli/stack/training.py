"""Makes the broker's warmth, once per person: lets a broker run for a moment and keeps what it has loaded."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from kpo_cli.stack import ports
from kpo_cli.stack.children import Child, Program
from kpo_cli.stack.kafka import Kafka
from kpo_cli.stack.warmth import Warmth

CREATE_SECONDS_MAX: Final = 60.0


def train(jars: Sequence[Path], warmth: Warmth) -> None:
    """Make the folder whole or not at all; whoever makes it at the same time makes the same."""
    with tempfile.TemporaryDirectory(prefix="incoming-", dir=warmth.folder.parent) as place:
        draft = Warmth(Path(place) / "warmth")
        draft.folder.mkdir()
        _make(draft, jars, Path(place))
        with contextlib.suppress(OSError):  # Somebody else was quicker.
            draft.folder.rename(warmth.folder)


def _make(draft: Warmth, jars: Sequence[Path], place: Path) -> None:
    port = ports.choose(())
    kafka = Kafka(place / "kafka", place, port=port, controller_port=ports.choose((port,)), jars=jars)
    kafka.finish_format()
    shutil.copytree(kafka.data, draft.formatted)
    record = f"-XX:AOTConfiguration={place / 'record'}"
    kafka.options = ["-XX:AOTMode=record", record]
    try:
        kafka.start()
    finally:
        kafka.stop()
    command = kafka.broker_command(["-XX:AOTMode=create", record, f"-XX:AOTCache={draft.classes}"])
    Child.spawn(Program("kafka training", command, place / "create.log")).wait_for_success(CREATE_SECONDS_MAX)
