"""What is late enough to hold orders, and too late to release them. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from arlib.collect.position import Position
from arlib.collect.review.exposure import disputed_parts, totals
from arlib.policy import Policies
from arlib.tables import Book


def late_ground(book: Book, *, position: Position, policies: Policies) -> pd.DataFrame:
    """By customer: late_to_hold and late_to_release, amounts in the books' currency, the disputed part left out.

    The first is what is `hold_days_past_due` days past due or more, that day in; the second what is later than
    `release_days_past_due`, so that an item of exactly so many days does not stand against a release.
    """
    policy = policies.credit_review
    least = {"late_to_hold": policy.hold_days_past_due, "late_to_release": policy.release_days_past_due + 1}
    return late_amounts(position, disputed_parts(book, position=position), least)


def late_amounts(position: Position, disputed: pd.DataFrame, least: Mapping[str, int]) -> pd.DataFrame:
    """By customer and name: what is at least so many days past due, less what of it is disputed (`disputed_parts`)."""
    late, made = position.past_due, {}
    for name, days in least.items():
        owed = totals(late[late["days_past_due"].ge(days)], "books_amount", name)
        apart = totals(disputed[disputed["days_past_due"].ge(days)], "books_amount", name)
        made[name] = owed.sub(apart, fill_value=0).astype("Int64")
    return pd.DataFrame(made).fillna(0)
