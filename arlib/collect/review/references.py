"""Reports of bureaus, trade references and banks, on one scale, newest first. Floor 1."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pandas as pd

from arlib.collect.contact.records import records_of
from arlib.collect.position import Position
from arlib.collect.review.frames import REFERENCES
from arlib.money import divide
from arlib.policy import Policies
from arlib.tables import Book
from arlib.tables.rows import Row, is_none, records


def references(book: Book, *, position: Position, policies: Policies) -> pd.DataFrame:
    """Every report on a customer by the as-of date: REFERENCES, by customer, newest first (rank 1).

    A score is put on a scale from 0, the provider's worst, to 100, its best, rounded half up; on a scale where less is
    better the worst is the higher number, which turns it round. Without both ends there is no such score. A report is
    stale when it is older than `review_months`: one of the very day so many months ago is not. Uses BUREAU_REPORTS.
    """
    scope, policy = position.scope, policies.credit_review
    rows = records_of(book, "bureau_reports", scope=position.scope)
    day = pd.Timestamp(scope.as_of)
    mine = rows[rows["reported_on"].le(day).to_numpy(dtype=bool)].assign(entity=scope.entity)
    if mine.empty:
        return REFERENCES.empty()
    mine = mine.sort_values(
        ["customer_id", "reported_on", "provider"],
        ascending=[True, False, True],
        kind="stable",
        ignore_index=True,
    )
    oldest = day - pd.DateOffset(months=policy.review_months)
    mine = mine.assign(
        rank=mine.groupby("customer_id").cumcount() + 1,
        age_days=(day - mine["reported_on"]).dt.days,
        is_stale=mine["reported_on"].lt(oldest),
        is_latest=~mine.duplicated(["customer_id", "provider"]),
        name=names_of(mine["customer_id"], position),
        score_of_100=pd.Series([_of_100(row) for row in records(mine)], dtype="str"),
    )
    mine["what"] = [_what(row, policy.review_months) for row in records(mine)]
    return REFERENCES.typed(mine)


def names_of(codes: pd.Series, position: Position) -> pd.Series:
    """The names of customers, missing where there is none."""
    names = position.customers.drop_duplicates("customer_id").set_index("customer_id")["name"]
    return names.reindex(codes).set_axis(codes.index)


def _of_100(row: Row) -> str | None:
    if any(is_none(row[name]) for name in ("score", "score_lowest", "score_highest")):
        return None
    worst, best = int(row["score_lowest"]), int(row["score_highest"])
    if worst == best:
        return None
    share = min(Fraction(1), max(Fraction(0), Fraction(int(row["score"]) - worst, best - worst)))
    tenths = divide(1000 * share.numerator, share.denominator)
    return f"{tenths // 10}.{tenths % 10}"


def _what(row: dict[str, Any], months: int) -> str:
    if row["is_stale"]:
        return f"older than {months} months: ask for a new one"
    if is_none(row["score"]) and is_none(row["days_beyond_terms"]) and is_none(row["rating"]):
        return "no score, rating or days: read the remark"
    if not is_none(row["score"]) and row["score_of_100"] is None:
        return "its scale is not given: the score cannot be compared"
    return "current"
