"""Money on the wire is exact, in the currency's own decimals, or it is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kpo_events.money import MINOR_UNITS_MAX, Money, UnknownCurrencyError, minor_digits

from .strategies import CURRENCIES


@pytest.mark.parametrize(
    ("minor", "currency", "amount"),
    [
        (125000, "EUR", "1250.00"),
        (5, "EUR", "0.05"),
        (0, "EUR", "0.00"),
        (500000, "JPY", "500000"),
        (0, "JPY", "0"),
        (1234567, "KWD", "1234.567"),
        (12345, "CLF", "1.2345"),
        (-5, "EUR", "-0.05"),
        (-1999, "USD", "-19.99"),
    ],
)
def test_minor_units_are_written_in_the_decimals_of_the_currency(
    minor: int, currency: str, amount: str
) -> None:
    money = Money.of(minor, currency)

    assert money.amount == amount
    assert money.minor == minor


@given(minor=st.integers(-MINOR_UNITS_MAX, MINOR_UNITS_MAX), currency=st.sampled_from(CURRENCIES))
def test_an_amount_survives_the_wire_to_the_last_minor_unit(minor: int, currency: str) -> None:
    written = Money.of(minor, currency).model_dump_json()

    read = Money.model_validate_json(written)

    assert (read.minor, read.currency) == (minor, currency)


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("1250", "EUR"),
        ("1250.0", "EUR"),
        ("1250.000", "EUR"),
        ("500000.00", "JPY"),
        ("500000.", "JPY"),
        ("1234.56", "KWD"),
        ("01250.00", "EUR"),
        ("+1250.00", "EUR"),
        ("-0.00", "EUR"),
        ("-0", "JPY"),
        ("1,250.00", "EUR"),
        ("1e3", "JPY"),
        ("\u0661\u0662\u0665\u0660.\u0660\u0660", "EUR"),
        ("1250.00\n", "EUR"),
        ("100\n", "JPY"),
        (" 1250.00", "EUR"),
        ("NaN", "EUR"),
        ("", "EUR"),
    ],
)
def test_an_amount_written_in_any_other_way_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(ValidationError, match="decimals: write an amount like '125"):
        Money(amount=amount, currency=currency)


def test_a_number_in_place_of_a_text_is_refused() -> None:
    with pytest.raises(ValidationError, match="valid string"):
        Money.model_validate_json('{"amount": 1250.00, "currency": "EUR"}')


@pytest.mark.parametrize("currency", ["EUX", "XAU", "XXX", "DEM"])
def test_an_unknown_currency_is_refused_by_name(currency: str) -> None:
    with pytest.raises(ValidationError, match=f"'{currency}' is no ISO 4217 currency"):
        Money(amount="1.00", currency=currency)


@pytest.mark.parametrize("currency", ["eur", "EU", "EURO", "€", ""])
def test_a_code_of_another_form_is_refused(currency: str) -> None:
    with pytest.raises(ValidationError, match="currency"):
        Money(amount="1.00", currency=currency)


def test_the_decimals_of_an_unknown_currency_are_not_guessed() -> None:
    with pytest.raises(UnknownCurrencyError, match="use a code such as EUR"):
        minor_digits("EUX")


@pytest.mark.parametrize("minor", [MINOR_UNITS_MAX, -MINOR_UNITS_MAX])
def test_the_largest_amounts_are_accepted(minor: int) -> None:
    money = Money.of(minor, "EUR")

    assert money.minor == minor


@pytest.mark.parametrize("minor", [MINOR_UNITS_MAX + 1, -MINOR_UNITS_MAX - 1])
@pytest.mark.parametrize("currency", ["JPY", "EUR", "KWD"])
def test_an_amount_above_the_maximum_is_refused(minor: int, currency: str) -> None:
    with pytest.raises(ValidationError, match="the largest amount is"):
        Money.of(minor, currency)


def test_an_amount_longer_than_any_is_refused_before_it_is_read() -> None:
    with pytest.raises(ValidationError, match="at most 24 characters"):
        Money(amount="1" * 1000, currency="JPY")


def test_money_cannot_be_changed() -> None:
    money = Money.of(100, "EUR")

    with pytest.raises(ValidationError, match="frozen"):
        money.amount = "2.00"  # type: ignore[misc]  # The type checker refuses it as well.
