"""Debits, what settled them and when it was known: the history that a forecast learns from. Floor 1.

Days are whole numbers since 1970-01-01, so that a million items are compared at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from arlib.collect.position import Position
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import Bools, Ints, fact_dates, found_at, ints
from arlib.ledger.openitems import linked
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import CASH_TYPES, ItemType

Floats = npt.NDArray[np.float64]
NEVER_DAY = np.int64(2**40)  # later than any date: not undone, not closed
NO_CASH = (ItemType.REFUND, ItemType.WRITE_OFF, ItemType.TRANSFER)  # positive, and yet nobody pays them


@dataclass(frozen=True, kw_only=True, eq=False)
class Debits:
    """Debits, or due parts of them, as arrays of one length."""

    row: Ints  # in the book's list of debits; -1 where it is not from there
    customer: Ints
    currency: Ints
    billed: Ints  # document date
    due: Ints  # document date where there is no due date
    amount: Ints  # minor units: whole in the history, what is open in a standing
    pays: Bools  # of a kind that customers pay in cash
    item: npt.NDArray[np.object_] = field(repr=False)  # item id

    def take(self, at: Ints | Bools, amount: Ints | None = None) -> Debits:
        """Some of them, with other amounts where given."""
        return Debits(
            row=self.row[at], customer=self.customer[at], currency=self.currency[at], billed=self.billed[at],
            due=self.due[at], amount=self.amount[at] if amount is None else amount, pays=self.pays[at], item=self.item[at],
        )  # fmt: skip

    def __len__(self) -> int:
        """How many."""
        return len(self.row)


@dataclass(frozen=True, kw_only=True, eq=False)
class Past:
    """All debits of an entity, what settled them, and its credits.

    An event is a part of a debit settled: `known` is the day that the ledger had it, `paid` the day that the money came,
    `undone` the day that it was taken back. A movement of a credit is negative when it comes and positive when it is used.
    """

    customers: pd.Index
    currencies: tuple[str, ...]
    debits: Debits
    known: Ints  # of debits: first day that they count
    event: Ints  # debit that it settles
    event_known: Ints
    event_paid: Ints
    event_settled: Ints  # minor units, all that it settles; negative where it takes back
    event_cash: Ints  # minor units of it that came in cash
    event_undone: Ints
    credit_customer: Ints
    credit_currency: Ints
    credit_known: Ints
    credit_amount: Ints

    def standing(self, day: int) -> Debits:
        """The debits open at the end of a day, as they were known then."""
        done = self.event_known <= day
        settled = np.bincount(
            self.event[done], weights=self.event_settled[done].astype(np.float64), minlength=len(self.debits)
        )
        rest = self.debits.amount - np.rint(settled).astype(np.int64)
        is_open = (self.known <= day) & (rest > 0)
        return self.debits.take(is_open, rest[is_open])

    def credits(self, day: int) -> Ints:
        """Open credits and unapplied cash at the end of a day, positive, by customer (rows) and currency."""
        shape = (len(self.customers), len(self.currencies))
        here = self.credit_known <= day
        at = self.credit_customer[here] * shape[1] + self.credit_currency[here]
        sums = np.bincount(
            at, weights=self.credit_amount[here].astype(np.float64), minlength=shape[0] * shape[1]
        )
        return np.maximum(-np.rint(sums).astype(np.int64), 0).reshape(shape)


def days(dates: pd.Series) -> Ints:
    """Whole days since 1970-01-01; 0 where there is none."""
    return dates.fillna(pd.Timestamp(0)).to_numpy(dtype="datetime64[D]").astype(np.int64)


def past_of(book: Book, *, scope: Scope) -> Past:
    """The history of an entity up to the as-of date: of ITEMS, APPLICATIONS, INSTALMENTS, CUSTOMER_MERGES.

    Dates are those of the scope's basis. Where the source keeps entry times, a fact is known from the later of its date
    and the day that it was entered (UTC): that is what a back-test may use. Cash is what a receipt or a prepayment
    settled, on the day of the receipt; a discount, credit memo or write-off settles without cash.
    """
    facts = linked(book, scope=scope)
    items, links = facts.items, facts.applications
    on = fact_dates(items, scope.basis)
    item_day, item_known = days(on), _known(items, on, book)
    link_known = _known(links, fact_dates(links, scope.basis), book)
    amounts = ints(items["amount"])
    codes = merged_codes(items["customer_id"].fillna(""), book, entity=scope.entity, on=scope.as_of)
    customer, customers = pd.factorize(codes, sort=True)
    currency, currencies = pd.factorize(items["currency"], sort=True)
    is_debit = (amounts > 0) & facts.is_counted
    billed = items["document_date"].fillna(items["effective_date"])
    kinds = items["item_type"]
    debit_rows = np.flatnonzero(is_debit)
    rank = np.full(len(items), -1, dtype=np.int64)
    rank[debit_rows] = np.arange(len(debit_rows))
    is_cash = kinds.isin([str(kind) for kind in CASH_TYPES]).to_numpy(dtype=bool)
    debits = Debits(
        row=np.arange(len(debit_rows)), customer=customer[debit_rows].astype(np.int64),
        currency=currency[debit_rows].astype(np.int64), billed=days(billed)[debit_rows],
        due=days(items["due_date"].fillna(billed))[debit_rows], amount=amounts[debit_rows],
        pays=~(kinds.isin([str(kind) for kind in NO_CASH]).to_numpy(dtype=bool)[debit_rows]),
        item=items["item_id"].to_numpy(dtype=object)[debit_rows],
    )  # fmt: skip

    on_debit = rank[facts.target] >= 0
    gross = ints(links["target_amount"])
    settled = gross + ints(links["discount"])
    undone = _undone(links, link_known)
    cash = np.where(is_cash[facts.source] & (gross > 0), gross, 0)
    # A debit is also used up as a source: a rebill takes over the rest of an invoice.
    from_debit = rank[facts.source] >= 0
    used = ints(links["source_amount"])
    no_cash = np.zeros(int(from_debit.sum()), dtype=np.int64)
    paid = np.minimum(item_day[facts.source], link_known)
    sides = [
        (rank[facts.target], rank[facts.source]), (link_known, link_known), (paid, link_known), (settled, -used),
        (undone, undone),
    ]  # fmt: skip
    event, known, paid, settled_by, undone = (
        np.concatenate([target[on_debit], source[from_debit]]) for target, source in sides
    )
    cash = np.concatenate([cash[on_debit], no_cash])
    is_credit = (amounts < 0) & facts.is_counted
    from_credit, on_credit = is_credit[facts.source], is_credit[facts.target]
    moves = [
        (np.flatnonzero(is_credit), item_known[is_credit], amounts[is_credit]),
        (facts.source[from_credit], link_known[from_credit], used[from_credit]),
        (facts.target[on_credit], link_known[on_credit], -settled[on_credit]),
    ]
    credit = np.concatenate([move[0] for move in moves])
    whole = Past(
        customers=pd.Index(customers), currencies=tuple(str(code) for code in currencies), debits=debits,
        known=item_known[debit_rows], event=event, event_known=known, event_paid=paid, event_settled=settled_by,
        event_cash=cash, event_undone=undone, credit_customer=customer[credit].astype(np.int64),
        credit_currency=currency[credit].astype(np.int64), credit_known=np.concatenate([move[1] for move in moves]),
        credit_amount=np.concatenate([move[2] for move in moves]),
    )  # fmt: skip
    return _by_part(whole, book, entity=scope.entity)


def standing_of(position: Position, past: Past) -> Debits:
    """The open debits of the position, in its order."""
    rows = position.debits
    billed = rows["document_date"]
    at = past.customers.get_indexer(pd.Index(rows["customer_id"].fillna("")))
    money = {code: number for number, code in enumerate(past.currencies)}
    return Debits(
        row=np.full(len(rows), -1, dtype=np.int64), customer=at.astype(np.int64),
        currency=np.asarray(rows["currency"].map(money), dtype=np.int64), billed=days(billed),
        due=days(rows["due_date"].fillna(billed)), amount=ints(rows["outstanding"]),
        pays=~rows["item_type"].isin([str(kind) for kind in NO_CASH]).to_numpy(dtype=bool),
        item=rows["item_id"].to_numpy(dtype=object),
    )  # fmt: skip


def _known(frame: pd.DataFrame, on: pd.Series, book: Book) -> Ints:
    """The day that a fact is known from."""
    dated = days(on)
    if "entry_times" not in book.features:
        return dated
    return np.maximum(dated, days(frame["entered_at"].dt.tz_convert(None)))


def _undone(links: pd.DataFrame, known: Ints) -> Ints:
    """The day that each application was taken back; NEVER_DAY where it stands."""
    made = np.full(len(links), NEVER_DAY, dtype=np.int64)
    reverses = links["reverses"]
    back = (reverses.notna() & reverses.ne("")).to_numpy(dtype=bool)
    if back.any():
        at = found_at(reverses[back], pd.Index(links["application_id"]))
        made[at[at >= 0]] = known[back][at >= 0]
    return made


def _by_part(past: Past, book: Book, *, entity: str) -> Past:
    """The same with an item that is due in parts as one debit a part; payments fill the part that is due first."""
    parts = book["instalments"]
    parts = parts[parts["entity"].eq(entity)]
    if parts.empty:
        return past
    owner = pd.Index(past.debits.item).get_indexer(pd.Index(parts["item_id"].astype(object)))
    parts = parts.assign(owner=owner)[owner >= 0]
    if parts.empty:
        return past
    parts = parts.sort_values(["owner", "due_date", "instalment_no"], kind="stable").reset_index(drop=True)
    part_amount = ints(parts["amount"])
    ends = pd.Series(part_amount).groupby(parts["owner"]).cumsum().to_numpy()
    whole = np.setdiff1d(np.arange(len(past.debits)), parts["owner"].to_numpy())
    old = np.concatenate([whole, parts["owner"].to_numpy(dtype=np.int64)])
    debits = past.debits.take(old)
    amount, due = debits.amount.copy(), debits.due.copy()
    amount[len(whole) :], due[len(whole) :] = part_amount, days(parts["due_date"])
    debits = Debits(
        row=np.arange(len(old)), customer=debits.customer, currency=debits.currency, billed=debits.billed,
        due=due, amount=amount, pays=debits.pays, item=debits.item,
    )  # fmt: skip

    new = np.full(len(past.debits), -1, dtype=np.int64)
    new[whole] = np.arange(len(whole))
    is_whole = new[past.event] >= 0
    split = pd.DataFrame({
        "owner": past.event, "known": past.event_known, "paid": past.event_paid, "settled": past.event_settled,
        "cash": past.event_cash, "undone": past.event_undone,
    })[~is_whole].sort_values(["owner", "known", "paid", "settled"], kind="stable")  # fmt: skip
    split["to"] = split.groupby("owner")["settled"].cumsum()
    split["since"] = split["to"] - split["settled"]
    spans = pd.DataFrame({"owner": parts["owner"], "part": len(whole) + np.arange(len(parts)),
                          "begin": ends - part_amount, "end": ends})  # fmt: skip
    met = split.merge(spans, on="owner")
    piece = np.clip(met["to"], met["begin"], met["end"]) - np.clip(met["since"], met["begin"], met["end"])
    met = met.assign(piece=piece)[piece != 0]
    share = (met["piece"].abs() * met["cash"] // met["settled"].abs().clip(lower=1)).to_numpy()

    def joined(old_values: Ints, part_values: Ints) -> Ints:
        return np.concatenate([old_values[is_whole], part_values.astype(np.int64)])

    return Past(
        customers=past.customers, currencies=past.currencies, debits=debits, known=past.known[old],
        event=joined(new[past.event], met["part"].to_numpy()), event_known=joined(past.event_known, met["known"].to_numpy()),
        event_paid=joined(past.event_paid, met["paid"].to_numpy()),
        event_settled=joined(past.event_settled, met["piece"].to_numpy()),
        event_cash=joined(past.event_cash, share), event_undone=joined(past.event_undone, met["undone"].to_numpy()),
        credit_customer=past.credit_customer, credit_currency=past.credit_currency, credit_known=past.credit_known,
        credit_amount=past.credit_amount,
    )  # fmt: skip
