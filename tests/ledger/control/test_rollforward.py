"""Roll-forward and entries into closed periods: every line worked by hand; both measures; planted faults."""

from __future__ import annotations

import pytest

from arlib.errors import IdentityError
from arlib.ledger import rollforward as module
from arlib.ledger.closed_periods import can_tell, closed_period_postings
from arlib.ledger.frames_control import RollLine
from arlib.ledger.rollforward import roll_forward


def amounts(frame, currency="USD", account=""):
    mine = frame[frame["currency"].eq(currency) & frame["account"].eq(account)]
    return {line: amount for line, amount in zip(mine["line"], mine["amount"], strict=True) if amount}


OCTOBER = """
    item  INV-0 invoice ACME 2026-09-10 100.00
    item  INV-1 invoice ACME 2026-10-01 200.00
    item  DM-1 debit_memo ACME 2026-10-02 10.00
    item  FEE-1 interest_or_fee ACME 2026-10-03 3.00
    item  R-0 receipt ACME 2026-10-04 -95.00
    apply A-0 R-0 INV-0 2026-10-04 95.00 discount=5.00
    item  R-1 receipt ACME 2026-10-05 -40.00
    item  R-1R receipt ACME 2026-10-09 40.00 reverses=R-1
    item  CM-1 credit_memo ACME 2026-10-06 -20.00
    item  CB-1 chargeback ACME 2026-10-07 15.00 replaces=INV-1
    item  CB-1T transfer ACME 2026-10-07 -15.00 reason=chargeback
    apply A-1 CB-1T INV-1 2026-10-07 15.00 kind=debit_to_debit
    item  AD-1 adjustment ACME 2026-10-08 -1.00
    item  WO-1 write_off ACME 2026-10-10 -2.00
    item  CT-1 transfer ACME 2026-10-11 -7.00 reason=contra
    item  TR-1 transfer ACME 2026-10-12 4.00 reason=reclass
    item  FA-1 transfer ACME 2026-10-13 -30.00 reason=factoring
    item  RF-1 refund ACME 2026-10-31 6.00
    item  PP-1 prepayment ACME 2026-10-31 -9.00
    item  NOV invoice ACME 2026-11-01 77.00
"""


def test_every_line_by_hand(ledger, seen):
    """100 + 200 + 10 + 3 - 95 - 40 - 9 + 40 + 6 - 20 - 5 + 0 - 1 - 2 + 4 - 7 - 30 = 154."""
    result = roll_forward(ledger(OCTOBER), scope=seen("2026-10-31"))
    assert amounts(result.document) == {
        "opening": 100_00, "invoices": 200_00, "debit_memos": 10_00, "fees_and_interest": 3_00, "receipts": -144_00,
        "returned_payments": 40_00, "refunds": 6_00, "credit_memos": -20_00, "discounts": -5_00, "adjustments": -1_00,
        "write_offs": -2_00, "transfers": 4_00, "contra": -7_00, "derecognised": -30_00, "closing": 154_00,
    }  # fmt: skip
    assert amounts(result.functional) == amounts(result.document)
    deductions = result.document[result.document["line"].eq(RollLine.DEDUCTIONS)].iloc[0]
    assert (deductions["amount"], deductions["count"]) == (
        0,
        2,
    )  # chargeback 15 and the transfer off its invoice
    assert all(identity.holds for identity in result.identities)


def test_document_currency_has_no_exchange_line(ledger, seen):
    result = roll_forward(ledger(OCTOBER), scope=seen("2026-10-31"))
    lines = set(result.document["line"])
    assert RollLine.CLOSING.value in lines
    assert lines.isdisjoint({RollLine.REALISED_FX.value, RollLine.UNREALISED_FX.value})
    assert {RollLine.REALISED_FX.value, RollLine.UNREALISED_FX.value} <= set(result.functional["line"])


def test_realised_and_unrealised_exchange_apart(ledger, seen):
    """EUR: 100 - 60 = 40. USD: opening 110 + revaluation 2 (September); October: - 2 taken back, receipt - 69,
    exchange + 3 (69 received for 66 carried), + 1.20 revaluation of what is left: 110 + 2 - 2 - 69 + 3 + 1.20 = 45.20."""
    result = roll_forward(ledger("""
        item  INV-1 invoice ACME 2026-09-10 100.00 currency=EUR functional=110.00
        reval INV-1 2026-09-30 2.00 back=2026-10-01
        item  R-1 receipt ACME 2026-10-20 -60.00 currency=EUR functional=-69.00
        apply A-1 R-1 INV-1 2026-10-20 60.00 currency=EUR source_functional_amount=69.00 target_functional_amount=66.00
        reval INV-1 2026-10-31 1.20 back=2026-11-01
    """), scope=seen("2026-10-31"))  # fmt: skip
    assert amounts(result.document, "EUR") == {"opening": 100_00, "receipts": -60_00, "closing": 40_00}
    assert amounts(result.functional) == {"opening": 112_00, "receipts": -69_00, "realised_exchange": 3_00,
                                          "unrealised_exchange": -80, "closing": 45_20}  # fmt: skip
    assert len(result.identities) == 4


def test_cash_of_one_currency_for_another(ledger, seen):
    """USD 110 pays EUR 100 carried at 108: exchange 2; EUR -100, USD +110 across, and nothing is left."""
    result = roll_forward(ledger("""
        item  INV-1 invoice ACME 2026-10-01 100.00 currency=EUR functional=108.00
        item  R-1 receipt ACME 2026-10-20 -110.00
        apply A-1 R-1 INV-1 2026-10-20 100.00 currency=EUR source_currency=USD source_amount=110.00 target_functional_amount=108.00
    """), scope=seen("2026-10-31"))  # fmt: skip
    assert amounts(result.document, "EUR") == {"invoices": 100_00, "applied_across_currencies": -100_00}
    assert amounts(result.document, "USD") == {"receipts": -110_00, "applied_across_currencies": 110_00}
    assert amounts(result.functional) == {"invoices": 108_00, "receipts": -110_00, "realised_exchange": 2_00}


def test_accounts_apart_show_the_transfer(ledger, seen):
    result = roll_forward(ledger("""
        item  INV-1 invoice ACME 2026-10-01 100.00 account=1200
        item  PP-1 prepayment ACME 2026-10-02 -30.00 account=2100
        apply A-1 PP-1 INV-1 2026-10-03 30.00 kind=prepayment
    """), scope=seen("2026-10-31"))  # fmt: skip
    assert amounts(result.by_account, account="1200") == {
        "invoices": 100_00,
        "transfers": -30_00,
        "closing": 70_00,
    }
    assert amounts(result.by_account, account="2100") == {"receipts": -30_00, "transfers": 30_00}
    assert amounts(result.functional) == {"invoices": 100_00, "receipts": -30_00, "closing": 70_00}


def test_a_missing_functional_amount_stops_that_measure_only(ledger, seen):
    result = roll_forward(
        ledger("item INV-1 invoice ACME 2026-10-01 100.00 currency=CAD"), scope=seen("2026-10-31")
    )
    assert amounts(result.document, "CAD") == {"invoices": 100_00, "closing": 100_00}
    assert len(result.functional) == 0
    assert result.controls[0].note == "1 postings in CAD carry no amount in USD, first INV-1"


def test_a_correction_of_a_receipt_is_no_returned_payment(books, seen):
    text = """
        item R-1 receipt ACME 2026-10-05 -40.00
        item R-1R receipt ACME 2026-10-09 40.00 reverses=R-1
        receipt R-1R 2026-10-09 -40.00 item=R-1R
    """
    assert amounts(roll_forward(books(text), scope=seen("2026-10-31")).document) == {}
    returned = roll_forward(
        books(text.replace("item=R-1R", "item=R-1R return_of=R-1")), scope=seen("2026-10-31")
    )
    assert amounts(returned.document) == {"receipts": -40_00, "returned_payments": 40_00}


LATE = """
    period 2026-08 2026-08-01 2026-08-31 closed closed_at=2026-09-03T18:00:00Z
    period 2026-09 2026-09-01 2026-09-30 closed closed_at=2026-10-03T18:00:00Z
    item INV-1 invoice ACME 2026-09-10 100.00 entered=2026-09-10T09:00:00Z
    item INV-2 invoice ACME 2026-09-28 30.00 entered=2026-10-15T09:00:00Z user=joe
    item INV-3 invoice ACME 2026-08-28 7.00 entered=2026-09-15T09:00:00Z
    item INV-4 invoice ACME 2026-10-02 5.00 entered=2026-10-15T09:00:00Z
    item INV-5 invoice ACME 2026-09-30 2.00 entered=2026-10-03T18:00:00Z
    gl   J-2 2026-09-28 30.00 INV-2 entered=2026-10-15T09:01:00Z
"""


def test_entries_into_a_closed_period(books, seen):
    """INV-2 came after September's close. INV-3 came after August's, but September's close had it. INV-5 was in time."""
    book = books(LATE, features=("entry_times",))
    late = closed_period_postings(book, scope=seen("2026-10-31"))
    assert late[["side", "document_no", "period"]].to_numpy().tolist() == [
        ["general_ledger", "INV-2", "2026-09"], ["sub_ledger", "INV-2", "2026-09"]]  # fmt: skip
    assert can_tell(book, scope=seen("2026-10-31"))
    rolled = roll_forward(book, scope=seen("2026-10-31"))
    assert amounts(rolled.document) == {
        "opening": 109_00,
        "posted_to_closed_periods": 30_00,
        "invoices": 5_00,
        "closing": 144_00,
    }


def test_an_entry_after_reopening_is_marked(books, seen):
    text = LATE.replace(
        "closed_at=2026-10-03T18:00:00Z", "closed_at=2026-10-03T18:00:00Z reopened_at=2026-10-14T00:00:00Z"
    )
    assert closed_period_postings(books(text), scope=seen("2026-10-31"))["is_reopened"].tolist() == [
        True,
        True,
    ]


def test_without_periods_or_times_nothing_is_late(ledger, seen):
    book = ledger("item INV-1 invoice ACME 2026-09-10 100.00")
    assert len(closed_period_postings(book, scope=seen("2026-10-31"))) == 0
    assert not can_tell(book, scope=seen("2026-10-31"))


def test_an_open_item_count_that_is_not_ours_breaks_the_run(ledger, seen, monkeypatch):
    monkeypatch.setattr(module, "open_items", lambda book, scope: _less(book, scope))
    with pytest.raises(IdentityError, match="roll-forward closing"):
        roll_forward(ledger(OCTOBER), scope=seen("2026-10-31"))


def _less(book, scope):
    from arlib.ledger.openitems import open_items

    found = open_items(book, scope=scope)
    return found.iloc[:-1] if scope.as_of.month == 10 else found


def test_an_entry_at_the_instant_of_closing_was_in_time(books, seen):
    text = """
        period 2026-10 2026-10-01 2026-10-31 closed closed_at=2026-11-03T18:00:00Z
        item INV-1 invoice ACME 2026-10-30 1.00 entered=2026-11-03T18:00:00Z
        item INV-2 invoice ACME 2026-10-30 2.00 entered=2026-11-03T18:00:01Z
    """
    late = closed_period_postings(books(text), scope=seen("2026-10-31"))
    assert late["document_no"].tolist() == ["INV-2"]
