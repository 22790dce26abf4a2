"""Balances above the limit of the policy, with who collects and who sells, for management and sales. Floor 1."""

from __future__ import annotations

import pandas as pd

from arlib.collect.position import Position
from arlib.collect.work_lists.frames import LARGE
from arlib.errors import RateError
from arlib.ledger.large_balance import large_balances
from arlib.policy import Policies, Unit


def large(position: Position, *, policies: Policies) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """'Over 10,000 and 60 days' as `large_balances` finds it: LARGE, and the currencies left out for want of a rate.

    Customers whose items at least so many days past due add up to more than the limit. A currency without a closing rate
    is left out and named: it must not stop the list.
    """
    rows = position.items
    policy = policies.large_balance
    missing: tuple[str, ...] = ()
    if policy.unit is Unit.REPORTING:
        missing = _without_rate(position, policy.reporting_currency or position.currency)
    found = large_balances(
        rows[~rows["currency"].isin(missing)], policy=policy, scope=position.scope, rates=position.rates
    )
    whose = rows.assign(customer_id=rows["customer_id"].fillna("")).drop_duplicates("customer_id")
    whose = whose.set_index("customer_id")
    for name in ("name", "collector", "sales_rep"):
        found[name] = whose[name].reindex(found["customer_id"]).to_numpy()
    return LARGE.typed(found), missing


def _without_rate(position: Position, reporting: str) -> tuple[str, ...]:
    """Currencies of the position that have no closing rate into the limit's currency."""
    missing = []
    for code in sorted(position.items["currency"].unique()):
        try:
            position.rates.find(code, reporting, position.scope.as_of)
        except RateError:
            missing.append(str(code))
    return tuple(missing)
