"""ACH files in the NACHA layout: collections, payments, returns and notifications of change. Floor 2.

A reader of our own: no Python library for the layout is kept up.

Money is seen by the company that a batch names, the originator: a debit that it sends collects money (+), a credit pays
money out (-). A return turns the entry round, a dishonored return turns it back, a contested one round again. So a
customer's debit that bounces is money out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from arlib.sources.bank.fixedtext import day_near, day_of, is_number, remark, text_of, time_of
from arlib.sources.bank.nachacodes import ADDENDA, is_credit
from arlib.sources.bank.nachaentries import entry_rows
from arlib.sources.bank.nacharecords import (
    FILLER,
    ORDER,
    Entry,
    Header,
    Sums,
    entry_of,
    fault,
    header_of,
    records,
)
from arlib.sources.forms.form import Form, Row
from arlib.sources.forms.tally import Tally

CURRENCY = "USD"
_FILE = rb"1[0-9 ]{2}[^\r\n]{20}[0-9 ]{10}[^\r\n]094[0-9 ]{2}[^\r\n]"
_BATCH = rb"5(?:200|220|225|280)[^\r\n]{46}[A-Z]{3}[^\r\n]{41}(?:[\r\n]|$)"
_ENTRY = rb"6[2-58][1-9][0-9]{9}[^\r\n]{17}[0-9]{10}[^\r\n]{39}[01][^\r\n]{15}[\r\n]+[67]"
_HEAD = re.compile(b"|".join((_FILE, _BATCH, _ENTRY)))


def claims(head: bytes) -> bool:
    """Whether the file begins with an ACH file header (its record size is 094), or, as extracts do, with a batch header
    or an entry of 94 columns."""
    return bool(_HEAD.match(head))


def rows(stream: BinaryIO, name: str) -> Iterator[Row]:
    """What an ACH file says: a statement a batch with its entries, a payment for each return and for what carries
    remittance data, its remittances, and changes.

    Raises SourceError where a header or control record is missing, a record is too long or too short, or a field cannot
    be read. Wrong counts, hashes and totals are remarks. A single batch without a file around it is read, since its own
    control closes it; without one nothing proves that it is whole.
    """
    text, notes = text_of(stream, name)
    yield from notes
    reader = _Reader(name)
    for number, record in records(text, name):
        yield from reader.take(number, record)
    yield from reader.end()


@dataclass
class _Batch:
    """A batch that is being read."""

    header: Header
    own: dict[str, str]
    day: str  # of the file, for what comes back
    sums: Sums = field(default_factory=Sums)
    tally: Tally = field(default_factory=Tally)
    lines: int = 0
    days: set[str] = field(default_factory=set)


class _Reader:
    """The state between records: file, batch and entry."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.file: dict[str, str] | None = None
        self.batch: _Batch | None = None
        self.entry: Entry | None = None
        self.sums = Sums()
        self.batches = self.statements = self.records = self.payments = self.changes = 0
        self.is_over = self.is_bare = self.is_undated = False

    def take(self, line: int, text: str) -> Iterator[Row]:
        """The rows that a record completes."""
        if self.is_over:
            self.records += 1
            if text == FILLER or not text.strip("9 "):
                return
            raise fault(
                self.name, line, "a record behind the file control", text[:1], "nothing but filler of 9"
            )
        self.records += 1
        steps = {
            "1": self._file, "5": self._open, "6": self._entry, "7": self._addendum, "8": self._close, "9": self._end,
        }  # fmt: skip
        step = steps.get(text[0])
        if step is None:
            raise fault(self.name, line, "unknown record type", text[0], ORDER)
        yield from step(line, text)

    def end(self) -> Iterator[Row]:
        """What is known at the end only. Raises SourceError unless the file came to it."""
        if self.is_over:
            blocks = -(-self.records // 10)
            stated = self.file["blocks"] if self.file else ""
            if is_number(stated) and int(stated) != blocks:
                wanted = f"{blocks} blocks of ten records as read"
                yield remark(self.records, "count_differs", column="blocks", found=stated, wanted=wanted)
            return
        if self.is_bare and self.batch is None and self.batches == 1:
            yield remark(
                1, "file_header_missing", column="record 1", wanted="a file header and a file control"
            )
            if self.is_undated:
                wanted = "a day of settlement; what is given is the day of the original batch"
                yield remark(1, "date_uncertain", column="booking_date", wanted=wanted)
            return
        missing = "8, the batch control" if self.batch else "9, the file control"
        if self.file is None and not self.batches and not self.batch:
            missing = "1, the file header"
        raise fault(self.name, self.records, f"ends without record {missing}: the file is cut", "", ORDER)

    def _file(self, line: int, text: str) -> Iterator[Row]:
        if self.file is not None or self.is_bare:
            raise fault(self.name, line, "a second file header", text[:13].strip(), ORDER)
        if text[34:37] != "094":
            raise fault(self.name, line, "not a record size", text[34:37], "094")
        day = day_of(text[23:29])
        self.file = {
            "day": day, "created_at": time_of(day, text[29:33]), "blocks": "",
            "message_id": "-".join(part for part in (text[13:23].strip(), text[23:33].strip(), text[33].strip()) if part),
        }  # fmt: skip
        yield from ()

    def _open(self, line: int, text: str) -> Iterator[Row]:
        if self.batch is not None:
            raise fault(self.name, line, "a batch without its control (record 8)", text[:4], ORDER)
        if self.file is None:
            if self.batches:
                raise fault(
                    self.name,
                    line,
                    "several batches without a file header: nothing says how many",
                    text[:4],
                    ORDER,
                )
            self.is_bare = True
        header = header_of(self.name, line, text)
        self.statements += 1
        file = self.file or {"day": "", "created_at": "", "message_id": "", "blocks": ""}
        effective = day_of(header.effective)
        own = {
            "statement": str(self.statements), "account": header.company_id, "account_name": header.company,
            "bank": header.bank, "currency": CURRENCY, "number": header.number, "message_id": file["message_id"],
            "kind": "ach", "from_date": effective, "to_date": effective, "created_at": file["created_at"],
        }  # fmt: skip
        self.batch = _Batch(header, own, file["day"])
        yield from ()

    def _entry(self, line: int, text: str) -> Iterator[Row]:
        batch = self.batch
        if batch is None:
            raise fault(
                self.name,
                line,
                "an entry without its batch header (record 5): no company, no date",
                "6",
                ORDER,
            )
        yield from self._finish(batch)
        entry = entry_of(self.name, line, text, batch.header)
        credit = is_credit(entry.code)
        if batch.header.service == ("225" if credit else "220"):
            side = "a credit in a batch of debits" if credit else "a debit in a batch of credits"
            raise fault(self.name, line, side, entry.code, f"what service class {batch.header.service} says")
        batch.sums.entries += 1
        batch.sums.routing += int(text[3:11])
        if credit:
            batch.sums.credits += entry.cents
        else:
            batch.sums.debits += entry.cents
        self.entry = entry

    def _addendum(self, line: int, text: str) -> Iterator[Row]:
        if self.batch is None or self.entry is None:
            raise fault(self.name, line, "an addendum without its entry (record 6)", text[:3], ORDER)
        if self.entry.text[78] == "0":
            raise fault(self.name, line, "an addendum to an entry that says it has none", text[:3], ORDER)
        if text[1:3] not in ADDENDA:
            raise fault(self.name, line, "unknown type of addendum", text[1:3], "02, 05, 10 to 18, 98 or 99")
        self.batch.sums.entries += 1
        self.entry.addenda.append((line, text))
        yield from ()

    def _finish(self, batch: _Batch) -> Iterator[Row]:
        """The rows of an entry once its addenda are read."""
        entry, self.entry = self.entry, None
        if entry is None:
            return
        if entry.text[78] == "1" and not entry.addenda:
            raise fault(
                self.name, entry.line, "an entry without the addenda that it announces", entry.text[:3], ORDER
            )
        batch.lines += 1
        for key, line, fields in entry_rows(self.name, entry, batch.header, batch.own, batch.day):
            if key == "entries":
                fields["line"] = str(batch.lines)
                batch.tally.add(fields["amount"], status=fields["status"])
                batch.days.add(fields["booking_date"])
            elif key == "changes":
                self.changes += 1
                fields["change"] = str(self.changes)
            elif key == "payments":
                self.payments += 1
                fields["payment"] = str(self.payments)
            elif key == "remittances":
                fields |= {
                    "payment": str(self.payments),
                    "line": str(batch.lines),
                    "statement": batch.own["statement"],
                }
            yield key, line, fields

    def _close(self, line: int, text: str) -> Iterator[Row]:
        batch = self.batch
        if batch is None:
            raise fault(
                self.name, line, "a batch control without its batch header (record 5)", text[:4], ORDER
            )
        yield from self._finish(batch)
        if (text[87:94], text[79:87]) != (batch.header.number, batch.header.bank):
            raise fault(
                self.name,
                line,
                "the control of another batch",
                text[79:94],
                batch.header.bank + batch.header.number,
            )
        service, wanted = text[1:4], batch.header.service
        if service != wanted:
            yield remark(line, "service_class_differs", column="batch control", found=service, wanted=wanted)
        if batch.header.sec == "ADV":
            spans = {"entries": (4, 10), "hash": (10, 20), "debits": (20, 40), "credits": (40, 60)}
        else:
            spans = {"entries": (4, 10), "hash": (10, 20), "debits": (20, 32), "credits": (32, 44)}
        yield from self._check(line, "batch", text, spans, batch.sums)
        days = sorted(batch.days - {""}) or [batch.own["to_date"]]
        batch.own["from_date"], batch.own["to_date"] = days[0], days[-1]
        closing = batch.tally.close(batch.own, batch.header.line)
        # a batch of prenotes, acknowledgements or notifications of change moves no money, and is not empty
        yield from (one for one in closing if not batch.lines or one[2].get("code") != "no_transactions")
        self.sums.add(batch.sums)
        self.is_undated = not day_near(batch.header.settled, "2000-01-01")
        self.batches += 1
        self.batch = None

    def _end(self, line: int, text: str) -> Iterator[Row]:
        if self.batch is not None:
            raise fault(self.name, line, "a batch without its control (record 8)", text[:4], ORDER)
        if self.file is None:
            raise fault(self.name, line, "a file control without a file header (record 1)", text[:7], ORDER)
        is_advice = is_number(text[31:71]) and not text[71:].strip()
        spans = {"batches": (1, 7), "blocks": (7, 13), "entries": (13, 21), "hash": (21, 31)}
        spans |= (
            {"debits": (31, 51), "credits": (51, 71)}
            if is_advice
            else {"debits": (31, 43), "credits": (43, 55)}
        )
        yield from self._check(line, "file", text, spans, self.sums)
        if not self.batches:
            yield remark(line, "no_transactions", column="entries", wanted="at least one batch")
        self.file["blocks"] = text[7:13]
        self.is_over = True

    def _check(
        self, line: int, what: str, text: str, spans: dict[str, tuple[int, int]], own: Sums
    ) -> Iterator[Row]:
        """Remarks where a control record does not agree with the records before it."""
        sums = {
            "batches": self.batches, "entries": own.entries, "hash": own.routing % 10**10, "debits": own.debits,
            "credits": own.credits,
        }  # fmt: skip
        for key, (start, stop) in spans.items():
            stated = text[start:stop]
            if not is_number(stated):
                raise fault(self.name, line, f"not a number, {key} of the {what} control", stated, "digits")
            if key in sums and int(stated) != sums[key]:
                code = "control_total_differs" if key in ("hash", "debits", "credits") else "count_differs"
                wanted = f"{sums[key]} as read"
                yield remark(line, code, column=f"{key} of the {what}", found=str(int(stated)), wanted=wanted)


FORM = Form(name="ach", title="ACH file (NACHA)", family="bank", claims=claims, rows=rows)
