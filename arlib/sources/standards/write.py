"""Write a book as the files of an audit data standard, with a control file. Floor 2.

The same book gives the same bytes: UTF-8 without mark, LF, rows in the order of their keys, quotes only where a text
holds the delimiter, a quote or a line break. Texts stand as they are: an auditor's tool compares them with the ledger,
so nothing is put in front of a text that a spreadsheet would run. Open such a file in a spreadsheet only as text.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from arlib.errors import ParameterError, SourceError
from arlib.sources.raw import file_faults
from arlib.sources.standards.ads import ADS
from arlib.sources.standards.iso21378 import ISO21378
from arlib.sources.standards.layout import PREFIX, FileLayout, Layout
from arlib.sources.standards.rows import row_sets
from arlib.sources.standards.span import Span
from arlib.sources.standards.texts import Texts
from arlib.sources.wholefolder import replace_whole
from arlib.tables import CANONICAL, Book

if TYPE_CHECKING:
    import pandas as pd

LAYOUTS = {"ads": ADS, "iso21378": ISO21378}
CARRIED = (
    "entities", "control_accounts", "customers", "items", "instalments", "applications", "receipts", "gl_lines",
    "gl_balances",
)  # fmt: skip
CONTROL = ("File", "Records", "Total_Field", "Currency", "Total", "SHA256")


def export_names() -> tuple[str, ...]:
    """The standards that a book can be written as, for `--as`."""
    return tuple(LAYOUTS)


def write_standard(
    book: Book,
    folder: Path,
    *,
    standard: str,
    period_start: date,
    period_end: date,
    entity: str | None = None,
) -> list[Path]:
    """Write the book as one of `export_names()`; see write_ads. Raises ParameterError for another name."""
    if standard not in LAYOUTS:
        raise ParameterError("no such export", found=standard, wanted=", ".join(LAYOUTS))
    return _written(book, folder, LAYOUTS[standard], Span(period_start, period_end), entity)


def write_ads(
    book: Book, folder: Path, *, period_start: date, period_end: date, entity: str | None = None
) -> list[Path]:
    """Write the AICPA Audit Data Standard files of a period into a new or empty folder, and say which.

    Invoices, adjustments, cash, applications and ledger lines are those posted in the period, both days included;
    open items stand as at the day before it and as at its end, balances at both ends and between. Of one entity, or of all.
    The last file is the control file: records, totals by currency and the hash of each file.
    Raises SourceError where the folder holds something or cannot be written, ParameterError for a period that ends
    before it starts, an entity that the book has not, or books in a currency that the book does not say.
    """
    return _written(book, folder, ADS, Span(period_start, period_end), entity)


def write_iso21378(
    book: Book, folder: Path, *, period_start: date, period_end: date, entity: str | None = None
) -> list[Path]:
    """Write the ISO 21378 tables of a period as CSV; as write_ads in all else."""
    return _written(book, folder, ISO21378, Span(period_start, period_end), entity)


def write_beside(book: Book, folder: Path) -> list[Path]:
    """Write the tables that no standard carries as contract CSV into a new or empty folder, and say which files.

    Such a folder is read by the profile `canonical`, as a second source beside the set.
    """
    texts = Texts(book, "")
    files = {}
    for name, table in CANONICAL.items():
        if name not in CARRIED and book.has(name):
            rows = texts.of(name, book[name])[table.names]
            files[f"{name}.csv"] = _delimited(table.names, list(rows.itertuples(index=False, name=None)), ",")
    return _in_folder(files, folder)


def _written(book: Book, folder: Path, layout: Layout, span: Span, entity: str | None) -> list[Path]:
    if entity is not None:
        known = sorted(book["entities"]["entity"])
        if entity not in known:
            raise ParameterError("the book has no such entity", found=entity, wanted=", ".join(known))
        book = book.for_entity(entity)
    return _in_folder(export_files(book, layout=layout, span=span), folder)


def _in_folder(files: Mapping[str, bytes], folder: Path) -> list[Path]:
    """The files in a new or empty folder, whole or not at all."""
    with file_faults(folder, verb="written"):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise SourceError(
                "the folder of an export is not empty", where=folder.name, fix="Name a new folder."
            )

    def fill(staging: Path) -> None:
        for name, content in files.items():
            (staging / name).write_bytes(content)

    replace_whole(folder, fill)
    return [folder / name for name in files]


def export_files(book: Book, *, layout: Layout, span: Span) -> dict[str, bytes]:
    """Names and contents of all files of the export, the control file last."""
    rows = row_sets(book, span=span, month=layout.month)
    dates = {"start": span.start, "end": span.end, "day": span.end, "before": span.day_before}
    stamps = {name: f"{day:%Y%m%d}" for name, day in dates.items()}
    made: dict[str, bytes] = {}
    control: list[tuple[str, ...]] = []
    for file in layout.files:
        name = file.file.format(**stamps)
        made[name] = _delimited(file.names, _lines(file, rows[file.rows]), layout.delimiter)
        control += _control_lines(file, name, rows[file.rows], hashlib.sha256(made[name]).hexdigest())
    name = f"{PREFIX}Control_{stamps['start']}_{stamps['end']}{layout.suffix}"
    return {**made, name: _delimited(CONTROL, control, layout.delimiter)}


def _lines(file: FileLayout, rows: pd.DataFrame) -> list[tuple[str, ...]]:
    """The fields of each row, in the order of the rows."""
    blank = [""] * len(rows)
    columns = [blank if not column else rows[column].tolist() for _, column in (*file.fields, *file.own)]
    return list(zip(*columns, strict=True)) if columns else []


def _control_lines(file: FileLayout, name: str, rows: pd.DataFrame, digest: str) -> list[tuple[str, ...]]:
    """One line for a file without a total, else one for each currency; credits by the letter of their side count
    negative."""
    count = str(len(rows))
    fields = dict(file.fields)
    if not file.total or not len(rows):
        return [(name, count, file.total, "", "", digest)]
    amounts, currencies = rows[fields[file.total]].tolist(), rows[fields[file.currency]].tolist()
    has_side = any(column == "_side" for column in fields.values())
    sides = rows["_side"].tolist() if has_side else ["D"] * len(rows)
    sums: dict[str, Decimal] = {}
    for amount, currency, side in zip(amounts, currencies, sides, strict=True):
        value = Decimal(amount or "0")
        sums[currency] = sums.get(currency, Decimal(0)) + (-value if side == "C" else value)
    return [
        (name, count, file.total, code, format(value, "f"), digest) for code, value in sorted(sums.items())
    ]


def _delimited(header: Sequence[str], lines: Sequence[Sequence[str]], delimiter: str) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(lines)
    return buffer.getvalue().encode("utf-8")
