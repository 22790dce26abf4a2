"""A customer's cash: what came in, where it stands, what it paid. Floor 1."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.collect.customer.frames import RECEIPTS_OF_CUSTOMER, ReceiptStanding
from arlib.collect.customer.own import Account, account_of, for_people
from arlib.collect.customer.settled import CASH, pairs_of, settled_words
from arlib.ledger.customer.whose import own_at
from arlib.ledger.facts import Bools, Ints, counted, found_at, ints, of_entity
from arlib.ledger.openitems import Linked
from arlib.policy import Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import ReceiptStatus
from arlib.tables.rows import Row, is_none, records, text

STATED = {
    ReceiptStatus.ON_ACCOUNT.value: ReceiptStanding.ON_ACCOUNT,
    ReceiptStatus.UNIDENTIFIED.value: ReceiptStanding.UNIDENTIFIED,
}  # fmt: skip


def receipts_of(
    book: Book, *, scope: Scope, policies: Policies, customer_id: str = "", account: Account | None = None
) -> pd.DataFrame:
    """Cash of the customer up to the as-of date, and cash of others that paid its items: RECEIPTS_OF_CUSTOMER, newest first.

    A receipt counts from its day by the scope's basis, as known at. Its open part is that of the item that stands for it, and
    its status follows from that, not from what the source says today; only what is open in full is called on account or
    unidentified where the source says so. Cash of another account shows with what it paid here, and without an open part: this
    customer's book cannot tell. Needs ITEMS and APPLICATIONS; uses RECEIPTS, CUSTOMER_MERGES. `account` is the
    customer's where it is at hand.
    """
    here = account_of(book, scope=scope, policies=policies, customer_id=customer_id, account=account)
    code, facts = here.customer_id, here.facts
    items = facts.items
    is_own = own_at(items["customer_id"], book, code, scope=scope)
    is_cash = items["item_type"].isin(CASH).to_numpy(dtype=bool) & facts.is_counted
    pairs = pairs_of(facts)
    helps = np.zeros(len(items), dtype=bool)
    used = pairs[pairs["is_source"] & pairs["amount"].ne(0)]
    helps[used.loc[is_own[used["other"].to_numpy(dtype=np.int64)], "item"].to_numpy(dtype=np.int64)] = True
    shown = np.flatnonzero(is_cash & (is_own | helps))
    rows = _listed(book, facts, shown, is_own, code, scope)
    open_ = _open(facts)
    mine = pairs[pairs["item"].isin(shown)]
    foreign = ~is_own[mine["item"].to_numpy(dtype=np.int64)]
    mine = mine[~foreign | is_own[mine["other"].to_numpy(dtype=np.int64)]]
    paid = settled_words(facts, mine)
    returned = _returned(items, facts.is_counted)
    owner = items["customer_id"].fillna("").to_numpy(dtype=object)
    made = [
        row | _told(row, int(row["at"]), open_, is_own, owner, returned, items) | {"paid": paid.get(int(row["at"]), "")}
        for row in records(rows)
    ]  # fmt: skip
    frame = RECEIPTS_OF_CUSTOMER.from_rows(row | {"rank": 0} for row in made)
    frame = frame.sort_values(
        ["received_on", "document_no", "receipt_id"], ascending=[False, True, True], kind="stable", ignore_index=True
    )  # fmt: skip
    return for_people(RECEIPTS_OF_CUSTOMER, frame.assign(rank=np.arange(1, len(frame) + 1)))


def _listed(
    book: Book, facts: Linked, shown: Ints, is_own: Bools, customer_id: str, scope: Scope
) -> pd.DataFrame:
    """A row for each cash item and each receipt without one: `at` is the row of the item, -1 without."""
    items = facts.items
    cash = items.iloc[shown][
        ["item_id", "document_no", "effective_date", "currency", "amount", "cash_status"]
    ]
    cash = cash.assign(at=shown, amount=-cash["amount"])
    given = of_entity(book["receipts"], scope.entity)
    given = given[counted(given, scope=scope)].reset_index(drop=True)
    at = found_at(given["item_id"], facts.ids)
    names = [
        "receipt_id",
        "payer_name",
        "payer_account",
        "reference",
        "remittance_text",
        "return_of",
        "return_code",
        "status",
    ]
    linked_ = given[at >= 0].drop_duplicates("item_id").set_index("item_id")[names]
    rows = cash.join(linked_, on="item_id")
    bare = given[(at < 0) & own_at(given["customer_id"], book, customer_id, scope=scope)]
    alone = bare[[*names, "effective_date", "currency", "amount"]].assign(
        at=-1, item_id=None, document_no=None
    )
    made: pd.DataFrame = pd.concat([part for part in (rows, alone) if len(part)] or [rows], ignore_index=True)
    made["received_on"] = made["effective_date"]
    made["document_no"] = made["document_no"].fillna(made["receipt_id"]).fillna(made["item_id"])
    return made


def _open(facts: Linked) -> Ints:
    """What is not applied of each item, cash above 0."""
    made: Ints = np.where(facts.is_counted, -ints(facts.items["amount"]), 0)
    rows = facts.applications
    np.add.at(made, facts.target, ints(rows["target_amount"]) + ints(rows["discount"]))
    np.subtract.at(made, facts.source, ints(rows["source_amount"]))
    return made


def _returned(items: pd.DataFrame, is_counted: Bools) -> dict[str, str]:
    """The documents that took cash back, by the item that they took back."""
    back = items["reverses"].fillna("").ne("").to_numpy(dtype=bool) & is_counted
    back &= items["item_type"].isin(CASH).to_numpy(dtype=bool)
    rows = items[back]
    return {
        str(item): str(number)
        for item, number in zip(rows["reverses"], rows["document_no"].fillna(rows["item_id"]), strict=True)
    }


def _told(
    row: Row, at: int, open_: Ints, is_own: Bools, owner: np.ndarray, returned: dict[str, str], items: pd.DataFrame
) -> Row:  # fmt: skip
    """Status, open part and note of one receipt."""
    notes = []
    if text(row["return_code"]):
        notes.append(f"return code {text(row['return_code'])}")
    if at < 0:
        return {
            "status": ReceiptStanding.NOT_POSTED.value, "open_amount": None,
            "note": "; ".join(["no item of the ledger stands for it", *notes]),
        }  # fmt: skip
    if not is_own[at]:
        whose = f"cash of customer {owner[at]}" if owner[at] else "cash of nobody known"
        return {
            "status": ReceiptStanding.OF_OTHERS.value,
            "open_amount": None,
            "note": "; ".join([whose, *notes]),
        }
    amount, left = int(row["amount"]), int(open_[at])
    back = returned.get(str(row["item_id"]))
    stated = text(row["status"]) or text(row["cash_status"])
    if amount < 0:
        standing = ReceiptStanding.RETURN
        number = items["reverses"].iloc[at]
        notes.insert(0, f"takes back {number}" if text(number) else "money that went back")
    elif back is not None:
        standing = ReceiptStanding.RETURNED
        notes.insert(0, f"returned by {back}")
    elif not left:
        standing = ReceiptStanding.APPLIED
    elif left != amount:
        standing = ReceiptStanding.APPLIED_IN_PART
    else:
        standing = STATED.get(stated, ReceiptStanding.UNAPPLIED)
    if not is_none(row["return_of"]) and text(row["return_of"]):
        notes.append(f"return of receipt {row['return_of']}")
    return {"status": standing.value, "open_amount": left, "note": "; ".join(notes)}
