"""What only delivery is told by its environment: its policy about late work, and its keys."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from kpo_chassis.settings import Secret, Settings
from kpo_chassis.signing import NO_KEYS, Signer, public_keys
from kpo_delivery.domain.judging import GIVE_UP_AFTER as JUDGING_GIVEN_UP_AFTER
from kpo_delivery.domain.judging import JudgingPolicy
from kpo_delivery.domain.milestone import GIVE_UP_AFTER, RETURNS_MAX, Policy

RETURNS_BOUND = 20
BLIND_KEY_CHARS_MIN = 16
SECOND = timedelta(seconds=1)


def _signing_key(jwk: str) -> str:
    Signer.of(jwk)
    return jwk


def _key_set(jwks: str) -> str:
    public_keys(jwks)
    return jwks


class DeliverySettings(Settings):
    """The platform's policy; what the contract fixes is in the contract."""

    returns_max: Annotated[
        int,
        Field(ge=0, le=RETURNS_BOUND, description="how often a client may send one milestone back"),
    ] = RETURNS_MAX
    give_up_after_seconds: Annotated[
        int, Field(ge=1, description="how long an overdue delivery is waited for")
    ] = GIVE_UP_AFTER // SECOND

    judging_given_up_after_seconds: Annotated[
        int, Field(ge=1, description="how long a late panel is waited for, once spare judges were called")
    ] = JUDGING_GIVEN_UP_AFTER // SECOND
    blind_key: Annotated[
        str,
        Secret,
        Field(
            min_length=BLIND_KEY_CHARS_MIN,
            description="the secret that blind codes of submissions are made with",
        ),
    ]

    receipt_key: Annotated[
        str,
        Secret,
        AfterValidator(_signing_key),
        Field(description="the private Ed25519 key (JWK) that receipts of submissions are signed with"),
    ]

    former_receipt_keys: Annotated[
        str,
        AfterValidator(_key_set),
        Field(description="public keys (JWK Set) of receipts that people still hold from before a rotation"),
    ] = NO_KEYS

    @property
    def signer(self) -> Signer:
        return Signer.of(self.receipt_key, self.former_receipt_keys)

    @property
    def judging_policy(self) -> JudgingPolicy:
        return JudgingPolicy(self.judging_given_up_after_seconds * SECOND)

    @property
    def policy(self) -> Policy:
        return Policy(self.returns_max, self.give_up_after_seconds * SECOND)
