"""The double entry behind postings, by the accounts file: what the ledger must show once they are loaded. Floor 2.

    receipt        Dr bank                     Cr receivables of each item, Cr unapplied cash for the rest
    application    Dr unapplied cash, or the credit's own receivable     Cr receivables
    discount, bank charge, exchange, tolerance   Dr their accounts in the same journal, so that the item clears whole
    write-off      Dr bad debt, Dr tax         Cr receivables
    credit memo    Dr revenue, Dr tax          Cr receivables; or another part than revenue, where the row says so
    invoice        Dr receivables              Cr revenue or fee income, Cr tax

Where an item and its receipt differ in currency, two lines on the conversion account keep each currency in balance.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from arlib.credit.posting.roles import Role
from arlib.errors import Problem, Severity
from arlib.money import allocate
from arlib.sources.upload.accounts import ROLE_OF, Accounts
from arlib.sources.upload.contract import raise_faults
from arlib.sources.upload.reference import reference
from arlib.sources.upload.tables import (
    POSTING_ADJUSTMENTS,
    POSTING_APPLICATIONS,
    POSTING_CREDIT_MEMOS,
    POSTING_INVOICES,
    POSTING_JOURNALS,
    POSTING_RECEIPTS,
    AdjustmentType,
    JournalKind,
    Purpose,
    SourceKind,
)
from arlib.sources.upload.values import Row, filled
from arlib.tables.rows import is_none, whole

if TYPE_CHECKING:
    import pandas as pd


def journals_of(
    receipts: pd.DataFrame,
    applications: pd.DataFrame,
    adjustments: pd.DataFrame,
    credit_memos: pd.DataFrame,
    invoices: pd.DataFrame | None = None,
    *,
    accounts: Accounts,
) -> pd.DataFrame:
    """POSTING_JOURNALS with purpose expected: a journal for each receipt, application of an older receipt, adjustment, memo, invoice.

    The frames are those of a Batch. A journal of a receipt or adjustment bears its reference. Adjustments that a receipt
    caused (bank charge, exchange, tolerance) stand in its journal. Raises TableError naming every account that is missing.
    """
    made = _Journals(accounts)
    paid: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in filled(applications, POSTING_APPLICATIONS).to_dict("records"):
        paid[row["entity"], row["source_kind"], row["source_id"]].append(row)
    caused: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    alone: list[Row] = []
    for row in filled(adjustments, POSTING_ADJUSTMENTS).to_dict("records"):
        source = (row["entity"], SourceKind.RECEIPT.value, row["source_id"])
        is_caused = row["source_id"] and any(
            held["item_id"] == row["item_id"] for held in paid.get(source, [])
        )
        (caused[source] if is_caused else alone).append(row)
    for row in filled(receipts, POSTING_RECEIPTS).to_dict("records"):
        source = (row["entity"], SourceKind.RECEIPT.value, row["receipt_id"])
        made.receipt(row, paid.pop(source, []), caused.pop(source, []))
    for source, held in paid.items():
        made.application(held, caused.pop(source, []))
    for row in alone:
        made.adjustment(row)
    memos: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in filled(credit_memos, POSTING_CREDIT_MEMOS).to_dict("records"):
        memos[row["entity"], row["reference"]].append(row)
    for held in memos.values():
        made.credit_memo(held)
    billed: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    given = POSTING_INVOICES.empty() if invoices is None else invoices
    for row in filled(given, POSTING_INVOICES).to_dict("records"):
        billed[row["entity"], row["reference"]].append(row)
    for held in billed.values():
        made.invoice(held)
    raise_faults(
        made.problems(), where="accounts file", fix="Name the account under accounts: or by_entity:."
    )
    return POSTING_JOURNALS.from_rows(made.lines)


class _Journals:
    """Collects journal lines and the accounts that were wanted and not there."""

    def __init__(self, accounts: Accounts) -> None:
        self.accounts = accounts
        self.lines: list[Row] = []
        self.missing: set[tuple[str, str]] = set()
        self._count: dict[tuple[str, str], int] = defaultdict(int)

    def problems(self) -> list[Problem]:
        return [
            Problem(
                file="accounts",
                table="accounts",
                row=0,
                column=role,
                severity=Severity.REJECTED,
                code="no_account",
                found="",
                wanted=f"the account for {role} of entity {entity}",
            )
            for entity, role in sorted(self.missing)
        ]

    def receipt(self, row: Row, paid: list[Row], caused: list[Row]) -> None:
        head = _head(row, JournalKind.RECEIPT, row["receipt_date"])
        amount, used = int(row["amount"]), sum(int(held["receipt_amount"]) for held in paid)
        self._line(
            head, Role.BANK, row["currency"], amount, text=row["text"] or f"receipt {row['receipt_id']}"
        )
        self._settle(head, paid, caused)
        if amount - used:
            self._line(
                head,
                Role.UNAPPLIED,
                row["currency"],
                used - amount,
                customer_id=row["customer_id"],
                text=f"receipt {row['receipt_id']}, not applied",
            )

    def application(self, paid: list[Row], caused: list[Row]) -> None:
        """A receipt that is in the ledger already, or a credit, set against items."""
        first = paid[0]
        ref = reference("application journal", first["entity"], *sorted(held["reference"] for held in paid))
        head = _head({**first, "reference": ref}, JournalKind.APPLICATION, first["gl_date"])
        used, currency = sum(int(held["receipt_amount"]) for held in paid), first["receipt_currency"]
        if first["source_kind"] == SourceKind.RECEIPT:
            self._line(
                head,
                Role.UNAPPLIED,
                currency,
                used,
                customer_id=first["source_customer_id"],
                document_no=first["source_document_no"],
                clears_item=bool(first["source_document_no"]) and _is(first["source_open"], used),
                text=f"receipt {first['source_id']}",
            )
        else:
            self._line(
                head,
                Role.RECEIVABLE,
                currency,
                used,
                customer_id=first["source_customer_id"],
                item_id=first["source_id"],
                document_no=first["source_document_no"],
                clears_item=_is(first["source_open"], -used),
                text=f"credit {first['source_id']}",
            )
        self._settle(head, paid, caused)

    def _settle(self, head: Row, paid: list[Row], caused: list[Row]) -> None:
        """Credit each item with all that this journal settles of it, and debit what settles it beside cash."""
        for held in paid:
            own = [one for one in caused if one["item_id"] == held["item_id"]]
            amount, discount = int(held["amount"]), whole(held["discount"])
            settled = amount + discount + sum(int(one["amount"]) for one in own)
            note = f"{held['source_kind']} {held['source_id']} on {held['document_no'] or held['item_id']}"
            if held["currency"] != held["receipt_currency"]:
                self._line(
                    head, Role.CONVERSION, held["receipt_currency"], -int(held["receipt_amount"]), text=note
                )
                self._line(head, Role.CONVERSION, held["currency"], amount, text=note)
            if discount:
                self._line(head, Role.DISCOUNT, held["currency"], discount, text=note)
            for one in own:
                self._against(head, one, int(one["amount"]), note)
            if settled:
                self._line(
                    head,
                    Role.RECEIVABLE,
                    held["currency"],
                    -settled,
                    customer_id=held["customer_id"],
                    item_id=held["item_id"],
                    document_no=held["document_no"],
                    clears_item=_is(held["open_before"], settled),
                    text=held["text"] or note,
                )

    def adjustment(self, row: Row) -> None:
        head = _head(row, JournalKind.ADJUSTMENT, row["gl_date"])
        amount = int(row["amount"])
        note = row["text"] or f"{row['adjustment_type']} {row['reason']}".replace("_", " ")
        books = self._against(head, row, amount, note)
        self._line(
            head,
            Role(row["item_role"]) if row["item_role"] else Role.RECEIVABLE,
            row["currency"],
            -amount,
            customer_id=row["customer_id"],
            item_id=row["item_id"],
            document_no=row["document_no"],
            clears_item=_is(row["open_before"], amount),
            text=note,
            books=_books(row, -books if books is not None else None),
        )

    def _against(self, head: Row, row: Row, amount: int, note: str) -> int | None:
        """Debit the account of the adjustment's type, and its tax; the books' amount of both, where it is given."""
        tax = whole(row["tax_amount"])
        role = Role(row["role"]) if row["role"] else ROLE_OF[AdjustmentType(row["adjustment_type"])]
        books = (
            None
            if head["journal_kind"] != JournalKind.ADJUSTMENT or is_none(row["functional_amount"])
            else int(row["functional_amount"])
        )
        own, of_tax = (None, None) if books is None else allocate(books, [amount - tax, tax])
        if amount - tax:
            self._line(head, role, row["currency"], amount - tax, text=note, books=_books(row, own))
        if tax:
            self._line(head, Role.TAX, row["currency"], tax, text=note, books=_books(row, of_tax))
        return books

    def credit_memo(self, rows: list[Row]) -> None:
        head = _head(rows[0], JournalKind.CREDIT_MEMO, rows[0]["memo_date"])
        for row in rows:
            net, tax = int(row["net_amount"]), whole(row["tax_amount"])
            books = None if is_none(row["functional_amount"]) else int(row["functional_amount"])
            own, of_tax = (None, None) if books is None else allocate(books, [net, tax])
            note = row["text"] or f"credit {row['reason']}".replace("_", " ")
            if net:
                self._line(head, _net_role(row), row["currency"], net, text=note, books=_books(row, own))
            if tax:
                self._line(head, Role.TAX, row["currency"], tax, text=note, books=_books(row, of_tax))
            self._line(
                head,
                Role.RECEIVABLE,
                row["currency"],
                -net - tax,
                customer_id=row["customer_id"],
                item_id=row["item_id"],
                document_no=row["document_no"],
                text=note,
                books=_books(row, None if books is None else -books),
            )

    def invoice(self, rows: list[Row]) -> None:
        head = _head(rows[0], JournalKind.INVOICE, rows[0]["invoice_date"])
        for row in rows:
            net, tax = int(row["net_amount"]), whole(row["tax_amount"])
            books = None if is_none(row["functional_amount"]) else int(row["functional_amount"])
            own, of_tax = (None, None) if books is None else allocate(-books, [net, tax])
            note = row["text"] or f"billed {row['reason']}".replace("_", " ")
            self._line(
                head,
                Role.RECEIVABLE,
                row["currency"],
                net + tax,
                customer_id=row["customer_id"],
                text=note,
                books=_books(row, books),
            )
            if net:
                self._line(head, _net_role(row), row["currency"], -net, text=note, books=_books(row, own))
            if tax:
                self._line(head, Role.TAX, row["currency"], -tax, text=note, books=_books(row, of_tax))

    def _line(
        self,
        head: Row,
        role: Role,
        currency: str,
        amount: int,
        *,
        customer_id: str = "",
        item_id: str = "",
        document_no: str = "",
        clears_item: bool = False,
        text: str = "",
        books: tuple[str, int] | None = None,
    ) -> None:
        account = self.accounts.account(head["entity"], role)
        if not account:
            self.missing.add((head["entity"], role.value))
        key = (head["entity"], head["reference"])
        self._count[key] += 1
        self.lines.append(
            {
                **head,
                "line_no": self._count[key],
                "role": role.value,
                "account": account,
                "customer_id": customer_id,
                "item_id": item_id,
                "document_no": document_no,
                "clears_item": clears_item,
                "currency": currency,
                "amount": amount,
                "text": text,
                "functional_currency": books[0] if books else "",
                "functional_amount": books[1] if books else None,
            }
        )


def _net_role(row: Row) -> Role:
    return Role(row["role"]) if row["role"] else Role.REVENUE


def _head(row: Row, kind: JournalKind, document_date: Any) -> Row:
    return {
        "entity": row["entity"],
        "reference": row["reference"],
        "purpose": Purpose.EXPECTED.value,
        "journal_kind": kind.value,
        "document_date": document_date,
        "gl_date": row["gl_date"],
    }


def _books(row: Row, amount: int | None) -> tuple[str, int] | None:
    return None if amount is None else (str(row["functional_currency"]), amount)


def _is(value: Any, amount: int) -> bool:
    return not is_none(value) and int(value) == amount
