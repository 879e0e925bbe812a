"""The environment of a service process, read once, checked whole, and explained in one sentence if wrong."""

from typing import Annotated, Literal, Self

from pydantic import Field, FilePath, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from kpo_chassis.edge import REQUEST_TIMEOUT_SECONDS

ENV_PREFIX = "KPO_"
CURSOR_KEY_CHARS_MIN = 16
HTTP_PORT = 8_000
DURATION_MIN_SECONDS = 3_600
TRACED_SHARE = 1.0

Secret = Field(repr=False, min_length=1)


class SettingsError(Exception):
    """The environment lacks something or says something impossible; the sentence names each variable."""


class Settings(BaseSettings):
    """What every service is told by its environment; a service adds its own knobs in a subclass.

    A field `mongo_url` is the variable KPO_MONGO_URL. An empty variable counts as not set.
    """

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    mongo_url: Annotated[str, Secret, Field(description="MongoDB with the service's user and password")]
    mongo_database: Annotated[str, Field(min_length=1, description="the service's database")]
    mongo_admin_url: Annotated[
        str | None, Field(repr=False, description="MongoDB with a user who may create users; only init")
    ] = None
    kafka_bootstrap: Annotated[str, Field(min_length=1, description="host:port of one or more brokers")]
    kafka_security_protocol: Annotated[
        Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"],
        Field(description="whether the broker is reached with TLS and a password"),
    ] = "PLAINTEXT"
    kafka_sasl_mechanism: Annotated[
        Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"], Field(description="how the password is shown")
    ] = "SCRAM-SHA-512"
    kafka_user: Annotated[str | None, Field(description="the service's user at the broker")] = None
    kafka_password: Annotated[str | None, Field(repr=False, description="the password of that user")] = None
    kafka_ca_file: Annotated[
        FilePath | None,
        Field(description="who signs the brokers' certificates, in PEM; else the system's list"),
    ] = None
    topic_replicas: Annotated[int, Field(ge=1, le=5, description="copies of a new topic; only init")] = 1
    http_host: Annotated[str, Field(description="the address to listen on")] = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65_535, description="the port to listen on")] = HTTP_PORT
    auth_issuer: Annotated[str, Field(min_length=1, description="the iss of access tokens")]
    auth_audience: Annotated[str, Field(min_length=1, description="the aud of access tokens")]
    auth_jwks: Annotated[str, Field(min_length=1, description="file or URL of the issuer's public keys")]
    cursor_key: Annotated[
        str,
        Secret,
        Field(min_length=CURSOR_KEY_CHARS_MIN, description="the secret that signs cursors of lists"),
    ]
    otlp_endpoint: Annotated[
        str | None, Field(pattern=r"^https?://", description="OTLP/HTTP collector, without a path")
    ] = None
    traced_share: Annotated[float, Field(ge=0, le=1, description="part of new traces to record")] = (
        TRACED_SHARE
    )
    duration_min_seconds: Annotated[
        int, Field(ge=1, description="the shortest duration that a request may ask for")
    ] = DURATION_MIN_SECONDS
    request_timeout_seconds: Annotated[
        float, Field(gt=0, le=300, description="how long a request may take")
    ] = REQUEST_TIMEOUT_SECONDS
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], Field(description="the least severe lines to log")
    ] = "INFO"

    @model_validator(mode="after")
    def _check_kafka(self) -> Self:
        if self.kafka_security_protocol.startswith("SASL_") and not (self.kafka_user and self.kafka_password):
            raise ValueError("SASL needs KPO_KAFKA_USER and KPO_KAFKA_PASSWORD")
        return self

    @classmethod
    def load(cls) -> Self:
        """Read the environment; SettingsError names every variable that is missing or wrong."""
        try:
            return cls.model_validate({})  # The values come from the environment, not from the argument.
        except ValidationError as error:
            wrong = [cls._sentence(found["loc"], found["msg"]) for found in error.errors()]
            raise SettingsError(f"The environment is not complete: {'; '.join(wrong)}.") from None

    @classmethod
    def _sentence(cls, place: tuple[int | str, ...], rule: str) -> str:
        if not place:
            return rule.removeprefix("Value error, ")
        name = str(place[0])
        meaning = cls.model_fields[name].description
        return f"{ENV_PREFIX}{name.upper()} ({meaning}): {rule[:1].lower()}{rule[1:]}"
