"""Precision of each rule where others' ledgers had a known truth, for ledgers without a history of their own. Floor 1.

Written by `make bench-matching`: it matches each data set in backlog mode, measures the result with
`arlib.matching.calibration.measure(..., data_set=NAME, is_transferred=True)` against the truth kept apart, and prints these
lines. Replace all of them together, never one by hand: figures of different versions of the engine do not belong together.
"""

from __future__ import annotations

from arlib.matching.calibration import Measured

SHIPPED: tuple[Measured, ...] = ()
