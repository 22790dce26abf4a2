"""Who paid: account numbers for each receipt, with how that is known and how sure it is. Floor 1.

Two kinds of evidence are counted: the bank account that the money came from, and the payer's name. What is on file, what
people confirmed and what exact references of this very run show are added up within a kind, so that a payer that pays for
two customers points to both and to neither for sure. A resemblance of names is asked for only where nothing else is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import fsum
from typing import TYPE_CHECKING

from arlib.matching.columns import texts
from arlib.matching.memory import Memory
from arlib.matching.names import Name, Written, account_key, names_in
from arlib.matching.payer_book import Holder, PayerBook, RunLinks, Says, master_of
from arlib.matching.pool import NOBODY, Pool

if TYPE_CHECKING:
    import pandas as pd

HOWS_MEANT = {
    "booked customer": "the receipt is booked on this customer",
    "account on file": "the money came from the bank account on the customer's master record",
    "account seen before": "confirmed receipts from this bank account were this customer's",
    "account in this run": "exact references of other receipts from this bank account name this customer's items",
    "name": "the payer's name is the customer's, apart from legal form, word order and punctuation",
    "alias": "the payer's name is an alias on the customer's master record",
    "name seen before": "confirmed receipts under this payer's name were this customer's",
    "name in this run": "exact references of other receipts under this payer's name name this customer's items",
    "similar name": "the payer's name differs from one of the customer's by a slip of one or two letters",
    "name cut off": "one of the customer's names begins with the payer's",
    "name within a longer one": "the payer's name has one of the customer's in it",
    "initials": "the payer's name begins with the customer's initials",
    "child of payer": "the payer, resolved by other evidence, is this customer's parent",
    "parent of payer": "the payer, resolved by other evidence, is this customer's child",
    "same customer": "the payer, resolved by other evidence, has this account in the other entity",
}
_ORDER = {how: place for place, how in enumerate(HOWS_MEANT)}

# Judgement, not measured. A rule that uses a payer is measured itself.
KNOWN_FROM = 0.75  # one clean sighting of a bank account and nothing against it
FAMILY_SHARE = 0.5  # of the payer's chance, at each step to a parent or a child
FAMILY_LIMIT = 500  # relatives that one receipt is offered
SAME_CUSTOMER_SHARE = 0.8
_UNSEEN_ACCOUNT, _UNSEEN_NAME = 0.5, 1.0  # receipts that a customer not yet seen counts for


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account that a receipt may belong to.

    `strength` is a chance between 0 and 1. Without a booked customer the chances of a receipt's candidates sum to 1 at most,
    relatives ("child of payer", "parent of payer") apart.
    """

    account: int  # number in Payers.accounts
    how: str  # key of HOWS_MEANT: the strongest single reason
    strength: float


@dataclass(frozen=True)
class Payers:
    """Candidates by receipt row of the pool, best first; none where nothing is known.

    `accounts` begins with `Pool.accounts`, so a number below its length is the pool's own; behind stand customers that have
    neither an item nor a booked receipt in the run. `elsewhere` are accounts that the same payer has in other entities.
    """

    candidates: tuple[tuple[Candidate, ...], ...]
    elsewhere: tuple[tuple[Candidate, ...], ...]
    accounts: tuple[tuple[str, str], ...]  # (entity, customer_id) by number

    def known(self, receipt: int) -> Candidate | None:
        """The payer of a receipt if it can be named: the booked customer, or one at KNOWN_FROM or above.

        Two customers cannot both reach it, since the chances sum to 1.
        """
        best = self.candidates[receipt][:1]
        return best[0] if best and best[0].strength >= KNOWN_FROM else None


def resolve_payers(
    pool: Pool, *, customers: pd.DataFrame, memory: Memory, links: Sequence[tuple[int, int]]
) -> Payers:
    """Candidates of every receipt of the pool.

    `customers` is CUSTOMERS, empty where there are none; `links` are (receipt row, account number) pairs that exact references
    of this run establish, in any order. A receipt's own links say nothing about its own payer. Evidence for n of N counted
    receipts of a payer with k customers is the chance (n + ½) / (N + k/2 + u): Dirichlet's posterior mean under Jeffreys' prior,
    with u for a customer that was not seen (½ for an account, 1 for a name). Account and name are taken as independent,
    1 - (1 - a)(1 - b), and scaled to sum to 1 where two customers together would exceed it.
    """
    frame = pool.receipts.frame
    entities, payer_names = texts(frame, "entity"), texts(frame, "payer_name")
    keys = {account: account_key(account) for account in dict.fromkeys(texts(frame, "payer_account"))}
    payer_accounts = [keys[account] for account in texts(frame, "payer_account")]
    written = {name: names_in(name) for name in dict.fromkeys(payer_names)}
    own: dict[int, list[Holder]] = {}
    run = RunLinks()
    for receipt, account in sorted(set(links)):
        holder = pool.accounts[account]
        own.setdefault(receipt, []).append(holder)
        run.add(payer_accounts[receipt], _first(written[payer_names[receipt]]), holder)
    resolver = _Resolver(pool, PayerBook(master_of(customers), memory, run), dict(pool.numbers))
    candidates: list[tuple[Candidate, ...]] = []
    elsewhere: list[tuple[Candidate, ...]] = []
    seen: dict[tuple[object, ...], tuple[tuple[Candidate, ...], tuple[Candidate, ...]]] = {}
    booked = pool.receipts.account.tolist()
    for receipt, (entity, account_, name) in enumerate(
        zip(entities, payer_accounts, payer_names, strict=True)
    ):
        mine = tuple(own.get(receipt, ()))
        question = (entity, account_, name, booked[receipt], mine)
        if question not in seen:
            seen[question] = resolver.resolve(entity, account_, written[name], booked[receipt], mine)
        found, other = seen[question]
        candidates.append(found)
        elsewhere.append(other)
    return Payers(tuple(candidates), tuple(elsewhere), resolver.accounts)


def _first(written: Written) -> Name | None:
    return written.whole[0] if written.whole else None


class _Resolver:
    """Answers for one run; `accounts` grows by the customers outside the pool that answers name."""

    def __init__(self, pool: Pool, book: PayerBook, numbers: dict[Holder, int]) -> None:
        self._book, self._numbers, self._pool_size = book, numbers, len(numbers)
        self._rank = {holder: place for place, holder in enumerate(book.master.holders)}
        self._in_entities: dict[str, list[Holder]] = {}
        for pair in pool.accounts:
            self._in_entities.setdefault(pair[1], []).append(pair)
        entities = {entity for entity, _ in (*pool.accounts, *book.master.holders) if entity}
        self._is_single = len(entities) < 2
        self._families: dict[Holder, list[tuple[Holder, str, float]]] = {}
        self._outside: list[Holder] = []
        self._pool = pool

    @property
    def accounts(self) -> tuple[Holder, ...]:
        return (*self._pool.accounts, *self._outside)

    def resolve(
        self, entity: str, account: str, written: Written, booked: int, own: Sequence[Holder]
    ) -> tuple[tuple[Candidate, ...], tuple[Candidate, ...]]:
        direct = self._direct(entity, account, written, own, is_here=True, is_booked=booked != NOBODY)
        if booked != NOBODY:
            direct = {at: (how, chance / 2) for at, (how, chance) in direct.items()}
            direct[self._pool.accounts[booked]] = ("booked customer", 1.0)
        relatives = dict(direct)
        for at, (_, chance) in direct.items():
            for relative, how, share in self._family(at):
                if relative not in direct and relatives.get(relative, ("", 0.0))[1] < chance * share:
                    relatives[relative] = (how, chance * share)
        if self._is_single:
            return self._candidates(relatives), ()
        others = self._direct(entity, account, written, own, is_here=False, is_booked=booked != NOBODY)
        for at, (_, chance) in direct.items():
            for twin in self._twins(at):
                if others.get(twin, ("", 0.0))[1] < chance * SAME_CUSTOMER_SHARE:
                    others[twin] = ("same customer", chance * SAME_CUSTOMER_SHARE)
        return self._candidates(relatives), self._candidates(others)

    def _direct(
        self,
        entity: str,
        account: str,
        written: Written,
        own: Sequence[Holder],
        *,
        is_here: bool,
        is_booked: bool,
    ) -> dict[Holder, tuple[str, float]]:
        """Chances from account and name of holders in the entity, or in all others."""
        by_account = _chances(
            self._placed(self._book.of_account(account, own), entity, is_here), _UNSEEN_ACCOUNT
        )
        by_name: dict[Holder, tuple[str, float]] = {}
        if written.whole:
            says: list[Says] = []
            for level in self._book.on_file(written.whole, written.parts):
                if self._placed(level, entity, is_here):
                    says = level
                    break
            says = says + self._book.of_name(written.whole[0], own)
            by_name = _chances(self._placed(says, entity, is_here), _UNSEEN_NAME)
            is_open = (
                is_here and not is_booked and all(chance < KNOWN_FROM for _, chance in by_account.values())
            )
            if not by_name and is_open:
                by_name = self._near(written, entity)
        return _together(by_account, by_name)

    def _near(self, written: Written, entity: str) -> dict[Holder, tuple[str, float]]:
        for near in self._book.near.near((*written.whole, *written.parts)):
            if seats := [at for one in near.holders for at in self._seats(one, entity, is_here=True)]:
                return {at: (near.how, near.base / len(set(seats))) for at in seats}
        return {}

    def _placed(self, says: Iterable[Says], entity: str, is_here: bool) -> dict[Holder, tuple[float, str]]:
        """Receipts counted by account, with the first source that names it."""
        out: dict[Holder, tuple[float, str]] = {}
        for how, counts in says:
            for holder, count in counts.items():
                for at in self._seats(holder, entity, is_here):
                    total, first = out.get(at, (0.0, how))
                    out[at] = (total + count, first)
        return out

    def _seats(self, holder: Holder, entity: str, is_here: bool) -> Sequence[Holder]:
        """Accounts of a holder in the entity, or in the others; a customer of all entities has one in each."""
        if is_here:
            return ((entity, holder[1]),) if holder[0] in (entity, "") else ()
        if holder[0]:
            return () if holder[0] == entity else (holder,)
        return [pair for pair in self._in_entities.get(holder[1], ()) if pair[0] != entity]

    def _family(self, at: Holder) -> list[tuple[Holder, str, float]]:
        """Parents and children of an account that the pool knows, nearest first, each with its share of a chance."""
        if not self._book.master.parent:
            return []
        if at not in self._families:
            found = [*self._walk(at, "child of payer"), *self._walk(at, "parent of payer")]
            found.sort(key=lambda one: (-one[2], _ORDER[one[1]], self._place(one[0])))
            self._families[at] = found[:FAMILY_LIMIT]
        return self._families[at]

    def _walk(self, at: Holder, how: str) -> Iterable[tuple[Holder, str, float]]:
        master, (entity, start) = self._book.master, at
        seen, level, share = {start}, [start], 1.0
        while level:
            share *= FAMILY_SHARE
            following: list[str] = []
            for code in level:
                for of in ((entity, code), ("", code)):
                    if how == "child of payer":
                        following += master.children.get(of, ())
                    elif of in master.parent:
                        following.append(master.parent[of])
            level = [code for code in dict.fromkeys(following) if code not in seen]
            seen.update(level)
            yield from (((entity, code), how, share) for code in level if (entity, code) in self._numbers)

    def _twins(self, at: Holder) -> list[Holder]:
        """The same customer in other entities: one master record for all, the same name, or the same code and no record."""
        master, (entity, code) = self._book.master, at
        name = master.called.get(at, "")
        found = [pair for pair in self._named_alike.get(name, ()) if pair[0] != entity] if name else []
        for pair in self._in_entities.get(code, ()):
            is_one_record = ("", code) in master.called or not (at in master.called or pair in master.called)
            if pair[0] != entity and is_one_record and pair not in found:
                found.append(pair)
        return found

    @cached_property
    def _named_alike(self) -> dict[str, list[Holder]]:
        out: dict[str, list[Holder]] = {}
        for holder, name in self._book.master.called.items():
            if holder[0]:
                out.setdefault(name, []).append(holder)
        return out

    def _candidates(self, chances: dict[Holder, tuple[str, float]]) -> tuple[Candidate, ...]:
        order = sorted(
            chances.items(), key=lambda one: (-round(one[1][1], 9), _ORDER[one[1][0]], self._place(one[0]))
        )
        return tuple(Candidate(self._number(at), how, chance) for at, (how, chance) in order)

    def _place(self, at: Holder) -> tuple[int, Holder]:
        """Where an account stands among equals: as in the pool, then as on file; a code decides only for what is in neither."""
        number = self._numbers.get(at, self._pool_size)
        if number < self._pool_size:
            return number, ("", "")
        rank = self._rank.get(at, self._rank.get(("", at[1]), -1))
        return (self._pool_size + rank, ("", "")) if rank >= 0 else (self._pool_size + len(self._rank), at)

    def _number(self, at: Holder) -> int:
        if at not in self._numbers:
            self._numbers[at] = len(self._numbers)
            self._outside.append(at)
        return self._numbers[at]


def _chances(counted: dict[Holder, tuple[float, str]], unseen: float) -> dict[Holder, tuple[str, float]]:
    total = fsum(count for count, _ in counted.values()) + len(counted) / 2 + unseen
    return {at: (how, (count + 0.5) / total) for at, (count, how) in counted.items()}


def _together(
    by_account: dict[Holder, tuple[str, float]], by_name: dict[Holder, tuple[str, float]]
) -> dict[Holder, tuple[str, float]]:
    out: dict[Holder, tuple[str, float]] = {}
    for at in dict.fromkeys((*by_account, *by_name)):
        how_a, a = by_account.get(at, ("", 0.0))
        how_b, b = by_name.get(at, ("", 0.0))
        out[at] = (how_a if a >= b else how_b, 1.0 - (1.0 - a) * (1.0 - b))
    total = fsum(chance for _, chance in out.values())
    return {at: (how, chance / total) for at, (how, chance) in out.items()} if total > 1.0 else out
