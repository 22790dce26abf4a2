"""Payment behaviour: days late, what counts as a payment, the score and its boundaries, SQL as a second method."""

from __future__ import annotations

import runpy
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.collect.behaviour import days_text, falling, habit_words, payment_behaviour, share_text
from arlib.collect.frames_behaviour import PAYMENT_BEHAVIOUR
from arlib.errors import ParameterError
from arlib.policy import CreditReviewPolicy, Policies
from arlib.policy.credit_review import ScorePolicy

k = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("behaviour_books.py"))))
PARTS = ["punctuality", "on_time", "steadiness", "trend", "reliability", "arrears"]


def row(tables, policies=None, customer="C1", as_of=k.AS_OF):
    made = k.case(tables, policies, as_of).of(payment_behaviour)
    return made.set_index("customer_id").loc[customer]


def four(*days: int, amounts=(100_00, 100_00, 100_00, 100_00), dues=None):
    """Four invoices, each paid so many days after it was due."""
    dues = dues or ("2026-03-31", "2026-05-31", "2026-08-31", "2026-09-30")
    parts = [
        k.paid(
            number,
            amount,
            due,
            str(date.fromisoformat(due).fromordinal(date.fromisoformat(due).toordinal() + late)),
        )
        for number, (amount, due, late) in enumerate(zip(amounts, dues, days, strict=True))
    ]
    return k.together(*parts)


def test_worked_by_hand():
    """Amounts 100, 300 early in the year at 10 and 20 days, 100 and 500 lately at 30 and 0 days.

    Mean: (100*10 + 300*20 + 100*30 + 500*0) / 1000 = 10.0; recent 3000/600 = 5.0, before 7000/400 = 17.5.
    """
    made = row(four(10, 20, 30, 0, amounts=(100_00, 300_00, 100_00, 500_00)))
    assert (made["payments"], made["items_paid"], made["amount"]) == (4, 4, 1_000_00)
    assert made["mean_days_late"] == "10.0"
    assert made["median_days_late"] == "15.0"
    assert made["spread_days"] == "15.0"  # quartiles of 0, 10, 20, 30: 7.5 and 22.5
    assert made["late_share"] == "0.5000"
    assert (made["recent_days_late"], made["earlier_days_late"], made["trend_days"]) == (
        "5.0",
        "17.5",
        "-12.5",
    )
    assert made["last_payment_on"].date() == date(2026, 9, 30)
    assert made["last_payment_amount"] == 600_00  # the invoice of August came on that day, too
    # 35 * 50/60, 15 * 1/2, 10 * 30/45, 10, 10, 20
    assert list(made[PARTS]) == [29, 8, 7, 10, 10, 20]
    assert (made["score"], made["score_text"]) == (84, "84 of 100")
    assert made["habit"] == "pays 15 days late, varies, lately 13 days sooner"
    assert made["habit_days"] == 15


def test_too_few_payments_have_no_score():
    tables = k.together(*(k.paid(n, 10_00, "2026-06-30", "2026-07-05") for n in range(3)))
    made = row(tables)
    assert made["score_text"] == "no score: 3 payments"
    assert made[["score", *PARTS]].isna().all()
    assert made["habit"] == "3 payments in 12 months: too few to tell"
    none = row({"items": [k.invoice("I1", 5_00, "2026-10-01")]})
    assert (none["score_text"], none["habit"]) == ("no score: 0 payments", "no payment in 12 months")


@pytest.mark.parametrize(
    ("on", "counts"), [("2025-10-31", 0), ("2025-11-01", 1), ("2026-10-31", 1), ("2026-11-01", 0)]
)
def test_the_first_and_the_last_day_of_the_months(on, counts):
    made = row(k.paid(1, 10_00, "2025-10-15", on))
    assert made["payments"] == counts
    assert (
        (made["last_payment_on"].date() == date.fromisoformat(on))
        if on <= "2026-10-31"
        else made.isna()["last_payment_on"]
    )


@pytest.mark.parametrize(("on", "recent"), [("2026-07-31", False), ("2026-08-01", True)])
def test_the_first_day_of_the_recent_months(on, recent):
    tables = k.together(
        k.paid(1, 10_00, "2026-07-01", on), k.paid(2, 10_00, "2026-10-01", "2026-10-01"),
        k.paid(3, 10_00, "2026-06-01", "2026-06-01"), k.paid(4, 10_00, "2026-05-01", "2026-05-01"),
    )  # fmt: skip
    assert (row(tables)["trend_days"] == row(tables)["trend_days"]) is recent  # a text, or missing


def test_reversed_and_returned_cash_pays_nothing():
    """A reversed application, a return without a reversal, a part return; the honest twin counts."""
    tables = k.together(
        k.paid(1, 100_00, "2026-06-30", "2026-07-10"), k.paid(2, 100_00, "2026-06-30", "2026-07-10"),
        k.paid(3, 100_00, "2026-06-30", "2026-07-10"), k.paid(4, 100_00, "2026-06-30", "2026-07-10"),
    )  # fmt: skip
    tables["applications"].append(
        k.applied("C1R1", "C1I1", -100_00, "2026-07-15") | {"application_id": "X", "reverses": "A-C1R1-C1I1"}
    )
    for number, amount in ((2, 100_00), (3, 40_00)):
        tables["items"].append(
            k.cash(f"B{number}", -amount, "2026-07-15")
            | {"reverses": f"C1R{number}", "due_date": "2026-06-30"}
        )
    made = row(tables)
    assert made["amount"] == 160_00  # 60 of the third, the fourth
    assert made["payments"] == 2
    assert made["returned_payments"] == 2
    again = tables["applications"][-1] | {"application_id": "Y", "reverses": "X"}
    twice = {
        **tables,
        "applications": [*tables["applications"], again | {"source_amount": 100_00, "target_amount": 100_00}],
    }
    assert row(twice)["amount"] == 260_00  # the reversal was reversed: the first payment stands


def test_other_credits_are_no_payments():
    tables = k.paid(1, 100_00, "2026-06-30", "2026-07-10")
    tables["items"].append(k.invoice("I9", 50_00, "2026-06-30"))
    tables["items"].append(
        k.cash("CM", 50_00, "2026-07-10") | {"item_type": "credit_memo", "cash_status": pd_na()}
    )
    tables["applications"].append(k.applied("CM", "I9", 50_00, "2026-07-10", kind="credit_memo"))
    assert row(tables)["amount"] == 100_00


def pd_na():
    import pandas as pd

    return pd.NA


def test_the_original_due_date_counts_and_our_delay_does_not():
    """Rescheduled, applied late by us, cash there before the invoice, and parts each with a day of their own."""
    late = k.paid(1, 10_00, "2026-08-31", "2026-08-31")
    late["items"][0] |= {"original_due_date": "2026-07-31", "rescheduled_on": "2026-08-01"}
    assert row(late)["mean_days_late"] == "31.0"
    slow = k.paid(1, 10_00, "2026-08-31", "2026-08-31")
    slow["applications"][0]["effective_date"] = "2026-10-20"
    assert row(slow)["mean_days_late"] == "0.0"
    before = k.paid(1, 10_00, "2026-08-31", "2026-02-01")
    assert row(before)["mean_days_late"] == "-30.0"
    assert row(before)["last_payment_on"].date() == date(2026, 8, 1)
    parts = {
        "items": [
            k.invoice("I1", 30_00, "2026-09-30", effective_date="2026-07-01"),
            k.cash("R1", 10_00, "2026-08-03"), k.cash("R2", 20_00, "2026-09-30"),
        ],
        "applications": [k.applied("R1", "I1", 10_00, "2026-08-03"), k.applied("R2", "I1", 20_00, "2026-09-30")],
        "instalments": [
            {"item_id": "I1", "instalment_no": 1, "due_date": "2026-07-31", "currency": "USD", "amount": 10_00},
            {"item_id": "I1", "instalment_no": 2, "due_date": "2026-09-30", "currency": "USD", "amount": 20_00},
        ],
    }  # fmt: skip
    assert row(parts)["mean_days_late"] == "1.0"  # 3 days on 10, 0 on 20


def test_highest_balance_is_of_the_end_of_a_day():
    tables = {
        "items": [
            k.invoice("I0", 500_00, "2025-09-30"), k.cash("R0", 450_00, "2026-01-10"),
            k.invoice("I1", 300_00, "2026-03-31"), k.invoice("I2", 250_00, "2026-03-31"),
            k.cash("R1", 500_00, "2026-03-01"),
        ],
        "applications": [k.applied("R0", "I0", 450_00, "2026-01-10"), k.applied("R1", "I1", 300_00, "2026-03-01")],
    }  # fmt: skip
    made = row(tables)  # both invoices and the receipt R1 are of 1 March: the day ends at 50 + 550 - 500
    assert (made["highest_balance"], made["highest_balance_on"].date()) == (500_00, date(2025, 11, 1))
    tables["items"][4]["effective_date"] = "2026-03-02"
    tables["applications"][1]["effective_date"] = "2026-03-02"
    made = row(tables)
    assert (made["highest_balance"], made["highest_balance_on"].date()) == (600_00, date(2026, 3, 1))


def test_arrears_lower_the_score_of_who_paid_well_and_stopped():
    good = four(0, 0, 0, 0)
    assert row(good)["score"] == 100
    stopped = k.together(good, {"items": [k.invoice("I9", 900_00, "2026-08-02")]})
    made = row(stopped)  # 90 days
    assert (made["arrears"], made["score"], made["arrears_days"]) == (0, 80, "90.0")


def test_broken_promises_take_points_and_kept_ones_none():
    promise = {
        "customer_id": "C1",
        "currency": "USD",
        "amount": 50_00,
        "promised_on": "2026-10-01",
        "state": "open",
    }
    tables = k.together(four(0, 0, 0, 0), {"items": [k.invoice("I9", 50_00, "2026-10-31")]})
    broken = row(
        {**tables, "promises": [promise | {"promise_id": "P1", "item_id": "I9", "pay_by": "2026-10-10"}]}
    )
    assert (broken["broken_promises"], broken["reliability"], broken["score"]) == (1, 5, 95)
    not_yet = row(
        {**tables, "promises": [promise | {"promise_id": "P1", "item_id": "I9", "pay_by": "2026-10-31"}]}
    )
    assert (not_yet["broken_promises"], not_yet["reliability"]) == (0, 10)


def test_currencies_are_added_at_the_booking_rate_and_unrated_ones_say_so():
    tables = k.paid(1, 100_00, "2026-06-30", "2026-06-30")
    euro = k.paid(2, 100_00, "2026-06-30", "2026-07-10")
    for item in euro["items"]:
        item["currency"] = "EUR"
    euro["applications"][0] |= {"source_currency": "EUR", "target_currency": "EUR"}
    without = row(k.together(tables, euro))
    assert without["amount"] == 100_00
    assert without["note"] == "payments in EUR have no amount in the books' currency and are left out"
    euro["applications"][0]["target_functional_amount"] = 300_00
    made = row(k.together(tables, euro))
    assert (made["amount"], made["mean_days_late"], made["note"]) == (400_00, "7.5", "")


def test_a_merged_customer_takes_its_history_along():
    tables = k.together(
        k.paid(1, 10_00, "2026-06-30", "2026-07-05", "OLD"), k.paid(2, 30_00, "2026-06-30", "2026-07-05"),
        {"customers": [k.customer("C1"), k.customer("OLD")],
         "customer_merges": [{"old_customer_id": "OLD", "new_customer_id": "C1", "merged_on": "2026-10-31"}]},
    )  # fmt: skip
    made = k.case(tables).of(payment_behaviour)
    assert list(made["customer_id"]) == ["C1"]
    assert made["amount"].tolist() == [40_00]
    before = k.case(tables, as_of=date(2026, 10, 30)).of(payment_behaviour)
    assert list(before["customer_id"]) == ["C1", "OLD"]


@pytest.mark.parametrize(
    ("value", "points"),
    [("-5", 35), ("0", 35), ("30", 18), ("59", 1), ("60", 0), ("400", 0)],
)
def test_points_fall_in_a_straight_line(value, points):
    """35 × (1 - 30/60) is 17.5 and rounds to 18."""
    assert falling(35, Fraction(value), 60) == points


@pytest.mark.parametrize(
    ("spread", "how"), [(7, "steady"), ("7.25", "varies"), (21, "varies"), ("21.25", "erratic")]
)
def test_words_at_the_edges(spread, how):
    policy = ScorePolicy()
    assert habit_words(4, Fraction(9), Fraction(spread), None, policy) == f"pays 9 days late, {how}"
    assert (
        habit_words(4, Fraction("0.25"), Fraction(0), Fraction("4.9"), policy)
        == "pays on the due date, steady"
    )
    assert (
        habit_words(4, Fraction(-1), Fraction(0), Fraction(5), policy)
        == "pays 1 day early, steady, lately 5 days later"
    )


def test_texts():
    assert [days_text(Fraction(x)) for x in ("-0.04", "-0.05", "9.25", "1.35")] == [
        "0.0",
        "-0.1",
        "9.3",
        "1.4",
    ]
    assert share_text(Fraction(1, 3)) == "0.3333"


@pytest.mark.parametrize(
    "given_",
    [
        {"punctuality": 36},
        {"recent_months": 12},
        {"arrears_zero_days": 0},
        {"varying_days": 6},
        {"on_time": -1},
    ],
)
def test_a_score_that_cannot_be_is_refused(given_):
    with pytest.raises(ParameterError):
        ScorePolicy(**given_)


def test_the_policy_moves_the_points():
    weights = ScorePolicy(punctuality=0, on_time=100, steadiness=0, trend=0, reliability=0, arrears=0)
    policies = Policies(credit_review=CreditReviewPolicy(score=weights))
    assert row(four(1, -1, -1, -1), policies)["score"] == 75


def test_without_optional_tables_and_without_anything():
    made = k.case({}).of(payment_behaviour)
    assert made["customer_id"].tolist() == ["C1"]
    assert made["highest_balance"].isna().all()
    assert k.case({"customers": []}).of(payment_behaviour).empty


@pytest.mark.parametrize("entity", ["US01", "UK01", "JP01"])
def test_agrees_with_sql_on_the_sample_company(entity):
    """Means, shares, windows and counts by an SQL written from the rules."""
    sample = k.sample(entity)
    connection = duckdb.connect()
    for name in ("items", "applications", "instalments", "customer_merges"):
        connection.register(name, sample.book[name])
    theirs = (
        connection.sql("""
      with app as (select * from applications where coalesce(posting_date, effective_date) <= date '2026-10-31'),
      doc as (select * from items where coalesce(posting_date, effective_date) <= date '2026-10-31'),
      line as (
        select s.item_id as receipt, t.item_id, coalesce(m.new_customer_id, t.customer_id) as customer,
               a.target_amount as amount,
               coalesce(a.target_functional_amount, a.target_amount) as books,
               greatest(s.effective_date, t.effective_date) as paid_on,
               coalesce(t.original_due_date, o.original_due_date, o.due_date, t.due_date) as due
        from app a join items s on s.item_id = a.source_item_id join items t on t.item_id = a.target_item_id
        left join items o on o.item_id = t.replaces
        left join customer_merges m on m.old_customer_id = t.customer_id and m.merged_on <= date '2026-10-31'
        where s.item_type in ('receipt', 'prepayment') and t.item_type not in ('receipt', 'prepayment') and t.amount > 0
          and a.kind not in ('return', 'refund', 'credit_to_credit') and coalesce(a.reverses, '') = ''
          and a.application_id not in (select reverses from app where reverses is not null)
          and t.item_id not in (select item_id from instalments)
      )
      select customer, count(distinct receipt) as payments, cast(sum(books) as bigint) as amount,
             sum(books * date_diff('day', due, paid_on)) / sum(books) as mean_late,
             sum(case when paid_on > due then books else 0 end) / sum(books) as late_share,
             max(paid_on) as last_on
      from line where paid_on > date '2025-10-31' and paid_on <= date '2026-10-31' and due is not null group by 1 order by 1
    """)
        .df()
        .set_index("customer")
    )
    parted = set(sample.book["items"].loc[
        sample.book["items"]["item_id"].isin(sample.book["instalments"]["item_id"]), "customer_id"
    ])  # fmt: skip
    ours = sample.of(payment_behaviour).set_index("customer_id")
    compared = [code for code in theirs.index if code not in parted]
    assert len(compared) > 5
    for code in compared:
        mine, other = ours.loc[code], theirs.loc[code]
        assert (mine["payments"], mine["amount"]) == (other["payments"], other["amount"]), code
        assert abs(Decimal(mine["mean_days_late"]) - Decimal(float(other["mean_late"]))) <= Decimal(
            "0.0500001"
        )
        assert abs(Decimal(mine["late_share"]) - Decimal(float(other["late_share"]))) <= Decimal("0.0000501")


@pytest.mark.parametrize("entity", ["US01", "UK01", "JP01"])
def test_highest_balance_agrees_with_sql(entity):
    sample = k.sample(entity)
    connection = duckdb.connect()
    for name in ("items", "applications", "customer_merges"):
        connection.register(name, sample.book[name])
    currency = sample.position.currency
    theirs = (
        connection.sql(f"""
      with who as (
        select i.*, coalesce(m.new_customer_id, i.customer_id) as customer from items i
        left join customer_merges m on m.old_customer_id = i.customer_id and m.merged_on <= date '2026-10-31'),
      event as (
        select customer, coalesce(posting_date, effective_date) as day,
               coalesce(functional_amount, case when currency = '{currency}' then amount end) as moved from who
        union all
        select t.customer, coalesce(a.posting_date, a.effective_date),
               -coalesce(a.target_functional_amount, a.target_amount)
               - coalesce(a.discount_functional_amount, a.discount, 0)
        from applications a join who t on t.item_id = a.target_item_id
        union all
        select s.customer, coalesce(a.posting_date, a.effective_date), coalesce(a.source_functional_amount, a.source_amount)
        from applications a join who s on s.item_id = a.source_item_id),
      ended as (
        select customer, day, sum(sum(moved)) over (partition by customer order by day) as balance
        from event where day <= date '2026-10-31' and customer is not null group by 1, 2),
      known as (
        select customer, day, balance from ended where day > date '2025-10-31'
        union all
        select customer, date '2025-11-01', arg_max(balance, day) from ended e where day <= date '2025-10-31'
          and not exists (select 1 from ended x where x.customer = e.customer and x.day = date '2025-11-01') group by 1)
      select customer, cast(max(balance) as bigint) as highest from known group by 1 order by 1
    """)
        .df()
        .set_index("customer")["highest"]
    )
    ours = sample.of(payment_behaviour).set_index("customer_id")["highest_balance"].dropna()
    assert ours.to_dict() == theirs.to_dict()


@settings(max_examples=10)
@given(
    st.lists(st.tuples(st.integers(1, 10**9), st.integers(-40, 200)), min_size=4, max_size=12),
    st.integers(0, 300),
)
def test_a_score_is_whole_bounded_and_the_sum_of_its_parts(payments, open_days):
    """Whatever is paid: 0 to 100, the sum of its parts, and never better when everything is paid later."""

    open_since = str(date.fromordinal(k.AS_OF.toordinal() - open_days))

    def tables(code, shift):
        parts = [
            k.paid(
                n,
                amount,
                "2026-02-28",
                str(date.fromordinal(date(2026, 2, 28).toordinal() + late + shift)),
                code,
            )
            for n, (amount, late) in enumerate(payments)
        ]
        return k.together(*parts, {"items": [k.invoice(f"{code}I", 5_00, open_since, code)]})

    customers = {"customers": [k.customer("C1"), k.customer("C2")]}
    both = k.case(k.together(tables("C1", 0), tables("C2", 5), customers)).of(payment_behaviour)
    made, later = both.iloc[0], both.iloc[1]
    assert 0 <= made["score"] <= 100
    assert made["score"] == made[PARTS].sum()
    assert later["score"] <= made["score"]
    assert made["amount"] == sum(amount for amount, _ in payments)


def test_the_table_is_as_declared_and_stays_when_rows_are_shuffled():
    sample = k.sample("US01")
    made = sample.of(payment_behaviour)
    assert list(made.columns) == PAYMENT_BEHAVIOUR.names
    shuffled = sample.book.tables | {
        name: sample.book[name].sample(frac=1, random_state=3).reset_index(drop=True)
        for name in ("items", "applications")
    }
    again = k.Case(type(sample.book)(shuffled), sample.position, sample.policies).of(payment_behaviour)
    assert made.equals(again)
