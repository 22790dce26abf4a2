"""Names of figures and conventions, and the sentences of the performance report. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from arlib.collect.kpi.figure import Unit
from arlib.credit.allowance.frames import percent_text
from arlib.policy import Policies
from arlib.report.words import counted, money_text
from arlib.tables.rows import Row, is_none, records

KPI_NAMES: Mapping[str, str] = {
    "dso": "DSO",
    "best_possible_dso": "Best possible DSO",
    "average_days_delinquent": "Average days delinquent",
    "cei": "CEI",
    "percent_current": "Current",
    "percent_over_90": "Over 90 days",
    "turnover": "Turnover",
    "cash_application_rate": "Cash application rate",
    "unapplied_rate": "Unapplied cash",
    "recovery_rate": "Recovery rate",
    "bad_debt_to_sales": "Bad debt to sales",
    "promises_kept": "Promises kept",
    "dispute_rate": "Dispute rate",
    "dispute_cycle": "Dispute cycle",
    "contact_coverage": "Contacted in time",
    "right_contact_coverage": "Right contact in time",
}
CONVENTION_NAMES: Mapping[str, str] = {
    "simple_period": "simple, the month",
    "crf_annual": "CRF, annual",
    "count_back_30": "count-back, months of 30 days",
    "count_back_calendar": "count-back, calendar days",
    "count_back_net_of_allowance": "count-back, net of allowance",
    "oracle_true": "Oracle, true",
    "oracle_conventional": "Oracle, conventional",
    "crf_month": "CRF, one month",
    "crf_quarter": "CRF, sales of three months ÷ 3",
    "undivided_quarter": "sales of three months, undivided",
    "crf": "CRF",
    "original_due_date": "original due date",
    "receipts_of_month": "receipts of the month",
    "month": "the month",
    "twelve_months": "twelve months",
    "by_number": "by number",
    "by_amount": "by amount",
    "opened_by_number": "opened, by number",
    "opened_by_amount": "opened, by amount",
    "closed_in_month": "closed in the month",
    "by_accounts": "accounts in cadence",
}
UNIT_NAMES = {Unit.DAYS.value: "days", Unit.PERCENT.value: "%", Unit.TIMES.value: "× a year"}
ORDER = {name: place for place, name in enumerate(KPI_NAMES)}


def figure_text(kpi: str, value: object, unit: str) -> str:
    """A value with its unit: `78.8 days`, `37.28 %`."""
    return f"{KPI_NAMES[kpi]} {value} {UNIT_NAMES[unit]}"


def kpi_findings(shown: pd.DataFrame, *, period: str) -> tuple[str, ...]:
    """What moved by more than it usually does, what missed its target, and what could not be computed."""
    made = []
    rows = records(shown)
    for row in rows:
        name = f"{KPI_NAMES[row['kpi']]} ({CONVENTION_NAMES[row['convention']]})"
        if row["direction"] == "worse":
            made.append(
                f"{name} is worse: {row['value']} {UNIT_NAMES[row['unit']]} in {period} after {row['previous']}; a usual "
                f"monthly change is {row['usual_change']}."
            )
        elif not is_none(row["run"]) and row["run"].startswith("up") != bool(row["higher_is_better"]):
            made.append(
                f"{name} is {row['run']} to {row['value']} {UNIT_NAMES[row['unit']]}, though no single change stands out."
            )
        if row["reached"] == "missed":
            made.append(
                f"{name} missed its target: {row['value']} against {row['target']} {UNIT_NAMES[row['unit']]}."
            )
    lost = [KPI_NAMES[row["kpi"]] for row in rows if is_none(row["value"])]
    if lost:
        made.append(
            f"Cannot be computed from these data: {', '.join(dict.fromkeys(lost))}. The table says why."
        )
    return tuple(made)


def reached(row: Row, target: str) -> str:
    """Whether a value reached its target: 'reached', 'missed', '' without one of them."""
    if not target or is_none(row["value"]):
        return ""
    value, wanted = Decimal(str(row["value"])), Decimal(target)
    return "reached" if (value >= wanted if row["higher_is_better"] else value <= wanted) else "missed"


def risk_finding(high_risk: pd.DataFrame, currency: str) -> tuple[str, ...]:
    """The account with the most at risk."""
    if high_risk.empty:
        return ()
    first = high_risk.iloc[0]
    amount = money_text(int(first["risk_amount"]), currency)
    return (
        f"{counted(len(high_risk), 'account')} at high risk; first {first['customer_id']}, {amount} at risk: {first['words']}",
    )


def coverage_findings(coverage: pd.DataFrame) -> tuple[str, ...]:
    """Bands of all collectors that miss their target."""
    missed = coverage[
        coverage["collector"].eq("") & coverage["meets"].eq(False).fillna(False).to_numpy(dtype=bool)
    ]
    return tuple(f"{row['band']} days past due: {row['what']}" for row in records(missed))


def promise_findings(kept: pd.DataFrame) -> tuple[str, ...]:
    """Who kept fewer of the promises taken than their target."""
    made = []
    for row in records(kept):
        if is_none(row["kept_rate"]) or is_none(row["kept_target"]):
            continue
        share, wanted = (Fraction(str(row[name])) for name in ("kept_rate", "kept_target"))
        if share < wanted:
            who = f"taken by {row['owner']}" if row["owner"] else "of all"
            made.append(
                f"Promises {who}: {row['kept']} of {row['due']} kept ({percent_text(share)}); target {percent_text(wanted)}, missed."
            )
    return tuple(made)


def forecast_brackets(claimed: str, held: str, *, has_any: bool) -> str:
    """What the brackets beside expected receipts claim, and what such intervals were seen to hold in past weeks."""
    if not has_any:
        return "No interval could be worked out for any week."
    seen = (
        f"in past weeks, by document currency, they held {held}" if held else "past weeks have not tested it"
    )
    return f"Brackets claim to hold {claimed} of weeks; {seen}."


def parameters(policies: Policies) -> dict[str, str]:
    """The choices behind the figures, in words."""
    policy = policies.performance
    sales = "invoices and debit memos"
    return {
        "Credit sales": f"{sales}, less credit memos" if policy.sales_net_of_credit_memos else sales,
        "DSO that leads": CONVENTION_NAMES[policy.headline_dso.value],
        "CEI that leads": CONVENTION_NAMES[policy.headline_cei.value],
        "Trend": f"{policy.trend_months} months; a change counts beyond {policy.noise_factor} times the usual one",
        "Recurring": f"a cause seen in {policy.recurring_months} months or with {policy.recurring_customers} customers",
    }
