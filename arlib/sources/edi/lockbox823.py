"""X12 823, lockbox: deposits, their batches, the cheques in them and what they pay. Floor 2.

A deposit (DEP) is a statement of kind lockbox, a batch (BAT) an entry, a payment (BPR) a detail and a payment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import BinaryIO

from arlib.errors import SourceError
from arlib.sources.edi import x12
from arlib.sources.edi.characters import amount_of, content_of, iso_day, text_of
from arlib.sources.edi.payment820 import PaymentReader
from arlib.sources.edi.x12 import Segment, Transaction
from arlib.sources.forms.amounts import plain
from arlib.sources.forms.form import Form, Row
from arlib.sources.forms.tally import Tally

_TOTALS = ("1", "TD", "TP", "TT", "1A", "N", "2")


def claims(head: bytes) -> bool:
    """X12 whose first transaction set is an 823, with an envelope or without."""
    return x12.is_x12(head) and x12.first_set(head) == "823"


def rows(stream: BinaryIO, name: str) -> Iterator[Row]:
    """Statements, entries, details, payments and remittances of every 823. Raises SourceError where it is cut."""
    sets, remarks = x12.transactions(text_of(content_of(stream, name), name), name)
    own = [one for one in sets if one.kind == "823"]
    if not own:
        raise SourceError(f"is {x12.described([one.kind for one in sets])}, not a lockbox", where=name)
    box = _Box(name)
    for one in own:
        yield from box.read(one)
    for kind, count in sorted(Counter(one.kind for one in sets if one.kind != "823").items()):
        line = next(one.line for one in sets if one.kind == kind)
        yield _remark(line, "other_transaction_set", "ST01", f"{count} of {x12.described([kind])}", "823")
    yield from remarks


class _Box:
    """The deposits of a file; numbers run on from one transaction set to the next."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.statements = self.payments = 0
        self.bank = self.currency = self.message = ""
        self._begin(None)

    def _begin(self, deposit: Segment | None) -> None:
        self.deposit = deposit
        self.entries = 0
        self.tally = Tally()
        self.stated: dict[str, str] = {}
        self.counted = 0
        self._open_batch(None)

    def _open_batch(self, batch: Segment | None) -> None:
        self.batch: Segment | None = batch
        self.readers: list[PaymentReader] = []
        self.total: Decimal | None = None

    def read(self, one: Transaction) -> Iterator[Row]:
        """The rows of one transaction set."""
        self.bank = self.currency = self.message = ""
        for segment in one.segments:
            if segment.tag == "DEP":
                yield from self._end_deposit(segment.line)
                self._begin(segment)
            elif segment.tag == "BAT":
                self._need_deposit(segment)
                yield from self._end_batch()
                self._open_batch(segment)
            elif segment.tag == "BPR":
                self._need_deposit(segment)
                reader = PaymentReader(self.name, segment.line)
                reader.payment.fields["currency"] = self.currency
                reader.take(segment)
                self.readers.append(reader)
            elif self.readers:
                self._of_payment(segment)
            else:
                self._of_header(segment)
        if self.deposit is None:
            raise SourceError(
                "a lockbox (823) without a deposit (DEP)", where=f"{self.name}, line {one.line}"
            )
        yield from self._end_deposit(one.line)
        self._begin(None)

    def _need_deposit(self, segment: Segment) -> None:
        if self.deposit is None:
            raise SourceError(
                f"{segment.tag} before any deposit (DEP)",
                where=f"{self.name}, line {segment.line}",
                wanted="DEP",
            )

    def _of_payment(self, segment: Segment) -> None:
        fields = self.readers[-1].payment.fields
        if segment.tag == "N1" and segment.at(1) in ("PE", "PR", "RM") and not fields.get("payer_name"):
            fields["payer_name"] = segment.at(2)  # of a cheque in a lockbox only the payer is of interest
            fields["payer_id"] = segment.at(4) or fields.get("payer_id", "")
            return
        self.readers[-1].take(segment)

    def _of_header(self, segment: Segment) -> None:
        if segment.tag == "N1" and self.deposit is None:
            self.bank = self.bank or segment.at(2)
        elif segment.tag == "CUR":
            self.currency = segment.at(2).upper()
        elif segment.tag == "TRN" and self.deposit is None:
            self.message = segment.at(2)
        elif segment.tag == "AMT" and segment.at(1) in _TOTALS:
            value = amount_of(segment.at(2), where=self.name, line=segment.line)
            if self.batch is None and self.deposit is not None:
                self.stated.setdefault("stated_net", plain(value))
            else:
                self.total = value if self.total is None else self.total
        elif segment.tag == "QTY" and self.deposit is not None and self.batch is None:
            self.stated.setdefault("cheques", segment.at(2))

    def _account(self) -> str:
        """The account that is credited; where none is stated the number of the lockbox stands for it."""
        given = (self.deposit.at(8) or self.deposit.at(1)) if self.deposit else ""
        return given.replace(" ", "")

    def _end_batch(self) -> Iterator[Row]:
        if self.batch is None and not self.readers:
            return
        assert self.deposit is not None
        self.entries += 1
        statement, entry = str(self.statements + 1), str(self.entries)
        account = self._account()
        day = iso_day((self.batch or self.deposit).at(1 if self.batch else 2)) or iso_day(self.deposit.at(2))
        total = Decimal(0)
        made: list[Row] = []
        for place, reader in enumerate(self.readers, start=1):
            self.payments += 1
            notes = reader.notes()
            payment = reader.payment
            payment.fields |= {
                "account": account,
                "payee_account": account,
                "date": payment.fields.get("date") or day,
            }
            amount = payment.amount or Decimal(0)
            amount = -amount if payment.is_debit else amount
            total += amount
            fields = payment.fields
            shared = {"statement": statement, "account": account, "line": entry, "detail": str(place)}
            detail = {
                **shared, "currency": self.currency, "booking_date": day, "value_date": fields["date"],
                "amount": plain(amount), "kind": "receipt", "payer_name": fields.get("payer_name", ""),
                "payer_account": fields.get("payer_account", ""), "reference": fields.get("trace", ""),
                "remittance_text": fields.get("remittance_text", ""), "bank_reference": fields.get("reference", ""),
            }  # fmt: skip
            made.append(("details", payment.line, detail))
            made += payment.rows(str(self.payments), statement=statement, entry=entry, detail=str(place))
            made += notes
        self.tally.add(plain(total))
        self.counted += len(self.readers)
        line = (self.batch or self.deposit).line
        entry_fields = {
            "statement": statement, "account": account, "line": entry, "currency": self.currency,
            "booking_date": day, "value_date": day, "amount": plain(total), "kind": "receipt", "status": "booked",
            "bank_reference": self.batch.at(3) if self.batch else "", "batch_count": str(len(self.readers)),
        }  # fmt: skip
        yield ("entries", line, entry_fields)
        yield from made
        if self.total is not None and self.total != total:
            yield _remark(line, "batch_total_differs", "AMT02", plain(self.total), f"{plain(total)} as read")
        self._open_batch(None)

    def _end_deposit(self, line: int) -> Iterator[Row]:
        if self.deposit is None:
            return
        yield from self._end_batch()
        day = iso_day(self.deposit.at(2))
        cheques = self.stated.pop("cheques", "")
        fields = {
            **self.stated, "statement": str(self.statements + 1), "account": self._account(),
            "account_name": self.deposit.at(1), "bank": self.bank or self.deposit.at(6), "currency": self.currency,
            "number": self.deposit.at(1), "message_id": self.message, "kind": "lockbox", "from_date": day,
            "to_date": day,
        }  # fmt: skip
        yield from self.tally.close(fields, self.deposit.line)
        if cheques.isdigit() and cheques.lstrip("0") != (str(self.counted) if self.counted else ""):
            yield _remark(line, "count_differs", "QTY02", cheques, f"{self.counted} payments as read")
        self.statements += 1


def _remark(line: int, code: str, column: str, found: str, wanted: str) -> Row:
    return ("remarks", line, {"code": code, "column": column, "found": found, "wanted": wanted})


FORM = Form(name="x12-823", title="X12 823 lockbox", family="bank", claims=claims, rows=rows)
