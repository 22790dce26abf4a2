"""Limits against exposure, by customer and by parent group, with what is recommended and why. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import pandas as pd

from arlib.collect.behaviour import payment_behaviour, share_text
from arlib.collect.contact.records import in_books
from arlib.collect.position import Position
from arlib.collect.review.exposure import exposures
from arlib.collect.review.frames import CREDIT_REVIEW, Level, LimitFrom
from arlib.collect.review.grounds import late_ground
from arlib.collect.review.recommend import recommended
from arlib.collect.review.references import references
from arlib.controls import Identity
from arlib.money import total
from arlib.policy import Policies
from arlib.policy.credit_review import GroupLimit
from arlib.tables import Book
from arlib.tables.rows import Row, is_none, records, whole

SUMMED = (
    "open_debits", "netted_credits", "open_orders", "exposure", "past_due", "unapplied", "insured", "secured",
)  # fmt: skip


def credit_review(
    book: Book, *, position: Position, policies: Policies, behaviour: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Exposure against the limit of every customer, and of every parent with two accounts or more: CREDIT_REVIEW.

    Sorted by its key, so that customers go before parents. Limit, status and parent are those of the as-of date. Exposure is
    that of `exposures`, in the books' currency; a limit in another currency is held against it at the closing rate. A
    limit that is not given is none, never 0. A group has the sum of its accounts' limits, or by policy its parent's own;
    where one of them has none, the group has none. A utilisation of exactly the policy's share is not above it.
    Companies of the group are listed and not reviewed. `behaviour` is PAYMENT_BEHAVIOUR where it is at hand. Needs
    ITEMS; uses CUSTOMERS with history, ORDERS, SECURITY, DISPUTES, BUREAU_REPORTS, FX_RATES and what `payment_behaviour` does.
    """
    paid = payment_behaviour(book, position=position, policies=policies) if behaviour is None else behaviour
    owed = exposures(book, position=position, policies=policies)
    facts = _facts(book, owed, paid, position=position, policies=policies)
    rows = [recommended(row, position=position, policy=policies.credit_review) for row in facts]
    groups = (_group(members, policies.credit_review.group_limit) for members in _families(facts))
    rows += [recommended(row, position=position, policy=policies.credit_review) for row in groups]
    framed = CREDIT_REVIEW.from_rows(rows)
    return framed.sort_values(list(CREDIT_REVIEW.key), kind="stable", ignore_index=True)


def review_identities(review: pd.DataFrame, *, position: Position) -> tuple[Identity, ...]:
    """The customers' open debits, and what is past due, add up to those of the aging in the books' currency.

    Items without a closing rate are in neither side; the position names their currencies. Needs CREDIT_REVIEW.
    """
    mine = review[review["level"].eq(Level.CUSTOMER.value)]
    return tuple(
        Identity(
            name=f"credit_review_{name}", left_label="credit review, all customers", left=total(mine[name]),
            right_label=f"aging, {said}", right=total(rows["books_amount"].dropna()),
            currency=position.currency, entity=position.scope.entity,
        )
        for name, said, rows in (
            ("open_debits", "open debits", position.debits), ("past_due", "past due", position.past_due),
        )
    )  # fmt: skip


def _facts(
    book: Book, owed: pd.DataFrame, paid: pd.DataFrame, *, position: Position, policies: Policies
) -> list[Row]:
    """A row for each customer with everything that a recommendation looks at."""
    scope = position.scope
    attributes = position.attributes.sort_values("entity", kind="stable")
    attributes = attributes.drop_duplicates("customer_id", keep="last").set_index("customer_id")
    limits = attributes[["credit_limit", "limit_currency"]].copy()
    limits["limit_currency"] = limits["limit_currency"].fillna(scope.functional_currency)
    limits["limit_in_books"] = in_books(limits["credit_limit"], limits["limit_currency"], position)
    holding = position.customers.drop_duplicates("customer_id").set_index("customer_id")
    marks = holding[["is_on_credit_hold", "credit_hold_since", "opened_on"]]
    scores = paid.set_index("customer_id")[
        [
            "score",
            "score_text",
            "payments",
            "highest_balance",
            "habit",
            "broken_promises",
            "returned_payments",
        ]
    ]
    told = references(book, position=position, policies=policies)
    scored = told[told["score_of_100"].notna()].drop_duplicates("customer_id").set_index("customer_id")
    made = owed.set_index("customer_id").join(limits).join(marks).join(scores).join(
        scored[["provider", "score_of_100", "reported_on", "is_stale"]]
    )  # fmt: skip
    given = told[told["recommended_limit"].notna() & ~told["is_stale"]].drop_duplicates("customer_id")
    given = given.set_index("customer_id")
    advised = in_books(given["recommended_limit"], given["currency"], position)
    late = late_ground(book, position=position, policies=policies)
    since = made["credit_hold_since"]
    on_hold = made["is_on_credit_hold"].astype("boolean").fillna(False) & ~since.gt(pd.Timestamp(scope.as_of))
    made = made.assign(
        advised_limit=advised.reindex(made.index), is_on_hold=on_hold, hold_since=since.where(on_hold),
        unapplied=made["credits"] - made["netted_credits"],
        late_to_hold=late["late_to_hold"].reindex(made.index), late_to_release=late["late_to_release"].reindex(made.index),
    )  # fmt: skip
    return [_customer(row) for row in records(made.reset_index())]


def _customer(row: Row) -> Row:
    has_limit = not is_none(row["credit_limit"])
    return row | {
        "level": Level.CUSTOMER.value, "accounts": 1, "members": [row["customer_id"]],
        "limit_from": (LimitFrom.OWN if has_limit else LimitFrom.NONE).value,
        "limit_currency": row["limit_currency"] if has_limit else None,
        "bureau": row["provider"], "bureau_score": row["score_of_100"], "bureau_on": row["reported_on"],
        "is_stale": bool(row["is_stale"]) if not is_none(row["is_stale"]) else False,
        **_against(row["exposure"], row["limit_in_books"]),
    }  # fmt: skip


def _against(exposure: object, limit: object) -> Mapping[str, object]:
    """What is left of a limit, and the share of it that is used; nothing where none is given, no share of a limit of 0."""
    if is_none(limit):
        return {"available": None, "utilisation": None}
    used, most = whole(exposure), whole(limit)
    share = share_text(Fraction(used, most)) if most else None
    return {"available": most - used, "utilisation": share}


def _families(facts: list[Row]) -> list[list[Row]]:
    """The accounts of each parent that has two or more, those of the group's own companies left out."""
    by_parent: dict[str, list[Row]] = {}
    for row in facts:
        if row["customer_id"] and not row["is_intercompany"]:
            by_parent.setdefault(str(row["parent_id"]), []).append(row)
    return [members for _, members in sorted(by_parent.items()) if len(members) > 1]


def _group(members: list[Row], how: GroupLimit) -> Row:
    """One row for a parent and all its accounts."""
    parent = str(members[0]["parent_id"])
    head = next((row for row in members if row["customer_id"] == parent), None)
    holders = members if how is GroupLimit.MEMBERS else [head] if head is not None else []
    has_limit = bool(holders) and all(not is_none(row["limit_in_books"]) for row in holders)
    limit = sum(whole(row["limit_in_books"]) for row in holders) if has_limit else None
    codes = {str(row["limit_currency"]) for row in holders}
    same = len(codes) == 1 and has_limit
    scored = [row for row in members if not is_none(row["score"])]
    worst = min(scored, key=lambda row: int(row["score"]), default=None)
    late = [row for row in members if not is_none(row["oldest_due_date"])]
    oldest = min(late, key=lambda row: row["oldest_due_date"], default=None)
    sums = {name: sum(whole(row[name]) for row in members) for name in SUMMED}
    first = members[0]
    return {
        **sums,
        "level": Level.PARENT.value, "entity": first["entity"], "customer_id": parent,
        "name": None if head is None else head["name"], "accounts": len(members),
        "members": [row["customer_id"] for row in members], "is_intercompany": False,
        "status": None if head is None else head["status"],
        "collector": None if head is None else head["collector"],
        "sales_rep": None if head is None else head["sales_rep"], "currency": first["currency"],
        "limit_currency": (codes.pop() if same else first["currency"]) if has_limit else None,
        "credit_limit": (sum(whole(row["credit_limit"]) for row in holders) if same else limit),
        "limit_in_books": limit,
        "limit_from": (
            LimitFrom.NONE if not has_limit else LimitFrom.MEMBERS if how is GroupLimit.MEMBERS else LimitFrom.OWN
        ).value,
        "without_limit": [row["customer_id"] for row in members if is_none(row["limit_in_books"])],
        "score": None if worst is None else worst["score"],
        "score_text": "no score" if worst is None else f"{worst['score_text']}, the lowest ({worst['customer_id']})",
        "oldest_due_date": None if oldest is None else oldest["oldest_due_date"],
        "max_days_past_due": None if oldest is None else oldest["max_days_past_due"],
        "late_to_hold": sum(whole(row["late_to_hold"]) for row in members),
        "late_to_release": sum(whole(row["late_to_release"]) for row in members),
        "is_on_hold": any(bool(row["is_on_hold"]) for row in members),
        "hold_since": min((row["hold_since"] for row in members if not is_none(row["hold_since"])), default=None),
        "unrated": "; ".join(str(row["unrated"]) for row in members if row["unrated"]),
        **_against(sums["exposure"], limit),
    }  # fmt: skip
