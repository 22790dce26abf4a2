"""Files, terms, references and portals: the boundary days, and the planted cases both ways."""

from __future__ import annotations

import pandas as pd
import pytest

from arlib.collect.review.files import file_checklist
from arlib.collect.review.portals import portals
from arlib.collect.review.references import references
from arlib.collect.review.terms import terms_register
from arlib.policy import CreditReviewPolicy, Policies
from arlib.tables.choices import FileKind

TAX_ONLY = Policies(credit_review=CreditReviewPolicy(required_files=(FileKind.TAX_FORM,)))


def tax_form(**more):
    return {"customer_id": "C1", "kind": "tax_form", "reference": "W-9", "received_on": "2025-01-01"} | more


@pytest.mark.parametrize(
    ("last", "state", "left"),
    [("2026-10-30", "expired", -1), ("2026-10-31", "expires_soon", 0), ("2026-12-30", "expires_soon", 60),
     ("2026-12-31", "on_file", 61), (None, "on_file", None)],
)  # fmt: skip
def test_a_document_expires_after_its_last_day(k, last, state, left):
    made = k.case({"customer_files": [tax_form(expires_on=last)]}, TAX_ONLY).of(file_checklist).iloc[0]
    assert made["state"] == state
    assert made["days_left"] == left if left is not None else pd.isna(made["days_left"])
    assert bool(made["is_required"])


def test_the_document_that_holds_longest_counts_and_none_is_missing(k):
    files = [tax_form(expires_on="2026-01-01"), tax_form(reference="new", received_on="2026-01-01"),
             tax_form(reference="later", received_on="2026-11-01")]  # fmt: skip
    made = k.case({"customer_files": files}).of(file_checklist).set_index("kind")
    assert made.loc["tax_form", "reference"] == "new"
    assert (made.loc["credit_application", "state"], len(made)) == ("missing", 2)


def test_who_needs_no_file(k):
    """Closed, intercompany or merged accounts, and every account where no files are kept at all."""
    customers = [
        k.customer("C1", status="closed"), k.customer("C2", is_intercompany=True), k.customer("C3"), k.customer("OLD"),
    ]  # fmt: skip
    merged = [{"old_customer_id": "OLD", "new_customer_id": "C3", "merged_on": "2026-10-31"}]
    tables = {
        "customers": customers,
        "customer_merges": merged,
        "customer_files": [tax_form(customer_id="C9")],
    }
    made = k.case(tables, TAX_ONLY).of(file_checklist)
    assert made.loc[made["state"].eq("missing"), "customer_id"].tolist() == ["C3"]
    assert k.case({"customers": customers}, TAX_ONLY).of(file_checklist).empty


@pytest.mark.parametrize(("received", "state"), [("2025-10-31", "on_file"), ("2025-10-30", "review_due")])
def test_old_financial_statements_are_reviewed(k, received, state):
    files = [tax_form(), tax_form(kind="financial_statements", received_on=received)]
    made = k.case({"customer_files": files}, TAX_ONLY).of(file_checklist).set_index("kind")
    assert made.loc["financial_statements", "state"] == state


def test_certificates_stand_once_each(k):
    tables = {
        "customer_files": [tax_form(), tax_form(kind="exemption_certificate", reference="EX-1", expires_on="2027-12-31")],
        "exemptions": [
            {"customer_id": "C1", "certificate_no": "EX-1", "jurisdiction": "US-CA", "valid_from": "2025-01-01", "valid_to": "2026-09-30"},
            {"customer_id": "C1", "certificate_no": "EX-2", "jurisdiction": "US-NY", "valid_from": "2026-01-01"},
            {"customer_id": "C1", "certificate_no": "EX-3", "valid_from": "2026-11-01"},
        ],
    }  # fmt: skip
    made = k.case(tables, TAX_ONLY).of(file_checklist)
    certificates = made[made["kind"].eq("exemption_certificate")].set_index("reference")
    assert certificates["state"].to_dict() == {"EX-1": "expired", "EX-2": "on_file"}
    assert set(certificates["source"]) == {"exemptions"}


def exception(**more):
    return {
        "exception_id": "T1", "customer_id": "C1", "terms": "net 90", "requested_by": "sue", "approved_by": "cfo",
        "granted_on": "2026-08-01", "expires_on": "2026-10-31",
    } | more  # fmt: skip


@pytest.mark.parametrize(
    ("more", "finding"),
    [({}, "standing"), ({"expires_on": "2026-10-30"}, "expired"), ({"expires_on": None}, "no_end"),
     ({"approved_by": None}, "not_approved"), ({"approved_by": None, "expires_on": "2026-10-30"}, "expired"),
     ({"granted_on": "2026-11-01"}, "not_begun"), ({"granted_on": "2026-10-31"}, "standing")],
)  # fmt: skip
def test_exceptions_by_their_days(k, more, finding):
    tables = {"customers": [k.customer("C1", terms="net 30")], "terms_exceptions": [exception(**more)]}
    made = k.case(tables).of(terms_register).iloc[0]
    assert (made["finding"], made["customer_terms"], made["extra_days"]) == (finding, "net 30", 60)


@pytest.mark.parametrize(
    ("due", "granted", "flagged"),
    [
        ("2026-09-03", [], False), ("2026-09-04", [], True), ("2026-08-27", [], True),
        ("2026-10-30", [exception()], False), ("2026-10-30", [exception(approved_by=None)], True),
        ("2026-10-30", [exception(granted_on="2026-08-02")], True),
        ("2026-10-30", [exception(expires_on="2026-08-01")], False),
        ("2026-12-31", [exception()], True), ("2026-10-30", [exception(item_id="I9")], True),
    ],
)  # fmt: skip
def test_items_on_other_terms_need_an_approved_exception(k, due, granted, flagged):
    """An invoice of 1 August on terms of 30 days falls due on 31 August; three days are rounding."""
    item = k.invoice("I1", 10_00, due, effective_date="2026-08-01", document_date="2026-08-01")
    tables = {"customers": [k.customer("C1", terms="net 30")], "items": [item], "terms_exceptions": granted}
    made = k.case(tables).of(terms_register)
    found = made[made["finding"].eq("item_without_exception")]
    assert len(found) == flagged
    if flagged:
        days = (pd.Timestamp(due) - pd.Timestamp("2026-08-31")).days
        assert found["extra_days"].tolist() == [days]
        assert ("is not approved" in found["what"].iloc[0]) == (
            bool(granted) and granted[0]["approved_by"] is None
        )


def test_terms_are_those_of_the_document_date(k):
    item = k.invoice("I1", 10_00, "2026-08-31", effective_date="2026-08-01", document_date="2026-08-01")
    tables = {
        "customers": [k.customer("C1", terms="net 60")], "items": [item],
        "customer_history": [
            {"customer_id": "C1", "attribute": "terms", "value": "net 30", "valid_from": "2026-01-01"},
            {"customer_id": "C1", "attribute": "terms", "value": "net 60", "valid_from": "2026-08-02"},
        ],
    }  # fmt: skip
    assert k.case(tables).of(terms_register).empty
    tables["customer_history"][1]["valid_from"] = "2026-08-01"
    assert k.case(tables).of(terms_register)["customer_terms"].tolist() == ["net 60"]


def test_terms_that_cannot_be_read_are_a_finding_once(k):
    items = [k.invoice(f"I{n}", 10_00, "2026-08-31") for n in range(3)]
    made = k.case({"customers": [k.customer("C1", terms="as agreed")], "items": items}).of(terms_register)
    assert made["finding"].tolist() == ["unreadable_terms"]


def test_rescheduled_residual_and_group_items_are_not_held_against_terms(k):
    items = [
        k.invoice("I1", 10_00, "2026-12-31", original_due_date="2026-08-31", effective_date="2026-08-01", document_date="2026-08-01"),
        k.invoice("I2", 10_00, "2026-12-31", replaces="I1", effective_date="2026-08-01", document_date="2026-08-01"),
        k.invoice("I3", 10_00, "2026-12-31", "C2", effective_date="2026-08-01", document_date="2026-08-01"),
    ]  # fmt: skip
    customers = [k.customer("C1", terms="net 30"), k.customer("C2", terms="net 30", is_intercompany=True)]
    assert k.case({"customers": customers, "items": items}).of(terms_register).empty


def report(**more):
    return {
        "customer_id": "C1", "provider": "Beacon", "kind": "bureau", "reported_on": "2026-10-01", "score": 550,
        "score_lowest": 300, "score_highest": 800,
    } | more  # fmt: skip


@pytest.mark.parametrize(
    ("more", "of_100"),
    [({}, "50.0"), ({"score": 900}, "100.0"), ({"score": 1, "score_lowest": 6, "score_highest": 1}, "100.0"),
     ({"score": 4, "score_lowest": 6, "score_highest": 1}, "40.0"), ({"score_lowest": None}, None),
     ({"score_lowest": 800}, None), ({"score": None}, None)],
)  # fmt: skip
def test_scores_on_one_scale(k, more, of_100):
    made = k.case({"bureau_reports": [report(**more)]}).of(references).iloc[0]
    assert (None if pd.isna(made["score_of_100"]) else made["score_of_100"]) == of_100


def test_newest_first_and_stale_after_the_months(k):
    rows = [report(reported_on="2025-10-31"), report(reported_on="2025-10-30", provider="Old"), report(),
            report(reported_on="2026-11-01", provider="Tomorrow")]  # fmt: skip
    made = k.case({"bureau_reports": rows}).of(references)
    assert made["rank"].tolist() == [1, 2, 3]
    assert made["is_stale"].tolist() == [False, False, True]
    assert made["is_latest"].tolist() == [True, False, True]


def status(name, on, **more):
    return {
        "item_id": "I1",
        "portal": "Gate",
        "submitted_on": "2026-10-01",
        "status": name,
        "status_on": on,
    } | more


@pytest.mark.parametrize(
    ("rows", "finding"),
    [
        ([], "never_submitted"), ([status("submitted", "2026-10-26")], "submitted"),
        ([status("submitted", "2026-10-25")], "waiting"), ([status("submitted", "2026-11-01")], "never_submitted"),
        ([status("submitted", "2026-10-01"), status("rejected", "2026-10-05")], "rejected"),
        ([status("rejected", "2026-10-05"), status("approved", "2026-10-06")], "approved"),
        ([status("rejected", "2026-10-05"), status("approved", "2026-11-06")], "rejected"),
        ([status("approved", "2026-10-06", pay_date="2026-10-30")], "pay_date_passed"),
        ([status("approved", "2026-10-06", pay_date="2026-10-31")], "approved"),
        ([status("paid", "2026-10-06", pay_date="2026-10-06")], "paid_but_open"),
    ],
)  # fmt: skip
def test_portals_by_their_newest_status(k, rows, finding):
    tables = {
        "customers": [k.customer("C1", portal="Gate"), k.customer("C2")], "portal_invoices": rows,
        "items": [k.invoice("I1", 10_00, "2026-11-15"), k.invoice("I2", 10_00, "2026-11-15", "C2"),
                  k.invoice("I3", 10_00, "2026-10-01"), k.cash("R3", 10_00, "2026-10-02")],
        "applications": [k.applied("R3", "I3", 10_00, "2026-10-02")],
    }  # fmt: skip
    made = k.case(tables).of(portals)
    assert made[["item_id", "finding"]].to_numpy().tolist() == [["I1", finding]]


@pytest.mark.parametrize("entity", ["US01", "UK01", "JP01"])
def test_what_the_sample_plants(k, entity):
    sample = k.sample(entity)
    found = sample.of(portals)
    rejected = set(found.loc[found["finding"].eq("rejected"), "customer_id"])
    assert k.planted(entity, "portal_rejected") == rejected
    assert not k.planted(entity, "portal_approved") & rejected
    files = sample.of(file_checklist)
    expired = set(files.loc[files["state"].eq("expired") & files["kind"].eq("tax_form"), "customer_id"])
    assert k.planted(entity, "tax_form_expired") <= expired
    terms = sample.of(terms_register)
    bad = set(terms.loc[terms["finding"].isin(["not_approved", "item_without_exception"]), "customer_id"])
    assert k.planted(entity, "terms_not_approved") <= bad
    assert not k.planted(entity, "terms_approved") & bad
    assert sample.of(references)["rank"].eq(1).any()


def test_books_without_these_tables(k):
    case = k.case({"items": [k.invoice("I1", 10_00, "2026-11-15")]})
    for function in (file_checklist, portals, references, terms_register):
        assert case.of(function).empty
