"""Days of sales outstanding by each convention, best possible DSO and average days delinquent. Floor 1.

Pure formulas on exact numbers. Amounts are of one currency; receivables and sales include freight and tax alike.
Sources: Credit Research Foundation (CRF), Oracle Hyperion Financial Management (HFM), Oracle Advanced Collections.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from arlib.collect.kpi.figure import Convention, Figure, Number, Unit, cannot, exact, quotient
from arlib.errors import ParameterError
from arlib.policy.performance import DsoConvention

YEAR, MONTH = 365, 30
SALES, RECEIVABLES = "credit sales", "receivables"


def _dso(name: DsoConvention, words: str, source: str, kpi: str = "dso") -> Convention:
    return Convention(kpi=kpi, name=name.value, unit=Unit.DAYS, words=words, source=source)


C = DsoConvention
DSO_SIMPLE = _dso(
    C.SIMPLE_PERIOD, "receivables × days of the period ÷ credit sales of the period", "textbook"
)
DSO_ANNUAL = _dso(C.CRF_ANNUAL, "receivables × 365 ÷ credit sales of twelve months", "CRF, annual form")
DSO_COUNT_BACK_30 = _dso(
    C.COUNT_BACK_30,
    "receivables used up by the latest months' sales, months of 30 days",
    "count-back, vendors",
)
DSO_COUNT_BACK_CALENDAR = _dso(
    C.COUNT_BACK_CALENDAR,
    "receivables used up by the latest months' sales, calendar days",
    "Oracle HFM, exhaustion method",
)
DSO_NET_OF_ALLOWANCE = _dso(
    C.NET_OF_ALLOWANCE,
    "receivables less allowance, used up by the latest months' sales, calendar days",
    "count-back, vendors",
)
DSO_TRUE = _dso(
    C.ORACLE_TRUE,
    "Σ days since invoice × open amount ÷ net credit sales of the invoice's month",
    "Oracle Advanced Collections",
)
DSO_CONVENTIONAL = _dso(
    C.ORACLE_CONVENTIONAL,
    "receivables × 30 ÷ credit sales of the period before",
    "Oracle Advanced Collections",
)
BPDSO_SIMPLE = _dso(
    C.SIMPLE_PERIOD,
    "receivables not yet due × days of the period ÷ credit sales of the period",
    "textbook",
    "best_possible_dso",
)
BPDSO_ANNUAL = _dso(
    C.CRF_ANNUAL,
    "receivables not yet due × 365 ÷ credit sales of twelve months",
    "CRF, annual form",
    "best_possible_dso",
)
ADD_SIMPLE = _dso(
    C.SIMPLE_PERIOD, "DSO less best possible DSO of the same period", "textbook", "average_days_delinquent"
)
ADD_ANNUAL = _dso(
    C.CRF_ANNUAL, "DSO less best possible DSO, both CRF annual", "CRF, annual form", "average_days_delinquent"
)

DAYS = (
    DSO_SIMPLE, DSO_ANNUAL, DSO_COUNT_BACK_30, DSO_COUNT_BACK_CALENDAR, DSO_NET_OF_ALLOWANCE, DSO_TRUE, DSO_CONVENTIONAL,
    BPDSO_SIMPLE, BPDSO_ANNUAL, ADD_SIMPLE, ADD_ANNUAL,
)  # fmt: skip
BEST_OF = {DSO_SIMPLE: BPDSO_SIMPLE, DSO_ANNUAL: BPDSO_ANNUAL}
DELINQUENT_OF = {DSO_SIMPLE: ADD_SIMPLE, DSO_ANNUAL: ADD_ANNUAL}


@dataclass(frozen=True)
class MonthSales:
    """Credit sales of a month and how many days the month counts."""

    sales: Number
    days: int


@dataclass(frozen=True)
class OpenInvoice:
    """What is open of an invoice, its age in days, and the net credit sales of the month that it was billed in."""

    amount: Number
    days: int
    month_sales: Number


def dso_simple(*, receivables: Number, sales: Number, days: int) -> Figure:
    """Receivables at the end × days ÷ credit sales of those days. The period's own days: 31 for October, 365 for a year."""
    return quotient(
        DSO_SIMPLE, receivables, sales, times=_positive(days), under_is=SALES, over_is=RECEIVABLES
    )


def dso_annual(*, receivables: Number, annual_sales: Number) -> Figure:
    """CRF: EndTotal × 365 ÷ AnnualSales, always 365."""
    return quotient(
        DSO_ANNUAL, receivables, annual_sales, times=YEAR, under_is=f"annual {SALES}", over_is=RECEIVABLES
    )


def dso_conventional(*, receivables: Number, prior_sales: Number) -> Figure:
    """Oracle Advanced Collections: receivables × 30 ÷ sales of the period before."""
    return quotient(
        DSO_CONVENTIONAL, receivables, prior_sales, times=MONTH, over_is=RECEIVABLES,
        under_is=f"{SALES} of the period before",
    )  # fmt: skip


def dso_count_back(
    *,
    receivables: Number,
    sales: Sequence[Number],
    calendar_days: Sequence[int] = (),
    allowance: Number | None = None,
) -> Figure:
    """Days until the sales of the latest months, latest first, have used up the receivables.

    Each whole month that is used up counts 30 days, or its own where `calendar_days` are given beside the sales; of the
    last one the share that is needed. With `allowance`, receivables are taken net of it (calendar days only).
    """
    if calendar_days and len(calendar_days) != len(sales):
        raise ParameterError(
            "calendar_days", found=len(calendar_days), wanted=f"{len(sales)}, one a month of sales"
        )
    if allowance is not None and not calendar_days:
        raise ParameterError("allowance", found=str(allowance), wanted="calendar_days beside it")
    convention = (
        DSO_NET_OF_ALLOWANCE if allowance is not None else DSO_COUNT_BACK_CALENDAR if calendar_days else DSO_COUNT_BACK_30
    )  # fmt: skip
    days = calendar_days or (MONTH,) * len(sales)
    months = [MonthSales(amount, each) for amount, each in zip(sales, days, strict=True)]
    return _used_up(convention, exact(receivables) - exact(allowance or 0), months)


def dso_exhaustion(*, receivables: Number, months: Sequence[MonthSales]) -> Figure:
    """Oracle HFM: the same with the calendar days of each month, latest month first."""
    return _used_up(DSO_COUNT_BACK_CALENDAR, exact(receivables), months)


def _used_up(convention: Convention, receivables: Fraction, months: Sequence[MonthSales]) -> Figure:
    """The count; a month of negative sales, or months that do not suffice, give no value."""
    if receivables < 0:
        return cannot(convention, f"{RECEIVABLES} are negative: more credits than debits")
    rest, days, used = receivables, Fraction(0), Fraction(0)
    for number, month in enumerate(months, start=1):
        if rest == 0:
            break
        sales = exact(month.sales)
        if sales < 0:
            return cannot(convention, f"{SALES} are negative {number} months back")
        share = Fraction(1) if rest >= sales else rest / sales
        days += share * month.days
        used += share * sales
        rest -= share * sales
    if rest:
        return cannot(convention, f"{SALES} of {len(months)} months do not use up the receivables")
    return Figure(convention=convention, value=days, numerator=receivables, denominator=used)


def dso_true(invoices: Iterable[OpenInvoice]) -> Figure:
    """Oracle Advanced Collections: Σ days since the invoice × open amount ÷ net credit sales of the invoice's month.

    Invoices of one month may be given together, with amount-weighted days. No open invoice gives 0.
    """
    value = amount = Fraction(0)
    for one in invoices:
        sales = exact(one.month_sales)
        if sales <= 0:
            return cannot(
                DSO_TRUE,
                f"net {SALES} of the month of an open invoice are {'zero' if not sales else 'negative'}",
            )
        value += exact(one.amount) * one.days / sales
        amount += exact(one.amount)
    return Figure(convention=DSO_TRUE, value=value, numerator=amount)


def best_possible_dso(*, current: Number, sales: Number, days: int = 0) -> Figure:
    """What DSO would be if everybody paid on the due date: CRF EndCurrent × 365 ÷ AnnualSales.

    With `days`, of a period: its days and its sales, as `dso_simple`.
    """
    convention = BPDSO_SIMPLE if days else BPDSO_ANNUAL
    return quotient(
        convention, current, sales, times=days or YEAR, under_is=SALES if days else f"annual {SALES}"
    )


def add(dso: Figure, best: Figure) -> Figure:
    """Average days delinquent: DSO − best possible DSO, both of one convention; any other pair raises ParameterError."""
    if BEST_OF.get(dso.convention) != best.convention:
        raise ParameterError(
            "average days delinquent", found=f"{dso.convention.key} and {best.convention.key}",
            wanted="DSO and best possible DSO by one convention",
        )  # fmt: skip
    convention = DELINQUENT_OF[dso.convention]
    if dso.value is None or best.value is None:
        return cannot(convention, dso.why or best.why)
    return Figure(
        convention=convention, value=dso.value - best.value, denominator=dso.denominator,
        numerator=exact(dso.numerator or 0) - exact(best.numerator or 0),
    )  # fmt: skip


def _positive(days: int) -> int:
    if days < 1:
        raise ParameterError("days", found=days, wanted="1 or more")
    return days
