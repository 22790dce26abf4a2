"""Rows of postings, and frames in which a missing text is an empty one. Floor 2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from arlib.tables.kinds import Table

Row = dict[Any, Any]


def filled(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The table's columns in its types, with '' for a text that is missing: a missing text must not count as one."""
    typed = table.typed(frame)
    texts = [column.name for column in table.columns if str(typed[column.name].dtype) == "str"]
    return typed.assign(**{name: typed[name].fillna("") for name in texts})
