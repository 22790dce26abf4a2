"""Texts as a search compares them. Floor 1."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Callable

QUERY_LIMIT = 200  # signs of a query that are looked at; no name, number or amount is longer


def read_query(text: str) -> str:
    """What of a query is looked at: its first 200 signs, control and direction marks as blanks, blanks single."""
    shown = "".join(sign if unicodedata.category(sign)[0] != "C" else " " for sign in text[: 4 * QUERY_LIMIT])
    return " ".join(shown.split())[:QUERY_LIMIT]


def folded(text: str) -> str:
    """Letters and digits only, without case, width or compatibility forms: 'INV-0042 / a' is 'inv0042a'."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def spelt(text: str) -> str:
    """A name's words in small letters without diacritics: 'Müller & Söhne' is 'muller sohne'."""
    plain = unicodedata.normalize("NFKD", text[:280]).casefold()
    kept = (
        sign if sign.isalnum() else "" if unicodedata.category(sign) in ("Mn", "Cf") or sign in "'’" else " "
        for sign in plain
    )
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())


def folded_column(texts: pd.Series) -> pa.Array:
    """`folded` of each text, missing as ''."""
    values = pa.array(texts, type=pa.large_string(), from_pandas=True)
    values = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    values = pc.fill_null(values, "")
    made = pc.replace_substring_regex(pc.ascii_lower(values), pattern="[^a-z0-9]+", replacement="")
    other = np.flatnonzero(~np.asarray(pc.string_is_ascii(values)))
    if not len(other):
        return made
    wide = [folded(text) for text in values.take(pa.array(other)).to_pylist()]
    is_other = np.zeros(len(values), dtype=bool)
    is_other[other] = True
    return pc.replace_with_mask(made, pa.array(is_other), pa.array(wide, type=pa.large_string()))


def per_text(texts: pd.Series, make: Callable[[str], str]) -> pd.Series:
    """`make` of each text, worked out once for each different one; missing as ''."""
    codes, known = pd.factorize(texts)
    made = np.array([*(make(str(text)) for text in known), ""], dtype=object)
    return pd.Series(made[codes], index=texts.index, dtype="str")
