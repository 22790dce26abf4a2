"""Payment arrangements: the schedule, what was paid of it, and which are in default. Floor 1.

Payments and default are those of `plan_standings`, by the days of grace of the adjustment policy; here each instalment
stands by itself, with the customer as it was.
"""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from arlib.collect.contact.frames import PLAN_DEFAULTS, PLAN_SCHEDULE, InstalmentState
from arlib.collect.contact.records import in_books, records_of, with_customer, with_document
from arlib.collect.position import Position
from arlib.credit.adjustments.plan_standings import plan_standings, plans_in_force
from arlib.policy import Policies
from arlib.tables import Book
from arlib.tables.rows import Row, frame_of, records


def plan_defaults(book: Book, *, position: Position, policies: Policies) -> pd.DataFrame:
    """The arrangements agreed by the as-of date, with what is behind and which are in default: PLAN_DEFAULTS.

    Needs PLANS and PLAN_INSTALMENTS; see `plan_standings` for what counts as paid and missed. `next_due_on` is the due
    date of the oldest instalment that is not paid in full, past or to come.
    """
    scope = position.scope
    made = plan_standings(book, scope=scope, policies=policies)
    if made.empty:
        return PLAN_DEFAULTS.empty()
    codes = (
        records_of(book, "plans", scope=scope).drop_duplicates("plan_id").set_index("plan_id")["customer_id"]
    )
    made["customer_id"] = codes.reindex(made["plan_id"]).set_axis(made.index)
    made = with_document(with_customer(made, position), book, entity=scope.entity)
    running = {row["plan_id"] for row in plans_in_force(book, scope=scope)}
    schedule = plan_schedule(book, position=position, policies=policies)
    due = schedule[schedule["left"].gt(0).to_numpy(dtype=bool)]
    due = due.sort_values(["plan_id", "due_date", "instalment_no"], kind="stable").drop_duplicates("plan_id")
    due = due.set_index("plan_id").reindex(made["plan_id"]).set_axis(made.index)
    made = made.assign(
        item_id=made["item_id"].fillna(""), is_running=made["plan_id"].isin(running),
        books_behind=in_books(made["behind"], made["currency"], position),
        next_due_on=due["due_date"], next_amount=due["left"],
    )  # fmt: skip
    return PLAN_DEFAULTS.typed(made).sort_values("plan_id", kind="stable", ignore_index=True)


def plan_schedule(book: Book, *, position: Position, policies: Policies) -> pd.DataFrame:
    """Every instalment of the arrangements agreed by the as-of date, and what was paid of it: PLAN_SCHEDULE.

    Payments settle the oldest instalment first; what is paid beyond the schedule is on no instalment. Due today is not
    yet missed; nor is an instalment on the last day of its grace.
    """
    scope, grace = position.scope, timedelta(days=policies.adjustment.plan_grace_days)
    standings = plan_standings(book, scope=scope, policies=policies)
    paid = {row["plan_id"]: int(row["paid"]) for row in records(standings)}
    codes = (
        records_of(book, "plans", scope=scope).drop_duplicates("plan_id").set_index("plan_id")["customer_id"]
    )
    parts = book["plan_instalments"]
    mine = parts[(parts["entity"].eq(scope.entity) & parts["plan_id"].isin(list(paid))).to_numpy(dtype=bool)]
    rows = []
    for part in records(mine.sort_values(["plan_id", "due_date", "instalment_no"], kind="stable")):
        amount, name = int(part["amount"]), part["plan_id"]
        settled = min(max(paid[name], 0), amount)
        paid[name] -= settled
        ends = part["due_date"] + grace
        rows.append(part | {
            "customer_id": codes.get(name), "grace_ends_on": ends, "paid": settled, "left": amount - settled,
            "state": _state(part, amount - settled, ends, pd.Timestamp(scope.as_of)),
        })  # fmt: skip
    return frame_of(PLAN_SCHEDULE, rows)


def _state(part: Row, left: int, ends: pd.Timestamp, as_of: pd.Timestamp) -> InstalmentState:
    if left <= 0:
        return InstalmentState.PAID
    if part["due_date"] >= as_of:
        return InstalmentState.NOT_DUE
    return InstalmentState.IN_GRACE if ends >= as_of else InstalmentState.MISSED
