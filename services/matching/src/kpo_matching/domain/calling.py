"""What follows for experts when a challenge opens and when it ends, in whatever order that is told."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from kpo_chassis.kernel import Decision, Decisions, Needs, States, inner, together
from kpo_matching.domain.challenge import Challenge
from kpo_matching.domain.expert import Expert
from kpo_matching.domain.invitation import invite
from kpo_matching.domain.panel import ChallengeEnd, Panel, PanelProposed, ProposedJudge
from kpo_matching.domain.selection import Selection

Experts: TypeAlias = Mapping[UUID, Expert]


def with_experts(
    expert_ids: Iterable[UUID], states: States, decide: Callable[[Experts], Decisions]
) -> Decisions | Needs:
    """Decide with these experts at hand; ask for those who are not loaded yet, all at once."""
    refs = tuple(inner(Expert, key) for key in sorted(set(expert_ids)))
    missing = tuple(ref for ref in refs if ref not in states)
    return Needs(missing) if missing else decide({ref.id: states[ref] for ref in refs})


def called_at_opening(panel: Panel, selection: Selection) -> tuple[UUID, ...]:
    """Name whom the opening changes: those who are proposed, or the winners where the end came first."""
    if panel.end is not None:
        return panel.end.winners
    return tuple(judge.expert_id for judge in selection.judges)


def called_at_end(panel: Panel, end: ChallengeEnd) -> tuple[UUID, ...]:
    return (*(judge.expert_id for judge in panel.judges), *end.winners)


def challenge_opened(
    panel: Panel, challenge: Challenge, selection: Selection, experts: Experts, now: datetime
) -> Decisions:
    """Invite and propose, all in one change; of a challenge that has ended, nobody is told any more."""
    if panel.challenge is not None:
        raise panel.misplaced("challenge.opened")
    opened = replace(panel, challenge=challenge)
    if panel.end is not None:
        return _settle(opened, panel.end, experts)
    judges = tuple(judge for judge in selection.judges if _may_still_judge(judge, challenge, experts))
    proposed = replace(opened, judges=judges)
    return together(
        Decision(proposed, (PanelProposed(proposed),)),
        *(Decision(experts[judge.expert_id].propose_for(panel.id)) for judge in judges),
        *(invite(challenge, expert, now) for expert in selection.invited),
    )


def challenge_ended(panel: Panel, end: ChallengeEnd, experts: Experts) -> Decisions:
    """Give the judges their time back, and the winners their standing."""
    if panel.end is not None:
        return together(Decision(panel))
    ended = replace(panel, end=end)
    if panel.challenge is None:
        return together(Decision(ended))
    return _settle(ended, end, experts)


def _settle(panel: Panel, end: ChallengeEnd, experts: Experts) -> Decisions:
    changed = {judge.expert_id: experts[judge.expert_id].leave_panel(panel.id) for judge in panel.judges}
    for winner in sorted(set(end.winners)):
        changed[winner] = changed.get(winner, experts[winner]).win(panel.call.practice_area)
    return together(Decision(panel), *(Decision(expert) for expert in changed.values()))


def _may_still_judge(judge: ProposedJudge, challenge: Challenge, experts: Experts) -> bool:
    """Look again at what may have changed since the experts were read."""
    expert = experts[judge.expert_id]
    return expert.may_judge and not expert.is_close_to(challenge.client_id)
