"""What a run knows beside the pool when it explains a difference: advices, customers, rates, policy. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from arlib.errors import RateError
from arlib.matching.columns import texts, whole
from arlib.matching.discounts import Discountable, Offer, offer
from arlib.matching.pool import NO_DAY, NOBODY, REFERENCE_FIELDS, Pool, days
from arlib.money import Rates
from arlib.money.rates import Rate
from arlib.policy.matching import MatchingPolicy
from arlib.tables.choices import CustomerStatus

if TYPE_CHECKING:
    import pandas as pd

DISPUTED = "the item is disputed"
RECOVERY = "recovery: the item had been written off"
HOLDING = tuple(
    status.value
    for status in (
        CustomerStatus.BANKRUPT, CustomerStatus.SANCTIONED, CustomerStatus.ESTATE, CustomerStatus.LEGAL,
    )
)  # fmt: skip  # a customer of this status has nothing applied without a person, whoever pays


@dataclass(frozen=True, slots=True)
class AdviceLine:
    """A line of a remittance advice; amounts in minor units, 0 where none."""

    reference: str  # as `plain` makes it
    discount: int
    deduction: int
    reason: str
    gross: int | None


@dataclass(frozen=True)
class Facts:
    """The pool and what else a run knows, its columns turned into lists on first use. Made once a run.

    `user` is who runs it, for tolerances. `home` has the country of each entity, to tell a foreign payer; empty where that
    is not known. `cautions` says by receipt why it is never applied without a person (`arlib.matching.special.cautions`).
    """

    pool: Pool
    policy: MatchingPolicy
    advices: pd.DataFrame | None = None  # MATCH_ADVICES
    customers: pd.DataFrame | None = None  # CUSTOMERS
    rates: Rates = field(default_factory=Rates)
    user: str = ""
    home: Mapping[str, str] = field(default_factory=dict)
    cautions: Mapping[int, str] = field(default_factory=dict)

    @cached_property
    def open(self) -> list[int]:
        """Open amount by item."""
        return [int(value) for value in self.pool.items.open.tolist()]

    @cached_property
    def cash(self) -> list[int]:
        """Amount by receipt."""
        return [int(value) for value in self.pool.receipts.amount.tolist()]

    @cached_property
    def paid_on(self) -> list[int]:
        """Value day by receipt."""
        return [int(value) for value in self.pool.receipts.day.tolist()]

    @cached_property
    def item_money(self) -> list[int]:
        """Number of the currency by item."""
        return [int(value) for value in self.pool.items.money.tolist()]

    @cached_property
    def receipt_money(self) -> list[int]:
        """Number of the currency by receipt."""
        return [int(value) for value in self.pool.receipts.money.tolist()]

    @cached_property
    def marked(self) -> dict[int, str]:
        """Items that forbid auto, and why: recovery of a written-off debt, a dispute, or the status of the customer."""
        frame = self.pool.items.frame
        found: dict[int, str] = {}
        statuses = [self.status(pair) for pair in self.pool.accounts]
        held = [number for number, status in enumerate(statuses) if status in HOLDING]
        for row in np.flatnonzero(np.isin(self.pool.items.account, held)) if held else ():
            found[int(row)] = f"the customer's status is {statuses[int(self.pool.items.account[row])]}"
        found |= {int(row): DISPUTED for row in _true(frame["is_disputed"])}
        return found | {int(row): RECOVERY for row in _true(frame["is_written_off"])}

    def said(self, receipt: int) -> str:
        """All words of a payment and its advice, in one text."""
        words = [column[receipt] for column in self._receipt_texts]
        return " \n ".join([*words, *(line.reason for line in self.advice.get(receipt, ()))])

    def banked(self, receipt: int) -> str:
        """Text and reference as the bank gives them, for how the money came."""
        return " \n ".join(column[receipt] for column in self._receipt_texts)

    @cached_property
    def advice(self) -> dict[int, tuple[AdviceLine, ...]]:
        """Lines of the remittance advices by receipt, in the order of their numbers."""
        if self.advices is None or self.advices.empty:
            return {}
        frame = self.pool.receipts.frame
        rows = {
            key: row
            for row, key in enumerate(zip(texts(frame, "entity"), texts(frame, "receipt_id"), strict=True))
        }
        held = self.advices.sort_values(["entity", "receipt_id", "line_no"], kind="stable")
        found: dict[int, list[AdviceLine]] = {}
        columns = (
            texts(held, "entity"), texts(held, "receipt_id"), texts(held, "reference"), whole(held, "discount"),
            whole(held, "deduction"), texts(held, "reason"), whole(held, "gross"),
        )  # fmt: skip
        for entity, receipt, reference, discount, deduction, reason, gross in zip(*columns, strict=True):
            row = rows.get((entity, receipt))
            if row is not None:
                line = AdviceLine(plain(reference), discount or 0, deduction or 0, reason, gross)
                found.setdefault(row, []).append(line)
        return {row: tuple(lines) for row, lines in found.items()}

    def names_of(self, item: int) -> frozenset[str]:
        """The numbers by which an item may be called, as `plain` makes them."""
        return frozenset(name for column in self._item_names if (name := plain(column[item])))

    @cached_property
    def offers_discounts(self) -> bool:
        """Whether any item or customer of the run has a discount or payment terms at all."""
        items, people = self.pool.items.frame, self.customers
        columns = [items["discount_rate"], items["terms"], *([] if people is None else [people["terms"]])]
        return any(bool(column.notna().any()) for column in columns)

    def discountable(self, item: int) -> Discountable:
        """What the item says about its discount."""
        held = self._discount_columns
        rate = held["rate"][item]
        base = held["base"][item]
        return Discountable(
            item=item,
            amount=held["amount"][item] or 0,
            base=base if base else None,
            tax=held["tax"][item] or 0,
            freight=held["freight"][item] or 0,
            document_day=int(self.pool.items.document_day[item]),
            rate=Fraction(rate) if rate else Fraction(0),
            last_day=int(held["day"][item]),
            terms=held["terms"][item] or self.customer(int(self.pool.items.account[item]), "terms"),
        )

    def offers(self, receipt: int, items: Sequence[int], settles: Sequence[int]) -> list[Offer]:
        """The cash discounts that items offer on the day of a receipt; `settles` is by item row what would be settled."""
        if not self.offers_discounts:
            return []
        day, grace = self.paid_on[receipt], self.policy.discount_grace_days
        if day == NO_DAY:
            return []
        made = [
            offer(self.discountable(item), settles=settles[item], paid_on=day, grace_days=grace)
            for item in items
        ]
        return [one for one in made if one is not None]

    def rate(self, base: str, quote: str, day: date) -> Rate | None:
        """The spot rate of a day, else the closing rate; None where neither is known."""
        for kind in ("spot", "closing"):
            try:
                return self.rates.find(base, quote, day, kind)
            except RateError:
                continue
        return None

    def tax(self, item: int) -> int:
        """Tax in the item, 0 where none is known."""
        return self._discount_columns["tax"][item] or 0

    def freight(self, item: int) -> int:
        """Freight in the item, 0 where none is known."""
        return self._discount_columns["freight"][item] or 0

    def segment(self, item: int) -> str:
        """Business unit of the item."""
        return self._segments[item]

    def customer(self, account: int, column: str) -> str:
        """A text of the customer master, '' where it is not known."""
        return self._customers.get(account, {}).get(column, "")

    def entity(self, receipt: int) -> str:
        """Entity of the receipt."""
        return self._entities[receipt]

    def status(self, pair: tuple[str, str]) -> str:
        """Status of an (entity, customer) in the customer master, '' where it is not known."""
        return self._statuses.get(pair, self._statuses.get(("", pair[1]), ""))

    def held_customers(self, statuses: tuple[str, ...]) -> list[tuple[tuple[str, str], str, list[str]]]:
        """Customers of these statuses as ((entity, customer), status, names and aliases), in order of their codes."""
        if self.customers is None or self.customers.empty:
            return []
        held = self.customers[self.customers["status"].isin(statuses)]
        held = held.sort_values(["entity", "customer_id"], kind="stable")
        columns = (texts(held, name) for name in ("entity", "customer_id", "status", "name", "payer_aliases"))
        return [
            ((entity, customer), status, [one for one in (name, *aliases.split("|")) if one.strip()])
            for entity, customer, status, name, aliases in zip(*columns, strict=True)
        ]

    def items_of(self, account: int) -> list[int]:
        """Items of an account, in pool order; none of nobody's."""
        found: list[int] = self.pool.items.of_account(account).tolist()
        return found

    def first_document(self, account: int) -> int | None:
        """The day of an account's first document; None where it has no item, or an undated one."""
        dated = self.pool.items.document_day[self.pool.items.of_account(account)]
        first = int(dated.min(initial=np.iinfo(np.int32).max))  # NO_DAY is the least of all
        return None if not len(dated) or first == NO_DAY else first

    def is_foreign(self, receipt: int, account: int) -> bool:
        """Whether the payer is abroad: by its country, or that of its IBAN, against the entity's own."""
        entity = self._entities[receipt]
        home = self.home.get(entity, "")
        if not home:
            return False
        iban = self._payer_accounts[receipt].strip()
        from_bank = iban[:2].upper() if iban[:2].isalpha() and iban[2:4].isdigit() else ""
        return any(country not in ("", home) for country in (self.customer(account, "country"), from_bank))

    @cached_property
    def _receipt_texts(self) -> tuple[list[str], ...]:
        return tuple(texts(self.pool.receipts.frame, name) for name in ("remittance_text", "reference"))

    @cached_property
    def _item_names(self) -> tuple[list[str], ...]:
        return tuple(texts(self.pool.items.frame, name) for name in REFERENCE_FIELDS)

    @cached_property
    def _segments(self) -> list[str]:
        return texts(self.pool.items.frame, "segment")

    @cached_property
    def _entities(self) -> list[str]:
        return texts(self.pool.receipts.frame, "entity")

    @cached_property
    def _payer_accounts(self) -> list[str]:
        return texts(self.pool.receipts.frame, "payer_account")

    @cached_property
    def _discount_columns(self) -> dict[str, list[Any]]:
        frame = self.pool.items.frame
        return {
            "rate": texts(frame, "discount_rate"),
            "day": days(frame["discount_date"]).tolist(),
            "base": whole(frame, "discount_base"),
            "amount": whole(frame, "amount"),
            "tax": whole(frame, "tax_amount"),
            "freight": whole(frame, "freight_amount"),
            "terms": texts(frame, "terms"),
        }

    @cached_property
    def _statuses(self) -> dict[tuple[str, str], str]:
        if self.customers is None or self.customers.empty:
            return {}
        columns = (texts(self.customers, name) for name in ("entity", "customer_id", "status"))
        return {(entity, customer): status for entity, customer, status in zip(*columns, strict=True)}

    @cached_property
    def _customers(self) -> dict[int, dict[str, str]]:
        if self.customers is None or self.customers.empty:
            return {}
        named = ("terms", "country")
        columns = {name: texts(self.customers, name) for name in named}
        rows: dict[tuple[str, str], int] = {}
        for row, key in enumerate(
            zip(texts(self.customers, "entity"), texts(self.customers, "customer_id"), strict=True)
        ):
            rows[key] = row
        found: dict[int, dict[str, str]] = {}
        for number, (entity, customer) in enumerate(self.pool.accounts):
            # an empty entity in the master means one account for all of them
            row = rows.get((entity, customer), rows.get(("", customer), NOBODY))
            if row != NOBODY:
                found[number] = {name: column[row] for name, column in columns.items()}
        return found


def plain(reference: str) -> str:
    """A reference without case, blanks and punctuation: 'Inv-01 005' is INV01005."""
    return "".join(filter(str.isalnum, reference)).upper()


def _true(column: pd.Series) -> Any:
    return column.fillna(False).astype(bool).to_numpy().nonzero()[0].tolist()
