"""Money on the wire: a decimal string and an ISO 4217 currency, exact to the currency's minor unit."""

import re
from functools import cache
from typing import Annotated, Self

from iso4217 import Currency
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

MINOR_UNITS_MAX = 10**15
"""The largest amount on any wire, in minor units."""


_AMOUNT_SHAPE = r"^-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,4})?$"
"""What a schema can say of an amount; how many decimals it has depends on the currency."""


class UnknownCurrencyError(ValueError):
    """The code is not an active ISO 4217 currency with a minor unit."""


@cache
def minor_digits(currency: str) -> int:
    """Count the decimals of a currency by ISO 4217: EUR 2, JPY 0, KWD 3.

    Raises UnknownCurrencyError where the standard knows no such currency or gives it no minor unit.
    """
    try:
        digits = Currency(currency).exponent
    except ValueError:
        digits = None
    if digits is None:
        raise UnknownCurrencyError(
            f"{currency!r} is no ISO 4217 currency; use a code such as EUR, USD or JPY"
        )
    return int(digits)


@cache
def _exact_amount(currency: str) -> re.Pattern[str]:
    """Describe the one way to write an amount: no leading zero, no negative zero, all decimals."""
    digits = minor_digits(currency)
    decimals = rf"\.[0-9]{{{digits}}}" if digits else ""
    return re.compile(rf"(?!-[0.]+\Z)-?(0|[1-9][0-9]{{0,15}}){decimals}")


def written(minor: int, currency: str) -> str:
    """Write minor units in the decimals of their currency, however many there are: 125000 EUR as `1250.00`.

    Raises UnknownCurrencyError where the standard knows no such currency.
    """
    digits = minor_digits(currency)
    whole, rest = divmod(abs(minor), 10**digits)
    sign, decimals = "-" if minor < 0 else "", f".{rest:0{digits}d}" if digits else ""
    return f"{sign}{whole}{decimals}"


def _known(currency: str) -> str:
    minor_digits(currency)
    return currency


class Money(BaseModel):
    """An amount such as `{"amount": "1250.00", "currency": "EUR"}`, with exactly the currency's decimals."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    amount: Annotated[
        str, Field(max_length=24, examples=["1250.00"], json_schema_extra={"pattern": _AMOUNT_SHAPE})
    ]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["EUR"]), AfterValidator(_known)]

    @classmethod
    def of(cls, minor: int, currency: str) -> Self:
        return cls(amount=written(minor, currency), currency=currency)

    @property
    def minor(self) -> int:
        return int(self.amount.replace(".", ""))

    @model_validator(mode="after")
    def _exact(self) -> Self:
        if not _exact_amount(self.currency).fullmatch(self.amount):
            digits = minor_digits(self.currency)
            example = type(self).of(125 * 10**digits, self.currency).amount
            raise ValueError(
                f"{self.currency} has {digits} decimals: write an amount like '{example}',"
                " without separators or leading zeros"
            )
        if abs(self.minor) > MINOR_UNITS_MAX:
            raise ValueError(
                f"the largest amount is {written(MINOR_UNITS_MAX, self.currency)} {self.currency}"
            )
        return self
