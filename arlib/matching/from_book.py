"""What a matching run takes, out of a book: open items, receipts to be placed, and what people confirmed. Floor 1."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from arlib.ledger.attributes import DATED, customer_attributes, merged_codes
from arlib.ledger.facts import counted, fact_dates, ints, is_among, of_entity
from arlib.ledger.openitems import open_items
from arlib.matching.bank_cash import bank_cash, explained
from arlib.matching.facts import plain
from arlib.matching.frames import MATCH_ADVICES, MATCH_ITEMS, MATCH_RECEIPTS
from arlib.matching.from_people import not_booked, with_people
from arlib.matching.inputs import MatchInputs
from arlib.matching.placements import CONFIRMED, NO_TARGET, Undone, applied_whole, placements, undone
from arlib.matching.pool import days
from arlib.matching.special import HELD
from arlib.tables.choices import ItemType, ReceiptStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from arlib.policy import Scope
    from arlib.tables import Book

TO_BE_PLACED = (ReceiptStatus.UNAPPLIED.value, ReceiptStatus.UNIDENTIFIED.value)
_OF_ITEM = (
    "item_type", "document_no", "purchase_order", "order_no", "delivery_no", "amount", "tax_amount", "freight_amount",
    "discount_base", "discount_rate", "discount_date", "segment", "assigned_to",
)  # fmt: skip


class Cash(StrEnum):
    """Which receipts a run places."""

    OPEN = "open"  # those that the ledger holds unapplied or unidentified at the as-of date
    PERIOD = "period"  # those of the period, as if nothing of them had been applied
    ALL = "all"  # all at once, as if none had been applied


def match_inputs(
    book: Book, *, scope: Scope, receipts: Cash | str = Cash.OPEN, with_on_account: bool = False
) -> MatchInputs:
    """What there is to match at the as-of date of `scope`; an empty `scope.entity` takes all entities of the book.

    Needs ITEMS, and RECEIPTS (else BANK_LINES, whose customers' money is then what is to be placed); uses APPLICATIONS,
    REMITTANCES, CUSTOMERS with their history and mergers, DISPUTES, WRITTEN_OFF, INSTALMENTS and FX_RATES. An item is
    offered with what is open at the as-of date after credit memos, write-offs and every application that stands; receipts,
    prepayments and refunds are never items. A written-off item is offered, marked, with what was written off and has not
    come back.

    OPEN: open items as they are, receipts with their open part; what was left on account on purpose stays there, unless a
    person decided to place it and the ledger has not booked that yet. `with_on_account` takes it in, for a person to place.
    PERIOD: the receipts of the period in full, items open at its end plus what these receipts settled.
    ALL: every receipt up to the as-of date in full, items as if no receipt had ever been applied.
    In PERIOD and ALL a correction that followed such an application (chargeback, allowance, small balance) is taken back
    with it, and a document that only came from it is not offered.

    `decided` (OPEN only), `rejected` and `aliases` are DECIDED_APPLICATIONS, REJECTED_MATCHES and PAYER_ALIASES, up to the day
    as of which the books are known where `scope` has one; None where people decided nothing. A decision of a later day than the
    as-of date counts: a period is worked on after its end.

    `confirmed` are the stated links of receipts that were applied whole: up to the as-of date for OPEN, before the period
    for PERIOD, none for ALL, so that nothing is learned from what is asked. Their items are open as before any receipt.
    Raises ParameterError for a date that the source cannot answer, TableError for rows that contradict each other.
    """
    cash = Cash(receipts)
    codes = [scope.entity] if scope.entity else _entities(book)
    books = {code: (book.for_entity(code), _scope_of(book, scope, code)) for code in codes}
    parts = [
        _of_one(own, scope=mine, cash=cash, with_on_account=with_on_account) for own, mine in books.values()
    ]
    confirmed = [part for part in parts if part.confirmed is not None]
    made = MatchInputs(
        items=_joined((part.items for part in parts), MATCH_ITEMS.empty()),
        receipts=_joined((part.receipts for part in parts), MATCH_RECEIPTS.empty()),
        advices=_joined((part.advices for part in parts), MATCH_ADVICES.empty()),
        customers=_customers(book, scope),
        rates=book["fx_rates"],
        closed=frozenset[str]().union(*(part.closed for part in parts)),
        confirmed=_joined((p.confirmed for p in confirmed), CONFIRMED.empty()) if confirmed else None,
        confirmed_items=_joined((p.confirmed_items for p in confirmed), MATCH_ITEMS.empty()) if confirmed else None,
        confirmed_receipts=_joined((p.confirmed_receipts for p in confirmed), MATCH_RECEIPTS.empty())
        if confirmed
        else None,
        held_from=_held_from(book, scope),
    )  # fmt: skip
    return with_people(made, books, is_open=cash is Cash.OPEN)


def left_on_account(book: Book, *, scope: Scope) -> pd.DataFrame:
    """RECEIPTS of the scope's entity that were left on account on purpose, and that nobody has decided to place since."""
    ledger = of_entity(book["receipts"], scope.entity)
    kept = ledger[ledger["status"].eq(ReceiptStatus.ON_ACCOUNT.value)]
    if not len(kept) or not len(book["decided_applications"]):
        return kept
    return kept[~is_among(kept["receipt_id"], not_booked(book, scope)["receipt_id"])]


def ledger_links(book: Book, *, scope: Scope) -> pd.DataFrame:
    """What the ledger itself made of the receipts of the period: entity, receipt_id, item_id, currency, applied_amount.

    Stated links that stand at the as-of date, net of what was taken back; a recovery counts for the item that it
    reinstates. This is what a re-performed period is compared with, and never an input of the run.
    """
    made = []
    for code in [scope.entity] if scope.entity else _entities(book):
        own, mine = book.for_entity(code), _scope_of(book, scope, code)
        receipts = _in_period(of_entity(own["receipts"], code), mine)
        made.append(placements(own, receipts, scope=mine))
    return _joined(made, CONFIRMED.empty())


def _entities(book: Book) -> list[str]:
    named = [book[name]["entity"] for name in ("items", "receipts", "bank_lines")]
    return sorted({str(code) for codes in named for code in codes.dropna().unique()})


def _scope_of(book: Book, scope: Scope, code: str) -> Scope:
    known = book["entities"]
    currency = known.loc[known["entity"].eq(code), "functional_currency"]
    own = str(currency.iloc[0]) if len(currency) else scope.functional_currency
    return replace(scope, entity=code, functional_currency=own)


def _of_one(book: Book, *, scope: Scope, cash: Cash, with_on_account: bool) -> MatchInputs:
    """The same for a book of one entity."""
    ledger = of_entity(book["receipts"], scope.entity)
    if cash is Cash.OPEN:
        ours, back = ledger, undone(book, ledger.iloc[:0], scope=scope)
    else:
        until = counted(ledger, scope=scope)
        ours = ledger[until].reset_index(drop=True) if cash is Cash.ALL else _in_period(ledger, scope)
        back = undone(book, ours, scope=scope)
    standing = _without(book, back.applications)
    outstanding = open_items(standing, scope=scope)
    items = _items(standing, outstanding, back, scope=scope)
    if cash is Cash.OPEN and not with_on_account:
        ours = ours[~is_among(ours["receipt_id"], left_on_account(book, scope=scope)["receipt_id"])]
    receipts = _receipts(book, ours, outstanding if cash is Cash.OPEN else None, scope=scope)
    known = (
        None if cash is Cash.ALL else _confirmed(book, ledger, scope=scope, before_period=cash is Cash.PERIOD)
    )
    explained = [receipts["receipt_id"]] + ([known[2]["receipt_id"]] if known else [])
    return MatchInputs(
        items=items,
        receipts=receipts,
        advices=_advices(book, pd.concat(explained), scope=scope),
        confirmed=known[0] if known else None,
        confirmed_items=known[1] if known else None,
        confirmed_receipts=known[2] if known else None,
        closed=_closed(book, items, scope=scope),
    )


def _closed(book: Book, items: pd.DataFrame, *, scope: Scope) -> frozenset[str]:
    """Numbers of documents that are not offered, since nothing of them is open."""
    facts = of_entity(book["items"], scope.entity)
    facts = facts[~facts["item_type"].isin(NO_TARGET) & ~is_among(facts["item_id"], items["item_id"])]
    numbers = (facts[name].dropna() for name in ("document_no", "order_no", "delivery_no"))
    return frozenset(plain(number) for column in numbers for number in column.unique())


def _in_period(receipts: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    begun = (fact_dates(receipts, scope.basis) >= pd.Timestamp(scope.starts_on)).to_numpy(dtype=bool)
    return receipts[begun & counted(receipts, scope=scope)].reset_index(drop=True)


def _without(book: Book, applications: np.ndarray) -> Book:
    if not applications.any():
        return book
    kept = book["applications"][~applications].reset_index(drop=True)
    return replace(book, tables={**book.tables, "applications": kept})


def _items(book: Book, outstanding: pd.DataFrame, back: Undone, *, scope: Scope) -> pd.DataFrame:
    """MATCH_ITEMS out of open items, with what was written off."""
    facts = of_entity(book["items"], scope.entity)
    facts = facts[~facts["item_type"].isin(NO_TARGET) & ~facts["item_id"].isin(back.items)]
    facts = facts.drop_duplicates("item_id").set_index("item_id")
    offered = outstanding[is_among(outstanding["item_id"], facts.index) & outstanding["outstanding"].ne(0)]
    if offered["item_id"].duplicated().any():  # an item in instalments is due with its first open part
        offered = offered.groupby("item_id", as_index=False, sort=False).agg(
            {"outstanding": "sum", "customer_id": "first", "currency": "first", "document_date": "first",
             "due_date": "min", "original_due_date": "min"}
        )  # fmt: skip
        offered = offered[offered["outstanding"].ne(0)]
    lost = _written_off(book, facts, offered, back, scope=scope)
    rows = pd.concat([offered.assign(is_written_off=False), lost], ignore_index=True) if len(lost) else offered.assign(
        is_written_off=False
    )  # fmt: skip
    own = facts[list(_OF_ITEM)].reindex(rows["item_id"]).set_axis(rows.index)
    made = rows[
        [
            "item_id",
            "customer_id",
            "currency",
            "document_date",
            "due_date",
            "original_due_date",
            "is_written_off",
        ]
    ]
    made = made.assign(
        entity=scope.entity, open_amount=rows["outstanding"], **{name: own[name] for name in _OF_ITEM}
    )
    made["is_disputed"] = is_among(made["item_id"], _disputed(book, scope))
    made["terms"] = _terms(book, made["customer_id"], scope=scope)
    return MATCH_ITEMS.typed(made).reset_index(drop=True)


def _written_off(
    book: Book, facts: pd.DataFrame, offered: pd.DataFrame, back: Undone, *, scope: Scope
) -> pd.DataFrame:
    """Items of which nothing is open because they were written off, with what has not come back."""
    debts = of_entity(book["written_off"], scope.entity)
    debts = debts[(debts["written_off_on"] <= pd.Timestamp(scope.as_of)).to_numpy(dtype=bool)]
    debts = debts[is_among(debts["item_id"], facts.index) & ~is_among(debts["item_id"], offered["item_id"])]
    if not len(debts):
        return offered.iloc[:0].assign(is_written_off=True)
    owed = debts.groupby("item_id")["amount"].sum()
    items = of_entity(book["items"], scope.entity)
    came = items[items["item_type"].eq(ItemType.RECOVERY.value) & counted(items, scope=scope)]
    came = came[~came["item_id"].isin(back.items)]
    owed = owed.sub(came.groupby("replaces")["amount"].sum().reindex(owed.index), fill_value=0)
    owed = owed[owed.ne(0)]
    own = facts.reindex(owed.index)
    return pd.DataFrame(
        {
            "item_id": owed.index,
            "outstanding": owed.to_numpy(),
            "customer_id": merged_codes(
                own["customer_id"], book, entity=scope.entity, on=scope.as_of
            ).to_numpy(),
            "currency": own["currency"].to_numpy(),
            "document_date": own["document_date"].fillna(own["effective_date"]).to_numpy(),
            "due_date": own["due_date"].to_numpy(),
            "original_due_date": own["original_due_date"].fillna(own["due_date"]).to_numpy(),
            "is_written_off": True,
        }
    )


def _disputed(book: Book, scope: Scope) -> pd.Series:
    disputes = of_entity(book["disputes"], scope.entity)
    day = pd.Timestamp(scope.as_of)
    stands = (disputes["opened_on"] <= day) & ~(disputes["closed_on"] <= day)
    return disputes.loc[stands.to_numpy(dtype=bool), "item_id"].dropna()


def _terms(book: Book, customers: pd.Series, *, scope: Scope) -> pd.Series:
    known = customer_attributes(book, on=scope.as_of, entity=scope.entity, only=("terms",))
    known = known.assign(entity=known["entity"].fillna("")).sort_values(
        "entity", kind="stable"
    )  # its own goes last, and wins
    return customers.map(dict(zip(known["customer_id"], known["terms"], strict=True))).astype("str")


def _receipts(book: Book, ours: pd.DataFrame, open_now: pd.DataFrame | None, *, scope: Scope) -> pd.DataFrame:
    """MATCH_RECEIPTS: `ours` in full, or with their open parts where open items are given."""
    if not book.has("receipts"):
        return MATCH_RECEIPTS.typed(bank_cash(book, entity=scope.entity))
    rows = ours.assign(value_date=ours["effective_date"])
    rows["customer_id"] = merged_codes(ours["customer_id"], book, entity=scope.entity, on=scope.as_of)
    if open_now is not None:
        amount = _open_parts(ours, open_now)
        loose = ours["item_id"].isna() & ours["status"].isin(TO_BE_PLACED) & counted(ours, scope=scope)
        rows["amount"] = amount.where(~loose, ours["amount"])
    return MATCH_RECEIPTS.typed(rows[rows["amount"].ne(0)]).reset_index(drop=True)


def _open_parts(receipts: pd.DataFrame, open_now: pd.DataFrame) -> pd.Series:
    """What is open of each receipt by its item; where several share one, the latest are open first.

    A prepayment counts where it was left on account: it then waits for somebody to say what it pays.
    """
    kept = receipts.loc[receipts["status"].eq(ReceiptStatus.ON_ACCOUNT.value), "item_id"].dropna()
    is_cash = open_now["item_type"].eq(ItemType.RECEIPT.value) | is_among(open_now["item_id"], kept)
    rest = (-open_now[is_cash].groupby("item_id")["outstanding"].sum()).to_dict()
    alone = ~receipts["item_id"].duplicated(keep=False)
    made = receipts["item_id"].map(rest).where(alone).fillna(0).astype("Int64")
    shared = receipts[~alone & receipts["item_id"].isin(rest)]
    latest = shared.sort_values(["effective_date", "amount", "receipt_id"], ascending=False, kind="stable")
    for row, item, amount in zip(
        latest.index, latest["item_id"], ints(latest["amount"]).tolist(), strict=True
    ):
        part = max(min(amount, rest[item]), 0) if amount > 0 else min(max(amount, rest[item]), 0)
        made[row] = part
        rest[item] -= part
    return made


def _advices(book: Book, receipts: pd.Series, *, scope: Scope) -> pd.DataFrame:
    lines = explained(book, _cash(book, scope), entity=scope.entity)
    lines = lines[is_among(lines["receipt_id"], receipts)]
    lines = lines.sort_values(["receipt_id", "remittance_id"], kind="stable", ignore_index=True)
    return MATCH_ADVICES.typed(lines.assign(line_no=lines.groupby("receipt_id").cumcount() + 1))


def _cash(book: Book, scope: Scope) -> pd.DataFrame:
    """All cash that an advice may speak of: the ledger's receipts, else what the bank booked."""
    if not book.has("receipts"):
        return bank_cash(book, entity=scope.entity)
    links = of_entity(book["receipt_bank_lines"], scope.entity).drop_duplicates("receipt_id")
    ledger = of_entity(book["receipts"], scope.entity).assign(value_date=lambda rows: rows["effective_date"])
    ledger["detail_no"] = pd.Series(pd.NA, index=ledger.index, dtype="Int64")
    return ledger.drop(columns="bank_account").merge(
        links[["receipt_id", "bank_account", "bank_line_id"]], on="receipt_id", how="left"
    )


def _confirmed(
    book: Book, ledger: pd.DataFrame, *, scope: Scope, before_period: bool
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame] | None:
    """Links, items and receipts of what was applied whole, or None where nothing was."""
    if not len(book["applications"]) or not len(ledger):
        return None
    if before_period:
        last = pd.Timestamp(scope.starts_on) - pd.Timedelta(days=1)
        scope = replace(scope, as_of=last.date(), starts_on=min(scope.starts_on, last.date()))
        if "snapshot" in book.features:
            return None  # a snapshot tells of one day only
    known = ledger[counted(ledger, scope=scope)].reset_index(drop=True)
    links = placements(book, known, scope=scope)
    back = undone(book, known, scope=scope)
    standing = _without(book, back.applications)
    items = _items(standing, open_items(standing, scope=scope), back, scope=scope)
    known = known[is_among(known["receipt_id"], applied_whole(book, known, items, scope=scope))]
    links = links[is_among(links["receipt_id"], known["receipt_id"])].reset_index(drop=True)
    return (links, items, _receipts(book, known, None, scope=scope)) if len(links) else None


def _customers(book: Book, scope: Scope) -> pd.DataFrame:
    """Customers with their attributes as they were at the as-of date."""
    customers = book["customers"]
    if not len(customers) or not book.has("customer_history"):
        return customers
    then = customer_attributes(book, on=scope.as_of)
    keys = ["entity", "customer_id"]
    order = customers.assign(entity=customers["entity"].fillna("")).sort_values(keys, kind="stable").index
    made = customers.loc[order].reset_index(drop=True)
    then = then.assign(entity=then["entity"].fillna("")).sort_values(keys, kind="stable", ignore_index=True)
    return made.assign(**{name: then[name] for name in DATED if name != "credit_limit"})


def _held_from(book: Book, scope: Scope) -> dict[tuple[str, str], int]:
    """The day since which a customer has had, without a break, a status that holds its money: by (entity, customer)."""
    history = book["customer_history"]
    history = history[
        history["attribute"].eq("status") & (history["valid_from"] <= pd.Timestamp(scope.as_of))
    ]
    history = history.sort_values("valid_from", kind="stable")
    found: dict[tuple[str, str], int] = {}
    rows = (history[name] for name in ("customer_id", "value"))
    for entity, code, status, day in zip(
        history["entity"].fillna(""), *rows, days(history["valid_from"]).tolist(), strict=True
    ):
        if status in HELD:
            found.setdefault((str(entity), str(code)), day)
        else:
            found.pop((str(entity), str(code)), None)
    return found


def _joined(frames: Iterable[pd.DataFrame | None], empty: pd.DataFrame) -> pd.DataFrame:
    filled = [frame for frame in frames if frame is not None and len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else empty
