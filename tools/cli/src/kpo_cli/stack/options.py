"""How servers and services may be run; light to import, because one process hands it to another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

SERVICES: Final = ("intake", "matching", "delivery", "billing")
CACHE_GIGABYTES: Final = 0.5


@dataclass(frozen=True, slots=True)
class Tuning:
    """How much memory mongod may use for data, and whether tests may inject faults into it."""

    cache_gigabytes: float = CACHE_GIGABYTES
    test_commands: bool = False


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """What may differ between a demo, a test and a benchmark; a port of None is chosen and remembered.

    Kafka tells its clients to come to `kafka_advertised_port`, where something leads to its own port.
    """

    kafka_port: int | None = None
    kafka_advertised_port: int | None = None
    mongo_port: int | None = None
    mongo_tuning: Tuning = field(default_factory=Tuning)


class Roles(StrEnum):
    """How a service's api and worker are laid out over processes."""

    TOGETHER = "together"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class SystemOptions:
    """How the system is to run; a service's port that is not given is chosen and remembered.

    `workers` is how many workers each service has when its roles are apart; `knobs` are further settings of
    services, by the names of their variables.
    """

    servers: ServerOptions = field(default_factory=ServerOptions)
    roles: Roles = Roles.TOGETHER
    workers: int = 1
    duration_min_seconds: int = 1
    otlp_endpoint: str | None = None
    knobs: Mapping[str, str] = field(default_factory=dict)
    service_ports: Mapping[str, int] = field(default_factory=dict)


SERVER_DEFAULTS: Final = ServerOptions()
SYSTEM_DEFAULTS: Final = SystemOptions()
