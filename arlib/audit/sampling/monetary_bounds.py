"""Limits of a sample drawn by monetary units: Stringer, Poisson, binomial, moment; each side by itself. Floor 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from arlib.audit.sampling.attributes import Method, factor, upper_limit
from arlib.audit.sampling.frames_evaluate import Side
from arlib.audit.sampling.misstatements import Item, ranked
from arlib.audit.sampling.moment import moment_rates
from arlib.audit.sampling.stringer import DIGITS, Distribution, decimal, error_factor, stringer
from arlib.audit.sampling.terms import Bound, Count, Terms


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Hits that stand for the same amount each: the sampled part of a stratum, or of several with one interval."""

    strata: tuple[str, ...]
    items: tuple[Item, ...]
    hits: int
    unit: Fraction  # minor units that a hit stands for


@dataclass(frozen=True, kw_only=True)
class Limit:
    """One side of a pool, in minor units unrounded; `basic` is the limit were no error found. `rows` are its errors."""

    most_likely: Decimal
    basic: Decimal | None
    upper: Decimal
    rows: tuple[dict[str, Any], ...]


def limits(pool: Pool, terms: Terms) -> dict[Side, Limit]:
    """The limits of overstatement and understatement; a moment bound is of the net, and each side has its half of it."""
    with localcontext() as context:
        context.prec = DIGITS
        if terms.method is not Bound.MOMENT:
            return {side: _side(pool, terms, side) for side in Side}
        return _moment(pool, terms)


def _side(pool: Pool, terms: Terms, side: Side) -> Limit:
    errors = ranked(pool.items, side)
    taints = [abs(item.taint) for item in errors]
    unit, confidence = decimal(pool.unit), terms.one_sided
    if terms.method is Bound.STRINGER:
        bound = stringer(
            taints, size=pool.hits, confidence=confidence, distribution=terms.law, factors=terms.factors
        )
        rows = _rows(errors, taints, unit, bound.factors)
        return Limit(
            most_likely=unit * bound.most_likely,
            basic=unit * bound.basic,
            upper=unit * bound.upper,
            rows=rows,
        )
    basic = error_factor(
        0, size=pool.hits, confidence=confidence, distribution=terms.law, factors=terms.factors
    )
    if terms.count is Count.ERRORS:
        most = error_factor(
            len(errors), size=pool.hits, confidence=confidence, distribution=terms.law, factors=terms.factors
        )
    elif terms.law is Distribution.POISSON:
        most = decimal(factor(_short(taints), 1 - confidence))
    else:
        most = decimal(pool.hits * upper_limit(Method.BINOMIAL, _short(taints), pool.hits, 1 - confidence))
    likely = sum((decimal(taint) for taint in taints), Decimal(0))
    return Limit(
        most_likely=unit * likely, basic=unit * basic, upper=unit * most, rows=_rows(errors, taints, unit)
    )


def _moment(pool: Pool, terms: Terms) -> dict[Side, Limit]:
    unit = decimal(pool.unit)
    errors = {side: ranked(pool.items, side) for side in Side}
    signed = [float(item.taint) for side in Side for item in errors[side]]
    rates = moment_rates(signed, size=pool.hits, confidence=float(terms.one_sided), kind=terms.moment)
    uppers = {Side.OVERSTATEMENT: rates[1], Side.UNDERSTATEMENT: -rates[0]}
    made = {}
    for side, mine in errors.items():
        taints = [abs(item.taint) for item in mine]
        likely = sum((decimal(taint) for taint in taints), Decimal(0))
        upper = unit * pool.hits * Decimal(repr(uppers[side]))
        made[side] = Limit(most_likely=unit * likely, basic=None, upper=upper, rows=_rows(mine, taints, unit))
    return made


def _rows(
    errors: Sequence[Item], taints: Sequence[Fraction], unit: Decimal, factors: Sequence[Decimal] = ()
) -> tuple[dict[str, Any], ...]:
    rows = []
    for rank, (item, taint) in enumerate(zip(errors, taints, strict=True), start=1):
        projected = unit * decimal(taint)
        row: dict[str, Any] = {"item": item, "rank": rank, "taint": decimal(taint), "projected": projected}
        if factors:
            row["factor"] = factors[rank]
            row["increment"] = factors[rank] - factors[rank - 1]
            row["incremental"] = (row["increment"] - 1) * projected
        rows.append(row)
    return tuple(rows)


def _short(taints: Sequence[Fraction]) -> Fraction:
    """The sum of taints to the digits that decimals carry here."""
    return Fraction(sum((decimal(taint) for taint in taints), Decimal(0)))
