"""Runs the four services as processes of their own, each with its own database user."""

from __future__ import annotations

import http.client
import os
import sys
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Final

from kpo_cli import tokens
from kpo_cli.stack.children import POLL_SECONDS, Child, Program
from kpo_cli.stack.errors import StackError
from kpo_cli.stack.nursery import Nursery
from kpo_cli.stack.options import SERVICES, Roles, SystemOptions
from kpo_cli.stack.server import Server
from kpo_cli.stack.servers import Servers
from kpo_cli.stack.state import Home
from kpo_cli.tokens import TokenIssuer

INIT_SECONDS_MAX: Final = 90.0
START_SECONDS_MAX: Final = 60.0
PROBE_SECONDS_MAX: Final = 2.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every service of one system is told."""

    home: Home
    nursery: Nursery
    servers: Servers
    issuer: TokenIssuer
    duration_min_seconds: int
    otlp_endpoint: str | None
    knobs: Mapping[str, str]

    def environment(self, service: str) -> dict[str, str]:
        """Return the settings of one service; ours replace whatever KPO_ variables a person has set."""
        database = f"kpo_{service}"
        password = self.home.secret(f"mongo-{service}")
        settings = {
            "KPO_MONGO_URL": self.servers.mongo_url(database, password, database),
            "KPO_MONGO_DATABASE": database,
            "KPO_KAFKA_BOOTSTRAP": self.servers.kafka_bootstrap,
            "KPO_AUTH_ISSUER": tokens.ISSUER,
            "KPO_AUTH_AUDIENCE": tokens.AUDIENCE,
            "KPO_AUTH_JWKS": str(self.issuer.jwks_path),
            "KPO_CURSOR_KEY": self.home.secret(f"cursor-{service}"),
            "KPO_BLIND_KEY": self.home.secret("blind"),
            "KPO_RECEIPT_KEY": tokens.receipt_key(self.home),
            "KPO_OPERATOR_TENANT": str(self.issuer.persona("operator").tenant),
            "KPO_DURATION_MIN_SECONDS": str(self.duration_min_seconds),
            "KPO_LOG_LEVEL": os.environ.get("KPO_LOG_LEVEL", "INFO"),
        }
        if self.otlp_endpoint:
            settings["KPO_OTLP_ENDPOINT"] = self.otlp_endpoint
        return _without_ours(os.environ) | settings | dict(self.knobs)

    def init_environment(self, service: str) -> dict[str, str]:
        """Return the settings of `init`, the only role that gets the administrator's URL."""
        return self.environment(service) | {"KPO_MONGO_ADMIN_URL": self.servers.mongo_admin_url}


class ServiceProcess(Server):
    """One process of a service, in one or both of the roles `api` and `worker`."""

    def __init__(self, name: str, program: Program, port: int, nursery: Nursery) -> None:
        self.name = name
        self.port = port
        self._program = program
        self._nursery = nursery

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def twin(self, port: int) -> ServiceProcess:
        """Return a second process of the same service in the same roles, not started, at another port."""
        name = f"{self.name}-twin"
        program = replace(
            self._program,
            name=name,
            log_path=self._program.log_path.with_stem(name),
            environment={**(self._program.environment or {}), "KPO_HTTP_PORT": str(port)},
        )
        return ServiceProcess(name, program, port, self._nursery)

    def begin(self) -> None:
        self._child = self._nursery.spawn(self._program)

    def wait_ready(self) -> None:
        child = self._running_child()
        deadline = time.monotonic() + START_SECONDS_MAX
        while not answers(self.port, "/readyz"):
            child.check_alive()
            if time.monotonic() > deadline:
                raise StackError(child.complaint(f"was not ready within {START_SECONDS_MAX:.0f} s"))
            time.sleep(POLL_SECONDS)


def nursery(home: Home) -> AbstractContextManager[Nursery]:
    """Begin to import all services, which takes as long as the servers need to start."""
    modules = [_module(service) for service in SERVICES]
    return Nursery.open(home.logs, modules, _without_ours(os.environ))


def begin_init(surroundings: Surroundings, service: str) -> Child:
    """Begin to make what the service needs in both servers: topics, collections, indexes and its user."""
    log_path = surroundings.home.logs / f"{service}-init.log"
    environment = surroundings.init_environment(service)
    program = Program(f"{service} init", _python(service, "init"), log_path, environment)
    return surroundings.nursery.spawn(program)


def processes(surroundings: Surroundings, service: str, options: SystemOptions) -> list[ServiceProcess]:
    """Return the processes of one service, not started; the first serves its api."""
    given_port = options.service_ports.get(service)
    if options.roles is Roles.TOGETHER:
        return [_process(surroundings, service, service, ("api", "worker"), given_port)]
    workers = [f"{service}-worker"] + [f"{service}-worker-{n}" for n in range(2, options.workers + 1)]
    return [
        _process(surroundings, service, service, ("api",), given_port),
        *(_process(surroundings, service, name, ("worker",), None) for name in workers),
    ]


def answers(port: int, path: str) -> bool:
    """Tell whether the door answers this path with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PROBE_SECONDS_MAX)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _process(
    surroundings: Surroundings, service: str, name: str, roles: tuple[str, ...], given_port: int | None
) -> ServiceProcess:
    port = surroundings.home.port(name, given_port)
    door = {"KPO_HTTP_HOST": "127.0.0.1", "KPO_HTTP_PORT": str(port)}
    environment = surroundings.environment(service) | door
    log_path = surroundings.home.logs / f"{name}.log"
    program = Program(name, _python(service, *roles), log_path, environment)
    return ServiceProcess(name, program, port, surroundings.nursery)


def _python(service: str, *roles: str) -> list[str]:
    return [sys.executable, "-m", _module(service), *roles]


def _module(service: str) -> str:
    return f"kpo_{service}"


def _without_ours(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith("KPO_")}
