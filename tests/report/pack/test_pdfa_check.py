# ruff: noqa: E501  (a table of cases reads better in rows)
"""The structural check of PDF/A-3: what we write passes, and each rule refuses a file that is broken in its way."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pypdf
import pytest
from PIL import Image
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    ByteStringObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NullObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from arlib.report.pack.pdfa import Attachment, pdf_a3
from arlib.report.pack.pdfa_check import RULES, pdfa_faults
from arlib.report.pack.pdfa_file import PdfFile, at

CREATED = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def picture() -> str:
    made = io.BytesIO()
    Image.new("RGBA", (3, 2), (10, 20, 30, 128)).save(made, "PNG")
    return base64.b64encode(made.getvalue()).decode("ascii")


PAGE = f"""<html lang="en"><head><title>no</title></head><body><h1 id="top">Aging</h1>
<p style="font-weight: bold">Total 1,234.50 é 株式会社</p><p><a href="#top">up</a></p>
<img alt="a chart" src="data:image/png;base64,{picture()}"></body></html>"""


@pytest.fixture(scope="module")
def sound() -> bytes:
    return pdf_a3(
        PAGE,
        title="Aging",
        author="Harbor Tools Inc",
        created=CREATED,
        attachments=[
            Attachment(name="run.json", data=b"{}", media_type="application/json", description="the record"),
            Attachment(name="aging.csv", data=b"a,b\n", media_type="text/csv", relationship="Source"),
        ],
    )


Breaker = Callable[["pypdf.PdfWriter"], object]


def broken(data: bytes, breaker: Breaker) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    breaker(writer)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def name(value: str) -> NameObject:
    return NameObject(value)


def root(writer) -> DictionaryObject:
    return writer.root_object


def found(writer, wanted: Callable[[DictionaryObject], bool]) -> DictionaryObject:
    """The first dictionary of the file that is wanted."""
    for one in writer._objects:
        value = one.get_object() if one is not None else None
        if isinstance(value, DictionaryObject) and wanted(value):
            return value
    raise AssertionError("nothing to break")


def typed(kind: str) -> Callable[[DictionaryObject], bool]:
    return lambda one: one.get("/Type") == kind


def sub(kind: str) -> Callable[[DictionaryObject], bool]:
    return lambda one: one.get("/Subtype") == kind


def put(holder: DictionaryObject, key: str, value: object) -> None:
    holder[name(key)] = value


def page(writer) -> DictionaryObject:
    return writer.pages[0]


def content(extra: bytes) -> Breaker:
    def breaker(writer) -> None:
        stream = DecodedStreamObject()
        stream.set_data(page(writer)["/Contents"].get_object().get_data() + b"\n" + extra)
        put(page(writer), "/Contents", writer._add_object(stream))

    return breaker


def metadata(before: str, after: str) -> Breaker:
    def breaker(writer) -> None:
        stream = DecodedStreamObject()
        text = root(writer)["/Metadata"].get_object().get_data()
        assert before.encode() in text
        stream.set_data(text.replace(before.encode(), after.encode()))
        put(stream, "/Type", name("/Metadata"))
        put(stream, "/Subtype", name("/XML"))
        put(root(writer), "/Metadata", writer._add_object(stream))

    return breaker


def added(writer, value: object) -> object:
    """A value that some object of the file holds."""
    return writer._add_object(DictionaryObject({name("/Held"): value}))


def annotation(**more: object) -> Breaker:
    def breaker(writer) -> None:
        one = DictionaryObject({
            name("/Type"): name("/Annot"), name("/Subtype"): name("/Square"), name("/F"): NumberObject(4),
            name("/Rect"): ArrayObject([FloatObject(v) for v in (1, 1, 9, 9)]),
            name("/AP"): DictionaryObject({name("/N"): NullObject()}),
        })  # fmt: skip
        for key, value in more.items():
            if value is None:
                del one[f"/{key}"]
            else:
                put(one, f"/{key}", value)
        put(page(writer), "/Annots", ArrayObject([writer._add_object(one)]))

    return breaker


def icc(change: Callable[[bytearray], None]) -> Breaker:
    def breaker(writer) -> None:
        intent = root(writer)["/OutputIntents"][0].get_object()
        data = bytearray(intent["/DestOutputProfile"].get_object().get_data())
        change(data)
        stream = DecodedStreamObject()
        stream.set_data(bytes(data))
        put(stream, "/N", NumberObject(3))
        put(intent, "/DestOutputProfile", writer._add_object(stream))

    return breaker


def lzw(writer) -> None:
    stream = StreamObject()
    stream._data = b"\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01"
    put(stream, "/Filter", name("/LZWDecode"))
    added(writer, writer._add_object(stream))


def external(writer) -> None:
    stream = DecodedStreamObject()
    stream.set_data(b"")
    put(stream, "/F", TextStringObject("http://elsewhere/"))
    added(writer, writer._add_object(stream))


def no_intent(writer) -> None:
    del root(writer)["/OutputIntents"]


def group_without_space(writer) -> None:
    no_intent(writer)
    put(page(writer), "/Group", DictionaryObject({name("/S"): name("/Transparency")}))


def no_program(writer) -> None:
    one = found(writer, typed("/FontDescriptor"))
    for key in ("/FontFile2", "/FontFile3"):
        one.pop(name(key), None)


def no_letters(writer) -> None:
    del found(writer, sub("/Type0"))["/ToUnicode"]


def wrong_width(writer) -> None:
    one = found(writer, lambda o: str(o.get("/Subtype", "")).startswith("/CIDFontType"))
    runs = one["/W"]
    runs[1] = ArrayObject([NumberObject(int(width) + 77) for width in runs[1]])


def show(hexed: str) -> Breaker:
    def breaker(writer) -> None:
        key = next(iter(page(writer)["/Resources"].get_object()["/Font"].get_object()))
        content(f"BT {key} 9 Tf <{hexed}> Tj ET".encode())(writer)

    return breaker


def attached(change: Callable[[DictionaryObject], None]) -> Breaker:
    return lambda writer: change(found(writer, typed("/Filespec")))


def drop(key: str) -> Callable[[DictionaryObject], None]:
    return lambda one: one.pop(name(key))


def embedded(change: Callable[[DictionaryObject], None]) -> Breaker:
    return lambda writer: change(found(writer, typed("/EmbeddedFile")))


def script(writer) -> None:
    action = DictionaryObject(
        {name("/S"): name("/JavaScript"), name("/JS"): TextStringObject("app.alert(1)")}
    )
    put(root(writer), "/OpenAction", action)


def launch(writer) -> None:
    action = DictionaryObject({name("/S"): name("/Launch"), name("/F"): TextStringObject("x.exe")})
    put(root(writer), "/OpenAction", action)


def other_space(writer) -> None:
    intent = root(writer)["/OutputIntents"][0].get_object()
    put(intent["/DestOutputProfile"].get_object(), "/N", NumberObject(4))


CASES: dict[str, tuple[str, Breaker]] = {
    "a page of one unit": ("each side of a page", lambda w: put(page(w), "/CropBox", ArrayObject([NumberObject(v) for v in (0, 0, 1, 1)]))),
    "a text of 40,000": ("within the limits", lambda w: added(w, TextStringObject("x" * 40000))),
    "a name of 200": ("within the limits", lambda w: added(w, name("/" + "x" * 200))),
    "a huge number": ("within the limits", lambda w: added(w, NumberObject(2**31))),
    "29 states": ("28 deep", content(b"q " * 29 + b"Q " * 29)),
    "an unknown operator": ("operators of ISO", content(b"1 2 zz")),
    "an unknown operator in brackets": ("operators of ISO", content(b"BX 1 2 zz EX")),
    "LZW": ("no LZW", lzw),
    "a stream elsewhere": ("outside the file", external),
    "CMYK": ("device colours", content(b"0 0 0 1 k")),
    "no output intent": ("one output intent", no_intent),
    "no output intent, then colours": ("device colours", no_intent),
    "no output intent, then a picture with a mask": ("without output intent nothing is transparent", no_intent),
    "a group without space": ("without output intent nothing is transparent", group_without_space),
    "a profile of a scanner": ("one output intent", icc(lambda d: d.__setitem__(slice(12, 16), b"scnr"))),
    "a profile of version 5": ("one output intent", icc(lambda d: d.__setitem__(8, 5))),
    "a profile that is cut": ("one output intent", icc(lambda d: d.__delitem__(slice(-50, None)))),
    "a colour space of another profile": ("an ICC colour space", other_space),
    "a transfer function": ("no transfer functions", lambda w: added(w, DictionaryObject({name("/Type"): name("/ExtGState"), name("/TR"): name("/Identity")}))),
    "a halftone of type 6": ("no transfer functions", lambda w: added(w, DictionaryObject({name("/HalftoneType"): NumberObject(6)}))),
    "an intent of its own": ("rendering intents", content(b"/Vivid ri")),
    "a picture that is smoothed": ("interpolation", lambda w: put(found(w, sub("/Image")), "/Interpolate", BooleanObject(True))),
    "a picture with alternates": ("interpolation", lambda w: put(found(w, sub("/Image")), "/Alternates", ArrayObject())),
    "a reference to another file": ("no PostScript", lambda w: (put(found(w, sub("/Image")), "/Subtype", name("/Form")), put(found(w, sub("/Form")), "/Ref", DictionaryObject()))),
    "an unknown blend": ("blend modes", lambda w: added(w, DictionaryObject({name("/Type"): name("/ExtGState"), name("/BM"): name("/Glow")}))),
    "pages without resources": ("resources of its own", lambda w: page(w).pop(name("/Resources"))),
    "no font program": ("every font program", no_program),
    "no letters": ("has its letter", no_letters),
    "a wrong width": ("widths told", wrong_width),
    "an empty box": ("no empty box", show("0000")),
    "a glyph that is not there": ("every glyph", show("fff0")),
    "an unknown kind of font": ("a font says its kind", lambda w: put(found(w, sub("/Type0")), "/Subtype", name("/Type9"))),
    "a font without name": ("a font says its kind", lambda w: found(w, sub("/Type0")).pop(name("/BaseFont"))),
    "a coding that is not in the file": ("Identity coding", lambda w: put(found(w, sub("/Type0")), "/Encoding", name("/UniJIS-Elsewhere-H"))),
    "a short list of glyphs": ("/CIDSet", lambda w: put(found(w, typed("/FontDescriptor")), "/CIDSet", w._add_object(DecodedStreamObject()))),
    "a film": ("permitted kinds", annotation(Subtype=name("/Movie"))),
    "a hidden annotation": ("never hidden", annotation(F=NumberObject(4 | 2))),
    "an annotation without flags": ("never hidden", annotation(F=None)),
    "an annotation without looks": ("normal appearance", annotation(AP=None)),
    "an annotation with two looks": ("normal appearance", annotation(AP=DictionaryObject({name("/N"): NullObject(), name("/D"): NullObject()}))),
    "a form drawn by the reader": ("a form runs nothing", lambda w: put(root(w), "/AcroForm", DictionaryObject({name("/NeedAppearances"): BooleanObject(True)}))),
    "XFA": ("a form runs nothing", lambda w: put(root(w), "/AcroForm", DictionaryObject({name("/XFA"): ArrayObject()}))),
    "a script": ("no script", script),
    "a program": ("no script", launch),
    "a named action": ("no script", lambda w: put(root(w), "/OpenAction", DictionaryObject({name("/S"): name("/Named"), name("/N"): name("/Print")}))),
    "a trigger": ("nothing happens by itself", lambda w: put(page(w), "/AA", DictionaryObject())),
    "a layer without name": ("layers are named", lambda w: put(root(w), "/OCProperties", DictionaryObject({name("/D"): DictionaryObject()}))),
    "a requirement": ("no alternate presentation", lambda w: put(root(w), "/Requirements", ArrayObject())),
    "no metadata": ("one metadata packet", lambda w: root(w).pop(name("/Metadata"))),
    "metadata that are no XML": ("one metadata packet", metadata("</rdf:RDF>", "<rdf:RDF>")),
    "metadata with bytes": ("one metadata packet", metadata("<?xpacket begin=\"\"", "<?xpacket bytes=\"9\" begin=\"\"")),
    "an unknown schema": ("schemas that the standard knows", metadata("pdfaid:part=", "xmlns:own=\"http://own/\" own:x=\"1\" pdfaid:part=")),
    "part 2": ("name part 3", metadata("pdfaid:part=\"3\"", "pdfaid:part=\"2\"")),
    "level C": ("name part 3", metadata("pdfaid:conformance=\"B\"", "pdfaid:conformance=\"C\"")),
    "another title": ("says what the metadata says", metadata(">Aging<", ">Ageing<")),
    "another day": ("says what the metadata says", metadata("2026-11-23T09:30", "2026-11-23T09:31")),
    "no MIME type": ("its MIME type", embedded(drop("/Subtype"))),
    "one name only": ("/F and /UF", attached(drop("/UF"))),
    "no relationship": ("what it is to the document", attached(drop("/AFRelationship"))),
    "a relationship as text": ("what it is to the document", attached(lambda o: put(o, "/AFRelationship", TextStringObject("Data")))),
    "not associated": ("among the associated files", lambda w: root(w).pop(name("/AF"))),
    "no words": ("has words", attached(drop("/Desc"))),
    "no day": ("has words", embedded(lambda o: o["/Params"].pop(name("/ModDate")))),
    "a wrong size": ("has words", embedded(lambda o: put(o["/Params"], "/Size", NumberObject(99)))),
}  # fmt: skip

RAW: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "a header later": ("begins with %PDF", lambda data: b"\n" + data),
    "version 2": ("begins with %PDF", lambda data: data.replace(b"%PDF-1.", b"%PDF-2.", 1)),
    "no binary comment": ("four bytes above 127", lambda data: data.replace(data[9:14], b"%abcd", 1)),
    "more at the end": ("nothing follows", lambda data: data + b"more\n"),
    "no identifier": ("/ID of two texts", lambda data: re.sub(rb"/ID ?\[[^\]]*\]", b"", data)),
    "a wrong length": ("is its length", lambda data: re.sub(rb"/Length (\d)", rb"/Length 9\1", data, count=1)),
    "nothing": ("can be read", lambda data: b""),
    "half a file": ("", lambda data: data[: len(data) // 2]),
}  # fmt: skip


def rules(data: bytes) -> set[str]:
    return {fault.rule for fault in pdfa_faults(data)}


def test_what_we_write_passes(sound):
    assert pdfa_faults(sound) == ()
    file = PdfFile(sound)
    assert len(file.pages) == 1
    assert sum(map(len, file.shown.codes.values())) > 20  # the check did look at text
    assert file.shown.colours == {"DeviceRGB"}
    assert len(list(file.streams())) > 5


def test_a_file_that_is_only_written_again_passes(sound):
    """What the cases below find is their own break, not the writer's."""
    assert pdfa_faults(broken(sound, lambda writer: None)) == ()


@pytest.mark.parametrize("case", CASES)
def test_each_break_is_refused(sound, case):
    words, breaker = CASES[case]

    faults = pdfa_faults(broken(sound, breaker))

    assert [fault for fault in faults if words in fault.rule], [str(fault) for fault in faults]
    assert all(str(fault).startswith("ISO 19005-3 6.") and "\n" not in str(fault) for fault in faults)


@pytest.mark.parametrize("case", RAW)
def test_each_break_of_the_bytes_is_refused(sound, case):
    words, change = RAW[case]
    again = broken(sound, lambda writer: None)

    assert change(again) != again
    assert [rule for rule in rules(change(again)) if words in rule]


def test_an_encrypted_file_is_refused(sound):
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(sound))
    writer.encrypt("", algorithm="RC4-128")
    made = io.BytesIO()
    writer.write(made)

    assert any("encrypted" in rule or "can be read" in rule for rule in rules(made.getvalue()))


def test_every_rule_has_a_file_that_breaks_it():
    words = [words for words, _ in (*CASES.values(), *RAW.values()) if words] + ["encrypted"]

    assert [rule.words for rule in RULES if not any(one in rule.words for one in words)] == []


def test_other_files_are_refused():
    plain = io.BytesIO()
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    writer.write(plain)

    told = rules(plain.getvalue())
    assert {rule.words for rule in RULES if rule.clause in ("6.6.2.1", "6.6.4", "6.2.3")} <= told
    assert pdfa_faults(b"no pdf at all")[0].rule == "the file can be read"


def test_at_follows_references_only_in_dictionaries():
    assert at(None, "/x") is None
    assert at(ArrayObject(), "/x") is None
    assert at(DictionaryObject({name("/x"): ByteStringObject(b"y")}), "/x") == b"y"


def test_the_documentation_lists_every_rule(repo):
    told = (repo / "docs" / "formats" / "pdf-a.md").read_text(encoding="utf-8")

    assert [line for line in told.splitlines() if line.startswith("| 6.")] == [
        f"| {rule.clause} | {rule.words} |" for rule in RULES
    ]
