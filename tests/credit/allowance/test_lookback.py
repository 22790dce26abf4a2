"""Look back and trend: the published ratios, windows, and what is not known."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arlib.credit.allowance.booked import booked_allowance
from arlib.credit.allowance.frames_movement import LOSS_FLOWS
from arlib.credit.allowance.lookback import exhaustion, look_back, loss_trend, month_ends, share
from arlib.policy import Scope
from arlib.tables import CANONICAL, Book


def scope(as_of: str) -> Scope:
    day = date.fromisoformat(as_of)
    return Scope(entity="E1", entity_name="", functional_currency="USD", period=as_of[:7],
                 starts_on=day.replace(day=1), ends_on=day, as_of=day)  # fmt: skip


def book_of(*entries: tuple[str, str, int]) -> Book:
    rows = pd.DataFrame([
        {"entity": "E1", "entry_id": f"E{at}", "posting_date": day, "line": line, "part": "pool", "currency": "USD",
         "amount": amount}
        for at, (day, line, amount) in enumerate(entries)
    ])  # fmt: skip
    return Book({"allowance_entries": CANONICAL["allowance_entries"].typed(rows)})


def flows_of(*flows: tuple[str, str, int]) -> pd.DataFrame:
    rows = pd.DataFrame([
        {"entity": "E1", "flow": flow, "fact_id": f"F{at}", "posting_date": day, "item_id": "I", "is_credit_loss": True,
         "currency": "USD", "amount": amount, "functional_amount": amount, "loss": amount}
        for at, (day, flow, amount) in enumerate(flows)
    ])  # fmt: skip
    return LOSS_FLOWS.typed(rows)


def test_c_lb_exhaustion_of_the_published_case():
    # Riley & Pasewark: 1,000,000 against write-offs of 700,000 and then 600,000
    assert exhaustion(1_000_000, [700_000, 600_000]) == Fraction(3, 2)


def test_exhaustion_at_its_edges():
    assert exhaustion(700_000, [700_000, 600_000]) == 1
    assert exhaustion(1_300_000, [700_000, 600_000]) == 2
    assert exhaustion(1_300_001, [700_000, 600_000]) is None
    assert exhaustion(0, [1]) == 0
    assert exhaustion(100, [-50, 75, 150]) == Fraction(5, 2)  # a month of net recoveries gives back


@given(st.integers(1, 10**12), st.lists(st.integers(0, 10**11), max_size=24))
def test_exhaustion_is_where_the_running_sum_crosses(allowance, write_offs):
    lasted = exhaustion(allowance, write_offs)
    if lasted is None:
        assert sum(write_offs) < allowance
    else:
        whole = int(lasted) if lasted != int(lasted) else int(lasted) - 1
        assert sum(write_offs[:whole]) + (lasted - whole) * write_offs[whole] == allowance


def test_ratios_of_nothing_are_empty():
    assert share(5, 0) is None
    assert share(0, 5) == 0


def test_two_years_of_the_published_case_month_by_month():
    book = book_of(("2023-12-31", "opening", 1_000_000), ("2024-12-31", "charge", 700_000), ("2025-12-31", "charge", 600_000),
                   ("2024-06-30", "write_off", -700_000), ("2025-06-30", "write_off", -600_000))  # fmt: skip
    flows = flows_of(("2024-06-30", "write_off", 700_000), ("2025-06-30", "write_off", 600_000))
    at = scope("2025-12-31")
    made = look_back(flows, booked_allowance(book, scope=at), scope=at, credits_recoveries=False)
    assert [f"{day:%Y-%m-%d}" for day in made["starts_on"]] == ["2025-01-01", "2024-01-01"]
    assert made["opening"].tolist() == [1_000_000, 1_000_000]
    assert made["expense_to_write_offs"].tolist() == ["1", "1"]  # BDE/WO about 1
    assert made["opening_to_write_offs"].tolist() == ["1.66666666667", "1.42857142857"]
    # 700,000 gone by June 2024; the other 300,000 are half of June 2025: 17.5 months, where whole years say 1.5
    assert made["exhaustion_years"].iloc[1] == "1.45833333333"
    assert pd.isna(made["exhaustion_years"].iloc[0])
    assert made["is_exhausted"].tolist() == [False, True]


def test_a_window_says_how_many_months_it_has():
    book = book_of(("2025-08-31", "opening", 10_00), ("2025-12-31", "charge", 5_00))
    at = scope("2025-12-31")
    made = look_back(flows_of(), booked_allowance(book, scope=at), scope=at, credits_recoveries=False)
    assert made["months"].tolist() == [4]
    assert made["expense_to_write_offs"].isna().all()
    none = look_back(flows_of(), booked_allowance(Book({}), scope=at), scope=at, credits_recoveries=False)
    assert none.empty


def test_recoveries_lower_the_cost_where_they_go_to_profit_and_loss():
    book = book_of(("2025-11-30", "opening", 10_00), ("2025-12-31", "charge", 5_00))
    at = scope("2025-12-31")
    flows = flows_of(("2025-12-01", "recovery", 2_00), ("2025-12-31", "write_off", 6_00))
    made = look_back(flows, booked_allowance(book, scope=at), scope=at, credits_recoveries=False)
    assert made[["expense", "written_off", "recovered"]].to_numpy().tolist() == [[3_00, 6_00, 2_00]]


def test_month_ends():
    assert month_ends(date(2025, 12, 31), date(2026, 2, 15)) == [
        date(2025, 12, 31),
        date(2026, 1, 31),
        date(2026, 2, 15),
    ]
    assert month_ends(date(2026, 2, 1), date(2026, 2, 28)) == [date(2026, 2, 28)]


def test_trend_is_by_month_and_knows_what_it_does_not_know():
    at = scope("2025-12-31")
    exposures = {date(2025, 10, 31): 100_00, date(2025, 11, 30): 0, date(2025, 12, 31): 300_00}
    flows = flows_of(
        ("2025-11-01", "write_off", 1_00), ("2025-11-30", "write_off", 2_00), ("2025-12-01", "recovery", 50)
    )
    book = book_of(("2025-10-31", "opening", 10_00), ("2025-12-31", "charge", 5_00))
    made = loss_trend(flows, booked_allowance(book, scope=at), exposures, scope=at)
    assert made["month"].tolist() == ["2025-11", "2025-12"]
    assert made["written_off"].tolist() == [3_00, 0]
    assert made["recovered"].tolist() == [0, 50]
    assert made["allowance"].tolist() == [10_00, 15_00]
    assert made["coverage"].fillna("").tolist() == ["", "0.05"]
    bare = loss_trend(flows, booked_allowance(Book({}), scope=at), exposures, scope=at)
    assert bare[["allowance", "expense", "coverage"]].isna().all().all()


@pytest.mark.parametrize("wrong", ["expense_to_write_offs", "exhaustion_years"])
def test_rates_are_text_and_never_float(wrong):
    assert look_back(flows_of(), booked_allowance(Book({}), scope=scope("2025-12-31")), scope=scope("2025-12-31"),
                     credits_recoveries=False)[wrong].dtype == "str"  # fmt: skip
