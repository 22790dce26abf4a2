"""A batch of postings that is checked whole: what it holds balances, settles nothing twice, and has two pairs of eyes. Floor 2."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from arlib.controls import Identity
from arlib.sources.upload.checks import faults
from arlib.sources.upload.contract import raise_faults
from arlib.sources.upload.tables import (
    POSTING_ADJUSTMENTS,
    POSTING_APPLICATIONS,
    POSTING_CREDIT_MEMOS,
    POSTING_INVOICES,
    POSTING_JOURNALS,
    POSTING_RECEIPTS,
    REGISTER,
    TABLES,
)
from arlib.sources.upload.values import Row, filled

if TYPE_CHECKING:
    import pandas as pd

BATCH_ID = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9_-]{0,24}"
)  # 25 characters: Oracle's batch name; safe in a file name


@dataclass(frozen=True, kw_only=True, eq=False)
class Batch:
    """Postings to be written together. Making one checks everything: TableError has all faults at once.

    `accounting_date` is the ledger date of what the builders make. `left_out` holds postings that a register already has;
    they are in none of the frames. `notes` are sentences for the control sheet. Without `approved_by` it is a proposal.
    """

    batch_id: str
    accounting_date: date
    proposed_by: str
    approved_by: str = ""
    receipts: pd.DataFrame = field(default_factory=POSTING_RECEIPTS.empty)
    applications: pd.DataFrame = field(default_factory=POSTING_APPLICATIONS.empty)
    adjustments: pd.DataFrame = field(default_factory=POSTING_ADJUSTMENTS.empty)
    credit_memos: pd.DataFrame = field(default_factory=POSTING_CREDIT_MEMOS.empty)
    invoices: pd.DataFrame = field(default_factory=POSTING_INVOICES.empty)
    journals: pd.DataFrame = field(default_factory=POSTING_JOURNALS.empty)
    left_out: pd.DataFrame = field(default_factory=REGISTER.empty)
    register: pd.DataFrame = field(default_factory=REGISTER.empty)  # what was written before
    notes: tuple[str, ...] = ()
    posted_by: str = (
        ""  # of approvals from the store, where three persons are proven; else a third person signs
    )
    _rows: dict[str, list[Row]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        """Type and sort the frames, then check them and the people."""
        for name, table in {**TABLES, "left_out": REGISTER, "register": REGISTER}.items():
            ordered = filled(getattr(self, name), table).sort_values(
                list(table.key), kind="stable", ignore_index=True
            )
            object.__setattr__(self, name, ordered)
        raise_faults(faults(self), where=f"batch {self.batch_id[:40]}", fix="Nothing was written.")

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """The tables of postings by name."""
        return {name: getattr(self, name) for name in TABLES}

    def rows(self, name: str) -> list[Row]:
        """The rows of one of them, made once; nobody may change them."""
        if name not in self._rows:
            self._rows[name] = getattr(self, name).to_dict("records")
        return self._rows[name]

    @property
    def is_approved(self) -> bool:
        """Whether somebody other than the proposer approved it."""
        return bool(self.approved_by)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be posted."""
        return not any(len(frame) for frame in self.frames.values())

    def identities(self) -> tuple[Identity, ...]:
        """What the journals must show of the other postings: debits = credits by currency, money received = bank lines."""
        made = []
        lines = self.journals
        for currency, part in lines.groupby("currency", sort=True):
            amounts = [int(value) for value in part["amount"]]
            made.append(
                Identity(
                    name="journals balance",
                    left_label="debits",
                    left=sum(v for v in amounts if v > 0),
                    right_label="credits",
                    right=-sum(v for v in amounts if v < 0),
                    currency=str(currency),
                )
            )
        expected = lines[lines["purpose"].eq("expected")]
        if not len(expected):
            return tuple(made)
        moved = _sums(expected[expected["role"].eq("receivable")], "amount")
        on_cash = self.adjustments["item_role"].eq("unapplied")
        settled: dict[str, int] = {}
        for frame, columns in (
            (self.applications, ("amount", "discount")),
            (self.adjustments[~on_cash], ("amount",)),
            (self.credit_memos, ("net_amount", "tax_amount")),
        ):
            for column in columns:
                for currency, value in _sums(frame, column).items():
                    settled[currency] = settled.get(currency, 0) + value
        for column in ("net_amount", "tax_amount"):
            for currency, value in _sums(self.invoices, column).items():
                settled[currency] = settled.get(currency, 0) - value
        taken = self.applications[self.applications["source_kind"].eq("credit")]
        for currency, value in _sums(taken, "receipt_amount", by="receipt_currency").items():
            settled[currency] = settled.get(currency, 0) - value
        for currency in sorted({*moved, *settled}):
            made.append(
                Identity(
                    name="receivables in the journals",
                    left_label="items and credits moved",
                    left=settled.get(currency, 0),
                    right_label="credited to receivables",
                    right=-moved.get(currency, 0),
                    currency=currency,
                )
            )
        received, banked = (
            _sums(self.receipts, "amount"),
            _sums(expected[expected["role"].eq("bank")], "amount"),
        )
        for currency in sorted({*received, *banked}):
            made.append(
                Identity(
                    name="cash in the journals",
                    left_label="receipts",
                    left=received.get(currency, 0),
                    right_label="debited to bank",
                    right=banked.get(currency, 0),
                    currency=currency,
                )
            )
        return tuple(made)


def _sums(frame: pd.DataFrame, column: str, *, by: str = "currency") -> dict[str, int]:
    made: dict[str, int] = {}
    for currency, value in zip(frame[by], frame[column].fillna(0), strict=True):
        made[str(currency)] = made.get(str(currency), 0) + int(value)
    return made
