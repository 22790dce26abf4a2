"""Why replies differ from the ledger, as later bookings and open records show. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pandas as pd

from arlib.audit.evidence.frames_confirm import EXCEPTIONS, Cause, State
from arlib.audit.evidence.grades import Weight
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import fact_dates, of_entity
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import CASH_TYPES, ItemType
from arlib.tables.rows import is_none, records, text

TRANSIT_DAYS = 14  # invoices so shortly before the date may have been under way to the customer
MOST_TOGETHER = 12  # documents of one cause that are tried together


@dataclass(frozen=True)
class _Piece:
    """A document that may explain a difference: `amount` is what it takes off the ledger's balance, signed."""

    cause: Cause
    document: str
    amount: int
    words: str


def exceptions(
    book: Book, sheet: pd.DataFrame, documents: pd.DataFrame, traces: pd.DataFrame, *, scope: Scope
) -> pd.DataFrame:
    """Each reply with a difference and the documents that add up to just it: EXCEPTIONS, sorted by its key.

    A difference (ledger less customer) above zero is looked for in receipts banked after the date, credit notes booked
    after it, invoices of the last 14 days, disputes open at the date, and open credits of the customer; one below zero in
    invoices of before the date booked after it. One document of just the amount comes first, then two of one cause, then
    all of one cause. What adds up to nothing is unknown: no cause without a document. `traces` are those of the customers' items.
    """
    made = []
    for row in records(sheet[sheet["status"].eq(State.EXCEPTION.value)]):
        pieces = _pieces(book, row, documents, traces, scope)
        cause, found = _explained(pieces, int(row["difference"]))
        line = {name: None if is_none(row[name]) else row[name] for name in EXCEPTIONS.names if name in row}
        made.append(line | {
            "cause": cause.value, "explained": sum(one.amount for one in found),
            "documents": ", ".join(one.document for one in found) or None,
            "evidence": "; ".join(one.words for one in found) or None,
        })  # fmt: skip
    return EXCEPTIONS.from_rows(made).sort_values("request_no", kind="stable", ignore_index=True)


def _explained(pieces: list[_Piece], difference: int) -> tuple[Cause, list[_Piece]]:
    """The first cause whose documents add up to the difference: one, two, or all of them."""
    for one in pieces:
        if one.amount == difference:
            return one.cause, [one]
    for cause in Cause:
        mine = [one for one in pieces if one.cause is cause][:MOST_TOGETHER]
        for at, one in enumerate(mine):
            for other in mine[at + 1 :]:
                if one.amount + other.amount == difference:
                    return cause, [one, other]
        if mine and sum(one.amount for one in mine) == difference:
            return cause, mine
    return Cause.UNKNOWN, []


def _pieces(
    book: Book, row: dict[str, Any], documents: pd.DataFrame, traces: pd.DataFrame, scope: Scope
) -> list[_Piece]:
    """Everything of the customer and currency that may explain a difference, cash first."""
    customer, currency, day = str(row["customer_id"]), str(row["currency"]), pd.Timestamp(scope.as_of)
    made = list(_cash(traces, customer, currency, day))
    items = of_entity(book["items"], scope.entity)
    codes = merged_codes(items["customer_id"], book, entity=scope.entity, on=scope.as_of)
    dates = fact_dates(items, scope.basis)
    own = items.assign(date=dates)[(codes.eq(customer) & items["currency"].eq(currency)).to_numpy(dtype=bool)]
    for item in records(own[(own["date"] > day).to_numpy(dtype=bool)]):
        name, amount = text(item["document_no"]) or str(item["item_id"]), int(item["amount"])
        if item["item_type"] == ItemType.CREDIT_MEMO:
            made.append(
                _Piece(
                    Cause.CREDIT_NOT_BOOKED,
                    name,
                    -amount,
                    f"credit note {name} booked {item['date']:%Y-%m-%d}",
                )
            )
        elif item["item_type"] == ItemType.INVOICE:
            before = [stamp for stamp in (item["document_date"], item["delivery_date"], item["effective_date"])
                      if not is_none(stamp) and stamp <= day]  # fmt: skip
            if before:
                said = f"invoice {name} of {min(before):%Y-%m-%d} booked {item['date']:%Y-%m-%d}"
                made.append(_Piece(Cause.INVOICE_BOOKED_AFTER, name, -amount, said))
    mine = documents[documents["customer_id"].eq(customer) & documents["currency"].eq(currency)]
    disputed = _disputes(book, scope)
    for item in records(mine):
        name, amount = text(item["document_no"]) or str(item["item_id"]), int(item["outstanding"])
        if amount > 0 and item["document_date"] > day - timedelta(days=TRANSIT_DAYS):
            on = "" if is_none(item["delivery_date"]) else f", delivered {item['delivery_date']:%Y-%m-%d}"
            made.append(
                _Piece(
                    Cause.GOODS_IN_TRANSIT,
                    name,
                    amount,
                    f"invoice {name} of {item['document_date']:%Y-%m-%d}{on}",
                )
            )
        for dispute, value in disputed.get(str(item["item_id"]), ()):
            made.append(_Piece(Cause.DISPUTED, name, value, f"dispute {dispute} on {name}, open at the date"))
        if amount < 0:
            kind = "cash" if item["item_type"] in [one.value for one in CASH_TYPES] else "credit"
            made.append(
                _Piece(
                    Cause.UNAPPLIED,
                    name,
                    amount,
                    f"{kind} {name} open in the books, {item['document_date']:%Y-%m-%d}",
                )
            )
    return made


def _cash(traces: pd.DataFrame, customer: str, currency: str, day: pd.Timestamp) -> list[_Piece]:
    """Receipts after the date with a bank line, by receipt."""
    rows = traces[
        traces["customer_id"].eq(customer)
        & traces["currency"].eq(currency)
        & traces["weight"].ne(Weight.NONE.value)
    ]
    made = []
    for receipt, part in rows.groupby("receipt_id", sort=True):
        amount = int(part["counted"].sum())
        line, on = part["bank_line_id"].iloc[0], part["bank_date"].iloc[0]
        if amount and not is_none(on) and on > day:
            made.append(
                _Piece(
                    Cause.CASH_IN_TRANSIT,
                    str(receipt),
                    amount,
                    f"receipt {receipt}, bank line {line} of {on:%Y-%m-%d}",
                )
            )
    return made


def _disputes(book: Book, scope: Scope) -> dict[str, list[tuple[str, int]]]:
    """Disputes open at the end of the date by item: number and amount."""
    rows, day = of_entity(book["disputes"], scope.entity), pd.Timestamp(scope.as_of)
    stands = rows["opened_on"].le(day) & ~rows["closed_on"].le(day) & rows["item_id"].notna()
    made: dict[str, list[tuple[str, int]]] = {}
    for row in records(rows[stands.to_numpy(dtype=bool)].sort_values("dispute_id", kind="stable")):
        made.setdefault(str(row["item_id"]), []).append((str(row["dispute_id"]), int(row["amount"])))
    return made
