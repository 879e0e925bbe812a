"""References survive what people do to them, and nothing else looks like one."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kpo_billing.domain.reference import Purpose, purpose_of, reference, references_in

ESCROW_ID = UUID("7b0d9c0e-51f4-5a3e-9d4e-2f8d7f6a1b2c")
WRITTEN = reference(Purpose.ESCROW, ESCROW_ID)


def test_a_reference_is_short_and_starts_with_its_purpose() -> None:
    assert len(WRITTEN) == len("KPO-ABCD-EFGH-JKLM-42")
    assert purpose_of(WRITTEN) is Purpose.ESCROW


@pytest.mark.parametrize(
    "typed",
    [
        WRITTEN,
        WRITTEN.lower(),
        WRITTEN.replace("-", ""),
        WRITTEN.replace("-", " "),
        f"Invoice 4711 / {WRITTEN} / thank you",
        f"{WRITTEN[:9]}\n{WRITTEN[9:]}",
        f"{WRITTEN} {WRITTEN}",
    ],
)
def test_a_reference_is_found_however_it_was_typed(typed: str) -> None:
    assert references_in(typed) == (WRITTEN,)


def test_several_references_are_all_found() -> None:
    other = reference(Purpose.PAYOUT, ESCROW_ID)

    assert set(references_in(f"{WRITTEN} and {other}")) == {WRITTEN, other}


@pytest.mark.parametrize("text", ["", "KPO", "rent for March", "KPO-ABCD-EFGH-JKLM", "€" * 140])
def test_other_texts_hold_no_reference(text: str) -> None:
    assert references_in(text) == ()


@given(some.uuids(), some.sampled_from(Purpose))
def test_every_id_has_a_reference_that_is_found_again(of: UUID, purpose: Purpose) -> None:
    written = reference(purpose, of)

    assert references_in(written) == (written,)


@given(some.uuids(), some.integers(0, 11), some.sampled_from("ABCDEFGHJKLMNPQRSTUVWXYZ"))
def test_one_wrong_letter_is_noticed(of: UUID, position: int, letter: str) -> None:
    letters = reference(Purpose.ESCROW, of).replace("-", "")
    place = len("KPO") + position
    mistyped = f"{letters[:place]}{letter}{letters[place + 1 :]}"

    assert mistyped == letters or references_in(mistyped) == ()
