"""One entity's whole matching inputs, indexed once, so that the small pool of one receipt is found in milliseconds. Floor 1."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from arlib.errors import ParameterError
from arlib.ledger.facts import of_entity
from arlib.matching.columns import texts
from arlib.matching.engine import own_history
from arlib.matching.facts import plain
from arlib.matching.from_book import match_inputs
from arlib.matching.from_people import with_people
from arlib.matching.memory import memory_of
from arlib.matching.names import account_key
from arlib.matching.payers import Payers, resolve_payers
from arlib.matching.placements import NO_TARGET
from arlib.matching.pool import NOBODY, Pool, pool_of
from arlib.matching.references import find_exact
from arlib.matching.references.tokens import TEXT_LIMIT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from arlib.matching.calibration import Measured
    from arlib.matching.inputs import MatchInputs
    from arlib.policy import Scope
    from arlib.policy.matching import MatchingPolicy
    from arlib.tables import Book

MOST_BEARERS = 50  # customers that one number may belong to before it names nobody
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_.-]{1,63}", re.ASCII)
_NUMBERS = ("document_no", "purchase_order", "order_no", "delivery_no")


@dataclass(frozen=True)
class Prepared:
    """What one entity has to match, with indices over it. `pool` numbers items, receipts and accounts; rows are its.

    `named` are by receipt the items that its text or advice names exactly. It takes a pass over the whole ledger to make
    (`prepare`), and none to use. It holds no policy: that is given with each question.
    """

    scope: Scope
    inputs: MatchInputs
    pool: Pool
    payers: Payers
    named: tuple[tuple[int, ...], ...]
    numbers: pd.Series[
        str
    ]  # customer by number of a document, in any form that a payer may quote, open or closed

    def refreshed(self, book: Book) -> Prepared:
        """The same with what people decided up to now in `book`; nothing else is read again."""
        return replace(self, inputs=with_people(self.inputs, {self.scope.entity: (book, self.scope)}))

    def history(
        self,
        policy: MatchingPolicy,
        *,
        user: str = "",
        entity_names: Mapping[str, str] | None = None,
        home: Mapping[str, str] | None = None,
    ) -> tuple[Measured, ...]:
        """Rules measured on the ledger's own confirmed past, for `propose`: a run of its own, so ask once."""
        return own_history(self.inputs, policy=policy, user=user, entity_names=entity_names, home=home)

    def receipt_row(self, receipt_id: str) -> int:
        """Row of an open receipt, NOBODY where it is not open."""
        return self._receipt_rows.get(receipt_id, NOBODY)

    def item_row(self, item_id: str) -> int:
        """Row of an open item, NOBODY where it is not open."""
        return int(self.item_ids.get_indexer_for(pd.Index([item_id]))[0])

    def items_of(self, accounts: Iterable[int]) -> NDArray[np.int64]:
        """Rows of the open items of these accounts, ascending."""
        order, starts = self._items_by_account
        few = [
            order[starts[number] : starts[number + 1]]
            for number in sorted(set(accounts))
            if 0 <= number < len(starts) - 1
        ]
        return np.sort(np.concatenate(few)) if few else np.zeros(0, np.int64)

    def receipts_near(self, accounts: Iterable[int]) -> set[int]:
        """Rows of the open receipts that may come from these accounts or name an item of theirs."""
        return set().union(*(self._receipts_by_account.get(number, ()) for number in accounts))

    def accounts_of(self, row: int) -> tuple[int, ...]:
        """Accounts that a receipt may belong to, likeliest first: payer candidates, then customers of the items it names."""
        found = [one.account for one in self.payers.candidates[row]]
        found += [int(self.pool.items.account[item]) for item in self.named[row]]
        return tuple(dict.fromkeys(number for number in found if number != NOBODY))

    def same_payer(self, row: int) -> list[int]:
        """Rows of the open receipts from the same bank account or under the same payer's name, this one among them."""
        return sorted({other for key in self._payer_keys[row] for other in self._receipts_by_payer[key]})

    def bearers(self, words: Sequence[str]) -> tuple[str, ...]:
        """Customers of documents, open or closed, that a text names by a number, as written or without punctuation."""
        found: dict[str, None] = {}
        for word in words:
            for token in _TOKEN.findall(word[:TEXT_LIMIT]):
                key = plain(token)
                if not any(map(str.isdigit, key)) or key not in self.numbers.index:
                    continue
                owners = self.numbers.loc[[key]].unique().tolist()
                if len(owners) <= MOST_BEARERS:
                    found |= dict.fromkeys(map(str, owners))
        return tuple(found)

    @cached_property
    def item_ids(self) -> pd.Index[str]:
        """Ids of the open items by row."""
        made: pd.Index[str] = pd.Index(self.pool.items.frame["item_id"])
        return made

    @cached_property
    def advice_rows(self) -> Mapping[str, NDArray[np.intp]]:
        """Rows of the advices by receipt."""
        return self.inputs.advices.groupby("receipt_id", sort=False).indices  # type: ignore[return-value]

    @cached_property
    def link_rows(self) -> Mapping[str, NDArray[np.intp]]:
        """Rows of the confirmed links by customer of the item."""
        links, items = self.inputs.confirmed, self.inputs.confirmed_items
        if links is None or items is None:
            return {}
        owner = items.drop_duplicates("item_id").set_index("item_id")["customer_id"]
        codes = links["item_id"].map(owner).fillna("").to_numpy()
        return links.groupby(codes, sort=False).indices  # type: ignore[return-value]

    @cached_property
    def confirmed_at(self) -> tuple[pd.Index[str], pd.Index[str]]:
        """Ids of the confirmed receipts and of their items by row."""
        receipts, items = self.inputs.confirmed_receipts, self.inputs.confirmed_items
        assert receipts is not None
        assert items is not None
        return pd.Index(receipts["receipt_id"]), pd.Index(items["item_id"])

    @cached_property
    def customer_rows(self) -> Mapping[str, NDArray[np.intp]]:
        """Rows of the customer master by code."""
        return self.inputs.customers.groupby("customer_id", sort=False).indices  # type: ignore[return-value]

    @cached_property
    def _receipt_rows(self) -> dict[str, int]:
        return {code: row for row, code in enumerate(texts(self.pool.receipts.frame, "receipt_id"))}

    @cached_property
    def _payer_keys(self) -> list[list[str]]:
        frame = self.pool.receipts.frame
        accounts = ([key] if (key := account_key(text)) else [] for text in texts(frame, "payer_account"))
        names = ([plain(text)] if plain(text) else [] for text in texts(frame, "payer_name"))
        return [[*account, *name] for account, name in zip(accounts, names, strict=True)]

    @cached_property
    def _receipts_by_payer(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for row, keys in enumerate(self._payer_keys):
            for key in keys:
                found.setdefault(key, []).append(row)
        return found

    @cached_property
    def _items_by_account(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        account = self.pool.items.account
        order = np.argsort(account, kind="stable").astype(np.int64)
        starts = np.searchsorted(account[order], np.arange(len(self.pool.accounts) + 1), side="left")
        return order, starts.astype(np.int64)

    @cached_property
    def _receipts_by_account(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for row in range(len(self.pool.receipts)):
            for number in self.accounts_of(row):
                found.setdefault(number, []).append(row)
        return found


def prepare(book: Book, *, scope: Scope, inputs: MatchInputs | None = None) -> Prepared:
    """The whole of an entity's matching inputs with indices. Needs and uses what `match_inputs` does; a pass over the ledger.

    `inputs` may be given where they are made already. Raises ParameterError for a scope without an entity, and what
    `match_inputs` raises.
    """
    if not scope.entity:
        raise ParameterError("matching by hand is of one entity", found="", wanted="a scope with an entity")
    made = match_inputs(book, scope=scope) if inputs is None else inputs
    pool = pool_of(made.items, made.receipts)
    memory = memory_of(
        made.confirmed, made.confirmed_receipts, made.confirmed_items, made.customers, made.rejected, made.aliases
    )  # fmt: skip
    exact = find_exact(pool, made.advices)
    payers = resolve_payers(pool, customers=made.customers, memory=memory, links=exact.links)
    named = tuple(tuple(dict.fromkeys(one.item for one in found)) for found in exact.named)
    return Prepared(scope, made, pool, payers, named, _numbers(book, scope))


def _numbers(book: Book, scope: Scope) -> pd.Series[str]:
    facts = of_entity(book["items"], scope.entity)
    facts = facts[~facts["item_type"].isin(NO_TARGET) & facts["customer_id"].notna()]
    parts = []
    for name in _NUMBERS:
        some = facts.loc[facts[name].notna(), [name, "customer_id"]]
        key = some[name].str.upper().str.replace(r"[^A-Z0-9]", "", regex=True)
        parts.append(pd.Series(some["customer_id"].to_numpy(), index=key.to_numpy(), dtype="str"))
    made = pd.concat(parts) if parts else pd.Series([], dtype="str")
    made = made[made.index != ""]
    pairs = pd.DataFrame({"key": made.index, "customer": made.to_numpy()}).drop_duplicates()
    return pairs.sort_values("key", kind="stable").set_index("key")["customer"]
