"""A large synthetic ledger: receipts a second, processor time by stage, memory, and how they grow.

    python benchmarks/matching_scale.py [--quick] [--runs N] [--scale10]

Without words: a tenth, ten times the customers, and 100,000 receipts against 1,000,000 items of 50,000 customers; a plain look-up of
document numbers (and oldest items first) run beside the tenth, round by round. `--scale10` adds ten times all of it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matching_peers import FEW, LOOKUP, OLDEST, RAPIDFUZZ, pairs_in, peers, sets_of, share_right

if TYPE_CHECKING:
    from measured import Timing

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


HUNDREDTH = Size(10_000, 500, 1_000)
TENTH = Size(100_000, 5_000, 10_000)
MORE_CUSTOMERS = Size(1_000_000, 50_000, 10_000)  # ten times the customers and their items, the same receipts
WHOLE = Size(1_000_000, 50_000, 100_000)
TENFOLD = Size(10_000_000, 500_000, 1_000_000)
SEED = 20261
WHY = (
    "Each receipt is decided in Python: proposals, sentences and rows are objects, one receipt after the other, and the likeliest "
    "set of items of a receipt that names nothing is a search of its own. What reads the whole ledger (order, numbers, index) is "
    "array code."
)


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
    processor: float = 0.0
    stages: tuple[tuple[str, float], ...] = ()  # processor seconds


def measured(size: Size, folder: Path, seed: int) -> Cost:
    """Write the ledger, match it in a process of its own; the truth is written after the run."""
    truth = written(size, folder, seed)
    run_worker(folder)
    truth.to_csv(folder / "truth.csv", index=False)
    return cost(folder)


def written(size: Size, folder: Path, seed: int) -> pd.DataFrame:
    """Write what a run may see; the truth."""
    from arlib.matching.frames import MATCH_ITEMS, MATCH_RECEIPTS
    from arlib.tables import CANONICAL

    items, receipts, customers, truth = ledger(size, seed)
    folder.mkdir(parents=True, exist_ok=True)
    MATCH_ITEMS.typed(items).to_parquet(folder / "items.parquet")
    MATCH_RECEIPTS.typed(receipts).to_parquet(folder / "receipts.parquet")
    CANONICAL["customers"].typed(customers).to_parquet(folder / "customers.parquet")
    return truth


def cost(folder: Path) -> Cost:
    """What the worker wrote of itself. Raises RuntimeError where an identity of the run does not hold."""
    told = json.loads((folder / "measured.json").read_text())
    broken = [name for name, holds in told["identities"].items() if not holds]
    if broken:
        raise RuntimeError(f"identities do not hold: {', '.join(broken)}")
    return Cost(told["seconds"], told["peak_bytes"], told["processor"], tuple(told["stages"].items()))


def run_worker(folder: Path) -> None:
    """Match the frames of a folder. Raises RuntimeError with the last lines of the trouble."""
    done = subprocess.run([sys.executable, str(WORKER), str(folder)], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError("\n".join(done.stderr.strip().splitlines()[-3:]))


def decisions(folder: Path) -> pd.DataFrame:
    """Receipt, item, amount and decision of a run that is done."""
    columns = ["receipt_id", "item_id", "applied_amount", "decision"]
    return pd.read_parquet(folder / "matches.parquet", columns=columns)


def main() -> None:
    """Measure and keep."""
    from measured import Timing, arguments, interleaved

    parser = arguments(__doc__, runs=3)
    parser.add_argument("--scale10", action="store_true", help="also ten times everything")
    chosen = parser.parse_args()
    small = HUNDREDTH if chosen.quick else TENTH
    large = [TENTH] if chosen.quick else [MORE_CUSTOMERS, WHOLE, *([TENFOLD] if chosen.scale10 else [])]
    with tempfile.TemporaryDirectory(prefix="bench-matching-scale-") as name:
        folder = Path(name) / "small"
        truth = sets_of(pairs_in(written(small, folder, SEED)))
        costs: list[Cost] = []

        def ours() -> Timing:
            run_worker(folder)
            costs.append(cost(folder))
            return Timing(
                (costs[-1].seconds,), (costs[-1].processor,), costs[-1].peak_bytes, decisions(folder)
            )

        others = peers(folder)
        first = others[LOOKUP]()
        timings = interleaved({"arlib": ours, **others}, runs=chosen.runs, warm_up=1)
        if not timings["arlib"].result.equals(decisions(folder)) or timings[LOOKUP].result != first:
            raise RuntimeError("two runs over one ledger decided differently")
        right = {
            LOOKUP: share_right(first, truth),
            OLDEST: share_right(timings[OLDEST].result, truth),
        }
        rows = [
            row(
                small, sorted(costs, key=lambda one: one.processor)[len(costs) // 2], decisions(folder), truth
            )
        ]
        for size in large:
            place = Path(name) / f"{size.receipts}-{size.items}"
            known = sets_of(pairs_in(written(size, place, SEED)))
            run_worker(place)
            rows.append(row(size, cost(place), decisions(place), known))
    report(rows, timings, right, quick=chosen.quick)


@dataclass(frozen=True)
class Row:
    """One size: what it took, and the shares of receipts that are right, applied alone, and right among these."""

    size: Size
    cost: Cost
    right: float
    auto: float
    auto_right: float

    @property
    def rate(self) -> float:
        """Receipts a second of processor time."""
        return self.size.receipts / self.cost.processor


def row(size: Size, took: Cost, made: pd.DataFrame, truth: Mapping[str, frozenset[str]]) -> Row:
    """A size with its scores."""
    auto = sets_of(pairs_in(made[made["decision"].eq("auto")]))
    good = sum(truth.get(receipt) == items for receipt, items in auto.items())
    return Row(
        size, took, share_right(pairs_in(made), truth), len(auto) / len(truth), good / max(1, len(auto))
    )


def report(
    rows: Sequence[Row], timings: Mapping[str, Timing], right: Mapping[str, float], *, quick: bool
) -> None:
    """Keep the figures."""
    from measured import Chart, Table, Target, keep, mib, ratio

    small, whole = rows[0], next((one for one in rows if one.size == WHOLE), rows[-1])
    by_peer = []
    for name, timing in timings.items():
        count = min(FEW, small.size.receipts) if name == RAPIDFUZZ else small.size.receipts
        score = small.right if name == "arlib" else right.get(name)
        by_peer.append(
            (
                name,
                f"{count / timing.busy:,.0f}",
                f"{timing.busy:.2f}",
                "" if score is None else f"{score:.4f}",
            )
        )
    grown = whole.cost.processor / small.cost.processor
    by = whole.size.receipts / small.size.receipts
    stages = [
        (title, *(f"{dict(one.cost.stages).get(title, 0.0):.2f}" for one in rows))
        for title, _ in whole.cost.stages
    ]
    keep(
        "matching", title=f"Cash application: {whole.size.name}", quick=quick,
        tables=[
            Table("By size, processor seconds of one core", ("size", "seconds", "receipts a second", "peak memory", "receipts right",
                  "applied alone", "right of these"), [
                (one.size.name, f"{one.cost.processor:.1f}", f"{one.rate:,.0f}", mib(one.cost.peak_bytes), f"{one.right:.4f}",
                 f"{one.auto:.4f}", f"{one.auto_right:.4f}") for one in rows]),
            Table("Processor seconds by stage", ("stage", *(one.size.name for one in rows)), stages),
            Table(f"Beside plain matchers, {small.size.name}", ("matcher", "receipts a second", "processor seconds", "receipts right"),
                  by_peer, note=f"rapidfuzz compares with every number of the ledger, so it was given the first {FEW} receipts"),
        ],
        targets=[
            Target("Matching, receipts a second", "bound by memory or index", f"{whole.rate:,.0f}", False, why=WHY),
            Target(f"Matching, time for {by:.0f} times the receipts and items", f"at most {1.3 * by:.0f} times",
                   f"{grown:.1f} times", grown <= 1.3 * by),
        ],
        charts=[Chart("growth", "Processor seconds by receipts, items ten to one",
                      {"arlib": {str(one.size.receipts): one.cost.processor for one in rows if one.size != MORE_CUSTOMERS}},
                      kind="lines", across="receipts")],
        sentences=[
            f"A plain look-up of document numbers takes one part in {ratio(timings['arlib'], timings[LOOKUP], by='processor'):.0f} of the "
            f"time and gets {right[LOOKUP]:.1%} of the receipts right, arlib {small.right:.1%}.",
            "Decisions of all runs over one ledger are equal, and money adds up in each (identities of the run).",
        ],
        figures={"receipts_a_second": whole.rate, "processor_seconds": whole.cost.processor, "peak_bytes": whole.cost.peak_bytes,
                 "growth": grown},
    )  # fmt: skip


if __name__ == "__main__":
    main()
