"""Vintage loss rates: cumulative loss by months since the invoice, and what it says of an item of some age. Floor 1.

The additive (incremental loss-ratio) form of the chain ladder, since early ages have no loss to multiply: with billed net
of credits,

    m(k) = loss in the k-th month after the invoice month / billed, over the vintages that are k months old or more
    u(a) = open at the end of age a / billed, over the vintages that are a months old or more
    rate of age a = (m(a+1) + m(a+2) + ...) / u(a), from 0 to 1; none where nothing was paid or lost after age a

A bucket's rate is the mean of its ages' rates, weighted by what stood in it at the month ends. Balances brought forward are
left out, since the rest of their vintage is not known. (Mack, Schadenversicherungsmathematik, 1997, the additive method.)
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from arlib.credit.allowance.frames import VINTAGES, rate_text
from arlib.credit.allowance.history import Flow
from arlib.credit.allowance.past import Past
from arlib.ledger.facts import Ints

NONE, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Triangle:
    """By label ('' first) and vintage: billed net of credits; and by age in months: what was paid and lost in it."""

    past: Past
    first: int  # month number (year x 12 + month - 1) of the first vintage
    last_age: tuple[int, ...]  # by vintage: the oldest age that is complete at the as-of date; -1 none
    billed: Ints
    paid: Ints
    lost: Ints
    weight: Ints  # by label, bucket and age: what stood at the month ends


def triangle_of(past: Past) -> Triangle:
    """The triangle of the policy's months; the month of the as-of date counts where that is its last day."""
    history, lives, months = past.history, past.history.lives, past.policy.history_months
    as_of = np.datetime64(past.scope.as_of, "D")
    this = int(as_of.astype("datetime64[M]").astype(np.int64))
    complete = this if (as_of + 1).astype("datetime64[M]").astype(np.int64) > this else this - 1
    first = this - months + 1
    vintage = _month(lives.documented) - first
    counts = (vintage >= 0) & ~lives.is_opening
    shape = (max(len(past.split.labels), 1), months)

    billed = np.zeros(shape, dtype=np.int64)
    rows = np.flatnonzero(counts)
    np.add.at(billed, (past.split.code[rows], vintage[rows]), lives.books[rows])
    paid, lost = np.zeros((2, *shape, months), dtype=np.int64)
    mine = counts[history.life]
    life, flow, amount = history.life[mine], history.flow[mine], history.in_books()[mine]
    where = (past.split.code[life], vintage[life])
    age = np.clip(_month(history.day[mine]) - first - vintage[life], 0, months - 1)
    for kind, target, sign in (
        (Flow.PAID, paid, 1), (Flow.LOST, lost, 1), (Flow.RECOVERED, lost, -int(past.policy.nets_recoveries)),
    ):  # fmt: skip
        hit = flow == int(kind)
        np.add.at(target, (*(part[hit] for part in where), age[hit]), sign * amount[hit])
    hit = flow == int(Flow.CREDITED)
    np.subtract.at(billed, tuple(part[hit] for part in where), amount[hit])

    weight = np.zeros((shape[0], len(past.buckets), months), dtype=np.int64)
    for month in past.standing:
        old = int(np.datetime64(month.day, "M").astype(np.int64)) - _month(lives.documented[month.life])
        place = (past.split.code[month.life], month.bucket, np.clip(old, 0, months - 1))
        np.add.at(weight, place, month.outstanding)
    parts = (past.of_labels(part) for part in (billed, paid, lost, weight))
    return Triangle(past, first, tuple(complete - first - at for at in range(months)), *parts)


def age_rates(triangle: Triangle, label: str) -> tuple[Fraction | None, ...]:
    """The loss rate of an item by its age in months; None where nothing of that age was open, or left after."""
    at = triangle.past.labels.index(label)
    ages = range(len(triangle.last_age))
    billed = [int(value) for value in triangle.billed[at]]
    paid, lost = triangle.paid[at].tolist(), triangle.lost[at].tolist()
    gone = np.cumsum(triangle.paid[at] + triangle.lost[at], axis=1).tolist()
    step, left, decided = [], [], []
    for age in ages:
        seen = [vintage for vintage, last in enumerate(triangle.last_age) if last >= age]
        base = sum(billed[vintage] for vintage in seen)
        step.append(Fraction(sum(lost[v][age] for v in seen), base) if base > 0 else NONE)
        left.append(Fraction(sum(billed[v] - gone[v][age] for v in seen), base) if base > 0 else NONE)
        decided.append(any(paid[v][age] or lost[v][age] for v in seen))
    return tuple(
        min(max(sum(step[age + 1 :], start=NONE) / left[age], NONE), ONE)
        if left[age] > 0 and any(decided[age + 1 :])
        else None
        for age in ages
    )


def vintage_rates(triangle: Triangle, label: str) -> dict[str, Fraction | None]:
    """The loss rate of each bucket; None where nothing stood in it at an age that has a rate."""
    rates = age_rates(triangle, label)
    made: dict[str, Fraction | None] = {}
    weights = triangle.weight[triangle.past.labels.index(label)].tolist()
    for bucket, weight in zip(triangle.past.buckets, weights, strict=True):
        known = [(amount, rate) for amount, rate in zip(weight, rates, strict=True) if rate is not None]
        base = sum(amount for amount, _ in known)
        made[bucket] = sum((amount * rate for amount, rate in known), start=NONE) / base if base else None
    return made


def vintage_frame(triangle: Triangle) -> pd.DataFrame:
    """The triangle: VINTAGES, by segment, vintage and age; months without billing are left out."""
    rows = []
    for at, label in enumerate(triangle.past.labels):
        for vintage, last in enumerate(triangle.last_age):
            billed = int(triangle.billed[at, vintage])
            if billed <= 0:
                continue
            paid, lost = (np.cumsum(part[at, vintage]).tolist() for part in (triangle.paid, triangle.lost))
            begins = np.datetime64(triangle.first + vintage, "M").astype("datetime64[D]")
            rows += [
                {"segment": label, "vintage": begins, "age_months": age, "billed": billed, "paid": paid[age],
                 "lost": lost[age], "open": billed - paid[age] - lost[age],
                 "loss_rate": rate_text(Fraction(lost[age], billed))}
                for age in range(last + 1)
            ]  # fmt: skip
    return VINTAGES.frame(rows) if rows else VINTAGES.empty()


def _month(day: Ints) -> Ints:
    """Months since 1970-01 of days since 1970-01-01."""
    return np.asarray(day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64), dtype=np.int64)
