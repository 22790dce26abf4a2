"""Hold and release proposals: whose orders should wait for credit, and whose need not any more. Floor 1."""

from __future__ import annotations

from collections import defaultdict

import pandas as pd

from arlib.collect.contact.records import records_of
from arlib.collect.position import Position
from arlib.collect.review.credit_review import credit_review
from arlib.collect.review.exposure import disputed_parts, totals
from arlib.collect.review.frames import HOLD_PROPOSALS, Level, Recommendation
from arlib.credit.write_off.words import day
from arlib.policy import Policies
from arlib.tables import Book
from arlib.tables.choices import ExceptionProcedure
from arlib.tables.rows import Row, is_none, records, text, whole

ACTIONS = (Recommendation.HOLD.value, Recommendation.RELEASE.value)
SPARING = (ExceptionProcedure.NO_CREDIT_HOLD.value, ExceptionProcedure.ALL.value)


def hold_proposals(
    book: Book, *, position: Position, policies: Policies, review: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The customers that the credit review would hold or release: HOLD_PROPOSALS, sorted by its key.

    A proposal for a person; nothing is held by it. Companies of the group are never held. A customer with an exception
    from credit holds in force (both its first and its last day are in) is listed and spared. `review` is CREDIT_REVIEW
    where it is at hand. Uses COLLECTION_EXCEPTIONS, DISPUTES and what `credit_review` does.
    """
    found = credit_review(book, position=position, policies=policies) if review is None else review
    mine = found[found["level"].eq(Level.CUSTOMER.value) & found["recommendation"].isin(ACTIONS)]
    sparing = exceptions_in_force(book, position=position)
    disputed = totals(disputed_parts(book, position=position), "books_amount", "disputed").to_dict()
    rows = []
    for row in records(mine):
        spared = [one for one in sparing.get(str(row["customer_id"]), []) if one["procedure"] in SPARING]
        is_hold = row["recommendation"] == Recommendation.HOLD.value
        apart = whole(disputed.get(row["customer_id"]))
        above = 0 if is_none(row["limit_in_books"]) else whole(row["exposure"]) - whole(row["limit_in_books"])
        rows.append(row | {
            "action": row["recommendation"], "is_spared": is_hold and bool(spared),
            "spared_because": said_of(spared[0]) if is_hold and spared else "",
            "over_limit": max(0, above), "past_due": whole(row["past_due"]) - apart, "disputed": apart,
        })  # fmt: skip
    made = HOLD_PROPOSALS.from_rows(rows)
    return made.sort_values(list(HOLD_PROPOSALS.key), kind="stable", ignore_index=True)


def exceptions_in_force(book: Book, *, position: Position) -> dict[str, list[Row]]:
    """The exceptions for whole accounts that stand at the as-of date, by customer."""
    rows = records_of(book, "collection_exceptions", scope=position.scope)
    now = pd.Timestamp(position.scope.as_of)
    stands = rows["valid_from"].le(now) & ~rows["expires_on"].lt(now) & rows["item_id"].fillna("").eq("")
    made: dict[str, list[Row]] = defaultdict(list)
    for row in records(rows[stands.to_numpy(dtype=bool)].sort_values("exception_id", kind="stable")):
        made[str(row["customer_id"])].append(row)
    return made


def said_of(exception: Row) -> str:
    """An exception in words: what it forbids, its owner, its last day."""
    owner = f", owner {text(exception['owner'])}" if text(exception["owner"]) else ""
    until = (
        f"until {day(exception['expires_on'])}"
        if not is_none(exception["expires_on"])
        else "without a last day"
    )
    return f"exception {exception['exception_id']} ({str(exception['procedure']).replace('_', ' ')}) {until}{owner}"
