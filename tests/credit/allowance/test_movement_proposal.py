"""The charge or release of the month: one proposal, once, with its cautions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from arlib.credit.allowance.booked import booked_allowance
from arlib.credit.allowance.proposal import allowance_proposal
from arlib.credit.proposals import facts_sha256, proposal_id
from arlib.policy import AllowancePolicy, Scope
from arlib.tables import CANONICAL, Book

SCOPE = Scope(entity="E1", entity_name="", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
              ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip


def book(*, booked: int = 70_00, **decided: object) -> Book:
    entries = CANONICAL["allowance_entries"].frame([
        {"entity": "E1", "entry_id": "A", "posting_date": "2026-10-31", "line": "charge", "part": "pool", "currency": "USD",
         "amount": booked}
    ])  # fmt: skip
    tables = {"allowance_entries": entries}
    if decided:
        row = {
            "entity": "E1",
            "kind": "allowance",
            "currency": "USD",
            "decision": "approve",
            "decided_on": "2026-11-03",
            **decided,
        }
        tables["decided_proposals"] = CANONICAL["decided_proposals"].frame([row])
    return Book(tables)


def made(of: Book, required: int, scope: Scope = SCOPE):
    return allowance_proposal(of, booked_allowance(of, scope=scope), required=required, specific=0, scope=scope,
                              policy=AllowancePolicy())  # fmt: skip


def own_id(amount: int, period: str = "2026-10") -> str:
    return proposal_id("allowance", "E1", period, "USD", amount)


@pytest.mark.parametrize(("required", "amount"), [(100_00, 30_00), (50_00, -20_00)])
def test_a_charge_is_positive_and_a_release_negative(required, amount):
    proposals, blocked = made(book(), required)
    row = proposals.to_dict("records")[0]
    assert (row["amount"], row["functional_amount"], row["currency"]) == (amount, amount, "USD")
    assert row["rule"].startswith("Charge to" if amount > 0 else "Release of")
    assert row["facts_sha256"] == facts_sha256(row)
    assert blocked.empty


def test_nothing_to_book_proposes_nothing():
    proposals, blocked = made(book(), 70_00)
    assert proposals.empty
    assert blocked.empty


def test_the_id_hangs_on_period_and_amount_and_not_on_the_day():
    first = made(book(), 100_00)[0]["proposal_id"].iloc[0]
    assert first == own_id(30_00)
    assert made(book(), 100_00, replace(SCOPE, known_at=date(2026, 11, 5)))[0]["proposal_id"].iloc[0] == first
    assert made(book(), 100_01)[0]["proposal_id"].iloc[0] != first
    assert made(book(), 100_00, replace(SCOPE, period="2026-11"))[0]["proposal_id"].iloc[0] != first


def test_what_was_approved_is_blocked_and_what_was_rejected_is_not():
    proposals, blocked = made(book(proposal_id=own_id(30_00), amount=30_00), 100_00)
    assert proposals.empty
    assert blocked["blocked_by"].tolist() == ["already_approved"]
    assert "2026-11-03" in blocked["blocked_because"].iloc[0]
    for decision in ("reject", "ask"):
        proposals, blocked = made(book(proposal_id=own_id(30_00), amount=30_00, decision=decision), 100_00)
        assert len(proposals) == 1
        assert blocked.empty


def test_another_amount_approved_for_the_period_is_counted_and_said():
    row = made(book(proposal_id=own_id(10_00), amount=10_00), 100_00)[0].iloc[0]
    assert row["amount"] == 20_00
    assert (
        f"{own_id(10_00)} of USD 10.00 was approved on 2026-11-03 and is not in the books yet"
        in row["caution"]
    )
    assert "not in the books yet USD 10.00" in row["evidence"]


SEPTEMBER = {"proposal_id": own_id(20_00, "2026-09"), "amount": 20_00, "decided_on": "2026-10-05"}


def with_entries(of: Book, *more: tuple[str, int], prior: int | None = None) -> Book:
    """The book with more charges, and with what the close of September required."""
    entries = [
        {"entity": "E1", "entry_id": f"M{at}", "posting_date": day, "line": "charge" if amount > 0 else "release",
         "part": "pool", "currency": "USD", "amount": amount}
        for at, (day, amount) in enumerate(more)
    ]  # fmt: skip
    tables = dict(of.tables)
    tables["allowance_entries"] = pd.concat(
        [tables["allowance_entries"].assign(posting_date=pd.Timestamp("2026-08-31"))]
        + ([CANONICAL["allowance_entries"].frame(entries)] if entries else []), ignore_index=True
    )  # fmt: skip
    if prior is not None:
        tables["prior_allowance"] = CANONICAL["prior_allowance"].frame([
            {"entity": "E1", "period": "2026-09", "as_of": "2026-09-30", "part": "pool", "currency": "USD", "allowance": prior}
        ])  # fmt: skip
    return Book(tables)


def test_the_same_charge_is_not_approved_in_two_months():
    """September's 20 is approved and not booked: October asks for 10 of the 30 that the books lack, and then for nothing."""
    of = with_entries(book(**SEPTEMBER), prior=90_00)
    row = made(of, 100_00)[0].iloc[0]
    assert (row["amount"], row["proposal_id"]) == (10_00, own_id(10_00))
    assert row["caution"].startswith(f"Counted as if it were booked: {SEPTEMBER['proposal_id']} of USD 20.00")
    october = {"entity": "E1", "kind": "allowance", "currency": "USD", "decision": "approve", "decided_on": "2026-11-03",
               "proposal_id": own_id(10_00), "amount": 10_00}  # fmt: skip
    decided = pd.concat(
        [of["decided_proposals"], CANONICAL["decided_proposals"].frame([october])], ignore_index=True
    )
    proposals, blocked = made(Book({**of.tables, "decided_proposals": decided}), 100_00)
    assert proposals.empty
    assert SEPTEMBER["proposal_id"] in blocked["blocked_because"].iloc[0]
    assert own_id(10_00) in blocked["blocked_because"].iloc[0]


@pytest.mark.parametrize(
    ("entries", "prior", "amount"),
    [
        ((("2026-10-07", 20_00),), None, 10_00),  # booked as it was approved
        ((("2026-09-30", 20_00),), 90_00, 10_00),  # with the date of its period
        ((("2026-09-30", 12_00), ("2026-09-30", 8_00)), 95_00, 10_00),  # in parts, on one day
        (
            (("2026-09-29", 11_00), ("2026-09-30", 9_00)),
            90_00,
            10_00,
        ),  # the books held what September required
        ((("2026-10-07", 5_00),), None, 10_00),  # a part of it: 15 wait
        ((("2026-10-07", -20_00),), None, 30_00),  # a release does not answer a charge
    ],
)
def test_an_approval_that_the_books_hold_is_not_counted_again(entries, prior, amount):
    of = with_entries(book(**SEPTEMBER), *entries, prior=prior)
    assert made(of, 100_00)[0]["amount"].tolist() == [amount]


def test_an_unknown_booked_amount_is_said():
    of = Book({})
    proposals, _ = made(of, 5_00)
    assert proposals["amount"].tolist() == [5_00]
    assert proposals["caution"].tolist() == ["What is booked is not known."]
