"""Large and unusual items: the largest, and those unlike the customer's others. Floor 1.

"Usual" is a median, which a few large items do not move, and is told only where a customer has enough documents. Each
item carries all its reasons; the points only rank.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from arlib.audit.options.patterns import LargeAndUnusualOptions
from arlib.audit.patterns.frames import SUBTESTS
from arlib.audit.patterns.frames_unusual import LARGEST_ITEMS, UNUSUAL_ITEMS
from arlib.audit.patterns.kin import Kin
from arlib.audit.patterns.oddities import BILLED, POINTS, TESTS, Looked
from arlib.audit.patterns.parts import looked_up, parts_add_up, parts_of
from arlib.audit.patterns.rates import decimal_text
from arlib.audit.population import Population
from arlib.calendar import add_months
from arlib.controls import Identity
from arlib.ledger.facts import fact_dates, of_entity
from arlib.ledger.openitems import open_items
from arlib.money import total
from arlib.policy import Basis, Scope
from arlib.tables import Book
from arlib.tables.rows import records


@dataclass(frozen=True, kw_only=True)
class Unusual:
    """What was found."""

    items: pd.DataFrame  # UNUSUAL_ITEMS
    largest: pd.DataFrame  # LARGEST_ITEMS
    subtests: pd.DataFrame  # SUBTESTS
    parts: pd.DataFrame  # TESTED
    tested: int
    identities: tuple[Identity, ...]

    @property
    def flagged(self) -> pd.DataFrame:
        """The items at the limit or above."""
        return self.items[self.items["is_flagged"].to_numpy(dtype=bool)].reset_index(drop=True)


def large_and_unusual(
    book: Book, *, scope: Scope, options: LargeAndUnusualOptions, population: Population | None = None
) -> Unusual:
    """Items looked at (`options.of`: open at the date, or posted in the period or in twelve months), ranked by oddity.

    Needs ITEMS; uses APPLICATIONS, CUSTOMERS and CUSTOMER_HISTORY. The date itself is in; a period begins with its first
    day. Amounts are what is open for "open", else the document's.
    """
    items = of_entity(book["items"], scope.entity)
    posted = fact_dates(items, Basis.POSTING)
    items = items.assign(posted_on=posted)
    by_date = items[posted.le(pd.Timestamp(scope.as_of)).to_numpy(dtype=bool)].reset_index(drop=True)
    rows, what = _looked_at(book, by_date, options.of, scope=scope)
    is_tested, parts = parts_of(
        rows.assign(amount=rows["shown"]),
        {"outside the population": ~(population or Population()).chosen(rows, amount="shown")},
        entity=scope.entity,
    )
    tested = rows[is_tested.to_numpy(dtype=bool)].reset_index(drop=True)
    past = by_date[by_date["item_type"].isin(BILLED) & by_date["amount"].gt(0)].reset_index(drop=True)
    looked = Looked(tested.assign(size=tested["shown"].abs()), past, book, scope, options)
    names = Kin(book, scope=scope).names
    frame, subtests = _found(looked, names)
    return Unusual(
        items=frame, largest=_largest(looked, names), subtests=subtests, parts=parts, tested=len(tested),
        identities=parts_add_up(parts, rows.assign(amount=rows["shown"]), entity=scope.entity, what=what),
    )  # fmt: skip


def _looked_at(book: Book, by_date: pd.DataFrame, of: str, *, scope: Scope) -> tuple[pd.DataFrame, str]:
    """Items with `shown`, the amount that is looked at, and what they are in words."""
    if of == "open":
        still = open_items(book, scope=scope)
        rest = still.groupby("item_id")["outstanding"].sum()
        rows = by_date[by_date["item_id"].isin(rest.index[rest.ne(0)])].reset_index(drop=True)
        return rows.assign(shown=looked_up(rows["item_id"], rest).astype("Int64")), "open items"
    start = scope.starts_on if of == "period" else add_months(scope.as_of, -12)
    inside = (
        by_date["posted_on"].ge(pd.Timestamp(start))
        if of == "period"
        else by_date["posted_on"].gt(pd.Timestamp(start))
    )
    rows = by_date[inside.to_numpy(dtype=bool)].reset_index(drop=True)
    return rows.assign(shown=rows["amount"]), f"documents posted in the {of}"


def _found(looked: Looked, names: dict[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = looked.rows
    points = [0] * len(rows)
    kinds: list[list[str]] = [[] for _ in points]
    said: list[list[str]] = [[] for _ in points]
    told: list[dict[str, Any]] = []
    for oddity, (test, asks, assertion) in TESTS.items():
        hit, words, why = test(looked)
        is_possible = not why.startswith("the books")
        for at in hit.nonzero()[0].tolist():
            points[at] += POINTS[oddity]
            kinds[at].append(oddity.value)
            said[at].append(str(words.iloc[at]))
        told.append({
            "entity": looked.scope.entity, "test": oddity.value, "asks": asks, "assertion": assertion,
            "is_possible": is_possible, "tested": len(rows) if is_possible else 0, "found": int(hit.sum()),
            "why": f"test not possible: {why}" if not is_possible else why or None,
        })  # fmt: skip
    places = [at for at, count in enumerate(points) if count]
    kept = rows.iloc[places].assign(score=[points[at] for at in places])
    columns = [
        "item_id",
        "document_no",
        "customer_id",
        "item_type",
        "document_date",
        "posted_on",
        "due_date",
        "currency",
        "user",
        "score",
    ]
    made = [
        {**row, "entity": looked.scope.entity, "amount": int(shown), "customer_name": names.get(row["customer_id"]),
         "is_flagged": row["score"] >= looked.options.flag_from, "oddities": ", ".join(kinds[at]), "reasons": "; ".join(said[at])}
        for at, shown, row in zip(places, kept["shown"], records(kept[columns]), strict=True)
    ]  # fmt: skip
    made.sort(key=lambda row: (-row["score"], -abs(row["amount"]), row["item_id"]))
    frame = UNUSUAL_ITEMS.from_rows({**row, "rank": rank} for rank, row in enumerate(made, start=1))
    return frame, SUBTESTS.from_rows(told)


def _largest(looked: Looked, names: dict[str, str]) -> pd.DataFrame:
    """The largest of each currency without sign; equal ones by item id."""
    rows = looked.rows
    ordered = rows.sort_values(["size", "item_id"], ascending=[False, True], kind="stable")
    made: list[dict[str, Any]] = []
    for code, own in ordered.groupby("currency", sort=True):
        whole = total(own["size"])
        columns = ["item_id", "document_no", "customer_id", "item_type", "posted_on", "shown", "size"]
        for place, row in enumerate(records(own[columns].head(looked.options.largest)), start=1):
            made.append({
                **row, "entity": looked.scope.entity, "currency": code, "place": place, "amount": int(row["shown"]),
                "customer_name": names.get(row["customer_id"]), "share": decimal_text(Fraction(100 * int(row["size"]), max(whole, 1))),
            })  # fmt: skip
    return LARGEST_ITEMS.from_rows(made)
