"""The deadline and its grace are over: what was submitted goes to the panel, blind."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import (
    Cause,
    Changes,
    Decisions,
    Needs,
    Reads,
    States,
    Stored,
    existing,
    together,
)
from kpo_delivery.domain.bench import bench_refs, seatings, spares
from kpo_delivery.domain.challenge import Challenge, ChallengeStatus, Turnout
from kpo_delivery.domain.entry import Entry
from kpo_delivery.domain.judging import close_submissions as close
from kpo_delivery.domain.round import Candidate, blind_code
from kpo_delivery.domain.tally import new_tally, open_round

PAGE_MAX = 500
FIRST_ROUND = 1


@dataclass(frozen=True, slots=True)
class CloseSubmissions:
    challenge_id: UUID


async def close_submissions(
    command: CloseSubmissions, cause: Cause, *, changes: Changes, reads: Reads, blind_key: bytes
) -> Stored[Challenge]:
    """Read all entries first: since the grace is over, none that was decided in time is missed."""
    entries = await _entries(command.challenge_id, reads)
    candidates = tuple(_candidates(entries, blind_key))
    turnout = Turnout(len(entries), len(candidates))
    challenge = existing(Challenge, command.challenge_id)

    def decide(states: States, now: datetime) -> Decisions | Needs:
        seen = states[challenge]
        if seen.status is not ChallengeStatus.OPEN or seen.due_at is None or now < seen.due_at:
            return together()
        refs = bench_refs(seen.id, seen.panel.bench)
        if not all(ref in states for ref in refs):
            return Needs(refs)
        decision = close(seen, turnout, spares(seen, seen.panel.bench, states), now)
        opened = open_round(decision.state, candidates)
        decisions = (decision, *opened.decisions, *seatings(seen, decision.state, now))
        return together(*decisions, entries=opened.entries)

    return await changes.change(cause, decide, challenge, new_tally(command.challenge_id, FIRST_ROUND))


async def _entries(challenge_id: UUID, reads: Reads) -> Sequence[Entry]:
    found, where = list[Entry](), {"entrant.challenge_id": str(challenge_id)}
    while page := await reads.find(Entry, where, after=found[-1].id if found else None, limit=PAGE_MAX):
        found.extend(page)
    return found


def _candidates(entries: Sequence[Entry], blind_key: bytes) -> Iterator[Candidate]:
    """Give what counts of each entry: its latest submission."""
    for entry in entries:
        if (latest := entry.latest) is not None:
            yield Candidate(
                entry_id=entry.id,
                submission=latest.number,
                submitted_at=latest.at,
                code=blind_code(blind_key, entry.id),
                expert_id=entry.entrant.expert_id,
                person_id=entry.entrant.person,
                vendor_id=entry.entrant.vendor,
            )
