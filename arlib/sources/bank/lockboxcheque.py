"""A lockbox cheque with the invoices on it, as detail, payment and remittances. Floor 2."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from arlib.sources.bank import lockboxlayout as layout
from arlib.sources.bank.fixedtext import day_of, implied, is_number, remark
from arlib.sources.forms.form import Row


@dataclass
class Cheque:
    """A detail record (6) and what its overflow records (4) gave so far."""

    fields: dict[str, str]
    cents: int
    line: int
    invoices: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    is_last: bool = True
    sequence: int = 0


def invoice_of(text: str) -> dict[str, str]:
    """The document of an overflow record. Ten digits in columns 28 to 37 are what is paid on it (BAI2); else the record
    holds its number only (BAI)."""
    wide = layout.cut(text, layout.OVERFLOW_BAI2)
    if not is_number(wide["paid"]) or len(wide["paid"]) != 10:
        return {"reference": layout.cut(text, layout.OVERFLOW_BAI)["invoice"]}
    deduction = implied(wide["deduction"], layout.PLACES) if is_number(wide["deduction"]) else ""
    return {
        "reference": wide["invoice"], "net": implied(wide["paid"], layout.PLACES), "deduction": deduction,
        "reason": wide["reason"], "reason_text": wide["text"],
    }  # fmt: skip


def cheque_rows(
    cheque: Cheque, own: dict[str, str], *, payment: str, line: str, detail: str
) -> Iterator[Row]:
    """The rows of a cheque; `own` are the fields of its deposit. Where every document names what is paid on it, the
    payment says whether they add up to the cheque."""
    fields, day, amount = cheque.fields, own["to_date"], implied(str(cheque.cents), layout.PLACES)
    trace = fields["number"].lstrip("0") or fields["number"]
    # Columns 47 to 52 are the day of the cheque, month first; a bank that has none there prints its own text.
    printed = fields["day"]
    is_dated = bool(day_of(printed[4:6] + printed[:4])) or printed in ("", "000000")
    common = {
        "statement": own["statement"], "account": own["account"], "currency": own["currency"], "amount": amount,
        "payer_name": fields["name"] if is_dated else "",
        "payer_account": "/".join(part for part in (fields["routing"], fields["account"]) if part),
        "remittance_text": "" if is_dated else fields["rest"],
    }  # fmt: skip
    yield "details", cheque.line, {
        **common, "line": line, "detail": detail, "booking_date": day, "value_date": day, "kind": "receipt",
        "reference": trace,
    }  # fmt: skip
    nets = [invoice.get("net", "") for _, invoice in cheque.invoices]
    paid = sum(int(net.replace(".", "")) for net in nets if net)
    is_stated, gap = bool(nets) and all(nets), cheque.cents - paid
    yield "payments", cheque.line, {
        **common, "payment": payment, "date": day, "method": "cheque", "trace": trace,
        "payee_name": fields["payee"] if is_dated else "", "entries": str(len(nets)) if nets else "",
        "net": implied(str(paid), layout.PLACES) if is_stated else "",
        "state": "not stated" if not is_stated else "differs" if gap else "ties",
        "difference": implied(str(gap), layout.PLACES) if is_stated else "",
    }  # fmt: skip
    keys = {"payment": payment, "statement": own["statement"], "line": line, "detail": detail}
    for number, (at, invoice) in enumerate(cheque.invoices, 1):
        yield (
            "remittances",
            at,
            keys | invoice | {"remittance_line": str(number), "currency": own["currency"]},
        )
    if not cheque.is_last:
        wanted = "9 on the last overflow record"
        yield remark(cheque.line, "overflow_incomplete", column="record 4", found=trace, wanted=wanted)
