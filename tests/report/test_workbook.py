"""Workbooks reopened: types, tables, totals, live checks, nothing live from data, the same bytes twice."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from bs4 import BeautifulSoup

from arlib.controls import Identity
from arlib.report import sheets
from arlib.report.cells import as_number, is_exact, money_format
from arlib.report.data import write_parquet
from arlib.report.layout import sheet_name
from arlib.report.markup import table_html
from arlib.report.model import ResultTable
from arlib.report.presentation import PRESENTATIONS
from arlib.report.workbook import write_workbook
from arlib.tables import Kind

PROPERTIES = {"Run": "20261104-abcdef", "Results SHA-256": "ab" * 32}


@pytest.fixture(scope="module")
def path(samples, tmp_path_factory):
    return write_workbook(
        samples.report(), tmp_path_factory.mktemp("wb") / "sample.xlsx", properties=PROPERTIES
    )


@pytest.fixture(scope="module")
def book(path):
    return openpyxl.load_workbook(path)


@pytest.fixture(scope="module")
def values(path):
    return openpyxl.load_workbook(path, data_only=True)


def test_sheets_stand_in_reading_order(book):
    assert book.sheetnames == [
        "Summary", "Reconciliation", "Exceptions", "Roll-forward", "Open items",
        "Parameters",
        "Inputs", "Problems",
    ]  # fmt: skip


def test_cells_have_types(book):
    sheet = book["Open items"]
    head = [cell.value for cell in sheet[4]]
    assert head == ["Document", "Customer", "Due date", "Days past due", "Is hedged", "Currency",
                    "Open amount",
                    "Open amount USD"]  # fmt: skip
    first = [cell.value for cell in sheet[5]]
    assert first[0] == "000001"  # keeps its zeros
    assert first[2] == datetime(2026, 9, 30)  # noqa: DTZ001
    assert first[3] == 31
    assert first[6] == 1234.56
    assert [sheet.cell(row, 7).number_format for row in (5, 6, 7)] == [
        "#,##0.00;[Red]-#,##0.00", "#,##0;[Red]-#,##0", "#,##0.000;[Red]-#,##0.000",
    ]  # fmt: skip
    assert sheet.cell(6, 7).value == 123456  # yen
    assert sheet.cell(7, 7).value == 123.456  # dinars
    assert sheet.cell(5, 3).number_format == "yyyy-mm-dd"
    assert sheet.cell(6, 8).value is None


def test_money_comes_back_to_the_last_place(book, samples):
    frame = samples.detail().frame
    for row, minor, code in zip(range(5, 17), frame["outstanding"], frame["currency"], strict=True):
        places = {"USD": 2, "JPY": 0, "KWD": 3}[code]
        assert Decimal(repr(book["Open items"].cell(row, 7).value)).scaleb(places) == int(minor)


def test_text_from_data_is_never_live(path, book, samples):
    shown = [book["Open items"].cell(row, 2).value for row in range(5, 17)]
    assert shown == [name.replace("\u202e", "").replace("\u202c", "") for name in samples.HOSTILE]
    assert all(book["Open items"].cell(row, 2).data_type == "s" for row in range(5, 17))
    ours = re.compile(r"=?(SUM|SUMIFS|SUMPRODUCT|ROUND|IF|SUBTOTAL)\(")
    found = 0
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            text = archive.read(name).decode("utf-8", "replace")
            assert "http://evil.example" not in text or "sharedStrings" in name
            if name.startswith("xl/worksheets/"):
                formulas = re.findall(r"<f>(.*?)</f>", text)
                found += len(formulas)
                assert all(ours.match(formula) for formula in formulas)
                assert "<hyperlink" not in text
    assert found > 10


def test_tables_are_real_and_their_totals_exact(book, values, samples):
    table = book["Open items"].tables["ar_open_items"]
    assert table.ref == "A4:H17"
    assert table.totalsRowCount == 1
    assert table.autoFilter is not None
    functional = sum(int(v) for v in samples.detail().frame["functional_outstanding"].dropna())
    assert values["Open items"].cell(17, 8).value == functional / 100
    assert book["Open items"].cell(17, 8).value == "=SUBTOTAL(109,ar_open_items[Open amount USD])"
    assert book["Open items"].cell(17, 7).value is None  # dollars, yen and dinars are not added up
    assert values["Exceptions"].cell(7, 4).value == 1474.01


def test_checks_are_live_and_carry_their_values(book, values):
    live, cached = book["Reconciliation"], values["Reconciliation"]
    assert live["F4"].value == "=ROUND(D4-E4,2)"
    assert cached["F4"].value == 1474.01
    assert [cached.cell(row, 9).value for row in range(4, 8)] == ["explained", "ties", "not run", "BREAK"]
    assert live["I4"].value == '=IF(H4=0,"explained","BREAK")'
    rows = {
        (cached.cell(r, 1).value, cached.cell(r, 3).value): r
        for r in range(9, cached.max_row + 1)
        if cached.cell(r, 3).value
    }
    yen = rows["Total of Open amount", "JPY"]
    assert live.cell(yen, 5).value == "=SUMIFS('Open items'!$G$5:$G$16,'Open items'!$F$5:$F$16,\"JPY\")"
    assert cached.cell(yen, 4).value == cached.cell(yen, 5).value == 246912
    foot = rows["Roll-forward, functional currency foots", "USD"]
    assert "SUM(" in live.cell(foot, 5).value
    assert cached.cell(foot, 9).value == "ties"
    heads = [r for r in range(9, cached.max_row + 1) if cached.cell(r, 9).value == "Check"]
    assert len(heads) == 2
    assert all(cached.cell(r, 9).value == "ties" for r in rows.values() if r not in heads)
    assert cached.cell(foot, 1).value.startswith("Roll-forward")


def test_live_is_said_of_formulas_only(samples, tmp_path):
    """Under "Live on sheet" every cell is a formula; file identities are one line, unless one is broken."""
    of_file = [
        Identity(name=f"rows of f{n}.csv to items", left_label="read from the file", left=5,
                 right_label="taken up + set aside", right=5)
        for n in range(30)
    ]  # fmt: skip
    broken = replace(of_file[0], right=4)
    report = samples.report()
    report = replace(report, identities=(*report.identities, *of_file, broken))
    sheet = openpyxl.load_workbook(write_workbook(report, tmp_path / "x.xlsx", properties={}))[
        "Reconciliation"
    ]
    texts = [str(sheet.cell(r, 1).value or "") for r in range(1, sheet.max_row + 1)]
    assert texts[0] == "Reconciliation"
    live, values = (texts.index(head) + 1 for head in ("Sum of a sheet, live", "Identity, values of the run"))
    assert sheet.cell(live, 5).value == "Live on sheet"
    formulas = [sheet.cell(r, 5).value for r in range(live + 1, values - 1)]
    assert len(formulas) > 5
    assert all(str(formula).startswith("=") for formula in formulas)
    assert [text for text in texts if "rows of " in text] == [
        "rows of f0.csv to items: read from the file = taken up + set aside"
    ]
    files = next(r for r in range(live, values) if texts[r - 1].startswith("Rows in the files"))
    assert (sheet.cell(files, 4).value, sheet.cell(files, 5).value) == (
        13, "=SUM('Inputs'!$I$5:$I$6)+SUM('Inputs'!$J$5:$J$6)"
    )  # fmt: skip
    assert [sheet.cell(values, at).value for at in (4, 5)] == ["First side", "Second side"]


def test_totals_of_several_currencies_stand_below_the_table(book, values, samples):
    live, cached = book["Open items"], values["Open items"]
    expected = {}
    frame = samples.detail().frame
    for amount, code in zip(frame["outstanding"], frame["currency"], strict=True):
        expected[code] = expected.get(code, 0) + int(amount)
    for row, code in zip(range(19, 22), sorted(expected), strict=True):
        assert live.cell(row, 1).value == f"Total {code}"
        assert live.cell(row, 7).value.startswith("=SUMIFS(")
        places = {"USD": 2, "JPY": 0, "KWD": 3}[code]
        assert Decimal(repr(cached.cell(row, 7).value)).scaleb(places) == expected[code]


def test_accounts_are_never_added_up(samples, tmp_path):
    table = account_table(samples)
    path = write_workbook(samples.report(tables=(table,), controls=()), tmp_path / "x.xlsx", properties={})
    sheet = openpyxl.load_workbook(path, data_only=True)["Reconciling items"]
    below = {sheet.cell(r, 1).value: sheet.cell(r, 4).value for r in range(8, sheet.max_row + 1)}
    assert {k: v for k, v in below.items() if k} == {"Total 1200 USD": 4.0, "Total 01200 USD": 2.5}
    page = BeautifulSoup(table_html(table, rows_shown=9), "html.parser")
    assert {row.th.get_text() for row in page.select("tfoot tr")} == {"Total 1200 USD", "Total 01200 USD"}


@pytest.mark.libreoffice
def test_accounts_that_look_like_one_number_stay_apart_when_recalculated(samples, tmp_path, libreoffice):
    report = samples.report(tables=(account_table(samples),), controls=())
    copy = write_workbook(report, tmp_path / "x.xlsx", properties={})
    subprocess.run(
        [libreoffice, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to",
         "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "out"), str(copy)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    sheet = openpyxl.load_workbook(tmp_path / "out" / "x.xlsx", data_only=True)["Reconciling items"]
    below = {sheet.cell(r, 1).value: sheet.cell(r, 4).value for r in range(8, sheet.max_row + 1)}
    assert {k: v for k, v in below.items() if k} == {"Total 1200 USD": 4.0, "Total 01200 USD": 2.5}


def account_table(samples):
    frame = pd.DataFrame({
        "account": pd.Series(["1200", "1200", "01200"], dtype="str"),
        "document_no": pd.Series(["a", "b", "c"], dtype="str"),
        "currency": pd.Series(["USD"] * 3, dtype="str"),
        "amount": pd.Series([100, 300, 250], dtype="Int64"),
    })  # fmt: skip
    return ResultTable(
        name="causes", title="Reconciling items", frame=frame, key=("account", "document_no"),
        kinds={"account": Kind.TEXT, "document_no": Kind.TEXT, "currency": Kind.TEXT, "amount": Kind.MONEY},
        currency={"amount": "currency"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("title", "name"),
    [("Aging by customer, largest first of all", "Aging by customer, largest"), ("x" * 40, "x" * 31),
     ("Aging by currency", "Aging by currency")],
)  # fmt: skip
def test_sheet_names_are_whole_words(title, name):
    assert sheet_name(title, []) == name
    assert sheet_name(title, [name]).endswith(" 2")


def test_known_sheet_names_fit_and_differ():
    names = [known.sheet for known in PRESENTATIONS.values()]
    assert max(map(len, names)) <= 31
    assert len(set(names)) == len(names)
    assert all(sheet_name(name, []) == name for name in names)


def test_a_table_that_does_not_foot_breaks(samples, tmp_path):
    table = samples.rolled()
    frame = table.frame.copy()
    frame.loc[1, "amount"] += 1
    report = samples.report(tables=(replace(table, frame=frame),), controls=())
    made = openpyxl.load_workbook(write_workbook(report, tmp_path / "x.xlsx", properties={}), data_only=True)
    sheet = made["Reconciliation"]
    row = next(r for r in range(1, sheet.max_row + 1) if "foots" in str(sheet.cell(r, 1).value))
    assert sheet.cell(row, 9).value == "BREAK"
    assert sheet.cell(row, 6).value == -0.01


def test_reviewers_have_columns_with_choices(book):
    sheet = book["Exceptions"]
    assert [cell.value for cell in sheet[4]][-4:] == list(sheets.REVIEW_COLUMNS)
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    assert rules["F5:F6"].formula1 == f'"{",".join(sheets.DECISIONS)}"'
    assert rules["H5:H6"].type == "date"


def test_sheets_are_set_up_for_reading_and_printing(book):
    for sheet in book.worksheets:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert book["Open items"].freeze_panes == "B5"
    assert book["Open items"].print_title_rows == "$4:$4"
    assert book["Open items"].column_dimensions["B"].width > len('=HYPERLINK("http://evil.example","click")')
    assert book["Reconciliation"].conditional_formatting


def test_names_properties_and_read_only(path, book):
    assert book.defined_names["ar_01_control_account_1200_difference"].attr_text == "Reconciliation!$F$4"
    assert "ar_03_proof_of_cash_77_difference" not in book.defined_names  # it did not run
    assert book.properties.created == datetime(2026, 10, 31)  # noqa: DTZ001
    assert {p.name: p.value for p in book.custom_doc_props.props} == {"Status": "unexplained", **PROPERTIES}
    with zipfile.ZipFile(path) as archive:
        assert 'readOnlyRecommended="1"' in archive.read("xl/workbook.xml").decode()


def test_the_same_report_gives_the_same_bytes(samples, path, tmp_path):
    again = write_workbook(samples.report(), tmp_path / "again.xlsx", properties=PROPERTIES)
    assert again.read_bytes() == path.read_bytes()


def test_summary_says_status_controls_and_decisions(values):
    sheet = values["Summary"]
    texts = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert "Status: ✗ differs, unexplained" in texts
    assert "• Decide on JE-77 <b>now</b>." in texts
    assert "no bank lines were given" in texts
    assert 1474.01 in [cell.value for row in sheet.iter_rows() for cell in row]


def test_amounts_that_a_spreadsheet_cannot_hold_are_text(samples, tmp_path):
    table = samples.rolled()
    huge = 1_234_567_890_123_456_78
    assert not is_exact(huge)
    frame = table.frame.assign(amount=pd.Series([huge] * 4, dtype="Int64"))
    report = samples.report(tables=(replace(table, frame=frame, foots=False),), controls=())
    sheet = openpyxl.load_workbook(write_workbook(report, tmp_path / "x.xlsx", properties={})).worksheets[2]
    assert sheet.cell(5, 3).value == "1,234,567,890,123,456.78"


def test_numbers_are_exact_or_refused():
    assert as_number(-999_999_999_999_999, "USD") == -9999999999999.99
    assert as_number(5, "KWD") == 0.005
    assert money_format("JPY") == "#,##0;[Red]-#,##0"
    with pytest.raises(ValueError, match="not exact"):
        as_number(12345678901234567, "USD")


def test_large_tables_are_written_in_constant_memory(samples, tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "LARGEST_TABLE", 20)
    monkeypatch.setattr("arlib.report.workbook.LARGEST_TABLE", 20)
    report = samples.report(tables=(samples.exceptions(), samples.detail(30)))
    path = write_workbook(report, tmp_path / "big.xlsx", properties={})
    sheet = openpyxl.load_workbook(path)["Open items"]
    assert not sheet.tables
    assert sheet.auto_filter.ref == "A4:H34"
    # every cell is there: this mode loses what is written out of order, without an error
    table = samples.detail(30)
    filled = sum(int(table.frame[name].notna().sum()) for name in table.shown_columns)
    got = sum(cell.value is not None for row in sheet.iter_rows(min_row=5, max_row=34) for cell in row)
    assert got == filled
    assert sheet.cell(35, 8).value.startswith("=SUBTOTAL(109,")
    shown = openpyxl.load_workbook(path, data_only=True)["Reconciliation"]
    assert "BREAK" not in {shown.cell(r, 9).value for r in range(9, shown.max_row + 1)}


def test_rows_beyond_a_sheet_point_to_the_data_file(samples, tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "MOST_ROWS", 20)
    report = samples.report(tables=(samples.detail(30),))
    monkeypatch.setattr(sheets, "FIRST_ROWS", 5)
    path = write_workbook(report, tmp_path / "x.xlsx", properties={}, data="../data/aging")
    sheet = openpyxl.load_workbook(path)["Open items"]
    assert "all 30 rows, then the first 5" in sheet["A3"].value
    assert "../data/aging/open_items.parquet" in sheet["A3"].value
    table = samples.detail(30)
    at = [sheet.cell(4, column).value for column in range(1, 9)].index("Open amount") + 1
    shown = {sheet.cell(row, 1).value: sheet.cell(row, at).value for row in (5, 6, 7)}
    kept = pq.read_table(write_parquet(table, tmp_path)).to_pylist()
    sums = {f"Total {code}": 0 for code in sorted({row["currency"] for row in kept})}
    for row in kept:
        sums[f"Total {row['currency']}"] += row["outstanding"] or 0
    assert shown == {label: as_number(minor, label.split()[-1]) for label, minor in sums.items()}
    assert sheet.max_row == 4 + len(sums) + 5
    assert sheet["A8"].value == table.frame["document_no"].iloc[0]


def test_an_empty_report_is_a_workbook(samples, tmp_path):
    table = samples.detail()
    report = samples.report(tables=(replace(table, frame=table.frame.head(0)),), controls=(), identities=(),
                            findings=(), limits=())  # fmt: skip
    made = openpyxl.load_workbook(write_workbook(report, tmp_path / "x.xlsx", properties={}))
    assert made["Open items"]["A4"].value == "none"


@pytest.mark.libreoffice
def test_libreoffice_opens_and_recalculates_without_a_fault(path, tmp_path, libreoffice):
    copy = shutil.copy(path, tmp_path / "copy.xlsx")
    subprocess.run(
        [libreoffice, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to",
         "xlsx:Calc MS Excel 2007 XML",
         "--outdir", str(tmp_path / "out"), str(copy)], check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    again = openpyxl.load_workbook(tmp_path / "out" / "copy.xlsx", data_only=True)
    sheet = again["Reconciliation"]
    assert [sheet.cell(row, 9).value for row in range(4, 8)] == ["explained", "ties", "not run", "BREAK"]
    texts = [str(c.value) for s in again.worksheets for row in s.iter_rows() for c in row]
    assert not [text for text in texts if text.startswith(("#", "Err:"))]
    assert again["Open items"].cell(17, 8).value == 7.27


def test_kinds_without_a_value_leave_no_cell(book):
    """is_hedged of the samples is yes, none, no, none: a flag is a word, and none is an empty cell."""
    assert [book["Open items"].cell(row, 5).value for row in range(5, 9)] == ["yes", None, "no", None]
