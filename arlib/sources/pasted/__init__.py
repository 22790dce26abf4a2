"""A customer's own statement as it is pasted or loaded: read, asked about, reconciled. Floor 2.

read       text to CUSTOMER_STATEMENT_LINES; every line in one place
files      the same for a CSV, a workbook or a PDF
reconcile  line by line against our ledger, by `ledger.customer_recon`
"""

from arlib.sources.pasted.files import pasted_file
from arlib.sources.pasted.read import pasted_statement
from arlib.sources.pasted.reconcile import (
    PASTED_CAUSES,
    PASTED_RECON,
    GapCause,
    PastedReconciliation,
    Place,
    reconcile_pasted,
)
from arlib.sources.pasted.result import (
    PASTED_LEFT_OUT,
    PASTED_PROBLEMS,
    PASTED_ROWS,
    Choice,
    LeftOut,
    Option,
    Pasted,
)

__all__ = [
    "PASTED_CAUSES", "PASTED_LEFT_OUT", "PASTED_PROBLEMS", "PASTED_RECON", "PASTED_ROWS", "Choice", "GapCause", "LeftOut",
    "Option", "Pasted", "PastedReconciliation", "Place", "pasted_file", "pasted_statement", "reconcile_pasted",
]  # fmt: skip
