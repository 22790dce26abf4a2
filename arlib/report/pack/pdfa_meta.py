"""Rules of metadata and attached files: ISO 19005-3, 6.6 and 6.8. Floor 3."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pypdf.generic import DictionaryObject, StreamObject

from arlib.report.pack.pdfa_file import PdfFile, at

Found = Iterator[tuple[str, str]]
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC, XMP = "{http://purl.org/dc/elements/1.1/}", "{http://ns.adobe.com/xap/1.0/}"
PDF, PDFA = "{http://ns.adobe.com/pdf/1.3/}", "{http://www.aiim.org/pdfa/ns/id/}"
KNOWN = {DC, XMP, PDF, PDFA, "{http://ns.adobe.com/xap/1.0/mm/}", "{http://ns.adobe.com/xap/1.0/rights/}"}
TWINS = {
    "/Title": f"{DC}title", "/Author": f"{DC}creator", "/Subject": f"{DC}description", "/Keywords": f"{PDF}Keywords",
    "/Creator": f"{XMP}CreatorTool", "/Producer": f"{PDF}Producer", "/CreationDate": f"{XMP}CreateDate",
    "/ModDate": f"{XMP}ModifyDate",
}  # fmt: skip
DATE = re.compile(r"D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(Z|[+-]\d\d'?\d\d'?)?")
RELATIONSHIPS = {"/Data", "/Source", "/Supplement", "/Alternative", "/Unspecified"}


def _packet(file: PdfFile) -> Found:
    data = _raw(file)
    if data is None:
        yield "catalog", "no /Metadata"
        return
    head = data.partition(b"?>")[0]
    if not head.lstrip().startswith(b"<?xpacket") or b"bytes=" in head or b"encoding=" in head:
        yield "metadata", head.decode("utf-8", "replace")[:80]
    try:
        _tree(data)
    except Exception as fault:
        yield "metadata", str(fault).splitlines()[0]


def _names(file: PdfFile) -> Found:
    for name in sorted(_properties(file)):
        if name.partition("}")[0] + "}" not in KNOWN:
            yield "metadata", name


def _twins(file: PdfFile) -> Found:
    told = _properties(file)
    info = at(file.trailer, "/Info") or {}
    for name, twin in TWINS.items():
        value = at(info, name)
        if value is None:
            continue
        said = told.get(twin, "")
        same = _instant(str(value)) == _instant(said) if name.endswith("Date") else str(value) == said
        if not same:
            yield f"/Info {name}", f"{str(value)[:60]!r}, metadata {said[:60]!r}"


def _part(file: PdfFile) -> Found:
    told = _properties(file)
    if told.get(f"{PDFA}part") != "3" or told.get(f"{PDFA}conformance") not in ("A", "B", "U"):
        yield "metadata", f"part {told.get(f'{PDFA}part')}, conformance {told.get(f'{PDFA}conformance')}"


def _types(file: PdfFile) -> Found:
    for where, _, stream in _files(file):
        told = str(at(stream, "/Subtype") or "")
        if not re.fullmatch(r"/[a-z]+(/|#2[fF])[A-Za-z0-9.+_-]+", told):
            yield where, f"/Subtype {told}"


def _specified(file: PdfFile) -> Found:
    for where, one, _ in _files(file):
        if not at(one, "/F") or not at(one, "/UF"):
            yield where, ", ".join(sorted(one))


def _related(file: PdfFile) -> Found:
    for where, one, _ in _files(file):
        if str(at(one, "/AFRelationship")) not in RELATIONSHIPS:
            yield where, f"/AFRelationship {at(one, '/AFRelationship')}"


def _associated(file: PdfFile) -> Found:
    held = [
        id(one.get_object()) for where, holder in file.dictionaries() for one in _several(at(holder, "/AF"))
    ]
    for where, one, _ in _files(file):
        if id(one) not in held:
            yield where, "in no /AF"
    own = [id(one.get_object()) for one in _several(at(file.catalog, "/AF"))]
    if len(own) != len(set(own)):
        yield "catalog", "a file twice in /AF"


def _described(file: PdfFile) -> Found:
    for where, one, stream in _files(file):
        if not at(one, "/Desc"):
            yield where, "no /Desc"
        told = at(stream, "/Params") or {}
        if _instant(str(at(told, "/ModDate"))) is None:
            yield where, f"/ModDate {at(told, '/ModDate')}"
        size = at(told, "/Size")
        if size is not None and int(size) != len(stream.get_data()):
            yield where, f"/Size {size}, {len(stream.get_data())} bytes"


def _files(file: PdfFile) -> Iterator[tuple[str, DictionaryObject, StreamObject]]:
    """File specifications with a file inside."""
    for where, one in file.dictionaries():
        held = at(one, "/EF")
        if isinstance(held, dict):
            stream = at(held, "/F") or at(held, "/UF")
            if isinstance(stream, StreamObject):
                yield f"{where} {at(one, '/UF') or at(one, '/F')}", one, stream


def _several(value: Any) -> list[Any]:
    return list.__iter__(value) if isinstance(value, list) else [value] if value is not None else []  # type: ignore[return-value]


def _raw(file: PdfFile) -> bytes | None:
    stream = at(file.catalog, "/Metadata")
    return stream.get_data() if isinstance(stream, StreamObject) else None


def _tree(data: bytes) -> Any:
    from lxml import etree

    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def _properties(file: PdfFile) -> dict[str, str]:
    """Properties of the packet by qualified name: attributes and elements of every description."""
    data = _raw(file)
    made: dict[str, str] = {}
    if data is None:
        return made
    for one in _tree(data).iter(f"{RDF}Description"):
        made |= {str(name): str(value) for name, value in one.attrib.items() if name != f"{RDF}about"}
        for child in one:
            texts = [item.text or "" for item in child.iter(f"{RDF}li")]
            made[str(child.tag)] = ", ".join(texts) if texts else (child.text or "")
    return made


def _instant(text: str) -> datetime | None:
    """A date of either form as a moment; None where it is none."""
    if found := DATE.fullmatch(text):
        zone = (found[7] or "Z").replace("'", "")
        text = f"{found[1]}-{found[2]}-{found[3]}T{found[4]}:{found[5]}:{found[6]}{zone}"
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


RULES = (
    ("6.6.2.1", "the catalog has one metadata packet, well-formed, without bytes or encoding in its head", _packet),
    ("6.6.2.3", "metadata uses schemas that the standard knows", _names),
    ("6.6.3", "document information says what the metadata says", _twins),
    ("6.6.4", "the metadata name part 3 and level A, B or U", _part),
    ("6.8", "an attached file has its MIME type", _types),
    ("6.8", "an attached file has its name twice, /F and /UF", _specified),
    ("6.8", "an attached file says what it is to the document", _related),
    ("6.8", "an attached file is among the associated files, once", _associated),
    ("6.8", "an attached file has words, its true size and the day it was changed", _described),
)  # fmt: skip
