"""Open credits, one row an item, beside what their customer owes. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from arlib.ledger.attributes import customer_attributes
from arlib.ledger.facts import counted, of_entity
from arlib.ledger.openitems import open_items
from arlib.money import total
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import ApplicationKind, ItemType

NO_MONEY = (ItemType.WRITE_OFF, ItemType.TRANSFER, ItemType.ADJUSTMENT, ItemType.RECOVERY)


@dataclass(frozen=True)
class OpenCredits:
    """The credits of one entity at the as-of date, and the debits beside them."""

    credits: pd.DataFrame  # one row an item; amount and functional_amount positive
    debits: pd.DataFrame  # OPEN_ITEMS that the customers owe, refunds left out
    refunds: pd.DataFrame  # OPEN_ITEMS: refunds booked and not set against a credit
    overdue: pd.DataFrame  # by customer: items, oldest item and its due date
    later_refunds: pd.DataFrame  # ITEMS: refunds that the as-of date does not count yet
    used_later: Mapping[str, pd.Timestamp]  # items that something is set against after the as-of date
    refunded: Mapping[str, int]  # by item: what refunds were set against it, minor units
    totals: Mapping[str, int]  # by currency: open amounts below zero, as the aging has them


def open_credits(book: Book, *, scope: Scope) -> OpenCredits:
    """What we owe customers at the as-of date, item by item, and what they owe us.

    Needs ITEMS; uses all that `open_items` uses, and CUSTOMERS for names. An item whose open amount is below zero is a
    credit, an over-paid invoice too. A debit due on the as-of date is not overdue. Raises what `open_items` raises.
    """
    rows = open_items(book, scope=scope)
    names = customer_attributes(book, on=scope.as_of, entity=scope.entity)
    rows["name"] = rows["customer_id"].map(
        names.drop_duplicates("customer_id", keep="last").set_index("customer_id")["name"]
    )
    is_refund = rows["item_type"].eq(ItemType.REFUND.value)
    debits = rows[rows["outstanding"].gt(0) & ~is_refund].reset_index(drop=True)
    refunds = rows[rows["outstanding"].gt(0) & is_refund].reset_index(drop=True)
    below = rows[rows["outstanding"].lt(0)]
    later_refunds, used_later, refunded = _uses(book, scope)
    return OpenCredits(
        credits=_by_item(below, scope), debits=debits, refunds=refunds, overdue=_overdue(debits, scope),
        later_refunds=later_refunds, used_later=used_later, refunded=refunded,
        totals={str(code): total(part) for code, part in below.groupby("currency")["outstanding"]},
    )  # fmt: skip


def _uses(book: Book, scope: Scope) -> tuple[pd.DataFrame, dict[str, pd.Timestamp], dict[str, int]]:
    """Refunds and uses that the as-of date does not count yet, and what refunds took up to it."""
    items = of_entity(book["items"], scope.entity)
    refunds = items[items["item_type"].eq(ItemType.REFUND.value) & ~counted(items, scope=scope)]
    applications = of_entity(book["applications"], scope.entity)
    here = counted(applications, scope=scope)
    later = applications[~here]
    used = pd.concat([
        later[["source_item_id", "effective_date"]].set_axis(["item_id", "day"], axis=1),
        later[["target_item_id", "effective_date"]].set_axis(["item_id", "day"], axis=1),
    ]).groupby("item_id")["day"].min()  # fmt: skip
    paid = applications[here & applications["kind"].eq(ApplicationKind.REFUND.value)]
    taken = pd.concat([
        paid[["source_item_id", "source_amount"]].set_axis(["item_id", "amount"], axis=1),
        paid[["target_item_id", "target_amount"]].set_axis(["item_id", "amount"], axis=1),
    ]).groupby("item_id")["amount"].sum()  # fmt: skip
    return (
        refunds.sort_values(["effective_date", "item_id"], kind="stable", ignore_index=True),
        {str(item): day for item, day in used.items()},
        {str(item): int(amount) for item, amount in taken.items()},
    )


def _by_item(rows: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Credits by item: parts of one item are one credit."""
    first = rows.drop_duplicates("item_id").reset_index(drop=True)
    by = rows.groupby("item_id", sort=False)
    made = first.assign(
        amount=-by["outstanding"].sum().reset_index(drop=True),
        functional_amount=-by["functional_outstanding"].sum(min_count=1).reset_index(drop=True),
        document_amount=first["amount"],
    )
    whole = by["functional_outstanding"].apply(lambda part: bool(part.notna().all())).reset_index(drop=True)
    made["functional_amount"] = made["functional_amount"].where(whole.astype("boolean"))
    made["days_open"] = (pd.Timestamp(scope.as_of) - made["document_date"]).dt.days.astype("Int64")
    return made.sort_values("item_id", kind="stable", ignore_index=True)


def _overdue(debits: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Overdue debits by customer: how many, the oldest and its due date."""
    late = debits[debits["due_date"].lt(pd.Timestamp(scope.as_of)) & debits["customer_id"].notna()]
    late = late.sort_values(["due_date", "item_id"], kind="stable")
    return late.groupby("customer_id").agg(
        items=("item_id", "nunique"), oldest=("document_no", "first"), due_date=("due_date", "first")
    )


def owed_by_currency(debits: pd.DataFrame) -> dict[tuple[str, str], int]:
    """What each customer owes in each currency, minor units."""
    known = debits[debits["customer_id"].notna()]
    return {
        (str(customer), str(currency)): total(part)
        for (customer, currency), part in known.groupby(["customer_id", "currency"])["outstanding"]
    }
