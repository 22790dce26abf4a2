"""Text books with both sides: the reader of tests/ledger, and rows for the ledger, bank, statements and periods.

    account 1200 trade owner=Ann name=Trade
    gl      J-1 2026-10-05 100.00 INV-1 source=billing
    gl      J-9 2026-10-31 7.00 - source=manual status=posted account=1200 user=joe text=fix
    balance 2026-09-30 50.00 account=1200
    transfer B-1 gl 2026-10-05 10 500.00 state=unposted rejected=1 rejected_amount=20.00
    period  2026-09 2026-09-01 2026-09-30 closed closed_at=2026-10-03T18:00:00Z
    bank    L-1 2026-10-05 100.00 receipt account=B1
    receipt R-1 2026-10-05 100.00 item=R-1 account=B1
    link    R-1 L-1 100.00 account=B1
    line    ACME 2026-10-31 1 INV-1 -100.00 date=2026-10-05
    prior   1200 manual_journal J-9 7.00 2026-09-30 owner=Eve
    dispute ACME INV-1 20.00 2026-10-01 reason=price

`-` stands for an empty document; in a gl line, amounts are in the books' currency and `currency=`/`amount=` give the
document's own. Underscores in `name` and `text` are blanks.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from arlib.tables import CANONICAL, Book

PLACES = {"JPY": 0, "KWD": 3}


def minor(text: str, currency: str) -> int:
    return int(Decimal(text) * 10 ** PLACES.get(currency, 2))


def read_control_row(
    kind: str, rest: list[str], given: dict[str, str], functional: str, serial: int
) -> tuple[str, dict[str, Any]]:
    currency = given.get("currency", functional)
    if kind == "account":
        flag = given.get("tieout")
        return "control_accounts", {
            "account": rest[0], "role": rest[1], "name": given.get("name", "").replace("_", " ") or None,
            "in_tieout": None if flag is None else flag == "yes", "valid_from": given.get("from"), "valid_to": given.get("to"),
            "owner": given.get("owner"),
        }  # fmt: skip
    if kind == "gl":
        amount = minor(rest[2], functional)
        return "gl_lines", {
            "ledger": given.get("ledger", "primary"), "account": given.get("account", "1200"), "journal_id": rest[0],
            "line_id": given.get("line", str(serial)), "posting_date": rest[1], "source": given.get("source", "billing"),
            "status": given.get("status", "posted"), "document_no": None if rest[3] == "-" else rest[3],
            "batch_id": given.get("batch"), "customer_id": given.get("customer"), "user": given.get("user"), "currency": currency,
            "amount": minor(given["amount"], currency) if "amount" in given else amount, "functional_amount": amount,
            "text": given.get("text", "").replace("_", " ") or None, "entered_at": given.get("entered"),
        }  # fmt: skip
    if kind == "balance":
        return "gl_balances", {
            "ledger": "primary", "account": given.get("account", "1200"), "as_of": rest[0], "currency": functional,
            "balance": minor(rest[1], functional),
        }  # fmt: skip
    if kind == "transfer":
        return "billing_transfers", {
            "batch_id": rest[0], "stage": rest[1], "transferred_on": rest[2], "documents": int(rest[3]), "currency": currency,
            "amount": minor(rest[4], currency), "state": given.get("state", "posted"),
            "rejected_documents": int(given["rejected"]) if "rejected" in given else None,
            "rejected_amount": minor(given["rejected_amount"], currency) if "rejected_amount" in given else None,
        }  # fmt: skip
    if kind == "period":
        return "periods", {"period": rest[0], "starts_on": rest[1], "ends_on": rest[2], "state": rest[3],
                               "closed_at": given.get("closed_at"), "reopened_at": given.get("reopened_at")}  # fmt: skip
    if kind == "bank":
        flag = given.get("receivable")
        return "bank_lines", {
            "bank_line_id": rest[0], "bank_account": given.get("account", "B1"), "booking_date": rest[1], "currency": currency,
            "amount": minor(rest[2], currency), "kind": rest[3], "is_receivable": None if flag is None else flag == "yes",
        }  # fmt: skip
    if kind == "receipt":
        return "receipts", {
            "receipt_id": rest[0], "item_id": given.get("item"), "bank_account": given.get("account", "B1") or None,
            "effective_date": rest[1], "posting_date": given.get("posting"), "currency": currency, "amount": minor(rest[2], currency),
            "status": given.get("status", "applied"), "customer_id": given.get("customer"), "return_of": given.get("return_of"),
            "return_code": given.get("return_code"),
        }  # fmt: skip
    if kind == "link":
        return "receipt_bank_lines", {"receipt_id": rest[0], "bank_line_id": rest[1], "bank_account": given.get("account", "B1"),
                                          "currency": currency, "amount": minor(rest[2], currency)}  # fmt: skip
    if kind == "line":
        return "customer_statement_lines", {
            "customer_id": rest[0], "statement_date": rest[1], "line_no": int(rest[2]), "reference": None if rest[3] == "-" else rest[3],
            "date": given.get("date"), "currency": currency, "amount": minor(rest[4], currency), "text": given.get("text"),
        }  # fmt: skip
    if kind == "prior":
        return "reconciling_items", {
            "control": given.get("control", "control_account"), "account": rest[0], "cause": rest[1], "document_no": rest[2],
            "currency": functional, "amount": minor(rest[3], functional), "first_reported_on": rest[4], "owner": given.get("owner"),
        }  # fmt: skip
    assert kind == "dispute", kind
    return "disputes", {"dispute_id": f"D-{serial}", "customer_id": rest[0], "item_id": rest[1], "currency": currency,
                            "amount": minor(rest[2], currency), "opened_on": rest[3], "closed_on": given.get("closed"),
                            "reason": given.get("reason", "price")}  # fmt: skip


KINDS = (
    "account",
    "gl",
    "balance",
    "transfer",
    "period",
    "bank",
    "receipt",
    "link",
    "line",
    "prior",
    "dispute",
)


@pytest.fixture
def books(ledger) -> Callable[..., Book]:
    """The reader of text books with both sides."""

    def read(
        text: str, *, functional: str = "USD", features: tuple[str, ...] = (), empty: tuple[str, ...] = ()
    ) -> Book:
        mine: dict[str, list[dict[str, Any]]] = {name: [] for name in empty}
        others = []
        for serial, line in enumerate(text.strip().splitlines(), start=1):
            words = line.split()
            if not words:
                continue
            if words[0] not in KINDS:
                others.append(line)
                continue
            plain = [word for word in words[1:] if "=" not in word]
            given = dict(word.split("=", 1) for word in words[1:] if "=" in word)
            name, row = read_control_row(words[0], plain, given, functional, serial)
            mine.setdefault(name, []).append({"entity": "E1"} | row)
        base = ledger("\n".join(others), functional=functional, features=features)
        frames = {name: CANONICAL[name].typed(as_frame(rows)) for name, rows in mine.items()}
        return Book({**base.tables, **frames}, features=base.features)

    return read


def as_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    names = list(dict.fromkeys(key for row in rows for key in row))
    return pd.DataFrame({key: pd.Series([row.get(key) for row in rows], dtype="object") for key in names})
