"""Credits after a date beside the same window of earlier months, and where they gather. Floor 1."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from arlib.audit.cut_off.frames import CREDIT_PATTERNS, CREDIT_WINDOWS
from arlib.audit.cut_off.tested import share_text
from arlib.calendar import add_months, month_end
from arlib.ledger.facts import fact_dates, of_entity
from arlib.money import total, totals_by
from arlib.policy import Basis, Scope
from arlib.tables import Book
from arlib.tables.choices import ItemType


def reach_of(book: Book, *, scope: Scope) -> int:
    """Days after the date to which the sub-ledger reaches: the last posting of any item; 0 where none is later."""
    days = fact_dates(of_entity(book["items"], scope.entity), Basis.POSTING)
    last = days.max()
    return 0 if pd.isna(last) else max((pd.Timestamp(last) - pd.Timestamp(scope.as_of)).days, 0)


def windows_of(
    book: Book, given: pd.DataFrame, links: pd.DataFrame, *, scope: Scope, months: int, days: int
) -> pd.DataFrame:
    """CREDIT_WINDOWS: the date asked for and the same day of earlier months (month end stays month end), by currency.

    A month is left out where the books begin after its first day. Billed are the invoices posted from the first of the
    month to the date.
    """
    items = of_entity(book["items"], scope.entity)
    bills = items[items["item_type"].eq(ItemType.INVOICE.value).to_numpy(dtype=bool)]
    bills = bills.assign(day=fact_dates(bills, Basis.POSTING))
    starts = bills["day"].min()
    linked = links.merge(given[["item_id", "currency"]], on="item_id")
    rows = []
    for back in range(months + 1):
        cut = _back(scope.as_of, back)
        if back and (pd.isna(starts) or pd.Timestamp(cut.replace(day=1)) < starts.replace(day=1)):
            break
        until = pd.Timestamp(cut + timedelta(days=days))
        here = linked[
            linked["day"].gt(pd.Timestamp(cut)) & linked["day"].le(until) & linked["target_day"].le(pd.Timestamp(cut))
        ]  # fmt: skip
        sold = bills[bills["day"].between(pd.Timestamp(cut.replace(day=1)), pd.Timestamp(cut))]
        for code in sorted({*here["currency"], *sold["currency"]}):
            mine, billed = (
                here[here["currency"].eq(code)],
                total(sold.loc[sold["currency"].eq(code), "amount"]),
            )
            amount = total(mine["applied"])
            rows.append(
                {"month_end": cut, "currency": code, "credits": mine["item_id"].nunique(), "amount": amount, "billed": billed,
                 "rate": share_text(amount, billed), "is_asked": back == 0}
            )  # fmt: skip
    made = CREDIT_WINDOWS.from_rows(rows)
    return made.sort_values(
        ["month_end", "currency"], ascending=[False, True], kind="stable", ignore_index=True
    )


def _back(day: date, months: int) -> date:
    """The same day so many months earlier; the end of a month stays one."""
    then = add_months(day, -months)
    return month_end(then) if day == month_end(day) else then


def patterns_of(rows: pd.DataFrame) -> pd.DataFrame:
    """CREDIT_PATTERNS of CREDITS_AFTER: by customer, salesperson, user and reason, the largest first within each."""
    parts = []
    for by, column in (
        ("customer", "customer_id"),
        ("salesperson", "sales_rep"),
        ("user", "user"),
        ("reason", "reason"),
    ):
        if rows.empty:
            continue
        work = rows[["currency", "amount"]].assign(name=rows[column].fillna(""), credits=1)
        work["credits"] = work["credits"].astype("Int64")
        sums = totals_by(work, ["name", "currency"], ["credits", "amount"]).assign(by=by)
        whole = sums.groupby("currency")["amount"].transform("sum")
        sums["share"] = [share_text(int(a), int(w)) for a, w in zip(sums["amount"], whole, strict=True)]
        parts.append(
            sums.sort_values(["currency", "amount", "name"], ascending=[True, False, True], kind="stable")
        )
    return CREDIT_PATTERNS.typed(pd.concat(parts, ignore_index=True)) if parts else CREDIT_PATTERNS.empty()
