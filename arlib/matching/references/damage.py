"""Items whose numbers a payment writes wrongly, sought among a short list that payer, currency and date allow. Floor 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz.distance import OSA, Levenshtein
from rapidfuzz.process import cdist

from arlib.matching.references.index import Named, windows
from arlib.matching.references.tokens import Text, pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

SHORTEST_DAMAGED = 4  # characters of a piece that may be a damaged number
WORST = 7  # edits beyond which two numbers are no longer compared
SHARE = 0.4  # edits by character of the item's number, above which the two have nothing in common
KEPT = 2  # further edits than the nearest item that a rival may have
LOST_END = 0.25  # cost of each further character cut off at an end: one fault, however much it took
CUT_OFF = 3.0  # what it costs at most
CONFUSED = frozenset({"O0", "Q0", "D0", "I1", "L1", "Z2", "S5", "B8", "G6", "17", "38", "56", "69", "08"})

Bearing = tuple[int, int, str]  # item, field, its number


def nearest(text: Text, bearings: Sequence[Bearing], *, deep: bool = False) -> list[Named]:
    """Items of the list that a piece of the text resembles, with what it would cost to have written it so.

    The cost counts insertions, deletions, substitutions and swaps of neighbours (optimal string alignment) between piece and
    number; a number cut off at one end costs 1 and a quarter for each further character lost. `deep` also looks at every
    stretch within a run of digits, for numbers glued together and damaged.
    """
    spans: dict[str, list[tuple[int, int]]] = {}
    for key, a, b, _ in pieces(text):
        if b - a >= SHORTEST_DAMAGED:
            spans.setdefault(key, []).append((a, b))
    if deep:
        _add_stretches(spans, text, {len(number) for _, _, number in bearings})
    if not spans or not bearings:
        return []
    words = list(spans)
    bearers: dict[str, list[tuple[int, int]]] = {}
    for item, field, number in bearings:
        bearers.setdefault(number, []).append((item, field))
    numbers = list(bearers)
    cost = _costs(words, numbers)
    worst = np.minimum(SHARE * np.array([len(number) for number in numbers]), WORST)
    near = (cost <= worst) & (cost <= cost.min(axis=1, keepdims=True) + KEPT)
    out: dict[tuple[int, int, int], Named] = {}
    for place, column in zip(*(part.tolist() for part in near.nonzero()), strict=True):
        value = float(cost[place, column])
        for item, field in bearers[numbers[column]]:
            for a, b in spans[words[place]]:
                old = out.get((item, a, b))
                if old is None or value < old.cost:
                    out[item, a, b] = Named(item, field, a, b, "damaged", value, int(np.ceil(value)))
    return list(out.values())


def _add_stretches(spans: dict[str, list[tuple[int, int]]], text: Text, lengths: set[int]) -> None:
    wanted = tuple(
        sorted({n + step for n in lengths for step in (-1, 0, 1) if n + step >= SHORTEST_DAMAGED + 2})
    )
    for a, b in windows(text, wanted, blanks=True):
        spans.setdefault(text.plain[a:b], []).append((a, b))


def _costs(words: list[str], numbers: list[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    edits = cdist(words, numbers, scorer=OSA.distance, dtype=np.uint8)
    size = np.array([len(word) for word in words])[:, None]
    lost = np.array([len(number) for number in numbers])[None, :] - size
    cut_off = (edits == lost) & (lost >= 2) & (lost <= 3 * size)
    cost = edits.astype(np.float64)
    for row, column in zip(*(part.tolist() for part in cut_off.nonzero()), strict=True):
        if numbers[column].startswith(words[row]) or numbers[column].endswith(words[row]):
            cost[row, column] = min(1 + LOST_END * (lost[row, column] - 1), CUT_OFF)
    return cost


def what_happened(written: str, number: str, *, has_blank: bool) -> tuple[str, int]:
    """How `written` differs from the item's number in one word or several joined by "+", and the number of edits."""
    distance = int(OSA.distance(written, number))
    if distance == 0:
        return ("blank" if has_blank else "exact"), 0
    if len(written) < len(number) and (number.startswith(written) or number.endswith(written)):
        kinds = ["truncated"]
    elif distance < Levenshtein.distance(written, number):
        kinds = ["transposed"]
    else:
        kinds = []
        for step in Levenshtein.editops(written, number):
            if step.tag == "replace":
                pair = {
                    written[step.src_pos] + number[step.dest_pos],
                    number[step.dest_pos] + written[step.src_pos],
                }
                kinds.append("ocr" if pair & CONFUSED else "substituted")
            else:
                kinds.append("deleted" if step.tag == "insert" else "inserted")
    if has_blank:
        kinds.append("blank")
    return "+".join(dict.fromkeys(kinds)), distance
