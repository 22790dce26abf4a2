"""ACH records: 94 columns each, cut from lines or from an unbroken stream, and what their fields are. Floor 2."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from arlib.errors import SourceError
from arlib.sources.bank.fixedtext import is_number, lines_of
from arlib.sources.bank.nachacodes import CLASSES, SEC, TRANSACTIONS, check_digit

WIDTH = 94
ORDER = "1, then 5, 6 and 7, 8 for each batch, then 9"
FILLER = "9" * WIDTH
_MAY_BE_SHORT = frozenset("19")  # their last field may be blank; the other records end in a number


def fault(name: str, line: int, message: str, found: str, wanted: str) -> SourceError:
    """What to raise of a record."""
    where = f"{name}, line {line}"
    return SourceError(message, where=where, found=found or None, wanted=wanted, fix="Fetch the file again.")


def records(text: str, name: str) -> Iterator[tuple[int, str]]:
    """Line number and 94 columns of each record. Raises SourceError for one that is too long or too short."""
    lines = lines_of(text)
    filled = [line for line in lines[:3] if line.strip()]
    if len(filled) == 1 and len(lines) < 4 and len(filled[0].rstrip()) > WIDTH:
        stream = filled[0].rstrip()
        stream = stream.ljust(len(stream) + -len(stream) % WIDTH)
        lines = [stream[at : at + WIDTH] for at in range(0, len(stream), WIDTH)]
    for number, line in enumerate(lines, 1):
        if len(line) != WIDTH:
            bare = line.rstrip(" \t\x1a")
            if not bare:
                continue
            if len(bare) > WIDTH:
                raise fault(name, number, "a record is too long", str(len(bare)), f"{WIDTH} columns")
            if bare[0] not in _MAY_BE_SHORT and len(line) < WIDTH:
                raise fault(
                    name,
                    number,
                    "a record is cut: its last field is a number",
                    str(len(line)),
                    f"{WIDTH} columns",
                )
            line = bare.ljust(WIDTH)
        yield number, line


@dataclass
class Sums:
    """What a control record must agree with."""

    entries: int = 0  # entries and addenda
    routing: int = 0  # the entry hash
    debits: int = 0
    credits: int = 0

    def add(self, other: Sums) -> None:
        """Take in those of a batch."""
        self.entries += other.entries
        self.routing += other.routing
        self.debits += other.debits
        self.credits += other.credits


@dataclass(slots=True)
class Entry:
    """An entry detail record (6) with its addenda (7)."""

    line: int
    text: str
    code: str
    cents: int
    addenda: list[tuple[int, str]] = field(default_factory=list)

    def of_type(self, kind: str) -> list[tuple[int, str]]:
        """The addenda of a type, such as 05 or 99."""
        return [one for one in self.addenda if one[1][1:3] == kind]


@dataclass(frozen=True)
class Header:
    """A batch header record (5)."""

    line: int
    service: str
    company: str
    company_id: str
    sec: str
    description: str
    effective: str  # YYMMDD as it stands
    settled: str  # number of the day in the year
    bank: str
    number: str
    is_iat: bool


def header_of(name: str, line: int, text: str) -> Header:
    """The fields of a batch header. Raises SourceError for a service class or entry class that does not exist."""
    service, sec = text[1:4], text[50:53]
    if service not in CLASSES:
        raise fault(name, line, "unknown service class of a batch", service, ", ".join(CLASSES))
    if sec not in SEC:
        raise fault(
            name, line, "unknown entry class of a batch", sec, "a standard entry class such as PPD or CCD"
        )
    if not is_number(text[87:94]):
        raise fault(name, line, "not a batch number", text[87:94], "digits")
    is_iat = sec == "IAT" or text[4:10] == "IATCOR"
    company = "" if is_iat else text[4:20].strip()
    return Header(
        line, service, company, text[40:50].strip(), sec, text[53:63].strip(), text[69:75], text[75:78].strip(),
        text[79:87], text[87:94], is_iat,
    )  # fmt: skip


def entry_of(name: str, line: int, text: str, header: Header) -> Entry:
    """An entry detail record. Raises SourceError where its code, routing number, amount or addenda indicator cannot be
    right."""
    code, routing, digit = text[1:3], text[3:11], text[11]
    amount = text[27:39] if header.sec == "ADV" else text[29:39]
    if code not in TRANSACTIONS or (header.sec == "ADV") != (code[0] == "8"):
        raise fault(name, line, "unknown transaction code", code, "a code of the ACH rules, such as 22 or 27")
    if not is_number(routing) or check_digit(routing) != digit:
        raise fault(
            name,
            line,
            "a routing number whose check digit is wrong",
            routing + digit,
            "nine digits that agree",
        )
    if not is_number(amount):
        raise fault(name, line, "not an amount", amount, "digits")
    if text[78] not in "01":
        raise fault(name, line, "not an addenda indicator", text[78], "0 or 1")
    return Entry(line, text, code, int(amount))


def joined(addenda: list[tuple[int, str]]) -> tuple[str, str]:
    """The text of addenda 05, once as one stream (for data of a format) and once to read: a line that fills its 80
    columns goes on in the next, others are parted by a blank."""
    pieces = [text[3:83] for _, text in addenda]
    shown, goes_on = "", True
    for piece in pieces:
        shown += piece.rstrip() if goes_on else f" {piece.strip()}"
        goes_on = not piece.endswith(" ")
    return "".join(pieces), shown.strip()
