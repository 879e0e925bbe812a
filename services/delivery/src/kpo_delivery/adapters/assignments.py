"""How assignments are stored: one small document each, inserted when their round opens."""

from pydantic import JsonValue, TypeAdapter

from kpo_chassis.documents import entries
from kpo_delivery.domain.round import Assignment

_ADAPTER = TypeAdapter(Assignment)


def _encode(assignment: Assignment) -> dict[str, object]:
    dumped: dict[str, JsonValue] = _ADAPTER.dump_python(assignment, mode="json")
    return {
        "_id": assignment.id,
        "round_id": str(assignment.round_id),
        "seats": list(assignment.seats),
        "code": assignment.code,
        "assignment": dumped,
    }


def _decode(row: dict[str, object]) -> Assignment:
    return _ADAPTER.validate_python(row["assignment"])


assignments = entries(
    Assignment,
    collection="assignments",
    encode=_encode,
    decode=_decode,
    indexes=((("round_id", 1), ("code", 1)), (("round_id", 1), ("seats", 1), ("code", 1))),
)
