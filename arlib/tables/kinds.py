"""What a declared table is: columns, kinds, keys. Floor 0.

A kind fixes how a value lives in memory (pandas) and on disk (Parquet), so that money is never float and a customer code
keeps its zeros:

    kind      in memory              in Parquet      in CSV
    TEXT      str                    string          as it is
    DAY       datetime64[s]          date32          2026-10-31
    INSTANT   datetime64[us, UTC]    timestamp[us]   2026-10-31T17:04:00Z
    MONEY     Int64, minor units     int64           1234.50
    INTEGER   Int64                  int64           42
    FLAG      boolean                bool            true / false
    RATE      str, decimal text      string          1.0863
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any

from arlib.errors import ParameterError, nearest

if TYPE_CHECKING:
    import pandas as pd


class Kind(StrEnum):
    """How a column's values are held; see the module's table."""

    TEXT = "text"
    DAY = "day"
    INSTANT = "instant"
    MONEY = "money"
    INTEGER = "integer"
    FLAG = "flag"
    RATE = "rate"


DTYPES: dict[Kind, Any] = {
    Kind.TEXT: "str",
    Kind.DAY: "datetime64[s]",
    Kind.INSTANT: "datetime64[us, UTC]",
    Kind.MONEY: "Int64",
    Kind.INTEGER: "Int64",
    Kind.FLAG: "boolean",
    Kind.RATE: "str",
}


@dataclass(frozen=True)
class Column:
    """One column: its name, kind and meaning.

    `is_required` says that every row must have a value. `currency` names, for MONEY, the column that holds the currency
    of the amount; 'functional' means the entity's functional currency. `choices` is a closed list, as an enum. A RATE is
    above zero, but where `may_be_zero`: no discount is a discount rate, nothing for something is no exchange rate.
    """

    name: str
    kind: Kind
    meaning: str
    is_required: bool = False
    currency: str = ""
    choices: type[Enum] | None = None
    is_key: bool = False  # an identifier: an id that begins like a formula is refused
    may_be_zero: bool = False


@dataclass(frozen=True)
class Table:
    """A declared table: what one row is, its key, its columns in order."""

    name: str
    one_row_is: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    by_name: dict[str, Column] = field(init=False, repr=False, compare=False)
    _empty: pd.DataFrame | None = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        """Index the columns and see that key and currencies name real ones."""
        object.__setattr__(self, "by_name", {column.name: column for column in self.columns})
        named = set(self.key) | {c.currency for c in self.columns if c.currency not in ("", "functional")}
        if missing := sorted(named - self.by_name.keys()):
            raise ParameterError(f"table {self.name} names columns that it does not declare", found=missing)

    def __getitem__(self, name: str) -> Column:
        """The column of that name; an unknown one raises ParameterError with the nearest known name."""
        if name not in self.by_name:
            near = nearest(name, self.by_name)
            raise ParameterError(
                f"table {self.name} has no such column",
                found=name,
                fix=f"Did you mean {near!r}?" if near else "",
            )
        return self.by_name[name]

    @property
    def names(self) -> list[str]:
        """Column names in declared order."""
        return [column.name for column in self.columns]

    def of_kind(self, kind: Kind) -> list[str]:
        """Names of the columns of one kind, in declared order."""
        return [column.name for column in self.columns if column.kind is kind]

    def empty(self) -> pd.DataFrame:
        """A frame without rows and with every declared column in its dtype."""
        import pandas as pd

        if self._empty is None:
            made = pd.DataFrame({c.name: pd.Series([], dtype=DTYPES[c.kind]) for c in self.columns})
            object.__setattr__(self, "_empty", made)
        assert self._empty is not None
        return self._empty.copy(deep=False)  # what is written to the copy stays there

    def frame(self, rows: Any = None, /, **columns: Any) -> pd.DataFrame:
        """A typed frame from records or columns; what is not given is empty, an unknown column raises ParameterError.

        Days may be ISO text or dates, money is integers in minor units (a float raises TypeError).
        """
        import pandas as pd

        raw = pd.DataFrame(rows if rows is not None else columns)
        for name in raw.columns:
            _ = self[str(name)]
        return self.typed(raw)

    def from_rows(self, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
        """A typed frame of plain rows in the order given. What a row lacks is empty, what is not declared is left out.

        No column is guessed: an amount that one row lacks does not make floats of the others. Money that is a float
        raises TypeError.
        """
        import pandas as pd

        given = list(rows)
        if not given:
            return self.empty()
        raw: dict[str, pd.Series] = {}
        for column in self.columns:
            values = [row.get(column.name) for row in given]
            if column.kind is Kind.MONEY and any(isinstance(v, float) and v == v for v in values):
                raise TypeError(f"{self.name}.{column.name}: money must be integer minor units, found floats")
            if any(value is not None for value in values):
                raw[column.name] = pd.Series(values, dtype="object")
        return self.typed(pd.DataFrame(raw, index=range(len(given))))

    def typed(self, raw: pd.DataFrame) -> pd.DataFrame:
        """The declared columns of `raw` in declared order and dtype; missing ones are added empty, others left out.

        Raises TypeError where a money column holds floats: money never passes through float, not even unharmed.
        """
        import pandas as pd

        if not len(raw):
            # a mask that keeps no row leaves texts without any chunk, which pandas cannot merge
            return self.empty().set_axis(raw.index)
        found = dict(zip(raw.columns, raw.dtypes, strict=True))
        if all(found.get(column.name) == DTYPES[column.kind] for column in self.columns):
            return raw[self.names]
        made: dict[str, pd.Series] = {}
        none: dict[str, pd.Series] = {}  # one for all columns that lack: pandas copies what is written to
        for column in self.columns:
            dtype, given = DTYPES[column.kind], found.get(column.name)
            if given is None:
                if dtype not in none:
                    none[dtype] = _none(raw.index, dtype)
                made[column.name] = none[dtype]
                continue
            values = raw[column.name]
            if column.kind is Kind.MONEY and pd.api.types.is_float_dtype(given) and values.notna().any():
                raise TypeError(f"{self.name}.{column.name}: money must be integer minor units, found floats")
            if given == dtype:
                made[column.name] = values
            elif column.kind is Kind.DAY:
                made[column.name] = pd.to_datetime(values).astype(dtype)
            elif column.kind is Kind.INSTANT:
                made[column.name] = pd.to_datetime(values, utc=True).astype(dtype)
            else:
                made[column.name] = values.astype(dtype)
        return pd.DataFrame(made, index=raw.index, copy=False)  # pandas copies what is written to


def _none(index: pd.Index, dtype: Any) -> pd.Series:
    """A column of missing values."""
    import pandas as pd
    import pyarrow as pa

    if dtype != DTYPES[Kind.TEXT]:
        return pd.Series(index=index, dtype=dtype)
    kind: Any = pd.api.types.pandas_dtype(dtype)
    return pd.Series(kind.__from_arrow__(pa.nulls(len(index), pa.large_string())), index=index)
