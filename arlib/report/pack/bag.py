"""A BagIt 1.0 bag (RFC 8493) around a pack, and the bag as one deterministic .zip. Floor 3.

Written here and not by `bagit.make_bag`, which changes the folder of the whole process while it works, takes the day
from the clock and does not encode a percent sign in names. The library checks what is made here, in the tests.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import stat
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from arlib import __version__
from arlib.errors import ParameterError, SourceError
from arlib.report.pack import verify_pack
from arlib.report.pack.verify_pack import BAGIT, DECLARATION, INFO, MANIFEST, PIECE, TAGS

OURS = ("Bagging-Date", "Bag-Software-Agent", "Bag-Size", "Payload-Oxum")
MADE = (BAGIT, INFO, MANIFEST, TAGS)
LABEL = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}\Z")
OLDEST = (1980, 1, 1, 0, 0, 0)  # the first day that a .zip knows: file times are no facts of a pack
PACKED_ALREADY = frozenset({".parquet", ".xlsx", ".pdf", ".whl", ".png", ".zip", ".p7s", ".tsr"})


def make_bag(folder: Path, *, info: Mapping[str, str], bagging_date: date) -> str:
    """Make a bag of `folder`, which holds `data/` and the other tag files already, and give the pack hash.

    `info` are the lines of bag-info.txt beside ours, in order, such as External-Identifier and Source-Organization;
    an empty one is left out. Line breaks and control characters in a value become blanks, so that no value makes a line
    of its own. The pack hash is the SHA-256 of tagmanifest-sha256.txt, which names every other file by way of the
    manifests.

    Raises ParameterError for a label of ours or one that is none, SourceError for a folder without data/ or that is a
    bag already, and for links, devices and names that are not safe on every disk; all faults at once.
    """
    wrong = [label for label in info if not LABEL.match(label) or label in OURS]
    if wrong:
        raise ParameterError(
            "labels of bag-info.txt", found=", ".join(wrong), wanted="others than " + ", ".join(OURS)
        )
    if not (folder / "data").is_dir():
        raise SourceError("nothing to put into a bag", where=folder.name, wanted="a folder data/ in it")
    if there := [name for name in MADE if (folder / name).exists()]:
        raise SourceError("is a bag already", where=folder.name, found=", ".join(there))
    sizes = _files(folder)
    payload = [name for name in sizes if name.startswith("data/")]
    if not payload:
        raise SourceError("nothing to put into a bag", where=folder.name, wanted="a file in data/")
    octets = sum(sizes[name] for name in payload)
    lines = [(label, plain(value)) for label, value in info.items()]
    lines += [
        ("Bagging-Date", bagging_date.isoformat()),
        ("Bag-Software-Agent", f"arlib {__version__}"),
        ("Bag-Size", f"{octets:,} bytes"),
        ("Payload-Oxum", f"{octets}.{len(payload)}"),
    ]
    _write(folder / BAGIT, DECLARATION)
    _write(folder / INFO, "".join(f"{label}: {value}\n" for label, value in lines if value).encode())
    _write(folder / MANIFEST, _manifest(folder, payload))
    tags = [name for name in _files(folder) if not name.startswith("data/")]
    _write(folder / TAGS, _manifest(folder, tags))
    return pack_hash(folder)


def pack_hash(folder: Path) -> str:
    """SHA-256 of the bag's tag manifest: what `verify.py --expect` takes. Raises SourceError where there is none."""
    path = folder / TAGS
    if not path.is_file():
        raise SourceError("is no bag", where=folder.name, wanted=TAGS)
    return sha256_of(path)


def verify_sha256() -> str:
    """SHA-256 of verify.py as it is put into packs, for letters: the reader compares it before running the file."""
    return sha256_of(Path(verify_pack.__file__))


def verify_bytes() -> bytes:
    """verify.py, as it is put into packs."""
    return Path(verify_pack.__file__).read_bytes()


def zip_bag(folder: Path, target: Path) -> str:
    """Write the bag as a .zip with one top folder of the bag's name, and give the SHA-256 of the .zip.

    Sorted, without times or owners: equal bags of equal name give equal bytes with the same zlib. Raises SourceError where
    the target is there already or the folder is no bag.
    """
    if not (folder / TAGS).is_file():
        raise SourceError("is no bag", where=folder.name, wanted=TAGS)
    sizes = _files(folder)
    if target.exists():
        raise SourceError("is there already; nothing was written", where=target.name)
    try:
        with zipfile.ZipFile(target, "x") as archive:
            for name in sizes:
                info = zipfile.ZipInfo(f"{folder.name}/{name}", OLDEST)
                info.create_system, info.external_attr = 3, (stat.S_IFREG | 0o644) << 16
                info.file_size = sizes[name]
                is_packed = Path(name).suffix.lower() in PACKED_ALREADY
                info.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
                with (folder / name).open("rb") as source, archive.open(info, "w") as packed:
                    shutil.copyfileobj(source, packed, PIECE)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return sha256_of(target)


def unzip_bag(archive: Path, into: Path) -> Path:
    """Unpack a pack's .zip into a new folder below `into`, and give the folder of the bag.

    What verify.py refuses is refused here: paths that leave the folder, links, names that stand twice or differ in case
    only, archives that unpack to far more than their size. Nothing is left behind then. The hashes are not compared; verify
    the folder. Raises SourceError with every fault.
    """
    result = verify_pack.Result(archive.name, "")
    opened = verify_pack.open_pack(archive, result)
    if not isinstance(opened, verify_pack.Archive) or result.faults or not opened.sizes:
        told = "; ".join(fault.sentence() for fault in result.faults) or "not a .zip of a pack"
        raise SourceError(told, where=archive.name, fix="Nothing was unpacked.")
    target = into / (opened.top.rstrip("/") or archive.stem)
    if target.exists():
        raise SourceError("is there already; nothing was unpacked", where=target.name)
    try:
        for name in opened.sizes:
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with opened.open(name) as packed, path.open("xb") as file:
                shutil.copyfileobj(packed, file, PIECE)
    except verify_pack.UNREADABLE as fault:
        shutil.rmtree(target, ignore_errors=True)
        raise SourceError(
            f"cannot be unpacked ({fault})", where=archive.name, fix="Nothing was unpacked."
        ) from fault
    finally:
        opened.close()
    return target


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def plain(value: str) -> str:
    """A value of bag-info.txt on one line: what is no printable sign becomes a blank."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in value).split())


def encoded(name: str) -> str:
    """A name as manifests write it: RFC 8493 has line feed, carriage return and percent sign encoded, nothing else."""
    return name.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _manifest(folder: Path, names: Iterable[str]) -> bytes:
    return "".join(f"{sha256_of(folder / name)}  {encoded(name)}\n" for name in sorted(names)).encode()


def _files(folder: Path) -> dict[str, int]:
    """Every file by its path in the bag, with its size, sorted; SourceError for what may not be in a bag."""
    result = verify_pack.Result(folder.name, "")
    found = verify_pack.Folder(folder, result)
    for one, other in verify_pack.clashes(found.sizes):
        result.fault(other, "the same name on some disks", found=one)
    if result.faults:
        raise SourceError(
            "; ".join(fault.sentence() for fault in result.faults), where=folder.name, fix="No bag was made."
        )
    return dict(sorted(found.sizes.items()))


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
