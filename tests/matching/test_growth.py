"""Time grows with the ledger, not with its square: a ratio within one process, so that a slow machine does not count."""

from __future__ import annotations

import importlib
import time

from arlib.matching.engine import match
from arlib.matching.frames import MATCH_ITEMS, MATCH_RECEIPTS
from arlib.matching.inputs import MatchInputs
from arlib.policy import MatchingPolicy
from arlib.tables import CANONICAL

ROUNDS = 2
TIMES, MOST = 4, 5.6  # so much more of everything may take at most so much more time


def inputs_of(scale, *, times: int) -> MatchInputs:
    items, receipts, customers, _ = scale.ledger(scale.Size(5_000 * times, 250 * times, 500 * times), 1)
    return MatchInputs(
        items=MATCH_ITEMS.typed(items),
        receipts=MATCH_RECEIPTS.typed(receipts),
        customers=CANONICAL["customers"].typed(customers),
    )


def processor_seconds(inputs: MatchInputs) -> float:
    started = time.process_time()
    match(inputs, policy=MatchingPolicy())
    return time.process_time() - started


def test_four_times_the_ledger_takes_about_four_times_the_time(repo, monkeypatch):
    monkeypatch.syspath_prepend(str(repo / "benchmarks"))
    scale = importlib.import_module("matching_scale")
    small, large = (inputs_of(scale, times=times) for times in (1, TIMES))
    match(small, policy=MatchingPolicy())  # imports and tables of constants are made once
    took = [(processor_seconds(small), processor_seconds(large)) for _ in range(ROUNDS)]
    least = [min(column) for column in zip(*took, strict=True)]
    assert least[1] <= MOST * least[0], took
