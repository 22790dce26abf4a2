"""Where open invoices stand in their customers' portals. Floor 1."""

from __future__ import annotations

import pandas as pd

from arlib.collect.position import Position
from arlib.collect.review.frames import PORTALS, PortalFinding
from arlib.collect.review.references import names_of
from arlib.credit.write_off.words import day, many
from arlib.ledger.facts import of_entity
from arlib.policy import Policies
from arlib.tables import Book
from arlib.tables.choices import ItemType, PortalStatus
from arlib.tables.rows import Row, is_none, records, text

BILLED = (ItemType.INVOICE.value, ItemType.DEBIT_MEMO.value)


def portals(book: Book, *, position: Position, policies: Policies) -> pd.DataFrame:
    """Every open invoice that is in a portal or should be, with what is to be done: PORTALS, sorted by its key.

    The newest status on or before the as-of date counts. A customer with a portal on its account must have its invoices and
    debit memos submitted; one that never was is a finding from its document's day on. A pay date has passed from the day
    after it on, whatever the due date. A submitted invoice waits when nothing was heard for more than `portal_wait_days`.
    Due parts of an item stand together, due when the first open one is. Uses PORTAL_INVOICES, CUSTOMERS.
    """
    scope, policy = position.scope, policies.credit_review
    now = pd.Timestamp(scope.as_of)
    rows = of_entity(book["portal_invoices"], scope.entity)
    rows = rows[rows["status_on"].le(now).to_numpy(dtype=bool)]
    order = {status.value: at for at, status in enumerate(PortalStatus)}
    rows = rows.assign(_order=rows["status"].map(order)).sort_values(
        ["item_id", "portal", "status_on", "_order"], kind="stable"
    )
    latest = rows.drop_duplicates(["item_id", "portal"], keep="last")
    opened = _open_items(position)
    mine = latest.merge(opened, on="item_id", how="inner")
    required = position.customers.drop_duplicates("customer_id").set_index("customer_id")["portal"]
    wanted = opened.assign(portal=required.reindex(opened["customer_id"]).to_numpy())
    wanted = wanted[
        wanted["portal"].fillna("").ne("")
        & wanted["item_type"].isin(BILLED)
        & wanted["replaces"].fillna("").eq("")
    ]
    never = wanted[~wanted["item_id"].isin(mine["item_id"])]
    every = [*records(mine), *records(never)]
    made = PORTALS.from_rows(_judged(row, now=now, wait_days=policy.portal_wait_days) for row in every)
    made = made.assign(entity=scope.entity, name=names_of(made["customer_id"], position))
    return PORTALS.typed(made).sort_values(list(PORTALS.key), kind="stable", ignore_index=True)


def _open_items(position: Position) -> pd.DataFrame:
    """Open debits of customers, due parts put together."""
    debits = position.debits[position.debits["customer_id"].notna()]
    open_ = debits.groupby("item_id", sort=False)["outstanding"].sum()
    first = debits.sort_values(["due_date", "instalment_no"], kind="stable").drop_duplicates("item_id")
    columns = [
        "item_id", "customer_id", "collector", "document_no", "item_type", "replaces", "document_date", "due_date",
        "days_past_due", "currency",
    ]  # fmt: skip
    return first[columns].assign(amount=open_.reindex(first["item_id"]).to_numpy())


def _judged(row: Row, *, now: pd.Timestamp, wait_days: int) -> Row:
    status = text(row.get("status"))
    since = row["document_date"] if is_none(row.get("status_on")) else row["status_on"]
    days = int((now - since).days)
    pay_date = None if is_none(row.get("pay_date")) else pd.Timestamp(row["pay_date"])
    if not status:
        finding = PortalFinding.NEVER_SUBMITTED
        what = f"never submitted, {many(days, 'day')} after the document: submit it"
    elif status == PortalStatus.REJECTED:
        finding, what = PortalFinding.REJECTED, f"rejected on {day(since)}: correct it and submit it again"
    elif status == PortalStatus.PAID:
        finding, what = (
            PortalFinding.PAID_BUT_OPEN,
            f"paid by the portal on {day(since)}: look for the payment",
        )
    elif pay_date is not None and pay_date < now:
        finding = PortalFinding.PAY_DATE_PASSED
        what = f"was to be paid on {day(pay_date)}, {many(int((now - pay_date).days), 'day')} ago: ask for the payment"
    elif status == PortalStatus.APPROVED:
        finding = PortalFinding.APPROVED
        what = "approved" if pay_date is None else f"approved, to be paid on {day(pay_date)}"
    elif days > wait_days:
        finding, what = (
            PortalFinding.WAITING,
            f"no word since {day(since)}, {many(days, 'day')}: ask for the approval",
        )
    else:
        finding, what = PortalFinding.SUBMITTED, f"submitted on {day(since)}"
    return row | {"finding": finding.value, "days": days, "what": what}
