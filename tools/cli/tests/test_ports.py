"""Ports are chosen, remembered and insisted on."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from kpo_cli.stack import ports
from kpo_cli.stack.errors import StackError
from kpo_cli.stack.state import Home


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_port_where_somebody_listens_is_not_free(taken_port: int) -> None:
    assert not ports.is_free(taken_port)


def test_a_port_is_the_same_at_the_next_start(home: Home) -> None:
    first = home.port("kafka")

    assert Home.open(home.directory).port("kafka") == first


def test_a_remembered_port_that_is_taken_meanwhile_is_replaced(home: Home, taken_port: int) -> None:
    home.write("state.json", f'{{"ports": {{"kafka": {taken_port}}}}}')

    port = home.port("kafka")

    assert port != taken_port
    assert home.port("kafka") == port


def test_two_names_never_get_one_port(home: Home) -> None:
    chosen = [home.port(f"server-{number}") for number in range(50)]

    assert len(set(chosen)) == len(chosen)


def test_a_given_port_that_is_taken_is_refused_with_what_to_do(home: Home, taken_port: int) -> None:
    with pytest.raises(StackError, match=f"port {taken_port}, given for kafka, is taken; name another one"):
        home.port("kafka", given=taken_port)


def test_a_given_port_is_remembered(home: Home) -> None:
    given = ports.choose(())

    home.port("kafka", given=given)

    assert home.port("kafka") == given
