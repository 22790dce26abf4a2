"""Structured remittance of a camt transaction: references and referred documents with their amounts. Floor 2."""

from __future__ import annotations

import re
from decimal import Decimal

from arlib.sources.bank.camt_money import amount_of, day_of, shortened
from arlib.sources.bank.xmlstream import Node, first_text, many, nodes, text

DOCUMENT_KINDS = {
    "CINV": "invoice", "MSIN": "invoice", "HIRI": "invoice", "INVC": "invoice", "CREN": "credit_note",
    "CNFA": "credit_note", "DEBN": "debit_note", "DNFA": "debit_note", "SOAC": "statement", "PUOR": "purchase_order",
    "DISP": "dispatch_advice", "BOLD": "bill_of_lading", "CONT": "contract", "CMCN": "contract",
}  # fmt: skip
_NO_FAULT = re.compile(
    r"\?(?:REJECT|ERROR)\?0{1,6}", re.ASCII
).fullmatch  # Swiss slips: "read without a fault"
_AMOUNTS = ("DuePyblAmt", "DscntApldAmt", "CdtNoteAmt", "AdjstmntAmtAndRsn", "RmtdAmt")


def creditor_reference(part: Node) -> str:
    """The creditor's reference of one Strd, blanks removed (a free text keeps them)."""
    found = first_text(part, ("CdtrRefInf", "Ref"), ("CdtrRefInf", "CdtrRef"))
    joined = "".join(found.split())
    return joined if joined.startswith("RF") or joined.isdigit() else found


def references(remittance: Node) -> list[str]:
    """All creditor references of a transaction, in order."""
    return [found for part in nodes(remittance, "Strd") if (found := creditor_reference(part))]


def free_text(remittance: Node) -> str:
    """The unstructured lines and the additional ones of structured parts, joined by blanks."""
    found = remittance.get("Ustrd", "")
    if found.__class__ is str and "Strd" not in remittance:
        return str(found)
    lines = (
        [found]
        if found.__class__ is str
        else [one for one in many(remittance, "Ustrd") if isinstance(one, str)]
    )
    if "Strd" in remittance:
        for part in nodes(remittance, "Strd"):
            lines += [one for one in many(part, "AddtlRmtInf") if isinstance(one, str) and not _NO_FAULT(one)]
    return " ".join(line for line in lines if line)


def documents(remittance: Node, currency: str, name: str, line: int) -> list[dict[str, str]]:
    """Rows for `remittances` of a transaction: one a referred document, or a reference with an amount of its own.

    A lone creditor reference without an amount is no row: it stands in `reference`. A part that has only a credit note's
    amount is money taken off: negative. Where one part names several documents its amounts stand on the first.
    """
    parts = nodes(remittance, "Strd")
    several = sum(1 for part in parts if creditor_reference(part)) > 1
    rows: list[dict[str, str]] = []
    for part in parts:
        amounts = (nodes(part, "RfrdDocAmt") or [{}])[0]
        stated = _stated(amounts, currency, name, line)
        named = nodes(part, "RfrdDocInf")
        reference = creditor_reference(part)
        if named:
            for one in named:
                rows.append(_document(one, reference, name, line) | stated)
                if stated:
                    stated = {"currency": stated["currency"]}
        elif stated or (several and reference):
            kind = "credit_note" if stated.get("gross", "").startswith("-") else "creditor_reference"
            rows.append({"reference": reference, "reference_kind": kind, **stated})
    return rows


def _document(one: Node, reference: str, name: str, line: int) -> dict[str, str]:
    code = first_text(
        one,
        ("Tp", "CdOrPrtry", "Cd"),
        ("Tp", "CdOrPrtry", "Prtry"),
        ("Tp", "Cd"),
        ("RfrdDocTp", "Cd"),
        ("RfrdDocTp", "Prtry"),
    )
    day = first_text(one, ("RltdDt", "Dt"), ("RltdDt",), ("RfrdDocRltdDt",))
    return {
        "reference": first_text(one, ("Nb",), ("RfrdDocNb",)),
        "reference_kind": DOCUMENT_KINDS.get(code, code.lower()),
        "document_date": day_of(day, name, line),
        "customer_reference": reference,
    }


def _stated(amounts: Node, currency: str, name: str, line: int) -> dict[str, str]:
    """gross, discount, deduction, reason and net as far as the payer states them; {} for nothing."""
    if not any(tag in amounts for tag in _AMOUNTS):
        return {}
    due = _sum(amounts, "DuePyblAmt", name, line)
    discount = _sum(amounts, "DscntApldAmt", name, line)
    note = _sum(amounts, "CdtNoteAmt", name, line)
    net = _sum(amounts, "RmtdAmt", name, line)
    found = next(
        (one["@Ccy"] for tag in _AMOUNTS for one in _leaves(amounts, tag) if one.get("@Ccy")), currency
    )
    fields = {"currency": found}
    if note is not None and due is None and net is None:
        return fields | {"gross": shortened(-note), "net": shortened(-note), "reason": "credit_note"}
    deduction, reasons, texts = _adjustments(amounts, name, line)
    if note is not None:
        deduction = (deduction or Decimal(0)) + note
        reasons.insert(0, "credit_note")
    if (
        deduction is not None
        and due is not None
        and net is not None
        and due - (discount or 0) + deduction == net
    ):
        deduction = -deduction  # some banks give the sign the other way round; the payer's own sum decides
    for key, value in (("gross", due), ("discount", discount), ("deduction", deduction), ("net", net)):
        if value is not None:
            fields[key] = shortened(value)
    fields["reason"], fields["reason_text"] = " ".join(reasons), " ".join(texts)
    return fields


def _leaves(amounts: Node, tag: str) -> list[Node]:
    """The amounts under a name: directly, or one level below (later versions of the discount, and adjustments)."""
    found: list[Node] = []
    for one in many(amounts, tag):
        if isinstance(one, dict):
            inner = [part for part in many(one, "Amt") if isinstance(part, dict)]
            found += inner or ([one] if one.get("") else [])
    return found


def _sum(amounts: Node, tag: str, name: str, line: int) -> Decimal | None:
    leaves = _leaves(amounts, tag)
    return sum((amount_of(one.get("", ""), name, line) for one in leaves), Decimal(0)) if leaves else None


def _adjustments(amounts: Node, name: str, line: int) -> tuple[Decimal | None, list[str], list[str]]:
    """What was taken off (added: negative), with reason codes and texts."""
    total: Decimal | None = None
    reasons: list[str] = []
    texts: list[str] = []
    for one in nodes(amounts, "AdjstmntAmtAndRsn"):
        value = _sum({"Amt": one.get("Amt", "")}, "Amt", name, line)
        if value is None:
            continue
        total = (total or Decimal(0)) + (-value if text(one, "CdtDbtInd") == "CRDT" else value)
        reasons += [found for found in many(one, "Rsn") if isinstance(found, str) and found]
        texts += [found for found in many(one, "AddtlInf") if isinstance(found, str) and found]
    return total, reasons, texts
