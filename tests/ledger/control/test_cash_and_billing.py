"""Proof of cash and billing transfers, by hand."""

from __future__ import annotations

from arlib.controls import Status
from arlib.ledger.billing import billing_transfers
from arlib.ledger.cash_proof import proof_of_cash
from arlib.ledger.frames_control import CASH_PROOF


def rows(frame):
    return sorted(frame[["cause", "document_no", "amount"]].itertuples(index=False, name=None))


CASH = """
    bank L-1 2026-10-05 100.00 receipt
    bank L-2 2026-10-06 90.00 receipt
    bank L-3 2026-10-07 55.00 receipt
    bank L-4 2026-10-08 -3.00 card_fee
    bank L-5 2026-10-09 -40.00 return
    bank L-6 2026-10-02 20.00 receipt
    bank L-7 2026-10-31 8.00 receipt
    bank L-8 2026-11-02 25.00 receipt
    bank L-9 2026-10-10 999.00 bank_fee
    bank L-0 2026-10-11 500.00 receipt receivable=no
    receipt R-1 2026-10-05 60.00
    receipt R-2 2026-10-05 40.00
    receipt R-3 2026-10-06 90.00
    receipt R-6 2026-09-30 20.00
    receipt R-7 2026-11-01 8.00
    receipt R-8 2026-10-30 25.00
    receipt R-9 2026-10-31 11.00
    link R-1 L-1 60.00
    link R-2 L-1 40.00
    link R-3 L-2 90.00
    link R-6 L-6 20.00
    link R-7 L-7 8.00
    link R-8 L-8 25.00
"""


def test_every_cause_of_a_cash_difference(books, seen):
    """Bank 100+90+55-3-40+20+8 = 230; ledger 60+40+90+25+11 = 226; 4 = 55 - 3 - 40 + 20 + 8 - 25 - 11."""
    controls, frame = proof_of_cash(books(CASH), scope=seen("2026-10-31"))
    (control,) = controls
    assert (control.left, control.right, control.difference, control.explained) == (
        230_00,
        226_00,
        4_00,
        4_00,
    )
    assert control.status is Status.EXPLAINED
    assert rows(frame) == [
        ("card_fee", "L-4", -3_00), ("in_transit", "R-8", -25_00), ("in_transit", "R-9", -11_00), ("not_posted", "L-3", 55_00),
        ("posted_earlier", "L-6", 20_00), ("posted_later", "L-7", 8_00), ("return_not_posted", "L-5", -40_00)]  # fmt: skip
    assert frame.columns.tolist() == CASH_PROOF.names


def test_a_receipt_of_another_amount_is_unexplained(books, seen):
    """Bank 97 for a receipt of 100; another line of 50 linked for 60 to a receipt of 60."""
    controls, frame = proof_of_cash(books("""
        bank L-1 2026-10-05 97.00 receipt
        receipt R-1 2026-10-05 100.00
        link R-1 L-1 97.00
        bank L-2 2026-10-05 50.00 receipt
        receipt R-2 2026-10-05 60.00
        link R-2 L-2 60.00
    """), scope=seen("2026-10-31"))  # fmt: skip
    assert rows(frame) == [("unexplained", "L-2", -10_00), ("unexplained", "R-1", -3_00)]
    assert (controls[0].difference, controls[0].unexplained, controls[0].status) == (
        -13_00,
        -13_00,
        Status.UNEXPLAINED,
    )


def test_split_deposits_and_currencies_stay_apart(books, seen):
    controls, frame = proof_of_cash(books("""
        bank L-1 2026-10-05 40.00 receipt
        bank L-2 2026-10-06 60.00 receipt
        bank Y-1 2026-10-06 600 receipt currency=JPY account=B2
        receipt R-1 2026-10-05 100.00
        receipt Y-1 2026-10-05 600 currency=JPY account=B2
        link R-1 L-1 40.00
        link R-1 L-2 60.00
        link Y-1 Y-1 600 currency=JPY account=B2
    """), scope=seen("2026-10-31"))  # fmt: skip
    assert [(c.account, c.currency, c.status, c.left) for c in controls] == [
        ("B1", "USD", Status.TIED, 100_00), ("B2", "JPY", Status.TIED, 600)]  # fmt: skip
    assert len(frame) == 0


def test_missing_inputs_are_said(books, seen):
    scope = seen("2026-10-31")
    assert (
        proof_of_cash(books("receipt R-1 2026-10-05 1.00"), scope=scope)[0][0].note
        == "no bank lines were given"
    )
    assert "links" in proof_of_cash(books("bank L-1 2026-10-05 1.00 receipt"), scope=scope)[0][0].note
    controls, _ = proof_of_cash(
        books("receipt R-1 2026-10-05 1.00 account=", empty=("bank_lines", "receipt_bank_lines")), scope=scope
    )
    assert (controls[0].status, controls[0].note) == (Status.NO_INPUT, "1 receipts name no bank account")


def test_billing_through_all_stages(books, seen):
    """Billed 100 + 50 + 30 + 20 + 10 = 210; receivables 210 - 5 rejected - 3 without a word = 202; ledger 202 - 30 + 20 more."""
    controls, frame = billing_transfers(books("""
        transfer B-1 billing 2026-10-01 2 100.00
        transfer B-1 ar_interface 2026-10-01 1 95.00 rejected=1 rejected_amount=5.00
        transfer B-1 gl 2026-10-02 1 95.00
        transfer B-2 billing 2026-10-03 1 50.00
        transfer B-2 ar_interface 2026-10-03 1 47.00
        transfer B-2 gl 2026-10-03 1 47.00
        transfer B-3 billing 2026-10-04 1 30.00
        transfer B-3 ar_interface 2026-10-04 1 30.00
        transfer B-3 gl 2026-10-04 1 30.00 state=unposted
        transfer B-4 billing 2026-10-05 1 20.00
        transfer B-4 ar_interface 2026-10-05 1 20.00
        transfer B-4 gl 2026-10-05 2 40.00
        item INV-4 invoice ACME 2026-10-05 20.00 batch_id=B-4
        gl J-1 2026-10-05 20.00 INV-4 batch=B-4
        gl J-2 2026-10-05 20.00 INV-4 batch=B-4
        transfer B-5 billing 2026-10-31 1 10.00
        transfer B-5 ar_interface 2026-10-31 1 10.00
        transfer B-5 gl 2026-11-01 1 10.00
        transfer B-9 billing 2026-11-01 1 66.00
    """), scope=seen("2026-10-31"))  # fmt: skip
    assert dict(zip(frame["batch_id"], frame["state"], strict=True)) == {
        "B-1": "rejected", "B-2": "differs", "B-3": "unposted", "B-4": "doubled", "B-5": "agrees"}  # fmt: skip
    first, second = controls
    assert (first.left, first.right, first.explained, first.unexplained) == (210_00, 202_00, 5_00, 3_00)
    assert (second.left, second.right, second.explained, second.status) == (
        202_00,
        192_00,
        10_00,
        Status.EXPLAINED,
    )
    assert frame.loc[3, ["item_amount", "ledger_amount"]].tolist() == [20_00, 40_00]


def test_billing_without_input(books, seen):
    controls, frame = billing_transfers(
        books("item INV-1 invoice ACME 2026-10-05 1.00"), scope=seen("2026-10-31")
    )
    assert [c.status for c in controls] == [Status.NO_INPUT, Status.NO_INPUT]
    assert len(frame) == 0
