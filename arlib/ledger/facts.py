"""Which facts count at an as-of date: by their business or ledger date, and as known at a day. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from arlib.errors import AmountError, ParameterError, Problem, TableError
from arlib.money import Numbering, large_text, numbering, totals_by
from arlib.policy import Basis, Scope
from arlib.tables import Book

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

MANY = 1 << 16  # ids from which the tables of `places` are found sooner than one of whole texts
LARGEST = 2.0**62  # half of what int64 holds, so that a float estimate of a sum is a safe test


def require_answerable(book: Book, *, scope: Scope) -> None:
    """Refuse, in words, an as-of or knowledge date that the source cannot answer; raises ParameterError.

    A snapshot holds one day only. "As known at" needs entry times of every item and application.
    """
    if "snapshot" in book.features and book.snapshot_date != scope.as_of.isoformat():
        raise ParameterError(
            "as_of: the source is a snapshot of one day and keeps no history",
            where=scope.entity,
            found=scope.as_of.isoformat(),
            wanted=book.snapshot_date,
        )
    if scope.known_at is None:
        return
    if "entry_times" not in book.features:
        raise ParameterError(
            "known_at: the source does not keep when a fact was entered, so what was known at a date "
            "cannot be told",
            where=scope.entity,
            found=scope.known_at.isoformat(),
            fix="Leave known_at out, or ask a sealed run of that date.",
        )
    for name in ("items", "applications"):
        missing = int(of_entity(book[name], scope.entity)["entered_at"].isna().sum())
        if missing:
            raise ParameterError(
                f"known_at: {missing} {name} carry no entry time",
                where=scope.entity,
                found=scope.known_at.isoformat(),
                fix="Leave known_at out.",
            )


def of_entity(frame: pd.DataFrame, entity: str) -> pd.DataFrame:
    """The rows of one entity, numbered from 0; the frame itself is not copied when all rows are its."""
    mine = frame["entity"].eq(entity).to_numpy(dtype=bool)
    return frame.reset_index(drop=True) if mine.all() else frame[mine].reset_index(drop=True)


def fact_dates(frame: pd.DataFrame, basis: Basis) -> pd.Series[pd.Timestamp]:
    """The date that decides: posting date (the effective one where it is not filled) or effective date."""
    if basis is Basis.EFFECTIVE:
        return frame["effective_date"]
    return frame["posting_date"].fillna(frame["effective_date"])


def known_until(scope: Scope) -> pd.Timestamp | None:
    """The first instant (UTC) after the knowledge date in the entity's time zone, or None without one."""
    if scope.known_at is None:
        return None
    midnight = pd.Timestamp(scope.known_at + timedelta(days=1)).tz_localize(
        ZoneInfo(scope.time_zone), nonexistent="shift_forward", ambiguous=True
    )
    return midnight.tz_convert("UTC")


def counted(
    frame: pd.DataFrame, *, scope: Scope, basis: Basis | None = None, until: date | None = None
) -> Bools:
    """Which rows are facts on or before the as-of date (or `until`), in the scope's view.

    Needs the three dates; `known_at` cuts too. A fact of the as-of date itself counts; one entered at
    midnight after `known_at` does not.
    """
    dates = fact_dates(frame, basis or scope.basis)
    here = (dates <= pd.Timestamp(until or scope.as_of)).to_numpy(dtype=bool)
    end = known_until(scope)
    return here if end is None else here & (frame["entered_at"] < end).to_numpy(dtype=bool)


@dataclass(frozen=True)
class Places:
    """Where each text of a column stands, made once and asked often; `found` gives the first row of each wanted text,
    -1 where it is missing or not there.
    """

    numbering: Numbering
    first: Ints

    def found(self, wanted: pd.Series[str]) -> Ints:
        """Row of each wanted text."""
        at = self.numbering.of([wanted])
        return np.where(at < 0, -1, self.first[at]) if len(self.first) else at

    @property
    def rows(self) -> int:
        """How many ids there are."""
        return len(self.numbering.rows.numbers)

    @property
    def is_unique(self) -> bool:
        """Whether no text stands twice."""
        return int(np.count_nonzero(self.first >= 0)) == self.rows


def places(ids: pd.Series[str] | pd.Index) -> Places:
    """Where each of the ids stands."""
    made = numbering([pd.Series(ids, dtype="str")])
    first = np.full(made.rows.size, -1, dtype=np.int64)
    first[made.rows.numbers[::-1]] = np.arange(len(ids) - 1, -1, -1)
    return Places(made, first)


def positions(
    ids: pd.Index | Places, wanted: pd.Series[str], *, table: str, column: str, entity: str
) -> Ints:
    """Row numbers in `ids` of each wanted id. An id that is not there raises TableError with every row at
    fault.
    """
    found = ids.found(wanted) if isinstance(ids, Places) else found_at(wanted, ids)
    missing = np.flatnonzero(found < 0)
    if len(missing):
        faults = [
            _fault(table, column, at, code="unknown_item", found=wanted, wanted="an item of the same entity")
            for at in missing.tolist()
        ]
        raise TableError(f"{table}: rows name items that are not there", faults, where=entity)
    return found


def found_at(wanted: pd.Series[str], ids: pd.Series[str] | pd.Index) -> Ints:
    """Row of each wanted text in `ids`, the first where it stands twice, -1 where it is missing or not there."""
    if len(ids) >= MANY:
        return places(ids).found(wanted)
    at = pc.index_in(large_text(wanted), value_set=large_text(ids))
    return np.asarray(pc.fill_null(at, -1), dtype=np.int64)


def is_among(column: pd.Series[str], ids: pd.Series[str] | pd.Index) -> Bools:
    """Which texts stand in `ids`: Series.isin without its pass over each text in Python, which takes seconds at a million."""
    return found_at(column, ids) >= 0


def are_unique(ids: pd.Series[str] | pd.Index) -> bool:
    """Whether no text stands twice."""
    return places(ids).is_unique


def _fault(table: str, column: str, at: int, *, code: str, found: pd.Series[str], wanted: str) -> Problem:
    """What is wrong in one row of a table, by its position; rows are numbered as in its file, the header is 1."""
    return Problem(
        file=f"table {table}",
        table=table,
        row=at + 2,
        column=column,
        code=code,
        found=str(found.iloc[at]),
        wanted=wanted,
    )


def require_same(
    left: pd.Series[str], right: pd.Series[str], at: Ints, *, table: str, column: str, entity: str
) -> None:
    """Raise TableError with every row whose text is not that of row `at` of the other column, such as a currency."""
    there = numbering([right])
    differs = np.flatnonzero(there.of([left]) != there.rows.numbers[at])
    if len(differs):
        faults = [
            _fault(table, column, row, code="differs_from_item", found=left, wanted=str(right.iloc[at[row]]))
            for row in differs.tolist()
        ]
        raise TableError(f"{table}: {column} is not that of the item", faults, where=entity)


def ints(column: pd.Series[int]) -> Ints:
    """Money as plain int64, missing as 0."""
    filled = column.fillna(0) if column.hasnans else column
    return np.asarray(filled.to_numpy(dtype=np.int64), dtype=np.int64)


def sums_by_currency(frame: pd.DataFrame, column: str) -> dict[str, int]:
    """Exact sum of a money column for each currency that the frame has; rows without a currency are not counted."""
    made = totals_by(frame[["currency", column]], "currency", column)
    known = made[made["currency"].notna()]
    return {code: int(amount) for code, amount in zip(known["currency"], known[column], strict=True)}


def in_functional(
    rows: pd.DataFrame, given: str, amount: str, currency: str, functional: str
) -> pd.Series[int]:
    """The functional amount that stands in column `given`, else `amount` itself where it is in the books' currency or zero.

    Missing where neither is known.
    """
    plain = rows[amount].fillna(0)
    same = rows[currency].eq(functional) | plain.eq(0)
    return rows[given].where(rows[given].notna() | ~same, plain)


def require_no_overflow(*columns: Ints) -> None:
    """Raise AmountError where sums over these columns could pass what 64 bits hold."""
    if sum(float(np.abs(column.astype(np.float64)).sum()) for column in columns) >= LARGEST:
        raise AmountError("amounts are too large to add", wanted="a total below 4.6 × 10^18 minor units")
