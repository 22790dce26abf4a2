"""camt against damage and attack: cuts, flips, entity bombs, depth, size. Only a SourceError, and quickly."""

from __future__ import annotations

import io
import random
import time
import tracemalloc
from copy import deepcopy
from pathlib import Path
from typing import BinaryIO

import pytest
from lxml import etree

from arlib.errors import SourceError
from arlib.sources.bank.camt import FORM
from arlib.sources.forms import Row

LIMIT = 2_200  # bytes up to which every cut is tried; larger ones are cut at random places
DATA = Path(__file__).parent.parent / "data" / "camt"
SMALL = sorted(
    path for path in DATA.glob("*/*.xml") if path.stat().st_size <= LIMIT and FORM.claims(path.read_bytes())
)
LARGE = sorted(
    path for path in DATA.glob("*/*.xml") if path.stat().st_size > LIMIT and FORM.claims(path.read_bytes())
)
START = b'<Document xmlns="urn:x"><BkToCstmrStmt><Stmt><Id>1</Id><Acct><Id><IBAN>X</IBAN></Id></Acct>'
END = b"</Stmt></BkToCstmrStmt></Document>"


def read(content: bytes) -> list[Row]:
    return list(FORM.rows(io.BytesIO(content), "bank.xml"))


@pytest.mark.parametrize("path", SMALL, ids=[path.name for path in SMALL])
def test_cut_at_every_byte(path: Path) -> None:
    content = path.read_bytes().rstrip()
    for end in range(len(content)):
        with pytest.raises(SourceError):
            read(content[:end])


@pytest.mark.parametrize("path", LARGE, ids=[path.name for path in LARGE])
def test_cut_anywhere(path: Path) -> None:
    content = path.read_bytes().rstrip()
    for end in random.Random(7).sample(range(len(content)), 60):
        with pytest.raises(SourceError):
            read(content[:end])


@pytest.mark.parametrize("path", [*SMALL, *LARGE], ids=[path.name for path in (*SMALL, *LARGE)])
def test_flipped_bytes(path: Path) -> None:
    content = path.read_bytes()
    chance = random.Random(20260302)
    for _ in range(12):
        damaged = bytearray(content)
        for _ in range(chance.choice((1, 1, 4))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            read(bytes(damaged))
        except SourceError:
            continue


def test_elements_out_of_place() -> None:
    """Elements doubled, moved, emptied or renamed: rows or a SourceError, nothing else."""
    roots = [etree.fromstring(path.read_bytes()) for path in (*SMALL, *LARGE)]
    chance = random.Random(7)
    for _ in range(200):
        root = deepcopy(chance.choice(roots))
        for _ in range(chance.choice((1, 2, 6))):
            elements = [one for one in root.iter("*") if one.getparent() is not None]
            if not elements:
                break
            one, other = chance.choice(elements), chance.choice(elements)
            parent = one.getparent()
            assert parent is not None
            match chance.randrange(5):
                case 0:
                    parent.insert(chance.randrange(len(parent) + 1), deepcopy(one))
                case 1 if len(elements) > 3:
                    parent.remove(one)
                case 2:
                    one.append(deepcopy(other))
                case 3:
                    one.text = chance.choice(("", "x", "-5", "NaN", "9" * 40, "2026-02-30"))
                case _:
                    one.tag = other.tag
        try:
            read(etree.tostring(root))
        except SourceError:
            continue


BOMB = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
) + b"]>"  # fmt: skip


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (BOMB + START + b"<AddtlStmtInf>&j;</AddtlStmtInf>" + END, "document type"),
        (
            b"<?xml version='1.0'?>\n<!-- c --><!DOCTYPE Document SYSTEM 'http://x/y.dtd'>" + START + END,
            "document type",
        ),
        (b"<?xml version='1.0'?>" + b" " * 100_000 + b"<!DOCTYPE a>" + START + END, "document type"),
        (START + b"<AddtlStmtInf>&undefined;</AddtlStmtInf>" + END, "not well-formed"),
        (START + b"<Ntry>" + b"<a>" * 200 + b"</a>" * 200 + b"</Ntry>" + END, "nested deeper"),
        (START + b"<Ntry>" + b"<a>" * 100_000, "not well-formed"),
        (
            START + b"<Ntry><AddtlNtryInf>" + b"x" * 1_500_000 + b"</AddtlNtryInf></Ntry>" + END,
            "a text of more",
        ),
        (
            START + b"<Ntry><AddtlNtryInf>" + b"x" * 12_000_000 + b"</AddtlNtryInf></Ntry>" + END,
            "not well-formed",
        ),
        (START + b"<Ntry/>" * 200_000 + END, "no amount"),
        (b"<!--" + b"x" * 3_000_000 + START, "comment without end"),
        (START + b"\x00" + END, "not well-formed"),
        (b"<a " + b"BkToCstmrStmt " * 100_000, "not well-formed"),
        (b"", "not well-formed"),
    ],
)
def test_attacks_are_refused_quickly(content: bytes, message: str) -> None:
    started = time.perf_counter()
    with pytest.raises(SourceError, match=message):
        read(content)
    assert time.perf_counter() - started < 5  # 2 s on a free machine


class Endless(io.RawIOBase):
    """A statement with so many entries, made as it is read."""

    def __init__(self, entries: int, between: bytes = b"") -> None:
        one = (
            b'<Ntry><Amt Ccy="EUR">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-02</Dt></BookgDt>'
            b"<NtryDtls><TxDtls><RmtInf><Ustrd>some text</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
        )
        self.parts = iter([START, *((one + between) * 100 for _ in range(entries // 100)), END])

    def read(self, size: int = -1) -> bytes:
        return next(self.parts, b"")


@pytest.mark.parametrize("between", [b"", b"<!-- a comment --><Other><a>b</a></Other>\n"])
def test_memory_does_not_grow_with_the_file(between: bytes) -> None:
    stream: BinaryIO = Endless(6_000, between)  # type: ignore[assignment]
    counted, peaks = 0, []
    tracemalloc.start()
    for key, _, _ in FORM.rows(stream, "big.xml"):
        counted += key == "entries"
        if counted in (1_000, 6_000) and key == "entries":
            peaks.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert counted == 6_000
    assert peaks[1] < peaks[0] + 500_000
