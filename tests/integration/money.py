"""Where an engagement's money is, as its client sees it: in the escrow, and at hand."""

from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, Json

NOTHING = say.money("0.00")


async def money_of(engaged: say.Engaged) -> Json:
    """Give what went into the escrow, and what came out of it."""
    body = (await engaged.client.get("billing", engaged.escrow_path)).body
    return {name: body[name] for name in ("funded", "released", "fees", "refunded")}


async def cash_of(client: Actor) -> object:
    """Give what a client of one currency has at hand, outside of escrows."""
    answer = await client.get("billing", "/v1/ledger/balances")
    balances = [row["balance"] for row in say.rows(answer.body["items"]) if row["kind"] == "client_cash"]
    return balances[0] if balances else NOTHING


def sums(funded: str, released: str, fees: str, refunded: str) -> Json:
    told = {"funded": funded, "released": released, "fees": fees, "refunded": refunded}
    return {name: say.money(amount) for name, amount in told.items()}
