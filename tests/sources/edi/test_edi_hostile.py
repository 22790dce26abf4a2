"""Flipped, cut and swollen bytes: an answer in time, by one reader, and never another error than SourceError."""

from __future__ import annotations

import io
import random
import time
from pathlib import Path

import pytest

from arlib.errors import SourceError
from arlib.sources.forms import Form, collect
from arlib.sources.forms.registry import head_of

NOISE = b"~*'+:?\n\r,.-0A\\ \x1d\xff"


def told(forms: tuple[Form, ...], content: bytes) -> int | None:
    """How many rows, None where the file is refused or claimed by none."""
    claimed = [form for form in forms if form.claims(head_of(content))]
    assert len(claimed) < 2
    if not claimed:
        return None
    try:
        rows = list(claimed[0].rows(io.BytesIO(content), "file"))
    except SourceError:
        return None
    collect(rows, "file")
    assert all(value.isprintable() for _, _, fields in rows for value in fields.values())
    return len(rows)


@pytest.mark.parametrize("name", [
    "herophilus_parse_820_04", "herophilus_parse_820_05", "herophilus_parse_820_06", "staedi_invoic_d93a_una",
])  # fmt: skip
def test_flipped_and_inserted_bytes(samples: Path, forms: tuple[Form, ...], name: str) -> None:
    content = (samples / f"{name}.edi").read_bytes()
    chance = random.Random(name)
    for _ in range(400):
        bent = bytearray(content)
        for _ in range(chance.choice((1, 1, 2, 6))):
            place = chance.randrange(len(bent))
            match chance.randrange(4):
                case 0:
                    bent[place] ^= 1 << chance.randrange(8)
                case 1:
                    bent[place] = chance.randrange(256)
                case 2:
                    del bent[place : place + chance.randrange(1, 9)]
                case _:
                    bent[place:place] = bytes(chance.choices(NOISE, k=chance.randrange(1, 4)))
        told(forms, bytes(bent))


@pytest.mark.parametrize(
    "name", ["herophilus_parse_820_04", "herophilus_parse_820_05", "herophilus_parse_820_06"]
)
def test_every_cut_of_a_sample_is_refused(samples: Path, forms: tuple[Form, ...], name: str) -> None:
    content = (samples / f"{name}.edi").read_bytes().rstrip()
    whole = told(forms, content)
    assert whole
    assert [end for end in range(len(content)) if told(forms, content[:end]) is not None] == [
        len(content) - 1
    ]
    assert told(forms, content[:-1]) == whole  # only the last terminator is missing


@pytest.mark.parametrize("head", [
    b"ISA*00*" + b" " * 99, b"ISA*00*          *00*          *ZZ*A              *ZZ*B              *260101*0900*U*00401*000000001*0*P*>~",
    b"GS*RA*", b"ST*820*0001~BPR*", b"SA*00*", b"UNA:+.? '", b"UNB+UNOC:3+", b"UNH+1+REMADV:D:96A:UN'DOC+",
])  # fmt: skip
@pytest.mark.parametrize(
    "tail", [b"X", b"~", b"*", b"'", b"+", b"?'", b"?+", b":", b"\n", b" ", b"A*~", b"\xff", b"ST*820*1~"]
)
def test_huge_lines_get_an_answer_in_time(forms: tuple[Form, ...], head: bytes, tail: bytes) -> None:
    start = time.process_time()
    told(forms, head + tail * (1_000_000 // len(tail)))
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    "content",
    [b"ISA,No,Name\n1,2,3\n", b"ST,820,1\n", b"STATUS\n", b"GST*1\n", b"UNB,1\n", b"ISA", b"", b"UNA"],
)
def test_a_table_is_not_claimed(forms: tuple[Form, ...], content: bytes) -> None:
    assert not any(form.claims(head_of(content)) for form in forms)
