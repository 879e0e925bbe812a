"""The one part that a person plays in a challenge: whoever enters cannot judge, and the other way round."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from kpo_chassis.kernel import Decision, PersonId, Quiet
from kpo_delivery.domain.errors import AlreadyTakesPartError


class ParticipantRole(StrEnum):
    """What a person is in a challenge."""

    ENTRANT = "entrant"
    JUDGE = "judge"


@dataclass(frozen=True, slots=True)
class Participation(Quiet):
    """Written by entering and by appointing alike, so that of two at the same time one wins."""

    id: UUID
    challenge_id: UUID
    person: PersonId
    role: ParticipantRole
    since: datetime

    @staticmethod
    def id_of(challenge_id: UUID, person: UUID) -> UUID:
        return uuid5(challenge_id, f"participation:{person}")


def take_part(
    known: Participation | None, challenge_id: UUID, person: PersonId, role: ParticipantRole, now: datetime
) -> Decision[Participation, object]:
    """Give a person their part; AlreadyTakesPartError where they have one."""
    if known is not None:
        raise AlreadyTakesPartError(
            f"This person takes part in the challenge as {known.role} already, and nobody has two parts."
        )
    key = Participation.id_of(challenge_id, person)
    return Decision(Participation(key, challenge_id, person, role, now))
