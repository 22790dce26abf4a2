"""Ledger events of one customer: documents, what paid what, what fell due unpaid. Floor 1.

Every function returns rows as TIMELINE has them, without the step, the day as a count of days since 1970-01-01, and with
`order`, the place among those of one day.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.collect.customer.frames import TimelineKind
from arlib.collect.customer.own import is_own_item
from arlib.collect.customer.settled import CASH
from arlib.credit.write_off.words import in_words, money
from arlib.ledger.customer.whose import day_numbers
from arlib.ledger.facts import Bools, Ints, fact_dates, ints, of_entity
from arlib.ledger.openitems import Linked
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import ItemType
from arlib.tables.rows import Row, is_none, records, text

KIND_OF = {
    ItemType.CREDIT_MEMO: TimelineKind.CREDIT, ItemType.ADJUSTMENT: TimelineKind.CREDIT,
    ItemType.RECEIPT: TimelineKind.RECEIPT, ItemType.PREPAYMENT: TimelineKind.RECEIPT,
    ItemType.REFUND: TimelineKind.REFUND, ItemType.WRITE_OFF: TimelineKind.WRITE_OFF,
    ItemType.RECOVERY: TimelineKind.WRITE_OFF,
}  # fmt: skip
DOCUMENT, APPLIED, DUE = 10, 20, 5
NO_DAY = "NaT"  # as numpy writes it
_SAID = [
    "item_id", "item_type", "document_no", "purchase_order", "currency", "amount", "reverses", "replaces", "reason",
    "user", "text",
]  # fmt: skip
_APPLIED = [
    "application_id", "source_currency", "source_amount", "target_currency", "target_amount", "discount", "kind", "reason",
    "user", "reverses",
]  # fmt: skip


def documents(book: Book, facts: Linked, *, scope: Scope, customer_id: str) -> list[Row]:
    """Every document of the customer that counts at the as-of date, on its day by the scope's basis."""
    items = facts.items
    mine = facts.is_counted & is_own_item(items, book, scope=scope, customer_id=customer_id)
    due = items["due_date"].to_numpy(dtype="datetime64[D]")[mine]
    rows = items.loc[mine, _SAID].assign(
        day=day_numbers(fact_dates(items, scope.basis)[mine]), due=np.datetime_as_string(due)
    )
    number = dict(zip(items["item_id"], items["document_no"].fillna(items["item_id"]), strict=True))
    approved = _approvals(book, scope)
    made = []
    for row in records(rows):
        kind = KIND_OF.get(ItemType(row["item_type"]), TimelineKind.DOCUMENT)
        if row["item_type"] in CASH and int(row["amount"]) > 0:
            kind = TimelineKind.RETURN
        other = number.get(text(row["reverses"]) or text(row["replaces"]), "")
        made.append({
            "day": row["day"], "kind": kind.value, "reference": row["document_no"] or row["item_id"],
            "other_no": text(other), "currency": row["currency"], "amount": int(row["amount"]),
            "text": _document_words(row, kind, text(other), approved), "by": text(row["user"]), "item_id": row["item_id"],
            "source": "items", "source_id": row["item_id"], "order": DOCUMENT,
        })  # fmt: skip
    return made


def _approvals(book: Book, scope: Scope) -> dict[str, str]:
    """Who proposed and approved each write-off, by the item written off."""
    rows = of_entity(book["written_off"], scope.entity)
    return {
        str(row["item_id"]): f"proposed by {text(row['proposed_by']) or 'nobody named'}, approved by "
        f"{text(row['approved_by']) or 'nobody named'}"
        for row in records(rows)
    }


def _document_words(row: Row, kind: TimelineKind, other: str, approved: dict[str, str]) -> str:
    words = "Returned payment" if kind is TimelineKind.RETURN else in_words(row["item_type"])
    parts = [f"{words} {text(row['document_no']) or row['item_id']}"]
    if other:
        parts.append(f"takes back {other}" if text(row["reverses"]) else f"carries on {other}")
    if row["due"] != NO_DAY and int(row["amount"]) > 0 and row["item_type"] not in CASH:
        parts.append(f"due {row['due']}")
    if text(row["purchase_order"]):
        parts.append(f"order {text(row['purchase_order'])}")
    if text(row["reason"]):
        parts.append(text(row["reason"]).replace("_", " "))
    if row["item_id"] in approved:
        parts.append(f"written off, {approved[str(row['item_id'])]}")
    if text(row["text"]):
        parts.append(text(row["text"]))
    return ", ".join(parts)


def applications(book: Book, facts: Linked, *, scope: Scope, customer_id: str) -> list[Row]:
    """What was set against what, where either side is the customer's: the amount settled on the target, discount apart."""
    items = facts.items
    mine = is_own_item(items, book, scope=scope, customer_id=customer_id)
    here = np.flatnonzero(mine[facts.source] | mine[facts.target])
    rows = facts.applications.iloc[here]
    rows = rows[_APPLIED].assign(day=day_numbers(fact_dates(rows, scope.basis)))
    ids = items["item_id"].to_numpy(dtype=object)
    names = items["document_no"].fillna(items["item_id"]).to_numpy(dtype=object)
    types = items["item_type"].to_numpy(dtype=object)
    owner = items["customer_id"].fillna("").to_numpy(dtype=object)
    made = []
    for row, source, target in zip(
        records(rows), facts.source[here].tolist(), facts.target[here].tolist(), strict=True
    ):
        at = target if mine[target] else source
        back = bool(text(row["reverses"]))
        words = [
            f"{'Reversal: ' if back else ''}{in_words(types[source])} {names[source]}{_whose(source, mine, owner)} set "
            f"against {str(types[target]).replace('_', ' ')} {names[target]}{_whose(target, mine, owner)}"
        ]
        if row["source_currency"] != row["target_currency"]:
            words.append(f"uses {money(int(row['source_amount']), row['source_currency'])}")
        if not is_none(row["discount"]) and int(row["discount"]):
            words.append(f"cash discount {money(int(row['discount']), row['target_currency'])}")
        if text(row["reason"]) and text(row["reason"]) != text(row["kind"]):
            words.append(text(row["reason"]).replace("_", " "))
        made.append({
            "day": row["day"], "kind": TimelineKind.APPLICATION.value, "reference": names[source], "other_no": names[target],
            "currency": row["target_currency"], "amount": int(row["target_amount"]), "text": ", ".join(words),
            "by": text(row["user"]), "item_id": ids[at], "source": "applications",
            "source_id": row["application_id"], "order": APPLIED,
        })  # fmt: skip
    return made


def _whose(at: int, mine: Bools, owner: np.ndarray) -> str:
    if mine[at]:
        return ""
    return f" of customer {owner[at]}" if owner[at] else " of nobody known"


def fell_due(book: Book, facts: Linked, *, scope: Scope, customer_id: str) -> list[Row]:
    """The first day past due of each debit, or due part, of which something was open at the end of its due date.

    That day is on or before the as-of date. Of an item whose due date was changed, the old one counts where it had passed
    before the change. Payments fill the part that falls due first. Cash and items without a due date do not fall due.
    """
    items = facts.items
    mine = facts.is_counted & is_own_item(items, book, scope=scope, customer_id=customer_id)
    mine &= (ints(items["amount"]) > 0) & ~items["item_type"].isin(CASH).to_numpy(dtype=bool)
    parts = _due_parts(book, items, mine, scope)
    if parts.empty:
        return []
    open_ = _open_on(facts, parts["item"].to_numpy(), parts["due"].to_numpy(dtype="datetime64[s]"), scope)
    late = np.clip(open_ - parts["later"].to_numpy(), 0, parts["part"].to_numpy())
    parts = parts.assign(late=late, day=day_numbers(parts["due"]) + 1)[late > 0]
    rows = items[["item_id", "document_no", "item_type", "currency"]].iloc[parts["item"].to_numpy()]
    made = []
    for row, part in zip(records(rows), records(parts[["no", "late", "day"]]), strict=True):
        number = row["document_no"] or row["item_id"]
        no = "" if is_none(part["no"]) else f", part {int(part['no'])},"
        made.append({
            "day": part["day"], "kind": TimelineKind.FELL_DUE.value, "reference": number,
            "currency": row["currency"], "amount": int(part["late"]),
            "text": f"{in_words(row['item_type'])} {number}{no} past due with {money(int(part['late']), row['currency'])} open",
            "item_id": row["item_id"], "source": "items", "source_id": row["item_id"], "order": DUE,
        })  # fmt: skip
    return made


def _due_parts(book: Book, items: pd.DataFrame, mine: Bools, scope: Scope) -> pd.DataFrame:
    """Due dates that passed by the as-of date: item (row), due, no, part (amount due), later (amount due after it)."""
    at = np.flatnonzero(mine)
    rows = items.iloc[at]
    moved = rows["rescheduled_on"].notna() & rows["original_due_date"].notna()
    passed = moved & rows["original_due_date"].lt(rows["rescheduled_on"])
    passed &= rows["original_due_date"].ne(rows["due_date"])
    whole = pd.DataFrame(
        {
            "item": at,
            "due": rows["due_date"].to_numpy(),
            "no": pd.NA,
            "part": ints(rows["amount"]),
            "later": 0,
        }
    )
    old = whole[passed.to_numpy(dtype=bool)].assign(due=rows.loc[passed, "original_due_date"].to_numpy())
    given = of_entity(book["instalments"], scope.entity)
    number = pd.Series(at, index=rows["item_id"])
    given = given[given["item_id"].isin(number.index)].sort_values(
        ["item_id", "due_date", "instalment_no"], kind="stable"
    )
    split = pd.DataFrame({
        "item": number.reindex(given["item_id"]).to_numpy(dtype=np.int64), "due": given["due_date"].to_numpy(),
        "no": given["instalment_no"].to_numpy(), "part": ints(given["amount"]),
    })  # fmt: skip
    total = split.groupby("item")["part"]
    split["later"] = total.transform("sum") - total.cumsum()
    whole = whole[~whole["item"].isin(split["item"])]
    made = pd.concat([part.astype({"no": "Int64"}) for part in (whole, old, split)], ignore_index=True)
    return made[made["due"].lt(pd.Timestamp(scope.as_of)).to_numpy(dtype=bool)].reset_index(drop=True)


def _open_on(facts: Linked, item: Ints, due: np.ndarray, scope: Scope) -> Ints:
    """What was open of each of these items at the end of these days."""
    applied = facts.applications
    on = fact_dates(applied, scope.basis).to_numpy(dtype="datetime64[s]")
    begins = fact_dates(facts.items, scope.basis).to_numpy(dtype="datetime64[s]")
    amount = ints(facts.items["amount"])[item]
    legs = pd.DataFrame({
        "item": np.concatenate([facts.target, facts.source]), "on": np.concatenate([on, on]),
        "change": np.concatenate([-ints(applied["target_amount"]) - ints(applied["discount"]), ints(applied["source_amount"])]),
    })  # fmt: skip
    asked = pd.DataFrame({"row": np.arange(len(item)), "item": item, "due": due})
    joined = asked.merge(legs, on="item")
    joined = joined[(joined["on"] <= joined["due"]).to_numpy(dtype=bool)]
    made: Ints = np.where(begins[item] <= due, amount, 0)
    np.add.at(made, joined["row"].to_numpy(), joined["change"].to_numpy())
    return made
