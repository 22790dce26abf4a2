"""Fingerprints that two runs are compared by: SHA-256 over what was decided, with and without names. Floor 1."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING

from arlib.matching.columns import texts_of
from arlib.matching.frames import MATCH_ITEMS, MATCH_RECEIPTS, MATCHES, UNMATCHED
from arlib.matching.pool import days
from arlib.tables import Kind, Table

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from arlib.matching.result import MatchResult

_FIGURES = (Kind.MONEY, Kind.INTEGER, Kind.DAY)
# What a row says in words that hold no name, number or text of anybody, so that they survive a renaming.
_PLAIN_WORDS = frozenset((
    "currency", "receipt_currency", "reason", "claim_code", "decision", "rule", "reference_field", "reference_how", "payer_how", "status",
))  # fmt: skip
_MISSING = -(2**63)  # no amount or count is that


def result_hash(result: MatchResult) -> str:
    """SHA-256 over every column of MATCHES and UNMATCHED in the order of their keys: ids and texts included."""
    digest = sha256()
    for table, frame in ((MATCHES, result.matches), (UNMATCHED, result.unmatched)):
        ordered = table.typed(frame).sort_values(list(table.key), kind="stable")
        for column in table.columns:
            for data in _column_bytes(ordered[column.name], column.kind):
                digest.update(len(data).to_bytes(8, "little"))
                digest.update(data)
    return digest.hexdigest()


def content_hash(result: MatchResult) -> str:
    """SHA-256 over amounts, days, counts and plain words of matches beside those of their item and receipt.

    No id, name or text of anybody counts, and no order of rows: it is the same when customers, documents and receipts are
    renamed.
    """
    import numpy as np

    receipts = _facts(result.pool_receipts, MATCH_RECEIPTS, key=["entity", "receipt_id"])
    items = _facts(result.pool_items, MATCH_ITEMS, key=["entity", "item_id"])
    digest = sha256()
    for table, frame in ((MATCHES, result.matches), (UNMATCHED, result.unmatched)):
        columns: list[NDArray[np.int64]] = []
        for column in table.columns:
            if column.kind in _FIGURES:
                columns.append(_whole(frame[column.name], column.kind))
            elif column.name in _PLAIN_WORDS:
                words, codes = np.unique(
                    np.array(texts_of(frame[column.name]), dtype=object), return_inverse=True
                )
                digest.update("\0".join([column.name, *words.tolist()]).encode("utf-8", "surrogatepass"))
                columns.append(codes.astype(np.int64))
        columns += receipts(frame)
        if table is MATCHES:
            columns += items(frame)
        order = np.lexsort(columns[::-1])
        for values in columns:
            digest.update(values[order].astype("<i8").tobytes())
        digest.update(len(frame).to_bytes(8, "little"))
    return digest.hexdigest()


def _facts(
    frame: pd.DataFrame, table: Table, *, key: list[str]
) -> Callable[[pd.DataFrame], list[NDArray[np.int64]]]:
    """For rows that name their entity and id, all figures of the row of `frame` with that key."""
    import numpy as np

    figures = [column for column in table.columns if column.kind in _FIGURES]
    numbered = frame[key].assign(row=np.arange(len(frame)))

    def of(rows: pd.DataFrame) -> list[NDArray[np.int64]]:
        joined = rows[key].merge(numbered, on=key, how="left")["row"]
        at, is_known = joined.fillna(0).to_numpy(np.int64), joined.notna().to_numpy()
        if not len(frame):
            return []
        return [
            np.where(is_known, _whole(frame[column.name], column.kind)[at], _MISSING) for column in figures
        ]

    return of


def _whole(column: pd.Series, kind: Kind) -> NDArray[np.int64]:
    import numpy as np

    if kind is Kind.DAY:
        return days(column).astype(np.int64)
    return column.to_numpy(dtype=np.int64, na_value=_MISSING)


def _column_bytes(column: pd.Series, kind: Kind) -> tuple[bytes, ...]:
    """A column as bytes that tell every two columns apart: figures, or the lengths of the texts and the texts."""
    import numpy as np

    if kind in _FIGURES:
        return (_whole(column, kind).astype("<i8").tobytes(),)
    texts = texts_of(column)
    lengths = np.fromiter(map(len, texts), dtype="<i8", count=len(texts))
    return lengths.tobytes(), "".join(texts).encode("utf-8", "surrogatepass")
