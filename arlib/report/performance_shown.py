"""Result tables whose page shows some columns, in order; workbook and data have the rest behind them. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from arlib.report.bad_debt_percents import percent_of
from arlib.report.model import ResultTable
from arlib.report.tables import result_table
from arlib.tables import Table


def shown_table(
    table: Table, frame: pd.DataFrame, *, on_page: tuple[str, ...] = (), headings: Mapping[str, str] | None = None,
    shares: tuple[str, ...] = (), words: Mapping[str, Mapping[str, str]] | None = None, **more: Any,
) -> ResultTable:  # fmt: skip
    """`result_table` with the columns of the page first; headings of columns that the table has not are left out.

    `shares` are read as percent, such as 34.7 %; data files keep the share itself.
    """
    names = tuple(name for name in table.names if name != "entity" and name in frame.columns)
    first = tuple(name for name in on_page if name in names)
    rest = tuple(name for name in names if name not in first)
    own = {name: text for name, text in (headings or {}).items() if name in names}
    hidden = rest if first else ()
    said = {
        name: {str(v): f"{percent_of(str(v), 1)} %" for v in frame[name].dropna().unique()} for name in shares
    }
    return result_table(
        table,
        frame,
        columns=(*first, *rest),
        headings=own,
        not_on_page=hidden,
        words=said | dict(words or {}),
        **more,
    )
