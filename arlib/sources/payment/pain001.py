"""Credit transfers as an ISO 20022 customer credit transfer initiation, pain.001.001.09. Floor 2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
from lxml import etree

from arlib.money import iso_code
from arlib.sources.payment.accounts import compact, is_sepa, looks_like_iban
from arlib.sources.payment.characters import written
from arlib.sources.payment.checks import amount_text
from arlib.sources.payment.payments import Debtor
from arlib.tables.rows import records, text

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
NAME = 70  # characters of a name that every bank takes
REFERENCE = 35


def pain001_bytes(
    payments: pd.DataFrame, *, debtor: Debtor, created_at: datetime, execute_on: date, message_id: str
) -> bytes:
    """One message that pays checked payments of one currency.

    Needs PAYMENTS without problems. Payments in euro between accounts of the single euro payments area stand in a block
    of their own (service level SEPA, each side bears its charges); the others are plain credit transfers with shared
    charges. Number and sum of the transactions stand in the header and in each block.
    """
    rows = records(payments)
    root = etree.Element(f"{{{NAMESPACE}}}Document", nsmap={None: NAMESPACE})  # type: ignore[dict-item]  # the default namespace
    message = _add(root, "CstmrCdtTrfInitn")
    header = _add(message, "GrpHdr")
    _add(header, "MsgId", message_id)
    _add(header, "CreDtTm", created_at.isoformat(timespec="seconds"))
    _add(header, "NbOfTxs", str(len(rows)))
    _add(header, "CtrlSum", _sum(rows))
    _add(_add(header, "InitgPty"), "Nm", written(debtor.name, limit=NAME))
    number = 0
    for in_sepa in (True, False):
        block = [
            row
            for row in rows
            if is_sepa(str(row["currency"]), str(row["payee_account"]), debtor.account) is in_sepa
        ]
        if block:
            number += 1
            _block(message, block, debtor, f"{message_id}-{number}", execute_on, in_sepa=in_sepa)
    etree.indent(root)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8")) + b"\n"


def _block(
    message: etree._Element, rows: list[dict[str, Any]], debtor: Debtor, number: str, day: date, *, in_sepa: bool
) -> None:  # fmt: skip
    block = _add(message, "PmtInf")
    _add(block, "PmtInfId", number)
    _add(block, "PmtMtd", "TRF")
    _add(block, "NbOfTxs", str(len(rows)))
    _add(block, "CtrlSum", _sum(rows))
    if in_sepa:
        _add(_add(_add(block, "PmtTpInf"), "SvcLvl"), "Cd", "SEPA")
    _add(_add(block, "ReqdExctnDt"), "Dt", day.isoformat())
    party = _add(block, "Dbtr")
    _add(party, "Nm", written(debtor.name, limit=NAME))
    if debtor.country:
        _add(_add(party, "PstlAdr"), "Ctry", debtor.country)
    _account(_add(block, "DbtrAcct"), debtor.account)
    _agent(_add(block, "DbtrAgt"), debtor.bank_code)
    _add(block, "ChrgBr", "SLEV" if in_sepa else "SHAR")
    for row in rows:
        _transaction(block, row)


def _transaction(block: etree._Element, row: Mapping[str, Any]) -> None:
    """One payment; the proposal's id is instruction and end-to-end id, so that the bank's statement leads back to it."""
    made = _add(block, "CdtTrfTxInf")
    ids = _add(made, "PmtId")
    _add(ids, "InstrId", str(row["proposal_id"]))
    _add(ids, "EndToEndId", str(row["proposal_id"]))
    currency = str(row["currency"])
    amount = _add(_add(made, "Amt"), "InstdAmt", amount_text(int(row["amount"]), currency))
    amount.set("Ccy", iso_code(currency))
    if code := _text(row, "bank_code"):
        _agent(_add(made, "CdtrAgt"), code)
    party = _add(made, "Cdtr")
    _add(party, "Nm", written(str(row["payee_name"]), limit=NAME))
    if country := _text(row, "payee_country"):
        _add(_add(party, "PstlAdr"), "Ctry", country)
    _account(_add(made, "CdtrAcct"), str(row["payee_account"]))
    document = _add(_add(_add(made, "RmtInf"), "Strd"), "RfrdDocInf")
    _add(document, "Nb", written(str(row["reference"]), limit=REFERENCE))


def _account(parent: etree._Element, account: str) -> None:
    made, bare = _add(parent, "Id"), compact(account)
    if looks_like_iban(bare):
        _add(made, "IBAN", bare)
    else:
        _add(_add(made, "Othr"), "Id", bare)


def _agent(parent: etree._Element, code: str) -> None:
    made, bare = _add(parent, "FinInstnId"), compact(code)
    if not bare:
        _add(_add(made, "Othr"), "Id", "NOTPROVIDED")
    elif bare.isdigit():
        member = _add(made, "ClrSysMmbId")
        _add(_add(member, "ClrSysId"), "Cd", "USABA")
        _add(member, "MmbId", bare)
    else:
        _add(made, "BICFI", bare)


def _sum(rows: list[dict[str, Any]]) -> str:
    return str(sum(_amounts(rows), Decimal(0)))


def _amounts(rows: list[dict[str, Any]]) -> Iterator[Decimal]:
    return (Decimal(amount_text(int(row["amount"]), str(row["currency"]))) for row in rows)


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    made = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    made.text = text
    return made


def _text(row: Mapping[str, Any], name: str) -> str:
    return text(row.get(name))
