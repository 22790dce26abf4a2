"""What a collector records: notes, promises, disputes and their settlement. Floor 4."""

from __future__ import annotations

from datetime import date

from arlib.run.casework.decision import NEW_OWNER, PREFIX
from arlib.run.casework.kinds import NOTES, Act
from arlib.run.casework.known import OTHER, Known, check_code
from arlib.run.casework.recorder import Recorded, Recorder, draft, iso, known_as
from arlib.run.store import Head


class Collecting(Recorder):
    """Acts in the duty of collecting, and notes, which are free to all.

    `document_no` is what people know the item by; sentences name it beside the id.
    """

    def note(
        self, *, entity: str, customer_id: str, text: str, item_id: str = "", kind: str = "note", outcome: str = "",
        next_on: date | None = None, request_id: str = "", document_no: str = "",
    ) -> Recorded:  # fmt: skip
        """A note, call, email, letter or escalation: an activity. Free to all, and never in conflict."""
        faults, today = self.asked("the note", entity, request_id)
        faults.word("customer_id", customer_id)
        faults.word("item_id", item_id, is_needed=False)
        faults.one_of("kind", kind, NOTES)
        faults.text("text", text, is_needed=not (isinstance(outcome, str) and outcome))
        faults.word("outcome", outcome, is_needed=False)
        faults.day("next_on", next_on, today=today)
        known = known_as(faults, document_no=document_no)
        faults.require_none()
        body = {"customer_id": customer_id, "item_id": item_id, "kind": kind, "text": text, "outcome": outcome,
                "next_on": iso(next_on), **known}  # fmt: skip
        return self.record(draft(Act.NOTE, entity, body, ("customer", customer_id), today, request_id))

    def promise(
        self, *, entity: str, customer_id: str, currency: str, amount: int, pay_by: date, item_id: str = "", text: str = "",
        request_id: str = "", document_no: str = "", replaces: str = "", is_beside: bool = False, known: Known,
    ) -> Recorded:  # fmt: skip
        """A promise to pay, given today, by a day from today on; whoever records it took it.

        Where one stands already on the same item, or on the account, it says what becomes of it: `replaces` is its id, or
        `is_beside` says that both stand. No more is promised, all standing ones together, than is open of the
        item, or than the balance of the account.
        """
        faults, today = self.asked("the promise", entity, request_id)
        self.check_money(faults, customer_id, item_id, currency, amount, text)
        faults.day("pay_by", pay_by, today=today, is_needed=True)
        faults.word("replaces", replaces, is_needed=False)
        if replaces and is_beside:
            faults.say(f"a promise cannot stand in place of {replaces} and beside it")
        known.check_customer(faults, customer_id)
        known.check_amount(faults, "the promise", item_id, currency, amount)
        told = known_as(faults, document_no=document_no, replaces=replaces)
        faults.require_none()
        body = {"customer_id": customer_id, "item_id": item_id, "currency": currency, "amount": int(amount),
                "pay_by": iso(pay_by), "text": text, **told}  # fmt: skip
        return self.record(
            draft(
                Act.PROMISE,
                entity,
                body,
                ("customer", customer_id),
                today,
                request_id,
                clash=lambda clashes: clashes.promise(body, today=today, is_beside=is_beside, known=known),
            )
        )

    def dispute(
        self, *, entity: str, customer_id: str, currency: str, amount: int, reason: str, owner: str = "",
        due_on: date | None = None, item_id: str = "", text: str = "", seen: Head | None = None, request_id: str = "",
        document_no: str = "", known: Known,
    ) -> Recorded:  # fmt: skip
        """A dispute, opened today. With `seen`, one that another opened on the item since is a conflict.

        No more than is open of the item is disputed, of the account
        without one. The reason is one that policy or books use, or 'other' with a text; an owner whom neither names is said
        in the sentence.
        """
        faults, today = self.asked("the dispute", entity, request_id)
        self.check_money(faults, customer_id, item_id, currency, amount, text)
        faults.word("reason", reason)
        faults.word("owner", owner, is_needed=False)
        faults.day("due_on", due_on, today=today)
        known.check_customer(faults, customer_id)
        known.check_amount(faults, "the dispute", item_id, currency, amount)
        check_code(faults, "reason", reason, {*known.reasons, OTHER}, text)
        told: dict[str, object] = dict(known_as(faults, document_no=document_no))
        faults.require_none()
        if owner.strip() and known.is_new(owner):
            told[NEW_OWNER] = True
        body = {"customer_id": customer_id, "item_id": item_id, "currency": currency, "amount": int(amount), "reason": reason,
                "owner": owner, "due_on": iso(due_on), "text": text, **told}  # fmt: skip
        return self.record(
            draft(
                Act.DISPUTE,
                entity,
                body,
                ("customer", customer_id),
                today,
                request_id,
                seen=self.seen_of(seen),
                clash=lambda clashes: clashes.dispute(item_id) if item_id else None,
            )
        )

    def settle_dispute(
        self, *, entity: str, dispute_id: str, root_cause: str = "", team: str = "", text: str = "", customer_id: str = "",
        item_id: str = "", seen: Head, request_id: str = "", document_no: str = "", known: Known,
    ) -> Recorded:  # fmt: skip
        """A dispute of the desk or of the books is settled today. Of the books' the caller names customer and item.

        Root cause and team are such as policy or books use, or 'other' with a text.
        """
        faults, today = self.asked("the settlement", entity, request_id)
        for name, value in (
            ("root_cause", root_cause),
            ("team", team),
            ("customer_id", customer_id),
            ("item_id", item_id),
        ):
            faults.word(name, value, is_needed=False)
        faults.word("dispute_id", dispute_id)
        faults.text("text", text)
        check_code(faults, "root_cause", root_cause, {*known.root_causes, OTHER}, text)
        check_code(faults, "team", team, {*known.teams, OTHER}, text)
        told = known_as(faults, document_no=document_no)
        faults.require_none()
        last = self.seen_of(seen)
        opened = self.decision(dispute_id)
        if opened is not None and (opened.act is not Act.DISPUTE or opened.entity != entity):
            faults.say(f"{dispute_id} is no dispute of {entity}")
        elif opened is None and dispute_id.startswith(PREFIX):
            faults.say(f"dispute {dispute_id} is not in the store")
        faults.require_none()
        if opened is not None:
            customer_id, item_id = opened.customer_id, opened.word("item_id")
            told = told or known_as(faults, document_no=opened.word("document_no"))
        body = {"dispute_id": dispute_id, "root_cause": root_cause, "team": team, "text": text, "customer_id": customer_id,
                "item_id": item_id, **told}  # fmt: skip
        return self.record(
            draft(
                Act.SETTLE,
                entity,
                body,
                ("dispute", dispute_id),
                today,
                request_id,
                seen=last,
                clash=lambda clashes: clashes.settle(dispute_id),
            )
        )
