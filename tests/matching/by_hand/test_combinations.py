"""Combinations that sum to a receipt: proved unique or none, doubt shown, limits kept, nothing ranked."""

from __future__ import annotations

from datetime import date
from itertools import combinations as every

from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.matching.by_hand import around, combinations, prepare
from arlib.matching.frames import MATCH_ITEMS, MATCH_RECEIPTS
from arlib.matching.inputs import MatchInputs
from arlib.policy import MatchingPolicy, Scope
from arlib.tables import Book

POLICY = MatchingPolicy()
EMPTY = Book({})
SCOPE = Scope(entity="E1", entity_name="One", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
              ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip


def item(number, amount, **more):
    return {"entity": "E1", "item_id": f"i{number}", "customer_id": "C1", "item_type": "invoice", "currency": "USD",
            "document_no": f"INV-{number}", "open_amount": amount, "amount": amount, **more}  # fmt: skip


def view(items, cash):
    receipt = {
        "entity": "E1",
        "receipt_id": "r1",
        "customer_id": "C1",
        "currency": "USD",
        "amount": cash,
        "value_date": "2026-10-05",
    }
    inputs = MatchInputs(items=MATCH_ITEMS.from_rows(items), receipts=MATCH_RECEIPTS.frame([receipt]))
    return around(EMPTY, scope=SCOPE, receipt_id="r1", prepared=prepare(EMPTY, scope=SCOPE, inputs=inputs))


def solved(amounts, cash, *, policy=POLICY, **more):
    return combinations(
        view([item(n, a) for n, a in enumerate(amounts)], cash), receipt_id="r1", policy=policy, **more
    )


def ways(made):
    return sorted(tuple(part["item_id"]) for _, part in made.ways.groupby("way"))


def test_the_only_combination_is_unique():
    made = solved([10_00, 25_00, 47_00, 90_00], 72_00)
    assert (made.status, ways(made), made.is_complete, made.is_exact) == (
        "unique",
        [("i1", "i2")],
        True,
        True,
    )
    assert made.ways["difference"].tolist() == [0, 0]


def test_two_combinations_are_both_shown_and_not_ranked():
    made = solved([10_00, 20_00, 30_00], 30_00)
    assert (made.status, ways(made)) == ("ambiguous", [("i0", "i1"), ("i2",)])
    assert "no ranks" in made.sentence
    assert not made.is_interchangeable
    same = solved([10_00, 10_00, 70_00], 80_00)
    assert (same.status, same.is_interchangeable, len(ways(same))) == ("ambiguous", True, 2)


def test_none_is_proved_and_the_tolerance_is_said():
    assert solved([10_00, 25_00], 30_00).status == "none"
    near = solved([10_00, 25_00], 34_80)
    assert (near.status, near.is_exact, near.tolerance) == ("unique", False, 34)
    assert set(near.ways["difference"]) == {-20}
    assert "tolerance" in near.sentence
    assert solved([10_00, 25_00], 34_80, tolerance=0).status == "none"


def test_credits_count_and_at_most_so_many_items():
    made = solved([50_00, -20_00, 90_00], 30_00)
    assert ways(made) == [("i0", "i1")]
    assert solved([10_00, 20_00, 30_00], 30_00, at_most_items=1).status == "unique"


def test_beyond_the_limit_nothing_is_claimed():
    made = solved([100_00 + 7 * n * n + n for n in range(60)], 1_234_56, work_limit=1_000)
    assert made.status == "not_decided"
    assert not made.is_complete
    assert "stopped at its limit" in made.sentence
    assert solved([100_00 + 7 * n * n + n for n in range(60)], 1_234_56).status == "ambiguous"


def test_most_shown_is_kept_and_said():
    made = solved([10_00] * 8, 40_00, most=3)
    assert (made.status, len(ways(made)), made.is_complete) == ("ambiguous", 3, False)
    assert "there may be more" in made.sentence


def test_customers_are_searched_each_by_itself_unless_items_are_named():
    rows = [item(1, 40_00), item(2, 60_00, customer_id="C2", purchase_order="PO-77123")]
    receipt = {"entity": "E1", "receipt_id": "r1", "customer_id": "C1", "currency": "USD", "amount": 100_00,
               "value_date": "2026-10-05", "remittance_text": "PO-77123"}  # fmt: skip
    inputs = MatchInputs(items=MATCH_ITEMS.from_rows(rows), receipts=MATCH_RECEIPTS.frame([receipt]))
    pool = around(EMPTY, scope=SCOPE, receipt_id="r1", prepared=prepare(EMPTY, scope=SCOPE, inputs=inputs))
    assert set(pool.customers) == {"C1", "C2"}
    assert combinations(pool, receipt_id="r1", policy=POLICY).status == "none"
    assert combinations(pool, receipt_id="r1", policy=POLICY, items=["i1", "i2"]).status == "unique"
    unknown = combinations(pool, receipt_id="r1", policy=POLICY, items=["i1", "<b>"])
    assert (unknown.status, "<b>" in unknown.sentence) == ("not_decided", True)
    assert combinations(pool, receipt_id="zz", policy=POLICY).status == "not_decided"
    assert combinations(pool, receipt_id="r1", policy=POLICY, total=60_00).status == "unique"


def test_disputed_items_follow_the_policy_and_written_off_ones_are_left_out():
    rows = [item(1, 40_00, is_disputed=True), item(2, 60_00), item(3, 100_00, is_written_off=True)]
    assert combinations(view(rows, 100_00), receipt_id="r1", policy=POLICY).status == "unique"
    strict = MatchingPolicy(includes_disputed=False)
    assert combinations(view(rows, 100_00), receipt_id="r1", policy=strict).status == "none"


@settings(max_examples=25, derandomize=True, deadline=None)
@given(st.lists(st.integers(-30, 60).filter(bool), min_size=1, max_size=7), st.integers(1, 120))
def test_every_sum_is_right_and_the_status_is_that_of_trying_all(amounts, cash):
    made = solved(amounts, cash, tolerance=0, most=200)
    fits = {
        tuple(f"i{n}" for n in way)
        for size in range(1, len(amounts) + 1)
        for way in every(range(len(amounts)), size)
        if sum(amounts[n] for n in way) == cash
    }
    assert {tuple(sorted(way)) for way in ways(made)} == {tuple(sorted(way)) for way in fits}
    assert made.status == ("none" if not fits else "unique" if len(fits) == 1 else "ambiguous")
