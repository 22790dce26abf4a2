"""Why a customer pays another amount than it was billed: the noise that amounts get. Floor 2."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np

from arlib.money.currency import minor_places
from arlib.sources.sample.cash_delivery import Line, Odds, Payment
from arlib.sources.sample.cash_texts import chance, pick

CHARGES = (5, 10, 15, 20, 25, 30)  # bank charges in whole units of a currency that has cents
CLAIMS = ("damaged", "short shipped", "price difference", "returned goods", "promotion")
GRACE_DAYS = 5  # a discount taken this many days late passes as earned, as in the default matching policy
SMALL_MINOR, SMALL_SHARE = 50, 100  # small differences: up to 50 minor units and one hundredth of the item


def alter(payment: Payment, odds: Odds, rng: np.random.Generator) -> dict[str, Any] | None:
    """Give the payment a difference of a kind that its items allow, or none; returns a credit memo that it nets, if any."""
    if payment.is_foreign or not chance(rng, odds.differs):
        return None
    kind = str(rng.choice(list(KINDS), p=[share for share, _ in KINDS.values()]))
    whole = [line for line in payment.lines if line.reason == "full"]
    if not whole:
        return None
    line = max(whole, key=lambda one: one.cash)
    before = payment.amount
    credit = KINDS[kind][1](payment, line, rng)
    if payment.amount != before:
        payment.difference = kind
    return credit


def _less(payment: Payment, line: Line, amount: int, reason: str) -> None:
    payment.amount -= amount
    line.cash -= amount
    line.reason = reason


def _unit(line: Line) -> int:
    return int(10 ** minor_places(str(line.item["currency"])))


def _charge(payment: Payment, line: Line, rng: np.random.Generator) -> None:
    """A bank on the way keeps its charge."""
    units = int(rng.choice(CHARGES))
    fee = units * _unit(line)
    if _unit(line) > 1 and line.cash > 20 * fee:
        line.fee = fee
        _less(payment, line, fee, "bank_charge")
        if chance(rng, 0.4):
            payment.words.append(f"chgs {units}.00")


def _claim(payment: Payment, line: Line, rng: np.random.Generator) -> None:
    """The customer keeps a part back and says why, or does not; of several items an advice says which."""
    amount = line.cash * int(rng.integers(20, 90)) // 1000
    if amount <= 2 * _unit(line):
        return
    why = pick(rng, CLAIMS)
    is_said = len(payment.lines) > 1 or chance(rng, 0.75)
    line.deduction = amount
    _less(payment, line, amount, "claim" if is_said else "claim|partial")
    if is_said:
        payment.claim = why
        payment.must_advise = len(payment.lines) > 1


def _tax(payment: Payment, line: Line, rng: np.random.Generator) -> None:
    """The customer withholds the tax."""
    amount = int(line.item["tax_amount"] or 0)
    if len(payment.lines) == 1 and 0 < amount < line.cash:
        line.deduction = amount
        _less(payment, line, amount, "tax")
        if chance(rng, 0.5):
            payment.words.append("less WHT")


def _freight(payment: Payment, line: Line, rng: np.random.Generator) -> None:
    """The customer does not pay the freight."""
    amount = int(line.item["freight_amount"] or 0)
    if len(payment.lines) == 1 and 2 * _unit(line) < amount < line.cash and amount * 100 > line.cash:
        line.deduction = amount
        _less(payment, line, amount, "freight")
        if chance(rng, 0.5):
            payment.words.append("less freight")


def _small(payment: Payment, line: Line, rng: np.random.Generator) -> None:
    """A few cents short."""
    most = min(SMALL_MINOR, _unit(line), line.cash // SMALL_SHARE)
    if most >= 1:
        line.tolerance = int(rng.integers(1, most + 1))
        _less(payment, line, line.tolerance, "tolerance")


def _over(payment: Payment, line: Line, rng: np.random.Generator) -> None:
    """More than was billed; the rest stays unapplied."""
    payment.amount += payment.amount // 50 + int(rng.integers(2, 20)) * _unit(line)


def _late_discount(payment: Payment, line: Line, rng: np.random.Generator) -> None:
    """A cash discount is taken after its day: a claim that nobody has to grant."""
    last, base = line.item["discount_date"], line.item["discount_base"]
    if len(payment.lines) > 1 or last is None or base is None or line.item["discount_rate"] is None:
        return
    if payment.row["effective_date"] <= last + timedelta(days=GRACE_DAYS):
        return
    exact = Decimal(int(base)) * Decimal(str(line.item["discount_rate"]))
    amount = int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    if 0 < amount < line.cash:
        line.deduction = amount
        _less(payment, line, amount, "unearned_discount")


def _netted(payment: Payment, line: Line, rng: np.random.Generator) -> dict[str, Any] | None:
    """A credit memo is taken up by the payment."""
    amount = line.cash * int(rng.integers(50, 400)) // 1000
    if amount <= 2 * _unit(line):
        return None
    day = payment.row["effective_date"] - timedelta(days=int(rng.integers(5, 40)))
    number = int(rng.integers(10**6, 10**7))
    credit = dict.fromkeys(line.item) | {
        "entity": line.item["entity"],
        "item_id": f"{payment.row['entity']}-N{payment.row['receipt_id']}",
        "customer_id": line.item["customer_id"],
        "item_type": "credit_memo",
        "document_no": f"CN-{number}",
        "document_date": day,
        "currency": line.item["currency"],
        "open_amount": -amount,
        "amount": -amount,
        "is_written_off": False,
        "is_disputed": False,
    }
    payment.lines.append(Line(credit, -amount))
    payment.amount -= amount
    return credit


Maker = Callable[[Payment, Line, np.random.Generator], dict[str, Any] | None]
KINDS: dict[str, tuple[float, Maker]] = {
    "fee": (0.2, _charge),
    "claim": (0.2, _claim),
    "tax": (0.1, _tax),
    "freight": (0.05, _freight),
    "tolerance": (0.18, _small),
    "over": (0.09, _over),
    "late_discount": (0.08, _late_discount),
    "netted": (0.1, _netted),
}
