"""One receipt on the bench: its money, what other people's decisions leave open, and the rate that its items are paid by. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from arlib.errors import ArError
from arlib.matching.columns import texts
from arlib.matching.discounts import day_of
from arlib.matching.facts import Facts
from arlib.matching.person import POSTED, placed_by_people
from arlib.matching.pool import NO_DAY, NOBODY, Pool
from arlib.money import Rates, iso_code
from arlib.tables.declared import CANONICAL

if TYPE_CHECKING:
    from arlib.matching.by_hand.around import Around
    from arlib.money.rates import Rate
    from arlib.policy.matching import MatchingPolicy


@dataclass(frozen=True)
class Bench:
    """A receipt of a pool. In `facts` the items are open for what the decisions on other receipts leave of them."""

    around: Around
    facts: Facts
    receipt: int
    decided_by: str  # who decided on this receipt what is not in the ledger yet; empty where nobody did

    @property
    def pool(self) -> Pool:
        """The pool with what is left of its items."""
        return self.facts.pool

    @property
    def money(self) -> str:
        """Currency of the receipt."""
        return self.pool.currencies[self.facts.receipt_money[self.receipt]]

    @property
    def cash(self) -> int:
        """Money of the receipt that is to be placed."""
        return self.facts.cash[self.receipt]

    def currency(self, item: int) -> str:
        """Currency of an item."""
        return self.pool.currencies[self.facts.item_money[item]]

    def called(self, item: int) -> str:
        """The number that people quote, or the item's own."""
        return self._documents[item] or self._ids[item]

    def item_id(self, item: int) -> str:
        """Id of an item."""
        return self._ids[item]

    def row(self, item_id: str) -> int:
        """Row of an item, NOBODY where it is not in the pool."""
        return self._rows.get(item_id, NOBODY)

    def rate_to(self, currency: str) -> Rate | None:
        """What one unit of the receipt's currency is worth on its day: spot, else closing; None where nobody knows."""
        day = self.facts.paid_on[self.receipt]
        return None if day == NO_DAY else self.facts.rate(self.money, currency, day_of(day))

    def at_rate(self, rate: str, currency: str) -> Bench | str:
        """The same with a rate that a person names, `currency` for one unit of the receipt's; a sentence where it is none."""
        day = self.facts.paid_on[self.receipt]
        row = {"base": iso_code(self.money), "quote": iso_code(currency), "rate": rate, "date": day_of(day),
               "kind": "spot", "source": "as entered by hand"}  # fmt: skip
        try:
            named = Rates.of(CANONICAL["fx_rates"].from_rows([row]))
            named.find(self.money, currency, day_of(day), "spot")
        except ArError as fault:
            return f"the rate {rate!r} cannot be used: {fault.message}"
        return replace(self, facts=replace(self.facts, rates=named))

    def with_cash(self, cash: int) -> Facts:
        """The facts with another amount of money for the receipt: what is left of it after other items."""
        amount = self.pool.receipts.amount.copy()
        amount[self.receipt] = cash
        return replace(
            self.facts, pool=replace(self.pool, receipts=replace(self.pool.receipts, amount=amount))
        )

    @cached_property
    def _ids(self) -> list[str]:
        return texts(self.pool.items.frame, "item_id")

    @cached_property
    def _documents(self) -> list[str]:
        return texts(self.pool.items.frame, "document_no")

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {code: row for row, code in enumerate(self._ids)}


def bench_of(around: Around, *, receipt_id: str, policy: MatchingPolicy, user: str = "") -> Bench | str:
    """The receipt of a pool with what is left for it, or a sentence why there is none."""
    if around.faults:
        return "; ".join(around.faults)
    pool = around.pool
    ids = texts(pool.receipts.frame, "receipt_id")
    if receipt_id not in ids:
        return f"receipt {receipt_id} is not among the open receipts of this view"
    row = ids.index(receipt_id)
    people = placed_by_people(pool, around.inputs.decided)
    opened = pool.items.open.astype(np.int64).copy()
    for proposal in people.proposals:
        if proposal.receipt != row:
            for item, settle in zip(proposal.items, proposal.settles, strict=True):
                opened[item] -= settle
    own = people.frame[people.frame["receipt_id"].eq(receipt_id) & people.frame["standing"].ne(POSTED)]
    facts = replace(
        around.facts(policy, user=user), pool=replace(pool, items=replace(pool.items, open=opened))
    )
    return Bench(around, facts, row, ", ".join(dict.fromkeys(texts(own, "decided_by"))))
