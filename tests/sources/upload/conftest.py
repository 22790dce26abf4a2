"""A small match folder with figures worked by hand, accounts files, and a batch."""

from __future__ import annotations

import hashlib
import json
from datetime import date

import pytest

from arlib.matching.frames import MATCHES, UNMATCHED
from arlib.matching.posting import POSTING
from arlib.run.match_folder import contract_bytes
from arlib.sources.upload import accounts_from, from_match_folder

ROLES = {
    "bank": "1010",
    "receivable": "1200",
    "unapplied": "1290",
    "discount": "4090",
    "bank_charge": "6300",
    "exchange": "7100",
    "tolerance": "6390",
    "bad_debt": "6500",
    "adjustment": "6510",
    "revenue": "4000",
    "tax": "2200",
    "conversion": "1990",
}
ON = date(2026, 10, 31)


def match_row(**changes):
    """A row of matches.csv: 100.00 USD received for an invoice of 100.00."""
    row = {
        "entity": "US01",
        "receipt_id": "R1",
        "item_id": "I1",
        "customer_id": "C1",
        "currency": "USD",
        "applied_amount": 10000,
        "receipt_currency": "USD",
        "receipt_amount": 10000,
        "discount": 0,
        "deduction": 0,
        "fee": 0,
        "fx": 0,
        "tolerance": 0,
        "open_before": 10000,
        "open_after": 0,
        "reason": "full",
        "claim_code": "",
        "decision": "auto",
        "rule": "r",
        "evidence": "The payment says 9001.",
        "held_because": "",
        "reference": "",
        "reference_field": "",
        "reference_how": "",
        "payer_how": "",
        "amount_difference": 0,
        "days_late": 0,
        "explanations": 1,
        "document_no": "9001",
        "value_date": date(2026, 10, 20),
    }
    return row | changes


# R1 pays I1 whole; R2 pays I2 less 2 % discount and a bank charge of 5.00; R3 pays 400 yen of 1,000 and keeps 100 yen over;
# R4 pays a euro invoice in dollars; R5 takes a credit of 20.00 up; R6 is only suggested
ROWS = (
    match_row(),
    match_row(
        receipt_id="R2",
        item_id="I2",
        document_no="9002",
        applied_amount=97500,
        receipt_amount=97500,
        discount=2000,
        fee=500,
        open_before=100000,
        reason="earned_discount",
    ),
    match_row(
        receipt_id="R3",
        item_id="I3",
        document_no="9003",
        entity="JP01",
        customer_id="J1",
        currency="JPY",
        receipt_currency="JPY",
        applied_amount=400,
        receipt_amount=400,
        open_before=1000,
        open_after=600,
        reason="partial",
    ),
    match_row(
        receipt_id="R4",
        item_id="I4",
        document_no="9004",
        currency="EUR",
        applied_amount=10000,
        receipt_amount=11000,
        open_before=10000,
    ),
    match_row(
        receipt_id="R5",
        item_id="I5",
        document_no="9005",
        applied_amount=12000,
        receipt_amount=12000,
        open_before=12000,
    ),
    match_row(
        receipt_id="R5",
        item_id="I6",
        document_no="9006",
        applied_amount=-2000,
        receipt_amount=-2000,
        open_before=-2000,
    ),
    match_row(receipt_id="R6", item_id="I7", document_no="9007", decision="suggest"),
)
LEFT = {
    "entity": "JP01",
    "receipt_id": "R3",
    "customer_id": "J1",
    "value_date": date(2026, 10, 20),
    "currency": "JPY",
    "amount": 500,
    "unapplied_amount": 100,
    "status": "unapplied",
    "reason": "rest",
    "evidence": "100 yen are over.",
}


def write_match_folder(folder, rows=ROWS, left=(LEFT,)):
    folder.mkdir(parents=True)
    matches = MATCHES.typed(
        MATCHES.frame([{k: v for k, v in row.items() if k in MATCHES.by_name} for row in rows])
    )
    auto = [row | {"posting_date": row["value_date"]} for row in rows if row["decision"] == "auto"]
    posting = POSTING.frame([{k: v for k, v in row.items() if k in POSTING.by_name} for row in auto])
    data = contract_bytes(matches, MATCHES)
    (folder / "matches.csv").write_bytes(data)
    (folder / "posting.csv").write_bytes(contract_bytes(posting, POSTING))
    (folder / "unmatched.csv").write_bytes(
        contract_bytes(UNMATCHED.frame(list(left)) if left else UNMATCHED.empty(), UNMATCHED)
    )
    (folder / "summary.json").write_text(
        json.dumps({"matches_sha256": hashlib.sha256(data).hexdigest()}), encoding="utf-8"
    )
    (folder / ".arlib-match").write_bytes(b"")
    return folder


ACCOUNTS = accounts_from(
    {"schema": "arlib.post/1", "accounts": ROLES, "functional_currency": {"US01": "USD", "JP01": "JPY"}}
)


@pytest.fixture
def accounts():
    return ACCOUNTS


@pytest.fixture
def folder(tmp_path):
    return write_match_folder(tmp_path / "match")


@pytest.fixture(scope="session")
def batch(tmp_path_factory):
    """What the folder is, approved; nothing may change it."""
    folder = write_match_folder(tmp_path_factory.mktemp("posting") / "match")
    return from_match_folder(
        folder,
        accounts=ACCOUNTS,
        batch_id="B1",
        accounting_date=ON,
        proposed_by="arlib match",
        approved_by="Ann Approver",
    )
