"""A PDF opened for checking: its objects, and what its pages show. Floor 3. Reads only; nothing in the file is run."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pypdf import PdfReader
from pypdf.generic import (
    ArrayObject,
    ContentStream,
    DictionaryObject,
    IndirectObject,
    NameObject,
    StreamObject,
)

OPERATORS = frozenset({
    "b", "B", "b*", "B*", "BDC", "BI", "BMC", "BT", "BX", "c", "cm", "CS", "cs", "d", "d0", "d1", "Do",
    "DP", "EI", "EMC", "ET", "EX", "f", "F", "f*", "G", "g", "gs", "h", "i", "ID", "j", "J", "K", "k", "l",
    "m", "M", "MP", "n", "q", "Q", "re", "RG", "rg", "ri", "s", "S", "SC", "sc", "SCN", "scn", "sh", "T*",
    "Tc", "Td", "TD", "Tf", "Tj", "TJ", "TL", "Tm", "Tr", "Ts", "Tw", "Tz", "v", "w", "W", "W*", "y", "'",
    '"', "INLINE IMAGE",  # as pypdf names BI ... EI
})  # fmt: skip
COLOURS = {"g": "DeviceGray", "G": "DeviceGray", "rg": "DeviceRGB", "RG": "DeviceRGB", "k": "DeviceCMYK", "K": "DeviceCMYK"}  # fmt: skip
DEEPEST = 40  # forms within forms that are followed


@dataclass
class Shown:
    """What the content streams of a file do."""

    unknown: set[str] = field(default_factory=set)
    depth: int = 0
    colours: set[str] = field(default_factory=set)  # device colour spaces that are painted with
    intents: set[str] = field(default_factory=set)
    inline_filters: set[str] = field(default_factory=set)
    codes: dict[int, set[int]] = field(default_factory=dict)  # by id of the font's dictionary
    fonts: dict[int, DictionaryObject] = field(default_factory=dict)
    bare: int = 0  # content streams without resources of their own


class PdfFile:
    """The file's bytes, objects and content; raises what pypdf raises for one that cannot be read."""

    def __init__(self, data: bytes) -> None:
        """Open the file and resolve every object."""
        self.data = data
        self.reader = PdfReader(io.BytesIO(data))
        self.trailer = self.reader.trailer
        self.catalog: DictionaryObject = self.trailer["/Root"].get_object()  # type: ignore[assignment]
        self.objects: dict[tuple[int, int], Any] = {}
        known = {(number, gen) for gen, told in self.reader.xref.items() for number in told if number}
        for number, gen in sorted(known | {(number, 0) for number in self.reader.xref_objStm}):
            self.objects[number, gen] = self.reader.get_object(IndirectObject(number, gen, self.reader))
        self.pages = list(self.reader.pages)

    def dictionaries(self) -> Iterator[tuple[str, DictionaryObject]]:
        """Every dictionary, also those inside others, with the number of the object that holds it."""
        for (number, _), one in self.objects.items():
            for inner in nested(one):
                if isinstance(inner, DictionaryObject):
                    yield f"object {number}", inner

    def streams(self) -> Iterator[tuple[str, StreamObject]]:
        """Every stream."""
        for (number, _), one in self.objects.items():
            if isinstance(one, StreamObject):
                yield f"object {number}", one

    def of_type(self, *types: str) -> Iterator[tuple[str, DictionaryObject]]:
        """Every dictionary whose /Type is one of these."""
        for where, one in self.dictionaries():
            if at(one, "/Type") in types:
                yield where, one

    @cached_property
    def shown(self) -> Shown:
        """What the pages, and the forms that they draw, do."""
        told = Shown()
        for page in self.pages:
            if "/Resources" not in page:
                told.bare += 1
            content = page.get_contents()
            if content is not None:
                self._read(content, at(page, "/Resources") or DictionaryObject(), told, set())
        return told

    def _read(self, content: ContentStream, resources: Any, told: Shown, seen: set[int]) -> None:
        depth = 0
        font: Any = None
        stack: list[Any] = []
        fonts = at(resources, "/Font") or {}
        for operands, operator in content.operations:
            name = operator.decode("latin-1") if isinstance(operator, bytes) else str(operator)
            if name not in OPERATORS:
                told.unknown.add(name)
            elif name == "q":
                depth += 1
                told.depth = max(told.depth, depth)
                stack.append(font)
            elif name == "Q":
                depth -= 1
                font = stack.pop() if stack else None
            elif name in COLOURS:
                told.colours.add(COLOURS[name])
            elif name in ("cs", "CS") and str(operands[0]).startswith("/Device"):
                told.colours.add(str(operands[0])[1:])
            elif name == "ri":
                told.intents.add(str(operands[0]))
            elif name == "INLINE IMAGE":
                used = operands["settings"].get("/F", operands["settings"].get("/Filter", ""))
                told.inline_filters |= {
                    str(one) for one in (used if isinstance(used, list) else [used]) if one
                }
            elif name == "Tf":
                font = at(fonts, str(operands[0]))
                if isinstance(font, DictionaryObject):
                    told.fonts[id(font)] = font
                    told.codes.setdefault(id(font), set())
            elif name in ("Tj", "TJ", "'", '"') and isinstance(font, DictionaryObject):
                told.codes[id(font)] |= set(_codes(operands, font))
            elif name == "Do":
                self._form(at(at(resources, "/XObject") or {}, str(operands[0])), told, seen)

    def _form(self, form: Any, told: Shown, seen: set[int]) -> None:
        if not isinstance(form, StreamObject) or at(form, "/Subtype") != "/Form":
            return
        if id(form) in seen or len(seen) > DEEPEST:
            return
        resources = at(form, "/Resources")
        if resources is None:
            told.bare += 1
        self._read(ContentStream(form, self.reader), resources or DictionaryObject(), told, seen | {id(form)})


def at(holder: Any, name: str) -> Any:
    """A value of a dictionary, looked up where it is a reference; None where there is none."""
    if not isinstance(holder, dict) or name not in holder:
        return None
    value = holder[NameObject(name)]
    return value.get_object() if value is not None else None


def nested(one: Any, depth: int = 0) -> Iterator[Any]:
    """The value and all that stand inside it; references are not followed."""
    yield one
    if depth > 100:
        return
    if isinstance(one, DictionaryObject):
        for name, value in dict.items(one):
            yield name
            yield from nested(value, depth + 1)
    elif isinstance(one, ArrayObject):
        for value in list.__iter__(one):
            yield from nested(value, depth + 1)


def _codes(operands: Any, font: DictionaryObject) -> Iterator[int]:
    """Character codes of a text operator: two bytes each in a composite font, else one."""
    size = 2 if at(font, "/Subtype") == "/Type0" else 1
    for one in operands[-1] if isinstance(operands[-1], list) else [operands[-1]]:
        data = getattr(one, "original_bytes", one if isinstance(one, bytes) else None)
        if isinstance(data, bytes):
            for place in range(0, len(data) - size + 1, size):
                yield int.from_bytes(data[place : place + size], "big")
