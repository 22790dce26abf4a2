"""One customer at the desk. Floor 1.

    own            the account: position, promises and disputes worked out once for all views
    header         who it is, what it owes, how it pays, what to beware of (model: its frozen shape)
    open_items     what it owes now          history   what it paid, when and how
    receipts       its cash                  timeline  all that happened, in order

The book may be one customer's own (`CustomerIndex.book_of`) or hold others too: what is the customer's is kept here.
"""

from arlib.collect.customer.header import header
from arlib.collect.customer.history import history_of
from arlib.collect.customer.model import (
    AgingLine,
    Balance,
    Caution,
    Contact,
    CustomerHeader,
    DisputeLine,
    Dso,
    Habit,
    HeaderLine,
    Limit,
    PromiseLine,
)
from arlib.collect.customer.open_items import open_items_identities, open_items_of
from arlib.collect.customer.own import Account, account_of
from arlib.collect.customer.receipts import receipts_of
from arlib.collect.customer.timeline import timeline

__all__ = [
    "Account", "AgingLine", "Balance", "Caution", "Contact", "CustomerHeader", "DisputeLine", "Dso", "Habit",
    "HeaderLine", "Limit", "PromiseLine", "account_of", "header", "history_of", "open_items_identities",
    "open_items_of", "receipts_of", "timeline",
]  # fmt: skip
