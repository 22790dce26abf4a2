"""Misstatements of a sample: taints, sides, ranks. Floor 1. Taints are exact fractions of whole minor units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from arlib.audit.sampling.frames_evaluate import Side
from arlib.audit.sampling.frames_select import Part

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Item:
    """An examined item, in minor units; `hits` times in the sample."""

    item_id: str
    stratum: str
    part: Part
    book: int
    audit: int
    hits: int
    is_found: bool

    @property
    def misstatement(self) -> int:
        """Book less audit: above 0 overstated."""
        return self.book - self.audit

    @property
    def side(self) -> Side:
        """Which way it is misstated; asked of misstated items only."""
        return Side.OVERSTATEMENT if self.misstatement > 0 else Side.UNDERSTATEMENT

    @property
    def taint(self) -> Fraction:
        """Misstatement by book value: above 0 overstated. Asked of positive items only."""
        return Fraction(self.misstatement, self.book)


def items_of(audited: pd.DataFrame) -> list[Item]:
    """The rows of the table sampling_audited."""
    columns = ("item_id", "stratum", "part", "book_value", "audit_value", "hits", "is_found")
    return [
        Item(item_id=str(name), stratum=str(stratum), part=Part(part), book=int(book), audit=int(audit), hits=int(hits),
             is_found=bool(found))
        for name, stratum, part, book, audit, hits, found in zip(*(audited[c].tolist() for c in columns), strict=True)
    ]  # fmt: skip


def ranked(items: Iterable[Item], side: Side) -> list[Item]:
    """The misstated items of one side, a row a hit, by size of the taint, the largest first; equal ones by identifier."""
    mine = [item for item in items if item.misstatement and item.side is side]
    mine.sort(key=lambda item: (-abs(item.taint), item.item_id))
    return [item for item in mine for _ in range(item.hits)]


def with_not_found(audited: pd.DataFrame) -> pd.DataFrame:
    """Items without an audit value as misstated in full: their audit value is 0, and `is_found` false."""
    import pandas as pd

    is_found = audited["audit_value"].notna()
    return audited.assign(
        audit_value=audited["audit_value"].fillna(0), is_found=pd.array(is_found.to_numpy(), dtype="boolean")
    )
