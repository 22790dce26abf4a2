"""Days of sales outstanding of one customer, by the convention that the policy leads with. Floor 1.

The formulas are those of the performance figures (`kpi.days`), over this customer's own sales and receivables: what the
figure of the whole company is made of. Amounts are in the books' currency at booking rates.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from arlib.collect.customer.model import Dso
from arlib.collect.customer.own import Account
from arlib.collect.kpi import days
from arlib.collect.kpi.figure import Convention, Figure, cannot
from arlib.collect.kpi.runs import SALES_TYPES
from arlib.collect.kpi.windows import Windows, month_names, windows
from arlib.ledger.customer.whose import own_at
from arlib.ledger.facts import fact_dates, in_functional
from arlib.money import total
from arlib.policy.performance import DsoConvention
from arlib.tables.choices import ItemType

MONTHS, YEAR = 24, 12
C = DsoConvention
CONVENTIONS: dict[DsoConvention, Convention] = {
    C.SIMPLE_PERIOD: days.DSO_SIMPLE, C.CRF_ANNUAL: days.DSO_ANNUAL, C.COUNT_BACK_30: days.DSO_COUNT_BACK_30,
    C.COUNT_BACK_CALENDAR: days.DSO_COUNT_BACK_CALENDAR, C.NET_OF_ALLOWANCE: days.DSO_NET_OF_ALLOWANCE,
    C.ORACLE_TRUE: days.DSO_TRUE, C.ORACLE_CONVENTIONAL: days.DSO_CONVENTIONAL,
}  # fmt: skip


def customer_dso(here: Account) -> Dso:
    """DSO of the customer at the as-of date by the policy's headline convention; without a value, why not.

    Receivables are all open items, credits and unapplied cash taken off. Sales are invoices and debit memos, net of credit
    memos where the policy or the convention says so, by month of the scope's basis; the last month ends on the as-of date.
    Months before the customer's first document count as not known. Needs ITEMS and APPLICATIONS.
    """
    convention = CONVENTIONS[here.policies.performance.headline_dso]
    figure = _figure(here, convention)
    name = convention.name.replace("_", " ")
    words = f"{figure.text} days ({name})" if figure.text else f"cannot be computed ({name}): {figure.why}"
    return Dso(
        convention=convention.key, value=figure.text, formula=convention.words, source=convention.source, words=words
    )  # fmt: skip


def _figure(here: Account, convention: Convention) -> Figure:
    scope, items = here.scope, here.facts.items
    mine = here.facts.is_counted & own_at(items["customer_id"], here.book, here.customer_id, scope=scope)
    own = items[mine]
    if own.empty:
        return cannot(convention, "the customer has no document")
    window = windows(replace(here.book, tables={"items": own}), scope=scope, months=MONTHS)
    if window.is_snapshot:
        return cannot(convention, "the source is a snapshot of one day and keeps no history")
    open_ = here.position.items["functional_outstanding"]
    is_net = here.policies.performance.sales_net_of_credit_memos or convention is days.DSO_TRUE
    sales = _sales(own, here, is_net=is_net)
    if open_.isna().any() or sales["amount"].isna().any():
        return cannot(convention, f"a document has no amount in {scope.functional_currency}")
    by_month = {str(name): total(rows["amount"]) for name, rows in sales.groupby("month", sort=False)}
    return _by_convention(here, convention, window, by_month, total(open_))


def _sales(own: pd.DataFrame, here: Account, *, is_net: bool) -> pd.DataFrame:
    """The customer's sales documents: month and amount in the books' currency."""
    types = [*SALES_TYPES, *([ItemType.CREDIT_MEMO.value] if is_net else [])]
    rows = own[own["item_type"].isin(types).to_numpy(dtype=bool)]
    amount = in_functional(
        rows, "functional_amount", "amount", "currency", here.scope.functional_currency
    )  # fmt: skip
    return pd.DataFrame({"month": month_names(fact_dates(rows, here.scope.basis)), "amount": amount})


def _by_convention(
    here: Account, convention: Convention, window: Windows, sales: dict[str, int], receivables: int
) -> Figure:
    last = len(window.months) - 1
    known = [number for number in range(last, -1, -1) if window.knows_flow(number)]
    sold = [sales.get(window.months[number].name, 0) for number in known]
    first = f"the customer's first document is of {window.begins}"
    if not known:
        return cannot(convention, first if window.begins else "the customer has no sales")
    if convention is days.DSO_SIMPLE:
        return days.dso_simple(receivables=receivables, sales=sold[0], days=window.months[last].days)
    if convention is days.DSO_ANNUAL:
        if len(sold) < YEAR:
            return cannot(convention, first)
        return days.dso_annual(receivables=receivables, annual_sales=sum(sold[:YEAR]))
    if convention is days.DSO_CONVENTIONAL:
        if len(sold) < 2:
            return cannot(convention, first)
        return days.dso_conventional(receivables=receivables, prior_sales=sold[1])
    if convention is days.DSO_COUNT_BACK_30:
        return days.dso_count_back(receivables=receivables, sales=sold)
    if convention is days.DSO_COUNT_BACK_CALENDAR:
        lengths = [window.months[number].days for number in known]
        return days.dso_count_back(receivables=receivables, sales=sold, calendar_days=lengths)
    if convention is days.DSO_TRUE:
        return _true(here, window, sales)
    return cannot(convention, "an allowance is not kept by customer")


def _true(here: Account, window: Windows, sales: dict[str, int]) -> Figure:
    """Oracle's true DSO over open invoices and debit memos of months whose sales are known."""
    rows = here.position.items
    rows = rows[(rows["item_type"].isin(SALES_TYPES) & rows["outstanding"].gt(0)).to_numpy(dtype=bool)]
    day = fact_dates(rows, here.scope.basis)
    month = month_names(day)
    age = (np.datetime64(here.scope.as_of, "D") - day.to_numpy(dtype="datetime64[D]")).astype(np.int64)
    return days.dso_true(
        days.OpenInvoice(int(amount), int(days_), sales.get(str(name), 0))
        for amount, days_, name in zip(rows["functional_outstanding"], age, month, strict=True)
        if str(name) >= window.begins
    )
