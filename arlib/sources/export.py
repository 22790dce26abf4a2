"""CSV out: the contract (exact, never altered) and the one meant for Excel (free text made inert). Floor
2."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.errors import ParameterError, SourceError
from arlib.money import format_minor_column
from arlib.tables import CANONICAL, INPUTS, PROBLEMS, Kind, Table

if TYPE_CHECKING:
    import pandas as pd

ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n")  # a spreadsheet may take a text that begins so for a formula


def write_contract(
    frame: pd.DataFrame | None,
    out: Path,
    *,
    name: str = "",
    columns: Sequence[str] = (),
    table: Table | None = None,
    functional: str = "",
) -> int:
    """Write a declared table as contract CSV and say how many rows: UTF-8 without mark, LF, comma, plain
    decimals, sorted.

    The table is given, or found by `name` among the canonical and the ledger's tables. `columns` picks and
    orders; all declared ones are written when it is empty. `functional` is the currency of columns in the
    books' currency, needed where one is written. The file appears whole or not at all; a path that cannot be
    written raises SourceError.
    """
    declared = table or named_table(name)
    chosen = list(columns) or declared.names
    lines = _sorted(
        contract_text(
            frame if frame is not None else declared.empty(),
            table=declared,
            columns=chosen,
            functional=functional,
        )
    )
    _write(out, chosen, lines, encoding="utf-8")
    return len(lines)


def write_excel_csv(
    frame: pd.DataFrame,
    out: Path,
    *,
    name: str = "",
    columns: Sequence[str] = (),
    table: Table | None = None,
    functional: str = "",
) -> int:
    """Write a table for opening in Excel: with a byte-order mark, and with texts that a sheet would run
    made inert.

    A text that begins with = + - @ tab or a line break gets an apostrophe in front; this is why it is no
    contract.
    """
    declared = table or named_table(name)
    chosen = list(columns) or declared.names
    texts = contract_text(frame, table=declared, columns=chosen, functional=functional)
    for column in chosen:
        if declared[column].kind is Kind.TEXT:
            texts[column] = [inert(text) for text in texts[column]]
    lines = _sorted(texts)
    _write(out, chosen, lines, encoding="utf-8-sig")
    return len(lines)


def inert(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(ACTIVE) else text


def contract_text(
    frame: pd.DataFrame, *, table: Table, columns: Sequence[str], functional: str = ""
) -> pd.DataFrame:
    """The chosen columns as text by their kinds: decimals with the currency's places, ISO dates, UTC
    times, '' for none."""
    import pandas as pd

    made: dict[str, pd.Series] = {}
    for name in columns:
        column = table[name]
        if name not in frame.columns or not frame[name].notna().any():
            made[name] = pd.Series("", index=frame.index, dtype="str")
            continue
        values = frame[name]
        if column.kind is Kind.MONEY:
            if column.currency == "functional" and not functional:
                raise ParameterError(f"{table.name}.{name} is in the books' currency", wanted="functional")
            text = format_minor_column(
                values, functional if column.currency == "functional" else frame[column.currency]
            )
        elif column.kind in _FORMATS:
            text = _by_unique(values, _FORMATS[column.kind])
        else:
            text = values
        made[name] = text.astype("str").fillna("").where(values.notna(), "")
    return pd.DataFrame(made, index=frame.index)


def contract_rows(frame: pd.DataFrame, *, table: Table, functional: Mapping[str, str]) -> pd.DataFrame:
    """All declared columns as contract text, amounts of the books in the currency of each row's entity.

    Raises ParameterError where there is such an amount and the entity's currency is not known.
    """
    own = [column.name for column in table.columns if column.currency != "functional"]
    of_books = [
        name for name in table.names if name not in own and name in frame and frame[name].notna().any()
    ]
    made = contract_text(frame, table=table, columns=own)
    for name in (name for name in table.names if name not in own):
        made[name] = ""
    for entity, part in frame.groupby("entity", sort=False) if of_books else ():
        if not functional.get(str(entity)) and part[of_books].notna().to_numpy().any():
            raise ParameterError(
                "the book does not say which currency the books are kept in",
                found=entity,
                fix="Give the table entities.",
            )
        texts = contract_text(part, table=table, columns=of_books, functional=functional.get(str(entity), ""))
        made.loc[part.index, of_books] = texts
    return made[table.names].astype("str")


def _instant(value: pd.Timestamp) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ").replace(".000000Z", "Z")


_FORMATS = {
    Kind.DAY: lambda value: value.strftime("%Y-%m-%d"),
    Kind.INSTANT: _instant,
    Kind.FLAG: lambda value: "true" if value else "false",
    Kind.INTEGER: lambda value: str(int(value)),
}


def _by_unique(values: pd.Series, form: Callable[[Any], str]) -> pd.Series:
    """Format each distinct value once."""
    table = {value: form(value) for value in values.dropna().unique()}
    return values.map(table, na_action="ignore").astype("object").where(values.notna(), "")


def named_table(name: str) -> Table:
    """The declared table of that name: canonical, problems, inputs, or a result of the ledger."""
    from arlib.ledger import frames

    known = {**CANONICAL, "problems": PROBLEMS, "inputs": INPUTS}
    known |= {found.name: found for found in vars(frames).values() if isinstance(found, Table)}
    if name not in known:
        raise ParameterError("no declared table of that name", found=name, wanted=", ".join(sorted(known)))
    return known[name]


def _sorted(texts: pd.DataFrame) -> list[tuple[str, ...]]:
    return sorted(texts.itertuples(index=False, name=None))


def _write(out: Path, header: Sequence[str], lines: Sequence[tuple[str, ...]], *, encoding: str) -> None:
    staging = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with staging.open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(lines)
        staging.replace(out)
    except OSError as fault:
        staging.unlink(missing_ok=True)
        raise SourceError(f"cannot be written ({fault.strerror})", where=str(out)) from fault
