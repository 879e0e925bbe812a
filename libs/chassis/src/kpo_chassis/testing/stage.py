"""Routes that are made once for all tests of a service: to make them takes longer than most tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import cast

from fastapi import FastAPI

from kpo_chassis.blobs import Blobs
from kpo_chassis.doors import Blueprint, Doors, Engine
from kpo_chassis.edge import Edge
from kpo_chassis.http import create_app
from kpo_chassis.kernel import Changes, EntryReads, Reads
from kpo_chassis.machinery import Machinery
from kpo_chassis.meters import Meters
from kpo_chassis.operations import Operations, operations_router
from kpo_chassis.parked_desk import ParkedDesk

IDLE_MAX = 8
"""How many stages are kept for the next test; most test files need one."""


class Lent:
    """Stands for a part of the engine: for that of whichever machinery plays at the time."""

    part: object = None

    def __getattr__(self, name: str) -> object:
        return getattr(self.part, name)


class Stage:
    """The doors of one blueprint. `blueprint` is the one to make a machinery with: it gets these doors."""

    def __init__(self, original: Blueprint) -> None:
        self.original = original
        self.blueprint = replace(original, build=self._lend)
        self._operations, self._desk = Lent(), Lent()
        self._parts = {name: Lent() for name in Engine.__dataclass_fields__}
        self._doors = original.build(
            Engine(
                changes=cast("Changes", self._parts["changes"]),
                reads=cast("Reads", self._parts["reads"]),
                entries=cast("EntryReads", self._parts["entries"]),
                blobs=cast("Blobs", self._parts["blobs"]),
                meters=cast("Meters", self._parts["meters"]),
            )
        )
        self._app: FastAPI | None = None

    def _lend(self, engine: Engine) -> Doors:
        for name, lent in self._parts.items():
            lent.part = getattr(engine, name)
        return self._doors

    def app(self, edge: Edge, machinery: Machinery) -> FastAPI:
        """Give the application, from now on with this edge and this machinery."""
        self._operations.part, self._desk.part = machinery.operations, machinery.parked_desk
        if self._app is None:
            operations, desk = cast("Operations", self._operations), cast("ParkedDesk", self._desk)
            routes = operations_router(operations, desk)
            self._app = create_app(edge, [self._doors.router, routes])
        self._app.state.edge = edge
        return self._app


_idle: list[Stage] = []


@contextmanager
def a_stage(blueprint: Blueprint) -> Iterator[Stage]:
    """Give a stage on which nobody plays; who names the same blueprint again mostly gets the same stage."""
    kept = next((stage for stage in _idle if stage.original is blueprint), None)
    if kept:
        _idle.remove(kept)
    stage = kept or Stage(blueprint)
    yield stage
    _idle.append(stage)
    del _idle[:-IDLE_MAX]
