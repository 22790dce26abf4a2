"""Decisions as plain rows of the declared tables. Floor 4; what holds is the state's to say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from arlib.run.casework.decision import Decision
from arlib.run.casework.kinds import Act
from arlib.run.casework.state import State

Row = dict[str, Any]
OPEN, SETTLED = "open", "settled"  # states of promises and disputes, in the books' words
_REQUEST = (
    "kind", "currency", "amount", "tax_amount", "reason", "effective_on", "corrected_amount", "corrected_tax_amount",
    "corrected_customer_id", "pay_by", "instalments", "rate", "payer_account", "evidence", "text",
)  # fmt: skip
_OUTCOME = {Act.PROMISE: "promise", Act.DISPUTE: "dispute", Act.SETTLE: "dispute settled"}


def activities(found: Iterable[Decision]) -> Iterator[Row]:
    """ACTIVITIES: notes, and what was said beside a promise, a dispute or its settlement, as notes (no contact is made of it)."""
    for made in found:
        row = {
            "activity_id": made.decision_id, "entity": made.entity, "customer_id": made.customer_id, "item_id": _item(made),
            "occurred_at": made.at, "done_by": made.by, "text": made.text or None,
        }  # fmt: skip
        if made.act is Act.NOTE:
            yield row | {
                "kind": made.word("kind"), "outcome": made.word("outcome") or None, "next_on": made.word("next_on") or None
            }  # fmt: skip
        elif made.act in _OUTCOME and made.customer_id and (made.text or made.word("due_on")):
            yield row | {
                "kind": "note",
                "outcome": _OUTCOME[made.act],
                "next_on": made.word("due_on") or None,
            }


def promises(found: Iterable[Decision], state: State) -> Iterator[Row]:
    """PROMISES: open ones, taken by who recorded them; whether they are kept is judged from the cash. Not replaced ones."""
    for made in found:
        if made.act is Act.PROMISE and state.replacement(made.entity, made.decision_id) is None:
            yield _money(made) | {
                "promise_id": made.decision_id, "promised_on": made.on, "pay_by": made.word("pay_by"), "owner": made.by,
                "state": OPEN,
            }  # fmt: skip


def disputes(found: Iterable[Decision], state: State) -> Iterator[Row]:
    """DISPUTES: open or settled."""
    for made in found:
        if made.act is Act.DISPUTE:
            row = _money(made) | {
                "dispute_id": made.decision_id, "opened_on": made.on, "owner": made.word("owner") or None, "state": OPEN,
                "reason": made.word("reason"),
            }  # fmt: skip
            settled = state.settlement(made.entity, made.decision_id)
            yield row | (settlement(settled) if settled else {})


def settlement(made: Decision) -> Row:
    """What a settlement says of its dispute."""
    return {
        "closed_on": made.on, "state": SETTLED, "root_cause": made.word("root_cause") or None, "team": made.word("team") or None
    }  # fmt: skip


def requests(found: Iterable[Decision]) -> Iterator[Row]:
    """ADJUSTMENT_REQUESTS, asked for by who recorded them."""
    for made in found:
        if made.act is Act.PROPOSE:
            told = {name: value for name in _REQUEST if (value := made.body.get(name)) not in (None, "")}
            yield _money(made) | told | {
                "request_id": made.decision_id, "requested_by": made.by, "requested_on": made.on
            }  # fmt: skip


def applications(state: State, receipts: Iterable[tuple[str, str]]) -> Iterator[Row]:
    """DECIDED_APPLICATIONS of these receipts (entity and id)."""
    for entity, receipt in receipts:
        for made, line in state.links(entity, receipt).values():
            said = {name: value or None for name, value in line.as_json().items() if isinstance(value, str)}
            yield line.as_json() | said | {"receipt_id": receipt} | _decided(made)


def rejections(state: State, receipts: Iterable[tuple[str, str]]) -> Iterator[Row]:
    """REJECTED_MATCHES of these receipts."""
    for entity, receipt in receipts:
        for items, made in state.turned_down(entity, receipt).items():
            for item in sorted(items):
                yield {"receipt_id": receipt, "item_id": item, "proposal": made.seq} | _decided(made)


def aliases(found: Iterable[Decision], state: State) -> Iterator[Row]:
    """PAYER_ALIASES."""
    for (_, customer, name, account), made in state.aliases(found).items():
        yield {
            "customer_id": customer,
            "payer_name": name or None,
            "payer_account": account or None,
        } | _decided(made)


def decisions(found: Iterable[Decision], state: State) -> Iterator[Row]:
    """DECISIONS, withdrawn and superseded ones too."""
    for made in found:
        standing, by = state.ended(made)
        ended = state.decisions.get(by)
        yield {
            "decision_id": made.decision_id, "entity": made.entity, "at": made.at, "on": made.on, "by": made.by,
            "authentication": made.authentication, "kind": made.act.value, "subject": made.subject,
            "customer_id": made.customer_id, "receipt_id": made.receipt_id, "item_ids": "|".join(made.item_ids),
            "currency": made.currency, "amount": made.amount, "sentence": f"{made.sentence}.", "text": made.text,
            "standing": standing.value, "ended_by": ended.decision_id if ended else "", "request_id": made.word("request_id"),
        }  # fmt: skip


def _money(made: Decision) -> Row:
    return {
        "entity": made.entity, "customer_id": made.customer_id, "item_id": _item(made), "currency": made.word("currency"),
        "amount": made.amount,
    }  # fmt: skip


def _decided(made: Decision) -> Row:
    return {
        "entity": made.entity, "decision_id": made.decision_id, "decided_by": made.by, "decided_on": made.on
    }  # fmt: skip


def _item(made: Decision) -> str | None:
    return made.word("item_id") or None
