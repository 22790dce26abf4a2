"""YAML as people mean it: plain data with the line of every value, and no value whose type YAML guessed.
Floor 4.

Built on the events of a YAML reader, so that nothing is constructed: tags, anchors, aliases and merge keys
are refused, and with them every object and every "billion laughs". Only these values exist afterwards:

    written                              value
    abc, "00417", '1e5'                  text
    300, -5                              whole number
    true, false                          switch
    null, ~, (nothing)                   None
    00417, NO, 2026-10, 1e5, 0.5, 12:30  Ambiguous: readers disagree, or it would lose how it was written
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from arlib.errors import ParameterError, SourceError
from arlib.run.faults import Fault, ParameterFaults

LARGEST_BYTES = 1_000_000
DEEPEST = 30

Path_ = tuple[str | int, ...]

_RESOLVER = yaml.SafeLoader("")
_WHOLE = re.compile(r"[+-]?(0|[1-9][0-9]*)")
_SWITCH = re.compile(r"true|True|TRUE|false|False|FALSE")
_NOTHING = re.compile(r"~|null|Null|NULL|")
# What one YAML version reads as text and another, or papermill's -p, as a number or date.
_NUMBER_ELSEWHERE = re.compile(
    r"[+-]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][+-]?[0-9]+)?|[+-]?[0-9][0-9_]*(\.[0-9_]*)?|0o[0-7]+|[+-]?[0-9]+(:[0-9]+)+(\.[0-9]*)?"
    r"|[+-]?[0-9]{1,3}([,'][0-9]{3})+(\.[0-9]*)?|[+-]?(inf|Inf|INF|nan|NaN|NAN|infinity|Infinity)"
)
_DATE_ELSEWHERE = re.compile(
    r"[0-9]{4}-[0-9]{1,2}(-[0-9]{1,2})?([Tt ].*)?|[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2,4}"
)
_READS_AS = {
    "tag:yaml.org,2002:value": "a default value",  # a lone =
    "tag:yaml.org,2002:merge": "a merge key",  # a lone <<
    "tag:yaml.org,2002:yaml": "a mark of YAML itself",  # a lone !, & or *
    "tag:yaml.org,2002:bool": "true or false",
    "tag:yaml.org,2002:int": "a number",
    "tag:yaml.org,2002:float": "a number",
    "tag:yaml.org,2002:timestamp": "a date",
}


@dataclass(frozen=True)
class Ambiguous:
    """An unquoted value that readers of YAML do not agree on; it is never text and never a number."""

    written: str
    reads_as: str


@dataclass(frozen=True)
class Place:
    """Where a value or key stands, counted from 1, and how it was written."""

    line: int
    column: int
    written: str = ""
    is_quoted: bool = False


@dataclass(frozen=True)
class YamlText:
    """A document: plain data, and the place of every value by its path of keys and positions."""

    file: str
    data: Any
    places: Mapping[Path_, Place] = field(repr=False)
    key_places: Mapping[Path_, Place] = field(repr=False)

    def place(self, path: Path_) -> Place:
        """Where the value stands, or the nearest value around it that exists."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place(1, 1))

    def key_place(self, path: Path_) -> Place:
        """Where the key of a value stands; for a list entry, where the entry does."""
        return self.key_places.get(path) or self.place(path)


def load_yaml(path: Path, *, shown_as: str = "") -> YamlText:
    """The YAML file at `path`, which must be UTF-8 (a byte order mark is allowed) and of ordinary size.

    `shown_as` is what messages call the file. Raises SourceError when it cannot be read, ParameterFaults when
    it is not plain YAML.
    """
    name = shown_as or path.as_posix()
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise SourceError("no such parameter file", where=name) from None
    except OSError as fault:
        raise SourceError("the parameter file cannot be read", where=name, found=fault.strerror) from None
    if len(raw) > LARGEST_BYTES:
        raise SourceError(
            "the parameter file is too large",
            where=name,
            found=f"{len(raw)} bytes",
            wanted=f"at most {LARGEST_BYTES}",
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise SourceError(
            f"the parameter file is not UTF-8 at byte {fault.start}", where=name, fix="Save it as UTF-8."
        ) from None
    return read_yaml(text, file=name)


def read_yaml(text: str, *, file: str) -> YamlText:
    """The one YAML document in `text`, a mapping at the top; raises ParameterFaults with every fault."""
    reader = _Reader(file)
    try:
        data = reader.document(iter(yaml.parse(text, Loader=yaml.SafeLoader)))
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        words = ", ".join(part for part in (fault.context, fault.problem) if part)
        raise ParameterFaults(
            [Fault(file=file, line=line, column=column, message=f"not YAML: {words}")]
        ) from None
    except yaml.reader.ReaderError as fault:
        line = text.count("\n", 0, fault.position) + 1
        raise ParameterFaults(
            [
                Fault(
                    file=file,
                    line=line,
                    message="a character that YAML does not allow",
                    found=f"U+{fault.character:04X}",
                )
            ]
        ) from None
    if not isinstance(data, dict) and not reader.faults:
        reader.faults.append(
            Fault(
                file=file,
                line=1,
                message="the file is not a list of keys and values",
                wanted="`key: value` lines",
            )
        )
    if reader.faults:
        raise ParameterFaults(reader.faults)
    return YamlText(file, data, reader.places, reader.key_places)


def scalar(written: str) -> str | int | bool | Ambiguous | None:
    """What an unquoted scalar means; see the table of this module."""
    if _NOTHING.fullmatch(written):
        return None
    if _SWITCH.fullmatch(written):
        return written.lower() == "true"
    if _WHOLE.fullmatch(written) and len(written) <= 18:
        return int(written)
    tag = _RESOLVER.resolve(yaml.ScalarNode, written, (True, False))  # type: ignore[no-untyped-call]
    reads_as = _READS_AS.get(tag, "")
    if not reads_as and _NUMBER_ELSEWHERE.fullmatch(written):
        reads_as = "a number"
    if not reads_as and _DATE_ELSEWHERE.fullmatch(written):
        reads_as = "a date"
    return Ambiguous(written, reads_as) if reads_as else written


def quoted(text: str) -> str:
    """A text as a double-quoted YAML scalar on one line, whatever is in it."""
    return yaml.dump(text, default_style='"', allow_unicode=True, width=2**31).rstrip("\n")


def _start(event: yaml.Event) -> yaml.Mark:
    assert isinstance(event.start_mark, yaml.Mark)
    return event.start_mark


class _Reader:
    """Builds the data from events and collects faults on the way."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self.places: dict[Path_, Place] = {}
        self.key_places: dict[Path_, Place] = {}

    def fault(self, event: yaml.Event, message: str, path: Path_, **more: Any) -> None:
        mark = _start(event)
        key = ".".join(str(part) for part in path)
        self.faults.append(
            Fault(
                file=self.file, line=mark.line + 1, column=mark.column + 1, key=key, message=message, **more
            )
        )

    def document(self, events: Iterator[yaml.Event]) -> Any:
        data: Any = None
        documents = 0
        for event in events:
            if isinstance(event, (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentEndEvent)):
                continue
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.fault(event, "a second YAML document", (), wanted="one document in a file")
                    return None
                continue
            data = self.value(event, events, ())
        return data

    def value(self, event: yaml.Event, events: Iterator[yaml.Event], path: Path_) -> Any:
        mark = _start(event)
        if len(path) > DEEPEST:
            raise ParameterError(
                f"nested more than {DEEPEST} levels deep", where=f"{self.file}, line {mark.line + 1}"
            )
        if isinstance(event, yaml.AliasEvent):
            self.fault(event, "aliases (*name) are not allowed", path, fix="Write the value out.")
            return None
        if getattr(event, "anchor", None):
            self.fault(event, "anchors (&name) are not allowed", path, fix="Write the value out.")
        if getattr(event, "tag", None):
            self.fault(event, "tags (!name) are not allowed", path, found=str(getattr(event, "tag", "")))
        if isinstance(event, yaml.ScalarEvent):
            is_quoted = event.style is not None
            self.places[path] = Place(mark.line + 1, mark.column + 1, event.value, is_quoted)
            return event.value if is_quoted else scalar(event.value)
        self.places[path] = Place(mark.line + 1, mark.column + 1)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(events, path)
        return self.mapping(events, path)

    def sequence(self, events: Iterator[yaml.Event], path: Path_) -> list[Any]:
        made: list[Any] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            made.append(self.value(event, events, (*path, len(made))))
        return made

    def mapping(self, events: Iterator[yaml.Event], path: Path_) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self.key(event, events, path)
            known = self.key_places.get((*path, key))
            mark = _start(event)
            if known and key in made:
                self.fault(event, f"key {key!r} is given twice (first on line {known.line})", (*path, key))
                self.value(next(events), events, (*path, key, "again"))
                continue
            self.key_places[*path, key] = Place(mark.line + 1, mark.column + 1, key)
            made[key] = self.value(next(events), events, (*path, key))
        return made

    def key(self, event: yaml.Event, events: Iterator[yaml.Event], path: Path_) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            self.fault(event, "a key must be one word", path)
            self.value(event, events, (*path, "?"))
            return f"?{_start(event).index}"
        if event.anchor or event.tag:
            self.fault(event, "anchors and tags are not allowed", path)
        if event.style is None and event.value == "<<":
            self.fault(event, "merge keys (<<) are not allowed", path, fix="Write the values out.")
            return "<<"
        read = event.value if event.style is not None else scalar(event.value)
        if not isinstance(read, str):
            self.fault(
                event,
                "an unquoted key that YAML does not read as text",
                path,
                found=event.value,
                wanted="text",
                fix=f"Quote it: {quoted(event.value)}",
            )
        return event.value
