"""Our own contract CSV, in and out, against a declared table. Floor 2.

The way in is strict and small: profiles read files of others, this reads back what we wrote (matches.csv, register.csv).
"""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.errors import Problem, Severity, SourceError, TableError
from arlib.money import format_minor, is_currency, iso_code, minor_places
from arlib.tables.check import check
from arlib.tables.kinds import Column, Kind, Table
from arlib.tables.rows import is_none

if TYPE_CHECKING:
    import pandas as pd

MOST_PROBLEMS = 1000
LONGEST_CELL = 100_000
MOST_DIGITS = 40


def read_contract(path: Path, table: Table) -> pd.DataFrame:
    """The table from a contract CSV: header by name, plain decimals, ISO days. Columns that the table lacks are left out.

    Raises SourceError for a file that is none of ours, TableError with every faulty row and the check of the table.
    """
    rows = _records(path)
    header: list[str] = next(rows, [])
    wanted = [column.name for column in table.columns if column.is_required]
    missing = [name for name in wanted if name not in header]
    if missing or len(set(header)) < len(header):
        raise SourceError(
            f"is not a {table.name} table: "
            + (f"no column {missing[0]!r}" if missing else "a column stands twice"),
            where=path.name,
            found=", ".join(header)[:200],
            wanted=", ".join(wanted),
        )
    problems: list[Problem] = []
    records: list[dict[str, Any]] = []
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            problems.append(
                _fault(path, table, number, "", "wrong_number_of_cells", str(len(row)), str(len(header)))
            )
            continue
        texts = dict(zip(header, row, strict=True))
        records.append(_values(texts, table, path, number, problems))
    _raise(problems, path, table)
    frame = table.from_rows(records)
    raise_faults(checked(frame, table, file=path.name), where=path.name)
    return frame


def _records(path: Path) -> Any:
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise SourceError(f"cannot be read ({fault.strerror or fault})", where=str(path)) from fault
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise SourceError(
            "is not UTF-8 text", where=path.name, wanted="a CSV file as arlib wrote it"
        ) from fault
    if "\0" in text:
        raise SourceError("holds zero bytes", where=path.name, wanted="a CSV file as arlib wrote it")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            raise SourceError(f"cannot be read as CSV ({fault})", where=path.name) from fault
        yield row


def _values(
    texts: dict[str, str], table: Table, path: Path, number: int, problems: list[Problem]
) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for column in table.columns:
        text = texts.get(column.name, "")
        if not text:
            made[column.name] = None if column.kind is not Kind.TEXT else ""
            continue
        try:
            made[column.name] = _value(text, column, texts)
        except ValueError as fault:
            problems.append(
                _fault(path, table, number, column.name, str(fault).split(":")[0], text, column.meaning)
            )
            made[column.name] = None
    return made


def _value(text: str, column: Column, texts: dict[str, str]) -> Any:
    if len(text) > LONGEST_CELL:
        raise ValueError("text_too_long")
    if column.kind is Kind.MONEY:
        return minor_of(text, texts.get(column.currency, ""))
    if column.kind is Kind.DAY:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise ValueError("not_a_day") from None
        if day.isoformat() != text:
            raise ValueError("not_a_day")
        return day
    if column.kind is Kind.INTEGER:
        if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) < 19):
            raise ValueError("not_a_number")
        return int(text)
    if column.kind is Kind.FLAG:
        if text not in ("true", "false"):
            raise ValueError("not_true_or_false")
        return text == "true"
    return text


def minor_of(text: str, currency: str) -> int:
    """Minor units of a plain decimal in an ISO currency; places beyond the currency's must be zeros.

    A source that keeps yen with two places writes 1200.00, which is 1200 yen; 1200.50 raises ValueError with its code.
    """
    if not is_currency(currency):
        raise ValueError("unknown_currency")
    bare = text.removeprefix("-")
    if (
        len(text) > MOST_DIGITS
        or not bare.isascii()
        or not bare.replace(".", "", 1).isdigit()
        or not bare[0].isdigit()
    ):
        raise ValueError("not_an_amount")
    try:
        exact = Decimal(text).scaleb(minor_places(iso_code(currency)))
    except InvalidOperation:
        raise ValueError("not_an_amount") from None
    if exact != exact.to_integral_value():
        raise ValueError("more_places_than_the_currency_has")
    if abs(exact) >= 2**63:
        raise ValueError("amount_too_large")
    return int(exact)


def contract_bytes(frame: pd.DataFrame, table: Table) -> bytes:
    """The table as contract CSV in the order of the frame: UTF-8 without mark, LF, plain decimals with the currency's places."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.names)
    for row in frame.to_dict("records"):
        writer.writerow([_shown(row[column.name], column, row) for column in table.columns])
    return out.getvalue().encode("utf-8")


def _shown(value: Any, column: Column, row: dict[Any, Any]) -> str:
    import pandas as pd

    if is_none(value):
        return ""
    if column.kind is Kind.MONEY:
        return format_minor(int(value), str(row[column.currency]))
    if column.kind is Kind.DAY:
        return f"{pd.Timestamp(value):%Y-%m-%d}"
    if column.kind is Kind.FLAG:
        return "true" if value else "false"
    return str(value)


def checked(frame: pd.DataFrame, table: Table, *, file: str) -> list[Problem]:
    """Every fault of the frame against its table, as problems."""
    if not len(frame):
        return []
    found = check(frame, table, file=file).problems
    return [
        Problem(
            file=str(p["file"]),
            table=str(p["table"]),
            row=int(p["row"]),
            column=str(p["column"]),
            severity=Severity.REJECTED,
            code=str(p["code"]),
            found=str(p["found"]),
            wanted=str(p["wanted"]),
        )
        for p in found.to_dict("records")
    ]


def raise_faults(problems: list[Problem], *, where: str, fix: str = "") -> None:
    """Raise TableError with all of them, where there are any."""
    if problems:
        count = f"{len(problems)} fault{'s' if len(problems) != 1 else ''}"
        raise TableError(count, problems[:MOST_PROBLEMS], where=where, fix=fix)


def _raise(problems: list[Problem], path: Path, table: Table) -> None:
    raise_faults(problems, where=path.name)


def _fault(path: Path, table: Table, row: int, column: str, code: str, found: str, wanted: str) -> Problem:
    return Problem(
        file=path.name,
        table=table.name,
        row=row,
        column=column,
        severity=Severity.REJECTED,
        code=code,
        found=found[:200],
        wanted=wanted,
    )
