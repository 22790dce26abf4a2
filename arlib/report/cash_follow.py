"""What follows from placing cash: returned payments put back, residuals, nettings. Floor 3."""

from __future__ import annotations

import pandas as pd

from arlib.matching.leftovers import CONTRAS, RESIDUALS
from arlib.matching.returned import REVERSALS
from arlib.report.cash_facts import DECISION_SAID, CashRun, document_numbers, heads, told
from arlib.report.cash_short import about_words, reason_words
from arlib.report.model import ResultTable
from arlib.report.tables import result_table, spoken
from arlib.tables import Column, Kind, Table

_DOCUMENT = Column("document_no", Kind.TEXT, "number that people quote")
_NAME = Column("name", Kind.TEXT, "name of the customer")
_DECISION = Column("decision", Kind.TEXT, "whether its receipt is applied automatically or proposed")
BACK = Table("cash_reversals", REVERSALS.one_row_is, REVERSALS.key, (*REVERSALS.columns, _DOCUMENT, _NAME))
RESTS = Table(
    "cash_residuals", RESIDUALS.one_row_is, RESIDUALS.key, (*RESIDUALS.columns, _DOCUMENT, _NAME, _DECISION)
)
NETTED = Table("cash_contras", CONTRAS.one_row_is, CONTRAS.key, (*CONTRAS.columns, _DOCUMENT, _NAME))


def follow_tables(run: CashRun, *, functional: str) -> tuple[ResultTable, ...]:
    """What the open receipts put back, close with a residual, or set against our own payables."""
    result = run.result
    decided = result.matches.set_index(["receipt_id", "item_id"])["decision"].to_dict()
    rests = _named(result.residuals, run)
    pairs = zip(rests["receipt_id"], rests["item_id"], strict=True)
    rests["decision"] = pd.Series([decided.get(pair) for pair in pairs], index=rests.index, dtype="str")
    back = _named(result.reversals, run)
    return (
        result_table(
            BACK, back, title="Returned payments: what to put back", functional=functional, words=spoken(back, "kind"),
            columns=("return_id", "receipt_id", "kind", "document_no", "customer_id", "name", "currency", "amount",
                     "effective_date", "due_date", "reason"),
            headings=heads(BACK, return_id="Return", receipt_id="Payment that came back", kind="What goes back"),
            note="From the day of the return; items keep their due dates.",
        ),
        result_table(
            RESTS, rests, title="Residuals that close an item", functional=functional,
            words={"reason": reason_words(run), "code": about_words(rests["code"].dropna()),
                   "decision": DECISION_SAID},
            columns=("receipt_id", "document_no", "customer_id", "name", "currency", "amount", "original_due_date", "reason",
                     "code", "decision"),
            headings=heads(RESTS, code="About"),
        ),
        result_table(
            NETTED, _named(result.contras, run), title="Nettings against what we owe, proposed", functional=functional,
            columns=("receipt_id", "document_no", "customer_id", "name", "currency", "amount", "has_agreement", "needs"),
            headings=heads(NETTED, has_agreement="Agreement known", needs="Needs"),
        ),
    )  # fmt: skip


def _named(rows: pd.DataFrame, run: CashRun) -> pd.DataFrame:
    return rows.assign(document_no=told(rows["item_id"], document_numbers(run.result)),
                       name=told(rows["customer_id"], run.names))  # fmt: skip
