"""Every adjustment of a close: requests and facts in, proposals and their details out. Floor 1.

Requests come first, in the order of their day and id, then granted deductions, tax of exempt customers and fees; what one
takes of an invoice is not there for the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from arlib.controls import Identity
from arlib.credit.adjustments.asides import with_asides
from arlib.credit.adjustments.clawbacks import clawbacks_of
from arlib.credit.adjustments.credit_memos import credit_memo
from arlib.credit.adjustments.deductions import deduction, deduction_roll
from arlib.credit.adjustments.fees import charged_fees, fee_outcome, returns_of
from arlib.credit.adjustments.frames import DETAILS, RebillLine
from arlib.credit.adjustments.identities import adjustment_identities
from arlib.credit.adjustments.ledger_view import Row, View, of_entity, plain_rows, view_of
from arlib.credit.adjustments.outcome import Fault, Outcome, blocked_request
from arlib.credit.adjustments.plan_standings import plan_standings, plans_in_force
from arlib.credit.adjustments.plans import plan
from arlib.credit.adjustments.rebills import rebill
from arlib.credit.adjustments.requests import request_faults
from arlib.credit.adjustments.rewrites import rewrite
from arlib.credit.adjustments.settlements import settlement
from arlib.credit.adjustments.tax_corrections import tax_correction
from arlib.credit.proposals import BLOCKED, proposals_of
from arlib.credit.write_off.blocks import casework
from arlib.errors import shown as quoted
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import counted
from arlib.policy import Policies, Scope
from arlib.policy.adjustment import CreditNature
from arlib.tables import Book
from arlib.tables.choices import ItemType, ProposalKind
from arlib.tables.rows import frame_of

ASKED = (
    ProposalKind.CREDIT_MEMO, ProposalKind.REBILL, ProposalKind.REWRITE, ProposalKind.SETTLEMENT, ProposalKind.PLAN,
    ProposalKind.TAX_CORRECTION, ProposalKind.FEE, ProposalKind.DEDUCTION,
)  # fmt: skip
BY_FACT = (ProposalKind.FEE, ProposalKind.DEDUCTION)
TAXED = (ItemType.INVOICE, ItemType.DEBIT_MEMO, ItemType.CHARGEBACK, ItemType.OPENING)

WITHOUT = {
    "adjustment_requests": "no requests are in the books: credit memos, rebills, rewrites, settlements and arrangements "
    "are proposed only where somebody asks",
    "deductions": "no deductions are in the books: none is adjusted, and no clock runs",
    "exemptions": "no exemption certificates are in the books: tax of exempt customers cannot be found",
    "plans": "no payment arrangements are in the books",
    "commissions": "no commissions are in the books: nothing is clawed back",
}


@dataclass(frozen=True, kw_only=True)
class Adjustments:
    """What a close proposes to adjust, what is blocked, and the details; the tables are in `frames`."""

    proposals: pd.DataFrame  # PROPOSALS
    blocked: pd.DataFrame  # BLOCKED
    lines: pd.DataFrame  # ADJUSTMENT_LINES
    rebills: pd.DataFrame  # REBILL_LINES
    deductions: pd.DataFrame  # DEDUCTION_CASES
    deduction_roll: pd.DataFrame  # DEDUCTION_ROLL
    settlements: pd.DataFrame  # SETTLEMENTS
    settlement_items: pd.DataFrame  # SETTLEMENT_ITEMS
    schedules: pd.DataFrame  # PLAN_SCHEDULES
    plans: pd.DataFrame  # PLAN_STANDINGS
    rewrites: pd.DataFrame  # REWRITES
    tax_corrections: pd.DataFrame  # TAX_CORRECTIONS
    fees: pd.DataFrame  # RETURN_FEES
    clawbacks: pd.DataFrame  # CLAWBACKS
    identities: tuple[Identity, ...]
    limits: tuple[str, ...]  # what could not be done for want of a table, in words


def adjustments_of(book: Book, *, scope: Scope, policies: Policies) -> Adjustments:
    """All adjustments of an entity at the as-of date, refunds and write-offs apart.

    Needs ITEMS and APPLICATIONS; uses CUSTOMERS, ADJUSTMENT_REQUESTS, DEDUCTIONS, EXEMPTIONS, RECEIPTS, PLANS,
    PLAN_INSTALMENTS, COMMISSIONS and HOLDS, and says in `limits` which are not there; for cautions DISPUTES and SECURITY.
    A request or fact of the as-of date counts, a later one does not. A request that cannot be granted is a row of BLOCKED
    with everything that is wrong with it. Raises what `open_items` raises.
    """
    requests = _requests(book, scope)
    deductions = plain_rows(of_entity(book, "deductions", scope.entity))
    deductions = [row for row in deductions if row["taken_on"] <= scope.as_of]
    certificates = _certificates(book, scope)
    exempt = _exempt_items(book, certificates, scope=scope)
    returned = returns_of(book, scope=scope, policy=policies.adjustment)
    wanted = [row["item_id"] for row in (*requests, *deductions, *returned) if row["item_id"]]
    view = view_of(book, scope=scope, policies=policies, wanted=[*wanted, *exempt])

    running = plans_in_force(book, scope=scope)
    made = _asked(view, requests, certificates, running=running)
    asked = (len(requests), len(made.proposals) + len(made.blocked))
    for row in sorted(deductions, key=lambda one: (one["taken_on"], one["deduction_id"])):
        made.add(deduction(view, row))
    made.add(_exempt(view, exempt, requests, certificates))
    made.add(fee_outcome(view, returned, charged_fees(book, scope=scope, policy=policies.adjustment)))

    # None beside integers would make pandas turn money into float
    proposals = proposals_of(
        {name: pd.NA if value is None else value for name, value in row.items()}
        for row in with_asides(view, casework(book, scope=scope), made, running=running)
    )
    frames = {name: frame_of(table, made.details.get(name, [])) for name, table in DETAILS.items()}
    roll, rolls = deduction_roll(deductions, scope=scope)
    return Adjustments(
        proposals=proposals,
        blocked=frame_of(BLOCKED, made.blocked),
        **frames,
        deduction_roll=roll,
        plans=plan_standings(book, scope=scope, policies=policies),
        clawbacks=_clawbacks(book, view, proposals, made),
        identities=(*adjustment_identities(proposals, frames, scope=scope, asked=asked), *rolls),
        limits=tuple(f"{text[0].upper()}{text[1:]}." for name, text in WITHOUT.items() if not book.has(name)),
    )


def _requests(book: Book, scope: Scope) -> list[Row]:
    """The requests of these kinds up to the as-of date, in the order of their day and id."""
    rows = plain_rows(of_entity(book, "adjustment_requests", scope.entity))
    kinds = {kind.value for kind in ASKED}
    mine = [row for row in rows if row["kind"] in kinds and row["requested_on"] <= scope.as_of]
    return sorted(mine, key=lambda row: (row["requested_on"], row["request_id"]))


def _certificates(book: Book, scope: Scope) -> dict[str, list[Row]]:
    """The certificates of each customer, by its code after mergers."""
    frame = of_entity(book, "exemptions", scope.entity)
    now = merged_codes(frame["customer_id"], book, entity=scope.entity, on=scope.as_of)
    made: dict[str, list[Row]] = {}
    rows = plain_rows(frame.assign(customer_id=now))
    for row in sorted(rows, key=lambda one: (one["valid_from"], one["certificate_no"])):
        made.setdefault(row["customer_id"], []).append(row)
    return made


def _exempt_items(book: Book, certificates: Mapping[str, list[Row]], *, scope: Scope) -> list[str]:
    """The debits with tax of customers that have a certificate."""
    items = of_entity(book, "items", scope.entity)
    codes = merged_codes(items["customer_id"], book, entity=scope.entity, on=scope.as_of)
    taxed = items["item_type"].isin([kind.value for kind in TAXED]) & items["tax_amount"].fillna(0).gt(0)
    mine = (taxed & codes.isin(list(certificates))).to_numpy(dtype=bool) & counted(items, scope=scope)
    return sorted(items.loc[mine, "item_id"])


def _asked(
    view: View, requests: list[Row], certificates: Mapping[str, list[Row]], *, running: tuple[Row, ...]
) -> Outcome:
    """One proposal, or one blocked row, for each request."""
    made = Outcome()
    seen: dict[tuple[object, ...], str] = {}
    for request in requests:
        key = tuple(
            request[name]
            for name in (
                "kind", "customer_id", "item_id", "currency", "amount", "reason", "effective_on", "corrected_amount",
                "corrected_customer_id",
            )
        )  # fmt: skip
        if key in seen:
            because = f"Request {seen[key]} asks for the same."
            made.blocked.append(
                blocked_request(view, request, [Fault("duplicate_request", because)], "asked for twice")
            )
            continue
        outcome = _one(view, request, certificates, running=running)
        made.add(outcome)
        if outcome.proposals:
            seen[key] = request["request_id"]
    return made


def _one(
    view: View, request: Row, certificates: Mapping[str, list[Row]], *, running: tuple[Row, ...]
) -> Outcome:
    kind = ProposalKind(request["kind"])
    if kind is ProposalKind.PLAN:
        return plan(view, request, running=running)
    if kind is ProposalKind.SETTLEMENT:
        return settlement(view, request)
    if kind is ProposalKind.TAX_CORRECTION:
        return _asked_tax(view, request, certificates)
    if kind in BY_FACT:
        because = f"A {kind.value} comes from the books and the policy, not from a request."
        return Outcome(
            blocked=[blocked_request(view, request, [Fault("not_by_request", because)], "not by request")]
        )
    makers = {
        ProposalKind.CREDIT_MEMO: credit_memo,
        ProposalKind.REBILL: rebill,
        ProposalKind.REWRITE: rewrite,
    }
    return makers[kind](view, request)


def _asked_tax(view: View, request: Row, certificates: Mapping[str, list[Row]]) -> Outcome:
    item = view.items.get(request["item_id"] or "")
    if item is None:
        faults = request_faults(view, request, needs_item=True, needs_amount=False)
        if not certificates.get(view.customer(request["customer_id"] or "")):
            name = quoted(request["customer_id"] or "")
            faults.append(Fault("no_certificate", f"Customer {name} has no certificate."))
        return Outcome(blocked=[blocked_request(view, request, faults, "tax of an exempt customer")])
    return tax_correction(view, item, certificates.get(item.customer_id, ()), request=request)


def _exempt(
    view: View, exempt: list[str], requests: list[Row], certificates: Mapping[str, list[Row]]
) -> Outcome:
    """Corrections of the tax that exempt customers were charged, where nobody asked for them.

    Where no certificate holds, only an invoice that is open or of this period is listed as blocked: what a certificate
    did not cover years ago is no exception of this close.
    """
    made = Outcome()
    asked = {row["item_id"] for row in requests if row["kind"] == ProposalKind.TAX_CORRECTION}
    for name in exempt:
        item = view.items[name]
        if name in asked:
            continue
        outcome = tax_correction(view, item, certificates[item.customer_id])
        is_recent = item.outstanding > 0 or item.document_date >= view.scope.starts_on
        made.add(outcome if outcome.proposals or is_recent else Outcome())
    return made


def _clawbacks(book: Book, view: View, proposals: pd.DataFrame, made: Outcome) -> pd.DataFrame:
    """Claw-backs of these proposals, by how much the net order value of each item falls.

    A settlement whose concession is a credit loss leaves the order as it was: it counts as a write-off does.
    """
    policy = view.policies.adjustment
    net = {
        (str(row["proposal_id"]), str(row["item_id"])): 0
        for row in made.proposals
        if row["item_id"] and row["kind"] != ProposalKind.SETTLEMENT
    }
    for row in made.details.get("lines", []):
        key = (str(row["proposal_id"]), str(row["item_id"]))
        if key in net and row["part"] == "net":
            net[key] += row["amount"]
    for row in made.details.get("settlement_items", []):
        net[str(row["proposal_id"]), str(row["item_id"])] = row["net_amount"]
    for row in made.details.get("rebills", []):
        if row["line"] == RebillLine.INVOICE:
            net[str(row["proposal_id"]), str(row["item_id"])] -= row["net_amount"]
    lost = {
        row["proposal_id"]
        for row in made.details.get("lines", [])
        if row["nature"] == CreditNature.CREDIT_LOSS and not policy.claws_back_write_offs
    }
    return clawbacks_of(
        proposals[~proposals["proposal_id"].isin(lost)],
        of_entity(book, "commissions", view.scope.entity),
        scope=view.scope,
        policy=policy,
        net_reductions=net,
        net_billed={name: item.billed.net for name, item in view.items.items()},
    )
