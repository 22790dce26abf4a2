"""X12 820, payment order and remittance advice: payments and the documents that they pay. Floor 2.

Read are BPR, TRN, CUR, REF, DTM, N1, ENT, NM1, RMR and ADX of any version; the item level (IT1, SLN) is not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import BinaryIO

from arlib.errors import SourceError
from arlib.sources.edi import x12
from arlib.sources.edi.characters import amount_of, clean, content_of, iso_day, joined, text_of
from arlib.sources.edi.remitted import Adjustment, Line, Payment
from arlib.sources.edi.x12 import Segment, Transaction
from arlib.sources.forms.form import Form, Row

_PAYERS, _PAYEES = ("PR", "RM", "OB"), ("PE", "RE")
_ACCOUNT_MARKS = ("DA", "SG", "ALC", "RTN")
_ITEMS = ("IT1", "SLN", "IT3", "SAC", "TXI", "PID", "SDQ", "LOOP")
_SILENT = ("N2", "N3", "N4", "PER", "RDM", "LS", "LE", "NTE")
_LEVEL_DATES = ("003", "011", "814")
_PAYMENT_DATES = ("007", "009", "097", "405")
_FRAGMENT = re.compile(r"\s*(?:BPR|TRN|ENT|RMR|REF|DTM|N1|ADX|NTE)([^A-Za-z0-9\s,;\"'])")


def claims(head: bytes) -> bool:
    """Any X12 but a lockbox: what is no remittance is refused in words."""
    return x12.is_x12(head) and x12.first_set(head) != "823"


def rows(stream: BinaryIO, name: str) -> Iterator[Row]:
    """Payments and remittances of every 820 of a file. Raises SourceError where there is none, or it is cut."""
    yield from read_text(text_of(content_of(stream, name), name), name)


def read_text(text: str, name: str) -> Iterator[Row]:
    """Rows of an 820 given as text: with its envelope, from GS or ST on, or the bare payment segments that the
    addenda of an ACH payment carry. Each 820 (or bare piece) gives one payment, numbered from 1.

    Raises SourceError for other transaction sets, a cut file or an amount that is none.
    """
    if found := _FRAGMENT.match(text):
        sets, remarks = _bare(text, found.group(1), name), list[Row]()
    else:
        sets, remarks = x12.transactions(text, name)
    own = [one for one in sets if one.kind == "820"]
    if not own:
        raise SourceError(
            f"is {x12.described([one.kind for one in sets])}, not a remittance",
            where=name,
            wanted="a remittance (820)",
        )
    for number, one in enumerate(own, start=1):
        payment, notes = _read(one, name)
        yield from payment.rows(str(number))
        yield from notes
    others = Counter(one.kind for one in sets if one.kind != "820")
    for kind, count in sorted(others.items()):
        line = next(one.line for one in sets if one.kind == kind)
        yield _remark(line, "other_transaction_set", "ST01", f"{count} of {x12.described([kind])}", "820")
    yield from remarks


def _bare(text: str, mark: str, name: str) -> list[Transaction]:
    """Segments without any envelope: the terminator is the one that leaves a known tag before each piece."""
    for end in ("\\", "~", "\n", "\r", "'", "!"):
        pieces = [piece.strip() for piece in text.split(end)]
        filled = [piece for piece in pieces if piece]
        if len(pieces) > 1 and all(x12._TAG.fullmatch(piece.partition(mark)[0]) for piece in filled):
            break
    else:
        raise SourceError(
            "its segments do not end in a known way", where=name, found=text[:40], wanted="\\ or ~"
        )
    found = [
        Segment(parts[0], tuple(clean(part) for part in parts[1:]), 1)
        for parts in (piece.split(mark) for piece in filled)
    ]
    if pieces[-1]:
        raise SourceError("is cut inside a segment", where=name, found=pieces[-1][:40])
    return [Transaction("820", "", "", 1, found)]


def _read(one: Transaction, name: str) -> tuple[Payment, list[Row]]:
    reader = PaymentReader(name, one.line)
    for segment in one.segments:
        reader.take(segment)
    return reader.payment, reader.notes()


class PaymentReader:
    """Takes the segments of one payment in their order."""

    def __init__(self, name: str, line: int) -> None:
        """Begin before the first segment."""
        self.name = name
        self.payment = Payment(line)
        self.level = "header"  # header, entity, line, item
        self.entity = ("", "")
        self.references: list[tuple[str, str]] = []
        self.dates: dict[str, str] = {}
        self.passed: Counter[str] = Counter()
        self.remarks: list[Row] = []
        self.adjustment: Adjustment | None = None

    def take(self, segment: Segment) -> None:
        """Read one segment; one that is not known is counted."""
        if segment.tag in _TAKEN:
            _TAKEN[segment.tag](self, segment)
        elif segment.tag in _ITEMS:
            self.level = "item"
            self.passed[segment.tag] += 1
        elif segment.tag not in _SILENT:
            self.passed[segment.tag] += 1
        elif segment.tag == "NTE" and self.level != "item":
            self._text(segment.at(2))

    def notes(self) -> list[Row]:
        """What was passed over, and settles what the header says."""
        fields = self.payment.fields
        if not fields.get("date"):
            fields["date"] = next((self.dates[key] for key in _PAYMENT_DATES if key in self.dates), "")
        checks = [value for kind, value in self.references if kind == "CK"]
        fields["reference"] = (checks or [value for _, value in self.references] or [""])[0]
        if self.passed:
            found = ", ".join(f"{tag} {count}" for tag, count in sorted(self.passed.items()))
            wanted = "RMR and ADX, which are read"
            self.remarks.append(_remark(self.payment.line, "segments_not_read", "segment", found, wanted))
        return self.remarks

    def _amount(self, segment: Segment, place: int) -> Decimal | None:
        text = segment.at(place)
        return amount_of(text, where=self.name, line=segment.line) if text else None

    def _bpr(self, segment: Segment) -> None:
        own = self.payment
        if own.amount is not None:
            raise SourceError("a second payment (BPR) in one set", where=f"{self.name}, line {segment.line}")
        own.line = segment.line
        own.amount = self._amount(segment, 2)
        if own.amount is None:
            raise SourceError("a payment (BPR) without an amount", where=f"{self.name}, line {segment.line}")
        own.is_debit = segment.at(3) == "D"
        payer, payee = segment.at(9).replace(" ", ""), segment.at(15).replace(" ", "")
        if payer in _ACCOUNT_MARKS or payee in _ACCOUNT_MARKS:
            wanted = "an account number in BPR09 and BPR15"
            self.remarks.append(_remark(segment.line, "account_out_of_place", "BPR", payer or payee, wanted))
            payer, payee = ("" if account in _ACCOUNT_MARKS else account for account in (payer, payee))
        own.fields |= {
            "date": iso_day(segment.at(16)), "method": segment.at(4), "payer_id": segment.at(10)[:10],
            "payer_account": payer, "payee_account": payee,
        }  # fmt: skip
        if segment.at(10) == segment.at(16) or (not segment.at(16) and iso_day(segment.at(10))):
            own.fields["payer_id"] = ""
            own.fields["date"] = own.fields["date"] or iso_day(segment.at(10))

    def _trn(self, segment: Segment) -> None:
        if self.level == "header" and not self.payment.fields.get("trace"):
            self.payment.fields["trace"] = segment.at(2)

    def _cur(self, segment: Segment) -> None:
        code = segment.at(2).upper()
        if self.level == "header" or not self.payment.fields.get("currency"):
            self.payment.fields["currency"] = code
        elif code != self.payment.fields["currency"]:
            raise SourceError(
                "another currency below the payment",
                where=f"{self.name}, line {segment.line}",
                found=code,
                wanted=self.payment.fields.get("currency", "")
                or "one currency a payment (CUR before ENT and RMR)",
            )

    def _n1(self, segment: Segment) -> None:
        who = "payer" if segment.at(1) in _PAYERS else "payee" if segment.at(1) in _PAYEES else ""
        if self.level != "header" or not who:
            return
        self.payment.fields[f"{who}_name"] = segment.at(2)
        if who == "payer" and segment.at(4):
            self.payment.fields["payer_id"] = segment.at(4)

    def _ent(self, segment: Segment) -> None:
        self.level, self.adjustment = "entity", None
        self.entity = (segment.at(1), segment.at(4))

    def _nm1(self, segment: Segment) -> None:
        if self.level == "entity" and segment.at(9):
            self.entity = (self.entity[0], segment.at(9))

    def _rmr(self, segment: Segment) -> None:
        self.level, self.adjustment = "line", None
        line = Line(
            segment.line, segment.at(1), segment.at(2), self._amount(segment, 4), self._amount(segment, 5),
            self._amount(segment, 6), entity_no=self.entity[0], customer=self.entity[1], reason=segment.at(7),
        )  # fmt: skip
        said = self._amount(segment, 8)
        line.deduction = None if said is None else abs(said)
        self.payment.lines.append(line)

    def _adx(self, segment: Segment) -> None:
        amount = self._amount(segment, 1)
        if amount is None:
            raise SourceError(
                "an adjustment (ADX) without an amount", where=f"{self.name}, line {segment.line}"
            )
        one = Adjustment(amount, segment.at(2), segment.at(4), segment.at(3), segment.line)
        is_inside = self.level in ("line", "item") and self.payment.lines
        (self.payment.lines[-1].adjustments if is_inside else self.payment.adjustments).append(one)
        self.adjustment = one
        if self.level == "item":
            self.level = "line"

    def _ref(self, segment: Segment) -> None:
        value = joined([segment.at(2), segment.at(3)], " ")
        if self.adjustment is not None:
            self.adjustment.reference = self.adjustment.reference or segment.at(2)
        elif self.level == "header":
            self.references.append((segment.at(1), segment.at(2)))
        elif self.level == "line" and segment.at(1) in ("PO", "OI", "CO", "CR") and not self.entity[1]:
            self.payment.lines[-1].customer = segment.at(2)
        elif self.level == "line":
            self.payment.lines[-1].texts.append(value)

    def _dtm(self, segment: Segment) -> None:
        day = iso_day(segment.at(2))
        if self.level == "header" and day:
            self.dates.setdefault(segment.at(1), day)
        elif self.level == "line" and self.adjustment is None and segment.at(1) in _LEVEL_DATES:
            self.payment.lines[-1].date = day

    def _text(self, text: str) -> None:
        if self.adjustment is not None:
            self.adjustment.text = joined([self.adjustment.text, text])
        elif self.level == "line":
            self.payment.lines[-1].texts.append(text)
        elif self.level == "header":
            fields = self.payment.fields
            fields["remittance_text"] = joined([fields.get("remittance_text", ""), text])


_TAKEN = {
    "BPR": PaymentReader._bpr, "TRN": PaymentReader._trn, "CUR": PaymentReader._cur, "N1": PaymentReader._n1,
    "ENT": PaymentReader._ent, "NM1": PaymentReader._nm1, "RMR": PaymentReader._rmr, "ADX": PaymentReader._adx,
    "REF": PaymentReader._ref, "DTM": PaymentReader._dtm,
}  # fmt: skip


def _remark(line: int, code: str, column: str, found: str, wanted: str) -> Row:
    return ("remarks", line, {"code": code, "column": column, "found": found, "wanted": wanted})


FORM = Form(name="x12-820", title="X12 820 remittance advice", family="remittance", claims=claims, rows=rows)
