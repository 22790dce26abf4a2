"""Ids of rows that have none: a short hash of what a row says, the same whenever it is read again. Floor 2."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def hashes(columns: Sequence[Iterable[str]], *, index: pd.Index, places: int) -> pd.Series:
    """The first `places` of the SHA-256 of each row's texts."""
    import pandas as pd

    texts = ("\x1f".join(parts) for parts in zip(*columns, strict=True))
    return pd.Series(
        [hashlib.sha256(t.encode()).hexdigest()[:places] for t in texts], index=index, dtype="str"
    )


def numbered(ids: pd.Series) -> pd.Series:
    """Ids that are alike told apart: the second of them gets -2, the third -3."""
    nth = ids.groupby(ids).cumcount()
    return ids.where(nth.eq(0), ids + "-" + (nth + 1).astype("str"))
