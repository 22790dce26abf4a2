"""Keys as numbers: equal keys have equal numbers, and the numbers sort as the keys do. Floor 0.

A text is read as words of eight bytes, of which few differ: the ids of a million customers share their first bytes. So its
number is found in small tables that stay in the processor's cache, which a table of whole texts does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

Part = TypeVar("Part")
Made = TypeVar("Made")

BLOCK = 1 << 18  # rows worked on at once, so that what is in between stays in the cache
_LONGEST = 6  # words of a text; longer ones are looked up whole
_SOME, _FEW = 1 << 12, 64  # a column whose first rows hold no more texts than these has few
_LARGEST = 2**62
_NONE = 2**64 - 1  # the word of a missing value: no text has such bytes, and it sorts last


@dataclass(frozen=True)
class Numbered:
    """For each row a number from 0 to `size` - 1; not every number need occur.

    A number is written in digits, one a column, of which there are `sizes`; empty where it is not.
    """

    numbers: np.ndarray
    size: int
    sizes: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Words:
    """How a column is cut: into so many words of a text, or taken whole."""

    count: int = 1
    is_whole: bool = False
    is_text: bool = True


@dataclass(frozen=True)
class Numbering:
    """The numbers that the rows of some columns got, and the tables to give other rows the same ones."""

    rows: Numbered
    _cut: tuple[_Words, ...]
    _levels: tuple[Any, ...]  # of words, or of texts taken whole
    _packed: dict[int, np.ndarray] = field(repr=False)

    @cached_property
    def _occurs(self) -> np.ndarray:
        """Which numbers some row has: words that occur need not occur together."""
        import numpy as np

        made = np.zeros(self.rows.size, dtype=bool)
        made[self.rows.numbers] = True
        return made

    def of(self, columns: Sequence[pd.Series]) -> np.ndarray:
        """The number of each row of other text columns, -1 where its values do not occur or one is missing."""
        import numpy as np

        if not len(self.rows.numbers):
            return np.full(len(columns[0]), -1, dtype=np.int64)
        texts = [large_text(column) for column in columns]
        return np.concatenate(on_cores(partial(self._block, texts), blocks(len(columns[0]))))

    def _block(self, texts: list[pa.Array], rows: slice) -> np.ndarray:
        import numpy as np
        import pyarrow.compute as pc

        words: list[Any] = []
        wrong = np.zeros(rows.stop - rows.start, dtype=bool)
        for text, cut in zip(texts, self._cut, strict=True):
            mine = text.slice(rows.start, rows.stop - rows.start)
            words += _words(mine, cut)
            if mine.null_count:
                wrong |= np.asarray(mine.is_null())
            if not cut.is_whole:
                ends = _ends(mine)
                wrong |= np.diff(ends) > 8 * cut.count
                if not _bytes(mine, ends).all():
                    wrong |= np.asarray(pc.fill_null(pc.match_substring(mine, "\0"), True), dtype=bool)
        made = np.zeros(len(wrong), dtype=np.int64)
        for step, (word, level) in enumerate(zip(words, self._levels, strict=True)):
            place = _place(_encoded(word), level)
            wrong |= place < 0
            made = made * len(level) + place
            if step in self._packed:
                made[wrong] = 0
                made = _place(_encoded(made.view(np.uint64)), self._packed[step])
                wrong |= made < 0
        made[wrong] = 0
        made[wrong | ~self._occurs[made]] = -1
        return made


def numbered(columns: Sequence[pd.Series]) -> Numbered:
    """One number for each row's values in all columns together, sorted by the first column, then the next.

    A missing value comes last. There are not many more numbers than rows, so that an array with a place for each can
    be afforded.
    """
    return numbering(columns).rows


def numbering(columns: Sequence[pd.Series]) -> Numbering:
    """The same, with what gives the rows of other columns their numbers by the same tables."""
    import numpy as np

    rows = len(columns[0])
    cuts = blocks(rows)
    cut: list[_Words] = []
    parts: list[list[Any]] = [[] for _ in cuts]
    for column in columns:
        texts, how = _cut(column, cuts)
        cut.append(how)
        for found, made in zip(parts, on_cores(partial(_cut_block, texts, how), cuts), strict=True):
            found += made
    levels, packed = [], {}
    numbers: list[Any] = [np.zeros(block.stop - block.start, dtype=np.int64) for block in cuts]
    size, most = 1, max(4 * rows, 1 << 12)
    ends = set(np.cumsum([how.count for how in cut]).tolist())
    ahead = [1]
    for step in range(len(parts[0])):
        level = _level(part[step] for part in parts)
        levels.append(level)
        numbers = on_cores(partial(_appended, step=step, level=level), list(zip(numbers, parts, strict=True)))
        size *= len(level)
        if step + 1 in ends:
            ahead.append(size)
        is_last = step == len(parts[0]) - 1
        following = 1 if is_last else max(sum(len(part[step + 1][0]) for part in parts), 1)
        if size * following >= _LARGEST or (is_last and size > most):
            coded = on_cores(lambda made: _encoded(made.view(np.uint64)), numbers)
            packed[step] = _level(coded)
            numbers = on_cores(partial(_place, level=packed[step]), coded)
            size = len(packed[step])
    sizes = () if packed or not rows else tuple(b // a for a, b in pairwise(ahead))
    return Numbering(Numbered(np.concatenate(numbers), size, sizes), tuple(cut), tuple(levels), packed)


def large_text(column: pd.Series | pd.Index) -> pa.Array:
    """A text column as one Arrow array."""
    import pyarrow as pa

    made = pa.array(column, type=pa.large_string(), from_pandas=True)
    return made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made


def on_cores(work: Callable[[Part], Made], parts: Sequence[Part]) -> list[Made]:
    """`work` on each part, in threads where there are several: the libraries let other threads run meanwhile."""
    import pyarrow as pa

    if len(parts) < 2 or pa.cpu_count() < 2:
        return [work(part) for part in parts]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(pa.cpu_count()) as pool:
        return list(pool.map(work, parts))


def named(numbers: np.ndarray, names: Sequence[str]) -> Any:
    """The name of each number, as an array of texts that a series is made of."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    texts = pa.array(names, type=pa.large_string())
    made = on_cores(lambda rows: texts.take(pa.array(numbers[rows])), blocks(len(numbers)))
    kind: Any = pd.StringDtype("pyarrow", na_value=np.nan)
    return kind.__from_arrow__(pa.chunked_array(made))


def distinct(values: np.ndarray) -> np.ndarray:
    """The values of an array without missing ones, sorted, each once.

    As NumPy's `unique`, which since 2.3 hashes and is ten times slower than sorting where most values differ.
    """
    import numpy as np

    made: np.ndarray = np.sort(values)
    if len(made) > 1:
        made = made[np.concatenate([[True], made[1:] != made[:-1]])]
    return made


def blocks(rows: int) -> list[slice]:
    """Runs of rows to be worked on at once, at least one, be it empty."""
    return [slice(start, min(start + BLOCK, rows)) for start in range(0, max(rows, 1), BLOCK)]


def _cut(column: pd.Series, cuts: list[slice]) -> tuple[Any, _Words]:
    """What words are read from, and how."""
    import numpy as np
    import pandas as pd
    import pyarrow.compute as pc

    if not isinstance(column.dtype, pd.StringDtype):
        # the order of groupby is the order of kinds that are no text
        by = column.reset_index(drop=True)
        numbers = by.groupby(by, sort=True, dropna=False, observed=True).ngroup()
        return numbers.to_numpy(dtype=np.int64).view(np.uint64), _Words(is_text=False)
    texts = large_text(column)
    found = on_cores(lambda block: _longest(texts.slice(block.start, block.stop - block.start)), cuts)
    longest = max(found)
    if longest > 8 * _LONGEST or min(found) < 0:
        return texts, _Words(is_whole=True)
    some = texts.slice(0, _SOME)
    few = len(texts) > _SOME and pc.count_distinct(some).as_py() <= _FEW
    # words of even texts are read in a row, those of uneven ones each at its place
    is_even = len(set(np.diff(_ends(some)).tolist())) == 1
    if few and not is_even:
        return texts, _Words(is_whole=True)
    return texts, _Words(count=max(-(-longest // 8), 1))


def _cut_block(texts: Any, how: _Words, rows: slice) -> list[tuple[np.ndarray, np.ndarray]]:
    if not how.is_text:
        return [_encoded(texts[rows])]
    return [_encoded(word) for word in _words(texts.slice(rows.start, rows.stop - rows.start), how)]


def _ends(texts: pa.Array) -> np.ndarray:
    import numpy as np

    if not len(texts):
        return np.zeros(1, dtype=np.int64)
    return np.frombuffer(texts.buffers()[1], np.int64)[texts.offset : texts.offset + len(texts) + 1]


def _bytes(texts: pa.Array, ends: np.ndarray, spare: int = 0) -> np.ndarray:
    import numpy as np

    data = texts.buffers()[2] if ends[-1] > ends[0] else None
    mine = np.zeros(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)[ends[0] : ends[-1]]
    return np.concatenate([mine, np.zeros(spare, np.uint8)]) if spare else mine


def _longest(texts: pa.Array) -> int:
    """The bytes of the longest text; -1 where a byte is 0, which words do not tell from no byte."""
    import numpy as np

    ends = _ends(texts)
    return int(np.diff(ends).max(initial=0)) if _bytes(texts, ends).all() else -1


def _words(texts: pa.Array, how: _Words) -> list[Any]:
    """Numbers that sort by row as the texts do, the most significant first; or the texts."""
    import numpy as np

    if how.is_whole:
        return [texts]
    ends = _ends(texts)
    # the last word is read beyond the last byte
    data = _bytes(texts, ends, spare=8)
    every = np.ndarray((len(data) - 7,), dtype=">u8", buffer=data, strides=(1,))
    kept = np.array([0, *(2**64 - 2 ** (64 - 8 * n) for n in range(1, 9))], dtype=np.uint64)
    at, sizes = ends[:-1] - ends[0], np.diff(ends)
    size = int(sizes[0]) if len(sizes) else 0
    is_even = bool((sizes == size).all())
    made = []
    for start in range(0, 8 * how.count, 8):
        if is_even and start <= size:
            word = np.ndarray((len(texts),), ">u8", data, start, (size,)).astype(np.uint64)
            word &= kept[min(size - start, 8)]
        else:
            word = every[np.minimum(at + start, len(every) - 1)].astype(np.uint64)
            word &= kept[np.clip(sizes - start, 0, 8)]
        if texts.null_count:
            word[np.asarray(texts.is_null())] = _NONE
        made.append(word)
    return made


def _encoded(word: Any) -> tuple[Any, np.ndarray]:
    """The distinct values, and which of them each row has."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(word, np.ndarray):
        made = pc.dictionary_encode(pa.array(word))
        return made.dictionary.to_numpy(), made.indices.to_numpy()
    made = pc.dictionary_encode(word, null_encoding="encode")
    return made.dictionary, made.indices.to_numpy()


def _level(parts: Iterable[tuple[Any, np.ndarray]]) -> Any:
    """Every distinct value of all blocks, sorted, a missing one last."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    values = [found for found, _ in parts]
    if isinstance(values[0], np.ndarray):
        return distinct(np.concatenate(values))
    known = pc.unique(pa.concat_arrays(values))
    return known.take(pc.array_sort_indices(known, null_placement="at_end"))


def _appended(block: tuple[np.ndarray, list[Any]], *, step: int, level: Any) -> np.ndarray:
    """A block's numbers with a digit more."""
    numbers, parts = block
    made: np.ndarray = numbers * len(level) + _place(parts[step], level)
    return made


def _place(part: tuple[Any, np.ndarray], level: Any) -> np.ndarray:
    """Where each row's value stands in the level, -1 where it is not there."""
    import numpy as np
    import pyarrow.compute as pc

    values, at = part
    if not isinstance(level, np.ndarray):
        whole: np.ndarray = np.asarray(pc.fill_null(pc.index_in(values, value_set=level), -1), dtype=np.int64)
        return np.take(whole, at)
    places = np.searchsorted(level, values)
    known = level[np.minimum(places, len(level) - 1)] == values if len(level) else np.zeros(len(values), bool)
    return np.take(np.where(known, places, -1), at)
