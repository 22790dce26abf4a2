"""XML read safely and as a stream, by local names: one element at a time becomes plain dicts, then is dropped. Floor 2.

Entities, DTDs and network are off and a document type is refused. Memory depends on the largest element asked for, not on
the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from arlib.errors import SourceError

if TYPE_CHECKING:
    from lxml.etree import _Element

# An element with children: local name -> text, node, or a list of them where the name repeats. Attributes stand under
# "@name", and the text of an element that has attributes under "".
Node = dict[str, Any]

CHUNK_BYTES = 256 << 10
FIRST_BYTES = 512  # small, so that a document type is seen before what it declares
DEPTH_LIMIT = 100
TEXT_LIMIT = 1_000_000  # characters of one text
BYTES_LIMIT = 64 << 20  # of the file between two elements that we ask for

_locals: dict[str, str] = {}
_CONTROL = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127), " ") | {13: None}


def local(tag: Any) -> str:
    """The name of an element without its namespace; '' for a comment or a processing instruction."""
    if not isinstance(tag, str):
        return ""
    name = _locals.get(tag)
    if name is None:
        name = tag.rpartition("}")[2]
        if len(_locals) < 10_000:
            _locals[tag] = name
    return name


def stream_elements(
    stream: BinaryIO, name: str, wanted: tuple[str, ...], *, what: str = "file"
) -> Iterator[_Element]:
    """Each element of a wanted local name when its end is reached. The caller drops it with `drop`.

    Raises SourceError where the XML is not well-formed or cut, has a document type, is nested deeper than DEPTH_LIMIT, or
    holds one element (or a stretch without any that is wanted) beyond BYTES_LIMIT.
    """
    from lxml import etree

    parser = etree.XMLPullParser(
        events=("end",), tag=[f"{{*}}{one}" for one in wanted],
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    size, since, is_checked = FIRST_BYTES, 0, False
    start = b""
    try:
        while chunk := stream.read(size):
            if not is_checked:
                start += chunk
                is_checked = _is_past_prolog(start, name, what)
                size = CHUNK_BYTES if is_checked else min(2 * size, CHUNK_BYTES)
            parser.feed(chunk)
            since += len(chunk)
            for _, element in parser.read_events():
                since = 0
                yield cast("_Element", element)
            if since > BYTES_LIMIT:
                raise SourceError(
                    f"holds more than {BYTES_LIMIT >> 20} MiB without one of its own elements",
                    where=name,
                    wanted=" or ".join(wanted),
                )
        parser.close()
        for _, element in parser.read_events():
            yield cast("_Element", element)
    except etree.XMLSyntaxError as fault:
        raise SourceError(
            f"not well-formed XML ({fault})",
            where=name,
            fix="The file may be cut or damaged; fetch it again.",
        ) from fault


def _is_past_prolog(start: bytes, name: str, what: str) -> bool:
    """Whether the first element has begun. A document type has no place before it."""
    plain = start.replace(b"\x00", b"")
    at = 0
    while (at := plain.find(b"<", at)) >= 0:
        rest = plain[at : at + 9]
        if rest.startswith(b"<?"):
            end = plain.find(b"?>", at)
        elif rest.startswith(b"<!--"):
            end = plain.find(b"-->", at)
        elif rest.upper() == b"<!DOCTYPE":
            raise SourceError(f"declares a document type, which a {what} has no use for", where=name)
        elif rest.startswith(b"<!") and len(rest) < 9:
            return False
        else:
            return len(rest) > 1
        if end < 0:
            if len(plain) > BYTES_LIMIT >> 6:
                raise SourceError("begins with a comment without end", where=name)
            return False
        at = end
    return False


def line_of(element: _Element) -> int:
    """The line of the file on which an element begins, 0 where that is not known."""
    found: Any = element.sourceline
    return found if isinstance(found, int) else 0


def drop(element: _Element, *, before: Callable[[_Element], None] | None = None) -> None:
    """Empty an element and take its elder siblings off their parent; `before` sees each of these first, in order."""
    element.clear(keep_tail=True)  # type: ignore[call-arg]  # the stubs are older than the argument
    parent = element.getparent()
    if parent is None:
        return
    while (elder := parent[0]) is not element:
        if before is not None:
            before(elder)
        parent.remove(elder)


def node_reader(
    name: str, *, skip: frozenset[str] = frozenset(), attributes_of: Callable[[str], bool] = lambda _: True
) -> Callable[[_Element], Node]:
    """A function that gives an element and all below it as plain dicts, without the names in `skip`.

    `attributes_of` says on which elements attributes are looked for. The function raises SourceError beyond DEPTH_LIMIT
    and TEXT_LIMIT. An element that has text counts as a text: where attributes are looked for, elements inside it are
    refused. Written for speed: most of the time of a large file is spent here.
    """
    plans: dict[Any, tuple[str, bool]] = {}

    def plan(tag: Any) -> tuple[str, bool]:
        key = local(tag)
        found = ("", False) if key in skip else (key, attributes_of(key))
        if len(plans) < 10_000:
            plans[tag] = found
        return found

    def read(element: _Element, depth: int = 0) -> Node:
        if depth > DEPTH_LIMIT:
            raise SourceError(
                f"elements are nested deeper than {DEPTH_LIMIT}", where=f"{name}, line {element.sourceline}"
            )
        node: Node = {}
        for child in element:
            tag = child.tag
            key, has_attributes = plans.get(tag) or plan(tag)
            if not key:
                continue
            value: Any = child.text
            if value is None or not (value := value.strip()):
                value = read(child, depth + 1) or ""
            elif not value.isprintable() or len(value) > TEXT_LIMIT:
                value = _cleaned(value, name, child)
            if has_attributes:
                if len(child) and value.__class__ is str:
                    raise SourceError(
                        "text with elements inside", where=f"{name}, line {line_of(child)}", found=key
                    )
                for attribute, found in child.items():
                    if value.__class__ is not dict:
                        value = {"": value}
                    value[f"@{attribute!s}"] = found
            if key in node:
                held = node[key]
                if held.__class__ is list:
                    held.append(value)
                else:
                    node[key] = [held, value]
            else:
                node[key] = value
        return node

    return read


def _cleaned(value: str, name: str, element: _Element) -> str:
    if len(value) > TEXT_LIMIT:
        raise SourceError(
            f"a text of more than {TEXT_LIMIT:,} characters", where=f"{name}, line {element.sourceline}"
        )
    return value.translate(_CONTROL)


def many(node: Node, name: str) -> list[Any]:
    """All children of a name, in order; texts, or nodes."""
    value = node.get(name)
    if value is None:
        return []
    return value if value.__class__ is list else [value]


def leaf(node: Node, name: str) -> str:
    """The first text of a child, '' where there is none."""
    value = node.get(name, "")
    return value if value.__class__ is str else text(node, name)


def nodes(node: Node, *path: str) -> list[Node]:
    """All nodes at a path."""
    found = [node]
    for name in path:
        found = [child for one in found for child in many(one, name) if child.__class__ is dict]
    return found


def text(node: Node, *path: str) -> str:
    """The first text at a path, '' where there is none."""
    value: Any = node
    for name in path:
        if value.__class__ is not dict:
            return ""
        value = value.get(name, "")
        if value.__class__ is list:
            value = value[0]
    if value.__class__ is dict:
        value = value.get("", "")
    return value if isinstance(value, str) else ""


def first_text(node: Node, *paths: tuple[str, ...]) -> str:
    """The first of several paths that has a text."""
    for path in paths:
        if found := text(node, *path):
            return found
    return ""
