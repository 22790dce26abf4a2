"""What holds for any small ledger, against a slow recount in plain Python; and the benchmark at a small size."""

from __future__ import annotations

import importlib
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from arlib.credit.allowance.cohort import cohort_frame, cohorts_of
from arlib.credit.allowance.migration import absorbed_rates, migrated
from arlib.credit.allowance.past import past_of
from arlib.credit.allowance.rates import loss_rates, rates_of
from arlib.credit.allowance.standing import month_ends
from arlib.credit.allowance.vintage import triangle_of, vintage_frame
from arlib.policy import AgingPolicy, AllowancePolicy
from arlib.policy.allowance import RateMethod
from arlib.tables import Book

AGING = AgingPolicy()
BEGIN = date(2024, 1, 1)
DEBTS = st.lists(
    st.tuples(st.integers(0, 500), st.integers(0, 60), st.integers(1, 9_999)), min_size=1, max_size=8
)  # day, terms, cents
MOVES = st.lists(
    st.tuples(st.integers(0, 7), st.sampled_from(["pay", "credit", "off"]), st.integers(0, 700), st.integers(-4_000, 9_000).filter(bool)),
    max_size=24,
)  # fmt: skip


def random_book(bills, moves, read) -> Book:
    lines = [
        f"bill I{n} C{n % 2} {BEGIN + timedelta(day)} {cents / 100:.2f} due={BEGIN + timedelta(day + terms)} segment=S{n % 3}"
        for n, (day, terms, cents) in enumerate(bills)
    ]
    lines += [
        f"{word} I{n % len(bills)} {BEGIN + timedelta(day)} {cents / 100:.2f}"
        for n, word, day, cents in moves
    ]
    return read("\n".join(lines))


def recounted(bills, moves, as_of: date) -> np.ndarray:
    """The migration matrix, item by item and month by month."""
    made = np.zeros((6, 9), dtype=np.int64)
    ends = month_ends(as_of, 36)
    for n, (begin, terms, cents) in enumerate(bills):
        mine = [
            (word, BEGIN + timedelta(day), amount) for of, word, day, amount in moves if of % len(bills) == n
        ]

        def upto(day, mine=mine):
            return {
                w: sum(a for word, on, a in mine if word == w and on <= day) for w in ("pay", "credit", "off")
            }

        def bucket(day, due=BEGIN + timedelta(begin + terms)):
            late = (day - due).days
            return sum(late > edge for edge in (0, 30, 60, 90, 120))

        for day, after in pairwise(ends):
            was, then = upto(day), upto(after)
            rest = cents - sum(was.values())
            if BEGIN + timedelta(begin) > day or rest <= 0:
                continue
            at = bucket(day)
            for word, place in (("off", 8), ("pay", 6), ("credit", 7)):
                gone = min(max(then[word] - was[word], 0), rest)
                made[at, place] += gone
                rest -= gone
            made[at, bucket(after)] += rest
    return made


@settings(max_examples=20)
@given(bills=DEBTS, moves=MOVES, seed=st.integers(0, 99))
def test_any_ledger(debts, seen, bills, moves, seed):
    book, scope = random_book(bills, moves, debts), seen("2025-12-31")
    policy = AllowancePolicy(segment_by="segment", min_losses=1, pooling_significance=Decimal("0.5"))
    past = past_of(book, scope=scope, aging=AGING, policy=policy)
    matrix = migrated(past)
    assert matrix.amounts[0].tolist() == recounted(bills, moves, scope.as_of).tolist()
    for label in matrix.labels:
        for bucket in matrix.buckets:
            shares = matrix.shares(label, bucket)
            assert not shares or sum(shares.values()) == 1
        for ends in absorbed_rates(matrix, label).values():
            assert 0 <= sum(ends.values()) <= 1
            assert all(isinstance(chance, Fraction) and chance >= 0 for chance in ends.values())
    cohorts = cohort_frame(cohorts_of(past))
    assert (
        cohorts["stood"] == cohorts["paid"] + cohorts["credited"] + cohorts["lost"] + cohorts["open"]
    ).all()
    assert (cohorts["open"] >= 0).all()

    shuffled = Book(
        {
            name: rows.sample(frac=1, random_state=seed).reset_index(drop=True)
            for name, rows in book.tables.items()
        }
    )
    turned = past_of(shuffled, scope=scope, aging=AGING, policy=policy)
    for method in (RateMethod.COHORT, RateMethod.ROLL_RATE, RateMethod.VINTAGE):
        chosen = replace(policy, method=method)
        first, again = (rates_of(replace(each, policy=chosen)) for each in (past, turned))
        assert all(0 <= rate <= 1 for rate in first.exact.values())
        assert first.exact == again.exact
        assert (first.pooled, first.warnings) == (again.pooled, again.warnings)
        assert_frame_equal(first.frame, again.frame)


def test_a_past_gives_the_rates_and_the_triangle_that_a_book_does(company, seen):
    scope = seen("2026-10-31", "US01")
    policy = AllowancePolicy(method=RateMethod.VINTAGE, segment_by="region")
    past = past_of(company, scope=scope, aging=AGING, policy=policy)
    assert rates_of(past).exact == loss_rates(company, scope=scope, aging=AGING, policy=policy).exact
    frame = vintage_frame(triangle_of(past))
    assert (frame["billed"] == frame["paid"] + frame["lost"] + frame["open"]).all()
    last = frame[frame["segment"].eq("")].sort_values("age_months").drop_duplicates("vintage", keep="last")
    assert (last["lost"] >= 0).all()
    assert last["lost"].sum() > 0


def test_the_benchmarks_matrix_is_that_of_its_peer(repo, monkeypatch):
    monkeypatch.syspath_prepend(str(repo / "benchmarks"))
    bench = importlib.import_module("allowance")
    book = bench.book_of(2_000, 4_000, 7)
    past = past_of(book, scope=bench.SCOPE, aging=AGING, policy=bench.POLICY)
    assert len(past.history.lives) == 6_000
    assert bench.by_sql(book).tolist() == migrated(past).amounts[0].tolist()
    assert migrated(past).amounts[0, :, 8].sum() > 0
