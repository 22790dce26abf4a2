"""Disputes: owner, reason, age, root cause, who clears them, and which are late. Floor 1."""

from __future__ import annotations

from collections import defaultdict

import pandas as pd

from arlib.collect.contact.frames import DISPUTE_STANDINGS
from arlib.collect.contact.records import (
    carriers,
    in_books,
    known_day,
    records_of,
    with_customer,
    with_document,
)
from arlib.collect.position import Position
from arlib.controls import Identity
from arlib.credit.write_off.words import in_words, money
from arlib.ledger.facts import of_entity
from arlib.money import total
from arlib.policy import Policies
from arlib.policy.contact import ContactPolicy
from arlib.tables import Book
from arlib.tables.rows import Row, frame_of, records, text


def route_of(policy: ContactPolicy, *codes: str) -> str:
    """The team of the first of the codes that the policy routes; its default where it routes none."""
    return next((policy.routes[code] for code in codes if code in policy.routes), policy.default_route)


def dispute_standings(book: Book, *, position: Position, policies: Policies) -> pd.DataFrame:
    """Every dispute opened by the as-of date: DISPUTE_STANDINGS, sorted by its key.

    One that is closed on the as-of date is settled. Late is an open one older than `dispute_overdue_days`: on the last of
    these days it is not late. `open_now` is the amount in dispute, at most what is open of its item and of what carries it
    on; of several on one item the earlier opened goes first; one without an item keeps its amount, at most the
    customer's open debits in that currency. The root cause shows once it is settled. Needs DISPUTES.
    """
    scope, policy = position.scope, policies.contact
    given = records_of(book, "disputes", scope=scope)
    given = given[(given["opened_on"] <= pd.Timestamp(known_day(scope))).to_numpy(dtype=bool)]
    if given.empty:
        return DISPUTE_STANDINGS.empty()
    given = given.assign(item_id=given["item_id"].fillna(""))
    given = given.sort_values(["opened_on", "dispute_id"], kind="stable", ignore_index=True)
    given = with_document(with_customer(given, position), book, entity=scope.entity)
    as_of = pd.Timestamp(scope.as_of)
    is_open = ~given["closed_on"].le(as_of)
    ends = given["closed_on"].where(~is_open, as_of)
    age = (ends - given["opened_on"]).dt.days.astype("Int64")
    given = given.assign(
        is_open=is_open, age_days=age, is_late=is_open & age.gt(policy.dispute_overdue_days),
        closed_on=given["closed_on"].where(~is_open), root_cause=given["root_cause"].where(~is_open),
        team=given["team"].where(~is_open),
    )  # fmt: skip
    owed = Owed(position.debits, book, entity=scope.entity)
    rows = []
    for row in records(given):
        here = owed.take(row) if row["is_open"] else 0
        codes = (text(row["root_cause"]), text(row["reason"]))
        routed = text(row["team"]) or route_of(policy, *codes)
        made = row | {"open_now": here, "routed_to": routed}
        rows.append(made | {"what": _words(made, policy)})
    frame = frame_of(DISPUTE_STANDINGS, rows)
    return frame.assign(books_amount=in_books(frame["open_now"], frame["currency"], position))


def dispute_identities(standings: pd.DataFrame, book: Book, *, position: Position) -> tuple[Identity, ...]:
    """By currency: disputes of the book opened by the as-of date = open + settled ones. Needs DISPUTE_STANDINGS."""
    scope = position.scope
    given = of_entity(book["disputes"], scope.entity)
    given = given[(given["opened_on"] <= pd.Timestamp(known_day(scope))).to_numpy(dtype=bool)]
    made = []
    for currency in sorted(set(given["currency"])):
        here = standings[standings["currency"].eq(currency)]
        made.append(
            Identity(
                name="disputes",
                left_label="disputes of the book",
                left=total(given.loc[given["currency"].eq(currency), "amount"]),
                right_label="open and settled",
                right=total(here.loc[here["is_open"], "amount"])
                + total(here.loc[~here["is_open"], "amount"]),
                currency=currency,
                entity=scope.entity,
            )
        )
    return tuple(made)


class Owed:
    """What is open of items and accounts, counted down by each dispute. Needs open debits as OPEN_ITEMS has them."""

    def __init__(self, debits: pd.DataFrame, book: Book, *, entity: str) -> None:
        """Add up what is open, by item and by account."""
        items = debits.groupby(["item_id", "currency"])["outstanding"].sum()
        accounts = debits.groupby(["customer_id", "currency"])["outstanding"].sum()
        self.items = {key: int(amount) for key, amount in items.items()}
        self.accounts = {key: int(amount) for key, amount in accounts.items()}
        self.carried: dict[str, list[str]] = defaultdict(list)
        replaced = carriers(book, entity=entity).sort_values("step", kind="stable")
        for old, item in zip(replaced["old"], replaced["item_id"], strict=True):
            self.carried[old].append(item)

    def take(self, row: Row) -> int:
        """What of a dispute is still owed; it is taken off what is left for the next one."""
        wanted, currency = max(int(row["amount"]), 0), row["currency"]
        if not text(row["item_id"]):
            return min(wanted, max(self.accounts.get((row["customer_id"], currency), 0), 0))
        taken = 0
        for item in (row["item_id"], *self.carried.get(row["item_id"], ())):
            part = min(wanted - taken, max(self.items.get((item, currency), 0), 0))
            if part:
                self.items[item, currency] -= part
                taken += part
        return taken


def _words(row: Row, policy: ContactPolicy) -> str:
    said = f"{in_words(row['reason'])}: {money(row['amount'], row['currency'])}"
    days = f"{row['age_days']} {'day' if row['age_days'] == 1 else 'days'}"
    if not row["is_open"]:
        cause = text(row["root_cause"])
        found = f"; root cause {in_words(cause).lower()}" if cause else "; no root cause recorded"
        return f"{said}, settled after {days}{found}."
    owner = text(row["owner"])
    whose = f" with {owner}" if owner else ", nobody owns it"
    if not row["open_now"] and row["item_id"]:
        return f"{said}, open {days}{whose}, but nothing is owed on its item any more: close it."
    over = row["age_days"] - policy.dispute_overdue_days
    late = f"; late by {over} {'day' if over == 1 else 'days'}" if row["is_late"] else ""
    return f"{said}, open {days}{whose}{late}. For {in_words(row['routed_to']).lower()}."
