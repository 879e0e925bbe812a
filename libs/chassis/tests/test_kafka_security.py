"""A broker that wants TLS and a password is reached by producers, consumers and init, and by nobody else."""

import ssl
from collections.abc import Iterator, Mapping
from dataclasses import replace
from uuid import uuid4

import pytest

from kpo_chassis.kafka import IN_THE_CLEAR, KafkaBroker, KafkaSecurity
from kpo_chassis.kernel import TransientError

from .bench import SOURCE, a_record, reader
from .secured_kafka import PASSWORD, USER, Secured, secured_kafka


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    with secured_kafka(tmp_path_factory.mktemp("secured")) as running:
        yield running


def security_at(secured: Secured) -> KafkaSecurity:
    return KafkaSecurity("SASL_SSL", "PLAIN", USER, PASSWORD, secured.ca_file)


def test_a_broker_in_the_clear_is_told_no_secrets() -> None:
    assert IN_THE_CLEAR.options() == {"security_protocol": "PLAINTEXT"}


def test_tls_checks_the_certificate_and_the_name_on_it() -> None:
    context = KafkaSecurity("SSL").options()["ssl_context"]

    assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)


@pytest.mark.parametrize("protocol", ["SASL_PLAINTEXT", "SASL_SSL"])
def test_a_password_is_shown_by_the_mechanism_that_was_named(protocol: str) -> None:
    options = KafkaSecurity(protocol, "SCRAM-SHA-256", USER, PASSWORD).options()

    assert without_tls(options) == {
        "security_protocol": protocol,
        "sasl_mechanism": "SCRAM-SHA-256",
        "sasl_plain_username": USER,
        "sasl_plain_password": PASSWORD,
    }


def without_tls(options: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in options.items() if name != "ssl_context"}


def test_a_password_is_not_printed() -> None:
    assert PASSWORD not in repr(KafkaSecurity("SASL_SSL", "PLAIN", USER, PASSWORD))


@pytest.mark.real
async def test_topics_producers_and_consumers_work_over_tls_with_a_password(secured: Secured) -> None:
    broker, client = KafkaBroker(secured.bootstrap, "secured", security_at(secured)), uuid4()

    await broker.create_topics([SOURCE], 1, 1)
    producer = await broker.producer()
    await producer.send([a_record(client, 1)])
    await producer.close()

    async with reader(broker, SOURCE, {}) as (consumer, _):
        records = await consumer.poll()
        while not records:
            records = await consumer.poll()
    assert [(record.key, record.seq) for record in records] == [(str(client), 1)]


@pytest.mark.real
@pytest.mark.parametrize("wrong", ["password", "authority", "protocol"])
async def test_who_shows_or_trusts_the_wrong_thing_does_not_get_in(secured: Secured, wrong: str) -> None:
    right = security_at(secured)
    security = {
        "password": replace(right, password="another"),
        "authority": replace(right, ca_file=None),
        "protocol": replace(right, protocol="SASL_PLAINTEXT"),
    }[wrong]
    broker = KafkaBroker(secured.bootstrap, "stranger", security)

    with pytest.raises(TransientError):
        await broker.producer()
    with pytest.raises(TransientError):
        await broker.create_topics([SOURCE], 1, 1)
