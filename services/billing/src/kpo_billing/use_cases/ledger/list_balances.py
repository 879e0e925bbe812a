"""Show balances: to the operator the whole ledger, to everybody else what they are owed."""

from dataclasses import dataclass

from kpo_billing.domain.account import Account, AccountKind, AccountStatus
from kpo_billing.domain.ledger import Transaction
from kpo_chassis.kernel import Caller, EntryReads, Reads
from kpo_chassis.money import Money

BALANCES_MAX = 1_000
"""How many accounts with money in them one tenant can see at once."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account holds, on its own side: a bank account what is in it, others what is owed."""

    account: str
    kind: AccountKind
    money: Money


async def list_balances(caller: Caller, *, reads: Reads, entries: EntryReads) -> tuple[Balance, ...]:
    """Give all accounts that are not empty, by name; for the operator they are summed up from the journal."""
    if caller.is_operator:
        sums = await entries.totals(Transaction, "legs", "account", "minor")
        return tuple(_from_journal(name, minor) for name, minor in sorted(sums.items()) if minor)
    where = {"name.tenant": str(caller.tenant), "status": AccountStatus.HOLDING.value}
    accounts = await reads.find(Account, where, limit=BALANCES_MAX)
    stored = (Balance(str(a.name), a.name.kind, a.money) for a in accounts)
    return tuple(sorted(stored, key=lambda balance: balance.account))


def _from_journal(name: str, debits: int) -> Balance:
    kind, currency = AccountKind(name.partition(":")[0]), name.rpartition(":")[2]
    return Balance(name, kind, Money(debits if kind is AccountKind.BANK else -debits, currency))
