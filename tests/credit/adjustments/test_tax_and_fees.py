"""Tax of exempt customers, and fees of returned payments: proposed once, and only where they are due."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import duckdb
import pytest

from arlib.credit.adjustments.proposed import adjustments_of
from arlib.policy import AdjustmentPolicy, Policies
from arlib.policy.adjustment import ReturnFee
from arlib.sources.sample.company import generate
from arlib.tables import Book

FEES = AdjustmentPolicy(
    fees=(
        ReturnFee(currency="USD", amount=Decimal("35"), country="US"),
        ReturnFee(currency="USD", amount=Decimal("40"), country="CA", cap=Decimal("25.509")),
        ReturnFee(currency="USD", amount=Decimal("10")),
    ),
    fee_waived_customers=("FRIEND",),
)


def test_only_the_tax_comes_back_where_the_certificate_held_at_the_invoice(propose, bill):
    silent = {"item_id": "I2", "amount": 50_00}  # does not say its tax
    made = propose(items=[bill("I1", 119_00, 19_00), silent], exemptions=[{}])
    row = made.proposals.iloc[0]
    assert (row["kind"], row["amount"], row["tax_amount"], row["reason"]) == (
        "tax_correction",
        1900,
        1900,
        "tax_exempt",
    )
    assert made.lines[["part", "role", "amount"]].to_numpy().tolist() == [["tax", "tax", 1900]]
    assert row["caution"] == ""


@pytest.mark.parametrize(
    ("certificate", "fault"),
    [
        ({"valid_to": "2026-08-01"}, ""),  # the day of the invoice is in
        ({"valid_from": "2026-08-01"}, ""),
        ({"valid_to": "2026-07-31"}, "certificate_expired"),
        ({"valid_from": "2026-08-02"}, "certificate_later"),
        ({"received_on": None}, "certificate_not_received"),
        ({"received_on": "2026-11-01"}, "certificate_not_received"),
        ({"jurisdiction": "US-TX"}, "other_jurisdiction"),
        ({"jurisdiction": "US"}, ""),
        ({"customer_id": "OTHER"}, None),
    ],
)
def test_the_certificate_decides(propose, bill, certificate, fault):
    customers = [{"customer_id": "ACME", "name": "Acme", "country": "US", "state": "US-CA"}]
    made = propose(items=[bill("I1", 119_00, 19_00)], exemptions=[certificate], customers=customers)
    assert made.blocked["blocked_by"].tolist() == ([fault] if fault else [])
    assert len(made.proposals) == (1 if fault == "" else 0)


def test_a_certificate_that_came_late_is_a_caution_and_tax_credited_before_comes_off(propose, bill):
    memo = {
        "item_id": "C1",
        "item_type": "credit_memo",
        "amount": -59_50,
        "tax_amount": -9_50,
        "reason": "price",
    }
    applied = {"source_item_id": "C1", "target_item_id": "I1", "target_amount": 59_50, "kind": "credit_memo"}
    made = propose(
        items=[bill("I1", 119_00, 19_00), memo],
        applications=[applied],
        exemptions=[{"received_on": "2026-09-01"}],
    )
    assert made.tax_corrections[["tax_charged", "tax_credited", "amount"]].to_numpy().tolist() == [
        [1900, 950, 950]
    ]
    assert made.proposals["caution"].tolist() == ["The certificate came on 2026-09-01, after the invoice."]


def test_a_request_for_it_is_proposed_once_and_needs_a_certificate(propose, bill):
    ask = {"request_id": "R1", "kind": "tax_correction", "item_id": "I1", "reason": "tax_exempt"}
    made = propose(items=[bill("I1", 119_00, 19_00)], exemptions=[{}], adjustment_requests=[ask])
    assert made.proposals["requested_by"].tolist() == ["dana"]
    for change, exemptions, fault in (
        ({}, [], "no_certificate"), ({"amount": 18_99}, [{}], "not_the_tax"), ({"item_id": "NONE"}, [{}], "unknown_item"),
    ):  # fmt: skip
        refused = propose(
            items=[bill("I1", 119_00, 19_00)], exemptions=exemptions, adjustment_requests=[{**ask, **change}]
        )
        assert refused.blocked["blocked_by"].tolist() == [fault]


def test_old_paid_invoices_that_no_certificate_covered_are_not_listed(propose, bill):
    items = [bill("I1", 119_00, 19_00), {"item_id": "P1", "item_type": "receipt", "amount": -119_00}]
    applied = [{"source_item_id": "P1", "target_item_id": "I1", "target_amount": 119_00}]
    made = propose(items=items, applications=applied, exemptions=[{"valid_from": "2026-10-01"}])
    assert made.blocked.empty


def returned(number: int = 1, **more):
    """A receipt that came back on 10 October."""
    return {"item_id": f"B{number}", "item_type": "receipt", "amount": 50_00, "reverses": f"P{number}", "reason": "nsf",
            "effective_date": "2026-10-10", **more}  # fmt: skip


@pytest.mark.parametrize(
    ("country", "fee"),
    [("US", 3500), ("CA", 2550), ("MX", 1000)],
    ids=["own row", "capped and cut down", "any country"],
)
def test_a_return_without_a_fee_gets_the_policys(propose, country, fee):
    made = propose(
        FEES, items=[returned()], customers=[{"customer_id": "ACME", "name": "Acme", "country": country}]
    )
    row = made.proposals.iloc[0]
    assert (row["kind"], row["amount"], row["requested_by"]) == ("fee", fee, "")
    assert made.fees["state"].tolist() == ["proposed"]


def test_no_second_fee(propose):
    """Two returns, one fee near in time and one that names its return: both are charged. A third return has none."""
    fee = {
        "item_type": "interest_or_fee",
        "amount": 35_00,
        "reason": "nsf_fee",
        "effective_date": "2026-10-12",
    }
    items = [
        returned(1), returned(2), returned(3, effective_date="2026-10-11"),
        {"item_id": "F1", **fee}, {"item_id": "F2", **fee, "effective_date": "2026-10-30", "replaces": "B1"},
        {"item_id": "F3", **fee, "customer_id": "OTHER"},
    ]  # fmt: skip
    made = propose(FEES, items=items)
    assert made.fees[["item_id", "state", "fee_item_id"]].fillna("").to_numpy().tolist() == [
        ["B1", "charged", "F2"], ["B2", "charged", "F1"], ["B3", "proposed", ""],
    ]  # fmt: skip
    assert made.proposals["item_id"].tolist() == ["B3"]


def test_a_fee_that_was_taken_back_is_none(propose):
    fee = {
        "item_type": "interest_or_fee",
        "amount": 35_00,
        "reason": "nsf_fee",
        "effective_date": "2026-10-12",
    }
    back = {"item_id": "F2", **fee, "amount": -35_00, "reverses": "F1"}
    assert len(propose(FEES, items=[returned(), {"item_id": "F1", **fee}, back]).proposals) == 1


@pytest.mark.parametrize(
    ("item", "customer", "state"),
    [
        ({"customer_id": "FRIEND"}, {}, "waived"),
        ({"effective_date": "2026-08-01"}, {}, "too_old"),
        ({"currency": "EUR"}, {}, "no_policy"),
        ({}, {"status": "bankrupt"}, "blocked"),
    ],
)
def test_where_no_fee_is_due(propose, item, customer, state):
    made = propose(
        FEES, items=[returned(**item)], customers=[{"customer_id": "ACME", "name": "A", **customer}]
    )
    assert made.proposals.empty
    assert made.fees["state"].tolist() == [state]
    assert made.blocked["blocked_by"].tolist() == (["customer_status"] if state == "blocked" else [])


def test_a_return_for_another_reason_is_none_and_the_banks_code_counts(propose):
    items = [returned(reason="stopped"), returned(2, reason=None)]
    receipts = [
        {"receipt_id": "X2", "item_id": "B2", "amount": -50_00, "return_of": "X1", "return_code": "R01"}
    ]
    made = propose(FEES, items=items, receipts=receipts)
    assert made.fees[["item_id", "return_code"]].to_numpy().tolist() == [["B2", "R01"]]


@pytest.fixture(scope="module")
def sample():
    return Book(generate(seed=7, items=800).tables)


def test_the_returned_payment_of_the_sample_has_its_fee_and_without_it_one_is_proposed(sample, scope):
    us = replace(scope, entity="US01")
    policies = Policies()
    honest = adjustments_of(sample, scope=us, policies=policies)
    assert honest.fees["state"].tolist() == ["charged"]
    assert not honest.proposals["kind"].eq("fee").any()
    items = sample["items"]
    charged = items["item_id"].eq(honest.fees["fee_item_id"].iloc[0]) & items["entity"].eq("US01")
    bare = replace(
        sample, tables={**sample.tables, "items": items[~charged.to_numpy(dtype=bool)].reset_index(drop=True)}
    )
    planted = adjustments_of(bare, scope=us, policies=policies)
    assert planted.fees["state"].tolist() == ["proposed"]
    assert planted.proposals.loc[planted.proposals["kind"].eq("fee"), "amount"].tolist() == [3500]
    assert us.as_of == date(2026, 10, 31)


def test_every_entity_of_the_sample_ties(sample, scope):
    for entity, currency in sample["entities"][["entity", "functional_currency"]].to_numpy().tolist():
        made = adjustments_of(
            sample, scope=replace(scope, entity=entity, functional_currency=currency), policies=Policies()
        )
        for identity in made.identities:
            identity.require()
        assert made.proposals["proposal_id"].is_unique


def test_tax_corrections_of_the_sample_by_sql(sample, scope):
    """Of invoices that nothing was credited on, the database finds the same ones, and the same tax."""
    uk = replace(scope, entity="UK01", functional_currency="GBP")
    made = adjustments_of(sample, scope=uk, policies=Policies()).tax_corrections
    items, applications, exemptions = (sample[name] for name in ("items", "applications", "exemptions"))
    assert len(items) * len(applications) * len(exemptions)
    found = (
        duckdb.connect()
        .sql(
            """
        select i.item_id, max(i.tax_amount) from items i join exemptions e on e.customer_id = i.customer_id
        where i.entity = 'UK01' and (e.entity = 'UK01' or e.entity is null or e.entity = '') and i.tax_amount > 0
          and i.item_type = 'invoice' and i.posting_date <= date '2026-10-31' and e.received_on <= date '2026-10-31'
          and i.document_date between e.valid_from and coalesce(e.valid_to, date '9999-12-31')
          and not exists (select 1 from applications a where a.entity = i.entity and a.target_item_id = i.item_id
                          and (a.kind in ('credit_memo', 'adjustment', 'write_off', 'transfer') or a.discount > 0))
        group by 1 order by 1
        """
        )
        .fetchall()
    )
    assert len(found) >= 2
    untouched = made[made["tax_credited"].eq(0)].sort_values("item_id")
    assert untouched[["item_id", "amount"]].to_numpy().tolist() == [list(row) for row in found]


def test_tax_given_back_is_not_credited_again_in_the_same_run(propose, bill):
    tax = {"request_id": "R1", "kind": "tax_correction", "item_id": "I1", "reason": "tax_exempt"}
    whole = {"request_id": "R2", "item_id": "I1", "amount": 119_00, "reason": "billed_in_error"}
    made = propose(items=[bill("I1", 119_00, 19_00)], exemptions=[{}], adjustment_requests=[tax, whole])
    assert made.proposals["amount"].tolist() == [1900]
    assert made.blocked["blocked_by"].tolist() == ["over_credit"]


OFFER = {"request_id": "R1", "kind": "settlement", "item_id": "I1", "amount": 40_00, "pay_by": "2026-12-31"}


@pytest.mark.parametrize(
    ("reason", "tax", "left"),
    [
        ("insolvency", 19_00, "60.00 USD are left to pay, not 79.00"),
        ("price", 12_61, "66.39 USD are left to pay"),
    ],
)
def test_a_loss_given_up_in_the_same_run_credits_no_tax(propose, bill, reason, tax, left):
    """119.00 with 19.00 tax, 40.00 given up: as a loss all 19.00 stay to correct, as a price 6.39 of them are credited."""
    books = {"items": [bill("I1", 119_00, 19_00)], "exemptions": [{}]}
    made = propose(**books, adjustment_requests=[{**OFFER, "reason": reason}])
    assert made.tax_corrections[["tax_credited", "amount"]].to_numpy().tolist() == [[19_00 - tax, tax]]
    caution = made.proposals.set_index("kind")["caution"]
    assert left in caution["settlement"]
    assert "Also proposed for the customer: settlement" in caution["tax_correction"]


def test_a_loss_in_the_books_credits_no_tax_either(propose, bill):
    off = {"item_id": "W1", "item_type": "write_off", "amount": -40_00, "reason": "uncollectable"}
    applied = [{"source_item_id": "W1", "target_item_id": "I1", "target_amount": 40_00, "kind": "write_off"}]
    made = propose(items=[bill("I1", 119_00, 19_00), off], applications=applied, exemptions=[{}])
    assert made.tax_corrections["amount"].tolist() == [1900]
    assert "tax relief claimed on it is to be repaid" in made.proposals["caution"].iloc[0]


def test_an_invoice_written_off_whole_has_no_tax_to_give_back(propose, bill):
    off = {"item_id": "W1", "item_type": "write_off", "amount": -119_00, "reason": "uncollectable"}
    applied = [{"source_item_id": "W1", "target_item_id": "I1", "target_amount": 119_00, "kind": "write_off"}]
    made = propose(items=[bill("I1", 119_00, 19_00), off], applications=applied, exemptions=[{}])
    assert (len(made.proposals), len(made.blocked)) == (0, 0)


@pytest.mark.parametrize(("paid", "above"), [(99_00, ""), (110_00, "10.00 USD"), (119_00, "19.00 USD")])
def test_the_whole_tax_is_owed_however_much_of_the_invoice_is_paid(propose, bill, paid, above):
    items = [bill("I1", 119_00, 19_00), {"item_id": "P1", "item_type": "receipt", "amount": -119_00}]
    applied = [{"source_item_id": "P1", "target_item_id": "I1", "target_amount": paid}]
    made = propose(items=items, applications=applied, exemptions=[{}])
    assert made.proposals["amount"].tolist() == [1900]
    said = f"{above} of it is more than is open on the invoice: it becomes a credit of the customer"
    assert made.proposals["caution"].iloc[0].startswith(said if above else "")
    assert bool(made.proposals["caution"].iloc[0]) == bool(above)
