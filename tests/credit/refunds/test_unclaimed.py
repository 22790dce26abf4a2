"""Unclaimed property: whose rule, when the clock starts, what is due when, each boundary on both sides."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.credit.refunds import UnclaimedState, unclaimed_of
from arlib.errors import ParameterError
from arlib.policy import Policies
from arlib.policy.refund import EXAMPLES, HolderRule, RefundPolicy, UnclaimedPolicy

DELAWARE = next(rule for rule in EXAMPLES if rule.place == "US-DE")
CONFIRMED = replace(DELAWARE, confirmed_by="Counsel & Co")


def credit(amount=10000, day="2019-06-15", **more):
    return {"item_id": "M1", "item_type": "credit_memo", "amount": -amount, "effective_date": day} | more


@pytest.fixture
def clock(books, scope):
    make_book, _ = books

    def run(as_of="2026-10-31", owner=None, policy=None, refunding=(), **tables):
        who = {"customer_id": "C1", "state": "US-DE", "address": "1 Main St"} | (owner or {})
        tables = {"items": [credit()], "customers": [who], "activities": []} | tables
        day = date.fromisoformat(as_of)
        mine = replace(
            scope, as_of=day, ends_on=day, starts_on=day.replace(day=1), time_zone="America/New_York"
        )
        policies = Policies(refund=RefundPolicy(unclaimed=policy or UnclaimedPolicy(rules=(CONFIRMED,))))
        result = unclaimed_of(make_book(**tables), scope=mine, policies=policies, refunding=refunding)
        assert all(identity.holds for identity in result.identities)
        return result

    return run


def row_of(result, item="M1"):
    return result.property.set_index("item_id").loc[item]


def test_dates_of_delaware_by_hand(clock):
    """Credit of 15 June 2019, five years: dormant 15 June 2024, in the report of 1 March 2025, letters 1 Nov to 31 Dec."""
    row = row_of(clock())
    assert f"{row['dormant_on']:%Y-%m-%d}" == "2024-06-15"
    assert f"{row['report_due']:%Y-%m-%d}" == "2025-03-01"
    assert f"{row['letter_from']:%Y-%m-%d}" == "2024-11-01"
    assert f"{row['letter_by']:%Y-%m-%d}" == "2024-12-31"
    assert (row["place"], row["place_from"], row["clock_from"]) == ("US-DE", "owner", "date of the credit")


@pytest.mark.parametrize(("as_of", "state"), [
    ("2024-06-14", UnclaimedState.RUNNING), ("2024-10-31", UnclaimedState.RUNNING), ("2024-11-01", UnclaimedState.LETTER_DUE),
    ("2025-02-01", UnclaimedState.LETTER_DUE),
])  # fmt: skip
def test_the_letter_is_due_from_the_first_day_of_its_window(clock, as_of, state):
    result = clock(as_of=as_of)
    assert row_of(result)["state"] == state
    assert len(result.letters) == (state is UnclaimedState.LETTER_DUE)
    if len(result.letters):
        (letter,) = result.letters.to_dict("records")
        assert (letter["amount"], letter["documents"], letter["address"]) == (10000, "D-M1", "1 Main St")
        assert letter["is_late"] is (as_of > "2024-12-31")
    assert result.proposals.empty


@pytest.mark.parametrize(("amount", "as_of", "state"), [
    (4999, "2024-06-14", UnclaimedState.RUNNING),
    (4999, "2024-06-15", UnclaimedState.REPORTABLE),  # dormant that day, too small for a letter
    (5000, "2024-06-15", UnclaimedState.RUNNING),  # dormant, its letter comes first
    (1, "2024-06-15", UnclaimedState.REPORTABLE),  # of any size
])  # fmt: skip
def test_small_credits_need_no_letter_and_are_never_swept(clock, amount, as_of, state):
    result = clock(as_of=as_of, items=[credit(amount)])
    assert row_of(result)["state"] == state
    assert result.proposals["amount"].tolist() == ([amount] if state is UnclaimedState.REPORTABLE else [])


def test_a_letter_sent_in_the_window_makes_it_reportable(clock):
    sent = {"activity_id": "L1", "kind": "letter", "outcome": "due_diligence", "done_by": "ann"}
    good = sent | {"occurred_at": "2024-11-20T15:00:00Z"}
    early = sent | {"occurred_at": "2024-10-31T15:00:00Z"}
    result = clock(as_of="2025-01-15", activities=[good])
    assert row_of(result)["state"] == UnclaimedState.REPORTABLE
    (row,) = result.proposals.to_dict("records")
    assert f"{row['decide_by']:%Y-%m-%d}" == "2025-03-01"
    assert (row["kind"], row["amount"], row["item_id"]) == ("unclaimed", 10000, "M1")
    assert "letter of 2024-11-20" in row["evidence"]
    assert "not confirmed" not in str(row["caution"])
    assert row_of(clock(as_of="2025-01-15", activities=[early]))["state"] == UnclaimedState.LETTER_DUE
    assert clock(as_of="2025-01-15", activities=[good], refunding={"M1"}).proposals.empty  # paid back instead
    approved = [{"proposal_id": "UP-1", "kind": "unclaimed", "item_id": "M1", "amount": 10000}]
    again = clock(as_of="2025-01-15", activities=[good], decided_proposals=approved)
    assert row_of(again)["state"] == UnclaimedState.ESCHEATED
    assert again.proposals.empty


@pytest.mark.parametrize(("rows", "start", "what"), [
    ({"receipts": [{"receipt_id": "R", "amount": 5, "effective_date": "2022-03-01"}]}, "2022-03-01", "payment"),
    ({"receipts": [{"receipt_id": "R", "amount": -5, "effective_date": "2022-03-01"}]}, "2019-06-15", "date of the credit"),
    ({"receipts": [{"receipt_id": "R", "amount": 5, "effective_date": "2018-03-01"}]}, "2019-06-15", "date of the credit"),
    ({"receipts": [{"receipt_id": "R", "amount": 5, "effective_date": "2026-11-01"}]}, "2019-06-15", "date of the credit"),
    ({"receipts": [{"receipt_id": "R", "amount": 5, "effective_date": "2022-03-01", "customer_id": "C2"}]}, "2019-06-15",
     "date of the credit"),
    ({"activities": [{"activity_id": "A", "kind": "call", "outcome": "reached", "occurred_at": "2023-01-02T03:00:00Z"}]},
     "2023-01-01", "word of the owner"),  # the day in New York
    ({"activities": [{"activity_id": "A", "kind": "email", "done_by": "C1", "occurred_at": "2023-01-02T15:00:00Z"}]},
     "2023-01-02", "word of the owner"),
    ({"activities": [{"activity_id": "A", "kind": "letter", "outcome": "sent", "occurred_at": "2023-01-02T15:00:00Z"}]},
     "2019-06-15", "date of the credit"),  # our own letter is no word of the owner
])  # fmt: skip
def test_the_clock_starts_with_the_last_word_of_the_owner(clock, rows, start, what):
    row = row_of(clock(**rows))
    assert (f"{row['clock_start']:%Y-%m-%d}", row["clock_from"]) == (start, what)


def test_orders_count_as_the_policy_says(clock):
    sold = {"item_id": "I1", "item_type": "invoice", "amount": 5, "effective_date": "2023-01-01"}
    assert row_of(clock(items=[credit(), sold]))["clock_from"] == "order"
    silent = UnclaimedPolicy(rules=(CONFIRMED,), counts_invoices=False, counts_receipts=False)
    assert row_of(clock(items=[credit(), sold], policy=silent))["clock_from"] == "date of the credit"


@pytest.mark.parametrize(("owner", "holder", "place", "state"), [
    ({"state": "US-NY"}, {}, "US-NY", UnclaimedState.NO_RULE),
    ({"state": "US-NY"}, {"E1": "US-DE"}, "US-NY", UnclaimedState.NO_RULE),  # the owner's, never the holder's instead
    ({"state": None, "country": "US"}, {"E1": "US-DE"}, "US-DE", UnclaimedState.LETTER_DUE),
    ({"state": None, "country": None}, {"E1": "US-DE"}, "US-DE", UnclaimedState.LETTER_DUE),
    ({"state": None, "country": None}, {}, None, UnclaimedState.NO_PLACE),
    ({"state": None, "country": "GB"}, {"E1": "US-DE"}, "GB", UnclaimedState.NO_RULE),
    ({"is_intercompany": True}, {}, "US-DE", UnclaimedState.EXEMPT),
])  # fmt: skip
def test_whose_rule_counts_and_none_is_assumed(clock, owner, holder, place, state):
    result = clock(owner=owner, policy=UnclaimedPolicy(rules=(CONFIRMED,), holder_places=holder))
    row = row_of(result)
    assert (row["place"] if isinstance(row["place"], str) else None, row["state"]) == (place, state)
    if state in (UnclaimedState.NO_RULE, UnclaimedState.NO_PLACE):
        assert row["note"]
        assert row[["dormant_on", "report_due"]].isna().all()
        assert any("no dormancy date" in line for line in result.limits)


def test_businesses_are_exempt_only_where_the_rule_says_so_and_only_businesses(clock):
    exempt = (replace(CONFIRMED, is_b2b_exempt=True),)
    assert row_of(clock(policy=UnclaimedPolicy(rules=exempt)))["state"] == UnclaimedState.EXEMPT
    person = UnclaimedPolicy(rules=exempt, consumers=("C1",))
    assert row_of(clock(policy=person))["state"] == UnclaimedState.LETTER_DUE


def test_a_rule_that_counsel_did_not_confirm_is_said(clock):
    result = clock(as_of="2024-06-15", items=[credit(100)], policy=UnclaimedPolicy(rules=(DELAWARE,)))
    assert "counsel has not confirmed" in result.proposals["caution"].iloc[0]
    assert any("examples that counsel has not confirmed" in line for line in result.limits)
    assert not any(rule.confirmed_by for rule in EXAMPLES)


def test_money_of_unknown_owners_has_a_clock_too(clock):
    cash = credit(item_type="receipt", cash_status="unidentified", customer_id=None)
    policy = UnclaimedPolicy(rules=(CONFIRMED,), holder_places={"E1": "US-DE"})
    row = row_of(clock(items=[cash], policy=policy))
    assert (row["place_from"], row["state"]) == ("holder", UnclaimedState.REPORTABLE)  # nobody to write to


def test_what_was_remitted_in_the_period_stands_as_escheated(clock):
    items = [
        credit(),
        {
            "item_id": "T1",
            "item_type": "transfer",
            "amount": 10000,
            "reason": "escheat",
            "effective_date": "2026-10-10",
        },
    ]
    paired = {"application_id": "A1", "source_item_id": "M1", "target_item_id": "T1", "source_amount": 10000,
              "target_amount": 10000, "kind": "transfer"}  # fmt: skip
    row = row_of(clock(items=items, applications=[paired | {"effective_date": "2026-10-10"}]))
    assert (row["state"], row["amount"]) == (UnclaimedState.ESCHEATED, 10000)
    before = clock(items=items, applications=[paired | {"effective_date": "2026-09-30"}])
    assert before.property.empty


@settings(max_examples=200)
@given(st.dates(date(2000, 2, 28), date(2090, 3, 1)), st.sampled_from(EXAMPLES))
def test_a_report_comes_after_dormancy_within_two_years_and_the_letter_before_it(day, rule):
    due = rule.report_due(day)
    first, last = rule.letter_window(due)
    cutoff = date(due.year, rule.cutoff_month, rule.cutoff_day)
    cutoff = cutoff if cutoff < due else cutoff.replace(year=due.year - 1)
    assert cutoff - timedelta(days=366) < day <= cutoff < due
    assert first <= last < due


@pytest.mark.parametrize("wrong", [
    {"place": "Delaware"}, {"place": "us-de"}, {"dormancy_months": 0}, {"cutoff_month": 2, "cutoff_day": 29},
    {"report_month": 13}, {"letter_days_from": 10, "letter_days_to": 20}, {"letter_min_amount": Decimal(-1)},
])  # fmt: skip
def test_a_rule_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ParameterError):
        replace(DELAWARE, **wrong)


def test_policies_that_make_no_sense_are_refused():
    for make in (
        lambda: UnclaimedPolicy(rules=(DELAWARE, DELAWARE)),
        lambda: UnclaimedPolicy(holder_places={"E1": "Delaware"}),
        lambda: RefundPolicy(min_amount=Decimal(-1)),
        lambda: RefundPolicy(min_amounts={"JPY": Decimal(-1)}),
        lambda: RefundPolicy(min_days_open=-1),
    ):
        with pytest.raises(ParameterError):
            make()
    assert (
        UnclaimedPolicy(rules=(HolderRule(**(DELAWARE.__dict__ | {"place": "GB"})),)).rule("GB-LND").place
        == "GB"
    )


@pytest.mark.parametrize(("dormant_on", "due"), [
    ("2024-12-31", "2025-03-01"), ("2025-01-01", "2026-03-01"), ("2024-01-01", "2025-03-01"),
])  # fmt: skip
def test_the_cut_off_day_itself_is_in_the_report(dormant_on, due):
    assert DELAWARE.report_due(date.fromisoformat(dormant_on)).isoformat() == due


def test_reports_of_the_other_examples_by_hand():
    """Texas: dormant by 1 March, report 1 July, letters by 1 May. California: by 30 June, before 1 November."""
    rules = {rule.place: rule for rule in EXAMPLES}
    texas, california = rules["US-TX"], rules["US-CA"]
    assert texas.report_due(date(2026, 3, 1)) == date(2026, 7, 1)
    assert texas.report_due(date(2026, 3, 2)) == date(2027, 7, 1)
    assert texas.letter_window(date(2026, 7, 1))[1] == date(2026, 5, 1)
    assert california.report_due(date(2026, 6, 30)) == date(2026, 10, 31)
    assert california.letter_window(date(2026, 10, 31))[1] == date(2026, 4, 30)
