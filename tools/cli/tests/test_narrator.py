"""What the demo says on the terminal: what many do alike is counted, what a few do is shown."""

from datetime import UTC, datetime
from io import StringIO
from uuid import uuid4

from rich.console import Console

from kpo_cli.story.narrator import ALIKE_MAX, Narrator
from kpo_events.catalogue import Event, Origin, make_event
from kpo_events.intake import ClientRegisteredV1
from kpo_events.matching import VendorSuspendedV1
from kpo_events.payload import Payload


def an_event(payload: Payload) -> Event[Payload]:
    origin = Origin(actor="clock", correlation_id=uuid4())
    return make_event(payload, origin, subject=uuid4(), seq=1, time=datetime.now(UTC))


def told(*acts: list[Payload]) -> list[str]:
    page = StringIO()
    narrator = Narrator(Console(file=page, width=120))
    for number, act in enumerate(acts):
        narrator.say(f"Act {number}.")
        for payload in act:
            narrator.show(an_event(payload))
    narrator.say("The end.")
    return page.getvalue().splitlines()


def a_client() -> ClientRegisteredV1:
    return ClientRegisteredV1(client_id=uuid4(), name="Acme", country="NL", currency="EUR")


def test_few_events_of_an_act_are_all_shown() -> None:
    lines = told([a_client()] * ALIKE_MAX)

    assert sum("client.registered.v1" in line for line in lines) == ALIKE_MAX
    assert not any("more" in line for line in lines)


def test_many_events_of_one_type_are_counted() -> None:
    lines = told([a_client()] * (ALIKE_MAX + 1_000))

    assert sum("client.registered.v1" in line for line in lines) == ALIKE_MAX + 1
    assert "   and 1,000 more intake.client.registered.v1" in lines


def test_each_act_counts_anew() -> None:
    lines = told([a_client()] * ALIKE_MAX, [a_client()])

    assert sum("client.registered.v1" in line for line in lines) == ALIKE_MAX + 1


def test_what_the_market_does_is_not_shown() -> None:
    lines = told([VendorSuspendedV1(vendor_id=uuid4(), reason="Away.")])

    assert not any("vendor" in line for line in lines)
