"""Approved proposals as postings: memos beyond what is open, invoices, places of a currency, what ties."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest

from arlib.credit.adjustments.frames import ADJUSTMENT_LINES, REBILL_LINES
from arlib.credit.posting import PostingRules, entries_of
from arlib.credit.proposals import proposals_of
from arlib.errors import ParameterError, TableError
from arlib.ledger.frames import OPEN_ITEMS
from arlib.policy import AdjustmentPolicy
from arlib.sources.upload import accounts_from, make_batch, posting_contents, postings_of
from arlib.sources.upload.from_proposals import booked_sums, document_number

from .conftest import ROLES

ON = date(2026, 11, 7)
MORE = {"allowance": "1295", "price_concession": "4050", "fee_income": "4900", "freight": "4060"}


def accounts(**changes):
    told = {"schema": "arlib.post/1", "accounts": ROLES | MORE, "functional_currency": {"US01": "USD"}}
    return accounts_from(told | changes)


def proposal(kind, amount, **changes):
    row = {"proposal_id": f"XX-{kind[:10].upper()}", "entity": "US01", "kind": kind, "customer_id": "C1", "item_id": "I1",
           "document_no": "9001", "currency": "USD", "amount": amount, "tax_amount": 0, "reason": "unknown", "rule": "r",
           "evidence": "e"}  # fmt: skip
    return row | changes


def opened(amount, **changes):
    row = {"entity": "US01", "item_id": "I1", "customer_id": "C1", "item_type": "invoice", "document_no": "9001",
           "document_date": ON, "effective_date": ON, "posting_date": ON, "due_from": "item", "currency": "USD",
           "amount": amount, "outstanding": amount, "functional_outstanding": amount, "revaluation": 0}  # fmt: skip
    return row | changes


def batch_of(*rows, items, given=None, **lines):
    proposals, open_items, known = proposals_of(rows), OPEN_ITEMS.frame(items), given or accounts()
    entries = entries_of(proposals, open_items=open_items, functional={"US01": "USD"}, rules=PostingRules(),
                         policy=AdjustmentPolicy(), **lines)  # fmt: skip
    frames, sources = postings_of(
        entries, proposals=proposals, open_items=open_items, gl_date=ON, accounts=known
    )
    batch = make_batch(frames, accounts=known, batch_id="B1", accounting_date=ON, proposed_by="Pat", approved_by="Ann",
                       posted_by="Bob")  # fmt: skip
    for *_, left, right in booked_sums(entries, batch.journals):
        assert left == right
    assert set(batch.journals["reference"]) == set(sources)
    return batch


def test_what_a_memo_credits_beyond_the_item_stays_on_account():
    row = proposal("credit_memo", 12000, tax_amount=2000)
    batch = batch_of(row, items=[opened(7000)])

    memos = [
        (r["item_id"], r["net_amount"], r["tax_amount"], r["functional_amount"])
        for r in batch.rows("credit_memos")
    ]
    assert memos == [("I1", 5833, 1167, 7000), ("", 4167, 833, 5000)]
    assert set(batch.credit_memos["reference"]) == {document_number("US01", row["proposal_id"])}


def test_two_memos_on_one_item_share_what_is_open():
    rows = [proposal("credit_memo", 6000, proposal_id=f"CM-AAAAAAAAAAA{n}") for n in "23"]
    batch = batch_of(*rows, items=[opened(7000)])

    on_item = [r["net_amount"] for r in batch.rows("credit_memos") if r["item_id"]]
    assert sorted(on_item) == [1000, 6000]


@pytest.mark.parametrize("target", ["oracle", "sap"])
def test_a_fee_and_a_rebill_are_invoices_in_the_files(target):
    fee = proposal("fee", 3500, item_id="", document_no="", tax_amount=500)
    rebill = proposal("rebill", 12000, tax_amount=2000, reason="billing_error")
    ident = {"entity": "US01", "proposal_id": rebill["proposal_id"]}
    lines = ADJUSTMENT_LINES.frame([
        ident | {"line_no": at, "kind": "rebill", "item_id": "I1", "part": part, "nature": "billing_error", "role": role,
                 "reverses_revenue": True, "currency": "USD", "amount": value}
        for at, (part, role, value) in enumerate((("net", "revenue", 10000), ("tax", "tax", 2000)), 1)
    ])  # fmt: skip
    rebills = REBILL_LINES.frame([
        ident | {"line_no": 1, "line": "invoice", "item_id": "I1", "customer_id": "C2", "currency": "USD", "amount": 6200,
                 "net_amount": 5000, "tax_amount": 1000, "freight_amount": 200, "what": "w"},
    ])  # fmt: skip
    batch = batch_of(fee, rebill, items=[opened(12000)], lines=lines, rebills=rebills)

    invoices = [
        (r["customer_id"], r["role"], r["net_amount"], r["tax_amount"], r["is_debit_memo"])
        for r in batch.rows("invoices")
    ]
    assert sorted(invoices) == [
        ("C1", "fee_income", 3000, 500, True), ("C2", "freight", 200, 0, False), ("C2", "revenue", 5000, 1000, False),
    ]  # fmt: skip
    contents = posting_contents(
        batch, target=target, accounts=accounts(), beside={"trace.csv": b"reference\n"}
    )
    assert contents["trace.csv"] == b"reference\n"
    assert b"trace.csv" in contents["control.csv"]
    if target == "oracle":
        with zipfile.ZipFile(io.BytesIO(contents["oracle_credit_memos_B1.zip"])) as archive:
            text = archive.read("RaInterfaceLinesAll.csv").decode()
        assert text.count("Debit Memo") == 2  # the fee and its tax
        assert text.count(",Invoice,") == 3
        assert text.count("Credit Memo") == 2
    else:
        text = contents["sap_documents_B1.csv"].decode()
        assert ";DR;" in text


def test_yen_with_places_must_be_whole_and_an_account_must_be_there():
    yen = {"currency": "JPY.2"}
    batch = batch_of(
        proposal("write_off", 120000, **yen), items=[opened(120000, functional_outstanding=800, **yen)]
    )
    assert [(r["currency"], r["amount"], r["functional_amount"]) for r in batch.rows("adjustments")] == [
        ("JPY", 1200, 800)
    ]
    with pytest.raises(TableError, match="more places than the currency has"):
        batch_of(proposal("write_off", 120050, **yen), items=[opened(120050, **yen)])
    with pytest.raises(TableError, match="no account") as caught:
        batch_of(proposal("allowance", 500, item_id="", customer_id=""), items=[],
                 given=accounts(accounts={k: v for k, v in ROLES.items() if k != "bad_debt"}))  # fmt: skip
    assert "bad_debt" in str(caught.value)
    assert "allowance" in " ".join(problem.wanted for problem in caught.value.problems)


def test_the_accounts_file_says_how_and_from_where():
    paying = {"entity": "US01", "currency": "EUR", "name": "H", "account": "DE75512108001245126199"}
    every = {"entity": "US01", "name": "H", "account": "1"}
    made = accounts(paying_accounts=[paying, every], rules={"write_off_to": "bad_debt"})

    assert made.paying_account("US01", "EUR").account == "DE75512108001245126199"
    assert made.paying_account("US01", "USD").account == "1"
    assert made.paying_account("UK01", "USD") is None
    assert made.rules.made() == PostingRules(write_off_to="bad_debt")
    for wrong in ({"rules": {"write_of_to": "allowance"}}, {"paying_accounts": [every, every]}):
        with pytest.raises(ParameterError):
            accounts(**wrong)
