"""The six reports on the ledger and its balances: words first, sums that tie, nothing hostile, nothing too wide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from importlib import import_module

import pytest

from arlib.audit.ask import Ask
from arlib.audit.kinds import KINDS
from arlib.audit.ledger.frames import POPULATION
from arlib.audit.population import Population
from arlib.controls import Status
from arlib.money import total
from arlib.policy import Policies, Scope
from arlib.report import show
from arlib.report.data import write_data
from arlib.report.model import Report
from arlib.report.presentation import presentation
from arlib.report.workbook import write_workbook
from arlib.sources.sample import generate
from arlib.tables import CANONICAL, Book

LEDGER = ("listing", "roll_forward", "credit_balances", "concentration", "related_parties", "look_back")
MOST_COLUMNS = 10
MOST_FINDINGS = 7
HOSTILE = ['=HYPERLINK("http://evil.example","x")', "<script>alert(1)</script>", "\u202eevil", "@SUM(A1)"]


def scope(entity: str = "US01", currency: str = "USD", **given: object) -> Scope:
    facts = {"entity": entity, "entity_name": "Sample", "functional_currency": currency, "period": "2026-10",
             "starts_on": date(2026, 10, 1), "ends_on": date(2026, 10, 31), "as_of": date(2026, 10, 31)}  # fmt: skip
    return Scope(**(facts | given))


def report_of(
    kind: str, book: Book, seen: Scope, *, population: Population | None = None, **options: object
) -> Report:
    build: Callable[..., Report] = getattr(import_module(f"arlib.report.audit.{kind}"), f"{kind}_report")
    ask = Ask(
        kind=kind,
        request_id="PBC-9",
        asked_by="A. Vale",
        population=population or Population(),
        options=KINDS[kind].options(**options),
    )
    return build(book, scope=seen, policies=Policies(), ask=ask)


@pytest.fixture(scope="module")
def company() -> Book:
    return Book(dict(generate(seed=7, items=800).tables), features=frozenset({"entry_times"}))


@pytest.fixture(scope="module")
def reports(company) -> dict[str, Report]:
    book = company.for_entity("US01")
    return {kind: report_of(kind, book, scope()) for kind in LEDGER}


@pytest.mark.parametrize("kind", LEDGER)
def test_it_answers_in_words_first_and_its_sums_tie(reports, kind):
    report = reports[kind]

    assert report.name == kind
    assert all(one.holds for one in report.identities)
    assert 2 <= len(report.findings) <= MOST_FINDINGS
    assert all(said[0].isupper() or said[0].isdigit() for said in report.findings)
    assert any(said.startswith("Population (all items)") for said in report.findings)
    assert report.parameters["Request"] == "PBC-9"
    assert report.parameters["Asked by"] == "A. Vale"
    assert report.parameters["Assertions"]
    population = report.table("population").frame
    assert (population["asked"] + population["other"]).equals(population["all"])
    assert set(POPULATION.names) == set(population.columns)
    assert report.table("exceptions").needs_review
    assert report.status in (Status.TIED, Status.EXPLAINED)
    assert all(chart.sentence in chart.alt for chart in report.charts)


@pytest.mark.parametrize("kind", LEDGER)
def test_no_table_is_too_wide_for_a_page(reports, kind):
    for table in reports[kind].tables:
        shown = [
            name
            for name in table.shown_columns
            if name not in table.not_on_page | presentation(table).not_on_page
        ]
        assert len(shown) <= MOST_COLUMNS + 1, (table.name, shown)


@pytest.mark.parametrize("kind", LEDGER)
def test_notebooks_show_tables_that_are_there(reports, kind):
    import json
    import re
    from pathlib import Path

    text = (
        Path(__file__)
        .resolve()
        .parents[3]
        .joinpath("notebooks", "audit", f"{kind}.ipynb")
        .read_text(encoding="utf-8")
    )
    shown = []
    for cell in json.loads(text)["cells"]:
        source = "".join(cell["source"])
        if source.startswith(("show.table(", "show.tables(")):
            shown += re.findall(r'"(\w+)"', source)
    assert sorted(shown) == sorted(set(shown))
    assert {table.name for table in reports[kind].tables} - {"all_customers"} == set(shown)


@pytest.fixture(scope="module")
def hostile(company) -> Book:
    book = company.for_entity("US01")
    tables = dict(book.tables)
    names = tables["customers"]["name"]
    for column in ("name", "address", "contact"):
        tables["customers"] = tables["customers"].assign(
            **{column: [HOSTILE[n % len(HOSTILE)] for n in range(len(names))]}
        )
    for name in ("text", "reason"):
        tables["items"] = tables["items"].assign(
            **{name: tables["items"][name].where(tables["items"][name].isna(), HOSTILE[0])}
        )
    return Book(tables, features=book.features)


@pytest.mark.parametrize("kind", LEDGER)
def test_hostile_names_are_inert_everywhere(hostile, tmp_path, kind):
    report = report_of(kind, hostile, scope())

    markup = (
        "".join(show.table(report, table.name).data["text/html"] for table in report.tables)
        + show.findings(report).data["text/html"]
    )
    assert "<script>" not in markup
    assert "\u202e" not in markup
    assert all("\u202e" not in said for said in report.findings)
    write_data(report, tmp_path)
    write_workbook(report, tmp_path / "book.xlsx", properties={})
    assert (tmp_path / "exceptions.csv").exists()
    for path in tmp_path.glob("*.csv"):
        assert not any(
            cell.startswith('"=HYPER')
            for cell in path.read_text(encoding="utf-8").replace("\n", ",").split(",")
        )


@pytest.mark.parametrize("kind", LEDGER)
def test_a_book_of_items_alone_says_what_is_missing(company, kind):
    book = company.for_entity("UK01")
    report = report_of(kind, Book({"items": book["items"]}), scope("UK01", "GBP"))

    assert all(one.holds for one in report.identities)
    said = " ".join(report.limits)
    assert "No customers were given" in said or kind == "roll_forward"
    assert ("Not possible" in said) == (kind in ("listing", "roll_forward", "related_parties", "look_back"))


@pytest.mark.parametrize("kind", LEDGER)
def test_an_empty_book_makes_a_report(kind):
    book = Book({"items": CANONICAL["items"].empty()})
    report = report_of(kind, book, scope())
    assert report.findings
    assert all(one.holds for one in report.identities)


def test_the_population_is_told_with_what_it_leaves_out(company):
    population = Population(currencies=("EUR",), side="debits", at_least="100.00")
    report = report_of("listing", company.for_entity("US01"), scope(), population=population)
    said = next(sentence for sentence in report.findings if sentence.startswith("Population"))

    assert "currencies EUR; debits only; of 100.00 or more in their own currency" in said
    assert "left out are" in said
    rows = report.table("population").frame.set_index("currency")
    assert rows.loc["USD", "asked_rows"] == 0
    assert rows.loc["EUR", "asked"] == total(report.table("listing").frame["outstanding"])


def test_listing_cites_documents_and_the_trial_balance(reports):
    report = reports["listing"]
    tie = report.table("listing_tie").frame
    assert tie["trial_balance"].notna().all()
    assert total(tie["difference"]) == total(report.table("causes").frame["amount"])
    cited = set(report.table("causes").frame["document_no"])
    assert cited <= set(report.table("exceptions").frame["document_no"])


def test_roll_forward_from_june_opens_with_june(company):
    report = report_of("roll_forward", company.for_entity("JP01"), scope("JP01", "JPY"), interim="2026-06-30")
    assert report.title == "Roll-forward, JP01, 2026-06-30 to 2026-10-31"
    assert report.table("roll_forward").foots
    rows = report.table("roll_forward").frame.set_index("group")["amount"]
    assert rows["opening"] + rows.drop(["opening", "closing"]).sum() == rows["closing"]
    assert [one.title for one in report.controls if one.title.startswith("At 2026-06-30")]


def test_reclassification_is_proposed_and_never_posted(reports):
    report = reports["credit_balances"]
    journal = report.table("reclassification")
    assert total(journal.frame["debit"]) == total(journal.frame["credit"]) > 0
    assert "not posted by this report" in journal.note
    assert any(said.startswith("Reclassify USD") for said in report.findings)


def test_major_customers_are_named_with_their_standard(reports):
    report = reports["concentration"]
    assert any("ASC 280-10-50-42" in said for said in report.findings)
    top = report.table("top_groups").frame
    assert top["rank"].tolist() == list(range(1, 11))
    assert top["balance"].is_monotonic_decreasing


def test_look_back_says_what_it_does_not_judge(reports):
    report = reports["look_back"]
    assert any("ISA 540 (Revised).14" in said for said in report.limits)
    assert len(report.table("look_back_dates").frame) == 3


def test_one_date_is_no_pattern_of_bias(company):
    report = report_of("look_back", company.for_entity("US01"), scope(), months="12")
    assert report.findings[0].startswith("One date can be judged: there the allowance was more")
    assert not any("ISA 540.32" in said for said in report.findings)
