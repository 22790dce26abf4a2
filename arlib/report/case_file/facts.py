"""Everything that a case file shows, worked out once from the customer's book. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from arlib.audit.options.patterns import DuplicatesOptions
from arlib.audit.patterns.duplicates import duplicates
from arlib.collect.customer import account_of, header, history_of, open_items_of, receipts_of, timeline
from arlib.collect.hints import Hints, hints, root_cause
from arlib.errors import ArError
from arlib.ledger.by_customer import CustomerBook, own_rows
from arlib.ledger.customer import RollForward, balances_by_day, roll_forward, running_balance
from arlib.ledger.customer_recon import CustomerReconciliation, reconcile_customer
from arlib.ledger.openitems import open_items
from arlib.matching.by_hand import Given, ReceiptProposals, WhatIf, around, propose, what_if
from arlib.money import parse_plain
from arlib.policy import Policies, Scope
from arlib.report.case_file.asked import CaseAsked
from arlib.report.case_file.share import Share, share_of
from arlib.sources.pasted import Pasted, PastedReconciliation, pasted_file, reconcile_pasted

if TYPE_CHECKING:
    from arlib.collect.customer import CustomerHeader

MOST_ROOTS = 20  # items whose root cause is looked for when the case names none


@dataclass(frozen=True, kw_only=True, eq=False)
class Hand:
    """The receipt of the case: what the engine proposes, what a person chose, and why something cannot be told."""

    proposals: ReceiptProposals | None
    chosen: WhatIf | None
    said: str
    faults: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Their:
    """The customer's own statement: as it was read, set against our ledger where it could be, and what stands in the way."""

    pasted: Pasted | None
    found: PastedReconciliation | None
    faults: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class CaseFacts:
    """The facts of one case. Frames are those of the functions that they are named for."""

    book: CustomerBook
    scope: Scope
    policies: Policies
    asked: CaseAsked
    since: date
    header: CustomerHeader
    open_items: pd.DataFrame
    history: pd.DataFrame
    receipts: pd.DataFrame
    timeline: pd.DataFrame
    running: pd.DataFrame
    by_day: pd.DataFrame
    outstanding: pd.DataFrame  # OPEN_ITEMS of the customer: the aging's own population
    rolled: RollForward
    hints: Hints
    roots: pd.DataFrame
    share: Share
    hand: Hand | None
    their: Their | None
    on_file: (
        CustomerReconciliation | None
    )  # their statement as our books have it, where none came with the case

    @property
    def currency(self) -> str:
        """The currency that pictures are drawn in: that of most of the open items, else of most movements, else the books'."""
        for frame in (self.open_items, self.running):
            if len(frame):
                return str(frame["currency"].mode().iloc[0])
        return self.scope.functional_currency


def facts_of(book: CustomerBook, *, scope: Scope, policies: Policies, asked: CaseAsked) -> CaseFacts:
    """The facts of a case from one customer's book (`narrowed`); each function's own needs and errors hold."""
    since = asked.since or (scope.starts_on if scope.starts_on <= scope.as_of else scope.as_of.replace(day=1))
    account = account_of(book, scope=scope, policies=policies)
    everything = open_items(book, scope=scope)
    pairs = duplicates(book, scope=scope, options=DuplicatesOptions()).pairs
    return CaseFacts(
        book=book,
        scope=scope,
        policies=policies,
        asked=asked,
        since=since,
        header=header(book, scope=scope, policies=policies, account=account),
        open_items=open_items_of(book, scope=scope, policies=policies, account=account),
        history=history_of(book, scope=scope, policies=policies, account=account),
        receipts=receipts_of(book, scope=scope, policies=policies, account=account),
        timeline=timeline(book, scope=scope, policies=policies, account=account),
        running=running_balance(book, scope=scope),
        by_day=balances_by_day(book, scope=scope),
        outstanding=own_rows(book, everything),
        rolled=roll_forward(book, scope=scope, since=since),
        hints=hints(book, scope=scope, policies=policies, pairs=pairs),
        roots=_roots(book, asked, scope, policies, pairs),
        share=share_of(book, scope=scope, since=since),
        hand=_hand(book, asked, scope, policies) if asked.receipt_id else None,
        their=_their(book, asked, scope, policies) if asked.statement is not None else None,
        on_file=reconcile_customer(book, scope=scope, customer_id=asked.customer_id)
        if asked.statement is None and len(book["customer_statement_lines"])
        else None,
    )


def _roots(
    book: CustomerBook, asked: CaseAsked, scope: Scope, policies: Policies, pairs: pd.DataFrame
) -> pd.DataFrame:
    """The likeliest causes of the items that the case names, else of those in dispute."""
    known = set(book["items"]["item_id"])
    disputed = book["disputes"]
    open_ = disputed[disputed["closed_on"].isna()]["item_id"].dropna().astype(str)
    named = [item for item in asked.items if item in known] or [item for item in open_ if item in known]
    found = [
        root_cause(book, scope=scope, policies=policies, item_id=item, pairs=pairs)
        for item in sorted(dict.fromkeys(named))[:MOST_ROOTS]
    ]
    filled = [frame for frame in found if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else root_cause_none()


def root_cause_none() -> pd.DataFrame:
    """ROOT_CAUSES without a row."""
    from arlib.collect.hints import ROOT_CAUSES

    return ROOT_CAUSES.empty()


def _hand(book: CustomerBook, asked: CaseAsked, scope: Scope, policies: Policies) -> Hand:
    """What cannot be matched is told, never raised: the rest of the case is evidence all the same."""
    policy = policies.matching
    try:
        near = around(book, scope=scope, receipt_id=asked.receipt_id)
        proposals = propose(near, policy=policy)
        chosen, faults = None, list(near.faults)
        if asked.chosen or asked.given:
            amounts, wrong = _amounts(book, asked)
            faults += wrong
            given = [
                Given(item_id=part.item_id, kind=part.kind, amount=parse_plain(part.amount, _currency(book, part.item_id)),
                      code=part.code)
                for part in asked.given if _currency(book, part.item_id)
            ]  # fmt: skip
            chosen = what_if(
                near, receipt_id=asked.receipt_id, chosen=amounts, policy=policy, given=given, rate=asked.rate
            )
    except ArError as fault:
        return Hand(proposals=None, chosen=None, said="", faults=(str(fault).splitlines()[0],))
    return Hand(proposals=proposals, chosen=chosen, said=near.sentence, faults=tuple(faults))


def _amounts(book: CustomerBook, asked: CaseAsked) -> tuple[Mapping[str, int | None], list[str]]:
    """What was set against each item, in minor units, None for all; and the items that the book does not know."""
    made: dict[str, int | None] = {}
    wrong = []
    for item_id, text in asked.chosen.items():
        if currency := _currency(book, item_id):
            made[item_id] = parse_plain(text, currency) if text else None
        else:
            wrong.append(f"Item {item_id[:40]} was chosen by hand and is not in the customer's book.")
    return made, wrong


def _currency(book: CustomerBook, item_id: str) -> str:
    rows = book["items"]
    found = rows.loc[rows["item_id"].eq(item_id), "currency"]
    return str(found.iloc[0]) if len(found) else ""


def _their(book: CustomerBook, asked: CaseAsked, scope: Scope, policies: Policies) -> Their:
    assert asked.statement is not None
    items = own_rows(book, book["items"])
    currency = str(items["currency"].mode().iloc[0]) if len(items) else scope.functional_currency
    try:
        pasted = pasted_file(
            asked.statement,
            asked.statement_name,
            entity=scope.entity,
            customer_id=asked.customer_id,
            currency=currency,
            known=items,
            decided=asked.statement_choices,
        )
    except ArError as fault:
        return Their(pasted=None, found=None, faults=(str(fault).splitlines()[0],))
    if pasted.choices:
        waiting = tuple(
            f"Their statement waits for an answer: {choice.question}" for choice in pasted.choices
        )
        return Their(pasted=pasted, found=None, faults=waiting)
    try:
        found = reconcile_pasted(book, scope=scope, pasted=pasted, policies=policies)
    except ArError as fault:
        return Their(pasted=pasted, found=None, faults=(str(fault).splitlines()[0],))
    return Their(pasted=pasted, found=found, faults=())
