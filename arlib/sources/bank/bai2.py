"""BAI2 cash management files (versions 2 and 3): prior-day and same-day balances and bookings. Floor 2.

A reader of our own: bai2 0.15.0 glues a continuation to the field before it (sample2), stops at a blank behind a slash
(sample4) and at a blank line at the end (svb_us_example), takes two records on a line for one, and refuses the file for
a wrong count; here that is a remark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from arlib.errors import InputError, SourceError
from arlib.money import minor_places
from arlib.sources.bank.bai2codes import (
    CLOSING,
    CURRENT,
    OPENING,
    TOTAL_CREDITS,
    TOTAL_DEBITS,
    named,
    side_of,
)
from arlib.sources.bank.bai2records import Fields, Record, records
from arlib.sources.bank.bai2sums import Sum, check
from arlib.sources.bank.bai2text import labelled
from arlib.sources.bank.fixedtext import day_of, implied, is_number, remark, text_of, time_of
from arlib.sources.forms.form import Form, Row
from arlib.sources.forms.tally import Tally

DEFAULT_CURRENCY = "USD"  # what the standard says where neither 02 nor 03 names one
FUNDS = frozenset(("", "0", "1", "2", "S", "V", "D", "Z"))
STATUS = {"2": "group_is_deletion", "3": "group_is_correction", "4": "group_is_test"}
NOT_BOOKED = frozenset("24")  # a group that deletes, or that is only a test, books nothing
_HEAD = re.compile(
    rb"01,[^,\r\n]*,[^,\r\n]*,[0-9]{6}(?:[0-9]{2})?,[^,\r\n]*,(?:[^,\r\n]*,){3}[23][ \t]*(?:/|[\r\n])"
)
_AMOUNT = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)


def claims(head: bytes) -> bool:
    """Whether the file begins with a BAI2 file header: 01, sender, receiver, day, ..., version 2 or 3."""
    return bool(_HEAD.match(head))


def rows(stream: BinaryIO, name: str) -> Iterator[Row]:
    """What a BAI2 file says: a statement for each account of each group, and its entries.

    Raises SourceError where a header or trailer is missing, records are out of order, or a field cannot be read. Wrong
    counts and totals are remarks.
    """
    text, notes = text_of(stream, name)
    yield from notes
    yield from _Reader(name).read(records(text, name))


@dataclass
class _Account:
    """An account that is being read."""

    fields: dict[str, str]
    places: int
    record: Record
    own: Sum = field(default_factory=Sum)
    tally: Tally = field(default_factory=Tally)
    line: int = 0


class _Reader:
    """The state between records: file, group and account."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.statement = 0
        self.file: Sum | None = None
        self.group: Sum | None = None
        self.account: _Account | None = None
        self.message: dict[str, str] = {}
        self.as_of: dict[str, str] = {}
        self.status = ""
        self.currency = ""

    def read(self, found: Iterator[Record]) -> Iterator[Row]:
        steps = {
            "01": self._file, "02": self._group, "03": self._account, "16": self._entry, "49": self._end_account,
            "98": self._end_group, "99": self._end_file,
        }  # fmt: skip
        is_empty = True
        for record in found:
            is_empty = False
            yield from steps[record.code](record)
        if is_empty or self.file is not None:
            missing = "49" if self.account else "98" if self.group else "99" if self.file else "01"
            raise SourceError(
                f"ends without record {missing}: the file is cut",
                where=self.name,
                wanted="01, 02, 03, 16, 49, 98 and 99 in their order",
                fix="Fetch the file again.",
            )

    def _file(self, record: Record) -> Iterator[Row]:
        self._in_place(record, is_right=self.file is None)
        sender, _, made, at, number = record.first(5)
        day = day_of(made)
        self.message = {
            "message_id": "-".join(part for part in (sender, made, number) if part),
            "created_at": time_of(day, at),
        }
        self.file = Sum(count=record.count)
        yield from ()

    def _group(self, record: Record) -> Iterator[Row]:
        self._in_place(record, is_right=self.file is not None and self.group is None)
        _, bank, status, as_of, _, currency, modifier = record.first(7)
        day = day_of(as_of)
        if not day:
            raise self._fault(record, "the group has no as-of day", as_of, "YYMMDD")
        kind = "interim" if modifier in ("3", "4") else "statement"
        self.as_of = {"bank": bank, "from_date": day, "to_date": day, "kind": kind}
        self.currency, self.status = currency, status
        self.group = Sum(count=record.count)
        if status in STATUS:
            yield remark(
                record.line, STATUS[status], column="group status", found=status, wanted="1, an update"
            )

    def _account(self, record: Record) -> Iterator[Row]:
        self._in_place(record, is_right=self.group is not None and self.account is None)
        fields = Fields(record)
        number, currency = fields.next(), fields.next()
        currency = (currency or self.currency or DEFAULT_CURRENCY).upper()
        try:
            places = minor_places(currency)
        except InputError as fault:
            raise self._fault(record, "unknown currency", currency, "an ISO 4217 code such as USD") from fault
        self.statement += 1
        own = {
            "statement": str(self.statement), "account": "".join(number.split()), "currency": currency,
            **self.as_of, **self.message,
        }  # fmt: skip
        self.account = account = _Account(own, places, record, Sum(count=record.count))
        stated: dict[str, tuple[str, str]] = {}
        while not fields.done:
            code = fields.next()
            if not code:
                continue  # banks write one comma more than the standard before a continuation
            if len(code) != 3 or not is_number(code):
                raise self._fault(record, "not a type code", code, "three digits")
            amount, items = fields.next(), fields.next()
            self._funds(record, fields)
            if not amount:
                continue
            if not _AMOUNT.fullmatch(amount):
                raise self._fault(
                    record, f"not an amount, of type {code}", amount, "digits without a decimal point"
                )
            account.own.total += int(amount)
            stated.setdefault(code, (implied(amount, places), items))
        self._balances(own, stated)
        yield from ()

    def _balances(self, own: dict[str, str], stated: dict[str, tuple[str, str]]) -> None:
        """The booked balances and totals among the summaries."""
        closing = CLOSING if CLOSING in stated or own["kind"] == "statement" else CURRENT
        for key, code in (("opening", OPENING), ("closing", closing)):
            if code in stated:
                own[key], own[f"{key}_date"] = stated[code][0], own["to_date"]
        paid_in, paid_out = stated.get(TOTAL_CREDITS), stated.get(TOTAL_DEBITS)
        if paid_in:
            own["stated_credits"] = paid_in[0]
        if paid_out:
            own["stated_debits"] = paid_out[0]
        if (
            paid_in
            and paid_out
            and all(is_number(items) and len(items) < 10 for _, items in (paid_in, paid_out))
        ):
            own["stated_entries"] = str(int(paid_in[1]) + int(paid_out[1]))

    def _funds(self, record: Record, fields: Fields) -> tuple[str, list[str]]:
        """Funds type and its availability fields."""
        kind = fields.next().upper()
        if kind == "S":
            return kind, [fields.next() for _ in range(3)]
        if kind == "V":
            return kind, [fields.next() for _ in range(2)]
        if kind == "D":
            times = fields.next()
            if not is_number(times) or len(times) > 3:
                raise self._fault(
                    record, "availability of type D without the number of its parts", times, "a number"
                )
            return kind, [fields.next() for _ in range(2 * int(times))][1::2]
        if kind not in FUNDS:
            raise self._fault(record, "not a funds type", kind, "0, 1, 2, S, V, D or Z")
        return kind, []

    def _entry(self, record: Record) -> Iterator[Row]:
        account = self.account
        if account is None:
            raise self._fault(record, "stands outside an account", "16", "a record 03 before it")
        fields = Fields(record)
        code, amount = fields.next(), fields.next()
        if len(code) != 3 or not is_number(code):
            raise self._fault(record, "not a type code", code, "three digits")
        if amount and not _AMOUNT.fullmatch(amount):
            raise self._fault(record, "not an amount", amount, "digits without a decimal point")
        kind, parts, bank_reference, customer_reference = "", list[str](), "", ""
        # Banks that give no references go on with the text at once, against the standard.
        told = fields.next_piece()
        if told is None or told.partition(",")[0].strip().upper() in FUNDS:
            kind, parts = self._funds(record, fields)
            told = fields.next_piece()
            if told is None or told.count(",") > 1:
                bank_reference, customer_reference = fields.next(), fields.next()
        text = fields.rest()
        account.own.total += int(amount or 0)
        account.own.count += record.count
        account.line += 1
        if kind in ("S", "D") and sum(int(p) for p in parts if _AMOUNT.fullmatch(p)) != abs(int(amount or 0)):
            yield remark(
                record.line, "availability_differs", column=code, found=",".join(parts), wanted=amount
            )
        side = side_of(code)
        status = "booked" if side and amount and self.status not in NOT_BOOKED else "info"
        value = int(amount or 0) * (-1 if side == "debit" else 1)
        money = implied(str(value), account.places)
        title, sort = named(code)
        day = account.fields["to_date"]
        own = {
            "statement": account.fields["statement"], "account": account.fields["account"], "line": str(account.line),
            "currency": account.fields["currency"], "booking_date": day, "amount": money, "kind": sort,
            "value_date": day_of(parts[0]) if kind == "V" else day if kind == "0" else "",
            "status": status, "code": code, "code_text": title, "remittance_text": text,
            "bank_reference": bank_reference, "customer_reference": customer_reference,
            **labelled(text, is_credit=side == "credit", is_return=sort == "return"),
        }  # fmt: skip
        if amount.startswith("-"):
            own["is_reversal"] = "true"
        if not side or not amount:
            yield remark(
                record.line, "not_a_booking", column="type code", found=code, wanted="a credit or debit"
            )
        account.tally.add(money, status=status)
        yield "entries", record.line, own

    def _end_account(self, record: Record) -> Iterator[Row]:
        account, group = self.account, self.group
        if account is None or group is None:
            raise self._fault(record, "stands outside an account", "49", "a record 03 before it")
        account.own.count += record.count
        yield from account.tally.close(account.fields, account.record.line)
        total, count = record.first(2)
        yield from check(self.name, record, account.own, total, count)
        group.total += account.own.total
        group.count += account.own.count
        group.parts += 1
        self.account = None

    def _end_group(self, record: Record) -> Iterator[Row]:
        self._in_place(record, is_right=self.group is not None and self.account is None)
        group, file = self.group, self.file
        assert group is not None
        assert file is not None
        group.count += record.count
        total, parts, count = record.first(3)
        yield from check(self.name, record, group, total, count, parts)
        file.total += group.total
        file.count += group.count
        file.parts += 1
        self.group = None

    def _end_file(self, record: Record) -> Iterator[Row]:
        self._in_place(record, is_right=self.file is not None and self.group is None)
        file = self.file
        assert file is not None
        file.count += record.count
        total, parts, count = record.first(3)
        if not record.closed and (not is_number(count) or len(count) > 9 or int(count) != file.count):
            raise self._fault(
                record, "the last record is cut", ",".join(record.fields()), "total, groups and records"
            )
        yield from check(self.name, record, file, total, count, parts)
        self.file = None

    def _in_place(self, record: Record, *, is_right: bool) -> None:
        if not is_right:
            raise self._fault(
                record,
                "a record out of order: a header or trailer is missing before it",
                record.code,
                "01, 02, 03, 16, 49, 98 and 99 in their order",
            )

    def _fault(self, record: Record, message: str, found: str, wanted: str) -> SourceError:
        return SourceError(
            message,
            where=f"{self.name}, line {record.line}",
            found=found,
            wanted=wanted,
            fix="Fetch the file again.",
        )


FORM = Form(name="bai2", title="BAI2 balance and transaction report", family="bank", claims=claims, rows=rows)
