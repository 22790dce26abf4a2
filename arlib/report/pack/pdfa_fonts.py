"""Rules of fonts: ISO 19005-3, 6.2.11. Floor 3. Font programs are read by fontTools."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pypdf.generic import DictionaryObject, StreamObject

from arlib.report.pack.pdfa_file import PdfFile, at

Found = Iterator[tuple[str, str]]
KINDS = {"/Type1", "/MMType1", "/TrueType", "/Type3", "/Type0", "/CIDFontType0", "/CIDFontType2"}
PROGRAMS = ("/FontFile", "/FontFile2", "/FontFile3")
RANGE = re.compile(rb"begin(bfchar|bfrange)(.*?)end\1", re.DOTALL)
TOLERANCE = 1  # thousandths of an em between the width told and the width drawn


def _dictionaries(file: PdfFile) -> Found:
    for where, one in file.of_type("/Font"):
        if str(at(one, "/Subtype")) not in KINDS:
            yield where, f"/Subtype {at(one, '/Subtype')}"
        if at(one, "/Subtype") != "/Type3" and not at(one, "/BaseFont"):
            yield where, "no /BaseFont"
        if at(one, "/Subtype") in ("/Type1", "/MMType1", "/TrueType"):
            first, last, widths = at(one, "/FirstChar"), at(one, "/LastChar"), at(one, "/Widths")
            if (
                first is None
                or last is None
                or not isinstance(widths, list)
                or len(widths) != last - first + 1
            ):
                yield where, "no /Widths from /FirstChar to /LastChar"


def _composite(file: PdfFile) -> Found:
    for where, one in file.of_type("/Font"):
        if at(one, "/Subtype") == "/Type0":
            coding = at(one, "/Encoding")
            if not isinstance(coding, StreamObject) and coding not in ("/Identity-H", "/Identity-V"):
                yield where, f"/Encoding {coding}"
        if at(one, "/Subtype") == "/CIDFontType2" and at(one, "/CIDToGIDMap") is None:
            yield where, "no /CIDToGIDMap"
        if at(one, "/Subtype") in ("/CIDFontType0", "/CIDFontType2") and at(one, "/CIDSystemInfo") is None:
            yield where, "no /CIDSystemInfo"


def _embedded(file: PdfFile) -> Found:
    for where, one in file.of_type("/Font"):
        if at(one, "/Subtype") in ("/Type0", "/Type3"):
            continue
        held = [name for name in PROGRAMS if isinstance(at(at(one, "/FontDescriptor"), name), StreamObject)]
        if len(held) != 1:
            yield where, f"{at(one, '/BaseFont')} with {len(held)} font programs"


def _glyphs(file: PdfFile) -> Found:
    for name, codes, program, _ in _shown(file):
        drawn = _outlines(program)
        for code in sorted(codes - drawn.keys()):
            yield name, f"glyph {code}"


def _undefined(file: PdfFile) -> Found:
    for name, codes, _, _ in _shown(file):
        if 0 in codes:
            yield name, "glyph 0"


def _widths(file: PdfFile) -> Found:
    for name, codes, program, widths in _shown(file):
        drawn = _outlines(program)
        for code in sorted(codes & drawn.keys()):
            told = widths.get(code, 1000.0)
            if abs(told - drawn[code]) > TOLERANCE:
                yield name, f"glyph {code}: {told:g} told, {drawn[code]:g} drawn"


def _spoken(file: PdfFile) -> Found:
    for key, font in file.shown.fonts.items():
        told = at(font, "/ToUnicode")
        mapped = _mapped(told.get_data()) if isinstance(told, StreamObject) else set()
        lost = sorted(file.shown.codes[key] - mapped)
        if lost and (at(font, "/Subtype") == "/Type0" or not at(font, "/Encoding")):
            yield str(at(font, "/BaseFont")), f"{len(lost)} characters without their letter, first {lost[0]}"


def _subsets(file: PdfFile) -> Found:
    for where, one in file.of_type("/FontDescriptor"):
        told = at(one, "/CIDSet")
        program = next((at(one, name) for name in PROGRAMS[1:] if at(one, name) is not None), None)
        if isinstance(told, StreamObject) and program is not None:
            bits = told.get_data()
            listed = {
                at_ * 8 + bit for at_, byte in enumerate(bits) for bit in range(8) if byte & (128 >> bit)
            }
            if lost := set(_outlines(_program(program))) - listed:
                yield where, f"{len(lost)} glyphs that /CIDSet does not list"


def _shown(file: PdfFile) -> Iterator[tuple[str, set[int], Any, Mapping[int, float]]]:
    """Each composite font that pages draw with, by Identity coding: name, codes, program, widths told."""
    for key, font in file.shown.fonts.items():
        if at(font, "/Subtype") != "/Type0":
            continue
        inner = at(font, "/DescendantFonts")[0].get_object()
        described = at(inner, "/FontDescriptor")
        stream = next((at(described, name) for name in PROGRAMS[1:] if at(described, name) is not None), None)
        if isinstance(stream, StreamObject):
            yield str(at(font, "/BaseFont")), file.shown.codes[key], _program(stream), _told(inner)


def _program(stream: StreamObject) -> Any:
    from fontTools.ttLib import TTFont

    return TTFont(io.BytesIO(stream.get_data()), lazy=True)


def _outlines(program: Any) -> dict[int, float]:
    """Width in thousandths of an em of each glyph, by the code that draws it: its number, or its CID where it has one."""
    scale = 1000 / program["head"].unitsPerEm
    widths = program["hmtx"].metrics
    order = program.getGlyphOrder()
    if "CFF " in program and hasattr(program["CFF "].cff[0], "ROS"):
        return {int(name[3:]) if name.startswith("cid") else 0: widths[name][0] * scale for name in order}
    return {number: widths[name][0] * scale for number, name in enumerate(order)}


def _told(font: DictionaryObject) -> dict[int, float]:
    """Widths of the font dictionary: runs of `first [w w]` and `first last w`."""
    made: dict[int, float] = {}
    parts = list(at(font, "/W") or [])
    while len(parts) > 1:
        first, second = int(parts[0]), parts[1].get_object()
        if isinstance(second, list):
            made |= {first + place: float(width) for place, width in enumerate(second)}
            parts = parts[2:]
        else:
            made |= dict.fromkeys(range(first, int(second) + 1), float(parts[2]))
            parts = parts[3:]
    return made


def _mapped(data: bytes) -> set[int]:
    """Codes that a /ToUnicode table names; the text of a cluster stands at its first glyph, the others have none."""
    made: set[int] = set()
    for kind, body in RANGE.findall(data):
        if kind == b"bfchar":
            made |= {int(code, 16) for code in re.findall(rb"<([0-9A-Fa-f]+)>\s*<[0-9A-Fa-f\s]*>", body)}
        else:
            for first, last in re.findall(
                rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(?:<[^>]*>|\[[^\]]*\])", body
            ):
                made |= set(range(int(first, 16), int(last, 16) + 1))
    return made


RULES = (
    ("6.2.11.2", "a font says its kind, its name and its widths", _dictionaries),
    ("6.2.11.3", "a composite font has an Identity coding or one inside the file, and its glyph map", _composite),
    ("6.2.11.4.1", "every font program is in the file, once", _embedded),
    ("6.2.11.4.1", "every glyph that is shown is in the font program", _glyphs),
    ("6.2.11.4.2", "a /CIDSet lists every glyph of the font program", _subsets),
    ("6.2.11.5", "widths told and widths drawn agree", _widths),
    ("6.2.11.7.2", "every character shown has its letter, so that text can be searched (level U, asked by us)", _spoken),
    ("6.2.11.8", "no empty box (.notdef) is shown", _undefined),
)  # fmt: skip
