"""Write-offs that people asked for, held against the books. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from arlib.credit.proposals import proposal_id
from arlib.credit.write_off.blocks import Block
from arlib.credit.write_off.words import Record, money
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import of_entity
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import ProposalKind
from arlib.tables.rows import is_none, records, text

KINDS = (ProposalKind.WRITE_OFF.value, ProposalKind.SMALL_BALANCE.value)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Requests by item: the first counts, the others of the same item ask twice."""

    first: Mapping[str, Record] = field(default_factory=dict)
    others: tuple[Record, ...] = ()


def asked(book: Book, *, scope: Scope) -> Asked:
    """The requests of kind write_off and small_balance made by the as-of date, in the order of their ids.

    Needs ADJUSTMENT_REQUESTS. A request without an item goes to `others`.
    """
    rows = of_entity(book["adjustment_requests"], scope.entity)
    mine = rows[rows["kind"].isin(KINDS) & ~(rows["requested_on"] > pd.Timestamp(scope.as_of))]
    mine = mine.assign(
        customer_id=merged_codes(mine["customer_id"], book, entity=scope.entity, on=scope.as_of)
    )
    first: dict[str, Record] = {}
    others: list[Record] = []
    for row in records(mine.sort_values("request_id", kind="stable")):
        item = text(row["item_id"])
        if not item or item in first:
            others.append(row)
        else:
            first[item] = row
    return Asked(first=first, others=tuple(others))


def amount_asked(request: Record, open_: int) -> int:
    """The amount of a request; what is open where it names none."""
    return open_ if is_none(request["amount"]) else int(request["amount"])


def faults(request: Record, debt: Record) -> list[Block]:
    """What is wrong with a request against the open item that it names."""
    made = _person(request)
    if request["currency"] != debt["currency"]:
        made.append(
            Block(
                word="other_currency",
                because=f"Asked in {request['currency']}, the item is in {debt['currency']}.",
            )
        )
    elif request["customer_id"] != debt["customer_id"]:
        made.append(
            Block(
                word="other_customer",
                because=f"The item is customer {debt['customer_id']}'s, not the one named.",
            )
        )
    else:
        amount, open_ = amount_asked(request, int(debt["outstanding"])), int(debt["outstanding"])
        if not 0 < amount <= open_:
            said = (
                f"{money(amount, debt['currency'])} was asked for, {money(open_, debt['currency'])} is open."
            )
            made.append(Block(word="other_amount", because=said))
    return made


def answered(request: Record, *, scope: Scope, is_open: bool) -> dict[str, Any]:
    """The BLOCKED row of a request that no open debit answers, or that asks for an item a second time."""
    found = _person(request)
    if is_open:
        found.append(Block(word="asked_twice", because="An earlier request asks for the same item."))
    elif text(request["item_id"]):
        because = f"Item {text(request['item_id'])!r} is no open debit at the as-of date: credits are never written off."
        found.append(Block(word="no_open_debit", because=because))
    else:
        found.append(Block(word="item_missing", because="The request names no item."))
    amount = 0 if is_none(request["amount"]) else int(request["amount"])
    return {
        "proposal_id": proposal_id(request["kind"], scope.entity, "request", request["request_id"]),
        "entity": scope.entity, "kind": request["kind"], "customer_id": text(request["customer_id"]),
        "customer_name": "", "item_id": text(request["item_id"]), "document_no": "", "currency": request["currency"],
        "amount": amount, "tax_amount": pd.NA, "functional_amount": pd.NA, "due_date": pd.NaT, "days_past_due": pd.NA,
        "reason": request["reason"], "rule": words(request), "evidence": _evidence(request), "payee_account": "",
        "payee_name": "", "requested_by": text(request["requested_by"]),
        "blocked_by": "|".join(block.word for block in found),
        "blocked_because": " ".join(block.because for block in found),
    }  # fmt: skip


def words(request: Record) -> str:
    """Who asked, as the rule of a proposal."""
    return f"asked for by {text(request['requested_by']) or 'nobody'} on {request['requested_on']:%Y-%m-%d}"


def _evidence(request: Record) -> str:
    said = text(request["evidence"]) or "no evidence named"
    return f"Request {request['request_id']}: {said}."


def _person(request: Record) -> list[Block]:
    if text(request["requested_by"]).strip():
        return []
    return [Block(word="nobody_asks", because="The request names nobody who asks.")]
