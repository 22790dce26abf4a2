"""Oracle Fusion layouts: receipts through lockbox, credit memos through AutoInvoice, journals; lists for what has no file import.

Floor 2. Receivables has no file-based import for adjustments, nor for applying a receipt that is in it already: these are
lists with headers, for the spreadsheet loader or the REST services.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arlib.money import shown
from arlib.sources.upload.accounts import Accounts
from arlib.sources.upload.layout import Layout, day_text
from arlib.sources.upload.oracle_columns import (
    GL_INTERFACE,
    INVOICES,
    OVERFLOW_RECORD,
    OVERFLOW_TYPE,
    RECEIPT_RECORD,
    RECEIPT_TYPE,
)
from arlib.sources.upload.oracle_lists import DAY, adjustments, applications
from arlib.sources.upload.oracle_memos import OWN, segments, transactions
from arlib.sources.upload.tables import Purpose, SourceKind
from arlib.sources.upload.values import Row
from arlib.tables.rows import is_none, whole

if TYPE_CHECKING:
    from arlib.sources.upload.batch import Batch


@dataclass(frozen=True, kw_only=True)
class FileSet:
    """Layouts that are loaded together: a zip of them, or one file where `is_zip` is False."""

    name: str  # without the batch and the ending
    layouts: tuple[Layout, ...]
    is_zip: bool = True


def oracle_files(batch: Batch, *, accounts: Accounts) -> tuple[FileSet, ...]:
    """The file sets of a batch; a set without rows is left out. Layouts carry problems that the writer raises, and notes."""
    lines, distributions = transactions(batch, accounts)
    sets = (
        FileSet(name="oracle_receipts", layouts=(_receipts(batch, accounts),)),
        FileSet(name="oracle_credit_memos", layouts=(lines, distributions)),
        FileSet(name="oracle_journals", layouts=(_journals(batch, accounts),)),
        FileSet(name="oracle_applications", layouts=(applications(batch, accounts),), is_zip=False),
        FileSet(name="oracle_adjustments", layouts=(adjustments(batch, accounts),), is_zip=False),
    )
    return tuple(one for one in sets if any(layout.rows for layout in one.layouts))


def oracle_notes(batch: Batch) -> list[str]:
    """What a person must know before loading: discounts that lockbox has no field for, and journals that are not loaded."""
    notes = []
    sums: dict[str, int] = defaultdict(int)
    for row in batch.rows("applications"):
        sums[row["currency"]] += whole(row["discount"])
    if any(sums.values()):
        money = ", ".join(f"{code} {shown(value, code)}" for code, value in sorted(sums.items()) if value)
        notes.append(
            f"Cash discounts of {money}: a lockbox record has no field for them; Receivables takes them by its own terms. Compare."
        )
    if batch.journals["purpose"].eq(Purpose.EXPECTED.value).any():
        notes.append(
            "postings/journals.csv is what Receivables must come to by itself: compare with it, do not load it."
        )
    return notes


def group_id(batch_id: str) -> str:
    """The interface group of a batch: nine digits that are the same for the same batch."""
    return str(int(hashlib.sha256(batch_id.encode("utf-8")).hexdigest(), 16) % 900_000_000 + 100_000_000)


def _receipts(batch: Batch, accounts: Accounts) -> Layout:
    """One record 6 a receipt with up to eight items, and records 4 with the others."""
    options = accounts.oracle
    columns = tuple(options.receipt_columns) or RECEIPT_RECORD
    # both records stand in one file; each has columns of its own, told apart by the first
    made = _Records(
        "ArPaymentsInterfaceAll.csv",
        columns,
        has_header=False,
        money=(("_AMOUNT", OWN, 1), *_applied_money()),
    )
    paid: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in batch.rows("applications"):
        if row["source_kind"] == SourceKind.RECEIPT:
            paid[row["entity"], row["source_id"]].append(row)
    for number, row in enumerate(batch.rows("receipts"), 1):
        ref, currency = row["reference"], row["currency"]
        items = paid[row["entity"], row["receipt_id"]]
        amount = made.amount(int(row["amount"]), currency, "REMITTANCE_AMOUNT", ref)
        head = {
            "RECORD_TYPE": RECEIPT_TYPE,
            "BATCH_NAME": batch.batch_id,
            "ITEM_NUMBER": str(number),
            "REMITTANCE_AMOUNT": amount,
            OWN: currency,
            "_AMOUNT": amount,
            "CHECK_NUMBER": made.code(ref, "CHECK_NUMBER", 30, ref),
            "RECEIPT_DATE": day_text(row["receipt_date"], DAY),
            "CURRENCY_CODE": currency,
            "CUSTOMER_NUMBER": made.code(row["customer_id"], "CUSTOMER_NUMBER", 30, ref),
            "RECEIPT_METHOD": made.text(options.receipt_method, "RECEIPT_METHOD", 30, ref),
            "LOCKBOX_NUMBER": made.code(options.lockbox_number, "LOCKBOX_NUMBER", 30, ref),
            "DEPOSIT_DATE": day_text(row["receipt_date"], DAY),
            "COMMENTS": made.text(row["text"], "COMMENTS", 240, ref),
        }
        if accounts.functional_currency.get(row["entity"], currency) != currency:
            head["EXCHANGE_RATE_TYPE"] = "Corporate"
        made.rows.append(head | _invoices(made, items[:INVOICES], ref))
        rest = [items[at : at + INVOICES] for at in range(INVOICES, len(items), INVOICES)]
        for sequence, part in enumerate(rest, 1):
            made.rows.append(
                {
                    "RECORD_TYPE": OVERFLOW_TYPE,
                    "BATCH_NAME": batch.batch_id,
                    "ITEM_NUMBER": str(number),
                    "OVERFLOW_SEQUENCE": str(sequence),
                    "OVERFLOW_INDICATOR": "9" if sequence == len(rest) else "0",
                    **_invoices(made, part, ref),
                }
            )
    return made


class _Records(Layout):
    """The lockbox file, whose overflow records have columns of their own."""

    def data(self) -> bytes:
        """The records in order, each with the columns of its type."""
        receipts = Layout(self.name, self.columns, has_header=False)
        overflows = Layout(self.name, OVERFLOW_RECORD, has_header=False)
        parts = []
        for row in self.rows:
            layout = overflows if row["RECORD_TYPE"] == OVERFLOW_TYPE else receipts
            layout.rows = [row]
            parts.append(layout.data())
        return b"".join(parts)


def _applied_money() -> tuple[tuple[str, str, int], ...]:
    return tuple((f"AMOUNT_APPLIED{n}", f"INVOICE_CURRENCY_CODE{n}", -1) for n in range(1, INVOICES + 1))


def _invoices(made: Layout, items: list[Row], ref: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for at, row in enumerate(items, 1):
        texts[f"INVOICE{at}"] = made.code(
            row["document_no"] or row["item_id"], f"INVOICE{at}", 50, row["reference"]
        )
        texts[f"INVOICE_CURRENCY_CODE{at}"] = row["currency"]
        texts[f"AMOUNT_APPLIED{at}"] = made.amount(
            int(row["amount"]), row["currency"], f"AMOUNT_APPLIED{at}", ref
        )
        if row["currency"] != row["receipt_currency"]:
            texts[f"AMOUNT_APPLIED_FROM{at}"] = made.amount(
                int(row["receipt_amount"]), row["receipt_currency"], f"AMOUNT_APPLIED_FROM{at}", ref
            )
        texts[f"CUSTOMER_REFERENCE{at}"] = row["reference"]
    return texts


def _journals(batch: Batch, accounts: Accounts) -> Layout:
    """Journals that nothing else posts. What Receivables makes of the other postings is no journal to load."""
    options = accounts.oracle
    made = Layout(
        "GlInterface.csv",
        GL_INTERFACE,
        has_header=False,
        money=(("ENTERED_DR", "CURRENCY_CODE", 1), ("ENTERED_CR", "CURRENCY_CODE", -1)),
    )
    group = group_id(batch.batch_id)
    for row in batch.rows("journals"):
        if row["purpose"] != Purpose.POST:
            continue
        entity, ref, amount = row["entity"], row["reference"], int(row["amount"])
        side = "DR" if amount > 0 else "CR"
        texts = {
            "STATUS": "NEW",
            "ACCOUNTING_DATE": day_text(row["gl_date"], DAY),
            "USER_JE_SOURCE_NAME": options.journal_source,
            "USER_JE_CATEGORY_NAME": options.journal_category,
            "CURRENCY_CODE": row["currency"],
            "DATE_CREATED": day_text(batch.accounting_date, DAY),
            "ACTUAL_FLAG": "A",
            f"ENTERED_{side}": made.amount(abs(amount), row["currency"], f"ENTERED_{side}", ref),
            "REFERENCE1": batch.batch_id,
            "REFERENCE4": ref,
            "REFERENCE10": made.text(row["text"], "REFERENCE10", 240, ref),
            "GROUP_ID": group,
            "LEDGER_NAME": made.text(options.ledger.get(entity, entity), "LEDGER_NAME", 30, ref),
            "REFERENCE21": made.code(row["document_no"], "REFERENCE21", 240, ref),
            **segments(made, accounts, entity, row["account"], ref),
        }
        if not is_none(row["functional_amount"]):
            value = abs(int(row["functional_amount"]))
            texts[f"ACCOUNTED_{side}"] = made.amount(
                value, row["functional_currency"], f"ACCOUNTED_{side}", ref
            )
            if row["functional_currency"] != row["currency"]:
                texts["USER_CURRENCY_CONVERSION_TYPE"] = "User"
        elif accounts.functional_currency.get(entity, row["currency"]) != row["currency"]:
            texts |= {
                "USER_CURRENCY_CONVERSION_TYPE": "Corporate",
                "CURRENCY_CONVERSION_DATE": day_text(row["gl_date"], DAY),
            }
        made.rows.append(texts)
    return made
