"""Oracle postings that no file import takes: applications of receipts that exist, and adjustments. Lists with headers. Floor 2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arlib.money import format_minor
from arlib.sources.upload.accounts import Accounts
from arlib.sources.upload.layout import Layout, day_text
from arlib.sources.upload.tables import AdjustmentType, JournalKind, SourceKind
from arlib.sources.upload.values import Row
from arlib.tables.rows import is_none, whole

if TYPE_CHECKING:
    from arlib.sources.upload.batch import Batch

DAY = "%Y/%m/%d"  # as in the interface tables
APPLICATION_LIST = (
    "BusinessUnit",
    "ReceiptOrCredit",
    "ReceiptNumber",
    "CustomerAccountNumber",
    "TransactionNumber",
    "ApplicationDate",
    "AccountingDate",
    "AmountApplied",
    "Currency",
    "Discount",
    "AllocatedReceiptAmount",
    "ReceiptCurrency",
    "Reference",
)
ADJUSTMENT_LIST = (
    "BusinessUnit",
    "TransactionNumber",
    "CustomerAccountNumber",
    "ReceivablesActivity",
    "AdjustmentType",
    "AdjustmentDate",
    "AccountingDate",
    "AdjustmentAmount",
    "Currency",
    "TaxAmount",
    "AdjustmentReason",
    "Comments",
    "Reference",
    "Account",
)


def applications(batch: Batch, accounts: Accounts) -> Layout:
    """Applications of receipts that are in Receivables already, and of credits."""
    made = Layout("oracle_applications.csv", APPLICATION_LIST, money=(("AmountApplied", "Currency", -1),))
    new = set(zip(batch.receipts["entity"], batch.receipts["receipt_id"], strict=True))
    for row in batch.rows("applications"):
        is_credit = row["source_kind"] == SourceKind.CREDIT
        if not is_credit and (row["entity"], row["source_id"]) in new:
            continue
        ref, entity = row["reference"], row["entity"]
        made.rows.append(
            {
                "BusinessUnit": made.text(
                    accounts.oracle.business_unit.get(entity, entity), "BusinessUnit", 240, ref
                ),
                "ReceiptOrCredit": row["source_kind"],
                "ReceiptNumber": made.code(
                    row["source_document_no"] or row["source_id"], "ReceiptNumber", 50, ref
                ),
                "CustomerAccountNumber": made.code(row["customer_id"], "CustomerAccountNumber", 30, ref),
                "TransactionNumber": made.code(
                    row["document_no"] or row["item_id"], "TransactionNumber", 50, ref
                ),
                "ApplicationDate": day_text(row["gl_date"], DAY),
                "AccountingDate": day_text(row["gl_date"], DAY),
                "Currency": row["currency"],
                "AmountApplied": made.amount(int(row["amount"]), row["currency"], "AmountApplied", ref),
                "Discount": made.amount(whole(row["discount"]), row["currency"], "Discount", ref)
                if whole(row["discount"])
                else "",
                "AllocatedReceiptAmount": format_minor(int(row["receipt_amount"]), row["receipt_currency"])
                if row["currency"] != row["receipt_currency"]
                else "",
                "ReceiptCurrency": row["receipt_currency"],
                "Reference": ref,
            }
        )
    return made


def adjustments(batch: Batch, accounts: Accounts) -> Layout:
    """Adjustments as Receivables knows them: negative where the item falls."""
    made = Layout("oracle_adjustments.csv", ADJUSTMENT_LIST, money=(("AdjustmentAmount", "Currency", 0),))
    roles = {row["reference"]: row["account"] for row in _first_lines(batch)}
    for row in batch.rows("adjustments"):
        ref, entity, kind = row["reference"], row["entity"], AdjustmentType(row["adjustment_type"])
        made.rows.append(
            {
                "BusinessUnit": made.text(
                    accounts.oracle.business_unit.get(entity, entity), "BusinessUnit", 240, ref
                ),
                "TransactionNumber": made.code(
                    row["document_no"] or row["item_id"], "TransactionNumber", 50, ref
                ),
                "CustomerAccountNumber": made.code(row["customer_id"], "CustomerAccountNumber", 30, ref),
                "ReceivablesActivity": made.text(
                    accounts.oracle.activity.get(kind, kind.value.replace("_", " ").capitalize()),
                    "ReceivablesActivity",
                    50,
                    ref,
                ),
                "AdjustmentType": "INVOICE"
                if not is_none(row["open_before"]) and int(row["open_before"]) == int(row["amount"])
                else "LINE",
                "AdjustmentDate": day_text(row["gl_date"], DAY),
                "AccountingDate": day_text(row["gl_date"], DAY),
                "Currency": row["currency"],
                "AdjustmentAmount": made.amount(
                    -int(row["amount"]), row["currency"], "AdjustmentAmount", ref
                ),
                "TaxAmount": made.amount(-whole(row["tax_amount"]), row["currency"], "TaxAmount", ref)
                if whole(row["tax_amount"])
                else "",
                "AdjustmentReason": made.text(row["reason"], "AdjustmentReason", 30, ref),
                "Comments": made.text(row["text"], "Comments", 240, ref),
                "Reference": ref,
                "Account": roles.get(ref, ""),
            }
        )
    return made


def _first_lines(batch: Batch) -> list[Row]:
    lines = batch.journals[
        batch.journals["journal_kind"].eq(JournalKind.ADJUSTMENT.value) & batch.journals["line_no"].eq(1)
    ]
    return lines.to_dict("records")
