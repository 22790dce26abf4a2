"""What people decided before: which payer is which customer, and which proposals they turned down. Floor 1."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from arlib.errors import InputError
from arlib.matching.columns import texts
from arlib.matching.names import Name, account_key, names_in

if TYPE_CHECKING:
    import pandas as pd

Customer = tuple[str, str]  # (entity, customer code)
ON_FILE = 16  # receipts that an account or alias named by a person counts for

_LINK = ["entity", "receipt_id", "item_id"]
CONFIRM, REJECT, ALIAS = "decision.confirm_application", "decision.reject_proposal", "decision.alias"


@dataclass(frozen=True)
class Memory:
    """What was learned. `accounts` and `names` count, by customer, the receipts of a payer that were right for it.

    A proposal is known by entity, receipt and the set of its items, so it stays rejected in any later extract that gives the
    same identifiers. `rejected_pairs` forbid an item to a receipt in any company, `rejected_sets` that very set.
    """

    accounts: Mapping[str, Mapping[Customer, int]] = field(default_factory=dict)  # by account_key
    names: Mapping[Name, Mapping[Customer, int]] = field(default_factory=dict)
    rejected_pairs: frozenset[tuple[str, str, str]] = frozenset()  # (entity, receipt_id, item_id)
    rejected_sets: frozenset[tuple[str, str, frozenset[str]]] = frozenset()

    def is_rejected(self, entity: str, receipt_id: str, item_ids: Collection[str]) -> bool:
        """Whether a person turned this proposal down: one of its items for this receipt, or exactly these items."""
        if any((entity, receipt_id, item) in self.rejected_pairs for item in item_ids):
            return True
        return (entity, receipt_id, frozenset(item_ids)) in self.rejected_sets


@dataclass(frozen=True)
class Decided:
    """Decisions of a store as frames for MatchInputs and `memory_of`.

    confirmed: entity, receipt_id, item_id, currency, applied_amount (minor units)
    rejected:  entity, receipt_id, item_id, proposal (number of the decision, so that sets stay together)
    aliases:   entity, customer_id, payer_name, payer_account
    unread:    a sentence for each decision that could not be read
    """

    confirmed: pd.DataFrame
    rejected: pd.DataFrame
    aliases: pd.DataFrame
    unread: tuple[str, ...] = ()


def memory_of(
    confirmed: pd.DataFrame | None,
    confirmed_receipts: pd.DataFrame | None,
    confirmed_items: pd.DataFrame | None,
    customers: pd.DataFrame,
    rejected: pd.DataFrame | None,
    aliases: pd.DataFrame | None = None,
) -> Memory:
    """What confirmed applications and rejections teach.

    `confirmed` has entity, receipt_id and item_id; MATCH_RECEIPTS gives the payer and MATCH_ITEMS the customer. A receipt that
    paid items of two customers counts once for each. A row of `aliases` counts as ON_FILE receipts. A customer code that
    `customers` no longer has teaches nothing, unless `customers` is empty. `rejected` has entity, receipt_id and item_id:
    with a column `proposal` its rows with one number are one set; without, each row forbids its item to the receipt.
    """
    accounts: dict[str, dict[Customer, int]] = {}
    names: dict[Name, dict[Customer, int]] = {}
    on_file = set(zip(texts(customers, "entity"), texts(customers, "customer_id"), strict=True))

    key_of, written = cache(account_key), cache(names_in)  # the same payer comes again and again

    def learn(customer: Customer, name: str, account: str, count: int) -> None:
        if on_file and customer not in on_file and ("", customer[1]) not in on_file:
            return
        if key := key_of(account):
            _count(accounts.setdefault(key, {}), customer, count)
        if whole := written(name).whole:
            _count(names.setdefault(whole[0], {}), customer, count)

    if confirmed is not None and confirmed_receipts is not None and confirmed_items is not None:
        for customer, name, account in _paid(confirmed, confirmed_receipts, confirmed_items):
            learn(customer, name, account, 1)
    if aliases is not None:
        columns = (texts(aliases, name) for name in ("entity", "customer_id", "payer_name", "payer_account"))
        for entity, code, name, account in zip(*columns, strict=True):
            learn((entity, code), name, account, ON_FILE)
    pairs, sets = _rejections(rejected)
    return Memory(accounts, names, pairs, sets)


def decided(events: Iterable[Mapping[str, Any]]) -> Decided:
    """Decisions about cash application among a store's events, as the JSON of a decision snapshot has them.

    Read are the kinds CONFIRM with a body {entity, receipt_id, items: [{item_id, currency, applied_amount}]}, REJECT with
    {entity, receipt_id, items: [item_id, ...]}, and ALIAS with {entity, customer_id, payer_name and/or payer_account}, which
    `is_alias: false` takes back. Amounts are minor units. Where two decisions disagree the later one, by `seq`, holds:
    confirming takes a rejection of the same items, or of some of them, back, and rejecting a confirmation. A body without one
    of these fields is left out and told in `unread`.
    """
    state = _State()
    unread: list[str] = []
    for event in sorted(events, key=lambda event: int(event["seq"])):
        if event["kind"] in (CONFIRM, REJECT, ALIAS):
            try:
                state.take(str(event["kind"]), int(event["seq"]), event["body"])
            except (
                InputError
            ) as fault:  # an appended decision cannot be mended, so it must not stop every later run
                unread.append(str(fault))
    return state.frames(tuple(unread))


@dataclass
class _State:
    """What holds after the decisions so far. A decision is read whole before it changes anything."""

    confirmed: dict[tuple[str, str, str], tuple[str, int]] = field(default_factory=dict)
    rejected: dict[tuple[str, str, frozenset[str]], int] = field(default_factory=dict)
    aliases: dict[tuple[str, str, str, str], None] = field(default_factory=dict)

    def take(self, kind: str, seq: int, body: object) -> None:
        entity = _field(body, seq, "entity")
        if kind == ALIAS:
            self._alias(entity, seq, body)
            return
        receipt = _field(body, seq, "receipt_id")
        items = {_item(one, seq): one for one in _list(body, seq)}
        if kind == REJECT:
            self.rejected[entity, receipt, frozenset(items)] = seq
            for item in items:
                self.confirmed.pop((entity, receipt, item), None)
            return
        paid = {
            (entity, receipt, item): (_field(one, seq, "currency"), _amount(one, seq))
            for item, one in items.items()
        }
        self.confirmed.update(paid)
        for key in [key for key in self.rejected if key[:2] == (entity, receipt) and key[2] <= items.keys()]:
            del self.rejected[key]

    def _alias(self, entity: str, seq: int, body: object) -> None:
        name, account = (_optional(body, seq, name) for name in ("payer_name", "payer_account"))
        if not name and not account:
            raise _unreadable(seq, "payer_name or payer_account")
        alias = (entity, _field(body, seq, "customer_id"), name, account)
        self.aliases.pop(alias, None)
        if _value(body, "is_alias") is not False:
            self.aliases[alias] = None

    def frames(self, unread: tuple[str, ...]) -> Decided:
        rejected = [
            (entity, receipt, item, seq)
            for (entity, receipt, items), seq in self.rejected.items()
            for item in items
        ]
        return Decided(
            confirmed=_frame(
                [(*link, *paid) for link, paid in self.confirmed.items()],
                [*_LINK, "currency", "applied_amount"],
            ),
            rejected=_frame(rejected, [*_LINK, "proposal"]),
            aliases=_frame(list(self.aliases), ["entity", "customer_id", "payer_name", "payer_account"]),
            unread=unread,
        )


def _paid(
    confirmed: pd.DataFrame, receipts: pd.DataFrame, items: pd.DataFrame
) -> Iterable[tuple[Customer, str, str]]:
    """Customer, payer's name and payer's account of each confirmed receipt, once for each customer that it paid."""
    payers = {
        (entity, receipt): (name, account)
        for entity, receipt, name, account in zip(
            *(texts(receipts, name) for name in ("entity", "receipt_id", "payer_name", "payer_account")),
            strict=True,
        )
    }
    owners = dict(
        zip(
            zip(texts(items, "entity"), texts(items, "item_id"), strict=True),
            texts(items, "customer_id"),
            strict=True,
        )
    )
    paid: dict[tuple[str, str, str], None] = {}
    links = zip(*(texts(confirmed, name) for name in _LINK), strict=True)
    for entity, receipt, item in links:
        if code := owners.get((entity, item), ""):
            paid[entity, receipt, code] = None
    for entity, receipt, code in paid:
        if (entity, receipt) in payers:
            yield (entity, code), *payers[entity, receipt]


def _rejections(
    rejected: pd.DataFrame | None,
) -> tuple[frozenset[tuple[str, str, str]], frozenset[tuple[str, str, frozenset[str]]]]:
    if rejected is None or rejected.empty:
        return frozenset(), frozenset()
    rows = list(zip(*(texts(rejected, name) for name in _LINK), strict=True))
    if "proposal" not in rejected.columns:
        return frozenset(rows), frozenset()
    grouped: dict[tuple[str, str, object], set[str]] = {}
    for (entity, receipt, item), proposal in zip(rows, rejected["proposal"], strict=True):
        grouped.setdefault((entity, receipt, proposal), set()).add(item)
    pairs = {(entity, receipt, *items) for (entity, receipt, _), items in grouped.items() if len(items) == 1}
    sets = {
        (entity, receipt, frozenset(items))
        for (entity, receipt, _), items in grouped.items()
        if len(items) > 1
    }
    return frozenset((entity, receipt, item) for entity, receipt, item in pairs), frozenset(sets)


def _count(counts: dict[Customer, int], customer: Customer, count: int) -> None:
    counts[customer] = counts.get(customer, 0) + count


def _frame(rows: Sequence[tuple[object, ...]], columns: list[str]) -> pd.DataFrame:
    import pandas as pd

    made = pd.DataFrame(rows, columns=columns)
    numbers = ("applied_amount", "proposal")
    made = made.astype({name: "Int64" if name in numbers else "str" for name in columns})
    return made.sort_values(columns, ignore_index=True)


def _value(body: object, name: str) -> object:
    return body.get(name) if isinstance(body, Mapping) else None


def _list(body: object, seq: int) -> list[object]:
    items = _value(body, "items")
    if not isinstance(items, list) or not items:
        raise _unreadable(seq, "items, a list with one entry or more")
    return items


def _item(one: object, seq: int) -> str:
    return one if isinstance(one, str) and one else _field(one, seq, "item_id")


def _field(body: object, seq: int, name: str) -> str:
    value = _optional(body, seq, name)
    if not value:
        raise _unreadable(seq, f"{name}, a text")
    return value


def _optional(body: object, seq: int, name: str) -> str:
    value = _value(body, name)
    if value is not None and not isinstance(value, str):
        raise _unreadable(seq, f"{name}, a text")
    return value or ""


def _amount(body: object, seq: int) -> int:
    value = _value(body, "applied_amount")
    if not isinstance(value, int) or isinstance(value, bool):
        raise _unreadable(seq, "applied_amount, whole minor units")
    return value


def _unreadable(seq: int, wanted: str) -> InputError:
    return InputError(
        "a decision does not say what it must, and is left out",
        where=f"decision {seq}",
        wanted=wanted,
        fix="Decide again: a later decision counts beside it.",
    )
