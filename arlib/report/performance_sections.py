"""What the performance report shows of contact, leakage, risk and the cash to come. Floor 3."""

from __future__ import annotations

import pandas as pd

from arlib.collect.contact.frames import COVERAGE, PROMISES_KEPT
from arlib.collect.forecast.forecast import Forecast
from arlib.collect.forecast.frames import FORECAST_BACKTEST, FORECAST_WEEKS
from arlib.collect.leakage.frames import LATE_BILLING, LEAKAGE_LINES, RECURRING_CAUSES
from arlib.collect.leakage.leakage import Leakage
from arlib.collect.review.frames import HIGH_RISK
from arlib.policy import Policies, Scope
from arlib.report.model import ResultTable
from arlib.report.performance_shown import shown_table
from arlib.report.tables import in_words, spoken

COVERED = {
    "band": "Days past due", "share": "Share of accounts", "books_amount": "Open", "amount_share": "Share of amount",
    "books_touched": "Open, touched", "missing": "To contact, to reach the target",
}  # fmt: skip
LEAKED = {
    "books_amount": "About",
    "books_pending": "Pending",
    "books_lost": "Lost",
    "is_recurring": "Recurring",
}


def contact_tables(coverage: pd.DataFrame, kept: pd.DataFrame, *, scope: Scope) -> tuple[ResultTable, ...]:
    """Coverage by days past due and promises kept, of all and by collector."""
    code = scope.functional_currency
    amounts = ("books_amount", "books_touched")
    return (
        shown_table(
            COVERAGE, coverage[coverage["collector"].eq("")], name="coverage_by_band", functional=code, is_ordered=True,
            title="Accounts contacted in time, by days past due", not_totalled=amounts, headings=COVERED,
            shares=("share", "amount_share", "target"),
            on_page=("band", "accounts", "touched", "share", "books_amount", "amount_share", "target", "missing", "meets"),
            note="In time: within the days that the policy of contact allows for the oldest bucket of the account.",
        ),
        shown_table(
            COVERAGE, coverage[coverage["collector"].ne("")], name="coverage_by_collector", functional=code, is_detail=True,
            title="Accounts contacted in time, by collector", not_totalled=amounts, headings=COVERED,
            shares=("share", "amount_share", "target"),
        ),
        shown_table(
            PROMISES_KEPT, kept, title="Promises whose last day was in the month", functional=code, words={"owner": {"": "all"}},
            on_page=("owner", "due", "kept", "partly", "broken", "not_owed", "kept_rate", "kept_target",
                     "books_amount", "books_paid", "paid_rate"),
            not_totalled=("books_amount", "books_paid"), shares=("kept_rate", "paid_rate", "kept_target"),
            note="Kept, in part and broken make up what was due. Nothing owed: what was promised was settled before the promise was "
            "given; it is not judged and not in the shares.",
            headings={"owner": "Taken by", "not_owed": "Nothing owed", "kept_target": "Target, kept",
                      "books_amount": "Promised", "books_paid": "Paid in time", "partly": "In part"},
        ),
    )  # fmt: skip


def leakage_tables(found: Leakage, *, scope: Scope, policies: Policies) -> tuple[ResultTable, ...]:
    """Recurring causes, those of the as-of month by team, and the lines by customer."""
    code = scope.functional_currency
    month = f"{scope.as_of:%Y-%m}"
    words = spoken(found.recurring, "cause", "team")
    return (
        shown_table(
            RECURRING_CAUSES, found.recurring, title="Recurring causes and lost revenue", functional=code, is_ordered=True,
            on_page=("kind", "cause", "team", "months", "customers", "records", "books_amount", "books_pending", "books_lost",
                     "is_recurring"),
            words=words, not_totalled=("books_amount", "books_pending"), headings=LEAKED,
            note="Kinds overlap: a dispute may end as a credit. What they are about never adds up over kinds; what is lost does. "
            f"Recurring: seen in {policies.performance.recurring_months} months or more, or with "
            f"{policies.performance.recurring_customers} customers or more.",
        ),
        shown_table(
            RECURRING_CAUSES, _by_team(found.lines, month, scope), name="leakage_by_team", key=("team", "kind", "cause"),
            title=f"Lost revenue of {month} by team and cause", functional=code, words=words, headings=LEAKED,
            on_page=("team", "kind", "cause", "customers", "records", "books_amount", "books_pending", "books_lost"),
            not_totalled=("books_amount", "books_pending"),
        ),
        shown_table(
            LEAKAGE_LINES, found.lines, title="Leakage by cause, team, customer and month", functional=code, is_detail=True,
            words=spoken(found.lines, "cause", "team"), not_totalled=("amount", "pending", "books_amount", "books_pending"),
        ),
        shown_table(
            LATE_BILLING, found.late_billing, title="Billed late", functional=code, is_detail=True,
            not_totalled=("amount_days", "books_amount_days"),
        ),
    )  # fmt: skip


def _by_team(lines: pd.DataFrame, month: str, scope: Scope) -> pd.DataFrame:
    """Leakage of a month by team, kind and cause, in the books' currency."""
    names = [
        "team",
        "kind",
        "cause",
        "customers",
        "records",
        "currency",
        "books_amount",
        "books_pending",
        "books_lost",
    ]
    mine = lines[lines["month"].eq(month)]
    if mine.empty:
        return RECURRING_CAUSES.empty()[names]
    grouped = mine.groupby(names[:3], sort=True)
    made = grouped[["records", "books_amount", "books_pending", "books_lost"]].sum()
    made["customers"] = grouped["customer_id"].nunique()
    return RECURRING_CAUSES.typed(made.reset_index().assign(currency=scope.functional_currency))[names]


def risk_table(found: pd.DataFrame, *, scope: Scope) -> ResultTable:
    """Accounts at high risk, each with its strategy."""
    also = {
        str(v): ", ".join(in_words(w).lower() for w in str(v).split("|"))
        for v in found["also"].dropna().unique()
    }
    return shown_table(
        HIGH_RISK, found, title="Accounts at high risk, and what is done with each", functional=scope.functional_currency,
        is_ordered=True, needs_review=True,
        on_page=("rank", "customer_id", "name", "exposure", "past_due", "max_days_past_due", "risk_amount", "drivers", "words"),
        words={"also": also},
        headings={"name": "Name", "max_days_past_due": "Oldest, days", "risk_amount": "At risk", "words": "Strategy",
                  "strategy": "First step",
                  "drivers": "Why"},
    )  # fmt: skip


def forecast_tables(
    found: Forecast, weeks: pd.DataFrame, *, scope: Scope, policies: Policies
) -> tuple[ResultTable, ...]:
    """Expected receipts by week, and how far the forecast was off before."""
    code = scope.functional_currency
    share = f"{policies.forecast.interval * 100:.0f} %"
    several = ("currency",) if len(set(weeks["currency"])) > 1 else ()
    ends = ("low", "high", "median")
    heads = {
        "week_start": "From",
        "week_end": "To",
        "from_open": "Of open items",
        "from_new": "Of new billing",
    }
    return (
        shown_table(
            FORECAST_WEEKS, weeks, name="forecast_total", title="Expected receipts by week", functional=code, is_ordered=True,
            on_page=(*several, "week", "week_start", "week_end", "from_open", "from_new", "expected", "low", "high"),
            not_totalled=ends, headings=heads, note=f"Low to high should hold {share} of weeks; what it held in the past stands below.",
        ),
        shown_table(
            FORECAST_WEEKS, found.weeks, name="forecast_by_currency", title="Expected receipts by week and document currency",
            functional=code, is_detail=True, not_totalled=ends, headings=heads,
        ),
        shown_table(
            FORECAST_BACKTEST, found.backtest[found.backtest["week_no"].eq(0)], name="forecast_backtest",
            title="How far forecasts were off",
            on_page=("currency", "method", "origins", "weeks", "mape", "wape", "bias", "pinball", "claimed", "coverage"), functional=code,
            words=spoken(found.backtest, "method"), shares=("mape", "wape", "claimed", "coverage"),
            headings={"mape": "MAPE", "wape": "WAPE", "claimed": "Interval claims", "coverage": "Interval held"},
        ),
    )  # fmt: skip
