"""Issues access tokens for development, signed with a key that never leaves the checkout."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey, RSAKey

from kpo_cli.stack.state import Home

ISSUER: Final = "urn:kpo:local"
AUDIENCE: Final = "kpo"
ALGORITHM: Final = "RS256"
KEY_BITS: Final = 2048
LIFETIME_SECONDS: Final = 24 * 3600

PERSONAS: Final[Mapping[str, str]] = {
    "client": "clients:read clients:write engagements:read engagements:write matches:read matches:write "
    "workorders:read workorders:review challenges:read challenges:manage billing:read billing:fund",
    "vendor": "vendors:read vendors:write experts:read experts:write matches:read offers:answer "
    "workorders:read workorders:deliver challenges:read challenges:enter challenges:judge billing:read",
    "operator": "clients:read clients:write engagements:read engagements:write vendors:read vendors:write "
    "experts:read experts:write matches:read matches:write workorders:read challenges:read challenges:manage "
    "billing:read billing:fund billing:payout operator",
}
"""Who uses the system, with the scopes that each needs."""


def receipt_key(home: Home) -> str:
    """Return the private key that delivery signs receipts of submissions with; made at the first call."""
    path = home.directory / "receipt-key.json"
    if not path.exists():
        home.write(path.name, json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=True)))
    return path.read_text()


@dataclass(frozen=True, slots=True)
class Identity:
    """For whom a token speaks: a person who acts for one tenant, with scopes separated by spaces."""

    tenant: uuid.UUID
    person: uuid.UUID
    scope: str


class TokenIssuer:
    """Signs tokens with the key of one `.kpo/` folder; the services read the public half from `jwks_path`."""

    def __init__(self, home: Home, key: RSAKey) -> None:
        self._home = home
        self._key = key

    @classmethod
    def open(cls, home: Home) -> Self:
        """Read the key of the folder, or make it and write its public half beside it."""
        path = home.directory / "signing-key.json"
        if path.exists():
            return cls(home, RSAKey.import_key(json.loads(path.read_text())))
        issuer = cls(home, RSAKey.generate_key(KEY_BITS, {"use": "sig", "alg": ALGORITHM}, auto_kid=True))
        issuer._publish()
        home.write(path.name, json.dumps(issuer._key.as_dict(private=True)))
        return issuer

    @property
    def jwks_path(self) -> Path:
        return self._home.directory / "jwks.json"

    def issue(self, identity: Identity, lifetime_seconds: int = LIFETIME_SECONDS) -> str:
        """Return a signed access token in the form of RFC 9068."""
        now = int(time.time())
        header = {"alg": ALGORITHM, "typ": "at+jwt", "kid": self._key.kid}
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(identity.person),
            "tenant": str(identity.tenant),
            "scope": identity.scope,
            "iat": now,
            "exp": now + lifetime_seconds,
            "jti": str(uuid.uuid4()),
        }
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])

    def persona(self, name: str) -> Identity:
        """Return one of the people of this folder; their ids are made once and stay."""
        tenant = self._home.identifier(f"{name}-tenant")
        return Identity(tenant, self._home.identifier(f"{name}-person"), PERSONAS[name])

    def _publish(self) -> None:
        keys = KeySet([self._key]).as_dict(private=False)
        self._home.write(self.jwks_path.name, json.dumps(keys, indent=1))
