"""Writes the lock file of the broker's jars anew; for maintainers who move to another Kafka.

Run it as `python -m kpo_cli.stack.lock org.apache.kafka:kafka_2.13:<version>` and look at the difference.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path
from typing import Final

from jgo.maven import Dependency, MavenContext

from kpo_cli.stack.artifacts import LOCK_FILE

READ_SECONDS_MAX: Final = 60
LOGGING: Final = "org.apache.logging.log4j"
HEADER: Final = """\
# Every jar of the local Kafka broker: Maven coordinate, size in bytes, sha256 of the file.
# Apache Kafka with its runtime dependencies, and log4j-slf4j-impl, without which the broker logs nothing.
"""


def main(broker: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        context = MavenContext(repo_cache=Path(folder), timeout=READ_SECONDS_MAX)
        lines = sorted(_line(dependency) for dependency in _runtime(context, broker))
    LOCK_FILE.write_text(HEADER + "".join(lines))


def _runtime(context: MavenContext, broker: str) -> list[Dependency]:
    """Resolve the broker alone: a second root would bring its own opinion on the versions of everything."""
    roots, others = context.resolver.resolve([context.create_dependency(broker)])
    version = next(each.version for each in others if each.groupId == LOGGING)
    binding = context.create_dependency(f"{LOGGING}:log4j-slf4j-impl:{version}")
    return [*roots, *others, binding]


def _line(dependency: Dependency) -> str:
    content = Path(dependency.artifact.resolve()).read_bytes()
    coordinate = f"{dependency.groupId}:{dependency.artifactId}:{dependency.version}"
    return f"{coordinate} {len(content)} {hashlib.sha256(content).hexdigest()}\n"


if __name__ == "__main__":
    main(sys.argv[1])
