"""The verdict about a history: every promise with whether it held, and the first thing to look at."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from . import chains, commands, contest_rules, damage, ends, money, panel_rules, sealing_rules, streams
from .finding import Finding, Rule
from .known import History, data_of

SHOWN_MAX: Final = 3
"""How many findings of one promise are shown; the first is mostly the cause of the others."""

LATEST: Final = datetime.max.replace(tzinfo=UTC)

PROMISES: Final[Mapping[str, Rule]] = {
    "the run did something": ends.commands_were_carried_out,
    "every stream is numbered 1 to n without a gap": streams.numbered_without_gaps,
    "numbers come in order, copies behind their originals": streams.in_order,
    "copies are identical": streams.copies_are_identical,
    "a key has one partition, an event one place": streams.in_one_place,
    "causes are in the log": streams.causes_exist,
    "a cause has each of its effects once": streams.effects_happen_once,
    "done, refused and unanswered commands did all, nothing, all or nothing": commands.commands_are_kept,
    "requests with one key have one effect and one answer": commands.keys_are_honoured,
    "every fact has its consequences": chains.consequences_follow,
    "an engagement runs through each step once": chains.engagements_run_once,
    "a funded engagement is matched": chains.funded_engagements_are_matched,
    "no submission is taken late": contest_rules.nothing_is_taken_late,
    "every submission with a receipt is kept": contest_rules.submissions_are_kept,
    "nobody reads a submission before deadline and grace": sealing_rules.nobody_reads_early,
    "what was sealed is what is opened": sealing_rules.what_was_sealed_is_opened,
    "who submitted is judged, once": contest_rules.everybody_in_time_is_judged,
    "the latest submissions are ranked, each once": panel_rules.the_latest_submissions_are_ranked,
    "every scorecard counts once, as it was given": panel_rules.scorecards_count_once,
    "rankings follow from their scorecards": panel_rules.rankings_follow_from_scorecards,
    "the best get the prizes that were promised": panel_rules.the_best_get_what_was_promised,
    "every award is paid once": contest_rules.awards_are_paid,
    "purse = awards (net) + fees + returned": contest_rules.purses_are_shared_out,
    "released + fees + refunded = funded": money.escrows_are_conserved,
    "the ledger is zero per currency": money.ledger_is_zero,
    "no account is overdrawn": money.nobody_is_overdrawn,
    "the bank accounts hold what came in": money.bank_holds_what_came_in,
    "invoices are numbered without gaps": money.invoices_have_no_gaps,
    "no expert is promised twice": money.nobody_is_overbooked,
    "experts get their hours back": money.hours_come_back,
    "who was registered is still there": ends.experts_are_still_there,
    "every engagement is closed": ends.engagements_are_closed,
    "every escrow is empty": ends.escrows_are_empty,
    "every payout is booked": ends.payouts_are_booked,
    "every timeline is complete": ends.timelines_are_complete,
    "what nobody can read was set aside": ends.poison_was_set_aside,
    "no event was set aside as a bug, even for a while": ends.nothing_was_a_bug,
    "nothing is left over": ends.nothing_is_left,
}


@dataclass(frozen=True)
class Verdict:
    """What was found, by promise; the verdict is green when nothing was."""

    history: History
    findings: Mapping[str, list[Finding]]

    @classmethod
    def about(cls, history: History) -> "Verdict":
        return cls(history, {promise: list(rule(history)) for promise, rule in PROMISES.items()})

    @property
    def held(self) -> bool:
        return not any(self.findings.values())

    @property
    def broken(self) -> set[str]:
        return {promise for promise, found in self.findings.items() if found}

    @property
    def first(self) -> Finding | None:
        """Give the finding that lies earliest in time: what came later may follow from it."""
        every = [finding for found in self.findings.values() for finding in found]
        return min(every, key=lambda finding: finding.at or LATEST, default=None)

    def text(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield from _summary(self.history)
        for promise, found in self.findings.items():
            yield f"  {'BROKEN' if found else 'held  '}  {promise}"
            yield from (f"          {finding.sentence}" for finding in found[:SHOWN_MAX])
            if len(found) > SHOWN_MAX:
                yield f"          and {len(found) - SHOWN_MAX} more"
        first = self.first
        if first is not None:
            yield f"Look here first: {first.sentence}"
            yield from (f"    {step}" for step in _way(self.history, first))
        yield "VERDICT: " + ("every promise held" if self.held else f"{len(self.broken)} promises are broken")


def _way(history: History, finding: Finding) -> Iterator[str]:
    if finding.event is not None:
        yield from history.way(finding.event)
    elif finding.command is not None:
        asked = finding.command.asked
        yield f"{asked.at:%H:%M:%S.%f} {finding.command.title} by {asked.who}: {finding.command.outcome}"
    at = finding.at
    for fault in history.faults if at else ():
        if at and abs((fault.at - at).total_seconds()) < 1:
            yield f"meanwhile, {fault.at:%H:%M:%S.%f}: {fault.name} of {fault.target} {fault.phase}"


def _summary(history: History) -> Iterator[str]:
    run = history.run
    if run is not None:
        servers = ", three Kafkas, three mongods" if run.clusters else ""
        mutant = f", with {run.mutant} switched off" if run.mutant else ""
        told = f"Seed {run.seed}, {run.seconds:g} s of load, {run.workers} workers per service"
        yield f"{told}{servers}{mutant}."
    answers = Counter(command.outcome for command in history.commands)
    told = ", ".join(f"{answers[name]} {name}" for name in ("ok", "fail", "unknown"))
    copies = len(history.records) - len(history.events)
    repeated = sum(len(same) > 1 for same in history.by_deed.values())
    yield f"{len(history.commands)} requests ({told}); {repeated} keys were used more than once."
    yield f"{len(history.events)} events and {copies} copies of them in the log."
    for mode, outcomes in _ends(history).items():
        yield f"{outcomes.total()} {mode} ended: {damage.counted(outcomes)}."
    yield from damage.lines(history)


def _ends(history: History) -> dict[str, Counter[str]]:
    """Count by mode how engagements ended."""
    found: dict[str, Counter[str]] = {"assignments": Counter(), "open calls": Counter()}
    for events in history.engagements.values():
        is_call = any(data_of(event).get("mode") == "challenge" for event in events)
        mode = "open calls" if is_call else "assignments"
        for event in events:
            if event.type == "intake.engagement.closed.v1":
                found[mode][str(data_of(event)["outcome"])] += 1
    return found
