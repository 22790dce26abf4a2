"""Roll rates and the migration matrix between month ends, and the loss rates that follow from both. Floor 1.

Conventions. A roll rate is what stands in a later bucket a month after, of what stood in the bucket (1,000,000 in 30-59,
of which 200,000 in 60-89 a month later: 20 %). For the loss rate, what still stands in the same bucket and what was
credited leave the base, since neither is decided; with what was decided = paid + written off + rolled on:

    loss rate = written off / decided + rolled on / decided x loss rate of the next bucket

which is the product of the onward roll rates into write-off, and what is written off on the way beside it. The last bucket
is open-ended and rolls nowhere: its loss rate is written off of paid and written off. What rolled into a bucket that nothing
ever left is not decided either. The full matrix needs no such convention: it is an absorbing chain whose ends are paid,
credited and written off; its loss rate is written off of paid and written off. Both are shown. They differ where items skip
a bucket (a month is longer than a bucket) or are credited later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pandas as pd

from arlib.credit.allowance.absorbing import absorbed
from arlib.credit.allowance.frames import MIGRATION, ROLL_RATES, rate_text
from arlib.credit.allowance.past import Past
from arlib.errors import AmountError
from arlib.ledger.facts import LARGEST, Ints
from arlib.money import distinct

PAID, CREDITED, WRITTEN_OFF = ENDS = ("paid", "credited", "written_off")
NONE = Fraction(0)


@dataclass(frozen=True)
class Migrated:
    """Amounts by label ('' first), bucket and state a month later: the buckets, then paid, credited, written off."""

    labels: tuple[str, ...]
    buckets: tuple[str, ...]
    amounts: Ints

    @property
    def states(self) -> tuple[str, ...]:
        """Where an amount can be a month later."""
        return (*self.buckets, *ENDS)

    def row(self, label: str, bucket: str) -> dict[str, int]:
        """What became of a bucket, by state."""
        found = self.amounts[self.labels.index(label), self.buckets.index(bucket)]
        return dict(zip(self.states, (int(value) for value in found), strict=True))

    def shares(self, label: str, bucket: str) -> dict[str, Fraction]:
        """The same as exact shares that sum to one; {} where nothing stood."""
        row = self.row(label, bucket)
        stood = sum(row.values())
        return {state: Fraction(value, stood) for state, value in row.items()} if stood else {}


def migrated(past: Past) -> Migrated:
    """The amounts that went from each bucket to each state, summed over the months; needs two month ends."""
    size = len(past.buckets)
    states = size + len(ENDS)
    made = np.zeros((max(len(past.split.labels), 1), size, states), dtype=np.int64)
    flat = made.reshape(-1)
    stood = 0.0
    for month in past.standing:
        if month.is_last:
            continue
        base = (past.split.code[month.life] * size + month.bucket) * states
        stays = month.stays
        kept = np.flatnonzero(stays)
        stood += float(month.outstanding.astype(np.float64).sum())
        np.add.at(flat, base[kept] + month.next_bucket[kept], stays[kept])
        for place, amounts in enumerate((month.paid, month.credited, month.lost), start=size):
            moved = np.flatnonzero(amounts)
            np.add.at(flat, base[moved] + place, amounts[moved])
    if stood >= LARGEST:
        raise AmountError("amounts are too large to add", wanted="a total below 4.6 × 10^18 minor units")
    return Migrated(past.labels, past.buckets, past.of_labels(made))


def counted_debts(past: Past) -> dict[tuple[str, str], tuple[int, int]]:
    """By label and bucket: debts that stood in it at a month end that another follows, and those written off in the month after."""
    shape = (max(len(past.split.labels), 1), len(past.buckets))
    made = np.zeros((2, *shape), dtype=np.int64)
    seen = [[np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]]
    for month in past.standing:
        if not month.is_last:
            places = month.life * len(past.buckets) + month.bucket
            seen[0].append(places)
            seen[1].append(places[month.lost > 0])
    for sums, parts in zip(made, seen, strict=True):
        once = distinct(np.concatenate(parts))
        np.add.at(sums, (past.split.code[once // shape[1]], once % shape[1]), 1)
    items, losses = (past.of_labels(part).tolist() for part in made)
    return {
        (label, bucket): (items[row][at], losses[row][at])
        for row, label in enumerate(past.labels)
        for at, bucket in enumerate(past.buckets)
    }


@dataclass(frozen=True)
class Roll:
    """How a bucket rolls, in minor units."""

    stood: int
    stayed: int
    rolled: int
    paid: int
    credited: int
    written_off: int

    @property
    def decided(self) -> int:
        """The base of the loss rate."""
        return self.paid + self.written_off + self.rolled

    @property
    def roll_rate(self) -> Fraction:
        """Rolled of stood; 0 where nothing stood."""
        return Fraction(self.rolled, self.stood) if self.stood else NONE

    @property
    def onward_rate(self) -> Fraction:
        """Rolled of decided; 0 where nothing was."""
        return Fraction(self.rolled, self.decided) if self.decided else NONE


def rolls(matrix: Migrated, label: str) -> dict[str, Roll]:
    """How each bucket rolls."""
    made = {}
    for at, bucket in enumerate(matrix.buckets):
        row = matrix.row(label, bucket)
        made[bucket] = Roll(
            stood=sum(row.values()),
            stayed=row[bucket],
            rolled=sum(row[later] for later in matrix.buckets[at + 1 :]),
            paid=row[PAID],
            credited=row[CREDITED],
            written_off=row[WRITTEN_OFF],
        )
    return made


def roll_rates(balances: Sequence[int]) -> tuple[Fraction, ...]:
    """Roll rates of a published row of balances: what each bucket became in the next, one month later.

    `balances` are what stood in the first bucket, what of it then stood in the second, and so on, in minor units; the
    last may be what was written off. 1,000,000 and 200,000 give 20 %. A bucket in which nothing stood raises AmountError.
    """
    if 0 in balances[:-1]:
        raise AmountError("a bucket in which nothing stood has no roll rate", found=tuple(balances))
    return tuple(Fraction(after, before) for before, after in pairwise(balances))


def product_rates(
    of: Mapping[str, Roll], pool: Mapping[str, Fraction] | None = None
) -> dict[str, Fraction | None]:
    """Loss rate of each bucket by the product of the onward roll rates; see the module's conventions.

    What rolled into buckets of which no end is known is not decided and leaves the base. A bucket in which nothing was
    decided takes the rate of `pool` (for a segment), and without has None.
    """
    made: dict[str, Fraction | None] = {}
    later: Fraction | None = None
    for bucket, roll in reversed(list(of.items())):
        rolled = 0 if later is None else roll.rolled
        base = roll.paid + roll.written_off + rolled
        if base:
            later = (roll.written_off + rolled * (later or NONE)) / Fraction(base)
            made[bucket] = later
        else:
            made[bucket] = pool[bucket] if pool is not None else None
            later = made[bucket] if pool is not None else later
    return dict(reversed(made.items()))


def absorbed_rates(matrix: Migrated, label: str) -> dict[str, dict[str, Fraction]]:
    """For each bucket the chance to end paid, credited or written off, by the whole matrix."""
    return absorbed({b: matrix.shares(label, b) for b in matrix.buckets}, absorbing=ENDS)


def loss_of(ends: Mapping[str, Fraction]) -> Fraction | None:
    """Written off of paid and written off; None where neither can be reached."""
    base = ends[PAID] + ends[WRITTEN_OFF]
    return ends[WRITTEN_OFF] / base if base else None


def migration_frame(matrix: Migrated) -> pd.DataFrame:
    """The migration matrix: MIGRATION, by segment, from-bucket and state in the order of age; empty buckets are left out."""
    rows = [
        {"segment": label, "from_bucket": bucket, "to_state": state, "amount": matrix.row(label, bucket)[state],
         "share": rate_text(share)}
        for label in matrix.labels
        for bucket in matrix.buckets
        for state, share in matrix.shares(label, bucket).items()
    ]  # fmt: skip
    return MIGRATION.frame(rows) if rows else MIGRATION.empty()


def roll_frame(matrix: Migrated) -> pd.DataFrame:
    """Roll rates beside the chain's loss rates: ROLL_RATES, by segment and bucket in the order of age; before recoveries."""
    rows = []
    for label in matrix.labels:
        of = rolls(matrix, label)
        product, chain = product_rates(of), absorbed_rates(matrix, label)
        for bucket, roll in of.items():
            ends = chain[bucket]
            rows.append({
                "segment": label, "bucket": bucket, "stood": roll.stood, "stayed": roll.stayed, "rolled": roll.rolled,
                "paid": roll.paid, "credited": roll.credited, "written_off": roll.written_off,
                "roll_rate": rate_text(roll.roll_rate), "onward_rate": rate_text(roll.onward_rate),
                "product": _text(product[bucket]), "absorbed_paid": rate_text(ends[PAID]),
                "absorbed_credited": rate_text(ends[CREDITED]), "absorbed_written_off": rate_text(ends[WRITTEN_OFF]),
                "absorbed_rate": _text(loss_of(ends)),
            })  # fmt: skip
    return ROLL_RATES.frame(rows)


def _text(rate: Fraction | None) -> str | None:
    return None if rate is None else rate_text(rate)
