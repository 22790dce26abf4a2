"""Which rates rest on little or nothing decided, in words for who approves what follows from them. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import pandas as pd

from arlib.credit.allowance.frames import POOL, LossRates, percent_text
from arlib.ledger.aging import CURRENT
from arlib.money import iso_code, shown
from arlib.policy.allowance import RateMethod

LITTLE = Fraction(1, 4)  # share decided of what stood, below which a rate is told apart


@dataclass
class _Taken:
    """A rate of history and what it is put on."""

    stood: int
    exposed: int
    at_risk: int
    rate: Fraction
    applied: Fraction


def thin_support(lines: pd.DataFrame, rates: LossRates, *, currency: str) -> tuple[str, ...]:
    """Sentences on pool lines that hold something at risk: nothing decided, little decided, or past due without allowance.

    Decided of stood is what the rate rests on: the columns `exposed` and `stood` of LOSS_RATES, of the pool where a
    segment takes the pool's rate. Less than a quarter is little. Needs ALLOWANCE_LINES; `currency` is the books'. Rates
    that the policy gives rest on no history: no sentence.
    """
    if rates.method == RateMethod.GIVEN.value:
        return ()
    taken = _taken(lines, rates)
    code = iso_code(currency)

    def named(key: tuple[str, str], extra: str = "") -> str:
        each = taken[key]
        return (
            f"{_words(key)} (at risk {shown(each.at_risk, currency)}, rate {percent_text(each.rate)}{extra})"
        )

    nothing = [named(key) for key, each in taken.items() if not each.exposed]
    little = [
        named(key, f" from {shown(each.exposed, currency)} decided of {shown(each.stood, currency)}, "
                   f"{percent_text(Fraction(each.exposed, each.stood))}")
        for key, each in taken.items()
        if 0 < each.exposed < LITTLE * each.stood
    ]  # fmt: skip
    bare = [key for key, each in taken.items() if key[1] != CURRENT and not each.applied]
    said = []
    if nothing:
        said.append(
            f"Nothing that counts for a rate was decided in {_listed(nothing)}: the rate is that of another bucket, or 0."
        )
    if little:
        said.append(f"Little was decided of what stood in {_listed(little)}: the rate hangs on it.")
    if bare:
        amount = sum(taken[key].at_risk for key in bare)
        said.append(
            f"{code} {shown(amount, currency)} at risk past due get no allowance, at a rate of 0.00 %: "
            f"{_listed([_words(key) for key in bare])}."
        )
    if falls := _falling(taken):
        said.append(
            f"Rates of history fall with age, though an older debt is seldom safer: {'; '.join(falls)}."
        )
    return tuple(said)


def _falling(taken: dict[tuple[str, str], _Taken]) -> list[str]:
    """Neighbours of a segment of which the older has the lower rate."""
    keys = list(taken)
    return [
        f"{_words(one)} {percent_text(taken[one].rate)}, {_words(two)} {percent_text(taken[two].rate)}"
        for one, two in pairwise(keys)
        if one[0] == two[0] and taken[two].rate < taken[one].rate
    ]


def _taken(lines: pd.DataFrame, rates: LossRates) -> dict[tuple[str, str], _Taken]:
    """By the segment and bucket that a rate is from, in the order of the lines."""
    of = {(row["segment"], row["bucket"]): row for row in rates.frame.to_dict("records")}
    made: dict[tuple[str, str], _Taken] = {}
    for line in lines.to_dict("records"):
        key = (str(line["segment"]), str(line["bucket"]))
        if key not in of or of[key]["pooled"]:
            key = (POOL, key[1])
        if not int(line["at_risk"]):
            continue
        found = of[key]
        each = made.setdefault(
            key, _Taken(int(found["stood"]), int(found["exposed"]), 0, rates.rate(*key), Fraction(0))
        )
        each.at_risk += int(line["at_risk"])
        each.applied = max(each.applied, Fraction(str(line["applied_rate"])))
    return made


def _words(key: tuple[str, str]) -> str:
    return f"{key[0]}, {key[1]}" if key[0] else key[1]


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
