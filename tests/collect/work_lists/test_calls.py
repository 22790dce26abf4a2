"""Whom a collector calls first and why; who is not called and why not. Each planted case has its honest twin."""

from __future__ import annotations

from decimal import Decimal

from arlib.collect.position import position
from arlib.collect.work_lists.lists import work_lists
from arlib.policy import Policies, WorkListPolicy
from arlib.tables import CANONICAL, Book

LATE = {"item_id": "I1", "amount": 4400_00, "due_date": "2026-09-18"}  # 43 days past due
HABIT = [  # five invoices of the spring, each paid nine days late
    {"item_id": f"H{n}", "amount": 100_00, "effective_date": f"2026-0{n}-01", "document_date": f"2026-0{n}-01",
     "due_date": f"2026-0{n}-11"}
    for n in range(2, 7)
]  # fmt: skip
CASH = [
    {"item_id": f"R{n}", "item_type": "receipt", "amount": -100_00, "effective_date": f"2026-0{n}-20",
     "document_date": f"2026-0{n}-20", "due_date": None}
    for n in range(2, 7)
]  # fmt: skip
PAID = [
    {"source_item_id": f"R{n}", "target_item_id": f"H{n}", "target_amount": 100_00, "effective_date": f"2026-0{n}-20"}
    for n in range(2, 7)
]  # fmt: skip


def test_the_reason_says_promise_lateness_against_habit_and_silence(lists):
    made = lists(
        items=[LATE, *HABIT, *CASH], applications=PAID,
        promises=[{"amount": 4400_00, "pay_by": "2026-10-12"}],
        activities=[{"occurred_at": "2026-09-02T15:00:00Z", "outcome": "promised"}],
    )  # fmt: skip
    row = made.calls.iloc[0]
    assert row["reason"] == (
        "Broke a promise of USD 4,400.00 for 12 October; 43 days late against its habit of 9; silent since 2 September."
    )
    assert (row["collector"], row["rank"], row["turn"], row["collectable"]) == ("dana", 1, "today", 4400_00)
    assert made.left_out.empty
    assert made.warnings == ()


def test_a_kept_promise_and_an_answer_are_not_held_against_an_account(lists):
    cash = {
        "item_id": "R9",
        "item_type": "receipt",
        "amount": -4000_00,
        "effective_date": "2026-10-12",
        "due_date": None,
    }
    made = lists(
        items=[LATE, *HABIT, *CASH, cash],
        applications=[*PAID, {"source_item_id": "R9", "target_item_id": "I1", "target_amount": 4000_00, "effective_date": "2026-10-12"}],
        promises=[{"amount": 4000_00, "pay_by": "2026-10-12"}],
        activities=[{"occurred_at": "2026-10-20T15:00:00Z"}],
    )  # fmt: skip
    assert made.calls["reason"].iloc[0] == "43 days late against its habit of 9; last reached on 20 October."
    assert made.calls["collectable"].iloc[0] == 400_00


# A record, and why it keeps the account off the list; '' where it does not: the honest twin.
RECORDS = [
    ("disputes", {"amount": 4400_00}, "disputed"),
    ("disputes", {"amount": 4400_00, "closed_on": "2026-10-30"}, ""),
    ("promises", {"amount": 4400_00, "pay_by": "2026-11-12"}, "promised"),
    ("promises", {"amount": 4400_00, "pay_by": "2026-10-28"}, "promised"),  # the last day of grace
    ("promises", {"amount": 4400_00, "pay_by": "2026-10-27"}, ""),
    ("collection_exceptions", {}, "no_calls"),
    ("collection_exceptions", {"expires_on": "2026-10-31"}, "no_calls"),
    ("collection_exceptions", {"expires_on": "2026-10-30"}, ""),
    ("collection_exceptions", {"procedure": "no_dunning"}, ""),
    ("items", {"item_type": "receipt", "amount": -4400_00, "due_date": None, "cash_status": "unapplied"}, "unapplied_cash"),
    ("items", {"item_type": "credit_memo", "amount": -5000_00, "due_date": None}, "open_credits"),
    ("items", {"item_type": "prepayment", "amount": -5000_00, "due_date": None, "cash_status": "on_account"}, ""),
    ("items", {"item_type": "credit_memo", "amount": -5000_00, "due_date": None, "currency": "EUR"}, ""),
    *(("customers", {"status": status}, status) for status in
      ("bankrupt", "estate", "legal", "agency", "sanctioned", "cease_contact")),
    ("customers", {"status": "active"}, ""),
    ("customers", {"is_intercompany": True}, "intercompany"),
]  # fmt: skip
KEYS = {
    "disputes": "dispute_id",
    "promises": "promise_id",
    "collection_exceptions": "exception_id",
    "items": "item_id",
}


def test_each_record_keeps_its_account_off_the_list_and_its_honest_twin_is_called(lists):
    tables = {"items": [], "customers": []}
    for number, (table, row, _) in enumerate(RECORDS):
        code = f"C{number:02}"
        tables["items"].append(LATE | {"item_id": f"I{number:02}", "customer_id": code})
        if table != "customers":
            tables["customers"].append({"customer_id": code})
        key = {KEYS[table]: f"K{number:02}"} if table in KEYS else {}
        tables.setdefault(table, []).append({"customer_id": code} | key | row)
    made = lists(**tables)

    why = dict(zip(made.left_out["customer_id"], made.left_out["cause"], strict=True))
    for number, (table, row, cause) in enumerate(RECORDS):
        assert why.get(f"C{number:02}", "") == cause, (table, row)
    assert set(made.calls["customer_id"]) == {
        f"C{n:02}" for n, (_, _, cause) in enumerate(RECORDS) if not cause
    }
    assert made.left_out["amount"].eq(4400_00).all()
    assert made.left_out["is_whole"].all()
    assert made.left_out["detail"].str.len().gt(0).all()
    assert made.calls["collectable"].eq(4400_00).all()


def test_a_part_in_dispute_leaves_the_rest_to_be_called_for(lists):
    made = lists(items=[LATE], disputes=[{"item_id": "I1", "amount": 1000_00}])
    assert list(made.calls["collectable"]) == [3400_00]
    assert "of USD 4,400.00 past due, USD 1,000.00 is in dispute" in made.calls["reason"].iloc[0]
    assert list(made.left_out["amount"]) == [1000_00]
    assert not made.left_out["is_whole"].any()
    assert "Dispute D1 about price, open for 20 days, with amy" in made.left_out["detail"].iloc[0]


def test_nothing_is_taken_twice(lists):
    made = lists(
        items=[LATE, {"item_id": "C1", "item_type": "credit_memo", "amount": -3000_00, "due_date": None}],
        disputes=[{"item_id": "I1", "amount": 2000_00}], promises=[{"amount": 2000_00, "pay_by": "2026-11-05"}],
    )  # fmt: skip
    parts = made.parts.iloc[0]
    assert (parts["disputed"], parts["promised"], parts["covered"], parts["collectable"]) == (
        2000_00,
        2000_00,
        400_00,
        0,
    )


def test_a_plan_that_is_kept_is_left_alone_and_one_in_default_is_called(lists):
    terms = [{"instalment_no": 1, "due_date": "2026-10-05", "amount": 2200_00},
             {"instalment_no": 2, "due_date": "2026-11-20", "amount": 2200_00}]  # fmt: skip
    cash = {
        "item_id": "R9",
        "item_type": "receipt",
        "amount": -2200_00,
        "effective_date": "2026-10-04",
        "due_date": None,
    }
    paid = [
        {
            "source_item_id": "R9",
            "target_item_id": "I1",
            "target_amount": 2200_00,
            "effective_date": "2026-10-04",
        }
    ]
    plan = [{"amount": 4400_00, "item_id": "I1"}]
    kept = lists(items=[LATE, cash], applications=paid, plans=plan, plan_instalments=terms)
    assert kept.calls.empty
    assert list(kept.left_out["cause"]) == ["plan"]
    assert (
        "USD 2,200.00 of USD 4,400.00 paid, next USD 2,200.00 on 20 November"
        in kept.left_out["detail"].iloc[0]
    )

    broken = lists(items=[LATE], plans=plan, plan_instalments=terms)
    assert broken.left_out.empty
    assert "1 instalment of arrangement PL1 missed, USD 2,200.00 behind" in broken.calls["reason"].iloc[0]


def test_a_bank_that_is_not_up_to_date_warns_of_the_whole_list(lists):
    late = {"statement_id": "S1", "bank_account": "B1", "kind": "statement", "to_date": "2026-10-20", "currency": "USD",
            "entries": 0, "net": 0, "content_sha256": "0"}  # fmt: skip
    made = lists(items=[LATE], bank_statements=[late])
    assert len(made.calls) == 1
    assert "B1" in made.warnings[0]
    assert "look at the bank before calling anybody" in made.warnings[0]


# The policy's share is a half, here of 1,000.00 to work the factors out by hand.
FACTORS = [
    ({}, 500_00),
    ({"promises": {"amount": 1000_00, "pay_by": "2026-10-12"}}, 625_00),  # + 0.25
    ({"activities": {"occurred_at": "2026-10-01T15:00:00Z"}}, 575_00),  # silent for 30 days: + 0.15
    ({"activities": {"occurred_at": "2026-10-02T15:00:00Z"}}, 500_00),
    ({"activities": {"occurred_at": "2026-10-02T15:00:00Z", "outcome": "no answer"}}, 575_00),
]


def test_what_a_call_is_worth_follows_the_formula(lists):
    tables = {"items": [], "customers": [], "promises": [], "activities": []}
    for number, (more, _) in enumerate(FACTORS):
        code = {"customer_id": f"C{number}"}
        item = {"item_id": f"I{number}", "amount": 1000_00}
        tables["items"].append(LATE | code | item)
        tables["customers"].append(code)
        for name, row in more.items():
            tables[name].append(code | {"promise_id": f"P{number}", "activity_id": f"A{number}"} | row)
    tables["activities"].append(
        {"customer_id": "C0", "activity_id": "A90", "occurred_at": "2026-10-28T15:00:00Z"}
    )
    tables["activities"].append(
        {"customer_id": "C1", "activity_id": "A91", "occurred_at": "2026-10-28T15:00:00Z"}
    )
    # so much weight that the policy's share counts, whatever the past says
    made = lists(WorkListPolicy(chance_weight_items=10**9), **tables)
    expected = dict(zip(made.calls["customer_id"], made.calls["expected"], strict=True))
    assert expected == {f"C{number}": amount for number, (_, amount) in enumerate(FACTORS)}


def test_without_any_past_the_share_is_the_policys_and_it_says_so(lists):
    made = lists(items=[LATE | {"effective_date": "2026-10-30"}])
    assert list(made.calls["expected"]) == [2200_00]
    assert "the policy's share of 0.50" in made.limits[0]


def test_an_account_within_its_habit_is_worth_half_and_one_beyond_it_more(lists):
    policy = WorkListPolicy(chance_weight_items=10**9)  # the policy's share, whatever the past says
    twin = [row | {"item_id": f"T{row['item_id']}", "customer_id": "TWIN"} for row in (*HABIT, *CASH)]
    paid = [row | {name: f"T{row[name]}" for name in ("source_item_id", "target_item_id")} for row in PAID]
    late = [
        LATE | {"due_date": "2026-10-22"},
        LATE | {"item_id": "I2", "customer_id": "TWIN", "due_date": "2026-10-21"},
    ]
    made = lists(policy, items=[*HABIT, *CASH, *twin, *late], applications=[*PAID, *paid],
                 customers=[{"customer_id": "ACME"}, {"customer_id": "TWIN"}])  # fmt: skip
    calls = made.calls.set_index("customer_id")
    assert (calls.loc["ACME", "expected"], calls.loc["TWIN", "expected"]) == (1100_00, 2640_00)
    assert "9 days late, within its habit of 9" in calls.loc["ACME", "reason"]
    assert "10 days late against its habit of 9" in calls.loc["TWIN", "reason"]


def test_nothing_is_expected_above_what_can_be_collected(lists):
    policy = WorkListPolicy(chance_without_history=Decimal(1), broken_promise_uplift=Decimal(5))
    made = lists(policy, items=[LATE], promises=[{"amount": 4400_00, "pay_by": "2026-10-12"}])
    assert list(made.calls["expected"]) == [4400_00]
    assert list(made.calls["chance"]) == ["1.0000"]


def test_a_full_day_leaves_the_rest_for_next(lists):
    items = [LATE | {"item_id": f"I{n}", "customer_id": f"C{n}", "amount": n * 100_00} for n in range(1, 6)]
    customers = [{"customer_id": f"C{n}"} for n in range(1, 6)]
    made = lists(WorkListPolicy(calls_per_collector=2), items=items, customers=customers)
    assert list(made.calls["customer_id"]) == ["C5", "C4", "C3", "C2", "C1"]
    assert list(made.calls["turn"]) == ["today", "today", "next", "next", "next"]
    assert list(made.calls["rank"]) == [1, 2, 3, 4, 5]


def test_currencies_are_added_at_closing_rates_and_one_without_a_rate_is_said_and_comes_last(lists):
    items = [
        LATE | {"item_id": "I1", "customer_id": "C1", "amount": 100_00, "currency": "EUR"},
        LATE | {"item_id": "I2", "customer_id": "C1", "amount": 50_00},
        LATE | {"item_id": "I3", "customer_id": "C2", "amount": 900_00, "currency": "BRL"},
    ]
    made = lists(items=items, customers=[{"customer_id": "C1"}, {"customer_id": "C2"}],
                 fx_rates=[{"date": "2026-10-31", "base": "EUR", "quote": "USD", "rate": "1.10"}])  # fmt: skip
    assert list(made.calls["customer_id"]) == ["C1", "C2"]
    assert list(made.calls["collectable"].astype(object)[:1]) == [160_00]
    assert made.calls["expected"].isna().tolist() == [False, True]
    assert "BRL 900.00 without a closing rate" in made.calls["reason"].iloc[1]
    assert "BRL" in " ".join(made.limits)


def test_it_works_from_items_alone_and_says_what_it_does_not_know(scope):
    row = {"entity": "E1", "customer_id": "ACME", "item_type": "invoice", "effective_date": "2026-08-21", "currency": "USD",
           "document_no": "D"}  # fmt: skip
    bare = Book({"items": CANONICAL["items"].frame([row | LATE])})
    made = work_lists(bare, position=position(bare, scope=scope, policies=Policies()), policies=Policies())
    assert list(made.calls["collectable"]) == [4400_00]
    assert made.calls["reason"].iloc[0] == "43 days late."
    said = " ".join((*made.limits, *made.warnings))
    assert "No activities were given" in said
    assert "no bank data" in said.lower()


def test_the_day_it_is_due_nobody_is_called(lists):
    made = lists(items=[LATE | {"due_date": "2026-10-31"}])
    assert made.calls.empty
    assert made.left_out.empty
    assert made.hits.empty
