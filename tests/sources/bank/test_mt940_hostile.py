"""MT940 against damage: cuts at every byte, flips, huge input. Only a SourceError, and never half a file."""

from __future__ import annotations

import io
import random
import time
from decimal import Decimal
from pathlib import Path

import pytest

from arlib.errors import SourceError
from arlib.sources.bank.mt940 import FORM
from arlib.sources.forms import Row

DATA = Path(__file__).parent.parent / "data" / "mt940"
HEAD = ":20:R\n:25:1\n:60F:C260301EUR0,\n"
SMALL = sorted(
    path for path in DATA.glob("*/*") if path.suffix in (".sta", ".txt") and path.stat().st_size <= 4096
)


def read(content: bytes) -> list[Row]:
    return list(FORM.rows(io.BytesIO(content), "bank.sta"))


def statements(content: bytes) -> list[tuple[str, ...]]:
    return [
        (
            f["account"],
            f["entries"],
            f["net"],
            str(Decimal(f["closing"]).normalize()) if f.get("closing") else "",
        )
        for key, _, f in read(content)
        if key == "statements"
    ]


@pytest.mark.parametrize("path", SMALL, ids=[path.name for path in SMALL])
def test_cut_at_every_byte(path: Path) -> None:
    """A cut file is refused, or is cut between two statements (or behind the last one): then those before are whole."""
    content = path.read_bytes()
    try:
        whole = statements(content)
    except SourceError:
        whole = []
    for end in range(len(content)):
        try:
            found = statements(content[:end])
        except SourceError:
            continue
        is_page = content[:end].rfind(b":62M:") > content[:end].rfind(
            b":20:"
        )  # said to go on: a remark tells
        if whole and not is_page:
            assert found == whole[: len(found)], (end, content[max(0, end - 30) : end])
        tail = content[:end].rstrip().rsplit(b":62", 1)[-1]
        assert b":61:" not in tail or b":90D:" in tail, end


@pytest.mark.parametrize("path", SMALL, ids=[path.name for path in SMALL])
def test_flipped_bytes(path: Path) -> None:
    content = path.read_bytes()
    chance = random.Random(20260302)
    for _ in range(60):
        damaged = bytearray(content)
        for _ in range(chance.choice((1, 1, 4))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            read(bytes(damaged))
        except SourceError:
            continue


@pytest.mark.parametrize(
    "content",
    [
        HEAD + ":86:" + "x" * 3_000_000,
        HEAD + ":61:260302C1,NTRFX\n:86:" + "abc\n" * 700_000,
        HEAD + ":61:" + "9" * 3_000_000,
        HEAD + ":61:260302C1,NTRFX\n:86:166?20" + "EREF+" * 15_000 + "\n:62F:C260301EUR1,\n-",
        HEAD + ":61:260302C1,NTRFX\n:86:" + "/NAME/" * 15_000 + "\n:62F:C260301EUR1,\n-",
        HEAD + ":61:260302C1,NTRFX\n:86:" + "RF18 " * 19_000 + "\n:62F:C260301EUR1,\n-",
        HEAD + ":61:260302C1,NTRFX\n:86:" + "IBAN: NAAM: " * 8_000 + "\n:62F:C260301EUR1,\n-",
        HEAD + ":61:260302C1,NTRFX\n:86:" + "166" + "?20" * 30_000 + "\n:62F:C260301EUR1,\n-",
        ":20:R\n" * 500_000,
        "{1:" * 900_000,
        ":\n" * 1_000_000,
        "\x00" * 3_000_000 + HEAD,
        HEAD + ":62F:C260301EUR" + "1" * 40 + ",\n-",
        HEAD + ":61:991399C1,NTRFX\n:62F:C260301EUR1,\n-",
        HEAD + ":61:260302C١٢,NTRFX\n:62F:C260301EUR1,\n-",
        HEAD + ":62F:C260301EUR1.234.567,\n-",
    ],
)
def test_huge_or_odd_input_is_quick(content: str) -> None:
    started = time.perf_counter()
    try:
        read(content.encode())
    except SourceError as fault:
        said = str(fault)
    else:
        said = ""
    assert len(said) < 600
    assert time.perf_counter() - started < 5  # 2 s on a free machine


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "{1:F01BANKDEFFAXXX0000000000}{2:I103BANKDEFFXXXXN}{4:\n:20:A\n:32A:260302EUR1,\n-}",
            "is a SWIFT MT103",
        ),
        (HEAD + ":62F:C260301EUR1", "does not add up"),
        (HEAD + ":62F:C260301EUR0,\n-\n{1:F01BANKDEFFAXXX0000000000}", "header of a further statement"),
        (HEAD + ":62F:C260301USD0,\n-\n", "closing balance in USD"),
        (HEAD + ":62F:C260301EUR0,\n:62F:C260301EUR0,\n-\n", "second closing balance"),
        (HEAD + ":62F:C260301EUR0,\n-\n:61:260302C1,NTRFX\n", "outside a statement"),
        (HEAD + ":61:nonsense\n:62F:C260301EUR0,\n-\n", "cannot be read"),
    ],
)
def test_refused_in_words(text: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read(text.encode())
