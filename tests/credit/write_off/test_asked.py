"""Write-offs that people asked for: the honest one is proposed in their name, every fault is answered in words."""

from __future__ import annotations

import pytest

from arlib.credit.write_off.candidates import candidates
from arlib.policy import Policies


@pytest.fixture
def run(kit):
    """Proposals and blocks of requests on one open invoice I1 of 100.00, of customer C1."""

    def make(*requests, due="2026-10-01", **tables):
        rows = [
            {
                "request_id": f"RQ{number}", "entity": "E1", "kind": "write_off", "customer_id": "C1", "item_id": "I1",
                "currency": "USD", "amount": 10_000, "reason": "uncollectable", "requested_by": "pat",
                "requested_on": "2026-10-20", "evidence": "letter of 3 October", **given,
            }
            for number, given in enumerate(requests, 1)
        ]  # fmt: skip
        book = kit.book(items=[kit.invoice(due=due)], adjustment_requests=rows, **tables)
        return candidates(book, scope=kit.scope(), policies=Policies())

    return make


def test_an_honest_request_is_proposed_in_the_name_of_who_asked_and_says_that_it_is_early(run):
    made = run({})
    row = made.proposals.iloc[0]
    assert (row["requested_by"], row["amount"], row["reason"]) == ("pat", 10_000, "uncollectable")
    assert row["rule"] == "asked for by pat on 2026-10-20"
    assert "from 180 days past due on; it is 30." in row["caution"]
    assert made.blocked.empty


def test_a_request_for_what_the_policy_proposes_too_is_one_proposal(run):
    made = run({}, due="2026-01-31")
    assert made.proposals["requested_by"].tolist() == ["pat"]
    assert "past due on" not in (made.proposals["caution"].iloc[0] or "")


def test_a_part_may_be_asked_for_and_nothing_means_all(run):
    assert run({"amount": 4_000}).proposals["amount"].tolist() == [4_000]
    assert run({"amount": None}).proposals["amount"].tolist() == [10_000]


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"amount": 10_001}, "other_amount"),
        ({"amount": 0}, "other_amount"),
        ({"currency": "EUR"}, "other_currency"),
        ({"customer_id": "C2"}, "other_customer"),
        ({"requested_by": " "}, "nobody_asks"),
        ({"item_id": "I9"}, "no_open_debit"),
        ({"item_id": None}, "item_missing"),
    ],
)
def test_each_fault_is_answered_by_a_blocked_row(run, given, word):
    made = run(given)
    mine = made.blocked[made.blocked["rule"].str.startswith("asked for")]
    assert mine["blocked_by"].tolist() == [word]
    assert made.proposals.empty


def test_the_second_request_for_an_item_is_answered_and_the_first_stands(run):
    made = run({}, {"requested_by": "quinn"})
    assert made.proposals["requested_by"].tolist() == ["pat"]
    assert made.blocked[["blocked_by", "requested_by"]].to_numpy().tolist() == [["asked_twice", "quinn"]]


def test_a_request_of_tomorrow_is_not_known_yet(run):
    made = run({"requested_on": "2026-11-01"})
    assert made.proposals.empty
    assert made.blocked.empty


def test_a_dispute_blocks_a_request_as_it_blocks_the_policy(run):
    dispute = {
        "dispute_id": "D1", "entity": "E1", "customer_id": "C1", "item_id": "I1", "currency": "USD", "amount": 10_000,
        "opened_on": "2026-10-05", "reason": "price",
    }  # fmt: skip
    made = run({}, disputes=[dispute])
    assert made.blocked["blocked_by"].tolist() == ["disputed"]
    assert made.blocked["requested_by"].tolist() == ["pat"]
