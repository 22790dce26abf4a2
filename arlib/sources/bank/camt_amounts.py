"""The amounts of a camt transaction beside the booked one: its own, the instructed one, charges. Floor 2."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from arlib.sources.bank.camt_money import Money, amount_of, shortened, signed
from arlib.sources.bank.xmlstream import Node, leaf, nodes, text


def transaction_amount(one: Node, entry: Money, name: str, at: int) -> Money | None:
    """The amount of a transaction: of those that it gives, the first in the entry's currency, else the first.

    None where it gives none; a nought counts only where nothing else is given.
    """
    first = one.get("Amt")
    mark = leaf(one, "CdtDbtInd") or ("DBIT" if entry.amount.startswith("-") else "CRDT")
    if first.__class__ is dict and first.get("@Ccy") == entry.currency:
        amount = signed(first.get("", ""), mark, name, at)
        if amount == entry.amount or amount.strip("-0."):
            return entry if amount == entry.amount else Money(amount, entry.currency)
    found: list[Money] = []
    places: list[Any] = [first]
    if "AmtDtls" in one and one["AmtDtls"].__class__ is dict:
        for tag in ("TxAmt", "InstdAmt", "CntrValAmt"):
            part = one["AmtDtls"].get(tag)
            if part.__class__ is dict:
                places.append(part.get("Amt"))
    for place in places:
        if place.__class__ is dict:
            currency = place.get("@Ccy", "")
            if currency:
                found.append(Money(signed(place.get("", ""), mark, name, at), currency))
                if currency == entry.currency and found[-1].amount.strip("-0."):
                    return found[-1]
    return next((one for one in found if one.amount.strip("-0.")), found[0] if found else None)


def charges(node: Node, currency: str, name: str, at: int) -> str:
    """The charges in the currency of the booking, added up; '' for none or another currency."""
    total: Decimal | None = None
    for group in nodes(node, "Chrgs"):
        whole = nodes(group, "TtlChrgsAndTaxAmt")
        parts = [group] if "Amt" in group else nodes(group, "Rcrd")
        marks = [(one, "") for one in whole] or [
            (amount, text(part, "CdtDbtInd")) for part in parts for amount in nodes(part, "Amt")
        ]
        for amount, mark in marks:
            if amount.get("@Ccy", currency) == currency and (found := amount.get("", "")):
                value = amount_of(found, name, at)
                total = (total or Decimal(0)) + (-value if mark == "CRDT" else value)
    return "" if total is None else shortened(total)


def put_original(fields: dict[str, str], details: Any, value: Money, name: str, at: int) -> None:
    """The amount as instructed, where it differs from the booked one in currency or size."""
    for tag in ("InstdAmt", "TxAmt", "CntrValAmt"):
        for amount in nodes({"x": details}, "x", tag, "Amt"):
            found, currency = amount.get("", ""), amount.get("@Ccy", "")
            if not found or (tag != "InstdAmt" and currency == value.currency):
                continue
            written = shortened(amount_of(found, name, at))
            if currency != value.currency or Decimal(written) != abs(Decimal(value.amount)):
                fields["original_amount"], fields["original_currency"] = written, currency
                return
