"""What a report is, before anything is drawn: tables, charts, controls and sentences. Floor 3.

A builder (`aging`, `control_account`, ...) makes a `Report` from a book; `workbook`, `figures`, `show`,
`page` and `data` turn it into something to read. Nothing here formats, draws or writes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

from arlib.controls import Control, Identity, Status
from arlib.errors import ParameterError, nearest
from arlib.tables import DTYPES, INPUTS, PROBLEMS, Kind

if TYPE_CHECKING:
    from arlib.policy import Scope


Sums = Mapping[str, Mapping[tuple[str, str], int]]  # of a money column, by group and currency
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}\.[a-z0-9]{1,8}")


class ChartKind(StrEnum):
    """Which picture `figures` draws; each says which columns its frame must have."""

    AGING_BARS = "aging_bars"  # label, amount: one bar a bucket, in the frame's order
    WATERFALL = "waterfall"  # label, amount, is_total: steps between totals
    BRIDGE = "bridge"  # as WATERFALL: from the sub-ledger through each cause to the general ledger
    MOVEMENTS = "movements"  # label, amount: one bar a customer or line, either direction
    GROUPED_BARS = (
        "grouped_bars"  # label, series, amount: under each label one bar a series, named beside its amount
    )
    AROUND = "around"  # label, amount, is_total: bars from the one total, the base, to each amount
    LINES = "lines"  # label, series, value: one line a series over the labels, in `unit`; a gap where there is no value


@dataclass(frozen=True, kw_only=True, eq=False)
class ResultTable:
    """One table of a report, and how each column is meant.

    `kinds` says, for every column of the frame and in reading order, how it is shown; `currency` gives for
    each money column the column that holds its currency, or an ISO code. `words` translates the values of a
    text column for people (`{"cause": {"manual_journal": "Manual journal"}}`); data files keep the value
    itself. Money columns are summed in the workbook unless `not_totalled` names them; `strong_rows` names a
    flag column that marks rows which are totals already: those rows stand out, the flag is not shown.
    """

    name: str
    title: str
    frame: pd.DataFrame
    key: tuple[str, ...]
    kinds: Mapping[str, Kind]
    currency: Mapping[str, str] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    not_totalled: frozenset[str] = frozenset()
    strong_rows: str = ""
    note: str = ""
    foots: bool = False  # from each strong row to the next: the first plus the rows between equal the last
    needs_review: bool = False  # rows for a person to decide on: reviewer columns in the workbook
    decisions: tuple[str, ...] = ()  # what may be decided; empty: the usual words of a review
    not_on_page: frozenset[str] = (
        frozenset()
    )  # columns that only workbook and data show, beside the table's usual ones
    is_cut: bool = False  # not all rows; the note says where they are
    is_detail: bool = False  # workbook and data only; a page shows the first rows and says how many there are

    def __post_init__(self) -> None:
        """Columns, kinds, key and currencies must agree, and money must be whole minor units."""
        where = f"result table {self.name}"
        columns = [str(name) for name in self.frame.columns]
        if set(columns) != set(self.kinds):
            odd = sorted(set(columns) ^ set(self.kinds))
            raise ParameterError("columns and kinds differ", where=where, found=odd)
        if lost := [name for name in (*self.key, *self.headings, *self.words) if name not in self.kinds]:
            raise ParameterError("key, headings or words name no column", where=where, found=lost)
        for name in self.columns:
            if self.kinds[name] is Kind.MONEY:
                _check_money(self, name, where)

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names in reading order."""
        return tuple(self.kinds)

    @property
    def shown_columns(self) -> tuple[str, ...]:
        """Column names that a person sees."""
        return tuple(name for name in self.kinds if name != self.strong_rows)

    def heading(self, column: str) -> str:
        """What a person reads over a column: the given heading, or the name in words."""
        return self.headings.get(column) or column.replace("_", " ").strip().capitalize()

    @cached_property
    def sums(self) -> Sums:
        """The exact sum of each money column by group and currency: pages, sheets and checks all ask for it."""
        from arlib.report.totals import sums_of

        return sums_of(self)

    def currencies(self, column: str) -> pd.Series:
        """The currency of each value of a money column, as text."""
        source = self.currency[column]
        if source in self.kinds:
            return self.frame[source].astype("str")
        return pd.Series(source, index=self.frame.index, dtype="str")


@dataclass(frozen=True, kw_only=True, eq=False)
class Chart:
    """A picture as data: one idea, one sentence that says it, and the words for those who cannot see it.

    `frame` has `label` (text) and `amount` (money, Int64 minor units of `currency`); for steps also
    `is_total` (flag): the amount of a total is where it stands, that of any other row how far it moves.
    Grouped bars have `series` (text); bars around a base have `is_total` on the one row that is the base.
    A chart may have `note` (text), said beside the amount of a bar, such as a share. Lines have `series` and `value`
    (decimal text, empty where there is none) instead of `amount`: their `unit` is no currency, or its ISO code.
    """

    name: str
    title: str
    sentence: str
    alt: str
    kind: ChartKind
    frame: pd.DataFrame
    currency: str
    unit: str = ""  # of lines: what is on the axis, such as days, percent or an ISO code

    def __post_init__(self) -> None:
        """Alt text and sentence must say something, and the frame must have the columns of its kind."""
        where = f"chart {self.name}"
        if not self.alt.strip() or not self.sentence.strip():
            raise ParameterError("a chart needs alt text and a sentence", where=where)
        number = "value" if self.kind is ChartKind.LINES else "amount"
        wanted = ["label", number, *MORE_COLUMNS.get(self.kind, ())]
        if lost := [name for name in wanted if name not in self.frame.columns]:
            raise ParameterError("a column is missing", where=where, found=lost, wanted=", ".join(wanted))
        if self.kind is ChartKind.LINES:
            _check_lines(self, where)
            return
        if str(self.frame["amount"].dtype) != DTYPES[Kind.MONEY]:
            raise TypeError(f"{where}: money must be Int64 minor units, found {self.frame['amount'].dtype}")
        if self.kind is ChartKind.AROUND and len(self.frame) and int(self.frame["is_total"].sum()) != 1:
            raise ParameterError("bars around a base need exactly one base", where=where,
                                 found=int(self.frame["is_total"].sum()), wanted="one row with is_total")  # fmt: skip


STEPPED = (ChartKind.WATERFALL, ChartKind.BRIDGE)
MORE_COLUMNS = {
    ChartKind.WATERFALL: ("is_total",),
    ChartKind.BRIDGE: ("is_total",),
    ChartKind.AROUND: ("is_total",),
    ChartKind.GROUPED_BARS: ("series",),
    ChartKind.LINES: ("series",),
}

_Part = TypeVar("_Part", ResultTable, Chart)

WORST_FIRST = (Status.UNEXPLAINED, Status.EXPLAINED, Status.NO_INPUT, Status.TIED)


@dataclass(frozen=True, kw_only=True, eq=False)
class Report:
    """Everything that one notebook hands over, for one entity and period."""

    name: str  # machine name, e.g. "aging"
    title: str
    question: str  # what the report answers
    reader: str  # who reads the answer
    scope: Scope
    tables: tuple[ResultTable, ...] = ()
    charts: tuple[Chart, ...] = ()
    controls: tuple[Control, ...] = ()
    identities: tuple[Identity, ...] = ()
    findings: tuple[str, ...] = ()  # sentences: what to decide next
    limits: tuple[str, ...] = ()  # sentences: what these figures do not say
    counts: Mapping[str, int] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(
        default_factory=dict
    )  # what was chosen, in words: basis, buckets, ...
    inputs: pd.DataFrame = field(
        default_factory=INPUTS.empty
    )  # file names and hashes: outside the results' hash
    problems: pd.DataFrame = field(default_factory=PROBLEMS.empty)
    rows_shown: int = 50  # rows of a table that a page shows
    attachments: Mapping[str, bytes] = field(
        default_factory=dict
    )  # files to hand over beside the tables, by name

    def __post_init__(self) -> None:
        """Names of tables and of charts must be unique, and those of attachments plain: files are named by them."""
        if odd := sorted(name for name in self.attachments if not FILE_NAME.fullmatch(name)):
            raise ParameterError("a name of an attachment", where=f"report {self.name}", found=odd[0])
        named = {"tables": [t.name for t in self.tables], "charts": [c.name for c in self.charts]}
        for kind, names in named.items():
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ParameterError(f"two {kind} of one name", where=f"report {self.name}", found=twice)

    def table(self, name: str) -> ResultTable:
        """The table of that name; an unknown name raises ParameterError with the nearest known one."""
        return _named(self.tables, name, f"report {self.name} has no such table")

    def chart(self, name: str) -> Chart:
        """The chart of that name; an unknown name raises ParameterError with the nearest known one."""
        return _named(self.charts, name, f"report {self.name} has no such chart")

    @property
    def status(self) -> Status:
        """The word for the whole report: unexplained if any control is, else explained, not run, or tied.

        A report without controls counts as tied.
        """
        found = {control.status for control in self.controls}
        return next((status for status in WORST_FIRST if status in found), Status.TIED)


def _named(parts: tuple[_Part, ...], name: str, message: str) -> _Part:
    for part in parts:
        if part.name == name:
            return part
    near = nearest(name, [part.name for part in parts])
    raise ParameterError(message, found=name, fix=f"Did you mean {near!r}?" if near else "")


def _check_lines(chart: Chart, where: str) -> None:
    """Lines have a unit, decimal text, and one value for each series and label."""
    if not chart.unit:
        raise ParameterError("lines need a unit", where=where, wanted="days, percent or an ISO 4217 code")
    if chart.frame.duplicated(["series", "label"]).any():
        raise ParameterError("a line has two values at one label", where=where)
    for text in chart.frame["value"].dropna():
        if not isinstance(text, str) or not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
            raise ParameterError(
                "a value of a line", where=where, found=text, wanted="decimal text such as 41.3"
            )


def _check_money(table: ResultTable, name: str, where: str) -> None:
    dtype = str(table.frame[name].dtype)
    if dtype != DTYPES[Kind.MONEY]:
        raise TypeError(f"{where}.{name}: money must be Int64 minor units, found {dtype}")
    source = table.currency.get(name, "")
    if source not in table.kinds and not (len(source) == 3 and source.isupper()):
        raise ParameterError("a money column needs its currency", where=f"{where}.{name}", found=source,
                             wanted="a column of the table or an ISO 4217 code")  # fmt: skip
