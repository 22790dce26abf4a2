"""Three plain matchers that open tools use, for comparison. Each posts what it finds, so all of it counts as auto.

All see the receipts in the order of their days. None consults the truth, but `oldest_first_informed`, which shows how far
the rule gets with perfect bookkeeping.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd
from matching_data import Plain

TRIES = 30_000  # additions that the subset search may try for one receipt

Pairs = list[tuple[str, str]]


@dataclass
class _Open:
    """An item while it is worked on."""

    item_id: str
    left: int
    document_day: str
    due_day: str


def exact_lookup(data: Plain) -> Pairs:
    """Every item one of whose references stands in the text as a word of letters, then digits; amounts are not looked at."""
    known: dict[str, list[str]] = defaultdict(list)
    for item_id, references in zip(data.items["item_id"], data.items["references"], strict=True):
        for reference in dict.fromkeys(references):
            if reference:
                known[reference].append(item_id)
    pairs: Pairs = []
    for receipt_id, text in zip(data.receipts["receipt_id"], data.receipts["text"], strict=True):
        words = dict.fromkeys(re.findall(r"[A-Za-z]*[0-9]+", text))
        found = dict.fromkeys(item for word in words for item in known.get(word, ()))
        pairs.extend((receipt_id, item) for item in found)
    return pairs


def oldest_first(data: Plain) -> Pairs:
    """The payer's oldest items by document date until the receipt is used up, the last one in part."""
    pairs: Pairs = []
    for receipt_id, amount, items in _by_receipt(data, lambda item: (item.document_day, item.due_day)):
        left = amount
        for item in items:
            if left <= 0:
                break
            used = min(left, item.left)
            item.left -= used
            left -= used
            pairs.append((receipt_id, item.item_id))
    return pairs


def oldest_first_informed(data: Plain, truth: pd.DataFrame) -> Pairs:
    """Oldest first where somebody else cleared the items of all earlier receipts rightly. Consults the truth."""
    days = dict(zip(data.receipts["receipt_id"], data.receipts["day"], strict=True))
    cleared = {
        item: days[receipt] for receipt, item in zip(truth["receipt_id"], truth["item_id"], strict=True)
    }
    pairs: Pairs = []
    for receipt_id, amount, items in _by_receipt(data, lambda item: (item.document_day, item.due_day)):
        left = amount
        for item in items:
            if left <= 0:
                break
            if cleared.get(item.item_id, "99999999") < days[receipt_id]:
                item.left = 0
                continue
            left -= item.left
            pairs.append((receipt_id, item.item_id))
    return pairs


def first_exact_subset(data: Plain) -> Pairs:
    """The first set of the payer's items, in due-date order, that adds up to the receipt; stops at the first."""
    pairs: Pairs = []
    for receipt_id, amount, items in _by_receipt(data, lambda item: (item.due_day, item.document_day)):
        for item in _first_subset([item for item in items if item.left <= amount], amount):
            item.left = 0
            pairs.append((receipt_id, item.item_id))
    return pairs


def _first_subset(items: list[_Open], total: int) -> list[_Open]:
    reached: dict[int, tuple[int, int]] = {0: (0, -1)}  # sum: the sum before, and the item added
    tries = 0
    for place, item in enumerate(items):
        tries += len(reached)
        if tries > TRIES:
            return []
        for before in list(reached):
            after = before + item.left
            if after > total or after in reached:
                continue
            reached[after] = (before, place)
            if after == total:
                return _way_back(items, reached, total)
    return []


def _way_back(items: list[_Open], reached: dict[int, tuple[int, int]], total: int) -> list[_Open]:
    found = []
    while total:
        total, place = reached[total]
        found.append(items[place])
    return found


def _by_receipt(data: Plain, order: Callable[[_Open], tuple[str, str]]) -> list[tuple[str, int, _OpenItems]]:
    """Receipts by day, each with the items of its payer that are dated by then and still open."""
    held: dict[tuple[str, str], list[_Open]] = defaultdict(list)
    columns = ("item_id", "who", "currency", "amount", "document_day", "due_day")
    for item_id, who, currency, amount, document_day, due_day in zip(
        *(data.items[name] for name in columns), strict=True
    ):
        held[who, currency].append(_Open(item_id, int(amount), document_day, due_day))
    for items in held.values():
        items.sort(key=order)
    receipts = data.receipts.sort_values("day", kind="stable")
    columns = ("receipt_id", "who", "currency", "amount", "day")
    return [
        (receipt_id, int(amount), _OpenItems(held.get((who, currency), []), day))
        for receipt_id, who, currency, amount, day in zip(*(receipts[name] for name in columns), strict=True)
    ]


class _OpenItems:
    """A payer's items as they stand when they are looked at, not before."""

    def __init__(self, items: list[_Open], day: str) -> None:
        self.items, self.day = items, day

    def __iter__(self) -> Iterator[_Open]:
        return iter([item for item in self.items if item.left > 0 and item.document_day <= self.day])


BASELINES: dict[str, Callable[[Plain], Pairs]] = {
    "exact reference lookup": exact_lookup,
    "oldest first": oldest_first,
    "first exact subset": first_exact_subset,
}
