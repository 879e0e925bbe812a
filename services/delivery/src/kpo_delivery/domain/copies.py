"""What delivery knows of experts and clients: copied from the events of those who own them."""

from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from kpo_chassis.kernel import Decision, PersonId, Quiet, TenantId


@dataclass(frozen=True, slots=True)
class ClientCopy(Quiet):
    """A client organisation as its last event described it; its id is the client's tenant id."""

    id: UUID
    name: str
    country: str


@dataclass(frozen=True, slots=True)
class ExpertProfile:
    """Who an expert is, and what they are close to."""

    person: PersonId
    vendor: TenantId
    country: str
    employers: tuple[UUID, ...] = ()
    relations: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class ExpertCopy(Quiet):
    """An expert as the last event described them, under the id that matching gave them."""

    id: UUID
    profile: ExpertProfile
    is_active: bool = True

    @staticmethod
    def id_of(person: UUID) -> UUID:
        """Derive the id as matching does, since a caller says only which person they are."""
        return uuid5(person, "expert")

    def is_close_to(self, client: TenantId) -> bool:
        """Say whether the person works for the client, is related to it, or is offered by it."""
        profile = self.profile
        return client in (profile.vendor, *profile.employers, *profile.relations)

    def suspend(self) -> Decision["ExpertCopy", object]:
        return Decision(replace(self, is_active=False))


def describe_expert(
    known: ExpertCopy | None, expert_id: UUID, profile: ExpertProfile
) -> Decision[ExpertCopy, object]:
    """Take an expert's particulars as they are now; they say nothing about a suspension."""
    return Decision(ExpertCopy(expert_id, profile, known is None or known.is_active))
