#!/usr/bin/env python3
"""Check an evidence pack: python verify.py [PACK] [--expect HASH] [--json]

PACK is the pack's folder or its .zip; without it, the folder that this file lies in. HASH is the pack hash that
the reply letter gives. Needs Python 3.8 or later and nothing else. Nothing of the pack is run, imported or
changed.

Exit code 0: no fault was found; 1: the faults are listed, one a line; 2: the command was not understood.
Without HASH the pack can only be compared with itself: "consistent, origin not proven".
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import os
import re
import stat
import struct
import sys
import unicodedata
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Callable, Iterable, Iterator, Mapping, NamedTuple, Sequence  # noqa: UP035

# This file is copied into every pack as verify.py, and the library checks packs with it too. So it stays one file,
# and keeps to what Python 3.8 knows.

PIECE = 1 << 20
MOST_FILES = 1_000_000
LONGEST_LINE = 16_384
LONGEST_NAME = 4_096  # bytes of a path; most disks take no more
LONGEST_PART = 255
LARGEST_JSON = 256 << 20
LARGEST_TABLE = 128 << 20  # bytes of a CSV whose rows are sorted in memory for its hash; totals have no limit
LARGEST_FIELD = 32 << 20
MOST_TIMES = 300  # an archive that unpacks to more times its size is taken for a bomb
FREE_BYTES = 64 << 20  # ... beyond this

MANIFEST, TAGS, BAGIT, INFO, FETCH = (
    "manifest-sha256.txt", "tagmanifest-sha256.txt", "bagit.txt", "bag-info.txt", "fetch.txt",
)  # fmt: skip
DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
PACK, RUN, RUN_MANIFEST = "data/pack.json", "data/run/run.json", "data/run/manifest.json"
SCHEMA = "arlib.pack/1"
RESULT = "application/vnd.arlib.result+json"
PROVENANCE, READING = (
    ("inputs", "problems"),
    ("intake",),
)  # where rows came from is no part of a result's hash
SOURCE = (".py", ".yml", ".yaml", ".j2", ".css", ".json")
LITTER = (".DS_Store", "Thumbs.db")  # noted beside the pack's files; in data/ a fault
ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n")  # a text that begins so has an apostrophe in front in a CSV
HASH = re.compile(r"[0-9a-fA-F]{64}\Z")
AMOUNT = re.compile(r"-?[0-9]{1,300}(\.[0-9]{1,9})?\Z")
UNREADABLE = (
    OSError, EOFError, zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, RuntimeError,
)  # fmt: skip
MALFORMED = (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError)

# The only form of a .zip that passes: that of arlib.report.pack.bag.zip_bag. Then every reader of archives, whether it
# goes by the list at the end or by the files in front, sees the same files, and no byte belongs to none.
LOCAL, LISTED = struct.Struct("<4s5H3L2H"), struct.Struct("<4s6H3L5H2L")
END, END_64, END_64_AT = struct.Struct("<4s4H2LH"), struct.Struct("<4sQ2H2L4Q"), struct.Struct("<4sLQL")
NO_TIME = 0x21  # 1980-01-01, the first day that a .zip knows
PLAIN_FILE, UNIX, UTF_8 = (stat.S_IFREG | 0o644) << 16, 3 << 8, 0x800
WIDE_FROM, WIDE, MANY = (1 << 31) - 1, 0xFFFFFFFF, 0xFFFF  # where Python's zipfile turns to 64 bits
MADE_ANEW = "this zip was made anew, or changed, since it was handed over: unpack it and check the folder"

# What must be of which type in the records, where it is there: lists hold objects.
TYPES: dict[str, dict[Any, tuple[str, ...]]] = {
    PACK: {
        str: (
            "schema", "entity", "as_of", "run_id", "results_sha256", "library_sha256", "content_sha256", "arlib",
            "request.id", "request.entity", "request.as_of", "request.kind", "request.close_file",
            "content.request.kind", "content.request.entity", "content.request.as_of", "content.results_sha256",
        ),
        dict: (
            "content", "content.request", "content.request.files", "content.request.parameters",
            "content.request.population", "request", "request.files", "request.parameters", "request.population",
        ),
        list: ("tables",),
    },
    RUN: {
        str: (
            "schema", "run_id", "entity", "entity_name", "as_of", "period", "starts_on", "ends_on", "created_at", "state",
            "title", "functional_currency", "results_sha256", "library_sha256", "inputs_sha256", "parameters_sha256",
        ),
        dict: ("notebooks", "identities", "environment", "decisions", "parameters"),
        list: ("inputs", "controls", "decisions.events"),
    },
    RUN_MANIFEST: {str: ("run_id", "sealed_at", "run_json_sha256"), dict: ("timings",), list: ("files",)},
}  # fmt: skip
KIND, CLOSE_FILE = re.compile(r"[a-z_]+\Z"), re.compile(r".+\.ya?ml\Z")
CALLED = {str: "a text", dict: "an object", list: "a list of objects"}


class Fault(NamedTuple):
    """One thing that is wrong: where, what, and where it helps what was wanted and what was found."""

    place: str
    what: str
    wanted: str = ""
    found: str = ""

    def sentence(self) -> str:
        """The fault as one line that a terminal may show, whatever a name holds."""
        told = f"{shown(self.place)}: {shown(self.what)}"
        if self.wanted:
            told += f"; wanted {shown(self.wanted)}"
        return f"{told}; found {shown(self.found)}" if self.found else told


class Result:
    """What a check found. `faults` make the pack unsound; `notes` are to be known."""

    def __init__(self, pack: str, expected: str) -> None:
        """Nothing was checked yet."""
        self.pack, self.expected, self.pack_hash = pack, expected.lower(), ""
        self.faults: list[Fault] = []
        self.notes: list[str] = []
        self.counts: dict[str, int] = {}

    def fault(self, place: object, what: str, *, wanted: object = "", found: object = "") -> None:
        """Take down a fault, once."""
        made = Fault(str(place), what, str(wanted), str(found))
        if made not in self.faults:
            self.faults.append(made)

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    @property
    def exit_code(self) -> int:
        """0 when nothing is wrong, otherwise 1."""
        return 0 if self.is_sound else 1

    @property
    def verdict(self) -> str:
        """The finding in one sentence."""
        if self.faults:
            return f"{len(self.faults)} fault{'s' if len(self.faults) != 1 else ''} found: do not rely on this pack"
        if self.expected:
            return "whole, and it is the pack of that hash"
        return "consistent, origin not proven"

    def lines(self) -> list[str]:
        """What to print: faults, notes, what was checked, the verdict."""
        told = [f"fault: {fault.sentence()}" for fault in sorted(self.faults)]
        told += [f"note: {shown(note)}" for note in self.notes]
        if self.counts:
            told.append("checked: " + ", ".join(f"{n} {what}" for what, n in self.counts.items()))
        if self.pack_hash:
            told.append(f"pack hash: {self.pack_hash}")
        return [*told, self.verdict]

    def to_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "schema": "arlib.verify/1",
            "pack": self.pack,
            "is_sound": self.is_sound,
            "is_origin_proven": self.is_sound and bool(self.expected),
            "verdict": self.verdict,
            "pack_hash": self.pack_hash,
            "expected": self.expected,
            "faults": [dict(fault._asdict(), sentence=fault.sentence()) for fault in sorted(self.faults)],
            "notes": self.notes,
            "counts": self.counts,
        }


def shown(text: str, longest: int = 300) -> str:
    """A text that cannot steer a terminal: control and direction marks escaped, and cut."""
    cut = text if len(text) <= longest else text[: longest - 3] + "..."
    return "".join(mark if mark.isprintable() else mark.encode("unicode_escape").decode() for mark in cut)


def name_fault(path: str) -> str:
    """Why a path may not stand in a pack, '' when it may: it must stay inside, whoever unpacks it and where."""
    try:
        size = len(path.encode())
    except UnicodeEncodeError:
        return "a name that is not UTF-8"
    parts = path.split("/")
    if not path or size > LONGEST_NAME or any(len(part.encode()) > LONGEST_PART for part in parts):
        return "a name that is empty or too long"
    if path[0] in "/~" or "\\" in path or "\0" in path or re.match(r"[A-Za-z]:", path):
        return "a path that may leave the pack"
    if any(part in ("", ".", "..") for part in parts):
        return "a path that may leave the pack"
    return ""


def clashes(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs of names that are one name on some disk: they differ in case or in how accents are written only."""
    seen: dict[str, str] = {}
    for path in sorted(paths):
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            name = "/".join(parts[:depth])
            folded = unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())
            other = seen.setdefault(folded, name)
            if other != name:
                yield other, name
                break


def is_litter(path: str) -> bool:
    """Whether an operating system leaves a file of that name behind by itself, beside what the pack is about."""
    return path.rsplit("/", 1)[-1] in LITTER and not path.startswith("data/")


class Folder:
    """The files of a pack in a folder. Links are not followed; nothing but plain files is opened."""

    def __init__(self, place: Path, result: Result) -> None:
        """Find every file, and take down what is none."""
        self.place, self.result = place, result
        self.sizes: dict[str, int] = {}
        self.empty: list[str] = []
        waiting = [""]
        while waiting:
            here = waiting.pop()
            try:
                found = sorted(os.scandir(place / here), key=lambda entry: entry.name)
            except OSError as fault:
                result.fault(here or ".", f"this folder cannot be read ({fault.strerror})")
                continue
            if here and not found:
                self.empty.append(here)
            for entry in found:
                name = f"{here}/{entry.name}" if here else entry.name
                waiting += self._take(name, entry)
                if len(self.sizes) > MOST_FILES:
                    result.fault(".", f"more than {MOST_FILES:,} files: refused")
                    return

    def _take(self, name: str, entry: os.DirEntry[str]) -> list[str]:
        try:
            about = entry.stat(follow_symlinks=False)
        except OSError as fault:
            self.result.fault(name, f"cannot be read ({fault.strerror})")
            return []
        is_point = getattr(about, "st_file_attributes", 0) & 0x400  # a junction of Windows
        wrong = name_fault(name)
        if stat.S_ISLNK(about.st_mode) or is_point:
            wrong = "a link: refused, it was not followed"
        elif not stat.S_ISDIR(about.st_mode) and not stat.S_ISREG(about.st_mode):
            wrong = "neither a file nor a folder: refused"
        if wrong:
            self.result.fault(name, wrong)
            return []
        if stat.S_ISDIR(about.st_mode):
            return [name]
        self.sizes[name] = about.st_size
        return []

    def open(self, name: str) -> BinaryIO:
        """A file of the pack for reading."""
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        return os.fdopen(os.open(self.place / name, flags), "rb")

    def close(self) -> None:
        """Nothing is held open."""


class Archive:
    """The files of a pack in a .zip, read where they lie. One that could do harm when unpacked is refused whole."""

    def __init__(self, place: Path, result: Result) -> None:
        """Read the archive's own list and judge it."""
        self.place, self.result = place, result
        self.sizes: dict[str, int] = {}
        self.empty: list[str] = []
        self.top, self._zip = "", zipfile.ZipFile(place)
        self._infos: dict[str, zipfile.ZipInfo] = {}
        before = len(result.faults)
        entries = self._zip.infolist()
        if len(entries) > MOST_FILES:
            result.fault(place.name, f"more than {MOST_FILES:,} files: refused")
            return
        self._shape(entries)
        for info in entries:
            name = info.orig_filename
            wrong = _entry_fault(info)
            if wrong:
                result.fault(name, wrong)
            elif name.rstrip("/") in self._infos:
                result.fault(name, "stands in the archive twice: refused")
            else:
                self._infos[name.rstrip("/")] = info
        for one, other in clashes(self._infos):
            result.fault(other, "the same name on some disks: refused", found=one)
        if len(result.faults) == before:
            self._form(entries)
        if len(result.faults) > before:
            self._infos = {}
            return
        self._enter()

    def _shape(self, entries: Sequence[zipfile.ZipInfo]) -> None:
        size = self.place.stat().st_size
        whole = sum(info.file_size for info in entries)
        if whole > MOST_TIMES * size + FREE_BYTES:
            self.result.fault(
                self.place.name, "unpacks to far more than its size: refused", found=f"{whole:,} bytes"
            )
        if min((info.header_offset for info in entries), default=0):
            self.result.fault(self.place.name, "does not begin as an archive: cut off or damaged")
        end = 0
        for info in sorted(entries, key=lambda info: info.header_offset):
            if info.header_offset < end:
                self.result.fault(info.orig_filename, "shares its bytes with another file: refused")
            end = info.header_offset + LOCAL.size + info.compress_size

    def _form(self, entries: Sequence[zipfile.ZipInfo]) -> None:
        """Every byte of the archive is that of a file, of its head, of the list or of its end, and as zip_bag writes it."""
        at = 0
        with self.place.open("rb") as file:
            for info in entries:
                file.seek(info.header_offset)
                head = _local(info)
                if file.read(len(head)) != head:
                    self.result.fault(
                        self.place.name, MADE_ANEW, found=f"another head of {info.orig_filename}"
                    )
                    return
            for info in entries:
                if info.header_offset != at:
                    self.result.fault(
                        info.orig_filename, "bytes before it that belong to no file: refused",
                        wanted=f"begins at {at}", found=info.header_offset,
                    )  # fmt: skip
                    return
                start = at + len(_local(info))
                at = start + info.compress_size
                file.seek(start)
                if not _is_exact(file, info):
                    self.result.fault(info.orig_filename, "damaged, or other bytes behind it: refused")
            start = self._zip.start_dir
            file.seek(start)
            if start != at:
                self.result.fault(
                    self.place.name, "bytes before its list that belong to no file: refused",
                    wanted=f"begins at {at}", found=start,
                )  # fmt: skip
            for info in entries:
                listed = _listed(info)
                if file.read(len(listed)) != listed:
                    self.result.fault(
                        self.place.name, MADE_ANEW, found=f"another line in its list of {info.orig_filename}"
                    )
                    return
            end = _end(len(entries), start, file.tell() - start)
            if file.read(len(end)) != end:
                self.result.fault(self.place.name, MADE_ANEW, found="a comment, or another end")
            elif file.read(1):
                self.result.fault(self.place.name, "bytes after its end: refused")

    def _enter(self) -> None:
        """A pack stands in one folder of the archive, or is the archive itself."""
        if BAGIT not in self._infos:
            tops = {name.split("/", 1)[0] for name in self._infos if name.endswith("/" + BAGIT)}
            tops = {top for top in tops if f"{top}/{BAGIT}" in self._infos}
            if len(tops) != 1:
                self.result.fault(self.place.name, f"holds {len(tops)} packs", wanted="one")
                self._infos = {}
                return
            self.top = tops.pop() + "/"
        for name in self._infos:
            if not name.startswith(self.top):
                self.result.fault(name, "lies outside the pack's folder")
        self._infos = {
            name[len(self.top) :]: info for name, info in self._infos.items() if name.startswith(self.top)
        }
        self.sizes = {name: info.file_size for name, info in self._infos.items()}

    def open(self, name: str) -> BinaryIO:
        """A file of the pack for reading; its checksum in the archive is compared at its end."""
        return self._zip.open(self._infos[name])  # type: ignore[return-value]

    def close(self) -> None:
        """Let go of the archive."""
        self._zip.close()


def _entry_fault(info: zipfile.ZipInfo) -> str:
    name = info.orig_filename
    mode = info.external_attr >> 16
    if wrong := name_fault(name[:-1] if name.endswith("/") else name):
        return f"{wrong}: refused"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "a link or a device: refused"
    if info.flag_bits & 1:
        return "is encrypted: refused"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "packed in a way that is not read here: refused"
    return "a folder with content: refused" if name.endswith("/") and info.file_size else ""


def _name(info: zipfile.ZipInfo) -> tuple[bytes, int]:
    """The bytes of a name, and the flag that says how they are to be read."""
    name = info.orig_filename
    return name.encode(), 0 if all(mark < "\x80" for mark in name) else UTF_8


def _local(info: zipfile.ZipInfo) -> bytes:
    """The head in front of a file's bytes."""
    name, flag = _name(info)
    sizes, more, version = (info.compress_size, info.file_size), b"", 20
    if info.file_size * 1.05 > WIDE_FROM:  # zipfile's own guess, made before the file is packed
        more, version = struct.pack("<2H2Q", 1, 16, info.file_size, info.compress_size), 45
        sizes = (WIDE, WIDE)
    told = (version, flag, info.compress_type, 0, NO_TIME, info.CRC, *sizes, len(name), len(more))
    return LOCAL.pack(b"PK\3\4", *told) + name + more


def _listed(info: zipfile.ZipInfo) -> bytes:
    """The line of a file in the list at the end."""
    name, flag = _name(info)
    sizes, offset, wide = (info.compress_size, info.file_size), info.header_offset, []
    if max(sizes) > WIDE_FROM:
        wide, sizes = [info.file_size, info.compress_size], (WIDE, WIDE)
    if offset > WIDE_FROM:
        wide, offset = [*wide, offset], WIDE
    more = struct.pack(f"<2H{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
    version = 45 if wide or info.file_size * 1.05 > WIDE_FROM else 20
    told = (
        UNIX | version,
        version,
        flag,
        info.compress_type,
        0,
        NO_TIME,
        info.CRC,
        *sizes,
        len(name),
        len(more),
    )
    return LISTED.pack(b"PK\1\2", *told, 0, 0, 0, PLAIN_FILE, offset) + name + more


def _end(count: int, start: int, size: int) -> bytes:
    """What closes the list."""
    wide = b""
    if count > MANY or start > WIDE_FROM or size > WIDE_FROM:
        wide = END_64.pack(b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, start)
        wide += END_64_AT.pack(b"PK\6\7", 0, start + size, 1)
    few = min(count, MANY)
    return wide + END.pack(b"PK\5\6", 0, 0, few, few, min(size, WIDE), min(start, WIDE), 0)


def _is_exact(file: BinaryIO, info: zipfile.ZipInfo) -> bool:
    """Whether the bytes that a file takes in the archive are the file, and nothing lies behind it."""
    if info.compress_type == zipfile.ZIP_STORED:
        return info.compress_size == info.file_size
    packed, left, size = zlib.decompressobj(-15), info.compress_size, 0
    try:
        while left and not packed.eof and size <= info.file_size:
            piece = file.read(min(PIECE >> 6, left))  # unpacks to 16 MiB at most
            if not piece:
                return False
            left -= len(piece)
            size += len(packed.decompress(piece))
    except zlib.error:
        return False
    return packed.eof and not left and not packed.unused_data and size == info.file_size


class Check:
    """One check of one pack, from the outside in: names, hashes, then what the files say."""

    def __init__(self, files: Folder | Archive, result: Result) -> None:
        """Over the files that were found."""
        self.files, self.result = files, result
        self.hashes: dict[str, str] = {}

    def whole(self) -> None:
        """Everything. What cannot be read is a fault, and the rest is checked all the same."""
        for one, other in clashes(self.files.sizes):
            self.result.fault(other, "the same name on some disks", found=one)
        self.bag()
        checked = {"files": len(self.hashes), "bytes": sum(self.files.sizes[name] for name in self.hashes)}
        self.result.counts = checked
        if PACK not in self.files.sizes:
            self.result.fault(PACK, "missing")
            return
        said = Said(self)
        for part in (
            said.types,
            said.request,
            said.run_files,
            said.run_record,
            said.results,
            said.tables,
            said.pack,
            said.library,
        ):
            self.guarded(part)

    def guarded(self, part: Callable[[], None]) -> None:
        """Run a part; a file that is not of the form that arlib writes is a fault of the pack, not of ours."""
        try:
            part()
        except UNREADABLE as fault:
            self.result.fault(PACK, f"{part.__name__} could not be checked: {fault}")
        except MALFORMED as fault:
            self.result.fault(
                PACK, f"{part.__name__} could not be checked: not as arlib writes it", found=repr(fault)
            )

    def bag(self) -> None:
        """BagIt: the declaration, both manifests, every file and its hash, the sum of the payload."""
        if BAGIT not in self.files.sizes:
            self.result.fault(BAGIT, "missing: this is no pack, or not the whole of it")
        elif (found := self.small(BAGIT)) is not None and found.replace(b"\r\n", b"\n") != DECLARATION:
            self.result.fault(BAGIT, "is not the declaration of BagIt 1.0 in UTF-8")
        if FETCH in self.files.sizes:
            self.result.fault(FETCH, "parts of this pack would have to be fetched from elsewhere: refused")
        listed: dict[str, str] = {}
        for name, is_payload in ((MANIFEST, True), (TAGS, False)):
            if name not in self.files.sizes:
                self.result.fault(name, "missing")
                continue
            for path, wanted in self.manifest(name):
                if path.startswith("data/") != is_payload or path == TAGS:
                    self.result.fault(path, f"does not belong into {name}")
                else:
                    listed[path] = wanted
        for path in sorted(self.files.sizes):
            self.hash(path)
        self.result.pack_hash = self.hashes.get(TAGS, "")
        for path, wanted in sorted(listed.items()):
            if path not in self.files.sizes:
                self.result.fault(path, "missing")
            elif path in self.hashes and self.hashes[path] != wanted:
                self.result.fault(
                    path, "changed: its SHA-256 differs", wanted=wanted, found=self.hashes[path]
                )
        for path in sorted(self.files.sizes.keys() - listed.keys() - {TAGS}):
            if is_litter(path):
                size = self.files.sizes[path]
                self.result.notes.append(
                    f"{path}: left by the operating system ({size:,} bytes), no part of the pack"
                )
            elif path.rsplit("/", 1)[-1] in LITTER:
                self.result.fault(
                    path,
                    "added: no manifest lists it; systems leave files of that name: delete it, check again",
                )
            else:
                self.result.fault(path, "added: no manifest lists it")
        self.result.notes += [f"{path}: an empty folder" for path in sorted(self.files.empty)]
        if self.result.expected and self.result.pack_hash != self.result.expected:
            self.result.fault(
                TAGS,
                "not the pack of that hash",
                wanted=self.result.expected,
                found=self.result.pack_hash or "none",
            )
        self.oxum(listed)

    def manifest(self, name: str) -> Iterator[tuple[str, str]]:
        """Path and hash of each line. Names hold %0D, %0A and %25 for what would break a line."""
        seen: set[str] = set()
        for number, line in enumerate(self.text_lines(name), start=1):
            wanted, _, path = line.partition(" ")
            path = re.sub("%(0[Dd]|0[Aa]|25)", lambda m: chr(int(m.group(1), 16)), path.lstrip(" \t*"))
            wrong = name_fault(path) if HASH.match(wanted) else "not a hash and a name"
            if wrong:
                self.result.fault(f"{name}, line {number}", wrong, found=line)
            elif path in seen:
                self.result.fault(path, f"stands in {name} twice")
            else:
                seen.add(path)
                yield path, wanted.lower()
            if number > MOST_FILES:
                self.result.fault(name, f"more than {MOST_FILES:,} lines: refused")
                return

    def text_lines(self, name: str) -> Iterator[str]:
        """The lines of a tag file, each of bounded length."""
        try:
            with self.files.open(name) as file:
                number = 0
                while line := file.readline(LONGEST_LINE):
                    number += 1
                    if len(line) >= LONGEST_LINE and not line.endswith(b"\n"):
                        self.result.fault(f"{name}, line {number}", "too long: the rest was not read")
                        return
                    if line.strip():
                        yield line.decode().rstrip("\r\n")
        except UnicodeDecodeError:
            self.result.fault(name, "is not UTF-8 text")
        except UNREADABLE as fault:
            self.result.fault(name, f"cannot be read: {fault}")

    def oxum(self, listed: Mapping[str, str]) -> None:
        """The sum of the payload as bag-info.txt states it."""
        stated = [
            line.partition(":")[2].strip()
            for line in (self.text_lines(INFO) if INFO in self.files.sizes else ())
            if line.lower().startswith("payload-oxum:")
        ]
        payload = [
            size for name, size in self.files.sizes.items() if name in listed and name.startswith("data/")
        ]
        found = f"{sum(payload)}.{len(payload)}"
        if len(stated) != 1:
            self.result.fault(INFO, "states Payload-Oxum not once", found=f"{len(stated)} times")
        elif stated[0] != found:
            self.result.fault(
                INFO, "states another Payload-Oxum (bytes.files)", wanted=stated[0], found=found
            )

    def hash(self, name: str) -> None:
        """Read a file through and keep its SHA-256."""
        made = hashlib.sha256()
        try:
            with self.files.open(name) as file:
                for piece in iter(lambda: file.read(PIECE), b""):
                    made.update(piece)
        except UNREADABLE as fault:
            self.result.fault(name, f"cannot be read: {fault}")
            return
        self.hashes[name] = made.hexdigest()

    def small(self, name: str) -> bytes | None:
        """A file as a whole; None, and a fault, where it cannot be read or is too large."""
        if self.files.sizes.get(name, 0) > LARGEST_JSON:
            self.result.fault(name, "too large to be read", found=f"{self.files.sizes[name]:,} bytes")
            return None
        try:
            with self.files.open(name) as file:
                return file.read()
        except UNREADABLE as fault:
            self.result.fault(name, f"cannot be read: {fault}")
            return None

    def json(self, name: str) -> Any:
        """An object from JSON; None, and a fault, where it is missing or is none. A key that stands twice is refused."""
        if name not in self.files.sizes:
            self.result.fault(name, "missing")
            return None
        data = self.small(name)
        try:
            made = {} if data is None else json.loads(data.decode(), object_pairs_hook=_once)
        except (ValueError, RecursionError) as fault:
            self.result.fault(name, f"is not sound JSON: {fault}")
            return None
        if not isinstance(made, dict):
            self.result.fault(name, "is not sound JSON: not an object")
            return None
        return made if data is not None else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made


def _at(document: Any, path: list[str]) -> list[Any]:
    """What stands at a path of keys in an object, in a list; an empty one where the path is not there."""
    for key in path:
        if not isinstance(document, dict) or key not in document:
            return []
        document = document[key]
    return [document]


class Said:
    """What the files of a pack say of each other and of their sums."""

    def __init__(self, check: Check) -> None:
        """Read the three records that name everything else."""
        self.check, self.result, self.sizes = check, check.result, check.files.sizes
        self.pack_json: dict[str, Any] = check.json(PACK) or {}
        self.run: dict[str, Any] = check.json(RUN) or {}
        self.digests: dict[
            str, dict[str, str]
        ] = {}  # of tables by notebook, as the notebook's result has them

    def same(self, place: str, what: str, wanted: object, found: object) -> None:
        """A fault where two figures that must be one are not."""
        if wanted != found or isinstance(wanted, bool) != isinstance(found, bool):
            self.result.fault(place, f"{what} differs", wanted=wanted, found=found)

    def types(self) -> None:
        """Everything that is read of the records is of its type."""
        manifest = self.check.json(RUN_MANIFEST) or {}
        for place, document in ((PACK, self.pack_json), (RUN, self.run), (RUN_MANIFEST, manifest)):
            for kind, paths in TYPES[place].items():
                for path in paths:
                    for found in _at(document, path.split(".")):
                        rows = found if isinstance(found, list) else []
                        if not isinstance(found, kind) or not all(isinstance(row, dict) for row in rows):
                            self.result.fault(
                                place, f"{path} is of another type", wanted=CALLED[kind], found=repr(found)
                            )

    def request(self) -> None:
        """What names a notebook and a close file is no more than such a name."""
        for path, form, wanted in (
            ("content.request.kind", KIND, "small letters and _"),
            ("request.kind", KIND, "small letters and _"),
            ("request.close_file", CLOSE_FILE, "a name that ends in .yml or .yaml"),
        ):
            for found in _at(self.pack_json, path.split(".")):
                if isinstance(found, str) and not form.match(found):
                    self.result.fault(PACK, f"{path} is none", wanted=wanted, found=found)

    def run_files(self) -> None:
        """The sealed run's own manifest: the same files, sizes and hashes."""
        told = self.check.json(RUN_MANIFEST)
        if told is None:
            return
        listed = {f"data/run/{row['path']}": row for row in told["files"]}
        if len(listed) != len(told["files"]):
            self.result.fault(RUN_MANIFEST, "lists a file twice")
        for name, row in sorted(listed.items()):
            if name not in self.sizes:
                self.result.fault(name, "missing: the run's manifest lists it")
            elif name in self.check.hashes:
                self.same(name, "SHA-256 in the run's manifest", row["sha256"], self.check.hashes[name])
                self.same(name, "size in the run's manifest", row["bytes"], self.sizes[name])
        for name in sorted(self.sizes):
            if name.startswith("data/run/") and name not in listed and name != RUN_MANIFEST:
                self.result.fault(name, "added: the run's manifest does not list it")
        self.same(RUN_MANIFEST, "hash of run.json", told["run_json_sha256"], self.check.hashes.get(RUN, ""))
        self.same(RUN_MANIFEST, "run_id", self.run.get("run_id"), told["run_id"])

    def run_record(self) -> None:
        """Controls: left - right = difference = explained + unexplained. Identities: both sides are equal."""
        controls = self.run.get("controls", [])
        for control in controls:
            self._control(RUN, control)
        for notebook, identities in sorted(self.run.get("identities", {}).items()):
            for identity in identities:
                self._identity(RUN, notebook, identity)
        self.result.counts["controls"] = len(controls)
        self.result.counts["identities"] = sum(map(len, self.run.get("identities", {}).values()))
        for control in controls:
            if control["status"] == "unexplained":
                self.result.notes.append(
                    f"a control of the business differs without a cause: {control['title']}, "
                    f"{control['unexplained']} {control['currency']}"
                )

    def _control(self, place: str, control: Mapping[str, Any]) -> None:
        sums = {}
        for name in ("left", "right", "difference", "explained", "unexplained"):
            text = control[name]
            sums[name] = None if text is None else amount(text)[0]
        named = f"control {control['name']} {control['currency']}".strip()
        if sums["left"] is None or sums["right"] is None:
            self.same(place, f"{named}: status", "no_input", control["status"])
            return
        if len({amount(control[name])[1] for name in sums if sums[name] is not None}) != 1:
            self.result.fault(place, f"{named}: its amounts do not have the same decimals")
            return
        difference = sums["left"] - sums["right"]
        self.same(place, f"{named}: left - right", difference, sums["difference"])
        rest = difference - (sums["explained"] or 0)
        self.same(place, f"{named}: difference - explained", rest, sums["unexplained"] or 0)
        word = "explained" if difference or control["count"] else "tied"
        word = "unexplained" if rest or control["unexplained_count"] else word
        self.same(place, f"{named}: status", word, control["status"])

    def _identity(self, place: str, notebook: str, identity: Mapping[str, Any]) -> None:
        named = f"{notebook}: {identity['name']} {identity['currency']}".strip()
        if amount(identity["left"]) != amount(identity["right"]) or identity["holds"] is not True:
            told = (
                f"{identity['left_label']} {identity['left']}, {identity['right_label']} {identity['right']}"
            )
            self.result.fault(place, f"{named} does not hold", found=told)

    def results(self) -> None:
        """The results in the notebooks: their controls and tables give the hashes that the records state."""
        found = {}
        for notebook, told in sorted(self.run.get("notebooks", {}).items()):
            place = f"data/run/notebooks/{notebook}.ipynb"
            payload = _result_in(self.check.json(place))
            if payload is None:
                self.result.fault(place, "holds no result, or more than one")
                continue
            for control in payload["controls"]:
                self._control(place, control)
            for identity in payload["identities"]:
                self._identity(place, notebook, identity)
            digests = {name: str(table["sha256"]) for name, table in payload["tables"].items()}
            self.digests[notebook] = digests
            found[notebook] = results_digest(payload["controls"], digests)
            self.same(place, "results_sha256", payload["results_sha256"], found[notebook])
            self.same(RUN, f"results_sha256 of {notebook}", told["results_sha256"], found[notebook])
            for what in ("tables", "counts"):
                for name in sorted(payload[what].keys() | told[what].keys()):
                    mine, stated = payload[what].get(name), told[what].get(name)
                    self.same(RUN, f"{name} ({what} of {notebook})", mine, stated)
            if payload["identities"] != self.run["identities"][notebook]:
                self.result.fault(RUN, f"has other identities than {notebook}")
            missing = [c for c in payload["controls"] if c not in self.run["controls"]]
            if missing:
                self.result.fault(RUN, f"lacks controls of {notebook}", found=str(len(missing)))
        if not found:
            self.result.fault(RUN, "names no notebook with a result")
        self.same(RUN, "results_sha256", self.run.get("results_sha256"), digest(found))
        self.result.counts["results"] = len(found)

    def tables(self) -> None:
        """Every result table's CSV is added up again, row by row, in whole minor units."""
        declared = {(told["notebook"], told["table"]): told for told in self.pack_json.get("tables", [])}
        wanted = {
            (notebook, table)
            for notebook, told in self.run.get("notebooks", {}).items()
            for table in told["tables"]
        }
        for notebook, table in sorted(wanted ^ declared.keys()):
            self.result.fault(PACK, f"table {table} of {notebook} is not in both pack.json and run.json")
        rows = again = 0
        for (notebook, table), told in sorted(declared.items()):
            stated = self.run.get("notebooks", {}).get(notebook, {}).get("tables", {}).get(table, {})
            self.same(PACK, f"rows of {table} of {notebook}", stated.get("rows"), told["rows"])
            self.same(PACK, f"hash of {table} of {notebook}", stated.get("sha256"), told["sha256"])
            if told["csv"] not in self.sizes:
                self.result.fault(told["csv"], "missing: pack.json names it")
                continue
            try:
                with self.check.files.open(told["csv"]) as file:
                    reading = read_table(
                        file,
                        told,
                        keep_rows=told["is_recomputed"] and self.sizes[told["csv"]] <= LARGEST_TABLE,
                    )
            except (*UNREADABLE, *MALFORMED, csv.Error) as fault:
                self.result.fault(told["csv"], "cannot be added up", found=str(fault))
                continue
            self.same(told["csv"], "number of rows", told["rows"], reading.rows)
            for column in sorted(told["totals"].keys() | reading.totals.keys()):
                stated_sums, sums = told["totals"].get(column, {}), reading.totals.get(column, {})
                for currency in sorted(stated_sums.keys() | sums.keys()):
                    self.same(
                        told["csv"], f"total of {column} in {currency or 'no currency'}",
                        stated_sums.get(currency, "none"), sums.get(currency, "none"),
                    )  # fmt: skip
            if reading.digest:
                self.same(told["csv"], "hash of its rows", told["sha256"], reading.digest)
                again += 1
            rows += reading.rows
        self.result.counts.update({"tables": len(declared), "rows": rows, "hashes of tables": again})
        if len(declared) > again:
            self.result.notes.append(
                f"of {len(declared)} tables, the result's hash of {len(declared) - again} was not made again from its CSV, "
                "which does not hold all of it or is too large; rows and totals were"
            )
        known = {told["csv"] for told in declared.values()}
        for name in sorted(self.sizes.keys() - known):
            folder, _, last = name.rpartition("/")
            if last.endswith(".csv") and folder in {
                f"data/run/data/{n}" for n in self.run.get("notebooks", {})
            }:
                self.result.fault(name, "pack.json does not list this table")
        self.result.notes.append(
            "of Parquet files, workbooks, pages and PDFs the bytes were checked; arlib audit reperform compares Parquet and "
            "CSV with what it makes anew"
        )

    def pack(self) -> None:
        """What pack.json says of the run, and the hash of the content."""
        told = self.pack_json
        self.same(PACK, "schema", SCHEMA, told.get("schema"))
        for name in ("entity", "as_of", "run_id", "results_sha256", "library_sha256"):
            self.same(PACK, name, self.run.get(name), told.get(name))
        self.same(
            PACK, "results_sha256 of the content", told["results_sha256"], told["content"]["results_sha256"]
        )
        self.same(PACK, "content_sha256", told["content_sha256"], digest(told["content"]))

    def library(self) -> None:
        """The wheel is the code that ran, the lock file the one that the record names."""
        wheels = [n for n in sorted(self.sizes) if n.startswith("data/library/") and n.endswith(".whl")]
        if len(wheels) != 1:
            self.result.fault("data/library", "wheels", wanted="1", found=str(len(wheels)))
        for name in wheels[:1]:
            data = self.check.small(name)
            if data is not None:
                self.same(name, "library_sha256", self.run.get("library_sha256"), library_digest(data))
        lock, stated = "data/library/requirements.lock", self.run.get("environment", {}).get("lock_sha256")
        if stated:
            self.same(lock, "lock_sha256", stated, self.check.hashes.get(lock, "none"))


class Reading(NamedTuple):
    """A table read from its CSV: rows, totals by column and currency, and the hash of its rows ('' if not made)."""

    rows: int
    totals: dict[str, dict[str, str]]
    digest: str


def read_table(file: BinaryIO, told: Mapping[str, Any], *, keep_rows: bool) -> Reading:
    """Read a result table's CSV as `told` declares it. Raises ValueError for text that is not of its column's kind."""
    csv.field_size_limit(LARGEST_FIELD)
    names = [column["name"] for column in told["columns"]]
    kinds = {column["name"]: column["kind"] for column in told["columns"]}
    money = [
        (names.index(c["name"]), c["name"], c["currency"]) for c in told["columns"] if c["kind"] == "money"
    ]
    reader = csv.reader(io.TextIOWrapper(file, encoding="utf-8", newline=""), strict=True)
    if next(reader, None) != names:
        raise ValueError("its header is not as pack.json declares it")
    sums: dict[str, dict[str, list[int]]] = {name: {} for _, name, _ in money}
    places: dict[str, int] = {}
    kept: list[list[str | None]] = []
    count = 0
    for row in reader:
        if len(row) != len(names):
            raise ValueError(f"row {count + 2} has {len(row)} fields, wanted {len(names)}")
        for position, name, source in money:
            if not row[position]:
                continue
            currency = row[names.index(source)] if source in kinds else source
            value, decimals = amount(row[position])
            if places.setdefault(currency, decimals) != decimals:
                raise ValueError(f"row {count + 2} has {name} with other decimals than before in {currency}")
            total = sums[name].setdefault(currency, [0])
            total[0] += value
        if keep_rows:
            kept.append(_facts(row, names, kinds, told, count))
        count += 1
    totals = {
        name: {currency: decimal(total[0], places[currency]) for currency, total in found.items()}
        for name, found in sums.items()
        if found
    }
    made = ""
    if keep_rows:
        made = table_digest(names, kept, key=told["key"], is_controls=told["table"] == "controls")
    return Reading(count, totals, made)


def _facts(
    row: list[str], names: list[str], kinds: Mapping[str, str], told: Mapping[str, Any], number: int
) -> list[str | None]:
    """A row's texts as the result's hash takes them: none for what is empty, no apostrophe before active text."""
    made: list[str | None] = []
    for name, text in zip(names, row):  # noqa: B905 (Python 3.8)
        if not text:
            empties = told["blanks"].get(name)
            made.append("" if empties is True or (empties and number in empties) else None)
        elif kinds[name] == "instant":
            made.append(text[:-1] + ".000000Z")
        elif kinds[name] == "text" and name not in told["key"] and text[0] == "'" and is_active(text[1:]):
            made.append(text[1:])
        else:
            made.append(text)
    return made


def is_active(text: str) -> bool:
    """Whether a spreadsheet would run a text."""
    return text.lstrip(" ").startswith(ACTIVE)


def table_digest(
    names: Sequence[str], rows: list[list[str | None]], *, key: Sequence[str], is_controls: bool
) -> str:
    """SHA-256 of a table's facts, whatever the order of its columns and rows."""
    order = sorted(range(len(names)), key=lambda i: names[i])
    columns = [names[i] for i in order]
    keys = [columns.index(name) for name in key]
    facts = [[row[i] for i in order] for row in rows]
    if is_controls and "name" in columns:
        facts = [row for row in facts if row[columns.index("name")] not in READING]
    facts.sort(key=lambda r: (tuple(r[i] or "" for i in keys), tuple((v is not None, v or "") for v in r)))
    made = hashlib.sha256(canonical(columns))
    for row in facts:
        made.update(b"\n" + canonical(row))
    return made.hexdigest()


def results_digest(controls: Iterable[Mapping[str, Any]], tables: Mapping[str, str]) -> str:
    """SHA-256 over the controls and the hashes of the tables of one notebook."""
    told = sorted((made for made in controls if made.get("name") not in READING), key=canonical)
    return digest({"controls": told, "tables": {n: s for n, s in tables.items() if n not in PROVENANCE}})


def canonical(value: object) -> bytes:
    """JSON with sorted keys and no spaces: the form that is hashed."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def digest(value: object) -> str:
    """SHA-256 of the canonical JSON."""
    return hashlib.sha256(canonical(value)).hexdigest()


def library_digest(wheel: bytes) -> str:
    """SHA-256 over the sources of the library in its wheel, by path, as a run states it."""
    made = hashlib.sha256()
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        sources = {}
        for name in archive.namelist():
            path = PurePosixPath(name)
            inner = "/".join(path.parts[1:])
            if path.parts[0] == "arlib" and path.suffix in SOURCE and not inner.startswith("_project/"):
                sources[path.parts[1:]] = name
        for parts in sorted(sources):
            one = hashlib.sha256()
            with archive.open(sources[parts]) as file:
                for piece in iter(lambda file=file: file.read(PIECE), b""):  # type: ignore[misc]
                    one.update(piece)
            made.update(f"{'/'.join(parts)}\0{one.hexdigest()}\n".encode())
    return made.hexdigest()


def amount(text: object) -> tuple[int, int]:
    """Decimal text as a whole number of its last place, and how many places it has."""
    if not isinstance(text, str) or not AMOUNT.match(text):
        raise ValueError(f"{text!r} is not an amount")
    whole, _, fraction = text.partition(".")
    return int(whole + fraction), len(fraction)


def decimal(minor: int, places: int) -> str:
    """A whole number of the last place as decimal text."""
    digits = str(abs(minor)).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"-{text}" if minor < 0 else text


def _result_in(notebook: Any) -> dict[str, Any] | None:
    """The one result that an executed notebook holds."""
    found = [
        output["data"][RESULT]
        for cell in (notebook or {}).get("cells", [])
        for output in cell.get("outputs", [])
        if RESULT in output.get("data", {})
    ]
    if len(found) != 1:
        return None
    told = found[0]
    made = json.loads(told) if isinstance(told, str) else told
    return made if isinstance(made, dict) else None


def check(pack: Path | str, expect: str = "") -> Result:
    """Check the pack in a folder or a .zip, against the hash `expect` where it is given. Never raises for what it holds.

    Raises ValueError where `expect` is not a SHA-256 in 64 hexadecimal digits.
    """
    if expect and not HASH.match(expect):
        raise ValueError("the hash to expect is 64 hexadecimal digits")
    place = Path(pack)
    result = Result(place.name or str(place), expect)
    files = open_pack(place, result)
    if files is not None:
        if isinstance(files, Folder) or files.sizes:
            Check(files, result).whole()
        elif not result.faults:
            result.fault(place.name, "holds no files")
        files.close()
    return result


def open_pack(place: Path, result: Result) -> Folder | Archive | None:
    """The files of a pack; None, and a fault, where there are none or the archive is damaged."""
    if not place.exists():
        result.fault(place.name, "no such file or folder")
        return None
    try:
        return Folder(place, result) if place.is_dir() else Archive(place, result)
    except (*UNREADABLE, *MALFORMED, OverflowError) as fault:
        result.fault(place.name, "cannot be read as a .zip: cut off or damaged", found=str(fault))
        return None


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; gives the exit code."""
    parser = argparse.ArgumentParser(
        prog="verify.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pack", nargs="?", default="", help="folder or .zip; default: where this file lies")
    parser.add_argument("--expect", default="", metavar="HASH", help="pack hash from the reply letter")
    parser.add_argument("--json", action="store_true", help="the findings as JSON")
    given = parser.parse_args(arguments)
    try:
        result = check(given.pack or Path(__file__).resolve().parent, given.expect)
    except ValueError as fault:
        parser.error(str(fault))
    text = json.dumps(result.to_json(), indent=2) if given.json else "\n".join(result.lines())
    sys.stdout.buffer.write((text + "\n").encode(sys.stdout.encoding or "ascii", "backslashreplace"))
    sys.stdout.flush()
    return result.exit_code


if __name__ == "__main__":
    sys.exit(main())
