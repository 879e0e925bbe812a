"""How the content of submissions is stored: inserted once, apart from the entries that they belong to."""

from pydantic import JsonValue, TypeAdapter

from kpo_chassis.documents import entries
from kpo_delivery.domain.sealing import SealedContent

_ADAPTER = TypeAdapter(SealedContent)


def _encode(content: SealedContent) -> dict[str, object]:
    dumped: dict[str, JsonValue] = _ADAPTER.dump_python(content, mode="json")
    return {"_id": content.id, "content": dumped}


def _decode(row: dict[str, object]) -> SealedContent:
    return _ADAPTER.validate_python(row["content"])


sealed_contents = entries(SealedContent, collection="sealed_contents", encode=_encode, decode=_decode)
