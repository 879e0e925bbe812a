"""The store's filter language over plain documents, as the in-memory database speaks it."""

from collections.abc import Callable, Mapping
from functools import cmp_to_key

from kpo_chassis.store import Document, Sort, Where

_MISSING = object()


def matches(document: Document, where: Where) -> bool:
    for name, wanted in where.items():
        if name == "$or":
            assert isinstance(wanted, list)
            if not any(matches(document, choice) for choice in wanted):
                return False
        elif not _field_matches(_values(document, name.split(".")), wanted):
            return False
    return True


def in_order(documents: list[Document], sort: Sort) -> list[Document]:
    def compare(left: Document, right: Document) -> int:
        for name, direction in sort:
            order = _compare(_first(left, name), _first(right, name))
            if order:
                return order * direction
        return 0

    return sorted(documents, key=cmp_to_key(compare))


def _first(document: Document, name: str) -> object:
    return next(iter(_values(document, name.split("."))), None)


def _values(value: object, path: list[str]) -> list[object]:
    """Follow a dotted path; a list on the way stands for each of its items."""
    if not path:
        return [value, *value] if isinstance(value, list) else [value]
    if isinstance(value, Mapping):
        return _values(value[path[0]], path[1:]) if path[0] in value else []
    if isinstance(value, list):
        if path[0].isdigit():
            return _values(value[int(path[0])], path[1:]) if int(path[0]) < len(value) else []
        return [found for item in value for found in _values(item, path)]
    return []


def _field_matches(values: list[object], wanted: object) -> bool:
    if isinstance(wanted, Mapping) and wanted and all(str(key).startswith("$") for key in wanted):
        return all(_OPERATORS[str(operator)](values, operand) for operator, operand in wanted.items())
    return wanted in values or (wanted is None and not values)


def _ordered(accept: Callable[[int], bool]) -> Callable[[list[object], object], bool]:
    def check(values: list[object], operand: object) -> bool:
        alike = [value for value in values if value is not None and type(value) is type(operand)]
        return any(accept(_compare(value, operand)) for value in alike)

    return check


def _contained(values: list[object], operand: object) -> bool:
    assert isinstance(operand, list)
    return any(value in operand for value in values) or (None in operand and not values)


_OPERATORS: Mapping[str, Callable[[list[object], object], bool]] = {
    "$in": _contained,
    "$ne": lambda values, operand: operand not in values and not (operand is None and not values),
    "$exists": lambda values, operand: bool(values) is bool(operand),
    "$lt": _ordered(lambda order: order < 0),
    "$lte": _ordered(lambda order: order <= 0),
    "$gt": _ordered(lambda order: order > 0),
    "$gte": _ordered(lambda order: order >= 0),
}


def _compare(left: object, right: object) -> int:
    if left is None or right is None:
        return (left is not None) - (right is not None)
    greater: int = left > right  # type: ignore[operator] # Only like is compared with like.
    return greater - (left != right and not greater)
