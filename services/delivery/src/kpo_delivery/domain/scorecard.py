"""What one seat of the panel gave one submission; immutable once given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from kpo_chassis.kernel import Task, TenantId
from kpo_delivery.domain.challenge_plan import Criterion
from kpo_delivery.domain.judging_errors import ScoresIncompleteError
from kpo_delivery.domain.ranking import Card

SCORE_MAX = 100


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The scores of one seat for one submission, one per criterion in the order of the plan.

    Its id comes from round, seat and entry: who replaces a judge cannot score the same submission twice.
    """

    id: UUID
    challenge_id: UUID
    round_id: UUID
    round: int
    seat: int
    person_id: UUID
    vendor_id: UUID
    code: str
    scores: tuple[int, ...]
    comment: str
    given_at: datetime

    @staticmethod
    def id_of(round_id: UUID, seat: int, entry_id: UUID) -> UUID:
        return uuid5(round_id, f"{seat}:{entry_id}")

    @property
    def parties(self) -> frozenset[TenantId]:
        return frozenset({TenantId(self.vendor_id)})

    @property
    def due_at(self) -> datetime | None:
        return None

    @property
    def tasks(self) -> tuple[Task, ...]:
        return ()

    @property
    def card(self) -> Card:
        return Card(self.seat, self.code, self.scores, self.comment)


def in_order(criteria: Sequence[Criterion], scores: Sequence[tuple[str, int]]) -> tuple[int, ...]:
    """Give the scores in the order of the criteria; ScoresIncompleteError unless each is there once."""
    names, by_name = [criterion.name for criterion in criteria], dict(scores)
    if sorted(names) != sorted(name for name, _ in scores):
        raise ScoresIncompleteError(
            f"Score every criterion once, and nothing else: {', '.join(names)}.", pointer="/scores"
        )
    return tuple(by_name[name] for name in names)
