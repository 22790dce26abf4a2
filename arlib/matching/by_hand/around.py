"""The small pool around one receipt or one open item: what may have to do with it, and nothing else. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from arlib.errors import ParameterError
from arlib.matching.by_hand.prepared import Prepared, prepare
from arlib.matching.columns import texts
from arlib.matching.facts import Facts
from arlib.matching.inputs import MatchInputs
from arlib.matching.names import account_key, names_in
from arlib.matching.pool import NOBODY, Pool, pool_of
from arlib.money import Rates

if TYPE_CHECKING:
    from collections.abc import Iterable

    from arlib.policy import Scope
    from arlib.policy.matching import MatchingPolicy
    from arlib.tables import Book

MOST_OF_PAYER = 200  # other receipts of the same payer that are looked at
MOST_CUSTOMERS = 60  # candidates whose items are offered; a group may have hundreds of members


@dataclass(frozen=True)
class Around:
    """The pool around a receipt or an item. `faults` says why there is none; then the pool is empty, and `sentence` too.

    `customers` are the codes whose open items are offered, likeliest first; `sentence` says how narrow the view is.
    """

    entity: str
    receipt_id: str
    item_id: str
    inputs: MatchInputs
    customers: tuple[str, ...]
    prepared: Prepared
    sentence: str
    faults: tuple[str, ...] = ()
    on_account: str = ""  # that the receipt was left on account on purpose, and by whom

    @cached_property
    def pool(self) -> Pool:
        """The items and receipts with their numbers."""
        return pool_of(self.inputs.items, self.inputs.receipts)

    @property
    def items(self) -> pd.DataFrame:
        """MATCH_ITEMS of the open items that are offered."""
        return self.inputs.items

    @property
    def receipts(self) -> tuple[str, ...]:
        """Ids of the open receipts in the pool."""
        return tuple(texts(self.pool.receipts.frame, "receipt_id"))

    @cached_property
    def rates(self) -> Rates:
        """The book's rates."""
        return Rates.of(self.inputs.rates) if len(self.inputs.rates) else Rates()

    def facts(self, policy: MatchingPolicy, *, user: str = "") -> Facts:
        """What explains a difference in this pool."""
        return Facts(
            pool=self.pool, policy=policy, advices=self.inputs.advices, customers=self.inputs.customers,
            rates=self.rates, user=user,
        )  # fmt: skip


def around(
    book: Book, *, scope: Scope, receipt_id: str = "", item_id: str = "", prepared: Prepared | None = None
) -> Around:
    """What may have to do with one open receipt, or with one open item, of the entity of `scope`.

    Customers are: the one booked, those that the payer may be (as `resolve_payers` says, aliases included), and those of
    documents, open or closed, that text or advice names by a number. In the pool are all open items of these, items that
    the payment names, and all open receipts that may come from these customers or name an item of theirs, as they compete for
    the same items; what was left on account on purpose is there only where it was asked for or a person placed it. With
    `prepared` it takes milliseconds, else the whole of `book` is prepared first; tables as in `match_inputs`. Raises
    ParameterError where not exactly one of `receipt_id` and `item_id` is given; what is not open is told in `faults`.
    """
    if bool(receipt_id) == bool(item_id):
        raise ParameterError(
            "matching by hand begins at one thing", found=f"receipt {receipt_id!r}, item {item_id!r}",
            wanted="a receipt or an item",
        )  # fmt: skip
    whole = prepared or prepare(book, scope=scope)
    start = whole.receipt_row(receipt_id) if receipt_id else whole.item_row(item_id)
    if start == NOBODY:
        what = f"receipt {receipt_id}" if receipt_id else f"item {item_id}"
        fault = f"{what} is not open on {whole.scope.as_of:%Y-%m-%d}"
        return Around(scope.entity, receipt_id, item_id, _narrow(whole, [], [], ()), (), whole, "", (fault,))
    accounts, named = _of_receipt(whole, start) if receipt_id else _of_item(whole, start)
    accounts = accounts[:MOST_CUSTOMERS]
    items = np.union1d(whole.items_of(accounts), np.array(named, np.int64))
    receipts = whole.receipts_near(accounts) - whole.kept.keys()
    if receipt_id:
        # what else the payer wrote tells whose money it is, where the numbers in it are known
        also = [row for row in whole.same_payer(start) if row not in whole.kept][:MOST_OF_PAYER]
        receipts |= {start, *also}
        items = np.union1d(items, np.array([item for row in also for item in whole.named[row]], np.int64))
    receipts |= _deciding(whole, items)
    customers = tuple(_code(whole, number) for number in accounts)
    inputs = _narrow(whole, items.tolist(), sorted(receipts), customers)
    lost = int(inputs.items["is_written_off"].fillna(False).sum())
    mine = len(items) - lost
    told = (
        f"Matched among the {mine:,} open {'item' if mine == 1 else 'items'}"
        f"{f', and {lost:,} written off,' if lost else ''} of {len(customers):,} "
        f"{'customer' if len(customers) == 1 else 'customers'}; the close matches all."
    )
    on_account = ""
    if receipt_id and start in whole.kept:
        by = whole.kept[start]
        on_account = f"on account: booked so{f' by {by}' if by else ''}, so only a person places it"
    return Around(scope.entity, receipt_id, item_id, inputs, customers, whole, told, on_account=on_account)


def _code(whole: Prepared, number: int) -> str:
    return whole.payers.accounts[number][1]


def _of_receipt(whole: Prepared, row: int) -> tuple[list[int], list[int]]:
    """Accounts that a receipt may be of, and items that it names."""
    frame = whole.pool.receipts.frame.iloc[[row]]
    found = [*whole.accounts_of(row)]
    booked = int(whole.pool.receipts.account[row])
    if booked != NOBODY:
        found.insert(0, booked)
    said = [text for name in ("remittance_text", "reference") for text in texts(frame, name)]
    lines = whole.index.advices.get(texts(frame, "receipt_id")[0])
    if lines is not None:
        said += texts(whole.inputs.advices.iloc[lines], "reference")
    codes = [*_by_alias(whole, frame), *whole.bearers(said)]
    numbers = {code: number for number, (_, code) in enumerate(whole.payers.accounts)} if codes else {}
    found += [numbers[code] for code in codes if code in numbers]
    return list(dict.fromkeys(found)), [*whole.named[row]]


def _by_alias(whole: Prepared, frame: pd.DataFrame) -> list[str]:
    """Customers that a person gave the payer's name or account to, be it since the book was prepared."""
    aliases = whole.inputs.aliases
    if aliases is None:
        return []
    account, name = (
        account_key(texts(frame, "payer_account")[0]),
        names_in(texts(frame, "payer_name")[0]).whole,
    )
    found = []
    columns = (texts(aliases, column) for column in ("customer_id", "payer_name", "payer_account"))
    for code, of_name, of_account in zip(*columns, strict=True):
        known = names_in(of_name).whole
        if (account and account == account_key(of_account)) or (name and known and name[0] == known[0]):
            found.append(code)
    return found


def _of_item(whole: Prepared, row: int) -> tuple[list[int], list[int]]:
    number = int(whole.pool.items.account[row])
    return ([number] if number != NOBODY else []), [row]


def _deciding(whole: Prepared, items: np.ndarray) -> set[int]:
    """Receipts that people set against one of these items."""
    decided = whole.inputs.decided
    if decided is None:
        return set()
    ids = set(whole.index.items[items])
    found = decided.loc[decided["item_id"].isin(ids), "receipt_id"]
    return {row for row in map(whole.receipt_row, found) if row != NOBODY}


def _narrow(whole: Prepared, items: list[int], receipts: list[int], customers: Iterable[str]) -> MatchInputs:
    """The inputs of the pool: rows of these items and receipts, and what is known of everybody that they may come from."""
    inputs, pool = whole.inputs, whole.pool
    own_items = pool.items.frame.iloc[items].reset_index(drop=True)
    own_receipts = pool.receipts.frame.iloc[receipts].reset_index(drop=True)
    ids = texts(own_receipts, "receipt_id")
    near = {_code(whole, one.account) for row in receipts for one in whole.payers.candidates[row]}
    people = sorted({*customers, *near})
    is_one_money = len({*own_items["currency"], *own_receipts["currency"]}) < 2
    made = replace(
        inputs,
        rates=inputs.rates.iloc[:0] if is_one_money else inputs.rates,
        items=own_items,
        receipts=own_receipts,
        advices=_at(inputs.advices, whole.index.advices, ids),
        customers=_at(inputs.customers, whole.index.customers, people),
        rejected=_of(inputs.rejected, receipt_id=ids),
        decided=_of(inputs.decided, receipt_id=ids),
    )
    if inputs.confirmed is None:
        return made
    links = _at(inputs.confirmed, whole.index.links, people)
    if not len(links):
        return replace(made, confirmed=None, confirmed_items=None, confirmed_receipts=None)
    assert inputs.confirmed_receipts is not None
    assert inputs.confirmed_items is not None
    return replace(
        made,
        confirmed=links,
        confirmed_receipts=_rows(
            inputs.confirmed_receipts, whole.index.confirmed_receipts, links["receipt_id"]
        ),
        confirmed_items=_rows(inputs.confirmed_items, whole.index.confirmed_items, links["item_id"]),
    )


def _at(frame: pd.DataFrame, rows: object, keys: Iterable[str]) -> pd.DataFrame:
    """Rows of these keys in the order of the frame."""
    found = [rows[key] for key in keys if key in rows]  # type: ignore[operator,index]
    return frame.iloc[np.sort(np.concatenate(found)) if found else []].reset_index(drop=True)


def _rows(frame: pd.DataFrame, index: pd.Index[str], keys: pd.Series) -> pd.DataFrame:
    at = index.get_indexer_for(pd.Index(keys.unique()))
    return frame.iloc[np.sort(at[at >= 0])].reset_index(drop=True)


def _of(frame: pd.DataFrame | None, *, receipt_id: list[str]) -> pd.DataFrame | None:
    if frame is None:
        return None
    mine = frame[frame["receipt_id"].isin(receipt_id)].reset_index(drop=True)
    return mine if len(mine) else None
