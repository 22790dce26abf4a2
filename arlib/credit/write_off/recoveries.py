"""What came back of debts written off. Floor 1: a book in, a frame out."""

from __future__ import annotations

from typing import Any

import pandas as pd

from arlib.credit.write_off.flows import carrying
from arlib.credit.write_off.frames import RECOVERIES, RecoveryWay
from arlib.credit.write_off.words import Record, looked_up
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import counted, fact_dates, of_entity
from arlib.money import Rounding, divide
from arlib.policy import Scope, WriteOffPolicy
from arlib.tables import Book
from arlib.tables.choices import ItemType
from arlib.tables.rows import is_none, records, text


def recoveries(book: Book, flows: pd.DataFrame, *, scope: Scope, policy: WriteOffPolicy) -> pd.DataFrame:
    """What came back of debts written off, and what was put back on the account: RECOVERIES, sorted by its key.

    Three ways: a recovery document above zero puts (part of) the debt back, and what is applied to it is recovered; one
    below zero is money booked straight as a recovery; a reversed write-off puts the debt back, and what is paid on the
    item from that day on, up to that amount, is recovered. A recovery names the debt in `replaces` (else `reverses`); one
    that names none stands with an empty item. Written off again is not recovered. Facts of the as-of date count. Needs
    WRITE_OFF_FLOWS, ITEMS, APPLICATIONS.
    """
    off = flows[~flows["is_of_credit"].to_numpy(dtype=bool)]
    paid = _paid(book, off, scope)
    rows = [*_documents(book, paid, scope), *_reversals(off, paid)]
    if not rows:
        return RECOVERIES.empty()
    items = of_entity(book["items"], scope.entity).drop_duplicates("item_id").set_index("item_id")
    made = pd.DataFrame(rows).assign(entity=scope.entity)
    made["document_no"] = looked_up(made["item_id"], items["document_no"])
    first = off[off["amount"].gt(0)].groupby("item_id")["date"].min()
    began = looked_up(made["item_id"], first)
    made["written_off_on"] = began.where(began <= made["date"])
    made["days_since"] = (made["date"] - made["written_off_on"]).dt.days.astype("Int64")
    made["customer_id"] = merged_codes(made["customer_id"], book, entity=scope.entity, on=scope.as_of)
    direct = made["way"].eq(RecoveryWay.DIRECT.value)
    made["is_as_policy"] = ~direct if policy.reinstates_on_recovery else direct
    made["in_period"] = made["date"].between(pd.Timestamp(scope.starts_on), pd.Timestamp(scope.as_of))
    for name in ("reinstated", "recovered", "functional_recovered"):
        made[name] = pd.array(made[name].tolist(), dtype="Int64")
    return RECOVERIES.typed(made).sort_values(list(RECOVERIES.key), kind="stable", ignore_index=True)


def _paid(book: Book, off: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """What was settled on each item but by writing it off: item_id, date, settled, carried (missing where not known)."""
    rows = of_entity(book["applications"], scope.entity)
    rows = rows[counted(rows, scope=scope)]
    rows = rows[~rows["application_id"].isin(set(off["application_id"]))]
    return pd.DataFrame(
        {
            "item_id": rows["target_item_id"],
            "date": fact_dates(rows, scope.basis),
            "settled": rows["target_amount"] + rows["discount"].fillna(0),
            "carried": carrying(rows, scope),
        }
    )


def _documents(book: Book, paid: pd.DataFrame, scope: Scope) -> list[dict[str, Any]]:
    """Recovery documents, with what was paid on those that put the debt back."""
    every = of_entity(book["items"], scope.entity)
    came = every[
        counted(every, scope=scope) & every["item_type"].eq(ItemType.RECOVERY.value).to_numpy(dtype=bool)
    ]
    mine = paid[paid["item_id"].isin(set(came["item_id"]))]
    rows = []
    for row in records(came.assign(date=fact_dates(came, scope.basis))):
        amount = int(row["amount"])
        debt = text(row["replaces"]) or text(row["reverses"])
        if amount > 0:
            back, carried = _share(mine[mine["item_id"].eq(row["item_id"])], amount)
            way = RecoveryWay.REINSTATED if back else RecoveryWay.OPEN
        else:
            back, way, known = -amount, RecoveryWay.DIRECT, row["functional_amount"]
            own = back if row["currency"] == scope.functional_currency else None
            carried = own if is_none(known) else -int(known)
        rows.append(_row(row["item_id"], debt, row, abs(amount), back, carried, way))
    return rows


def _reversals(off: pd.DataFrame, paid: pd.DataFrame) -> list[dict[str, Any]]:
    """Write-offs taken back, each with what was paid on the item from that day on and not counted before."""
    rows = []
    used: dict[str, int] = {}
    back = off[off["is_reversal"].to_numpy(dtype=bool)].sort_values(["date", "application_id"], kind="stable")
    for row in records(back):
        item = row["item_id"]
        later = paid[paid["item_id"].eq(item) & paid["date"].ge(row["date"])]
        came, carried = _share(later, -int(row["amount"]), used.get(item, 0))
        used[item] = used.get(item, 0) + came
        rows.append(
            _row(row["application_id"], item, row, -int(row["amount"]), came, carried, RecoveryWay.REVERSED)
        )
    return rows


def _share(paid: pd.DataFrame, most: int, used: int = 0) -> tuple[int, int | None]:
    """Of what was paid, less what is used: at most so much, with its carrying amount in proportion (half up)."""
    settled = int(paid["settled"].sum())
    part = max(0, min(settled - used, most))
    if not part:
        return 0, 0
    if paid["carried"].isna().any():
        return part, None
    return part, divide(int(paid["carried"].sum()) * part, settled, Rounding.HALF_UP)


def _row(
    name: str, debt: str, row: Record, back: int, paid: int, carried: int | None, way: RecoveryWay
) -> dict[str, Any]:
    return {
        "recovery_id": name, "item_id": debt, "customer_id": row["customer_id"], "date": row["date"],
        "currency": row["currency"], "reinstated": back, "recovered": paid, "functional_recovered": carried,
        "way": way.value,
    }  # fmt: skip
