"""The whole system on one machine, for the supervisor, the demo and the tests of the journey."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from kpo_cli import tokens
from kpo_cli.stack import services
from kpo_cli.stack.children import POLL_SECONDS
from kpo_cli.stack.endpoints import Endpoints, ProcessEntry
from kpo_cli.stack.errors import StackError
from kpo_cli.stack.options import SERVICES, SYSTEM_DEFAULTS, SystemOptions
from kpo_cli.stack.reports import Report, silence
from kpo_cli.stack.server import Server
from kpo_cli.stack.servers import LocalServers, Servers
from kpo_cli.stack.services import ServiceProcess, Surroundings
from kpo_cli.stack.state import Home
from kpo_cli.tokens import TokenIssuer


@dataclass(frozen=True, slots=True)
class System:
    """Both servers and all services, running; `services[name]` is one process, or api and workers."""

    home: Home
    servers: Servers
    services: Mapping[str, list[ServiceProcess]]
    issuer: TokenIssuer

    @classmethod
    @contextlib.contextmanager
    def start(
        cls,
        directory: Path,
        options: SystemOptions = SYSTEM_DEFAULTS,
        report: Report = silence,
        *,
        servers: Servers | None = None,
    ) -> Iterator[Self]:
        """Hold the folder, run the system in it, and stop all of it at the end of the block.

        Without `servers`, which run already and go on, both are started in the folder as well.
        """
        home = Home.open(directory)
        with home.held("a kpo system"), cls.within(home, options, report, servers=servers) as system:
            yield system

    @classmethod
    @contextlib.contextmanager
    def within(
        cls, home: Home, options: SystemOptions, report: Report = silence, *, servers: Servers | None = None
    ) -> Iterator[Self]:
        """Run the system in a folder that the caller holds."""
        issuer = TokenIssuer.open(home)
        given = contextlib.nullcontext(servers) if servers else _own_servers(home, options, report)
        with services.nursery(home) as nursery, given as found:
            surroundings = Surroundings(
                home=home,
                nursery=nursery,
                servers=found,
                issuer=issuer,
                duration_min_seconds=options.duration_min_seconds,
                otlp_endpoint=options.otlp_endpoint,
                knobs=options.knobs,
            )
            system = cls(home, found, _all_processes(surroundings, options), issuer)
            try:
                system._begin(surroundings, report)
                yield system
            finally:
                system._end()

    @property
    def processes(self) -> Mapping[str, Server]:
        """Return every process of ours by its name; servers that somebody else runs are not among them."""
        local = self.servers.local
        servers: dict[str, Server] = {"kafka": local.kafka, "mongod": local.mongo} if local else {}
        return servers | {process.name: process for group in self.services.values() for process in group}

    @property
    def worker_urls(self) -> Mapping[str, str]:
        """Return the operators' door of every process that is a worker, by the name of the process."""
        workers = [process for group in self.services.values() for process in group[1:] or group]
        return {process.name: process.url for process in workers}

    @property
    def endpoints(self) -> Endpoints:
        """Return where everything listens, for other processes."""
        return Endpoints(
            services={name: group[0].url for name, group in self.services.items()},
            workers={name: group[-1].url for name, group in self.services.items()},
            kafka_bootstrap=self.servers.kafka_bootstrap,
            mongo_admin_url=self.servers.mongo_admin_url,
            issuer=tokens.ISSUER,
            audience=tokens.AUDIENCE,
            jwks_path=self.issuer.jwks_path,
            processes=[ProcessEntry(name=name, pid=each.pid) for name, each in self.processes.items()],
        )

    def _begin(self, surroundings: Surroundings, report: Report) -> None:
        """Start each service as soon as its own preparation is done, and wait for all at the end."""
        report("preparing databases and topics")
        for name in _initialised(surroundings):
            for process in self.services[name]:
                process.begin()
        report("starting the services")
        for process in self._service_processes():
            process.wait_ready()

    def _end(self) -> None:
        for process in self._service_processes():
            process.ask_to_stop()
        for process in self._service_processes():
            process.stop()

    def _service_processes(self) -> list[ServiceProcess]:
        return [process for group in self.services.values() for process in group]


@contextlib.contextmanager
def _own_servers(home: Home, options: SystemOptions, report: Report) -> Iterator[Servers]:
    with LocalServers.within(home, options.servers, report) as local:
        yield Servers.ours(local)


def _initialised(surroundings: Surroundings) -> Iterator[str]:
    """Run `init` of all services side by side and yield each service whose own has succeeded."""
    waiting = {name: services.begin_init(surroundings, name) for name in SERVICES}
    deadline = time.monotonic() + services.INIT_SECONDS_MAX
    try:
        while waiting:
            for name in [name for name, init in waiting.items() if not init.running]:
                waiting.pop(name).check_success()
                yield name
            if time.monotonic() > deadline:
                slow = next(iter(waiting.values()))
                raise StackError(slow.complaint(f"took longer than {services.INIT_SECONDS_MAX:.0f} s"))
            time.sleep(POLL_SECONDS)
    finally:
        for init in waiting.values():
            init.kill()


def _all_processes(surroundings: Surroundings, options: SystemOptions) -> dict[str, list[ServiceProcess]]:
    return {name: services.processes(surroundings, name, options) for name in SERVICES}
