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
from pathlib import Path

import pandas as pd

from arlib.matching.engine import match
from arlib.matching.frames import MATCH_ADVICES, MATCH_ITEMS, MATCH_RECEIPTS
from arlib.matching.inputs import MatchInputs
from arlib.policy import MatchingPolicy
from arlib.tables import CANONICAL, Table

KIBIBYTE = 1024


def frame(folder: Path, name: str, table: Table) -> pd.DataFrame:
    """A typed table of the folder, empty where there is no such file."""
    path = folder / f"{name}.parquet"
    return table.typed(pd.read_parquet(path)) if path.is_file() else table.empty()


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
    started = time.perf_counter()
    result = match(inputs, policy=MatchingPolicy())
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIBIBYTE
    for name in ("matches", "alternatives", "unmatched"):
        getattr(result, name).to_parquet(folder / f"{name}.parquet")
    holds = {identity.name: identity.holds for identity in result.identities}
    measured = {"seconds": seconds, "peak_bytes": peak, "read_bytes": read, "identities": holds}
    (folder / "measured.json").write_text(json.dumps(measured))


if __name__ == "__main__":
    main()
