"""How ledger transactions are stored: only ever inserted, and refused by the database if out of balance."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from kpo_billing.domain.account import AccountKind, AccountName
from kpo_billing.domain.ledger import LEGS_MIN, Leg, Transaction
from kpo_chassis.documents import entries
from kpo_chassis.kernel import TenantId
from kpo_chassis.mongo import int64

_LEG = {
    "bsonType": "object",
    "required": ["account", "currency", "minor"],
    "properties": {
        "account": {"bsonType": "string"},
        "currency": {"bsonType": "string", "pattern": "^[A-Z]{3}$"},
        # 64 bits whatever the size, so that no sum ever turns into a float or overflows 32 bits.
        "minor": {"bsonType": "long"},
    },
}
_SHAPE = {
    "required": ["_id", "rule", "at", "legs"],
    "properties": {
        "_id": {"bsonType": "string"},
        "rule": {"bsonType": "string"},
        "at": {"bsonType": "date"},
        "legs": {"bsonType": "array", "minItems": LEGS_MIN, "items": _LEG},
    },
}
_LEGS_OF_CURRENCY = {
    "$filter": {"input": "$legs", "as": "leg", "cond": {"$eq": ["$$leg.currency", "$$currency"]}}
}
_SUM_OF_CURRENCY = {"$sum": {"$map": {"input": _LEGS_OF_CURRENCY, "as": "leg", "in": "$$leg.minor"}}}
_BALANCED = {
    "$allElementsTrue": {
        "$map": {
            "input": {"$setUnion": ["$legs.currency", []]},
            "as": "currency",
            "in": {"$eq": [_SUM_OF_CURRENCY, 0]},
        }
    }
}


class _LegRow(BaseModel):
    kind: AccountKind
    of: str
    currency: str
    tenant: TenantId | None
    minor: int


class _Row(BaseModel):
    id: Annotated[str, Field(alias="_id")]
    rule: str
    at: datetime
    engagement: UUID | None
    legs: tuple[_LegRow, ...]


def encode(transaction: Transaction) -> dict[str, object]:
    return {
        "_id": transaction.id,
        "rule": str(transaction.rule),
        "at": transaction.at,
        "engagement": transaction.engagement,
        "legs": [_encode_leg(leg) for leg in transaction.legs],
    }


def decode(document: dict[str, object]) -> Transaction:
    row = _Row.model_validate(document)
    legs = tuple(Leg(AccountName(leg.kind, leg.of, leg.currency, leg.tenant), leg.minor) for leg in row.legs)
    return Transaction(row.id, row.rule, row.at, legs, row.engagement)


def _encode_leg(leg: Leg) -> dict[str, object]:
    name = leg.account
    return {
        "account": str(name),
        "kind": name.kind.value,
        "of": name.of,
        "currency": name.currency,
        "tenant": name.tenant,
        "minor": int64(leg.minor),
    }


journal = entries(
    Transaction,
    collection="ledger",
    encode=encode,
    decode=decode,
    indexes=((("engagement", 1),), (("legs.account", 1), ("at", 1))),
    validator={"$jsonSchema": _SHAPE, "$expr": _BALANCED},
)
