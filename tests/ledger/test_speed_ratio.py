"""Aging and open items stay fast: ratios to DuckDB and pandas taken in turn, and growth, never seconds.

    pytest -m speed tests/ledger/test_speed_ratio.py

Bounds lie well below what was measured (beside each), by processor time, medians of rounds: a busy machine slows both sides.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import pytest

from arlib.ledger.openitems import open_items

pytestmark = pytest.mark.speed
ROUNDS = 5


@pytest.fixture(scope="module")
def scripts(repo):
    """The benchmarks' own books, works and peers."""
    sys.path.insert(0, str(repo / "benchmarks"))
    try:
        import aging
        import as_of

        yield aging, as_of
    finally:
        sys.path.remove(str(repo / "benchmarks"))


def busy(work: Callable[[], object]) -> float:
    """Processor seconds of one run."""
    started = time.process_time()
    work()
    return time.process_time() - started


def ratio(slow: Callable[[], object], fast: Callable[[], object]) -> float:
    """How many times the processor time of `fast` the other takes: the median over rounds in turn, after one that does not count."""
    found = [busy(slow) / busy(fast) for _ in range(ROUNDS + 1)]
    return statistics.median(found[1:])


def test_aging_beside_duckdb_and_pandas(scripts):
    aging, _ = scripts
    items = aging.made(300_000)
    mine = aging.ours(items)
    assert aging.same(mine, aging.by_duckdb(items))
    assert aging.same(mine, aging.by_pandas(items))
    assert ratio(lambda: aging.by_duckdb(items), lambda: aging.ours(items)) > 0.6  # 1.2 to 1.7 measured
    assert (
        ratio(lambda: aging.by_pandas(items), lambda: aging.ours(items)) > 0.5
    )  # 0.8 to 1.6 measured: few customers suit pandas


def test_three_times_the_items_take_not_much_more_than_three_times_as_long(scripts):
    aging, as_of = scripts
    few, many = aging.made(200_000), aging.made(600_000)
    assert ratio(lambda: aging.ours(many), lambda: aging.ours(few)) < 4.5
    small, large = as_of.book_of(50_000), as_of.book_of(150_000)
    assert as_of.same(open_items(large, scope=as_of.SCOPE), as_of.by_sql(large))
    assert (
        ratio(lambda: open_items(large, scope=as_of.SCOPE), lambda: open_items(small, scope=as_of.SCOPE))
        < 4.5
    )
