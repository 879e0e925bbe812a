"""How the content of submissions is stored: inserted once, apart from the entries that they belong to.

It is kept as JSON text, since entrants name values as they like, and the database does not take every name.
"""

from pydantic import TypeAdapter

from kpo_chassis.documents import entries
from kpo_delivery.domain.sealing import SealedContent

_ADAPTER = TypeAdapter(SealedContent)


def _encode(content: SealedContent) -> dict[str, object]:
    return {"_id": content.id, "content": _ADAPTER.dump_json(content).decode()}


def _decode(row: dict[str, object]) -> SealedContent:
    return _ADAPTER.validate_json(str(row["content"]))


sealed_contents = entries(SealedContent, collection="sealed_contents", encode=_encode, decode=_decode)
