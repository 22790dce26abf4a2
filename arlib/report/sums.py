"""Totals on a sheet: one row where all money is in one currency, else a line for each currency and account. Floor 3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from arlib.report.cells import Cells, as_number, is_exact, money_format
from arlib.report.model import ResultTable
from arlib.report.presentation import total_by
from arlib.report.totals import TotalLine, money_totals, said, total_lines, totalled_columns

if TYPE_CHECKING:
    from arlib.report.sheets import Place


def single_totals(table: ResultTable) -> dict[str, tuple[str, int]]:
    """For each money column that is all in one currency: that currency and the exact total.

    None where accounts must not be added up and there is more than one.
    """
    by = total_by(table)
    if by and table.frame[by].nunique(dropna=False) > 1:
        return {}
    found = {}
    for name in totalled_columns(table):
        sums = money_totals(table, name)
        if len(sums) == 1:
            found[name] = next(iter(sums.items()))
    return found


def lines_below(table: ResultTable) -> list[TotalLine]:
    """The totals that stand below the table: of the columns that have no total in it."""
    done = single_totals(table)
    found = []
    for line in [] if table.strong_rows else total_lines(table):
        sums = {name: minor for name, minor in line.sums.items() if name not in done}
        if sums:
            found.append(TotalLine(group=line.group, currency=line.currency, sums=sums))
    return found


def write_lines_below(cells: Cells, sheet: Any, place: Place, row: int) -> None:
    """The totals by currency (and account) from `row` on, each a live sum over the cells of its rows."""
    table = place.table
    names = table.shown_columns
    for line in lines_below(table):
        if names[0] not in line.sums:
            cells.text(sheet, row, 0, line.label, bold=True, align="left", indent=1)
        for name, minor in line.sums.items():
            value = as_number(minor, line.currency) if is_exact(minor) else 0
            cells.formula(sheet, row, names.index(name), total_formula(place, name, line), value,
                          num_format=money_format(line.currency), align="right", bold=True)  # fmt: skip
        row += 1


def total_formula(place: Place, name: str, line: TotalLine) -> str:
    """The sum of a money column over the rows of the line's currency and group, as a spreadsheet computes it.

    Groups are compared as text: SUMIFS would take account 01200 for 1200.
    """
    table, amounts = place.table, place.cells(name)
    source = table.currency[name]
    has_currency = source in table.shown_columns
    code = _quoted(said(table, source, line.currency))
    if line.group:
        tests = [f"--({place.cells(total_by(table))}={_quoted(line.group)})"]
        if has_currency:
            tests.append(f"--({place.cells(source)}={code})")
        return f"=SUMPRODUCT({','.join(tests)},{amounts})"
    if has_currency:
        return f"=SUMIFS({amounts},{place.cells(source)},{code})"
    return f"=SUM({amounts})"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
