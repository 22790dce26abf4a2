"""Bytes to text without guessing: a declared encoding, a byte-order mark, UTF-8, or a refusal that says
what to declare."""

from __future__ import annotations

import codecs
import re

from arlib.errors import Problem, SourceError
from arlib.sources.raw import remark

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decoded(data: bytes, name: str, *, encoding: str = "") -> tuple[str, list[Problem]]:
    """The text of a file, and remarks on how it was decoded.

    Order: byte-order mark, declared encoding, UTF-8, then whatever every likely encoding agrees on. Where
    likely encodings give different texts the file is refused (SourceError), since a wrong guess spoils
    names without a sign.
    """
    for mark, marked in MARKS:
        if data.startswith(mark):
            notes = [] if marked == "utf-8-sig" else [remark(name, "encoding", found=marked)]
            return _decode(data, name, marked), notes
    if encoding:
        try:
            codecs.lookup(encoding)
        except LookupError as fault:
            raise SourceError(
                "no such encoding", where=name, found=encoding, wanted="such as utf-8 or cp1252"
            ) from fault
        return _decode(data, name, encoding), []
    if b"\x00" not in data:
        try:
            return data.decode("utf-8"), []
        except UnicodeDecodeError:
            pass
    return _agreed(data, name)


def _decode(data: bytes, name: str, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as fault:
        line = data[: fault.start].count(b"\n") + 1
        bad = data[fault.start : fault.start + 1].hex()
        raise SourceError(
            f"line {line} is not {encoding} (byte 0x{bad} at {fault.start})",
            where=name,
            fix="Set `encoding` of the source to the one it was written in.",
        ) from fault
    if "\x00" in text:
        raise SourceError("holds NUL characters: not a text file, or in another encoding", where=name)
    return text


def _agreed(data: bytes, name: str) -> tuple[str, list[Problem]]:
    """The text that all likely encodings agree on."""
    from charset_normalizer import from_bytes

    found = from_bytes(data[: 1 << 20])
    likely = sorted({match.encoding for match in found if match.chaos <= 0.1})
    texts: dict[str, str] = {}
    for encoding in likely:
        try:
            texts.setdefault(data.decode(encoding), encoding)
        except UnicodeDecodeError:
            continue
    texts.pop("", None)
    usable = {text: encoding for text, encoding in texts.items() if "\x00" not in text}
    if len(usable) == 1:
        text, encoding = next(iter(usable.items()))
        return text, [remark(name, "encoding_found", found=encoding, wanted="utf-8, or an encoding declared")]
    western = _western(data)
    best = found.best()
    advised = " or ".join(western) or (best.encoding if best else "cp1252")
    line = _first_bad_line(data)
    ordered = dict.fromkeys((*western, *sorted(usable.values())))
    names = ", ".join([*ordered][:5]) or "none that fits"
    raise SourceError(
        f"line {line} is not UTF-8 and the encoding is not certain (likely: {names})",
        where=name,
        fix=f"Set `encoding` of the source, for example {advised}.",
    )


def _western(data: bytes) -> list[str]:
    """cp1252 and latin-1, as far as they can decode the bytes, where the text looks Western: accented letters
    stand alone among plain ones, while in other scripts most stand together."""
    high = re.findall(rb"[\x80-\xff]+", data[: 1 << 20])
    if not high or b"\x00" in data or sum(len(run) == 1 for run in high) < len(high) / 2:
        return []
    fitting = []
    for encoding in ("cp1252", "latin-1"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        fitting.append(encoding)
    return fitting


def _first_bad_line(data: bytes) -> int:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as fault:
        return data[: fault.start].count(b"\n") + 1
    return 1
