"""When owners of credits were last heard of, and when they were written to. Floor 1."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pandas as pd

from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import of_entity
from arlib.policy import Scope
from arlib.policy.refund import UnclaimedPolicy
from arlib.tables import Book
from arlib.tables.choices import ItemType


def contacts_of(book: Book, scope: Scope, policy: UnclaimedPolicy) -> dict[str, tuple[pd.Timestamp, str]]:
    """The last contact of each owner up to the as-of date, and what it was."""
    day = pd.Timestamp(scope.as_of)
    parts = []
    if policy.counts_receipts:
        receipts = of_entity(book["receipts"], scope.entity)
        paid = receipts[receipts["amount"].gt(0) & receipts["effective_date"].le(day)]
        parts.append(
            paid[["customer_id", "effective_date"]]
            .set_axis(["customer_id", "day"], axis=1)
            .assign(what="payment")
        )
    if policy.counts_invoices:
        items = of_entity(book["items"], scope.entity)
        sold = items[items["item_type"].eq(ItemType.INVOICE.value) & items["effective_date"].le(day)]
        parts.append(
            sold[["customer_id", "effective_date"]]
            .set_axis(["customer_id", "day"], axis=1)
            .assign(what="order")
        )
    activities = _activities(book, scope)
    by_owner = activities["outcome"].isin(policy.contact_outcomes) | activities["done_by"].isin(["customer"])
    by_owner |= activities["done_by"].eq(activities["customer_id"])
    told = activities[by_owner & activities["day"].le(day)]
    parts.append(told[["customer_id", "day"]].assign(what="word of the owner"))
    every = pd.concat(parts, ignore_index=True)
    every = every[every["customer_id"].notna()]
    every["customer_id"] = merged_codes(every["customer_id"], book, entity=scope.entity, on=scope.as_of)
    last = every.sort_values(["day", "what"], kind="stable").drop_duplicates("customer_id", keep="last")
    return {
        str(c): (d, str(w)) for c, d, w in zip(last["customer_id"], last["day"], last["what"], strict=True)
    }


def letters_sent(book: Book, scope: Scope, policy: UnclaimedPolicy) -> dict[str, list[pd.Timestamp]]:
    """Days on which each owner was sent a due-diligence letter, in order."""
    activities = _activities(book, scope)
    sent = activities[
        activities["kind"].eq("letter")
        & activities["outcome"].eq(policy.letter_outcome)
        & activities["day"].le(pd.Timestamp(scope.as_of))
    ].sort_values("day", kind="stable")
    codes = merged_codes(sent["customer_id"], book, entity=scope.entity, on=scope.as_of)
    made: dict[str, list[pd.Timestamp]] = {}
    for customer, day in zip(codes, sent["day"], strict=True):
        made.setdefault(str(customer), []).append(day)
    return made


def _activities(book: Book, scope: Scope) -> pd.DataFrame:
    """Activities of the entity with the day in its time zone."""
    rows = of_entity(book["activities"], scope.entity)
    local = rows["occurred_at"].dt.tz_convert(ZoneInfo(scope.time_zone)).dt.tz_localize(None).dt.normalize()
    return rows.assign(day=local.astype("datetime64[s]"))
