"""Rules about the end: everything has ended, everybody knows it, nothing is left over anywhere."""

from collections.abc import Iterator

from kpo_chassis.parking import COMES_BACK
from kpo_events.catalogue import TOPICS

from .chains import ENDS
from .entries import GOOD_ENDS, Seen
from .finding import Finding
from .known import History, Json, data_of
from .money import minor

LEFT_OVER = ("outbox_documents", "parked_events", "queued_records", "lag", "stuck_clocks")
TIMELINE_TOPICS = frozenset(topic.name for topic in TOPICS.values() if "intake" in topic.consumers)


def experts_are_still_there(history: History) -> Iterator[Finding]:
    """Whoever was told that they are registered is still at the door."""
    shown = history.looks("expert")
    for command in history.deeds:
        told = command.answer.body if command.answer and command.outcome == "ok" else None
        is_registration = (command.asked.method, command.asked.path) == ("POST", "/v1/experts")
        if is_registration and isinstance(told, dict) and told["id"] not in shown:
            yield Finding(f"expert {told['id']} was registered, and nobody knows them", command=command)


def engagements_are_closed(history: History) -> Iterator[Finding]:
    """Every engagement that was submitted is closed, in the log and at the door, with the same outcome."""
    shown = history.looks("engagement")
    for engagement, events in history.engagements.items():
        last = events[-1]
        closed = next((event for event in events if event.type == "intake.engagement.closed.v1"), None)
        if closed is None:
            yield Finding(f"engagement {engagement} was never closed; this was the last of it", last)
        elif engagement not in shown:
            yield Finding(f"engagement {engagement} is not at its client's door", closed)
        elif (shown[engagement]["state"], shown[engagement]["outcome"]) != (
            "closed",
            data_of(closed)["outcome"],
        ):
            yield Finding(f"engagement {engagement} is shown as {shown[engagement]['state']}", closed)
    for engagement in shown.keys() - history.engagements.keys():
        yield Finding(f"engagement {engagement} is at its client's door, and was never announced")


def escrows_are_empty(history: History) -> Iterator[Finding]:
    """Compare what the door shows of an escrow with its last event; nothing is held any more."""
    shown = history.looks("escrow")
    for engagement, events in history.engagements.items():
        end = next((event for event in events if event.type in ENDS), None)
        escrow = shown.get(engagement)
        if end is None or escrow is None:
            continue
        if minor(escrow["held"]):
            yield Finding(f"the escrow of {engagement} still holds {escrow['held']}", end)
        for name in ("funded", "released", "fees", "refunded"):
            if minor(escrow[name]) != minor(data_of(end)[name]):
                yield Finding(f"{name} of the escrow of {engagement} is {escrow[name]} at the door", end)


def payouts_are_booked(history: History) -> Iterator[Finding]:
    for event in history.events:
        if event.type == "billing.payout.requested.v1":
            payout = history.looks("payout").get(str(event.key))
            state = payout["state"] if payout else "nowhere"
            if state != "booked":
                yield Finding(f"payout {event.key} is {state}", event)


def timelines_are_complete(history: History) -> Iterator[Finding]:
    """Look for every event about an engagement in its timeline: once, and nothing else."""
    for engagement, timeline in history.looks("timeline").items():
        rows = timeline["items"]
        assert isinstance(rows, list)
        told = [_place(row) for row in rows if isinstance(row, dict)]
        events = {
            (event.type, str(event.key), str(event.seq)): event
            for event in history.engagements.get(engagement, ())
            if event.topic in TIMELINE_TOPICS
        }
        for place in set(told) - events.keys():
            yield Finding(f"the timeline of {engagement} has {place}, which nobody announced")
        for place, event in events.items():
            if told.count(place) != 1:
                yield Finding(f"the timeline of {engagement} has {place} {told.count(place)} times", event)


def _place(row: Json) -> tuple[str, str, str]:
    return (str(row["type"]), str(row["subject"]), str(row["number"]))


def nothing_is_left(history: History) -> Iterator[Finding]:
    """Outboxes, parking, queues and tasks are empty; a run without a final look proves nothing."""
    statuses = history.looks("status")
    if not statuses:
        yield Finding("nobody looked at the workers when all was over")
    for worker, status in statuses.items():
        for name in LEFT_OVER:
            if status[name]:
                yield Finding(f"{worker} still has {name.replace('_', ' ')}: {status[name]}")
    for task in history.looks("task").values():
        yield Finding(f"somebody should still {task['action']} {task['link']}")


def poison_was_set_aside(history: History) -> Iterator[Finding]:
    """Look for every record that nobody can read among what its readers parked.

    A poison that never reached the log, because the broker was away for too long, harms nobody.
    """
    parked = history.looks("parked")
    for fault in history.faults:
        if fault.name == "poison" and fault.target in history.unreadable and isinstance(fault.detail, dict):
            readers = fault.detail["readers"]
            assert isinstance(readers, list)
            for reader in readers:
                if f"{reader}/{fault.target}" not in parked:
                    yield Finding(f"{reader} lost an unreadable record of {fault.target}")


def nothing_was_a_bug(history: History) -> Iterator[Finding]:
    """No event but poison was ever set aside for a person to look at, even if it came right since.

    What came too early for a service (before its number, before what it needs) may wait among the parked.
    """
    for place, copy in history.looks("copy of parked").items():
        is_poison = copy["code"] == "unreadable" and copy["key"] in history.unreadable
        if copy["code"] not in COMES_BACK and not is_poison:
            told = f"{place} is {copy['topic']}/{copy['partition']}@{copy['offset']}"
            yield Finding(f"{told}, set aside as {copy['code']}: {copy['reason']}", _event_of(copy, history))


def _event_of(copy: Json, history: History) -> Seen | None:
    return next(
        (event for event in history.events if (event.key, str(event.seq)) == (copy["key"], copy.get("seq"))),
        None,
    )


def commands_were_carried_out(history: History) -> Iterator[Finding]:
    """Demand that something was done and ended well: other runs prove nothing."""
    done = [command for command in history.commands if command.outcome == "ok"]
    completed: list[Seen] = [
        event
        for event in history.events
        if event.type == "intake.engagement.closed.v1" and data_of(event)["outcome"] in GOOD_ENDS
    ]
    if not done or not completed:
        yield Finding("no engagement came from its brief to a good end: the run proves nothing")
