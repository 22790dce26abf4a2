"""The charge or release of the month as one proposal: a person approves it, nothing is posted here. Floor 1."""

from __future__ import annotations

from typing import Any

import pandas as pd

from arlib.credit.allowance.booked import BookedAllowance
from arlib.credit.proposals import BLOCKED, PROPOSALS, proposal_id, proposals_of
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

    The amount is required less booked, in the books' currency: + a charge, - a release. Where nothing says what is
    booked, all of what is required is proposed, with a caution. The id hangs on entity, period and amount. One that was
    approved before is blocked: the books do not hold it yet. Another amount approved for the same period is a caution,
    so that it is not booked on top. Uses DECIDED_PROPOSALS.
    """
    code = scope.functional_currency
    amount = required - (booked.closing or 0)
    if not amount:
        return PROPOSALS.empty(), BLOCKED.empty()
    word = "Charge to" if amount > 0 else "Release of"
    has = "not known" if booked.closing is None else _said(booked.closing, code)
    approved = _approved(book, scope)
    own = _id(scope, amount)
    row: dict[str, Any] = {
        "proposal_id": own, "entity": scope.entity, "kind": ProposalKind.ALLOWANCE.value, "currency": code, "amount": amount,
        "functional_amount": amount, "reason": "expected_credit_loss",
        "rule": f"{word} the allowance of period {scope.period}: required less booked "
                f"({FRAMEWORKS[policy.framework]}, rates by {policy.method.value.replace('_', ' ')})",
        "evidence": f"Required {_said(required, code)}, of it specific {_said(specific, code)}; booked {has}; "
                    "see the provision matrix, the specific reserves and the movement.",
    }  # fmt: skip
    if own in set(approved["proposal_id"]):
        day = approved.loc[approved["proposal_id"].eq(own), "decided_on"].iloc[0]
        because = f"Proposal {own} of {_said(amount, code)} was approved on {day:%Y-%m-%d} and is not in the books yet"
        made = pd.DataFrame([{**row, "blocked_by": "already_approved", "blocked_because": because}])
        return PROPOSALS.empty(), BLOCKED.typed(made)
    warned = list(cautions)
    if booked.closing is None:
        warned.append("What is booked is not known.")
    warned += [
        f"{each['proposal_id']} of {_said(int(each['amount']), code)} was approved for this period on {each['decided_on']:%Y-%m-%d}: "
        "see that the books hold it before this one is approved."
        for each in approved.to_dict("records")
    ]
    return proposals_of([{**row, "caution": " ".join(warned) or None}]), BLOCKED.empty()


def _approved(book: Book, scope: Scope) -> pd.DataFrame:
    """Allowance proposals of this period that were approved: those whose id is that of the period and their amount."""
    rows = of_entity(book["decided_proposals"], scope.entity)
    mine = rows[
        (rows["kind"].eq(ProposalKind.ALLOWANCE.value) & rows["decision"].eq("approve")).to_numpy(dtype=bool)
    ]
    ids = [_id(scope, int(amount)) for amount in mine["amount"]]
    return mine[mine["proposal_id"].eq(pd.Series(ids, index=mine.index, dtype="str")).to_numpy(dtype=bool)]


def _id(scope: Scope, amount: int) -> str:
    return proposal_id(ProposalKind.ALLOWANCE, scope.entity, scope.period, scope.functional_currency, amount)


def _said(minor: int, currency: str) -> str:
    return f"{iso_code(currency)} {shown(minor, currency)}"
