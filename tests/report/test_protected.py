"""A sheet that asks for decisions: facts locked, decisions free and chosen from a list, the same bytes twice."""

from __future__ import annotations

import zipfile
from dataclasses import replace

import openpyxl
import pytest

from arlib.credit.proposals import DECISIONS
from arlib.report import sheets
from arlib.report.workbook import write_workbook


@pytest.fixture
def asked(samples, tmp_path):
    table = replace(samples.exceptions(), decisions=DECISIONS)
    return write_workbook(
        samples.report(tables=(table, samples.detail())), tmp_path / "a.xlsx", properties={}
    )


def test_facts_are_locked_and_decisions_are_free(asked):
    book = openpyxl.load_workbook(asked)
    sheet = book["Exceptions"]
    assert sheet.protection.sheet
    assert not sheet.protection.password
    assert [cell.protection.locked for cell in sheet[5]] == [True] * 5 + [False] * 4
    assert sheet.cell(7, 6).protection.locked, "below the table nothing is free"
    for may in ("autoFilter", "sort", "formatColumns", "formatRows"):
        assert getattr(sheet.protection, may) is False, "False means allowed"
    for must_not in ("insertRows", "deleteRows", "insertColumns", "deleteColumns", "formatCells"):
        assert getattr(sheet.protection, must_not) is True
    assert sheet.tables["ar_exceptions"].autoFilter.ref == "A4:I6"
    assert not book["Open items"].protection.sheet


def test_decisions_are_chosen_from_exactly_these_words(asked):
    sheet = openpyxl.load_workbook(asked)["Exceptions"]
    assert [cell.value for cell in sheet[4]][-4:] == ["Decision", "Decided by", "Decided on", "Comment"]
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    assert rules["F5:F6"].formula1 == '"approve,reject,ask"'
    assert (rules["F5:F6"].type, rules["F5:F6"].errorStyle) == ("list", None)
    assert (rules["H5:H6"].type, sheet["H5"].number_format) == ("date", "yyyy-mm-dd")


def test_a_table_for_review_without_decisions_stays_as_it_was(samples, tmp_path):
    path = write_workbook(samples.report(), tmp_path / "b.xlsx", properties={})
    sheet = openpyxl.load_workbook(path)["Exceptions"]
    assert not sheet.protection.sheet
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    assert rules["F5:F6"].formula1 == f'"{",".join(sheets.DECISIONS)}"'


def test_the_same_report_gives_the_same_bytes(samples, asked, tmp_path):
    table = replace(samples.exceptions(), decisions=DECISIONS)
    report = samples.report(tables=(table, samples.detail()))
    again = write_workbook(report, tmp_path / "again.xlsx", properties={})
    assert again.read_bytes() == asked.read_bytes()


def test_very_large_workbooks_are_protected_too(samples, tmp_path, monkeypatch):
    monkeypatch.setattr("arlib.report.workbook.LARGEST_TABLE", 1)
    table = replace(samples.exceptions(), decisions=DECISIONS)
    path = write_workbook(samples.report(tables=(table,)), tmp_path / "c.xlsx", properties={})
    sheet = openpyxl.load_workbook(path)["Exceptions"]
    assert sheet.protection.sheet
    assert sheet.auto_filter.ref == "A4:I6"
    assert not sheet["F5"].protection.locked
    with zipfile.ZipFile(path) as archive:
        assert not any("tables" in name for name in archive.namelist())
