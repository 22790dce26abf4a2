"""The bridge between the two views adds up for any facts."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.ledger.bridge import basis_bridge, bridge_identities

DAY = st.integers(0, 20).map(lambda n: (date(2026, 1, 1) + timedelta(days=n)).isoformat())
FACT = st.tuples(DAY, DAY, st.integers(-1000, 1000))


def test_an_application_moves_two_documents(ledger, seen):
    book = ledger("""
        item  INV-1 invoice ACME 2026-01-01 100.00
        item  R-1 receipt ACME 2026-01-02 -97.00
        apply A-1 R-1 INV-1 2026-01-31 97.00 discount=1.00 posting=2026-02-03
    """)
    made = basis_bridge(book, scope=seen("2026-01-31"))
    assert made[["fact", "fact_id", "item_id", "amount"]].values.tolist() == [
        ["application", "A-1", "INV-1", -98_00],
        ["application", "A-1", "R-1", 97_00],
    ]


@settings(max_examples=25, deadline=None)
@given(st.lists(FACT, min_size=2, max_size=5), st.lists(FACT, max_size=4), DAY)
def test_views_and_bridge_add_up(ledger, seen, items, applications, as_of):
    text = [
        f"item I{n} invoice A {day} {amount}.00 posting={posted}"
        for n, (day, posted, amount) in enumerate(items)
    ]
    text += [
        f"apply A{n} I0 I1 {day} {amount}.00 discount=1.00 posting={posted}"
        for n, (day, posted, amount) in enumerate(applications)
    ]
    book, scope = ledger("\n".join(text)), seen(as_of, starts_on=date(2026, 1, 1))
    bridge = basis_bridge(book, scope=scope)
    for identity in bridge_identities(book, bridge, scope=scope):
        identity.require()
