"""What speaks against an allowance, in sentences for who approves it: method, tests, reserves, size. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import pandas as pd

from arlib.credit.allowance.booked import BookedAllowance
from arlib.credit.allowance.frames import LossRates
from arlib.credit.allowance.measure import Measured
from arlib.money import iso_code, shown, times, total
from arlib.report.bad_debt_percents import percent_of
from arlib.report.words import counted, money_text

METHOD_SAID = {"cohort": "cohorts", "roll_rate": "roll rates", "vintage": "vintages"}


def before_approval(
    measured: Measured, booked: BookedAllowance, by_method: Mapping[str, LossRates], *, currency: str
) -> tuple[str, ...]:
    """Sentences on how much the method decides, from a tenth on, and on a change of more than half of what is booked."""
    said = []
    pools = {name: _pool(measured, rates) for name, rates in by_method.items()}
    if (max(pools.values()) - min(pools.values())) * 10 > max(pools.values()):
        each = ", ".join(
            f"{shown(amount, currency)} by {METHOD_SAID[name]}" for name, amount in pools.items()
        )
        said.append(f"The method decides much: before overlays the pool needs {iso_code(currency)} {each}.")
    if booked.closing and booked.closing > 0 and abs(measured.total - booked.closing) * 2 > booked.closing:
        share = percent_of(Fraction(abs(measured.total - booked.closing), booked.closing), 0)
        said.append(f"What is required differs from what is booked by {share} % of the latter.")
    return tuple(said)


def weaknesses(measured: Measured, tested: pd.DataFrame, *, currency: str) -> tuple[str, ...]:
    """Sentences on shortfalls of the back-test and on reserves that nobody set; findings of their own say more."""
    said = []
    overs = [int(over) for over in tested["over"] if not pd.isna(over)]
    if short := [over for over in overs if over < 0]:
        said.append(
            f"In {len(short)} of {counted(len(overs), 'back-test')} the method fell short, by up to "
            f"{money_text(-min(short), currency)}."
        )
    lines = measured.specific
    unset = lines[(lines["needs_reserve"].fillna(False) & lines["exposure"].gt(0)).to_numpy(dtype=bool)]
    if len(unset):
        said.append(
            f"{counted(len(unset), 'specific reserve')} on {money_text(total(unset['exposure']), currency)} of exposure "
            "at the policy's rate: nobody set one."
        )
    return tuple(said)


def pooled_segments_said(measured: Measured) -> tuple[str, ...]:
    """A sentence on segments that take the rates of the whole."""
    pooled = measured.rates.pooled
    if not pooled:
        return ()
    of = {str(name) for name in measured.rates.frame["segment"].fillna("")} - {""}
    named = ", ".join(sorted(pooled))
    whole = " No segment has rates of its own: the split changes nothing." if of == set(pooled) else ""
    return (f"Segments that take the rates of the whole portfolio: {named}.{whole}",)


def _pool(measured: Measured, rates: LossRates) -> int:
    lines = measured.lines
    rows = zip(lines["segment"].fillna(""), lines["bucket"], lines["at_risk"], strict=True)
    return sum(
        times(int(at_risk), rates.rate(str(segment), str(bucket))) for segment, bucket, at_risk in rows
    )
