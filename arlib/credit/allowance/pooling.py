"""Whether a segment's history stands on its own, or it takes the rates of the whole portfolio. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from arlib.credit.allowance.past import Past
from arlib.policy import AllowancePolicy


@dataclass(frozen=True)
class Counted:
    """Items that stood at a month end, and those of them with a loss after it, by label ('' first)."""

    items: dict[str, int]
    losses: dict[str, int]


def counted_items(past: Past) -> Counted:
    """How many items stood at one of the month ends, and how many had a loss after it."""
    stood = np.zeros(len(past.history.lives), dtype=bool)
    lost = np.zeros_like(stood)
    for month in past.standing:
        firsts = month.life[month.is_first]
        stood[firsts] = True
        lost[firsts[month.since[2] > 0]] = True
    labels = max(len(past.split.labels), 1)
    by_label = (
        past.of_labels(np.bincount(past.split.code[rows], minlength=labels).astype(np.int64))
        for rows in (stood, lost)
    )
    items, losses = (dict(zip(past.labels, (int(n) for n in part), strict=True)) for part in by_label)
    return Counted(items, losses)


def pooled_segments(found: Counted, *, policy: AllowancePolicy) -> dict[str, str]:
    """The segments that take the pool's rates, with the reason in words.

    A segment is pooled where it has fewer lost items than the policy's `min_losses`, where it is the only one, or where
    Fisher's exact test (two-sided; items lost and not lost, here and in the rest of the portfolio) does not tell its share
    from that of the rest at `pooling_significance`. The p-value decides and is rounded to 12 digits.
    """
    items, losses = found.items, found.losses
    made = {}
    for label in (label for label in items if label):
        mine, rest = losses[label], losses[""] - losses[label]
        of, of_rest = items[label], items[""] - items[label]
        if mine < policy.min_losses:
            made[label] = (
                f"{mine} of {of} items lost; a segment needs {policy.min_losses} to stand on its own"
            )
        elif not of_rest:
            made[label] = "the only segment: its history is that of the portfolio"
        elif (p := fisher_p(mine, of, rest, of_rest)) >= policy.pooling_significance:
            made[label] = (
                f"{mine} of {of} items lost, {rest} of {of_rest} in the rest: not told apart "
                f"(Fisher's exact test, p = {p:.4f}, level {policy.pooling_significance})"
            )
    return made


def fisher_p(lost: int, items: int, other_lost: int, other_items: int) -> Decimal:
    """Two-sided p-value of Fisher's exact test that two shares are one, rounded to 12 digits."""
    from scipy.stats import fisher_exact

    table = np.array([[lost, items - lost], [other_lost, other_items - other_lost]])
    return Decimal(f"{float(fisher_exact(table).pvalue):.12f}")
