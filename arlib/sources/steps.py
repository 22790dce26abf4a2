"""Steps that a profile may name for what no mapping can say. Floor 2.

A step sees the typed rows of all parts (with the profile's `_helper` columns and provenance) and the raw
records by file role; it returns further tables and problems.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from arlib.sources import sheetlines
from arlib.sources.erp import (
    oracle,
    oracle_extract,
    oracle_ledger,
    sap_balances,
    sap_bank,
    sap_changes,
    sap_clearing,
    sap_lines,
    sap_rates,
)

if TYPE_CHECKING:
    import pandas as pd

    from arlib.errors import Problem
    from arlib.sources.profile import Profile
    from arlib.sources.raw import RawFile, Records

Step = Callable[
    ["dict[str, pd.DataFrame]", "Mapping[str, Records]", "Profile"],
    "tuple[dict[str, pd.DataFrame], list[Problem]]",
]

STEPS: dict[str, Step] = {
    "follow_references": sap_clearing.follow_references,
    "clear_groups": sap_clearing.clear_groups,
    "name_transfers": sap_clearing.name_transfers,
    "lines_of_other_ledgers": sap_clearing.lines_of_other_ledgers,
    "sheet_statements": sheetlines.sheet_statements,
    "oracle_receipts": oracle.oracle_receipts,
    "oracle_follow": oracle.oracle_follow,
    "oracle_reversals": oracle.oracle_reversals,
    "oracle_left_out": oracle_extract.oracle_left_out,
    "oracle_lines": oracle_extract.oracle_lines,
    "oracle_documents": oracle_ledger.oracle_documents,
    "oracle_balances": oracle_ledger.oracle_balances,
    "oracle_remarks": oracle_extract.oracle_remarks,
}

ByName = dict[str, "list[tuple[RawFile, Records]]"]
Before = Callable[[ByName, "Profile"], "tuple[ByName, list[Problem]]"]

BEFORE: dict[str, Before] = {  # steps on the records, before any part is read
    "sap_lines": sap_lines.arrange,
    "sap_changes": sap_changes.changes,
    "sap_statements": sap_bank.statements,
    "sap_balances": sap_balances.balances,
    "sap_rates": sap_rates.rates,
}
