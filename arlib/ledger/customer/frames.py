"""Declared tables of one customer's account: running balance, balance by day, roll-forward. Floor 1.

Amounts keep the sign of the ledger: debits +, credits and cash -. Texts that people wrote are never trusted as formulas or
markup.
"""

from __future__ import annotations

from arlib.ledger.frames_control import RollLine
from arlib.tables.kinds import Column, Kind, Table

T, D, AT, M, N = Kind.TEXT, Kind.DAY, Kind.INSTANT, Kind.MONEY, Kind.INTEGER


def _documents() -> tuple[Column, ...]:
    return (
        Column("document_no", T, "document whose open amount it changes", is_key=True),
        Column("other_no", T, "document on the other side, if any", is_key=True),
        Column("text", T, "what happened, in words", True),
    )


def _facts() -> tuple[Column, ...]:
    return (
        Column("item_id", T, "item whose open amount it changes", True, is_key=True),
        Column("fact_id", T, "item or application behind it; of a merger the code that moved", True, is_key=True),
    )  # fmt: skip


RUNNING_BALANCE = Table("running_balance", "a fact that moved a customer's balance", ("currency", "step"), (
    Column("currency", T, "document currency", True),
    Column("step", N, "1, 2, 3 ... in the currency, in the order of the days", True),
    Column("day", D, "day that it counts from, by the basis asked for", True),
    Column("line", T, "line of the roll-forward", True, choices=RollLine),
    *_documents(),
    Column("by", T, "who entered it"),
    Column("amount", M, "change of the balance", True, currency="currency"),
    Column("balance", M, "balance after it", True, currency="currency"),
    *_facts(),
    Column("entered_at", AT, "when it was entered, UTC; empty where the source does not keep it"),
))  # fmt: skip

BALANCES_BY_DAY = Table("balances_by_day", "a customer's balance at the end of a day", ("currency", "day"), (
    Column("currency", T, "document currency", True),
    Column("day", D, "day; every day of the span is there", True),
    Column("balance", M, "balance at the end of the day", True, currency="currency"),
    Column("moved", M, "change on that day", True, currency="currency"),
))  # fmt: skip

CUSTOMER_BALANCE = Table("customer_balance", "a customer's balance in one currency", ("currency",), (
    Column("currency", T, "document currency", True),
    Column("balance", M, "balance at the end of the day asked for", True, currency="currency"),
))  # fmt: skip

CUSTOMER_ROLL_FORWARD = Table("customer_roll_forward", "a line of one customer's roll-forward", ("currency", "line_no"), (
    Column("currency", T, "document currency", True),
    Column("line_no", N, "place in the report", True),
    Column("line", T, "what moved the balance", True, choices=RollLine),
    Column("words", T, "the line as people read it", True),
    Column("amount", M, "change of the balance; of opening and closing the balance", True, currency="currency"),
    Column("count", N, "documents or applications behind it", True),
))  # fmt: skip

ROLL_DOCUMENTS = Table(
    "customer_roll_documents", "a document behind a line of one customer's roll-forward",
    ("currency", "line_no", "day", "item_id", "fact_id"), (
    Column("currency", T, "document currency", True),
    Column("line_no", N, "place of its line in the report", True),
    Column("line", T, "line that it belongs to", True, choices=RollLine),
    Column("day", D, "day that it counts from; of opening and closing the document's own", True),
    *_documents(),
    Column("amount", M, "its part of the line; of opening and closing what was open", True, currency="currency"),
    *_facts(),
))  # fmt: skip
