"""One customer's book out of an entity's: every table narrowed, at once. Floor 1.

An index is made once (seconds at a million items); a book out of it takes milliseconds, so that a desk can open one
customer after another. What a row has to do with a customer is read from the ids that it carries.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, reduce

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from arlib.errors import ParameterError, nearest
from arlib.ledger.facts import Bools, Ints, found_at
from arlib.money import distinct
from arlib.tables import CANONICAL, Book

# Which columns say whose a row is.
CUSTOMER = ("customer_id", "corrected_customer_id", "old_customer_id", "new_customer_id")
ITEM = ("item_id", "source_item_id", "target_item_id")
RECEIPT, PLAN = "receipt_id", "plan_id"
BANK = ("receipt_bank_lines", "bank_lines", "bank_line_details", "remittances")
BASE = frozenset(("items", "applications", "receipts", "plans", *BANK))  # others hang on these
NEAR = 2000  # more ids than this are not searched for the one that was meant


@dataclass(frozen=True)
class CustomerBook(Book):
    """The book of one customer. `codes` are its code and those of the accounts that were merged into it, at any date.

    An item of another customer is in it where an application joins it to one of this customer's (or where such an item
    reverses or replaces it), so that every id resolves. What is open on it is not told by this book: `own_items`.
    """

    customer_id: str = ""
    codes: frozenset[str] = frozenset()

    def __getitem__(self, name: str) -> pd.DataFrame:
        """The table, or an empty one of its shape when it was not given; a desk asks for those again and again."""
        return self.tables[name] if name in self.tables else _empty(name).copy(deep=False)


@cache
def _empty(name: str) -> pd.DataFrame:
    return CANONICAL[name].empty()


def own_rows(book: Book, frame: pd.DataFrame, *, column: str = "customer_id") -> pd.DataFrame:
    """The rows of a frame that are the customer's itself, numbered from 0; all rows of a book that is no customer's."""
    if not isinstance(book, CustomerBook):
        return frame.reset_index(drop=True)
    return frame[_own(book, frame[column])].reset_index(drop=True)


def own_items(book: Book) -> Bools:
    """Which of a book's items are the customer's own; all of them in a book that is no customer's."""
    if not isinstance(book, CustomerBook):
        return np.ones(len(book["items"]), dtype=bool)
    return _own(book, book["items"]["customer_id"])


def _own(book: CustomerBook, codes: pd.Series) -> Bools:
    return np.asarray(codes.fillna("").isin(book.codes or {""}).to_numpy(dtype=bool), dtype=bool)


def row_of(wanted: pd.Series, ids: pd.Series) -> Ints:
    """`found_at` of a few texts among many: the many are read through once and not put into a table of their own."""
    if len(wanted) * 4 > len(ids):
        return found_at(wanted, ids)
    few = pa.array(wanted.dropna().unique(), type=pa.large_string())
    many = pa.array(ids, type=pa.large_string(), from_pandas=True)
    rows = np.flatnonzero(np.asarray(pc.is_in(many, value_set=few)))
    found = found_at(wanted, ids.iloc[rows])
    return np.append(rows, -1)[found]


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Which rows of a table belong to whom; a row may have several owners."""

    rows: Ints
    owners: Ints

    @classmethod
    def joined(cls, *parts: _Pairs) -> _Pairs:
        """All pairs, none twice."""
        rows = np.concatenate([part.rows for part in parts])
        owners = np.concatenate([part.owners for part in parts])
        if len(parts) == 1 or not len(rows):
            return cls(rows, owners)
        span = int(owners.max()) + 1
        both = distinct(rows * span + owners)
        return cls(both // span, both % span)

    @classmethod
    def direct(cls, owner: Ints) -> _Pairs:
        """One owner a row, -1 for none."""
        rows = np.flatnonzero(owner >= 0)
        return cls(rows, owner[rows])

    def of_children(self, parent: Ints, parents: int) -> _Pairs:
        """The pairs of rows that have the owners of their parent row, -1 for no parent."""
        rows = np.flatnonzero(parent >= 0)
        if not len(rows):
            return _Pairs(rows, rows)
        is_sorted = bool((np.diff(self.rows) >= 0).all())
        order = np.arange(len(self.rows)) if is_sorted else np.argsort(self.rows, kind="stable")
        owners = self.owners[order]
        starts = np.searchsorted(self.rows[order], np.arange(parents + 1))
        first, count = starts[parent[rows]], np.diff(starts)[parent[rows]]
        offset = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        return _Pairs(np.repeat(rows, count), owners[np.repeat(first, count) + offset])


@dataclass(frozen=True, eq=False)
class _Rows:
    """Row numbers of a table by owner: those of owner k are order[starts[k]:starts[k + 1]]."""

    order: Ints
    starts: Ints

    @classmethod
    def of(cls, pairs: _Pairs, *, rows: int, owners: int) -> _Rows:
        """Rows that nobody owns go to the last owner, who stands for nobody."""
        is_owned = np.zeros(rows, dtype=bool)
        is_owned[pairs.rows] = True
        left = np.flatnonzero(~is_owned)
        at = np.concatenate([pairs.rows, left])
        owner = np.concatenate([pairs.owners, np.full(len(left), owners, dtype=np.int64)])
        order = np.lexsort((at, owner))
        return cls(at[order], np.searchsorted(owner[order], np.arange(owners + 2)))

    def of_owners(self, owners: Ints) -> Ints:
        """Rows of any of these owners, in the table's order."""
        found = [self.order[self.starts[owner] : self.starts[owner + 1]] for owner in owners.tolist()]
        return found[0] if len(found) == 1 else distinct(np.concatenate(found))


@dataclass(frozen=True, eq=False)
class CustomerIndex:
    """Every table of an entity's book by customer. Made by `CustomerIndex.of`."""

    book: Book
    codes: pd.Index  # sorted; owner number len(codes) is nobody
    merged: Mapping[str, frozenset[str]]  # code: it and those merged into it, where there are any
    rows: Mapping[str, _Rows]  # tables that are narrowed; the others are whole
    item_owner: Ints
    receipt_owner: Ints
    empty: Mapping[str, pd.DataFrame]

    @classmethod
    def of(cls, book: Book) -> CustomerIndex:
        """Index the book of one entity; one of several entities raises ParameterError, since item ids are the entity's.

        Uses whatever table is there. An item is its customer's; instalments, revaluations and the like are their
        item's; an application is of both its items' customers; a receipt is its customer's, its item's, and of those
        whose items it was set against; bank lines and advices are their receipt's; every other row that names a
        customer, an item, a receipt or a plan is theirs. A table that can name none of them is not narrowed.
        """
        if len(found := book["items"]["entity"].dropna().unique()) > 1:
            raise ParameterError(
                "an index by customer is of one entity",
                found=", ".join(sorted(found)),
                wanted="book.for_entity(code)",
            )
        book = replace(book, tables={name: _whole(frame) for name, frame in book.tables.items()})
        codes = _all_codes(book)
        owners = _Owners.of(book, codes)
        rows = {
            name: _Rows.of(pairs, rows=len(book[name]), owners=len(codes))
            for name in book.tables
            if (pairs := owners.pairs(name, book[name])) is not None
        }
        return cls(
            book=book,
            codes=codes,
            merged=_merged(book),
            rows=rows,
            item_owner=owners.item_owner,
            receipt_owner=owners.receipt_owner,
            empty={name: frame.iloc[:0] for name, frame in book.tables.items()},
        )

    @property
    def customer_ids(self) -> tuple[str, ...]:
        """Every customer code that a table knows, sorted."""
        return tuple(self.codes)

    def book_of(self, customer_id: str) -> CustomerBook:
        """The customer's book: all tables narrowed, rows in their order. '' gives what is nobody's, as unidentified cash.

        Accounts that were merged into the customer are in it. Tables without a customer (rates, periods, control
        accounts ...) are whole, problems of intake are left out. Raises ParameterError for a code that no table knows.
        """
        codes = self.merged.get(customer_id, frozenset((customer_id,))) if customer_id else frozenset[str]()
        owners = (
            np.sort(self.codes.get_indexer(pd.Index(sorted(codes), dtype="str")))
            if codes
            else np.array([len(self.codes)])
        )
        owners = owners[owners >= 0]
        if not len(owners):
            near = nearest(customer_id[:40], self.customer_ids) if len(self.codes) <= NEAR else ""
            raise ParameterError(
                "no such customer",
                found=customer_id[:80],
                fix=f"Did you mean {near!r}?" if near else "Search for it.",
            )
        tables = {}
        for name, frame in self.book.tables.items():
            by_owner = self.rows.get(name)
            if by_owner is None:
                tables[name] = frame
                continue
            at = by_owner.of_owners(owners)
            tables[name] = frame.take(at).reset_index(drop=True) if len(at) else self.empty[name]
        book = self.book
        return CustomerBook(
            tables,
            inputs=book.inputs,
            features=book.features,
            snapshot_date=book.snapshot_date,
            customer_id=customer_id,
            codes=codes,
        )

    def customer_of_item(self, item_id: str) -> str:
        """The customer of an item; '' for cash that nobody is known for. Raises ParameterError for an unknown item."""
        return self._customer("items", "item_id", item_id, self.item_owner)

    def customer_of_receipt(self, receipt_id: str) -> str:
        """The customer of a receipt, its own or its item's; '' for none. Raises ParameterError for an unknown receipt."""
        return self._customer("receipts", "receipt_id", receipt_id, self.receipt_owner)

    def _customer(self, table: str, column: str, wanted: str, owner: Ints) -> str:
        at = np.flatnonzero(self.book[table][column].eq(wanted).to_numpy(dtype=bool))
        if not len(at):
            raise ParameterError(f"no such {column.removesuffix('_id')}", found=wanted[:80])
        return self.code(int(owner[at[0]]))

    def code(self, owner: int) -> str:
        """The code of an owner by number; '' for nobody."""
        return str(self.codes[owner]) if owner < len(self.codes) else ""

    def with_tables(self, changed: Mapping[str, pd.DataFrame]) -> CustomerIndex:
        """The index after these tables changed, such as those that decisions add to; the others are not looked at again.

        A customer that no table knew before is nobody's here. A change of items, applications, receipts, plans or bank
        lines, on which others hang, makes the index anew.
        """
        book = replace(
            self.book, tables={**self.book.tables, **{name: _whole(f) for name, f in changed.items()}}
        )
        if BASE & changed.keys():
            return CustomerIndex.of(book)
        plans = _Pairs.direct(found_at(book["plans"]["customer_id"], self.codes))
        owners = _Owners(self.codes, book, self.item_owner, self.receipt_owner, {}, plans)
        rows = dict(self.rows)
        for name in changed:
            pairs = owners.pairs(name, book[name])
            if pairs is not None:
                rows[name] = _Rows.of(pairs, rows=len(book[name]), owners=len(self.codes))
        empty = {**self.empty, **{name: book[name].iloc[:0] for name in changed}}
        return replace(self, book=book, rows=rows, merged=_merged(book), empty=empty)


@dataclass(frozen=True, eq=False)
class _Owners:
    """Who owns the rows of the tables that others hang on."""

    codes: pd.Index
    book: Book
    item_owner: Ints
    receipt_owner: Ints
    known: Mapping[str, _Pairs]
    plans: _Pairs

    @classmethod
    def of(cls, book: Book, codes: pd.Index) -> _Owners:
        items, receipts = book["items"], book["receipts"]
        nobody = len(codes)
        item_owner = _or(found_at(items["customer_id"], codes), nobody)
        own = _Pairs.direct(item_owner)
        of_item = found_at(receipts["item_id"], items["item_id"])
        direct = found_at(receipts["customer_id"], codes)
        by_item = np.append(item_owner, nobody)[of_item]  # of no item is nobody's, the last
        receipt_owner = np.where(direct >= 0, direct, by_item)
        known: dict[str, _Pairs] = {}
        known["applications"], far = _applied(book, item_owner)
        known["items"] = _Pairs.joined(own, far, _linked_far(items, item_owner))
        by_far = known["items"].of_children(of_item, len(items))
        known["receipts"] = _Pairs.joined(_Pairs.direct(receipt_owner), by_far)
        known |= _bank(book, known["receipts"])
        plans = _Pairs.direct(found_at(book["plans"]["customer_id"], codes))
        return cls(codes, book, item_owner, receipt_owner, known, plans)

    def pairs(self, name: str, frame: pd.DataFrame) -> _Pairs | None:
        """Which rows of a table are whose; None for a table that names nobody."""
        if name in self.known:
            return self.known[name]
        parts = [_Pairs.direct(found_at(frame[column], self.codes)) for column in CUSTOMER if column in frame]
        for column in ITEM:
            if column in frame:
                at = row_of(frame[column], self.book["items"]["item_id"])
                parts.append(_Pairs.direct(np.append(self.item_owner, -1)[at]))
        if RECEIPT in frame:
            at = row_of(frame[RECEIPT], self.book["receipts"]["receipt_id"])
            parts.append(_Pairs.direct(np.append(self.receipt_owner, -1)[at]))
        if PLAN in frame and name != "plans":
            parts.append(
                self.plans.of_children(
                    found_at(frame[PLAN], self.book["plans"][PLAN]), len(self.book["plans"])
                )
            )
        return _Pairs.joined(*parts) if parts else None


def _or(found: Ints, other: int) -> Ints:
    """Found numbers, and `other` where nothing was found."""
    return np.where(found >= 0, found, other)


def _applied(book: Book, item_owner: Ints) -> tuple[_Pairs, _Pairs]:
    """Applications by the customers of both their items, and the items that another customer's application touches."""
    applications, ids = book["applications"], book["items"]["item_id"]
    at = {side: found_at(applications[f"{side}_item_id"], ids) for side in ("source", "target")}
    owner = {side: np.append(item_owner, -1)[rows] for side, rows in at.items()}
    mine = _Pairs.joined(_Pairs.direct(owner["source"]), _Pairs.direct(owner["target"]))
    far = []
    for side, other in (("source", "target"), ("target", "source")):
        crossing = np.flatnonzero((owner[side] != owner[other]) & (owner[other] >= 0) & (at[side] >= 0))
        far.append(_Pairs(at[side][crossing], owner[other][crossing]))
    return mine, _Pairs.joined(*far)


def _linked_far(items: pd.DataFrame, item_owner: Ints) -> _Pairs:
    """Items of another customer that a customer's item reverses or replaces, through the whole chain."""
    to = [found_at(items[column], items["item_id"]) for column in ("reverses", "replaces")]
    found = [_Pairs(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))]
    for at in to:
        rows = np.flatnonzero(at >= 0)
        rows = rows[item_owner[at[rows]] != item_owner[rows]]
        seen: set[tuple[int, int]] = set()
        ahead = list(zip(at[rows].tolist(), item_owner[rows].tolist(), strict=True))
        while ahead:
            row, owner = ahead.pop()
            if (row, owner) in seen:
                continue
            seen.add((row, owner))
            ahead += [(int(each[row]), owner) for each in to if each[row] >= 0]
        if seen:
            pairs = np.array(sorted(seen), dtype=np.int64)
            found.append(_Pairs(pairs[:, 0], pairs[:, 1]))
    return _Pairs.joined(*found)


def _bank(book: Book, receipts: _Pairs) -> Iterator[tuple[str, _Pairs]]:
    """Bank lines, their details and links, and advices, by the receipts that they are of."""
    ids, count = book["receipts"]["receipt_id"], len(book["receipts"])
    links = book["receipt_bank_lines"]
    of_link = receipts.of_children(found_at(links[RECEIPT], ids), count)
    yield "receipt_bank_lines", of_link
    lines = book["bank_lines"]
    keys, linked = _line_keys(lines, "bank_line_id"), _line_keys(links, "bank_line_id")
    at = found_at(linked, keys)
    owned = _Pairs(at[of_link.rows], of_link.owners)
    owned = _Pairs(owned.rows[owned.rows >= 0], owned.owners[owned.rows >= 0])
    own = _Pairs.joined(owned, _Pairs(owned.rows[:0], owned.owners[:0]))
    returned = own.of_children(found_at(_line_keys(lines, "return_of"), keys), len(lines))
    own = _Pairs.joined(own, returned)
    yield "bank_lines", own
    details = book["bank_line_details"]
    yield (
        "bank_line_details",
        own.of_children(found_at(_line_keys(details, "bank_line_id"), keys), len(lines)),
    )
    advices = book["remittances"]
    by_receipt = receipts.of_children(found_at(advices[RECEIPT], ids), count)
    by_line = own.of_children(found_at(_line_keys(advices, "bank_line_id"), keys), len(lines))
    yield "remittances", _Pairs.joined(by_receipt, by_line)


def _line_keys(frame: pd.DataFrame, column: str) -> pd.Series:
    """Account and line as one text; missing where either is."""
    return frame["bank_account"] + "\x1f" + frame[column].mask(frame[column].eq(""))


def _all_codes(book: Book) -> pd.Index:
    """Every customer code of any table, sorted."""
    found = [
        frame[column].dropna().unique()
        for frame in book.tables.values()
        for column in CUSTOMER
        if column in frame
    ]
    codes = sorted(reduce(lambda all_, each: all_.union(each), found, set[str]()) - {""})
    return pd.Index(codes, dtype="str")


def _merged(book: Book) -> Mapping[str, frozenset[str]]:
    """For every code that went on after a merge, it and all that went into it, through chains."""
    merges = book["customer_merges"]
    into: dict[str, set[str]] = {}
    for old, new in zip(merges["old_customer_id"], merges["new_customer_id"], strict=True):
        into.setdefault(str(new), set()).add(str(old))
    made = {}
    for code in into:
        found, ahead = {code}, [code]
        while ahead:
            fresh = into.get(ahead.pop(), set()) - found
            found |= fresh
            ahead += fresh
        made[code] = frozenset(found)
    return made


def _whole(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its texts in one piece each, numbered from 0: rows are taken out of pieces far more slowly."""
    made = frame.reset_index(drop=True)
    for name, column in made.items():
        values = pa.array(column.array) if str(column.dtype) == "str" else None
        if isinstance(values, pa.ChunkedArray) and values.num_chunks > 1:
            made[name] = pd.Series(values.combine_chunks(), dtype=column.dtype, index=made.index)
    return made
