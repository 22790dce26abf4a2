"""Why an item was paid short, as far as records, the payer's words and the amount say. Floor 1.

In the order of cash application (`matching.causes`): a deduction or dispute on record, what the advice states, a discount
that the terms offer to the cent, exactly the tax or the freight, the words of the payment, an amount such as banks keep.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from arlib.collect.hints.desk import Case
from arlib.collect.hints.frames import Confidence
from arlib.credit.write_off.words import money
from arlib.ledger.facts import of_entity
from arlib.matching import payment_words as words
from arlib.matching.discounts import Discountable, offer
from arlib.matching.pool import NO_DAY
from arlib.money import minor_places
from arlib.tables.rows import Row, is_none, records, text, whole

CODES = {
    "pricing": "price",
    "short_shipment": "short_shipped",
    "returned": "returned_goods",
}  # as disputes write them
RECEIPT = ["entity", "receipt_id", "item_id", "customer_id", "effective_date", "currency", "amount", "remittance_text", "reference",
           "return_of"]  # fmt: skip
ADVICE = ["entity", "remittance_id", "receipt_id", "reference", "discount", "deduction", "reason"]
EPOCH = pd.Timestamp("1970-01-01")


@dataclass(frozen=True)
class Reason:
    """A likely reason: its code, the words for it, how sure, and the records behind it; no code where nothing says why."""

    code: str
    words: str
    confidence: Confidence
    evidence: tuple[str, ...] = ()


class Payments:
    """Receipts, their advice lines and their words, by item of the receipt."""

    def __init__(self, case: Case) -> None:
        """Uses RECEIPTS and REMITTANCES where the book has them."""
        self.case = case
        receipts = records(of_entity(case.book["receipts"][RECEIPT], case.scope.entity))
        self.by_item: dict[str, Row] = {text(row["item_id"]): row for row in receipts if text(row["item_id"])}
        self.by_id: dict[str, Row] = {str(row["receipt_id"]): row for row in receipts}
        self.lines: dict[str, list[Row]] = {}
        for row in records(of_entity(case.book["remittances"][ADVICE], case.scope.entity)):
            self.lines.setdefault(text(row["receipt_id"]), []).append(row)
        terms = case.position.attributes.drop_duplicates("customer_id", keep="last")
        self.terms: Mapping[str, str] = dict(
            zip(terms["customer_id"], terms["terms"].fillna(""), strict=True)
        )

    def receipt(self, item_id: str) -> Row:
        """The receipt that an item of cash stands for."""
        return self.by_item.get(item_id) or self.by_id.get(item_id) or {}

    def why(self, short: Row) -> Reason:
        """Why a row of SHORT_PAYMENTS was paid short."""
        left, code = whole(short["left_open"]), str(short["currency"])
        known = [text(short["deduction_id"]), text(short["dispute_id"])]
        if text(short["about"]) and any(known):
            return Reason(text(short["about"]).replace(" ", "_"), f"{text(short['about'])}, on record", Confidence.CERTAIN,
                          tuple(one for one in known if one))  # fmt: skip
        item = self.case.item(str(short["item_id"]))
        receipt = self.receipt(text(short["receipt_id"]))
        return (
            self._stated(item, receipt, left, code)
            or self._fits(item, receipt, short, left, code)
            or self._said(receipt, left, code)
        )

    def _stated(self, item: Row, receipt: Row, left: int, code: str) -> Reason | None:
        """What the advice states of this document."""
        number = text(item.get("document_no"))
        for line in self.lines.get(text(receipt.get("receipt_id")), ()):
            if not number or text(line["reference"]) != number:
                continue
            kind = words.deduction_kind(text(line["reason"]))
            if kind or whole(line["deduction"]):
                found = CODES.get(kind, kind) or "undefined"
                quoted = f" ({text(line['reason'])[:60]!r})" if text(line["reason"]) else ""
                return Reason(found, f"their advice deducts {money(whole(line['deduction']) or left, code)}{quoted}",
                              Confidence.LIKELY, (str(line["remittance_id"]),))  # fmt: skip
            if whole(line["discount"]) == left:
                return Reason("unearned_discount", "their advice takes it as discount, which we have not allowed",
                              Confidence.LIKELY, (str(line["remittance_id"]),))  # fmt: skip
        return None

    def _fits(self, item: Row, receipt: Row, short: Row, left: int, code: str) -> Reason | None:
        """What the amount is to the cent."""
        if not item:
            return None
        rate = text(item.get("discount_rate"))
        paid_on = short["paid_on"]
        made = offer(
            Discountable(
                item=0, amount=whole(item["amount"]),
                base=None if is_none(item.get("discount_base")) else int(item["discount_base"]), tax=whole(item.get("tax_amount")),
                freight=whole(item.get("freight_amount")), document_day=_number(item.get("document_date")),
                rate=Fraction(rate) if rate else Fraction(0), last_day=_number(item.get("discount_date")),
                terms=self.terms.get(text(item.get("customer_now")), ""),
            ),
            settles=whole(item["amount"]), paid_on=_number(paid_on) if not is_none(paid_on) else _number(self.case.scope.as_of),
            grace_days=self.case.policies.matching.discount_grace_days,
        )  # fmt: skip
        evidence = tuple(one for one in (text(item.get("item_id")), text(receipt.get("receipt_id"))) if one)
        if made is not None and any(abs(left - amount) <= 1 for amount in made.amounts):
            when = "paid in time: allow it" if made.is_earned else "paid too late for it"
            found = "discount_not_booked" if made.is_earned else "unearned_discount"
            return Reason(
                found, f"it is the cash discount of {money(left, code)}, {when}", Confidence.LIKELY, evidence
            )
        for name in ("tax", "freight"):
            if whole(item.get(f"{name}_amount")) == left:
                return Reason(name, f"it is exactly the {name} on the invoice", Confidence.LIKELY, evidence)
        return None

    def _said(self, receipt: Row, left: int, code: str) -> Reason:
        """What the payment's words say, else what so small an amount often is."""
        said = f"{text(receipt.get('remittance_text'))} {text(receipt.get('reference'))}"
        kind = words.deduction_kind(said)
        ids = tuple(one for one in (text(receipt.get("receipt_id")),) if one)
        is_small = left <= self.case.policies.matching.bank_charge_max * 10 ** minor_places(code)
        if kind and (kind != "bank_charge" or is_small):
            return Reason(
                CODES.get(kind, kind),
                f"the payment's text speaks of {kind.replace('_', ' ')}",
                Confidence.LIKELY,
                ids,
            )
        if words.says_discount(said):
            return Reason(
                "unearned_discount", "the payment's text speaks of a discount", Confidence.POSSIBLE, ids
            )
        if words.says_part_payment(said):
            return Reason("part_payment", "the payment calls itself a part payment", Confidence.LIKELY, ids)
        if is_small and words.says_wire(said):
            return Reason(
                "bank_charge",
                "it came by wire, and is as small as what a bank keeps",
                Confidence.POSSIBLE,
                ids,
            )
        return Reason("", "nobody says why", Confidence.POSSIBLE, ids)


def _number(day: object) -> int:
    return NO_DAY if is_none(day) else (pd.Timestamp(str(day)) - EPOCH).days
