"""One customer's account as it stands: position, disputes and promises, worked out once for all views. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from arlib.collect.contact.disputes import dispute_standings
from arlib.collect.contact.promises import judged_promises
from arlib.collect.position import Position, position
from arlib.ledger.customer.whose import codes_of, customer_of, own_ever
from arlib.ledger.facts import Bools, require_answerable
from arlib.ledger.openitems import Linked, linked
from arlib.policy import Policies, Scope
from arlib.tables import Book, Table
from arlib.tables.kinds import Kind


@dataclass(frozen=True, kw_only=True, eq=False)
class Account:
    """A customer's account at the as-of date. Each view of it takes one, so that nothing is judged twice."""

    book: Book
    scope: Scope
    policies: Policies
    customer_id: str

    @cached_property
    def facts(self) -> Linked:
        """The items and applications of the book that count. A date that the source cannot answer raises ParameterError."""
        require_answerable(self.book, scope=self.scope)
        return linked(self.book, scope=self.scope)

    @cached_property
    def position(self) -> Position:
        """The customer's position: items, master data and attributes of others in the book are left out."""
        whole = position(self.book, scope=self.scope, policies=self.policies)
        items = self.own(whole.items)
        return replace(
            whole, items=items, customers=self.own(whole.customers), attributes=self.own(whole.attributes),
            unrated=tuple(code for code in whole.unrated if items["currency"].eq(code).any()),
        )  # fmt: skip

    @cached_property
    def codes(self) -> frozenset[str]:
        """The customer's code, and those merged into it by the as-of date."""
        return codes_of(self.book, self.customer_id, scope=self.scope)

    @cached_property
    def promises(self) -> pd.DataFrame:
        """JUDGED_PROMISES of the customer."""
        return self.own(judged_promises(self.book, position=self.position, policies=self.policies))

    @cached_property
    def disputes(self) -> pd.DataFrame:
        """DISPUTE_STANDINGS of the customer."""
        return self.own(dispute_standings(self.book, position=self.position, policies=self.policies))

    def own(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows whose code at the as-of date is the customer's, numbered from 0."""
        mine = rows["customer_id"].fillna("").eq(self.customer_id).to_numpy(dtype=bool)
        return rows[mine].reset_index(drop=True)


def account_of(
    book: Book, *, scope: Scope, policies: Policies, customer_id: str = "", account: Account | None = None
) -> Account:
    """The account given, or that of the customer asked for (of a customer's own book: of that customer)."""
    code = customer_of(book, customer_id)
    return account or Account(book=book, scope=scope, policies=policies, customer_id=code)


def is_own_item(items: pd.DataFrame, book: Book, *, scope: Scope, customer_id: str) -> Bools:
    """Which items were ever the customer's: its code's, and those of codes merged into it by the as-of date."""
    return own_ever(items["customer_id"], book, customer_id, scope=scope)


def for_people(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """The typed frame with '' for every text that there is none of: it is shown as it is."""
    made = table.typed(rows)
    texts = table.of_kind(Kind.TEXT)
    made[texts] = made[texts].fillna("")
    return made
