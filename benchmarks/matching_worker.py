"""Match frames in a process of its own, so that its seconds and its memory are its own.

    python benchmarks/matching_worker.py FOLDER

FOLDER holds items.parquet and receipts.parquet, and may hold advices, customers and fx_rates. Written beside them:
matches.parquet, alternatives.parquet, unmatched.parquet and measured.json.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from arlib.matching import engine
from arlib.matching.frames import MATCH_ADVICES, MATCH_ITEMS, MATCH_RECEIPTS
from arlib.matching.inputs import MatchInputs
from arlib.policy import MatchingPolicy
from arlib.tables import CANONICAL, Table

KIBIBYTE = 1024
# what `engine.match` calls once in a run without a past, in its order
STAGES = {
    "pool_of": "rows in order, numbers of accounts",
    "find_exact": "document numbers in texts",
    "resolve_payers": "who paid",
    "special_cash": "money set aside",
    "place_stated": "receipts that name items",
    "place_unstated": "receipts that name nothing",
    "_explained": "differences explained",
    "doubts": "what speaks against a proposal",
    "decide": "decisions, tables, controls",
}
OTHER = "all else"


def frame(folder: Path, name: str, table: Table) -> pd.DataFrame:
    """A typed table of the folder, empty where there is no such file."""
    path = folder / f"{name}.parquet"
    return table.typed(pd.read_parquet(path)) if path.is_file() else table.empty()


def timed_stages() -> dict[str, float]:
    """Processor seconds by stage, filled while the engine runs."""
    took: dict[str, float] = {}
    for name, title in STAGES.items():
        setattr(engine, name, timed(getattr(engine, name), title, took))
    return took


def timed(work: Callable[..., Any], title: str, took: dict[str, float]) -> Callable[..., Any]:
    """The same work, which adds what it took."""

    def run(*given: Any, **named: Any) -> Any:
        started = time.process_time()
        try:
            return work(*given, **named)
        finally:
            took[title] = took.get(title, 0.0) + time.process_time() - started

    return run


def main() -> None:
    """Read, match, write."""
    folder = Path(sys.argv[1])
    inputs = MatchInputs(
        items=frame(folder, "items", MATCH_ITEMS),
        receipts=frame(folder, "receipts", MATCH_RECEIPTS),
        advices=frame(folder, "advices", MATCH_ADVICES),
        customers=frame(folder, "customers", CANONICAL["customers"]),
        rates=frame(folder, "fx_rates", CANONICAL["fx_rates"]),
    )
    read = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIBIBYTE
    stages = timed_stages()
    started, busy = time.perf_counter(), time.process_time()
    result = engine.match(inputs, policy=MatchingPolicy())
    seconds, processor = time.perf_counter() - started, time.process_time() - busy
    stages[OTHER] = processor - sum(stages.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIBIBYTE
    for name in ("matches", "alternatives", "unmatched"):
        getattr(result, name).to_parquet(folder / f"{name}.parquet")
    holds = {identity.name: identity.holds for identity in result.identities}
    measured = {"seconds": seconds, "peak_bytes": peak, "read_bytes": read, "identities": holds}
    measured |= {"processor": processor, "stages": stages}
    (folder / "measured.json").write_text(json.dumps(measured))


if __name__ == "__main__":
    main()
