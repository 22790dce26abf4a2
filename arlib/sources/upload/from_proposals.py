"""Approved proposals as postings: what `credit.posting` booked by roles, in the tables of a Batch. Floor 2."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, Any

from arlib.credit.posting import Action, Role
from arlib.errors import Problem, Severity
from arlib.money import allocate
from arlib.sources.upload.accounts import Accounts
from arlib.sources.upload.contract import raise_faults
from arlib.sources.upload.from_items import plain_amounts
from arlib.sources.upload.reference import reference
from arlib.sources.upload.tables import (
    POSTING_ADJUSTMENTS,
    POSTING_CREDIT_MEMOS,
    POSTING_INVOICES,
    POSTING_JOURNALS,
    AdjustmentType,
    JournalKind,
    Purpose,
)
from arlib.sources.upload.values import Row, filled
from arlib.tables.choices import ProposalKind
from arlib.tables.rows import is_none

if TYPE_CHECKING:
    import pandas as pd

TYPE_OF = {
    ProposalKind.WRITE_OFF: AdjustmentType.WRITE_OFF,
    ProposalKind.SMALL_BALANCE: AdjustmentType.TOLERANCE,
    ProposalKind.REFUND: AdjustmentType.REFUND,
    ProposalKind.UNCLAIMED: AdjustmentType.UNCLAIMED,
    ProposalKind.CONTRA: AdjustmentType.CONTRA,
}  # any other that moves an item: an adjustment
ON_CUSTOMER = (Role.RECEIVABLE.value, Role.UNAPPLIED.value)
Key = tuple[str, str]


def postings_of(
    entries: pd.DataFrame,
    *,
    proposals: pd.DataFrame,
    open_items: pd.DataFrame,
    gl_date: date,
    accounts: Accounts,
    due_dates: dict[Key, Any] | None = None,
) -> tuple[dict[str, pd.DataFrame], dict[str, Key]]:
    """Frames of a Batch (adjustments, credit_memos, invoices, journals) and, by reference, the (entity, proposal) behind it.

    `entries` are ENTRIES of `proposals`; `due_dates` those of new invoices by (entity, proposal). Transfers are in no
    frame: the ERP moves a payment by hand. Raises TableError for an account that the accounts file lacks and for an
    amount that the plain ISO currency cannot hold.
    """
    made = _Postings(proposals, open_items, gl_date, accounts, due_dates or {})
    legs: dict[tuple[str, str, int], list[Row]] = defaultdict(list)
    for row in entries.to_dict("records"):
        legs[row["entity"], row["proposal_id"], int(row["leg"])].append(_clean(row))
    for lines in legs.values():
        action = Action(lines[0]["action"])
        if action is Action.ADJUSTMENT:
            made.adjustment(lines)
        elif action is Action.CREDIT_MEMO:
            made.credit_memo(lines)
        elif action is Action.INVOICE:
            made.invoice(lines)
        elif action is Action.JOURNAL:
            made.journal(lines)
    raise_faults(made.problems, where="postings of proposals", fix="Nothing was written.")
    frames = {
        "adjustments": POSTING_ADJUSTMENTS.from_rows(made.adjustments),
        "credit_memos": POSTING_CREDIT_MEMOS.from_rows(made.memos),
        "invoices": POSTING_INVOICES.from_rows(made.invoices),
        "journals": POSTING_JOURNALS.from_rows(made.journals),
    }
    return frames, made.sources


def document_number(entity: str, proposal_id: str, *, leg: int = 1) -> str:
    """The number that a credit memo or invoice of a proposal bears in the files for the ERP, and so on paper."""
    return reference("proposal", entity, proposal_id, leg, "")


class _Postings:
    """Collects rows of the tables, and the proposal behind each reference."""

    def __init__(
        self,
        proposals: pd.DataFrame,
        open_items: pd.DataFrame,
        gl_date: date,
        accounts: Accounts,
        due_dates: dict[Key, Any],
    ) -> None:
        self.kinds = {
            (row[0], row[1]): ProposalKind(row[2])
            for row in proposals[["entity", "proposal_id", "kind"]].itertuples(index=False, name=None)
        }
        self.open: dict[Key, int] = defaultdict(int)
        for entity, item, value in open_items[["entity", "item_id", "outstanding"]].itertuples(
            index=False, name=None
        ):
            self.open[entity, item] += int(value)
        self.left = dict(self.open)  # credit memos of the batch share what is open
        self.on, self.accounts, self.due_dates = gl_date, accounts, due_dates
        self.adjustments: list[Row] = []
        self.memos: list[Row] = []
        self.invoices: list[Row] = []
        self.journals: list[Row] = []
        self.sources: dict[str, Key] = {}
        self.problems: list[Problem] = []

    def adjustment(self, lines: list[Row]) -> None:
        """A row for each account against the item, the tax with the first of them."""
        parts, customer = _apart(lines)
        kind = self.kinds[customer["entity"], customer["proposal_id"]]
        amounts, tax, books = _by_role(parts)
        for role, net in amounts.items():
            own_tax = tax if role == next(iter(amounts)) else 0
            head = self._head(customer, str(role), own_books=books.get(role))
            currency, (gross, of_tax) = self._plain(customer, net + own_tax, own_tax)
            self.adjustments.append(
                head
                | {
                    "adjustment_type": TYPE_OF.get(kind, AdjustmentType.ADJUSTMENT).value,
                    "role": role,
                    "item_role": customer["role"],
                    "item_id": customer["item_id"],
                    "document_no": customer["document_no"],
                    "customer_id": customer["customer_id"],
                    "currency": currency,
                    "amount": gross,
                    "tax_amount": of_tax,
                    "open_before": self._open(customer),
                }
            )

    def credit_memo(self, lines: list[Row]) -> None:
        """A line for each account; what is more than the item is open for stays on the customer's account."""
        parts, customer = _apart(lines)
        key = (customer["entity"], customer["item_id"])
        total = -int(customer["amount"])
        is_rebill = self.kinds[customer["entity"], customer["proposal_id"]] is ProposalKind.REBILL
        on_item = total if is_rebill else min(max(self.left.get(key, 0), 0), total)
        self.left[key] = self.left.get(key, 0) - on_item
        amounts, tax, books = _by_role(parts)
        rows = [(role, net, tax if role == next(iter(amounts)) else 0) for role, net in amounts.items()]
        shares = allocate(on_item, [net + own for _, net, own in rows]) if on_item else [0] * len(rows)
        number = 0
        for (role, net, own), share in zip(rows, shares, strict=True):
            gross, whole_books = net + own, books.get(role)
            for part, item in ((share, customer["item_id"]), (gross - share, "")):
                if not part:
                    continue
                number += 1
                of_net, of_tax = allocate(part, [net, own])
                own_books = None if whole_books is None else allocate(whole_books, [part, gross - part])[0]
                if not item and whole_books is not None:
                    own_books = whole_books - allocate(whole_books, [share, gross - share])[0]
                currency, (plain_net, plain_tax) = self._plain(customer, of_net, of_tax)
                self.memos.append(
                    self._head(customer, "", own_books=own_books)
                    | {
                        "line_no": number,
                        "memo_no": "",
                        "item_id": item,
                        "document_no": customer["document_no"],
                        "customer_id": customer["customer_id"],
                        "memo_date": self.on,
                        "currency": currency,
                        "role": role,
                        "net_amount": plain_net,
                        "tax_amount": plain_tax,
                        "open_before": None if is_rebill or not item else self._open(customer),
                    }
                )

    def invoice(self, lines: list[Row]) -> None:
        """A line for each account of what is billed."""
        parts, customer = _apart(lines)
        key = (customer["entity"], customer["proposal_id"])
        amounts, tax, books = _by_role(parts)
        for number, (role, net) in enumerate(amounts.items(), 1):
            own_tax = tax if number == 1 else 0
            own_books = books.get(role)
            currency, (plain_net, plain_tax) = self._plain(customer, -net, -own_tax)
            self.invoices.append(
                self._head(customer, "", own_books=None if own_books is None else -own_books)
                | {
                    "line_no": number,
                    "item_id": customer["item_id"],
                    "document_no": customer["document_no"],
                    "customer_id": customer["customer_id"],
                    "is_debit_memo": self.kinds[key] is ProposalKind.FEE,
                    "invoice_date": self.on,
                    "due_date": self.due_dates.get(key),
                    "currency": currency,
                    "role": role,
                    "net_amount": plain_net,
                    "tax_amount": plain_tax,
                }
            )

    def journal(self, lines: list[Row]) -> None:
        """A journal that nothing else posts."""
        for number, line in enumerate(lines, 1):
            account = self.accounts.account(line["entity"], Role(line["role"]))
            if not account:
                self.problems.append(_fault("no_account", line["entity"], f"the account for {line['role']}"))
            currency, (amount,) = self._plain(line, int(line["amount"]))
            head = self._head(line, "", own_books=line["functional_amount"])
            head.pop("source_id"), head.pop("reason")
            self.journals.append(
                head
                | {
                    "line_no": number,
                    "purpose": Purpose.POST.value,
                    "journal_kind": JournalKind.GENERAL.value,
                    "role": line["role"],
                    "account": account,
                    "customer_id": line["customer_id"],
                    "item_id": line["item_id"],
                    "document_no": line["document_no"],
                    "clears_item": False,
                    "document_date": self.on,
                    "currency": currency,
                    "amount": amount,
                }
            )

    def _head(self, line: Row, part: str, *, own_books: Any) -> Row:
        entity, proposal = line["entity"], line["proposal_id"]
        ref = reference("proposal", entity, proposal, int(line["leg"]), part)
        self.sources[ref] = (entity, proposal)
        return {
            "entity": entity,
            "reference": ref,
            "source_id": proposal,
            "gl_date": self.on,
            "reason": line["reason"],
            "text": line["text"],
            "functional_currency": "" if is_none(own_books) else line["functional_currency"],
            "functional_amount": None if is_none(own_books) else int(own_books),
        }

    def _open(self, customer: Row) -> int | None:
        key = (customer["entity"], customer["item_id"])
        if key not in self.open:
            return None
        return self._plain(customer, self.open[key])[1][0]

    def _plain(self, line: Row, *amounts: int) -> tuple[str, tuple[int, ...]]:
        row = {"entity": line["entity"], "item_id": line["proposal_id"]}
        return plain_amounts(line["currency"], amounts, row, self.problems)


def _apart(lines: list[Row]) -> tuple[list[Row], Row]:
    """The parts of a leg and the customer's line, which is its last."""
    return lines[:-1], lines[-1]


def _by_role(parts: list[Row]) -> tuple[dict[str, int], int, dict[str, int]]:
    """Net by role, the tax, and the books' amount by role with the tax's in the first; tax alone stands for itself."""
    amounts: dict[str, int] = defaultdict(int)
    books: dict[str, int] = defaultdict(int)
    tax = sum(int(line["amount"]) for line in parts if line["role"] == Role.TAX)
    for line in parts:
        if line["role"] != Role.TAX:
            amounts[line["role"]] += int(line["amount"])
    if not amounts:
        amounts[Role.TAX.value] = 0
    first = next(iter(amounts))
    if all(not is_none(line["functional_amount"]) for line in parts):
        for line in parts:
            role = first if line["role"] == Role.TAX else line["role"]
            books[role] += int(line["functional_amount"])
    return dict(amounts), tax, dict(books)


def _clean(row: Row) -> Row:
    texts = ("customer_id", "item_id", "document_no", "functional_currency")
    return {name: "" if name in texts and is_none(value) else value for name, value in row.items()}


def booked_sums(entries: pd.DataFrame, journals: pd.DataFrame) -> list[tuple[str, str, str, int, int]]:
    """Entity, role, currency, and the sum that `entries` and the batch's journals have of it: they must be equal.

    The first are the double entry that `credit.posting` made, the others what the tables of the batch lead to.
    """
    from arlib.money import iso_code, minor_places

    sums: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in entries[entries["action"].ne(Action.TRANSFER.value)].to_dict("records"):
        plain = iso_code(row["currency"])
        unit = 10 ** (minor_places(row["currency"]) - minor_places(plain))
        sums[row["entity"], row["role"], plain][0] += int(row["amount"]) // unit
    for row in filled(journals, POSTING_JOURNALS).to_dict("records"):
        sums[row["entity"], row["role"], row["currency"]][1] += int(row["amount"])
    return [(*key, left, right) for key, (left, right) in sorted(sums.items())]


def _fault(code: str, found: str, wanted: str) -> Problem:
    return Problem(file="accounts", table="accounts", row=0, column="accounts", severity=Severity.REJECTED,
                   code=code, found=found, wanted=wanted)  # fmt: skip
