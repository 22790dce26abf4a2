"""Credit review in the collections report: limits, terms, references, portals, as tables and in words."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest

from arlib.collect.review.frames import CREDIT_REVIEW, PORTALS, REFERENCES, TERMS_REGISTER
from arlib.policy import Policies, Scope
from arlib.report.collections import collections_report
from arlib.report.collections_review import review_findings, review_tables
from arlib.report.presentation import page_rows
from arlib.sources.sample.company import generate
from arlib.tables import Book

DAY = date(2026, 10, 31)
SCOPE = Scope(entity="US01", entity_name="Sample", functional_currency="USD", period="2026-10",
              starts_on=date(2026, 10, 1), ends_on=DAY, as_of=DAY, country="US", time_zone="America/New_York")  # fmt: skip
TABLES = {"review": CREDIT_REVIEW, "terms": TERMS_REGISTER, "references": REFERENCES, "portals": PORTALS}


def reviewed(
    customer: str,
    exposure: int,
    limit: int | None,
    recommendation: str = "keep",
    level: str = "customer",
    **more,
):
    return {
        "level": level, "entity": "US01", "customer_id": customer, "accounts": 1, "currency": "USD", "limit_currency": "USD",
        "credit_limit": limit, "limit_in_books": limit, "limit_from": "own" if limit else "none", "exposure": exposure,
        "available": None if limit is None else limit - exposure, "is_on_hold": False, "recommendation": recommendation,
        "reason": "so",
    } | more  # fmt: skip


def granted(exception: str, item: str, finding: str, amount: int | None = None):
    return {"entity": "US01", "exception_id": exception, "customer_id": "C1", "item_id": item, "finding": finding,
            "currency": None if amount is None else "USD", "amount": amount, "what": "do"}  # fmt: skip


def submitted(item: str, finding: str, amount: int):
    return {"entity": "US01", "customer_id": "C1", "item_id": item, "document_no": f"D{item}", "portal": "Gate", "finding": finding,
            "currency": "USD", "amount": amount, "what": "do"}  # fmt: skip


def facts(**rows: list[dict[str, object]]) -> SimpleNamespace:
    return SimpleNamespace(**{name: table.from_rows(rows.get(name, [])) for name, table in TABLES.items()})


def said(**rows: list[dict[str, object]]) -> tuple[str, ...]:
    return review_findings(facts(**rows), scope=SCOPE)


@pytest.fixture(scope="module")
def sample():
    return generate(seed=7, items=800)


@pytest.fixture(scope="module")
def report(sample):
    return collections_report(Book(sample.tables).for_entity("US01"), scope=SCOPE, policies=Policies())


def test_limits_exceeded_are_said_and_limits_just_reached_are_not():
    above = [
        reviewed("C1", 12_000, 10_000),
        reviewed("C2", 10_500, 10_000),
        reviewed("G", 30_000, 25_000, level="parent"),
    ]
    assert said(review=above) == (
        "2 customers above the credit limit by USD 25.00 in all, the most C1 by USD 20.00.",
        "1 parent group above the credit limit by USD 50.00 in all, the most G by USD 50.00.",
    )
    honest = [
        reviewed("C1", 10_000, 10_000),
        reviewed("C2", 10_500, None),
        reviewed("C3", 500, 10, "not_reviewed"),
    ]
    assert said(review=honest) == ()


def test_terms_that_nobody_approved_are_said_and_approved_ones_are_not():
    loose = [granted("T1", "", "not_approved"), granted("", "1", "item_without_exception", 5_000)]
    assert said(terms=loose) == (
        "1 terms exception not approved; 1 open invoice on terms without an approved exception, USD 50.00: have the terms approved, "
        "or take them back.",
    )
    alone = said(terms=loose[1:])
    assert alone[0].startswith("1 open invoice on terms without")
    assert (
        said(
            terms=[granted("T1", "", "standing"), granted("T2", "", "no_end"), granted("T3", "", "not_begun")]
        )
        == ()
    )


def test_what_portals_rejected_or_never_got_is_said_and_the_rest_is_not():
    assert said(portals=[submitted("1", "rejected", 700), submitted("2", "never_submitted", 900)]) == (
        "1 open invoice rejected by a portal, USD 7.00: correct and submit again.",
        "1 open invoice never submitted to the portal of the customer, USD 9.00: submit.",
    )
    assert said(portals=[submitted("1", "approved", 700), submitted("2", "submitted", 900)]) == ()


def test_a_page_has_what_is_above_the_limit_first_and_names_the_currency_of_a_limit_where_it_is_another():
    rows = [
        reviewed("C1", 100, 10_000, "lower"),
        reviewed("C2", 400, 10_000, "hold"),
        reviewed("C3", 20_000, 10_000),
    ]
    table = review_tables(facts(review=rows), scope=SCOPE)[0]
    assert [*table.frame["customer_id"]] == ["C3", "C2", "C1"]
    assert "limit_currency" in table.not_on_page
    abroad = [*rows, reviewed("C4", 100, 10_000, limit_currency="CAD", credit_limit=14_000)]
    table = review_tables(facts(review=abroad), scope=SCOPE)[0]
    assert "limit_currency" not in table.not_on_page
    assert {"proposed_limit", "limit_in_books", "exposure"} <= table.not_totalled


def test_all_of_it_is_empty_without_records():
    assert [len(table.frame) for table in review_tables(facts(), scope=SCOPE)] == [0, 0, 0, 0]
    assert said() == ()


def told(sample, kind: str) -> str:
    truth = sample.truth
    return str(truth[truth["kind"].eq(kind) & truth["entity"].eq("US01")]["account"].iloc[0])


def test_the_planted_cases_of_the_sample(sample, report):
    review = report.table("credit_review").frame
    mine = review[review["level"].eq("customer")].set_index("customer_id")
    over, within = told(sample, "limit_exceeded"), told(sample, "hold_to_release")
    assert mine.loc[over, "exposure"] > mine.loc[over, "limit_in_books"]
    assert [*mine.loc[[over, within], "recommendation"]] == ["hold", "release"]
    assert mine.loc[within, "exposure"] <= mine.loc[within, "limit_in_books"]
    count = int(
        (mine["exposure"].gt(mine["limit_in_books"]) & mine["recommendation"].ne("not_reviewed")).sum()
    )
    assert any(text.startswith(f"{count} customers above the credit limit") for text in report.findings)

    terms = report.table("terms_register").frame.groupby("customer_id")["finding"].agg(set).to_dict()
    assert terms[told(sample, "terms_not_approved")] == {"not_approved", "item_without_exception"}
    assert terms[told(sample, "terms_approved")] == {"standing"}
    assert any("not approved" in text and "have the terms approved" in text for text in report.findings)

    portals = report.table("portals")
    assert set(page_rows(portals)["finding"]) == set(portals.frame["finding"]) - {"approved"}
    by_customer = portals.frame.set_index("customer_id")["finding"]
    assert by_customer[told(sample, "portal_rejected")] == "rejected"
    assert "approved" in set(by_customer[told(sample, "portal_approved")])
    assert any("rejected by a portal" in text for text in report.findings)
    newest = report.table("references").frame.drop_duplicates("customer_id")
    reports = sample.tables["bureau_reports"]
    assert len(newest) == reports[reports["entity"].eq("US01")]["customer_id"].nunique()
    assert newest["rank"].eq(1).all()


def test_the_review_adds_up_to_the_aging(report):
    found = {identity.name: identity for identity in report.identities}
    for name in ("open_debits", "past_due"):
        identity = found[f"credit_review_{name}"]
        assert identity.holds
        assert identity.left > 0
    frame: pd.DataFrame = report.table("credit_review").frame
    assert (
        int(frame.loc[frame["level"].eq("customer"), "past_due"].sum())
        == found["credit_review_past_due"].right
    )
