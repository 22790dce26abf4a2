"""Plain matchers beside the engine over one synthetic ledger, and what they get right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd
from matching_baselines import exact_lookup, oldest_first
from matching_data import Plain
from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

FEW = 200  # receipts that rapidfuzz compares with every number
LOOKUP, OLDEST = "look-up of document numbers", "oldest items first"
RAPIDFUZZ = f"rapidfuzz, nearest of all numbers, {FEW} receipts"


def sets_of(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """Items by receipt."""
    found: dict[str, set[str]] = {}
    for receipt, item in pairs:
        found.setdefault(receipt, set()).add(item)
    return {receipt: frozenset(items) for receipt, items in found.items()}


def share_right(pairs: Iterable[tuple[str, str]], truth: Mapping[str, frozenset[str]]) -> float:
    """Share of all receipts whose whole item set is right."""
    found = sets_of(pairs)
    return sum(found.get(receipt) == items for receipt, items in truth.items()) / len(truth)


def pairs_in(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """Receipt and item of each row."""
    return list(zip(frame["receipt_id"].tolist(), frame["item_id"].tolist(), strict=True))


def peers(folder: Path) -> dict[str, Callable[[], list[tuple[str, str]]]]:
    """Plain matchers over the same ledger, from frames in memory to pairs."""
    items, receipts, customers = (
        pd.read_parquet(folder / f"{n}.parquet") for n in ("items", "receipts", "customers")
    )
    whose = dict(zip(customers["name"], customers["customer_id"], strict=True))
    data = Plain(
        items=items.assign(
            who=items["customer_id"],
            references=list(zip(items["document_no"], items["purchase_order"], strict=True)),
            document_day=items["document_date"].dt.strftime("%Y%m%d"),
            due_day=items["due_date"].dt.strftime("%Y%m%d"),
        ),
        receipts=receipts.assign(
            who=receipts["payer_name"].map(whose),
            day=receipts["value_date"].dt.strftime("%Y%m%d"),
            text=receipts["remittance_text"].fillna(""),
        ),
    )
    few = replace(data, receipts=data.receipts.head(FEW))
    return {
        LOOKUP: lambda: exact_lookup(data),
        OLDEST: lambda: oldest_first(data),
        RAPIDFUZZ: lambda: nearest_number(few),
    }


def nearest_number(data: Plain) -> list[tuple[str, str]]:
    """The item whose document number is nearest to each word of the text, by rapidfuzz over all numbers of the ledger."""
    numbers = [number for number, _ in data.items["references"]]
    ids = data.items["item_id"].tolist()
    pairs = []
    for receipt, text in zip(data.receipts["receipt_id"], data.receipts["text"], strict=True):
        for word in text.split(", ") if text else ():
            hit = extractOne(word, numbers, scorer=OSA.distance, score_cutoff=1)
            if hit is not None:
                pairs.append((receipt, ids[hit[2]]))
    return pairs
