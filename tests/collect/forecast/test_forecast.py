"""Weeks, places, special items and limits of the forecast, on a book small enough to check by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import duckdb
import pandas as pd
import pytest

from arlib.collect.forecast import Forecast
from arlib.collect.forecast.past import days, past_of
from arlib.collect.forecast.rolling import back_test_rows, outlook
from arlib.collect.forecast.special import special_of
from arlib.errors import ParameterError
from arlib.policy import ForecastPolicy
from arlib.tables import Book

from .conftest import AS_OF, SCOPE, book_of, facts

Make = Callable[..., Forecast]
ORIGIN = (AS_OF - date(1970, 1, 1)).days


def test_each_customer_pays_as_it_always_did(forecast: Make) -> None:
    made = forecast(facts())
    on = made.items.set_index("item_id")["expected_on"]
    due = made.items.set_index("item_id")["due_date"]
    late = (on - due).dt.days
    assert set(late[late.index.str.startswith("EARLY")]) == {-3}
    assert set(late[late.index.str.startswith("LATE")]) == {11}
    assert set(late[late.index.str.startswith("SLOW")]) == {25}
    words = made.customers.set_index("customer_id")["words"]
    assert words["LATE"].startswith("pays 11 days after the due date (median, ")
    assert words["EARLY"].startswith("pays 3 days before the due date")


def test_weeks_hold_one_payment_of_each_customer(forecast: Make) -> None:
    made = forecast(facts())
    assert made.weeks["week"].tolist()[0] == "2026-W45"
    assert made.weeks["week_no"].tolist() == list(range(1, 9))
    near = made.weeks["expected"].astype(float) / 300_000
    assert near.between(0.85, 1.1).all(), near.tolist()
    assert (made.weeks["from_open"] + made.weeks["from_new"] == made.weeks["expected"]).all()
    assert (made.weeks["from_open"].iloc[:2] > 250_000).all()
    assert (made.weeks["low"] <= made.weeks["expected"]).all()
    assert (made.weeks["high"] >= made.weeks["expected"]).all()


def test_places_foot_to_the_aging(forecast: Make) -> None:
    made = forecast(facts())
    row = made.places.iloc[0]
    assert row["in_weeks"] + row["later"] + row["covered"] + row["never"] == row["open"]
    assert made.weeks["from_open"].sum() == row["in_weeks"]
    assert made.customers["open"].sum() == row["open"]
    assert all(identity.holds for identity in made.identities)


def test_forecast_beats_the_naive_ones_where_habits_are_strict(forecast: Make) -> None:
    scores = forecast(facts()).backtest.query("week_no == 0").set_index("method")["wape"].astype(float)
    assert scores["forecast"] < scores["due_date"]


def test_no_history_is_not_computed(forecast: Make) -> None:
    rows = facts()
    rows["items"] = [row for row in rows["items"] if row["item_type"] == "invoice"][:30]
    rows["applications"] = []
    made = forecast(rows)
    assert made.weeks.empty
    assert made.items.empty
    assert made.backtest.empty
    assert made.limits == ("Not computed: 0 payments in the history; a forecast from habits needs 20.",)


def test_cash_at_hand_covers_the_oldest_and_is_no_receipt(forecast: Make) -> None:
    rows = facts()
    rows["items"].append({**rows["items"][0], "item_id": "CASH", "document_no": "CASH", "item_type": "receipt", "amount": -150_000,
                          "customer_id": "SLOW", "due_date": None, "cash_status": "unapplied"})  # fmt: skip
    made = forecast(rows)
    slow = made.items[made.items["customer_id"].eq("SLOW")].sort_values("due_date")
    assert slow["covered"].tolist()[:3] == [100_000, 50_000, 0]
    assert slow["treatment"].iloc[0] == "covered"
    assert made.places["covered"].sum() == 150_000
    assert all(identity.holds for identity in made.identities)


@pytest.mark.parametrize(("status", "treatment"), [("bankrupt", "insolvent"), ("active", "habit")])
def test_an_insolvent_customer_is_not_expected_to_pay(forecast: Make, status: str, treatment: str) -> None:
    rows = facts()
    rows["customers"][1]["status"] = status
    late = forecast(rows)
    mine = late.customers.set_index("customer_id").loc["LATE"]
    assert set(late.items[late.items["customer_id"].eq("LATE")]["treatment"]) == {treatment}
    assert (mine["never"] == mine["open"]) == (status == "bankrupt")


def test_a_promise_counts_by_the_share_kept(forecast: Make) -> None:
    rows = facts()
    promise = {
        "entity": "E1",
        "customer_id": "SLOW",
        "item_id": "SLOW-00",
        "currency": "USD",
        "amount": 100_000,
    }
    rows["promises"] = [
        {**promise, "promise_id": "NOW", "promised_on": "2026-10-28", "pay_by": "2026-11-04", "state": "open"}
    ]
    unknown = forecast(rows)
    assert "Too few promises have been judged: promised items follow the customer's habit." in unknown.limits
    rows["promises"] += [
        {**promise, "promise_id": f"P{n}", "item_id": "SLOW-30", "promised_on": "2026-05-01", "pay_by": "2026-05-10",
         "closed_on": "2026-05-12", "state": "broken" if n == 0 else "kept"} for n in range(10)
    ]  # fmt: skip
    made = forecast(rows).items.set_index("item_id").loc["SLOW-00"]
    assert made["treatment"] == "promised"
    assert made["expected_on"] == pd.Timestamp("2026-11-04")


def test_a_plan_comes_on_its_days(forecast: Make) -> None:
    rows = facts()
    rows["plans"] = [{"plan_id": "L", "entity": "E1", "customer_id": "EARLY", "currency": "USD", "amount": 400_000,
                      "agreed_on": "2026-10-20", "state": "running"}]  # fmt: skip
    rows["plan_instalments"] = [
        {
            "entity": "E1",
            "plan_id": "L",
            "instalment_no": n + 1,
            "due_date": day,
            "currency": "USD",
            "amount": 200_000,
        }
        for n, day in enumerate(("2026-11-11", "2027-02-11"))
    ]
    mine = forecast(rows).customers.set_index("customer_id").loc["EARLY"]
    assert mine["in_weeks"] * 2 == mine["open"]
    assert mine["later"] * 2 == mine["open"]


def test_disputes_without_a_history_wait_until_after_the_weeks(forecast: Make) -> None:
    rows = facts()
    rows["disputes"] = [{"dispute_id": "D", "entity": "E1", "customer_id": "LATE", "item_id": "LATE-03", "currency": "USD",
                         "amount": 100_000, "opened_on": "2026-10-20", "reason": "price"}]  # fmt: skip
    made = forecast(rows)
    items = made.items.set_index("item_id")
    assert items.loc["LATE-03", "expected_week"] == "later"
    assert items.loc["LATE-02", "treatment"] == "habit"
    assert any(limit.startswith("Too few items in dispute") for limit in made.limits)


def test_rest_of_the_week_is_a_row_of_its_own(forecast: Make) -> None:
    scope = replace(SCOPE, as_of=date(2026, 10, 28), ends_on=date(2026, 10, 31))
    made = forecast(facts(), scope=scope)
    first = made.weeks.iloc[0]
    assert (first["week_no"], first["week"]) == (0, "2026-W44")
    assert (first["week_start"], first["week_end"]) == (
        pd.Timestamp("2026-10-29"),
        pd.Timestamp("2026-11-01"),
    )
    assert made.weeks["from_open"].sum() == made.places["in_weeks"].sum()


def test_the_order_of_rows_does_not_matter(forecast: Make) -> None:
    rows = facts()
    turned = {name: given[::-1] for name, given in rows.items()}
    one, two = forecast(rows), forecast(turned)
    for name in ("weeks", "places", "customers", "items", "backtest"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))


def _looked(book: Book, origin: int) -> pd.DataFrame:
    past = past_of(book, scope=SCOPE)
    debits = past.standing(origin)
    special = special_of(book, past, debits, scope=SCOPE, origin=origin)
    policy = ForecastPolicy()
    looked = outlook(past, debits, special, origin=origin, policy=policy)
    return back_test_rows(past, looked, origin=origin, until=ORIGIN, policy=policy)


def test_nothing_of_after_the_origin_is_used() -> None:
    origin, rows = ORIGIN - 56, facts()
    cut = pd.Timestamp(origin, unit="D").date()
    later = facts()
    later["items"] = [
        row if row["effective_date"] <= cut else {**row, "amount": row["amount"] * 3} for row in rows["items"]
    ]
    later["applications"] = [row for row in rows["applications"] if row["effective_date"] <= cut]
    before, after = _looked(book_of(rows), origin), _looked(book_of(later), origin)
    told = [name for name in before if not name.startswith("actual")]
    pd.testing.assert_frame_equal(before[told], after[told])
    assert not before["actual_total"].equals(after["actual_total"])


def test_standing_agrees_with_sql_at_past_days() -> None:
    book = book_of(facts())
    past = past_of(book, scope=SCOPE)
    items, applications = book["items"], book["applications"]
    for back in (0, 10, 100):
        day = AS_OF - timedelta(days=back)
        with duckdb.connect() as base:
            base.register("items", items)
            base.register("applications", applications)
            wanted = base.execute(
                """select i.item_id, (i.amount - coalesce(sum(a.target_amount), 0))::bigint as rest from items i left join applications a
                   on a.target_item_id = i.item_id and a.effective_date <= $day where i.amount > 0 and i.effective_date <= $day
                   group by i.item_id, i.amount having rest > 0 order by 1""",
                {"day": day},
            ).fetchall()
        debits = past.standing(ORIGIN - back)
        assert sorted(zip(debits.item.tolist(), debits.amount.tolist(), strict=True)) == wanted
    assert days(pd.Series(pd.to_datetime(["2026-11-01"]))).tolist() == [ORIGIN]


def test_currencies_stay_apart_and_a_missing_rate_gives_no_total(forecast: Make) -> None:
    rows = facts()
    for row in rows["items"]:
        row["currency"] = "EUR" if row["customer_id"] == "EARLY" else "USD"
    for row in rows["applications"]:
        if row["target_item_id"].startswith("EARLY"):
            row["source_currency"] = row["target_currency"] = "EUR"
    made = forecast(rows)
    assert set(made.weeks["currency"]) == {"EUR", "USD"}
    assert made.total.empty
    assert "No closing rate for EUR: no total in the books' currency." in made.limits
    rows["fx_rates"] = [
        {"date": "2026-11-01", "base": "EUR", "quote": "USD", "rate": "2", "kind": "closing", "source": "x"}
    ]
    total = forecast(rows).total
    assert total["expected"].iloc[0] == 2 * made.weeks.query("currency == 'EUR'")["expected"].iloc[0] + made.weeks.query(
        "currency == 'USD'")["expected"].iloc[0]  # fmt: skip


def test_policy_refuses_nonsense() -> None:
    for wrong in ({"weeks": 0}, {"half_life_days": 0}, {"origins": -1}, {"interval": 1}):
        with pytest.raises(ParameterError):
            ForecastPolicy(**wrong)
