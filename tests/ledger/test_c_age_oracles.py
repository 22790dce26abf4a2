"""The published aging and application cases of the field (reference: numeric oracles, C-AGE 1, 3 to 7), each
as a text book.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from arlib.ledger.aging import age_items, aging, wide
from arlib.ledger.bridge import basis_bridge, bridge_identities
from arlib.ledger.openitems import open_items
from arlib.policy import AgeFrom, AgingPolicy, Basis, Credits

BY_MONTH = AgingPolicy(bucket_edges_days=(30, 60, 90), age_from=AgeFrom.DOCUMENT_DATE, credits=Credits.NETTED)


def aged(book, scope, policy=None):
    return age_items(open_items(book, scope=scope), as_of=scope.as_of, policy=policy or AgingPolicy())


def test_1_a_later_reconciliation_does_not_reach_back(ledger, seen):
    """OCA/account-financial-reporting #546.

    1,000 paid in February, 5 × 10,000 invoiced in March, 100,000 in April, 49,000
    paid in May; all but the 100,000 reconciled in May. As at 30 April: 100,000 | 50,000 | -1,000, total
    149,000 (the buggy report showed 100,000 | 40,000 | 0, total 140,000).
    """
    lines = [
        "item P-1 receipt ACME 2019-02-15 -1000.00",
        "item INV-6 invoice ACME 2019-04-15 100000.00",
        "item P-2 receipt ACME 2019-05-10 -49000.00",
        "apply A-0 P-1 INV-1 2019-05-10 1000.00",
        "apply A-1 P-2 INV-1 2019-05-10 9000.00",
    ]
    lines += [f"item INV-{n} invoice ACME 2019-03-15 10000.00" for n in range(1, 6)]
    lines += [f"apply A-{n} P-2 INV-{n} 2019-05-10 10000.00" for n in range(2, 6)]
    book = ledger("\n".join(lines))
    table = wide(aging(aged(book, seen("2019-04-30"), BY_MONTH)), policy=BY_MONTH)
    assert table[["1-30", "31-60", "61-90", "total"]].values.tolist() == [
        [100_000_00, 50_000_00, -1_000_00, 149_000_00]
    ]
    after = wide(aging(aged(book, seen("2019-05-31"), BY_MONTH)), policy=BY_MONTH)
    assert after["total"].tolist() == [100_000_00]


def test_3_a_part_payment_stays_in_the_period_of_its_invoice(ledger, seen):
    """odoo #124: 1,000 invoiced in period 1, 300 paid in period 2: a single +700 in the invoice's period."""
    book = ledger("""
        item  INV-1 invoice ACME 2026-01-10 1000.00 due=2026-01-31
        item  R-1 receipt ACME 2026-02-10 -300.00
        apply A-1 R-1 INV-1 2026-02-10 300.00
    """)
    made = aging(aged(book, seen("2026-02-28")))
    assert made.values.tolist() == [["ACME", "USD", "1-30", 700_00]]


@pytest.mark.parametrize(
    ("as_of", "is_open"),
    [("2016-10-27", True), ("2016-10-28", False), ("2016-07-26", True), ("2016-07-25", False)],
)
def test_4_open_until_the_day_before_it_is_paid(ledger, seen, as_of, is_open):
    """odoo #19984: 115 dated 2016-07-26, paid 2016-10-28, appears for as-of dates up to 2016-10-27 only."""
    book = ledger("""
        item  INV-1 invoice ACME 2016-07-26 115.00 due=2016-08-25
        item  R-1 receipt ACME 2016-10-28 -115.00
        apply A-1 R-1 INV-1 2016-10-28 115.00
    """)
    assert aged(book, seen(as_of))["outstanding"].tolist() == ([115_00] if is_open else [])


def test_5_buckets_are_outstanding_at_every_date(ledger, seen):
    """LedgerSMB / ERPNext property: Σ buckets (current and credits too) = outstanding = Σ of posted facts, on
    every day.
    """
    book = ledger("""
        item  INV-1 invoice ACME 2026-01-05 100.00 due=2026-02-04
        item  INV-2 invoice BETA 2026-01-20 80.00
        item  CM-1 credit_memo ACME 2026-02-01 -30.00
        item  R-1 receipt ACME 2026-02-10 -90.00
        apply A-1 R-1 INV-1 2026-02-12 60.00 discount=2.00
        apply A-2 CM-1 INV-1 2026-03-01 30.00
    """)
    amounts = {
        "2026-01-05": 100_00,
        "2026-01-20": 80_00,
        "2026-02-01": -30_00,
        "2026-02-10": -90_00,
        "2026-02-12": -2_00,
    }
    for day in (date(2026, 1, 1) + timedelta(days=n) for n in range(0, 70, 2)):
        posted = sum(
            amount for on, amount in amounts.items() if on <= day.isoformat()
        )  # only the discount leaves by itself
        for policy in (AgingPolicy(), BY_MONTH):
            made = aging(aged(book, seen(day.isoformat()), policy))
            assert made["amount"].sum() == posted, day


def test_6_not_yet_due_is_current(ledger, seen):
    """OCA's abs() trap: an item due in 10 days must be current, never 1-30."""
    book = ledger("item INV-1 invoice ACME 2026-01-01 5.00 due=2026-02-10")
    assert aged(book, seen("2026-01-31"))["bucket"].tolist() == ["current"]


def test_7_dated_in_january_and_posted_in_february(ledger, seen):
    """NetSuite: invoice dated 2019-01-19, posting period February.

    Aging by date at 31 January includes it, the balance
    sheet does not; the difference has the cause that date and period differ, and cites the document.
    """
    book = ledger("""
        item  INV-7 invoice ACME 2019-01-19 250.00 due=2019-02-18 posting=2019-02-01
        item  INV-8 invoice ACME 2019-01-20 40.00 due=2019-02-18 posting=2019-01-20
    """)
    by_date, by_period = seen("2019-01-31", basis=Basis.EFFECTIVE), seen("2019-01-31", basis=Basis.POSTING)
    assert aged(book, by_date)["outstanding"].sum() == 290_00
    assert aged(book, by_period)["outstanding"].sum() == 40_00
    bridge = basis_bridge(book, scope=by_period)
    columns = ["document_no", "cause", "amount"]
    assert bridge[columns].values.tolist() == [["INV-7", "date_outside_period", 250_00]]
    assert [identity.require().right for identity in bridge_identities(book, bridge, scope=by_period)] == [
        290_00
    ]
    assert len(basis_bridge(book, scope=seen("2019-02-28"))) == 0
