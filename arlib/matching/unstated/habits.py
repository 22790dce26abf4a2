"""When a customer pays, in days after the due date, and whether it pays whole due dates. Floor 1.

Statistics, not money: floats. The prior is fixed, so that no customer's habit depends on another customer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

EARLIEST_DAYS, LATEST_DAYS = -120, 400  # lateness outside counts as the nearest of the two
PRIOR_WEIGHT = 6.0  # payments that the prior counts as
WHOLE_PRIOR = (2.4, 1.6)  # due dates paid whole, and paid in parts, before anything is known
_NEAR = np.array(
    [0.02, 0.05, 0.12, 0.62, 0.12, 0.05, 0.02]
)  # a payment on one day says something about the next


def _around(day: float, spread_days: float) -> NDArray[np.float64]:
    days = np.arange(EARLIEST_DAYS, LATEST_DAYS + 1)
    made = np.exp(-np.abs(days - day) / spread_days)
    return np.asarray(made / made.sum(), np.float64)


def _prior() -> NDArray[np.float64]:
    """Most pay within days of the due date, some weeks late, a few at any time (field: B2B payment terms)."""
    every = np.full(LATEST_DAYS - EARLIEST_DAYS + 1, 1.0 / (LATEST_DAYS - EARLIEST_DAYS + 1))
    return np.asarray(
        0.50 * _around(0, 2.0) + 0.35 * _around(3, 8.0) + 0.13 * _around(10, 30.0) + 0.02 * every, np.float64
    )


PRIOR = _prior()
_WEIGHED = PRIOR_WEIGHT * PRIOR


def place_of(late_days: int) -> int:
    """Place of a lateness in `Habit.lateness`; beyond the ends it is the nearest of them."""
    return min(max(late_days, EARLIEST_DAYS), LATEST_DAYS) - EARLIEST_DAYS


def _place_of_each(late_days: NDArray[np.int64]) -> NDArray[np.int64]:
    """`place_of` of an array; np.clip takes longer than both of these on the few rows of an account."""
    return np.minimum(np.maximum(late_days, EARLIEST_DAYS), LATEST_DAYS) - EARLIEST_DAYS


class Habit:
    """What is known of one account so far; grows as its receipts are placed."""

    def __init__(self) -> None:
        """Knows nothing yet: the prior."""
        self._counts = np.zeros(len(PRIOR))
        self._whole, self._parts = WHOLE_PRIOR

    def paid(self, late_days: Iterable[int], *, weight: float = 1.0) -> None:
        """Items were paid so many days after their due dates (before: negative)."""
        for days in late_days:
            self._counts[place_of(days)] += weight

    def took(self, *, whole: int, in_parts: int) -> None:
        """A receipt paid so many due dates of two or more open items whole, and so many in part."""
        self._whole += whole
        self._parts += in_parts

    @property
    def whole_share(self) -> float:
        """Share of due dates that are paid whole."""
        return self._whole / (self._whole + self._parts)

    def lateness(self) -> NDArray[np.float64]:
        """Probability of each lateness from EARLIEST_DAYS to LATEST_DAYS."""
        near = np.convolve(self._counts, _NEAR, "same")
        return np.asarray((near + _WEIGHED) / (self._counts.sum() + PRIOR_WEIGHT), np.float64)

    def usual_days(self) -> tuple[int, int] | None:
        """The middle half of the lateness seen, or None where fewer than four payments were."""
        if self._counts.sum() < 4:
            return None
        share = np.cumsum(self._counts) / self._counts.sum()
        low, high = (int(np.searchsorted(share, q)) + EARLIEST_DAYS for q in (0.25, 0.75))
        return low, high


def chances(
    late_days: NDArray[np.int64],
    *,
    is_possible: NDArray[np.bool_],
    is_early: NDArray[np.bool_],
    horizon_late_days: NDArray[np.int64],
    lateness: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Probability that an item (row) is paid by each of the receipts that are still to be placed (column).

    A row sums to less than 1: the rest is "by none of these, later". `horizon_late_days` is how late each item is on the last
    day of the run. A payment dated before its document (`is_early`) is possible, and rare.
    """
    at = _place_of_each(late_days)
    weight = np.where(is_possible, lateness[at], 0.0)
    weight = np.where(is_early, weight * 0.02, weight)
    so_far = np.cumsum(lateness)[_place_of_each(horizon_late_days)]
    later = np.maximum(1.0 - so_far, 0.0) + 1e-3
    return np.asarray(weight / (weight.sum(axis=1) + later)[:, None], np.float64)
