"""Plain rows of frames, frames of plain rows, and single values of them. Floor 0."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import pandas as pd

    from arlib.tables.kinds import Table

Row = dict[str, Any]


def records(frame: pd.DataFrame) -> list[Row]:
    """The rows of a frame as plain mappings."""
    return cast("list[Row]", frame.rename(columns=str).to_dict("records"))


def frame_of(table: Table, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """The typed frame of plain rows, sorted by the table's key."""
    return table.from_rows(rows).sort_values(list(table.key), kind="stable", ignore_index=True)


def is_none(value: Any) -> bool:
    """Whether a cell holds nothing."""
    import pandas as pd

    return value is None or value is pd.NA or value is pd.NaT or value != value


def text(value: object) -> str:
    """A text, '' where there is none."""
    return value if isinstance(value, str) else ""


def whole(value: Any) -> int:
    """An amount, 0 where there is none."""
    return 0 if is_none(value) else int(value)
