"""Cells as amounts: the text without currency and side, in one number style for all. Floor 2."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from arlib.money import minor_places, number_style, parse_minor_column
from arlib.money.style import SAMPLES
from arlib.sources.advice.figures import stripped

_GLUED = re.compile(r"^([A-Z]{3})(?=[0-9(+−-])|(?<=[0-9)−-])([A-Z]{3})$")
_SIDE_BEHIND = re.compile(r"^(.*[0-9][)−-]?)\s?(?:(C[Rr]\.?|D[Rr]\.?|cr|dr)|\s([CDHS]))$")
_SIDE_BEFORE = re.compile(r"^(CR|DR|Cr\.?|Dr\.?)\s+(.*[0-9].*)$")
_CREDIT = {"C", "H", "CR", "K", "HABEN", "CREDIT", "CRÉDIT", "HABER", "CREDITO", "CRÉDITO", "-"}
_DEBIT = {"D", "S", "DR", "SOLL", "DEBIT", "DÉBIT", "DEBE", "DEBITO", "DÉBITO", "+"}
_STYLES = {sample: number_style(sample).relaxed() for sample in SAMPLES}
_PLAIN = re.compile(r"-?[0-9]+")
NOTHING = ("", "-", "–", "—", "0-", "n/a")


@dataclass(frozen=True)
class Figure:
    """An amount as it stands: digits and marks with the sign in front, its currency, and which side it names (D, C)."""

    text: str
    currency: str
    side: str
    raw: str

    @property
    def has_marks(self) -> bool:
        """Whether it has a decimal mark, a group mark, a currency or a side: more than a bare number."""
        return bool(self.currency or self.side or not _PLAIN.fullmatch(self.text))


def side_of(text: str) -> str:
    """D or C for what a cell or a mark says, '' where it says neither."""
    word = text.strip().strip(".").upper()
    return "C" if word in _CREDIT else "D" if word in _DEBIT else ""


@lru_cache(maxsize=65_536)
def figure(cell: str) -> Figure | None:
    """The cell as an amount; None where it is none."""
    raw = cell.strip()
    if not raw or len(raw) > 48 or not any(mark.isdigit() for mark in raw):
        return None
    text, side = raw, ""
    if found := _SIDE_BEHIND.match(text):
        text, side = found[1], side_of(found[2] or found[3])
    elif found := _SIDE_BEFORE.match(text):
        text, side = found[2], side_of(found[1])
    plain, currency = stripped(_GLUED.sub(lambda hit: f"{hit[1]} " if hit[1] else f" {hit[2]}", text))
    if not plain or not any(style.pattern.fullmatch(plain) for style in _STYLES.values()):
        return None
    return Figure(plain, currency, side, raw)


@dataclass(frozen=True)
class Amounts:
    """Amounts of all cells under one style: minor units, and which of them the style does not fit."""

    sample: str
    minor: tuple[int | None, ...]

    @property
    def read(self) -> int:
        """How many fit."""
        return sum(value is not None for value in self.minor)


def in_styles(figures: Sequence[Figure], currencies: Sequence[str]) -> list[Amounts]:
    """The readings that fit most of the amounts, one for each different result. More than one is for a person to decide.

    A source that writes two places where the currency has none (1,234.00 yen) is read where these are zeros.
    """
    texts = pd.Series([one.text for one in figures], dtype="object")
    places = pd.Series([minor_places(code) for code in currencies], dtype="Int64")
    tried: list[Amounts] = []
    for spare in (0, 2):
        source = places.where(places.gt(0), spare)
        for sample, style in _STYLES.items():
            column = parse_minor_column(texts, style, places=places, source_places=source).minor
            values = tuple(None if value is pd.NA else int(value) for value in column.tolist())
            tried.append(Amounts(sample, values))
        if max((one.read for one in tried), default=0):
            break
    best = max((one.read for one in tried), default=0)
    kept: dict[tuple[int | None, ...], Amounts] = {}
    for one in tried:
        if one.read == best:
            kept.setdefault(one.minor, one)
    return list(kept.values())


def minor_in(sample: str, figures: Sequence[Figure], currencies: Sequence[str]) -> list[int | None]:
    """The amounts under the style of a sample."""
    if not figures:
        return []
    places = pd.Series([minor_places(code) for code in currencies], dtype="Int64")
    texts = pd.Series([one.text for one in figures], dtype="object")
    made = parse_minor_column(texts, _STYLES[sample], places=places).minor
    if made.isna().all() and places.eq(0).all():
        made = parse_minor_column(texts, _STYLES[sample], places=places, source_places=2).minor
    return [None if value is pd.NA else int(value) for value in made.tolist()]
