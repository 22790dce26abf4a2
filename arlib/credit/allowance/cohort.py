"""Cohort loss rates (the provision matrix): of what stood in a bucket, the share that was lost in the end. Floor 1.

A cohort is what stood in a bucket for the first time at one month end; an item counts once in every bucket that it
reached. A cohort counts once it is `resolution_months` old (6: time enough for a debt to run from current into the last
bucket of 121 days). What is still open then is neither paid nor lost, and what was credited neither: the rate is lost /
(paid + lost), net of recoveries where the policy says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from arlib.credit.allowance.frames import COHORTS
from arlib.credit.allowance.past import Past
from arlib.errors import AmountError
from arlib.ledger.facts import Ints

MEASURES = ("items", "losses", "stood", "paid", "credited", "lost", "recovered")


@dataclass(frozen=True)
class Cohorts:
    """Sums by label ('' first), month end, bucket and measure (MEASURES)."""

    past: Past
    sums: Ints
    is_resolved: tuple[bool, ...]  # by month end

    def of(self, label: str, bucket: str, *, all_months: bool = False) -> dict[str, int]:
        """The sums of a bucket over the cohorts that count, or over all."""
        rows = self.sums[self.past.labels.index(label), :, self.past.buckets.index(bucket)]
        kept = rows if all_months else rows[np.array(self.is_resolved, dtype=bool)]
        return dict(zip(MEASURES, (int(value) for value in kept.sum(axis=0)), strict=True))

    def exposed(self, label: str, bucket: str) -> tuple[int, int]:
        """What was decided in the cohorts that count, and what of it was lost."""
        found = self.of(label, bucket)
        back = found["recovered"] if self.past.policy.nets_recoveries else 0
        return found["paid"] + found["lost"], found["lost"] - back


def cohorts_of(past: Past) -> Cohorts:
    """What became of every cohort by the as-of date."""
    size, labels = len(past.buckets), max(len(past.split.labels), 1)
    made = np.zeros((labels, len(past.standing), size, len(MEASURES)), dtype=np.int64)
    lives = past.history.lives
    recovered = lives.in_books(past.history.settled()[3], np.arange(len(lives)))
    for at, month in enumerate(past.standing):
        life = month.life[month.is_first]
        paid, credited, lost = month.since
        values = (
            np.ones(len(life), dtype=np.int64), (lost > 0).astype(np.int64), month.outstanding[month.is_first],
            paid, credited, lost, np.minimum(lost, recovered[life]),
        )  # fmt: skip
        where = (past.split.code[life], month.bucket[month.is_first])
        for place, value in enumerate(values):
            np.add.at(made[:, at, :, place], where, value)
    as_of = past.scope.as_of
    ages = ((as_of.year - month.day.year) * 12 + as_of.month - month.day.month for month in past.standing)
    return Cohorts(past, past.of_labels(made), tuple(age >= past.policy.resolution_months for age in ages))


def uncollected_rates(collected: Sequence[int], bad: int) -> tuple[Fraction, ...]:
    """Loss rates of one cohort by the uncollected-amount method: bad debt of what was still uncollected.

    `collected` is what was collected in each bucket, youngest first, and `bad` what never was, in minor units. The first
    rate is of the whole, the last of what no bucket collected: 20,000, 35,000, 30,000 and 12,000 collected and 3,000 bad
    give 3, 3.75, 6.67, 20 and 100 %. Without anything bad all are 0. A negative amount raises AmountError.
    """
    if min((*collected, bad), default=0) < 0:
        raise AmountError("collected amounts and bad debt must not be negative", found=(*collected, bad))
    rest = [sum(collected[at:]) + bad for at in range(len(collected) + 1)]
    return tuple(Fraction(bad, amount) if amount else Fraction(0) for amount in rest)


def cohort_frame(cohorts: Cohorts) -> pd.DataFrame:
    """Every cohort: COHORTS, by segment, month end and bucket in the order of age; those without an item are left out."""
    past = cohorts.past
    rows = []
    for label, months in zip(past.labels, cohorts.sums.tolist(), strict=True):
        for month, resolved, buckets in zip(past.standing, cohorts.is_resolved, months, strict=True):
            for bucket, values in zip(past.buckets, buckets, strict=True):
                found = dict(zip(MEASURES, values, strict=True))
                if found["items"]:
                    rest = found["stood"] - found["paid"] - found["credited"] - found["lost"]
                    rows.append({"segment": label, "month_end": month.day, "bucket": bucket, **found,
                                 "open": rest, "is_resolved": resolved})  # fmt: skip
    return COHORTS.frame(rows) if rows else COHORTS.empty()
