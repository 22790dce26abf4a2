"""EDIFACT REMADV, remittance advice: payments and the documents that they pay. Floor 2.

An advice that refuses documents (paid 0 of 50) is one with a net of nothing and the whole as a deduction with its reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import BinaryIO

from arlib.errors import SourceError
from arlib.sources.edi import edifact
from arlib.sources.edi.characters import amount_of, content_of, iso_day, joined, text_of
from arlib.sources.edi.edifact import Message, Segment
from arlib.sources.forms.amounts import plain
from arlib.sources.forms.form import Form, Row

# What a monetary amount (data element 5025) is of a document, the first that is there counts.
_GROSS = ("9", "39", "77", "128", "86", "38")
_NET = ("12", "11", "143", "139")
_DISCOUNT = ("52", "53", "109", "138", "21")
_DEDUCTION = ("165", "204")
_KNOWN = frozenset((*_GROSS, *_NET, *_DISCOUNT, *_DEDUCTION))
_DATES = ("209", "203", "138", "140", "137")
_KINDS = {
    "380": "invoice", "384": "invoice", "386": "invoice", "389": "invoice", "393": "invoice", "457": "invoice",
    "381": "credit_memo", "396": "credit_memo", "261": "credit_memo", "383": "debit_memo", "481": "remittance",
}  # fmt: skip
_PAYERS, _PAYEES = ("PR", "BY", "IV", "MS"), ("PE", "SU", "SE", "MR")
_SILENT = frozenset(("UNS", "PAI", "BUS", "CTA", "COM", "LOC", "PAT", "GIS", "CNT", "AUT", "DLI", "INP"))


@dataclass
class _Document:
    line: int
    kind: str
    reference: str
    date: str = ""
    customer: str = ""
    amounts: dict[str, Decimal] = field(default_factory=dict)
    adjusted: list[Decimal] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def first(self, kinds: tuple[str, ...]) -> Decimal | None:
        return next((self.amounts[kind] for kind in kinds if kind in self.amounts), None)

    @property
    def is_credit(self) -> bool:
        return _KINDS.get(self.kind) == "credit_memo"


def claims(head: bytes) -> bool:
    """Any EDIFACT: what is no remittance advice is refused in words."""
    return edifact.is_edifact(head)


def rows(stream: BinaryIO, name: str) -> Iterator[Row]:
    """Payments and remittances of every REMADV of a file. Raises SourceError where there is none, or it is cut."""
    data = content_of(stream, name)
    found, remarks = edifact.messages(text_of(data, name, declared=edifact.declared_code(data)), name)
    own = [one for one in found if one.kind == "REMADV"]
    if not own:
        raise SourceError(
            f"is {edifact.described([one.kind for one in found])}, not a remittance advice",
            where=name,
            wanted="a remittance advice (REMADV)",
        )
    for number, one in enumerate(own, start=1):
        yield from _Advice(name, one).rows(str(number))
    for kind, count in sorted(Counter(one.kind for one in found if one.kind != "REMADV").items()):
        line = next(one.line for one in found if one.kind == kind)
        yield _remark(line, "other_message", "UNH 2", f"{count} of {edifact.described([kind])}", "REMADV")
    yield from remarks


class _Advice:
    """One message, read segment by segment."""

    def __init__(self, name: str, message: Message) -> None:
        self.name, self.message = name, message
        self.fields: dict[str, str] = {}
        self.names: dict[str, tuple[str, str]] = {}
        self.dates: dict[str, str] = {}
        self.header: dict[str, Decimal] = {}
        self.summary: dict[str, Decimal] = {}
        self.documents: list[_Document] = []
        self.level = "header"  # header, document, adjustment, summary
        self.passed: Counter[str] = Counter()
        self.remarks: list[Row] = []
        for segment in message.segments:
            if segment.tag == "UNS":
                self.level = "summary"
            if segment.tag in _TAKEN:
                _TAKEN[segment.tag](self, segment)
            elif segment.tag not in _SILENT:
                self.passed[segment.tag] += 1
        if self.passed:
            found = ", ".join(f"{tag} {count}" for tag, count in sorted(self.passed.items()))
            self._note(message.line, "segments_not_read", "segment", found, "DOC and what belongs to it")

    def _bgm(self, segment: Segment) -> None:
        self.fields["reference"] = segment.at(2)
        self.fields["trace"] = segment.at(2)

    def _dtm(self, segment: Segment) -> None:
        day = iso_day(segment.at(1, 2))
        if self.level == "header" and day:
            self.dates.setdefault(segment.at(1), day)
        elif self.level == "document" and segment.at(1) in ("137", "3", "171"):
            self.documents[-1].date = self.documents[-1].date or day

    def _rff(self, segment: Segment) -> None:
        kind, value = segment.at(1), segment.at(1, 2)
        if self.level == "header" and kind in ("PQ", "CK", "TN", "AEK"):
            self.fields["trace"] = value
        elif self.level in ("document", "adjustment") and kind in ("IT", "ON", "CO", "AVC"):
            self.documents[-1].customer = self.documents[-1].customer or value

    def _nad(self, segment: Segment) -> None:
        if self.level == "header":
            name = joined([segment.at(4, 1), segment.at(4, 2)], " ") or joined(
                [segment.at(3, place) for place in range(1, 6)], " "
            )
            self.names.setdefault(segment.at(1), (name, segment.at(2)))

    def _fii(self, segment: Segment) -> None:
        if self.level != "header":
            return
        account = segment.at(2).replace(" ", "")
        if segment.at(1) in ("PB", "OR", "PR"):
            self.fields["payer_account"] = account
        elif segment.at(1) in ("RB", "BF", "PE"):
            self.fields["payee_account"] = account

    def _cux(self, segment: Segment) -> None:
        if self.level == "header":
            codes = [(segment.at(place, 3) == "11", segment.at(place, 2).upper()) for place in (1, 2)]
            code = next((code for is_paid, code in codes if is_paid), codes[0][1])
            self.fields["currency"] = self.fields.get("currency") or code

    def _doc(self, segment: Segment) -> None:
        self.level = "document"
        self.documents.append(_Document(segment.line, segment.at(1), segment.at(2)))

    def _ajt(self, segment: Segment) -> None:
        if self.documents and self.level in ("document", "adjustment"):
            self.level = "adjustment"
            self.documents[-1].reasons.append(segment.at(1))

    def _ftx(self, segment: Segment) -> None:
        text = joined([segment.at(4, place) for place in range(1, 6)], " ") or segment.at(3)
        if self.level in ("document", "adjustment"):
            self.documents[-1].texts.append(text)
        elif self.level == "header":
            self.fields["remittance_text"] = joined([self.fields.get("remittance_text", ""), text])

    def _moa(self, segment: Segment) -> None:
        kind, text = segment.at(1), segment.at(1, 2)
        if not text:
            return
        line, code = segment.line, segment.at(1, 3).upper()
        value = amount_of(text, where=self.name, line=line, comma="," in text or self.message.has_comma)
        self.fields["currency"] = self.fields.get("currency") or code
        if code and code != self.fields["currency"]:
            found = f"MOA {kind}: {plain(value)} {code}"
            self._note(line, "amount_in_another_currency", "MOA", found, self.fields["currency"])
            return
        if self.level == "adjustment" and kind not in (*_GROSS, *_NET):
            self.documents[-1].adjusted.append(value)
            return
        held = self.header if self.level == "header" else self.summary
        held = self.documents[-1].amounts if self.level in ("document", "adjustment") else held
        if held.setdefault(kind, value) != value:
            self._note(
                line, "amount_twice", f"MOA {kind}", plain(value), f"{plain(held[kind])}, which stands"
            )

    def rows(self, number: str) -> list[Row]:
        """The payment's row, its remittances and remarks."""
        total = next(
            (held[kind] for held in (self.summary, self.header) for kind in _NET if kind in held), None
        )
        signs = self._signs(total)
        nets = [one.first(_NET) for one in self.documents]
        net = sum((sign * (value or Decimal(0)) for sign, value in zip(signs, nets, strict=True)), Decimal(0))
        state, gap = self._state(total, net, nets)
        payer = next((self.names[key] for key in _PAYERS if key in self.names), ("", ""))
        payee = next((self.names[key] for key in _PAYEES if key in self.names), ("", ""))
        currency = self.fields.get("currency", "")
        fields = {
            **self.fields, "payment": number, "currency": currency,
            "date": next((self.dates[key] for key in _DATES if key in self.dates), ""),
            "amount": "" if total is None else plain(total), "payer_name": payer[0], "payer_id": payer[1],
            "payee_name": payee[0], "entries": str(len(self.documents)), "net": plain(net), "state": state,
            "difference": gap,
        }  # fmt: skip
        made: list[Row] = [("payments", self.message.line, fields)]
        for place, (one, sign) in enumerate(zip(self.documents, signs, strict=True), start=1):
            about = {"payment": number, "remittance_line": str(place), "currency": currency}
            made.append(("remittances", one.line, {**about, **self._line(one, sign)}))
        self._gross_total(signs)
        return made + self.remarks

    def _signs(self, total: Decimal | None) -> list[int]:
        """-1 for a credit memo that is written without a sign, where only so the payment adds up."""
        plus = [1] * len(self.documents)
        turned = [-1 if one.is_credit and (one.first(_NET) or 0) > 0 else 1 for one in self.documents]
        if total is None or -1 not in turned:
            return plus
        nets = [one.first(_NET) or Decimal(0) for one in self.documents]
        if sum(nets) != total and sum(sign * net for sign, net in zip(turned, nets, strict=True)) == total:
            found = f"{turned.count(-1)} credit memos"
            self._note(
                self.message.line,
                "credits_without_sign",
                "MOA 12",
                found,
                "a minus; read as amounts taken off",
            )
            return turned
        return plus

    def _line(self, one: _Document, sign: int) -> dict[str, str]:
        shown: Callable[[Decimal | None], str] = lambda value: "" if value is None else plain(sign * value)  # noqa: E731
        gross, net, discount = one.first(_GROSS), one.first(_NET), one.first(_DISCOUNT)
        deduction = one.first(_DEDUCTION)
        if one.adjusted:
            deduction = sum(one.adjusted, deduction or Decimal(0))
        others = {kind: value for kind, value in one.amounts.items() if kind not in _KNOWN}
        is_explained = bool(one.reasons)
        if deduction is None and is_explained and gross is not None and net is not None:
            deduction = gross - (discount or Decimal(0)) - net
        elif deduction is None and is_explained and len(others) == 1:
            kind, deduction = next(iter(others.items()))
            self._note(
                one.line, "amount_read_as_deduction", f"MOA {kind}", plain(deduction), "MOA 165 below AJT"
            )
        elif others:
            found = ", ".join(f"MOA {kind}: {plain(value)}" for kind, value in sorted(others.items()))
            self._note(
                one.line, "amounts_not_read", "MOA", found, f"one of {', '.join((*_GROSS[:1], *_NET[:2]))}"
            )
        return {
            "reference": one.reference, "reference_kind": _KINDS.get(one.kind, one.kind), "document_date": one.date,
            "gross": shown(gross), "discount": shown(discount), "deduction": shown(deduction),
            "reason": joined(one.reasons, " "), "reason_text": joined(one.texts), "net": shown(net),
            "customer_reference": one.customer,
        }  # fmt: skip

    def _state(self, total: Decimal | None, net: Decimal, nets: list[Decimal | None]) -> tuple[str, str]:
        if not self.documents:
            self._note(self.message.line, "payment_without_documents", "DOC", "none", "what is paid")
            return "no entries", ""
        if total is None or any(value is None for value in nets):
            self._note(
                self.message.line, "paid_amount_not_stated", "MOA 12", "", "an amount paid for each document"
            )
            return "not stated", ""
        if total != net:
            wanted = f"{plain(net)}, the sum of its documents"
            self._note(self.message.line, "payment_does_not_add_up", "MOA 12", plain(total), wanted)
        return ("ties" if total == net else "differs"), plain(total - net)

    def _gross_total(self, signs: list[int]) -> None:
        stated = self.summary.get("9", self.header.get("9"))
        own = [one.amounts.get("9") for one in self.documents]
        if stated is None or not own or any(value is None for value in own):
            return
        total = sum(
            (sign * (value or Decimal(0)) for sign, value in zip(signs, own, strict=True)), Decimal(0)
        )
        if total != stated:
            self._note(self.message.line, "total_differs", "MOA 9", plain(stated), f"{plain(total)} as read")

    def _note(self, line: int, code: str, column: str, found: str, wanted: str) -> None:
        self.remarks.append(_remark(line, code, column, found, wanted))


_TAKEN = {
    "BGM": _Advice._bgm, "DTM": _Advice._dtm, "RFF": _Advice._rff, "NAD": _Advice._nad, "FII": _Advice._fii,
    "CUX": _Advice._cux, "DOC": _Advice._doc, "AJT": _Advice._ajt, "FTX": _Advice._ftx, "MOA": _Advice._moa,
}  # fmt: skip


def _remark(line: int, code: str, column: str, found: str, wanted: str) -> Row:
    return ("remarks", line, {"code": code, "column": column, "found": found, "wanted": wanted})


FORM = Form(
    name="edifact-remadv",
    title="EDIFACT remittance advice (REMADV)",
    family="remittance",
    claims=claims,
    rows=rows,
)
