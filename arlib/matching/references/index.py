"""Items found by the very numbers that payments write. Floor 1.

What the payments write is collected first and the items' columns are looked up in it, so a ledger of a million items costs a
few passes over its columns and no dictionary of its numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from arlib.matching.pool import NO_DAY, NOBODY
from arlib.matching.references.days import usual_days
from arlib.matching.references.keys import ItemKeys, item_keys
from arlib.matching.references.tokens import (
    BLANK,
    SHORTEST_PIECE,
    Range,
    Text,
    pieces,
    ranges,
    read,
    readings,
)

if TYPE_CHECKING:
    from arlib.matching.pool import Pool

FEW_DIGITS = 4  # a number with fewer is weak evidence in any ledger
MANY = 300  # items under one number; beyond it the number names a contract or a customer, not an item
WINDOWS_LIMIT = 2_000  # stretches of one text that are looked up inside runs of digits
EARLY = 31  # days that money may come before the document that it names
HOWS = ("exact", "blank", "leading_zeros", "prefix", "ocr", "range")  # from strong to weak


@dataclass(frozen=True, slots=True)
class Named:
    """An item that a stretch of a payment's text may name. `cost` is 0 to 1 where read exactly, else about its edits."""

    item: int
    field: int  # position in REFERENCE_FIELDS
    start: int
    end: int
    how: str
    cost: float
    distance: int = 0
    is_weak: bool = False  # so short that it may be there by accident


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a remittance advice: its stretch of the receipt's text, and minor units."""

    start: int
    end: int
    net: int
    discount: int
    deduction: int

    @property
    def gross(self) -> int:
        """What of the item the line is about."""
        return self.net + self.discount + self.deduction


@dataclass(frozen=True)
class Exact:
    """What payments name without damage."""

    texts: tuple[Text, ...]  # by receipt
    named: tuple[tuple[Named, ...], ...]  # by receipt, strongest first; items of the receipt's currency
    foreign: dict[
        int, tuple[Named, ...]
    ]  # the same, items of other currencies; receipts that name none are left out
    keys: ItemKeys
    lines: dict[int, tuple[Line, ...]]  # by receipt, of those that have an advice with all net amounts
    links: tuple[
        tuple[int, int], ...
    ]  # receipt row and account, where all that is named surely is one account's


def find_exact(pool: Pool, advices: pd.DataFrame | None = None) -> Exact:
    """Items that each receipt's text, structured reference and advice lines name, whole or by their digits.

    `advices` is MATCH_ADVICES. A piece that is an item's whole number comes before one that equals its digits only; letters,
    leading zeros, blanks and dashes do not count. A creditor reference is checked by its own digits. Both ends of a range
    must be items of one account, then the numbers between count as well. A number on more than MANY items names none.
    Items of another currency than the receipt's are kept apart.
    """
    frame = pool.receipts.frame
    said = _advised(pool, advices)
    columns = zip(_texts(frame["remittance_text"]), _texts(frame["reference"]), strict=True)
    texts, lines = [], {}
    for receipt, pair in enumerate(columns):
        told = said.get(receipt)
        texts.append(read(*pair, *(line[0] for line in told or ())))
        if told and all(line[1] is not None for line in told):
            lines[receipt] = _lines(texts[-1], told)
    keys = item_keys(pool)
    found, foreign = _lookup(pool, tuple(texts), keys)
    return Exact(tuple(texts), found, foreign, keys, lines, _links(pool, found))


Told = tuple[str, int | None, int, int]  # reference, net, discount and deduction of a line


def _advised(pool: Pool, advices: pd.DataFrame | None) -> dict[int, list[Told]]:
    """Lines of each receipt, by line number."""
    if advices is None or not len(advices):
        return {}
    frame = pool.receipts.frame
    currency = frame["currency"].tolist()
    row = {pair: at for at, pair in enumerate(zip(frame["entity"], frame["receipt_id"], strict=True))}
    ordered = advices.sort_values(["entity", "receipt_id", "line_no"])
    columns = (_texts(ordered[name]) for name in ("entity", "receipt_id", "reference", "currency"))
    amounts = (_amounts(ordered[name]) for name in ("net", "discount", "deduction"))
    out: dict[int, list[Told]] = {}
    for entity, receipt_id, reference, code, net, discount, less in zip(*columns, *amounts, strict=True):
        at = row.get((entity, receipt_id))
        if at is not None and code == currency[at]:
            out.setdefault(at, []).append((reference or "", net, discount or 0, less or 0))
    return out


def _amounts(column: pd.Series) -> list[int | None]:
    return [
        None if value is pd.NA or value is None or value != value else int(value)
        for value in column.astype(object)
    ]


def _lines(text: Text, told: list[Told]) -> tuple[Line, ...]:
    """Stretches of the lines, counted from the end of the text: a line without letters and digits has none."""
    sizes = [len(read(line[0]).plain) for line in told]
    at = len(text.plain) - sum(sizes)
    out = []
    for size, (_, net, discount, less) in zip(sizes, told, strict=True):
        out.append(Line(at, at + size, net or 0, discount, less))
        at += size
    return tuple(out)


def _texts(column: pd.Series) -> list[str | None]:
    values: list[str | None] = column.astype(object).where(column.notna(), None).tolist()
    return values


def windows(text: Text, lengths: tuple[int, ...], *, blanks: bool = False) -> list[tuple[int, int]]:
    """Stretches of these lengths within runs of digits that are longer, up to WINDOWS_LIMIT of them.

    With `blanks` a run goes on across a blank.
    """
    out: list[tuple[int, int]] = []
    for begin, end in _runs(text, blanks=blanks):
        for length in lengths:
            if length < end - begin:
                out.extend((a, a + length) for a in range(begin, end - length + 1))
        if len(out) > WINDOWS_LIMIT:
            return out[:WINDOWS_LIMIT]
    return out


def _runs(text: Text, *, blanks: bool) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for unit, (begin, end) in enumerate(zip(text.starts, text.ends, strict=True)):
        if text.plain[begin] > "9":
            continue
        goes_on = blanks and unit and text.cuts[unit] == BLANK and out and out[-1][1] == begin
        if goes_on:
            out[-1] = (out[-1][0], end)
        else:
            out.append((begin, end))
    return out


Bearer = tuple[int, int, bool]  # field, item, whether the whole number or its digits only


Found = dict[tuple[int, int, int], Named]  # by item, start and end


def _lookup(
    pool: Pool, texts: tuple[Text, ...], keys: ItemKeys
) -> tuple[tuple[tuple[Named, ...], ...], dict[int, tuple[Named, ...]]]:
    number: dict[str, int] = {}
    written: list[list[tuple[int, int, int, str]]] = []
    spans: list[tuple[int, list[Range]]] = []
    for receipt, text in enumerate(texts):
        mine = [
            (number.setdefault(key, len(number)), a, b, how)
            for key, a, b, how in (*pieces(text), *readings(text))
        ]
        plain = text.plain
        for a, b in windows(text, keys.lengths):
            mine.append((number.setdefault(plain[a:b], len(number)), a, b, "exact"))
        written.append(mine)
        run = list(ranges(text))
        if run:
            spans.append((receipt, run))
            for low, high, between, _, _ in run:
                for key in (low, high, *between):
                    number.setdefault(key, len(number))
    bearers = _bearers(list(number), keys)
    money, currency = pool.items.money.tolist(), pool.receipts.money.tolist()
    out: list[Found] = []
    foreign: dict[int, Found] = {}
    for receipt, mine in enumerate(written):
        found: Found = {}
        for key_number, a, b, how in mine:
            for bearer in bearers.get(key_number, ()):
                at = found if money[bearer[1]] == currency[receipt] else foreign.setdefault(receipt, {})
                _keep(at, _named(bearer, a, b, how, texts[receipt].plain[a:b], keys))
        out.append(found)
    for receipt, run in spans:
        for span in run:
            for named in _between(pool, span, number, bearers, keys):
                at = (
                    out[receipt]
                    if money[named.item] == currency[receipt]
                    else foreign.setdefault(receipt, {})
                )
                _keep(at, named)
    return tuple(map(_ranked, out)), {receipt: _ranked(found) for receipt, found in foreign.items()}


def _ranked(found: Found) -> tuple[Named, ...]:
    return tuple(sorted(found.values(), key=lambda n: (n.cost, n.start - n.end, n.start, n.item, n.field)))


def _keep(found: Found, named: Named) -> None:
    place = (named.item, named.start, named.end)
    if place not in found or named.cost < found[place].cost:
        found[place] = named


def _named(bearer: Bearer, start: int, end: int, how: str, written: str, keys: ItemKeys) -> Named:
    field, item, is_whole = bearer
    if not is_whole and how in ("exact", "blank"):
        how = "leading_zeros" if written.startswith("0") else "prefix"
    digits = sum(c <= "9" for c in written.lstrip("0"))
    return Named(
        item,
        field,
        start,
        end,
        how,
        0.1 * HOWS.index(how),
        is_weak=digits < FEW_DIGITS or digits in keys.crowded,
    )


def _between(
    pool: Pool, span: Range, number: dict[str, int], bearers: dict[int, list[Bearer]], keys: ItemKeys
) -> list[Named]:
    """Items of a range of which both ends are items of one account."""
    low, high, between, a, b = span
    account = pool.items.account
    ends = [
        {int(account[item]) for _, item, _ in bearers.get(number[key], ())} - {NOBODY} for key in (low, high)
    ]
    owners = ends[0] & ends[1]
    return [
        _named(bearer, a, b, "range", key, keys)
        for key in (*between, high)
        for bearer in bearers.get(number[key], ())
        if int(account[bearer[1]]) in owners
    ]


def _bearers(words: list[str], keys: ItemKeys) -> dict[int, list[Bearer]]:
    """Items that bear each word, by its number: whole, else (for words of digits) by their digits."""
    out: dict[int, list[Bearer]] = {}
    for field, column in enumerate(keys.whole):
        for place, item in _hits(words, column):
            out.setdefault(place, []).append((field, item, True))
    alike: dict[str, list[int]] = {}
    for at, word in enumerate(words):
        bare = word.lstrip("0")
        if len(bare) >= SHORTEST_PIECE and bare.isdigit():
            alike.setdefault(bare, []).append(at)
    bares = list(alike)
    whole = {(place, item) for place, bearers in out.items() for _, item, _ in bearers}
    for field, column in enumerate(keys.digits):
        for place, item in _hits(bares, column):
            for number in alike[bares[place]]:
                if (number, item) not in whole:
                    out.setdefault(number, []).append((field, item, False))
    return out


def _hits(words: list[str], column: pa.StringArray) -> list[tuple[int, int]]:
    """Position of a word and an item that bears it, for words that no more than MANY items bear."""
    found = pc.index_in(column, value_set=pa.array(words, pa.string()))
    items = np.flatnonzero(np.asarray(found.is_valid()))
    places = np.asarray(found.take(pa.array(items)), np.int64)
    few = np.bincount(places, minlength=1)[places] <= MANY if len(items) else np.zeros(0, bool)
    return list(zip(places[few].tolist(), items[few].tolist(), strict=True))


def _links(pool: Pool, found: tuple[tuple[Named, ...], ...]) -> tuple[tuple[int, int], ...]:
    """Receipts whose strong and whole numbers are one account's, but for few, and whose money came in the usual days.

    The days are learned from receipts of just the amount of an item that they name. Damage makes one number into another
    that exists too: such an item is most often another customer's and of another time.
    """
    account, dated = pool.items.account.tolist(), pool.items.document_day.tolist()
    opened, amount, day = pool.items.open.tolist(), pool.receipts.amount.tolist(), pool.receipts.day.tolist()
    sure = [
        [one.item for one in named if one.cost < HOWS.index("ocr") / 10 and not one.is_weak]
        for named in found
    ]
    usual = usual_days([
        day[receipt] - dated[item]
        for receipt, items in enumerate(sure)
        for item in dict.fromkeys(items)
        if opened[item] == amount[receipt] and NO_DAY not in (day[receipt], dated[item])
    ])  # fmt: skip
    out = []
    for receipt, items in enumerate(sure):
        owners: dict[int, int] = {}
        for item in dict.fromkeys(items):
            is_dated = NO_DAY not in (day[receipt], dated[item])
            if account[item] != NOBODY and (not is_dated or _is_within(day[receipt] - dated[item], usual)):
                owners[account[item]] = owners.get(account[item], 0) + 1
        ranked = sorted(owners, key=lambda owner: -owners[owner])
        if len(ranked) == 1 or (ranked and owners[ranked[0]] > sum(owners.values()) - owners[ranked[0]] + 1):
            out.append((receipt, ranked[0]))
    return tuple(out)


def _is_within(lag: int, usual: tuple[int, int] | None) -> bool:
    return lag >= -EARLY if usual is None else usual[0] <= lag <= usual[1]
