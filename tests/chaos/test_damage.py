"""How a verdict counts what was broken: killed processes by kind, and everything else by its name."""

from pydantic import JsonValue

from .damage import kills, others
from .entries import Fault
from .known import History
from .stories import BEGIN, a_story, verdict_about


def begun(name: str, target: str, detail: JsonValue = None) -> Fault:
    return Fault(at=BEGIN, name=name, target=target, phase="begins", detail=detail)


def ended(name: str, target: str, detail: JsonValue = None) -> Fault:
    return Fault(at=BEGIN, name=name, target=target, phase="ends", detail=detail)


def test_a_kill_counts_by_what_it_ended() -> None:
    names = ("kafka", "mongod-3", "billing", "billing-worker", "billing-worker-2")

    history = History.of(begun("kill", name) for name in names)

    assert kills(history) == {"kafka": 1, "mongod": 1, "api": 1, "worker": 2}


def test_an_outage_kills_everybody_whom_it_names() -> None:
    history = History.of([begun("outage", "kafka, delivery-worker, delivery-worker-2")])

    assert kills(history) == {"kafka": 1, "worker": 2}


def test_what_ends_or_freezes_is_no_kill() -> None:
    lines = [ended("kill", "kafka"), begun("zombie", "billing-worker"), begun("ended by itself", "intake")]

    history = History.of(lines)

    assert not kills(history)
    assert others(history) == {"zombie": 1, "ended by itself": 1}


def test_the_verdict_tells_kinds_and_sizes() -> None:
    story = a_story()
    story.lines += [
        begun("kill", "kafka"),
        begun("kill", "billing"),
        begun("copies", "kafka", {"records": 200}),
    ]
    story.lines += [
        begun("copies", "kafka", {"records": 1_000}),
        ended("copies", "nothing", {"failed": True}),
    ]

    told = verdict_about(story.lines).text()

    assert "2 processes were killed: 1 api, 1 kafka." in told
    assert "2 other faults: 2 copies (of 1,200). 1 more could not be done" in told


def test_the_verdict_tells_how_each_mode_ended() -> None:
    told = verdict_about(a_story().lines).text()

    assert "1 assignments ended: 1 completed." in told
    assert "0 open calls ended: none." in told
