"""One entity's search index. Floor 1."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from arlib.ledger.by_customer import CustomerIndex
from arlib.ledger.facts import Bools, Ints, found_at, ints
from arlib.ledger.search.amounts import Amounts, amounts_meant
from arlib.ledger.search.keys import Keys
from arlib.ledger.search.names import Names, Readings, plain_readings
from arlib.ledger.search.standing import Narrowing, Standing
from arlib.ledger.search.text import folded
from arlib.money import shown

MOST = 500  # hits of one kind in one field that are kept
# What the text is held against, in the order in which equally good hits stand.
FIELDS = ("customer id", "document", "receipt", "item", "purchase order", "order", "delivery", "reference", "tax id",
          "payer account", "dispute", "name", "alias", "payer", "amount", "open amount", "balance")  # fmt: skip
PLACE = {name: at for at, name in enumerate(FIELDS)}
WHOLE, BEGUN, INSIDE = 1000, 800, 600  # a whole key goes before a name, a name before a part of a key
AMOUNT, PLAIN_AMOUNT = 950, 700
SHOWN = 80  # signs of a found text that are shown
NAME = 9  # points for each of a hundred that a name is like: 738 to 900
DECIDED = frozenset(("disputes", "payer_aliases"))


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found, by numbers; `EntitySearch.why` puts it into words. The larger the score, the better."""

    score: int
    field: str
    owner: int
    item: int  # row of items, -1 for none
    receipt: int
    source: Keys | Names | Amounts
    place: int
    size: int  # of the customer's balance, for the order of equals


@dataclass(frozen=True, eq=False)
class EntitySearch:
    """What can be found in one entity. Made by `EntitySearch.of`."""

    entity: str
    functional: str
    index: CustomerIndex
    standing: Standing
    keys: tuple[Keys, ...]
    names: tuple[Names, ...]
    amounts: tuple[Amounts, ...]
    receipt_of_item: Ints  # one more than there are items: the last, for -1, is -1
    item_of_receipt: Ints
    currencies: frozenset[str]
    readings: Readings = field(default=plain_readings)

    @classmethod
    def of(cls, index: CustomerIndex, aged: pd.DataFrame, *, entity: str, functional: str,
           readings: Readings = plain_readings) -> EntitySearch:  # fmt: skip
        """Index an entity's book.

        `aged` are its AGED_ITEMS at the date whose balances a list shows; `readings` says how a name may be written.
        """
        items, receipts = index.book["items"], index.book["receipts"]
        item_of_receipt = found_at(receipts["item_id"], items["item_id"])
        receipt_of_item = np.full(len(items) + 1, -1, dtype=np.int64)
        receipt_of_item[item_of_receipt] = np.arange(len(receipts))
        row = found_at(aged["item_id"], items["item_id"])
        differs = ints(aged["outstanding"]) != ints(items["amount"].iloc[row].reset_index(drop=True))
        rest = aged[differs].reset_index(drop=True)
        standing = Standing.of(index, aged, entity=entity)
        return cls(
            entity=entity,
            functional=functional,
            index=index,
            standing=standing,
            keys=(*_own_keys(index), *_document_keys(index), *_decided_keys(index)),
            names=(*_names(index, readings), _decided_names(index, readings)),
            amounts=(
                Amounts.of("amount", items["amount"], items["currency"], index.item_owner, table="items"),
                Amounts.of("open amount", rest["outstanding"], rest["currency"], index.item_owner[row[differs]],
                           table="items", rows=row[differs]),
                Amounts.of("amount", receipts["amount"], receipts["currency"], index.receipt_owner, table="receipts"),
                _balances(index, aged, standing, functional),
            ),
            receipt_of_item=receipt_of_item,
            item_of_receipt=item_of_receipt,
            currencies=frozenset((functional, *items["currency"].dropna().unique())),
            readings=readings,
        )  # fmt: skip

    def with_index(self, index: CustomerIndex, changed: Collection[str]) -> EntitySearch:
        """The same after people decided: disputes and aliases are read again where they are among the changed tables."""
        made = replace(self, index=index)
        if "disputes" in changed:
            made = replace(made, standing=made.standing.with_disputes(index))
        if DECIDED & set(changed):
            keys = (*(each for each in made.keys if each.table != "decided"), *_decided_keys(index))
            made = replace(made, keys=keys)
        if "payer_aliases" in changed:
            made = replace(made, names=(*made.names[:-1], _decided_names(index, self.readings)))
        return made

    def listed(self, narrowing: Narrowing) -> Ints:
        """Owners that the filters leave, largest balance first."""
        wanted, order = self.standing.wanted(narrowing), self.standing.order
        return order if wanted is None else order[wanted[order]]

    def hits(self, query: str, narrowing: Narrowing) -> tuple[list[Hit], bool]:
        """What a query that was read finds among the customers that the filters leave, unsorted; whether some was left off."""
        among = self.standing.wanted(narrowing)
        made: list[Hit] = []
        left_off = False
        for find in (self._of_keys, self._of_amounts):
            for hits, is_cut in find(query, among):
                made += hits
                left_off |= is_cut
        has_digit = any(sign.isdigit() for sign in query)
        if has_digit and any(hit.score == WHOLE for hit in made):
            return made, left_off  # a number that is found whole is no name with a typo
        for hits, is_cut in self._of_names(query, among):
            made += hits
            left_off |= is_cut
        return made, left_off

    def _of_keys(self, query: str, among: Bools | None) -> Iterator[tuple[list[Hit], bool]]:
        wanted = folded(query)
        for keys in self.keys if wanted else ():
            first, whole, last = keys.begun(wanted)
            found = {WHOLE: keys.among(first, whole, among), BEGUN: keys.among(whole, last, among)}
            if last - first <= MOST:  # one that is so common is not looked for further inside
                found[INSIDE] = keys.inside(wanted, most=MOST + 1, among=among)
            for score, places in found.items():
                rows, owners = keys.rows[places[:MOST]].tolist(), keys.owners[places[:MOST]].tolist()
                hits = [
                    self._hit(score, keys, owner, row, place)
                    for place, row, owner in zip(places[:MOST].tolist(), rows, owners, strict=True)
                ]
                yield hits, len(places) > MOST

    def _of_names(self, query: str, among: Bools | None) -> Iterator[tuple[list[Hit], bool]]:
        if not any(sign.isalpha() for sign in query):
            return
        for names in self.names:
            at, like = names.like(query, among=among)
            order = np.lexsort((at, -like))[:MOST]
            best: dict[int, Hit] = {}
            for entry, score in zip(at[order].tolist(), like[order].tolist(), strict=True):
                owner = int(names.owners[entry])
                best.setdefault(owner, self._hit(score * NAME, names, owner, -1, entry))
            yield list(best.values()), len(at) > MOST

    def _of_amounts(self, query: str, among: Bools | None) -> Iterator[tuple[list[Hit], bool]]:
        for meant in amounts_meant(query, self.currencies):
            score = PLAIN_AMOUNT if meant.is_plain else AMOUNT
            for amounts in self.amounts:
                at = amounts.equal(meant)
                if among is not None:
                    at = at[among[amounts.owners[at]]]
                kept = at[:MOST].tolist()
                hits = [
                    self._hit(score, amounts, int(amounts.owners[place]), int(amounts.rows[place]), place)
                    for place in kept
                ]
                yield hits, len(at) > MOST

    def _hit(self, score: int, source: Keys | Names | Amounts, owner: int, row: int, place: int) -> Hit:
        table = "" if isinstance(source, Names) else source.table
        item, receipt = row if table == "items" else -1, row if table == "receipts" else -1
        if item >= 0:
            receipt = int(self.receipt_of_item[item])
        elif receipt >= 0:
            item = int(self.item_of_receipt[receipt])
        return Hit(score, source.field, owner, item, receipt, source, place, int(self.standing.size[owner]))

    def why(self, hit: Hit) -> str:
        """Why a hit was found, in words."""
        source = hit.source
        if isinstance(source, Names):
            return f"{hit.field} {source.shown[hit.place][:SHOWN]}"
        if isinstance(source, Keys):
            kind = self._kind(hit.item) if hit.field in ("document", "item") else hit.field
            return f"{kind} {str(source.shown.iloc[int(source.rows[hit.place])])[:SHOWN]}"
        currency = str(source.currencies.iloc[hit.place])
        money = f"{hit.field} {shown(int(source.minor[hit.place]), currency)} {currency}"
        if source.table == "customers":
            return f"{money} at the list's date"
        if source.table == "receipts":
            return f"{money} on receipt {self.ids(hit)[1][:SHOWN]}"
        return f"{money} on {self._kind(hit.item)} {str(self.index.book['items']['document_no'].iloc[hit.item])[:SHOWN]}"

    def _kind(self, item: int) -> str:
        return str(self.index.book["items"]["item_type"].iloc[item]).replace("_", " ")

    def ids(self, hit: Hit) -> tuple[str, str]:
        """Item and receipt of a hit; '' where it is of none."""
        book = self.index.book
        item = str(book["items"]["item_id"].iloc[hit.item]) if hit.item >= 0 else ""
        return item, str(book["receipts"]["receipt_id"].iloc[hit.receipt]) if hit.receipt >= 0 else ""


def _balances(index: CustomerIndex, aged: pd.DataFrame, standing: Standing, functional: str) -> Amounts:
    """What each customer owes, in the currency of its documents and in the books'."""
    nobody = len(index.codes)
    open_ = pd.DataFrame(
        {"owner": standing.owner, "currency": standing.currency, "amount": ints(aged["outstanding"])}
    )
    by_currency = open_.groupby(["owner", "currency"], as_index=False).agg({"amount": "sum"})
    in_books = pd.DataFrame(
        {"owner": np.arange(nobody + 1), "currency": functional, "amount": standing.balance}
    ).dropna()
    both = pd.concat([by_currency, in_books], ignore_index=True).drop_duplicates()
    both = both[both["owner"].ne(nobody) & both["amount"].ne(0)].reset_index(drop=True)
    owner = both["owner"].to_numpy(dtype=np.int64)
    return Amounts.of("balance", both["amount"], both["currency"], owner, table="customers", rows=owner)


def _own_keys(index: CustomerIndex) -> Iterator[Keys]:
    """What a customer has itself."""
    book = index.book
    nobody = len(index.codes)
    yield Keys.of("customer id", pd.Series(index.codes), np.arange(nobody))
    people = book["customers"]
    owner = _owner(index, people["customer_id"])
    yield Keys.of("tax id", people["tax_id"], owner)
    receipts, details = book["receipts"], book["bank_details"]
    accounts = pd.DataFrame(
        {
            "account": pd.concat([people["payer_account"], receipts["payer_account"], details["account"]]),
            "owner": np.concatenate([owner, index.receipt_owner, _owner(index, details["customer_id"])]),
        }
    )
    accounts = accounts.dropna().drop_duplicates(ignore_index=True)
    yield Keys.of("payer account", accounts["account"], accounts["owner"].to_numpy(dtype=np.int64))


def _document_keys(index: CustomerIndex) -> Iterator[Keys]:
    """Numbers of documents and receipts."""
    items, receipts, advices = index.book["items"], index.book["receipts"], index.book["remittances"]
    yield Keys.of("document", items["document_no"], index.item_owner, table="items")
    yield Keys.of("item", items["item_id"], index.item_owner, table="items", but=items["document_no"])
    for name, column in (
        ("purchase order", "purchase_order"),
        ("order", "order_no"),
        ("delivery", "delivery_no"),
    ):
        yield Keys.of(name, items[column], index.item_owner, table="items")
    yield Keys.of("receipt", receipts["receipt_id"], index.receipt_owner, table="receipts")
    yield Keys.of("reference", receipts["reference"], index.receipt_owner, table="receipts")
    at = found_at(advices["receipt_id"], receipts["receipt_id"])
    quoted = pd.DataFrame({"reference": advices["payment_reference"], "receipt": at})
    quoted = quoted[quoted["receipt"].ge(0)].dropna().drop_duplicates(ignore_index=True)
    row = quoted["receipt"].to_numpy(dtype=np.int64)
    by_receipt = pd.Series(pd.NA, index=receipts.index, dtype="str")
    by_receipt.iloc[row] = quoted["reference"].to_numpy()
    yield Keys.of("reference", by_receipt, index.receipt_owner, table="receipts", but=receipts["reference"])


def _decided_keys(index: CustomerIndex) -> Iterator[Keys]:
    """Numbers that decisions bring."""
    disputes, aliases = index.book["disputes"], index.book["payer_aliases"]
    yield Keys.of("dispute", disputes["dispute_id"], _owner(index, disputes["customer_id"]), table="decided")
    owner = _owner(index, aliases["customer_id"])
    yield Keys.of("payer account", aliases["payer_account"], owner, table="decided")


def _names(index: CustomerIndex, readings: Readings) -> Iterator[Names]:
    """Names that a customer has, paid under, and is said to pay under."""
    people, receipts = index.book["customers"], index.book["receipts"]
    named = pd.DataFrame({"owner": _owner(index, people["customer_id"]), "name": people["name"]})
    own = Names.of("name", named, readings=readings)
    yield own
    paid = pd.DataFrame({"owner": index.receipt_owner, "name": receipts["payer_name"]}).drop_duplicates()
    yield Names.of("payer", paid, readings=readings, but=own)
    told = (
        pd.DataFrame({"owner": named["owner"], "name": people["payer_aliases"].str.split("|")})
        .dropna()
        .explode("name")
    )
    yield Names.of("alias", told.assign(name=told["name"].astype("str").str.strip()), readings=readings)


def _decided_names(index: CustomerIndex, readings: Readings) -> Names:
    """Names that people gave to a customer."""
    aliases = index.book["payer_aliases"]
    decided = pd.DataFrame({"owner": _owner(index, aliases["customer_id"]), "name": aliases["payer_name"]})
    return Names.of("alias", decided, readings=readings)


def _owner(index: CustomerIndex, codes: pd.Series) -> Ints:
    found = found_at(codes, index.codes)
    return np.where(found >= 0, found, len(index.codes))
