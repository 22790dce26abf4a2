"""Customers whose name is near a payer's: cut off, contained, misspelt, or its initials. Floor 1.

None of these looks at how frequent a word is, so another customer changes an answer only where it is itself near.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
from math import prod
from typing import TypeVar

from rapidfuzz.distance import OSA

from arlib.matching.names import Name, initials

Holder = tuple[str, str]  # (entity, customer code)
Key = TypeVar("Key")

CUT_FROM = 8  # signs that a cut-off name must keep
LONG_WORD = 8  # letters from which one word alone, inside a longer name, points to somebody
SHORTEST = 6  # signs from which a name may have a slip
TWO_EDITS_FROM = 12  # signs from which it may have two, in two words
SHORTEST_WORD, LONGEST_WORD = 4, 40  # letters of a word that may have a slip
MOST_WORDS = 12  # beyond it a text is a sentence, not a name
MOST_WAYS = 60  # readings of two slips that are tried
MOST_NEAR = 20  # customers; beyond it a resemblance says nothing
_BEHIND_ALL = "\U0010ffff"

# How far each resemblance goes if it is the only one: judgement, not measured. An exact name stands above all of them.
CUT, CONTAINED, MISSPELT, INITIALS = 0.5, 0.4, 0.6, 0.15


@dataclass(frozen=True, slots=True)
class Near:
    """A resemblance: who is near alike, and the chance that they share."""

    how: str
    base: float
    holders: tuple[Holder, ...]


@dataclass(frozen=True)
class NearNames:
    """Names of customers, ready to be compared with. Empty names are left out by the caller."""

    names: tuple[tuple[Name, Holder], ...]

    def near(self, payer: Sequence[Name]) -> Iterator[Near]:
        """Resemblances to the readings of one payer's name, strongest kind first.

        Holders that are near alike stand in one answer; one with more than MOST_NEAR is left out. Which of them count in an
        entity is the caller's to decide.
        """
        for how, base, found in (
            ("similar name", MISSPELT, self._misspelt),
            ("name cut off", CUT, self._cut),
            ("name within a longer one", CONTAINED, self._contained),
            ("initials", INITIALS, self._with_initials),
        ):
            holders = sorted({holder for name in payer for holder in found(name)})
            if 0 < len(holders) <= MOST_NEAR:
                yield Near(how, base, tuple(holders))

    def _cut(self, payer: Name) -> Iterable[Holder]:
        fulls, holders = self._by_full
        start, end = bisect_left(fulls, payer.full), bisect_left(fulls, payer.full + _BEHIND_ALL)
        is_telling = len(payer.full) >= CUT_FROM and end - start <= 4 * MOST_NEAR
        return holders[start:end] if is_telling else ()

    def _contained(self, payer: Name) -> Iterator[Holder]:
        words = payer.words
        if len(words) > MOST_WORDS:
            return
        taken = 0
        for length in range(len(words) - 1, 0, -1):
            for start in range(len(words) - length + 1):
                run = ((1 << length) - 1) << start
                if run & taken == run:
                    continue
                text = "".join(words[start : start + length])
                if (length > 1 or len(text) >= LONG_WORD) and text in self._by_core:
                    taken |= run
                    yield from self._by_core[text]

    def _misspelt(self, payer: Name) -> list[Holder]:
        """Names with one slip in a word, or in each of two; never in a short word or number: AX Trading is not BX Trading."""
        edits = 0 if len(payer.core) < SHORTEST else 1 if len(payer.core) < TWO_EDITS_FROM else 2
        words = payer.words
        if not edits or len(words) > MOST_WORDS:
            return []
        slips = [place for place, word in enumerate(words) if self._slips(word)]
        must = frozenset(place for place, word in enumerate(words) if word not in self._vocabulary)
        for count in range(1, edits + 1):
            found = [
                holder
                for chosen in combinations(slips, count)
                if must.issubset(chosen)
                for key in self._meant(words, chosen)
                for holder in self._by_words.get(key, ())
            ]
            if found:  # two slips are not looked for where one explains the name
                return found
        return []

    def _meant(self, words: tuple[str, ...], chosen: tuple[int, ...]) -> Iterator[tuple[str, ...]]:
        """What was meant, if just the chosen words have a slip: words in alphabetical order."""
        ways = [self._slips(words[place]) for place in chosen]
        if prod(len(way) for way in ways) > MOST_WAYS:
            return
        for way in product(*ways):
            meant = list(words)
            for place, word in zip(chosen, way, strict=True):
                meant[place] = word
            yield tuple(sorted(meant))

    def _slips(self, word: str) -> tuple[str, ...]:
        """Words of customers' names that one slip of the pen makes into this one."""
        if word not in self._slips_of:
            found: dict[str, None] = {}
            if _may_slip(word):
                for left in _with_one_left_out(word):
                    found.update(dict.fromkeys(self._left_out.get(left, ())))
            found.pop(word, None)
            self._slips_of[word] = tuple(
                other for other in sorted(found) if OSA.distance(word, other, score_cutoff=1) <= 1
            )
        return self._slips_of[word]

    def _with_initials(self, payer: Name) -> Iterable[Holder]:
        first = payer.words[0]
        is_telling = 2 <= len(first) <= 5 and len(payer.words) > 1 and first.isalpha()
        return self._by_initials.get(first, ()) if is_telling else ()

    @cached_property
    def _by_full(self) -> tuple[list[str], list[Holder]]:
        pairs = sorted((name.full, holder) for name, holder in self.names)
        return [full for full, _ in pairs], [holder for _, holder in pairs]

    @cached_property
    def _by_core(self) -> dict[str, list[Holder]]:
        return _grouped((name.core, holder) for name, holder in self.names)

    @cached_property
    def _by_words(self) -> dict[tuple[str, ...], list[Holder]]:
        return _grouped((tuple(sorted(name.words)), holder) for name, holder in self.names)

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        return frozenset(word for name, _ in self.names for word in name.words)

    @cached_property
    def _left_out(self) -> dict[str, list[str]]:
        """Words by themselves and by what is left of them without one letter: two words one slip apart share an entry."""
        out: dict[str, list[str]] = {}
        for word in sorted(self._vocabulary):
            if _may_slip(word):
                for left in _with_one_left_out(word):
                    out.setdefault(left, []).append(word)
        return out

    @cached_property
    def _slips_of(self) -> dict[str, tuple[str, ...]]:
        return {}

    @cached_property
    def _by_initials(self) -> dict[str, list[Holder]]:
        return _grouped(
            (letters[:length], holder)
            for name, holder in self.names
            if (letters := initials(name))
            for length in range(2, len(letters) + 1)
        )


def _may_slip(word: str) -> bool:
    return SHORTEST_WORD <= len(word) <= LONGEST_WORD and not any(sign.isdigit() for sign in word)


def _with_one_left_out(word: str) -> list[str]:
    return [word, *(word[:place] + word[place + 1 :] for place in range(len(word)))]


def _grouped(pairs: Iterable[tuple[Key, Holder]]) -> dict[Key, list[Holder]]:
    out: dict[Key, dict[Holder, None]] = {}
    for key, holder in pairs:
        out.setdefault(key, {})[holder] = None
    return {key: list(holders) for key, holders in out.items()}
