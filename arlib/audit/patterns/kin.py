"""Which customers belong together, and so may pay for each other: merged accounts and groups. Floor 1."""

from __future__ import annotations

import unicodedata
from datetime import date

import pandas as pd

from arlib.audit.ledger.population import customers_here
from arlib.ledger.attributes import merged_codes
from arlib.matching.names import account_key
from arlib.policy import Scope
from arlib.tables import Book

DEEPEST = 10  # parents of parents; a longer line is a loop


class Kin:
    """Customers by group: the head of a customer's group, the same for all that belong together."""

    def __init__(self, book: Book, *, scope: Scope, on: date | None = None) -> None:
        """Needs CUSTOMERS and CUSTOMER_MERGES where given; without them everybody stands alone."""
        rows = customers_here(book, scope.entity)
        self.book, self.scope, self.on = book, scope, on or scope.as_of
        self.names = dict(zip(rows["customer_id"], rows["name"].fillna(""), strict=True))
        parents = rows[rows["parent_id"].fillna("").ne("")]
        self.parents = dict(zip(parents["customer_id"], parents["parent_id"], strict=True))
        self.aliases: dict[str, frozenset[str]] = {
            code: frozenset(payer_key(one) for one in (name, *str(more).split("|")) if payer_key(one))
            for code, name, more in zip(
                rows["customer_id"], rows["name"].fillna(""), rows["payer_aliases"].fillna(""), strict=True
            )
        }
        self.accounts = {
            code: account_key(account)
            for code, account in zip(rows["customer_id"], rows["payer_account"].fillna(""), strict=True)
        }

    def heads(self, codes: pd.Series) -> pd.Series:
        """The head of each customer's group; '' where there is no customer."""
        known = codes.fillna("").astype("object")
        each = pd.Series(known.unique(), dtype="object")
        now = merged_codes(each.astype("str"), self.book, entity=self.scope.entity, on=self.on)
        head = {code: self._head(str(to)) for code, to in zip(each, now, strict=True)}
        return known.map(head)

    def _head(self, code: str) -> str:
        for _ in range(DEEPEST):
            if code not in self.parents:
                return code
            code = self.parents[code]
        return code

    def pays_as(self, customer: str, payer_name: str, payer_account: str) -> str:
        """By what a payer is known as a customer: its bank account, its name, or nothing."""
        account = account_key(payer_account)
        if account and account == self.accounts.get(customer):
            return "bank account"
        key = payer_key(payer_name)
        return "name" if key and key in self.aliases.get(customer, frozenset()) else ""


def payer_key(name: str) -> str:
    """A payer's name as letters and digits, upper case, width folded."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", name).upper() if sign.isalnum())
