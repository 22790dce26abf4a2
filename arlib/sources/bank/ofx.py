"""OFX and QFX statements of bank accounts and cards, versions 1 (SGML) and 2 (XML). Floor 2.

A reader of our own: ofxtools 1.1.1 refuses a bank number of ten digits (checking), files without a header, and a list
left open (br_nubank_cc); ofxparse 0.21 reads a cut file as one without transactions, moves a booking late in the day to
the next one by its zone, takes "1,234" for 1.234 and stops at an empty currency (ofx-v102-empty-tags).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import BinaryIO

from arlib.errors import SourceError
from arlib.sources.bank.fixedtext import iso_day, remark, text_of, time_of
from arlib.sources.bank.ofxtags import Event, events
from arlib.sources.bank.ofxvalues import DAY, amount_of, currency_of, day_of, fault
from arlib.sources.forms.form import Form, Row
from arlib.sources.forms.tally import Tally

STATEMENTS = frozenset(("STMTRS", "CCSTMTRS"))
TRANSACTIONS = {"STMTTRN": "booked", "STMTTRNP": "pending"}
PARTS = frozenset(
    ("BANKACCTFROM", "CCACCTFROM", "INVACCTFROM", "BANKACCTTO", "CCACCTTO", "LEDGERBAL", "AVAILBAL", "BAL", "CURRENCY",
     "ORIGCURRENCY", "PAYEE", "STATUS", "FI", "REWARDINFO", "IMAGEDATA", "STMTTRN", "STMTTRNP")
)  # fmt: skip
FEES = frozenset(("FEE", "SRVCHG", "INT"))
TYPES = {
    "CREDIT": "Credit", "DEBIT": "Debit", "INT": "Interest", "DIV": "Dividend", "FEE": "Bank fee",
    "SRVCHG": "Service charge", "DEP": "Deposit", "ATM": "Cash machine", "POS": "Point of sale", "XFER": "Transfer",
    "CHECK": "Check", "PAYMENT": "Electronic payment", "CASH": "Cash withdrawal", "DIRECTDEP": "Direct deposit",
    "DIRECTDEBIT": "Direct debit", "REPEATPMT": "Standing order", "HOLD": "Hold", "OTHER": "Other",
}  # fmt: skip
_HEAD = re.compile(rb"OFXHEADER[ \t]*:|(?:<[?!][^>]{0,500}>\s{0,200}){0,5}<(?:OFX|ofx)[\s>]")
_ENCODING = re.compile(rb"(?:CHARSET[ \t]*:[ \t]*|encoding=[\"'])([A-Za-z0-9._-]{1,20})")


def claims(head: bytes) -> bool:
    """Whether the file begins with an OFX header, or is markup whose root is OFX."""
    return bool(_HEAD.match(head))


def rows(stream: BinaryIO, name: str) -> Iterator[Row]:
    """What an OFX file says: a statement for each bank or card account, and its entries.

    Raises SourceError where the file is cut, where the bank's answer is an error, where a transaction has no day or no
    amount, where a balance has a day but no amount, and for a file that holds investments only. A list of accounts or a
    sign-on alone is the remark no_transactions.
    """
    data = stream.read()
    text, notes = text_of(BytesIO(data), name, encoding=_stated_encoding(data[:2000]))
    yield from notes
    reader = _Reader(name)
    for event in events(text, name):
        yield from reader.take(event)
    yield from reader.end()


def _stated_encoding(head: bytes) -> str:
    found = _ENCODING.search(head)
    stated = found[1].decode("ascii").lower() if found else ""
    if stated in ("", "none", "utf-8", "unicode", "us-ascii", "ascii"):
        return ""
    return f"cp{stated}" if stated.isdigit() and len(stated) == 4 else stated


@dataclass
class _Statement:
    """An account that is being read: its values by part and name."""

    line: int
    number: str
    is_card: bool
    values: dict[str, str] = field(default_factory=dict)
    currencies: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    tally: Tally = field(default_factory=Tally)
    lines: int = 0


class _Reader:
    """The state between events."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.open: list[str] = []
        self.statement: _Statement | None = None
        self.transaction: dict[str, str] | None = None
        self.line = self.statements = self.accounts = 0
        self.made = self.status = ""
        self.skipped: set[str] = set()

    def take(self, event: Event) -> Iterator[Row]:
        """The rows that an event completes."""
        if event.kind == "open":
            self._begin(event)
        elif event.kind == "value":
            self._value(event)
        else:
            yield from self._finish(event)

    def _begin(self, event: Event) -> None:
        self.open.append(event.name)
        if event.name in STATEMENTS:
            if self.statement is not None:
                raise self._fault(event.line, "a statement that does not end", event.name, f"</{event.name}>")
            self.statements += 1
            self.statement = _Statement(event.line, str(self.statements), event.name == "CCSTMTRS")
        elif event.name in TRANSACTIONS and self.statement is not None:
            if self.transaction is not None:
                raise self._fault(
                    event.line, "a transaction that does not end", event.name, f"</{event.name}>"
                )
            self.transaction, self.line = {}, event.line
        elif event.name in ("INVSTMTRS", "ACCTINFORS", "PROFRS"):
            self.skipped.add(event.name)

    def _value(self, event: Event) -> None:
        part = next((one for one in reversed(self.open) if one in PARTS or one in STATEMENTS), "")
        if part == "STATUS":
            self._told(event)
        elif self.transaction is not None:
            key = event.name if part in TRANSACTIONS else f"{part}.{event.name}"
            self.transaction.setdefault(key, event.value)
        elif self.statement is not None:
            key = event.name if part in STATEMENTS else f"{part}.{event.name}"
            self.statement.values.setdefault(key, event.value)
        elif event.name == "DTSERVER":
            self.made = event.value
        elif event.name == "ACCTID":
            self.accounts += 1

    def _told(self, event: Event) -> None:
        """A status: an answer that is an error is no statement."""
        if event.name == "CODE":
            self.status = event.value
        elif event.name == "SEVERITY" and event.value.upper() == "ERROR":
            raise self._fault(
                event.line, "the bank's answer is an error", self.status, "status 0 and a statement"
            )

    def _finish(self, event: Event) -> Iterator[Row]:
        name = event.name
        is_ours = (
            name in STATEMENTS or (name in TRANSACTIONS and "INVSTMTRS" not in self.open) or name in PARTS
        )
        if name in self.open:
            while self.open.pop() != name:
                pass
        elif is_ours or name in ("OFX", "BANKTRANLIST", "BANKTRANLISTP"):
            raise self._fault(event.line, "an end without its beginning", f"</{name}>", f"<{name}>")
        if name in TRANSACTIONS and self.statement is not None and self.transaction is not None:
            yield from self._entry(self.statement, self.transaction, TRANSACTIONS[name])
            self.transaction = None
        elif name in STATEMENTS and self.statement is not None:
            if self.transaction is not None:
                raise self._fault(self.line, "a transaction that does not end", name, "</STMTTRN>")
            yield from self._close(self.statement)
            self.statement = None
        elif name == "OFX" and self.statement is not None:
            raise self._fault(event.line, "a statement that does not end", "</OFX>", "</STMTRS>")

    def _entry(self, statement: _Statement, told: dict[str, str], status: str) -> Iterator[Row]:
        line = self.line
        if not told.get("TRNAMT"):
            raise self._fault(line, "a transaction without an amount", "", "TRNAMT")
        posted = told.get("DTPOSTED") or (told.get("DTTRAN", "") if status == "pending" else "")
        if not posted:
            raise self._fault(line, "a transaction without a day", "", "DTPOSTED")
        own = currency_of((self.name, line), statement.values.get("CURDEF", ""))
        currency = currency_of((self.name, line), told.get("CURRENCY.CURSYM", "")) or own
        statement.currencies.add(currency)
        amount = amount_of((self.name, line), "TRNAMT", told["TRNAMT"], currency)
        kind = told.get("TRNTYPE", "").upper()
        if kind == "HOLD":
            status = "pending"
        statement.lines += 1
        fitid = told.get("FITID", "")
        if fitid and fitid in statement.ids:
            yield remark(
                line,
                "reference_twice",
                column="FITID",
                found=fitid,
                wanted="a number of its own for each entry",
            )
        elif not fitid and status == "booked":
            yield remark(
                line, "reference_missing", column="FITID", wanted="a number of its own for each entry"
            )
        statement.ids.add(fitid)
        if told.get("CORRECTFITID"):
            yield remark(line, "correction", column=told.get("CORRECTACTION", ""), found=told["CORRECTFITID"])
        who, memo = told.get("NAME") or told.get("PAYEE.NAME", ""), told.get("MEMO", "")
        parts = [part for part in (who, memo, told.get("EXTDNAME", "")) if part]
        text = "\n".join(p for i, p in enumerate(parts) if not any(p in other for other in parts[i + 1 :]))
        is_in, cheque = not amount.startswith("-"), told.get("CHECKNUM", "")
        sort = "card_fee" if kind in FEES and statement.is_card else "bank_fee" if kind in FEES else ""
        if currency == own or not own:
            statement.tally.add(amount, status=status)
        else:
            yield remark(
                line, "other_currency", column="CURRENCY", found=currency, wanted=f"{own}; not in the sum"
            )
        yield "entries", line, {
            "statement": statement.number, "account": _account(statement), "line": str(statement.lines),
            "currency": currency, "booking_date": day_of((self.name, line), "DTPOSTED", posted),
            "value_date": day_of((self.name, line), "DTAVAIL", told.get("DTAVAIL") or told.get("VALUEDATE", "")),
            "amount": amount, "kind": sort or ("receipt" if is_in else "other"), "status": status, "code": kind,
            "code_text": TYPES.get(kind, ""), "payer_name": who if is_in else "", "remittance_text": text,
            "reference": cheque.lstrip("0") and cheque, "bank_reference": fitid,
            "customer_reference": told.get("REFNUM", ""), "original_currency": told.get("ORIGCURRENCY.CURSYM", ""),
        }  # fmt: skip

    def _close(self, statement: _Statement) -> Iterator[Row]:
        values, line = statement.values, statement.line
        account = _account(statement)
        if not account:
            raise self._fault(line, "a statement without an account", "", "ACCTID")
        currency = currency_of((self.name, line), values.get("CURDEF", ""))
        if not currency:
            currency = next(iter(statement.currencies)) if len(statement.currencies) == 1 else ""
            wanted = "CURDEF, the currency of the account"
            yield remark(line, "currency_not_stated", column="CURDEF", found=currency, wanted=wanted)
        balance, as_of = values.get("LEDGERBAL.BALAMT", ""), values.get("LEDGERBAL.DTASOF", "")
        if as_of and not balance:
            raise self._fault(line, "a balance without an amount", "", f"BALAMT at {as_of}")
        if not balance:
            yield remark(line, "balance_missing", column="LEDGERBAL", wanted="the booked balance")
        first, last = (day_of((self.name, line), key, values.get(key, "")) for key in ("DTSTART", "DTEND"))
        made = iso_day(self.made[:4], self.made[4:6], self.made[6:8]) if DAY.fullmatch(self.made) else ""
        own = {
            "statement": statement.number, "account": account, "currency": currency, "kind": "statement",
            "bank": values.get("BANKACCTFROM.BANKID", ""), "from_date": first, "to_date": last,
            "closing": amount_of((self.name, line), "BALAMT", balance, currency) if balance else "",
            "closing_date": day_of((self.name, line), "DTASOF", as_of), "created_at": time_of(made, self.made[8:12]),
        }  # fmt: skip
        yield from statement.tally.close(own, line)

    def end(self) -> Iterator[Row]:
        """What the file holds instead, where it holds no statement."""
        if self.statements:
            if "INVSTMTRS" in self.skipped:
                yield remark(1, "investments_not_read", column="INVSTMTRS", wanted="bank and card accounts")
            return
        if "INVSTMTRS" in self.skipped:
            raise SourceError(
                "is an investment statement",
                where=self.name,
                wanted="a statement of a bank or card account",
                fix="Export the bank account instead.",
            )
        told = (
            f"a list of {self.accounts} accounts"
            if "ACCTINFORS" in self.skipped
            else "what the bank's server can do"
            if "PROFRS" in self.skipped
            else "a sign-on"
            if self.made
            else "nothing"
        )
        yield remark(1, "no_transactions", column="entries", found=told, wanted="a statement of an account")

    def _fault(self, line: int, message: str, found: str, wanted: str) -> SourceError:
        return fault((self.name, line), message, found, wanted)


def _account(statement: _Statement) -> str:
    values = statement.values
    return "".join((values.get("BANKACCTFROM.ACCTID") or values.get("CCACCTFROM.ACCTID") or "").split())


FORM = Form(name="ofx", title="OFX/QFX statement", family="bank", claims=claims, rows=rows)
