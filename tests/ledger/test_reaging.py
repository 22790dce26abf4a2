"""What was re-aged in the month."""

from __future__ import annotations

from datetime import date

from arlib.ledger.frames import REAGED
from arlib.ledger.reaging import reaged, reaged_totals

TEXT = """
    item  INV-1 invoice ACME 2026-01-05 100.00 due=2026-05-31 original=2026-02-04 moved=2026-03-10 by=Ann
    item  R-1 receipt ACME 2026-03-10 -30.00
    apply A-1 R-1 INV-1 2026-03-10 30.00
    item  R-2 receipt ACME 2026-03-11 -20.00
    apply A-2 R-2 INV-1 2026-03-11 20.00
    item  INV-2 invoice BETA 2026-02-01 40.00 due=2026-03-03
    item  CB-1 chargeback BETA 2026-03-31 15.00 due=2026-04-30 replaces=INV-2
    item  R-3 receipt BETA 2026-03-31 -5.00
    apply A-3 R-3 CB-1 2026-03-31 5.00
    item  CB-2 chargeback BETA 2026-04-01 15.00 due=2026-05-30 replaces=INV-2
    item  INV-3 invoice BETA 2026-03-15 9 due=2026-06-30 original=2026-04-14 currency=JPY by=Ann
    item  INV-4 invoice BETA 2026-03-15 9.00 due=2026-04-14 original=2026-04-14
    item  INV-5 invoice BETA 2026-01-15 9.00 due=2026-04-14 original=2026-02-14 moved=2026-02-28
    item  INV-6 invoice BETA 2026-03-15 9.00 original=2026-02-14
"""


def test_the_month_s_items_with_what_was_open_of_them(ledger, seen):
    made = reaged(ledger(TEXT), scope=seen("2026-03-31", starts_on=date(2026, 3, 1)))
    # INV-1 was open with 70.00 at the end of 10 March; CB-1 is new; CB-2 and INV-5 are of other months
    # INV-6 has no due date
    assert made[["item_id", "amount", "days_moved"]].values.tolist() == [
        ["CB-1", 15_00, 58],
        ["INV-1", 70_00, 116],
        ["INV-3", 9, 77],
    ]
    assert made.dtypes.astype(str).to_dict() == REAGED.empty().dtypes.astype(str).to_dict()


def test_the_control_total_by_authoriser(ledger, seen):
    scope = seen("2026-03-31", starts_on=date(2026, 3, 1))
    made = reaged_totals(reaged(ledger(TEXT), scope=scope), scope=scope)
    assert list(made.itertuples(index=False, name=None)) == [
        ("E1", "JPY", "Ann", 1, 9),
        ("E1", "USD", "", 1, 15_00),
        ("E1", "USD", "Ann", 1, 70_00),
    ]


def test_nothing_after_the_as_of_date(ledger, seen):
    scope = seen("2026-03-20", starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 31))
    later = "item INV-7 invoice ACME 2026-01-05 9.00 due=2026-05-31 original=2026-02-04 moved=2026-03-21"
    assert reaged(ledger(TEXT + later), scope=scope)["item_id"].tolist() == ["INV-1", "INV-3"]


def test_none(ledger, seen):
    scope = seen("2026-03-31")
    made = reaged(ledger("item A invoice C 2026-03-31 1.00 due=2026-04-30"), scope=scope)
    assert len(made) == 0
    assert len(reaged_totals(made, scope=scope)) == 0
