"""Movements of a roll-forward that an auditor looks at: large, manual, near the end, entered after it. Floor 1."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd

from arlib.audit.ledger.frames import UNUSUAL, RollGroup
from arlib.ledger.facts import known_until
from arlib.ledger.general_ledger import ledger_lines
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import JournalSource

ROUTINE = (RollGroup.INVOICES.value, RollGroup.RECEIPTS.value, RollGroup.EXCHANGE.value)
REASONS = {
    "large": "large",
    "manual": "a manual journal on a control account",
    "near_end": "not routine and within the last days",
    "later": "dated inside, entered after the date of the question",
}


def unusual_movements(
    book: Book,
    documents: pd.DataFrame,
    *,
    scope: Scope,
    ledger: str,
    large: int,
    last_days: int,
    accounts: set[str],
) -> pd.DataFrame:
    """Movements with at least one reason: UNUSUAL, by number of reasons and then by amount.

    Large: an amount in the books' currency of `large` or more without sign. Manual: a posted ledger line of source
    manual on one of `accounts`, dated in the window, whatever its amount. Near the end: within the last `last_days` days,
    the as-of date being the last of them, and neither an invoice, a receipt nor exchange. Entered after: after midnight
    of the as-of date in the entity's time zone. What was entered into closed periods has a list of its own. Needs
    ROLL_DOCUMENTS; uses GL_LINES.
    """
    rows = [
        _of_subledger(documents, scope, large, last_days),
        _of_ledger(book, scope, ledger, large, last_days, accounts),
    ]
    made = pd.concat(rows, ignore_index=True)
    made = made[made["reasons"].gt(0).to_numpy(dtype=bool)]
    made = made.assign(size=made["amount"].abs(), currency=scope.functional_currency)
    made = made.sort_values(
        ["reasons", "size", "side", "reference"],
        ascending=[False, False, True, True],
        kind="stable",
        ignore_index=True,
    )
    return UNUSUAL.typed(made.assign(rank=np.arange(1, len(made) + 1)))


def _of_subledger(documents: pd.DataFrame, scope: Scope, large: int, last_days: int) -> pd.DataFrame:
    amount = documents["functional_amount"].fillna(0)
    flags = {
        "large": amount.abs().ge(large),
        "near_end": documents["date"].gt(_since(scope, last_days)) & ~documents["group"].isin(ROUTINE),
        "later": _entered_later(documents["entered_at"], scope),
    }
    return _reasoned(
        documents.assign(side="sub_ledger", reference=documents["posting_id"], amount=amount), flags
    )  # fmt: skip


def _of_ledger(
    book: Book, scope: Scope, ledger: str, large: int, last_days: int, accounts: set[str]
) -> pd.DataFrame:
    lines = ledger_lines(book, scope=scope, ledger=ledger)
    inside = lines["date"].ge(pd.Timestamp(scope.starts_on)) & lines["date"].le(pd.Timestamp(scope.as_of))
    manual = (
        lines["source"].eq(JournalSource.MANUAL.value) & lines["is_posted"] & lines["account"].isin(accounts)
    )
    mine = lines[(inside & manual).to_numpy(dtype=bool)].reset_index(drop=True)
    flags = {
        "manual": pd.Series(True, index=mine.index),
        "large": mine["amount"].abs().ge(large),
        "near_end": mine["date"].gt(_since(scope, last_days)),
        "later": _entered_later(mine["entered_at"], scope),
    }
    named = mine.assign(
        side="general_ledger", reference=mine["journal_lines"], document_no=mine["document"], line="manual_journal",
        amount=mine["amount"].astype("Int64"),
    )  # fmt: skip
    return _reasoned(named, flags)


def _since(scope: Scope, last_days: int) -> pd.Timestamp:
    return pd.Timestamp(scope.as_of - timedelta(days=last_days))


def _entered_later(entered_at: pd.Series, scope: Scope) -> pd.Series:
    end = known_until(replace(scope, known_at=scope.as_of))
    return (entered_at >= end).fillna(False).astype(bool)


def _reasoned(rows: pd.DataFrame, flags: dict[str, pd.Series]) -> pd.DataFrame:
    """The rows with the number of their reasons, and the reasons in words."""
    columns = ["side", "reference", "account", "date", "user", "document_no", "customer_id", "line", "amount"]
    table = pd.DataFrame(
        {name: flag.fillna(False).to_numpy(dtype=bool) for name, flag in flags.items()}, index=rows.index
    )
    why = pd.Series("", index=rows.index, dtype="str")
    for name in table.columns:
        mark = why.where(why.eq(""), why + "; ") + REASONS[name]
        why = why.mask(table[name], mark)
    return rows[columns].assign(reasons=table.sum(axis=1).astype("Int64"), why=why)
