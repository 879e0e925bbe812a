"""Signatures that others check with a published key."""

import json

import pytest
from joserfc.jwk import ECKey, OKPKey

from kpo_chassis.signing import Signer, opened, public_keys

KEY = OKPKey.generate_key("Ed25519")


def a_signer(key: OKPKey = KEY) -> Signer:
    return Signer.of(json.dumps(key.as_dict(private=True)))


def jwks(*signers: Signer) -> str:
    return json.dumps({"keys": [signer.public_keys[0] for signer in signers]})


def test_whoever_has_the_published_key_can_check_what_was_signed() -> None:
    other, signer = a_signer(OKPKey.generate_key("Ed25519")), a_signer()

    told = opened(signer.sign("kpo-receipt+jwt", {"b": 1, "a": "ä"}), jwks(other, signer), "kpo-receipt+jwt")

    assert told == {"a": "ä", "b": 1}


def test_the_same_words_get_the_same_signature_again() -> None:
    assert a_signer().sign("t", {"a": 1, "b": 2}) == a_signer().sign("t", {"b": 2, "a": 1})


def test_a_signature_of_another_key_does_not_hold() -> None:
    signer, other = a_signer(), a_signer(OKPKey.generate_key("Ed25519"))
    header, payload, _ = signer.sign("t", {"a": 1}).split(".")
    signature = other.sign("t", {"a": 1}).rpartition(".")[2]

    with pytest.raises(ValueError, match="does not hold"):
        opened(f"{header}.{payload}.{signature}", jwks(signer), "t")


def test_a_signature_for_another_purpose_does_not_hold() -> None:
    signer = a_signer()

    with pytest.raises(ValueError, match="is no kpo-receipt"):
        opened(signer.sign("other+jwt", {"a": 1}), jwks(signer), "kpo-receipt+jwt")


@pytest.mark.parametrize("keys", ["no json", "[]", "{}", json.dumps({"keys": []})])
def test_without_the_key_nothing_holds(keys: str) -> None:
    with pytest.raises(ValueError, match="does not hold"):
        opened(a_signer().sign("t", {"a": 1}), keys, "t")


def test_the_published_key_holds_no_secret() -> None:
    assert "d" not in a_signer().public_keys[0]


def test_what_a_former_key_has_signed_still_holds() -> None:
    former = a_signer(OKPKey.generate_key("Ed25519"))
    signer = Signer.of(json.dumps(KEY.as_dict(private=True)), jwks(former))

    keys = json.dumps({"keys": signer.public_keys})

    assert opened(former.sign("t", {"a": 1}), keys, "t") == opened(signer.sign("t", {"a": 1}), keys, "t")


def test_a_former_key_that_was_given_whole_is_published_without_its_secret() -> None:
    (published,) = public_keys(json.dumps({"keys": [KEY.as_dict(private=True)]}))

    assert published == a_signer().public_keys[0]


@pytest.mark.parametrize("told", ["no json", "[]", '{"keys": 1}', '{"keys": [{"kty": "RSA"}]}'])
def test_what_is_no_set_of_keys_is_refused_with_a_sentence(told: str) -> None:
    with pytest.raises(ValueError, match="should be a JSON Web Key"):
        public_keys(told)


@pytest.mark.parametrize(
    ("jwk", "sentence"),
    [
        ("no json", "JSON Web Key"),
        ("[]", "JSON Web Key"),
        (json.dumps(ECKey.generate_key("P-256").as_dict(private=True)), "JSON Web Key"),
        (json.dumps(OKPKey.generate_key("X25519").as_dict(private=True)), "an Ed25519 key"),
        (json.dumps(KEY.as_dict(private=False)), "private Ed25519 key"),
    ],
    ids=["no JSON", "no object", "another kind", "another curve", "a public key"],
)
def test_what_is_no_signing_key_is_refused_with_a_sentence(jwk: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Signer.of(jwk)
