"""Every operation of the running services, as their own documents describe it, ready to be asked."""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

import httpx2

from kpo_chassis.openapi import asked_by, operations_of, shown_by
from kpo_chassis.refusals import Asked
from kpo_cli.story.actors import Actor, Json, World

SERVICES = ("intake", "matching", "delivery", "billing")

VERSIONS = ('"1"', '"999"')
"""One of them is stale for sure: whoever answers 412 has looked."""

BYTES = b"what a stranger sends"
DIGEST = b64encode(hashlib.sha256(BYTES).digest()).decode()


@dataclass(frozen=True)
class Operation:
    """One operation of a live service, as its own document describes it."""

    service: str
    method: str
    path: str
    asked: Asked
    body: Json | None

    @property
    def name(self) -> str:
        return f"{self.service}: {self.method} {self.path}"

    @property
    def names(self) -> tuple[str, ...]:
        """Name what the path asks for."""
        parts = (part.strip("{}") for part in self.path.split("/") if part.startswith("{"))
        return tuple(part.partition(":")[0] for part in parts)

    def url(self, world: World, ids: Mapping[str, str]) -> str:
        """Fill the path in; KeyError where it asks for an id that the scene does not have."""
        names = [part.strip("{}") for part in self.path.split("/") if part.startswith("{")]
        path = self.path
        for name in names:
            path = path.replace(f"{{{name}}}", ids[name.partition(":")[0]])
        return world.urls[self.service] + path

    def headers(self, actor: Actor, version: str) -> dict[str, str]:
        """Give every header that the operation may look at, so that nothing but the id is to blame."""
        headers = {"Authorization": f"Bearer {actor.token}"}
        if self.asked.is_command:
            headers["Idempotency-Key"] = uuid4().hex
        if "If-Match" in self.asked.headers:
            headers["If-Match"] = version
        if "If-None-Match" in self.asked.headers and version != VERSIONS[0]:
            headers["If-None-Match"] = "*"
        if self.asked.takes_bytes:
            headers["Content-Digest"] = f"sha-256=:{DIGEST}:"
        return headers

    async def ask(self, actor: Actor, ids: Mapping[str, str], version: str) -> httpx2.Response:
        return await actor.world.client.request(
            self.method,
            self.url(actor.world, ids),
            headers=self.headers(actor, version),
            json=self.body,
            content=BYTES if self.asked.takes_bytes else None,
        )


async def operations(world: World) -> list[Operation]:
    """Read what every service offers from its own live document."""
    found: list[Operation] = []
    for service in SERVICES:
        document = (await world.client.get(f"{world.urls[service]}/openapi.json")).raise_for_status().json()
        for path, method, described in operations_of(document):
            asked = asked_by(described)
            if asked.scopes is not None:
                found.append(Operation(service, method.upper(), path, asked, example(described)))
    return found


def example(described: Json) -> Json | None:
    """Give the body that the document shows for an operation."""
    node: object = described
    for step in ("requestBody", "content", "application/json"):
        node = node.get(step, {}) if isinstance(node, dict) else {}
    shown = next(iter(shown_by(node)), None) if isinstance(node, dict) else None
    return shown if isinstance(shown, dict) else None
