"""Items' own numbers, made comparable with what payments write. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from arlib.matching.pool import REFERENCE_FIELDS
from arlib.matching.references.tokens import LONGEST_PIECE, plain_number

if TYPE_CHECKING:
    from arlib.matching.pool import Pool

SHORTEST_WINDOW = 7  # a shorter number inside a run of digits is there by accident too often
ACCIDENT = 1e-4  # share of a length's numbers that items bear, above which a number alone is weak


@dataclass(frozen=True)
class ItemKeys:
    """Items' own numbers as letters and digits, by field, and their digits without leading zeros."""

    whole: tuple[pa.StringArray, ...]
    digits: tuple[pa.StringArray, ...]
    crowded: frozenset[int]  # counts of digits at which numbers are so dense that one is hit by accident
    lengths: tuple[int, ...]  # usual lengths of whole numbers, for those written without anything between


def item_keys(pool: Pool) -> ItemKeys:
    """Numbers of all items, made comparable."""
    whole, digits = [], []
    for name in REFERENCE_FIELDS:
        key = _plain(pool.items.frame[name])
        number = pc.replace_substring_regex(key, "[^0-9]", "")
        whole.append(key)
        digits.append(pc.utf8_ltrim(number, "0"))
    crowded, lengths = _habits(whole, digits)
    return ItemKeys(tuple(whole), tuple(digits), crowded, lengths)


def _habits(
    whole: list[pa.StringArray], digits: list[pa.StringArray]
) -> tuple[frozenset[int], tuple[int, ...]]:
    counts = np.zeros(LONGEST_PIECE + 1, np.int64)
    usual: set[int] = set()
    for key, number in zip(whole, digits, strict=True):
        size = np.clip(np.asarray(pc.utf8_length(number), np.int64), 0, LONGEST_PIECE)
        counts += np.bincount(size, minlength=LONGEST_PIECE + 1)
        length = np.asarray(pc.utf8_length(key), np.int64)
        seen = np.bincount(np.clip(length[length > 0], 0, LONGEST_PIECE), minlength=1)
        usual |= {int(n) for n in np.flatnonzero(seen >= max(1, 0.02 * seen.sum()))}
    crowded = frozenset(n for n in range(1, LONGEST_PIECE) if counts[n] > ACCIDENT * 9 * 10.0 ** (n - 1))
    return crowded, tuple(sorted(n for n in usual if SHORTEST_WINDOW <= n < LONGEST_PIECE))


def _plain(column: pd.Series) -> pa.StringArray:
    array = pa.array(column.astype("str").fillna(""), pa.string())
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    strange = np.flatnonzero(~np.asarray(pc.string_is_ascii(array)))
    out = pc.replace_substring_regex(pc.ascii_upper(array), "[^0-9A-Z]", "")
    if len(strange):
        values = out.to_pylist()
        for row in strange:
            values[row] = plain_number(array[int(row)].as_py())
        out = pa.array(values, pa.string())
    return out
