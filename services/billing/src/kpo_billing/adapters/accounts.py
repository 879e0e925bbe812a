"""How guarded accounts are stored; the database itself refuses a negative balance."""

from kpo_billing.domain.account import Account
from kpo_chassis.documents import documents

INTEGERS = ["int", "long"]

accounts = documents(
    Account,
    name="account",
    collection="accounts",
    status=lambda account: account.status,
    indexes=((("state.name.tenant", 1), ("state.status", 1), ("_id", 1)),),
    validator={
        "$jsonSchema": {
            "required": ["state"],
            "properties": {
                "state": {
                    "required": ["balance"],
                    "properties": {"balance": {"bsonType": INTEGERS, "minimum": 0}},
                }
            },
        }
    },
)
