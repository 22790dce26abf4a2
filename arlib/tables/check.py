"""One check of a frame against its declared table: every fault at once, in an accountant's words. Floor 0.

The schema is built from the declaration on first use, and the schema library is loaded then, since it is slow
to import.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from arlib.errors import Problem, Severity
from arlib.money.currency import is_currency
from arlib.tables.intake import PROBLEMS
from arlib.tables.kinds import Column, Kind, Table

if TYPE_CHECKING:
    import pandas as pd

FORMULA_ID, BLANK_ID = "formula_like_id", "id_with_blanks"
ID_WANTED = {
    FORMULA_ID: "an identifier that does not begin as a formula does (=, +, @, tab, return, or - before a sign)",
    BLANK_ID: "an identifier without blanks at its ends and without line breaks or invisible characters",
}
_PLAIN_ID = re.compile(r"[0-9A-Za-z](?:[ -~]*[!-~])?")  # what nearly all ids are; nothing to look at closely
_FORMULA_STARTS = ("=", "+", "@", "\uff1d", "\uff0b", "\uff20")  # the last three are the full-width forms
_MINUS = ("-", "\uff0d", "\u2212")
_INVISIBLE = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))  # controls, zero-width, line and paragraph breaks
_FIRST_RECORD = 2  # the header is row 1 to whoever opens the file
_AMOUNT_ALONE = (
    "\0has_currency"  # suffix of a helper column: whether a present amount has its currency beside it
)


class Checked(NamedTuple):
    """What a check gives back: the rows that may be used, and what is wrong with the others."""

    good: pd.DataFrame  # the declared columns, in the order of the rows given, with their index
    problems: pd.DataFrame  # PROBLEMS, sorted by row; every row named there is out of `good`


def check(
    frame: pd.DataFrame,
    table: Table,
    *,
    file: str,
    rows: pd.Series | None = None,
    names: Mapping[str, str] | None = None,
) -> Checked:
    """The rows of a frame that keep to its declared table, and every fault of the rest.

    Faults: missing_column (of the whole file, row 0: no row is good then), missing_value, not_a_choice,
    not_a_rate, formula_like_id and id_with_blanks (see `id_fault`), unknown_currency, amount_without_currency
    and duplicate_key. Of rows that share a key none is good: which of them is right
    is not ours to guess, and a choice would hang on the order of the rows. An empty text counts as missing.

    `rows` gives each row's number in the file (first record 2 when left out), `names` the source's name of a
    column. A column of money held as floats raises TypeError. The caller's frame is not changed.
    """
    named = names or {}
    absent = [c for c in table.columns if c.is_required and c.name not in frame.columns]
    if absent:
        faults = [_problem(table, c.name, "missing_column", file, 0, "", c.meaning, named) for c in absent]
        return Checked(table.empty(), _frame(faults))
    typed = table.typed(frame)
    numbers = (
        list(range(_FIRST_RECORD, len(typed) + _FIRST_RECORD)) if rows is None else [int(n) for n in rows]
    )
    found = []
    for position, column, code, value in _failures(typed.reset_index(drop=True), table):
        wanted = _wanted(table, column, code)
        found.append((position, _problem(table, column, code, file, numbers[position], value, wanted, named)))
    bad = sorted({position for position, _ in found})
    keep = [True] * len(typed)
    for position in bad:
        keep[position] = False
    return Checked(typed[keep] if bad else typed, _frame([problem for _, problem in found]))


def id_fault(text: str) -> str:
    """What is wrong with an identifier: formula_like_id, id_with_blanks, or '' where nothing is.

    A spreadsheet passes over blanks and invisible characters before a formula, so they are passed over here
    too. A minus in front is part of many honest codes (-12, -A/7) and is a formula only with more behind it
    than letters, digits and - _ / . (after OWASP, CSV injection). An identifier is never trimmed: with a blank
    at its end it would join to nothing, and without it perhaps to another's.
    """
    if _PLAIN_ID.fullmatch(text) or not text:
        return ""
    start = next((place for place, mark in enumerate(text) if not _is_blank(mark)), len(text))
    bare = text[start:]
    if text.startswith(("\t", "\r")) or bare.startswith(_FORMULA_STARTS):
        return FORMULA_ID
    if bare.startswith(_MINUS) and not all(mark.isalnum() or mark in "-_/." for mark in bare[1:].rstrip()):
        return FORMULA_ID
    if start or _is_blank(text[-1]) or any(unicodedata.category(mark) in _INVISIBLE for mark in text):
        return BLANK_ID
    return ""


def _is_blank(mark: str) -> bool:
    return mark.isspace() or unicodedata.category(mark) in _INVISIBLE


def id_faults(texts: pd.Series) -> pd.Series:
    """The fault of each identifier in a column of texts, '' where there is none or no text."""
    table = {text: id_fault(text) for text in texts.dropna().unique()}
    return texts.map(table).astype("str").fillna("")


def _failures(typed: pd.DataFrame, table: Table) -> list[tuple[int, str, str, str]]:
    """Position, column, code and value of every fault, by the schema library in its lazy mode."""
    import pandera.errors

    work = typed.copy(deep=False)
    for name in table.key:
        if table[name].kind is Kind.TEXT:
            work[name] = work[name].mask(work[name].eq(""))  # empty and missing are one key
    for column in _moneys(table):
        has = typed[column.currency].notna() & typed[column.currency].ne("")
        work[column.name + _AMOUNT_ALONE] = has | typed[column.name].isna()
    try:
        _schema(table).validate(work, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases = errors.failure_cases
    else:
        return []
    faulty = sorted({int(position) for position in cases["index"]})
    place = {position: n for n, position in enumerate(faulty)}
    rows = typed.iloc[faulty]
    texts = {name: [_text(value) for value in rows[name].tolist()] for name in table.names}
    key = ", ".join(table.key)
    found: set[tuple[int, str, str, str]] = set()
    for column, code, position in zip(cases["column"], cases["check"], cases["index"], strict=True):
        at = int(position)
        if code in _CODES:
            name = str(column).removesuffix(_AMOUNT_ALONE)
            found.add((at, name, str(code), texts[name][place[at]]))
        else:
            shown = " / ".join(texts[name][place[at]] or "(empty)" for name in table.key)
            found.add((at, key, "duplicate_key", shown))
    return sorted(found)


_CODES = (
    "missing_value", "not_a_choice", "not_a_rate", FORMULA_ID, BLANK_ID, "unknown_currency",
    "amount_without_currency",
)  # fmt: skip


@lru_cache(maxsize=64)
def _schema(table: Table) -> Any:
    import pandera.pandas as pa

    def rule(code: str, passes: Callable[[Any], Any]) -> Any:
        return pa.Check(passes, name=code, error=code, ignore_na=False)

    columns: dict[str, Any] = {}
    for column in table.columns:
        rules = [rule(code, passes) for code, passes in _rules(table, column)]
        if rules:
            columns[column.name] = pa.Column(checks=rules, nullable=True)
    for column in _moneys(table):
        only = rule("amount_without_currency", lambda has: has)
        columns[column.name + _AMOUNT_ALONE] = pa.Column(checks=[only], nullable=True)
    return pa.DataFrameSchema(columns, unique=list(table.key), report_duplicates="all")


def _rules(table: Table, column: Column) -> list[tuple[str, Callable[[Any], Any]]]:
    """Codes and vectorised tests of one column; all but missing_value pass over missing and empty values."""
    rules: list[tuple[str, Callable[[Any], Any]]] = []
    if column.is_required:
        is_text = column.kind in (Kind.TEXT, Kind.RATE)
        rules.append(
            ("missing_value", (lambda s: s.notna() & s.ne("")) if is_text else (lambda s: s.notna()))
        )
    if column.choices is not None:
        values = [*(member.value for member in column.choices), ""]
        rules.append(("not_a_choice", lambda s: s.isna() | s.isin(values)))
    if column.kind is Kind.RATE:
        plain = r"[0-9]+(\.[0-9]+)?" if column.may_be_zero else r"(?=[0-9.]*[1-9])[0-9]+(\.[0-9]+)?"
        rules.append(("not_a_rate", lambda s: s.isna() | s.eq("") | s.str.fullmatch(plain)))
    if column.is_key:
        rules.append((FORMULA_ID, lambda s: id_faults(s).ne(FORMULA_ID)))
        rules.append((BLANK_ID, lambda s: id_faults(s).ne(BLANK_ID)))
    if is_currency_column(table, column):
        rules.append(("unknown_currency", lambda s: s.isna() | s.eq("") | s.isin(_known(s))))
    return rules


def _known(codes: Any) -> list[str]:
    return [code for code in codes.dropna().unique() if is_currency(code)]


def is_currency_column(table: Table, column: Column) -> bool:
    """Whether the column holds ISO 4217 codes: by its name, or because an amount's currency stands there."""
    if column.kind is not Kind.TEXT:
        return False
    is_pair = column.name in ("base", "quote") and "rate" in table.by_name
    is_referred_to = any(other.currency == column.name for other in table.columns)
    return is_pair or is_referred_to or column.name.endswith("currency")


def _moneys(table: Table) -> list[Column]:
    """Amounts whose currency may be left out, so that the pair must be checked."""
    moneys = [c for c in table.columns if c.kind is Kind.MONEY and c.currency in table.by_name]
    return [c for c in moneys if not table[c.currency].is_required]


def _wanted(table: Table, column: str, code: str) -> str:
    if code == "duplicate_key":
        return "a key that no other row has"
    declared = table[column]
    if code == "not_a_choice" and declared.choices is not None:
        return "one of " + ", ".join(repr(member.value) for member in declared.choices)
    return {
        "not_a_rate": "a plain decimal such as 1.0863" + ("" if declared.may_be_zero else ", above 0"),
        **ID_WANTED,
        "unknown_currency": "an ISO 4217 code such as USD",
        "amount_without_currency": f"its currency in {declared.currency}",
    }.get(code, declared.meaning)


def _problem(
    table: Table,
    column: str,
    code: str,
    file: str,
    row: int,
    found: str,
    wanted: str,
    names: Mapping[str, str],
) -> Problem:
    shown = ", ".join(names.get(name, name) for name in column.split(", "))
    return Problem(
        file=file, table=table.name, row=row, column=shown, severity=Severity.REJECTED, code=code,
        found=found, wanted=wanted,
    )  # fmt: skip


def _frame(problems: list[Problem]) -> pd.DataFrame:
    if not problems:
        return PROBLEMS.empty()
    ordered = sorted(problems, key=lambda p: (p.row, p.column, p.code))
    return PROBLEMS.frame([{name: getattr(problem, name) for name in PROBLEMS.names} for problem in ordered])


def _text(value: Any) -> str:
    import pandas as pd

    return "" if pd.isna(value) else str(value)
