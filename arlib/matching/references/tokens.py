"""Stretches of a text that may be a document's number. Floor 1; knows no ledger.

A text is cut into units, runs of digits or of letters A-Z; what lies between two units is a cut. A piece is a run of
neighbouring units, so that a number with a blank inside, with another word glued to it, or written with dashes is a piece as
well. Everything is linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

TEXT_LIMIT = 8_000  # characters of one text that are read; a remittance longer than this comes as an advice
UNITS_IN_PIECE = 5
LONGEST_PIECE = 40
SHORTEST_PIECE = 3
RANGE_LIMIT = 60  # documents that one range may stand for
_UNIT = re.compile(r"[0-9]+|[A-Z]+")
_RANGE_WORDS = re.compile(r"\s*(?:-|–|—|\.\.\.?|TO|THRU|THROUGH|BIS|AL|A)\s*")
_OCR = str.maketrans("OQDILZSGB", "000112568")
_OCR_LETTERS = frozenset("OQDILZSGB")
_NOT_NUMBER = re.compile(r"[^0-9A-Z]")

GLUED, JOINED, BLANK, WALL = (
    0,
    1,
    2,
    3,
)  # what a cut holds: nothing, punctuation, a blank, or the end of a field


@dataclass(frozen=True)
class Text:
    """A payment's words. Positions count in `plain`, the units without anything between them."""

    raw: str
    plain: str
    ends: tuple[int, ...]  # end of each unit in plain
    raw_starts: tuple[int, ...]  # start of each unit in raw
    cuts: tuple[int, ...]  # cut before each unit

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Start of each unit in plain."""
        return (0, *self.ends[:-1]) if self.ends else ()

    def shown(self, start: int, end: int) -> str:
        """The stretch as the payment writes it."""
        first, last = bisect_right(self.ends, start), bisect_left(self.ends, end)  # units follow each other
        if not self.ends or first >= len(self.ends) or last >= len(self.ends):
            return ""
        begins = self.raw_starts[first] + start - self.starts[first]
        return self.raw[begins : self.raw_starts[last] + end - self.starts[last]]

    def has_blank(self, start: int, end: int) -> bool:
        """Whether a blank lies inside the stretch."""
        return any(start < a < end and cut == BLANK for a, cut in zip(self.starts, self.cuts, strict=True))

    def is_whole(self, start: int, end: int) -> bool:
        """Whether the stretch begins and ends where the payment writes no letter or digit before or after it."""
        for unit, a in enumerate(self.starts):
            if a == end and self.cuts[unit] == GLUED:
                return False
            if a <= start < self.ends[unit] and (a != start or self.cuts[unit] == GLUED):
                return False
            if a < end < self.ends[unit]:
                return False
        return True


Piece = tuple[
    str, int, int, str
]  # key, start and end in Text.plain, how it was read: exact, blank, ocr, range, prefix


Range = tuple[str, str, tuple[str, ...], int, int]  # first and last key, the keys between, start and end


def read(*fields: str | None) -> Text:
    """The fields of a payment as one text; no piece goes across two fields.

    Compatibility characters, other scripts' digits, case and invisible characters are evened out; more than TEXT_LIMIT
    characters of a field are not read.
    """
    raw_parts, units, at = [], [], 0
    for field in fields:
        if not field:
            continue
        part = even(field[:TEXT_LIMIT])
        last = None
        for unit in _UNIT.finditer(part):
            if last is None:
                cut = WALL
            elif unit.start() == last:
                cut = GLUED
            else:
                gap = part[last : unit.start()]
                cut = BLANK if any(c.isspace() for c in gap) else JOINED
            units.append((unit.group(), at + unit.start(), cut))
            last = unit.end()
        raw_parts.append(part)
        at += len(part) + 1
    ends, total = [], 0
    for word, _, _ in units:
        total += len(word)
        ends.append(total)
    return Text(
        raw="\n".join(raw_parts),
        plain="".join(word for word, _, _ in units),
        ends=tuple(ends),
        raw_starts=tuple(start for _, start, _ in units),
        cuts=tuple(cut for _, _, cut in units),
    )


def even(text: str) -> str:
    """Upper case, compatibility forms resolved, digits of other scripts as 0-9, invisible characters gone."""
    if text.isascii():
        return text.upper()
    text = unicodedata.normalize("NFKC", text)
    return "".join(
        str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text if unicodedata.category(c) != "Cf"
    ).upper()


def plain_number(text: str) -> str:
    """A document's own number as pieces are keyed: letters A-Z and digits only."""
    return _NOT_NUMBER.sub("", even(text[:TEXT_LIMIT]))


def pieces(text: Text) -> Iterator[Piece]:
    """Every run of up to UNITS_IN_PIECE units that holds a digit and is no longer than LONGEST_PIECE."""
    starts, ends, cuts, plain = text.starts, text.ends, text.cuts, text.plain
    count = len(ends)
    for first in range(count):
        begin, blanks, digits = starts[first], False, False
        for last in range(first, min(first + UNITS_IN_PIECE, count)):
            if last > first:
                if cuts[last] == WALL:
                    break
                blanks = blanks or cuts[last] == BLANK
            end = ends[last]
            if end - begin > LONGEST_PIECE:
                break
            digits = digits or plain[starts[last]] <= "9"
            if digits and end - begin >= SHORTEST_PIECE:
                yield plain[begin:end], begin, end, "blank" if blanks else "exact"


def readings(text: Text) -> Iterator[Piece]:
    """Other ways to read pieces: letters that scanners take for digits, and creditor references of ISO 11649."""
    starts, ends, cuts, plain = text.starts, text.ends, text.cuts, text.plain
    first = 0
    for unit in range(1, len(ends) + 1):
        if unit < len(ends) and cuts[unit] == GLUED:
            continue
        begin, end = starts[first], ends[unit - 1]
        many, first = unit - first, unit
        if many < 2 or not SHORTEST_PIECE < end - begin <= LONGEST_PIECE:
            continue
        word = plain[begin:end]
        letters = [c for c in word if c > "9"]
        if 2 * len(letters) <= len(word) and _OCR_LETTERS.issuperset(letters):
            yield word.translate(_OCR), begin, end, "ocr"
    for key, begin, end, _ in pieces(text) if "RF" in plain else ():
        if key.startswith("RF") and is_creditor_reference(key):
            yield key[4:], begin, end, "prefix"


def is_creditor_reference(key: str) -> bool:
    """Whether RF, two check digits and a body of 1 to 21 characters agree: ISO 11649, modulo 97-10 of ISO 7064."""
    if not (key.startswith("RF") and key[2:4].isdigit() and 5 <= len(key) <= 25):
        return False
    return int("".join(str(int(c, 36)) for c in key[4:] + key[:4])) % 97 == 1


def _is_said_again(text: Text, left: int, right: int) -> bool:
    """Whether the digits and letters before the number at `left` stand at `right` and after it: 00SI101 - 00SI105."""
    if left < 2 or right + 2 >= len(text.ends) or not text.cuts[left - 1] == GLUED == text.cuts[right + 1]:
        return False
    words = [
        text.plain[text.starts[unit] : text.ends[unit]] for unit in (left - 2, left - 1, right, right + 1)
    ]
    return words[:2] == words[2:]


def ranges(text: Text) -> Iterator[Range]:
    """First key, last key, the keys between, and the stretch, of each "1001-1005" or "1001 to 05".

    A difference of more than RANGE_LIMIT is no range but two numbers.
    """
    starts, ends, plain = text.starts, text.ends, text.plain
    numbers = [unit for unit in range(len(ends)) if plain[starts[unit]] <= "9"]
    for left, right in pairwise(numbers):
        low = plain[starts[left] : ends[left]]
        if _is_said_again(text, left, right):
            right += 2  # the second number begins with the digits and letters that the first begins with
        high = plain[starts[right] : ends[right]]
        if right - left > 4 or not 3 <= len(low) <= LONGEST_PIECE or len(high) > len(low):
            continue
        gap = text.raw[text.raw_starts[left] + len(low) : text.raw_starts[right]]
        word = _RANGE_WORDS.match(gap)
        if word is None or len(gap) > 24:
            continue
        after = _UNIT.sub("", gap[word.end() :]).strip(" .:#/-")
        if after:
            continue
        full = low[: len(low) - len(high)] + high
        span = int(full) - int(low)
        if not 0 < span <= RANGE_LIMIT:
            continue
        between = tuple(str(int(low) + step).zfill(len(low)) for step in range(1, span))
        yield low, full, between, starts[left], ends[right]
