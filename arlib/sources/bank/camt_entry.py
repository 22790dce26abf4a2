"""One camt booking with the transactions below it, as rows. Floor 2.

The booking is the level of the tie-out. A single transaction is lifted into it; several become rows of `details`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from arlib.sources.bank.camt_amounts import charges, put_original, transaction_amount
from arlib.sources.bank.camt_header import remark
from arlib.sources.bank.camt_kind import code_of, kind_of
from arlib.sources.bank.camt_money import Money, day_of, money
from arlib.sources.bank.camt_parties import counterparty
from arlib.sources.bank.camt_remittance import documents, free_text, references
from arlib.sources.bank.mt940_references import reference_in
from arlib.sources.bank.xmlstream import Node, first_text, leaf, many, nodes, text
from arlib.sources.forms.amounts import plain
from arlib.sources.forms.form import Row

STATUS = {"BOOK": "booked", "PDNG": "pending", "FUTR": "pending", "INFO": "info"}
UNKNOWN = frozenset({"NOTPROVIDED", "NOT PROVIDED", "NONREF", "NOTAVAILABLE", "N/A"})
_EMPTY: Node = {}


def entry_rows(entry: Node, statement: str, account: str, number: int, name: str, at: int) -> list[Row]:
    """The rows of an Ntry: `entries` first, then details, remittances and remarks.

    Raises SourceError where it has no amount, no sign, or a date that is none.
    """
    value = money(entry, name, at)
    reversal = leaf(entry, "RvslInd").lower()
    fields: dict[str, str] = {
        "statement": statement,
        "account": account,
        "line": str(number),
        "currency": value.currency,
        "booking_date": _day(entry.get("BookgDt"), name, at),
        "value_date": _day(entry.get("ValDt"), name, at),
        "amount": value.amount,
        "status": _status(entry),
    }
    rows: list[Row] = [("entries", at, fields)]
    if not fields["status"]:
        fields["status"] = "info"
        rows.append(
            remark(at, "unknown_status", "Sts", text(entry, "Sts"), "BOOK, PDNG or INFO; not counted")
        )
    if reversal == "true" or reversal == "1":
        fields["is_reversal"] = "true"
    code, sub, own = code_of(entry)
    transactions = _transactions(entry)
    lone = transactions[0] if len(transactions) == 1 else None
    if lone is not None and not code:
        code, sub, mine = code_of(lone)
        own = own or mine
    fields["code"] = code or own
    about = leaf(entry, "AddtlNtryInf")
    if about:
        fields["code_text"] = about
    fields["bank_reference"] = leaf(entry, "AcctSvcrRef")
    if lone is not None:
        _lift(fields, lone, value, about, name, at, rows)
    else:
        fields["remittance_text"] = about
    _batch(fields, entry, transactions, at, rows)
    if "Chrgs" in entry and not fields.get("charges"):
        fields["charges"] = charges(entry, value.currency, name, at)
    if "original_amount" not in fields and "AmtDtls" in entry:
        put_original(fields, entry["AmtDtls"], value, name, at)
    is_return = "return_code" in fields or "is_reversal" in fields
    fields["kind"] = kind_of(code, sub, own, value.amount, is_return=is_return)
    if fields["kind"] == "return" and "return_of" not in fields and fields.get("end_to_end_id"):
        fields["return_of"] = fields["end_to_end_id"]
    if lone is None and transactions:
        rows += _details(fields, transactions, value, (code, sub, own), name, at)
        below = [row[2] for row in rows if row[0] == "details"]
        if all(one["kind"] == "return" for one in below):
            fields["kind"] = "return"
            codes = {one.get("return_code", "") for one in below}
            fields["return_code"] = codes.pop() if len(codes) == 1 else ""
    return rows


def _day(found: Any, name: str, at: int) -> str:
    if found is None:
        return ""
    if found.__class__ is dict:
        found = found.get("Dt") or found.get("DtTm") or ""
    return day_of(found, name, at) if found.__class__ is str else ""


def _status(entry: Node) -> str:
    """booked where the entry says nothing of it; '' for a status that is not known."""
    found = entry.get("Sts")
    if found.__class__ is not str:
        found = text(entry, "Sts", "Cd") or text(entry, "Sts", "Prtry") or text(entry, "Sts")
    return STATUS.get(found, "") if found else "booked"


def _transactions(entry: Node) -> list[Node]:
    """TxDtls below NtryDtls, or directly below the entry (version 1)."""
    found: list[Node] = []
    for group in many(entry, "NtryDtls"):
        if group.__class__ is dict:
            found += [one for one in many(group, "TxDtls") if one.__class__ is dict]
    if "TxDtls" in entry:
        found += [one for one in many(entry, "TxDtls") if one.__class__ is dict]
    return found


def _batch(fields: dict[str, str], entry: Node, transactions: list[Node], at: int, rows: list[Row]) -> None:
    """batch_count: what the file states, else the transactions listed where they are several."""
    below = entry.get("NtryDtls")
    batches = nodes(entry, "Btch") if "Btch" in entry else []
    if below.__class__ is list or (below.__class__ is dict and "Btch" in below):
        batches = nodes(entry, "NtryDtls", "Btch")
    stated = [found for one in batches if (found := text(one, "NbOfTxs")).isdecimal() and len(found) < 16]
    if stated:
        total = sum(int(one) for one in stated)
        fields["batch_count"] = str(total)
        if len(transactions) > 1 and total != len(transactions):
            rows.append(
                remark(at, "batch_count_differs", "NbOfTxs", str(total), f"{len(transactions)} listed")
            )
    elif len(transactions) > 1:
        fields["batch_count"] = str(len(transactions))
    if not fields.get("customer_reference"):
        reference = next(
            (found for one in batches if (found := text(one, "PmtInfId") or text(one, "MsgId"))), ""
        )
        fields["customer_reference"] = reference or leaf(entry, "NtryRef")


def _lift(
    fields: dict[str, str], one: Node, entry: Money, about: str, name: str, at: int, rows: list[Row]
) -> None:
    """Put the only transaction into its entry."""
    amount = transaction_amount(one, entry, name, at)
    fields |= _common(one, fields, amount or entry, name, at)
    fields["remittance_text"] = fields["remittance_text"] or about
    if amount is not None and amount != entry:
        if amount.currency == entry.currency and amount.amount.strip("-0."):
            rows.append(
                remark(at, "details_do_not_add_up", "TxDtls", amount.amount, f"{entry.amount}, its entry")
            )
        elif "original_amount" not in fields and amount.currency != entry.currency:
            fields["original_amount"], fields["original_currency"] = (
                amount.amount.lstrip("-"),
                amount.currency,
            )
    base = {"payment": "", "statement": fields["statement"], "line": fields["line"], "detail": ""}
    if "Strd" in _merged(one):
        rows += _remittances(one, base, entry.currency, name, at)


def _details(
    fields: dict[str, str],
    transactions: list[Node],
    entry: Money,
    codes: tuple[str, str, str],
    name: str,
    at: int,
) -> list[Row]:
    """One row a transaction, its remittances, and a remark where they do not add up to the entry."""
    rows: list[Row] = []
    total: Decimal | None = Decimal(0)
    for number, one in enumerate(transactions, 1):
        amount = transaction_amount(one, entry, name, at)
        own = {
            "statement": fields["statement"],
            "account": fields["account"],
            "line": fields["line"],
            "detail": str(number),
            "booking_date": fields["booking_date"],
            "value_date": fields["value_date"],
            "currency": amount.currency if amount else "",
            "amount": amount.amount if amount else "",
        } | ({"is_reversal": "true"} if "is_reversal" in fields else {})
        own |= _common(one, own, amount or entry, name, at)
        own.pop("customer_reference", None)
        code, sub, proprietary = code_of(one)
        is_return = own.pop("is_reversal", "") == "true" or "return_code" in own
        first, second, third = (code, sub, proprietary) if code or proprietary else codes
        own["kind"] = kind_of(first, second, third, own["amount"] or entry.amount, is_return=is_return)
        if own["kind"] != "return" and fields["kind"] in ("bank_fee", "card_fee"):
            own["kind"] = fields["kind"]
        if own["kind"] == "return" and "return_of" not in own and own.get("end_to_end_id"):
            own["return_of"] = own["end_to_end_id"]
        rows.append(("details", at, own))
        if "Strd" in _merged(one):
            base = {
                "payment": "",
                "statement": own["statement"],
                "line": own["line"],
                "detail": own["detail"],
            }
            rows += _remittances(one, base, entry.currency, name, at)
        if total is not None and amount is not None and amount.currency == entry.currency:
            total += Decimal(amount.amount)
        else:
            total = None
    if total != Decimal(entry.amount):
        found = "amounts missing or in another currency" if total is None else plain(total)
        rows.append(remark(at, "details_do_not_add_up", "TxDtls", found, f"{entry.amount}, their entry"))
    return rows


def _remittances(one: Node, base: dict[str, str], currency: str, name: str, at: int) -> list[Row]:
    return [
        ("remittances", at, base | {"remittance_line": str(number)} | found)
        for number, found in enumerate(documents(_merged(one), currency, name, at), 1)
    ]


def _merged(one: Node) -> Node:
    found = one.get("RmtInf")
    return found if found.__class__ is dict else (nodes(one, "RmtInf") or [{}])[0]


def _common(one: Node, given: dict[str, str], value: Money, name: str, at: int) -> dict[str, str]:
    """What an entry with one transaction and a row of details have in common."""
    fields: dict[str, str] = {}
    refs = one.get("Refs")
    if refs.__class__ is dict:
        end = leaf(refs, "EndToEndId")
        fields["end_to_end_id"] = "" if end.upper() in UNKNOWN else end
        fields["customer_reference"] = leaf(refs, "InstrId") or leaf(refs, "PmtInfId") or leaf(refs, "ChqNb")
        if not given.get("bank_reference"):
            fields["bank_reference"] = (
                leaf(refs, "AcctSvcrRef")
                or leaf(refs, "TxId")
                or leaf(refs, "UETR")
                or leaf(refs, "ClrSysRef")
            )
    returned = one.get("RtrInf")
    if returned.__class__ is dict:
        fields["return_code"] = (
            first_text(returned, ("Rsn", "Cd"), ("Rsn", "Prtry"), ("AddtlInf",)) or "unknown"
        )
        if original := first_text(returned, ("OrgnlEndToEndId",), ("OrgnlTxRef", "EndToEndId")):
            fields["return_of"] = original
    parties = one.get("RltdPties")
    ultimate = ""
    if parties.__class__ is dict:
        is_return = "return_code" in fields or "is_reversal" in given
        party, account, ultimate = counterparty(
            parties, given["account"], is_credit=not value.amount.startswith("-"), is_return=is_return
        )
        fields["payer_name"], fields["payer_account"] = party, account
    remittance = _merged(one) if "RmtInf" in one else _EMPTY
    words = free_text(remittance) or leaf(one, "AddtlTxInf")
    named = references(remittance) if "Strd" in remittance else []
    fields["reference"] = named[0] if named else reference_in(words) if words else ""
    if ultimate:
        words = f"{words} (on behalf of {ultimate})" if words else f"on behalf of {ultimate}"
    fields["remittance_text"] = words
    if "Chrgs" in one:
        fields["charges"] = charges(one, value.currency, name, at)
    if "AmtDtls" in one:
        put_original(fields, one["AmtDtls"], value, name, at)
    return fields
