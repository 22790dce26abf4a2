"""Codes and numbers that can be found whole, by their beginning and by any part. Floor 1."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from arlib.ledger.facts import Bools, Ints
from arlib.ledger.search.text import folded_column

SHORTEST_INSIDE = 3  # signs; every number has any two digits in it somewhere
LOOKED_AT = 20_000  # places of one query that are looked at inside keys; more say nothing
END = b"\n"  # no key holds it: keys are letters and digits


@dataclass(frozen=True, eq=False)
class Keys:
    """Keys in order, one after another in one text, so that a part is found at the speed of memory."""

    field: str  # what the keys are: 'document', 'tax id' ...
    table: str  # items, receipts or '' for what a customer has itself
    shown: pd.Series  # as they are written, by row of the source
    text: bytes
    starts: npt.NDArray[np.int64]
    rows: Ints  # row of the source, by place
    owners: Ints  # owner, by place

    @classmethod
    def of(
        cls, field: str, shown: pd.Series, owners: Ints, *, table: str = "", but: pd.Series | None = None
    ) -> Keys:
        """Index a column; rows without a letter or digit, and those that `but` has the same text for, are left out."""
        keys = folded_column(shown)
        is_kept = np.asarray(pc.greater(pc.binary_length(keys), 0))
        if but is not None:
            is_kept = is_kept & ~np.asarray(pc.equal(keys, folded_column(but)))
        rows = np.flatnonzero(is_kept)
        keys = keys.take(pa.array(rows))
        order = np.asarray(pc.sort_indices(keys), dtype=np.int64)
        text, starts = _one_text(keys.take(pa.array(order)))
        rows = rows[order]
        return cls(field, table, shown, text, starts, rows, owners[rows])

    def __len__(self) -> int:
        """How many keys there are."""
        return len(self.rows)

    def _key(self, place: int) -> bytes:
        return self.text[int(self.starts[place]) : int(self.starts[place + 1]) - len(END)]

    def begun(self, query: str) -> tuple[int, int, int]:
        """Where the keys that begin with the query, folded, begin, where those that are it end, and where all end."""
        wanted, places = query.encode(), range(len(self))
        first = bisect_left(places, wanted, key=self._key)
        whole = bisect_left(places, wanted + b"\x00", lo=first, key=self._key)
        return first, whole, bisect_left(places, wanted + b"\xff", lo=whole, key=self._key)

    def among(self, first: int, last: int, among: Bools | None) -> Ints:
        """The places from `first` to before `last` of owners that count."""
        if among is None:
            return np.arange(first, last)
        return first + np.flatnonzero(among[self.owners[first:last]])

    def inside(self, query: str, *, most: int, among: Bools | None) -> Ints:
        """Places of up to `most` keys that hold the query behind their beginning, of the owners that count; none for a query
        under three signs. At most 20,000 places are looked at.
        """
        wanted = query.encode()
        if len(query) < SHORTEST_INSIDE:
            return np.empty(0, dtype=np.int64)
        found: list[int] = []
        at, looked = self.text.find(wanted), 0
        while at >= 0 and len(found) < most and looked < LOOKED_AT:
            place = int(np.searchsorted(self.starts, at, side="right")) - 1
            is_begun = at == self.starts[place]
            if not is_begun and (among is None or among[self.owners[place]]):
                found.append(place)
            looked += 1
            at = self.text.find(wanted, int(self.starts[place + 1]))
        return np.array(found, dtype=np.int64)


def _one_text(keys: pa.Array) -> tuple[bytes, npt.NDArray[np.int64]]:
    """All keys, END after each, and where each begins; the last place is the text's end."""
    if not len(keys):
        return b"", np.zeros(1, dtype=np.int64)
    ended = pc.binary_join_element_wise(
        keys, pa.scalar("", pa.large_string()), pa.scalar("\n", pa.large_string())
    )
    ended = ended.combine_chunks() if isinstance(ended, pa.ChunkedArray) else ended
    lengths = np.asarray(pc.binary_length(ended), dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return ended.buffers()[2].to_pybytes()[: int(starts[-1])], starts
