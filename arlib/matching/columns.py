"""Columns of a frame as lists. Floor 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def texts(frame: pd.DataFrame, name: str) -> list[str]:
    """A text column, '' where it has nothing; a column that is not there is '' throughout."""
    return texts_of(frame[name]) if name in frame.columns else [""] * len(frame)


def texts_of(column: pd.Series) -> list[str]:
    """The texts of a column, '' where it has nothing."""
    found: list[str] = column.astype("str").to_numpy(object, na_value="").tolist()
    return found


def whole(frame: pd.DataFrame, name: str) -> list[int | None]:
    """An integer column, None where it is empty."""
    column = frame[name]
    known = column.notna().tolist()
    return [int(value) if is_known else None for value, is_known in zip(column.tolist(), known, strict=True)]
