"""Back-test: today's method with the facts of earlier month ends, against what came of those receivables. Floor 1."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd

from arlib.credit.allowance.booked import BookedAllowance
from arlib.credit.allowance.flows import losses
from arlib.credit.allowance.frames_movement import BACK_TEST, LossFlow
from arlib.credit.allowance.lookback import shown
from arlib.credit.allowance.measure import measure
from arlib.ledger.facts import fact_dates, of_entity
from arlib.ledger.openitems import MAX_REPLACEMENTS, open_items
from arlib.money import divide, total
from arlib.policy import Basis, Policies, Scope
from arlib.policy.allowance import RateMethod
from arlib.tables import Book
from arlib.tables.choices import ItemType


def back_test(
    book: Book, flows: pd.DataFrame, booked: BookedAllowance, *, scope: Scope, policies: Policies
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """For each of the policy's `backtest_months`: BACK_TEST, latest first, and why a month end is left out.

    The allowance of then is measured by today's policy on the facts dated up to that month end: rates, exposure and
    reserves as they were. What came of those receivables counts from the day after it up to the as-of date, on the items
    themselves and on what carries them on (residual, chargeback, rebill). What is neither open nor lost was settled.
    `flows` is LOSS_FLOWS. A month end before the first posted item, or of a source that holds one day only, is left out.
    """
    rows, left_out = [], []
    if "snapshot" in book.features:
        return BACK_TEST.empty(), ("The source holds one day only: earlier allowances cannot be tested.",)
    items = of_entity(book["items"], scope.entity)
    first = fact_dates(items, Basis.POSTING).min()
    now = open_items(book, scope=scope)
    ancestors = _ancestors(items)
    for months in sorted(set(policies.allowance.backtest_months)):
        then = month_end_before(scope.as_of, months)
        if pd.isna(first) or first > pd.Timestamp(then):
            left_out.append(f"{then:%Y-%m-%d}")
            continue
        history = _months(first, then)
        rows.append(
            {
                "as_of": then,
                "months_since": months,
                "history_months": history,
                "booked": booked.at(then),
            }
            | _tested(book, flows, now, ancestors, then=then, history=history, scope=scope, policies=policies)
        )
    limits = (
        (f"The records begin after {', '.join(left_out)}: no allowance of then can be tested.",)
        if left_out
        else ()
    )
    if not rows:
        return BACK_TEST.empty(), limits
    frame = pd.DataFrame(rows)
    for name in ("booked", "over"):
        frame[name] = frame[name].astype("Int64")
    return BACK_TEST.typed(frame), limits


def month_end_before(day: date, months: int) -> date:
    """The last day of the month that is so many months before the month of a day."""
    return ((pd.Timestamp(day) - pd.DateOffset(months=months)) + pd.offsets.MonthEnd(0)).date()


def _months(first: pd.Timestamp, then: date) -> int:
    return (then.year - first.year) * 12 + then.month - first.month


def scope_at(scope: Scope, day: date) -> Scope:
    """The same books seen at the end of an earlier day, in its calendar month."""
    return replace(scope, period=f"{day:%Y-%m}", starts_on=day.replace(day=1), ends_on=day, as_of=day)


def _tested(
    book: Book,
    flows: pd.DataFrame,
    now: pd.DataFrame,
    ancestors: dict[str, str],
    *,
    then: date,
    history: int,
    scope: Scope,
    policies: Policies,
) -> dict[str, object]:
    """One month end: what was expected, and what became of it."""
    measured = measure(book, scope=scope_at(scope, then), policies=policies)
    roots = _roots(measured.exposures["item_id"], ancestors)
    exposed = measured.exposures.assign(item_id=roots).groupby("item_id")[["gross", "outstanding"]].sum()
    still = _still_open(exposed, now, ancestors)
    since = {
        flow: total(rows.loc[_roots(rows["item_id"], ancestors).isin(exposed.index), "loss"])
        for flow in LossFlow
        for rows in [losses(flows, flow, after=then, until=scope.as_of)]
    }
    gross, lost, recovered = total(exposed["gross"]), since[LossFlow.WRITE_OFF], since[LossFlow.RECOVERY]
    return {
        "exposure": gross,
        "allowance": measured.total,
        "paid": gross - lost - still,
        "lost": lost,
        "recovered": recovered,
        "still_open": still,
        "resolved_rate": shown(Fraction(gross - still, gross) if gross else None),
        "over": None
        if not history and measured.rates.method != RateMethod.GIVEN.value
        else measured.total - lost + recovered,
    }


def _still_open(exposed: pd.DataFrame, now: pd.DataFrame, ancestors: dict[str, str]) -> int:
    """Of each item's carrying amount then, the share of its document amount that is still open now.

    By document amounts, so that exchange rates of today do not look like payments. A recovery reinstates a debt that
    was lost: it is not still open.
    """
    mine = now[(now["outstanding"].gt(0) & now["item_type"].ne(ItemType.RECOVERY.value)).to_numpy(dtype=bool)]
    rest = mine.groupby(_roots(mine["item_id"], ancestors))["outstanding"].sum()
    both = exposed.join(rest.rename("rest"), how="inner")
    return sum(
        divide(int(gross) * min(int(left), int(open_)), int(open_))
        for gross, open_, left in zip(both["gross"], both["outstanding"], both["rest"], strict=True)
        if open_
    )


def _ancestors(items: pd.DataFrame) -> dict[str, str]:
    """For each item that carries on another: the first one of its chain."""
    carried = items[
        (items["replaces"].notna() & items["item_type"].ne(ItemType.RECOVERY.value)).to_numpy(dtype=bool)
    ]
    onward = dict(zip(carried["item_id"], carried["replaces"], strict=True))
    found = np.array(list(onward.values()), dtype=object)
    for _ in range(MAX_REPLACEMENTS):
        later = np.array([onward.get(name, name) for name in found], dtype=object)
        if (later == found).all():
            break
        found = later
    return dict(zip(onward, found.tolist(), strict=True))


def _roots(item_ids: pd.Series, ancestors: dict[str, str]) -> pd.Series[str]:
    """The item that each one carries on, itself where it carries on none."""
    return pd.Series([ancestors.get(name, name) for name in item_ids], index=item_ids.index, dtype="str")
