"""Lockbox files, BAI and BAI2: cheques that the bank took in, by batch, with the invoices named on them. Floor 2.

A reader of our own: bai-lockbox 0.0.7 (2017) divides amounts as binary fractions, refuses small letters in names and
checks no total.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from arlib.errors import SourceError
from arlib.sources.bank import lockboxlayout as layout
from arlib.sources.bank.fixedtext import day_of, implied, is_number, lines_of, remark, text_of, time_of
from arlib.sources.bank.lockboxcheque import Cheque, cheque_rows, invoice_of
from arlib.sources.forms.form import Form, Row
from arlib.sources.forms.tally import Tally

# An ACH file begins alike, but has its record size where a lockbox header ends in blanks.
_HEAD = re.compile(rb"1[0-9 ]{2}[^\r\n]{20}[0-9]{10}[ \t]*(?:\r\n|\n|\r)[25][^\r\n]{13}", re.ASCII)
ORDER = "1, 2, 5, 6 and 4, 7, 8 and 9 in their order"


def claims(head: bytes) -> bool:
    """Whether the file begins with a lockbox header (1, addresses, day, time, blanks) and a record 2 or 5."""
    return bool(_HEAD.match(head))


def rows(stream: BinaryIO, name: str) -> Iterator[Row]:
    """What a lockbox file says: a statement a lockbox and deposit day, an entry a batch, a detail and a payment a cheque,
    a remittance an overflow record.

    Raises SourceError where the header, a lockbox total or the trailer is missing, or a field cannot be read. Wrong
    counts and totals are remarks.
    """
    text, notes = text_of(stream, name)
    yield from notes
    reader = _Reader(name)
    for number, line in enumerate(lines_of(text), 1):
        if line.strip(" \x1a"):
            yield from reader.take(number, line)
    reader.end()


@dataclass
class _Batch:
    number: str
    line: int
    cents: int = 0
    cheques: int = 0


@dataclass
class _Deposit:
    own: dict[str, str]
    lockbox: str
    line: int
    cents: int = 0
    cheques: int = 0
    batches: int = 0
    batch: _Batch | None = None
    tally: Tally = field(default_factory=Tally)


class _Reader:
    """The state between records: file, deposit, batch and cheque."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.header: dict[str, str] | None = None
        self.deposit: _Deposit | None = None
        self.cheque: Cheque | None = None
        self.statements = self.payments = self.records = 0
        self.is_over = False

    def take(self, line: int, text: str) -> Iterator[Row]:
        """The rows that a record completes."""
        steps = {
            "1": self._header, "2": self._service, "4": self._overflow, "5": self._open, "6": self._item,
            "7": self._batch_total, "8": self._lockbox_total, "9": self._trailer,
        }  # fmt: skip
        step = steps.get(text[:1])
        if step is None or self.is_over or (self.header is None) != (text[:1] == "1"):
            raise self._fault(line, "a record out of order", text[:1], ORDER)
        self.records += 1
        yield from step(line, text)

    def end(self) -> None:
        """Raises SourceError unless the file came to its end."""
        if not self.is_over:
            missing = "1" if self.header is None else "8" if self.deposit else "9"
            raise SourceError(
                f"ends without record {missing}: the file is cut",
                where=self.name,
                wanted=ORDER,
                fix="Fetch the file again.",
            )

    def _header(self, line: int, text: str) -> Iterator[Row]:
        self.header = layout.cut(text, layout.HEADER)
        if not day_of(self.header["day"]):
            raise self._fault(line, "the header has no day", self.header["day"], "YYMMDD")
        yield from ()

    def _service(self, line: int, text: str) -> Iterator[Row]:
        if self.deposit is not None:
            raise self._fault(line, "a record out of order", "2", ORDER)
        yield from ()

    def _open(self, line: int, text: str) -> Iterator[Row]:
        fields = layout.cut(text, layout.DEPOSIT)
        if not day_of(fields["day"]):
            raise self._fault(line, "the lockbox header has no deposit day", fields["day"], "YYMMDD")
        if self.deposit is not None:
            if (fields["lockbox"], day_of(fields["day"])) != (
                self.deposit.lockbox,
                self.deposit.own["to_date"],
            ):
                raise self._fault(line, "a lockbox without its total (record 8)", fields["lockbox"], ORDER)
            yield from self._close_batch()
            return
        assert self.header is not None
        self.statements += 1
        day, made = day_of(fields["day"]), day_of(self.header["day"])
        own = {
            "statement": str(self.statements), "account": fields["lockbox"], "bank": self.header["origin"],
            "account_name": self.header["destination"], "currency": layout.CURRENCY, "kind": "lockbox",
            "from_date": day, "to_date": day, "created_at": time_of(made, self.header["time"]),
            "message_id": "-".join((self.header["origin"], self.header["day"], self.header["time"])),
        }  # fmt: skip
        self.deposit = _Deposit(own, fields["lockbox"], line)

    def _item(self, line: int, text: str) -> Iterator[Row]:
        deposit = self._in_deposit(line)
        yield from self._close_cheque()
        fields = layout.cut(text, layout.CHEQUE)
        cents = self._number(line, "cheque amount", text, layout.CHEQUE["amount"])
        if deposit.batch is not None and deposit.batch.number != fields["batch"]:
            yield remark(line, "batch_total_missing", column="record 7", found=deposit.batch.number)
            yield from self._close_batch()
        if deposit.batch is None:
            deposit.batches += 1
            deposit.batch = _Batch(fields["batch"], line)
        deposit.batch.cents += cents
        deposit.batch.cheques += 1
        self.cheque = Cheque(fields, cents, line)

    def _overflow(self, line: int, text: str) -> Iterator[Row]:
        cheque = self.cheque
        fields = layout.cut(text, layout.OVERFLOW)
        if cheque is None or (fields["batch"], fields["item"]) != (
            cheque.fields["batch"],
            cheque.fields["item"],
        ):
            raise self._fault(
                line, "an overflow record without its cheque (record 6)", text[:11].strip(), ORDER
            )
        cheque.is_last = fields["last"] == "9"
        cheque.sequence += 1
        # after 99 the two digits begin again
        if is_number(fields["sequence"]) and int(fields["sequence"]) % 99 != cheque.sequence % 99:
            wanted = str(cheque.sequence)
            yield remark(
                line, "overflow_out_of_order", column="sequence", found=fields["sequence"], wanted=wanted
            )
        cheque.invoices.append((line, invoice_of(text)))

    def _batch_total(self, line: int, text: str) -> Iterator[Row]:
        deposit = self._in_deposit(line)
        yield from self._close_cheque()
        fields = layout.cut(text, layout.BATCH_TOTAL)
        batch = deposit.batch or _Batch(fields["batch"], line)
        yield from self._check(line, "7", text, layout.BATCH_TOTAL, batch.cents, batch.cheques)
        yield from self._close_batch()

    def _lockbox_total(self, line: int, text: str) -> Iterator[Row]:
        deposit = self._in_deposit(line)
        yield from self._close_cheque()
        if deposit.batch is not None:
            yield remark(line, "batch_total_missing", column="record 7", found=deposit.batch.number)
            yield from self._close_batch()
        yield from self._check(line, "8", text, layout.LOCKBOX_TOTAL, deposit.cents, deposit.cheques)
        yield from deposit.tally.close(deposit.own, deposit.line)
        self.deposit = None

    def _trailer(self, line: int, text: str) -> Iterator[Row]:
        if self.deposit is not None:
            raise self._fault(line, "a lockbox without its total (record 8)", self.deposit.lockbox, ORDER)
        count = self._number(line, "record count", text, layout.TRAILER["records"])
        if count != self.records:
            wanted = f"{self.records} records as read"
            yield remark(line, "count_differs", column="record 9", found=str(count), wanted=wanted)
        if not self.statements:
            yield remark(line, "no_transactions", column="entries", wanted="a lockbox (record 5)")
        self.is_over = True

    def _close_cheque(self) -> Iterator[Row]:
        """Detail, payment and remittances of a cheque, once its overflow records are read."""
        cheque, deposit = self.cheque, self.deposit
        if cheque is None:
            return
        assert deposit is not None
        assert deposit.batch is not None
        self.payments += 1
        yield from cheque_rows(
            cheque,
            deposit.own,
            payment=str(self.payments),
            line=str(deposit.batches),
            detail=str(deposit.batch.cheques),
        )
        self.cheque = None

    def _close_batch(self) -> Iterator[Row]:
        """The entry of a batch; an empty batch books nothing."""
        yield from self._close_cheque()
        deposit = self.deposit
        assert deposit is not None
        batch, deposit.batch = deposit.batch, None
        if batch is None:
            return
        deposit.cents += batch.cents
        deposit.cheques += batch.cheques
        own, amount = deposit.own, implied(str(batch.cents), layout.PLACES)
        deposit.tally.add(amount)
        yield "entries", batch.line, {
            "statement": own["statement"], "account": own["account"], "line": str(deposit.batches),
            "currency": own["currency"], "booking_date": own["to_date"], "value_date": own["to_date"], "amount": amount,
            "kind": "receipt", "status": "booked", "code_text": "Lockbox batch", "reference": batch.number,
            "batch_count": str(batch.cheques),
        }  # fmt: skip

    def _check(
        self, line: int, record: str, text: str, spans: dict[str, layout.Span], cents: int, count: int
    ) -> Iterator[Row]:
        """Remarks where a total record does not agree with the cheques before it."""
        total, cheques = (self._number(line, what, text, spans[what]) for what in ("total", "count"))
        column = f"record {record}"
        if total != cents:
            found, wanted = (implied(str(figure), layout.PLACES) for figure in (total, cents))
            yield remark(
                line,
                "control_total_differs",
                column=column,
                found=found,
                wanted=f"{wanted}, the sum of its cheques",
            )
        if cheques != count:
            found = str(cheques)
            yield remark(line, "count_differs", column=column, found=found, wanted=f"{count} cheques as read")

    def _number(self, line: int, what: str, text: str, span: layout.Span) -> int:
        """A figure that fills its columns to the last one."""
        figure = text[span[0] - 1 : span[1]]
        if len(figure) < span[1] - span[0] + 1 or not is_number(figure.lstrip(" ")):
            raise self._fault(line, f"not a {what}", figure.strip(), f"digits up to column {span[1]}")
        return int(figure)

    def _in_deposit(self, line: int) -> _Deposit:
        if self.deposit is None:
            raise self._fault(line, "stands outside a lockbox", "", "a record 5 before it")
        return self.deposit

    def _fault(self, line: int, message: str, found: str, wanted: str) -> SourceError:
        return SourceError(message, where=f"{self.name}, line {line}", found=found or None, wanted=wanted)


FORM = Form(name="lockbox", title="Lockbox deposit (BAI, BAI2)", family="bank", claims=claims, rows=rows)
