"""'Over 10,000 and 60 days': customers whose past-due total is above a limit. Floor 1."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from arlib.ledger.frames import LARGE_BALANCES
from arlib.money import Rates, minor_places, times, totals_by
from arlib.money.rates import translation_factor
from arlib.policy import LargeBalancePolicy, Scope, Unit

NOT_AGED = ("credit", "unapplied", "no_due_date")
BY = ["entity", "customer_id", "currency"]


def large_balances(
    aged: pd.DataFrame, *, policy: LargeBalancePolicy, scope: Scope, rates: Rates | None = None
) -> pd.DataFrame:
    """Customers whose items at least so many days past due add up to more than the limit: LARGE_BALANCES.

    An item exactly `min_days_past_due` old counts; a total that equals the limit does not, unless
    `is_inclusive`. Credits that the aging shows in columns of their own do not reduce it; credits that it
    nets, by their age, do. In REPORTING unit each currency of a customer is translated at the closing rate of
    the as-of date and the customer's currencies are added; in DOCUMENT unit each currency stands alone
    against the same number. Sorted by total, largest first, then by customer and currency. Needs AGED_ITEMS.
    A currency without a closing rate raises RateError.
    """
    late = aged[(aged["days_past_due"] >= policy.min_days_past_due) & ~aged["bucket"].isin(NOT_AGED)]
    late = late.assign(customer_id=late["customer_id"].fillna(""))
    groups = late.groupby(BY, sort=True)
    made = totals_by(late, BY, "outstanding").rename(columns={"outstanding": "amount"})
    facts = groups.agg(
        items=("item_id", "size"),
        oldest_due_date=("aged_from", "min"),
        max_days_past_due=("days_past_due", "max"),
    ).reset_index()
    made = made.merge(facts, on=BY, how="left", validate="one_to_one")
    if made.empty:
        return LARGE_BALANCES.empty()

    reporting = policy.reporting_currency or scope.functional_currency
    if policy.unit is Unit.REPORTING:
        made = _translated(made, reporting, rates or Rates(), scope)
        totals = totals_by(made, BY[:2], "reporting_amount").rename(
            columns={"reporting_amount": "customer_total"}
        )
        made = made.merge(totals, on=BY[:2], how="left", validate="many_to_one")
    else:
        made = made.assign(
            reporting_currency=made["currency"],
            reporting_amount=made["amount"],
            customer_total=made["amount"],
        )

    limits = made["reporting_currency"].map(lambda code: Decimal(policy.amount) * 10 ** minor_places(code))
    over = [
        value >= limit if policy.is_inclusive else value > limit
        for value, limit in zip(made["customer_total"].astype(object), limits, strict=True)
    ]
    made = made[pd.Series(over, index=made.index, dtype=bool)]
    made = made.sort_values([*BY], kind="stable").sort_values(
        "customer_total", ascending=False, kind="stable"
    )
    return LARGE_BALANCES.typed(made.reset_index(drop=True))


def _translated(totals: pd.DataFrame, reporting: str, rates: Rates, scope: Scope) -> pd.DataFrame:
    """Each total in the reporting currency, with the rate that did it."""
    found = {
        code: rates.find(code, reporting, scope.as_of, "closing")
        for code in sorted(totals["currency"].unique())
    }
    factors = {code: translation_factor(code, reporting, rate) for code, rate in found.items()}
    amounts = [
        times(amount, factors[code])
        for amount, code in zip(totals["amount"].tolist(), totals["currency"].tolist(), strict=True)
    ]
    return totals.assign(
        rate=totals["currency"].map(
            {code: format(rate.rate.normalize(), "f") for code, rate in found.items()}
        ),
        rate_date=pd.to_datetime(totals["currency"].map({code: rate.on for code, rate in found.items()})),
        reporting_currency=reporting,
        reporting_amount=pd.Series(amounts, index=totals.index, dtype="Int64"),
    )
