"""What one ACH entry says: a booking, and with its addenda a return, a change or a remittance. Floor 2."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from arlib.errors import SourceError
from arlib.sources.bank.fixedtext import day_near, day_of, implied, is_number, remark
from arlib.sources.bank.nachacodes import (
    CHANGES,
    IAT_TYPES,
    RETURNS,
    TRANSACTIONS,
    is_credit,
    is_sent_back,
    is_without_money,
    stage,
)
from arlib.sources.bank.nacharecords import Entry, Header, fault, joined
from arlib.sources.forms.amounts import plain
from arlib.sources.forms.form import Row

PLACES = 2
REMITTING = frozenset(("CCD", "CTX"))  # classes whose addenda say what is paid
_X12 = re.compile(r"\s*(?:ISA|GS|ST|BPR|TRN|ENT|RMR)[^A-Za-z0-9\s,;\"']")
_IAT_ADDENDA = ["10", "11", "12", "13", "14", "15", "16"]


def entry_rows(
    name: str, entry: Entry, header: Header, statement: dict[str, str], file_day: str
) -> Iterator[Row]:
    """The entry itself, then payment, remittances or change. The reader numbers them.

    Raises SourceError for an international entry without its addenda, and for a return or change whose code nobody
    published and whose records do not agree either.
    """
    back = entry.of_type("99")
    change = entry.of_type("98")
    if header.is_iat:
        _check_iat(name, entry)
    for (line, text), known, what in [(one, RETURNS, "return") for one in back[:1]] + [
        (one, CHANGES, "change") for one in change[:1]
    ]:
        code = text[3:6]
        if code not in known:
            if text[79:94] != entry.text[79:94]:
                message = f"unknown {what} code, on a record that is not the entry's own"
                raise fault(name, line, message, code, "a published code and the trace number of its entry")
            yield remark(
                line, f"{what}_code_unknown", column=f"{what} code", found=code, wanted="a published code"
            )
    return_code = back[0][1][3:6].strip() if back else ""
    turns = stage(return_code) if back else int(is_sent_back(entry.code) and not change)
    cents = entry.cents * (1 if is_credit(entry.code) == (header.sec == "ADV") else -1) * (-1) ** turns
    has_money = bool(cents) and not change and not is_without_money(entry.code)
    amount = implied(str(cents), PLACES)
    day, settled = _days(header, file_day, is_back=bool(turns))
    who = _parties(entry, header)
    data, text = joined(entry.of_type("05"))
    if back:
        text = _reason(return_code, back[0][1], is_iat=header.is_iat)
    own = {
        "statement": statement["statement"], "account": statement["account"], "currency": statement["currency"],
        "booking_date": day, "value_date": settled, "amount": amount,
        "kind": "return" if turns else "receipt" if cents > 0 and has_money and header.sec != "ADV" else "other",
        "status": "booked" if has_money else "info", "code": entry.code,
        "code_text": f"{TRANSACTIONS[entry.code]} {header.sec} {header.description}".strip(),
        "payer_name": who["payer_name"], "payer_account": who["payer_account"], "remittance_text": text,
        "bank_reference": entry.text[79:94].strip(), "customer_reference": who["id"],
        "return_of": back[0][1][6:21].strip() if back else "", "return_code": return_code,
    }  # fmt: skip
    yield "entries", entry.line, own
    if turns and not back and has_money:
        yield remark(
            entry.line, "return_without_reason", column="record 7", found=entry.code, wanted="an addendum 99"
        )
    for line, record in change:
        yield _change(line, record, entry, statement, who, file_day)
    is_remitting = header.sec in REMITTING and bool(text)
    if has_money and (turns or is_remitting):
        payment = {
            "statement": own["statement"], "account": own["account"], "date": day, "currency": own["currency"],
            "amount": amount if turns else implied(str(abs(cents)), PLACES), "method": "ach",
            "trace": own["bank_reference"], **{key: who[key] for key in ("payer_name", "payer_account", "payee_name")},
            "payee_account": who["payee_account"], "payer_id": who["id"], "remittance_text": text,
            "return_of": own["return_of"], "return_code": return_code,
        }  # fmt: skip
        advised = _advice(name, entry, data) if not turns and _X12.match(data) else []
        yield from _payment(entry, payment, advised)


def _days(header: Header, file_day: str, *, is_back: bool) -> tuple[str, str]:
    """Booking and settlement day. What comes back repeats the original batch header, so that its day is not of now."""
    effective = day_of(header.effective)
    settled = day_near(header.settled, file_day or effective) if header.settled != "000" else ""
    if is_back:
        return settled or file_day or effective, settled
    return effective or settled or file_day, settled


def _parties(entry: Entry, header: Header) -> dict[str, str]:
    """Who pays whom: of a debit the receiver pays the company, of a credit the company the receiver."""
    text, routing = entry.text, entry.text[3:12]
    number, who = text[39:54].strip(), text[54:76].strip()
    account = text[12:29].strip()
    company = header.company
    if header.sec in ("CTX", "ATX", "TRX"):
        who = text[58:74].strip() if is_number(text[54:58]) else who  # the number of addenda stands before it
    elif header.sec == "SHR":
        who = ""  # those columns hold a card number
    elif header.sec == "ADV":
        account, number = text[12:27].strip(), text[39:48].strip()
    if header.is_iat:
        account, number = text[39:74].strip(), ""
        by_type = {record[1:3]: record for _, record in entry.addenda}
        who, company = by_type["10"][46:81].strip(), by_type["11"][3:38].strip()
    receiver = {"name": who, "account": f"{routing}/{account}" if account else routing}
    if is_credit(entry.code):
        return {
            "id": number, "payer_name": company, "payer_account": "", "payee_name": receiver["name"],
            "payee_account": receiver["account"],
        }  # fmt: skip
    return {
        "id": number, "payer_name": receiver["name"], "payer_account": receiver["account"], "payee_name": company,
        "payee_account": "",
    }  # fmt: skip


def _reason(code: str, record: str, *, is_iat: bool) -> str:
    """The reason of a return in words, with what the returning bank added."""
    start = 58 if stage(code) == 2 else 79 if stage(code) == 3 else 45 if is_iat else 35
    return f"{code} {RETURNS.get(code, '')} {record[start:79].strip()}".strip()


def _change(
    line: int, record: str, entry: Entry, statement: dict[str, str], who: dict[str, str], file_day: str
) -> Row:
    """A notification of change, or one that was refused (codes from C61), with the corrected data."""
    code, corrected = record[3:6], " ".join(record[35:64].split())
    if code >= "C61":
        corrected = f"{corrected} ({record[64:67].strip()})"
    receiver = "payee_name" if is_credit(entry.code) else "payer_name"
    return (
        "changes",
        line,
        {
            "statement": statement["statement"], "account": statement["account"], "code": code,
            "code_text": CHANGES.get(code, ""), "customer_id": who["id"], "customer_name": who[receiver],
            "trace": record[6:21].strip(), "bank": record[27:35].strip(), "corrected": corrected, "date": file_day,
        },
    )  # fmt: skip


def _check_iat(name: str, entry: Entry) -> None:
    """Raises SourceError unless an international entry has its seven addenda, in order, of a known type."""
    found = [text[1:3] for _, text in entry.addenda if "10" <= text[1:3] <= "16"]
    if found != _IAT_ADDENDA:
        raise fault(
            name,
            entry.line,
            "an international entry without its addenda",
            " ".join(found),
            "addenda 10 to 16, in order",
        )
    line, first = entry.addenda[0]
    if first[3:6] not in IAT_TYPES:
        raise fault(
            name, line, "unknown type of an international entry", first[3:6], "a code such as BUS or MIS"
        )


def _advice(name: str, entry: Entry, data: str) -> list[Row]:
    """What an X12 820 in the addenda says; nothing, with a remark, where it cannot be read as one."""
    try:
        from arlib.sources.edi.payment820 import read_text
    except ImportError:
        return []
    line = entry.addenda[0][0]
    try:
        return [(key, line, fields) for key, _, fields in read_text(data, f"{name}, line {line}")]
    except SourceError as problem:
        wanted = "an X12 820"
        return [remark(line, "remittance_unreadable", column="addenda", found=problem.message, wanted=wanted)]


def _payment(entry: Entry, payment: dict[str, str], advised: list[Row]) -> Iterator[Row]:
    """The payment with what its advice adds, then the documents that it pays."""
    told = [fields for key, _, fields in advised if key == "payments"]
    lines = [fields for key, _, fields in advised if key == "remittances"]
    for key in ("reference", "payer_name", "payer_id", "payee_name", "customer_id"):
        payment[key] = payment.get(key, "") or (told[0].get(key, "") if len(told) == 1 else "")
    if len(told) == 1 and told[0].get("amount", "") not in ("", payment["amount"]):
        found, wanted = told[0]["amount"], payment["amount"]
        yield remark(
            entry.line, "payment_differs", column="BPR02", found=found, wanted=f"{wanted}, the entry's amount"
        )
    nets = [fields.get("net", "") for fields in lines]
    payment["entries"] = str(len(lines)) if lines else ""
    payment["state"] = "not stated"
    if nets and all(nets):
        total = sum((Decimal(net) for net in nets), Decimal(0))
        gap = Decimal(payment["amount"]) - total
        payment["net"], payment["difference"] = plain(total), plain(gap)
        payment["state"] = "differs" if gap else "ties"
    yield "payments", entry.line, payment
    yield from (("remittances", line, dict(fields)) for key, line, fields in advised if key == "remittances")
    yield from (one for one in advised if one[0] == "remarks")
