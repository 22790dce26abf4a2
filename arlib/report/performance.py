"""The performance report: how the month went, by named conventions, and what cash to expect. Floor 3, on top of `collect`."""

from __future__ import annotations

import pandas as pd

from arlib.collect.behaviour import payment_behaviour
from arlib.collect.contact.cadence import item_touches
from arlib.collect.contact.coverage import coverage
from arlib.collect.contact.promises import judged_promises, promises_kept
from arlib.collect.forecast.forecast import Forecast, cash_forecast
from arlib.collect.forecast.record import held
from arlib.collect.kpi.goals import promise_targets
from arlib.collect.kpi.performance import Performance, performance
from arlib.collect.leakage.leakage import leakage
from arlib.collect.position import Position, position
from arlib.collect.review.high_risk import high_risk
from arlib.controls import Control
from arlib.policy import Policies, Scope
from arlib.report.intake import intake_checks, intake_controls, intake_findings, missing_limits
from arlib.report.model import Report
from arlib.report.performance_charts import forecast_chart, kpi_charts
from arlib.report.performance_sections import contact_tables, forecast_tables, leakage_tables, risk_table
from arlib.report.performance_tables import kpi_frame, kpi_tables
from arlib.report.performance_targets import NO_QUARTER, quarter, target_chart, target_findings, target_tables
from arlib.report.performance_words import (
    coverage_findings,
    kpi_findings,
    parameters,
    promise_findings,
    risk_finding,
)
from arlib.report.tied import tied_as_one
from arlib.report.words import day_text
from arlib.tables import Book

MISSING = {
    "applications": "every item counts as open in full, and no cash is known to be applied",
    "activities": "nobody is known to have been contacted",
    "promises": "no promise can be judged",
    "disputes": "dispute rate and cycle cannot be computed",
    "targets": "nothing is held against a target",
    "customers": "collectors, regions and terms are missing",
}


def performance_report(book: Book, *, scope: Scope, policies: Policies, rows_shown: int = 50) -> Report:
    """KPIs with their conventions, targets, collectors, leakage, accounts at risk, and the cash forecast with its interval.

    Needs ITEMS and APPLICATIONS; uses every table of collecting and casework. Receivables must be those of the aging, credit
    sales those of the roll-forward, past due that of the aging: controls. A date that the source cannot answer raises
    ParameterError.
    """
    here = position(book, scope=scope, policies=policies)
    judged = judged_promises(book, position=here, policies=policies)
    items = item_touches(book, position=here, policies=policies)
    found = performance(book, position=here, policies=policies, promises=judged, items=items)
    shown = kpi_frame(found)
    contacts = coverage(book, position=here, policies=policies, items=items)
    kept = promises_kept(judged, scope=scope, targets=promise_targets(book, scope=scope))
    leaks = leakage(book, scope=scope, policies=policies)
    paid = payment_behaviour(book, position=here, policies=policies, promises=judged)
    risks = high_risk(book, position=here, policies=policies, behaviour=paid)
    cash = cash_forecast(book, position=here, policies=policies)
    weeks, code = _weeks(cash, scope)
    aimed = quarter(book, scope=scope, policies=policies)
    leads = shown[shown["is_headline"].fillna(False).to_numpy(dtype=bool)]
    return Report(
        name="performance",
        title=f"Performance, {scope.entity}, {day_text(scope.as_of)}",
        question="How did the month go, what stands in the way, and what cash is to come?",
        reader="management, credit manager, controller",
        scope=scope,
        tables=(
            *kpi_tables(found, shown, scope=scope, policies=policies),
            *target_tables(aimed, book, scope=scope, policies=policies),
            *contact_tables(contacts, kept, scope=scope),
            *leakage_tables(leaks, scope=scope, policies=policies),
            risk_table(risks, scope=scope),
            *forecast_tables(cash, weeks, scope=scope, policies=policies),
        ),
        charts=(
            *kpi_charts(found, scope=scope, policies=policies),
            target_chart(aimed, scope=scope, policies=policies),
            forecast_chart(
                weeks[weeks["currency"].eq(code)], claimed=f"{policies.forecast.interval * 100:.0f} %",
                held=held(cash.backtest), code=code,
            ),
        ),
        controls=(*_controls(found, scope), *intake_controls(book, scope=scope)),
        identities=(*found.identities, *(aimed.identities if aimed else ()), *leaks.identities, *cash.identities, *intake_checks(book)),
        findings=(
            *kpi_findings(leads, period=found.period), *target_findings(aimed), *coverage_findings(contacts),
            *promise_findings(kept),
            *risk_finding(risks, scope.functional_currency), *cash.shortfalls, *intake_findings(book),
        ),
        limits=(
            *found.limits, *(aimed.limits if aimed else (NO_QUARTER,)), *leaks.limits, *cash.limits, *_unrated(here),
            *missing_limits(book, MISSING),
        ),
        counts={
            "figures": len(shown), "not_computed": int(shown["value"].isna().sum()), "high_risk": len(risks),
            "recurring_causes": int(leaks.recurring["is_recurring"].fillna(False).sum()), "documents": len(found.items),
        },
        parameters=parameters(policies),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _weeks(cash: Forecast, scope: Scope) -> tuple[pd.DataFrame, str]:
    """The weeks in the books' currency; in each document currency where a rate is missing, the first named for the chart."""
    if len(cash.total) or cash.weeks.empty:
        return cash.total, scope.functional_currency
    return cash.weeks, str(cash.weeks["currency"].iloc[0])


def _controls(found: Performance, scope: Scope) -> tuple[Control, ...]:
    """Controls of one name that tie in several currencies are told as one."""
    names = dict.fromkeys(control.name for control in found.controls)
    return tuple(
        control for name in names
        for control in tied_as_one([one for one in found.controls if one.name == name], functional=scope.functional_currency)
    )  # fmt: skip


def _unrated(here: Position) -> tuple[str, ...]:
    if not here.unrated:
        return ()
    return (
        f"No closing rate for {', '.join(here.unrated)}: such amounts are not in figures at closing rates.",
    )
