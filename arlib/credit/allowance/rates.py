"""Historical loss rates by segment and bucket, by the method that the policy names. Floor 1.

Rates are exact fractions. Overlays, specific reserves and given judgement come after and elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from arlib.credit.allowance.cohort import cohorts_of
from arlib.credit.allowance.frames import LOSS_RATES, POOL, LossRates, rate_text
from arlib.credit.allowance.history import Flow
from arlib.credit.allowance.migration import counted_debts, migrated, product_rates, rolls
from arlib.credit.allowance.past import Past, past_of
from arlib.credit.allowance.pooling import Counted, counted_items, pooled_segments
from arlib.credit.allowance.standing import buckets_of
from arlib.credit.allowance.vintage import triangle_of, vintage_rates
from arlib.errors import ParameterError
from arlib.money import shown
from arlib.policy import AgingPolicy, AllowancePolicy, Scope
from arlib.policy.allowance import RateMethod
from arlib.tables import Book

NONE = Fraction(0)


class Basis(NamedTuple):
    """What the rate of a bucket rests on, all of the same months; the columns are those of LOSS_RATES."""

    items: int
    losses: int
    stood: int
    exposed: int
    lost: int
    rate: Fraction | None  # None where history has none


Found = dict[tuple[str, str], Basis]


def loss_rates(book: Book, *, scope: Scope, aging: AgingPolicy, policy: AllowancePolicy) -> LossRates:
    """Loss rates of each bucket and segment from the entity's own history up to the as-of date.

    Needs ITEMS and APPLICATIONS, and what `past_of` names; with the method GIVEN only the policy. Buckets are those of
    `aging`, counted from the original due date. A segment that is pooled takes all rates of the pool; a segment in whose
    bucket nothing was decided takes the pool's rate of that bucket; where nothing was in the pool either, the rate is that
    of the nearest older bucket, else of the nearest younger one, and a warning says so. Recoveries after write-off reduce
    the rates where the policy has `nets_recoveries`. Raises ParameterError where given rates leave a bucket out, and what
    `past_of` raises.
    """
    if policy.method is RateMethod.GIVEN:
        return given_rates(aging=aging, policy=policy)
    return rates_of(past_of(book, scope=scope, aging=aging, policy=policy))


def rates_of(past: Past) -> LossRates:
    """The loss rates of a past that is already worked out; given rates do not come from one (ParameterError)."""
    if past.policy.method not in _FOUND:
        raise ParameterError(
            "method", found=past.policy.method.value, wanted=", ".join(_FOUND), fix="Use given_rates."
        )
    counted = counted_items(past)
    pooled = pooled_segments(counted, policy=past.policy)
    found = _FOUND[past.policy.method](past)
    pool = filled({bucket: found[POOL, bucket].rate for bucket in past.buckets})
    exact: dict[tuple[str, str], Fraction] = {}
    rows = []
    for label in past.labels:
        for bucket in past.buckets:
            basis = found[label, bucket]
            rate = basis.rate
            is_pooled = label != POOL and (label in pooled or rate is None)
            exact[label, bucket] = pool[bucket][0] if is_pooled or rate is None else rate
            row = {
                "segment": label,
                "bucket": bucket,
                "rate": rate_text(exact[label, bucket]),
                "pooled": is_pooled,
            }
            rows.append(basis._asdict() | row)
    return LossRates(
        frame=LOSS_RATES.frame(rows),
        exact=exact,
        method=past.policy.method.value,
        pooled=pooled,
        warnings=(*_warnings(past, counted), *_borrowed(pool, past)),
    )


def given_rates(*, aging: AgingPolicy, policy: AllowancePolicy) -> LossRates:
    """The policy's own rates; a bucket that they leave out, or do not have, raises ParameterError."""
    buckets = buckets_of(aging)
    exact = {(each.segment, each.bucket): Fraction(each.rate) for each in policy.given_rates}
    if unknown := sorted({bucket for _, bucket in exact} - set(buckets)):
        raise ParameterError(
            "given_rates name buckets that the aging has not", found=unknown, wanted=", ".join(buckets)
        )
    segments = sorted({segment for segment, _ in exact} - {POOL})
    for segment in (POOL, *segments):
        missing = [b for b in buckets if (segment, b) not in exact and (POOL, b) not in exact]
        if missing and (segment or not segments):
            raise ParameterError(
                "given_rates leave buckets out", where=segment, found=missing, wanted="a rate for each"
            )
    order = {bucket: at for at, bucket in enumerate(buckets)}
    rows = [
        {"segment": segment, "bucket": bucket, "stood": 0, "exposed": 0, "lost": 0, "rate": rate_text(rate), "pooled": False,
         "items": 0, "losses": 0}
        for (segment, bucket), rate in sorted(exact.items(), key=lambda pair: (pair[0][0], order[pair[0][1]]))
    ]  # fmt: skip
    return LossRates(frame=LOSS_RATES.frame(rows), exact=exact, method=policy.method.value, pooled={})


def upper_bound(items: int) -> Decimal:
    """The share of lost items that 95 % confidence does not exclude where none of n was lost: 1 - 0.05^(1/n)."""
    return 1 - Decimal("0.05") ** (Decimal(1) / items) if items else Decimal(1)


def filled(rates: Mapping[str, Fraction | None]) -> dict[str, tuple[Fraction, str]]:
    """Each bucket's rate and the bucket that it is from: its own; else the nearest older, else the nearest younger one.

    An older debt is not less likely to be lost. Without any rate at all it is 0, from ''.
    """
    names = list(rates)
    made = {}
    for at, bucket in enumerate(names):
        near = [bucket, *names[at + 1 :], *reversed(names[:at])]
        source = next((name for name in near if rates[name] is not None), "")
        made[bucket] = ((rates[source] if source else None) or NONE, source)
    return made


def _by_cohort(past: Past) -> Found:
    """Cohorts that are old enough to count."""
    cohorts, made = cohorts_of(past), {}
    for label in past.labels:
        for bucket in past.buckets:
            of = cohorts.of(label, bucket)
            exposed, lost = cohorts.exposed(label, bucket)
            rate = Fraction(lost, exposed) if exposed else None
            made[label, bucket] = Basis(of["items"], of["losses"], of["stood"], exposed, lost, rate)
    return made


def _by_roll_rate(past: Past) -> Found:
    """Month ends that another one follows; lost is what was written off in the month after."""
    matrix, kept = migrated(past), _kept(past)
    debts = counted_debts(past)
    pool = {b: rate for b, (rate, _) in filled(product_rates(rolls(matrix, POOL))).items()}
    made: Found = {}
    for label in past.labels:
        of = rolls(matrix, label)
        rates = product_rates(of, pool if label else None)
        has_end = label != POOL  # whether the end of what rolls on is known: else it leaves the base
        for bucket, roll in reversed(list(of.items())):
            rate = rates[bucket]
            base = roll.decided if has_end else roll.decided - roll.rolled
            has_end |= rate is not None
            made[label, bucket] = Basis(
                *debts[label, bucket], roll.stood, base, roll.written_off,
                rate * kept[label] if rate is not None and base else None,
            )  # fmt: skip
    return made


def _by_vintage(past: Past) -> Found:
    """The rate is of the triangle; beside it stand all cohorts of the bucket."""
    triangle, cohorts = triangle_of(past), cohorts_of(past)
    made: Found = {}
    for label in past.labels:
        for bucket, rate in vintage_rates(triangle, label).items():
            of = cohorts.of(label, bucket, all_months=True)
            decided = of["paid"] + of["lost"]
            made[label, bucket] = Basis(of["items"], of["losses"], of["stood"], decided, of["lost"], rate)
    return made


_FOUND = {RateMethod.COHORT: _by_cohort, RateMethod.ROLL_RATE: _by_roll_rate, RateMethod.VINTAGE: _by_vintage}


def _kept(past: Past) -> Mapping[str, Fraction]:
    """By label, the share of what was written off that did not come back; 1 where recoveries do not count."""
    history = past.history
    hit = history.flow == int(Flow.LOST)
    every = np.arange(len(history.lives))
    amounts = np.zeros((2, max(len(past.split.labels), 1)), dtype=np.int64)
    np.add.at(amounts[0], past.split.code[history.life[hit]], history.in_books()[hit])
    np.add.at(amounts[1], past.split.code, history.lives.in_books(history.settled()[3], every))
    lost, back = (past.of_labels(part).tolist() for part in amounts)
    if not past.policy.nets_recoveries:
        back = [0] * len(back)
    return {
        label: 1 - Fraction(min(max(again, 0), off), off) if off > 0 else Fraction(1)
        for label, off, again in zip(past.labels, lost, back, strict=True)
    }


def _borrowed(pool: Mapping[str, tuple[Fraction, str]], past: Past) -> tuple[str, ...]:
    """A sentence for each bucket without a rate of its own."""
    is_cohort = past.policy.method is RateMethod.COHORT
    young = cohorts_of(past) if is_cohort else None

    def decided(bucket: str) -> str:
        if young is None:
            return f"Nothing that stood in {bucket} was decided in the history"
        of, code = young.of(POOL, bucket, all_months=True), past.scope.functional_currency
        paid, lost = (shown(of[name], code) for name in ("paid", "lost"))
        return (
            f"Nothing of {bucket} was decided in cohorts of {past.policy.resolution_months} months or more "
            f"(of younger ones, which do not count, {paid} paid and {lost} lost)"
        )

    return tuple(
        f"{decided(bucket)}: it has no rate of its own, "
        + (f"that of {source} is used." if source else "0 is used; set a rate.")
        for bucket, (_, source) in pool.items()
        if source != bucket
    )


def _warnings(past: Past, counted: Counted) -> tuple[str, ...]:
    """What a reader must know before he trusts the rates."""
    items, losses = counted.items[POOL], counted.losses[POOL]
    months, asked = max(len(past.standing) - 1, 0), past.policy.history_months
    said = []
    if not losses:
        said.append(
            f"No loss in {months} months over {_count(items, 'item')}: history alone gives no allowance; set rates or "
            f"an overlay. For information: with 95 % confidence at most {100 * upper_bound(items):.4f} % of such items "
            f"are lost (1 - 0.05^(1/n))."
        )
    elif losses < past.policy.min_losses:
        said.append(f"Thin data: the rates rest on {_count(losses, 'lost item')} of {items}.")
    if months < asked:
        said.append(f"The history covers {_count(months, 'month')} of the {asked} that the policy asks for.")
    return tuple(said)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
