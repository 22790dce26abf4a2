"""What a notebook shows: static tables with scoped headings, exact totals, pictures with alt text."""

from __future__ import annotations

import base64
from dataclasses import replace

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from arlib.errors import ParameterError
from arlib.report import show
from arlib.report.markup import column_texts, status_counts, table_html
from arlib.report.presentation import PRESENTATIONS
from arlib.report.totals import money_totals
from arlib.tables import Book, Kind


def soup(shown) -> BeautifulSoup:
    return BeautifulSoup(shown._repr_html_(), "html.parser")


def cells(page: BeautifulSoup) -> list[list[str]]:
    return [[c.get_text() for c in row.find_all(["td", "th"])] for row in page.select("tbody tr")]


def test_a_table_shows_units_not_minor_units(samples):
    page = soup(show.table(samples.report(), "open_items"))
    rows = cells(page)
    assert [th.get_text() for th in page.select("thead th")][:2] == ["Document", "Customer"]
    assert all(th["scope"] == "col" for th in page.select("thead th"))
    assert rows[0][:8] == ["000001", samples.HOSTILE[0], "2026-09-30", "31", "yes", "USD", "1,234.56", "0.07"]
    assert rows[1][6] == "123,456"  # yen have no places
    assert rows[2][6] == "123.456"  # Kuwaiti dinars have three
    assert rows[1][7] == ""  # none is empty, never nan
    assert page.caption.get_text().startswith("Open items")


def test_totals_are_by_currency_and_of_all_rows(samples):
    table = samples.detail(30)
    expected = {}
    for amount, code in zip(table.frame["outstanding"], table.frame["currency"], strict=True):
        expected[code] = expected.get(code, 0) + int(amount)
    assert money_totals(table, "outstanding") == expected
    page = BeautifulSoup(table_html(table, rows_shown=4), "html.parser")
    assert len(page.select("tbody tr")) == 4
    assert "First 4 of 30 rows" in page.caption.get_text()
    assert [row.th.get_text() for row in page.select("tfoot tr")] == ["Total JPY", "Total KWD", "Total USD"]


def test_total_beyond_64_bits_is_exact(samples):
    table = samples.rolled()
    frame = table.frame.assign(amount=table.frame["amount"] * 0 + (2**62))
    table = replace(table, frame=frame, strong_rows="", not_totalled=frozenset(),
                    kinds={**table.kinds})  # fmt: skip
    assert money_totals(table, "amount") == {"USD": 4 * 2**62}


def test_rows_that_are_totals_stand_out_and_are_not_added_again(samples):
    page = soup(show.table(samples.report(), "roll_forward"))
    assert [row[1] for row in cells(page) if "Opening" in row or "Closing" in row] == ["Opening", "Closing"]
    assert len(page.select("tr.ar-strong")) == 2
    assert not page.select("tfoot")
    assert "Is total" not in page.get_text()


def test_markup_in_data_is_text(samples):
    page = soup(show.table(samples.report(), "open_items"))
    assert page.find("script") is None
    assert "<script>alert(1)</script>" in page.get_text()
    assert "\u202e" not in page.get_text()  # marks that turn the reading direction are gone
    assert "evil Ltd" in page.get_text()


def test_controls_say_how_they_ended_in_words(samples):
    page = soup(show.controls(samples.report()))
    rows = cells(page)
    assert "≈ differs, explained" in rows[0][1]
    assert rows[0][3:8] == ["1,234,567.89", "1,233,093.88", "1,474.01", "1,474.01", "0.00"]
    assert rows[1][1] == "✓ tied"
    assert rows[2][3:8] == ["–"] * 5
    assert "no bank lines were given" in rows[2][0]
    assert rows[3][1] == "✗ differs, unexplained"
    assert rows[3][7] == "60"  # yen
    assert repr(show.controls(samples.report())).splitlines()[0] == (
        "Trade receivables 1200: general ledger = sub-ledger: differs, explained "
        "(USD 1,474.01, 2 documents, oldest 2026-09-03, owner A. Nakamura)"
    )


def test_a_chart_carries_its_alt_text(samples):
    data, metadata = show.chart(samples.report(), "aging")._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert metadata["image/png"]["alt"].startswith("Bar chart: current 812,345.67")
    assert data["text/plain"] == metadata["image/png"]["alt"]


def test_unknown_names_raise(samples):
    with pytest.raises(ParameterError, match="Did you mean 'aging'"):
        show.chart(samples.report(), "agin")
    with pytest.raises(ParameterError, match="no such table"):
        show.table(samples.report(), "x")


def test_findings_and_inputs(samples):
    report = samples.report()
    assert "Decide on JE-77 &lt;b&gt;now&lt;/b&gt;." in show.findings(report)._repr_html_()
    assert "Nothing needs a decision" in repr(show.findings(replace(report, findings=(), limits=())))
    page = soup(show.inputs(Book({}, problems=report.problems, inputs=report.inputs)))
    assert "Files read" in page.get_text()
    assert "Problems in the files (all entities)" in page.get_text()
    assert "Not an amount" in page.get_text()
    assert "row set aside" in page.get_text()


def test_columns_without_a_value_are_left_out(samples):
    table = samples.detail(4)
    frame = table.frame.assign(is_hedged=pd.Series([None] * 4, dtype="boolean"))
    page = BeautifulSoup(table_html(replace(table, frame=frame), rows_shown=9), "html.parser")
    assert "Is hedged" not in page.get_text()


def test_tables_that_must_be_complete_are_never_cut(samples):
    many = pd.concat([samples.rolled().frame] * 20, ignore_index=True).astype({"is_total": "boolean"})
    table = replace(samples.rolled(), frame=many, strong_rows="is_total")
    page = BeautifulSoup(table_html(table, rows_shown=5), "html.parser")
    assert len(page.select("tbody tr")) == 80
    assert "First" not in page.caption.get_text()
    other = BeautifulSoup(table_html(replace(table, name="other"), rows_shown=5), "html.parser")
    assert len(other.select("tbody tr")) == 5
    assert "First 5 of 80 rows" in other.caption.get_text()
    for name in ("aging_compared", "aging_by_currency", "aging_functional", "causes", "causes_by_kind",
                 "unexplained", "control_balances", "roll_forward_document", "roll_forward_by_account",
                 "large_balances", "cash_proof", "billing_check", "differences_by_kind", "controls"):  # fmt: skip
        assert PRESENTATIONS[name].is_complete, name


def test_batches_that_agree_stay_in_the_workbook(samples):
    states = ["agrees", "held", "agrees", "rejected"]
    table = replace(samples.detail(4), name="billing_check")
    table = replace(table, frame=table.frame.assign(state=pd.Series(states, dtype="str")),
                    kinds={**table.kinds, "state": Kind.TEXT})  # fmt: skip
    page = BeautifulSoup(table_html(table, rows_shown=1), "html.parser")
    assert [row[0] for row in cells(page)] == ["000002", "000004"]
    assert "2 of 4 rows differ and are listed" in page.caption.get_text()
    assert not page.select("tfoot")
    quiet = replace(table, frame=table.frame[table.frame["state"].eq("agrees")])
    assert "none of 2 rows" in table_html(quiet, rows_shown=9)


def test_an_empty_name_says_so(samples):
    frame = samples.detail(2).frame.assign(collector=pd.Series(["", None], dtype="str"))
    table = replace(samples.detail(2), name="aging_by_collector", frame=frame,
                    kinds={**samples.detail(2).kinds, "collector": Kind.TEXT})  # fmt: skip
    assert column_texts(table, "collector", frame.index) == ["(none)", "(none)"]
    assert column_texts(replace(table, name="x"), "collector", frame.index) == ["", ""]


def test_counts_of_controls_are_grammar(samples):
    tied, explained = samples.controls()[1], samples.controls()[0]
    assert status_counts([explained] * 10 + [tied]) == "✓ 1 tied; ≈ 10 differ, explained"
    assert status_counts([explained]) == "≈ 1 differs, explained"
    heads = [th.get_text() for th in soup(show.controls(samples.report())).select("thead th")]
    assert heads[3:5] == ["First side", "Second side"]


def test_a_table_without_rows_says_none(samples):
    table = samples.detail()
    page = BeautifulSoup(table_html(replace(table, frame=table.frame.head(0)), rows_shown=9), "html.parser")
    assert page.get_text() == "Open items: none."
