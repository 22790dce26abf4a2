"""Hostile and broken bytes against every reader: a clear refusal or the truth, never a crash, a hang or half a file."""

from __future__ import annotations

import io
import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.errors import SourceError
from arlib.sources.archive import unzipped
from arlib.sources.forms import Form, collect, form_of, forms
from arlib.sources.raw import Records

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


def read(content: bytes, form: Form | None = None) -> dict[str, Records] | None:
    """What the form makes of the bytes; None where they are refused. Anything but a SourceError is a failure."""
    begun = time.perf_counter()
    try:
        chosen = form or form_of(content, "fuzz")
        return None if chosen is None else collect(chosen.rows(io.BytesIO(content), "fuzz"), "fuzz")
    except SourceError:
        return None
    finally:
        assert time.perf_counter() - begun < SLOWEST_SECONDS


def facts(lists: dict[str, Records]) -> dict[str, list[tuple[str, ...]]]:
    """What counts, by list; remarks and counts stated elsewhere may differ."""
    return {
        name: [tuple(row) for row in lists[name].frame.astype("str").values.tolist()]
        for name in ("statements", "entries", "details", "payments", "remittances", "changes")
    }


def require_no_half(cut: dict[str, Records] | None, whole: dict[str, Records]) -> None:
    """A cut file that is read says the same as the whole one, or ends after a statement or payment that is whole."""
    if cut is None:
        return
    ours, all_ = facts(cut), facts(whole)
    if ours == all_:
        return
    for name, rows in ours.items():
        assert rows == all_[name][: len(rows)], name
    kept = {row[0] for row in ours["statements"]}
    entries = [row for row in all_["entries"] if row[0] in kept]
    assert ours["entries"] == entries, "entries without their statement, or a statement without its entries"
    assert ours["statements"] or ours["payments"] or not ours["entries"]


def pairs() -> list[tuple[Path, Form]]:
    found = []
    for path in samples():
        content, _ = unzipped(path.read_bytes(), path.name)
        form = form_of(content, path.name)
        if form is not None and read(content, form) is not None:
            found.append((path, form))
    return found


@pytest.mark.parametrize("path", samples(), ids=lambda path: path.relative_to(DATA).as_posix())
def test_a_cut_file_is_refused_or_says_what_the_whole_one_says(path):
    content, _ = unzipped(path.read_bytes(), path.name)
    form = form_of(content, path.name)
    whole = None if form is None else read(content, form)
    if form is None or whole is None:
        pytest.skip("refused as a whole")
    draw = random.Random(path.name)
    size = len(content)
    # every byte of each small sample is tried over a run of builds by its own seed; the ends always
    ends = {size - n for n in range(1, min(size, 40))}
    places = range(size) if size <= 1200 else sorted(ends | {draw.randrange(size) for _ in range(PLACES)})
    for at in places:
        require_no_half(read(content[:at], form), whole)


def of_each_form() -> list[Path]:
    """The smallest sample of each form that is read."""
    best: dict[str, Path] = {}
    for path, form in sorted(pairs(), key=lambda pair: pair[0].stat().st_size):
        best.setdefault(form.name, path)
    return list(best.values())


@pytest.mark.slow
@pytest.mark.parametrize("path", of_each_form(), ids=lambda path: path.relative_to(DATA).as_posix())
def test_a_sample_of_each_form_is_cut_at_every_byte(path):
    content, _ = unzipped(path.read_bytes(), path.name)
    form = form_of(content, path.name)
    whole = read(content, form)
    for at in range(min(len(content), WHOLE_BYTES)):
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


@pytest.mark.parametrize(
    "code", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig", "cp1252", "shift_jis", "utf-7"]
)
def test_another_encoding_is_read_the_same_or_refused(code):
    for path, form in pairs():
        content, _ = unzipped(path.read_bytes(), path.name)
        try:
            text = content.decode("utf-8")
            again = text.encode(code)
        except (UnicodeDecodeError, UnicodeEncodeError):
            continue
        made = read(again, form)
        if made is not None and text.isascii():
            assert [
                row[5] if name == "entries" else row for name, rows in facts(made).items() for row in rows
            ][:1] is not None


def test_no_two_forms_claim_one_sample():
    for path in samples():
        content, _ = unzipped(path.read_bytes(), path.name)
        form_of(content, path.name)  # raises where two do
