"""Precision of each rule where others' ledgers had a known truth, for ledgers without a history of their own. Floor 1.

Written by `python benchmarks/matching.py --calibrate`: it matches each data set in backlog mode and measures the result with
`arlib.matching.calibration.measure(..., data_set=NAME, is_transferred=True)` against the truth kept apart. Replace all lines
together, never one by hand: figures of different versions of the engine do not belong together. "our harder copy" is
pay-to-invoice damaged again, drawn several times: other damage on the same receipts, so its tries are not wholly independent.
"""

from __future__ import annotations

from arlib.matching.calibration import Measured

SHIPPED: tuple[Measured, ...] = (
    Measured("amount.discount", 165, 165, "sample companies 1 to 12", is_transferred=True),
    Measured("amount.proven", 10783, 10785, "highradius", is_transferred=True),
    Measured("amount.proven", 171, 171, "sample companies 1 to 12", is_transferred=True),
    Measured("amount.proven_mixed", 1379, 1402, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.advice", 2672, 2672, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.advice_damaged", 313, 313, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.advice_damaged_part", 63, 65, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.advice_over", 65, 65, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.advice_part", 872, 877, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.beyond", 13, 127, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.completed", 1, 1, "pay-to-invoice, our harder copy", is_transferred=True),
    Measured("stated.completed", 83, 89, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.damaged", 3294, 3294, "pay-to-invoice, our harder copy", is_transferred=True),
    Measured("stated.damaged", 1418, 1418, "pay-to-invoice, single", is_transferred=True),
    Measured("stated.damaged", 569, 571, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.damaged_less", 86, 86, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.damaged_other_payer", 3, 3, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.damaged_part", 11, 11, "pay-to-invoice, our harder copy", is_transferred=True),
    Measured("stated.damaged_part", 2, 3, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.damaged_parts", 2627, 2627, "pay-to-invoice, our harder copy", is_transferred=True),
    Measured("stated.damaged_parts", 779, 779, "pay-to-invoice, single", is_transferred=True),
    Measured("stated.damaged_parts", 43, 43, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.damaged_short", 1781, 1781, "pay-to-invoice, our harder copy", is_transferred=True),
    Measured("stated.damaged_short", 34, 34, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.exact", 6082, 6082, "pay-to-invoice, our harder copy", is_transferred=True),
    Measured("stated.exact", 5025, 5025, "pay-to-invoice, single", is_transferred=True),
    Measured("stated.exact", 5982, 5985, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.exact_less", 937, 937, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.exact_part", 21, 21, "pay-to-invoice, our harder copy", is_transferred=True),
    Measured("stated.exact_part", 14, 14, "pay-to-invoice, single", is_transferred=True),
    Measured("stated.exact_part", 192, 201, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.exact_parts", 5738, 5738, "pay-to-invoice, our harder copy", is_transferred=True),
    Measured("stated.exact_parts", 3427, 3427, "pay-to-invoice, single", is_transferred=True),
    Measured("stated.exact_parts", 450, 450, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.exact_short", 4568, 4568, "pay-to-invoice, our harder copy", is_transferred=True),
    Measured("stated.exact_short", 1527, 1527, "pay-to-invoice, single", is_transferred=True),
    Measured("stated.exact_short", 279, 279, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.linked", 94, 94, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.other_currency", 427, 431, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.other_currency_part", 18, 18, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.other_payer", 117, 117, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.over", 145, 146, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.solved", 198, 198, "pay-to-invoice, our harder copy", is_transferred=True),
    Measured("stated.solved", 50, 50, "pay-to-invoice, single", is_transferred=True),
    Measured("stated.solved", 160, 161, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.solved_less", 109, 109, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.solved_parts", 89, 89, "pay-to-invoice, our harder copy", is_transferred=True),
    Measured("stated.solved_parts", 22, 22, "pay-to-invoice, single", is_transferred=True),
    Measured("stated.solved_parts", 4, 8, "sample companies 1 to 12", is_transferred=True),
    Measured("stated.solved_short", 111, 111, "pay-to-invoice, our harder copy", is_transferred=True),
    Measured("stated.solved_short", 42, 51, "sample companies 1 to 12", is_transferred=True),
)
