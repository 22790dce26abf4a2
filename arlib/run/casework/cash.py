"""What cash application records: applications, proposals turned down, payers. Floor 4."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from arlib.run.casework.checks import check_lines
from arlib.run.casework.decision import seq_of
from arlib.run.casework.kinds import Act
from arlib.run.casework.lines import AppliedLine
from arlib.run.casework.recorder import Recorded, Recorder, draft, known_as, numbered
from arlib.run.store import Head


class CashApplication(Recorder):
    """Acts in the duty of cash application."""

    def apply(
        self, *, entity: str, receipt_id: str, lines: Sequence[AppliedLine], seen: Head, open_amounts: Mapping[str, int],
        receipt_open: int, customer_id: str = "", booked: Collection[str] = (), text: str = "", request_id: str = "",
        documents: Mapping[str, str] = MappingProxyType({}), receipt_no: str = "",
    ) -> Recorded:  # fmt: skip
        """An application of a receipt to items: confirms what was proposed, or says what was chosen by hand.

        `open_amounts` (by item) is what was left of each item at `seen`: what the ledger shows open less what decisions up to
        then took of it. What others took since comes off here. `receipt_open` is what the ledger shows open of the receipt.
        A receipt has one standing decision; one that the ledger has booked counts no more: `receipt_open` tells it, or the
        caller names it in `booked`. What the lines do not use of the receipt stays unapplied. `documents` (numbers by item) and
        `receipt_no` are what people know them by; sentences name them.
        """
        faults, today = self.asked("the application", entity, request_id)
        faults.word("receipt_id", receipt_id)
        faults.word("customer_id", customer_id, is_needed=False)
        faults.text("text", text)
        known = known_as(faults, receipt_no=receipt_no)
        known_items = numbered(
            faults, documents, [line.item_id for line in lines if isinstance(line, AppliedLine)]
        )
        check_lines(
            faults, lines, receipt_id=receipt_id, open_amounts=open_amounts, receipt_open=receipt_open
        )
        faults.require_none()
        body = {"receipt_id": receipt_id, "customer_id": customer_id, "text": text, "receipt_open": int(receipt_open),
                "items": [{**line.as_json(), "open_amount": int(open_amounts[line.item_id])} for line in lines],
                **known, **known_items}  # fmt: skip
        taken = frozenset(map(seq_of, booked))
        opens = {item: int(amount) for item, amount in open_amounts.items()}
        return self.record(
            draft(
                Act.APPLY,
                entity,
                body,
                ("receipt", receipt_id),
                today,
                request_id,
                seen=self.seen_of(seen),
                clash=lambda clashes: clashes.apply(
                    receipt_id, lines, open_amounts=opens, receipt_open=int(receipt_open), booked=taken
                ),
            )
        )

    def reject(
        self, *, entity: str, receipt_id: str, item_ids: Sequence[str], why: str = "", seen: Head, customer_id: str = "",
        request_id: str = "", documents: Mapping[str, str] = MappingProxyType({}), receipt_no: str = "",
    ) -> Recorded:  # fmt: skip
        """A proposal is turned down: one item for this receipt, or exactly these items together. Names as in `apply`."""
        faults, today = self.asked("the rejection", entity, request_id)
        faults.word("receipt_id", receipt_id)
        faults.word("customer_id", customer_id, is_needed=False)
        if isinstance(item_ids, str) or not item_ids:
            faults.say("no item is named")
        else:
            for item in item_ids:
                faults.word("item_id", item)
        faults.text("why", why)
        known = {**known_as(faults, receipt_no=receipt_no), **numbered(faults, documents, item_ids)}
        faults.require_none()
        items = sorted(set(item_ids))
        body = {"receipt_id": receipt_id, "customer_id": customer_id, "items": items, "why": why, **known}
        return self.record(
            draft(
                Act.REJECT,
                entity,
                body,
                ("receipt", receipt_id),
                today,
                request_id,
                seen=self.seen_of(seen),
                clash=lambda clashes: clashes.reject(receipt_id, items),
            )
        )

    def alias(
        self, *, entity: str, customer_id: str, payer_name: str = "", payer_account: str = "", seen: Head,
        receipt_id: str = "", request_id: str = "",
    ) -> Recorded:  # fmt: skip
        """A payer, by name or account or both, is this customer. `receipt_id` is where it was seen."""
        faults, today = self.asked("the alias", entity, request_id)
        faults.word("customer_id", customer_id)
        faults.word("receipt_id", receipt_id, is_needed=False)
        faults.word("payer_account", payer_account, is_needed=False)
        faults.text("payer_name", payer_name)
        if not any(isinstance(given, str) and given.strip() for given in (payer_name, payer_account)):
            faults.say("payer_name and payer_account are both missing")
        faults.require_none()
        body = {
            "customer_id": customer_id,
            "payer_name": payer_name,
            "payer_account": payer_account,
            "receipt_id": receipt_id,
        }
        return self.record(
            draft(
                Act.ALIAS,
                entity,
                body,
                ("customer", customer_id),
                today,
                request_id,
                seen=self.seen_of(seen),
                clash=lambda clashes: clashes.alias(customer_id, payer_name, payer_account),
            )
        )
