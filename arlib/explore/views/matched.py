"""What the matching says of a receipt, as markup: proposals side by side, payers, facts of the receipt. Floor 5."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from arlib import money
from arlib.explore.views.style import bullets, sentence, table, text
from arlib.matching.by_hand.frames import CANDIDATES
from arlib.report.words import value_text

DECISION_WORDS = {
    "auto": "would be applied by itself", "suggest": "for a person to decide", "person": "was decided by a person",
    "none": "nothing is proposed",
}  # fmt: skip
PARTS = ("discount", "deduction", "fee", "fx", "tolerance")
OF_RECEIPT = (
    ("document_no", "Receipt"), ("received_on", "Received on"), ("amount", "Amount"), ("open_amount", "Left"),
    ("payer_name", "Payer"), ("payer_account", "From account"), ("reference", "Reference"), ("remittance_text", "Payment text"),
)  # fmt: skip


def sides(candidates: pd.DataFrame, receipt_id: str, *, said: str) -> str:
    """The proposal and what came after it, side by side, each with the evidence or why it lost, but for what was `said`.

    Nothing where there is neither: what the matching says already tells why.
    """
    if candidates.empty:
        return ""
    sides = []
    for (receipt, rank), rows in list(candidates.groupby(["receipt_id", "rank"], sort=True))[:4]:
        lines = rows.to_dict("records")
        first = lines[0]
        name = (
            "Proposal"
            if first["role"] == "proposal"
            else f"Runner-up {int(str(rank))}"
            if int(str(rank)) > 1
            else "A way that lost"
        )
        of = "" if receipt_id else f" of receipt {receipt}"
        parts = [part for part in PARTS if any(not pd.isna(line[part]) and line[part] for line in lines)]
        head = ("Document", "Customer", "Due", "Open", "Applied", *(part.capitalize() for part in parts))
        body = [
            (line["document_no"], line["customer_id"], day_of(line["due_date"]), amount_of(line, "open_amount"),
             amount_of(line, "applied_amount"), *(amount_of(line, part) for part in parts))
            for line in lines
        ]  # fmt: skip
        word = DECISION_WORDS.get(str(first["decision"]), str(first["decision"]))
        told = dict.fromkeys(
            sentence(line[name])
            for line in lines
            for name in ("says", "held_because")
            if not pd.isna(line[name]) and line[name] and line[name] != said
        )
        sides.append(
            f"<div class='arlib-card'><strong>{text(name + of)}</strong>{': ' + text(word) if first['role'] == 'proposal' else ''}"
            f"{table(head, body, right=range(3, len(head)))}{bullets(told)}</div>"
        )
    return f"<div class='arlib-sides'>{''.join(sides)}</div>"


def payers(found: pd.DataFrame) -> str:
    """Who may have paid, the likeliest first."""
    if found.empty:
        return ""
    said = [f"{row['customer_id']}: {row['meaning']}" for row in found.head(5).to_dict("records")]
    return f"<div class='arlib-quiet'>Who paid, by evidence:{bullets(said)}</div>"


def said_of(row: Mapping[Any, Any], name: str) -> str:
    """A fact of a receipt as text; '' where there is none."""
    if name in ("amount", "open_amount"):
        return "" if pd.isna(row[name]) else amount_of(row, name)
    value = row.get(name)
    return "" if value is None or pd.isna(value) else day_of(value) if name == "received_on" else str(value)


def amount_of(row: Mapping[Any, Any], name: str) -> str:
    """An amount of a row with the row's currency."""
    if pd.isna(row[name]):
        return "–"
    currency = str(row.get("currency", ""))
    return (
        f"{currency} {money.shown(int(row[name]), currency)}"
        if money.is_currency(currency)
        else f"{row[name]}"
    )


def day_of(value: Any) -> str:
    """A day as ISO, '' for none."""
    return value_text(value, CANDIDATES["due_date"].kind)
