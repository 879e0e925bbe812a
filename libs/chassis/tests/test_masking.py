"""What people wrote is hidden wherever a record is shown; what machines need stays."""

import pytest
from pydantic import JsonValue

from kpo_chassis.masking import HIDDEN, body_of, headers_of, masked, told

ID = "0d1e7f0c-3f4e-4d0b-9a53-6a0f3a3f8c11"


@pytest.mark.parametrize(
    "text",
    [
        ID,
        "2026-03-02T09:00:00Z",
        "2026-03-02T09:00:00.123+01:00",
        "-1250.00",
        "EUR",
        "NL",
        "P7DT2H",
        "a" * 64,
    ],
)
def test_ids_moments_amounts_codes_durations_and_digests_stay(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Jan Jansen",
        "jan@example.org",
        "0612345678",
        "123456782",
        "1970-01-31",
        "NL91ABNA0417164300",
        f"see {ID}",
        "",
    ],
)
def test_names_addresses_numbers_and_dates_of_people_are_hidden(text: str) -> None:
    assert masked(text) == HIDDEN


def test_the_shape_of_a_body_stays() -> None:
    body: JsonValue = {"id": ID, "tags": ["well known", None, 3], "open": True, "deep": {"name": "Jan"}}

    assert masked(body) == {"id": ID, "tags": [HIDDEN, None, 3], "open": True, "deep": {"name": HIDDEN}}


def test_a_name_that_is_used_as_a_field_is_hidden_too() -> None:
    assert masked({"Jan Jansen": 1, "jan@example.org": 2, "hours": 3}) == {HIDDEN: 2, "hours": 3}


def test_a_body_that_is_no_json_is_hidden_whole() -> None:
    assert body_of(b'{"name": "Jan', reveal=False) == HIDDEN


def test_whoever_may_see_it_sees_a_body_as_it_is() -> None:
    assert body_of(b'{"name": "Jan"}', reveal=True) == {"name": "Jan"}
    assert body_of(b'{"name": "Jan', reveal=True) == '{"name": "Jan'


def test_of_headers_that_are_not_ours_only_the_names_are_shown() -> None:
    headers = [("ce_subject", ID.encode()), ("content-type", b"application/json"), ("user", b"Jan Jansen")]

    shown = headers_of(headers, reveal=False)

    assert shown == {"ce_subject": ID, "content-type": "application/json", "user": HIDDEN}
    assert headers_of(headers, reveal=True)["user"] == "Jan Jansen"


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("KeyError: 'Jan Jansen'", f"KeyError: '{HIDDEN}'"),
        ('ValueError: "O\'Brien" is odd', f"ValueError: '{HIDDEN}' is odd"),
        ("it can't be 'Jan Jansen', can it", f"it can't be '{HIDDEN}', can it"),
        ("cut off at input_value='Jan Jan", f"cut off at input_value='{HIDDEN}'"),
        ("the header 'ce_id': Field required", "the header 'ce_id': Field required"),
        (f"no expert '{ID}'", f"no expert '{ID}'"),
    ],
)
def test_what_an_error_quotes_is_hidden_unless_it_names_a_field_or_an_id(sentence: str, shown: str) -> None:
    assert told(sentence, reveal=False) == shown
    assert told(sentence, reveal=True) == sentence
