"""Show balances: to the operator the whole ledger, to everybody else what they are owed."""

from dataclasses import dataclass

from kpo_billing.domain.account import Account, AccountKind, AccountStatus, account_id
from kpo_billing.domain.ledger import Transaction
from kpo_chassis.kernel import Caller, EntryReads, Reads
from kpo_chassis.money import Money


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account holds, on its own side: a bank account what is in it, others what is owed."""

    account: str
    kind: AccountKind
    money: Money


@dataclass(frozen=True, slots=True)
class ListBalances:
    """`after` is the account that the page before ended with."""

    after: str | None
    limit: int


async def list_balances(
    query: ListBalances, caller: Caller, *, reads: Reads, entries: EntryReads
) -> tuple[Balance, ...]:
    """Give a page of the accounts that are not empty, in an order that stays as it is.

    For the operator they are summed up from the journal, and come by name; a tenant's are stored, and come
    by id.
    """
    if caller.is_operator:
        sums = await entries.totals(Transaction, "legs", "account", "minor")
        behind = sorted(name for name, minor in sums.items() if minor and name > (query.after or ""))
        return tuple(_from_journal(name, sums[name]) for name in behind[: query.limit])
    where = {"name.tenant": str(caller.tenant), "status": AccountStatus.HOLDING.value}
    after = account_id(query.after) if query.after else None
    accounts = await reads.find(Account, where, after=after, limit=query.limit)
    return tuple(Balance(str(account.name), account.name.kind, account.money) for account in accounts)


def _from_journal(name: str, debits: int) -> Balance:
    kind, currency = AccountKind(name.partition(":")[0]), name.rpartition(":")[2]
    return Balance(name, kind, Money(debits if kind is AccountKind.BANK else -debits, currency))
