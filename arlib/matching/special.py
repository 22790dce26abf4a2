"""Cash that the engine must not place by itself: returns, held payers, duplicates, prepayments, other entities' money. Floor 1.

`special_cash` names receipts that are set aside, with their status in UNMATCHED. `cautions` names receipts for which a
proposal may be shown, but never applied without a person: a contra, a factor's payment, a customer in litigation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arlib.matching import payment_words as words
from arlib.matching.columns import texts
from arlib.matching.duplicates import beyond_capacity, named_items, same_payments
from arlib.matching.facts import Facts, plain
from arlib.matching.names import names_in
from arlib.matching.pool import NOBODY
from arlib.matching.references.tokens import TEXT_LIMIT
from arlib.matching.returned import Returned
from arlib.tables.choices import CustomerStatus

if TYPE_CHECKING:
    import pandas as pd

    from arlib.matching.payers import Payers

ON_FILE = "account on file"  # of payers.HOWS_MEANT: what is learned or alike is too weak to send money to another entity
HELD = {
    CustomerStatus.BANKRUPT.value: "the payer is bankrupt: money after the petition belongs to the estate",
    CustomerStatus.SANCTIONED.value: "the payer is under sanctions: compliance decides, nothing is posted",
    CustomerStatus.ESTATE.value: "the payer has died: the estate's representative decides",
}
STALE_AFTER = 180  # days after which a bank need not pay a cheque (six months: UCC 4-404)
DUPLICATE_WITHIN = (
    30  # days in which the same payment with the same numbers in its text is looked at as a second one
)

_PREPAYS = re.compile(
    r"\b(?:pre-?payments?|prepaid|pre-?pay|advance payment|payment in advance|advance|down ?payment|deposit"
    r"|pro ?forma|anzahlung|vorauszahlung|acompte)\b",
    re.IGNORECASE | re.ASCII,
)
_FACTORS = re.compile(
    r"\b(?:factors?|factoring|assigned receivables|assignment of receivables|notice of assignment|invoice finance)\b",
    re.IGNORECASE | re.ASCII,
)
_FACTOR_NAME = re.compile(
    r"\b(?:factors?|factoring|receivables|invoice financ\w*|commercial credit|trade credit)\b", re.IGNORECASE | re.ASCII
)  # fmt: skip
_CHEQUE = re.compile(r"\b(?:check|cheque|chq|chk)\b", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Special:
    """A receipt that gets no item. `status` is one of UNMATCHED's, `reason` a machine word, `sentence` for a person."""

    receipt: int
    status: str
    reason: str
    sentence: str


def special_cash(
    facts: Facts,
    *,
    returns: Sequence[Returned] = (),
    payers: Mapping[int, Sequence[tuple[str, str]]] | None = None,
    named: Mapping[int, Sequence[int]] | None = None,
    entity_names: Mapping[str, str] | None = None,
    held_from: Mapping[tuple[str, str], int] | None = None,
    elsewhere: Mapping[int, str] | None = None,
    as_of: int | None = None,
) -> list[Special]:
    """Receipts that are set aside, in pool order, one row each: the first that fits of the list below.

    returned   a return (`arlib.matching.returned`), and the receipt of this run that it returns
    held       the payer is bankrupt, sanctioned or dead; the text names another entity of ours, or the payer is a customer of
               another one and no item here is named; a cheque dated after `as_of`, or more than 180 days before it
    prepayment the text says so and neither it nor the amount points at an open item; or it came before any item was dated
    duplicate  payer, amount, currency and text are those of an earlier receipt, of the same day or, where the text has a
               number, of the 30 days before, and the open items can take only one

    `payers` are (entity, customer) that a receipt may come from, best first, beside the customer booked; `named` the items
    (rows) that its text names, else numbers in it are looked up here. `entity_names` has our entities' names by code.
    `held_from` gives the day from which a payer is held, by (entity, customer), the entity empty for a customer of all:
    money before the petition is not. `elsewhere` has the entity that a receipt's payer belongs to more likely than to its
    own (`payers_elsewhere`). `as_of` is a day number; without it no cheque is judged by its date.
    """
    found: dict[int, Special] = {}

    def set_aside(receipt: int, status: str, reason: str, sentence: str) -> None:
        found.setdefault(receipt, Special(receipt, status, reason, sentence))

    ids = texts(facts.pool.receipts.frame, "receipt_id")
    for one in returns:
        back = (
            f"it returns receipt {one.original}" if one.original else "which receipt it returns is not known"
        )
        set_aside(one.receipt, "returned", "return", f"a returned payment ({one.code or 'no code'}): {back}")
        if one.original_row != NOBODY:
            set_aside(
                one.original_row, "returned", "came_back", f"it came back with receipt {ids[one.receipt]}"
            )
    columns = [texts(facts.pool.receipts.frame, n) for n in ("remittance_text", "reference", "payer_name")]
    held = _HeldPayers(facts, payers or {}, held_from or {})
    others = _other_names(entity_names or {})
    accounts = _accounts(facts, payers or {})
    prepaid: list[int] = []
    for row, (text, reference, name) in enumerate(zip(*columns, strict=True)):
        if status := held.status(row, name):
            set_aside(row, "held", f"{status}_payer", HELD[status])
        entity = facts.entity(row)
        if others and (other := _names_other(entity, text, others)):
            set_aside(row, "held", "other_entity", f"the payment names our entity {other}, not {entity}")
        elif (of := (elsewhere or {}).get(row)) and not (named or {}).get(row):
            set_aside(
                row,
                "held",
                "other_entity",
                f"the payer's account is on file at our entity {of}, not {entity}",
            )
        if as_of is not None and _CHEQUE.search(words.cut(f"{reference} \n {text}")):
            ahead = facts.paid_on[row] - as_of
            if ahead > 0:
                set_aside(
                    row, "held", "post_dated", f"a cheque dated {ahead} days ahead: not money before its day"
                )
            elif -ahead > STALE_AFTER:
                set_aside(
                    row, "held", "stale_cheque", f"a cheque {-ahead} days old: the bank need not pay it"
                )
        if row not in found and facts.cash[row] > 0:
            if _PREPAYS.search(words.cut(text)):
                prepaid.append(row)
            elif _is_before_all(facts, row, accounts[row], text):
                set_aside(
                    row,
                    "prepayment",
                    "before_any_item",
                    "it came before any open item of the payer was dated",
                )
    groups = same_payments(facts, skipped=found)
    wanted = [*prepaid, *(row for group in groups for row in group)]
    names = named if named is not None else named_items(facts, wanted)
    for row in prepaid:
        if not names.get(row) and not _is_open_amount(facts, row, accounts[row]):
            set_aside(
                row, "prepayment", "says_prepayment", "the text calls it a prepayment and no open item fits"
            )
    for group in groups:
        for row, first in beyond_capacity(facts, group, names, accounts[group[0]]):
            if first not in found:
                set_aside(row, "duplicate", "duplicate_receipt",
                          f"same payer, amount and text as receipt {ids[first]}, and the open items take only one")  # fmt: skip
    return [found[row] for row in sorted(found)]


def cautions(
    facts: Facts, *, payers: Mapping[int, Sequence[tuple[str, str]]] | None = None
) -> dict[int, str]:
    """By receipt, why a proposal for it is never applied without a person.

    contra     the text speaks of netting: our payables were set against it, which needs an agreement (the policy lists the
               customers that have one), the AP document and an approval; without an agreement it stays a suggestion
    factor     a factor pays: first it must be decided whether the receivables were sold, pledged or only collected for
    legal      the customer is in litigation: taking money may settle or acknowledge the claim
    long       the text or the reference is longer than what is read of it: it may name more items than were found
    """
    frame = facts.pool.receipts.frame
    columns = [texts(frame, n) for n in ("remittance_text", "reference", "payer_name", "customer_id")]
    holders = {plain(name) for name in _values(facts.pool.items.frame, "assigned_to")}
    ours = set() if facts.customers is None else {plain(name) for name in _values(facts.customers, "name")}
    found: dict[int, str] = {}
    for row, (text, reference, name, customer) in enumerate(zip(*columns, strict=True)):
        why = []
        said = f"{text} \n {reference}"
        known = [pair[1] for pair in (payers or {}).get(row, ())[:1]] + ([customer] if customer else [])
        if words.says_contra(said):
            agreed = any(code in facts.policy.contra_agreements for code in known)
            why.append("contra with an agreement on file: needs the AP document and an approval" if agreed
                       else "contra without an agreement on file: stays a suggestion")  # fmt: skip
        # a customer may be called Max Factor
        is_stranger = (
            _FACTOR_NAME.search(words.cut(name)) is not None and not customer and plain(name) not in ours
        )
        if _FACTORS.search(words.cut(said)) or is_stranger or (holders and plain(name) in holders):
            why.append("a factor pays: first decide whether the items were sold, pledged or collected for")
        if CustomerStatus.LEGAL.value in _statuses(facts, row, payers or {}):
            why.append("the customer is in litigation")
        if max(len(text), len(reference)) > TEXT_LIMIT:
            why.append(f"only the first {TEXT_LIMIT:,} characters of the text were read")
        if why:
            found[row] = "; ".join(why)
    return found


def payers_elsewhere(payers: Payers) -> dict[int, str]:
    """By receipt, the entity of ours where the payer's bank account is on file, where no customer here is as likely."""
    found = {}
    for receipt, (here, there) in enumerate(zip(payers.candidates, payers.elsewhere, strict=True)):
        if not there or there[0].how != ON_FILE:
            continue
        if not here or here[0].strength < there[0].strength:
            found[receipt] = payers.accounts[there[0].account][0]
    return found


class _HeldPayers:
    """Who may not be taken money from, by account and, since a sanctioned payer hides, by name."""

    def __init__(
        self,
        facts: Facts,
        payers: Mapping[int, Sequence[tuple[str, str]]],
        held_from: Mapping[tuple[str, str], int],
    ) -> None:
        self.facts, self.payers, self.held_from = facts, payers, held_from
        self.by_core: dict[str, tuple[str, tuple[str, str]]] = {}
        self.cores: dict[str, tuple[str, ...]] = {}
        for pair, status, names in facts.held_customers(tuple(HELD)):
            for name in names:
                for read in names_in(name).whole:
                    self.by_core[read.core] = (status, pair)

    def status(self, row: int, name: str) -> str:
        day = self.facts.paid_on[row]
        for pair, status in _known(self.facts, row, self.payers):
            if status in HELD and day >= self._since(pair, day):
                return status
        if not self.by_core or not name:
            return ""
        if name not in self.cores:
            self.cores[name] = tuple(read.core for read in names_in(name).whole)
        for core in self.cores[name]:
            if core in self.by_core:
                status, pair = self.by_core[core]
                if day >= self._since(pair, day):
                    return status
        return ""

    def _since(self, pair: tuple[str, str], day: int) -> int:
        return self.held_from.get(pair, self.held_from.get(("", pair[1]), day))


def _values(frame: pd.DataFrame, name: str) -> list[str]:
    return sorted(str(value) for value in frame[name].dropna().unique() if str(value))


def _known(
    facts: Facts, row: int, payers: Mapping[int, Sequence[tuple[str, str]]]
) -> list[tuple[tuple[str, str], str]]:
    account = int(facts.pool.receipts.account[row])
    pairs = [facts.pool.accounts[account]] if account != NOBODY else []
    pairs += list(payers.get(row, ())[:1])
    return [(pair, facts.status(pair)) for pair in pairs]


def _statuses(facts: Facts, row: int, payers: Mapping[int, Sequence[tuple[str, str]]]) -> set[str]:
    return {status for _, status in _known(facts, row, payers)}


def _other_names(entity_names: Mapping[str, str]) -> list[tuple[str, str]]:
    """(words of the name, entity), longest first, so that Imports North is not taken for Imports."""
    made = []
    for entity in sorted(entity_names):
        for read in names_in(entity_names[entity]).whole[:1]:
            made.append((" ".join(read.words), entity))
    return sorted(made, key=lambda one: (-len(one[0]), one))


def _names_other(entity: str, text: str, others: list[tuple[str, str]]) -> str:
    said = f" {' '.join(w for w in re.split(r'[^A-Z0-9]+', words.cut(text).upper()) if w)} "
    for name, other in others:
        if name and f" {name} " in said:
            return "" if other == entity else other
    return ""


def _accounts(facts: Facts, payers: Mapping[int, Sequence[tuple[str, str]]]) -> list[int]:
    """Account number by receipt: as booked, else of the payer that it most likely comes from."""
    numbers = {pair: number for number, pair in enumerate(facts.pool.accounts)}
    booked = facts.pool.receipts.account.tolist()
    return [
        numbers.get(next(iter(payers.get(row, ())), ("", "")), NOBODY) if account == NOBODY else account
        for row, account in enumerate(booked)
    ]


def _is_before_all(facts: Facts, row: int, account: int, text: str) -> bool:
    first = facts.first_document(account)
    if first is None or any(letter.isdigit() for letter in text):
        return False
    return facts.paid_on[row] < first - facts.policy.days_before_document


def _is_open_amount(facts: Facts, row: int, account: int) -> bool:
    return any(facts.open[item] == facts.cash[row] for item in facts.items_of(account))
