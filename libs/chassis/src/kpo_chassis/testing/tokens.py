"""An issuer in memory: tests get tokens that the real verifier believes, for a key that nobody keeps."""

import json
import time
import warnings
from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, Key, KeySet

from kpo_chassis.auth import Verifier
from kpo_chassis.keys import Keys

ISSUER = "https://issuer.test"
AUDIENCE = "kpo"
LIFETIME_SECONDS = 600


@dataclass(frozen=True)
class Issuer:
    """Signs access tokens as the real issuer does."""

    key: Key = field(default_factory=lambda: ECKey.generate_key("P-256", auto_kid=True))
    algorithm: str = "ES256"

    def token(
        self,
        *,
        tenant: UUID | None = None,
        person: UUID | None = None,
        scopes: Collection[str] = (),
        header: dict[str, str] | None = None,
        claims: dict[str, object] | None = None,
    ) -> str:
        """Sign a token; `header` and `claims` override what an honest issuer writes (None removes)."""
        now = int(time.time())
        told: dict[str, object] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(person or uuid4()),
            "tenant": str(tenant or uuid4()),
            "scope": " ".join(scopes),
            "iat": now,
            "exp": now + LIFETIME_SECONDS,
        }
        told = {name: value for name, value in (told | (claims or {})).items() if value is not None}
        signed = {"alg": self.algorithm, "kid": self.key.kid or "", "typ": "at+jwt"} | (header or {})
        with warnings.catch_warnings():
            # RFC 9864 renames EdDSA to Ed25519; the old name is what issuers still write.
            warnings.simplefilter("ignore", SecurityWarning)
            return jwt.encode(signed, told, self.key, algorithms=[signed["alg"]])

    def headers(
        self, *, tenant: UUID | None = None, person: UUID | None = None, scopes: Collection[str] = ()
    ) -> dict[str, str]:
        """Give the request header that carries a token."""
        return {"Authorization": f"Bearer {self.token(tenant=tenant, person=person, scopes=scopes)}"}

    async def jwks(self) -> bytes:
        """Publish the public key as a JSON Web Key Set."""
        return json.dumps(KeySet([self.key]).as_dict(private=False)).encode()

    def verifier(self) -> Verifier:
        return Verifier(Keys(self.jwks), ISSUER, AUDIENCE)
