"""What must not get slower: ratios of two works that run in turns, and counts; never seconds held against a limit.

Counters of instructions are not to be had on every machine (virtual ones hide them), so a ratio of processor times is compared, median
of rounds that ran together: what disturbs the machine disturbs both. Limits are about twice what was measured, so a test fails when
something of a kind was added (a heavy import, a loop over rows), not when the machine has a bad day. Ratios of aging and as-of views are in
tests/ledger, of matching in tests/matching, of warm kernels in tests/run.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pandas as pd
import pytest
import xlsxwriter

from arlib import money
from arlib.policy import Scope
from arlib.report.model import Report, ResultTable
from arlib.report.workbook import write_workbook
from arlib.tables import Kind

HEAVY = {"pandas", "numpy", "pyarrow", "matplotlib", "IPython", "papermill", "nbclient", "jupyter_client", "duckdb", "pandera",
         "sqlalchemy",         "weasyprint", "distributed", "dask", "scipy", "xlsxwriter"}  # fmt: skip
LOADED = "import sys; before = set(sys.modules); import {}; print(' '.join(set(sys.modules) - before))"


@pytest.fixture
def measured(script):
    return script("measured")


def loaded(module: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(module)], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_the_library_imports_nothing_until_it_is_asked():
    assert len(loaded("arlib")) <= 3


def test_the_command_line_starts_without_anything_heavy():
    names = loaded("arlib.cli")

    assert not {name.partition(".")[0] for name in names} & HEAVY
    assert len(names) < 250


def test_help_costs_a_few_imports_of_click(measured):
    works = {
        "help": [sys.executable, "-c", "import sys; sys.argv = ['arlib', '--help']; from arlib.cli import main; main()"],
        "click": [sys.executable, "-c", "import click"],
    }  # fmt: skip
    timings = measured.interleaved(
        {name: lambda words=words: measured.process(words) for name, words in works.items()}, runs=5
    )
    assert measured.ratio(timings["help"], timings["click"], by="processor") < 6


def table_of(rows: int) -> ResultTable:
    numbers = pd.Series(range(rows))
    frame = pd.DataFrame({
        "item_id": ("I" + numbers.astype("str")).astype("str"),
        "due_date": pd.Timestamp("2026-01-01") + pd.to_timedelta(numbers % 300, "D"),
        "currency": pd.Series(["USD", "EUR"] * (rows // 2), dtype="str"), "amount": (numbers * 7919 % 100_000).astype("Int64"),
    })  # fmt: skip
    kinds = {"item_id": Kind.TEXT, "due_date": Kind.DAY, "currency": Kind.TEXT, "amount": Kind.MONEY}
    return ResultTable(name="open_items", title="Open items", frame=frame, key=("item_id",), kinds=kinds,
                       currency={"amount": "currency"})  # fmt: skip


def report_of(table: ResultTable) -> Report:
    day = pd.Timestamp("2026-10-31").date()
    scope = Scope(entity="E1", entity_name="E1", functional_currency="USD", period="2026-10", starts_on=day.replace(day=1),
                  ends_on=day, as_of=day)  # fmt: skip
    return Report(name="x", title="X", question="?", reader="?", scope=scope, tables=(table,))


def plain(table: ResultTable, path) -> None:
    """The same cells by xlsxwriter alone."""
    with xlsxwriter.Workbook(str(path), {"in_memory": True}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        for row, (item, due, code, amount) in enumerate(table.frame.itertuples(index=False, name=None)):
            sheet.write_string(row, 0, item)
            sheet.write_datetime(row, 1, due.to_pydatetime(), day)
            sheet.write_string(row, 2, code)
            sheet.write_number(row, 3, amount / 100)


def test_a_workbook_costs_little_more_than_its_cells(measured, tmp_path):
    table = table_of(6_000)
    timings = measured.interleaved(
        {
            "arlib": lambda: write_workbook(report_of(replace(table)), tmp_path / "a.xlsx", properties={}),
            "xlsxwriter": lambda: plain(table, tmp_path / "b.xlsx"),
        },
        runs=3,
    )
    assert measured.ratio(timings["arlib"], timings["xlsxwriter"], by="processor") < 3


def test_three_times_the_rows_take_about_three_times_as_long(measured, tmp_path):
    small, large = table_of(3_000), table_of(9_000)
    timings = measured.interleaved(
        {
            "small": lambda: write_workbook(report_of(replace(small)), tmp_path / "a.xlsx", properties={}),
            "large": lambda: write_workbook(report_of(replace(large)), tmp_path / "b.xlsx", properties={}),
        },
        runs=3,
    )
    assert measured.ratio(timings["large"], timings["small"], by="processor") < 4.5


def test_the_sums_of_a_table_are_worked_out_once(monkeypatch, tmp_path):
    calls = []
    exact = money.totals_by
    monkeypatch.setattr(
        money, "totals_by", lambda *given, **named: calls.append(given) or exact(*given, **named)
    )

    write_workbook(report_of(table_of(20)), tmp_path / "x.xlsx", properties={})

    assert len(calls) == 1


def test_a_long_table_costs_its_first_rows(measured, tmp_path, monkeypatch):
    """A workbook with a pointer does not grow with the rows that it leaves to the data file."""
    from arlib.report import sheets

    monkeypatch.setattr(sheets, "MOST_ROWS", 2_000)
    report = report_of(table_of(9_000))
    path = write_workbook(report, tmp_path / "a.xlsx", properties={})
    monkeypatch.setattr(sheets, "MOST_ROWS", 500_000)
    whole = write_workbook(report, tmp_path / "b.xlsx", properties={})

    assert path.stat().st_size * 3 < whole.stat().st_size
