"""Earlier decisions hold back what is proposed now: the same thing, and more than an item still owes."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from arlib.credit.decided import held_back
from arlib.credit.proposals import BLOCKED, proposals_of
from arlib.policy import Scope
from arlib.tables import CANONICAL, Book

SCOPE = Scope(
    entity="E1", entity_name="Example", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
    ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31),
)  # fmt: skip


def proposal(number: str, amount: int, *, kind: str = "write_off", item: str = "I1") -> dict[str, object]:
    return {
        "proposal_id": number, "entity": "E1", "kind": kind, "customer_id": "C1", "item_id": item, "currency": "USD",
        "amount": amount, "reason": "uncollectable", "rule": "old", "evidence": "late",
    }  # fmt: skip


def decided(number: str, amount: int, decision: str = "approve", **more: object) -> dict[str, object]:
    return {
        "proposal_id": number, "entity": "E1", "kind": "write_off", "item_id": "I1", "currency": "USD", "amount": amount,
        "decision": decision, "decided_by": "bea", "decided_on": pd.Timestamp("2026-10-10"), **more,
    }  # fmt: skip


def book(*rows: dict[str, object], booked: int = 0) -> Book:
    known = CANONICAL["decided_proposals"].typed(pd.DataFrame(list(rows)))
    applications = CANONICAL["applications"].empty()
    if booked:
        applications = CANONICAL["applications"].typed(pd.DataFrame([{
            "application_id": "A1", "entity": "E1", "source_item_id": "W1", "target_item_id": "I1",
            "effective_date": pd.Timestamp("2026-10-12"), "source_currency": "USD", "source_amount": booked,
            "target_currency": "USD", "target_amount": booked, "kind": "write_off", "reason": "uncollectable",
            "pairing": "stated",
        }]))  # fmt: skip
    return Book({"decided_proposals": known, "applications": applications})


def run(rows: list[dict[str, object]], known: Book, owed: int) -> tuple[list[str], list[tuple[str, str]]]:
    kept, blocked = held_back(
        proposals_of(rows), BLOCKED.empty(), known, scope=SCOPE, open_amounts={"I1": owed}
    )
    return kept["proposal_id"].tolist(), list(zip(blocked["proposal_id"], blocked["blocked_by"], strict=True))


@pytest.mark.parametrize(
    ("decision", "word"), [("approve", "already_approved"), ("reject", "already_rejected")]
)
def test_the_same_proposal_is_not_asked_again(decision, word):
    assert run([proposal("WO-1", 7_000)], book(decided("WO-1", 7_000, decision)), 7_000) == (
        [],
        [("WO-1", word)],
    )


def test_what_was_asked_about_stays_and_says_so():
    kept, blocked = held_back(
        proposals_of([proposal("WO-1", 7_000)]), BLOCKED.empty(), book(decided("WO-1", 7_000, "ask")),
        scope=SCOPE, open_amounts={"I1": 7_000},
    )  # fmt: skip
    assert kept["caution"].tolist() == ["Asked about by bea on 2026-10-10."]
    assert blocked.empty
    assert kept["facts_sha256"].iloc[0] != proposals_of([proposal("WO-1", 7_000)])["facts_sha256"].iloc[0]


def test_the_rest_of_a_debt_whose_write_off_is_not_booked_yet_is_not_written_off_again():
    """A part payment made another amount, and so another id, of the same debt."""
    known = book(decided("WO-1", 7_483, batch_id="B1"))
    kept, blocked = held_back(
        proposals_of([proposal("WO-2", 5_000)]),
        BLOCKED.empty(),
        known,
        scope=SCOPE,
        open_amounts={"I1": 5_000},
    )
    assert kept.empty
    assert blocked["blocked_by"].tolist() == ["approved_before"]
    assert (
        "WO-1 of USD 74.83 on this item was approved by bea on 2026-10-10, posted in batch B1."
        in (blocked["blocked_because"].iloc[0])
    )


def test_once_the_ledger_shows_it_the_rest_may_go():
    assert run([proposal("WO-2", 5_000)], book(decided("WO-1", 2_000), booked=2_000), 5_000)[0] == ["WO-2"]


def test_a_part_that_fits_beside_the_earlier_one_may_go_and_one_cent_more_may_not():
    known = book(decided("WO-1", 2_000))
    assert run([proposal("CM-1", 3_000, kind="credit_memo")], known, 5_000)[0] == ["CM-1"]
    assert run([proposal("CM-1", 3_001, kind="credit_memo")], known, 5_000)[1] == [
        ("CM-1", "approved_before")
    ]


def test_a_refund_of_another_kind_of_item_is_not_touched():
    assert run([proposal("RF-1", 9_000, kind="refund")], book(decided("WO-1", 2_000)), 0)[0] == ["RF-1"]


def test_nothing_decided_changes_nothing():
    rows = proposals_of([proposal("WO-1", 7_000)])
    kept, blocked = held_back(rows, BLOCKED.empty(), Book({}), scope=SCOPE, open_amounts={})
    pd.testing.assert_frame_equal(kept, rows)
    assert blocked.empty
