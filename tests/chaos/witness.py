"""Actors whose commands are written into the history: what they asked, and what they learnt of it."""

import asyncio
from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass, field
from random import Random
from uuid import UUID, uuid4

import httpx2

from kpo_cli.story.actors import Actor, Answer, Json, RefusedError, World

from .entries import Answered, Invoked, Outcome, Recorder, now

IN_FLIGHT = "request_in_flight"
"""The code of a refusal that says nothing about the command itself."""

SERVER_ERRORS = 500
TWICE_SHARE = 0.15
"""How many commands are sent twice at once, with one key and a trace each, as an eager client might."""

UNSAMPLED = "00"
"""A trace that nobody needs to record; it is carried on all the same."""


@dataclass(frozen=True)
class WitnessedWorld(World):
    """A world in which every command of every actor is on record."""

    recorder: Recorder = field(kw_only=True)
    dice: Random = field(kw_only=True)

    def actor(self, persona: str, *, tenant: UUID | None = None, person: UUID | None = None) -> Actor:
        plain = super().actor(persona, tenant=tenant, person=person)
        return WitnessedActor(self, plain.identity, plain.token, persona, self.recorder, self.dice)


@dataclass(frozen=True)
class WitnessedActor(Actor):
    """Somebody who is watched."""

    persona: str
    recorder: Recorder
    dice: Random

    async def ask(
        self,
        method: str,
        service: str,
        path: str,
        *,
        json: Json | None = None,
        content: bytes | AsyncIterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask as everybody does; some commands are sent twice, and the better answer counts."""
        if method == "GET":
            return await super().ask(method, service, path, json=json, content=content, headers=headers)
        times = 2 if method == "POST" and self.dice.random() < TWICE_SHARE else 1
        requests = (
            self._command(method, service, path, json=json, content=content, headers=headers)
            for _ in range(times)
        )
        return _better(await asyncio.gather(*requests, return_exceptions=True))

    async def _command(
        self,
        method: str,
        service: str,
        path: str,
        *,
        json: Json | None,
        content: bytes | AsyncIterable[bytes] | None,
        headers: Mapping[str, str] | None,
    ) -> Answer:
        """Send a command in a trace of its own, by which its events are known."""
        trace, number = uuid4().hex, self.recorder.number()
        told = {**(headers or {}), "traceparent": f"00-{trace}-{trace[:16]}-{UNSAMPLED}"}
        self.recorder.write(
            Invoked(
                at=now(),
                number=number,
                who=f"{self.persona} {str(self.tenant)[:8]}",
                method=method,
                service=service,
                path=path,
                body=json,
                key=told.get("Idempotency-Key", ""),
                trace=trace,
            )
        )
        try:
            answer = await super().ask(method, service, path, json=json, content=content, headers=told)
        except RefusedError as refused:
            self._answered(number, _outcome(refused), refused.status, refused.problem)
            raise
        except httpx2.TransportError:
            self._answered(number, "unknown", None, None)
            raise
        self._answered(number, "ok", None, answer.body)
        return answer

    def _answered(self, number: int, outcome: Outcome, status: int | None, body: Json | None) -> None:
        self.recorder.write(Answered(at=now(), number=number, outcome=outcome, status=status, body=body))


def _better(answers: list[Answer | BaseException]) -> Answer:
    """Give the first answer that is one; raise what the first request met where there is none."""
    for answer in answers:
        if isinstance(answer, Answer):
            return answer
    assert isinstance(answers[0], BaseException)
    raise answers[0]


def _outcome(refused: RefusedError) -> Outcome:
    if refused.status >= SERVER_ERRORS or refused.problem.get("code") == IN_FLIGHT:
        return "unknown"
    return "fail"
