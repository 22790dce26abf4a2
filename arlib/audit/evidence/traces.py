"""Each payment after the date traced from the invoice through application and receipt to the bank line. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from arlib.audit.evidence.applied import against_open
from arlib.audit.evidence.banked import bank_of, receipts_of
from arlib.audit.evidence.frames import TRACES
from arlib.audit.evidence.grades import WEIGHTS, Grade
from arlib.audit.evidence.named import Advice, advices_of, names_a_document, numbers_of, said
from arlib.audit.evidence.paid_by import OTHER, known_payers
from arlib.ledger.facts import of_entity
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import Pairing
from arlib.tables.rows import is_none, records, text

Row = Mapping[str, Any]
NAMED_SHOWN = 5  # documents that a payment names, shown in a cell


def traces(book: Book, after: pd.DataFrame, documents: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """Each cash application of `after` (see `applied_after`) with its bank line, advice and grade: TRACES, sorted by its key.

    `documents` are the tested OPEN_DOCUMENTS. What an advice line names comes before free text; texts are read only where
    no advice line names a document of ours. A purchase order, order or delivery number of the item names it too. A payment
    that names only what the books do not know is no evidence for the invoice. A bank line of the as-of date itself was
    "by the date". Needs ITEMS; uses RECEIPTS, RECEIPT_BANK_LINES, BANK_LINES, REMITTANCES
    and CUSTOMERS: without them the grade says what is missing.
    """
    cash = after[after["is_cash"].to_numpy(dtype=bool)].reset_index(drop=True)
    rows = cash.merge(receipts_of(book, scope=scope), on="source_item_id", how="left")
    rows = rows.merge(bank_of(book, rows["receipt_id"].dropna(), scope=scope), on="receipt_id", how="left")
    items = of_entity(book["items"], scope.entity)
    sources = items.drop_duplicates("item_id").set_index("item_id")["posting_date"]
    rows["source_posted"] = sources.reindex(rows["source_item_id"]).array
    about = documents.set_index("item_id")
    rows["counted"] = against_open(rows, about["outstanding"])
    for name in ("document_no", "customer_id", "customer_name", "outstanding"):
        rows[name] = about[name].reindex(rows["target_item_id"]).array

    advice = of_entity(book["remittances"], scope.entity)
    advice = advice[advice["receipt_id"].isin(rows["receipt_id"].dropna())]
    texts = {
        t
        for name in ("bank_text", "bank_reference", "receipt_text", "receipt_reference")
        for t in said(*rows[name])
    }
    numbers = numbers_of(items, [*texts, *said(*advice["reference"])])
    lines = advices_of(advice, numbers)
    payers = known_payers(book, scope=scope, customers=frozenset(rows["customer_id"].dropna()))
    shown = dict(zip(items["item_id"], items["document_no"], strict=True))

    made = []
    for row in records(rows):
        told = lines.get(text(row["receipt_id"]), [])
        by_text = frozenset[str]()
        is_unknown = any(line.is_unknown for line in told)
        if not any(line.items for line in told):
            words = tuple(
                said(row["bank_text"], row["bank_reference"], row["receipt_text"], row["receipt_reference"])
            )
            by_text = frozenset().union(*(numbers.in_text(one) for one in words))
            is_unknown |= any(names_a_document(one) for one in words)
        payer = text(row["bank_payer"]) or text(row["receipt_payer"])
        who = payers.who(
            text(row["customer_id"]), payer, text(row["payer_account"]) or text(row["receipt_account"])
        )
        named = by_text.union(*(line.items for line in told))
        line = _line_for(str(row["target_item_id"]), told)
        grade = _grade(row, named, line, who=who, is_unknown=is_unknown, scope=scope)
        made.append(_trace(row, grade, line, named, payer=payer, who=who, shown=shown, entity=scope.entity))
    return TRACES.from_rows(made).sort_values("application_id", kind="stable", ignore_index=True)


def _line_for(item: str, told: list[Advice]) -> Advice | None:
    """The advice line that names an item; of several one with all their net amounts."""
    mine = [line for line in told if item in line.items]
    if not mine:
        return None
    nets = [line.net for line in mine if line.net is not None]
    whole = sum(nets) if len(nets) == len(mine) else None
    return Advice(", ".join(line.line for line in mine), mine[0].items, whole, mine[0].currency)


def _grade(
    row: Row, named: frozenset[str], line: Advice | None, *, who: str, is_unknown: bool, scope: Scope
) -> Grade:
    """The grade of a payment: what speaks against it comes before what speaks for it."""
    day = pd.Timestamp(scope.as_of)
    if int(row["net"]) <= 0 or row["is_returned"] is True or row["bank_returned"] is True:
        return Grade.REVERSED
    is_banked = not is_none(row["bank_date"])
    if is_banked and row["first_bank_date"] <= day:
        is_held = not is_none(row["receipt_on"]) and row["receipt_on"] <= day
        return Grade.IN_LEDGER_BEFORE if is_held else Grade.BANKED_BEFORE
    if is_none(row["receipt_id"]):
        is_old = not is_none(row["source_posted"]) and row["source_posted"] <= day
        return Grade.IN_LEDGER_BEFORE if is_old else Grade.NO_RECEIPT
    if not is_banked:
        return Grade.IN_LEDGER_BEFORE if row["receipt_on"] <= day else Grade.NO_BANK_LINE
    item = str(row["target_item_id"])
    if named and item not in named:
        return Grade.NAMES_ANOTHER
    if row["receipt_on"] <= day:
        return Grade.POSTED_BEFORE_BANKED
    if int(row["linked"]) < int(row["receipt_amount"]):
        return Grade.BANKED_IN_PART
    if who == OTHER:
        return Grade.OTHER_PARTY
    if item in named:
        is_less = (
            line is not None and line.net is not None and line.currency == row["source_currency"]
            and line.net < int(row["net_source"])
        )  # fmt: skip
        return Grade.ADVICE_FOR_LESS if is_less else Grade.BANK_AND_ADVICE
    if is_unknown:
        return Grade.NAMES_UNKNOWN
    is_whole = int(row["net"]) + int(row["net_discount"]) == int(row["outstanding"])
    is_just = row["alone"] is True and int(row["net_source"]) == int(row["receipt_amount"]) and is_whole
    if is_just and row["pairing"] == Pairing.STATED.value:
        return Grade.BANK_LINES_AND_AMOUNT if "," in str(row["bank_line_id"]) else Grade.BANK_AND_AMOUNT
    return Grade.WITHOUT_ADVICE


def _trace(
    row: Row, grade: Grade, line: Advice | None, named: frozenset[str], *, payer: str, who: str,
    shown: Mapping[str, str], entity: str,
) -> dict[str, Any]:  # fmt: skip
    documents = sorted(text(shown.get(one)) or one for one in named)
    rest = f" and {len(documents) - NAMED_SHOWN} more" if len(documents) > NAMED_SHOWN else ""
    reference = list(
        said(row["bank_reference"], row["bank_text"], row["receipt_reference"], row["receipt_text"])
    )
    plain = (
        "application_id", "document_no", "customer_id", "customer_name", "counted", "receipt_id", "receipt_on", "receipt_currency",
        "receipt_amount", "deposit_batch", "bank_account", "bank_line_id", "bank_date", "value_date", "bank_amount",
    )  # fmt: skip
    return {name: None if is_none(row[name]) else row[name] for name in plain} | {
        "entity": entity, "item_id": row["target_item_id"], "applied_on": row["date"], "currency": row["target_currency"],
        "applied": int(row["net"]), "payer_name": payer or None, "paid_by": who or None,
        "reference": " · ".join(reference) or None, "advice_line": line.line if line else None,
        "advice_amount": line.net if line and line.currency == row["receipt_currency"] else None,
        "names": ", ".join(documents[:NAMED_SHOWN]) + rest or None, "applied_by": None if is_none(row["user"]) else row["user"],
        "grade": grade.value, "weight": WEIGHTS[grade].value,
    }  # fmt: skip
