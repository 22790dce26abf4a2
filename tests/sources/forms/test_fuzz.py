"""Hostile and broken bytes against every reader: a clear refusal or the truth, never a crash, a hang or half a file."""

from __future__ import annotations

import io
import random
import time
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.errors import SourceError
from arlib.sources.archive import unzipped
from arlib.sources.forms import Form, form_of, forms
from arlib.sources.forms.lists import LISTS

DATA = Path(__file__).parents[1] / "data"
SLOWEST_SECONDS = 2.0
WHOLE_BYTES = 4096  # a sample up to this size is cut at every byte
PLACES = 60  # a larger one at so many


def samples() -> list[Path]:
    found = []
    for path in sorted(DATA.rglob("*")):
        if path.is_file() and path.suffix not in (".md", ".py", ".csv", ".xlsx") and path.name != "LICENSE":
            found.append(path)
    return found


Lists = dict[str, list[dict[str, str]]]
AMOUNTS = ("opening", "closing", "net", "difference", "amount", "gross", "discount", "deduction")


def read(content: bytes, form: Form | None = None) -> Lists | None:
    """What the form makes of the bytes; None where they are refused. Anything but a SourceError is a failure."""
    begun = time.process_time()
    lists: Lists = {name: [] for name in LISTS}
    try:
        chosen = form or form_of(content, "fuzz")
        if chosen is None:
            return None
        for name, _, fields in chosen.rows(io.BytesIO(content), "fuzz"):
            assert fields.keys() <= set(LISTS[name])
            lists[name].append(fields)
    except SourceError:
        return None
    finally:
        assert time.process_time() - begun < SLOWEST_SECONDS
    return lists


def row(name: str, fields: dict[str, str]) -> tuple[object, ...]:
    """A row by its columns; amounts as numbers, since a cut may take trailing zeros."""
    texts = ((column, fields.get(column, "")) for column in LISTS[name])
    return tuple(Decimal(text) if text and column in AMOUNTS else text for column, text in texts)


def facts(lists: Lists) -> dict[str, list[tuple[object, ...]]]:
    """What counts, by list; remarks may differ."""
    return {name: [row(name, fields) for fields in lists[name]] for name in LISTS if name != "remarks"}


def require_no_half(cut: Lists | None, whole: Lists) -> None:
    """A cut file that is read says the same as the whole one, or ends after a statement or payment that is whole.

    Or the cut fell into the last closing balance itself: then every entry is there, and it says that they do not add up.
    Or it took later pages of a statement whose page says that more are to come, as banks send them one by one.
    """
    if cut is None:
        return
    ours, all_ = facts(cut), facts(whole)
    if any(remark["code"] == "more_pages_to_come" for remark in cut["remarks"]):
        assert ours["entries"] == all_["entries"][: len(ours["entries"])]
        return
    if cut["statements"] and cut["statements"][-1]["state"] == "differs":
        for fields, same in zip(cut["statements"], whole["statements"], strict=False):
            assert fields["entries"] == same["entries"]
        ours["statements"] = all_["statements"][: len(ours["statements"])]
    if ours == all_:
        return
    for name, rows in ours.items():
        assert rows == all_[name][: len(rows)], name
    kept = {fields[0] for fields in ours["statements"]}
    assert ours["entries"] == [entry for entry in all_["entries"] if entry[0] in kept], "half a statement"


@lru_cache(maxsize=1)
def pairs() -> list[tuple[Path, Form]]:
    found = []
    for path in samples():
        content, _ = unzipped(path.read_bytes(), path.name)
        form = form_of(content, path.name)
        if form is not None and read(content, form) is not None:
            found.append((path, form))
    return found


@pytest.mark.parametrize(
    "path", [path for path, _ in pairs()], ids=lambda path: path.relative_to(DATA).as_posix()
)
def test_a_cut_file_is_refused_or_says_what_the_whole_one_says(path):
    content, _ = unzipped(path.read_bytes(), path.name)
    form = form_of(content, path.name)
    whole = read(content, form)
    assert whole is not None
    draw = random.Random(path.name)
    size = len(content)
    ends = {size - n for n in range(1, min(size, 40))}
    places = (
        range(size) if size <= WHOLE_BYTES else sorted(ends | {draw.randrange(size) for _ in range(PLACES)})
    )
    for at in places:
        require_no_half(read(content[:at], form), whole)


@pytest.mark.parametrize("path", samples(), ids=lambda path: path.relative_to(DATA).as_posix())
def test_flipped_bytes_crash_nothing(path):
    content, _ = unzipped(path.read_bytes(), path.name)
    draw = random.Random(path.name)
    own = form_of(content, path.name)
    for _ in range(40):
        bad = bytearray(content)
        for _ in range(draw.choice((1, 1, 2, 8))):
            bad[draw.randrange(len(bad))] = draw.choice(
                (0, 10, 32, 39, 43, 58, 60, 62, 255, draw.randrange(256))
            )
        read(bytes(bad))
        if own is not None:
            read(bytes(bad), own)


@pytest.mark.parametrize("form", forms(), ids=lambda form: form.name)
@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_noise_is_no_file(form, content):
    read(content, form)
    read(content)


HUGE = {
    "one line": b"A" * 5_000_000,
    "digits": b"9" * 3_000_000,
    "tags": b":61:" * 400_000,
    "commas": b"01," + b"," * 2_000_000,
    "stars": b"ISA*" + b"*" * 2_000_000,
    "opened": b"<" * 500_000,
    "elements": b"<a>" * 300_000,
    "plus": b"UNB+" + b"+" * 2_000_000,
    "blank": b" " * 3_000_000,
    "breaks": b"\r\n" * 1_500_000,
    "zeroes": b"\x00" * 3_000_000,
    "ofx": b"OFXHEADER:100\n<OFX>" + b"<STMTTRN>" * 200_000,
    "16": b"01,a,b,250101,0000,1,,,2/\n02,a,b,1,250101,0000,USD,/\n" + b"16,115,1,,,,x\n88,y" * 100_000,
    "6": (b"101 076401251 0764012510807291511A094101" + b" " * 54 + b"\n") + (b"6" * 94 + b"\n") * 20_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HUGE)
@pytest.mark.parametrize("form", forms(), ids=lambda form: form.name)
def test_huge_lines_and_endless_repeats_end_soon(form, name):
    read(HUGE[name], form)


BOMB = b"""<?xml version="1.0"?><!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d SYSTEM "file:///etc/passwd">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><GrpHdr><MsgId>&c;&d;</MsgId></GrpHdr>
</BkToCstmrStmt></Document>"""


@pytest.mark.parametrize("form", forms(), ids=lambda form: form.name)
def test_entities_are_never_expanded(form):
    assert read(BOMB, form) is None


@pytest.mark.parametrize("code", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig", "shift_jis"])
def test_another_encoding_is_read_the_same_or_refused(code):
    for path, form in pairs():
        content, _ = unzipped(path.read_bytes(), path.name)
        if content.isascii() and b"encoding" not in content[:100]:
            made = read(content.decode().encode(code), form)
            assert made is None or facts(made) == facts(read(content, form)), path


def test_no_two_forms_claim_one_sample():
    for path in samples():
        content, _ = unzipped(path.read_bytes(), path.name)
        form_of(content, path.name)  # raises where two do
