"""One payment of an X12 advice with the documents that it pays, and whether they add up to it. Floor 2.

By the standard RMR04 is what is paid of a document, RMR05 what it is for, RMR06 the discount taken, and an ADX inside of the
document's loop says why the two differ. Senders also use an ADX as a line of its own, and some write RMR04 and RMR05 the
other way round. What is meant is taken from the sums: a reading counts when it adds up to the payment and the standard's
does not; else the standard's stands, and the payment is said to differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from arlib.sources.edi.characters import joined
from arlib.sources.forms.amounts import plain
from arlib.sources.forms.form import Row

KINDS = {
    "IV": "invoice", "OI": "invoice", "IK": "invoice", "SI": "invoice", "PO": "purchase_order", "CM": "credit_memo",
    "CN": "credit_memo", "CL": "credit_memo", "DB": "debit_memo", "DM": "debit_memo", "DL": "debit_memo",
    "R7": "invoice", "AP": "accounts_receivable_number", "BM": "bill_of_lading", "SO": "order", "CT": "contract",
    "AZ": "policy", "1L": "policy", "11": "account", "12": "account", "14": "account",
}  # fmt: skip


@dataclass
class Adjustment:
    """An ADX: money, why, and for what."""

    amount: Decimal
    reason: str
    reference: str
    kind: str
    line: int
    text: str = ""


@dataclass
class Line:
    """An RMR with what belongs to it."""

    line: int
    kind: str
    reference: str
    paid: Decimal | None
    billed: Decimal | None
    discount: Decimal | None
    deduction: Decimal | None = None
    reason: str = ""
    entity_no: str = ""
    customer: str = ""
    date: str = ""
    texts: list[str] = field(default_factory=list)
    adjustments: list[Adjustment] = field(default_factory=list)

    @property
    def adjusted(self) -> Decimal:
        """All adjustments of the line."""
        return _total([one.amount for one in self.adjustments])

    @property
    def explained(self) -> Decimal | None:
        """The deduction, where the adjustments lead from what is billed to what is paid; with either sign."""
        if self.paid is None or self.billed is None or not self.adjustments:
            return None
        gap = self.billed - (self.discount or Decimal(0)) - self.paid
        return gap if abs(gap) == abs(self.adjusted) else None


@dataclass
class Payment:
    """A payment; `lines` and `adjustments` are what it is for. `fields` are those of the list of payments."""

    line: int
    fields: dict[str, str] = field(default_factory=dict)
    amount: Decimal | None = None
    is_debit: bool = False  # money is taken from the receiver of the advice
    lines: list[Line] = field(default_factory=list)
    adjustments: list[Adjustment] = field(default_factory=list)

    def rows(self, number: str, *, statement: str = "", entry: str = "", detail: str = "") -> list[Row]:
        """The payment's row, its remittances and remarks."""
        remarks: list[Row] = []
        own_lines = self._settled(remarks)
        net = _total([one.paid for one in self.lines if one.paid is not None])
        extra = [one.amount for line in self.lines for one in line.adjustments] if own_lines else []
        free = [one.amount for one in self.adjustments] if self._counts_free(net, _total(extra)) else []
        total = net + _total(extra) + _total(free)
        wanted = self.amount
        if self.is_debit and wanted is not None:
            remarks.append(_remark(self.line, "debit_advice", "BPR03", "D", "C, money that is paid"))
        state, difference = self._state(total, remarks)
        sign: Callable[[Decimal], str] = (lambda value: plain(-value)) if self.is_debit else plain
        shared = {
            "payment": number, "statement": statement, "line": entry, "detail": detail,
            "currency": self.fields.get("currency", ""),
        }  # fmt: skip
        made: list[Row] = [
            (
                "payments",
                self.line,
                {
                    **self.fields, "payment": number, "statement": statement,
                    "amount": "" if wanted is None else sign(wanted), "entries": str(len(self.lines)),
                    "net": sign(total), "state": state, "difference": difference and sign(Decimal(difference)),
                },
            )
        ]  # fmt: skip
        for one in self.lines:
            made += _line_rows(one, shared, sign, own=own_lines)
        made += [_adjustment_row(one, shared, sign, is_counted=bool(free)) for one in self.adjustments]
        places = (place for place in range(1, len(made)))
        for place in places:
            made[place][2]["remittance_line"] = str(place)
        return made + remarks

    def _settled(self, remarks: list[Row]) -> bool:
        """Find the reading that adds up; True where adjustments inside of lines are lines of their own."""
        wanted = self.amount
        if wanted is None:
            return False
        net = _total([one.paid for one in self.lines if one.paid is not None])
        free = _total([one.amount for one in self.adjustments])
        if wanted in (net, net + free):
            return False
        loose = _total([one.adjusted for one in self.lines])
        has_loose = any(one.adjustments for one in self.lines)
        if has_loose and wanted in (net + loose, net + loose + free):
            return True
        both = [one for one in self.lines if one.paid is not None and one.billed is not None]
        turned = all((one.paid or 0) - (one.discount or 0) == one.billed for one in both)
        gap = _total([(one.billed or Decimal(0)) - (one.paid or Decimal(0)) for one in both])
        if both and turned and wanted in (net + gap, net + gap + free):
            for one in both:
                one.paid, one.billed = one.billed, one.paid
            found = f"{len(both)} lines"
            remarks.append(
                _remark(self.line, "paid_and_billed_exchanged", "RMR04", found, "RMR04 paid, RMR05 billed")
            )
        return False

    def _counts_free(self, net: Decimal, extra: Decimal) -> bool:
        """Adjustments of the payment count unless it adds up without them."""
        free = _total([one.amount for one in self.adjustments])
        return bool(self.adjustments) and not (self.amount == net + extra and free)

    def _state(self, total: Decimal, remarks: list[Row]) -> tuple[str, str]:
        if not self.lines and not self.adjustments:
            remarks.append(_remark(self.line, "payment_without_documents", "RMR", "none", "what is paid"))
            return "no entries", ""
        if self.amount is None:
            return "not stated", ""
        gap = self.amount - total
        if gap:
            wanted = f"{plain(total)}, the sum of its documents"
            remarks.append(
                _remark(self.line, "payment_does_not_add_up", "amount", plain(self.amount), wanted)
            )
        return ("differs" if gap else "ties"), plain(gap)


def _line_rows(line: Line, shared: dict[str, str], sign: Callable[[Decimal], str], *, own: bool) -> list[Row]:
    deduction, reason, text = line.deduction, line.reason, list(line.texts)
    if line.adjustments and not own:
        explained = line.explained
        said = -line.adjusted if explained is None else explained
        deduction = said + (deduction or Decimal(0))
        reason = joined([reason, *(one.reason for one in line.adjustments)], " ")
        text += [joined([one.text, one.reference], " ") for one in line.adjustments]
    if line.paid is None and line.reference:
        text.append("no amount stated")
    fields = {
        **shared, "reference": line.reference, "reference_kind": KINDS.get(line.kind, line.kind),
        "document_date": line.date, "gross": _text(line.billed, sign), "discount": _text(line.discount, sign),
        "deduction": _text(deduction, sign), "reason": reason, "reason_text": joined(text),
        "net": _text(line.paid, sign), "entity_no": line.entity_no, "customer_reference": line.customer,
    }  # fmt: skip
    made: list[Row] = [("remittances", line.line, fields)]
    if own:
        for one in line.adjustments:
            about = {**shared, "entity_no": line.entity_no, "customer_reference": line.customer}
            made.append(_adjustment_row(one, about, sign, is_counted=True, of=line.reference))
    return made


def _adjustment_row(
    one: Adjustment, shared: dict[str, str], sign: Callable[[Decimal], str], *, is_counted: bool, of: str = ""
) -> Row:
    fields = {
        **shared, "reference": one.reference or of, "reference_kind": KINDS.get(one.kind, one.kind) or "adjustment",
        "deduction": sign(-one.amount), "reason": one.reason, "reason_text": one.text,
        "net": sign(one.amount) if is_counted else "",
    }  # fmt: skip
    return ("remittances", one.line, fields)


def _text(value: Decimal | None, sign: Callable[[Decimal], str]) -> str:
    return "" if value is None else sign(value)


def _total(values: list[Decimal]) -> Decimal:
    return sum(values, Decimal(0))


def _remark(line: int, code: str, column: str, found: str, wanted: str) -> Row:
    return ("remarks", line, {"code": code, "column": column, "found": found, "wanted": wanted})
