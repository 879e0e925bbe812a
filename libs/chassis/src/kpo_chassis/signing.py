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

Payload = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with one key. Ed25519 is deterministic: the same words get the same signature each time.

    `key_id` is the key's thumbprint (RFC 7638), whoever made it and whatever they called it.
    """

    key: OKPKey = field(repr=False)
    key_id: str

    @classmethod
    def of(cls, jwk: str) -> Self:
        """Read a private key written as a JSON Web Key; ValueError with a sentence where it is none."""
        try:
            key = OKPKey.import_key(json.loads(jwk))
        except (JoseError, ValueError, TypeError, KeyError):
            raise ValueError("should be a JSON Web Key (RFC 8037)") from None
        if key.curve_name != CURVE or not key.is_private:
            raise ValueError(f"should be a private {CURVE} key")
        return cls(key, key.thumbprint())

    def sign(self, kind: str, payload: Mapping[str, JsonValue]) -> str:
        """Write a JWS of the media type `kind` over a JSON object with sorted names."""
        header = {"alg": ALGORITHM, "kid": self.key_id, "typ": kind}
        told = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        with _old_name():
            return jws.serialize_compact(header, told.encode(), self.key, algorithms=[ALGORITHM])

    def public_key(self) -> dict[str, str]:
        """Give what verifiers need, as a JSON Web Key."""
        public = self.key.as_dict(private=False)
        return {
            "kty": "OKP",
            "crv": CURVE,
            "x": str(public["x"]),
            "kid": self.key_id,
            "alg": ALGORITHM,
            "use": "sig",
        }


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


@contextmanager
def _old_name() -> Iterator[None]:
    """Say EdDSA, which RFC 9864 renames to Ed25519: verifiers know the old name, and it is not weaker."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        yield
