"""Rules of the file's syntax, its limits, annotations, forms and actions: ISO 19005-3, 6.1, 6.3 to 6.5, 6.9 to 6.11. Floor 3."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pypdf.generic import (
    ByteStringObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from arlib.report.pack.pdfa_file import PdfFile, at, nested

Found = Iterator[tuple[str, str]]
HEADER = re.compile(rb"%PDF-1\.[0-7][\r\n]")
BINARY = re.compile(rb"%PDF-1\.[0-7](?:\r\n|\r|\n)%[\x80-\xff]{4}")
END = re.compile(rb"%%EOF(?:\r\n|\r|\n)?\Z")
LENGTH = re.compile(rb"/Length\s+(\d+)(?:\s+(\d+)\s+R)?")
TAIL = re.compile(rb"(?:\r\n|\n|\r)endstream")
STREAM = re.compile(rb"(?<!end)stream(\r\n|\n|\r|.)", re.DOTALL)
FILTERS = {
    "/ASCIIHexDecode", "/ASCII85Decode", "/FlateDecode", "/RunLengthDecode", "/CCITTFaxDecode", "/JBIG2Decode",
    "/DCTDecode", "/JPXDecode",
}  # fmt: skip
ANNOTATIONS = {
    "/Text", "/Link", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Highlight", "/Underline",
    "/Squiggly", "/StrikeOut", "/Stamp", "/Caret", "/Ink", "/Popup", "/FileAttachment", "/Widget", "/PrinterMark",
    "/TrapNet", "/Watermark", "/Redact",
}  # fmt: skip
ACTIONS = {"/GoTo", "/GoToR", "/GoToE", "/Thread", "/URI", "/Named", "/SubmitForm"}
NAMED = {"/NextPage", "/PrevPage", "/FirstPage", "/LastPage"}
PRINT, UNSEEN = 4, 1 | 2 | 32 | 256  # bits of /F: Print; Invisible, Hidden, NoView, ToggleNoView
LARGEST, LONGEST_TEXT, LONGEST_NAME, MOST_OBJECTS, DEEPEST = 2**31 - 1, 32767, 127, 8388607, 28
SIZES = (3, 14400)  # units of a page's side
BOXES = ("/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox")


def _header(file: PdfFile) -> Found:
    if not HEADER.match(file.data):
        yield "file", repr(file.data[:12])


def _binary(file: PdfFile) -> Found:
    if not BINARY.match(file.data):
        yield "file", repr(file.data[:20])


def _identifier(file: PdfFile) -> Found:
    told = at(file.trailer, "/ID")
    if not isinstance(told, list) or len(told) != 2 or not all(len(str(one)) for one in told):
        yield "trailer", str(told)


def _encrypted(file: PdfFile) -> Found:
    if "/Encrypt" in file.trailer:
        yield "trailer", "/Encrypt"


def _end(file: PdfFile) -> Found:
    if not END.search(file.data[-8:]):
        yield "file", repr(file.data[-12:])


def _lengths(file: PdfFile) -> Found:
    for where, _ in file.streams():
        start = file.reader.xref.get(0, {}).get(int(where.split()[1]))
        found = STREAM.search(file.data, start) if start is not None else None
        if found is None or found[1] not in (b"\r\n", b"\n"):
            yield where, "the word stream without its line end"
            continue
        told = LENGTH.findall(file.data[start : found.start()])
        size = _size(file, told[-1]) if told else None
        if size is None or not TAIL.match(file.data[found.end() + size : found.end() + size + 11]):
            yield where, f"/Length {size}"


def _size(file: PdfFile, told: tuple[bytes, bytes]) -> int | None:
    """A length that is told there, or by another object."""
    number, other = told
    held = file.objects.get((int(number), int(other))) if other else int(number)
    return int(held) if held is not None else None


def _external(file: PdfFile) -> Found:
    for where, one in file.streams():
        for name in ("/F", "/FFilter", "/FDecodeParms"):
            if name in one:
                yield where, name


def _filters(file: PdfFile) -> Found:
    for where, one in file.streams():
        told = at(one, "/Filter")
        for name in told if isinstance(told, list) else [told] if told is not None else []:
            if str(name) not in FILTERS:
                yield where, str(name)
    for name in sorted(file.shown.inline_filters):
        if "LZW" in name or "Crypt" in name:
            yield "an inline picture", name


def _limits(file: PdfFile) -> Found:
    if len(file.objects) > MOST_OBJECTS:
        yield "file", f"{len(file.objects)} objects"
    for (number, _), one in file.objects.items():
        for inner in nested(one):
            if isinstance(inner, NameObject):
                if len(str(inner).encode("utf-8")) > LONGEST_NAME + 1:
                    yield f"object {number}", f"a name of {len(str(inner)) - 1} bytes"
            elif isinstance(inner, TextStringObject | ByteStringObject):
                size = len(getattr(inner, "original_bytes", inner))
                if size > LONGEST_TEXT:
                    yield f"object {number}", f"a string of {size} bytes"
            elif isinstance(inner, NumberObject):
                if not -LARGEST - 1 <= int(inner) <= LARGEST:
                    yield f"object {number}", str(int(inner))
            elif isinstance(inner, FloatObject) and abs(float(inner)) > 3.403e38:
                yield f"object {number}", str(inner)


def _nesting(file: PdfFile) -> Found:
    if file.shown.depth > DEEPEST:
        yield "a page", f"{file.shown.depth} levels"


def _boxes(file: PdfFile) -> Found:
    for number, page in enumerate(file.pages, start=1):
        for name in BOXES:
            if (box := at(page, name)) is not None:
                left, bottom, right, top = (float(one) for one in box)
                for side in (abs(right - left), abs(top - bottom)):
                    if not SIZES[0] <= side <= SIZES[1]:
                        yield f"page {number}", f"{name} {side:g}"


def _annotations(file: PdfFile) -> Iterator[tuple[str, DictionaryObject]]:
    for number, page in enumerate(file.pages, start=1):
        for one in at(page, "/Annots") or []:
            yield f"annotation on page {number}", one.get_object()


def _kinds(file: PdfFile) -> Found:
    for where, one in _annotations(file):
        if str(at(one, "/Subtype")) not in ANNOTATIONS:
            yield where, str(at(one, "/Subtype"))


def _flags(file: PdfFile) -> Found:
    for where, one in _annotations(file):
        if at(one, "/Subtype") == "/Popup":
            continue
        told = at(one, "/F")
        if not isinstance(told, int) or not int(told) & PRINT or int(told) & UNSEEN:
            yield where, f"/F {told}"


def _looks(file: PdfFile) -> Found:
    for where, one in _annotations(file):
        look = at(one, "/AP")
        if look is None:
            if at(one, "/Subtype") not in ("/Popup", "/Link") and not _is_point(one):
                yield where, "no /AP"
        elif set(look) != {"/N"}:
            yield where, ", ".join(look)


def _is_point(one: DictionaryObject) -> bool:
    left, bottom, right, top = (float(side) for side in at(one, "/Rect"))
    return left == right and bottom == top


def _forms(file: PdfFile) -> Found:
    form = at(file.catalog, "/AcroForm")
    if form is not None:
        if at(form, "/NeedAppearances"):
            yield "form", "/NeedAppearances"
        if "/XFA" in form:
            yield "form", "/XFA"
    if at(file.catalog, "/NeedsRendering"):
        yield "catalog", "/NeedsRendering"
    for where, one in file.dictionaries():
        if at(one, "/Subtype") == "/Widget" or "/FT" in one:
            for name in ("/A", "/AA"):
                if name in one:
                    yield where, name


def _actions(file: PdfFile) -> Found:
    for where, one in file.dictionaries():
        for name in ("/A", "/OpenAction", "/Next"):
            for action in _list(at(one, name)):
                kind = at(action, "/S") if isinstance(action, dict) else None
                if kind is not None and str(kind) not in ACTIONS:
                    yield where, str(kind)
                if kind == "/Named" and str(at(action, "/N")) not in NAMED:
                    yield where, f"/Named {at(action, '/N')}"
        if at(one, "/S") in ("/JavaScript", "/Launch") or "/JS" in one:
            yield where, str(at(one, "/S"))
    if "/JavaScript" in (at(file.catalog, "/Names") or {}):
        yield "catalog", "/Names /JavaScript"


def _list(value: object) -> list[object]:
    if isinstance(value, list):
        return [one.get_object() if hasattr(one, "get_object") else one for one in value]
    return [value]


def _triggers(file: PdfFile) -> Found:
    for where, one in [
        ("catalog", file.catalog),
        *((f"page {n}", p) for n, p in enumerate(file.pages, start=1)),
    ]:
        if "/AA" in one:
            yield where, "/AA"


def _layers(file: PdfFile) -> Found:
    told = at(file.catalog, "/OCProperties")
    if told is None:
        return
    names = []
    for config in [at(told, "/D"), *(one.get_object() for one in at(told, "/Configs") or [])]:
        name = str(at(config, "/Name") or "")
        if not name or name in names:
            yield "layers", f"/Name {name!r}"
        names.append(name)
        if config is not None and "/AS" in config:
            yield "layers", "/AS"


def _forbidden(file: PdfFile) -> Found:
    if "/AlternatePresentations" in (at(file.catalog, "/Names") or {}):
        yield "catalog", "/AlternatePresentations"
    if "/Requirements" in file.catalog:
        yield "catalog", "/Requirements"
    for number, page in enumerate(file.pages, start=1):
        if "/PresSteps" in page:
            yield f"page {number}", "/PresSteps"


RULES = (
    ("6.1.2", "the file begins with %PDF-1.0 to 1.7 and a line end", _header),
    ("6.1.2", "the second line is a comment of four bytes above 127", _binary),
    ("6.1.3", "the trailer has an /ID of two texts", _identifier),
    ("6.1.3", "the file is not encrypted", _encrypted),
    ("6.1.3", "nothing follows the last %%EOF but one line end", _end),
    ("6.1.7.1", "the /Length of a stream is its length", _lengths),
    ("6.1.7.1", "no stream lies outside the file", _external),
    ("6.1.7.2", "no LZW, Crypt or unknown filter", _filters),
    ("6.1.13", "numbers, texts, names and objects are within the limits", _limits),
    ("6.1.13", "graphics states are nested 28 deep at most", _nesting),
    ("6.1.13", "each side of a page is 3 to 14,400 units", _boxes),
    ("6.3.1", "annotations are of the permitted kinds", _kinds),
    ("6.3.2", "an annotation is printed and never hidden", _flags),
    ("6.3.3", "an annotation has one normal appearance and no other", _looks),
    ("6.4", "a form runs nothing and needs no drawing by the reader", _forms),
    ("6.5.1", "no script, no program, no action beyond links and page turns", _actions),
    ("6.5.2", "nothing happens by itself in the document or on a page", _triggers),
    ("6.9", "layers are named, apart, and not switched by events", _layers),
    ("6.10, 6.11", "no alternate presentation, no steps, no requirements of the reader", _forbidden),
)  # fmt: skip
