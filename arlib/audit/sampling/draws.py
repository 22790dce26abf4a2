"""Random numbers that an auditor can draw again in any language: SHA-256 in counter mode, integers only. Floor 1.

The n-th hash of a stream is SHA-256 of the UTF-8 text

    SEED|POPULATION_SHA256|STREAM|COUNTER

with the counter in decimal from 0, read as a whole number H of 256 bits, most significant byte first. A number from 1 to m
is H mod m + 1, unless H is not below the largest multiple of m up to 2^256: then the hash is passed over and the next
counter taken, so that every number is equally likely. Test vector: seed `2026`, population hash of 64 zeros, stream
`positive`, numbers from 1 to 1,000,000: 93,445, then 383,468, 84,511, 378,396, 171,014.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import NamedTuple

from arlib.errors import ParameterError

SPACE = 1 << 256
MAX_SEED = 200  # characters


class Draw(NamedTuple):
    """One number drawn: which stream, at which counter, from 1 to what, and which."""

    stream: str
    counter: int
    upto: int
    value: int


def checked_seed(seed: str) -> str:
    """The seed as given; an empty, very long or unprintable one raises ParameterError."""
    if not isinstance(seed, str) or not seed.strip() or len(seed) > MAX_SEED or not seed.isprintable():
        raise ParameterError("seed", found=seed, wanted=f"a printable text of 1 to {MAX_SEED} characters")
    return seed


@dataclass(kw_only=True)
class Stream:
    """A sequence of numbers from a seed, a population's hash and the name of what is drawn; it remembers its draws."""

    seed: str
    population_sha256: str
    name: str
    counter: int = 0
    drawn: list[Draw] = field(default_factory=list)

    def number(self, upto: int) -> int:
        """A number from 1 to `upto`, both in, each equally likely."""
        if not 0 < upto <= SPACE:
            raise ParameterError("range of a draw", found=upto, wanted="a whole number of 1 or more")
        limit = SPACE - SPACE % upto
        while True:
            counter, self.counter = self.counter, self.counter + 1
            text = f"{self.seed}|{self.population_sha256}|{self.name}|{counter}"
            value = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
            if value < limit:
                self.drawn.append(Draw(self.name, counter, upto, value % upto + 1))
                return value % upto + 1

    def distinct(self, size: int, upto: int) -> list[int]:
        """So many different numbers from 1 to `upto`, in the order drawn; a repeated one is drawn again.

        From more than half of them the ones to leave out are drawn, and the rest come in rising order.
        """
        if size > upto:
            raise ParameterError("size", found=size, wanted=f"at most {upto}, which is all there is")
        if 2 * size > upto:
            out = set(self.distinct(upto - size, upto))
            return [number for number in range(1, upto + 1) if number not in out]
        chosen: dict[int, None] = {}
        while len(chosen) < size:
            chosen.setdefault(self.number(upto))
        return list(chosen)
