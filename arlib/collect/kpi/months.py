"""The figures of each month that KPIs are made from, out of a book. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from arlib.collect.kpi.disputed import dispute_months
from arlib.collect.kpi.frames import KPI_MONTHS
from arlib.collect.kpi.receipts import receipt_months
from arlib.collect.kpi.runs import SALES_TYPES, Runs, ages, balance_runs, standing_at
from arlib.collect.kpi.windows import Windows, month_names
from arlib.credit.write_off.flows import by_month, write_off_flows
from arlib.credit.write_off.recoveries import recoveries
from arlib.ledger.facts import counted, fact_dates, in_functional
from arlib.money import total
from arlib.policy import Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import ItemType
from arlib.tables.rows import Row, is_none, records

FUNCTIONAL, DOCUMENT = "functional", "document"
BALANCES = ("total", "current", "over_90", "unapplied")
Key = tuple[str, str]  # measure and currency


@dataclass(frozen=True, kw_only=True, eq=False)
class Monthly:
    """Figures by month, and what the formulas need beside them."""

    windows: Windows
    frame: pd.DataFrame  # KPI_MONTHS, every month of the windows for every measure and currency
    invoices: pd.DataFrame = field(repr=False)  # OPEN_INVOICE_MONTHS, what is open of the sales of each month
    net_sales: dict[tuple[str, str, str], int] = field(
        repr=False
    )  # measure, currency, month: net of credit memos
    runs: Runs = field(repr=False)

    @property
    def keys(self) -> list[Key]:
        """Measures and currencies, the books' first."""
        pairs = self.frame[["measure", "currency"]].drop_duplicates().itertuples(index=False, name=None)
        return sorted(((str(m), str(c)) for m, c in pairs), key=lambda key: (key[0] != FUNCTIONAL, key[1]))


def monthly(book: Book, *, scope: Scope, policies: Policies, windows: Windows) -> Monthly:
    """Sales, balances, cash, losses and disputes of each month. Needs ITEMS, APPLICATIONS; uses INSTALMENTS, DISPUTES.

    In the books' currency at booking rates, and in each document currency by itself. A figure that the source cannot tell
    is empty: flows before the ledger's first month, balances that no document brings forward, any past of a snapshot, and
    functional sums where a document has no functional amount. Dates are those of the scope's basis.
    """
    runs = balance_runs(book, scope=scope, windows=windows)
    sales, net_sales = _sales(runs.items, scope)
    balances, invoices = _balances(book, runs, scope=scope, policies=policies, windows=windows)
    parts = {
        "sales": sales,
        "balances": balances,
        "receipts": receipt_months(book, runs, scope=scope, windows=windows),
        "losses": _losses(book, scope, policies),
        "disputes": dispute_months(book, runs.items, scope=scope),
    }
    found: dict[str, dict[tuple[str, str, str], Row]] = {
        name: {(str(r["measure"]), str(r["currency"]), str(r["month"])): r for r in rows}
        for name, rows in parts.items()
    }
    currencies = sorted({key[1] for rows in found.values() for key in rows if key[0] == DOCUMENT})
    keys = [(FUNCTIONAL, scope.functional_currency), *((DOCUMENT, code) for code in currencies)]
    rows = [
        _row(book, key, number, found, windows, policies)
        for key in keys for number in range(len(windows.months))
    ]  # fmt: skip
    return Monthly(
        windows=windows, frame=KPI_MONTHS.from_rows(rows), invoices=invoices, net_sales=net_sales, runs=runs
    )


def _row(
    book: Book, key: Key, number: int, found: dict[str, dict[tuple[str, str, str], Row]],
    windows: Windows, policies: Policies,
) -> Row:  # fmt: skip
    """One month of one currency; what is known and has no document is 0."""
    month = windows.months[number]
    at = (*key, month.name)
    row: Row = {
        "measure": key[0], "currency": key[1], "month": month.name, "starts_on": month.starts_on,
        "ends_on": month.ends_on, "days": month.days,
    }  # fmt: skip
    wanted = {
        "balances": (*BALANCES, "unknown_items") if windows.knows_balance(number) else (),
        "sales": ("billed", "credit_memos", "invoices") if windows.knows_flow(number) else (),
        "receipts": ("receipts", "applied", "returned", "collected") if windows.knows_flow(number) else (),
        "losses": ("written_off",) if windows.knows_flow(number) else (),
        "disputes": ("disputed", "disputes_opened", "disputes_closed", "dispute_days")
        if book.has("disputes") and windows.knows_flow(number) else (),
    }  # fmt: skip
    for part, names in wanted.items():
        values = found[part].get(at, {})
        row |= {name: values.get(name, 0) for name in names}
    if not is_none(row.get("unapplied")):
        row["unapplied"] = -row["unapplied"]
    billed, memos = row.get("billed"), row.get("credit_memos")
    if billed is not None and memos is not None:
        row["sales"] = billed + (memos if policies.performance.sales_net_of_credit_memos else 0)
    return row


def _sales(items: pd.DataFrame, scope: Scope) -> tuple[list[Row], dict[tuple[str, str, str], int]]:
    """Invoices and debit memos, and credit memos, of every month; and the sales of each month net of credit memos."""
    memo = ItemType.CREDIT_MEMO.value
    here = counted(items, scope=scope) & items["item_type"].isin((*SALES_TYPES, memo)).to_numpy(dtype=bool)
    mine = items[here]
    both = pd.DataFrame(
        {
            "month": month_names(fact_dates(mine, scope.basis)),
            "currency": mine["currency"],
            "is_memo": mine["item_type"].eq(memo),
            "is_invoice": mine["item_type"].eq(ItemType.INVOICE.value) & mine["amount"].gt(0),
            DOCUMENT: mine["amount"],
            FUNCTIONAL: in_functional(
                mine, "functional_amount", "amount", "currency", scope.functional_currency
            ),
        }
    )
    rows: list[Row] = []
    net: dict[tuple[str, str, str], int] = {}
    for measure in (FUNCTIONAL, DOCUMENT):
        part = both if measure == DOCUMENT else both.assign(currency=scope.functional_currency)
        for (currency, month), group in part.groupby(["currency", "month"], sort=True):
            is_memo = group["is_memo"].to_numpy(dtype=bool)
            billed, memos = _sum(group.loc[~is_memo, measure]), _sum(group.loc[is_memo, measure])
            rows.append({"measure": measure, "currency": currency, "month": month, "billed": billed,
                         "credit_memos": memos, "invoices": int(group["is_invoice"].sum())})  # fmt: skip
            if billed is not None and memos is not None:
                net[(measure, str(currency), str(month))] = billed + memos
    return rows, net


def _sum(amounts: pd.Series) -> int | None:
    """The total, None where one amount is not known."""
    return None if amounts.isna().any() else total(amounts)


def _balances(
    book: Book, runs: Runs, *, scope: Scope, policies: Policies, windows: Windows
) -> tuple[list[Row], pd.DataFrame]:
    """What stood open at each month end that is known; and of sales documents by the month that they were billed in."""
    how = ages(book, runs, scope=scope)
    dates = fact_dates(runs.items, scope.basis)
    is_sale = runs.items["item_type"].isin(SALES_TYPES).to_numpy(dtype=bool)
    rows: list[Row] = []
    invoices = []
    for number, month in enumerate(windows.months):
        if not windows.knows_balance(number):
            continue
        now = standing_at(runs, how, number=number, scope=scope, policies=policies, windows=windows)
        for measure in (FUNCTIONAL, DOCUMENT):
            prefix = "books_" if measure == FUNCTIONAL else ""
            part = now.rename(columns={("books" if prefix else "open"): "total"})
            names = {"total": "total"} | {f"{prefix}{n}": n for n in BALANCES[1:]}
            part = part.assign(currency=scope.functional_currency) if prefix else part
            unknown = (~part["is_known"]).astype("int64") if prefix else 0
            sums = (
                part.assign(unknown_items=unknown)
                .groupby("currency", sort=True)[[*names, "unknown_items"]]
                .sum()
            )
            for currency, values in sums.iterrows():
                is_whole = not values["unknown_items"]
                told = {to: int(values[of]) if is_whole else None for of, to in names.items()}
                rows.append({"measure": measure, "currency": currency, "month": month.name,
                             "unknown_items": int(values["unknown_items"]), **told})  # fmt: skip
        invoices.append(_by_sales_month(now, dates, is_sale, month.name, month.ends_on, scope))
    frame = pd.concat(invoices, ignore_index=True) if invoices else pd.DataFrame()
    return rows, frame


def _by_sales_month(
    now: pd.DataFrame, dates: pd.Series, is_sale: np.ndarray, name: str, ends_on: object, scope: Scope
) -> pd.DataFrame:
    """Open sales documents: measure, currency, month (of the balance), sales_month, amount, amount × days, n; one row each."""
    at = now["item"].to_numpy()
    mine = now[is_sale[at] & (now["open"].to_numpy() > 0)]
    day = dates.to_numpy(dtype="datetime64[D]")[mine["item"].to_numpy()]
    age = (np.datetime64(str(ends_on), "D") - day).astype(np.int64)
    month = day.astype("datetime64[M]").astype(np.int64)
    parts = []
    for measure, column in ((FUNCTIONAL, "books"), (DOCUMENT, "open")):
        amount = mine[column].to_numpy()
        frame = pd.DataFrame({
            "sales_month": month, "amount": amount, "amount_days": amount * age, "n": 1,
            "currency": scope.functional_currency if measure == FUNCTIONAL else mine["currency"].to_numpy(),
        })  # fmt: skip
        sums = frame.groupby(["currency", "sales_month"], as_index=False, sort=True).sum()
        parts.append(sums.assign(measure=measure, month=name))
    made = pd.concat(parts, ignore_index=True)
    made["sales_month"] = made["sales_month"].to_numpy().astype("datetime64[M]").astype(str)
    return made


def _losses(book: Book, scope: Scope, policies: Policies) -> list[Row]:
    """Write-offs net of recoveries by month."""
    flows = write_off_flows(book, scope=scope)
    back = recoveries(book, flows, scope=scope, policy=policies.write_off)
    frame = by_month(flows, back)
    rows: list[Row] = [
        {
            "measure": DOCUMENT,
            "currency": row["currency"],
            "month": row["month"],
            "written_off": int(row["net"]),
        }
        for row in records(frame)
    ]
    for month, group in frame.groupby("month", sort=True):
        rows.append({"measure": FUNCTIONAL, "currency": scope.functional_currency, "month": month,
                     "written_off": _sum(group["functional_net"])})  # fmt: skip
    return rows
