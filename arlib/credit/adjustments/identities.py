"""What must hold between the proposals of adjustments and their details. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from arlib.controls import Identity
from arlib.credit.adjustments.frames import RebillLine
from arlib.money import total
from arlib.policy import Scope
from arlib.tables.choices import ProposalKind

CODED = (
    ProposalKind.CREDIT_MEMO, ProposalKind.REBILL, ProposalKind.DEDUCTION, ProposalKind.REWRITE,
    ProposalKind.TAX_CORRECTION, ProposalKind.SETTLEMENT,
)  # fmt: skip


def adjustment_identities(
    proposals: pd.DataFrame, frames: Mapping[str, pd.DataFrame], *, scope: Scope, asked: tuple[int, int]
) -> tuple[Identity, ...]:
    """By currency: what is debited = proposals; principals = arrangements; effect of rebills = new invoices - credits;
    concessions by item = settlements. And: requests read = requests proposed or blocked.
    """
    made = [
        Identity(
            name="adjustment_requests",
            left_label="requests",
            left=asked[0],
            right_label="proposed or blocked",
            right=asked[1],
            entity=scope.entity,
        )
    ]
    lines, rebills, schedules, settled = (
        frames[name] for name in ("lines", "rebills", "schedules", "settlement_items")
    )
    for currency in sorted(set(proposals["currency"])):
        here = proposals[proposals["currency"].eq(currency)]
        of = {
            kind: total(here.loc[here["kind"].eq(kind.value), "amount"])
            for kind in (*CODED, ProposalKind.PLAN)
        }
        new = rebills[rebills["line"].eq(RebillLine.INVOICE.value)]
        pairs = (
            ("adjustment_lines", "debited", _sum(lines, currency), "proposals", sum(of[kind] for kind in CODED)),
            (
                "rebills", "effect on receivables", _sum(rebills, currency),
                "new invoices - credits", _sum(new, currency) - of[ProposalKind.REBILL],
            ),
            (
                "plan_schedules", "principals", _sum(schedules, currency, "principal"),
                "arrangements", of[ProposalKind.PLAN],
            ),
            (
                "settlements", "concessions by item", _sum(settled, currency, "concession"),
                "settlements", of[ProposalKind.SETTLEMENT],
            ),
        )  # fmt: skip
        made += [
            Identity(
                name=name, left_label=left_label, left=left, right_label=right_label, right=right,
                currency=currency, entity=scope.entity,
            )
            for name, left_label, left, right_label, right in pairs
        ]  # fmt: skip
    return tuple(made)


def _sum(frame: pd.DataFrame, currency: str, column: str = "amount") -> int:
    return total(frame.loc[frame["currency"].eq(currency), column])
