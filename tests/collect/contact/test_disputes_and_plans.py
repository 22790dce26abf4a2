"""Disputes with owner, age and root cause; arrangements with schedule and default."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from arlib.collect.contact.disputes import dispute_identities, dispute_standings
from arlib.collect.contact.plans import plan_defaults, plan_schedule
from arlib.policy import ContactPolicy

INVOICE = {"item_id": "I1", "amount": 100_00}


def dispute(**more):
    return {"item_id": "I1", "amount": 60_00, **more}


@pytest.mark.parametrize(
    ("opened", "age", "is_late"),
    [("2026-10-01", 30, False), ("2026-09-30", 31, True), ("2026-10-31", 0, False)],
)
def test_late_from_the_day_after_the_last_one_allowed(world, opened, age, is_late):
    made = world(items=[INVOICE], disputes=[dispute(opened_on=opened, owner="sam")]).ask(dispute_standings).iloc[0]  # fmt: skip
    assert (made["age_days"], made["is_late"], made["is_open"]) == (age, is_late, True)
    assert ("late by 1 day" in made["what"]) == is_late
    assert (made["open_now"], made["books_amount"], made["routed_to"]) == (60_00, 60_00, "sales")


def test_nobody_owns_it_and_a_reason_without_a_route(world):
    made = world(items=[INVOICE], disputes=[dispute(reason="moon")]).ask(dispute_standings).iloc[0]
    assert "nobody owns it" in made["what"]
    assert made["routed_to"] == "collections"


@pytest.mark.parametrize(("closed", "is_open"), [("2026-10-31", False), ("2026-11-01", True), (None, True)])
def test_settled_on_the_day_is_settled(world, closed, is_open):
    row = dispute(closed_on=closed, root_cause="price_list", team="billing")
    made = world(items=[INVOICE], disputes=[row]).ask(dispute_standings).iloc[0]
    assert made["is_open"] == is_open
    assert made["age_days"] == 30
    assert made["routed_to"] == ("sales" if is_open else "billing")
    assert pd.isna(made["root_cause"]) == is_open
    assert made["open_now"] == (60_00 if is_open else 0)


def test_two_disputes_share_what_is_open_and_an_account_keeps_its_amount(world):
    rows = [
        dispute(dispute_id="D2", opened_on="2026-10-02"), dispute(), dispute(dispute_id="D3", item_id=None),
        dispute(dispute_id="D4", opened_on="2026-11-01"),
    ]  # fmt: skip
    view = world(items=[INVOICE], disputes=rows)
    made = view.ask(dispute_standings)
    assert made.set_index("dispute_id")["open_now"].to_dict() == {"D1": 60_00, "D2": 40_00, "D3": 60_00}
    (identity,) = dispute_identities(made, view.book, position=view.position)
    assert identity.require().left == 180_00


def test_nothing_owed_any_more(world):
    settled = [{"source_item_id": "R1", "target_item_id": "I1", "target_amount": 100_00}]
    receipt = {"item_id": "R1", "item_type": "receipt", "amount": -100_00, "due_date": None}
    made = world(items=[INVOICE, receipt], applications=settled, disputes=[dispute()]).ask(dispute_standings).iloc[0]  # fmt: skip
    assert made["open_now"] == 0
    assert "close it" in made["what"]


def test_days_of_a_dispute_are_a_policy(world):
    strict = ContactPolicy(dispute_overdue_days=29)
    assert (
        world(items=[INVOICE], disputes=[dispute()], contact=strict).ask(dispute_standings).iloc[0]["is_late"]
    )


PARTS = [
    {"instalment_no": n, "due_date": day, "amount": 100_00}
    for n, day in ((1, "2026-09-30"), (2, "2026-10-20"), (3, "2026-11-20"))
]


@pytest.mark.parametrize(
    ("as_of", "states", "is_default"),
    [
        (date(2026, 9, 30), ["not_due", "not_due", "not_due"], False),
        (date(2026, 10, 1), ["in_grace", "not_due", "not_due"], False),
        (date(2026, 10, 10), ["in_grace", "not_due", "not_due"], False),  # ten days of grace
        (date(2026, 10, 11), ["missed", "not_due", "not_due"], True),
        (date(2026, 10, 31), ["missed", "missed", "not_due"], True),
    ],
)
def test_an_instalment_is_missed_after_its_grace(world, as_of, states, is_default):
    view = world(
        items=[INVOICE | {"amount": 300_00}], plans=[{"item_id": "I1"}], plan_instalments=PARTS, as_of=as_of
    )
    assert view.ask(plan_schedule)["state"].to_list() == states
    row = view.ask(plan_defaults).iloc[0]
    assert (row["is_default"], row["missed"], row["is_running"]) == (is_default, states.count("missed"), True)
    assert (row["name"], row["document_no"], row["next_due_on"]) == ("Acme", "I1", pd.Timestamp("2026-09-30"))


def test_payments_settle_the_oldest_instalment_first(world):
    receipt = {"item_id": "R1", "item_type": "receipt", "amount": -150_00, "due_date": None}
    settled = [{"source_item_id": "R1", "target_item_id": "I1", "target_amount": 150_00}]
    view = world(
        items=[INVOICE | {"amount": 300_00}, receipt], applications=settled, plans=[{"item_id": "I1"}],
        plan_instalments=PARTS,
    )  # fmt: skip
    made = view.ask(plan_schedule)
    assert made["paid"].to_list() == [100_00, 50_00, 0]
    assert made["state"].to_list() == ["paid", "missed", "not_due"]
    row = view.ask(plan_defaults).iloc[0]
    assert (row["behind"], row["books_behind"], row["next_amount"]) == (50_00, 50_00, 50_00)
    assert row["paid"] == made["paid"].sum()


def test_without_plans_and_disputes(world):
    view = world(items=[INVOICE])
    assert view.ask(plan_defaults).empty
    assert view.ask(plan_schedule).empty
    assert view.ask(dispute_standings).empty


def test_the_planted_plans_and_disputes_of_the_sample_company(companies, sample):
    for view in companies:
        truth = sample.truth[sample.truth["entity"].eq(view.position.scope.entity)]
        plans = view.ask(plan_defaults).set_index("customer_id")
        for kind, is_default in (("plan_in_default", True), ("plan_running", False)):
            accounts = truth.loc[truth["kind"].eq(kind), "account"]
            assert len(accounts)
            assert plans.loc[list(accounts), "is_default"].eq(is_default).all()
        open_ = view.ask(dispute_standings).query("is_open")
        planted = set(truth.loc[truth["kind"].eq("disputed_item_excluded"), "document_no"])
        honest = set(truth.loc[truth["kind"].eq("undisputed_item"), "document_no"])
        assert planted
        assert honest
        assert planted <= set(open_["document_no"])
        assert not honest & set(open_["document_no"])
        for identity in dispute_identities(view.ask(dispute_standings), view.book, position=view.position):
            identity.require()
