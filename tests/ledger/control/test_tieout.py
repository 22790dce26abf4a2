# ruff: noqa: E501  (text books are wide)
"""Tie-out: one small book a cause, the sum worked by hand; the rules' counter-examples; the sum of all causes."""

from __future__ import annotations

from datetime import date

from arlib.controls import Status
from arlib.ledger.carry_forward import reconciling_items
from arlib.ledger.tieout import tie_out
from arlib.policy import TieOutPolicy
from arlib.tables import Book

BOTH = """
    account 1200 trade owner=Ann name=Trade_receivables
    item INV-1 invoice ACME 2026-10-05 100.00 account=1200
    gl   J-1 2026-10-05 100.00 INV-1
"""


def run(books, seen, text, *, as_of="2026-10-31", **given):
    return tie_out(books(text), scope=seen(as_of), **given)


def causes(result):
    rows = result.causes
    return [tuple(row) for row in rows[["account", "cause", "document_no", "amount"]].itertuples(index=False)]


def left_over(result):
    return [
        tuple(row) for row in result.unexplained[["account", "document_no", "amount"]].itertuples(index=False)
    ]


def only(result):
    assert len(result.controls) == 1
    return result.controls[0]


def test_a_book_that_agrees_is_tied(books, seen):
    result = run(books, seen, BOTH)
    control = only(result)
    assert (control.left, control.right, control.status) == (100_00, 100_00, Status.TIED)
    assert control.title == "Trade receivables 1200: general ledger = sub-ledger"
    assert causes(result) == [] == left_over(result)


def test_without_a_ledger_the_control_does_not_run(books, seen):
    control = only(run(books, seen, "account 1200 trade\nitem INV-1 invoice ACME 2026-10-05 100.00"))
    assert control.status is Status.NO_INPUT
    assert control.note == "no general ledger was given"


def test_date_outside_period_either_way(books, seen):
    """ledger 100 + 30 = 130, sub-ledger 100 + 40 = 140; gap -10 = +30 (ours in November) - 40 (theirs in November)."""
    result = run(
        books,
        seen,
        BOTH
        + """
        item INV-2 invoice ACME 2026-11-02 30.00 account=1200
        gl   J-2 2026-10-30 30.00 INV-2
        item INV-3 invoice ACME 2026-10-30 40.00 account=1200
        gl   J-3 2026-11-03 40.00 INV-3
    """,
    )
    control = only(result)
    assert (control.left, control.right, control.difference) == (130_00, 140_00, -10_00)
    assert causes(result) == [
        ("1200", "date_outside_period", "INV-2", 30_00),
        ("1200", "date_outside_period", "INV-3", -40_00),
    ]
    assert control.status is Status.EXPLAINED
    assert (control.count, str(control.oldest), control.owner) == (2, "2026-10-30", "Ann")
    assert result.causes["sentence"].tolist() == [
        "ledger 2026-10-30 in J-2/6, sub-ledger 2026-11-02", "sub-ledger 2026-10-30, ledger 2026-11-03 in J-3/8"]  # fmt: skip


def test_a_twin_of_another_amount_or_beyond_the_window_is_no_twin(books, seen):
    text = (
        BOTH
        + """
        item INV-2 invoice ACME 2026-11-02 30.01 account=1200
        gl   J-2 2026-10-30 30.00 INV-2
        item INV-3 invoice ACME 2026-10-30 40.00 account=1200
        gl   J-3 2026-12-20 40.00 INV-3
    """
    )
    result = run(books, seen, text)
    assert causes(result) == []
    assert left_over(result) == [("1200", "INV-2", 30_00), ("1200", "INV-3", -40_00)]
    assert only(result).status is Status.UNEXPLAINED
    wide = run(books, seen, text, policy=TieOutPolicy(matching_window_days=60))
    assert causes(wide) == [("1200", "date_outside_period", "INV-3", -40_00)]


def test_reversal_in_another_period_under_its_own_or_the_original_number(books, seen):
    """sub-ledger 100 - 100 = 0; the ledger reverses in November under the invoice's number; gap 100."""
    result = run(
        books,
        seen,
        BOTH
        + """
        item RV-1 invoice ACME 2026-10-28 -100.00 account=1200 reverses=INV-1
        gl   J-2 2026-11-02 -100.00 INV-1
        item INV-2 invoice ACME 2026-10-06 50.00 account=1200
        gl   J-3 2026-10-06 50.00 INV-2
        item RV-2 invoice ACME 2026-11-04 -50.00 account=1200 reverses=INV-2
        gl   J-4 2026-10-29 -50.00 RV-2
    """,
    )
    assert only(result).difference == 100_00 - 50_00
    assert causes(result) == [
        ("1200", "reversal_other_period", "RV-1", 100_00),
        ("1200", "reversal_other_period", "RV-2", -50_00),
    ]
    assert only(result).status is Status.EXPLAINED


def test_a_reversal_in_the_same_period_under_the_original_number_is_no_difference(books, seen):
    result = run(
        books,
        seen,
        BOTH
        + """
        item RV-1 invoice ACME 2026-10-28 -100.00 account=1200 reverses=INV-1
        gl   J-2 2026-10-29 -100.00 INV-1
        item INV-9 invoice ACME 2026-10-28 5.00 account=1200
    """,
    )
    assert left_over(result) == [("1200", "INV-9", -5_00)]
    assert causes(result) == []


def test_gl_only_revaluation(books, seen):
    """The sub-ledger revalued INV-1 by 3 as the ledger did; the ledger's other 2 are its own."""
    result = run(
        books,
        seen,
        BOTH
        + """
        reval INV-1 2026-10-31 3.00 document_no=RUN-10 back=2026-11-01
        gl   J-5 2026-10-31 3.00 RUN-10 source=revaluation
        gl   J-6 2026-10-31 2.00 TOP-UP source=revaluation
    """,
    )
    assert only(result).difference == 2_00
    assert causes(result) == [("1200", "gl_only_revaluation", "TOP-UP", 2_00)]


def test_a_revaluation_both_sides_hold_at_other_amounts_is_not_gl_only(books, seen):
    result = run(
        books,
        seen,
        BOTH
        + """
        reval INV-1 2026-10-31 3.00 document_no=RUN-10
        gl   J-5 2026-10-31 5.00 RUN-10 source=revaluation
    """,
    )
    assert causes(result) == []
    assert left_over(result) == [("1200", "RUN-10", 2_00)]
    assert result.unexplained["sentence"].tolist() == ["both sides hold it at other amounts"]


def test_manual_journal_needs_the_manual_source(books, seen):
    result = run(
        books,
        seen,
        BOTH
        + """
        gl J-7 2026-10-31 12.00 - source=manual user=joe
        gl J-8 2026-10-31 7.00 X-1 source=other
    """,
    )
    assert causes(result) == [("1200", "manual_journal", "J-7", 12_00)]
    assert left_over(result) == [("1200", "X-1", 7_00)]
    assert result.causes["user"].tolist() == ["joe"]
    assert (only(result).explained, only(result).unexplained, only(result).status) == (
        12_00,
        7_00,
        Status.UNEXPLAINED,
    )


def test_a_manual_journal_that_only_misdates_a_document_is_a_date_difference(books, seen):
    result = run(
        books,
        seen,
        BOTH
        + """
        item INV-2 invoice ACME 2026-11-02 30.00 account=1200
        gl   J-2 2026-10-30 30.00 INV-2 source=manual
    """,
    )
    assert causes(result) == [("1200", "date_outside_period", "INV-2", 30_00)]


def test_unposted_lines_and_batches(books, seen):
    """Sub-ledger 100 + 20 + 30 = 150, ledger 100; INV-2 is an unposted line, INV-3's batch never left receivables."""
    result = run(
        books,
        seen,
        BOTH
        + """
        item INV-2 invoice ACME 2026-10-20 20.00 account=1200
        gl   J-2 2026-10-20 20.00 INV-2 status=unposted
        item INV-3 invoice ACME 2026-10-21 30.00 account=1200 batch_id=B-3
        transfer B-3 ar_interface 2026-10-21 1 30.00
        transfer B-3 gl 2026-10-21 1 30.00 state=rejected
    """,
    )
    assert only(result).difference == -50_00
    assert causes(result) == [
        ("1200", "unposted_batch", "INV-2", -20_00),
        ("1200", "unposted_batch", "INV-3", -30_00),
    ]


def test_a_batch_posted_to_the_ledger_is_not_unposted(books, seen):
    result = run(
        books,
        seen,
        BOTH
        + """
        item INV-3 invoice ACME 2026-10-21 30.00 account=1200 batch_id=B-3
        transfer B-3 ar_interface 2026-10-21 1 30.00
        transfer B-3 gl 2026-10-21 1 30.00 state=posted
    """,
    )
    assert causes(result) == []
    assert left_over(result) == [("1200", "INV-3", -30_00)]


def test_doubled_batch(books, seen):
    """B-1 = INV-1 100 + INV-2 60, posted twice: gap 160, a line each."""
    result = run(
        books,
        seen,
        """
        account 1200 trade
        item INV-1 invoice ACME 2026-10-05 100.00 account=1200 batch_id=B-1
        item INV-2 invoice ACME 2026-10-05 60.00 account=1200 batch_id=B-1
        gl J-1 2026-10-05 100.00 INV-1 batch=B-1
        gl J-1 2026-10-05 60.00 INV-2 batch=B-1
        gl J-2 2026-10-06 100.00 INV-1 batch=B-1
        gl J-2 2026-10-06 60.00 INV-2 batch=B-1
    """,
    )
    assert causes(result) == [
        ("1200", "doubled_batch", "INV-1", 100_00),
        ("1200", "doubled_batch", "INV-2", 60_00),
    ]
    assert set(result.causes["batch_id"]) == {"B-1"}
    assert only(result).status is Status.EXPLAINED


def test_a_document_doubled_in_parts_and_in_the_subledger(books, seen):
    """Ledger 2 x (40 + 60); sub-ledger 100, and INV-2 50 taken twice from B-2."""
    result = run(
        books,
        seen,
        """
        account 1200 trade
        item INV-1 invoice ACME 2026-10-05 100.00 account=1200
        gl J-1 2026-10-05 40.00 INV-1
        gl J-1 2026-10-05 60.00 INV-1
        gl J-2 2026-10-05 40.00 INV-1
        gl J-2 2026-10-05 60.00 INV-1
        item I-2a invoice ACME 2026-10-06 50.00 account=1200 batch_id=B-2 document_no=INV-2
        item I-2b invoice ACME 2026-10-06 50.00 account=1200 batch_id=B-2 document_no=INV-2
        gl J-3 2026-10-06 50.00 INV-2 batch=B-2
    """,
    )
    assert causes(result) == [
        ("1200", "doubled_batch", "INV-1", 100_00),
        ("1200", "doubled_batch", "INV-2", -50_00),
    ]


def test_a_second_line_of_another_amount_or_source_is_not_doubled(books, seen):
    result = run(
        books,
        seen,
        BOTH
        + """
        gl J-2 2026-10-06 99.00 INV-1
        gl J-3 2026-10-07 100.00 INV-1 source=other
    """,
    )
    assert causes(result) == []
    assert left_over(result) == [("1200", "INV-1", 199_00)]


def test_wrong_account_shows_on_both(books, seen):
    result = run(
        books,
        seen,
        BOTH
        + """
        account 1300 intercompany
        item INV-2 invoice SISTER 2026-10-10 70.00 account=1300
        gl   J-2 2026-10-10 70.00 INV-2 account=1200
    """,
    )
    assert [(c.account, c.difference, c.status) for c in result.controls] == [
        ("1200", 70_00, Status.EXPLAINED), ("1300", -70_00, Status.EXPLAINED)]  # fmt: skip
    assert causes(result) == [
        ("1200", "wrong_account", "INV-2", 70_00),
        ("1300", "wrong_account", "INV-2", -70_00),
    ]


def test_factored_by_account_and_by_holder(books, seen):
    """INV-2 stands on the factored account in the ledger only; INV-3 was taken out of the ledger, held by a factor."""
    result = run(
        books,
        seen,
        BOTH
        + """
        account 1290 factored tieout=no
        item INV-2 invoice ACME 2026-10-10 70.00 account=1200
        gl   J-2 2026-10-10 70.00 INV-2 account=1290
        item INV-3 invoice ACME 2026-10-11 80.00 account=1200 assigned_to=FactorBank
        gl   J-3 2026-10-11 80.00 INV-3
        gl   J-4 2026-10-25 -80.00 INV-3 source=other
    """,
    )
    assert only(result).difference == -150_00
    assert causes(result) == [("1200", "factored", "INV-2", -70_00), ("1200", "factored", "INV-3", -80_00)]
    plain = run(
        books,
        seen,
        BOTH
        + """
        item INV-3 invoice ACME 2026-10-11 80.00 account=1200
        gl   J-3 2026-10-11 80.00 INV-3
        gl   J-4 2026-10-25 -80.00 INV-3 source=other
    """,
    )
    assert causes(plain) == []


def test_credit_balance_reclass_up_to_the_open_credits(books, seen):
    """BETA has 25 open credit; 25 may be lifted, 26 may not."""
    credit = """
        item CM-1 credit_memo BETA 2026-10-12 -25.00 account=1200
        gl   J-2 2026-10-12 -25.00 CM-1
    """
    good = run(books, seen, BOTH + credit + "gl J-3 2026-10-31 25.00 RC-1 source=reclass customer=BETA")
    assert causes(good) == [("1200", "credit_balance_reclass", "RC-1", 25_00)]
    bad = run(books, seen, BOTH + credit + "gl J-3 2026-10-31 26.00 RC-1 source=reclass customer=BETA")
    assert causes(bad) == []
    assert left_over(bad) == [("1200", "RC-1", 26_00)]
    of_all = run(books, seen, BOTH + credit + "gl J-3 2026-10-31 25.00 RC-1 source=reclass")
    assert causes(of_all) == [("1200", "credit_balance_reclass", "RC-1", 25_00)]


def test_contra_on_either_side(books, seen):
    result = run(
        books,
        seen,
        BOTH
        + """
        item CT-1 transfer ACME 2026-10-20 -15.00 account=1200 reason=contra_AP-77
        gl   J-2 2026-10-21 -9.00 AP-88 source=other customer=ACME text=Contra_AP-88
    """,
    )
    assert only(result).difference == 15_00 - 9_00
    assert causes(result) == [("1200", "contra", "AP-88", -9_00), ("1200", "contra", "CT-1", 15_00)]


def test_receipts_on_one_side(books, seen):
    """LB-9 came through the lockbox into the ledger only; R-2 was entered in the sub-ledger only."""
    result = run(
        books,
        seen,
        BOTH
        + """
        item R-1 receipt ACME 2026-10-15 -40.00 account=1200
        gl   J-2 2026-10-15 -40.00 R-1 source=receipts
        gl   J-3 2026-10-30 -55.00 LB-9 source=lockbox
        item R-2 receipt ACME 2026-10-29 -20.00 account=1200
    """,
    )
    assert only(result).difference == -55_00 + 20_00
    assert causes(result) == [
        ("1200", "receipt_gl_only", "LB-9", -55_00),
        ("1200", "receipt_subledger_only", "R-2", 20_00),
    ]


def test_a_receipt_that_the_subledger_holds_elsewhere_is_not_in_the_ledger_only(books, seen):
    """R-1 stands on 1210 on both sides; 1200 has 55 under its number, so "no such receipt" would be untrue."""
    text = (
        BOTH
        + """
        account 1210 unapplied
        item R-1 receipt ACME 2026-10-15 -40.00 account=1210
        gl   J-2 2026-10-15 -40.00 R-1 source=receipts account=1210
        gl   J-3 2026-10-30 -55.00 {document} source=receipts
    """
    )
    result = run(books, seen, text.format(document="R-1"))
    assert [(c.account, c.difference) for c in result.controls] == [("1200", -55_00), ("1210", 0)]
    assert causes(result) == []
    assert left_over(result) == [("1200", "R-1", -55_00)]
    other = run(books, seen, text.format(document="R-9"))
    assert causes(other) == [("1200", "receipt_gl_only", "R-9", -55_00)]


def test_a_contra_that_the_subledger_holds_elsewhere_is_not_in_the_ledger_only(books, seen):
    text = (
        BOTH
        + """
        account 1300 intercompany
        item CT-1 transfer ACME 2026-10-15 -40.00 account=1300
        gl   J-2 2026-10-15 -40.00 CT-1 source=other account=1300
        gl   J-3 2026-10-30 -9.00 {document} source=other customer=ACME text=Contra_AP-88
    """
    )
    known = run(books, seen, text.format(document="CT-1"))
    assert (causes(known), left_over(known)) == ([], [("1200", "CT-1", -9_00)])
    assert causes(run(books, seen, text.format(document="AP-88"))) == [("1200", "contra", "AP-88", -9_00)]


def test_an_entry_whose_document_both_sides_hold_is_not_of_one_side_alone(books, seen):
    """INV-2 30 against 100 (manual), R-1 -40 against -45, CT-1 -9 against -15: neither side stands alone.

    Differences -70, +5, +6, each unexplained; R-2 alone shows that the ledger keeps receipts by document.
    """
    result = run(
        books,
        seen,
        BOTH
        + """
        item INV-2 invoice ACME 2026-10-10 100.00 account=1200
        gl   J-2 2026-10-10 30.00 INV-2 source=manual
        item R-0 receipt ACME 2026-10-11 -1.00 account=1200
        gl   J-0 2026-10-11 -1.00 R-0 source=receipts
        item R-1 receipt ACME 2026-10-15 -45.00 account=1200
        gl   J-3 2026-10-15 -40.00 R-1 source=receipts
        item CT-1 transfer ACME 2026-10-20 -15.00 account=1200 reason=contra_AP-77
        gl   J-4 2026-10-20 -9.00 CT-1 source=other customer=ACME text=Contra_AP-77
        item R-2 receipt ACME 2026-10-29 -20.00 account=1200
    """,
    )
    assert only(result).difference == -70_00 + 5_00 + 6_00 + 20_00
    assert causes(result) == [("1200", "receipt_subledger_only", "R-2", 20_00)]
    assert left_over(result) == [("1200", "CT-1", 6_00), ("1200", "INV-2", -70_00), ("1200", "R-1", 5_00)]
    assert set(result.unexplained["sentence"]) == {"both sides hold it at other amounts"}


def test_a_ledger_that_does_not_keep_receipts_by_document_names_none(books, seen):
    """The day's total 60 = R-1 40 + R-2 20 under no number: no receipt can be said to be missing, yet the total agrees."""
    result = run(
        books,
        seen,
        BOTH
        + """
        item R-1 receipt ACME 2026-10-15 -40.00 account=1200
        item R-2 receipt ACME 2026-10-15 -20.00 account=1200
        gl   J-2 2026-10-15 -60.00 - source=other
    """,
    )
    assert causes(result) == []
    assert only(result).status is Status.TIED
    assert only(result).note == "3 unexplained differences cancel out"


def test_differences_that_cancel_out_across_months_are_not_tied(books, seen):
    """A receipt of August that the ledger lacks and a ledger line of October that the sub-ledger lacks: equal totals."""
    result = run(
        books,
        seen,
        BOTH
        + """
        item R-1 receipt ACME 2026-08-15 -40.00 account=1200
        gl   J-2 2026-10-15 -40.00 X-7 source=other
    """,
    )
    assert only(result).difference == 0
    assert causes(result) == []
    assert only(result).status is Status.UNEXPLAINED
    assert only(result).unexplained_count == 2


def test_differences_that_cancel_out_within_a_month_are_not_tied_when_the_ledger_names_its_documents(
    books, seen
):
    """70 in the sub-ledger only, 70 in the ledger under another document: no summary posting explains that."""
    result = run(
        books,
        seen,
        BOTH
        + """
        item INV-7 invoice ACME 2026-10-10 70.00 account=1200
        gl   J-7 2026-10-12 70.00 OTHER-7 source=other
    """,
    )
    assert only(result).difference == 0
    assert causes(result) == []
    assert only(result).status is Status.UNEXPLAINED
    assert only(result).unexplained_count == 2


def test_a_ledger_that_posts_by_batch_agrees_by_batch(books, seen):
    result = run(
        books,
        seen,
        """
        account 1200 trade
        item R-1 receipt ACME 2026-10-15 -40.00 account=1200 batch_id=D-1
        item R-2 receipt ACME 2026-10-15 -20.00 account=1200 batch_id=D-1
        item R-3 receipt ACME 2026-10-16 -5.00 account=1200 batch_id=D-2
        gl   J-2 2026-10-15 -60.00 - source=receipts batch=D-1
        gl   J-3 2026-10-16 -4.00 - source=receipts batch=D-2
    """,
    )
    assert {document for _, document, _ in left_over(result)} | {c[2] for c in causes(result)} == {
        "R-3",
        "J-3",
    }
    assert only(result).difference == 1_00


def test_rounding_up_to_the_policy(books, seen):
    text = """
        account 1200 trade
        item INV-1 invoice ACME 2026-10-05 100.00 account=1200
        gl   J-1 2026-10-05 100.01 INV-1
        item INV-2 invoice ACME 2026-10-05 100.00 account=1200
        gl   J-1 2026-10-05 99.98 INV-2
    """
    result = run(books, seen, text)
    assert causes(result) == [("1200", "rounding", "INV-1", 1)]
    assert left_over(result) == [("1200", "INV-2", -2)]
    assert causes(run(books, seen, text, policy=TieOutPolicy(rounding_per_document_minor=2)))[1:] == [
        ("1200", "rounding", "INV-2", -2)
    ]


def test_one_document_on_one_side_only_is_never_rounding(books, seen):
    result = run(books, seen, BOTH + "gl J-2 2026-10-05 0.01 NEW source=other")
    assert causes(result) == []


def test_discount_and_exchange_lines_tie_by_application(books, seen):
    """EUR 100 booked at 110, paid EUR 98 + 2 discount; receipt carried at 112.70, target at 107.80: exchange 4.90.

    sub-ledger: 110.00 - 112.70 - 2.20 (discount) + 4.90 = 0.00
    """
    result = run(books, seen, """
        account 1200 trade
        item  INV-1 invoice ACME 2026-10-05 100.00 currency=EUR functional=110.00 account=1200
        item  R-1 receipt ACME 2026-10-20 -98.00 currency=EUR functional=-112.70 account=1200
        apply A-1 R-1 INV-1 2026-10-20 98.00 currency=EUR discount=2.00 source_functional_amount=112.70 target_functional_amount=107.80 discount_functional_amount=2.20
        gl J-1 2026-10-05 110.00 INV-1 currency=EUR amount=100.00
        gl J-2 2026-10-20 -112.70 R-1 source=receipts currency=EUR amount=-98.00
        gl J-3 2026-10-20 -2.20 A-1 source=receipts currency=EUR amount=-2.00
        gl J-3 2026-10-20 4.90 A-1 source=receipts currency=EUR amount=0.00
    """)  # fmt: skip
    assert (only(result).left, only(result).right, only(result).status) == (0, 0, Status.TIED)
    document = result.balances.loc[result.balances["measure"].eq("document")].iloc[0]
    assert (document["currency"], document["gl_amount"], document["subledger_amount"]) == ("EUR", 0, 0)


def test_late_application_is_no_cause_but_its_discount_is(books, seen):
    """R-1 is applied on 2 November. Only the discount of 2 that the ledger already took in October differs."""
    result = run(
        books,
        seen,
        BOTH
        + """
        item  R-1 receipt ACME 2026-10-20 -98.00 account=1200
        gl    J-2 2026-10-20 -98.00 R-1 source=receipts
        apply A-1 R-1 INV-1 2026-11-02 98.00 discount=2.00
        gl    J-3 2026-10-31 -2.00 A-1 source=receipts
    """,
    )
    assert causes(result) == [("1200", "date_outside_period", "A-1", -2_00)]


def test_an_application_between_accounts_moves_both(books, seen):
    """A deposit of 30 on 2100 pays INV-1 on 1200: 2100 0, 1200 70; the ledger did not move it: gaps +30 and -30."""
    text = """
        account 1200 trade
        account 2100 customer_deposit
        item  INV-1 invoice ACME 2026-10-05 100.00 account=1200
        gl    J-1 2026-10-05 100.00 INV-1
        item  P-1 prepayment ACME 2026-10-02 -30.00 account=2100
        gl    J-2 2026-10-02 -30.00 P-1 source=receipts account=2100
        apply A-1 P-1 INV-1 2026-10-06 30.00 kind=prepayment
    """
    result = run(books, seen, text)
    assert [(c.account, c.left, c.right) for c in result.controls] == [
        ("1200", 100_00, 70_00),
        ("2100", -30_00, 0),
    ]
    assert left_over(result) == [("1200", "A-1", 30_00), ("2100", "A-1", -30_00)]
    tied = run(
        books,
        seen,
        text
        + """
        gl J-3 2026-10-06 -30.00 A-1 source=receipts account=1200
        gl J-3 2026-10-06 30.00 A-1 source=receipts account=2100
    """,
    )
    assert [c.status for c in tied.controls] == [Status.TIED, Status.TIED]


def test_opening_balance_and_constant_gap(books, seen):
    """Opening 150 against INV-0 100: 50 stands from before, and stays unexplained, beside the causes of October."""
    result = run(
        books,
        seen,
        """
        account 1200 trade
        balance 2026-09-30 150.00
        item INV-0 invoice ACME 2026-09-05 100.00 account=1200
        item INV-1 invoice ACME 2026-10-05 10.00 account=1200
        gl   J-1 2026-10-05 10.00 INV-1
        gl   J-2 2026-10-06 3.00 - source=manual
    """,
    )
    assert (only(result).left, only(result).right) == (163_00, 110_00)
    assert causes(result) == [("1200", "manual_journal", "J-2", 3_00)]
    assert left_over(result) == [("1200", "opening", 50_00)]


def test_balances_alone_give_the_gap_unexplained(books, seen):
    result = run(
        books,
        seen,
        """
        balance 2026-10-31 131.80 account=1500
        item INV-0 invoice ACME 2026-09-05 100.00
    """,
    )
    control = only(result)
    assert (control.account, control.difference, control.unexplained) == ("1500", 31_80, 31_80)
    assert left_over(result) == [("1500", "opening", 31_80)]


def test_a_document_that_straddles_the_opening_is_counted_there(books, seen):
    """INV-0 is in the ledger on 1 October, in the sub-ledger on 30 September: the opening lacks 100, October has it."""
    result = run(
        books,
        seen,
        """
        account 1200 trade
        balance 2026-09-30 0.00
        item INV-0 invoice ACME 2026-09-30 100.00 account=1200
        gl   J-1 2026-10-01 100.00 INV-0
    """,
    )
    assert only(result).status is Status.TIED
    assert causes(result) == [] == left_over(result)


def test_a_document_is_counted_at_the_opening_only_where_the_gap_there_shrinks(books, seen):
    """The opening holds INV-0 already (100 = 100), so J-1 of 1 October is a second 100, and October's.

    Half of it in the opening (50 - 100 = -50): with J-1 the gap would be +50, which is no smaller.
    """
    text = """
        account 1200 trade
        balance 2026-09-30 {opening}
        item INV-0 invoice ACME 2026-09-30 100.00 account=1200
        gl   J-1 2026-10-01 100.00 INV-0
    """
    whole = run(books, seen, text.format(opening="100.00"))
    assert (only(whole).left, only(whole).right, causes(whole)) == (200_00, 100_00, [])
    assert left_over(whole) == [("1200", "INV-0", 100_00)]
    half = run(books, seen, text.format(opening="50.00"))
    assert (only(half).left, only(half).right, causes(half)) == (150_00, 100_00, [])
    assert left_over(half) == [("1200", "INV-0", 100_00), ("1200", "opening", -50_00)]


def test_an_opening_document_of_the_first_day_is_counted_at_the_opening_only_where_the_gap_there_shrinks(
    books, seen
):
    """OP-1 took 80 over on 1 October. An opening of 80 lacks it (80 - 0, with it 0); an opening of 0 does not."""
    text = """
        account 1200 trade
        balance 2026-09-30 {opening}
        item OP-1 opening ACME 2026-10-01 80.00 account=1200
        item INV-1 invoice ACME 2026-10-05 10.00 account=1200
        gl   J-1 2026-10-05 10.00 INV-1
    """
    assert only(run(books, seen, text.format(opening="80.00"))).status is Status.TIED
    lacking = run(books, seen, text.format(opening="0.00"))
    assert only(lacking).difference == -80_00
    assert left_over(lacking) == [("1200", "OP-1", -80_00)]


def test_a_stated_balance_beyond_its_lines(books, seen):
    result = run(books, seen, BOTH + "balance 2026-10-31 108.00")
    assert (only(result).left, only(result).right) == (108_00, 100_00)
    assert left_over(result) == [("1200", "ledger lines", 8_00)]


def test_accounts_out_of_the_tieout_or_no_longer_valid_are_left_out(books, seen):
    text = (
        BOTH
        + """
        account 1210 unapplied tieout=no
        account 1190 trade to=2026-09-30
        account 1199 allowance
    """
    )
    assert [c.account for c in run(books, seen, text).controls] == ["1200"]


def test_money_on_an_undeclared_account_is_said(books, seen):
    result = run(
        books, seen, BOTH + "item INV-7 invoice ACME 2026-10-07 9.00 account=1999\naccount 1300 intercompany"
    )
    stray = [c for c in result.controls if c.account == "1999"]
    assert [c.status for c in stray] == [Status.NO_INPUT]
    assert "not declared" in stray[0].note


def test_an_item_without_an_amount_in_the_books_currency_stops_its_account_only(books, seen):
    result = run(
        books,
        seen,
        BOTH
        + """
        account 1300 intercompany
        item INV-7 invoice SISTER 2026-10-07 9.00 currency=CAD account=1300
        gl   J-2 2026-10-07 7.00 INV-7 account=1300
    """,
    )
    assert [c.status for c in result.controls] == [Status.TIED, Status.NO_INPUT]
    assert result.controls[1].note == "1 postings in CAD carry no amount in USD, first INV-7"


def test_other_ledgers_do_not_count(books, seen):
    result = run(books, seen, BOTH + "gl T-1 2026-10-05 55.00 INV-1 ledger=tax")
    assert only(result).status is Status.TIED


def test_carried_forward_with_age_and_owner_and_cleared(books, seen):
    result = run(
        books,
        seen,
        BOTH
        + """
        gl J-7 2026-09-12 12.00 - source=manual
        prior 1200 unexplained J-7 12.00 2026-09-30 owner=Eve
        prior 1200 manual_journal J-2 5.00 2026-08-31 owner=Eve
    """,
    )
    row = result.causes.iloc[0]
    assert (str(row["first_reported_on"])[:10], row["owner"], row["age_days"]) == ("2026-09-30", "Eve", 49)
    assert result.cleared["document_no"].tolist() == ["J-2"]
    assert only(result).owner == "Eve"


def test_only_a_line_that_takes_the_document_out_is_factored(books, seen):
    """+80 again, and -81 of a document of 80, take nothing out that the factor holds."""
    text = (
        BOTH
        + """
        item INV-3 invoice ACME 2026-10-11 80.00 account=1200 assigned_to=FactorBank
        gl   J-3 2026-10-11 80.00 INV-3
    """
    )
    assert causes(run(books, seen, text + "gl J-4 2026-10-25 80.00 INV-3 source=other")) == []
    assert causes(run(books, seen, text + "gl J-4 2026-10-25 -81.00 INV-3 source=other")) == []


def test_a_stated_balance_holds_the_lines_of_its_day(books, seen):
    """100 stated at the end of the 10th holds J-1 of the 10th; J-2 of the 11th comes on top."""
    result = run(
        books,
        seen,
        """
        account 1200 trade
        item INV-1 invoice ACME 2026-10-10 100.00 account=1200
        item INV-2 invoice ACME 2026-10-11 5.00 account=1200
        gl   J-1 2026-10-10 100.00 INV-1
        gl   J-2 2026-10-11 5.00 INV-2
        balance 2026-10-10 100.00
    """,
    )
    assert (only(result).left, only(result).status) == (105_00, Status.TIED)


def test_as_known_at_a_day_leaves_out_what_was_entered_after(books, seen):
    """Both entries of INV-2 came on 5 November in New York: known on the 5th, not on the 4th."""
    book = books(
        """
        account 1200 trade
        item INV-1 invoice ACME 2026-10-05 100.00 account=1200 entered=2026-10-05T12:00:00Z
        gl   J-1 2026-10-05 100.00 INV-1 entered=2026-10-05T12:00:00Z
        item INV-2 invoice ACME 2026-10-30 30.00 account=1200 entered=2026-11-06T04:00:00Z
        gl   J-2 2026-10-30 25.00 INV-2 entered=2026-11-06T04:30:00Z
    """,
        features=("entry_times",),
    )
    known = {
        day: only(
            tie_out(
                book, scope=seen("2026-10-31", known_at=date(2026, 11, day), time_zone="America/New_York")
            )
        )
        for day in (4, 5)
    }
    assert (known[4].left, known[4].right) == (100_00, 100_00)
    assert (known[5].left, known[5].right) == (125_00, 130_00)


def test_reconciling_items_of_one_close_are_the_prior_ones_of_the_next(books, seen):
    text = BOTH + "gl J-7 2026-10-12 12.00 - source=manual\ngl J-8 2026-10-13 7.00 X-1 source=other"
    first = run(books, seen, text)
    table = reconciling_items(first.causes, first.unexplained)
    assert table[["cause", "document_no", "amount", "owner"]].to_numpy().tolist() == [
        ["manual_journal", "J-7", 12_00, "Ann"],
        ["unexplained", "X-1", 7_00, "Ann"],
    ]
    book = books(text)
    later = tie_out(
        Book({**book.tables, "reconciling_items": table}),
        scope=seen("2026-11-30", starts_on=date(2026, 11, 1)),
    )
    assert later.causes["first_reported_on"].dt.strftime("%Y-%m-%d").tolist() == ["2026-10-31"]
    assert later.unexplained["first_reported_on"].dt.strftime("%Y-%m-%d").tolist() == ["2026-10-31"]
    assert later.causes["age_days"].tolist() == [49]
    assert len(later.cleared) == 0
    assert len(reconciling_items(later.causes.iloc[:0])) == 0
