"""The environment of a service: read, checked, explained."""

import pytest

from kpo_chassis.settings import Settings, SettingsError

COMPLETE = {
    "KPO_MONGO_URL": "mongodb://kpo_sample:secret-word@127.0.0.1:27017/?replicaSet=rs0",
    "KPO_MONGO_DATABASE": "kpo_sample",
    "KPO_KAFKA_BOOTSTRAP": "127.0.0.1:9092",
    "KPO_AUTH_ISSUER": "https://issuer.test",
    "KPO_AUTH_AUDIENCE": "kpo",
    "KPO_AUTH_JWKS": "/etc/kpo/jwks.json",
    "KPO_CURSOR_KEY": "sixteen characters or more",
}


class SampleSettings(Settings):
    """A service's own knob."""

    offers_max: int = 3


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)


def test_a_complete_environment_is_read_with_defaults() -> None:
    settings = SampleSettings.load()

    assert settings.mongo_database == "kpo_sample"
    assert settings.duration_min_seconds == 3_600
    assert settings.otlp_endpoint is None
    assert settings.offers_max == 3


def test_a_services_own_knob_comes_from_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPO_OFFERS_MAX", "5")

    assert SampleSettings.load().offers_max == 5


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPO_OTLP_ENDPOINT", "")

    assert Settings.load().otlp_endpoint is None


def test_every_missing_or_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KPO_MONGO_URL")
    monkeypatch.setenv("KPO_HTTP_PORT", "seventy")
    monkeypatch.setenv("KPO_CURSOR_KEY", "short")

    with pytest.raises(SettingsError) as refused:
        Settings.load()

    sentence = str(refused.value)
    assert "KPO_MONGO_URL (MongoDB with the service's user and password): field required" in sentence
    assert "KPO_HTTP_PORT" in sentence
    assert "KPO_CURSOR_KEY" in sentence
    assert "\n" not in sentence


def test_the_broker_is_reached_in_the_clear_unless_told_otherwise() -> None:
    settings = Settings.load()

    assert (settings.kafka_security_protocol, settings.kafka_user, settings.kafka_ca_file) == (
        "PLAINTEXT",
        None,
        None,
    )


def test_a_user_at_the_broker_needs_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPO_KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    monkeypatch.setenv("KPO_KAFKA_USER", "kpo_sample")

    with pytest.raises(SettingsError, match=r"complete: SASL needs KPO_KAFKA_USER and KPO_KAFKA_PASSWORD\."):
        Settings.load()

    monkeypatch.setenv("KPO_KAFKA_PASSWORD", "secret-word")
    assert Settings.load().kafka_password == "secret-word"
    assert "secret-word" not in repr(Settings.load())


def test_an_authority_that_is_no_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPO_KAFKA_CA_FILE", "/nowhere/ca.pem")

    with pytest.raises(SettingsError, match=r"KPO_KAFKA_CA_FILE .* path does not point to a file"):
        Settings.load()


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "secret-word" not in repr(Settings.load())

    monkeypatch.setenv("KPO_CURSOR_KEY", "geheim")
    with pytest.raises(SettingsError) as refused:
        Settings.load()
    assert "geheim" not in str(refused.value)
