"""Leakage: what counts, from which day on, what of it is lost, which causes recur, and that each kind ties to its source."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import duckdb
import pandas as pd
import pytest

from arlib.collect.leakage.leakage import Leakage, leakage
from arlib.policy import PerformancePolicy, Policies, Scope
from arlib.sources.sample.company import generate
from arlib.tables import CANONICAL, Book

ENDS = date(2026, 10, 31)
SCOPE = Scope(
    entity="E1", entity_name="One", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
    ends_on=ENDS, as_of=ENDS,
)  # fmt: skip
DEFAULTS: dict[str, dict[str, Any]] = {
    "customers": {"name": "Acme"},
    "items": {"customer_id": "ACME", "item_type": "invoice", "effective_date": "2026-10-01", "currency": "USD"},
    "applications": {
        "effective_date": "2026-10-10", "kind": "payment", "reason": "cash", "pairing": "stated",
        "source_currency": "USD", "target_currency": "USD",
    },
    "deductions": {
        "customer_id": "ACME", "item_id": "I1", "currency": "USD", "reason": "price", "taken_on": "2026-10-05",
        "state": "pending",
    },
    "disputes": {"customer_id": "ACME", "item_id": "I1", "currency": "USD", "opened_on": "2026-10-05", "reason": "quality"},
}  # fmt: skip
INVOICE = {"item_id": "I1", "amount": 100_00}


def leaks(*, scope: Scope = SCOPE, performance: PerformancePolicy | None = None, **tables: Any) -> Leakage:
    """The leaks of a book of these rows; every identity must hold."""
    tables.setdefault("customers", [{"customer_id": "ACME"}])
    frames = {name: CANONICAL[name].empty() for name in ("items", "applications")}
    for name, rows in tables.items():
        filled = [{"entity": "E1"} | DEFAULTS[name] | row for row in rows]
        for number, row in enumerate(filled):
            if name == "items":
                row.setdefault("document_no", row["item_id"])
            if name == "applications":
                row.setdefault("application_id", f"A{number}")
                row.setdefault("source_amount", row["target_amount"])
            if name in ("deductions", "disputes"):
                row.setdefault(f"{name[:-1]}_id", f"{name}{number}")
        columns = sorted({key for row in filled for key in row})
        frames[name] = CANONICAL[name].frame(
            {key: pd.Series([row.get(key) for row in filled], dtype="object") for key in columns}
        )
    policies = replace(Policies(), performance=performance or PerformancePolicy())
    made = leakage(Book(frames), scope=scope, policies=policies)
    for identity in made.identities:
        identity.require()
    return made


def of(made: Leakage, kind: str) -> list[tuple[Any, ...]]:
    rows = made.records[made.records["kind"].eq(kind)]
    columns = ["source_id", "cause", "team", "amount", "pending", "lost"]
    return [tuple(row) for row in rows[columns].itertuples(index=False, name=None)]


@pytest.mark.parametrize(
    ("taken", "months"),
    [("2025-10-31", []), ("2025-11-01", ["2025-11"]), ("2026-10-31", ["2026-10"]), ("2026-11-01", [])],
)
def test_twelve_calendar_months_up_to_the_as_of_date(taken, months):
    made = leaks(items=[INVOICE], deductions=[{"amount": 5_00, "taken_on": taken}])
    assert made.records["month"].to_list() == months
    assert (made.months[0], made.months[-1], len(made.months)) == ("2025-11", "2026-10", 12)


@pytest.mark.parametrize(
    ("state", "pending", "lost"),
    [("pending", 5_00, 0), ("valid", 0, 5_00), ("authorised", 0, 0), ("invalid", 0, 0), ("settled", 0, 0)],
)
def test_deductions(state, pending, lost):
    row = {"amount": 5_00, "state": state, "decided_on": "2026-10-20"}
    made = leaks(items=[INVOICE], deductions=[row])
    assert of(made, "deduction") == [("deductions0", "price", "sales", 5_00, pending, lost)]
    later = leaks(items=[INVOICE], deductions=[row | {"decided_on": "2026-11-01"}])
    assert of(later, "deduction")[0][4] == 5_00  # not decided yet


def test_disputes_by_reason_while_open_and_by_root_cause_once_settled():
    rows = [
        {"amount": 60_00}, {"amount": 80_00},
        {"amount": 30_00, "closed_on": "2026-10-31", "root_cause": "price_list", "team": "billing"},
        {"amount": 30_00, "closed_on": "2026-11-01", "root_cause": "price_list", "team": "billing"},
    ]  # fmt: skip
    assert of(leaks(items=[INVOICE], disputes=rows), "dispute") == [
        ("disputes0", "quality", "quality", 60_00, 60_00, 0),
        ("disputes1", "quality", "quality", 80_00, 40_00, 0),  # no more is open
        ("disputes2", "price_list", "billing", 30_00, 0, 0),
        ("disputes3", "quality", "quality", 30_00, 0, 0),
    ]


CHARGED = [
    {"item_id": "I0", "amount": 100_00}, {"item_id": "T0", "item_type": "transfer", "amount": -20_00},
    {"item_id": "I0-C", "item_type": "chargeback", "amount": 20_00, "replaces": "I0", "reason": "short_payment"},
]  # fmt: skip
MOVED = {"source_item_id": "T0", "target_item_id": "I0", "target_amount": 20_00, "kind": "debit_to_debit"}


def test_short_payments_are_pending_while_open_and_lost_when_credited():
    made = leaks(items=CHARGED, applications=[MOVED])
    assert of(made, "short_payment") == [("I0-C", "short_payment", "collections", 20_00, 20_00, 0)]
    memo = {"item_id": "C1", "item_type": "credit_memo", "amount": -15_00, "reason": "price"}
    given = {"source_item_id": "C1", "target_item_id": "I0-C", "target_amount": 15_00, "kind": "credit_memo"}
    made = leaks(items=[*CHARGED, memo], applications=[MOVED, given])
    assert of(made, "short_payment") == [("I0-C", "short_payment", "collections", 20_00, 5_00, 15_00)]


def test_a_short_payment_takes_the_cause_of_its_dispute_and_none_counts_twice():
    said = [{"item_id": "I0", "amount": 20_00, "reason": "not_delivered"}]
    made = leaks(items=CHARGED, applications=[MOVED], disputes=said)
    assert of(made, "short_payment")[0][:3] == ("I0-C", "not_delivered", "logistics")
    claimed = leaks(items=CHARGED, applications=[MOVED], deductions=[{"amount": 20_00, "item_id": "I0-C"}])
    assert of(claimed, "short_payment") == []
    off = {"item_id": "W1", "item_type": "write_off", "amount": -20_00, "reason": "small_balance"}
    gone = {"source_item_id": "W1", "target_item_id": "I0-C", "target_amount": 20_00, "kind": "write_off"}
    swept = leaks(items=[*CHARGED, off], applications=[MOVED, gone])
    assert (of(swept, "short_payment")[0][5], of(swept, "small_write_off")[0][5]) == (0, 20_00)


def test_credit_and_rebill_loses_what_is_not_billed_again():
    memo = {
        "item_id": "C1",
        "item_type": "credit_memo",
        "amount": -100_00,
        "reverses": "I1",
        "reason": "goodwill",
    }
    again = {"item_id": "I1-N", "amount": 70_00, "replaces": "I1"}
    assert of(leaks(items=[INVOICE, memo, again]), "credit_and_rebill") == [
        ("C1", "goodwill", "billing", 100_00, 0, 30_00)
    ]
    dearer = leaks(items=[INVOICE, memo, again | {"amount": 130_00}])
    assert of(dearer, "credit_and_rebill")[0][5] == 0
    error = leaks(items=[INVOICE, memo | {"reason": "duplicate_invoice"}])
    assert of(error, "credit_and_rebill") == [("C1", "duplicate_invoice", "billing", 100_00, 0, 0)]
    assert any("should not have been billed" in limit for limit in error.limits)
    plain = leaks(items=[INVOICE, memo])  # goodwill, and nothing billed again: no billing error
    assert of(plain, "credit_and_rebill") == []


def test_two_credits_of_one_invoice_share_the_new_one():
    memos = [
        {
            "item_id": f"C{n}",
            "item_type": "credit_memo",
            "amount": -50_00,
            "reverses": "I1",
            "reason": "rebill",
        }
        for n in (1, 2)
    ]
    again = {"item_id": "I1-N", "amount": 80_00, "replaces": "I1"}
    made = leaks(items=[INVOICE, *memos, again])
    assert [row[5] for row in of(made, "credit_and_rebill")] == [0, 20_00]


@pytest.mark.parametrize(("delivered", "late"), [("2026-09-26", None), ("2026-09-25", 1), ("2026-09-16", 10)])
def test_late_billing_in_amount_days(delivered, late):
    made = leaks(items=[INVOICE | {"delivery_date": delivered}, {"item_id": "I2", "amount": 1_00}])
    assert made.late_billing["days_late"].to_list() == ([] if late is None else [late])
    assert made.late_billing["amount_days"].to_list() == ([] if late is None else [late * 100_00])
    assert of(made, "late_billing") == ([] if late is None else [("I1", "billed_late", "billing", 100_00, 0, 0)])  # fmt: skip
    assert any(limit.startswith("No day of delivery on 1 invoice ") for limit in made.limits)


def test_a_rebill_was_not_billed_late():
    made = leaks(items=[INVOICE | {"replaces": "I0", "delivery_date": "2026-01-01"}])
    assert made.late_billing.empty


@pytest.mark.parametrize(
    ("row", "lost"),
    [
        ({"amount": -5_00}, 5_00), ({"amount": -5_01}, None), ({"amount": -400_00, "reason": "small_balance"}, 400_00),
        ({"amount": -5_00, "item_type": "adjustment"}, 5_00), ({"amount": 5_00}, -5_00),
        ({"amount": -500, "currency": "JPY"}, None), ({"amount": -5, "currency": "JPY"}, 5),
    ],
)  # fmt: skip
def test_small_write_offs(row, lost):
    made = leaks(items=[{"item_id": "W1", "item_type": "write_off", "reason": "uncollectable"} | row])
    assert [found[5] for found in of(made, "small_write_off")] == ([] if lost is None else [lost])


def paid(on="2026-10-10", discount=2_00, **more):
    receipt = {"item_id": "R1", "item_type": "receipt", "amount": -98_00, "effective_date": on}
    return receipt, {"source_item_id": "R1", "target_item_id": "I1", "target_amount": 98_00, "discount": discount, **more}  # fmt: skip


OFFER = {"discount_rate": "0.02", "discount_date": "2026-10-05"}


@pytest.mark.parametrize(
    ("on", "discount", "found"),
    [
        ("2026-10-05", 2_00, []),
        ("2026-10-10", 2_00, []),  # last of five days of grace
        ("2026-10-11", 2_00, [("taken_late", 2_00)]),
        ("2026-10-05", 2_01, []),  # a cent is rounding
        ("2026-10-05", 5_00, [("more_than_agreed", 3_00)]),
    ],
)
def test_unearned_discounts_by_the_offer_of_the_invoice(on, discount, found):
    receipt, application = paid(on, discount)
    application["target_amount"] = 100_00 - discount
    made = leaks(items=[INVOICE | OFFER, receipt], applications=[application])
    assert [(row[1], row[5]) for row in of(made, "unearned_discount")] == found


@pytest.mark.parametrize(
    ("terms", "found", "is_judged"),
    [
        ("2/10 net 30", [], True), ("2/3 net 30", [("taken_late", 2_00)], True), ("net 30", [("not_agreed", 2_00)], True),
        (None, [], False), ("whenever", [], False),
    ],
)  # fmt: skip
def test_unearned_discounts_by_the_terms_of_the_customer(terms, found, is_judged):
    receipt, application = paid("2026-10-11")
    made = leaks(
        customers=[{"customer_id": "ACME", "terms": terms}],
        items=[INVOICE, receipt],
        applications=[application],
    )
    assert [(row[1], row[5]) for row in of(made, "unearned_discount")] == found
    assert any("cannot be judged" in limit for limit in made.limits) != is_judged


def test_a_reversal_takes_its_discount_back():
    receipt, application = paid("2026-10-20")
    back = application | {
        "target_amount": -98_00,
        "discount": -2_00,
        "application_id": "AX",
        "reverses": "A0",
    }
    made = leaks(items=[INVOICE | OFFER, receipt], applications=[application, back])
    assert made.lines["lost"].to_list() == [0]


def test_booking_rates_and_amounts_without_one():
    euro = {"item_id": "I1", "amount": 100_00, "currency": "EUR", "functional_amount": 110_00}
    kept = leaks(items=[euro], deductions=[{"amount": 10_00, "currency": "EUR"}]).lines.iloc[0]
    assert (kept["amount"], kept["books_amount"], kept["books_pending"], kept["unrated"]) == (10_00, 11_00, 11_00, 0)  # fmt: skip
    bare = leaks(
        items=[euro | {"functional_amount": None}], deductions=[{"amount": 10_00, "currency": "EUR"}]
    )
    assert bare.lines.iloc[0]["unrated"] == 1
    assert any("No booking rate for 1 record" in limit for limit in bare.limits)


def test_recurring_by_months_or_by_customers():
    rows = [{"amount": 1_00, "taken_on": f"2026-0{month}-15", "reason": "price"} for month in (7, 8, 9)]
    rows += [
        {"amount": 2_00, "reason": "tax", "customer_id": name, "item_id": None} for name in ("A", "B", "C")
    ]
    rows += [{"amount": 90_00, "reason": "quality"}] * 2
    names = [{"customer_id": name} for name in ("ACME", "A", "B", "C")]
    made = leaks(customers=names, items=[INVOICE], deductions=[row | {} for row in rows]).recurring
    found = made.set_index("cause")[["months", "customers", "is_recurring", "records"]].T.to_dict("list")
    assert found == {"tax": [1, 3, True, 3], "price": [3, 1, True, 3], "quality": [1, 1, False, 2]}
    assert made["cause"].to_list() == ["tax", "price", "quality"]  # the recurring first, then the amount
    strict = PerformancePolicy(recurring_months=4, recurring_customers=4)
    again = leaks(customers=names, items=[INVOICE], deductions=[row | {} for row in rows], performance=strict)
    assert not again.recurring["is_recurring"].any()


def test_empty_books_say_what_is_missing():
    made = leaks(items=[])
    assert made.lines.empty
    assert made.recurring.empty
    assert made.late_billing.empty
    assert [limit for limit in made.limits if "no table of" in limit] == [
        "The books have no table of deductions: none is counted.",
        "The books have no table of disputes: none is counted.",
    ]


SQL = """
select kind, currency, count(*)::bigint, sum(amount)::bigint from (
    select 'deduction' as kind, currency, amount from deductions where entity = $entity and taken_on between $begins and $ends
    union all
    select 'dispute', currency, amount from disputes where entity = $entity and opened_on between $begins and $ends
    union all
    select 'short_payment', currency, amount from items i where entity = $entity and item_type = 'chargeback'
        and coalesce(posting_date, effective_date) between $begins and $ends
        and not exists (select 1 from deductions d where d.entity = i.entity and d.item_id = i.item_id)
    union all
    select 'credit_and_rebill', currency, -amount from items where entity = $entity and item_type = 'credit_memo'
        and reason in ('billed_in_error', 'duplicate_invoice', 'wrong_customer', 'wrong_quantity', 'billing_error', 'rebill')
        and coalesce(posting_date, effective_date) between $begins and $ends
    union all
    select 'late_billing', currency, amount from items where entity = $entity and item_type = 'invoice'
        and coalesce(replaces, '') = '' and coalesce(posting_date, effective_date) between $begins and $ends
        and date_diff('day', delivery_date, coalesce(document_date, effective_date)) > 5
    union all
    select 'small_write_off', currency, -amount from items where entity = $entity and item_type in ('write_off', 'adjustment')
        and (reason = 'small_balance' or abs(amount) <= case currency when 'JPY' then 5 when 'KWD' then 5000 else 500 end)
        and coalesce(posting_date, effective_date) between $begins and $ends
    union all
    select 'unearned_discount', a.target_currency, a.discount from applications a
        join items i on i.entity = a.entity and i.item_id = a.target_item_id
        join items r on r.entity = a.entity and r.item_id = a.source_item_id
        where a.entity = $entity and a.discount <> 0 and r.effective_date > i.discount_date + interval 5 day
        and coalesce(a.posting_date, a.effective_date) between $begins and $ends
) group by kind, currency
"""


def test_sql_finds_the_same_on_the_sample_company():
    sample = generate(seed=7, items=800)
    tables, seen = duckdb.connect(), 0
    for name in ("deductions", "disputes", "items", "applications"):
        tables.register(name, sample.tables[name])
    for row in sample.tables["entities"].itertuples():
        scope = replace(SCOPE, entity=str(row.entity), functional_currency=str(row.functional_currency))
        made = leakage(Book(dict(sample.tables)), scope=scope, policies=Policies())
        for identity in made.identities:
            identity.require()
        asked = {"entity": scope.entity, "begins": date(2025, 11, 1), "ends": ENDS}
        expected = {(kind, code): (count, amount) for kind, code, count, amount in tables.execute(SQL, asked).fetchall()}  # fmt: skip
        sums = made.lines.groupby(["kind", "currency"])[["records", "amount"]].sum()
        found = {key: (int(row["records"]), int(row["amount"])) for key, row in sums.iterrows()}
        assert found == expected
        assert made.records["amount"].sum() == made.lines["amount"].sum()
        seen += sum(count for count, _ in expected.values())
    assert seen > 20
