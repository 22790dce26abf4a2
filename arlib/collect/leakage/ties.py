"""Each kind of leak ties to the table that it comes from, by currency. Floor 1.

On the left what the source table adds up to in the months; on the right the records of the kind, and the rows of the source
that are no leak of that kind.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from arlib.collect.contact.records import known_day
from arlib.collect.leakage.facts import Facts
from arlib.collect.leakage.frames import Leak
from arlib.controls import Identity
from arlib.money import total
from arlib.tables.choices import ItemType

OF_ITEMS = {
    Leak.SHORT_PAYMENT: ("debits that carry on another, and chargebacks", 1),
    Leak.CREDIT_AND_REBILL: ("credit memos", -1),
    Leak.LATE_BILLING: ("invoices", 1),
    Leak.SMALL_WRITE_OFF: ("write-offs and adjustments", -1),
}
OF_CLAIMS = {
    Leak.DEDUCTION: ("deductions", "deduction_id", "taken_on"),
    Leak.DISPUTE: ("disputes", "dispute_id", "opened_on"),
}


def leakage_identities(rows: pd.DataFrame, facts: Facts, discounts: pd.DataFrame) -> tuple[Identity, ...]:
    """By kind and currency: the source table of the months = leaks + what is none. Needs LEAKAGE_RECORDS.

    `discounts` are the discounts allowed with what of each was judged as not earned.
    """
    made: list[Identity] = []
    for kind, (name, key, day) in OF_CLAIMS.items():
        table = facts.book[name]
        here = table["entity"].eq(facts.scope.entity) & table[day].between(
            pd.Timestamp(facts.begins), pd.Timestamp(known_day(facts.scope))
        )
        source = table[here.to_numpy(dtype=bool)].rename(columns={key: "id"})
        made += _tied(kind, name, source, rows, facts)
    items = facts.items[facts.in_window.to_numpy(dtype=bool)].rename(columns={"item_id": "id"})
    for kind, (label, sign) in OF_ITEMS.items():
        source = items[_source(items, kind).to_numpy(dtype=bool)]
        made += _tied(kind, label, source.assign(amount=source["amount"] * sign), rows, facts)
    leaks = rows[rows["kind"].eq(Leak.UNEARNED_DISCOUNT.value)]
    for currency in sorted(discounts["currency"].unique()):
        own = discounts[discounts["currency"].eq(currency)]
        fair = own["discount"] - own["unearned"].fillna(0)
        made.append(_identity(
            Leak.UNEARNED_DISCOUNT, "discounts allowed", total(own["discount"]),
            total(leaks.loc[leaks["currency"].eq(currency), "amount"]) + total(fair), currency, facts,
        ))  # fmt: skip
    return tuple(made)


def _source(items: pd.DataFrame, kind: Leak) -> pd.Series:
    """Which items a kind of leak is looked for in."""
    types = items["item_type"]
    if kind is Leak.CREDIT_AND_REBILL:
        return types.eq(ItemType.CREDIT_MEMO.value)
    if kind is Leak.LATE_BILLING:
        return types.eq(ItemType.INVOICE.value)
    if kind is Leak.SMALL_WRITE_OFF:
        return types.isin([ItemType.WRITE_OFF.value, ItemType.ADJUSTMENT.value])
    carries_on = types.isin([ItemType.INVOICE.value, ItemType.DEBIT_MEMO.value]) & items["replaces"].fillna("").ne("")  # fmt: skip
    return types.eq(ItemType.CHARGEBACK.value) | carries_on


def _tied(
    kind: Leak, label: str, source: pd.DataFrame, rows: pd.DataFrame, facts: Facts
) -> Iterator[Identity]:
    leaks = rows[rows["kind"].eq(kind.value)]
    for currency in sorted(set(source["currency"]) | set(leaks["currency"])):
        own, found = source[source["currency"].eq(currency)], leaks[leaks["currency"].eq(currency)]
        rest = own[~own["id"].isin(found["source_id"]).to_numpy(dtype=bool)]
        yield _identity(
            kind, label, total(own["amount"]), total(found["amount"]) + total(rest["amount"]), currency, facts
        )


def _identity(kind: Leak, label: str, left: int, right: int, currency: str, facts: Facts) -> Identity:
    return Identity(
        name=f"leakage_{kind.value}",
        left_label=f"{label} of the months",
        left=left,
        right_label="leaks and what is none",
        right=right,
        currency=currency,
        entity=facts.scope.entity,
    )
