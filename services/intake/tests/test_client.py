"""Who may hand out work: registered clients."""

import pytest

from kpo_intake.domain.client import ClientRegistered, register
from kpo_intake.domain.errors import ClientExistsError

from .factories import CLIENT_ID, a_client


def test_registering_a_client_announces_it() -> None:
    decision = register(None, a_client())

    assert decision.state == a_client()
    assert decision.facts == (ClientRegistered(a_client()),)


def test_registering_a_client_twice_is_refused() -> None:
    with pytest.raises(ClientExistsError):
        register(a_client(), a_client(name="Somebody else"))


def test_a_client_is_known_to_its_own_people() -> None:
    assert a_client().parties == {CLIENT_ID}
