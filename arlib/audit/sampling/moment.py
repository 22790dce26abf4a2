"""The moment bound of Dworin and Grimlund (1984, 1986) for the mean taint of a monetary-unit sample. Floor 1.

A three-parameter gamma distribution is fitted to the mean taint by its first three moments, with one hypothetical taint
added to those found; its quantile is taken by Wilson and Hilferty's cube. It is narrower than Stringer's bound, and not
proven to hold its confidence: see docs/sampling_coverage.md. Statistics in floats; the caller rounds to money.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from arlib.errors import ParameterError

if TYPE_CHECKING:
    import numpy as np


class Kind(StrEnum):
    """The hypothetical taint that Dworin and Grimlund (1986) give for a kind of population."""

    ACCOUNTS = "accounts"  # receivables: rises with the number of errors, falls with their mean taint
    INVENTORY = "inventory"  # falls with the size of the mean taint, over or under


def moment_rates(
    taints: Sequence[float], *, size: int, confidence: float, kind: Kind = Kind.ACCOUNTS
) -> tuple[float, float]:
    """Lower and upper limit of the mean taint, each at the confidence. `taints` are those not 0, understatements negative."""
    import numpy as np

    if len(taints) > size or size < 3:
        raise ParameterError(
            "moment bound", found=f"{len(taints)} errors in {size}", wanted="3 units or more"
        )
    lower, upper = moment_limits(np.array([sum(taints)]), np.array([sum(t**2 for t in taints)]),
                                 np.array([sum(t**3 for t in taints)]), np.array([len(taints)]),
                                 size=size, confidence=confidence, kind=kind)  # fmt: skip
    return float(lower[0]), float(upper[0])


def moment_limits(
    first: np.ndarray, second: np.ndarray, third: np.ndarray, errors: np.ndarray,
    *, size: int, confidence: float, kind: Kind = Kind.ACCOUNTS,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """The same for many samples at once: sums of the taints, of their squares and cubes, and the number of errors.

    The moments of the taints are divided by the number of errors plus one, the hypothetical taint being one more. (A
    divisor fixed at 5, as the R package MUS 0.1.6 has it, is right for four errors only.)
    """
    import numpy as np
    from scipy.stats import norm

    mean = first / np.maximum(errors, 1)
    if kind is Kind.ACCOUNTS:
        more = 0.81 * (1 - 0.667 * np.tanh(10 * mean)) * (1 + 0.667 * np.tanh(errors / 10))
    else:
        more = 0.81 * (1 - 0.667 * np.tanh(10 * np.abs(mean)))
    t1, t2, t3 = (
        (more**power + sums) / (errors + 1) for power, sums in ((1, first), (2, second), (3, third))
    )
    r1 = (errors + 1) / (size + 2)
    r2 = r1 * (errors + 2) / (size + 3)
    r3 = r2 * (errors + 3) / (size + 4)
    u1 = r1 * t1
    u2 = (r1 * t2 + (size - 1) * r2 * t1**2) / size
    u3 = (r1 * t3 + 3 * (size - 1) * r2 * t1 * t2 + (size - 1) * (size - 2) * r3 * t1**3) / size**2
    variance, skewness = u2 - u1**2, u3 - 3 * u1 * u2 + 2 * u1**3
    shape, scale, origin = (
        4 * variance**3 / skewness**2,
        skewness / (2 * variance),
        u1 - 2 * variance**2 / skewness,
    )
    z = float(norm.ppf(confidence))

    def quantile(at: float) -> np.ndarray:
        cube: np.ndarray = origin + shape * scale * (1 + at / (3 * np.sqrt(shape)) - 1 / (9 * shape)) ** 3
        return cube

    return quantile(-z), quantile(z)
