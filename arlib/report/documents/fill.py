"""Documents from the book and from proposals: pure. Floor 3. Amounts are minor units; nothing is rounded here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from arlib.errors import ParameterError, nearest
from arlib.report.documents.model import (
    Amount,
    Approved,
    CreditNote,
    DueDiligence,
    Money,
    Party,
    Receipt,
    Release,
    RevisedInvoice,
)
from arlib.tables.rows import records, text, whole

if TYPE_CHECKING:
    import pandas as pd

    from arlib.tables import Book

Row = Mapping[str, Any]
ADDRESS_LINES = 6


def receipt_of(book: Book, *, entity: str, receipt_id: str, dated: date, run_id: str = "") -> Receipt:
    """The receipt for money that came in, with every document it was set against and what is left.

    Needs RECEIPTS, ITEMS, APPLICATIONS; reversed applications are left out. Raises ParameterError for an unknown receipt,
    with the nearest, and for one that is a return or that a return took back.
    """
    receipts = book["receipts"]
    mine = receipts[receipts["entity"].eq(entity) & receipts["receipt_id"].eq(receipt_id)]
    if not len(mine):
        near = nearest(receipt_id, receipts[receipts["entity"].eq(entity)]["receipt_id"])
        raise ParameterError(
            "no such receipt", where=entity, found=receipt_id, fix=f"Did you mean {near!r}?" if near else ""
        )
    row = _row(mine)
    returned = receipts[receipts["entity"].eq(entity) & receipts["return_of"].eq(receipt_id)]
    if int(row["amount"]) <= 0 or len(returned):
        raise ParameterError("a returned payment has no receipt", where=entity, found=receipt_id)
    currency = str(row["currency"])
    settled, used = _settled(book, entity, text(row["item_id"]), currency)
    rest = int(row["amount"]) - used
    return Receipt(
        number=receipt_id,
        dated=dated,
        issuer=issuer_of(book, entity),
        to=customer_of(book, entity, text(row["customer_id"]), name=text(row["payer_name"])),
        rests_on=Approved(run_id=run_id),
        received=Money(amount=int(row["amount"]), currency=currency),
        received_on=row["effective_date"].date(),
        payment_reference=text(row["reference"]) or text(row["remittance_text"]),
        settled=tuple(settled),
        rest=Money(amount=rest, currency=currency) if rest else None,
    )


def credit_note_of(
    book: Book, proposal: Row, lines: pd.DataFrame, *, number: str, dated: date, rests_on: Approved
) -> CreditNote:
    """The credit note of a credit memo, rewrite, tax correction or rebill, from its ADJUSTMENT_LINES."""
    currency, total = str(proposal["currency"]), int(proposal["amount"])
    own = _lines(lines, proposal)
    tax = (
        sum(int(row["amount"]) for row in own if row["part"] == "tax")
        if own
        else whole(proposal["tax_amount"])
    )
    parts = [
        (f"{row['part']}, {_words(row['role'])}", int(row["amount"])) for row in own if row["part"] != "tax"
    ]
    if not own and total - tax:
        parts = [("net", total - tax)]
    item = item_of(book, str(proposal["entity"]), text(proposal["item_id"]))
    invoice = text(proposal["document_no"]) or text(item.get("document_no"))
    return CreditNote(
        number=number,
        dated=dated,
        issuer=issuer_of(book, str(proposal["entity"])),
        to=customer_of(
            book,
            str(proposal["entity"]),
            text(proposal["customer_id"]),
            name=text(proposal["customer_name"]),
        ),
        rests_on=rests_on,
        invoice_no=invoice,
        invoice_date=_day(item.get("document_date")),
        reason=_words(proposal["reason"]),
        lines=tuple(
            Amount(words=words.capitalize(), money=Money(amount=value, currency=currency), reference=invoice)
            for words, value in parts
        ),
        net=Money(amount=total - tax, currency=currency),
        tax=Money(amount=tax, currency=currency),
        total=Money(amount=total, currency=currency),
    )


def revised_invoice_of(
    book: Book, proposal: Row, rebills: pd.DataFrame, *, number: str, dated: date, rests_on: Approved
) -> RevisedInvoice:
    """The new invoice of a rebill, from its REBILL_LINES; what was paid on the old one is set against it."""
    own = _lines(rebills, proposal)
    new = next((row for row in own if row["line"] == "invoice"), None)
    if new is None:
        raise ParameterError(
            "no new invoice", where=str(proposal["proposal_id"]), wanted="a rebill with its lines"
        )
    currency, total = str(proposal["currency"]), int(new["amount"])
    tax, freight = whole(new["tax_amount"]), whole(new["freight_amount"])
    moved = -sum(int(row["amount"]) for row in own if row["line"] == "payment_in")
    item = item_of(book, str(proposal["entity"]), text(proposal["item_id"]))
    invoice = text(proposal["document_no"]) or text(item.get("document_no"))
    parts = [("Goods and services", total - tax - freight), ("Freight", freight)]
    return RevisedInvoice(
        number=number,
        dated=dated,
        issuer=issuer_of(book, str(proposal["entity"])),
        to=customer_of(book, str(proposal["entity"]), text(new["customer_id"])),
        rests_on=rests_on,
        invoice_no=invoice,
        invoice_date=_day(item.get("document_date")),
        reason=_words(proposal["reason"]),
        due_date=_day(new["due_date"]),
        lines=tuple(
            Amount(words=words, money=Money(amount=value, currency=currency), reference=invoice)
            for words, value in parts
            if value
        ),
        net=Money(amount=total - tax, currency=currency),
        tax=Money(amount=tax, currency=currency),
        total=Money(amount=total, currency=currency),
        moved=Money(amount=moved, currency=currency) if moved else None,
        to_pay=Money(amount=total - moved, currency=currency),
    )


def due_diligence_of(
    book: Book, letter: Row, property_rows: pd.DataFrame, *, dated: date, run_id: str = ""
) -> DueDiligence:
    """The letter to an owner, from a row of LETTERS and the UNCLAIMED_PROPERTY rows of that owner and currency."""
    entity, customer, currency = str(letter["entity"]), str(letter["customer_id"]), str(letter["currency"])
    rows = property_rows[
        property_rows["customer_id"].eq(customer)
        & property_rows["currency"].eq(currency)
        & property_rows["report_due"].eq(letter["report_due"])
    ]
    named = [one.strip() for one in text(letter["documents"]).split(",")]
    held = [row for row in rows.to_dict("records") if text(row["document_no"]) in named]
    amounts = tuple(
        Amount(words="Credit", reference=text(row["document_no"]), on=_day(row["clock_start"]),
               money=Money(amount=int(row["amount"]), currency=currency))
        for row in held
    )  # fmt: skip
    total = int(letter["amount"])
    return DueDiligence(
        number=f"DD-{customer}-{letter['report_due']:%Y%m%d}-{currency[:3]}",
        dated=dated,
        issuer=issuer_of(book, entity),
        to=customer_of(book, entity, customer, name=text(letter["customer_name"])),
        rests_on=Approved(run_id=run_id),
        total=Money(amount=total, currency=currency),
        credits=amounts if sum(one.money.amount for one in amounts) == total else (),
        place=str(letter["place"]),
        report_due=letter["report_due"].date(),
        answer_by=_day(letter["send_by"]),
    )


def release_of(
    book: Book, proposal: Row, settlement: Row, items: pd.DataFrame, *, dated: date, rests_on: Approved
) -> Release:
    """The agreement and release of a settlement, from its SETTLEMENTS row and SETTLEMENT_ITEMS."""
    entity, currency = str(proposal["entity"]), str(proposal["currency"])
    amounts = []
    for row in _lines(items, proposal):
        item = item_of(book, entity, str(row["item_id"]))
        amounts.append(
            Amount(words="Invoice", reference=text(item.get("document_no")) or str(row["item_id"]),
                   on=_day(item.get("document_date")), money=Money(amount=int(row["balance"]), currency=currency))
        )  # fmt: skip

    def money(name: str) -> Money:
        return Money(amount=whole(settlement[name]), currency=currency)

    return Release(
        number=str(proposal["proposal_id"]),
        dated=dated,
        issuer=issuer_of(book, entity),
        to=customer_of(book, entity, text(proposal["customer_id"]), name=text(proposal["customer_name"])),
        rests_on=rests_on,
        balance=money("balance"),
        payment=money("payment"),
        concession=money("concession"),
        tax=money("tax_in_concession"),
        pay_by=settlement["pay_by"].date(),
        items=tuple(amounts),
    )


def issuer_of(book: Book, entity: str) -> Party:
    """The entity that writes."""
    rows = book["entities"]
    mine = rows[rows["entity"].eq(entity)]
    row = _row(mine) if len(mine) else {}
    return Party(name=text(row.get("name")) or entity, code=entity, country=text(row.get("country")))


def customer_of(book: Book, entity: str, customer_id: str, *, name: str = "") -> Party:
    """The customer as it is today, with its address by lines; one that the book does not know by the name given."""
    rows = book["customers"]
    own = rows["entity"].eq(entity) | rows["entity"].isna() | rows["entity"].eq("")
    mine = rows[own & rows["customer_id"].eq(customer_id)] if customer_id else rows.head(0)
    row = _row(mine) if len(mine) else {}
    address = [
        line.strip() for line in text(row.get("address")).replace(", ", "\n").splitlines() if line.strip()
    ]
    if len(address) > ADDRESS_LINES:
        address = [*address[: ADDRESS_LINES - 1], ", ".join(address[ADDRESS_LINES - 1 :])]
    return Party(
        name=text(row.get("name")) or name or customer_id or "Unknown payer",
        code=customer_id,
        address=tuple(address),
        country=text(row.get("country")),
        tax_id=text(row.get("tax_id")),
    )


def item_of(book: Book, entity: str, item_id: str) -> dict[str, Any]:
    """The item's row; empty where the book has none."""
    rows = book["items"]
    mine = rows[rows["entity"].eq(entity) & rows["item_id"].eq(item_id)]
    return _row(mine) if item_id and len(mine) else {}


def _settled(book: Book, entity: str, item_id: str, currency: str) -> tuple[list[Amount], int]:
    """What a receipt was set against by document, and how much of it that uses."""
    rows = book["applications"]
    mine = rows[rows["entity"].eq(entity) & rows["source_item_id"].eq(item_id)] if item_id else rows.head(0)
    by_item: dict[str, list[Any]] = {}
    for row in mine.sort_values("application_id", kind="stable").to_dict("records"):
        held = by_item.setdefault(str(row["target_item_id"]), [0, row["effective_date"]])
        held[0] += int(row["source_amount"])
    made = []
    for target, (value, on) in by_item.items():
        if value:
            number = text(item_of(book, entity, target).get("document_no")) or target
            made.append(
                Amount(
                    words="Invoice",
                    reference=number,
                    on=_day(on),
                    money=Money(amount=value, currency=currency),
                )
            )
    return made, sum(one.money.amount for one in made)


def _lines(frame: pd.DataFrame, proposal: Row) -> list[dict[str, Any]]:
    mine = frame[frame["entity"].eq(proposal["entity"]) & frame["proposal_id"].eq(proposal["proposal_id"])]
    order = [name for name in ("line_no", "item_id") if name in mine.columns]
    return records(mine.sort_values(order, kind="stable"))


def _row(frame: pd.DataFrame) -> dict[str, Any]:
    return records(frame.head(1))[0]


def _words(code: Any) -> str:
    return text(code).replace("_", " ")


def _day(value: Any) -> date | None:
    import pandas as pd

    return (
        None
        if value is None or pd.isna(value)
        else value.date()
        if isinstance(value, pd.Timestamp)
        else value
    )


def one_of(rows: Iterable[Row], proposal_id: str) -> Row:
    """The row of a proposal; ParameterError with the nearest where there is none."""
    by_id = {str(row["proposal_id"]): row for row in rows}
    if proposal_id not in by_id:
        near = nearest(proposal_id, list(by_id))
        raise ParameterError("--proposal", found=proposal_id, wanted="a proposal of the run",
                             fix=f"Did you mean {near!r}?" if near else "")  # fmt: skip
    return by_id[proposal_id]
