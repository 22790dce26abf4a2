"""Hit list, escalations, special exceptions, large balances, portfolios: boundary days and amounts, both ways."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from arlib.collect.position import position
from arlib.collect.work_lists.portfolios import portfolios
from arlib.errors import ParameterError
from arlib.policy import Policies, WorkListPolicy
from arlib.policy.work_list import EscalationStep

LATE = {"item_id": "I1", "amount": 12_000_00, "due_date": "2026-09-01"}  # 60 days past due


def test_the_hit_list_has_each_customer_under_its_sales_executive_with_what_a_call_needs_to_know(lists):
    items = [
        LATE | {"item_id": "I1", "amount": 100_00}, LATE | {"item_id": "I2", "amount": 300_00, "due_date": "2026-10-30"},
        LATE | {"item_id": "I3", "customer_id": "C2", "amount": 900_00, "sales_rep": "zoe"},
        LATE | {"item_id": "I4", "customer_id": "C3", "amount": 50_00},
        LATE | {"item_id": "I5", "amount": 700_00, "due_date": "2026-10-31"},
    ]  # fmt: skip
    customers = [{"customer_id": "ACME"}, {"customer_id": "C2", "sales_rep": None}, {"customer_id": "C3"}]
    made = lists(WorkListPolicy(hit_list_min_amount=Decimal(100)), items=items, customers=customers,
                 disputes=[{"item_id": "I1", "amount": 40_00}], promises=[{"amount": 300_00, "pay_by": "2026-11-05"}],
                 activities=[{}])  # fmt: skip
    assert made.hits[["sales_rep", "customer_id", "total"]].to_numpy().tolist() == [
        ["sam", "ACME", 400_00],
        ["zoe", "C2", 900_00],
    ]
    row = made.hits.iloc[0]
    assert (row["1-30"], row["31-60"], row["61-90"]) == (300_00, 100_00, 0)
    assert (row["largest_document"], row["largest_amount"], row["disputed"]) == ("D-I2", 300_00, 40_00)
    assert (row["max_days_past_due"], f"{row['promise_on']:%m-%d}", row["promised"]) == (60, "11-05", 300_00)
    assert f"{row['last_contact_on']:%m-%d}" == "10-20"


def test_a_hit_list_customer_at_the_least_amount_is_listed_and_one_below_is_not(lists):
    items = [LATE | {"amount": 100_00}, LATE | {"item_id": "I2", "customer_id": "C2", "amount": 99_99}]
    customers = [{"customer_id": "ACME"}, {"customer_id": "C2"}]
    made = lists(WorkListPolicy(hit_list_min_amount=Decimal(100)), items=items, customers=customers)
    assert list(made.hits["customer_id"]) == ["ACME"]


STEPS = (
    EscalationStep(days_past_due=30, amount=Decimal(10_000), to="sales executive"),
    EscalationStep(days_past_due=60, amount=Decimal(10_000), to="credit manager"),
    EscalationStep(days_past_due=90, amount=Decimal(25_000), to="controller"),
)


def test_an_account_goes_to_the_highest_step_that_it_reaches(lists):
    bills = {
        "DAY": (12_000_00, "2026-09-01", "credit manager"),  # the sixtieth day
        "BEFORE": (12_000_00, "2026-09-02", "sales executive"),
        "EQUAL": (10_000_00, "2026-09-01", None),
        "ABOVE": (10_000_01, "2026-09-01", "credit manager"),
        "OLD": (30_000_00, "2026-06-01", "controller"),
        "LEGAL": (90_000_00, "2026-06-01", None),
    }
    items = [LATE | {"item_id": f"I{code}", "customer_id": code, "amount": amount, "due_date": due}
             for code, (amount, due, _) in bills.items()]  # fmt: skip
    customers = [{"customer_id": code, "status": "legal" if code == "LEGAL" else None} for code in bills]
    touch = {"kind": "escalation", "outcome": "sent"}
    made = lists(
        WorkListPolicy(escalations=STEPS), items=items, customers=customers,
        activities=[touch | {"activity_id": "A1", "customer_id": "DAY", "occurred_at": "2026-10-31T15:00:00Z"},
                    touch | {"activity_id": "A2", "customer_id": "ABOVE", "occurred_at": "2026-10-30T15:00:00Z"}],
    ).escalations  # fmt: skip
    assert dict(zip(made["customer_id"], made["to"], strict=True)) == {
        code: to for code, (_, _, to) in bills.items() if to
    }
    assert list(made["customer_id"]) == ["OLD", "DAY", "ABOVE", "BEFORE"]
    due = dict(zip(made["customer_id"], made["is_due"], strict=True))
    assert due == {
        "OLD": True,
        "DAY": False,
        "ABOVE": True,
        "BEFORE": True,
    }  # ABOVE was escalated before it reached this step


def test_exceptions_without_an_end_an_approval_or_past_their_last_day_are_findings(lists):
    rows = {
        "GOOD": ({}, "in_force"), "SOON": ({"expires_on": "2026-11-30"}, "expires_soon"),
        "LAST": ({"expires_on": "2026-10-31"}, "expires_soon"),
        "OVER": ({"expires_on": "2026-10-30"}, "expired"), "OPEN": ({"expires_on": None}, "no_expiry"),
        "NOBODY": ({"approved_by": None}, "not_approved"), "LATER": ({"valid_from": "2026-11-01"}, "not_begun"),
    }  # fmt: skip
    codes = [*rows, "PAID"]
    made = lists(
        items=[LATE | {"item_id": f"I{code}", "customer_id": code} for code in rows], customers=[{"customer_id": code} for code in codes],
        collection_exceptions=[
            *({"exception_id": code, "customer_id": code} | more for code, (more, _) in rows.items()),
            {"exception_id": "PAID", "customer_id": "PAID", "expires_on": "2026-10-30"},
        ],
    ).exceptions  # fmt: skip
    assert dict(zip(made["exception_id"], made["state"], strict=True)) == {
        code: state for code, (_, state) in rows.items()
    }
    assert set(made.loc[made["is_finding"], "exception_id"]) == {"OVER", "OPEN", "NOBODY"}
    assert made["past_due"].eq(12_000_00).all()
    assert list(made["exception_id"].head(3)) == ["OVER", "OPEN", "NOBODY"]


def test_large_balances_name_who_collects_and_who_sells(lists):
    made = lists(items=[LATE, LATE | {"item_id": "I2", "customer_id": "C2", "amount": 10_000_00}],
                 customers=[{"customer_id": "ACME"}, {"customer_id": "C2"}]).large  # fmt: skip
    assert made[["customer_id", "collector", "sales_rep", "amount"]].to_numpy().tolist() == [
        ["ACME", "dana", "sam", 12_000_00]
    ]


def shared(book, scope, policy, items, customers):
    here = position(book(items=items, customers=customers), scope=scope, policies=Policies())
    made = portfolios(here, policies=replace(Policies(), work_list=policy))
    assert all(identity.holds for identity in made.identities)
    return made


def test_portfolios_say_who_moves_and_why(book, scope):
    held = {"A": "dana", "B": "dana", "C": "dana", "D": "marc", "E": None, "F": "left"}
    items = [LATE | {"item_id": f"{code}{n}", "customer_id": code} for code in held for n in range(3)]
    customers = [{"customer_id": code, "collector": name} for code, name in held.items()]
    made = shared(
        book,
        scope,
        WorkListPolicy(portfolio_max_items=8, collectors=("dana", "marc", "nina")),
        items,
        customers,
    )
    change = made.accounts.set_index("customer_id")
    assert change["change"].value_counts().to_dict() == {"stays": 3, "new": 2, "moved": 1}
    assert (
        "dana had 9 open transactions, and 8 is the most"
        in change.loc[change["change"].eq("moved"), "why"].iloc[0]
    )
    assert (change.loc["E", "why"], change.loc["F", "why"]) == ("Nobody had it.", "left takes no portfolio.")
    assert made.loads["items"].max() <= 8
    assert made.limits == ()


def test_portfolios_say_when_collectors_are_too_few(book, scope):
    items = [LATE | {"item_id": f"{code}{n}", "customer_id": code} for code in "ABC" for n in range(3)]
    customers = [{"customer_id": code, "collector": "dana"} for code in "ABC"]
    made = shared(book, scope, WorkListPolicy(portfolio_max_items=4), items, customers)
    assert made.accounts["change"].value_counts().to_dict() == {"unplaced": 2, "stays": 1}
    assert "2 accounts with 6 open transactions found no room" in made.limits[0]
    assert "at least 3 are needed" in made.limits[0]


@pytest.mark.parametrize(
    "bad", [{"calls_per_collector": 0}, {"silence_uplift": Decimal(-1)}, {"within_habit_factor": Decimal(2)}, {"collectors": ("a", "a")}]
)  # fmt: skip
def test_a_policy_that_makes_no_sense_is_refused(bad):
    with pytest.raises(ParameterError):
        WorkListPolicy(**bad)
