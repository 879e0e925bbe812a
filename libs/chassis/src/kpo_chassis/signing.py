"""What a service signs for people who check it elsewhere: compact JWS (RFC 7515) with an Ed25519 key."""

import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self

from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import KeySet, OKPKey
from pydantic import JsonValue

ALGORITHM = "EdDSA"
CURVE = "Ed25519"

KEYS_MAX = 20
"""How many keys a set may have."""

NO_KEYS = '{"keys": []}'
"""A JSON Web Key Set that has none."""

Payload = dict[str, JsonValue]
PublicKey = Mapping[str, str]
"""A JSON Web Key (RFC 8037), as verifiers need it."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with one key. Ed25519 is deterministic: the same words get the same signature each time.

    Keys are known by their thumbprint (RFC 7638), whoever made them and whatever they called them.
    `public_keys` are all that something may be signed with: the key of today, then former ones.
    """

    key: OKPKey = field(repr=False)
    public_keys: tuple[PublicKey, ...]

    @classmethod
    def of(cls, jwk: str, former_jwks: str = NO_KEYS) -> Self:
        """Read a private key written as a JSON Web Key, and a set of former public ones.

        ValueError with a sentence where it is none.
        """
        key = _imported(jwk)
        if not key.is_private:
            raise ValueError(f"should be a private {CURVE} key")
        return cls(key, (_public(key), *public_keys(former_jwks)))

    def sign(self, kind: str, payload: Mapping[str, JsonValue]) -> str:
        """Write a JWS of the media type `kind` over a JSON object with sorted names."""
        header = {"alg": ALGORITHM, "kid": self.public_keys[0]["kid"], "typ": kind}
        told = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        with _old_name():
            return jws.serialize_compact(header, told.encode(), self.key, algorithms=[ALGORITHM])


def public_keys(jwks: str) -> list[PublicKey]:
    """Read a JSON Web Key Set of Ed25519 keys; nothing private in it is given on.

    ValueError with a sentence where it is none.
    """
    try:
        keys = list(json.loads(jwks)["keys"])
    except (ValueError, TypeError, KeyError):
        raise ValueError("should be a JSON Web Key Set (RFC 7517)") from None
    if len(keys) > KEYS_MAX:
        raise ValueError(f"should have at most {KEYS_MAX} keys")
    return [_public(_imported(key)) for key in keys]


def opened(token: str, jwks: str, kind: str) -> Payload:
    """Give what was signed under a published key; ValueError with a sentence where the signature fails."""
    try:
        keys = KeySet.import_key_set(json.loads(jwks))
        with _old_name():
            signed = jws.deserialize_compact(token, keys, algorithms=[ALGORITHM])
        payload = json.loads(signed.payload)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"the signature does not hold: {error}") from None
    if signed.headers().get("typ") != kind or not isinstance(payload, dict):
        raise ValueError(f"what was signed is no {kind}")
    return payload


def _imported(jwk: str | PublicKey) -> OKPKey:
    try:
        key = OKPKey.import_key(json.loads(jwk) if isinstance(jwk, str) else dict(jwk))
    except (JoseError, ValueError, TypeError, KeyError):
        raise ValueError("should be a JSON Web Key (RFC 8037)") from None
    if key.curve_name != CURVE:
        raise ValueError(f"should be an {CURVE} key")
    return key


def _public(key: OKPKey) -> PublicKey:
    return {
        "kty": "OKP",
        "crv": CURVE,
        "x": str(key.as_dict(private=False)["x"]),
        "kid": key.thumbprint(),
        "alg": ALGORITHM,
        "use": "sig",
    }


@contextmanager
def _old_name() -> Iterator[None]:
    """Say EdDSA, which RFC 9864 renames to Ed25519: verifiers know the old name, and it is not weaker."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        yield
