"""A large synthetic ledger: how seconds and memory grow with items, receipts and customers."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

WORKER = Path(__file__).with_name("matching_worker.py")
TARGET_SECONDS, TARGET_BYTES = 90, 4 * 1024**3
SYLLABLES = [consonant + vowel for consonant in "bdfgk" for vowel in "aeiou"]
FORMS = ("Ltd", "GmbH", "Inc.", "SA", "BV")
FIRST_DAY = np.datetime64("2026-01-01")


@dataclass(frozen=True)
class Size:
    """Counts of one measurement."""

    items: int
    customers: int
    receipts: int

    @property
    def name(self) -> str:
        """In words."""
        return f"{self.receipts:,} receipts, {self.items:,} items, {self.customers:,} customers"


TENTH = Size(100_000, 5_000, 10_000)
MORE_CUSTOMERS = Size(1_000_000, 50_000, 10_000)  # ten times the customers and their items, the same receipts
WHOLE = Size(1_000_000, 50_000, 100_000)


def names(count: int) -> list[str]:
    """Different names of two made-up words and a legal form."""
    made = []
    base = len(SYLLABLES)
    for number in range(count):
        mixed = number * 7919 % base**5  # neighbours in number are not neighbours in spelling
        digits = [mixed // base**place % base for place in range(5)]
        parts = [SYLLABLES[digit] for digit in digits]
        made.append(
            f"{''.join(parts[:3]).title()} {''.join(parts[3:]).title()}n {FORMS[number % len(FORMS)]}"
        )
    return made


def ledger(size: Size, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Items, receipts, customers and the truth (receipt_id, item_id).

    A receipt pays one to five of its customer's items that follow each other by due date. Of 100 receipts 50 quote document
    numbers, 15 quote them damaged, 10 quote purchase orders, 25 nothing; half know their customer, the others have a name.
    """
    rng = np.random.default_rng([seed, size.items, size.customers, size.receipts])
    n = size.items
    owner = np.sort(np.arange(n) % size.customers)
    document_day = rng.integers(0, 150, n)
    order = np.lexsort((document_day, owner))
    document_day = document_day[order]
    numbers = rng.permutation(n) * 7 + 10**9 + rng.integers(0, 7, n)
    amounts = np.maximum(100, np.rint(np.exp(rng.normal(11, 1.2, n)))).astype(np.int64)
    people = names(size.customers)
    codes = np.array([f"C{number:06d}" for number in range(size.customers)], dtype=object)
    items = pd.DataFrame(
        {
            "entity": "E1",
            "item_id": [f"I{number:08d}" for number in rng.permutation(n)],
            "customer_id": codes[owner],
            "item_type": "invoice",
            "document_no": numbers.astype(str),
            "purchase_order": [f"PO{number:07d}" for number in rng.permutation(n)],
            "document_date": FIRST_DAY + document_day,
            "due_date": FIRST_DAY + document_day + 30,
            "currency": "USD",
            "open_amount": amounts,
            "amount": amounts,
            "is_disputed": False,
            "is_written_off": False,
        }
    )
    payer = rng.permutation(np.arange(size.receipts) % size.customers)
    turn = pd.Series(payer).groupby(payer).cumcount().to_numpy()
    each = n // size.customers
    room = each // -(-size.receipts // size.customers)  # items that one receipt may take
    count = np.minimum(rng.choice([1, 2, 3, 4, 5], size.receipts, p=[0.6, 0.18, 0.1, 0.07, 0.05]), room)
    first = np.searchsorted(owner, payer) + turn * room
    rows = [range(start, start + some) for start, some in zip(first.tolist(), count.tolist(), strict=True)]
    sums = np.r_[0, np.cumsum(amounts)]
    kind = rng.choice(["document", "damaged", "order", "none"], size.receipts, p=[0.5, 0.15, 0.1, 0.25])
    documents, orders = items["document_no"].tolist(), items["purchase_order"].tolist()
    texts = []
    for what, paid in zip(kind.tolist(), rows, strict=True):
        said = [] if what == "none" else [(orders if what == "order" else documents)[row] for row in paid]
        if what == "damaged":
            at = rng.integers(0, 10, len(said))
            said = [text[:k] + text[k + 1 :] for text, k in zip(said, at.tolist(), strict=True)]
        texts.append(", ".join(said))
    last = np.array([document_day[paid[-1]] for paid in rows])
    booked = rng.random(size.receipts) < 0.5
    receipts = pd.DataFrame(
        {
            "entity": "E1",
            "receipt_id": [f"R{number:07d}" for number in rng.permutation(size.receipts)],
            "customer_id": np.where(booked, codes[payer], None),
            "value_date": FIRST_DAY + last + rng.integers(25, 45, size.receipts),
            "currency": "USD",
            "amount": sums[first + count] - sums[first],
            "payer_name": [people[number] for number in payer.tolist()],
            "payer_account": [f"ACC{number:07d}" for number in payer.tolist()],
            "remittance_text": texts,
        }
    )
    customers = pd.DataFrame({"entity": "E1", "customer_id": codes, "name": people})
    ids = items["item_id"].tolist()
    truth = pd.DataFrame(
        [(name, ids[row]) for name, paid in zip(receipts["receipt_id"], rows, strict=True) for row in paid],
        columns=["receipt_id", "item_id"],
    ).assign(reference=[what for what, paid in zip(kind.tolist(), rows, strict=True) for _ in paid])
    return items, receipts, customers, truth


@dataclass(frozen=True)
class Cost:
    """What a run took."""

    seconds: float
    peak_bytes: int


def measured(size: Size, folder: Path, seed: int) -> Cost:
    """Write the ledger, match it in a process of its own; the truth is written after the run."""
    from arlib.matching.frames import MATCH_ITEMS, MATCH_RECEIPTS
    from arlib.tables import CANONICAL

    items, receipts, customers, truth = ledger(size, seed)
    folder.mkdir(parents=True, exist_ok=True)
    MATCH_ITEMS.typed(items).to_parquet(folder / "items.parquet")
    MATCH_RECEIPTS.typed(receipts).to_parquet(folder / "receipts.parquet")
    CANONICAL["customers"].typed(customers).to_parquet(folder / "customers.parquet")
    del items, receipts, customers
    run_worker(folder)
    truth.to_csv(folder / "truth.csv", index=False)
    return cost(folder)


def cost(folder: Path) -> Cost:
    """What the worker wrote of itself. Raises RuntimeError where an identity of the run does not hold."""
    told = json.loads((folder / "measured.json").read_text())
    broken = [name for name, holds in told["identities"].items() if not holds]
    if broken:
        raise RuntimeError(f"identities do not hold: {', '.join(broken)}")
    return Cost(told["seconds"], told["peak_bytes"])


def run_worker(folder: Path) -> None:
    """Match the frames of a folder. Raises RuntimeError with the last lines of the trouble."""
    done = subprocess.run([sys.executable, str(WORKER), str(folder)], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError("\n".join(done.stderr.strip().splitlines()[-3:]))
