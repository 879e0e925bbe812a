"""The catalogue: every event has a legal name, one topic, a sample, a schema and its consumers."""

import re
from collections.abc import Iterator
from types import ModuleType
from uuid import UUID

import pytest

from kpo_events import billing, challenges, delivery, intake, matching
from kpo_events.catalogue import CATALOGUE, CONSUMERS, TOPICS, Event, make_event
from kpo_events.payload import Payload, Stage

from .factories import CAUSE_ID, NOW, a_client, a_payload, an_event, an_origin
from .story import CLIENT_ID, ENGAGEMENT_ID, MATCH_ID, PAYOUT_ID

MODULES = (intake, matching, delivery, challenges, billing)
SERVICES = {"intake", "matching", "delivery", "billing"}
GRAMMAR = re.compile(r"(intake|matching|delivery|billing)\.[a-z]+\.[a-z]+(_[a-z]+)*\.v[1-9][0-9]*")


def models_of(module: ModuleType) -> Iterator[type[Payload]]:
    for name, value in vars(module).items():
        if re.fullmatch(r"\w+V[0-9]+", name) and issubclass(value, Payload):
            yield value


def test_every_model_is_in_the_catalogue() -> None:
    written = {model for module in MODULES for model in models_of(module)}

    assert {entry.model for entry in CATALOGUE.values()} == written


@pytest.mark.parametrize("event_type", CATALOGUE)
def test_a_name_says_service_aggregate_what_happened_and_version(event_type: str) -> None:
    assert GRAMMAR.fullmatch(event_type)


NAMES = {
    "intake": {"kpo_events.intake"},
    "matching": {"kpo_events.matching"},
    "delivery": {"kpo_events.delivery", "kpo_events.challenges"},
    "billing": {"kpo_events.billing"},
}
"""Where the models of a producer are."""


@pytest.mark.parametrize("event_type", CATALOGUE)
def test_a_model_carries_the_major_version_of_its_name(event_type: str) -> None:
    model = CATALOGUE[event_type].model

    assert model.__name__.endswith(f"V{event_type.rpartition('.v')[2]}")
    assert model.__module__ in NAMES[CATALOGUE[event_type].producer]


def test_topics_are_those_of_the_events_and_no_others() -> None:
    assert set(TOPICS) == {entry.topic for entry in CATALOGUE.values()} == set(CONSUMERS)


@pytest.mark.parametrize("topic", TOPICS)
def test_producer_and_consumers_of_a_topic_are_services(topic: str) -> None:
    assert {TOPICS[topic].producer} | TOPICS[topic].consumers <= SERVICES


def test_only_the_timeline_consumes_what_its_own_service_wrote() -> None:
    own = [topic.name for topic in TOPICS.values() if topic.producer in topic.consumers]

    assert own == ["intake.engagement"]


def test_what_concerns_one_vendor_is_public_and_names_the_vendor() -> None:
    public = {entry.type for entry in CATALOGUE.values() if entry.public}

    delivered = {
        event_type
        for event_type in CATALOGUE
        if event_type.startswith(("delivery.workorder.", "delivery.entry.", "matching.invitation."))
    }
    assert public == delivered | {"billing.escrow.released.v1"}
    assert all("vendor_id" in CATALOGUE[event_type].model.model_fields for event_type in public)


def test_every_event_that_moves_the_current_step_says_who_must_act() -> None:
    held = [entry for entry in CATALOGUE.values() if entry.stage is not None]

    assert all("waiting_on" in entry.model.model_fields for entry in held)
    assert {entry.stage for entry in held} == set(Stage)


def test_an_event_names_everything_about_itself() -> None:
    event = make_event(a_client(), an_origin(), subject=UUID(CLIENT_ID), seq=7, time=NOW)

    assert event.topic == Event.topic_of(event.type) == "intake.client"
    assert (event.subject, event.seq, event.time) == (UUID(CLIENT_ID), 7, NOW)
    assert (event.actor, event.tenant_id) == (an_origin().actor, UUID(CLIENT_ID))
    assert (event.causation_id, event.traceparent) == (CAUSE_ID, an_origin().traceparent)
    assert event.id.int >> 80 == round(NOW.timestamp() * 1000)


def test_an_engagements_event_is_correlated_by_the_engagement() -> None:
    payload = a_payload("matching.match.withdrawn.v1")

    event = an_event(payload, origin=an_origin(correlation_id=UUID(PAYOUT_ID)), subject=UUID(MATCH_ID))

    assert event.correlation_id == UUID(ENGAGEMENT_ID)


def test_a_payout_of_an_engagement_is_correlated_by_it() -> None:
    event = an_event(a_payload("billing.payout.sent.v1"), origin=an_origin(correlation_id=None))

    assert event.correlation_id == UUID(ENGAGEMENT_ID)


def test_other_events_continue_the_chain_of_their_cause() -> None:
    event = an_event(a_client(), origin=an_origin(correlation_id=UUID(ENGAGEMENT_ID)))

    assert event.correlation_id == UUID(ENGAGEMENT_ID)


def test_an_event_without_a_cause_begins_a_chain() -> None:
    event = an_event(a_client(), origin=an_origin(correlation_id=None), subject=UUID(CLIENT_ID))

    assert event.correlation_id == UUID(CLIENT_ID)


def test_narrowing_gives_the_same_event() -> None:
    event = an_event(a_client())

    assert event.narrow(intake.ClientRegisteredV1) is event


def test_narrowing_to_another_model_is_a_programmers_error() -> None:
    event = an_event(a_client())

    with pytest.raises(AssertionError, match="not EngagementClosedV1"):
        event.narrow(intake.EngagementClosedV1)
