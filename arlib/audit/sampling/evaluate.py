"""Evaluate an audited sample: most likely misstatement, limits, and a conclusion in words. Floor 1.

Every item that was selected is in, with its book and audit value. Each part of each stratum is projected by itself:

    high value   examined in full: what was found, without a factor
    positive     by money: the bound of monetary_bounds.py; by item: the estimator
    zero, credit drawn by item: mean difference x items (what was found, where all were examined)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from arlib.audit.sampling.clusters import two_stage_estimate
from arlib.audit.sampling.conclusions import Conclusion, Facts, concluded
from arlib.audit.sampling.design import Units
from arlib.audit.sampling.estimators import Estimate, Estimator, combined, estimate
from arlib.audit.sampling.evaluated_rows import error_row, figure, item_errors, nearest, part_row
from arlib.audit.sampling.frames_evaluate import ERRORS, PARTS, Side
from arlib.audit.sampling.frames_select import Part
from arlib.audit.sampling.misstatements import Item, items_of
from arlib.audit.sampling.monetary_bounds import Pool, limits
from arlib.audit.sampling.stringer import DIGITS, decimal
from arlib.audit.sampling.terms import Bound, Combination, Netting, Projection, Terms
from arlib.controls import Identity
from arlib.errors import ParameterError
from arlib.money import minor_places

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Stratum:
    """A part of a stratum of the population: what there is to project to. None where it is not known.

    `interval`, in minor units, is the fixed monetary interval that it was drawn with; None for cells, random or items.
    """

    stratum: str
    part: Part
    items: int | None
    book: int | None
    interval: Fraction | None = None


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """The result. Money in minor units; overstatements positive.

    `upper` is the upper limit of overstatement and `lower` minus that of understatement (by money), or the limits of the net
    misstatement (by item); all rounded to the nearest minor unit, the conclusion being drawn before that. `precision` is the
    upper limit less the most likely misstatement that it rests on. `errors` is the table sampling_errors, `parts`
    sampling_parts.
    """

    currency: str
    terms: Terms
    examined: int
    hits: int
    error_count: int
    most_likely: int
    over_most_likely: int
    under_most_likely: int
    upper: int
    lower: int
    precision: int
    most_likely_exact: Decimal
    upper_exact: Decimal
    conclusion: Conclusion
    words: str
    warnings: tuple[str, ...]
    errors: pd.DataFrame
    parts: pd.DataFrame
    conventions: dict[str, str]
    identities: tuple[Identity, ...]


@dataclass(kw_only=True)
class _Sums:
    """Both sides added up over the parts, unrounded, and the rows of the two tables."""

    likely: dict[Side, Decimal] = field(default_factory=lambda: dict.fromkeys(Side, Decimal(0)))
    upper: dict[Side, Decimal] = field(default_factory=lambda: dict.fromkeys(Side, Decimal(0)))
    errors: list[dict[str, Any]] = field(default_factory=list)
    parts: list[dict[str, Any]] = field(default_factory=list)
    estimates: list[Estimate] = field(default_factory=list)


def evaluate(
    audited: pd.DataFrame,
    strata: Sequence[Stratum],
    *,
    currency: str,
    terms: Terms,
    units: Units | None = None,
    clusters: int | None = None,
) -> Evaluation:
    """The evaluation of `audited` (table sampling_audited) against the population's strata.

    `units` says how the sample was drawn, where that is known. Of a two-stage draw `clusters` is their number in the
    population, and `strata` are those drawn, one positive part each, whatever the signs of their items.

    Raises ParameterError where the method is not for such a sample, where an item is of a part that the population does
    not have, where more items were examined than there are, or where a sampled part has no hit or no value to project to.
    """
    if units is not None and terms.method.is_by_item != (units is Units.ITEMS):
        drawn, other = ("item", "money") if units is Units.ITEMS else ("money", "item")
        raise ParameterError(
            terms.method.value, found=f"a sample drawn by {drawn}", wanted=f"a sample drawn by {other}",
            fix="Choose stringer, poisson, binomial or moment by money; direct, difference, ratio, quotient or regression by item.",
        )  # fmt: skip
    if clusters is not None and terms.method is not Bound.DIFFERENCE:
        raise ParameterError(terms.method.value, found="a sample of clusters", wanted="difference")
    items = items_of(audited)
    by_part: dict[tuple[str, Part], list[Item]] = {(one.stratum, one.part): [] for one in strata}
    for item in items:
        if (item.stratum, item.part) not in by_part:
            raise ParameterError(
                "an item of a part that the population does not have",
                found=f"{item.item_id}: {item.stratum or '-'}/{item.part}",
            )
        by_part[item.stratum, item.part].append(item)
    sums = _Sums()
    with localcontext() as context:
        context.prec = DIGITS
        sampled = []
        for one in strata:
            mine = by_part[one.stratum, one.part]
            if one.items is not None and len(mine) > one.items:
                raise ParameterError(
                    "items examined", found=len(mine), wanted=f"at most the {one.items} of {one.part}"
                )
            if one.part is Part.POSITIVE and not terms.method.is_by_item:
                sampled.append((one, mine))
            else:
                scale = Fraction(1) if clusters is None else Fraction(clusters, len(strata))
                _by_item(sums, one, mine, terms, currency, scale)
        pools = _pools(sampled, terms)
        for pool in pools:
            _by_money(sums, pool, terms, currency, {one.stratum: one for one, _ in sampled})
        if clusters is not None:
            found = {
                one.stratum: [item.misstatement for item in by_part[one.stratum, one.part]] for one in strata
            }
            counts = {one.stratum: one.items or 0 for one in strata}
            sums.estimates = [two_stage_estimate(found, items=counts, clusters=clusters)]
        return _result(sums, items, list(strata), currency, terms, pools)


def _pools(sampled: list[tuple[Stratum, list[Item]]], terms: Terms) -> list[Pool]:
    """The sampled parts as pools: each by itself, or all as one where they have the same interval."""
    pools = []
    for one, mine in sampled:
        hits = sum(item.hits for item in mine)
        if not hits:
            if one.items == 0:
                continue
            raise ParameterError("no item examined", where=one.stratum, wanted="the items that were selected")
        if terms.projected_by(one.interval) is Projection.INTERVAL:
            if one.interval is None:
                raise ParameterError(
                    "projection by interval", wanted="the interval that the sample was drawn with"
                )
            unit = one.interval
        elif one.book is None:
            raise ParameterError(
                "no value to project to", wanted="the book value of the population", where=one.stratum
            )
        else:
            unit = Fraction(one.book, hits)
        pools.append(Pool(strata=(one.stratum,), items=tuple(mine), hits=hits, unit=unit))
    is_same = len(pools) > 1 and len({pool.unit for pool in pools}) == 1
    if terms.combination is Combination.POOLED and len(pools) > 1 and not is_same:
        raise ParameterError("pooled strata", found="different intervals", wanted="the same interval in all")
    if is_same and terms.combination is not Combination.ADDED:
        return [
            Pool(strata=tuple(name for pool in pools for name in pool.strata), hits=sum(pool.hits for pool in pools),
                 items=tuple(item for pool in pools for item in pool.items), unit=pools[0].unit)
        ]  # fmt: skip
    return pools


def _by_money(sums: _Sums, pool: Pool, terms: Terms, currency: str, strata: dict[str, Stratum]) -> None:
    """A pool's limits into the sums, with its rows."""
    found = limits(pool, terms)
    for side, limit in found.items():
        sums.likely[side] += limit.most_likely
        sums.upper[side] += limit.upper
        sums.errors += [error_row(side, row, currency) for row in limit.rows]
    for name in pool.strata:
        mine = [item for item in pool.items if item.stratum == name]
        part = part_row(
            strata[name],
            mine,
            currency,
            terms.method.value
            if terms.method is Bound.MOMENT
            else f"{terms.method.value}, {terms.law.value}",
        )
        part["interval"] = figure(decimal(pool.unit / 10 ** minor_places(currency)))
        hits = {side: sum((abs(decimal(i.taint)) * i.hits for i in mine if i.misstatement and i.side is side), Decimal(0))
                for side in Side}  # fmt: skip
        part["over_projected"] = nearest(decimal(pool.unit) * hits[Side.OVERSTATEMENT])
        part["under_projected"] = nearest(decimal(pool.unit) * hits[Side.UNDERSTATEMENT])
        if len(pool.strata) == 1:
            over, under = found[Side.OVERSTATEMENT], found[Side.UNDERSTATEMENT]
            part |= {
                "basic": nearest(over.basic),
                "over_upper": nearest(over.upper),
                "under_upper": nearest(under.upper),
            }
        sums.parts.append(part)


def _by_item(
    sums: _Sums, one: Stratum, mine: list[Item], terms: Terms, currency: str, scale: Fraction
) -> None:
    """A part that was examined in full, or drawn by item; `scale` is what a cluster stands for, else 1."""
    estimator = (
        Estimator(terms.method.value)
        if terms.method.is_by_item and one.part is Part.POSITIVE
        else Estimator.DIFFERENCE
    )
    is_full = one.items is None or one.items == len(mine)
    part = part_row(
        one, mine, currency, "examined in full" if is_full else estimator.value if mine else "not examined"
    )
    factor = Fraction(1) if is_full or not mine or one.items is None else Fraction(one.items, len(mine))
    if one.part is Part.HIGH_VALUE and not is_full:
        raise ParameterError(
            "high-value items", found=f"{len(mine)} examined", wanted=f"all {one.items}", where=one.stratum
        )
    if one.part is Part.POSITIVE and not mine and one.items != 0:
        raise ParameterError("no item examined", where=one.stratum, wanted="the items that were selected")
    factor *= scale
    if mine:
        if is_full:
            made = Estimate(
                point=Fraction(sum(i.misstatement for i in mine)), standard_error=0.0, freedom=0.0
            )
        else:
            assert one.items is not None
            if one.book is None and estimator in (Estimator.DIRECT, Estimator.RATIO, Estimator.REGRESSION):
                raise ParameterError(
                    estimator.value, wanted="the book value of the population", where=one.stratum
                )
            made = _estimated(estimator, mine, one, terms)
        sums.estimates.append(made)
        for side, key in ((Side.OVERSTATEMENT, "over"), (Side.UNDERSTATEMENT, "under")):
            amount = decimal(factor) * sum(
                abs(i.misstatement) for i in mine if i.misstatement and i.side is side
            )
            part[f"{key}_projected"] = nearest(amount)
            sums.likely[side] += amount
            sums.upper[side] += amount
            if is_full:
                part[f"{key}_upper"] = nearest(amount)
        is_projected = is_full or estimator is Estimator.DIFFERENCE
        sums.errors += item_errors(mine, decimal(factor) if is_projected else None, currency, one.part)
    sums.parts.append(part)


def _estimated(estimator: Estimator, mine: list[Item], one: Stratum, terms: Terms) -> Estimate:
    """The estimate of a part drawn by item; a single item of a part that is no main one has a point and no spread."""
    assert one.items is not None
    if len(mine) == 1 and one.part is not Part.POSITIVE:
        return Estimate(point=Fraction(one.items * mine[0].misstatement), standard_error=0.0, freedom=0.0)
    return estimate(estimator, [i.book for i in mine], [i.audit for i in mine], items=one.items,
                    book_value=one.book or 0, has_correction=terms.has_correction)  # fmt: skip


def _result(
    sums: _Sums, items: list[Item], strata: list[Stratum], currency: str, terms: Terms, pools: list[Pool]
) -> Evaluation:
    over, under = sums.likely[Side.OVERSTATEMENT], sums.likely[Side.UNDERSTATEMENT]
    if terms.method.is_by_item:
        whole = combined(sums.estimates)
        margin = Decimal(repr(whole.margin(float(terms.one_sided), terms.quantile)))
        likely = decimal(whole.point)
        upper, lower, rests_on = likely + margin, likely - margin, likely
    else:
        likely, rests_on = over - under, over
        upper, lower = sums.upper[Side.OVERSTATEMENT], -sums.upper[Side.UNDERSTATEMENT]
        if terms.netting is Netting.LESS_MOST_LIKELY:
            upper, lower, rests_on = upper - under, lower + over, likely
    wrong = [item for item in items if item.misstatement]
    facts = Facts(
        currency=currency, terms=terms, most_likely=likely, upper=upper, lower=lower,
        errors=len(wrong), examined=len(items), not_found=sum(not item.is_found for item in items),
        not_examined=tuple((one.part, one.items or 0, one.book or 0) for one in strata
                           if one.items and not any((i.stratum, i.part) == (one.stratum, one.part) for i in items)),
        largest_taint=max((abs(i.taint) for i in wrong if i.part is Part.POSITIVE and i.book > 0), default=Fraction(0)),
        has_understatements=any(item.misstatement < 0 for item in items), pools=len(pools),
        has_estimated_parts=any(part["how"] == "difference" and part["part"] != Part.POSITIVE for part in sums.parts),
    )  # fmt: skip
    conclusion, words, warnings = concluded(facts)
    return Evaluation(
        currency=currency, terms=terms, examined=len(items), hits=sum(item.hits for item in items),
        error_count=len(wrong), most_likely=nearest(likely), over_most_likely=nearest(over),
        under_most_likely=nearest(under), upper=nearest(upper), lower=nearest(lower),
        precision=nearest(upper - rests_on), most_likely_exact=likely, upper_exact=upper,
        conclusion=conclusion, words=words, warnings=warnings,
        errors=ERRORS.from_rows(sorted(sums.errors, key=lambda r: tuple(r[k] for k in ERRORS.key))),
        parts=PARTS.from_rows(sorted(sums.parts, key=lambda r: (r["stratum"], r["part"]))),
        conventions={"method": terms.method.value, **terms.conventions(), **_projections(strata, terms)},
        identities=(_known_ties(sums, items, currency),),
    )  # fmt: skip


def _projections(strata: list[Stratum], terms: Terms) -> dict[str, str]:
    if terms.method.is_by_item:
        return {}
    used = sorted({terms.projected_by(one.interval).value for one in strata if one.part is Part.POSITIVE})
    return {"projection": ", ".join(used)}


def _known_ties(sums: _Sums, items: list[Item], currency: str) -> Identity:
    return Identity(
        name="misstatement_found", left_label="items", left=sum(item.misstatement for item in items), currency=currency,
        right_label="parts", right=sum(part["known"] for part in sums.parts),
    ).require()  # fmt: skip
