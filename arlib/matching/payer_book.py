"""What is known of payers before a receipt is looked at: master data, memory, and exact references of this run. Floor 1.

A holder is (entity, customer code); an empty entity means a customer of all entities.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from arlib.matching.columns import texts
from arlib.matching.memory import ON_FILE, Memory
from arlib.matching.names import Name, account_key, names_in
from arlib.matching.near_names import NearNames

if TYPE_CHECKING:
    import pandas as pd

Holder = tuple[str, str]
Says = tuple[str, Mapping[Holder, float]]  # how, and the receipts that it counts for by holder

# Receipts that a name or alias on file counts for beside confirmed ones: judgement, not measured.
_NAME_COUNTS = {"full": 9.0, "core": 3.0, "ordered": 2.0, "part": 1.0}
_ALIAS_COUNTS = {"full": 5.0, "core": 2.5, "ordered": 1.5, "part": 1.0}
_BY_CONTENT = ("name", "payer_account", "payer_aliases", "country", "address", "tax_id", "email", "terms")


@dataclass(frozen=True)
class Master:
    """CUSTOMERS as payers: in the order of what they say, codes last."""

    holders: tuple[Holder, ...]
    names: tuple[tuple[Name, Holder], ...]
    aliases: tuple[tuple[Name, Holder], ...]
    accounts: Mapping[str, tuple[Holder, ...]]  # by account_key
    parent: Mapping[Holder, str]  # code of the parent
    children: Mapping[
        Holder, tuple[str, ...]
    ]  # codes, by the entity of the child's record and the parent's code
    called: Mapping[Holder, str]  # the name in full


def master_of(customers: pd.DataFrame) -> Master:
    """Read CUSTOMERS. A customer without a usable name or account is known by its code alone."""
    columns = ("entity", "customer_id", "name", "payer_account", "payer_aliases", "parent_id")
    order = sorted(
        range(len(customers)),
        key=list(
            zip(*(texts(customers, name) for name in (*_BY_CONTENT, "entity", "customer_id")), strict=True)
        ).__getitem__,
    )
    rows = list(zip(*(texts(customers, name) for name in columns), strict=True))
    names: list[tuple[Name, Holder]] = []
    aliases: list[tuple[Name, Holder]] = []
    accounts: dict[str, dict[Holder, None]] = {}
    children: dict[Holder, list[str]] = {}
    parent: dict[Holder, str] = {}
    called: dict[Holder, str] = {}
    for entity, code, name, account, other_names, parent_id in (rows[row] for row in order):
        holder = (entity, code)
        written = names_in(name)
        names += [(one, holder) for one in (*written.whole, *written.parts)]
        called[holder] = written.whole[0].full if written.whole else ""
        for alias in other_names.split("|"):
            aliases += [(one, holder) for one in names_in(alias).whole if one not in written.whole]
        for one_account in account.split("|"):
            if key := account_key(one_account):
                accounts.setdefault(key, {})[holder] = None
        if parent_id and parent_id != code:
            parent[holder] = parent_id
            children.setdefault((entity, parent_id), []).append(code)
    return Master(
        holders=tuple((rows[row][0], rows[row][1]) for row in order),
        names=tuple(names),
        aliases=tuple(aliases),
        accounts={key: tuple(holders) for key, holders in accounts.items()},
        parent=parent,
        children={key: tuple(codes) for key, codes in children.items()},
        called=called,
    )


@dataclass
class RunLinks:
    """What exact references of this run say: receipts by payer and customer."""

    accounts: dict[str, dict[Holder, int]] = field(default_factory=dict)  # by account_key
    names: dict[Name, dict[Holder, int]] = field(default_factory=dict)

    def add(self, account: str, name: Name | None, holder: Holder) -> None:
        """Count one receipt, for its account_key and the first reading of its name, where it has them."""
        for counts in (
            self.accounts.setdefault(account, {}) if account else None,
            self.names.setdefault(name, {}) if name else None,
        ):
            if counts is not None:
                counts[holder] = counts.get(holder, 0) + 1


@dataclass(frozen=True)
class PayerBook:
    """The three sources together, asked by account or by name."""

    master: Master
    memory: Memory
    run: RunLinks

    def of_account(self, key: str, own: Sequence[Holder]) -> list[Says]:
        """What is known of an account_key, surest source first. `own` are holders that the receipt itself is linked to."""
        if not key:
            return []
        return [
            ("account on file", dict.fromkeys(self.master.accounts.get(key, ()), float(ON_FILE))),
            ("account seen before", _floats(self.memory.accounts.get(key, {}))),
            ("account in this run", _without(self.run.accounts.get(key, {}), own)),
        ]

    def of_name(self, name: Name, own: Sequence[Holder]) -> list[Says]:
        """What confirmed receipts and this run say of a name that is written just so."""
        return [
            ("name seen before", _floats(self.memory.names.get(name, {}))),
            ("name in this run", _without(self.run.names.get(name, {}), own)),
        ]

    def on_file(self, whole: Sequence[Name], parts: Sequence[Name]) -> Iterator[list[Says]]:
        """Names and aliases on file that are the payer's, nearest spelling first; the caller takes the first that serves it."""
        for level in ("full", "core", "ordered"):
            keys = [_key(name, level) for name in whole]
            yield self._at(keys, level, level)
        yield self._at([name.full for name in parts], "full", "part")
        yield self._at([name.core for name in parts], "core", "part")

    def _at(self, keys: Iterable[str], level: str, counted_as: str) -> list[Says]:
        named = {
            holder: _NAME_COUNTS[counted_as] for key in keys for holder in self._names[level].get(key, ())
        }
        also = {
            holder: _ALIAS_COUNTS[counted_as]
            for key in keys
            for holder in self._aliases[level].get(key, ())
            if holder not in named
        }
        return [("name", named), ("alias", also)]

    @cached_property
    def near(self) -> NearNames:
        """Names on file and names of confirmed receipts, for what is only near them; made when first asked for.

        Names of this run stay out: near its own name every receipt would find its own reference.
        """
        learned = [(name, holder) for name, counts in self.memory.names.items() for holder in counts]
        return NearNames((*self.master.names, *self.master.aliases, *learned))

    @cached_property
    def _names(self) -> dict[str, dict[str, dict[Holder, None]]]:
        return _by_level(self.master.names)

    @cached_property
    def _aliases(self) -> dict[str, dict[str, dict[Holder, None]]]:
        return _by_level(self.master.aliases)


def _by_level(names: Iterable[tuple[Name, Holder]]) -> dict[str, dict[str, dict[Holder, None]]]:
    out: dict[str, dict[str, dict[Holder, None]]] = {"full": {}, "core": {}, "ordered": {}}
    for name, holder in names:
        for level, found in out.items():
            found.setdefault(_key(name, level), {})[holder] = None
    return out


def _key(name: Name, level: str) -> str:
    return name.full if level == "full" else name.core if level == "core" else name.ordered


def _floats(counts: Mapping[Holder, int]) -> dict[Holder, float]:
    return {holder: float(count) for holder, count in counts.items()}


def _without(counts: Mapping[Holder, int], own: Sequence[Holder]) -> dict[Holder, float]:
    """Counts of other receipts: a receipt's own reference is no evidence of who its payer is."""
    return {holder: float(left) for holder, count in counts.items() if (left := count - (holder in own)) > 0}
