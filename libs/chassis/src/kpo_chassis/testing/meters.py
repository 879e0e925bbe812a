"""Meters that remember, so that tests can ask what was counted."""

from collections import Counter
from collections.abc import Mapping

from kpo_chassis.meters import CounterName, GaugeName, Meters, MetricName

_Place = tuple[MetricName, frozenset[tuple[str, str]]]


class NotedMeters(Meters):
    def __init__(self) -> None:
        super().__init__()
        self._counted: Counter[_Place] = Counter()
        self._shown: dict[_Place, float] = {}

    def add(self, name: CounterName, labels: Mapping[str, str] | None = None, *, amount: int = 1) -> None:
        super().add(name, labels, amount=amount)
        self._counted[_place(name, labels)] += amount

    def set(self, name: GaugeName, value: float, labels: Mapping[str, str] | None = None) -> None:
        super().set(name, value, labels)
        self._shown[_place(name, labels)] = value

    def counted(self, name: CounterName, **labels: str) -> int:
        """Give a counter; 0 where it never moved."""
        return self._counted[_place(name, labels)]

    def shown(self, name: GaugeName, **labels: str) -> float | None:
        """Give a gauge; None where it was never set."""
        return self._shown.get(_place(name, labels))


def _place(name: MetricName, labels: Mapping[str, str] | None) -> _Place:
    return name, frozenset((labels or {}).items())
