"""One customer's account in the ledger. Floor 1.

    running   every fact that moved the balance, with the balance after it
    by_day    the balance at the end of every day, and the lookup of a day
    rolling   opening, movements by kind with their documents, closing

The book may be one customer's own (`CustomerIndex.book_of`) or hold others too: what is the customer's is kept here.
"""

from arlib.ledger.customer.by_day import balance_on, balances_by_day
from arlib.ledger.customer.rolling import RollForward, roll_forward
from arlib.ledger.customer.running import running_balance, running_identities

__all__ = [
    "RollForward", "balance_on", "balances_by_day", "roll_forward", "running_balance", "running_identities",
]  # fmt: skip
