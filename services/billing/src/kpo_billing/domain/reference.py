"""References that people type into bank forms: derived from an id, and safe against typing errors."""

import re
from enum import StrEnum
from uuid import UUID

_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Letters only, without I and O, which look like digits."""

LETTERS = 12
"""24^12 references: with a million in use, two are the same once in seventy thousand worlds."""

_CHECK_MODULUS = 97
_CHECK_DIGITS = 100
_A_AS_NUMBER = 10

_TYPED = re.compile(rf"(?=(KP[OPR])([{_ALPHABET}]{{{LETTERS}}})([0-9]{{2}}))")
_NOISE = re.compile(r"[^A-Z0-9]")


class Purpose(StrEnum):
    """What a reference asks the bank's line to do; the value is its prefix."""

    ESCROW = "KPO"
    PAYOUT = "KPP"
    RETURN = "KPR"


def reference(purpose: Purpose, of: UUID) -> str:
    """Derive a reference such as KPO-NDDX-HAJB-EKNX-54 from an id."""
    number, letters = of.int, ""
    for _ in range(LETTERS):
        number, index = divmod(number, len(_ALPHABET))
        letters += _ALPHABET[index]
    return _written(purpose, letters, _check(purpose + letters))


def references_in(text: str) -> tuple[str, ...]:
    """Find every valid reference in a remittance text, however it was spaced, broken or capitalised."""
    found = _TYPED.findall(_NOISE.sub("", text.upper()))
    return tuple(
        sorted({_written(p, letters, check) for p, letters, check in found if _check(p + letters) == check})
    )


def purpose_of(written: str) -> Purpose:
    return Purpose(written.partition("-")[0])


def _written(purpose: str, letters: str, check: str) -> str:
    groups = [letters[start : start + 4] for start in range(0, LETTERS, 4)]
    return "-".join((purpose, *groups, check))


def _check(text: str) -> str:
    """Compute two check digits by ISO 7064 MOD 97-10, as account numbers (IBAN) have them.

    Every single wrong letter and nearly every swap of two is noticed.
    """
    digits = "".join(str(ord(letter) - ord("A") + _A_AS_NUMBER) for letter in text)
    remainder = int(digits) * _CHECK_DIGITS % _CHECK_MODULUS
    return f"{_CHECK_MODULUS + 1 - remainder:02d}"
