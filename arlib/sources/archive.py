"""Compressed files unpacked within bounds: gzip, and a zip with one file in it. Floor 2."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib

from arlib.errors import SourceError

# Ledger text shrinks 5 to 20 times; a file that grows more than 100 times to beyond 1 GiB is made to fill the
# memory. 4 GiB is more than any export seen, and what one machine can hold as text beside its table.
BOMB_BYTES, BOMB_RATIO = 1 << 30, 100
MAX_EXPANDED_BYTES = 4 << 30
_STEP = 1 << 20


def expanded(data: bytes, name: str) -> bytes:
    """Gzip content whole; a cut or damaged one raises SourceError, and one that expands without measure does
    so as soon as it shows."""
    packed, content = io.BytesIO(data), io.BytesIO()
    try:
        with gzip.GzipFile(fileobj=packed) as file:
            while piece := file.read(_STEP):
                content.write(piece)
                check_expansion(content.tell(), packed.tell(), name)
    except (EOFError, OSError, zlib.error) as fault:
        raise SourceError(
            f"compressed file is cut or damaged ({fault})", where=name, fix="Fetch the file again."
        ) from fault
    return content.getvalue()


def check_expansion(expanded_bytes: int, packed_bytes: int, name: str) -> None:
    """Refuse a compressed file that is made to fill the memory, or that is too large for it."""
    is_bomb = expanded_bytes > BOMB_BYTES and expanded_bytes > BOMB_RATIO * packed_bytes
    if is_bomb or expanded_bytes > MAX_EXPANDED_BYTES:
        raise SourceError(
            f"expands without measure: {packed_bytes:,} bytes to more than {expanded_bytes - 1:,}",
            where=name,
            fix="If the file is honest, unpack it and split it.",
        )


def is_sheet(content: bytes) -> bool:
    """Whether a zip is an Office document, which a sheet reader takes, be it damaged or not."""
    return content[:4] == b"PK\x03\x04" and b"[Content_Types].xml" in content


def unzipped(content: bytes, name: str) -> tuple[bytes, str]:
    """The one file of a zip and its name; other content, and a sheet, as it is. Raises SourceError for a zip of none or several."""
    if content[:4] != b"PK\x03\x04" or is_sheet(content):
        return content, name
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = [one for one in archive.infolist() if not one.is_dir()]
            if len(inside) != 1:
                raise SourceError(
                    "is a zip, of which one file is wanted", where=name, found=len(inside), fix="Unpack it."
                )
            made = io.BytesIO()
            with archive.open(inside[0]) as file:
                while piece := file.read(_STEP):
                    made.write(piece)
                    check_expansion(made.tell(), len(content), name)
            return made.getvalue(), f"{name}/{inside[0].filename}"
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as fault:
        raise SourceError(f"cannot be unpacked ({fault})", where=name, fix="Fetch the file again.") from fault
