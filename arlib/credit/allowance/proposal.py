"""The charge or release of the month as one proposal: a person approves it, nothing is posted here. Floor 1."""

from __future__ import annotations

from typing import Any

import pandas as pd

from arlib.credit.allowance.awaited import Awaited, allowance_id, awaited
from arlib.credit.allowance.booked import BookedAllowance, BookedFrom
from arlib.credit.proposals import BLOCKED, PROPOSALS, proposals_of
from arlib.ledger.facts import of_entity
from arlib.money import iso_code, shown
from arlib.policy import AllowancePolicy, Scope
from arlib.policy.allowance import Framework
from arlib.tables import Book
from arlib.tables.choices import ProposalKind

FRAMEWORKS = {Framework.IFRS9: "IFRS 9", Framework.ASC326: "ASC 326"}


def allowance_proposal(
    book: Book,
    booked: BookedAllowance,
    *,
    required: int,
    specific: int,
    scope: Scope,
    policy: AllowancePolicy,
    cautions: tuple[str, ...] = (),
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What is to be booked so that the allowance is as required: PROPOSALS and BLOCKED, one row in one of them or none.

    The amount is required less booked, less what was approved before and waits to be booked (`awaited`), in the books'
    currency: + a charge, - a release. What is approved and waits is named in the caution, and where it is all that is
    lacking the row is blocked. Where nothing says what is booked, all of what is required is proposed, with a caution
    that names every approval. The id hangs on entity, period and amount; one that was approved is blocked. Uses
    DECIDED_PROPOSALS and PRIOR_ALLOWANCE.
    """
    code = scope.functional_currency
    lacking = required - (booked.closing or 0)
    if not lacking:
        return PROPOSALS.empty(), BLOCKED.empty()
    waits = awaited(book, booked, scope=scope)
    waiting = sum(each.waiting for each in waits) if booked.source is BookedFrom.ENTRIES else 0
    amount = lacking - waiting
    own = allowance_id(scope, scope.period, amount or lacking)
    word = "Charge to" if (amount or lacking) > 0 else "Release of"
    has = "not known" if booked.closing is None else _said(booked.closing, code)
    known = f", approved before and not in the books yet {_said(waiting, code)}" if waiting else ""
    row: dict[str, Any] = {
        "proposal_id": own, "entity": scope.entity, "kind": ProposalKind.ALLOWANCE.value, "currency": code,
        "amount": amount or lacking, "functional_amount": amount or lacking, "reason": "expected_credit_loss",
        "rule": f"{word} the allowance of period {scope.period}: required less booked "
                f"({FRAMEWORKS[policy.framework]}, rates by {policy.method.value.replace('_', ' ')})",
        "evidence": f"Required {_said(required, code)}, of it specific {_said(specific, code)}; booked {has}{known}; "
                    "see the provision matrix, the specific reserves and the movement.",
    }  # fmt: skip
    if not amount or own in _approved(book, scope):
        named = "; ".join(_named(each, code) for each in waits) or f"{own} was approved before"
        because = f"Proposal {named}"
        made = pd.DataFrame([{**row, "blocked_by": "already_approved", "blocked_because": because}])
        return PROPOSALS.empty(), BLOCKED.typed(made)
    warned = []
    if waiting:
        warned.append(f"Counted as if it were booked: {'; '.join(_named(each, code) for each in waits)}.")
    elif waits:
        warned += [
            f"{_named(each, code)}, as far as is known: see that it is, before this one is approved."
            for each in waits
        ]
    warned += cautions
    if booked.closing is None:
        warned.append("What is booked is not known.")
    return proposals_of([{**row, "caution": " ".join(warned) or None}]), BLOCKED.empty()


def _named(each: Awaited, code: str) -> str:
    lacks = "" if each.waiting == each.amount else f", {_said(each.waiting, code)} of it"
    return (
        f"{each.proposal_id} of {_said(each.amount, code)} was approved on {each.decided_on:%Y-%m-%d} "
        f"and is not in the books yet{lacks}"
    )


def _approved(book: Book, scope: Scope) -> set[str]:
    rows = of_entity(book["decided_proposals"], scope.entity)
    return set(rows.loc[rows["decision"].eq("approve").to_numpy(dtype=bool), "proposal_id"])


def _said(minor: int, currency: str) -> str:
    return f"{iso_code(currency)} {shown(minor, currency)}"
