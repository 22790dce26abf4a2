"""The profession's published tables, computed again at any risk: to print, and to compare. Floor 1.

sizes       AICPA A-1 (5 %) and A-2 (10 %): attribute sample sizes by tolerable and expected rate
limits      AICPA A-3 (5 %) and A-4 (10 %): upper limits by size and number of deviations, rounded up
monetary    AICPA C-1: monetary-unit sample sizes by expected/tolerable and tolerable misstatement
factors     Poisson factors by number of errors, unrounded and rounded up to two places
ratios      confidence factors by expected/tolerable misstatement, unrounded and rounded up
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from arlib.audit.sampling.attributes import Method, factor, rounded_factor, rounded_limit, size
from arlib.audit.sampling.monetary_plan import factor_for, rounded_factor_for
from arlib.audit.sampling.words import decimal_text
from arlib.errors import ParameterError
from arlib.tables.kinds import Column, Kind, Table

if TYPE_CHECKING:
    import pandas as pd

N, R = Kind.INTEGER, Kind.RATE

TOLERABLE_PCT = (2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20)
EXPECTED_PCT: tuple[Fraction, ...] = (
    *(Fraction(step, 4) for step in range(17)),
    *(Fraction(text) for text in ("5", "6", "7", "8", "9", "10", "12.5", "15", "17.5")),
)
LARGEST_PRINTED = 2000  # a row of A-1 ends where a sample would pass it
SIZES_OF_LIMITS = (20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 90, 100, 125, 150, 200, 300, 400, 500)
MOST_DEVIATIONS = 10
RATIOS = tuple(Fraction(step, 10) for step in range(6))
SHARES_PCT = tuple(Fraction(text) for text in ("50", "30", "10", "8", "6", "5", "4", "3", "2", "1", "0.5"))
MOST_ERRORS = 20


class Published(StrEnum):
    """Which table."""

    SIZES = "sizes"
    LIMITS = "limits"
    MONETARY = "monetary"
    FACTORS = "factors"
    RATIOS = "ratios"


SIZES = Table("sampling_table_sizes", "a cell", ("tolerable_pct", "expected_pct"), (
    Column("tolerable_pct", R, "tolerable rate in percent", True),
    Column("expected_pct", R, "expected rate in percent", True, may_be_zero=True),
    Column("sample_size", N, "smallest binomial sample", True),
    Column("expected_deviations", N, "deviations that it may have", True),
))  # fmt: skip
LIMITS = Table("sampling_table_limits", "a cell", ("sample_size", "deviations"), (
    Column("sample_size", N, "items examined", True),
    Column("deviations", N, "deviations found", True),
    Column("upper_limit_pct", R, "binomial upper limit in percent, rounded up to one place", True),
))  # fmt: skip
MONETARY = Table("sampling_table_monetary", "a cell", ("expected_to_tolerable", "tolerable_pct"), (
    Column("expected_to_tolerable", R, "expected as a share of tolerable misstatement", True, may_be_zero=True),
    Column("tolerable_pct", R, "tolerable misstatement in percent of book value", True),
    Column("sample_size", N, "smallest monetary-unit sample", True),
))  # fmt: skip
FACTORS = Table("sampling_table_factors", "a number of errors", ("errors",), (
    Column("errors", N, "errors", True),
    Column("factor", R, "Poisson factor, not rounded", True),
    Column("rounded_up", R, "rounded up to two places, as textbooks print it", True),
))  # fmt: skip
RATIO_FACTORS = Table("sampling_table_ratios", "a ratio", ("expected_to_tolerable",), (
    Column("expected_to_tolerable", R, "expected as a share of tolerable misstatement", True, may_be_zero=True),
    Column("factor", R, "confidence factor for the size, not rounded", True),
    Column("rounded_up", R, "rounded up to two places", True),
))  # fmt: skip


def published(which: Published, *, risk: Fraction) -> tuple[Table, pd.DataFrame]:
    """One of the tables at a risk, with its declaration; rows in the order in which it is printed."""
    table, rows = _MADE[which]
    return table, table.from_rows(rows(risk))


def _sizes(risk: Fraction) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for tolerable in TOLERABLE_PCT:
        for expected in EXPECTED_PCT:
            if expected >= tolerable:
                break
            try:
                found = size(
                    Method.BINOMIAL, tolerable=Fraction(tolerable, 100), risk=risk,
                    expected_rate=expected / 100, largest=LARGEST_PRINTED,
                )  # fmt: skip
            except ParameterError:  # the row ends here, as it does in print
                break
            rows.append(
                {"tolerable_pct": str(tolerable), "expected_pct": decimal_text(expected),
                 "sample_size": found.size, "expected_deviations": int(found.errors)}
            )  # fmt: skip
    return rows


def _limits(risk: Fraction) -> list[dict[str, Any]]:
    return [
        {
            "sample_size": n,
            "deviations": x,
            "upper_limit_pct": f"{float(100 * rounded_limit(x, n, risk)):.1f}",
        }
        for n in SIZES_OF_LIMITS
        for x in range(MOST_DEVIATIONS + 1)
    ]


def _monetary(risk: Fraction) -> list[dict[str, Any]]:
    return [
        {"expected_to_tolerable": decimal_text(ratio), "tolerable_pct": decimal_text(share),
         "sample_size": size(Method.POISSON, tolerable=share / 100, risk=risk,
                             expected_rate=ratio * share / 100).size}
        for ratio in RATIOS
        for share in SHARES_PCT
    ]  # fmt: skip


def _factors(risk: Fraction) -> list[dict[str, Any]]:
    return [
        {
            "errors": x,
            "factor": decimal_text(factor(x, risk)),
            "rounded_up": f"{float(rounded_factor(x, risk)):.2f}",
        }
        for x in range(MOST_ERRORS + 1)
    ]


def _ratios(risk: Fraction) -> list[dict[str, Any]]:
    return [
        {"expected_to_tolerable": decimal_text(ratio),
         "factor": decimal_text(factor_for(ratio, risk)),
         "rounded_up": f"{float(rounded_factor_for(ratio, risk)):.2f}"}
        for ratio in RATIOS
    ]  # fmt: skip


_MADE: dict[Published, tuple[Table, Callable[[Fraction], Sequence[dict[str, Any]]]]] = {
    Published.SIZES: (SIZES, _sizes),
    Published.LIMITS: (LIMITS, _limits),
    Published.MONETARY: (MONETARY, _monetary),
    Published.FACTORS: (FACTORS, _factors),
    Published.RATIOS: (RATIO_FACTORS, _ratios),
}
