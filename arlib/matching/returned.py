"""Payments that came back: which receipt they return, and what must be put back on its items. Floor 1.

A return reverses from the day of the return: what was aged before it stays as it was. The item is open again with its
original due date, a discount that was taken is clawed back, and a fee is a document of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from arlib.matching.columns import texts, whole
from arlib.matching.facts import Facts, plain
from arlib.matching.payment_words import cut
from arlib.matching.pool import NOBODY, days
from arlib.money import minor_places
from arlib.tables.kinds import Column, Kind, Table

if TYPE_CHECKING:
    import pandas as pd

FARTHEST = (
    90  # days between a payment and its return; a bank's return comes within days, a recall within weeks
)
_T, _D, _M = Kind.TEXT, Kind.DAY, Kind.MONEY

REVERSALS = Table("reversals", "what a returned payment puts back", ("entity", "return_id", "kind", "item_id"), (
    Column("entity", _T, "entity code", True),
    Column("return_id", _T, "receipt that is the return", True, is_key=True),
    Column("kind", _T, "application and discount go back on the item, fee is a document of its own", True),
    Column("item_id", _T, "item that is open again; empty for a fee", is_key=True),
    Column("receipt_id", _T, "receipt that came back", True, is_key=True),
    Column("customer_id", _T, "customer of the item", is_key=True),
    Column("currency", _T, "currency", True),
    Column("amount", _M, "what the customer owes again, or the fee", True, currency="currency"),
    Column("effective_date", _D, "day of the return; before it nothing changes", True),
    Column("due_date", _D, "original due date of the item; of a fee the day of the return"),
    Column("reason", _T, "reason code of the return"),
))  # fmt: skip

_SURE = re.compile(
    r"\bnsf\b|insufficient funds|\bach[ _-]return\b|\bbounced\b|\bdishonou?red\b|refer to drawer|r(?:ü|ue)cklast"
    r"|\breturned (?:check|cheque|payment|ach|item|debit)\b|\breturn of (?:ach|check|cheque|payment|eft|wire|debit)",
    re.IGNORECASE,
)
_LIKELY = re.compile(
    r"\breturn(?:ed|s)?\b|\brecall(?:ed)?\b|\breversal\b|\bunpaid\b", re.IGNORECASE | re.ASCII
)
_CODE = re.compile(r"\bR(?:0[1-9]|[1-7][0-9]|8[0-5])\b", re.ASCII)  # Nacha return reasons
_AS_NAME = re.compile(
    r"\s*(?:nsf|ach|eft|chk|check|cheque)?[ -]?(?:return\b|nsf\b)", re.IGNORECASE | re.ASCII
)
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_.-]{3,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Returned:
    """A receipt that is a return. `original` is the id of the receipt that came back, '' where none was found."""

    receipt: int  # row in Pool.receipts
    original: str
    original_row: int  # row in Pool.receipts where the original is in the same run, else -1
    code: str
    how: str  # stated, reference, amount or unknown


def returned_payments(facts: Facts, *, before: pd.DataFrame | None = None) -> list[Returned]:
    """Receipts that are returns, in pool order. `before` are earlier receipts (MATCH_RECEIPTS) that may have come back.

    A return says so: by `return_of`, by `return_code`, by a negative amount with words of a return or a Nacha code, or by
    words that mean nothing else (NSF, returned cheque), whatever its sign. A negative amount alone is none: it may be a
    refund. The original is the receipt stated; else the only earlier one whose number or reference the text has; else the
    only one of this payer and amount in the 90 days before.
    """
    frame = facts.pool.receipts.frame
    found = []
    columns = [
        texts(frame, n) for n in ("return_of", "return_code", "payer_name", "remittance_text", "reference")
    ]
    for row, (stated, code, name, text, reference) in enumerate(zip(*columns, strict=True)):
        words = cut(f"{text} \n {reference}")
        is_return = (
            bool(stated or code) or _SURE.search(words) is not None or _AS_NAME.match(name) is not None
        )
        if not is_return and facts.cash[row] < 0:
            is_return = _LIKELY.search(words) is not None or _CODE.search(words) is not None
        if is_return:
            shown = _CODE.search(words)
            found.append(
                (row, stated, code or (shown[0] if shown else "NSF" if "nsf" in words.lower() else ""), words)
            )
    if not found:
        return []
    earlier = _Earlier(facts, before, {row for row, *_ in found})
    return [earlier.original(row, stated, code, words) for row, stated, code, words in found]


def reversals(
    facts: Facts,
    returned: Sequence[Returned],
    *,
    applied: pd.DataFrame,
    items: pd.DataFrame,
    before: pd.DataFrame | None = None,
    fee: int = 0,
) -> pd.DataFrame:
    """What the returns put back, from the applications of the receipts that came back: REVERSALS by key.

    `applied` has entity, receipt_id, item_id, currency, applied_amount and, where discounts were taken, discount; `items`
    (MATCH_ITEMS) the items as they were. The fee is what the bank took back beyond the receipt, else `fee` in minor units.
    A return whose original is not known, or was never applied, reverses nothing and has no fee here: a person must look.
    """
    frame = facts.pool.receipts.frame
    due = items.set_index(["entity", "item_id"])[["original_due_date", "due_date", "customer_id"]]
    amounts = _amounts(frame, before)
    rows: list[dict[str, Any]] = []
    held = applied.assign(discount=applied["discount"] if "discount" in applied.columns else 0)
    by_receipt = dict(list(held.groupby(["entity", "receipt_id"], sort=True)))
    for one in returned:
        line = frame.iloc[one.receipt]
        mine = by_receipt.get((line["entity"], one.original))
        if not one.original or mine is None:
            continue
        same = {"entity": line["entity"], "return_id": line["receipt_id"], "receipt_id": one.original,
                "effective_date": line["value_date"], "reason": one.code}  # fmt: skip
        for item, currency, amount, discount in zip(
            *(mine[n].tolist() for n in ("item_id", "currency", "applied_amount", "discount")), strict=True
        ):
            known = (line["entity"], item) in due.index
            was = due.loc[(line["entity"], item)] if known else None
            day = None if was is None else was["original_due_date"]
            day = (
                was["due_date"] if was is not None and (day is None or day != day) else day
            )  # NaT is not itself
            of_item = {"item_id": item, "currency": currency, "due_date": day,
                       "customer_id": "" if was is None else was["customer_id"]}  # fmt: skip
            rows.append(same | of_item | {"kind": "application", "amount": int(amount)})
            if discount == discount and discount:
                rows.append(same | of_item | {"kind": "discount", "amount": int(discount)})
        beyond = abs(int(line["amount"])) - abs(
            amounts.get((line["entity"], one.original), int(line["amount"]))
        )
        charged = beyond if beyond > 0 else fee
        if charged > 0:
            rows.append(same | {"kind": "fee", "item_id": "", "customer_id": rows[-1]["customer_id"], "amount": charged,
                                "currency": line["currency"], "due_date": line["value_date"]})  # fmt: skip
    if not rows:
        return REVERSALS.empty()
    return REVERSALS.frame(rows).sort_values(list(REVERSALS.key), kind="stable", ignore_index=True)


def _amounts(frame: pd.DataFrame, before: pd.DataFrame | None) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for part in (before, frame):
        if part is not None:
            keys = zip(texts(part, "entity"), texts(part, "receipt_id"), strict=True)
            found |= {key: amount or 0 for key, amount in zip(keys, whole(part, "amount"), strict=True)}
    return found


class _Earlier:
    """Receipts that may have come back, to look up by number and by payer and amount."""

    def __init__(self, facts: Facts, before: pd.DataFrame | None, returns: set[int]) -> None:
        self.facts = facts
        self.by_name: dict[tuple[str, str], set[tuple[int, str, int]]] = {}
        self.by_payer: dict[tuple[str, str, str], list[tuple[int, int, str, int]]] = {}
        frame = facts.pool.receipts.frame
        self._add(frame, list(range(len(frame))), returns)
        if before is not None and len(before):
            self._add(before, [-1] * len(before), set())
        self.columns = {n: texts(frame, n) for n in ("entity", "customer_id", "payer_account", "currency")}

    def original(self, row: int, stated: str, code: str, words: str) -> Returned:
        entity = self.columns["entity"][row]
        if stated:
            known = self.by_name.get((entity, plain(stated)), set())
            rows = [at for _, name, at in known if name == stated]
            return Returned(row, stated, rows[0] if rows else NOBODY, code, "stated")
        named = set()
        for token in _TOKEN.findall(words):
            if any(letter.isdigit() for letter in token):
                named |= self.by_name.get((entity, plain(token)), set())
        named = {one for one in named if one[2] != row}
        if len(named) == 1:
            _, name, at = named.pop()
            return Returned(row, name, at, code, "reference")
        size, day = abs(self.facts.cash[row]), self.facts.paid_on[row]
        spare = int(self.facts.policy.bank_charge_max * 10 ** minor_places(self.columns["currency"][row]))
        near = {
            (amount, name, at)
            for key in _payers(entity, self.columns["customer_id"][row], self.columns["payer_account"][row])
            for on, amount, name, at in self.by_payer.get(key, [])
            if 0 <= day - on <= FARTHEST and 0 <= size - amount <= spare and at != row
        }
        exact = {one for one in near if one[0] == size} or near
        if len(exact) == 1:
            _, name, at = exact.pop()
            return Returned(row, name, at, code, "amount")
        return Returned(row, "", NOBODY, code, "unknown")

    def _add(self, frame: pd.DataFrame, rows: list[int], returns: set[int]) -> None:
        columns = [
            texts(frame, n) for n in ("entity", "receipt_id", "reference", "customer_id", "payer_account")
        ]
        amounts, on = whole(frame, "amount"), days(frame["value_date"]).tolist()
        for row, entity, name, reference, customer, account, amount, day in zip(
            rows, *columns, amounts, on, strict=True
        ):
            if row in returns or not amount or amount < 0:
                continue
            for text in (name, reference):
                if plain(text):
                    self.by_name.setdefault((entity, plain(text)), set()).add((day, name, row))
            for key in _payers(entity, customer, account):
                self.by_payer.setdefault(key, []).append((day, amount, name, row))


def _payers(entity: str, customer: str, account: str) -> list[tuple[str, str, str]]:
    named = (("customer", customer), ("account", plain(account)))
    return [(entity, kind, value) for kind, value in named if value]
