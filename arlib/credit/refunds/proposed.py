"""Refunds that are proposed, and those that something forbids. Floor 1.

    what                                          way
    nobody knows whose money it is                identify
    left on account on purpose, a prepayment      keep, until somebody asks
    younger than the policy's days                wait
    below the policy's minimum                    apply where the customer owes, else unclaimed
    something forbids it                          held, and stands among the blocked
    the customer owes in the same currency        apply
    anything else                                 refund

A request changes the way: it asks for the money now. What forbids stays; only overdue items and a payer that is not the
customer give way, to a request that names its evidence, and become a caution for the approver.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from arlib.controls import Identity
from arlib.credit.proposals import BLOCKED, proposals_of
from arlib.credit.refunds.blocks import Block, blocks_of, booked_block, overdue_block
from arlib.credit.refunds.credits import NO_MONEY, OpenCredits, open_credits, owed_by_currency
from arlib.credit.refunds.frames import CREDITS, Way, text_of
from arlib.credit.refunds.payee import payees_of
from arlib.credit.refunds.requests import Request, refund_requests, unanswered_requests
from arlib.credit.refunds.rows import (
    Desk,
    caution,
    is_small,
    money,
    proposal_row,
    request_blocked,
    why,
)
from arlib.ledger.facts import of_entity
from arlib.money import total
from arlib.policy import Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import ItemType, ProposalKind, ReceiptStatus
from arlib.tables.rows import frame_of, records

GIVES_WAY = ("overdue_items", "third_party_payer")  # to a request with evidence
LIMITS = {
    "receipts": "the account that paid is not known, so refunds wait for one",
    "bank_details": "a change of a customer's account since its payment is not seen",
    "account_changes": "changes of accounts that a clearing house told are not seen",
    "adjustment_requests": "only the policy proposes refunds, nobody asked for one",
    "disputes": "a disputed credit is not seen",
    "holds": "a hold on a customer is not seen",
}


@dataclass(frozen=True)
class Refunds:
    """What refunds are proposed, what is held back, and where every open credit goes."""

    proposals: pd.DataFrame  # PROPOSALS
    blocked: pd.DataFrame  # BLOCKED
    credits: pd.DataFrame  # CREDITS
    identities: tuple[Identity, ...]
    limits: tuple[str, ...]


def refunds_of(book: Book, *, scope: Scope, policies: Policies) -> Refunds:
    """Refunds of overpayments, unapplied cash and open credits to the original payer and account.

    Needs ITEMS; uses APPLICATIONS, RECEIPTS, CUSTOMERS, BANK_DETAILS, ACCOUNT_CHANGES, ADJUSTMENT_REQUESTS, DISPUTES,
    HOLDS, CLAIMS, DECIDED_PROPOSALS and CONTROL_ACCOUNTS. DECIDED_PROPOSALS hold what was decided before, whenever: what is approved and
    not yet booked is not proposed again, what was rejected only when somebody asks anew. A credit is proposed once,
    whatever the number of requests, for no more than is open, in its own currency. Amounts are minor units. The sum of
    the credits by way equals the open credits of the aging in every currency. Raises what `open_items` raises.
    """
    found = open_credits(book, scope=scope)
    policy = policies.refund
    desk = Desk(
        found=found,
        owed=owed_by_currency(found.debits),
        blocks=blocks_of(book, scope=scope),
        payees=payees_of(book, scope=scope, policy=policy, owing=found.credits),
        decided=_by_item(of_entity(book["decided_proposals"], scope.entity)),
        policy=policy,
        scope=scope,
    )
    requests = refund_requests(book, scope=scope, owing=found.credits)
    asked: dict[str, list[Request]] = {}
    for request in requests:
        asked.setdefault(request.item_id, []).append(request)
    proposals: list[dict[str, Any]] = []
    blocked: list[dict[str, Any]] = []
    ways: list[dict[str, Any]] = []
    left = dict(desk.owed)
    for credit in records(found.credits):
        mine = asked.pop(str(credit["item_id"]), [])
        good = [request for request in mine if not request.fault]
        blocked += [
            request_blocked(one, one.fault, one.fault_said, desk, credit) for one in mine if one.fault
        ]
        said = f"request {good[0].request_id} asks for the same credit" if good else ""
        blocked += [request_blocked(one, "requested_twice", said, desk, credit) for one in good[1:]]
        way, made, held = _judged(credit, good[0] if good else None, desk)
        proposals += made
        blocked += held
        ways.append(way | _applied(way, left))
    for request in (request for left in asked.values() for request in left):
        word, said = _not_open(request, desk)
        blocked.append(request_blocked(request, word, said, desk, None))
    for request in unanswered_requests(book, scope=scope):
        word, _, kind = request.fault.partition(":")
        blocked.append(
            request_blocked(request, word, request.fault_said, desk, None, kind=ProposalKind(kind))
        )
    frame = frame_of(CREDITS, ways)
    return Refunds(
        proposals=proposals_of(proposals),
        blocked=frame_of(BLOCKED, blocked),
        credits=frame,
        identities=_identities(frame, found, scope),
        limits=tuple(f"No {name.replace('_', ' ')} were given: {so}." for name, so in LIMITS.items() if not book.has(name)),
    )  # fmt: skip


def _judged(
    credit: Mapping[str, Any], request: Request | None, desk: Desk
) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """The CREDITS row of a credit, and its PROPOSALS or BLOCKED row where it has one."""
    currency, customer = str(credit["currency"]), text_of(credit, "customer_id")
    owed = desk.owed.get((customer, currency), 0)
    overdue = overdue_block(customer, desk.found)
    blocks = desk.blocks.of(credit)
    way, because = (
        _without_asking(credit, owed, desk)
        if request is None
        else (Way.REFUND, f"request {request.request_id} asks for it")
    )
    proposals: list[dict[str, Any]] = []
    held: list[dict[str, Any]] = []
    number = ""
    if way is Way.REFUND or (way is Way.APPLY and overdue and not is_small(credit, desk)):
        payee = desk.payees.of(credit, request)
        hard = [*blocks, *_before(credit, request, desk), *payee.faults, *([overdue] if overdue else [])]
        soft = [one for one in hard if one[0] in GIVES_WAY and request is not None and request.evidence]
        hard = [one for one in hard if one not in soft]
        row = proposal_row(credit, request, payee, desk)
        number = str(row["proposal_id"])
        if hard:
            way, because = Way.HELD, "; ".join(said for _, said in hard)
            held.append(row | why(hard))
        else:
            proposals.append(row | {"caution": caution(credit, request, payee, soft, owed, desk)})
    return (
        {
            **{name: credit[name] for name in ("entity", "item_id", "customer_id", "item_type", "document_no", "document_date",
                                               "days_open", "currency", "amount", "functional_amount")},
            "customer_name": credit["name"], "open_debits": owed,
            "overdue_items": int(desk.found.overdue["items"].get(customer, 0)),
            "way": way.value, "because": because, "proposal_id": number or None,
        },
        proposals,
        held,
    )  # fmt: skip


def _applied(way: Mapping[str, Any], left: dict[tuple[str, str], int]) -> dict[str, Any]:
    """How much of a credit the open debits can take that no credit before it takes; `left` falls by it."""
    key = (text_of(way, "customer_id"), str(way["currency"]))
    if way["way"] not in (Way.APPLY, Way.HELD, Way.WAIT) or not left.get(key):
        return {}
    taken = min(left[key], int(way["amount"]))
    left[key] -= taken
    return {"apply_amount": taken}


def _without_asking(credit: Mapping[str, Any], owed: int, desk: Desk) -> tuple[Way, str]:
    """Which way a credit goes that nobody asked for, before anything forbids it."""
    kind, status = str(credit["item_type"]), text_of(credit, "cash_status")
    is_untouched = -int(credit["document_amount"]) == int(credit["amount"])
    if kind in [one.value for one in NO_MONEY]:
        return Way.KEEP, "an entry of our own, no money of the customer: set it against its document"
    if not text_of(credit, "customer_id") or status == ReceiptStatus.UNIDENTIFIED.value:
        return Way.IDENTIFY, "nobody knows yet whose money it is"
    is_kept = kind == ItemType.PREPAYMENT.value or (status == ReceiptStatus.ON_ACCOUNT.value and is_untouched)
    if is_kept and not desk.policy.refunds_on_account:
        return Way.KEEP, "left on account on purpose, or paid in advance"
    days = int(credit["days_open"])
    if days < desk.policy.min_days_open:
        return Way.WAIT, f"open for {days} days, the policy waits for {desk.policy.min_days_open}"
    if owed:
        said = f"{money(owed, str(credit['currency']))} of the customer is open in the same currency: apply first"
        return Way.APPLY, said
    if is_small(credit, desk):
        return (
            Way.UNCLAIMED,
            "below the policy's minimum: refunded when the customer asks, else unclaimed property",
        )
    return Way.REFUND, f"open for {days} days and the customer owes nothing in the currency"


def _before(credit: Mapping[str, Any], request: Request | None, desk: Desk) -> list[Block]:
    """What the ledger and earlier decisions say of the same credit: paid back, approved or rejected already."""
    made = []
    if booked := booked_block(credit, desk.found):
        made.append(booked)
    mine = desk.decided.get(str(credit["item_id"]), [])
    approved = [row for row in mine if row["decision"] == "approve"]
    if sum(int(row["amount"]) for row in approved) > desk.found.refunded.get(str(credit["item_id"]), 0):
        numbers = ", ".join(str(row["proposal_id"]) for row in approved)
        batches = ", ".join(sorted({str(row["batch_id"]) for row in approved if pd.notna(row["batch_id"])}))
        sent = f"went out in batch {batches}" if batches else "is approved"
        made.append(("already_approved", f"{numbers} {sent} and is not yet booked"))
    for row in mine:
        day = row["decided_on"]
        is_new = request is not None and pd.notna(day) and request.requested_on > day
        if row["decision"] == "reject" and not is_new:
            when = f" on {day:%Y-%m-%d}" if pd.notna(day) else ""
            made.append(
                ("rejected_before", f"{row['proposal_id']} was rejected{when}, and nobody asked since")
            )
    return made


def _not_open(request: Request, desk: Desk) -> Block:
    """Why a request meets no open credit."""
    if request.fault:
        return request.fault, request.fault_said
    if desk.found.refunded.get(request.item_id):
        return "already_refunded", f"item {request.item_id} has been refunded and is closed"
    return "not_open", f"item {request.item_id} is no open credit at {desk.scope.as_of:%Y-%m-%d}"


def _identities(ways: pd.DataFrame, found: OpenCredits, scope: Scope) -> tuple[Identity, ...]:
    """Every open credit has one way: by currency, Σ credits = open amounts below zero."""
    return tuple(
        Identity(
            name="credits", left_label="credits by the way they go", left=total(ways.loc[ways["currency"].eq(code), "amount"]),
            right_label="open amounts below zero", right=-found.totals[code], currency=code, entity=scope.entity,
        )
        for code in sorted(found.totals)
    )  # fmt: skip


def _by_item(decided: pd.DataFrame) -> dict[str, list[Mapping[str, Any]]]:
    made: dict[str, list[Mapping[str, Any]]] = {}
    kinds = (ProposalKind.REFUND.value, ProposalKind.UNCLAIMED.value, ProposalKind.CONTRA.value)
    for row in records(decided[decided["kind"].isin(kinds) & decided["item_id"].notna()]):
        made.setdefault(str(row["item_id"]), []).append(row)
    return made
