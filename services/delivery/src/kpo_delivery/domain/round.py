"""One round of judging: what is judged by which seats, fixed when it opens."""

import hashlib
import hmac
from base64 import b32encode
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from kpo_delivery.domain.awards import Placed
from kpo_delivery.domain.challenge_plan import ChallengePlan
from kpo_delivery.domain.ranking import Card, Contender

CODE_CHARS = 10
"""Fifty bits: among the submissions of one challenge no two get the same."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A submission that goes into a round: the latest of its entry, and whose it is."""

    entry_id: UUID
    submission: int
    submitted_at: datetime
    code: str
    expert_id: UUID
    person_id: UUID
    vendor_id: UUID

    @property
    def contender(self) -> Contender:
        return Contender(self.code, self.submitted_at)

    def placed(self, rank: int) -> Placed:
        return Placed(rank, self.code, self.entry_id, self.expert_id, self.person_id, self.vendor_id)


@dataclass(frozen=True, slots=True)
class Assignment:
    """A candidate of a round, and the seats of the panel that score it."""

    round_id: UUID
    candidate: Candidate
    seats: tuple[int, ...]

    @staticmethod
    def id_of(round_id: UUID, code: str) -> str:
        return f"{round_id}/{code}"

    @property
    def id(self) -> str:
        return self.id_of(self.round_id, self.code)

    @property
    def code(self) -> str:
        return self.candidate.code


@dataclass(frozen=True, slots=True)
class Deal:
    """How many of the panel's seats score each submission."""

    seats: int
    per_submission: int

    @classmethod
    def of(cls, call: ChallengePlan, number: int) -> "Deal":
        return cls(call.seats, call.judges_per_submission(number))

    def hand(self, turn: int) -> tuple[int, ...]:
        """Go on where the turn before ended, round and round, so that seats differ by one at most."""
        first = turn * self.per_submission
        return tuple(sorted((first + step) % self.seats + 1 for step in range(self.per_submission)))


@dataclass(frozen=True, slots=True)
class Round:
    """What is judged by whom: as many assignments as submissions, none of which is ever written again."""

    challenge_id: UUID
    number: int
    deal: Deal
    assignments: tuple[Assignment, ...]

    @staticmethod
    def id_of(challenge_id: UUID, number: int) -> UUID:
        return uuid5(challenge_id, f"round:{number}")

    @property
    def id(self) -> UUID:
        return self.id_of(self.challenge_id, self.number)

    @classmethod
    def open(cls, challenge_id: UUID, number: int, candidates: Iterable[Candidate], deal: Deal) -> "Round":
        """Deal the candidates out in an order that nobody chose: by their hash with the round's id."""
        key = cls.id_of(challenge_id, number)
        shuffled = sorted(candidates, key=lambda candidate: _shuffled(key, candidate.code))
        dealt = (Assignment(key, candidate, deal.hand(turn)) for turn, candidate in enumerate(shuffled))
        return cls(challenge_id, number, deal, tuple(dealt))

    def of_seat(self, seat: int) -> tuple[Assignment, ...]:
        return tuple(each for each in self.assignments if seat in each.seats)

    def has_quorum(self, cards: Iterable[Card]) -> bool:
        """Say whether these cards are enough: one per submission first, the majority of the panel later."""
        given = Counter(card.code for card in cards)
        enough = 1 if self.number == 1 else self.deal.seats // 2 + 1
        return all(given[each.code] >= enough for each in self.assignments)

    def placed(self, codes: Sequence[str]) -> tuple[Placed, ...]:
        """Say whose the submissions on the first ranks are; `codes` are in the order of the ranks."""
        by_code = {each.code: each.candidate for each in self.assignments}
        return tuple(by_code[code].placed(rank) for rank, code in enumerate(codes, start=1))

    def candidates(self, codes: Iterable[str]) -> tuple[Candidate, ...]:
        """Give the candidates that go on."""
        picked = frozenset(codes)
        return tuple(each.candidate for each in self.assignments if each.code in picked)


def blind_code(key: bytes, entry_id: UUID) -> str:
    """Name an entry so that only who has the key can tell which it is."""
    digest = hmac.digest(key, entry_id.bytes, "sha256")
    return b32encode(digest).decode()[:CODE_CHARS]


def _shuffled(round_id: UUID, code: str) -> bytes:
    return hashlib.sha256(round_id.bytes + code.encode()).digest()
