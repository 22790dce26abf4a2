"""Every figure by every convention, month by month. Floor 1."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from arlib.collect.contact.promises import judged_ones
from arlib.collect.kpi import days, effectiveness, shares
from arlib.collect.kpi.figure import Convention, Figure, cannot, exact
from arlib.collect.kpi.frames import KPI_VALUES
from arlib.collect.kpi.months import FUNCTIONAL, Key, Monthly
from arlib.credit.allowance.booked import BookedAllowance
from arlib.errors import AmountError
from arlib.money import divide
from arlib.policy import PerformancePolicy
from arlib.policy.performance import DsoConvention
from arlib.tables.rows import is_none, records

YEAR, QUARTER = 12, 3
WITH_BEST = (DsoConvention.SIMPLE_PERIOD, DsoConvention.CRF_ANNUAL)  # conventions with a best possible DSO
LEADS = {"bad_debt_to_sales": "month", "promises_kept": "by_number", "dispute_rate": "opened_by_number"}
LARGEST = 2**63
Flow = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Series:
    """The months of one measure and currency, and why a figure of them is not known."""

    key: Key
    monthly: Monthly
    rows: Sequence[dict[str, Any]]

    def get(self, number: int, name: str) -> int:
        """A figure of a month. Raises UnknownError, in words, where it is not known."""
        row = self.rows[number] if 0 <= number < len(self.rows) else {}
        value = row.get(name)
        if not is_none(value):
            return int(value)  # type: ignore[arg-type]
        raise UnknownError(self.why(number, name))

    def sum(self, number: int, months: int, name: str) -> int:
        """The sum of a figure over so many months to this one."""
        return sum(self.get(number - back, name) for back in range(months))

    def why(self, number: int, name: str) -> str:
        """Why a figure of a month is not known."""
        windows = self.monthly.windows
        if windows.is_snapshot:
            return "the source is a snapshot of one day and keeps no history"
        if not windows.begins:
            return "the ledger has no document"
        known = (
            windows.knows_balance(number)
            if name in ("total", "current", "over_90", "unapplied")
            else windows.knows_flow(number)
        )
        if not known:
            return f"the ledger begins in {windows.begins}"
        if name in ("disputed", "disputes_opened", "disputes_closed", "dispute_days"):
            return (
                "no disputes were given"
                if name != "disputed"
                else f"a dispute has no amount in {self.key[1]}"
            )
        return f"a document has no amount in {self.key[1]}"


class UnknownError(Exception):
    """A figure that the source cannot tell; its words say why."""


def month_values(
    monthly: Monthly, *, numbers: Sequence[int], policy: PerformancePolicy, allowance: BookedAllowance | None = None,
    promises: pd.DataFrame | None = None, contacts: pd.DataFrame | None = None,
) -> pd.DataFrame:  # fmt: skip
    """KPI_VALUES of these months, for the books' currency and, where the policy asks, each document currency.

    A figure that cannot be computed is a row with the reason. `promises` is JUDGED_PROMISES, `contacts` ACCOUNT_TOUCHES of
    the as-of date; without them their figures say so.
    """
    keys = [key for key in monthly.keys if key[0] == FUNCTIONAL or policy.by_document_currency]
    rows: list[dict[str, object]] = []
    for key in keys:
        mine = monthly.frame[monthly.frame["measure"].eq(key[0]) & monthly.frame["currency"].eq(key[1])]
        series = Series(key=key, monthly=monthly, rows=records(mine.sort_values("month", kind="stable")))
        for number in numbers:
            found = [
                *_days(series, number, allowance),
                *_effectiveness(series, number),
                *_shares(series, number),
            ]
            found += [*_promises(series, number, promises), *_contacts(series, number, contacts)]
            rows += [_row(figure, n, note, series, number, policy) for figure, n, note in found]
    return KPI_VALUES.from_rows(rows).sort_values(list(KPI_VALUES.key), kind="stable", ignore_index=True)


Found = tuple[Figure, int | None, str]  # n where cases are counted; a remark


def _tried(convention: Convention, compute: Callable[[], Figure]) -> Figure:
    try:
        return compute()
    except UnknownError as unknown:
        return cannot(convention, str(unknown))


def _days(s: Series, at: int, allowance: BookedAllowance | None) -> Iterator[Found]:
    """DSO by each convention, best possible DSO, average days delinquent."""
    windows = s.monthly.windows
    length = windows.months[at].days
    simple = _tried(days.DSO_SIMPLE, lambda: days.dso_simple(
        receivables=s.get(at, "total"), sales=s.get(at, "sales"), days=length))  # fmt: skip
    annual = _tried(days.DSO_ANNUAL, lambda: days.dso_annual(
        receivables=s.get(at, "total"), annual_sales=s.sum(at, YEAR, "sales")))  # fmt: skip
    best = _tried(days.BPDSO_SIMPLE, lambda: days.best_possible_dso(
        current=s.get(at, "current"), sales=s.get(at, "sales"), days=length))  # fmt: skip
    best_annual = _tried(days.BPDSO_ANNUAL, lambda: days.best_possible_dso(
        current=s.get(at, "current"), sales=s.sum(at, YEAR, "sales")))  # fmt: skip
    for figure in (simple, annual, best, best_annual, days.add(simple, best), days.add(annual, best_annual)):
        yield figure, None, ""

    back = [number for number in range(at, -1, -1) if windows.knows_flow(number)]
    lengths = [windows.months[number].days for number in back]

    def counted(*, is_calendar: bool, reserve: int | None = None) -> Figure:
        receivables = s.get(at, "total")
        sales = [s.get(number, "sales") for number in back] or [s.get(at, "sales")]
        return days.dso_count_back(
            receivables=receivables, sales=sales, calendar_days=lengths if is_calendar else (), allowance=reserve
        )  # fmt: skip

    yield _tried(days.DSO_COUNT_BACK_30, lambda: counted(is_calendar=False)), None, ""
    yield _tried(days.DSO_COUNT_BACK_CALENDAR, lambda: counted(is_calendar=True)), None, ""
    reserve = allowance.at(windows.months[at].ends_on) if allowance is not None else None
    if s.key[0] != FUNCTIONAL:
        yield cannot(days.DSO_NET_OF_ALLOWANCE, "the allowance is in the books' currency only"), None, ""
    elif reserve is None:
        yield cannot(days.DSO_NET_OF_ALLOWANCE, "no allowance entries were given"), None, ""
    else:
        held = reserve
        yield _tried(days.DSO_NET_OF_ALLOWANCE, lambda: counted(is_calendar=True, reserve=held)), None, ""
    yield _tried(days.DSO_CONVENTIONAL, lambda: days.dso_conventional(
        receivables=s.get(at, "total"), prior_sales=s.get(at - 1, "sales"))), None, ""  # fmt: skip
    yield _true(s, at)


def _true(s: Series, at: int) -> Found:
    """Oracle's true DSO over open invoices and debit memos of months whose sales are known, and how many they are."""
    windows, open_ = s.monthly.windows, s.monthly.invoices
    if open_.empty or not (windows.knows_balance(at) and windows.knows_flow(at)):
        return cannot(days.DSO_TRUE, s.why(at, "sales")), None, ""
    mine = open_[open_["measure"].eq(s.key[0]) & open_["currency"].eq(s.key[1])]
    mine = mine[mine["month"].eq(windows.months[at].name)]
    known = mine[mine["sales_month"] >= windows.begins]

    def compute() -> Figure:
        _ = s.get(at, "total")
        invoices = []
        for row in records(known):
            sales = s.monthly.net_sales.get((*s.key, str(row["sales_month"])))
            if sales is None:
                raise UnknownError(f"a document of {row['sales_month']} has no amount in {s.key[1]}")
            # amount × days of all invoices of a month: the formula divides them by the same sales
            invoices.append(days.OpenInvoice(int(row["amount_days"]), 1, sales))
        made = days.dso_true(invoices)
        return made if made.value is None else replace(made, numerator=exact(int(known["amount"].sum())))

    figure = _tried(days.DSO_TRUE, compute)
    note = "invoices and debit memos only: no credits, nothing brought forward"
    if left := int(mine["n"].sum() - known["n"].sum()):
        note += f"; {left} from before {windows.begins} left out"
    return figure, int(known["n"].sum()), "" if figure.value is None else note


def _effectiveness(s: Series, at: int) -> Iterator[Found]:
    """CEI of one, three and twelve months, shares by age, turnover."""
    for months, convention in effectiveness.DIVIDED.items():
        made = _tried(convention, lambda m=months: effectiveness.cei_divided(  # type: ignore[misc]
            beginning=s.get(at - m, "total"), sales=s.sum(at, m, "sales"), months=m, ending=s.get(at, "total"),
            current=s.get(at, "current")))  # fmt: skip
        yield (
            made,
            None,
            effectiveness.below_zero(made, "a mean month's sales" if months > 1 else "the month's sales"),
        )
    made = _tried(effectiveness.CEI_UNDIVIDED, lambda: effectiveness.cei_undivided(
        beginning=s.get(at - QUARTER, "total"), sales=s.sum(at, QUARTER, "sales"), ending=s.get(at, "total"),
        current=s.get(at, "current")))  # fmt: skip
    yield made, None, effectiveness.below_zero(made, "the sales of three months")
    yield _tried(effectiveness.PERCENT_CURRENT, lambda: effectiveness.percent_current(
        current=s.get(at, "current"), ending=s.get(at, "total"))), None, ""  # fmt: skip
    yield _tried(effectiveness.PERCENT_OVER_90, lambda: effectiveness.percent_over_90(
        over_90=s.get(at, "over_90"), ending=s.get(at, "total"))), None, ""  # fmt: skip
    yield _tried(effectiveness.TURNOVER, lambda: effectiveness.turnover(
        annual_sales=s.sum(at, YEAR, "sales"), ending=s.get(at, "total"))), None, ""  # fmt: skip


def _shares(s: Series, at: int) -> Iterator[Found]:
    """Cash, bad debt, recovery and disputes."""
    yield _tried(shares.CASH_APPLIED, lambda: shares.cash_application_rate(
        applied=s.get(at, "applied"), receipts=s.get(at, "receipts"))), None, ""  # fmt: skip
    yield _tried(shares.UNAPPLIED, lambda: shares.unapplied_rate(
        unapplied=s.get(at, "receipts") - s.get(at, "applied"), on_account=0, receipts=s.get(at, "receipts"))), None, ""  # fmt: skip
    yield _tried(shares.BAD_DEBT, lambda: shares.bad_debt_to_sales(
        written_off=s.get(at, "written_off"), recovered=0, sales=s.get(at, "sales"))), None, ""  # fmt: skip
    yield _tried(shares.BAD_DEBT_YEAR, lambda: shares.bad_debt_to_sales(
        written_off=s.sum(at, YEAR, "written_off"), recovered=0, sales=s.sum(at, YEAR, "sales"), of_year=True)), None, ""  # fmt: skip
    yield _tried(shares.RECOVERY, lambda: shares.recovery_rate(
        collected=s.get(at, "collected"), outstanding=s.get(at - 1, "total"))), None, ""  # fmt: skip
    by_number = _tried(shares.DISPUTED_BY_NUMBER, lambda: shares.dispute_rate(
        disputed=s.get(at, "disputes_opened"), billed=s.get(at, "invoices")))  # fmt: skip
    yield by_number, _count(by_number), ""
    yield _tried(shares.DISPUTED_BY_AMOUNT, lambda: shares.dispute_rate(
        disputed=s.get(at, "disputed"), billed=s.get(at, "sales"), by_amount=True)), None, ""  # fmt: skip
    cycle = _tried(shares.CYCLE, lambda: shares.dispute_cycle(
        days=s.get(at, "dispute_days"), disputes=s.get(at, "disputes_closed")))  # fmt: skip
    yield cycle, _count(cycle), ""


def _promises(s: Series, at: int, judged: pd.DataFrame | None) -> Iterator[Found]:
    """Promises whose last day of grace lies in the month and has passed: kept ones of them, by number and by amount."""
    month = s.monthly.windows.months[at]
    column = "books_amount" if s.key[0] == FUNCTIONAL else "amount"
    for convention, by_amount in ((shares.KEPT_BY_NUMBER, False), (shares.KEPT_BY_AMOUNT, True)):
        if judged is None:
            yield cannot(convention, "no promises were given"), None, ""
            continue
        day = judged["grace_ends_on"]
        mine = judged[
            day.between(pd.Timestamp(month.starts_on), pd.Timestamp(month.ends_on)) & judged_ones(judged)
        ]
        if s.key[0] != FUNCTIONAL:
            mine = mine[mine["currency"].eq(s.key[1])]
        kept = mine["state"].eq("kept").to_numpy(dtype=bool)
        if by_amount and mine[column].isna().any():
            yield cannot(convention, f"a promise has no amount in {s.key[1]}"), None, ""
        elif by_amount:
            yield (
                shares.promises_kept(
                    kept=int(mine.loc[kept, column].sum()), due=int(mine[column].sum()), by_amount=True
                ),
                None,
                "",
            )
        else:
            yield shares.promises_kept(kept=int(kept.sum()), due=len(mine)), len(mine), ""


def _contacts(s: Series, at: int, accounts: pd.DataFrame | None) -> Iterator[Found]:
    """Accounts in cadence that were contacted, and whose right contact was reached, in time; of the as-of date only."""
    for convention, is_right in ((shares.COVERED, False), (shares.RIGHT_CONTACT, True)):
        if s.key[0] != FUNCTIONAL:
            yield cannot(convention, "an account is counted once, whatever its currencies"), None, ""
        elif accounts is None:
            yield cannot(convention, "no activities were given"), None, ""
        elif at != len(s.rows) - 1:
            yield cannot(convention, "contacts are judged at the as-of date only"), None, ""
        else:
            mine = accounts[accounts["is_in_cadence"].fillna(False).to_numpy(dtype=bool)]
            in_time = mine["is_in_time"].fillna(False)
            if is_right:
                in_time = (mine["days_since_right_contact"] <= mine["allowed_days"]).fillna(False)
            yield shares.contact_coverage(
                contacted=int(in_time.sum()), accounts=len(mine), is_right=is_right
            ), len(mine), ""  # fmt: skip


def _count(figure: Figure) -> int | None:
    return None if figure.denominator is None else int(figure.denominator)


def _row(
    figure: Figure, n: int | None, note: str, s: Series, number: int, policy: PerformancePolicy
) -> dict[str, object]:
    convention = figure.convention
    has_amounts = convention not in shares.BY_NUMBER
    best = (
        policy.headline_dso.value if policy.headline_dso in WITH_BEST else DsoConvention.SIMPLE_PERIOD.value
    )
    leads = LEADS | {
        "dso": policy.headline_dso.value, "cei": policy.headline_cei.value, "best_possible_dso": best,
        "average_days_delinquent": best,
    }  # fmt: skip
    return {
        "kpi": convention.kpi, "convention": convention.name, "measure": s.key[0], "currency": s.key[1],
        "period": s.monthly.windows.months[number].name, "value": figure.text or None, "unit": convention.unit.value,
        "numerator": _whole(figure.numerator) if has_amounts else None,
        "denominator": _whole(figure.denominator) if has_amounts else None, "n": n, "why": figure.why or note or None,
        "formula": convention.words, "source": convention.source,
        "is_headline": leads.get(convention.kpi, convention.name) == convention.name,
        "higher_is_better": convention.higher_is_better,
    }  # fmt: skip


def _whole(amount: Any) -> int | None:
    if amount is None:
        return None
    made = divide(amount.numerator, amount.denominator)
    if abs(made) >= LARGEST:
        raise AmountError("an amount behind a figure does not fit 64 bits", found=str(made))
    return made
