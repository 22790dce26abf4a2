"""What moved one customer's balance, fact by fact, with the balance after each. Floor 1."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from enum import IntEnum

import numpy as np
import pandas as pd

from arlib.controls import Identity
from arlib.ledger.customer.frames import RUNNING_BALANCE
from arlib.ledger.customer.legs import Leg, Legs, legs_of
from arlib.ledger.customer.whose import customer_of
from arlib.ledger.frames_control import PostingKind, RollLine
from arlib.ledger.openitems import open_items
from arlib.ledger.postings import all_postings
from arlib.money import totals_by
from arlib.policy import Scope
from arlib.tables import Book

LINE_WORDS = {
    RollLine.OPENING: "Opening balance", RollLine.TAKEN_OVER: "Balance brought forward", RollLine.INVOICES: "Invoices",
    RollLine.DEBIT_MEMOS: "Debit memos", RollLine.FEES_AND_INTEREST: "Fees and interest", RollLine.RECEIPTS: "Receipts",
    RollLine.RETURNED_PAYMENTS: "Returned payments", RollLine.REFUNDS: "Refunds", RollLine.CREDIT_MEMOS: "Credit memos",
    RollLine.DISCOUNTS: "Cash discounts", RollLine.DEDUCTIONS: "Deductions and chargebacks",
    RollLine.ADJUSTMENTS: "Adjustments", RollLine.WRITE_OFFS: "Write-offs", RollLine.RECOVERIES: "Recoveries",
    RollLine.TRANSFERS: "Transfers and mergers", RollLine.CONTRA: "Contra",
    RollLine.DERECOGNISED: "Sold or derecognised", RollLine.CROSS_CURRENCY: "Applied across currencies",
    RollLine.CLOSING: "Closing balance",
}  # fmt: skip


class _Side(IntEnum):
    """Which sides of an application are the customer's."""

    OTHERS = 0  # only one of them: the other is somebody else's
    BOTH = 1


def running_balance(book: Book, *, scope: Scope, customer_id: str = "") -> pd.DataFrame:
    """Every fact up to the as-of date that moved the customer's balance: RUNNING_BALANCE, by currency and step.

    Documents count from their day by the scope's basis, applications from theirs; with `known_at`, what was entered by the end
    of that day. An application inside the account moves nothing but its discount, and what its two sides differ by; one
    with an item of another account moves the customer's side of it. On the day of a merger what is open of the other code
    comes to the account, or leaves it. The lines are those of the ledger's roll-forward, so that the customers together come
    to it. The last balance of a currency is the sum of its open items (`running_identities`). Needs ITEMS and APPLICATIONS;
    uses RECEIPTS and CUSTOMER_MERGES. Raises what `linked` and `all_postings` raise.
    """
    code = customer_of(book, customer_id)
    legs = legs_of(book, scope=scope, customer_id=code)
    if legs.rows.empty:
        return RUNNING_BALANCE.empty()
    moves = pd.concat(
        [_documents(legs, book, scope), _mergers(legs, code), _applied(legs)], ignore_index=True
    )
    moves = moves.sort_values(
        ["currency", "day", "order", "fact_id", "item_id"], kind="stable", ignore_index=True
    )
    groups = moves.groupby("currency", sort=False)
    moves["step"] = groups.cumcount() + 1
    moves["balance"] = groups["amount"].cumsum().astype("Int64")
    moves["amount"] = moves["amount"].astype("Int64")
    moves["day"] = moves["day"].to_numpy(dtype=np.int64).astype("datetime64[D]").astype("datetime64[s]")
    return RUNNING_BALANCE.typed(moves)


def running_identities(
    book: Book, running: pd.DataFrame, *, scope: Scope, customer_id: str = ""
) -> tuple[Identity, ...]:
    """By currency: the last balance of RUNNING_BALANCE = the customer's open items at the as-of date."""
    code = customer_of(book, customer_id)
    last = running.drop_duplicates("currency", keep="last").set_index("currency")["balance"]
    owed = open_by_currency(book, scope=scope, customer_id=code)
    return tuple(
        Identity(
            name="running balance = open items", left_label="last balance", left=int(last.get(currency, 0)),
            right_label="open items", right=owed.get(currency, 0), currency=currency, entity=scope.entity,
        )
        for currency in sorted({*last.index, *owed})
    )  # fmt: skip


def own_open_items(book: Book, *, scope: Scope, customer_id: str, as_of: date | None = None) -> pd.DataFrame:
    """OPEN_ITEMS of the customer alone, at the as-of date of the scope or another."""
    rows = open_items(book, scope=replace(scope, as_of=as_of or scope.as_of))
    mine = rows["customer_id"].fillna("").eq(customer_id).to_numpy(dtype=bool)
    return rows[mine].reset_index(drop=True)


def open_by_currency(
    book: Book, *, scope: Scope, customer_id: str, as_of: date | None = None
) -> dict[str, int]:
    """What is open of the customer's items in each currency."""
    rows = own_open_items(book, scope=scope, customer_id=customer_id, as_of=as_of)
    sums = totals_by(rows, "currency", "outstanding")
    return {
        str(code): int(amount) for code, amount in zip(sums["currency"], sums["outstanding"], strict=True)
    }


def _documents(legs: Legs, book: Book, scope: Scope) -> pd.DataFrame:
    """The documents entered."""
    rows = legs.rows[legs.rows["leg"].eq(Leg.DOCUMENT)]
    items = legs.facts.items.iloc[rows["item"].to_numpy()].reset_index(drop=True)
    posted = all_postings(book, scope=scope)
    entered = posted[posted["kind"].eq(PostingKind.ITEM.value)].set_index("item_id")
    line: pd.Series[str] = entered["line"].reindex(items["item_id"]).reset_index(drop=True)
    number = legs.facts.items.drop_duplicates("item_id").set_index("item_id")["document_no"]
    back = number.reindex(items["reverses"].fillna("")).reset_index(drop=True)
    on = number.reindex(items["replaces"].fillna("")).reset_index(drop=True)
    words = line.map({each.value: _one(each) for each in LINE_WORDS})
    words = words.mask(back.notna(), words + ", takes back " + back.fillna(""))
    words = words.mask(back.isna() & on.notna(), words + ", carries on " + on.fillna(""))
    reason = items["reason"].fillna("")
    words = words.mask(reason.ne(""), words + ": " + reason)
    return pd.DataFrame({
        "currency": items["currency"], "day": rows["day"].to_numpy(), "order": 1, "line": line, "text": words,
        "document_no": items["document_no"], "other_no": back.fillna(on), "by": items["user"],
        "amount": rows["amount"].to_numpy(), "item_id": items["item_id"], "fact_id": items["item_id"],
        "entered_at": items["entered_at"],
    })  # fmt: skip


_ONE = {
    RollLine.INVOICES: "Invoice", RollLine.DEBIT_MEMOS: "Debit memo", RollLine.FEES_AND_INTEREST: "Fee or interest",
    RollLine.RECEIPTS: "Receipt", RollLine.RETURNED_PAYMENTS: "Returned payment", RollLine.REFUNDS: "Refund",
    RollLine.CREDIT_MEMOS: "Credit memo", RollLine.DEDUCTIONS: "Deduction or chargeback",
    RollLine.ADJUSTMENTS: "Adjustment", RollLine.WRITE_OFFS: "Write-off", RollLine.RECOVERIES: "Recovery",
    RollLine.TRANSFERS: "Transfer",
}  # fmt: skip


def _one(line: RollLine) -> str:
    """A document of a line, in words."""
    return _ONE.get(line, LINE_WORDS[line])


def _mergers(legs: Legs, customer_id: str) -> pd.DataFrame:
    """What came with a merger, or left."""
    rows = legs.rows[legs.rows["leg"].eq(Leg.MERGER)].reset_index(drop=True)
    items = legs.facts.items.iloc[rows["item"].to_numpy()].reset_index(drop=True)
    leaves = rows["code"].eq(customer_id)
    words = ("Merger: open under " + rows["code"] + " until then").mask(
        leaves, "Merger: this account ended, what is open goes on under another code"
    )
    return pd.DataFrame({
        "currency": items["currency"], "day": rows["day"], "order": 0, "line": RollLine.TRANSFERS.value, "text": words,
        "document_no": items["document_no"], "other_no": None, "by": None, "amount": rows["amount"],
        "item_id": items["item_id"], "fact_id": rows["code"], "entered_at": pd.NaT,
    })  # fmt: skip


def _applied(legs: Legs) -> pd.DataFrame:
    """Discounts, and applications whose two sides do not come to nothing in the account."""
    rows = legs.rows[legs.rows["applied"].ge(0)].reset_index(drop=True)
    discount = rows[rows["leg"].eq(Leg.DISCOUNT)]
    sides = rows[rows["leg"].isin([Leg.SOURCE, Leg.TARGET])]
    items, applied = legs.facts.items, legs.facts.applications
    currency = items["currency"].to_numpy(dtype=object)
    code, _ = pd.factorize(currency)
    both = sides.assign(unit=code[sides["item"].to_numpy()]).groupby(["applied", "unit"], as_index=False, sort=False).agg(
        amount=("amount", "sum"), sides=("amount", "size"), item=("item", "last"), day=("day", "first"), leg=("leg", "max"),
    )  # fmt: skip
    both = both[both["amount"].ne(0)].assign(order=2)
    moved = pd.concat([discount.assign(order=3, sides=int(_Side.OTHERS)), both], ignore_index=True)
    at = moved["applied"].to_numpy(dtype=np.int64)
    mine = moved["item"].to_numpy(dtype=np.int64)
    source, target = legs.facts.source[at], legs.facts.target[at]
    other = np.where(mine == source, target, source)
    is_discount = moved["order"].eq(3).to_numpy(dtype=bool)
    is_cross = currency[source] != currency[target]
    line = np.select(
        [is_discount, is_cross], [RollLine.DISCOUNTS.value, RollLine.CROSS_CURRENCY.value], RollLine.TRANSFERS.value
    )  # fmt: skip
    number = items["document_no"].fillna("").to_numpy(dtype=object)
    owner = items["customer_id"].fillna("").to_numpy(dtype=object)
    is_back = applied["reverses"].fillna("").ne("").to_numpy(dtype=bool)[at]
    differs = moved["sides"].to_numpy() == 2
    words = [
        _words(discount, cross, two, paid, number[there], owner[there], is_taken_back)
        for discount, cross, two, paid, there, is_taken_back in zip(
            is_discount, is_cross, differs, mine == source, other, is_back, strict=True
        )
    ]
    fact = applied.iloc[at].reset_index(drop=True)
    return pd.DataFrame({
        "currency": currency[mine], "day": moved["day"].to_numpy(), "order": moved["order"].to_numpy(), "line": line,
        "text": pd.Series(words, dtype="str"), "document_no": number[mine], "other_no": number[other], "by": fact["user"],
        "amount": moved["amount"].to_numpy(), "item_id": items["item_id"].to_numpy(dtype=object)[mine],
        "fact_id": fact["application_id"], "entered_at": fact["entered_at"],
    })  # fmt: skip


def _words(discount: bool, cross: bool, two: bool, paid: bool, number: str, owner: str, is_back: bool) -> str:
    """What an application did to the balance; `paid`: the customer's side is the credit."""
    undone = ", reversed" if is_back else ""
    if discount:
        return f"Cash discount allowed with {number}{undone}"
    if cross:
        return f"{'Set against' if paid else 'Settled by'} {number} in another currency{undone}"
    if two:
        return f"The two sides of the application with {number} differ{undone}"
    whose = f"of customer {owner}" if owner else "of nobody known"
    return f"{'Set against' if paid else 'Settled by'} {number} {whose}{undone}"
