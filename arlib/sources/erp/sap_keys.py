"""Keys of SAP's tables as text that compares: with or without leading zeros, or after a float. Floor 2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arlib.sources.express import FLOAT_ID

if TYPE_CHECKING:
    import pandas as pd


def plain(values: pd.Series) -> pd.Series:
    """A key column without blanks, a float's tail and, where it is all digits, leading zeros; 0 is none."""
    bare = values.str.strip().str.replace(FLOAT_ID, r"\1", regex=True)
    return bare.where(~bare.str.fullmatch(r"\d+"), bare.str.lstrip("0"))


def filled(values: pd.Series) -> pd.Series:
    """True where a value stands."""
    return values.str.strip().ne("")


def joined_key(columns: list[pd.Series]) -> pd.Series:
    """Plain key columns as one text."""
    made = columns[0]
    for column in columns[1:]:
        made = made + "/" + column
    return made


def document_key(frame: pd.DataFrame, columns: tuple[str, ...] = ("BUKRS", "BELNR", "GJAHR")) -> pd.Series:
    """Company code, document number and year."""
    return joined_key([plain(frame[name]) for name in columns])


def line_key(frame: pd.DataFrame) -> pd.Series:
    """Company code, document number, year and line."""
    return document_key(frame, ("BUKRS", "BELNR", "GJAHR", "BUZEI"))
