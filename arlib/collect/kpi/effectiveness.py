"""Collection effectiveness, shares of the ledger by age, turnover. Floor 1. Pure formulas on exact numbers.

Beginning and ending receivables include credits, unapplied cash, disputes, chargebacks, deductions, placed accounts and
bankruptcies not yet written off (CRF). Current includes what is due later by dating.
"""

from __future__ import annotations

from arlib.collect.kpi.figure import Convention, Figure, Number, Unit, exact, quotient
from arlib.errors import ParameterError
from arlib.policy.performance import CeiConvention


def _cei(name: CeiConvention, words: str, source: str) -> Convention:
    return Convention(
        kpi="cei", name=name.value, unit=Unit.PERCENT, words=words, source=source, higher_is_better=True
    )


_FORM = (
    "(beginning receivables + sales{} − ending total) ÷ (beginning receivables + sales{} − ending current)"
)
CEI_MONTH = _cei(CeiConvention.CRF_MONTH, _FORM.format("", "") + ", of one month", "CRF")
CEI_QUARTER = _cei(
    CeiConvention.CRF_QUARTER, _FORM.format(" ÷ 3", " ÷ 3") + ", of three months", "CRF, quarterly form"
)
CEI_UNDIVIDED = _cei(
    CeiConvention.UNDIVIDED_QUARTER, _FORM.format("", "") + ", of three months", "undivided sales, textbooks"
)
CEI_ANNUAL = _cei(
    CeiConvention.CRF_ANNUAL, _FORM.format(" ÷ 12", " ÷ 12") + ", of twelve months", "CRF, annual form"
)
DIVIDED = {1: CEI_MONTH, 3: CEI_QUARTER, 12: CEI_ANNUAL}

PERCENT_CURRENT = Convention(kpi="percent_current", name="crf", unit=Unit.PERCENT, higher_is_better=True,
                             words="receivables not yet due ÷ receivables", source="CRF")  # fmt: skip
PERCENT_OVER_90 = Convention(kpi="percent_over_90", name="original_due_date", unit=Unit.PERCENT,
                             source="CRF, age by original due date",
                             words="receivables more than 90 days past their original due date ÷ receivables")  # fmt: skip
TURNOVER = Convention(kpi="turnover", name="crf_annual", unit=Unit.TIMES, higher_is_better=True,
                      words="credit sales of twelve months ÷ receivables", source="CRF, annual form")  # fmt: skip

EFFECTIVENESS = (
    CEI_MONTH,
    CEI_QUARTER,
    CEI_UNDIVIDED,
    CEI_ANNUAL,
    PERCENT_CURRENT,
    PERCENT_OVER_90,
    TURNOVER,
)


def cei_divided(*, beginning: Number, sales: Number, months: int, ending: Number, current: Number) -> Figure:
    """CRF: (Beg + Sales/N − EndTotal) ÷ (Beg + Sales/N − EndCurrent) × 100, N the months in the sales figure: 1, 3 or 12."""
    if months not in DIVIDED:
        raise ParameterError("months of sales", found=months, wanted="1, 3 or 12")
    return _index(DIVIDED[months], exact(beginning) + exact(sales) / months, ending, current)


def cei_undivided(*, beginning: Number, sales: Number, ending: Number, current: Number) -> Figure:
    """The same with all sales of three months: another convention, never held against the divided one."""
    return _index(CEI_UNDIVIDED, exact(beginning) + exact(sales), ending, current)


def _index(convention: Convention, collectable: Number, ending: Number, current: Number) -> Figure:
    top = exact(collectable) - exact(ending)
    return quotient(
        convention, top, exact(collectable) - exact(current), times=100,
        under_is="beginning receivables and sales less what is current",
    )  # fmt: skip


def below_zero(index: Figure, sales: str) -> str:
    """What to say beside an index below zero; '' beside any other."""
    if index.value is None or index.value >= 0:
        return ""
    return f"below zero: receivables grew by more than {sales}; that is growth of the ledger, not a measure of collecting"


def percent_current(*, current: Number, ending: Number) -> Figure:
    """CRF: EndCurrent ÷ EndTotal × 100. Above 100 where open credits are more than what is past due."""
    return quotient(PERCENT_CURRENT, current, ending, times=100, under_is="receivables")


def percent_over_90(*, over_90: Number, ending: Number) -> Figure:
    """Receivables 91 days and more past due ÷ EndTotal × 100."""
    return quotient(PERCENT_OVER_90, over_90, ending, times=100, under_is="receivables")


def turnover(*, annual_sales: Number, ending: Number) -> Figure:
    """CRF: AnnualSales ÷ EndTotal."""
    return quotient(TURNOVER, annual_sales, ending, under_is="receivables", over_is="annual credit sales")
