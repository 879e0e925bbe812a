"""Development tokens have the form that the services check."""

from __future__ import annotations

import json
import time
import uuid

from joserfc import jwt
from joserfc.jwk import KeySet

from kpo_cli.stack.state import Home
from kpo_cli.tokens import Identity, TokenIssuer


def an_identity(*, scope: str = "engagements:read engagements:write") -> Identity:
    return Identity(tenant=uuid.uuid4(), person=uuid.uuid4(), scope=scope)


def decode(home: Home, token: str) -> jwt.Token:
    """Check the token as a service does: with nothing but the public keys."""
    keys = KeySet.import_key_set(json.loads((home.directory / "jwks.json").read_text()))
    return jwt.decode(token, keys, algorithms=["RS256"])


def test_a_token_says_who_acts_for_whom_with_which_scopes(home: Home) -> None:
    identity = an_identity()

    claims = decode(home, TokenIssuer.open(home).issue(identity, lifetime_seconds=60)).claims

    assert claims["sub"] == str(identity.person)
    assert claims["tenant"] == str(identity.tenant)
    assert claims["scope"] == "engagements:read engagements:write"
    assert (claims["iss"], claims["aud"]) == ("urn:kpo:local", "kpo")
    assert claims["exp"] - claims["iat"] == 60
    assert abs(claims["iat"] - time.time()) < 5


def test_a_token_names_its_kind_and_its_key(home: Home) -> None:
    header = decode(home, TokenIssuer.open(home).issue(an_identity())).header

    published = json.loads((home.directory / "jwks.json").read_text())["keys"]
    assert header["typ"] == "at+jwt"
    assert [header["kid"]] == [key["kid"] for key in published]


def test_two_tokens_never_have_one_id(home: Home) -> None:
    issuer, identity = TokenIssuer.open(home), an_identity()

    first, second = (decode(home, issuer.issue(identity)).claims["jti"] for _ in range(2))

    assert first != second


def test_the_published_key_is_not_the_private_one(home: Home) -> None:
    TokenIssuer.open(home)

    assert not {"d", "p", "q"} & json.loads((home.directory / "jwks.json").read_text())["keys"][0].keys()


def test_tokens_of_an_earlier_start_stay_valid(home: Home) -> None:
    token = TokenIssuer.open(home).issue(an_identity())

    TokenIssuer.open(Home.open(home.directory))

    decode(home, token)


def test_a_persona_stays_the_same_person(home: Home) -> None:
    first = TokenIssuer.open(home).persona("client")

    assert TokenIssuer.open(Home.open(home.directory)).persona("client") == first
