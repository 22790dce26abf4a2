"""Payment arrangements in the books: payments against the schedule, and which are in default. Floor 1."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from arlib.credit.adjustments.frames import PLAN_STANDINGS
from arlib.credit.adjustments.ledger_view import Row, of_entity, plain_rows
from arlib.ledger.attributes import merged_codes
from arlib.ledger.openitems import linked
from arlib.policy import Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import ApplicationKind, PlanState

CASH = (ApplicationKind.PAYMENT, ApplicationKind.PREPAYMENT, ApplicationKind.CONTRA, ApplicationKind.CLEARING)


def plans_in_force(book: Book, *, scope: Scope) -> tuple[Row, ...]:
    """The rows of PLANS agreed by the as-of date, running and not ended; one that ends on the day has ended."""
    rows = plain_rows(of_entity(book, "plans", scope.entity))
    return tuple(row for row in rows if _in_force(row, scope.as_of))


def _in_force(row: Row, as_of: date) -> bool:
    has_begun = row["agreed_on"] <= as_of
    return (
        has_begun and row["state"] == PlanState.RUNNING and not (row["ended_on"] and row["ended_on"] <= as_of)
    )


def plan_standings(book: Book, *, scope: Scope, policies: Policies) -> pd.DataFrame:
    """The arrangements in the books, schedule against payments: PLAN_STANDINGS.

    Needs PLANS and PLAN_INSTALMENTS; uses ITEMS and APPLICATIONS. Paid is the cash applied to the plan's item from the
    day of the agreement on, returns taken off; of a plan for the account, to the customer's items of that day or
    earlier in the plan's currency. Payments settle the oldest instalment first. An instalment is missed when its days
    of grace are over and it is not covered: on the last day of grace it is not missed. The aging is not touched.
    """
    plans = [
        row for row in plain_rows(of_entity(book, "plans", scope.entity)) if row["agreed_on"] <= scope.as_of
    ]
    parts = plain_rows(of_entity(book, "plan_instalments", scope.entity))
    paid = _paid(book, plans, scope=scope)
    policy, made = policies.adjustment, []
    for row in plans:
        own = sorted(
            (part for part in parts if part["plan_id"] == row["plan_id"]), key=lambda part: part["due_date"]
        )
        due = sum(part["amount"] for part in own if part["due_date"] <= scope.as_of)
        missed, running = [], 0
        for part in own:
            running += part["amount"]
            end = part["due_date"] + timedelta(days=policy.plan_grace_days)
            if end < scope.as_of and paid[row["plan_id"]] < running:
                missed.append(part["due_date"])
        is_default = _in_force(row, scope.as_of) and len(missed) >= policy.plan_missed_is_default
        made.append(
            row
            | {
                "instalments": len(own),
                "due": due,
                "paid": paid[row["plan_id"]],
                "behind": max(due - paid[row["plan_id"]], 0),
                "missed": len(missed),
                "oldest_missed": missed[0] if missed else None,
                "is_default": is_default,
                "what": _what(
                    row, scope.as_of, has_schedule=bool(own), is_default=is_default, missed=len(missed)
                ),
            }
        )
    frame = PLAN_STANDINGS.from_rows(made)
    frame["entity"] = frame["entity"].fillna(scope.entity)
    return frame.sort_values(list(PLAN_STANDINGS.key), kind="stable", ignore_index=True)


def _what(row: Row, as_of: date, *, has_schedule: bool, is_default: bool, missed: int) -> str:
    if not _in_force(row, as_of):
        return "ended"
    if not has_schedule:
        return "no schedule in the books: payments cannot be judged"
    if is_default:
        return "default: give notice, end it, and collect the whole debt"
    return "remind: an instalment is missed" if missed else "kept so far"


def _paid(book: Book, plans: list[Row], *, scope: Scope) -> dict[str, int]:
    """Cash applied since the agreement, by plan."""
    if not plans:
        return {}
    facts = linked(book, scope=scope)
    items = facts.items.assign(
        code_now=merged_codes(facts.items["customer_id"], book, entity=scope.entity, on=scope.as_of)
    )
    of_cash = facts.applications["kind"].isin([kind.value for kind in CASH]).to_numpy(dtype=bool)
    rows = pd.DataFrame(
        {
            "item_id": items["item_id"].to_numpy()[facts.target],
            "customer_id": items["code_now"].to_numpy()[facts.target],
            "currency": items["currency"].to_numpy()[facts.target],
            "dated": items["effective_date"].to_numpy()[facts.target],
            "on": facts.applications["effective_date"].to_numpy(),
            "amount": facts.applications["target_amount"].fillna(0).to_numpy(dtype="int64"),
        }
    )[of_cash]
    codes = merged_codes(
        pd.Series([row["customer_id"] for row in plans], dtype="str"),
        book,
        entity=scope.entity,
        on=scope.as_of,
    )
    made = {}
    for row, code in zip(plans, codes, strict=True):
        agreed = pd.Timestamp(row["agreed_on"])
        mine = rows["on"].ge(agreed) & rows["currency"].eq(row["currency"])
        if row["item_id"]:
            mine &= rows["item_id"].eq(row["item_id"])
        else:
            mine &= rows["customer_id"].eq(code) & rows["dated"].le(agreed)
        made[row["plan_id"]] = int(rows.loc[mine, "amount"].sum())
    return made
