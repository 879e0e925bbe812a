"""Which places a jurisdiction stands for: a country for itself, the European Union for its members."""

from collections.abc import Iterable

EU = "EU"

EU_MEMBERS = frozenset(
    {
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
        "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
    }
)  # fmt: skip
"""The 27 member states (ISO 3166-1 alpha-2; Greece is GR there, EL in the Union's own texts)."""


def places(jurisdictions: Iterable[str]) -> frozenset[str]:
    """Spell out what jurisdictions stand for, so that two sets of them can be compared."""
    named = frozenset(jurisdictions)
    return named | EU_MEMBERS if EU in named else named
