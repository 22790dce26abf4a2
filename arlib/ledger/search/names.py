"""Names with typos. Floor 1."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from arlib.ledger.facts import Bools, Ints
from arlib.ledger.search.text import spelt

LIKE = 82  # of 100; WRatio gives 90 to a part that fits whole
COMPARED = 60  # signs of a name that are compared
SHORTEST = 2

Readings = Callable[[str], Sequence[str]]


def plain_readings(text: str) -> Sequence[str]:
    """A name's words without case, marks and diacritics."""
    return (spelt(text),)


@dataclass(frozen=True, eq=False)
class Names:
    """Names by owner, read in every way that they may be written."""

    field: str
    shown: tuple[str, ...]  # by entry
    read: tuple[str, ...]
    owners: Ints
    readings: Readings

    @classmethod
    def of(cls, field: str, pairs: pd.DataFrame, *, readings: Readings, but: Names | None = None) -> Names:
        """Index the different `owner`, `name` pairs of a frame.

        Left out are a name without a letter or digit, and one that `but` has for the same owner in the same reading.
        """
        known = set() if but is None else set(zip(but.owners.tolist(), but.read, strict=True))
        shown: list[str] = []
        read: list[str] = []
        owners: list[int] = []
        unlike = (
            pairs.dropna().drop_duplicates(["owner", "name"]).sort_values(["owner", "name"], kind="stable")
        )
        for owner, name in zip(unlike["owner"].tolist(), unlike["name"].tolist(), strict=True):
            for one in dict.fromkeys(text[:COMPARED] for text in readings(name) if text):
                if (owner, one) not in known:
                    shown.append(name)
                    read.append(one)
                    owners.append(owner)
        return cls(field, tuple(shown), tuple(read), np.array(owners, dtype=np.int64), readings)

    def like(self, query: str, *, among: Bools | None) -> tuple[Ints, Ints]:
        """Entries that are like the query and how much of 100: WRatio of rapidfuzz, 82 or more, on what the readings give."""
        best = np.zeros(len(self.read), dtype=np.uint8)
        for one in dict.fromkeys(text[:COMPARED] for text in self.readings(query)):
            if len(one) >= SHORTEST and len(self.read):
                scores = process.cdist(
                    [one], self.read, scorer=fuzz.WRatio, score_cutoff=LIKE, dtype=np.uint8
                )[0]
                best = np.maximum(best, scores)
        if among is not None:
            best[~among[self.owners]] = 0
        at = np.flatnonzero(best)
        return at, best[at].astype(np.int64)
