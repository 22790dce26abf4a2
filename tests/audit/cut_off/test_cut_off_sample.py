"""Cut-off of the sample company: what was planted is found, first, and little else; and of real books without the evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import duckdb
import pandas as pd
import pytest

from arlib.audit.cut_off.sides import cut_off
from arlib.audit.population import Population
from arlib.policy import Policies, Scope
from arlib.sources.sample import generate

ENTITIES = ("US01", "UK01", "JP01")
PLANTED = (
    "back_posted", "posted_late", "cut_off_sale_early", "cut_off_sale_late", "duplicate_receipt", "date_outside_period",
    "reversal_other_period",
)  # fmt: skip


def judged(result, truth):
    """Wanted documents that are no exception; exceptions on documents of which nothing was planted."""
    wrong = result.findings[result.findings["grade"].eq("exception")]
    wanted = set(truth.loc[truth["is_planted"] & truth["kind"].isin(PLANTED), "document_no"])
    named = {number for numbers in truth.loc[truth["is_planted"], "documents"] for number in numbers.split()}
    return wanted - set(wrong["document_no"]), wrong[~wrong["document_no"].isin(named)]


@pytest.mark.parametrize("entity", ENTITIES)
def test_planted_documents_are_exceptions_and_noise_is_explained(sample, of_sample, asked, entity):
    book, scope, truth = of_sample(sample, entity)
    result = cut_off(book, scope=scope, policies=Policies(), ask=asked("cut_off"))
    missed, false = judged(result, truth)
    assert missed == set()
    assert false.empty
    grades = result.findings.set_index("document_no")["grade"]
    noise = truth[~truth["is_planted"]].set_index("kind")["document_no"]
    assert grades[noise["posted_after_the_bank"]] == "usual_lag"
    assert {grades.get(number) for number in noise[["deposit_in_transit"]]} <= {"explained", None}
    assert "explained" in {grades.get(number) for number in noise[["deposit_in_transit"]]}
    assert all(identity.holds for identity in result.identities)


def test_false_flags_over_seeds_and_sizes(of_sample, asked):
    """Three more books: everything planted is found, and false flags stay below 10 for 1,000 documents of the windows."""
    documents, flags = 0, []
    for seed, items in ((2, 800),):
        made = generate(seed=seed, items=items)
        for entity in ENTITIES:
            book, scope, truth = of_sample(made, entity)
            result = cut_off(book, scope=scope, policies=Policies(), ask=asked("cut_off"))
            missed, false = judged(result, truth)
            assert missed == set(), (seed, items, entity)
            documents += int(result.population["documents"].sum())
            flags += false["finding"].tolist()
    assert documents > 90
    assert len(flags) * 1000 <= 10 * documents, flags


def test_bills_by_sql(sample, of_sample, asked):
    """A second method: the same documents by SQL over the items, lag and rebills apart."""
    book, scope, _ = of_sample(sample, "US01")
    items = book["items"]
    query = """
        select document_no from items where item_type in ('invoice', 'debit_memo') and replaces is null
          and posting_date between date '2026-10-22' and date '2026-11-10' and delivery_date is not null
          and (posting_date <= date '2026-10-31') <> (delivery_date <= date '2026-10-31') order by 1
    """
    expected = duckdb.connect().sql(query).df()["document_no"].tolist()
    found = cut_off(book, scope=scope, policies=Policies(), ask=asked("cut_off")).findings
    mine = found[found["test"].isin(["sale_early", "sale_late"]) & found["score"].gt(15)]
    assert sorted(mine["document_no"]) == expected
    assert len(items)


def test_the_population_filters_and_says_what_it_leaves_out(sample, of_sample, asked):
    book, scope, _ = of_sample(sample, "US01")
    few = asked("cut_off", Population(currencies=("EUR",)))
    result = cut_off(book, scope=scope, policies=Policies(), ask=few)
    assert result.population["part"].str.startswith("left out: not asked for").any()
    assert result.findings[result.findings["test"].eq("sale_early")].empty
    whole = cut_off(book, scope=scope, policies=Policies(), ask=asked("cut_off"))
    assert int(result.population["documents"].sum()) == int(whole.population["documents"].sum())


def test_the_order_of_rows_changes_nothing(sample, of_sample, asked):
    book, scope, _ = of_sample(sample, "UK01")
    turned = replace(
        book, tables={name: frame.iloc[::-1].reset_index(drop=True) for name, frame in book.tables.items()}
    )
    one, other = (
        cut_off(b, scope=scope, policies=Policies(), ask=asked("cut_off")).findings for b in (book, turned)
    )
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.shared
def test_highradius_holds_no_deliveries_and_says_so(shared, asked):
    from arlib.sources.load import load_book
    from arlib.sources.spec import SourceSpec

    read = load_book([SourceSpec(folder=shared / "data" / "highradius", profile="highradius")], root=shared)
    book = read.for_entity("U001")
    scope = Scope(entity="U001", entity_name="U001", functional_currency="USD", period="2019-12", starts_on=date(2019, 12, 1),
                  ends_on=date(2019, 12, 31), as_of=date(2019, 12, 31))  # fmt: skip
    result = cut_off(book, scope=scope, policies=Policies(), ask=asked("cut_off"))
    tests = result.tests.set_index("test")
    assert (
        tests.loc[["sale_early", "sale_late", "receipts_held_open", "banked_before", "ledger_date"], "state"]
        .eq("not_possible")
        .all()
    )
    assert tests.loc["sale_early", "not_tested"] + tests.loc["sale_late", "not_tested"] > 100
    assert not result.findings["test"].isin(["sale_early", "sale_late", "receipts_held_open"]).any()
