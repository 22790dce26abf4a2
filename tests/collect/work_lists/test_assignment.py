"""Accounts shared among collectors: the cap is never broken, few move, loads are even, and the answer is always the same."""

from __future__ import annotations

import time
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arlib.collect.work_lists.assignment import assign


def accounts_of(
    sizes: list[int], collectors: list[str] | None = None, regions: list[str] | None = None
) -> pd.DataFrame:
    count = len(sizes)
    return pd.DataFrame(
        {
            "customer_id": pd.Series([f"C{n:05}" for n in range(count)], dtype="str"),
            "items": pd.Series(sizes, dtype="Int64"),
            "amount": pd.Series([size * 100 for size in sizes], dtype="Int64"),
            "region": pd.Series(regions or [""] * count, dtype="str"),
            "collector": pd.Series(collectors or [""] * count, dtype="str"),
        }
    )


def fits(sizes: list[int], collectors: int, most: int) -> bool:
    """Whether any assignment keeps the cap, by trying all of them."""
    for place in product(range(collectors), repeat=len(sizes)):
        loads = [sum(s for s, p in zip(sizes, place, strict=True) if p == one) for one in range(collectors)]
        if max(loads) <= most:
            return True
    return False


@given(
    sizes=st.lists(st.integers(0, 12), min_size=1, max_size=6),
    collectors=st.integers(1, 3),
    most=st.integers(1, 20),
    held=st.lists(st.integers(-1, 3), min_size=6, max_size=6),
)
def test_the_cap_is_kept_and_every_account_has_one_collector_wherever_that_can_be(
    sizes, collectors, most, held
):
    names = [f"p{n}" for n in range(collectors)]
    had = ["" if one < 0 else f"p{one}" for one in held[: len(sizes)]]
    accounts = accounts_of(sizes, had)
    made = assign(accounts, names, most_items=most)

    loads = accounts.groupby(made.to_numpy())["items"].sum()
    assert (loads.drop("", errors="ignore") <= most).all()
    assert set(made) <= {*names, ""}
    if fits(sizes, collectors, most):
        assert made.ne("").all()
    before = accounts[accounts["collector"].isin(names)].groupby("collector")["items"].sum()
    if made.ne("").all() and (before <= most).all():  # nothing forces a move
        stays = accounts["collector"].isin(names)
        free = accounts.loc[~stays, "items"].sum()
        if free <= most - before.reindex(names).fillna(0).max():
            assert made[stays].eq(accounts.loc[stays, "collector"]).all()


@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(random):
    sizes = [random.randint(0, 30) for _ in range(40)]
    accounts = accounts_of(
        sizes, [random.choice(["", "p0", "p1", "gone"]) for _ in sizes], [random.choice("EW") for _ in sizes]
    )
    order = list(range(40))
    random.shuffle(order)
    one = assign(accounts, ["p0", "p1", "p2"], most_items=260)
    two = assign(accounts.iloc[order], ["p2", "p1", "p0"], most_items=260)
    assert dict(zip(accounts["customer_id"], one, strict=True)) == dict(
        zip(accounts.iloc[order]["customer_id"], two, strict=True)
    )


def test_a_collector_who_has_too_many_gives_away_the_fewest_accounts():
    accounts = accounts_of([50, 40, 30, 20, 10, 5], ["p0"] * 6)  # 155 of 100: 55 too many
    made = assign(accounts, ["p0", "p1"], most_items=100)
    moved = accounts[made.ne("p0")]
    assert list(moved["items"]) == [50, 5]  # two, and the second as small as will do


def test_large_accounts_that_only_fit_one_way_are_packed_that_way():
    sizes = [5, 4, 3, 3, 3]  # largest first to the emptiest would leave the last one out
    made = assign(accounts_of(sizes), ["p0", "p1"], most_items=9)
    assert made.ne("").all()
    assert accounts_of(sizes).groupby(made.to_numpy())["items"].sum().tolist() == [9, 9]


def test_too_few_collectors_leave_accounts_without_one_rather_than_break_the_cap():
    made = assign(accounts_of([60, 60, 60]), ["p0", "p1"], most_items=100)
    assert made.eq("").sum() == 1
    assert assign(accounts_of([101]), ["p0"], most_items=100).tolist() == [""]
    assert assign(accounts_of([1]), [], most_items=100).tolist() == [""]


def test_what_has_to_be_placed_stays_in_its_region_while_that_is_not_too_full():
    held = ["e", "w"] * 10
    regions = ["East", "West"] * 10
    new = accounts_of([10] * 22, [*held, "", ""], [*regions, "East", "East"])
    made = assign(new, ["e", "w"], most_items=600)
    assert made.tolist()[-2:] == ["e", "e"]
    many = accounts_of([10] * 40, [*held, *[""] * 20], [*regions, *["East"] * 20])
    shared = assign(many, ["e", "w"], most_items=600)
    assert shared.value_counts().to_dict() == {"e": 20, "w": 20}  # then another collector takes the region on


@pytest.fixture(scope="module")
def town() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    count = 10_000
    return pd.DataFrame(
        {
            "customer_id": [f"C{n:05}" for n in range(count)],
            "items": pd.Series(rng.integers(1, 3, count), dtype="Int64"),
            "amount": pd.Series(rng.lognormal(12, 1.5, count).astype("int64"), dtype="Int64"),
            "region": rng.choice(["East", "West", "North", "South"], count, p=[0.4, 0.3, 0.2, 0.1]),
            "collector": "",
        }
    )


NAMES = [f"p{n:02}" for n in range(20)]


def spread(town: pd.DataFrame, made: pd.Series, column: str) -> int:
    sums = town.groupby(made.to_numpy())[column].sum()
    return int(sums.max() - sums.min())


def test_ten_thousand_accounts_are_more_even_than_by_turns_and_the_next_quarter_moves_few(town):
    began = time.process_time()
    made = assign(town, NAMES, most_items=800)
    assert time.process_time() - began < 5
    turns = pd.Series([NAMES[n % 20] for n in range(len(town))])
    for column in ("items", "amount"):
        assert spread(town, made, column) < spread(town, turns, column)
    regions = town.groupby(made.to_numpy())["region"].nunique()
    assert regions.max() <= 2 < town.groupby(turns.to_numpy())["region"].nunique().min()

    rng = np.random.default_rng(8)
    later = town.assign(collector=made)
    changed = rng.choice(len(town), 500, replace=False)
    later.loc[changed, "items"] = rng.integers(1, 6, 500)
    after = assign(later, NAMES, most_items=800)
    assert (after != made).sum() < 25
    assert town.assign(items=later["items"]).groupby(after.to_numpy())["items"].sum().max() <= 800
    assert assign(later.assign(collector=after), NAMES, most_items=800).equals(
        after
    )  # and the quarter after that none


def test_accounts_of_a_collector_who_left_go_to_the_others_and_no_other_account_moves(town):
    few = town.head(300)
    held = few.assign(collector=assign(few, NAMES[:4], most_items=600))
    after = assign(held, NAMES[:3], most_items=600)
    stays = held["collector"].isin(NAMES[:3])
    assert after[stays].eq(held.loc[stays, "collector"]).all()
    assert set(after) == set(NAMES[:3])
