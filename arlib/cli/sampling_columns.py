"""CSV files of populations and samples: columns by name, alias or option, amounts exact, all faults at once. Floor 5."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.errors import ParameterError, Problem, SourceError, TableError

if TYPE_CHECKING:
    import pandas as pd

ALIASES = {
    "id": ("id", "itemid", "account", "accountid", "item", "documentno", "invoice"),
    "book": ("book", "bookvalue", "bookamount", "recorded", "recordedvalue", "amount"),
    "audit": ("audit", "auditvalue", "auditamount", "audited", "auditedvalue"),
    "currency": ("currency",),
    "stratum": ("stratum",),
    "hits": ("hits", "times"),
}
EXAMPLE = "a plain decimal such as 1234.50"
ROWS_NAMED = 40
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Rows:
    """A CSV as it was read: header, and texts by column. The header is row 1, the first record row 2."""

    file: str
    header: tuple[str, ...]
    columns: dict[str, list[str]]
    ragged: tuple[Problem, ...] = ()  # rows with too few or too many fields; their texts are empty

    def refuse(self, problems: Sequence[Problem] = ()) -> None:
        """Raise TableError where there are faults, of ragged rows or others: each ragged row once, all in order."""
        odd = {problem.row for problem in self.ragged}
        others = [problem for problem in problems if problem.row not in odd]
        refuse(sorted([*self.ragged, *others], key=lambda p: (p.row, p.column, p.found)), self.file)

    @property
    def count(self) -> int:
        """Records."""
        return len(self.columns[self.header[0]])

    def column(self, role: str, named: str = "") -> str:
        """The header of a role: the one an option names, else the first alias that is there; '' where there is none.

        Two columns that are the same alias, or an option that names no column, raise SourceError.
        """
        if named:
            if named not in self.columns:
                raise SourceError(
                    "no such column", where=self.file, found=named, wanted=", ".join(self.header)
                )
            return named
        for alias in ALIASES[role]:
            found = [name for name in self.header if re.sub(r"[^a-z0-9]", "", name.lower()) == alias]
            if len(found) > 1:
                raise SourceError(
                    f"several columns may be the {role}",
                    where=self.file,
                    found=", ".join(found),
                    wanted=f"--{role}-column",
                )
            if found:
                return found[0]
        return ""

    def need(self, role: str, named: str = "") -> str:
        """The same, where the column must be there."""
        if found := self.column(role, named):
            return found
        raise SourceError(
            f"no {role} column",
            where=self.file,
            found=", ".join(self.header),
            wanted=f"one such as {', '.join(ALIASES[role][:3])}",
            fix=f"Name it with --{role}-column.",
        )

    def records(self) -> list[dict[str, str]]:
        """A dictionary a record."""
        return [
            dict(zip(self.header, cells, strict=True)) for cells in zip(*self.columns.values(), strict=True)
        ]


def read_columns(path: Path, *, is_strict: bool = True) -> Rows:
    """A CSV with a header: UTF-8, commas, as many fields in each row as in the header, and at least one row.

    Raises SourceError for a file that is none, TableError with every row that is too short or too long; not strict, these
    are kept as `ragged` for `Rows.refuse`, so that they do not hide the faults of other rows.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as held:
            lines = list(csv.reader(held, strict=True))
    except OSError as fault:
        raise SourceError(f"cannot be read ({fault.strerror or fault})", where=str(path)) from fault
    except UnicodeDecodeError as fault:
        raise SourceError("is not UTF-8 text", where=str(path), fix="Save it as CSV UTF-8.") from fault
    except csv.Error as fault:
        raise SourceError(f"is no CSV ({fault})", where=str(path)) from fault
    while lines and not any(lines[-1]):
        lines.pop()
    header = tuple(lines.pop(0)) if lines else ()
    if len(set(header)) < len(header) or not all(header) or (len(header) == 1 and ";" in header[0]):
        raise SourceError(
            "header", where=str(path), found=",".join(header), wanted="names that differ, separated by commas"
        )
    ragged = tuple(
        Problem(file=path.name, table="csv", row=row, code="fields", found=str(len(line)), wanted=str(len(header)))
        for row, line in enumerate(lines, start=2)
        if len(line) != len(header)
    )  # fmt: skip
    if not lines:
        raise SourceError("has no rows", where=str(path), wanted="a header and rows")
    lines = [line if len(line) == len(header) else [""] * len(header) for line in lines]
    columns = dict(zip(header, map(list, zip(*lines, strict=True)), strict=True))
    rows = Rows(path.name, header, columns, ragged)
    if is_strict:
        rows.refuse()
    return rows


def amounts(
    rows: Rows, column: str, currency: str, *, may_be_empty: bool = False
) -> tuple[pd.Series, list[Problem]]:
    """A column in minor units of the currency, and its faults. Fewer places than the currency's are fine, more only as zeros."""
    import pandas as pd

    from arlib.money import PLAIN, minor_places, parse_minor_column

    texts = pd.Series(rows.columns[column], dtype="str").str.strip()
    places = minor_places(currency)
    # idle zeros beyond the places are no amount: 12.5000 is 12.50
    kept, idle = (f"[.][0-9]{{{places}}}", "0+") if places else ("", "[.]0+")
    exact = texts.str.replace(f"^(-?[0-9]+{kept}){idle}$", r"\1", regex=True)
    read = parse_minor_column(exact, PLAIN.relaxed(), places=places)
    fault = read.fault.mask(texts.eq("") & (not may_be_empty), "missing_amount")
    problems = [
        Problem(file=rows.file, table="csv", row=row, column=column, code=code, found=text, wanted=EXAMPLE)
        for row, (code, text) in enumerate(zip(fault.tolist(), texts.tolist(), strict=True), start=2)
        if code
    ]
    return read.minor, problems


def identifiers(rows: Rows, column: str) -> tuple[list[str], list[Problem]]:
    """Identifiers as they stand, and faults.

    Faults are: missing, on several rows, with a blank at either end, with a control character, or one that differs from
    another by blanks or letter case only. Nothing is altered: what was sealed is what the file holds.
    """
    seen: dict[str, int] = {}
    alike: dict[str, int] = {}
    problems = []
    for row, text in enumerate(rows.columns[column], start=2):
        code, wanted = "", "an identifier"
        plain = "".join(text.split()).casefold()
        if not text.strip():
            code = "missing_identifier"
        elif text in seen:
            code, wanted = "repeated_identifier", f"one row an item: row {seen[text]} has it"
        elif text != text.strip():
            code, wanted = "blanks_around_identifier", "no blank before or after it"
        elif CONTROL.search(text):
            code, wanted = "control_character", "printable text"
        elif plain in alike:
            code, wanted = (
                "alike_identifier",
                f"more than blanks or letter case to tell it from row {alike[plain]}",
            )
        if code:
            problems.append(
                Problem(
                    file=rows.file, table="csv", row=row, column=column, code=code, found=text, wanted=wanted
                )
            )
        seen.setdefault(text, row)
        alike.setdefault(plain, row)
    return rows.columns[column], problems


def currency_faults(rows: Rows, column: str) -> list[Problem]:
    """Rows whose currency is empty or no ISO 4217 code, such as `usd`; none where there is no column of it."""
    from arlib.money import is_currency

    if not column:
        return []
    known = {code: is_currency(code) for code in set(rows.columns[column])}
    return [
        Problem(file=rows.file, table="csv", row=row, column=column, code="unknown_currency", found=code,
                wanted="an ISO 4217 code in capitals, such as USD")
        for row, code in enumerate(rows.columns[column], start=2) if not known[code]
    ]  # fmt: skip


def currency_of(
    rows: Rows, column: str, given: str, problems: Sequence[Problem] = ()
) -> tuple[str, list[bool]]:
    """The currency of the amounts and which rows have it: an option, or the one code of a currency column.

    With both, the option picks the rows of its currency. Several currencies without an option, or none at all, raise;
    where `problems` (faults found so far) may be why, these are raised instead. Rows of a faulty code have no currency.
    """
    from arlib.money import is_currency, minor_places

    if not column:
        if not given:
            raise ParameterError(
                "no currency",
                where=rows.file,
                wanted="--currency, such as --currency USD, or a currency column",
            )
        minor_places(given)
        return given, [True] * rows.count
    codes = sorted(filter(is_currency, set(rows.columns[column])))
    if (given not in codes if given else len(codes) != 1) and (rows.ragged or problems):
        rows.refuse(problems)
    if given and given not in codes:
        raise ParameterError(
            "--currency", found=given, wanted=f"a currency of {rows.file}: {', '.join(codes)}"
        )
    if not given and len(codes) > 1:
        raise ParameterError(
            "several currencies",
            where=rows.file,
            found=", ".join(codes),
            wanted="one population each",
            fix="Pick one with --currency; amounts of several are not added up.",
        )
    chosen = given or codes[0]
    minor_places(chosen)
    return chosen, [code == chosen for code in rows.columns[column]]


def refuse(problems: Sequence[Problem], file: str) -> None:
    """Raise TableError where there are faults: all of them, and the rows that they are in."""
    if not problems:
        return
    lines = sorted({problem.row for problem in problems if problem.row})
    named = ", ".join(map(str, lines[:ROWS_NAMED]))
    more = f" and {len(lines) - ROWS_NAMED} more" if len(lines) > ROWS_NAMED else ""
    where = f" in row{'s' if len(lines) > 1 else ''} {named}{more}" if lines else ""
    count = len(problems)
    raise TableError(f"{count} fault{'s' if count > 1 else ''}{where}", problems, where=file)


def read_json(path: Path, schema: str) -> dict[str, Any]:
    """A JSON object of that schema; anything else raises SourceError."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise SourceError(f"cannot be read ({fault.strerror or fault})", where=str(path)) from fault
    except ValueError as fault:
        raise SourceError("is no JSON", where=str(path)) from fault
    found = content.get("schema") if isinstance(content, dict) else None
    if not isinstance(content, dict) or found != schema:
        raise SourceError("is of another kind", where=str(path), found=found, wanted=schema)
    return content
