"""Where a running system listens, in the form in which one process tells another."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel

from kpo_cli.stack.state import Home

STATUS_FILE = "status.json"


class ProcessEntry(BaseModel):
    """One process of the system."""

    name: str
    pid: int


class Endpoints(BaseModel):
    """All that a client of the system needs; `services` are the api doors, `workers` the workers' doors."""

    services: Mapping[str, str]
    workers: Mapping[str, str]
    kafka_bootstrap: str
    mongo_admin_url: str
    issuer: str
    audience: str
    jwks_path: Path
    processes: list[ProcessEntry]


class Phase(StrEnum):
    """How far the supervisor is."""

    STARTING = "starting"
    READY = "ready"
    STOPPING = "stopping"
    FAILED = "failed"


class Status(BaseModel):
    """What the supervisor last said of itself; but for `failed`, true only while it holds the folder."""

    pid: int
    phase: Phase
    detail: str = ""
    endpoints: Endpoints | None = None

    def save(self, home: Home) -> None:
        home.write(STATUS_FILE, self.model_dump_json(indent=1))


def last_status(home: Home) -> Status | None:
    """Return what some supervisor of this folder said last, which may be long ago."""
    path = home.directory / STATUS_FILE
    return Status.model_validate_json(path.read_text()) if path.exists() else None


def running_endpoints(home: Home) -> Endpoints | None:
    """Return where the system of this folder listens now, or None when it is not up."""
    holder, status = home.holder(), last_status(home)
    if holder is None or status is None or status.pid != holder.pid or status.phase is not Phase.READY:
        return None
    return status.endpoints
