"""What billing cost: invoices credited and billed again, and invoices written late. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from arlib.collect.contact.disputes import route_of
from arlib.collect.leakage.facts import Facts
from arlib.collect.leakage.frames import LATE_BILLING, Leak
from arlib.policy.adjustment import CreditNature
from arlib.tables.choices import ApplicationKind, ItemType

DEBITS = (ItemType.INVOICE.value, ItemType.DEBIT_MEMO.value)


@dataclass(frozen=True, kw_only=True, eq=False)
class LateBilling:
    """Invoices written late, as records and one by one; and what was looked at, by currency."""

    rows: pd.DataFrame  # records
    lines: pd.DataFrame  # LATE_BILLING
    undated: int  # invoices without a delivery date


def credits_and_rebills(facts: Facts) -> pd.DataFrame:
    """Credit memos of the months for billing errors, or of an invoice that was billed again, by their reason.

    A billing error is a reason code of that nature in the adjustment policy. An invoice was billed again where another
    invoice or debit memo `replaces` it and its rest was not simply moved there. Lost is what was credited and not billed
    again, where something was; a credit that nothing follows lost no revenue: what should not have been billed was none.
    The invoice is the one that the memo names (`reverses`, else `replaces`), else the one that it is applied to.
    """
    items, ledger = facts.items, facts.linked
    memos = items[items["item_type"].eq(ItemType.CREDIT_MEMO.value).to_numpy(dtype=bool)]
    memos = memos[facts.in_window[memos.index].to_numpy(dtype=bool)]
    named = memos["reverses"].fillna("")
    named = named.where(named.ne(""), memos["replaces"].fillna(""))
    applied = pd.Series(
        items["item_id"].to_numpy()[ledger.target], index=items["item_id"].to_numpy()[ledger.source]
    )
    applied = applied[~applied.index.duplicated()].reindex(memos["item_id"]).set_axis(memos.index).fillna("")
    invoice = named.where(named.ne(""), applied)
    again = _billed_again(facts)
    policy = facts.policies.adjustment
    wrong = {
        code: policy.nature_of(code) is CreditNature.BILLING_ERROR for code in memos["reason"].dropna().unique()
    }  # fmt: skip
    is_error = memos["reason"].map(wrong).fillna(False).astype(bool)
    here = (is_error | invoice.isin(again.index)).to_numpy(dtype=bool)
    rows = memos[here].assign(about=invoice[here], amount=-memos.loc[here, "amount"])
    rows = rows.sort_values(["on", "item_id"], kind="stable", ignore_index=True)
    # of several credits of one invoice the earlier ones are covered by the new invoice first
    billed = again.reindex(rows["about"]).set_axis(rows.index)
    reached = rows.groupby("about")["amount"].cumsum()
    covered = np.minimum(reached, billed.fillna(0)) - np.minimum(reached - rows["amount"], billed.fillna(0))
    lost = (rows["amount"] - covered).where(billed.notna() & rows["about"].ne(""), 0).astype("Int64")
    cause = rows["reason"].fillna("").where(rows["reason"].fillna("").ne(""), Leak.CREDIT_AND_REBILL.value)
    team = [
        route_of(facts.policies.contact, str(code), "rebill", Leak.CREDIT_AND_REBILL.value) for code in cause
    ]
    return rows.assign(
        kind=Leak.CREDIT_AND_REBILL.value, source_table="items", source_id=rows["item_id"], cause=cause,
        customer_id=rows["customer_now"], team=team, pending=0, lost=lost,
    )  # fmt: skip


def late_billing(facts: Facts) -> LateBilling:
    """Invoices of the months written more than `late_billing_days` after the delivery, with what that cost in amount-days.

    An invoice written on the last of these days is in time. What carries on another document (rebill, residual) was
    delivered long before and is left out.
    """
    items, allowed = facts.items, facts.policies.performance.late_billing_days
    rows = items[_invoices(facts).to_numpy(dtype=bool)].reset_index(drop=True)
    days = (rows["document_date"] - rows["delivery_date"]).dt.days
    undated = int(days.isna().sum())
    late = rows.assign(days=days.astype("Int64"))[days.gt(allowed).to_numpy(dtype=bool)].reset_index(
        drop=True
    )
    days_late = late["days"] - allowed
    books = late["books"].astype("Int64")
    cause = route_of(facts.policies.contact, Leak.LATE_BILLING.value)
    made = late.assign(
        kind=Leak.LATE_BILLING.value, source_table="items", source_id=late["item_id"],
        customer_id=late["customer_now"], cause="billed_late", team=cause, pending=0, lost=0,
        days_late=days_late, amount_days=late["amount"] * days_late, books_amount=books,
        books_amount_days=books * days_late, month=late["on"].dt.strftime("%Y-%m"),
        name=facts.names.reindex(late["customer_now"]).set_axis(late.index),
    )  # fmt: skip
    lines = LATE_BILLING.typed(made).sort_values("item_id", kind="stable", ignore_index=True)
    return LateBilling(rows=made, lines=lines, undated=undated)


def _invoices(facts: Facts) -> pd.Series:
    """Invoices of the months that carry on no other document."""
    items = facts.items
    is_first = items["replaces"].fillna("").eq("")
    return facts.in_window & items["item_type"].eq(ItemType.INVOICE.value) & is_first & items["amount"].gt(0)


def _billed_again(facts: Facts) -> pd.Series:
    """What was billed again for each invoice, by that invoice, by the as-of date."""
    items, ledger = facts.items, facts.linked
    moved = ledger.applications["kind"].eq(ApplicationKind.DEBIT_TO_DEBIT.value).to_numpy(dtype=bool)
    carried = set(items["item_id"].to_numpy()[ledger.target[moved]])
    here = (
        items["item_type"].isin(DEBITS) & items["replaces"].fillna("").ne("")
        & ~items["replaces"].isin(list(carried)) & ledger.is_counted
    )  # fmt: skip
    return items[here.to_numpy(dtype=bool)].groupby("replaces")["amount"].sum()
