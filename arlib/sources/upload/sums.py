"""Sums that a batch of postings must keep to: items, receipts and journals. Floor 2. Exact integers throughout."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from arlib.errors import Problem
from arlib.sources.upload.faults import fault
from arlib.sources.upload.values import Row
from arlib.tables.rows import is_none, whole

Key = tuple[str, str]


def item_faults(rows: dict[str, list[Row]]) -> list[Problem]:
    """Nothing is settled beyond what its item is open for, in the item's own currency and direction."""
    found = []
    opened: dict[Key, tuple[str, int | None, str]] = {}
    settled: dict[Key, int] = defaultdict(int)
    last: dict[Key, tuple[str, int]] = {}
    for name in ("applications", "adjustments", "credit_memos"):
        for at, row in enumerate(rows[name], 2):
            if not row["item_id"]:
                continue
            key = (row["entity"], row["item_id"])
            before = None if is_none(row["open_before"]) else int(row["open_before"])
            currency, known, customer = opened.setdefault(key, (row["currency"], before, row["customer_id"]))
            if currency != row["currency"]:
                found.append(fault(name, at, "currency", "item_in_two_currencies", row["currency"], currency))
                continue
            if known is None and before is not None:
                opened[key] = (currency, before, customer)
            elif before is not None and before != known:
                found.append(fault(name, at, "open_before", "open_amount_contradicts", before, str(known)))
            settled[key] += _moves(name, row)
            last[key] = (name, at)
    for key, (currency, before, _) in opened.items():
        if before is None:
            continue
        beyond = settled[key] > max(before, 0) or settled[key] < min(before, 0)
        if beyond:
            name, at = last[key]
            found.append(
                fault(
                    name,
                    at,
                    "amount",
                    "settled_beyond_open",
                    f"{settled[key]} {currency} on {key[1]}",
                    f"at most {before}",
                )
            )
    return found


def _moves(name: str, row: Row) -> int:
    if name == "applications":
        return int(row["amount"]) + whole(row["discount"])
    return int(row["amount"]) if name == "adjustments" else int(row["net_amount"]) + whole(row["tax_amount"])


def receipt_faults(rows: dict[str, list[Row]]) -> list[Problem]:
    """No receipt or credit is applied beyond its amount, and in its own currency only."""
    found = []
    held: dict[tuple[str, str, str], tuple[str, int | None]] = {
        (row["entity"], "receipt", row["receipt_id"]): (row["currency"], int(row["amount"]))
        for row in rows["receipts"]
    }
    used: dict[tuple[str, str, str], int] = defaultdict(int)
    last: dict[tuple[str, str, str], int] = {}
    for at, row in enumerate(rows["applications"], 2):
        key = (row["entity"], row["source_kind"], row["source_id"])
        known = None if is_none(row["source_open"]) else abs(int(row["source_open"]))
        currency, _ = held.setdefault(key, (row["receipt_currency"], known))
        if currency != row["receipt_currency"]:
            found.append(
                fault(
                    "applications",
                    at,
                    "receipt_currency",
                    "receipt_in_two_currencies",
                    row["receipt_currency"],
                    currency,
                )
            )
            continue
        used[key] += int(row["receipt_amount"])
        last[key] = at
    for key, total in used.items():
        currency, limit = held[key]
        if total < 0 or (limit is not None and total > limit):
            found.append(
                fault(
                    "applications",
                    last[key],
                    "receipt_amount",
                    "applied_beyond_receipt",
                    f"{total} {currency} of {key[2]}",
                    f"0 to {limit}",
                )
            )
    return found


def journal_faults(rows: list[Row]) -> list[Problem]:
    """Debits = credits in each journal and currency, and in the books' currency where it is given; one head a journal."""
    found = []
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    books: dict[Key, list[Any]] = defaultdict(list)
    first: dict[Key, tuple[int, Row]] = {}
    for at, row in enumerate(rows, 2):
        key = (row["entity"], row["reference"])
        sums[(*key, row["currency"])] += int(row["amount"])
        books[key].append(row["functional_amount"])
        head = first.setdefault(key, (at, row))[1]
        for column in ("purpose", "journal_kind", "gl_date", "document_date"):
            if row[column] != head[column]:
                found.append(
                    fault("journals", at, column, "journal_with_two_heads", row[column], str(head[column]))
                )
    for (entity, ref, currency), total in sums.items():
        if total:
            found.append(
                fault(
                    "journals",
                    first[(entity, ref)][0],
                    "amount",
                    "journal_out_of_balance",
                    f"{total} {currency} in {ref}",
                    "debits equal to credits",
                )
            )
    for key, amounts in books.items():
        given = [int(value) for value in amounts if not is_none(value)]
        if given and (len(given) < len(amounts) or sum(given)):
            found.append(
                fault(
                    "journals",
                    first[key][0],
                    "functional_amount",
                    "journal_out_of_balance_in_books",
                    f"{sum(given)} in {key[1]}",
                    "an amount on every line, in sum zero",
                )
            )
    return found
