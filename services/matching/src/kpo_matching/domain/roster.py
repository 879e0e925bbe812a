"""The people a decision about a match must look at, and how it asks for them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from kpo_chassis.kernel import Aggregate, Decisions, Needs, Ref, States, inner_maybe
from kpo_matching.domain.client import ClientCopy
from kpo_matching.domain.expert import Expert
from kpo_matching.domain.filters import Filter, Prospect, Requirements, is_independent, objection
from kpo_matching.domain.match import Match
from kpo_matching.domain.vendor import Vendor

S = TypeVar("S", bound=Aggregate)


@dataclass(frozen=True, slots=True)
class Roster:
    """The loaded experts and vendors, by id, and the client; who is missing cannot work."""

    experts: Mapping[UUID, Expert]
    vendors: Mapping[UUID, Vendor]
    client: ClientCopy | None

    def prospect(self, expert_id: UUID) -> Prospect | None:
        expert = self.experts.get(expert_id)
        return Prospect(expert, self.vendors.get(expert.vendor_id)) if expert else None

    def objection(self, match: Match, expert_id: UUID) -> Filter | None:
        """Say why this candidate cannot be asked now."""
        prospect = self.prospect(expert_id)
        if prospect is None:
            return Filter.SUSPENDED
        return objection(Requirements.of(match.terms, self.client), prospect)

    def has_no_conflict(self, expert: Expert) -> bool:
        return is_independent(self.client.id if self.client else None, expert)


NOBODY = Roster({}, {}, None)
"""The roster of a decision that looks at nobody."""


@dataclass(frozen=True, slots=True)
class Calling:
    """The refs of a roster: it is complete once all of them are loaded."""

    experts: tuple[Ref[Expert], ...]
    vendors: tuple[Ref[Vendor], ...]
    client: Ref[ClientCopy]

    @classmethod
    def of(cls, match: Match, expert_ids: Iterable[UUID]) -> "Calling":
        """Name these candidates, their vendors and the client."""
        called = frozenset(expert_ids)
        vendor_ids = {each.vendor_id for each in match.candidates if each.expert_id in called}
        return cls(
            tuple(inner_maybe(Expert, key) for key in sorted(called)),
            tuple(inner_maybe(Vendor, key) for key in sorted(vendor_ids)),
            inner_maybe(ClientCopy, match.client_id),
        )

    def missing(self, states: States) -> tuple[Ref[object], ...]:
        refs: tuple[Ref[object], ...] = (*self.experts, *self.vendors, self.client)
        return tuple(ref for ref in refs if ref not in states)

    def roster(self, states: States) -> Roster:
        return Roster(_loaded(self.experts, states), _loaded(self.vendors, states), states.get(self.client))


def _loaded(refs: Iterable[Ref[S]], states: States) -> dict[UUID, S]:
    found = ((ref.id, states.get(ref)) for ref in refs)
    return {key: state for key, state in found if state is not None}


def with_roster(
    match: Match, expert_ids: Collection[UUID], states: States, decide: Callable[[Roster], Decisions]
) -> Decisions | Needs:
    """Decide with these candidates at hand; ask for those who are not loaded yet, all at once."""
    if not expert_ids:
        return decide(NOBODY)
    calling = Calling.of(match, expert_ids)
    missing = calling.missing(states)
    return Needs(missing) if missing else decide(calling.roster(states))


def of_the_last_offer(match: Match) -> tuple[UUID, ...]:
    """Name the expert whom the last offer asks."""
    return tuple(offer.expert_id for offer in match.offers[-1:])


def of_the_ladder(match: Match) -> tuple[UUID, ...]:
    """Name the expert whom the last offer asks, and all who may be asked next (at most 20 together)."""
    return (*of_the_last_offer(match), *match.ladder)
