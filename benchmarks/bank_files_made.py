"""A camt.053 of any size for the benchmark: deterministic, written in pieces, with balances that tie.

One entry is about 500 bytes: a receipt with one transaction below it, every tenth a payment, every hundredth a batch of two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NAMES = (
    "Nordlicht Handels GmbH",
    "Marais & Fils SA",
    "Van der Berg BV",
    "Ostsee Papier AG",
    "Rossi Forniture Srl",
    "Åkesson AB",
)
OPENING = 1_000_000_00
PIECE = 5_000


@dataclass(frozen=True)
class Made:
    """What was written, worked out beside the writing: entries, details and cents."""

    entries: int
    details: int
    closing: int


def write_camt053(path: Path, entries: int) -> Made:
    """Write the file and say what is in it."""
    closing, details = OPENING, 0
    for number in range(1, entries + 1):
        closing += _cents(number)
        details += 2 if number % 100 == 0 else 0
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write(_head(OPENING, closing))
        for start in range(1, entries + 1, PIECE):
            out.write("".join(_entries(start, min(start + PIECE, entries + 1))))
        out.write("</Stmt></BkToCstmrStmt></Document>\n")
    return Made(entries, details, closing)


def _cents(number: int) -> int:
    size = 100 + (number * 7919) % 999_900
    return -size // 3 if number % 10 == 0 else size


def _money(cents: int) -> str:
    return f"{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _balance(code: str, cents: int, day: str) -> str:
    mark = "CRDT" if cents >= 0 else "DBIT"
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{_money(cents)}</Amt>'
        f"<CdtDbtInd>{mark}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>\n"
    )


def _head(opening: int, closing: int) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">'
        "<BkToCstmrStmt><GrpHdr><MsgId>BENCH</MsgId><CreDtTm>2026-04-01T05:00:00Z</CreDtTm></GrpHdr>\n<Stmt><Id>BENCH-1</Id>"
        "<ElctrncSeqNb>1</ElctrncSeqNb><CreDtTm>2026-04-01T05:00:00Z</CreDtTm><Acct><Id><IBAN>DE89370400440532013000</IBAN>"
        "</Id><Ccy>EUR</Ccy></Acct>\n"
        + _balance("OPBD", opening, "2026-03-01")
        + _balance("CLBD", closing, "2026-03-31")
    )


def _entries(start: int, end: int) -> Iterator[str]:
    for number in range(start, end):
        cents = _cents(number)
        mark, side = ("CRDT", "Dbtr") if cents >= 0 else ("DBIT", "Cdtr")
        halves = (cents - cents // 2, cents // 2) if number % 100 == 0 else (cents,)
        day = f"2026-03-{number % 31 + 1:02d}"
        below = "".join(
            f"<TxDtls><Refs><EndToEndId>E2E-{number:09d}-{part}</EndToEndId></Refs>"
            f'<Amt Ccy="EUR">{_money(half)}</Amt><CdtDbtInd>{mark}</CdtDbtInd>'
            f"<RltdPties><{side}><Pty><Nm>{NAMES[number % 6].replace('&', '&amp;')} {number % 5000}</Nm></Pty></{side}>"
            f"<{side}Acct><Id><IBAN>DE{number % 5000:020d}</IBAN></Id></{side}Acct></RltdPties>"
            f"<RmtInf><Ustrd>Invoice {900000 + number}</Ustrd></RmtInf></TxDtls>"
            for part, half in enumerate(halves, 1)
        )
        yield (
            f'<Ntry><Amt Ccy="EUR">{_money(cents)}</Amt><CdtDbtInd>{mark}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
            f"<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt><NtryDtls>{below}</NtryDtls></Ntry>\n"
        )
