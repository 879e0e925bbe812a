"""How it is asked what strangers may know: every operation once with real ids, once with made-up ones."""

from collections.abc import Iterator, Mapping
from uuid import uuid4

import httpx2

from kpo_cli.story.actors import Actor, World
from kpo_cli.tokens import PERSONAS, Identity

from .operations import Operation

COUNTED = frozenset({"number"})
"""What is counted from 1 and secret to nobody."""

CALL_IDS = frozenset(
    {"challenge_id", "dataset_id", "entry_id", "file_id", "code", "invitation_id", "panel_id"}
)
"""What a call leads to; a path that names one of them is about calls."""

PUBLIC = {
    "/v1/skills": "a published vocabulary",
    "/v1/challenges": "an open call is for everybody to find",
    "/v1/receipt-keys": "anybody can check a receipt",
}
"""Reads without an id that are the same for everybody, each with its reason."""


def with_every_scope(world: World, like: Actor | None = None) -> Actor:
    """Give somebody new, or an actor once more, with every scope but the operator's."""
    scopes = {scope for persona in PERSONAS.values() for scope in persona.split()} - {"operator"}
    tenant, person = (like.tenant, like.person) if like else (uuid4(), uuid4())
    identity = Identity(tenant, person, " ".join(sorted(scopes)))
    return Actor(world, identity, world.issuer.issue(identity))


def made_up(ids: Mapping[str, str]) -> dict[str, str]:
    """Give an id that nobody has for every one that somebody has."""
    return {name: value if name in COUNTED else _invented(name) for name, value in ids.items()}


def _invented(name: str) -> str:
    return "ZZZZZZZZZZ" if name == "code" else str(uuid4())


def without_ids(text: str, ids: Mapping[str, str]) -> str:
    for name, value in ids.items():
        text = text if name in COUNTED else text.replace(value, "<id>")
    return text


def told(answer: httpx2.Response, ids: Mapping[str, str]) -> tuple[int, str, str]:
    """Take down what an answer gives away, without the ids that the caller sent."""
    problem = answer.json() if answer.content else {}
    return answer.status_code, str(problem.get("code")), without_ids(str(problem.get("detail")), ids)


def expected_status(actor: Actor, operation: Operation) -> int:
    held = actor.identity.scope.split()
    return 404 if set(operation.asked.scopes or ()) <= set(held) else 403


def with_ids(found: list[Operation]) -> Iterator[Operation]:
    return (operation for operation in found if operation.asked.is_in_path)


def lists(found: list[Operation]) -> Iterator[Operation]:
    return (each for each in found if each.method == "GET" and not each.asked.is_in_path)


def about_calls(operation: Operation) -> bool:
    return not CALL_IDS.isdisjoint(operation.names)
