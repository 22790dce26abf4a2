"""Static HTML of a report's parts: tables, controls, lists. Floor 3.

Everything from data is escaped here, once.

The fragments stand alone in a notebook (alignment is given inline) and take the page's style sheet by their
classes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import pandas as pd

from arlib import money
from arlib.controls import Control, Identity, Status
from arlib.report.model import ResultTable
from arlib.report.presentation import empty_word, page_rows, presentation, total_by
from arlib.report.totals import total_lines, totalled_columns
from arlib.report.words import (
    RIGHT_ALIGNED,
    STATUS_MARKS,
    amount_text,
    counted,
    day_text,
    status_counted,
    status_text,
    value_text,
)
from arlib.tables import Kind

RIGHT = ' class="ar-num" style="text-align:right"'
LEFT = ' class="ar-text" style="text-align:left"'
DAY = ' class="ar-day" style="text-align:left;white-space:nowrap"'
CODE = ' class="ar-code" style="text-align:left"'  # short words without blanks: never broken
WIDE = ' class="ar-wide" style="text-align:left"'  # sentences: wide enough to read
LONGEST_CODE, LONGEST_NAME = 20, 36  # characters


def table_html(table: ResultTable, *, rows_shown: int) -> str:
    """A table with caption, scoped headings, the first rows, and the totals of all rows by currency.

    Totals are exact and per currency, and per account where `Presentation.total_by` says so; one that would be
    of a single row, or that `not_totalled` forbids, is left out. A table that must be complete shows all rows;
    one with quiet rows shows those that are not, without totals.
    """
    loud = page_rows(table)
    if loud.empty:
        none = f"none of {counted(len(table.frame), 'row')}" if len(table.frame) else "none"
        rest = " All are in the workbook and the data files." if len(table.frame) else ""
        said = f" {escape(table.note)}" if table.note else ""
        if table.is_cut:
            return f'<p class="ar-empty"><strong>{escape(table.title)}</strong>:{said}</p>'
        return f'<p class="ar-empty"><strong>{escape(table.title)}</strong>: {none}.{said}{rest}</p>'
    frame = loud if presentation(table).is_complete else loud.head(rows_shown)
    names = _said(table)
    texts = [column_texts(table, name, frame.index) for name in names]
    styles = [_style(table.kinds[name], told) for name, told in zip(names, texts, strict=True)]
    caption = f"<caption>{escape(table.title)}{_note(table, len(frame), len(loud))}</caption>"
    heads = "".join(
        f'<th scope="col"{style}>{escape(table.heading(name))}</th>'
        for name, style in zip(names, styles, strict=True)
    )
    strong = frame[table.strong_rows].fillna(False).tolist() if table.strong_rows else [False] * len(frame)
    body = "".join(
        _row(cells, styles, is_strong=bool(is_strong))
        for cells, is_strong in zip(zip(*texts, strict=True), strong, strict=True)
    )
    foot = _totals(table, names) if len(loud) == len(table.frame) else ""
    return (
        f'<table class="ar-table">{caption}<thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody>{f'<tfoot>{foot}</tfoot>' if foot else ''}</table>"
    )


def column_texts(table: ResultTable, name: str, index: pd.Index) -> list[str]:
    """The values of one column at `index` as people read them."""
    kind, values = table.kinds[name], table.frame.loc[index, name]
    words = table.words.get(name)
    if kind is not Kind.MONEY:
        empty = empty_word(table, name)
        return [value_text(value, kind, words=words) or empty for value in values]
    currencies = table.currencies(name).loc[index]
    return [value_text(value, kind, currency) for value, currency in zip(values, currencies, strict=True)]


SIDES = ("First side", "Second side")  # as the line under a title names them


def controls_html(controls: Sequence[Control], *, title: str = "Controls") -> str:
    """The controls as a table: both sides, the difference, what explains it, and how it ended in words."""
    heads = ("Control", "Status", "Currency", *SIDES, "Difference", "Explained", "Unexplained",
             "Documents", "Oldest", "Owner")  # fmt: skip
    numeric = (False, False, False, True, True, True, True, True, True, False, False)
    cells = "".join(
        f'<th scope="col"{RIGHT if right else LEFT}>{name}</th>'
        for name, right in zip(heads, numeric, strict=True)
    )
    rows = "".join(_control_row(control) for control in controls)
    caption = f"<caption>{escape(title)}: {escape(status_counts(controls))}</caption>"
    head = f"<thead><tr>{cells}</tr></thead>"
    return f'<table class="ar-table ar-controls">{caption}{head}<tbody>{rows}</tbody></table>'


def status_counts(controls: Iterable[Control]) -> str:
    """How many controls ended how: `✓ 3 tied; ≈ 10 differ, explained`."""
    found = [control.status for control in controls]
    parts = [
        f"{STATUS_MARKS[status]} {status_counted(status, found.count(status))}"
        for status in Status
        if status in found
    ]
    return "; ".join(parts) or "none"


def identities_html(identities: Sequence[Identity]) -> str:
    """The hand-over identities: the report's own as a table, those of reading files as a sentence while they hold.

    A report with a broken one would not exist; it is shown all the same, for a notebook run by hand.
    """
    of_files = [i for i in identities if i.name.startswith(OF_FILES) and i.holds]
    named = [i for i in identities if i not in of_files]
    said = (
        f"<p>{counted(len(of_files), 'more check')} of rows and money from each file, by table and currency: "
        "read = taken up + set aside; all hold.</p>"
        if of_files
        else ""
    )
    return (_identities_table(named) if named else "") + said


OF_FILES = ("rows of ", "money of ")


def _identities_table(identities: Sequence[Identity]) -> str:
    heads = "".join(
        f'<th scope="col"{RIGHT if right else LEFT}>{name}</th>'
        for name, right in (
            ("Identity", False),
            ("Currency", False),
            (SIDES[0], True),
            (SIDES[1], True),
            ("Holds", False),
        )
    )
    rows = "".join(
        f"<tr><td{LEFT}>{escape(i.name.replace('_', ' '))}: "
        f"{escape(i.left_label)} = {escape(i.right_label)}</td>"
        f"<td{LEFT}>{escape(money.iso_code(i.currency) or 'rows')}</td>"
        f"<td{RIGHT}>{_side(i, i.left)}</td><td{RIGHT}>{_side(i, i.right)}</td>"
        f"<td{LEFT}>{'yes' if i.holds else 'NO'}</td></tr>"
        for i in identities
    )
    caption = f"<caption>Hand-over identities: {counted(len(identities), 'check')}</caption>"
    return f'<table class="ar-table">{caption}<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def list_html(sentences: Sequence[str], *, empty: str) -> str:
    """Sentences as a list, or `empty` where there are none."""
    if not sentences:
        return f"<p>{escape(empty)}</p>"
    return '<ul class="ar-list">' + "".join(f"<li>{escape(line)}</li>" for line in sentences) + "</ul>"


def _said(table: ResultTable) -> list[str]:
    """The columns of a page: without those for the workbook only, and those without any value."""
    hidden = presentation(table).not_on_page | table.not_on_page
    first, *rest = [name for name in table.shown_columns if name not in hidden] or table.shown_columns
    return [first, *(name for name in rest if _has_value(table.frame[name]))]


def _has_value(values: pd.Series) -> bool:
    there = values.notna()
    return bool((there & values.ne("")).any() if pd.api.types.is_string_dtype(values.dtype) else there.any())


def _note(table: ResultTable, shown: int, loud: int) -> str:
    parts = [table.note] if table.note else []
    there = "all are in the workbook and the data files."
    if loud < len(table.frame):
        word = presentation(table).loud
        parts.append(f"{loud:,} of {counted(len(table.frame), 'row')} {word} and are listed; {there}")
    elif shown < loud:
        parts.append(
            f"First {shown:,} of {counted(loud, 'row')}; {there}"
            if not table.is_cut
            else f"Here: the first {shown:,}."
        )
    return f'<br><span class="ar-note">{escape(" ".join(parts))}</span>' if parts else ""


def _style(kind: Kind, texts: Sequence[str]) -> str:
    if kind in RIGHT_ALIGNED:
        return RIGHT
    if kind in (Kind.DAY, Kind.INSTANT):
        return DAY
    longest = max(map(len, texts), default=0)
    if longest > LONGEST_NAME:
        return WIDE
    return CODE if longest <= LONGEST_CODE and not any(" " in text for text in texts) else LEFT


def _row(cells: Sequence[str], styles: Sequence[str], *, is_strong: bool) -> str:
    inner = "".join(
        f"<td{style}>{escape(cell)}</td>"
        if style in (RIGHT, DAY)
        else f"<td{style}><bdi>{escape(cell)}</bdi></td>"
        for cell, style in zip(cells, styles, strict=True)
    )
    return (
        f'<tr class="ar-strong" style="font-weight:bold">{inner}</tr>' if is_strong else f"<tr>{inner}</tr>"
    )


def _totals(table: ResultTable, columns: Sequence[str]) -> str:
    lines = [] if table.strong_rows else total_lines(table)
    if not lines or not _adds_up(table):
        return ""
    rows = []
    for line in lines:
        cells = [f'<th scope="row"{LEFT}>{escape(line.label)}</th>']
        for name in columns[1:]:
            value = line.sums.get(name)
            text = amount_text(value, line.currency) if value is not None else ""
            cells.append(f"<td{RIGHT}>{text}</td>")
        rows.append(f'<tr class="ar-total" style="font-weight:bold">{"".join(cells)}</tr>')
    return "".join(rows)


def _adds_up(table: ResultTable) -> bool:
    """Whether any total is of two rows or more; else the totals would say the rows again."""
    by = total_by(table)
    for name in totalled_columns(table):
        rows = table.frame[name].notna()
        parts = pd.DataFrame({"currency": table.currencies(name)[rows]})
        if by:
            parts["group"] = table.frame.loc[rows, by]
        if bool(parts.duplicated().any()):
            return True
    return False


def _control_row(control: Control) -> str:
    def amount(value: int | None) -> str:
        return f"<td{RIGHT}>{amount_text(value, control.currency)}</td>"

    ran = control.difference is not None
    note = f'<br><span class="ar-note">{escape(control.note)}</span>' if control.note else ""
    sides = f"{control.left_label} / {control.right_label}" if control.left_label else ""
    if sides:
        note = f'<br><span class="ar-note">{escape(sides)}</span>{note}'
    return (
        f'<tr class="ar-{control.status.value}"><th scope="row"{LEFT}>{escape(control.title)}{note}</th>'
        f'<td class="ar-status" style="text-align:left">{escape(status_text(control.status))}'
        f"</td><td{LEFT}>{escape(money.iso_code(control.currency))}</td>"
        f"{amount(control.left)}{amount(control.right)}{amount(control.difference)}"
        f"{amount(control.explained if ran else None)}{amount(control.unexplained if ran else None)}"
        f"<td{RIGHT}>{control.count or ''}</td><td{DAY}>{day_text(control.oldest)}</td>"
        f"<td{LEFT}>{escape(control.owner)}</td></tr>"
    )


def _side(identity: Identity, value: int) -> str:
    return amount_text(value, identity.currency) if identity.currency else f"{value:,}"
