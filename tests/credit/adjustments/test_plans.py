"""Payment arrangements: schedules that tie, and payments against the schedule."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arlib.credit.adjustments.plans import level_schedule

ASK = {
    "request_id": "R1", "kind": "plan", "item_id": "I1", "instalments": 3, "effective_on": "2026-11-30", "reason": "arrangement",
}  # fmt: skip


def test_two_payments_with_interest_by_hand():
    """1,000.00 at 0.1 % a day. Growth 1.030 (30 days), then 1.028 (28 days): P = 1000 × 1.03 × 1.028 ÷ 2.028 = 522.11.

    Interest 30.00, principal 492.11, left 507.89; interest 14.22, payment 522.11.
    """
    rows = level_schedule(
        1000_00, rate=Fraction("0.365"), start=date(2026, 1, 1), first=date(2026, 1, 31), instalments=2
    )
    assert [(r.days, r.payment, r.interest, r.principal, r.balance_after) for r in rows] == [
        (30, 522_11, 30_00, 492_11, 507_89),
        (28, 522_11, 14_22, 507_89, 0),
    ]
    assert [r.due_date for r in rows] == [date(2026, 1, 31), date(2026, 2, 28)]


def test_without_interest_the_last_takes_the_rest():
    rows = level_schedule(
        100_00, rate=Fraction(0), start=date(2026, 1, 1), first=date(2026, 2, 1), instalments=3
    )
    assert [r.payment for r in rows] == [33_33, 33_33, 33_34]


@given(
    st.integers(10_00, 10**11),
    st.fractions(0, 1, max_denominator=1000),
    st.integers(1, 60),
    st.integers(1, 45),
)
def test_principals_sum_to_the_amount_and_payments_are_level(amount, rate, count, gap):
    start = date(2026, 1, 31)
    first = date.fromordinal(start.toordinal() + gap)
    rows = level_schedule(amount, rate=rate, start=start, first=first, instalments=count)
    assert sum(r.principal for r in rows) == amount
    assert sum(r.payment for r in rows) == amount + sum(r.interest for r in rows)
    assert rows[-1].balance_after == 0
    assert len({r.payment for r in rows[:-1]}) <= 1
    growth = 1
    for row in rows:  # each rounding grows with interest until the last payment takes it
        growth *= 1 + rate * row.days / 365
    assert abs(rows[-1].payment - rows[0].payment) <= 2 * count * growth


def test_a_plan_leaves_the_debt_and_says_the_interest(propose, bill):
    made = propose(items=[bill("I1", 90_00)], adjustment_requests=[{**ASK, "rate": "0.12"}])
    row = made.proposals.iloc[0]
    assert (row["kind"], row["amount"]) == ("plan", 9000)
    assert "the aging stays" in row["rule"]
    assert made.schedules["principal"].sum() == 9000
    assert [f"{day:%m-%d}" for day in made.schedules["due_date"]] == ["11-30", "12-30", "01-30"]
    assert made.schedules["days"].tolist() == [41, 30, 31]  # from the day of the request


def test_an_account_on_a_plan(propose, bill):
    made = propose(
        items=[bill("I1", 90_00), bill("I2", 30_00)], adjustment_requests=[{**ASK, "item_id": None}]
    )
    assert made.proposals["amount"].tolist() == [12000]
    assert made.proposals["functional_amount"].tolist() == [12000]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"instalments": 0}, "instalments"),
        ({"instalments": None}, "instalments"),
        ({"instalments": 25}, "instalments"),
        ({"rate": "0.25"}, "rate"),
        ({"rate": "6 %"}, "rate"),
        ({"rate": "NaN"}, "rate"),
        ({"rate": "-0.01"}, "rate"),
        ({"effective_on": "2026-10-30"}, "first_instalment_past"),
        ({"effective_on": None}, "no_first_instalment"),
        ({"amount": 90_01}, "over_balance"),
        ({"amount": 2}, "too_small"),
    ],
)
def test_what_is_refused(propose, bill, change, fault):
    made = propose(items=[bill("I1", 90_00)], adjustment_requests=[{**ASK, **change}])
    assert made.blocked["blocked_by"].tolist() == [fault]


def test_one_arrangement_at_a_time(propose, bill):
    plan = {"plan_id": "P1", "item_id": "I1", "amount": 90_00}
    running = propose(items=[bill("I1", 90_00)], adjustment_requests=[ASK], plans=[plan])
    assert running.blocked["blocked_because"].tolist() == ["Arrangement P1 of 2026-07-01 runs already."]
    ended = propose(
        items=[bill("I1", 90_00)], adjustment_requests=[ASK], plans=[{**plan, "ended_on": "2026-10-31"}]
    )
    assert len(ended.proposals) == 1


@pytest.mark.parametrize(
    ("paid", "second_due", "missed", "is_default"),
    [
        (60_00, "2026-10-01", 0, False),
        (59_99, "2026-10-01", 1, True),  # the second is a cent short, and its ten days are over
        (30_00, "2026-10-21", 0, False),  # the last day of grace is the as-of date
        (30_00, "2026-10-20", 1, True),
        (0, "2026-10-20", 2, True),
    ],
)
def test_payments_settle_the_oldest_instalment_first(propose, bill, paid, second_due, missed, is_default):
    items = [bill("I1", 90_00), {"item_id": "P1", "item_type": "receipt", "amount": -90_00}]
    applied = [{"source_item_id": "P1", "target_item_id": "I1", "target_amount": paid}] if paid else []
    parts = [
        {"plan_id": "P1", "instalment_no": n, "due_date": due, "amount": 30_00}
        for n, due in enumerate(("2026-09-01", second_due, "2026-12-01"), start=1)
    ]
    made = propose(
        items=items,
        applications=applied,
        plans=[{"plan_id": "P1", "item_id": "I1", "amount": 90_00}],
        plan_instalments=parts,
    )
    row = made.plans.iloc[0]
    assert (row["due"], row["paid"], row["missed"], row["is_default"]) == (6000, paid, missed, is_default)


def test_cash_before_the_agreement_does_not_count(propose, bill):
    items = [bill("I1", 90_00), {"item_id": "P1", "item_type": "receipt", "amount": -90_00}]
    applied = [
        {
            "source_item_id": "P1",
            "target_item_id": "I1",
            "target_amount": 30_00,
            "effective_date": "2026-06-30",
        }
    ]
    for plan in ({"item_id": "I1", "effective": 0}, {"item_id": None, "effective": 0}):
        made = propose(
            items=items,
            applications=applied,
            plans=[{"plan_id": "P1", "amount": 60_00, "item_id": plan["item_id"]}],
        )
        assert made.plans["paid"].tolist() == [0]
        assert "no schedule" in made.plans["what"].iloc[0]
