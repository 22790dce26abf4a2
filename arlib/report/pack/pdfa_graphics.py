"""Rules of colours, pictures and transparency: ISO 19005-3, 6.2.2 to 6.2.10. Floor 3."""

from __future__ import annotations

from collections.abc import Iterator

from pypdf.generic import StreamObject

from arlib.report.pack.pdfa_file import PdfFile, at, nested

Found = Iterator[tuple[str, str]]
BLENDS = {
    "/Normal", "/Compatible", "/Multiply", "/Screen", "/Overlay", "/Darken", "/Lighten", "/ColorDodge", "/ColorBurn",
    "/HardLight", "/SoftLight", "/Difference", "/Exclusion", "/Hue", "/Saturation", "/Color", "/Luminosity",
}  # fmt: skip
INTENTS = {"/RelativeColorimetric", "/AbsoluteColorimetric", "/Perceptual", "/Saturation"}
SPACES = {
    b"RGB ": ("DeviceRGB", "DeviceGray"),
    b"CMYK": ("DeviceCMYK", "DeviceGray"),
    b"GRAY": ("DeviceGray",),
}
PARTS = {b"RGB ": 3, b"CMYK": 4, b"GRAY": 1, b"Lab ": 3}


def _operators(file: PdfFile) -> Found:
    for name in sorted(file.shown.unknown):
        yield "a page", name


def _resources(file: PdfFile) -> Found:
    if file.shown.bare:
        yield "pages and forms", f"{file.shown.bare} without /Resources"


def _intent(file: PdfFile) -> Found:
    intents = [one.get_object() for one in at(file.catalog, "/OutputIntents") or []]
    own = [one for one in intents if at(one, "/S") == "/GTS_PDFA1"]
    if len(own) != 1:
        yield "catalog", f"{len(own)} of them"
        return
    if not at(own[0], "/OutputConditionIdentifier"):
        yield "output intent", "no /OutputConditionIdentifier"
    profiles = {id(at(one, "/DestOutputProfile")) for one in intents if "/DestOutputProfile" in one}
    if len(profiles) > 1 or any("/DestOutputProfileRef" in one for one in intents):
        yield "output intent", "more than one profile"
    head = _profile(file)
    if head is None:
        yield "output intent", "no ICC profile"
    elif head[12:16] not in (b"prtr", b"mntr") or head[16:20] not in SPACES or head[8] >= 5:
        yield "output intent", f"class {head[12:16]!r}, space {head[16:20]!r}, version {head[8]}"
    elif int.from_bytes(head[:4], "big") != len(head):
        yield "output intent", f"a profile of {len(head)} bytes that says {int.from_bytes(head[:4], 'big')}"


def _profile(file: PdfFile) -> bytes | None:
    for one in at(file.catalog, "/OutputIntents") or []:
        profile = at(one.get_object(), "/DestOutputProfile")
        if at(one.get_object(), "/S") == "/GTS_PDFA1" and isinstance(profile, StreamObject):
            data = profile.get_data()
            if len(data) > 128 and data[36:40] == b"acsp":
                return data
    return None


def _profiles(file: PdfFile) -> Found:
    for (number, _), one in file.objects.items():
        for space in nested(one):
            if isinstance(space, list) and len(space) == 2 and space[0] == "/ICCBased":
                stream = space[1].get_object()
                data = stream.get_data()
                if data[36:40] != b"acsp" or data[8] >= 5 or PARTS.get(data[16:20]) != at(stream, "/N"):
                    yield f"object {number}", f"space {data[16:20]!r}, /N {at(stream, '/N')}"


def _colours(file: PdfFile) -> Found:
    head = _profile(file)
    covered = SPACES.get(head[16:20], ()) if head else ()
    used = dict.fromkeys(file.shown.colours, "a page")
    for where, one in file.streams():
        if at(one, "/Subtype") == "/Image" and str(at(one, "/ColorSpace")).startswith("/Device"):
            used[str(at(one, "/ColorSpace"))[1:]] = where
    for name in sorted(set(used) - set(covered)):
        yield used[name], name


def _states(file: PdfFile) -> Found:
    for where, one in file.dictionaries():
        if at(one, "/Type") == "/ExtGState" or {"/ca", "/CA", "/BM", "/SMask"} & set(one):
            for name in ("/TR", "/HTP"):
                if name in one:
                    yield where, name
            if "/TR2" in one and at(one, "/TR2") != "/Default":
                yield where, "/TR2"
        if "/HalftoneType" in one and (at(one, "/HalftoneType") not in (1, 5) or "/HalftoneName" in one):
            yield where, "/HalftoneType"


def _intents(file: PdfFile) -> Found:
    for name in sorted(file.shown.intents - INTENTS):
        yield "a page", name
    for where, one in file.dictionaries():
        for key in ("/RI", "/Intent"):
            told = at(one, key)
            if isinstance(told, str) and told not in INTENTS and at(one, "/Subtype") == "/Image":
                yield where, told


def _pictures(file: PdfFile) -> Found:
    for where, one in file.streams():
        if at(one, "/Subtype") == "/Image":
            for name in ("/Alternates", "/OPI"):
                if name in one:
                    yield where, name
            told = at(one, "/Interpolate")
            if told is not None and bool(getattr(told, "value", told)):
                yield where, "/Interpolate true"


def _forms(file: PdfFile) -> Found:
    for where, one in file.streams():
        kind = at(one, "/Subtype")
        if kind == "/PS" or (
            kind == "/Form" and ({"/PS", "/OPI", "/Ref"} & set(one) or at(one, "/Subtype2") == "/PS")
        ):
            yield where, str(kind)


def _blends(file: PdfFile) -> Found:
    for where, one in file.dictionaries():
        told = at(one, "/BM") if {"/ca", "/CA", "/SMask", "/Type"} & set(one) or len(one) == 1 else None
        for name in told if isinstance(told, list) else [told] if told is not None else []:
            if str(name) not in BLENDS:
                yield where, str(name)


def _groups(file: PdfFile) -> Found:
    if _profile(file) is not None:
        return
    for where, one in file.dictionaries():
        if at(one, "/S") == "/Transparency" and "/CS" not in one:
            yield where, "a transparency group without /CS"
        if "/SMask" in one and at(one, "/SMask") != "/None":
            yield where, "/SMask"


RULES = (
    ("6.2.2", "pages use operators of ISO 32000-1 only", _operators),
    ("6.2.2", "each page and form has resources of its own", _resources),
    ("6.2.3", "one output intent of PDF/A with one ICC profile of version 2 or 4", _intent),
    ("6.2.4.2", "an ICC colour space has a sound profile", _profiles),
    ("6.2.4.3", "device colours are covered by the output intent", _colours),
    ("6.2.5", "no transfer functions, no halftones beyond types 1 and 5", _states),
    ("6.2.6", "rendering intents are the four of ISO 32000-1", _intents),
    ("6.2.8", "no picture with alternates, OPI or interpolation", _pictures),
    ("6.2.9", "no PostScript, no form that refers to another file", _forms),
    ("6.2.10", "blend modes are those of ISO 32000-1", _blends),
    ("6.2.10", "without output intent nothing is transparent but with a colour space of its own", _groups),
)  # fmt: skip
