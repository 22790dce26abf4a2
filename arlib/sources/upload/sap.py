"""SAP layouts: documents with their clearing, as batch input or an upload program takes them (FB01, FB05), and the S/4 workbook.

Floor 2. A document that takes open items to zero selects them (clearing); a part payment is a line of its own with the
invoice it belongs to. SAP gives the selected items their own lines, so that lines and selected items sum to zero together.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from arlib.credit.posting.roles import Role
from arlib.sources.upload.accounts import DATE_STYLES, Accounts, SapOptions
from arlib.sources.upload.layout import Layout, day_text
from arlib.sources.upload.oracle import FileSet
from arlib.sources.upload.tables import JournalKind, Purpose
from arlib.sources.upload.values import Row
from arlib.tables.rows import is_none

if TYPE_CHECKING:
    from arlib.sources.upload.batch import Batch

HEAD = ("TCODE", "BUKRS", "BLART", "BLDAT", "BUDAT", "WAERS", "XBLNR", "BKTXT")
DOCUMENTS = ("DOC", *HEAD, "BUZEI", "NEWBS", "NEWKO", "WRBTR", "DMBTR", "ZUONR", "SGTXT", "REBZG")
CLEARING = ("DOC", "AGBUK", "AGKOA", "AGKON", "XNOPS", "SELFD", "SELVON", "WAERS", "WRBTR")
DOCUMENT_TYPES = {
    JournalKind.RECEIPT: "DZ",
    JournalKind.APPLICATION: "DZ",
    JournalKind.ADJUSTMENT: "DA",
    JournalKind.CREDIT_MEMO: "DG",
    JournalKind.INVOICE: "DR",
    JournalKind.GENERAL: "SA",
}
GL_KEYS = ("40", "50")  # debit, credit
CUSTOMER_KEYS = {
    JournalKind.RECEIPT: ("05", "15"),
    JournalKind.APPLICATION: ("05", "15"),
    JournalKind.ADJUSTMENT: ("07", "17"),
    JournalKind.CREDIT_MEMO: ("01", "11"),
    JournalKind.INVOICE: ("01", "11"),
    JournalKind.GENERAL: ("01", "11"),
}
AMOUNT_CHARACTERS = 16  # of an amount in batch input


def sap_files(batch: Batch, *, accounts: Accounts) -> tuple[FileSet, ...]:
    """Documents and their clearing, each one CSV; sets without rows are left out. Layouts carry problems and notes."""
    documents, clearing = _documents(batch, accounts)
    sets = (
        FileSet(name="sap_documents", layouts=(documents,), is_zip=False),
        FileSet(name="sap_clearing", layouts=(clearing,), is_zip=False),
    )
    return tuple(one for one in sets if one.layouts[0].rows)


def by_document(batch: Batch) -> list[list[Row]]:
    """The journal lines of each document: one a journal and currency, since an SAP document has one currency."""
    made: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in batch.rows("journals"):
        made[row["entity"], row["reference"], row["currency"]].append(row)
    return list(made.values())


def _documents(batch: Batch, accounts: Accounts) -> tuple[Layout, Layout]:
    options = accounts.sap
    documents = Layout(
        "sap_documents.csv", DOCUMENTS, money=(("_DEBIT", "WAERS", 1), ("_CREDIT", "WAERS", -1))
    )
    clearing = Layout("sap_clearing.csv", CLEARING, money=(("WRBTR", "WAERS", 0),))
    for layout in (documents, clearing):
        layout.separator, layout.number_style = options.separator, options.number_style
    shared = _shared(batch)
    for number, lines in enumerate(by_document(batch), 1):
        selected = [row for row in lines if _is_selected(row, shared)]
        head = _head(documents, lines[0], options, batch.batch_id, is_clearing=bool(selected)) | {
            "DOC": str(number)
        }
        for at, row in enumerate((row for row in lines if not _is_selected(row, shared)), 1):
            documents.rows.append(head | _line(documents, row, at))
        for row in selected:
            clearing.rows.append(_select(clearing, row, number, options))
    return documents, clearing


def _shared(batch: Batch) -> set[tuple[str, str]]:
    """Items that more than one document moves: no one of them may select the item as a whole."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in batch.rows("journals"):
        if row["role"] == Role.RECEIVABLE:
            found[row["entity"], row["item_id"]].add(row["reference"])
    return {key for key, references in found.items() if len(references) > 1}


def _is_selected(row: Row, shared: set[tuple[str, str]]) -> bool:
    return (
        row["role"] in (Role.RECEIVABLE, Role.UNAPPLIED)
        and row["clears_item"] is True
        and (row["entity"], row["item_id"]) not in shared
    )


def _head(made: Layout, row: Row, options: SapOptions, batch_id: str, *, is_clearing: bool) -> dict[str, str]:
    ref, kind = row["reference"], JournalKind(row["journal_kind"])
    form = DATE_STYLES[options.date_style]
    return {
        "TCODE": "FB05" if is_clearing else "FB01",
        "BUKRS": made.code(options.company_code.get(row["entity"], row["entity"]), "BUKRS", 4, ref),
        "BLART": options.document_type.get(kind, DOCUMENT_TYPES[kind]),
        "BLDAT": day_text(row["document_date"], form),
        "BUDAT": day_text(row["gl_date"], form),
        "WAERS": row["currency"],
        "XBLNR": made.code(ref, "XBLNR", 16, ref),
        "BKTXT": f"Batch {batch_id}"[:25],
    }


def _line(made: Layout, row: Row, at: int) -> dict[str, str]:
    """A line with its posting key; a part payment names its invoice where SAP's ten characters hold the number."""
    ref, amount = row["reference"], int(row["amount"])
    is_customer = row["role"] in (Role.RECEIVABLE, Role.UNAPPLIED) and bool(row["customer_id"])
    keys = CUSTOMER_KEYS[JournalKind(row["journal_kind"])] if is_customer else GL_KEYS
    if row["role"] == Role.RECEIVABLE and not row["customer_id"]:
        made.refuse("NEWKO", "no_customer", row["item_id"], "the customer that the receivable stands on", ref)
    value = made.amount(abs(amount), row["currency"], "WRBTR", ref, AMOUNT_CHARACTERS)
    books = None if is_none(row["functional_amount"]) else abs(int(row["functional_amount"]))
    document = row["document_no"] or ""
    is_part = row["role"] == Role.RECEIVABLE and is_customer and amount < 0
    return {
        "BUZEI": str(at),
        "NEWBS": keys[0] if amount > 0 else keys[1],
        "WRBTR": value,
        "_DEBIT" if amount > 0 else "_CREDIT": value,
        "NEWKO": made.code(row["customer_id"], "NEWKO", 10, ref)
        if is_customer
        else made.code(row["account"], "NEWKO", 10, ref),
        "_BOOKS": row["functional_currency"],
        "DMBTR": ""
        if books is None
        else made.amount(books, row["functional_currency"], "DMBTR", ref, AMOUNT_CHARACTERS),
        "ZUONR": made.code(document, "ZUONR", 18, ref),
        "SGTXT": made.text(row["text"], "SGTXT", 50, ref),
        "REBZG": document if is_part and len(document) <= 10 else "",
    }


def _select(made: Layout, row: Row, number: int, options: SapOptions) -> dict[str, str]:
    """An open item to be cleared whole: by its document number where that is SAP's own, else by its reference."""
    ref, document = row["reference"], row["document_no"] or row["item_id"]
    if not row["customer_id"]:
        made.refuse("AGKON", "no_customer", row["item_id"], "the customer that the item stands on", ref)
    if not document:
        made.refuse(
            "SELVON", "no_document_number", row["text"], "the number of the open item to be cleared", ref
        )
    is_own = len(document) <= 10 and document.isascii() and document.isdigit()
    return {
        "DOC": str(number),
        "AGBUK": made.code(options.company_code.get(row["entity"], row["entity"]), "AGBUK", 4, ref),
        "AGKOA": "D",
        "AGKON": made.code(row["customer_id"], "AGKON", 10, ref),
        "XNOPS": "X",
        "SELFD": "BELNR" if is_own else "XBLNR",
        "SELVON": made.code(document, "SELVON", 10 if is_own else 16, ref),
        "WAERS": row["currency"],
        "WRBTR": made.amount(int(row["amount"]), row["currency"], "WRBTR", ref),
    }


def sap_notes(batch: Batch) -> list[str]:
    """What a person must know before loading: part payments, items of several documents, receipts without a number."""
    lines = batch.journals
    receivable = lines[
        lines["role"].eq(Role.RECEIVABLE.value) & lines["journal_kind"].isin(["receipt", "application"])
    ]
    notes = []
    if several := len(_shared(batch)):
        notes.append(
            f"{several} items are moved by more than one document: posted as part payments, to be cleared afterwards (F-32)."
        )
    if parts := int(
        (~receivable["clears_item"].fillna(False).astype(bool) & receivable["amount"].lt(0)).sum()
    ):
        notes.append(
            f"{parts} lines pay an item in part or beside others: they stand open on the customer with the invoice they belong to."
        )
    older = lines["role"].eq(Role.UNAPPLIED.value) & lines["amount"].gt(0) & lines["document_no"].eq("")
    if count := int(older.sum()):
        notes.append(
            f"{count} receipts in the ledger are used without their document number: clear the new line with the receipt (F-32)."
        )
    return notes


def general_journals(batch: Batch) -> list[list[Row]]:
    """Documents for the S/4 upload of general journal entries: to be posted, and without a customer, which that app refuses."""
    return [
        lines
        for lines in by_document(batch)
        if lines[0]["purpose"] == Purpose.POST and not any(row["customer_id"] for row in lines)
    ]
