"""What stands beside a proposal when it is decided: dispute, arrangement, security, credits, other proposals. Floor 1.

None of it forbids; each is a sentence of the caution and cites its record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import pandas as pd

from arlib.credit.adjustments.ledger_view import Item, Row, View
from arlib.credit.adjustments.outcome import Outcome
from arlib.credit.adjustments.plans import running_on
from arlib.credit.write_off.blocks import Casework, covers, open_disputes
from arlib.money import shown
from arlib.policy.adjustment import CreditNature
from arlib.tables.choices import ProposalKind

NAMED = 5  # proposals or documents that a sentence names
GIVING_TIME = (ProposalKind.SETTLEMENT, ProposalKind.PLAN)


def with_asides(view: View, known: Casework, made: Outcome, *, running: tuple[Row, ...]) -> list[Row]:
    """The proposals of a run with what stands beside each added to its caution.

    Every kind: the other proposals of this run for the same customer. All but fees: open disputes about the item, what it
    carries on, or the account; and, but for arrangements, one that runs on it. Settlements and arrangements: security in
    force for it, and open credits of the customer in its currency. Both of these: what the others leave to pay.
    """
    by_customer: dict[str, list[Row]] = defaultdict(list)
    for row in made.proposals:
        by_customer[row["customer_id"]].append(row)
    left = _left_to_pay(view, made)
    done = []
    for row in made.proposals:
        kind, said = ProposalKind(row["kind"]), []
        items = _items(view, row)
        if kind is not ProposalKind.FEE:
            is_loss = (
                kind is ProposalKind.SETTLEMENT
                and view.policies.adjustment.nature_of(row["reason"]) is CreditNature.CREDIT_LOSS
            )
            tail = ": what is disputed is no credit loss before that is settled" if is_loss else ""
            said += [f"{clause}{tail}." for item in items for clause in open_disputes(_debt(item), known)]
        if kind not in (ProposalKind.FEE, ProposalKind.PLAN):
            said += running_on(view, row, running)
        if kind in GIVING_TIME:
            said += [
                f"{clause}: ask there first, so that the cover is kept."
                for item in items
                for clause in covers(_debt(item), known)
            ]
            said += _credits(view, row)
        said += left.get(row["proposal_id"], [])
        said += _others(row, by_customer[row["customer_id"]])
        done.append(row | {"caution": " ".join([row["caution"], *dict.fromkeys(said)]).strip()})
    return done


def _items(view: View, row: Row) -> list[Item]:
    """The item of a proposal; of one for the account all its open debits."""
    names: Iterable[str] = view.open_by_customer.get((row["customer_id"], row["currency"]), ())
    if row["item_id"]:
        names = (row["item_id"],)
    return [view.items[name] for name in names if name in view.items]


def _debt(item: Item) -> Row:
    """An item as the records of casework are asked about it."""
    return {
        "item_id": item.item_id,
        "customer_id": item.customer_id,
        "document_date": pd.Timestamp(item.document_date),
        "currency": item.currency,
        "outstanding": item.outstanding,
    }


def _credits(view: View, row: Row) -> list[str]:
    total, documents = view.open_credits.get((row["customer_id"], row["currency"]), (0, ()))
    if not total:
        return []
    named = ", ".join(documents[:NAMED]) + (
        f" and {len(documents) - NAMED} more" if documents[NAMED:] else ""
    )
    return [
        f"Credits of {shown(total, row['currency'])} {row['currency']} of the customer are open ({named}): apply them "
        "before anything is given up, deferred or refunded."
    ]


def _others(row: Row, rows: list[Row]) -> list[str]:
    """A sentence on the other proposals for the customer, those on the same item first."""
    others = [one for one in rows if one["proposal_id"] != row["proposal_id"]]
    if not others:
        return []
    item = row["item_id"]
    others.sort(key=lambda one: (one["item_id"] != item, one["proposal_id"]))
    words = [
        f"{one['kind'].replace('_', ' ')} {one['proposal_id']} of {shown(one['amount'], one['currency'])} {one['currency']}"
        f"{' on the same document' if item and one['item_id'] == item else ''}"
        for one in others[:NAMED]
    ]
    more = f" and {len(others) - NAMED} more" if others[NAMED:] else ""
    return [f"Also proposed for the customer: {', '.join(words)}{more}."]


def _left_to_pay(view: View, made: Outcome) -> dict[str, list[str]]:
    """By settlement and arrangement: that the run's proposals together leave less than the payment that it asks for."""
    asked = {row["proposal_id"]: row["payment"] for row in made.details.get("settlements", [])}
    asked |= {row["proposal_id"]: row["amount"] for row in made.proposals if row["kind"] == ProposalKind.PLAN}
    said = {}
    for row in made.proposals:
        payment, currency = asked.get(row["proposal_id"], 0), row["currency"]
        left = sum(view.owed(item) for item in _items(view, row)) if payment else 0
        if left < payment:
            said[row["proposal_id"]] = [
                f"With the other proposals on it only {shown(left, currency)} {currency} are left to pay, not "
                f"{shown(payment, currency)}: agree on that first."
            ]
    return said
