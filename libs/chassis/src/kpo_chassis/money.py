"""Money as whole minor units of one currency, and the only arithmetic that is allowed on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

MINOR_UNITS_MAX = 10**15
"""The largest amount that any rule accepts; sums of many of them still fit 64 bits."""

BASIS_POINTS = 10_000
"""A whole, in the unit of fee rules."""

K = TypeVar("K", bound=str)


class CurrencyMismatchError(ValueError):
    """Two currencies met in one sum: a programmer's error, no exchange happens here."""


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """`minor` minor units (cents, yen, fils) of `currency` (ISO 4217)."""

    minor: int
    currency: str

    @classmethod
    def zero(cls, currency: str) -> "Money":
        return cls(0, currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def share(self, basis_points: int) -> "Money":
        """Take a share in basis points, rounded half up away from zero."""
        doubled = 2 * abs(self.minor) * basis_points + BASIS_POINTS
        rounded = doubled // (2 * BASIS_POINTS)
        return Money(rounded if self.minor >= 0 else -rounded, self.currency)

    def split(self, weights: Mapping[K, int]) -> dict[K, "Money"]:
        """Divide by weights without losing a unit: largest remainder, ties by name."""
        total = sum(weights.values())
        assert total > 0, "weights must add up to more than nothing"
        floors = {name: self.minor * weight // total for name, weight in weights.items()}
        by_remainder = sorted(weights, key=lambda name: (-(self.minor * weights[name] % total), name))
        for name in by_remainder[: self.minor - sum(floors.values())]:
            floors[name] += 1
        return {name: Money(minor, self.currency) for name, minor in floors.items()}

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrencyMismatchError(f"{self.currency} and {other.currency} do not add up")
        return other.minor
