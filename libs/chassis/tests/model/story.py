"""What was asked of the service and sent to it, kept apart from it: what must follow is worked out here."""

from collections import Counter as Tally
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import count, takewhile
from uuid import UUID, uuid5

from libs.chassis.tests.sample import EARLY, POISON, counter_of

from kpo_chassis.kernel import Caller, Command, PersonId, TenantId
from kpo_events.catalogue import Event, Origin, Record, make_event, record
from kpo_events.intake import ClientRegisteredV1
from kpo_events.payload import Payload

NAMESPACE = UUID("9d7cf6b6-3c52-4c0c-8f45-0f3bb46ed1d0")
CLIENTS = tuple(uuid5(NAMESPACE, f"client {number}") for number in range(3))
ALARM_TENANT = uuid5(NAMESPACE, "alarms")


class Kind(Enum):
    """What an event does to its handler; the value is the client's name in it."""

    FINE = "Acme"
    POISON = POISON
    EARLY = EARLY


@dataclass(frozen=True, slots=True)
class Sent:
    """One numbered event of a client; it is sent any number of times, always in the same bytes."""

    client: UUID
    number: int
    kind: Kind
    event: Event[Payload]

    @classmethod
    def of(cls, client: UUID, number: int, kind: Kind) -> "Sent":
        payload = ClientRegisteredV1(client_id=client, name=kind.value, country="NL", currency="EUR")
        origin = Origin(actor="machine:source")
        time = datetime(2026, 3, 2, tzinfo=UTC)
        return cls(client, number, kind, make_event(payload, origin, subject=client, seq=number, time=time))

    def record(self) -> Record:
        return record(self.event)


@dataclass(eq=False)
class Asked:
    """One command, sent any number of times with one key; each copy is answered, refused, or cut off."""

    number: int
    counter: UUID
    tenant: UUID
    amount: int
    ring_after: timedelta | None = None
    is_create: bool = False
    answered: int = 0
    refused: int = 0
    under_way: int = 0
    unheard: set[object] = field(default_factory=set)
    """Copies of which nobody has heard what became of them: a later answer tells."""

    @property
    def person(self) -> UUID:
        """Name whoever asked: what a command announces carries it, so every effect is known by it."""
        return uuid5(NAMESPACE, f"command {self.number}")

    @property
    def cause(self) -> Command:
        caller = Caller(PersonId(self.person), TenantId(self.tenant), frozenset())
        return Command(caller, key=f"key {self.number}", fingerprint=f"{self.counter} {self.amount}")

    @property
    def is_settled(self) -> bool:
        return self.under_way == 0 and self.answered + self.refused > 0 and not self.unheard


@dataclass
class Story:
    """All that happened outside of the service."""

    sent: dict[UUID, dict[int, Sent]] = field(default_factory=lambda: {client: {} for client in CLIENTS})
    skipped: dict[UUID, set[int]] = field(default_factory=lambda: {client: set() for client in CLIENTS})
    asked: list[Asked] = field(default_factory=list)
    alarms: list[Asked] = field(default_factory=list)
    acknowledged: Tally[UUID] = field(default_factory=Tally)

    def send(self, client: UUID, number: int, kind: Kind) -> Sent:
        """Give an event of that number; what it is was settled when it was sent first."""
        return self.sent[client].setdefault(number, Sent.of(client, number, kind))

    def ask(self, client: UUID, amount: int) -> Asked:
        return self._note(Asked(len(self.asked), counter_of(client), client, amount))

    def set_alarm(self, after: timedelta) -> Asked:
        number = len(self.asked)
        key = uuid5(NAMESPACE, f"alarm {number}")
        made = self._note(Asked(number, key, ALARM_TENANT, 0, ring_after=after, is_create=True))
        self.alarms.append(made)
        return made

    def add_to_alarm(self, alarm: Asked, amount: int) -> Asked:
        return self._note(Asked(len(self.asked), alarm.counter, ALARM_TENANT, amount))

    def _note(self, asked: Asked) -> Asked:
        self.asked.append(asked)
        return asked

    def reached(self, client: UUID) -> int:
        """Say up to which number a client's events must be dealt with, once everything is at rest."""
        return sum(1 for _ in takewhile(lambda n: self._passes(client, n), count(1)))

    def _passes(self, client: UUID, number: int) -> bool:
        sent = self.sent[client].get(number)
        return sent is not None and (sent.kind is Kind.FINE or number in self.skipped[client])

    def applied(self, client: UUID) -> Iterator[Sent]:
        """Give the events that must have had their effect, in order."""
        for number in range(1, self.reached(client) + 1):
            if number not in self.skipped[client]:
                yield self.sent[client][number]

    def missing(self, client: UUID) -> list[int]:
        """Name the numbers below the highest that never arrived."""
        return [n for n in range(1, max(self.sent[client], default=0)) if n not in self.sent[client]]

    def blocking(self, client: UUID) -> list[int]:
        """Name the events that cannot be applied and were not left out yet."""
        bad = [n for n, sent in self.sent[client].items() if sent.kind is not Kind.FINE]
        return [n for n in bad if n not in self.skipped[client]]
