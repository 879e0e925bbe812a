"""The rows that make an HTTP command happen once: its key, what it asked, what it was answered."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from kpo_chassis.held import Held
from kpo_chassis.kernel import Command, KeyReusedError, StaleError
from kpo_chassis.store import Document
from kpo_chassis.work import Proposal

REQUEST_DAYS_KEPT = 30
"""How long an answer can be had again; the database removes the row afterwards."""


@dataclass(frozen=True, slots=True)
class RequestRow:
    """`state` is what the change left, so that the route can render the same answer again."""

    id: str
    fingerprint: str
    token: str
    state: dict[str, JsonValue]
    schema: int
    version: int

    @staticmethod
    def id_of(command: Command) -> str | None:
        """Name the row of a command; None where nothing is to be remembered of it."""
        return None if command.key is None else f"{command.caller.tenant}|{command.key}"

    @classmethod
    def of(cls, key: str, proposal: Proposal, held: Held) -> "RequestRow":
        command = proposal.cause
        assert isinstance(command, Command)
        assert held.state is not None
        return cls(
            id=key,
            fingerprint=command.fingerprint,
            token=proposal.token,
            state=held.documents.dump(held.state),
            schema=held.documents.schema,
            version=held.version,
        )

    @classmethod
    def read(cls, document: Document) -> "RequestRow":
        key, fingerprint, token = document["_id"], document["fingerprint"], document["token"]
        state, schema, version = document["state"], document["schema"], document["version"]
        assert isinstance(key, str)
        assert isinstance(fingerprint, str)
        assert isinstance(token, str)
        assert isinstance(state, dict)
        assert isinstance(schema, int)
        assert isinstance(version, int)
        return cls(key, fingerprint, token, state, schema, version)

    def expect(self, command: Command) -> None:
        if command.fingerprint != self.fingerprint:
            raise KeyReusedError("This Idempotency-Key was used for another request; choose a new one.")

    def document(self, now: datetime) -> Document:
        return {
            "_id": self.id,
            "fingerprint": self.fingerprint,
            "token": self.token,
            "state": self.state,
            "schema": self.schema,
            "version": self.version,
            "created_at": now,
        }


def expect_version(seen: int, stored: int) -> None:
    if seen != stored:
        raise StaleError(f"You saw version {seen}, the current one is {stored}; read it again, then decide.")
