"""SAF-T Financial (XML) as records: header, accounts, customers, ledger lines. Floor 2.

Read by local names, so that any namespace and both the 1.10 and 1.30 schema fit. Entities, DTDs and
network are off.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from arlib.errors import SourceError
from arlib.sources.raw import Records

if TYPE_CHECKING:
    from lxml.etree import _Element

BANK = "19"  # Norwegian standard chart: cash and bank


def read_saft(content: bytes, name: str) -> dict[str, Records]:
    """Records `header`, `accounts`, `customers` and `lines`; row numbers are lines of the XML file.

    Raises SourceError where it is not well-formed, not SAF-T, or declares a document type (which could
    define entities).
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as fault:
        raise SourceError(
            f"not well-formed XML ({fault})", where=name, fix="The file may be cut; fetch it again."
        ) from fault
    if b"<!DOCTYPE" in content[:4096] or getattr(root.getroottree().docinfo, "doctype", None):
        raise SourceError("declares a document type, which a SAF-T file has no use for", where=name)
    if _local(root) != "AuditFile":
        raise SourceError("is no SAF-T file", where=name, found=_local(root), wanted="AuditFile")
    head = _header(root, name)
    shared = {f"header.{key}": value for key, value in head.items()}
    return {
        "header": _records([(_line(root), head)]),
        "accounts": _records(
            [(_line(e), shared | _account(e)) for e in _all(root, "GeneralLedgerAccounts", "Account")]
        ),
        "customers": _records(
            [(_line(e), shared | _customer(e)) for e in _all(root, "Customers", "Customer")]
        ),
        "lines": _records(
            [
                row
                for journal in _all(root, "GeneralLedgerEntries", "Journal")
                for row in _lines(journal, shared)
            ]
        ),
    }


def _local(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _line(element: _Element) -> int:
    return int(getattr(element, "sourceline", 0) or 0)


def _children(element: _Element, name: str) -> list[_Element]:
    return [child for child in element if _local(child) == name]


def _text(element: _Element, *path: str) -> str:
    """The text at a path of local names, '' where there is none."""
    for name in path:
        found = _children(element, name)
        if not found:
            return ""
        element = found[0]
    return (element.text or "").strip()


def _all(root: _Element, parent: str, name: str) -> list[_Element]:
    return [
        child
        for found in root.iter()
        if isinstance(found.tag, str) and _local(found) == parent
        for child in _children(found, name)
    ]


def _records(rows: list[tuple[int, dict[str, str]]]) -> Records:
    import numpy as np
    import pandas as pd

    frame = pd.DataFrame([row for _, row in rows]).fillna("").astype("str")
    return Records(frame=frame, rows=np.array([line for line, _ in rows], dtype="int64"))


def _header(root: _Element, name: str) -> dict[str, str]:
    found = _children(root, "Header")
    if not found:
        raise SourceError("has no Header", where=name)
    head = found[0]
    opens, closes = _period(head, name)
    return {
        "entity": _text(head, "Company", "RegistrationNumber"),
        "name": _text(head, "Company", "Name"),
        "country": _text(head, "AuditFileCountry"),
        "currency": _text(head, "DefaultCurrencyCode"),
        "opens_on": opens,
        "closes_on": closes,
    }


def _period(head: _Element, name: str) -> tuple[str, str]:
    """The day before the period (whose close is the opening balance) and its last day."""
    start, end = (
        _text(head, "SelectionCriteria", "SelectionStartDate"),
        _text(head, "SelectionCriteria", "SelectionEndDate"),
    )
    try:
        if start and end:
            first, last = date.fromisoformat(start), date.fromisoformat(end)
        else:
            year, month = (
                int(_text(head, "SelectionCriteria", key)) for key in ("PeriodStartYear", "PeriodStart")
            )
            first = date(year, month, 1)
            year, month = (
                int(_text(head, "SelectionCriteria", key)) for key in ("PeriodEndYear", "PeriodEnd")
            )
            last = date(year, month, monthrange(year, month)[1])
    except ValueError as fault:
        raise SourceError(
            "SelectionCriteria do not give a period", where=name, wanted="PeriodStart, PeriodStartYear ..."
        ) from fault
    return (first - timedelta(days=1)).isoformat(), last.isoformat()


def _balances(element: _Element) -> dict[str, str]:
    made = {}
    for moment in ("Opening", "Closing"):
        debit, credit = _text(element, f"{moment}DebitBalance"), _text(element, f"{moment}CreditBalance")
        made[moment.lower()] = debit or ("-" + credit if credit else "")
    return made


def _account(element: _Element) -> dict[str, str]:
    return {
        "AccountID": _text(element, "AccountID"),
        "AccountDescription": _text(element, "AccountDescription"),
        **_balances(element),
    }


def _customer(element: _Element) -> dict[str, str]:
    nested = _children(element, "BalanceAccount")  # schema 1.30
    at = nested[0] if nested else element
    address = next(iter(_children(element, "Address")), element)
    days = _text(element, "PartyInfo", "PaymentTerms", "Days")
    return {
        "CustomerID": _text(element, "CustomerID"),
        "Name": _text(element, "Name"),
        "AccountID": _text(at, "AccountID"),
        **_balances(at),
        "address": ", ".join(
            t for t in (_text(address, n) for n in ("StreetName", "PostalCode", "City")) if t
        ),
        "country": _text(address, "Country"),
        "email": _text(element, "Contact", "Email"),
        "tax_id": _text(element, "TaxRegistration", "TaxRegistrationNumber"),
        "payer_account": _text(element, "BankAccount", "IBANNumber")
        or _text(element, "BankAccount", "BankAccountNumber"),
        "terms": f"net {days}" if days.isdigit() else "",
    }


def _lines(journal: _Element, shared: dict[str, str]) -> list[tuple[int, dict[str, str]]]:
    made = []
    for entry in _children(journal, "Transaction"):
        lines = _children(entry, "Line")
        is_cash = any(_text(line, "AccountID").startswith(BANK) for line in lines)
        of_entry: dict[str, str] = {
            name: _text(entry, name)
            for name in (
                "TransactionID",
                "TransactionDate",
                "GLPostingDate",
                "SystemEntryDate",
                "SourceID",
                "BatchID",
            )
        }
        for line in lines:
            made.append(
                (
                    _line(line),
                    shared
                    | of_entry
                    | {"JournalID": _text(journal, "JournalID"), "is_cash": "yes" if is_cash else "no"}
                    | _one_line(line),
                )
            )
    return made


def _one_line(line: _Element) -> dict[str, str]:
    side, sign = ("DebitAmount", "") if _children(line, "DebitAmount") else ("CreditAmount", "-")
    amounts: dict[str, Any] = {
        name: _text(line, side, name) for name in ("Amount", "CurrencyCode", "CurrencyAmount")
    }
    for name in ("Amount", "CurrencyAmount"):
        value = amounts[name]
        amounts[name] = "" if not value else value[1:] if sign and value.startswith("-") else sign + value
    named = {
        name: _text(line, name)
        for name in (
            "RecordID",
            "AccountID",
            "CustomerID",
            "Description",
            "ReferenceNumber",
            "SourceDocumentID",
            "DueDate",
        )
    }
    return named | amounts | {"side": "credit" if sign else "debit"}
