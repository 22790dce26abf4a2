"""Cash that is never placed by itself: returns, held payers, duplicates, prepayments, cheques, other entities."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from arlib.matching.facts import Facts
from arlib.matching.frames import MATCH_ITEMS, MATCH_RECEIPTS
from arlib.matching.pool import pool_of
from arlib.matching.returned import returned_payments, reversals
from arlib.matching.special import cautions, special_cash
from arlib.policy.matching import MatchingPolicy
from arlib.tables import CANONICAL

COMMON = {"entity": "E1", "currency": "USD"}
AS_OF = (date(2026, 7, 31) - date(1970, 1, 1)).days


def item(name: str, amount: int, customer: str = "C1", **more: Any) -> dict[str, Any]:
    dates = {"document_date": "2026-06-01", "due_date": "2026-07-01"}
    return COMMON | dates | {"item_id": name, "document_no": name, "customer_id": customer, "item_type": "invoice",
                             "open_amount": amount, "amount": amount} | more  # fmt: skip


def cash(name: str, amount: int, day: str = "2026-07-10", **more: Any) -> dict[str, Any]:
    return COMMON | {"receipt_id": name, "amount": amount, "value_date": day, "customer_id": "C1"} | more


def facts_of(items: list[dict[str, Any]], receipts: list[dict[str, Any]], **more: Any) -> Facts:
    customers = more.pop("customers", [])
    return Facts(
        pool_of(MATCH_ITEMS.frame(items), MATCH_RECEIPTS.frame(receipts)),
        more.pop("policy", MatchingPolicy()),
        customers=CANONICAL["customers"].frame(customers) if customers else None,
    )


def found(facts: Facts, **more: Any) -> dict[str, tuple[str, str]]:
    ids = facts.pool.receipts.frame["receipt_id"].tolist()
    made = special_cash(facts, returns=returned_payments(facts, before=more.pop("before", None)), **more)
    assert [one.receipt for one in made] == sorted({one.receipt for one in made})
    assert all(one.sentence for one in made)
    return {ids[one.receipt]: (one.status, one.reason) for one in made}


ITEMS = [item("INV-1", 10_000), item("INV-2", 30_000), item("INV-9", 50_000, "C9")]


def test_plain_money_is_not_special() -> None:
    receipts = [
        cash("R1", 10_000, remittance_text="INV-1"),
        cash("R2", 500, remittance_text="INV-2 less returns of goods"),
        cash("R3", -500, remittance_text="refund of overpayment"),
        cash("R4", 29_000, payer_name="Bounced Castles Ltd"),
        cash("R5", 700, remittance_text="INV-1 returned goods"),
    ]
    assert found(facts_of(ITEMS, receipts)) == {}


@pytest.mark.parametrize(
    "row",
    [
        {"return_of": "R0", "amount": -10_000},
        {"return_code": "R01", "amount": -10_000},
        {"remittance_text": "Return of ACH20240620001 - NSF", "amount": 10_000},
        {"payer_name": "NSF RETURN - PINECREST SUPPLY", "amount": 10_000},
        {"remittance_text": "R01 ACME", "amount": -10_000},
        {"remittance_text": "RETURNED", "amount": -10_000},
        {"remittance_text": "Rücklastschrift", "amount": -10_000},
    ],
)
def test_returns(row: dict[str, Any]) -> None:
    assert found(facts_of(ITEMS, [cash("R1", 1) | row])) == {"R1": ("returned", "return")}


@pytest.mark.parametrize(
    ("row", "original", "how"),
    [
        ({"return_of": "OLD1"}, "OLD1", "stated"),
        ({"remittance_text": "Return of ACH-2024 0605003 / ACH20240605003 NSF"}, "OLD2", "reference"),
        ({"return_code": "R01"}, "OLD1", "amount"),
        ({"return_code": "R01", "amount": -11_500}, "OLD1", "amount"),  # the bank's fee of 15 is in it
        ({"return_code": "R01", "amount": -99}, "", "unknown"),
        ({"return_code": "R01", "customer_id": "C9"}, "", "unknown"),
    ],
)
def test_which_receipt_came_back(row: dict[str, Any], original: str, how: str) -> None:
    before = MATCH_RECEIPTS.frame(
        [
            cash("OLD1", 10_000, "2026-07-01", reference="X1"),
            cash("OLD2", 20_000, "2026-07-02", reference="ACH20240605003"),
            cash("OLD3", 10_000, "2026-02-01", reference="X3"),
        ]
    )
    facts = facts_of(ITEMS, [cash("R1", -10_000) | row])
    (one,) = returned_payments(facts, before=before)
    assert (one.original, one.how, one.original_row) == (original, how, -1)


def test_two_earlier_payments_of_the_amount_are_not_guessed_between() -> None:
    before = MATCH_RECEIPTS.frame([cash("OLD1", 10_000, "2026-07-01"), cash("OLD2", 10_000, "2026-07-02")])
    (one,) = returned_payments(facts_of(ITEMS, [cash("R1", -10_000, return_code="R01")]), before=before)
    assert (one.original, one.how) == ("", "unknown")


def test_a_payment_that_came_back_in_the_same_run_takes_no_item() -> None:
    receipts = [
        cash("R1", 10_000, "2026-07-01"),
        cash("R2", -10_000, return_of="R1"),
        cash("R3", 10_000, "2026-07-20"),
    ]
    assert found(facts_of(ITEMS, receipts)) == {"R1": ("returned", "came_back"), "R2": ("returned", "return")}


def test_a_return_puts_back_item_discount_and_due_date_from_its_day() -> None:
    facts = facts_of([], [cash("R1", -11_300, "2026-07-10", return_of="OLD", return_code="R01")])
    before = MATCH_RECEIPTS.frame([cash("OLD", 9_800, "2026-06-20")])
    was = MATCH_ITEMS.frame([item("INV-1", 10_000, due_date="2026-08-15", original_due_date="2026-07-01")])
    applied = pd.DataFrame(
        {"entity": ["E1"], "receipt_id": ["OLD"], "item_id": ["INV-1"], "currency": ["USD"], "applied_amount": [9_800],
         "discount": [200]}
    )  # fmt: skip
    returns = returned_payments(facts, before=before)
    assert reversals(facts, returns, applied=applied.iloc[:0], items=was, before=before).empty
    made = reversals(facts, returns, applied=applied, items=was, before=before)
    days = made[["effective_date", "due_date"]].apply(lambda column: column.dt.strftime("%m-%d"))
    rows = made[["kind", "item_id", "customer_id", "amount", "reason"]].join(days).to_numpy().tolist()
    assert rows == [
        ["application", "INV-1", "C1", 9_800, "R01", "07-10", "07-01"],
        ["discount", "INV-1", "C1", 200, "R01", "07-10", "07-01"],
        ["fee", "", "C1", 1_500, "R01", "07-10", "07-10"],
    ]


def test_a_fee_of_our_own() -> None:
    facts = facts_of([], [cash("R1", -10_000, return_of="OLD")])
    row = {
        "entity": "E1",
        "receipt_id": "OLD",
        "item_id": "INV-1",
        "currency": "USD",
        "applied_amount": 10_000,
    }
    applied = pd.DataFrame([row])
    was = MATCH_ITEMS.frame([item("INV-1", 10_000)])
    made = reversals(facts, returned_payments(facts), applied=applied, items=was, fee=2_500)
    assert made[["kind", "amount"]].to_numpy().tolist() == [["application", 10_000], ["fee", 2_500]]


HELD = [
    {"entity": "E1", "customer_id": "C1", "name": "Acme Trading GmbH", "status": "active"},
    {"entity": "", "customer_id": "C9", "name": "Zarkon Trading FZE", "payer_aliases": "ZT General|Zarkon", "status": "sanctioned"},
    {"entity": "E1", "customer_id": "C8", "name": "Broke Inc.", "status": "bankrupt"},
    {"entity": "E1", "customer_id": "C7", "name": "Late Smith", "status": "estate"},
]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"customer_id": "C9"}, "sanctioned_payer"),
        ({"customer_id": "C8"}, "bankrupt_payer"),
        ({"customer_id": "C7"}, "estate_payer"),
        ({"customer_id": None, "payer_name": "ZARKON TRADING F.Z.E"}, "sanctioned_payer"),
        ({"customer_id": "C1", "payer_name": "zt general"}, "sanctioned_payer"),  # pays for another customer
        ({"customer_id": "C1", "payer_name": "Acme Trading"}, ""),
        ({"customer_id": None, "payer_name": "Somebody"}, ""),
        ({"customer_id": None, "payer_name": ""}, ""),
    ],
)
def test_held_payers(row: dict[str, Any], reason: str) -> None:
    facts = facts_of(ITEMS, [cash("R1", 123) | row], customers=HELD)
    assert found(facts) == ({"R1": ("held", reason)} if reason else {})


def test_money_from_before_the_petition_is_not_held() -> None:
    facts = facts_of(
        ITEMS,
        [cash("R1", 1, "2026-07-01"), cash("R2", 2, "2026-07-02")],
        customers=[HELD[2] | {"customer_id": "C1"}],
    )
    since = (date(2026, 7, 2) - date(1970, 1, 1)).days
    assert found(facts, held_from={("E1", "C1"): since}) == {"R2": ("held", "bankrupt_payer")}


def test_a_resolved_payer_is_held_too() -> None:
    facts = facts_of(ITEMS, [cash("R1", 1, customer_id=None)], customers=HELD)
    assert found(facts, payers={0: [("E1", "C8")]}) == {"R1": ("held", "bankrupt_payer")}
    assert found(facts, payers={0: [("E1", "C1"), ("E1", "C8")]}) == {}


def test_a_payment_that_names_another_entity() -> None:
    names = {"E1": "Global Imports Corp", "E2": "Global Imports North LLC"}
    receipts = [
        cash("R1", 1, remittance_text="INV-03-003 Global Imports North"),
        cash("R2", 2, remittance_text="INV-1 to global  imports"),
        cash("R3", 3, remittance_text="northern global imports"),
    ]
    assert found(facts_of(ITEMS, receipts), entity_names=names) == {"R1": ("held", "other_entity")}
    assert found(facts_of(ITEMS, receipts)) == {}


def test_post_dated_and_stale_cheques() -> None:
    receipts = [
        cash("R1", 1, "2026-08-15", reference="CHECK-004821"),
        cash("R2", 2, "2026-01-10", reference="CHECK-003317"),
        cash("R3", 3, "2026-02-01", reference="CHECK-003318"),  # 180 days: still good
        cash("R4", 4, "2026-01-10", reference="ACH-1"),
        cash("R5", 5, "2026-07-31", remittance_text="cheque 12"),
    ]
    facts = facts_of([item("INV-1", 10_000, document_date="2026-01-01")], receipts)
    assert found(facts, as_of=AS_OF) == {"R1": ("held", "post_dated"), "R2": ("held", "stale_cheque")}
    assert found(facts) == {}


def test_prepayments() -> None:
    receipts = [
        cash("R1", 77, remittance_text="PREPAYMENT order PO-7751 expected August"),
        cash("R2", 10_000, remittance_text="deposit"),  # equals INV-1
        cash("R3", 5_000, remittance_text="advance payment INV-2"),  # names INV-2
        cash("R4", 5_001, remittance_text="down payment"),
        cash("R5", 5_002, "2026-05-20"),  # before anything was dated
        cash("R6", 5_003, "2026-05-20", remittance_text="order 77"),
        cash("R7", 5_004, "2026-05-25"),  # the policy's week before
        cash("R8", 5_005, payer_name="Advance Auto Parts"),
    ]
    assert found(facts_of(ITEMS, receipts)) == {
        "R1": ("prepayment", "says_prepayment"),
        "R4": ("prepayment", "says_prepayment"),
        "R5": ("prepayment", "before_any_item"),
    }


def test_the_second_of_two_payments_for_one_item_is_a_duplicate() -> None:
    text = {"remittance_text": "inv 1"}
    days = ("2026-07-08", "2026-07-15", "2026-08-30")
    receipts = [cash(f"R{n}", 10_000, day, **text) for n, day in enumerate(days)]
    facts = facts_of([item("INV-1", 10_000)], [row | {"remittance_text": "INV-1"} for row in receipts])
    assert found(facts) == {"R1": ("duplicate", "duplicate_receipt")}
    assert found(facts, named={row: [0, 0] for row in range(3)}) == {"R1": ("duplicate", "duplicate_receipt")}
    two = [item("INV-1", 10_000), item("OTHER", 10_000, document_no="INV-1")]
    assert found(facts_of(two, [row | {"remittance_text": "INV-1"} for row in receipts])) == {}


def test_a_resolved_payer_decides_what_its_items_can_take() -> None:
    twice = [cash(name, 10_000, customer_id=None, payer_name="Acme") for name in ("R1", "R2")]
    deposit = cash("R3", 30_000, customer_id=None, payer_name="Acme", remittance_text="deposit")
    facts = facts_of([item("INV-1", 10_000), item("INV-2", 5_000)], [*twice, deposit])
    rows = facts.pool.receipts.frame["receipt_id"].tolist()
    resolved = {row: [("E1", "C1")] for row in range(len(rows))}
    assert found(facts) == {"R3": ("prepayment", "says_prepayment")}
    assert found(facts, payers=resolved) == {
        "R2": ("duplicate", "duplicate_receipt"),
        "R3": ("prepayment", "says_prepayment"),
    }
    facts = facts_of([item("INV-2", 30_000)], [deposit])
    assert found(facts, payers={0: [("E1", "C1")]}) == {}


def test_instalments_of_one_amount_are_no_duplicates() -> None:
    receipts = [cash(f"R{n}", 15_600, f"2026-07-1{n}", remittance_text="INV-5 installment") for n in range(5)]
    assert found(facts_of([item("INV-5", 62_400)], receipts)) == {"R4": ("duplicate", "duplicate_receipt")}


def test_payments_that_name_nothing_are_duplicates_on_one_day_only_and_where_the_account_is_too_small() -> (
    None
):
    receipts = [cash("R1", 30_000), cash("R2", 30_000), cash("R3", 30_000, "2026-07-11")]
    assert set(found(facts_of([item("INV-2", 30_000)], receipts))) == {"R2"}
    assert found(facts_of([item("INV-2", 30_000), item("INV-3", 80_000)], receipts)) == {}
    other = [receipts[0] | {"payer_account": "A1"}, receipts[1] | {"payer_account": "A2"}]
    assert found(facts_of([item("INV-2", 30_000)], other)) == {}


def test_cautions() -> None:
    receipts = [
        cash("R1", 1, remittance_text="INV-4 intercompany net settlement July"),
        cash("R2", 2, remittance_text="INV-2 - factoring payment", payer_name="CAPITAL RECEIVABLES CORP"),
        cash("R3", 3, payer_name="Big Bank"),
        cash("R4", 4, customer_id="C5"),
        cash("R5", 5, remittance_text="net 30 benefactor"),
        cash("R6", 6, payer_name="Max Factor Ltd"),
        cash("R7", 7, payer_name="Crown Receivables Inc", customer_id=None),
    ]
    items = [*ITEMS, item("INV-3", 5, assigned_to="BIG BANK")]
    customers = [
        {"entity": "E1", "customer_id": "C5", "status": "legal"},
        {"entity": "E1", "customer_id": "C6", "name": "Crown Receivables Inc", "status": "active"},
    ]
    facts = facts_of(items, receipts, customers=customers)
    said = {facts.pool.receipts.frame["receipt_id"][row]: why for row, why in cautions(facts).items()}
    assert set(said) == {"R1", "R2", "R3", "R4"}
    assert "without an agreement" in said["R1"]
    assert "sold, pledged or collected" in said["R2"]
    assert said["R4"] == "the customer is in litigation"
    facts = facts_of(items, receipts[:1], policy=MatchingPolicy(contra_agreements=("C1",)))
    assert "agreement on file" in cautions(facts)[0]


def test_hostile_texts_are_read_in_linear_time() -> None:
    bombs = [
        "return " * 200_000,
        "a" * 1_000_000,
        "=HYPERLINK(1)\x00\u202e<b>" * 5_000,
        "EUR 1 @ " * 100_000,
        "(" * 500_000,
    ]
    receipts = [
        cash(f"R{n}", 10_000 + n, remittance_text=text, payer_name=text[:5_000])
        for n, text in enumerate(bombs)
    ]
    assert set(found(facts_of(ITEMS, receipts), entity_names={"E1": "Alpha", "E2": "Beta Works"})) <= {"R0"}


def test_order_and_names_of_rows_do_not_matter() -> None:
    receipts = [cash(f"R{n}", 10_000, "2026-07-08", remittance_text="INV-1") for n in range(3)]
    facts, other = facts_of(ITEMS, receipts), facts_of(ITEMS[::-1], receipts[::-1])
    assert found(facts) == found(other)
    assert len(found(facts)) == 2
