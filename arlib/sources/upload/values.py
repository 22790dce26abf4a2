"""Rows in and out of frames, and single values of them. Floor 2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from arlib.tables.kinds import Table

Row = dict[Any, Any]


def frame_of(table: Table, rows: Sequence[Row]) -> pd.DataFrame:
    """The table from records, some of which may lack an amount: no column is guessed to be float on the way."""
    import pandas as pd

    if not rows:
        return table.empty()
    names = [name for name in table.names if any(name in row for row in rows)]
    return table.typed(
        pd.DataFrame({name: pd.Series([row.get(name) for row in rows], dtype="object") for name in names})
    )


def filled(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The table's columns in its types, with '' for a text that is missing: a missing text must not count as one."""
    typed = table.typed(frame)
    texts = [column.name for column in table.columns if str(typed[column.name].dtype) == "str"]
    return typed.assign(**{name: typed[name].fillna("") for name in texts})


def is_none(value: Any) -> bool:
    """Whether a cell holds nothing."""
    import pandas as pd

    return value is None or value is pd.NA or value is pd.NaT or value != value


def whole(value: Any) -> int:
    """An amount, 0 where there is none."""
    return 0 if is_none(value) else int(value)
