"""Fees of payments that came back for want of funds: one for each return, at the policy's amount. Floor 1."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from arlib.credit.adjustments.frames import FeeState
from arlib.credit.adjustments.ledger_view import Item, Row, View, of_entity, plain_rows
from arlib.credit.adjustments.outcome import Fault, Outcome, blocked_row, row_of
from arlib.credit.adjustments.requests import hold_faults
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import counted
from arlib.money import minor_places
from arlib.policy import Scope
from arlib.policy.adjustment import AdjustmentPolicy, ReturnFee
from arlib.tables import Book
from arlib.tables.choices import CASH_TYPES, CustomerStatus, ItemType, ProposalKind

RULE = "fee of a returned payment"
REASON = "nsf_fee"
NO_FEE = (
    CustomerStatus.BANKRUPT, CustomerStatus.ESTATE, CustomerStatus.SANCTIONED, CustomerStatus.LEGAL,
    CustomerStatus.AGENCY,
)  # fmt: skip


def returns_of(book: Book, *, scope: Scope, policy: AdjustmentPolicy) -> list[Row]:
    """The payments that came back for want of funds by the as-of date, oldest first.

    A return is cash with a debit amount that reverses a receipt; its own reason code, or the bank's code on its receipt,
    says that funds were wanting. Needs ITEMS; uses RECEIPTS.
    """
    items = of_entity(book, "items", scope.entity)
    cash = items["item_type"].isin([kind.value for kind in CASH_TYPES]) & items["amount"].gt(0)
    items = items[cash.to_numpy(dtype=bool) & counted(items, scope=scope)]
    receipts = of_entity(book, "receipts", scope.entity)
    back = receipts[receipts["return_of"].fillna("").ne("") & receipts["item_id"].fillna("").ne("")]
    codes = dict(zip(back["item_id"], back["return_code"].fillna(""), strict=True))
    has_reverse = items["reverses"].fillna("").ne("") | items["item_id"].isin(list(codes))
    is_nsf = items["reason"].isin(policy.return_reasons) | items["item_id"].map(codes).isin(
        policy.return_codes
    )
    mine = items[(has_reverse & is_nsf).to_numpy(dtype=bool)]
    mine = mine.assign(
        customer_id=merged_codes(mine["customer_id"], book, entity=scope.entity, on=scope.as_of),
        return_code=[codes.get(name, "") for name in mine["item_id"]],
    )
    return plain_rows(mine.sort_values(["effective_date", "item_id"], kind="stable"))


def charged_fees(book: Book, *, scope: Scope, policy: AdjustmentPolicy) -> list[Row]:
    """The fee items in the books, oldest first; one that was reversed is none. Needs ITEMS."""
    items = of_entity(book, "items", scope.entity)
    items = items[counted(items, scope=scope)]
    gone = set(items["reverses"].dropna())
    is_fee = items["item_type"].isin([ItemType.INTEREST_OR_FEE.value, ItemType.DEBIT_MEMO.value])
    mine = items[
        (is_fee & items["reason"].isin(policy.fee_reasons) & items["amount"].gt(0)).to_numpy(dtype=bool)
        & ~items["item_id"].isin(gone).to_numpy(dtype=bool)
    ]
    mine = mine.assign(
        customer_id=merged_codes(mine["customer_id"], book, entity=scope.entity, on=scope.as_of)
    )
    return plain_rows(mine.sort_values(["effective_date", "item_id"], kind="stable"))


def fee_outcome(view: View, returned: list[Row], charged: list[Row]) -> Outcome:
    """RETURN_FEES of every return, and the proposals of those that have no fee yet.

    A fee already charged is one that names the return in `reverses` or `replaces`, else one of the customer from the day
    of the return to `fee_match_days` after it, both included; each fee serves one return. No second fee is proposed.
    """
    made = Outcome()
    free = list(charged)
    mine: dict[str, Row] = {}
    for row in returned:  # fees that name their return go before any that is near in time
        named = next((fee for fee in free if row["item_id"] in (fee["reverses"], fee["replaces"])), None)
        if named:
            mine[row["item_id"]] = named
            free.remove(named)
    for row in returned:
        fee = mine.get(row["item_id"])
        if fee is None:
            end = row["effective_date"] + timedelta(days=view.policies.adjustment.fee_match_days)
            fee = next(
                (
                    one
                    for one in free
                    if one["customer_id"] == row["customer_id"]
                    and row["effective_date"] <= one["effective_date"] <= end
                ),
                None,
            )
            if fee:
                free.remove(fee)
        made.add(_judged(view, row, fee))
    return made


def fee_of(view: View, country: str, currency: str) -> int | None:
    """The policy's fee in minor units, not above its cap; None where none is set for country and currency."""
    fees = [row for row in view.policies.adjustment.fees if row.currency == currency]
    found = next((row for row in fees if row.country == country), None) or next(
        (row for row in fees if not row.country), None
    )
    return None if found is None else _minor(found)


def _minor(fee: ReturnFee) -> int:
    """A fee in minor units, cut down to a whole one: never above what the policy or the law says."""
    amount = min(Decimal(fee.amount), Decimal(fee.cap)) if fee.cap is not None else Decimal(fee.amount)
    return int(amount.scaleb(minor_places(fee.currency)))


def _judged(view: View, row: Row, charged: Row | None) -> Outcome:
    policy, scope = view.policies.adjustment, view.scope
    customer = row["customer_id"] or ""
    known = view.customers.get(customer) or {}
    country = str(known.get("country") or "")
    amount = fee_of(view, country, row["currency"])
    waived = {view.customer(code) for code in policy.fee_waived_customers}
    made, proposal_id = Outcome(), ""
    if charged:
        state, why = FeeState.CHARGED, f"charged as {charged['item_id']}"
    elif customer in waived:
        state, why = FeeState.WAIVED, "the policy waives it for this customer"
    elif (scope.as_of - row["effective_date"]).days > policy.fee_days:
        state, why = FeeState.TOO_OLD, f"more than {policy.fee_days} days ago"
    elif amount is None or amount <= 0:
        state, why = FeeState.NO_POLICY, f"no fee is set for {country or 'no country'} in {row['currency']}"
    else:
        proposal = _proposal(view, row, amount)
        faults = hold_faults(view, customer, row["item_id"])
        if known.get("status") in NO_FEE:
            faults.append(Fault("customer_status", f"The customer is {known['status']}: no fee is charged."))
        if faults:
            state, why = FeeState.BLOCKED, " ".join(fault.because for fault in faults)
            made.blocked.append(blocked_row(proposal, faults))
        else:
            state, why = FeeState.PROPOSED, "no fee was charged"
            proposal_id = proposal["proposal_id"]
            made.proposals.append(proposal)
    made.detail(
        "fees",
        {
            "entity": scope.entity,
            "proposal_id": proposal_id,
            "item_id": row["item_id"],
            "customer_id": customer,
            "returned_on": row["effective_date"],
            "return_code": row["return_code"],
            "country": country,
            "currency": row["currency"],
            "returned": row["amount"],
            "fee": amount,
            "fee_item_id": charged["item_id"] if charged else None,
            "state": state.value,
            "why": why,
        },
    )
    return made


def _proposal(view: View, row: Row, amount: int) -> Row:
    item: Item | None = view.items.get(row["item_id"])
    code = f", bank's code {row['return_code']}" if row["return_code"] else ""
    return row_of(
        view,
        ProposalKind.FEE,
        item=item,
        customer_id=row["customer_id"] or "",
        currency=row["currency"],
        amount=amount,
        tax=0,
        reason=REASON,
        rule=RULE,
        evidence=f"Payment {row['reverses'] or row['document_no']} came back on {row['effective_date']:%Y-%m-%d}{code}.",
        source=f"return {row['item_id']}",
    )
