"""Commission taken back where an order turns out to be worth less. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from arlib.credit.adjustments.frames import CLAWBACKS, ClawbackWay
from arlib.credit.adjustments.ledger_view import Row, plain_rows
from arlib.money import divide, times
from arlib.policy import Scope
from arlib.policy.adjustment import AdjustmentPolicy
from arlib.tables.choices import ProposalKind
from arlib.tables.rows import frame_of

REDUCES_ORDER = frozenset(
    {
        ProposalKind.CREDIT_MEMO, ProposalKind.REBILL, ProposalKind.REWRITE, ProposalKind.DEDUCTION,
        ProposalKind.SETTLEMENT,
    }
)  # fmt: skip


def clawbacks_of(
    proposals: pd.DataFrame,
    commissions: pd.DataFrame,
    *,
    scope: Scope,
    policy: AdjustmentPolicy,
    net_reductions: Mapping[tuple[str, str], int] | None = None,
    net_billed: Mapping[str, int] | None = None,
) -> pd.DataFrame:
    """What each sales partner gives back of its commission for each proposal that makes an order smaller: CLAWBACKS.

    Claw-back = rate × net reduction, rounded once, and never more than the commission earned less what was
    taken back before, by negative rows of COMMISSIONS and by the proposals above (in the order of their ids).
    A commission in another currency than its item gives back the same share: commission × net reduction ÷ the
    item's net in `net_billed`; without that it gives nothing.

    Needs PROPOSALS and COMMISSIONS. `net_reductions` says by proposal and item how much the net order value
    falls where that is not the amount less tax: a rebill's difference, freight, a settlement of several items.
    Write-offs count where the policy says so. Commission earned after the as-of date does not count. What was
    paid by then is clawed back; of what is still owed, less is owed.
    """
    given = net_reductions or {}
    kinds = {*REDUCES_ORDER, *([ProposalKind.WRITE_OFF] if policy.claws_back_write_offs else [])}
    mine = commissions["entity"].eq(scope.entity) & commissions["earned_on"].le(pd.Timestamp(scope.as_of))
    mine &= commissions["item_id"].isin([*proposals["item_id"].dropna(), *(item for _, item in given)])
    earned, back = _earned(plain_rows(commissions[mine.to_numpy(dtype=bool)]))
    made = []
    for row in plain_rows(proposals.sort_values(["entity", "proposal_id"], kind="stable")):
        if row["kind"] not in kinds or row["entity"] != scope.entity:
            continue
        own = {item: net for (name, item), net in given.items() if name == row["proposal_id"]}
        own = own or {row["item_id"] or "": row["amount"] - (row["tax_amount"] or 0)}
        for item, net in sorted(own.items()):
            for commission in earned.get(item, ()):
                line = _line(
                    row,
                    item,
                    net,
                    commission,
                    back,
                    scope=scope,
                    policy=policy,
                    billed=(net_billed or {}).get(item, 0),
                )
                if line:
                    made.append(line)
    return frame_of(CLAWBACKS, made)


def _earned(rows: list[Row]) -> tuple[dict[str, list[Row]], dict[str, int]]:
    """Commissions by item, and what was taken back of each: negative rows of the same item, partner and currency."""
    earned: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda one: (one["earned_on"], one["commission_id"])):
        if row["amount"] > 0:
            earned.setdefault(row["item_id"], []).append(row)
    back: dict[str, int] = {}
    for row in rows:
        left = -row["amount"]
        for one in earned.get(row["item_id"], ()) if left > 0 else ():
            if (one["sales_partner"], one["currency"]) == (row["sales_partner"], row["currency"]):
                taken = min(left, one["amount"] - back.get(one["commission_id"], 0))
                back[one["commission_id"]] = back.get(one["commission_id"], 0) + taken
                left -= taken
    return earned, back


def _line(
    row: Row,
    item: str,
    net: int,
    commission: Row,
    back: dict[str, int],
    *,
    scope: Scope,
    policy: AdjustmentPolicy,
    billed: int,
) -> Row | None:
    name, before = commission["commission_id"], back.get(commission["commission_id"], 0)
    left = commission["amount"] - before
    if net <= 0 or left <= 0:
        return None
    if commission["currency"] == row["currency"]:
        full = times(net, Fraction(Decimal(commission["rate"])), policy.rounding)
    elif billed > 0:
        full = divide(commission["amount"] * net, billed, policy.rounding)
    else:
        return None
    amount = min(full, left)
    if amount <= 0:
        return None
    back[name] = before + amount
    is_paid = commission["paid_on"] is not None and commission["paid_on"] <= scope.as_of
    return {
        "entity": row["entity"],
        "proposal_id": row["proposal_id"],
        "commission_id": name,
        "kind": row["kind"],
        "item_id": item,
        "sales_partner": commission["sales_partner"],
        "currency": commission["currency"],
        "rate": commission["rate"],
        "reduction_currency": row["currency"],
        "net_reduction": net,
        "earned": commission["amount"],
        "clawed_back": before,
        "amount": amount,
        "is_limited": full > left,
        "way": (ClawbackWay.CLAW_BACK if is_paid else ClawbackWay.REDUCE_ACCRUAL).value,
    }
