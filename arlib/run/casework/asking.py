"""What a person asks for, and what he takes back. Floor 4."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from operator import index
from typing import Any

from arlib.run.casework.checks import Faults
from arlib.run.casework.kinds import PROPOSED, WRITE_OFFS, Act
from arlib.run.casework.known import Known
from arlib.run.casework.recorder import Recorded, Recorder, draft, iso, known_as
from arlib.run.store import Head
from arlib.tables.choices import ProposalKind

_WORKED_OUT = frozenset(
    kind.value
    for kind in (ProposalKind.REBILL, ProposalKind.REWRITE, ProposalKind.TAX_CORRECTION, ProposalKind.PLAN)
)  # the amount may be left to the rules
_OF_ITEM = frozenset((*WRITE_OFFS, ProposalKind.REBILL.value, ProposalKind.TAX_CORRECTION.value))
_MORE_MONEY = ("tax_amount", "corrected_amount", "corrected_tax_amount")
_MORE_DAYS = ("effective_on", "pay_by")
_MORE_WORDS = ("corrected_customer_id", "payer_account")


class Asking(Recorder):
    """Proposals that another approves, and withdrawals."""

    def propose(
        self, *, entity: str, kind: str, customer_id: str, item_id: str, currency: str, amount: int | None, reason: str,
        evidence: str = "", text: str = "", seen: Head, open_amount: int | None = None, request_id: str = "",
        document_no: str = "", known: Known, **more: Any,
    ) -> Recorded:  # fmt: skip
        """A request for a write-off, credit memo, refund ...: the next close proposes it, and another approves it.

        `more` are the optional columns of ADJUSTMENT_REQUESTS. With `open_amount`, what was left of the item at `seen`
        (credits negative), more is refused; without it, it is what `known` leaves open. `document_no` is what
        people know the item by.
        """
        faults, today = self.asked("the proposal", entity, request_id)
        faults.one_of("kind", kind, PROPOSED)
        self.check_money(faults, customer_id, item_id, currency, None if kind in _WORKED_OUT and amount is None else amount, text,
                    is_worked_out=kind in _WORKED_OUT)  # fmt: skip
        if kind in _OF_ITEM and not item_id:
            faults.say(f"item_id is missing: a {kind.replace('_', ' ')} is of one item")
        faults.word("reason", reason)
        faults.text("evidence", evidence)
        if open_amount is not None:
            faults.whole("open_amount", open_amount)
        known.check_customer(faults, customer_id)
        known.check_proposal(faults, kind, item_id, currency, amount)
        if open_amount is None and item_id in known.items:
            open_amount = known.items[item_id].left
        extra = _more(faults, more, today) | known_as(faults, document_no=document_no)
        faults.require_none()
        body = {"kind": kind, "customer_id": customer_id, "item_id": item_id, "currency": currency,
                "amount": None if amount is None else int(amount), "reason": reason, "evidence": evidence, "text": text,
                **extra}  # fmt: skip
        subject = ("item", item_id) if item_id else ("customer", customer_id)
        open_ = None if open_amount is None else int(open_amount)
        return self.record(
            draft(
                Act.PROPOSE,
                entity,
                body,
                subject,
                today,
                request_id,
                seen=self.seen_of(seen),
                clash=lambda clashes: clashes.propose(body, open_amount=open_),
            )
        )

    def withdraw(self, *, decision_id: str, why: str, seen: Head, request_id: str = "") -> Recorded:
        """A decision holds no more, and all that it did is undone. It needs a reason, and the duty of what it undoes."""
        last = self.seen_of(seen)
        target = self.decision(decision_id)
        faults = Faults("the withdrawal cannot be recorded")
        if target is None:
            faults.say(f"there is no decision {decision_id!a}")
        elif target.act is Act.WITHDRAW:
            faults.say(f"{decision_id} is a withdrawal itself: record again what it took back")
        faults.text("why", why, is_needed=True)
        faults.word("request_id", request_id, is_needed=False)
        faults.require_none()
        assert target is not None
        body = {
            "decision_id": decision_id,
            "why": why,
            "customer_id": target.customer_id,
            "receipt_id": target.receipt_id,
        }
        return self.record(
            draft(
                Act.WITHDRAW,
                target.entity,
                body,
                ("decision", decision_id),
                self.today(target.entity),
                request_id,
                seen=last,
                duty=target.duty,
                items=target.item_ids,
                clash=lambda clashes: clashes.withdraw(target),
            )
        )


def _more(faults: Faults, more: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The optional columns of a request, as plain JSON."""
    made: dict[str, Any] = {}
    known = (*_MORE_MONEY, *_MORE_DAYS, *_MORE_WORDS, "instalments", "rate")
    for name, value in more.items():
        faults.one_of("a column of the request", name, known)
        if value is None or value == "" or name not in known:
            continue
        if name in (*_MORE_MONEY, "instalments"):
            if faults.positive(name, value):
                made[name] = index(value)
        elif name in _MORE_DAYS:
            faults.day(name, value, today=today, may_be_past=name == "effective_on")
            made[name] = iso(value)
        elif name == "rate":
            faults.rate(name, value)
            made[name] = value
        else:
            faults.word(name, value)
            made[name] = value
    return made
