"""The running balance of one customer, by hand: what moves it, what does not, on which day, as known when."""

from __future__ import annotations

from datetime import date

import pytest

from arlib.errors import ParameterError
from arlib.ledger.by_customer import CustomerIndex
from arlib.ledger.customer import (
    balance_on,
    balances_by_day,
    roll_forward,
    running_balance,
    running_identities,
)
from arlib.policy import Basis

PAID_SHORT = """
item   INV-1 invoice ACME 2026-01-05 100.00 due=2026-02-04
item   INV-2 invoice ACME 2026-01-10 40.00 due=2026-02-09
item   R-1 receipt ACME 2026-02-03 -97.00
apply  A-1 R-1 INV-1 2026-02-03 97.00 discount=2.00
item   W-1 write_off ACME 2026-02-20 -1.00 reason=small
apply  A-2 W-1 INV-1 2026-02-20 1.00 kind=write_off
"""


def told(frame):
    """What people read of a running balance."""
    return [
        (str(row.day.date()), row.line, row.document_no, row.amount, row.balance)
        for row in frame.itertuples()
    ]


def test_every_fact_that_moves_the_balance_is_a_row_and_no_other(ledger, seen):
    running = running_balance(ledger(PAID_SHORT), scope=seen("2026-02-28"), customer_id="ACME")

    # worked out by hand: 100 + 40 - 97 - 2 discount - 1 written off = 40; the applications themselves move nothing
    assert told(running) == [
        ("2026-01-05", "invoices", "INV-1", 10000, 10000),
        ("2026-01-10", "invoices", "INV-2", 4000, 14000),
        ("2026-02-03", "receipts", "R-1", -9700, 4300),
        ("2026-02-03", "discounts", "INV-1", -200, 4100),
        ("2026-02-20", "write_offs", "W-1", -100, 4000),
    ]
    assert running["text"].tolist()[3:] == ["Cash discount allowed with R-1", "Write-off: small"]
    assert running["step"].tolist() == [1, 2, 3, 4, 5]


def test_a_day_is_a_lookup_and_the_day_itself_is_in(ledger, seen):
    balances = balances_by_day(ledger(PAID_SHORT), scope=seen("2026-02-28"), customer_id="ACME")

    found = {
        day: int(balance_on(balances, date.fromisoformat(day))["balance"].iloc[0])
        for day in ("2026-01-05", "2026-01-09", "2026-01-10", "2026-02-02", "2026-02-03", "2026-02-28")
    }
    assert found == {
        "2026-01-05": 10000, "2026-01-09": 10000, "2026-01-10": 14000, "2026-02-02": 14000, "2026-02-03": 4100,
        "2026-02-28": 4000,
    }  # fmt: skip
    assert len(balances) == 55, "every day from the first fact to the as-of date"
    assert int(balances["moved"].sum()) == 4000
    for beyond in (date(2026, 1, 4), date(2026, 3, 1)):
        with pytest.raises(ParameterError, match="2026-01-05 to 2026-02-28"):
            balance_on(balances, beyond)


def test_the_span_may_begin_later_or_before_the_first_fact(ledger, seen):
    book, scope = ledger(PAID_SHORT), seen("2026-02-28")

    later = balances_by_day(book, scope=scope, customer_id="ACME", since=date(2026, 2, 3))
    early = balances_by_day(book, scope=scope, customer_id="ACME", since=date(2025, 12, 31))

    assert later[["balance", "moved"]].iloc[0].tolist() == [4100, -9900]
    assert balance_on(early, date(2025, 12, 31))["balance"].tolist() == [0]
    with pytest.raises(ParameterError, match="since"):
        balances_by_day(book, scope=scope, customer_id="ACME", since=date(2026, 3, 1))


def test_cash_of_another_account_moves_both_and_nothing_together(ledger, seen):
    book = ledger("""
item   INV-1 invoice CHILD 2026-01-05 100.00
item   R-1 receipt PARENT 2026-02-03 -150.00
apply  A-1 R-1 INV-1 2026-02-04 100.00
""")
    scope = seen("2026-02-28")

    child = running_balance(book, scope=scope, customer_id="CHILD")
    parent = running_balance(book, scope=scope, customer_id="PARENT")

    assert told(child)[-1] == ("2026-02-04", "transfers", "INV-1", -10000, 0)
    assert told(parent)[-1] == ("2026-02-04", "transfers", "R-1", 10000, -5000)
    assert child["text"].iloc[-1] == "Settled by R-1 of customer PARENT"
    assert parent["text"].iloc[-1] == "Set against INV-1 of customer CHILD"


def test_two_currencies_each_have_their_own_balance(ledger, seen):
    book = ledger("""
item   INV-1 invoice ACME 2026-01-05 100.00 currency=EUR
item   R-1 receipt ACME 2026-02-03 -110.00
apply  A-1 R-1 INV-1 2026-02-03 100.00 currency=EUR source_currency=USD source_amount=110.00
""")
    running = running_balance(book, scope=seen("2026-02-28"), customer_id="ACME")

    assert [(row.currency, row.line, row.balance) for row in running.itertuples()] == [
        ("EUR", "invoices", 10000), ("EUR", "applied_across_currencies", 0),
        ("USD", "receipts", -11000), ("USD", "applied_across_currencies", 0),
    ]  # fmt: skip


def test_sides_that_differ_show_and_a_reversal_takes_back(ledger, seen):
    book = ledger("""
item   INV-1 invoice ACME 2026-01-05 100.00
item   R-1 receipt ACME 2026-02-03 -99.99
apply  A-1 R-1 INV-1 2026-02-03 100.00 source_amount=99.99
apply  A-2 R-1 INV-1 2026-02-10 -100.00 source_amount=-99.99 reverses=A-1
item   R-2 receipt ACME 2026-02-10 99.99 reverses=R-1
""")
    running = running_balance(book, scope=seen("2026-02-28"), customer_id="ACME")

    assert told(running)[2:] == [
        ("2026-02-03", "transfers", "INV-1", -1, 0),
        ("2026-02-10", "returned_payments", "R-2", 9999, 9999),
        ("2026-02-10", "transfers", "INV-1", 1, 10000),
    ]
    assert running["text"].tolist()[2] == "The two sides of the application with R-1 differ"
    assert running["text"].tolist()[3] == "Returned payment, takes back R-1"
    assert running["text"].tolist()[4].endswith(", reversed")


MERGED = """
item   INV-1 invoice OLD 2026-01-05 100.00
item   INV-2 invoice NEW 2026-01-06 30.00
item   R-1 receipt OLD 2026-01-20 -60.00
apply  A-1 R-1 INV-1 2026-01-20 60.00
merge  OLD NEW 2026-02-01
item   INV-3 invoice OLD 2026-02-01 5.00
"""


def test_a_merger_brings_what_is_open_on_its_day(ledger, seen):
    running = running_balance(ledger(MERGED), scope=seen("2026-02-28"), customer_id="NEW")

    assert told(running) == [
        ("2026-01-06", "invoices", "INV-2", 3000, 3000),
        ("2026-02-01", "transfers", "INV-1", 4000, 7000),
        ("2026-02-01", "invoices", "INV-3", 500, 7500),
    ]
    assert running["text"].iloc[1] == "Merger: open under OLD until then"


def test_the_old_code_ends_on_the_day_and_is_apart_before(ledger, seen):
    book = ledger(MERGED)

    old = running_balance(book, scope=seen("2026-02-28"), customer_id="OLD")
    before = running_balance(book, scope=seen("2026-01-31"), customer_id="OLD")

    assert told(old)[-1] == ("2026-02-01", "transfers", "INV-1", -4000, 0)
    assert before["balance"].iloc[-1] == 4000
    for code in ("OLD", "NEW"):
        scope = seen("2026-02-28")
        mine = running_balance(book, scope=scope, customer_id=code)
        assert all(one.holds for one in running_identities(book, mine, scope=scope, customer_id=code))


def test_as_known_then_leaves_out_what_was_entered_later(ledger, seen):
    book = ledger(
        """
item   INV-1 invoice ACME 2026-01-05 100.00 entered=2026-01-05T10:00:00Z
item   R-1 receipt ACME 2026-01-20 -60.00 entered=2026-02-02T04:30:00Z
""",
        features=("entry_times",),
    )

    def last(**given):
        scope = seen("2026-01-31", **given)
        return int(running_balance(book, scope=scope, customer_id="ACME")["balance"].iloc[-1])

    assert last() == 4000
    assert last(known_at=date(2026, 1, 31)) == 10000
    # 04:30 in UTC is still the evening of the first in New York
    assert last(known_at=date(2026, 2, 1), time_zone="America/New_York") == 4000
    assert last(known_at=date(2026, 2, 1), time_zone="UTC") == 10000


def test_the_basis_says_which_day(ledger, seen):
    book = ledger("item INV-1 invoice ACME 2026-01-30 100.00 posting=2026-02-02")

    ledger_view = running_balance(book, scope=seen("2026-02-28"), customer_id="ACME")
    customer_view = running_balance(book, scope=seen("2026-02-28", basis=Basis.EFFECTIVE), customer_id="ACME")

    assert str(ledger_view["day"].iloc[0].date()) == "2026-02-02"
    assert str(customer_view["day"].iloc[0].date()) == "2026-01-30"


def test_a_customers_own_book_needs_no_name_and_gives_the_same(ledger, seen):
    book, scope = ledger(MERGED), seen("2026-02-28")

    own = running_balance(CustomerIndex.of(book).book_of("NEW"), scope=scope)

    assert own.equals(running_balance(book, scope=scope, customer_id="NEW"))
    with pytest.raises(ParameterError, match="customer_id"):
        running_balance(book, scope=scope)


def test_nobodys_cash_has_a_balance_too(ledger, seen):
    book = ledger("item R-1 receipt X 2026-01-20 -60.00 cash_status=unidentified")
    book["items"].loc[0, "customer_id"] = None

    own = CustomerIndex.of(book).book_of("")

    assert running_balance(own, scope=seen("2026-02-28"))["balance"].tolist() == [-6000]


def test_a_customer_without_a_fact_has_empty_frames(ledger, seen):
    book, scope = ledger(PAID_SHORT), seen("2026-02-28")

    assert running_balance(book, scope=scope, customer_id="NOBODY").empty
    balances = balances_by_day(book, scope=scope, customer_id="NOBODY")
    assert balance_on(balances, date(2026, 2, 1)).empty
    assert roll_forward(book, scope=scope, since=date(2026, 2, 1), customer_id="NOBODY").lines.empty


def test_a_snapshot_knows_its_own_day_only(ledger, seen):
    book = ledger(PAID_SHORT, features=("snapshot",), snapshot_date="2026-02-28")

    balances = balances_by_day(book, scope=seen("2026-02-28"), customer_id="ACME")

    assert balances["day"].dt.strftime("%Y-%m-%d").tolist() == ["2026-02-28"]
    with pytest.raises(ParameterError, match="snapshot"):
        roll_forward(book, scope=seen("2026-02-28"), since=date(2026, 2, 1), customer_id="ACME")


def test_the_roll_forward_foots_and_opens_to_its_documents(ledger, seen):
    found = roll_forward(
        ledger(PAID_SHORT), scope=seen("2026-02-28"), since=date(2026, 2, 1), customer_id="ACME"
    )

    assert found.lines[["line", "amount", "count"]].to_records(index=False).tolist() == [
        ("opening", 14000, 2), ("receipts", -9700, 1), ("discounts", -200, 1), ("write_offs", -100, 1), ("closing", 4000, 1),
    ]  # fmt: skip
    assert found.of("USD", "opening")["document_no"].tolist() == ["INV-1", "INV-2"]
    assert found.of("USD", "closing")["document_no"].tolist() == ["INV-2"]
    assert found.of("USD", "discounts")["item_id"].tolist() == ["INV-1"]
    assert found.lines["words"].tolist()[0] == "Opening balance"
    assert [one.holds for one in found.identities] == [True, True]


def test_since_the_day_itself_is_a_movement(ledger, seen):
    scope = seen("2026-02-28")

    on = roll_forward(ledger(PAID_SHORT), scope=scope, since=date(2026, 2, 3), customer_id="ACME")
    after = roll_forward(ledger(PAID_SHORT), scope=scope, since=date(2026, 2, 4), customer_id="ACME")

    assert on.lines["amount"].tolist()[0] == 14000
    assert after.lines["amount"].tolist() == [4100, -100, 4000]
    with pytest.raises(ParameterError, match="since"):
        roll_forward(ledger(PAID_SHORT), scope=scope, since=date(2026, 3, 1), customer_id="ACME")
