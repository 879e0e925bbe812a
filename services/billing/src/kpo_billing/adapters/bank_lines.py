"""How bank lines are stored."""

from kpo_billing.domain.bank_line import BankLine
from kpo_chassis.documents import documents

bank_lines = documents(
    BankLine,
    name="bank_line",
    collection="bank_lines",
    status=lambda line: line.status,
    indexes=((("state.return_reference", 1),),),
)
