"""The part of the Compose file format that this project uses; anything else in the file is a mistake."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from tests.tree import ROOT

PATH = ROOT / "docker-compose.yml"

Seconds = Annotated[str, Field(pattern=r"^[1-9]\d*s$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Build(Strict):
    context: Path
    dockerfile: Path
    args: dict[str, str]


class Need(Strict):
    condition: Literal["service_healthy", "service_completed_successfully"]


class Check(Strict):
    test: Annotated[list[str], Field(min_length=2)]
    interval: Seconds
    timeout: Seconds
    start_period: Seconds
    start_interval: Seconds


class Container(Strict):
    """One entry of `services`."""

    image: str
    build: Build | None = None
    init: bool = False
    entrypoint: list[str] = []
    command: list[str] = []
    environment: dict[str, str | int] = {}
    depends_on: dict[str, Need] = {}
    healthcheck: Check | None = None
    restart: Literal["no", "unless-stopped"] = "no"
    stop_grace_period: Seconds = "10s"
    profiles: list[str] = []
    network_mode: Literal["none"] | None = None
    ports: list[Annotated[str, Field(pattern=r"^127\.0\.0\.1:\d+:\d+$")]] = []
    volumes: list[Annotated[str, Field(pattern=r"^[\w./-]+:/[\w./-]+(:ro)?$")]] = []
    read_only: bool = False
    tmpfs: list[str] = []
    cap_drop: list[str] = []
    security_opt: list[str] = []

    @property
    def settings(self) -> dict[str, str]:
        return {name: str(value) for name, value in self.environment.items()}


class Compose(Strict):
    name: str
    services: dict[str, Container]
    volumes: dict[str, None]

    def of(self, service: str) -> dict[str, Container]:
        """Return the containers of one of our services by role."""
        return {role: self.services[f"{service}-{role}"] for role in ("init", "api", "worker")}

    def mounts(self) -> Iterator[str]:
        for container in self.services.values():
            for mount in container.volumes:
                yield mount.partition(":")[0]


def read() -> Compose:
    content = yaml.safe_load(PATH.read_text())
    return Compose.model_validate({key: value for key, value in content.items() if not key.startswith("x-")})
