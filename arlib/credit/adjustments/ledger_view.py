"""What the books say of the items that adjustments are about: billed, open, credited before. Floor 1.

`Room` counts down what may still be credited while the proposals of one run are made, so that two of them together
never credit more than one invoice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import pandas as pd

from arlib.credit.adjustments.split import Parts, parts_of, share_of
from arlib.ledger.attributes import customer_attributes, merged_codes
from arlib.ledger.openitems import Linked, linked, open_items
from arlib.ledger.replaced import carried_items
from arlib.money import Rounding, divide
from arlib.policy import Policies, Scope
from arlib.policy.adjustment import AdjustmentPolicy, CreditNature
from arlib.tables import Book
from arlib.tables.choices import ApplicationKind, ItemType

Row = dict[str, Any]

# Settled by these, an item was not paid: it was credited, lost or moved, and cannot be credited again.
NOT_PAID = frozenset(
    {
        ApplicationKind.CREDIT_MEMO, ApplicationKind.ADJUSTMENT, ApplicationKind.WRITE_OFF,
        ApplicationKind.TRANSFER, ApplicationKind.DEBIT_TO_DEBIT,
    }
)  # fmt: skip
NOT_CASH = frozenset(
    {ItemType.CREDIT_MEMO, ItemType.ADJUSTMENT, ItemType.WRITE_OFF, ItemType.TRANSFER}
)  # of a clearing group, which does not say what it was


class Credit(NamedTuple):
    """A credit given before on an item."""

    item_id: str
    on: date
    reason: str
    parts: Parts
    is_credit_memo: bool
    is_loss: bool = False  # written off, or given up because the customer cannot pay: credits no tax


@dataclass(frozen=True, kw_only=True)
class Item:
    """An item as the books have it at the as-of date. Amounts are minor units of `currency`."""

    item_id: str
    document_no: str
    customer_id: str  # the code after mergers
    document_customer_id: str
    item_type: str
    currency: str
    amount: int
    billed: Parts
    functional_amount: int | None
    outstanding: int
    document_date: date
    due_date: date | None
    original_due_date: date | None
    service_from: date | None
    service_to: date | None
    credits: tuple[Credit, ...] = ()

    @property
    def credited(self) -> Parts:
        """All that was credited before, written off or moved to another item, and discounts allowed."""
        return _sum(self.credits)

    @property
    def losses(self) -> Parts:
        """Of it what is a credit loss: the debt falls, but net, tax and freight are not credited."""
        return _sum(credit for credit in self.credits if credit.is_loss)

    @property
    def room(self) -> int:
        """The most that may be credited: the open rest; of an item paid in full, billed less credited before."""
        left = max(self.billed.gross - self.credited.gross, 0)
        return min(left, self.outstanding) if self.outstanding > 0 else left


@dataclass
class Room:
    """What may still be credited on each item, counted down by each proposal of a run.

    A credit loss lowers what is open, and leaves net, tax and freight to be credited.
    """

    gross: dict[str, int] = field(default_factory=dict)
    parts: dict[str, Parts] = field(default_factory=dict)
    taken: dict[str, list[tuple[CreditNature, Parts]]] = field(default_factory=dict)

    def of(self, item: Item) -> tuple[int, Parts]:
        """Gross, and parts, that are left on an item."""
        gross = self.gross.setdefault(item.item_id, item.room)
        credited = item.credited.less(item.losses)
        return gross, self.parts.setdefault(item.item_id, item.billed.less(credited).kept())

    def whole(self, item: Item) -> int:
        """Gross that was billed and not credited before, open or paid, less the proposals of the run."""
        proposed = sum(parts.gross for _, parts in self.taken.get(item.item_id, ()))
        return item.billed.gross - item.credited.gross - proposed

    def take(self, item: Item, parts: Parts, nature: CreditNature) -> None:
        """Take a proposed credit of a nature off what is left."""
        gross, left = self.of(item)
        self.gross[item.item_id] = gross - parts.gross
        self.parts[item.item_id] = left if nature is CreditNature.CREDIT_LOSS else left.less(parts)
        self.taken.setdefault(item.item_id, []).append((nature, parts))


@dataclass(frozen=True, kw_only=True)
class View:
    """The books as adjustments need them."""

    scope: Scope
    policies: Policies
    items: Mapping[str, Item]
    customers: Mapping[str, Row]
    merged: Mapping[str, str]  # customer code as written -> code now
    open_by_customer: Mapping[tuple[str, str], tuple[str, ...]]  # customer, currency -> its open debits
    open_credits: Mapping[
        tuple[str, str], tuple[int, tuple[str, ...]]
    ]  # the same: their sum (+) and documents
    carried: Mapping[str, tuple[str, ...]]  # item -> items that it carries on
    holds: tuple[Row, ...]
    room: Room

    def customer(self, code: str) -> str:
        """The code that a customer goes by now."""
        return self.merged.get(code, code)

    def owed(self, item: Item) -> int:
        """What is open on an item less what the run's proposals take of it, not below zero."""
        return max(min(self.room.of(item)[0], item.outstanding), 0)

    def is_about(self, name: str, item_id: str) -> bool:
        """Whether a record about the item `name` is about an item: it is that item, or one that it carries on."""
        return name == item_id or name in self.carried.get(item_id, ())

    def functional(self, item: Item | None, amount: int, currency: str) -> int | None:
        """An amount in the books' currency: itself, else at the item's booking rate, else not known."""
        if currency == self.scope.functional_currency:
            return amount
        if item is None or item.functional_amount is None or item.amount == 0:
            return None
        return divide(item.functional_amount * amount, item.amount, Rounding.HALF_UP)


def plain_rows(frame: pd.DataFrame) -> list[Row]:
    """The rows as plain values: missing is None, days are dates, integers int."""
    if frame.empty:
        return []
    return [
        {str(name): _plain(value) for name, value in record.items()} for record in frame.to_dict("records")
    ]


def _plain(value: Any) -> Any:
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date()
    if hasattr(value, "item"):
        return value.item()
    return value


def of_entity(book: Book, table: str, entity: str) -> pd.DataFrame:
    """Rows of the entity and rows that serve all entities."""
    frame = book[table]
    if frame.empty:
        return frame
    mine = frame["entity"].eq(entity) | frame["entity"].isna() | frame["entity"].eq("")
    return frame[mine.to_numpy(dtype=bool)].reset_index(drop=True)


def view_of(book: Book, *, scope: Scope, policies: Policies, wanted: Iterable[str]) -> View:
    """The view for these items, and for all open debits of the customers that ask for the whole account.

    Needs ITEMS and APPLICATIONS; uses CUSTOMERS, CUSTOMER_MERGES and HOLDS. An item counts when its date is on or
    before the as-of date in the scope's view; credits and payments too. A hold counts from the day that it is placed,
    and no more on the day that it is lifted.
    """
    facts = linked(book, scope=scope)
    opened = open_items(book, scope=scope)
    by_id = opened.groupby("item_id", sort=False)["outstanding"].sum()
    debits = opened[opened["outstanding"].gt(0) & opened["cash_status"].fillna("").eq("")]
    asked = of_entity(book, "adjustment_requests", scope.entity)
    whole = asked.loc[asked["item_id"].fillna("").eq(""), "customer_id"].dropna()
    codes = set(merged_codes(whole.astype("str"), book, entity=scope.entity, on=scope.as_of))
    debits = debits[debits["customer_id"].isin(codes)]
    groups: dict[tuple[str, str], tuple[str, ...]] = {}
    for (customer, currency), rows in debits.groupby(["customer_id", "currency"], sort=True):
        groups[str(customer), str(currency)] = tuple(sorted(set(rows["item_id"])))
    minus = opened[opened["outstanding"].lt(0) & opened["customer_id"].fillna("").ne("")]
    unapplied = {
        (str(customer), str(currency)): (
            -int(rows["outstanding"].sum()),
            tuple(sorted(set(rows["document_no"].fillna("")))),
        )
        for (customer, currency), rows in minus.groupby(["customer_id", "currency"], sort=True)
    }
    ids = {*(str(name) for name in wanted), *(name for names in groups.values() for name in names)}
    items = _items(book, facts, scope=scope, policy=policies.adjustment, ids=ids, outstanding=by_id)
    attributes = customer_attributes(
        book, on=scope.as_of, at=policies.aging.attributes_at, entity=scope.entity
    )
    customers = {row["customer_id"]: row for row in plain_rows(attributes)}
    written = pd.Series(
        sorted({*customers, *(item.document_customer_id for item in items.values())}), dtype="str"
    )
    now = merged_codes(written, book, entity=scope.entity, on=scope.as_of)
    held = of_entity(book, "holds", scope.entity)
    day = pd.Timestamp(scope.as_of)
    stands = held["placed_on"].le(day) & ~held["lifted_on"].le(day)
    return View(
        scope=scope,
        policies=policies,
        items=items,
        customers=customers,
        merged=dict(zip(written, now, strict=True)),
        open_by_customer=groups,
        open_credits=unapplied,
        carried=carried_items(book, entity=scope.entity),
        holds=tuple(plain_rows(held[stands.to_numpy(dtype=bool)])),
        room=Room(),
    )


def _items(
    book: Book,
    facts: Linked,
    *,
    scope: Scope,
    policy: AdjustmentPolicy,
    ids: set[str],
    outstanding: pd.Series,
) -> dict[str, Item]:
    here = facts.items["item_id"].isin(ids).to_numpy(dtype=bool) & facts.is_counted
    mine = facts.items[here]
    now = merged_codes(mine["customer_id"], book, entity=scope.entity, on=scope.as_of)
    rows = plain_rows(mine.assign(code_now=now))
    billed = {
        row["item_id"]: parts_of(row["amount"], row["tax_amount"], row["freight_amount"]) for row in rows
    }
    given = _credits(facts, billed, policy)
    return {
        row["item_id"]: Item(
            item_id=row["item_id"],
            document_no=row["document_no"] or "",
            customer_id=row["code_now"] or "",
            document_customer_id=row["customer_id"] or "",
            item_type=row["item_type"],
            currency=row["currency"],
            amount=row["amount"],
            billed=billed[row["item_id"]],
            functional_amount=row["functional_amount"],
            outstanding=int(outstanding.get(row["item_id"], 0)),
            document_date=row["document_date"] or row["effective_date"],
            due_date=row["due_date"],
            original_due_date=row["original_due_date"] or row["due_date"],
            service_from=row["service_from"],
            service_to=row["service_to"],
            credits=tuple(given.get(row["item_id"], ())),
        )
        for row in rows
    }


def _sum(rows: Iterable[Credit]) -> Parts:
    made = Parts()
    for credit in rows:
        made = made.plus(credit.parts)
    return made


def _credits(facts: Linked, billed: Mapping[str, Parts], policy: AdjustmentPolicy) -> dict[str, list[Credit]]:
    """What was credited, written off, moved or allowed as discount on each item, in the order of its dates."""
    at = facts.ids.get_indexer(pd.Index(sorted(billed)))
    touched = pd.Series(facts.target).isin(at[at >= 0]).to_numpy(dtype=bool)
    applied = facts.applications[touched].assign(target=facts.target[touched], source=facts.source[touched])
    sources = facts.items.iloc[facts.source[touched]].reset_index(drop=True)
    made: dict[str, list[Credit]] = {}
    used: dict[str, int] = {}
    pairs = zip(plain_rows(applied), plain_rows(sources), strict=True)
    for row, source in sorted(pairs, key=lambda p: (p[0]["effective_date"], p[0]["application_id"])):
        name = str(row["target_item_id"])
        on, given = row["effective_date"], billed[name]
        is_memo = source["item_type"] == ItemType.CREDIT_MEMO
        if row["kind"] in NOT_PAID or source["item_type"] in NOT_CASH:
            parts = share_of(row["target_amount"], _source_parts(source) or given)
            reason = source["reason"] or row["reason"] or ""
            is_loss = (
                row["kind"] == ApplicationKind.WRITE_OFF
                or source["item_type"] == ItemType.WRITE_OFF
                or (not is_memo and policy.nature_of(reason) is CreditNature.CREDIT_LOSS)
            )
            made.setdefault(name, []).append(Credit(source["item_id"], on, reason, parts, is_memo, is_loss))
            used[source["item_id"]] = used.get(source["item_id"], 0) + row["source_amount"]
        if row["discount"]:
            parts = share_of(row["discount"], given)
            made.setdefault(name, []).append(Credit(row["application_id"], on, "discount", parts, False))
    for row in plain_rows(_unapplied_memos(facts, billed)):
        name, rest = str(row["reverses"]), -row["amount"] - used.get(row["item_id"], 0)
        if rest > 0:
            parts = share_of(rest, _source_parts(row) or billed[name])
            made.setdefault(name, []).append(
                Credit(row["item_id"], row["effective_date"], row["reason"] or "", parts, True)
            )
    return made


def _unapplied_memos(facts: Linked, billed: Mapping[str, Parts]) -> pd.DataFrame:
    """Credit memos that name the item they reverse; applied or not, they credit it."""
    items = facts.items
    named = items["item_type"].eq(ItemType.CREDIT_MEMO.value) & items["reverses"].isin(list(billed))
    return items[named.to_numpy(dtype=bool) & facts.is_counted]


def _source_parts(source: Row) -> Parts | None:
    """Parts of a credit memo that says them, as positive amounts."""
    if source["tax_amount"] is None and source["net_amount"] is None:
        return None
    made = parts_of(abs(source["amount"]), abs(source["tax_amount"] or 0), abs(source["freight_amount"] or 0))
    return made if made.gross else None
