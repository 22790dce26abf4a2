"""One entity's whole matching inputs, indexed once, so that the small pool of one receipt is found in milliseconds. Floor 1."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from arlib.errors import ParameterError
from arlib.ledger.facts import is_among, of_entity
from arlib.matching.by_hand.indices import Indices, accounts_of, indices_of
from arlib.matching.columns import texts
from arlib.matching.engine import own_history
from arlib.matching.facts import plain
from arlib.matching.from_book import left_on_account, match_inputs
from arlib.matching.from_people import with_people
from arlib.matching.memory import memory_of
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
    numbers: pd.Series[str]  # customers by number of a document, open or closed, as payers may quote it
    index: Indices
    kept: Mapping[int, str] = field(
        default_factory=dict
    )  # receipts left on account on purpose: by row who did

    def refreshed(self, book: Book) -> Prepared:
        """The same with what people decided up to now in `book`; nothing else is read again."""
        narrow = _about_decided(book, self.scope.entity)
        return replace(self, inputs=with_people(self.inputs, {self.scope.entity: (narrow, self.scope)}))

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
        return self.index.receipts.get(receipt_id, NOBODY)

    def item_row(self, item_id: str) -> int:
        """Row of an open item, NOBODY where it is not open."""
        return int(self.index.items.get_indexer_for(pd.Index([item_id]))[0])

    def items_of(self, accounts: Iterable[int]) -> NDArray[np.int64]:
        """Rows of the open items of these accounts, ascending."""
        few = [self.index.items_of(number) for number in set(accounts)]
        return np.sort(np.concatenate(few)) if few else np.zeros(0, np.int64)

    def receipts_near(self, accounts: Iterable[int]) -> set[int]:
        """Rows of the open receipts that may come from these accounts or name an item of theirs."""
        return set().union(*(self.index.by_account.get(number, ()) for number in accounts))

    def accounts_of(self, row: int) -> tuple[int, ...]:
        """Accounts that a receipt may belong to, likeliest first: payer candidates, then customers of the items it names."""
        return accounts_of(row, pool=self.pool, payers=self.payers, named=self.named)

    def same_payer(self, row: int) -> list[int]:
        """Rows of the open receipts from the same bank account or under the same payer's name, this one among them."""
        return sorted({other for key in self.index.payers[row] for other in self.index.by_payer[key]})

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


def prepare(book: Book, *, scope: Scope, inputs: MatchInputs | None = None) -> Prepared:
    """The whole of an entity's matching inputs with indices. Needs and uses what `match_inputs` does; a pass over the ledger.

    What was left on account on purpose is in it, marked: a run leaves it, a person may place it. `inputs` may be given where
    they are made already; then nothing is marked. Raises ParameterError for a scope without an entity, and what
    `match_inputs` raises.
    """
    if not scope.entity:
        raise ParameterError("matching by hand is of one entity", found="", wanted="a scope with an entity")
    made = match_inputs(book, scope=scope, with_on_account=True) if inputs is None else inputs
    pool = pool_of(made.items, made.receipts)
    memory = memory_of(
        made.confirmed, made.confirmed_receipts, made.confirmed_items, made.customers, made.rejected, made.aliases
    )  # fmt: skip
    exact = find_exact(pool, made.advices)
    payers = resolve_payers(pool, customers=made.customers, memory=memory, links=exact.links)
    named = tuple(tuple(dict.fromkeys(one.item for one in found)) for found in exact.named)
    index = indices_of(made, pool=pool, payers=payers, named=named)
    kept = _kept(book, scope, index) if inputs is None else {}
    return Prepared(scope, made, pool, payers, named, _numbers(book, scope), index, kept)


def _kept(book: Book, scope: Scope, index: Indices) -> dict[int, str]:
    rows = left_on_account(book, scope=scope)
    pairs = zip(texts(rows, "receipt_id"), texts(rows, "user"), strict=True)
    return {index.receipts[code]: user for code, user in pairs if code in index.receipts}


def _about_decided(book: Book, entity: str) -> Book:
    """The book with no more of the ledger than decided receipts, their applications, and the items at both ends of these."""
    decided = of_entity(book["decided_applications"], entity)["receipt_id"]
    receipts = of_entity(book["receipts"], entity)
    receipts = receipts[is_among(receipts["receipt_id"], decided)]
    applications = of_entity(book["applications"], entity)
    applications = applications[is_among(applications["source_item_id"], receipts["item_id"].dropna())]
    ends = pd.concat([applications["source_item_id"], applications["target_item_id"]])
    items = book["items"]
    narrow = {
        "receipts": receipts,
        "applications": applications,
        "items": items[is_among(items["item_id"], ends)],
    }
    tables = {name: rows.reset_index(drop=True) for name, rows in narrow.items() if book.has(name)}
    return replace(book, tables={**book.tables, **tables})


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
    numbers = pairs.sort_values("key", kind="stable").set_index("key")["customer"]
    _ = "" in numbers.index  # pandas builds its lookup at the first question: not at somebody's first receipt
    return numbers
