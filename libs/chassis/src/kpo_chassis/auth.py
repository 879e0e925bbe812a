"""Who is asking: a signed access token (RFC 9068) becomes a `kernel.Caller`."""

import hashlib
import time
import warnings
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from uuid import UUID

from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError, SecurityWarning
from joserfc.jwk import Key
from joserfc.jwt import Claims, JWTClaimsRegistry

from kpo_chassis.kernel import PUBLIC, Caller, PersonId, TenantId
from kpo_chassis.keys import Keys
from kpo_chassis.problem import HttpProblem

ALGORITHMS = ("RS256", "ES256", "EdDSA")
TOKEN_TYPES = frozenset({"at+jwt", "application/at+jwt"})
TOKEN_CHARS_MAX = 8 * 1024
LEEWAY_SECONDS = 30
"""How far the clocks of issuer and service may differ."""
VERIFIED_TOKENS_MAX = 10_000


@dataclass(slots=True)
class Verifier:
    """Verifies tokens of one issuer for one audience, and remembers those it has seen until they expire."""

    keys: Keys
    issuer: str
    audience: str
    now_seconds: Callable[[], float] = time.time
    remembered_max: int = VERIFIED_TOKENS_MAX
    _seen: OrderedDict[bytes, tuple[float, Caller]] = field(default_factory=OrderedDict, init=False)

    async def caller(self, token: str) -> Caller:
        """Say who holds the token; HttpProblem 401 if it is not valid, TransientError without keys."""
        digest = hashlib.sha256(token.encode()).digest()
        seen = self._seen.get(digest)
        if seen and self.now_seconds() < seen[0]:
            self._seen.move_to_end(digest)
            return seen[1]
        expires_at_seconds, caller = await self._verify(token)
        self._seen[digest] = expires_at_seconds, caller
        if len(self._seen) > self.remembered_max:
            self._seen.popitem(last=False)
        return caller

    async def _verify(self, token: str) -> tuple[float, Caller]:
        if len(token) > TOKEN_CHARS_MAX:
            refuse(f"The token is longer than {TOKEN_CHARS_MAX} characters.")
        key = await self.keys.find(_key_id(token))
        if key is None:
            refuse("The token is signed with a key that its issuer does not publish.")
        claims = self._claims(token, key)
        return claims["exp"], _caller(claims)

    def _claims(self, token: str, key: Key) -> Claims:
        registry = JWTClaimsRegistry(
            now=lambda: int(self.now_seconds()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        try:
            claims = _decoded(token, key)
            registry.validate(claims)
        except ExpiredTokenError:
            refuse("The token has expired; get a new one.")
        except JoseError as error:
            refuse(f"The token does not hold ({error.error}).")
        return claims


def refuse(detail: str) -> NoReturn:
    """Answer 401 as RFC 6750 asks for it."""
    challenge = f'Bearer realm="kpo", error="invalid_token", error_description="{detail}"'
    raise HttpProblem(401, "token_invalid", detail, headers={"WWW-Authenticate": challenge})


def refuse_anonymous() -> NoReturn:
    detail = "Send an access token: Authorization: Bearer <token>."
    headers = {"WWW-Authenticate": 'Bearer realm="kpo"'}
    raise HttpProblem(401, "token_missing", detail, headers=headers)


def demand(caller: Caller, scopes: Mapping[str, object] | list[str]) -> None:
    """Let pass who holds all scopes; the 403 names those that are missing."""
    missing = [scope for scope in scopes if scope not in caller.scopes]
    if missing:
        named = " ".join(missing)
        detail = f"The token lacks the scope {named}; ask for one that has it."
        challenge = f'Bearer realm="kpo", error="insufficient_scope", scope="{named}"'
        raise HttpProblem(403, "scope_missing", detail, headers={"WWW-Authenticate": challenge})


def _key_id(token: str) -> str:
    """Read the header before the signature is checked: only to find the key, never to believe it."""
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError):
        refuse("The token is no signed JWT.")
    if header.get("alg") not in ALGORITHMS:
        refuse(f"The token must be signed with one of {', '.join(ALGORITHMS)}.")
    if str(header.get("typ", "")).lower() not in TOKEN_TYPES:
        refuse("The token is no access token: its typ must be at+jwt.")
    key_id = header.get("kid")
    if not isinstance(key_id, str):
        refuse("The token does not name its key: kid is missing.")
    return key_id


def _decoded(token: str, key: Key) -> Claims:
    with warnings.catch_warnings():
        # RFC 9864 renames EdDSA to Ed25519; issuers will use the old name for years, and it is not weaker.
        warnings.simplefilter("ignore", SecurityWarning)
        return jwt.decode(token, key, algorithms=ALGORITHMS).claims


def _caller(claims: Claims) -> Caller:
    scope = claims.get("scope", "")
    try:
        person, tenant = UUID(claims["sub"]), UUID(claims["tenant"])
    except (KeyError, ValueError, AttributeError, TypeError):
        refuse("The token must name a person (sub) and a tenant, both as UUIDs.")
    if tenant == PUBLIC:
        refuse("The token's tenant must be an organisation.")
    if not isinstance(scope, str):
        refuse("The token's scope must be one text with spaces between the scopes.")
    return Caller(PersonId(person), TenantId(tenant), frozenset(scope.split()))
