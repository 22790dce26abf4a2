"""The rows of an export by what they are: invoices, adjustments, cash, applications ... Floor 2."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from arlib.sources.standards.span import Span, posted_on
from arlib.sources.standards.split import open_at
from arlib.sources.standards.texts import Texts, pairs_of
from arlib.tables import Book
from arlib.tables.choices import CASH_TYPES, ItemType

if TYPE_CHECKING:
    import pandas as pd

BILLED = (ItemType.INVOICE, ItemType.DEBIT_MEMO, ItemType.CHARGEBACK, ItemType.INTEREST_OR_FEE)


def row_sets(book: Book, *, span: Span, month: str) -> dict[str, pd.DataFrame]:
    """All row sets of the book. Raises ParameterError where the currency of an entity's books is not known."""
    texts = Texts(book, month)
    items = book["items"]
    items, applications = items.reset_index(drop=True), book["applications"].reset_index(drop=True)
    in_period, applied = items[span.holds(items)], applications[span.holds(applications)]
    opening = open_at(book, on=span.day_before, touched=applied)
    cash_types = [kind.value for kind in CASH_TYPES]
    is_billed = in_period["item_type"].isin([kind.value for kind in BILLED])
    is_cash = in_period["item_type"].isin(cash_types)
    of_cash = _is_of(applied, items, cash_types)
    lines, balances = book["gl_lines"], book["gl_balances"]
    known = _keys(in_period) | _keys(opening[opening["remaining"].eq(opening["amount"])])
    parts = book["instalments"]
    return {
        "units": texts.of("entities", book["entities"]),
        "customers": texts.of("customers", book["customers"]),
        "accounts": _account_rows(texts.of("control_accounts", book["control_accounts"])),
        "users": texts.users(in_period, applied, lines),
        "invoices": _terms(texts.documents(in_period[is_billed])),
        "adjustments": texts.adjustments(
            in_period[~is_billed & ~is_cash], applications[posted_on(applications).le(str(span.end))], applied
        ),
        "cash": texts.cash(in_period[is_cash], book["receipts"], span),
        "cash_applications": texts.applications(applied[of_cash]),
        "credit_applications": texts.applications(applied[~of_cash]),
        "open_at_start": texts.open_items(opening),
        "open_at_end": texts.open_items(open_at(book, on=span.end)),
        "instalments": texts.of("instalments", parts[_is_among(parts, known)]),
        "journal": texts.journal(lines[span.holds(lines)]),
        "balances": texts.balances(balances, span),
        "sources": texts.sources(lines[span.holds(lines)]),
    }  # fmt: skip


def _keys(frame: pd.DataFrame) -> set[tuple[str, str]]:
    return set(pairs_of(frame))


def _is_among(frame: pd.DataFrame, keys: set[tuple[str, str]], item: str = "item_id") -> pd.Series:
    """True on the rows whose entity and item are among the keys."""
    import pandas as pd

    pairs = zip(frame["entity"], frame[item], strict=True)
    return pd.Series([pair in keys for pair in pairs], index=frame.index, dtype=bool)


def _is_of(applications: pd.DataFrame, items: pd.DataFrame, kinds: list[str]) -> pd.Series:
    """True where the source of an application is of one of these item types."""
    return _is_among(applications, _keys(items[items["item_type"].isin(kinds)]), "source_item_id")


def _account_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Control accounts with the class that a balance sheet shows them in."""
    is_owed = rows["role"].eq("customer_deposit")
    return rows.assign(_class=rows["role"].where(is_owed, "assets").mask(is_owed, "liabilities"))


def _terms(rows: pd.DataFrame) -> pd.DataFrame:
    """Discount as a percentage, and the days from the document's date to the discount date and to the due date."""

    def days(name: str) -> list[str]:
        pairs = zip(rows[name], rows["_date"], strict=True)
        return [
            str((date.fromisoformat(d) - date.fromisoformat(s)).days) if d and s else "" for d, s in pairs
        ]

    rates = [format((Decimal(rate) * 100).normalize(), "f") if rate else "" for rate in rows["discount_rate"]]
    return rows.assign(_percent=rates, _discount_days=days("discount_date"), _due_days=days("due_date"))
