"""Customer accounts that may be one customer: tax number, bank account, name. Floor 1."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pandas as pd

from arlib.audit.ledger.population import customers_here
from arlib.audit.patterns.frames_duplicates import SAME_CUSTOMERS
from arlib.matching.names import account_key, names_in
from arlib.matching.references.tokens import plain_number
from arlib.policy import Scope
from arlib.tables import Book

POINTS = {"tax number": 50, "bank account": 40, "name": 30, "address": 10}
KNOWN_GROUP, OTHER_TAX, CLOSED = -60, -20, -30
MOST = 20  # customers that share one thing; more share a bank, a building or a blank


def same_customers(book: Book, *, scope: Scope, flag_from: int) -> pd.DataFrame:
    """SAME_CUSTOMERS, the likeliest first. Names count without case, points and legal form. Needs CUSTOMERS."""
    rows = customers_here(book, scope.entity)
    held = {row["customer_id"]: row for row in rows.to_dict("records")}
    shared: dict[tuple[str, str], list[str]] = {}
    for what, keys in _keys(rows).items():
        groups: dict[str, list[str]] = {}
        for code, key in zip(rows["customer_id"], keys, strict=True):
            if key:
                groups.setdefault(key, []).append(code)
        for codes in groups.values():
            if 1 < len(codes) <= MOST:
                for pair in combinations(sorted(codes), 2):
                    shared.setdefault(pair, []).append(what)
    merges = book["customer_merges"]
    merged = {
        frozenset(pair) for pair in zip(merges["old_customer_id"], merges["new_customer_id"], strict=True)
    }
    made: list[dict[str, Any]] = []
    for (first, second), has in sorted(shared.items()):
        if has == ["address"]:
            continue
        one, two = held[first], held[second]
        points = sum(POINTS[each] for each in has)
        excuses: list[str] = []
        if first in (two["parent_id"], one["parent_id"]) or second in (one["parent_id"], two["parent_id"]) or (
            isinstance(one["parent_id"], str) and one["parent_id"] and one["parent_id"] == two["parent_id"]
        ):  # fmt: skip
            points += KNOWN_GROUP
            excuses.append("Both belong to one group: branches or sisters")
        if frozenset((first, second)) in merged:
            points += CLOSED
            excuses.append("The accounts were merged")
        if _plain(one["tax_id"]) and _plain(two["tax_id"]) and _plain(one["tax_id"]) != _plain(two["tax_id"]):
            points += OTHER_TAX
            excuses.append("Their tax numbers differ")
        score = max(points, 0)
        made.append({
            "entity": scope.entity, "customer_id": first, "other_customer_id": second, "name": one["name"],
            "other_name": two["name"], "shared": ", ".join(has), "score": score, "is_flagged": score >= flag_from,
            "explained_by": ". ".join(excuses) or None,
        })  # fmt: skip
    made.sort(key=lambda row: (-row["score"], row["customer_id"], row["other_customer_id"]))
    return SAME_CUSTOMERS.from_rows({**row, "rank": rank} for rank, row in enumerate(made, start=1))


def _keys(rows: pd.DataFrame) -> dict[str, list[str]]:
    names = rows["name"].fillna("").tolist()
    return {
        "tax number": [_plain(text) for text in rows["tax_id"]],
        "bank account": [account_key(text) for text in rows["payer_account"].fillna("")],
        "name": [_core(name) for name in names],
        "address": [_plain(text) for text in rows["address"]],
    }


def _core(name: str) -> str:
    whole = names_in(name).whole
    return whole[0].core if whole else ""


def _plain(text: object) -> str:
    return plain_number(text) if isinstance(text, str) else ""
