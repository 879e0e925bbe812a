"""Whom we believe: every way in which a token can be wrong, and how keys are fetched."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import httpx2
import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from kpo_chassis.auth import TOKEN_CHARS_MAX, Verifier
from kpo_chassis.kernel import PUBLIC, TransientError
from kpo_chassis.keys import COOLDOWN_SECONDS, JWKS_BYTES_MAX, REFRESH_SECONDS, Keys, keys_at
from kpo_chassis.problem import HttpProblem
from kpo_chassis.testing.tokens import AUDIENCE, ISSUER, LIFETIME_SECONDS, Issuer

PERSON, TENANT = UUID(int=1), UUID(int=2)


@dataclass
class Clock:
    """Seconds that a test moves."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Publication:
    """What an issuer publishes, counted; None while it is away."""

    issuer: Issuer | None
    reads: int = 0
    clock: Clock = field(default_factory=Clock)

    async def fetch(self) -> bytes:
        self.reads += 1
        await asyncio.sleep(0)
        if self.issuer is None:
            raise httpx2.ConnectError("the issuer is away")
        return await self.issuer.jwks()

    def keys(self) -> Keys:
        return Keys(self.fetch, now_seconds=self.clock)


async def refusal_of(issuer: Issuer, token: str) -> str:
    with pytest.raises(HttpProblem) as refused:
        await issuer.verifier().caller(token)
    assert refused.value.status_code == 401
    assert refused.value.headers is not None
    assert refused.value.headers["WWW-Authenticate"].startswith('Bearer realm="kpo"')
    return str(refused.value.detail)


@pytest.mark.parametrize(
    ("make", "algorithm"),
    [
        (lambda: RSAKey.generate_key(2048, auto_kid=True), "RS256"),
        (lambda: ECKey.generate_key("P-256", auto_kid=True), "ES256"),
        (lambda: OKPKey.generate_key("Ed25519", auto_kid=True), "EdDSA"),
    ],
)
async def test_a_token_names_person_tenant_and_scopes(
    make: Callable[[], RSAKey | ECKey | OKPKey], algorithm: str
) -> None:
    issuer = Issuer(make(), algorithm)
    token = issuer.token(person=PERSON, tenant=TENANT, scopes=["a:read", "a:write"])

    caller = await issuer.verifier().caller(token)

    assert caller.person == PERSON
    assert caller.tenant == TENANT
    assert caller.scopes == {"a:read", "a:write"}


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({"exp": 1}, "expired"),
        ({"exp": None}, "does not hold"),
        ({"nbf": 4_000_000_000}, "does not hold"),
        ({"iss": "https://evil.test"}, "does not hold"),
        ({"iss": None}, "does not hold"),
        ({"aud": "billing-portal"}, "does not hold"),
        ({"aud": None}, "does not hold"),
        ({"sub": None}, "does not hold"),
        ({"sub": "root"}, "person (sub) and a tenant"),
        ({"tenant": None}, "person (sub) and a tenant"),
        ({"tenant": 7}, "person (sub) and a tenant"),
        ({"tenant": str(PUBLIC)}, "must be an organisation"),
        ({"scope": ["a:read"]}, "one text"),
    ],
)
async def test_a_claim_that_is_wrong_is_refused(claims: dict[str, object], sentence: str) -> None:
    issuer = Issuer()

    assert sentence in await refusal_of(issuer, issuer.token(claims=claims))


@pytest.mark.parametrize("exp", ["4000000000", 1e400, True, [1]])
async def test_an_expiry_that_is_no_number_is_refused(exp: object) -> None:
    issuer = Issuer()

    assert await refusal_of(issuer, issuer.token(claims={"exp": exp}))


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ({"typ": "JWT"}, "at+jwt"),
        ({"kid": "nobody"}, "does not publish"),
    ],
)
async def test_a_header_that_is_wrong_is_refused(header: dict[str, str], sentence: str) -> None:
    issuer = Issuer()

    assert sentence in await refusal_of(issuer, issuer.token(header=header))


async def test_the_long_form_of_the_type_is_taken() -> None:
    issuer = Issuer()

    assert await issuer.verifier().caller(issuer.token(header={"typ": "application/at+jwt"}))


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "...", "é.è.ê", "x" * (TOKEN_CHARS_MAX + 1)])
async def test_what_is_no_token_is_refused(token: str) -> None:
    assert await refusal_of(Issuer(), token)


async def test_a_token_of_another_key_with_the_same_id_is_refused() -> None:
    issuer = Issuer()
    forger = Issuer(ECKey.generate_key("P-256", {"kid": issuer.key.kid or ""}))

    assert "does not hold" in await refusal_of(issuer, forger.token())


async def test_the_public_key_is_no_secret_to_sign_with() -> None:
    issuer = Issuer()
    head, body, _ = issuer.token().split(".")
    unsigned = head.replace(head, "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0") + f".{body}."

    assert "signed with one of" in await refusal_of(issuer, unsigned)


async def test_a_seen_token_is_not_verified_twice_but_expires() -> None:
    publication, clock = Publication(Issuer()), Clock()
    assert publication.issuer
    verifier = Verifier(publication.keys(), ISSUER, AUDIENCE, now_seconds=clock)
    clock.seconds = 1_000
    token = publication.issuer.token(claims={"exp": 1_000 + LIFETIME_SECONDS, "iat": 1_000})
    await verifier.caller(token)
    publication.issuer = None
    publication.clock.seconds += REFRESH_SECONDS

    assert await verifier.caller(token)
    assert publication.reads == 1

    clock.seconds += LIFETIME_SECONDS + 60
    with pytest.raises(HttpProblem):
        await verifier.caller(token)


async def test_remembered_tokens_are_bounded() -> None:
    issuer = Issuer()
    verifier = Verifier(Keys(issuer.jwks), ISSUER, AUDIENCE, remembered_max=3)

    for _ in range(5):
        await verifier.caller(issuer.token())

    assert len(verifier._seen) == 3  # noqa: SLF001 - the bound is the promise.


async def test_keys_are_read_once_for_many_requests() -> None:
    publication = Publication(Issuer())
    keys, key_id = publication.keys(), publication.issuer.key.kid if publication.issuer else ""

    found = await asyncio.gather(*(keys.find(key_id or "") for _ in range(20)))

    assert all(found)
    assert publication.reads == 1


async def test_an_unknown_key_is_looked_for_once_per_cooldown() -> None:
    publication = Publication(Issuer())
    keys = publication.keys()
    await keys.find("known")

    for _ in range(10):
        assert await keys.find("made up") is None
    assert publication.reads == 1

    publication.clock.seconds += COOLDOWN_SECONDS
    await keys.find("made up")
    assert publication.reads == 2


async def test_a_new_key_of_the_issuer_is_found() -> None:
    publication = Publication(Issuer())
    keys = publication.keys()
    await keys.find("x")
    publication.issuer = Issuer()
    publication.clock.seconds += COOLDOWN_SECONDS

    assert await keys.find(publication.issuer.key.kid or "")


async def test_keys_outlive_an_issuer_that_is_away() -> None:
    publication = Publication(Issuer())
    keys, key_id = publication.keys(), publication.issuer.key.kid if publication.issuer else None
    await keys.find(key_id or "")
    publication.issuer = None
    publication.clock.seconds += 10 * REFRESH_SECONDS

    assert await keys.find(key_id or "")


async def test_an_issuer_that_is_away_is_not_asked_for_each_request() -> None:
    publication = Publication(Issuer())
    keys, key_id = publication.keys(), publication.issuer.key.kid if publication.issuer else None
    await keys.find(key_id or "")
    publication.issuer = None
    publication.clock.seconds += REFRESH_SECONDS

    for _ in range(10):
        await keys.find(key_id or "")

    assert publication.reads == 2


async def test_without_any_keys_the_request_may_come_again() -> None:
    publication = Publication(None)

    with pytest.raises(TransientError):
        await publication.keys().find("any")


async def test_keys_come_from_a_file(tmp_path: Path) -> None:
    issuer = Issuer()
    path = tmp_path / "jwks.json"
    path.write_bytes(await issuer.jwks())

    assert await keys_at(str(path)).find(issuer.key.kid or "")


@pytest.mark.parametrize("content", [b"{}", b"[]", b"no json", b'{"keys": 1}', b" " * (JWKS_BYTES_MAX + 1)])
async def test_a_file_that_holds_no_keys_is_an_outage(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "jwks.json"
    path.write_bytes(content)

    with pytest.raises(TransientError):
        await keys_at(str(path)).find("any")


async def test_two_tenants_do_not_share_a_remembered_caller() -> None:
    issuer = Issuer()
    verifier = issuer.verifier()
    tenants = [uuid4(), uuid4()]

    callers = [await verifier.caller(issuer.token(tenant=tenant)) for tenant in tenants]

    assert [caller.tenant for caller in callers] == tenants
