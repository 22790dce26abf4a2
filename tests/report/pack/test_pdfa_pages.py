"""A run's page on paper: nothing beyond the paper or over the next cell, whatever the tables and names are."""

from __future__ import annotations

import base64
import io
from datetime import UTC, datetime
from html import escape

import nbformat
import pypdf
import pytest
from lxml import html as parser
from PIL import Image

from arlib.errors import ParameterError
from arlib.report.documents.pdf import weasyprint_parts
from arlib.report.pack.columns import SMALLEST, need
from arlib.report.pack.pages import PAPER, report_pdf
from arlib.report.pack.pdfa import pdf_a3
from arlib.report.pack.pdfa_check import pdfa_faults
from arlib.report.page import render

NAMES = (
    "W" * 1200,
    "مؤسسة التجارة العربية المحدودة للاستيراد والتصدير والخدمات اللوجستية",
    "株式会社東京商事" * 30,
    "=cmd|' /C calc'!A0 <script>alert(1)</script>",
    "many short words " * 40,
    "שלום \u202eevil\u202c",
    "e\u0301\u0323" * 150,
    "a\u200bb\ufeffc",
)
FACTS = {
    "status": "explained",
    "Entity": "US01 Harbor Tools Inc",
    "Run": "20261123T1-abc",
    "Record": "0" * 12,
}


def cell(text: str, kind: str) -> str:
    return f'<td class="{kind}"><bdi>{escape(text)}</bdi></td>'


def table(columns: int, rows: int, *, names: tuple[str, ...] = ("Name",), caption: str = "Wide") -> str:
    """A code, a name, then amounts; a line of totals at the end."""
    kinds = ["ar-code", "ar-text", *["ar-num"] * (columns - 2)]
    heads = "".join(
        f'<th scope="col" class="{kind}">Heading {at}</th>' for at, kind in enumerate(kinds, start=1)
    )
    lines = "".join(
        "<tr>"
        + cell(f"C{row:05d}", "ar-code")
        + cell(names[row % len(names)], "ar-text")
        + "".join(cell(f"{row * 1000 + at:,}{at:03d},000.00", "ar-num") for at in range(columns - 2))
        + "</tr>"
        for row in range(rows)
    )
    total = '<tr class="ar-total"><th scope="row" class="ar-text">Total USD</th>' + "".join(
        cell(f"{at}9,999,999.99", "ar-num") for at in range(columns - 1)
    )
    return (
        f'<table class="ar-table"><caption>{caption}</caption><thead><tr>{heads}</tr></thead>'
        f"<tbody>{lines}</tbody><tfoot>{total}</tr></tfoot></table>"
    )


def page(markup: str, *, mode: str = "report", code: str = "show.tables(report)") -> str:
    node = nbformat.v4.new_notebook()
    made = nbformat.v4.new_code_cell(code, execution_count=1)
    made.outputs = [nbformat.v4.new_output("display_data", {"text/html": markup, "text/plain": "x"})]
    node.cells = [nbformat.v4.new_markdown_cell("# Aging\n\n## What was found\n\nWords."), made]
    return render(node, mode=mode, title="Aging, US01", run_facts=FACTS)


def outside(markup: str) -> list[str]:
    """Texts that lie beyond the paper's margins, or beyond the cell that they are in."""
    from weasyprint.formatting_structure import boxes

    html, css, refuse = weasyprint_parts()
    document = html(string=markup, base_url=None, url_fetcher=refuse).render(stylesheets=[css(string="")])
    found, seen = [], 0
    for number, one in enumerate(document.pages, start=1):
        left, right, bottom = 45.3, one.width - 45.3, one.height - 60.4  # 12 mm and 16 mm in pixels
        for top in one._page_box.children:
            if isinstance(top, boxes.MarginBox):
                continue
            for box in top.descendants():
                if not isinstance(box, boxes.TextBox) or not box.text.strip():
                    continue
                seen += 1
                if box.position_x < left - 1 or box.position_x + box.width > right + 1:
                    found.append(f"page {number} sideways: {box.text[:40]!r}")
                if box.position_y + box.height > bottom + 1:
                    found.append(f"page {number} below: {box.text[:40]!r}")
            for held in top.descendants():
                if isinstance(held, boxes.TableCellBox):
                    end = held.position_x + held.border_width()
                    found += [
                        f"page {number} over its cell: {box.text[:40]!r}"
                        for box in held.descendants()
                        if isinstance(box, boxes.TextBox)
                        and box.text.strip()
                        and box.position_x + box.width > end + 1
                    ]
    assert seen > 10
    return found


def text(markup: str) -> tuple[int, str]:
    data = pdf_a3(markup, title="Aging", author="x", created=datetime(2026, 11, 23, tzinfo=UTC))
    reader = pypdf.PdfReader(io.BytesIO(data))
    return len(reader.pages), "\n".join(one.extract_text() for one in reader.pages)


@pytest.mark.parametrize("columns", [4, 8, 12, 18, 34])
def test_tables_of_any_width_stay_on_the_paper(columns):
    markup = report_pdf(page(table(columns, 14)))

    assert outside(markup) == []
    wide = need(parser.fromstring(table(columns, 14))) * 8
    assert ("A4 portrait" in markup) is (wide <= PAPER["portrait"])


def test_hostile_names_are_whole_and_break_nothing():
    markup = report_pdf(page(table(9, len(NAMES), names=NAMES)))

    assert outside(markup) == []
    assert (
        pdfa_faults(pdf_a3(markup, title="x", author="x", created=datetime(2026, 11, 23, tzinfo=UTC))) == ()
    )
    _, told = text(markup)
    joined = "".join(told.split())
    for name in ("W" * 1200, "株式会社東京商事" * 30, "".join(("many short words " * 40).split())):
        # heads and feet of the sheets stand between the parts of a long name
        assert sum(joined.count(letter) for letter in set(name)) >= len(name)
    assert "=cmd|'/Ccalc'!A0" in joined
    assert "<script>alert(1)</script>" in joined


def test_a_table_too_wide_for_six_points_comes_in_parts_with_its_first_column():
    source = parser.fromstring(table(34, 5))
    assert PAPER["landscape"] / need(source) < SMALLEST
    root = parser.fromstring(report_pdf(page(table(34, 5))))

    parts = root.xpath("//table[contains(@class, 'ar-table')]")
    assert len(parts) > 2
    seen: list[str] = []
    for part in parts:
        rows = [[one.text_content() for one in row.xpath("td|th")] for row in part.xpath(".//tr")]
        assert [row[0] for row in rows[1:-1]] == [f"C{number:05d}" for number in range(5)]
        assert len({len(row) for row in rows}) == 1
        seen += [heading for heading in rows[0] if heading not in seen]
        assert "Part" in part.find("caption").text_content()
    assert seen == [f"Heading {number}" for number in range(1, 35)]
    held = {one.text_content() for part in parts for one in part.xpath(".//td")}
    assert {one.text_content() for one in source.xpath(".//td")} <= held


def test_columns_that_tell_rows_apart_are_repeated_together():
    rows = "".join(
        "<tr>"
        + cell("USD" if row % 2 else "EUR", "ar-code")
        + cell(f"N{row}", "ar-code")
        + "".join(cell("1,234,567,890.00", "ar-num") for _ in range(30))
        + "</tr>"
        for row in range(4)
    )
    root = parser.fromstring(report_pdf(page(f"<table><tbody>{rows}</tbody></table>")))

    for part in root.xpath("//main//table"):
        assert [row.xpath("string(td[2])") for row in part.xpath(".//tr")] == ["N0", "N1", "N2", "N3"]
        assert "after the first 2 columns" in part.findtext("caption/span")


def test_spans_that_lie_do_no_harm_and_odd_tables_break_their_words():
    odd = (
        '<table><tr><td colspan="999999999">x</td></tr><tr><td rowspan="88888888">y</td>'
        + "".join(f"<td class='ar-num'>{'9' * 60}</td>" for _ in range(12))
        + "</tr></table>"
    )
    markup = report_pdf(page(odd))

    assert 'span="9' not in markup
    assert 'span="8' not in markup
    assert "pack-loose" in markup
    assert outside(markup) == []


def test_heads_are_repeated_and_every_sheet_names_its_run():
    markup = report_pdf(page(table(5, 70)), footer={"Run": "20261123T1-abc", "Record": "f" * 64})
    pages, told = text(markup)

    assert pages >= 2
    assert told.count("Heading 4") == pages
    for number in range(1, pages + 1):
        assert f"page {number} of {pages}" in told
    assert "".join(told.split()).count("f" * 64) == pages
    assert told.count("20261123T1-abc") >= pages


def test_the_page_s_own_facts_stand_in_the_foot_without_others():
    markup = report_pdf(page(table(4, 3)))

    assert "ar-footer" not in markup.partition("</style>")[2].partition("<body")[2].replace(".ar-footer", "")
    assert "Record 000000000000" in parser.fromstring(markup).get_element_by_id("foot").text


def test_code_of_evidence_wraps_and_stays_in_reading_order():
    code = "x = '" + "y" * 900 + "'\n" + "\n".join(f"line_{number} = {number}" for number in range(70))
    markup = report_pdf(page(table(4, 3), mode="evidence", code=code))

    assert outside(markup) == []
    _, told = text(markup)
    assert "".join(told.split()).count("y") >= 900
    places = [told.index(f"line_{number} =") for number in (0, 30, 69)]
    assert places == sorted(places)
    assert told.index("What was found") < places[0] < told.index("Heading 1")


def test_pictures_keep_their_alt_text_and_stay_on_the_sheet():
    made = io.BytesIO()
    Image.new("RGB", (1440, 2400), (9, 99, 9)).save(made, "PNG")
    coded = base64.b64encode(made.getvalue()).decode("ascii")
    markup = report_pdf(page(f'<img alt="Bars by age" src="data:image/png;base64,{coded}">'))

    assert 'alt="Bars by age"' in markup
    data = pdf_a3(markup, title="x", author="x", created=datetime(2026, 11, 23, tzinfo=UTC))
    assert b"/Image" in data
    assert len(pypdf.PdfReader(io.BytesIO(data)).pages) == 1


def test_equal_pages_give_equal_markup_and_the_given_one_stays():
    given = page(table(12, 4, names=NAMES))

    assert report_pdf(given) == report_pdf(given)
    with pytest.raises(ParameterError, match="no page"):
        report_pdf("words")


def test_a_word_without_end_is_set_in_pieces_and_stays_whole():
    """A line breaker tries the whole rest of a word for every line: 10,000 letters would take minutes."""
    word = "".join(chr(97 + at % 26) for at in range(10_000))
    root = parser.fromstring(report_pdf(page(f"<p>before {word}<b>b</b>{word} after</p>")))

    pieces = [one.text for one in root.xpath("//span[@class='pack-piece']")]
    assert max(map(len, pieces)) <= 120
    assert f"before {word}b{word} after" in root.text_content()
