"""Customer reconciliation, by hand: every kind, its reason, and that the differences add up."""

from __future__ import annotations

from arlib.controls import Status
from arlib.ledger.customer_recon import reconcile_customer
from arlib.ledger.frames_control import CUSTOMER_RECON
from arlib.ledger.statement_match import plain_number


def shown(result):
    frame = result.rows
    name = frame["document_no"].where(frame["document_no"].notna(), frame["reference"]).fillna("")
    return sorted(zip(frame["kind"], name, frame["difference"], strict=True))


def run(books, seen, text, **given):
    return reconcile_customer(books(text), scope=seen("2026-10-31"), **given)


def test_every_kind(books, seen):
    """Ours: 100 + 80 + 50 + 70 + 40 = 340 open. Theirs: 100 + 80 + 80 + 30 + 25 - 60 + 9 = 264.
    76 = 0 - 80 (double) + 20 (claim) + 70 (new) + 40 (not entered) - 25 (settled) + 60 (payment under way) - 9 (unknown)."""
    result = run(
        books,
        seen,
        """
        item INV-1 invoice ACME 2026-09-01 100.00
        item INV-2 invoice ACME 2026-09-02 80.00
        item INV-3 invoice ACME 2026-09-03 50.00
        item INV-4 invoice ACME 2026-10-28 70.00
        item INV-5 invoice ACME 2026-09-05 40.00
        item INV-6 invoice ACME 2026-09-06 25.00
        item R-6 receipt ACME 2026-10-06 -25.00
        apply A-6 R-6 INV-6 2026-10-06 25.00
        item R-9 receipt ACME 2026-11-03 -60.00
        dispute ACME INV-3 20.00 2026-09-20 reason=price
        line ACME 2026-10-31 1 INV-1 -100.00
        line ACME 2026-10-31 2 inv/2 -80.00
        line ACME 2026-10-31 3 INV-2 -80.00
        line ACME 2026-10-31 4 INV-3 -30.00
        line ACME 2026-10-31 5 INV-6 -25.00
        line ACME 2026-10-31 6 PAY-7 60.00 date=2026-10-30
        line ACME 2026-10-31 7 X-77 -9.00
    """,
    )
    (control,) = result.controls
    assert (control.left, control.right, control.difference, control.explained) == (
        340_00,
        264_00,
        76_00,
        76_00,
    )
    assert control.status is Status.EXPLAINED
    assert shown(result) == [
        ("amount_differs", "INV-3", 20_00), ("duplicate", "inv/2", -80_00), ("in_transit", "INV-4", 70_00), ("in_transit", "R-9", 60_00),
        ("matched", "INV-1", 0), ("matched", "INV-2", 0), ("missing_in_ledger", "X-77", -9_00), ("missing_on_statement", "INV-5", 40_00),
        ("settled_in_ledger", "INV-6", -25_00)]  # fmt: skip
    reasons = dict(zip(result.rows["kind"], result.rows["reason"], strict=True))
    assert reasons["amount_differs"] == "they hold back what is in dispute (price)"
    assert reasons["settled_in_ledger"] == "settled with us by R-6, open with them"
    assert reasons["in_transit"] in (
        "their payment, in our ledger on 2026-11-03 as R-9",
        "dated 2026-10-28, may be too new to be on their statement",
    )
    assert result.rows.columns.tolist() == CUSTOMER_RECON.names


def test_a_statement_that_agrees_is_tied_in_each_currency(books, seen):
    result = run(
        books,
        seen,
        """
        item INV-1 invoice ACME 2026-09-01 100.00
        item INV-2 invoice ACME 2026-09-02 800 currency=JPY functional=6.00
        line ACME 2026-10-31 1 INV-1 -100.00
        line ACME 2026-10-31 2 INV-2 -800 currency=JPY
    """,
    )
    assert [(c.currency, c.status) for c in result.controls] == [("JPY", Status.TIED), ("USD", Status.TIED)]


def test_transit_counts_days_inclusively(books, seen):
    text = """
        item INV-1 invoice ACME 2026-10-21 100.00
        item INV-2 invoice ACME 2026-10-20 10.00
        line ACME 2026-10-31 1 - 0.00
    """
    kinds = {name: kind for kind, name, _ in shown(run(books, seen, text)) if name}
    assert kinds == {"INV-1": "in_transit", "INV-2": "missing_on_statement"}


def test_their_payment_under_their_own_number_is_found_by_amount_only_when_unique(books, seen):
    base = """
        item INV-1 invoice ACME 2026-09-01 100.00
        item R-1 receipt ACME 2026-10-10 -33.00
        line ACME 2026-10-31 1 INV-1 -100.00
        line ACME 2026-10-31 2 PAY-9 33.00
    """
    result = run(books, seen, base)
    assert shown(result) == [("matched", "INV-1", 0), ("matched", "R-1", 0)]
    assert result.rows["reason"].tolist()[1] == "by amount: their payment is our R-1"
    two = run(books, seen, base + "item R-2 receipt ACME 2026-10-11 -33.00")
    assert [kind for kind, _, _ in shown(two)] == [
        "matched",
        "missing_in_ledger",
        "missing_on_statement",
        "missing_on_statement",
    ]


def test_part_payment_after_the_statement_and_whole_amount_on_it(books, seen):
    result = run(
        books,
        seen,
        """
        item INV-1 invoice ACME 2026-09-01 100.00
        item R-1 receipt ACME 2026-11-02 -30.00
        apply A-1 R-1 INV-1 2026-11-02 30.00
        item INV-2 invoice ACME 2026-09-02 50.00
        item R-2 receipt ACME 2026-10-02 -20.00
        apply A-2 R-2 INV-2 2026-10-02 20.00
        line ACME 2026-10-31 1 INV-1 -70.00
        line ACME 2026-10-31 2 INV-2 -50.00
    """,
    )
    assert result.rows["reason"].tolist() == [
        "settled with us in part after the statement, by R-1", "they show it whole; in our ledger part is settled by R-2"]  # fmt: skip
    assert result.rows["difference"].tolist() == [30_00, -20_00]


def test_a_line_without_reference_is_unexplained(books, seen):
    result = run(
        books,
        seen,
        "item INV-1 invoice ACME 2026-09-01 1.00\nline ACME 2026-10-31 1 INV-1 -1.00\nline ACME 2026-10-31 2 - -5.00",
    )
    (control,) = result.controls
    assert (control.difference, control.unexplained, control.status) == (-5_00, -5_00, Status.UNEXPLAINED)


def test_the_effective_date_counts_and_mergers_are_followed(books, seen):
    """INV-1 is ours on 30 October though posted in November; OLD became NEW on the 15th."""
    result = run(
        books,
        seen,
        """
        item INV-1 invoice OLD 2026-10-30 100.00 posting=2026-11-02
        merge OLD NEW 2026-10-15
        line NEW 2026-10-31 1 INV-1 -100.00
    """,
    )
    assert [(c.account, c.status) for c in result.controls] == [("NEW", Status.TIED)]


def test_the_latest_statement_of_the_period_or_of_one_customer(books, seen):
    text = """
        item INV-1 invoice ACME 2026-08-01 100.00
        line ACME 2026-09-30 1 INV-1 -100.00
    """
    assert run(books, seen, text).controls[0].note == "no customer statement falls in the period"
    assert run(books, seen, text, customer_id="ACME").controls[0].status is Status.TIED
    both = run(
        books, seen, text + "line ACME 2026-10-31 1 INV-1 -100.00\nline ACME 2026-10-15 1 INV-1 -100.00"
    )
    assert [c.title for c in both.controls] == ["Customer ACME: our ledger = their statement of 2026-10-31"]
    assert (
        run(books, seen, "item INV-1 invoice ACME 2026-08-01 1.00").controls[0].note
        == "no customer statements were given"
    )


def test_numbers_as_people_write_them():
    import pandas as pd

    assert plain_number(pd.Series(["inv-0012", "0012", " INV 0012", None], dtype="str")).tolist() == [
        "INV0012",
        "12",
        "INV0012",
        "",
    ]
