"""Hypothesis strategies made from JSON Schemas: any body that a committed schema allows."""

from hypothesis import strategies as st
from pydantic import JsonValue

from kpo_events.money import minor_digits
from kpo_events.schemas import JsonObject

CURRENCIES = ("EUR", "USD", "XOF", "JPY", "KWD", "CLF")
ITEMS_DRAWN_MAX = 3
CHARS_DRAWN_MAX = 40

_FORMATS: dict[str, st.SearchStrategy[JsonValue]] = {
    "uuid": st.uuids().map(str),
    "date-time": st.datetimes().map(lambda at: f"{at.isoformat(timespec='milliseconds')}Z"),
    "duration": st.integers(1, 90).map(lambda days: f"P{days}D"),
}


@st.composite
def _money(draw: st.DrawFn) -> JsonValue:
    currency = draw(st.sampled_from(CURRENCIES))
    digits = minor_digits(currency)
    minor = draw(st.integers(0, 10**15))
    amount = f"{minor // 10**digits}"
    return {
        "amount": f"{amount}.{minor % 10**digits:0{digits}d}" if digits else amount,
        "currency": currency,
    }


def bodies(schema: JsonObject) -> st.SearchStrategy[JsonObject]:
    """Draw objects that a schema (reduced by `kpo_events.schemas.shape`) allows, with and without options."""
    properties, required = schema["properties"], schema["required"]
    assert isinstance(properties, dict)
    assert isinstance(required, list)
    drawn = {name: values(field) for name, field in properties.items()}
    return st.fixed_dictionaries(
        {name: drawn[name] for name in drawn if name in required},
        optional={name: drawn[name] for name in drawn if name not in required},
    )


def values(schema: JsonValue) -> st.SearchStrategy[JsonValue]:
    match schema:
        case {"properties": {"amount": _, "currency": _}}:
            return _money()
        case {"properties": dict()}:
            assert isinstance(schema, dict)
            return bodies(schema)
        case {"anyOf": list(choices)}:
            return st.one_of([values(choice) for choice in choices])
        case {"type": "array", "items": items, "minItems": 1}:
            return st.lists(values(items), min_size=1, max_size=ITEMS_DRAWN_MAX).map(list)
        case {"type": "array", "items": items}:
            return st.lists(values(items), max_size=ITEMS_DRAWN_MAX).map(list)
        case dict():
            return _scalars(schema)
    raise AssertionError(f"no strategy for {schema!r}")


def _scalars(schema: JsonObject) -> st.SearchStrategy[JsonValue]:
    match schema:
        case {"pattern": str(pattern)}:
            return st.from_regex(pattern, fullmatch=True)
        case {"format": str(name)}:
            return _FORMATS[name]
        case {"type": "string"}:
            return st.text(max_size=CHARS_DRAWN_MAX)
        case {"type": "integer"}:
            least, most = schema.get("minimum", 0), schema.get("maximum", 10**6)
            assert isinstance(least, int)
            assert isinstance(most, int)
            return st.integers(least, most)
        case {"type": "boolean"}:
            return st.booleans()
        case {"type": "null"}:
            return st.none()
    raise AssertionError(f"no strategy for {schema!r}")
