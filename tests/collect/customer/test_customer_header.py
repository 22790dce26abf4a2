"""The header of one customer: figures worked out by hand, ties to the reports, and what is said where nothing is on file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from arlib.collect.customer import account_of, header
from arlib.collect.customer.cautions import cautions_of
from arlib.collect.customer.days_of_sales import customer_dso
from arlib.collect.kpi.performance import performance
from arlib.collect.position import position
from arlib.ledger.aging import age_items, aging
from arlib.ledger.openitems import open_items
from arlib.policy import AgingPolicy, Credits, PerformancePolicy, Policies
from arlib.policy.performance import DsoConvention

POLICIES = Policies()


def of(make, tables, as_of=date(2026, 10, 31), policies=POLICIES, customer="C1", **given):
    """The header of a customer of a small book."""
    return header(
        make.book_of(**tables), scope=make.scope_of(as_of, **given), policies=policies, customer_id=customer
    )


@pytest.fixture(scope="module")
def acme(make):
    """C1 owes 100 late, 50 soon, EUR 20 late, has 8 unapplied and a credit of 7; C2 is not it."""
    k = make
    return {
        "items": [
            k.invoice("LATE", 100_00, "2026-09-30"), k.invoice("SOON", 50_00, "2026-11-15"), k.cash("R1", 8_00, "2026-10-10"),
            k.invoice("CM", -7_00, None, item_type="credit_memo"), k.invoice("EURO", 20_00, "2026-10-30", currency="EUR"),
            k.invoice("C2I", 999_00, "2026-09-30", "C2"),
        ],
        "customers": [k.customer("C1", terms="net 30", contact="Jo", phone="+1"), k.customer("C2")],
        "fx_rates": [{"date": "2026-10-30", "base": "EUR", "quote": "USD", "rate": "1.10", "kind": "closing", "source": "ECB"}],
        "disputes": [
            {"dispute_id": "D1", "customer_id": "C1", "item_id": "LATE", "currency": "USD", "amount": 30_00,
             "opened_on": "2026-10-10", "reason": "price", "owner": "dana"},
            {"dispute_id": "D2", "customer_id": "C2", "item_id": "C2I", "currency": "USD", "amount": 30_00,
             "opened_on": "2026-10-10", "reason": "price"},
        ],
        "promises": [
            {"promise_id": "P1", "customer_id": "C1", "item_id": "LATE", "currency": "USD", "amount": 70_00,
             "promised_on": "2026-10-28", "pay_by": "2026-11-05", "owner": "amy"},
            {"promise_id": "P2", "customer_id": "C1", "item_id": "LATE", "currency": "USD", "amount": 70_00,
             "promised_on": "2026-10-02", "pay_by": "2026-10-12"},
            {"promise_id": "P3", "customer_id": "C2", "item_id": "C2I", "currency": "USD", "amount": 1_00,
             "promised_on": "2026-10-28", "pay_by": "2026-11-05"},
        ],
        "activities": [
            {"activity_id": "A1", "customer_id": "C1", "occurred_at": "2026-10-05T10:00:00Z", "kind": "call", "outcome": "reached",
             "done_by": "amy", "next_on": "2026-10-15"},
            {"activity_id": "A2", "customer_id": "C1", "occurred_at": "2026-10-20T10:00:00Z", "kind": "note", "text": "waits"},
            {"activity_id": "A3", "customer_id": "C2", "occurred_at": "2026-10-30T10:00:00Z", "kind": "call"},
        ],
        "orders": [{"order_no": "O1", "customer_id": "C1", "ordered_on": "2026-10-01", "currency": "USD", "amount": 40_00,
                    "billed_amount": 10_00, "state": "open"}],
    }  # fmt: skip


def test_balances_are_by_currency_and_in_the_books(make, acme):
    found = of(make, acme)

    euro, dollar = found.balances
    assert (euro.currency, euro.outstanding, euro.past_due, euro.books_amount) == ("EUR", 20_00, 20_00, 22_00)
    assert euro.rate == "closing EUR/USD of 2026-10-30, ECB"
    assert (dollar.outstanding, dollar.debits, dollar.credits, dollar.unapplied) == (
        135_00,
        150_00,
        -15_00,
        -8_00,
    )
    assert (dollar.past_due, dollar.disputed, dollar.items) == (100_00, 30_00, 4)
    assert (dollar.oldest_due_date, dollar.max_days_past_due) == (date(2026, 9, 30), 31)
    assert found.books_total == 157_00
    assert found.books_words == "at closing EUR/USD of 2026-10-30, ECB"
    assert found.books_aging is not None
    assert dict(found.books_aging.buckets) == {
        "current": 50_00, "1-30": 22_00, "31-60": 100_00, "61-90": 0, "91-120": 0, "121+": 0, "credit": -7_00,
        "unapplied": -8_00, "no_due_date": 0,
    }  # fmt: skip
    assert found.sentence.startswith(
        "Name of C1 (C1), active: EUR 20.00, all of it past due; USD 135.00, USD 100.00 of it past due at 2026-10-31"
    )


def test_without_a_closing_rate_the_books_total_says_so(make, acme):
    found = of(make, {name: rows for name, rows in acme.items() if name != "fx_rates"})

    assert (found.books_total, found.books_aging) == (None, None)
    assert found.books_words == "no closing rate of EUR at 2026-10-31"
    assert found.balances[0].rate == "no closing rate EUR/USD"
    assert found.balances[0].books_amount is None
    other = of(make, {name: rows for name, rows in acme.items() if name != "fx_rates"}, customer="C2")
    assert other.books_total == 999_00, "another customer's currency is none of it"


def test_the_limit_is_held_against_the_exposure_or_is_not_on_file(make, acme):
    limit = of(make, acme).limit
    none = of(make, acme | {"customers": [make.customer("C1", None)]}).limit

    # open debits 150.00 and EUR 20.00 at 1.10, and 30.00 of an order not billed; no right of set-off is on record
    assert (limit.exposure, limit.in_books, limit.available, limit.utilisation) == (
        202_00,
        1_000_00,
        798_00,
        "0.2020",
    )
    assert (
        limit.words
        == "USD 1,000.00; exposure USD 202.00, USD 30.00 of it ordered and not billed; USD 798.00 left (20.20 % used)"
    )
    assert (none.amount, none.available, none.utilisation) == (None, None, None)
    assert none.words.startswith("no limit on file; exposure USD 202.00")


def test_promises_disputes_and_contacts_are_its_own(make, acme):
    found = of(make, acme)

    assert [(one.promise_id, one.left, one.pay_by, one.owner) for one in found.promises] == [
        ("P1", 70_00, date(2026, 11, 5), "amy")
    ]
    assert found.promise_words == "1 open (USD 70.00 by 2026-11-05); of 1 judged 0 kept, 0 in part, 1 broken"
    assert [(one.dispute_id, one.open_now, one.is_late) for one in found.disputes] == [("D1", 30_00, False)]
    assert found.dispute_words == "1 open (USD 30.00 price since 2026-10-10, dana); 0 settled"
    # a note is a touch and no contact; the oldest item is 31 days late: 10 days are allowed, the call was 26 days ago
    contact = found.contact
    assert (contact.last_on, contact.last_kind, contact.last_by) == (date(2026, 10, 5), "call", "amy")
    assert (contact.days_since, contact.allowed_days, contact.days_over, contact.is_in_time) == (
        26,
        10,
        16,
        False,
    )
    assert (contact.next_on, contact.last_right_on) == (date(2026, 10, 15), date(2026, 10, 5))
    assert contact.words == "Last contact 26 days ago (call); 16 days over the 10 allowed."
    assert contact.last_touch_words == "Note on 2026-10-20: waits"


def test_habit_is_told_in_words_with_its_convention(make):
    k = make
    parts = [k.paid(n, 100_00, f"2026-0{n}-10", f"2026-0{n}-22") for n in range(1, 9)]
    found = of(k, k.together(*parts))
    few = of(k, k.together(*parts[:2]))

    assert found.habit.words.startswith(
        "pays 12 days late, steady (median over the items of 8 receipts in 12 months)"
    )
    assert (found.habit.payments, found.habit.median_days_late, found.habit.mean_days_late) == (
        8,
        "12.0",
        "12.0",
    )
    assert (found.habit.last_payment_on, found.habit.last_payment_amount) == (date(2026, 8, 22), 100_00)
    assert few.habit.words == "2 payments in 12 months: too few to tell"
    assert few.habit.score is None
    lines = {line.label: line.value for line in found.lines()}
    assert lines["Last payment"] == "USD 100.00 on 2026-08-22, 70 days ago"
    assert lines["Balance"] == "owes nothing, and nothing is owed to it"


def test_nothing_on_file_is_said_in_words_and_no_zero(make):
    found = of(make, {"items": [make.invoice("I1", 10_00, "2026-10-15")], "customers": []})

    lines = {line.label: line.value for line in found.lines()}
    assert lines["Status"] == "no master data on file"
    assert lines["Terms"] == "no terms on file"
    assert lines["Limit"].startswith("no limit on file")
    assert lines["Promises"] == "no promises on file"
    assert lines["Disputes"] == "no disputes on file"
    assert lines["Contact"] == "No contacts in the books: cannot be judged."
    assert lines["Last touch"] == "no activity on file"
    assert lines["Last payment"] == "no payment on file"
    assert lines["Habit"] == "no payment in 12 months"
    assert lines["Person who pays"] == "nobody on file"
    assert found.cautions == ()


@pytest.mark.parametrize(
    ("tables", "ground", "is_stop"),
    [
        ({"customers": [{"status": "bankrupt"}]}, "bankrupt", True),
        ({"customers": [{"status": "cease_contact"}]}, "cease_contact", True),
        ({"customers": [{"status": "sanctioned"}]}, "sanctioned", True),
        ({"customers": [{"status": "estate"}]}, "estate", True),
        ({"customers": [{"status": "legal"}]}, "legal", True),
        ({"customers": [{"status": "closed"}]}, "closed", False),
        ({"customers": [{"is_on_credit_hold": True}]}, "credit_hold", False),
        ({"holds": [{"hold_id": "H1", "kind": "legal", "placed_on": "2026-10-01"}]}, "legal_hold", True),
        ({"holds": [{"hold_id": "H1", "kind": "bank_details", "placed_on": "2026-10-01"}]}, "bank_details_hold", False),
        ({"collection_exceptions": [{"exception_id": "X", "procedure": "no_calls", "reason": "=1+1", "owner": "cfo",
                                     "valid_from": "2026-10-01", "expires_on": "2026-10-31"}]}, "exception", False),
    ],
)  # fmt: skip
def test_a_caution_is_of_its_customer_and_of_no_other(make, tables, ground, is_stop):
    k = make
    rows = {name: [{"customer_id": "C1"} | row for row in given] for name, given in tables.items()}
    customers = [k.customer("C1") | rows.pop("customers", [{}])[0], k.customer("C2")]
    book = {
        "items": [k.invoice("I1", 10_00, "2026-10-15"), k.invoice("I2", 10_00, "2026-10-15", "C2")],
        "customers": customers,
    }

    def cautions(customer):
        made = k.book_of(**book, **rows)
        return cautions_of(account_of(made, scope=k.scope_of(), policies=POLICIES, customer_id=customer))

    assert [(one.ground, one.is_stop) for one in cautions("C1")] == [(ground, is_stop)]
    assert cautions("C2") == ()


def test_the_sentence_ends_with_what_stops_a_call(make):
    items = [make.invoice("I1", 10_00, "2026-10-15")]
    stopped = of(make, {"items": items, "customers": [make.customer("C1") | {"status": "cease_contact"}]})
    held = of(make, {"items": items, "customers": [make.customer("C1") | {"is_on_credit_hold": True}]})

    assert stopped.sentence.endswith("Customer C1 asked not to be contacted (status on 2026-10-31).")
    assert held.sentence.endswith("no payment in 12 months.")
    assert held.lines()[0].value == "On credit hold: no new orders go out."


def test_what_began_after_the_as_of_date_is_a_caution_for_who_calls_today(make):
    k = make
    tables = {
        "items": [k.invoice("I1", 10_00, "2026-10-15")],
        "customers": [k.customer("C1") | {"status": "bankrupt"}],
        "customer_history": [{"customer_id": "C1", "attribute": "status", "value": "active", "valid_from": "2026-01-01"},
                             {"customer_id": "C1", "attribute": "status", "value": "bankrupt", "valid_from": "2026-11-10"}],
    }  # fmt: skip
    found = of(k, tables)

    assert found.status == "active"
    assert found.status_words == "active at 2026-10-31, today bankrupt or insolvent"
    assert [one.words for one in found.cautions] == [
        "Customer C1 is bankrupt or insolvent: file a claim, do not dun (status today)."
    ]


def test_items_that_are_barred_are_counted(make):
    k = make
    tables = {
        "items": [k.invoice("I1", 10_00, "2026-10-15"), k.invoice("I2", 5_00, "2026-10-15", assigned_to="Factor AG")],
        "holds": [{"hold_id": "H1", "customer_id": "C1", "item_id": "I1", "kind": "sanction", "placed_on": "2026-10-01"}],
    }  # fmt: skip
    words = [one.words for one in of(k, tables).cautions]

    assert words == [
        "D-I1: sanction hold H1 stands since 2026-10-01. Nobody may ask for it; 1 other open debt is not barred by this.",
        "D-I2: it is assigned to Factor AG. Nobody may ask for it; 1 other open debt is not barred by this.",
    ]
    assert [(one.documents, one.is_stop) for one in of(k, tables).cautions] == [
        (("D-I1",), False),
        (("D-I2",), False),
    ]
    assert words[0] in of(k, tables).sentence


def test_where_every_open_item_is_barred_nobody_may_ask_for_anything(make):
    k = make
    items = [k.invoice(name, 10_00, "2026-10-15", assigned_to="Factor AG") for name in ("I1", "I2")]
    (found,) = of(k, {"items": items}).cautions

    assert found.words == "D-I1, D-I2: it is assigned to Factor AG. Nobody may ask for them."
    assert found.is_stop


def test_cash_that_nobody_applied_is_a_payment(make):
    k = make
    owed = k.invoice("I1", 3_200_00, "2026-09-15")
    lines = {
        line.label: line.value
        for line in of(k, {"items": [owed, k.cash("R1", 800_00, "2026-10-27")]}).lines()
    }

    assert lines["Last payment"] == "USD 800.00 on 2026-10-27, 4 days ago, not applied"
    assert lines["Habit"] == "its one payment is not applied yet"
    assert lines["Score"] == "no score: 0 payments applied"
    two = of(k, {"items": [owed, k.cash("R1", 800_00, "2026-10-27"), k.cash("R2", 5_00, "2026-10-01")]})
    assert two.habit.words == "none of its 2 payments is applied yet"
    assert (two.habit.waiting_on, two.habit.waiting) == (date(2026, 10, 27), (("USD", 800_00),))


def test_the_last_payment_is_the_newest_whether_applied_or_not(make):
    k = make

    def last(*cash):
        found = of(k, k.together(k.paid(1, 100_00, "2026-09-10", "2026-09-22"), {"items": list(cash)}))
        return next(line.value for line in found.lines() if line.label == "Last payment")

    applied = "USD 100.00 on 2026-09-22, 39 days ago"
    assert last() == applied
    assert last(k.cash("R8", 7_00, "2026-09-21")) == applied
    assert last(k.cash("R8", 7_00, "2026-09-22")) == f"{applied}; USD 7.00 of that day is not applied"
    assert last(k.cash("R8", 7_00, "2026-10-01"), k.cash("R9", 3_00, "2026-10-01", currency="EUR")) == (
        "EUR 3.00 and USD 7.00 on 2026-10-01, 30 days ago, not applied; before it USD 100.00 on 2026-09-22"
    )
    back = k.cash("R8X", -7_00, "2026-10-02", reverses="R8")
    assert last(k.cash("R8", 7_00, "2026-10-01"), back) == applied, "what came back was not paid"


def test_a_merged_account_says_where_it_went(make):
    k = make
    tables = {
        "items": [k.invoice("I1", 10_00, "2026-10-15", "OLD")], "customers": [k.customer("C1"), k.customer("OLD")],
        "customer_merges": [{"old_customer_id": "OLD", "new_customer_id": "C1", "merged_on": "2026-09-01"}],
    }  # fmt: skip
    old, new = of(k, tables, customer="OLD"), of(k, tables)

    assert old.balances == ()
    assert [one.words for one in old.cautions] == ["The account was merged into C1 on 2026-09-01."]
    assert new.balances[0].outstanding == 10_00


def test_dso_of_a_company_with_one_customer_is_that_of_the_company(make):
    """A second method: the performance report's own figures over a ledger of this customer alone."""
    k = make

    def billed(n):
        day = date(2025 + (7 + n) // 12, (7 + n) % 12 + 1, 3 + n)
        return k.invoice(f"I{n}", 100_00 + 7_00 * n, "2026-12-31") | {
            "effective_date": str(day),
            "document_date": str(day),
        }

    memo = {"item_type": "credit_memo", "effective_date": "2026-09-09"}
    tables = {
        "items": [*(billed(n) for n in range(15)), k.invoice("CM", -20_00, None) | memo, k.cash("R1", 300_00, "2026-08-01")],
        "applications": [k.applied("R1", f"I{n}", 100_00, "2026-08-01") for n in range(3)],
    }  # fmt: skip
    book, scope = k.book_of(**tables), k.scope_of()
    whole = performance(book, position=position(book, scope=scope, policies=POLICIES), policies=POLICIES)

    for convention in DsoConvention:
        policies = replace(POLICIES, performance=PerformancePolicy(headline_dso=convention))
        found = customer_dso(account_of(book, scope=scope, policies=policies, customer_id="C1"))
        wanted = whole.now("dso", convention.value)
        assert found.convention == f"dso/{convention.value}"
        assert (found.value or None) == (wanted["value"] if isinstance(wanted["value"], str) else None)
        assert bool(found.value) is (convention is not DsoConvention.NET_OF_ALLOWANCE)
        assert found.formula == wanted["formula"]


@pytest.mark.parametrize("credits_", list(Credits))
def test_the_buckets_are_the_customers_line_of_the_aging(make, index, credits_):
    case, found = make.sample("UK01"), index("UK01")
    scope = case.position.scope
    policies = replace(POLICIES, aging=AgingPolicy(credits=credits_))
    rows = aging(age_items(open_items(case.book, scope=scope), as_of=scope.as_of, policy=policies.aging))
    wanted = {
        (row.customer_id, row.currency, row.bucket): int(row.amount)
        for row in rows.itertuples()
        if row.amount
    }
    busiest = rows["customer_id"].value_counts().index[:2]

    for code in busiest:
        lines = header(found.book_of(code), scope=scope, policies=policies).aging
        shown = {
            (code, line.currency, name): amount for line in lines for name, amount in line.buckets if amount
        }
        assert shown == {key: amount for key, amount in wanted.items() if key[0] == code}
        assert all(line.total == sum(amount for _, amount in line.buckets) for line in lines)
