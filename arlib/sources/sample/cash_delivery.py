"""How a payment arrives: who it seems to come from, and what it says it is for. Floor 2."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from arlib.money.currency import minor_places
from arlib.sources.sample import cash_texts
from arlib.sources.sample.cash_texts import chance, pick

IDLE = ("", "", "payment", "thank you", "/ROC/99001//", "transfer", "see advice")
CUT_AFTER = 2  # a payer who names only some items names up to this many


class Level(StrEnum):
    """How much of the cash is troubled."""

    LIGHT = "light"
    ORDINARY = "ordinary"
    HEAVY = "heavy"


@dataclass(frozen=True, kw_only=True)
class Odds:
    """Shares of receipts, but of numbers for `damage`."""

    differs: float  # a difference of amount beyond the sample's own part payments and discounts
    damage: float
    untold: float
    advised: float
    partly: float
    payer_faults: float
    booked: float  # the bank's clerk already knew the customer


ODDS = {
    Level.LIGHT: Odds(
        differs=0.12, damage=0.05, untold=0.05, advised=0.25, partly=0.01, payer_faults=0.1, booked=0.6
    ),
    Level.ORDINARY: Odds(
        differs=0.25, damage=0.15, untold=0.15, advised=0.25, partly=0.04, payer_faults=0.35, booked=0.3
    ),
    Level.HEAVY: Odds(
        differs=0.45, damage=0.4, untold=0.3, advised=0.2, partly=0.08, payer_faults=0.7, booked=0.1
    ),
}


@dataclass
class Line:
    """A part of a receipt, amounts in the item's currency."""

    item: dict[str, Any]  # MATCH_ITEMS
    cash: int
    discount: int = 0
    deduction: int = 0
    fee: int = 0
    tolerance: int = 0
    reason: str = "full"


@dataclass
class Payment:
    """A receipt while it is drawn. `amount` is in the currency of `row`, a row of RECEIPTS."""

    row: dict[str, Any]
    amount: int
    lines: list[Line]
    is_foreign: bool  # paid in another currency than billed
    difference: str = "none"
    telling: str = ""
    words: list[str] = field(default_factory=list)
    claim: str = ""  # why it is short, where the customer says so
    must_advise: bool = False


class Teller:
    """Writes payments as banks and customers do."""

    def __init__(
        self,
        rng: np.random.Generator,
        odds: Odds,
        items: list[dict[str, Any]],
        customers: list[dict[str, Any]],
    ) -> None:
        """`items` are all open ones: a range may be quoted only where the customer has no other number between."""
        self.rng, self.odds = rng, odds
        self.customers = {(row["entity"], row["customer_id"]): row for row in customers}
        self.numbers: dict[tuple[str, str], list[str]] = {}
        for row in items:
            self.numbers.setdefault((row["entity"], row["customer_id"]), []).append(str(row["document_no"]))
        for known in self.numbers.values():
            known.sort()

    def deliver(self, payment: Payment) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """A row of MATCH_RECEIPTS and its rows of MATCH_ADVICES."""
        receipt_id = f"{payment.row['entity']}-{payment.row['receipt_id']}"
        text, lines = self._told(payment)
        if payment.claim and not lines:
            short = sum(line.deduction for line in payment.lines)
            payment.words.append(f"less {self._decimal(short, payment)} {payment.claim}")
        text = " ".join(part for part in (text, *payment.words) if part)
        receipt = self._payer(payment) | {
            "entity": payment.row["entity"],
            "receipt_id": receipt_id,
            "value_date": payment.row["effective_date"],
            "currency": payment.row["currency"],
            "amount": payment.amount,
            "remittance_text": text[: cash_texts.BANK_TEXT],
        }
        told = [
            line | {"entity": payment.row["entity"], "receipt_id": receipt_id, "line_no": number}
            for number, line in enumerate(lines, 1)
        ]
        return receipt, told

    def _decimal(self, minor: int, payment: Payment) -> str:
        places = minor_places(str(payment.row["currency"]))
        return f"{minor / 10**places:.{places}f}"

    def _payer(self, payment: Payment) -> dict[str, Any]:
        rng, row = self.rng, payment.row
        known = self.customers.get((row["entity"], row["customer_id"]), {})
        name, account = str(known.get("name") or row["payer_name"] or ""), str(row["payer_account"] or "")
        draw = rng.random()
        if draw > 0.95 and len(account) > 4:
            account = account[:3] + account[:2:-1]  # another account of the same payer
        return {
            "customer_id": row["customer_id"] if chance(rng, self.odds.booked) else None,
            "payer_name": cash_texts.spelled(
                name, str(known.get("payer_aliases") or ""), rng, self.odds.payer_faults
            ),
            "payer_account": "" if draw < 0.15 else account,
        }

    def _told(self, payment: Payment) -> tuple[str, list[dict[str, Any]]]:
        rng, odds = self.rng, self.odds
        draw = rng.random()
        if payment.must_advise or (draw < odds.advised and not payment.is_foreign):
            payment.telling = "advice"
            return pick(rng, IDLE), [self._advice(line, payment.claim) for line in payment.lines]
        draw -= odds.advised
        if 0 <= draw < odds.untold:
            payment.telling = "untold"
            return pick(rng, IDLE), []
        if odds.untold <= draw < odds.untold + odds.partly and len(payment.lines) > CUT_AFTER:
            payment.telling = "partly"
            kept = payment.lines[:CUT_AFTER]
            return cash_texts.listed([self._number(line) for line in kept], rng) + " and others", []
        run = self._run(payment)
        if run and chance(rng, 0.3):
            payment.telling = "range"
            return cash_texts.ranged(run), []
        numbers = [self._number(line) for line in payment.lines]
        payment.telling = "text"
        return cash_texts.listed(numbers, rng), []

    def _number(self, line: Line) -> str:
        """A number of the item as it is quoted, damaged or not."""
        rng, draw = self.rng, self.rng.random()
        field_name = "purchase_order" if draw < 0.12 else "order_no" if draw < 0.16 else "delivery_no"
        other = line.item.get(field_name) if draw < 0.2 else None
        number = str(other) if other else cash_texts.shortened(str(line.item["document_no"]), rng)
        return cash_texts.damaged(number, rng) if chance(rng, self.odds.damage) else number

    def _run(self, payment: Payment) -> list[str]:
        """Document numbers of three or more items that follow each other on the customer's account."""
        accounts = {(line.item["entity"], line.item["customer_id"]) for line in payment.lines}
        numbers = sorted(str(line.item["document_no"]) for line in payment.lines)
        if len(numbers) < 3 or len(accounts) > 1:
            return []
        known = self.numbers.get(next(iter(accounts)), [])
        if numbers[0] not in known:
            return []
        at = known.index(numbers[0])
        return numbers if known[at : at + len(numbers)] == numbers else []

    def _advice(self, line: Line, claim: str) -> dict[str, Any]:
        is_said = bool(claim and line.deduction)
        deduction = line.deduction if is_said else 0
        return {
            "reference": self._number(line),
            "currency": line.item["currency"],
            "gross": line.cash + line.discount + deduction,
            "discount": line.discount,
            "deduction": deduction,
            "reason": claim if is_said else None,
            "net": line.cash,
        }
