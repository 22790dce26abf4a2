"""Control totals of posting files: what each holds by currency, its hash, and that it ties with the batch. Floor 2."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from arlib.controls import Identity
from arlib.money import format_minor
from arlib.sources.upload.layout import Layout
from arlib.sources.upload.tables import Purpose, SourceKind
from arlib.tables.rows import whole

if TYPE_CHECKING:
    from arlib.sources.upload.batch import Batch

Totals = dict[str, tuple[int, int]]  # debit and credit by currency
HEADER = (
    "state",
    "batch_id",
    "file",
    "part",
    "rows",
    "currency",
    "currency_rows",
    "debit",
    "credit",
    "bytes",
    "sha256",
)


@dataclass(frozen=True, kw_only=True)
class Written:
    """A file as it is written: the bytes, and the layouts in it with the bytes of each (of itself where it is no zip)."""

    name: str
    data: bytes
    parts: tuple[tuple[Layout, bytes], ...] = ()
    rows: int | None = None  # of a file without parts

    @property
    def sha256(self) -> str:
        """The hash of the file."""
        return hashlib.sha256(self.data).hexdigest()


def control_rows(batch: Batch, files: list[Written]) -> list[dict[str, str]]:
    """A row for each file, part and currency, in the order of the names; amounts as plain decimals."""
    made = []
    state = "APPROVED" if batch.is_approved else "PROPOSAL"
    for file in sorted(files, key=lambda one: ("/" in one.name, one.name)):
        whole = {"state": state, "batch_id": batch.batch_id, "file": file.name}
        if len(file.parts) != 1 or file.parts[0][1] != file.data:
            made.append(
                whole
                | {
                    "rows": "" if file.rows is None else str(file.rows),
                    "bytes": str(len(file.data)),
                    "sha256": file.sha256,
                }
            )
        for layout, data in file.parts:
            facts = whole | {
                "part": layout.name,
                "rows": str(len(layout.rows)),
                "bytes": str(len(data)),
                "sha256": hashlib.sha256(data).hexdigest(),
            }
            totals = layout.totals()
            made += [
                facts
                | {
                    "currency": code,
                    "currency_rows": str(rows),
                    "debit": format_minor(debit, code),
                    "credit": format_minor(credit, code),
                }
                for code, (rows, debit, credit) in totals.items()
            ] or [facts]
    return made


def control_bytes(rows: list[dict[str, str]]) -> bytes:
    """The rows as control.csv."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, HEADER, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")


def ties(batch: Batch, layouts: list[Layout]) -> tuple[Identity, ...]:
    """What each layout must hold of the batch, its totals read back from the written texts."""
    made: list[Identity] = []
    by_name = {
        layout.name: {code: (debit, credit) for code, (_, debit, credit) in layout.totals().items()}
        for layout in layouts
    }
    is_sap = any(layout.name.startswith("sap_") for layout in layouts)
    for name, wanted in _wanted(batch).items():
        if not is_sap:
            made += _compared(name, by_name.get(name, {}), wanted)
    if is_sap:
        both: Totals = {}
        for name in ("sap_documents.csv", "sap_clearing.csv"):
            for code, (debit, credit) in by_name.get(name, {}).items():
                held = both.get(code, (0, 0))
                both[code] = (held[0] + debit, held[1] + credit)
        made += _compared("SAP documents with cleared items", both, _signed(batch.rows("journals"), "amount"))
        made += [
            Identity(
                name="SAP documents with cleared items balance",
                left_label="debits",
                left=debit,
                right_label="credits",
                right=credit,
                currency=code,
            )
            for code, (debit, credit) in sorted(both.items())
        ]
    return tuple(made)


def _wanted(batch: Batch) -> dict[str, Totals]:
    """Debits and credits of each Oracle layout, from the tables of the batch."""
    new = set(zip(batch.receipts["entity"], batch.receipts["receipt_id"], strict=True))
    applied = batch.rows("applications")
    is_new = [
        row["source_kind"] == SourceKind.RECEIPT and (row["entity"], row["source_id"]) in new
        for row in applied
    ]
    memos = [
        {"currency": row["currency"], "amount": -value}
        for row in batch.rows("credit_memos")
        for value in (int(row["net_amount"]), whole(row["tax_amount"]))
    ]
    memos += [
        {"currency": row["currency"], "amount": value}
        for row in batch.rows("invoices")
        for value in (int(row["net_amount"]), whole(row["tax_amount"]))
    ]
    through_lockbox: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in batch.rows("receipts"):
        through_lockbox[row["currency"]][0] += int(row["amount"])
    listed: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row, is_in in zip(applied, is_new, strict=True):
        (through_lockbox if is_in else listed)[row["currency"]][1] += int(row["amount"])
    posted = [row for row in batch.rows("journals") if row["purpose"] == Purpose.POST]
    falls = [{**row, "amount": -int(row["amount"])} for row in batch.rows("adjustments")]
    return {
        "ArPaymentsInterfaceAll.csv": _pairs(through_lockbox),
        "oracle_applications.csv": _pairs(listed),
        "RaInterfaceLinesAll.csv": _signed(memos, "amount"),
        "RaInterfaceDistributionsAll.csv": _signed(memos, "amount"),
        "GlInterface.csv": _signed(posted, "amount"),
        "oracle_adjustments.csv": _signed(falls, "amount"),
    }


def _compared(name: str, found: Totals, wanted: Totals) -> list[Identity]:
    made = []
    for code in sorted({*found, *wanted}):
        for at, side in enumerate(("debits", "credits")):
            made.append(
                Identity(
                    name=f"{name} holds the batch",
                    left_label=f"{side} in the file",
                    left=found.get(code, (0, 0))[at],
                    right_label=f"{side} of the batch",
                    right=wanted.get(code, (0, 0))[at],
                    currency=code,
                )
            )
    return made


def _signed(rows: list[dict[Any, Any]], column: str) -> Totals:
    made: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        amount = int(row[column])
        made[row["currency"]][0 if amount > 0 else 1] += abs(amount)
    return _pairs(made)


def _pairs(made: dict[str, list[int]]) -> Totals:
    return {code: (debit, credit) for code, (debit, credit) in made.items()}
