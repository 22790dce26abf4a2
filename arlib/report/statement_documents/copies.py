"""Copies of invoices behind a statement: images and PDFs by path, from the folder of the extracts and nowhere else. Floor 3.

What cannot be used is a fault that is told, never an end of the batch. Scripts, attachments and links of a PDF stay behind.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Any

from arlib.errors import ArError

IMAGES = (".png", ".jpg", ".jpeg", ".tif", ".tiff")
MOST_PIXELS = 40_000_000  # of an image: an A4 page at 600 dpi has 35 million
SHOWN = 120  # signs of a path that a fault repeats
DOTS = 150.0  # per inch, of an image that does not say
PAGE_KEPT = ("/Type", "/Contents", "/Resources", "/MediaBox", "/CropBox", "/Rotate")


class CopyError(ArError):
    """A copy that cannot be used; the sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyLink:
    """A copy of a document: which, and its file from the folder of the extracts."""

    document_no: str
    path: str
    sha256: str = ""


def read_copy(link: CopyLink, folders: Sequence[Path], *, max_pages: int, max_megabytes: int) -> Any:
    """The pages of a copy, a pypdf PdfReader without anything but what is drawn.

    The file must lie inside one of the folders: no absolute path, no way up, no symbolic link anywhere on the way. It must
    not be longer than the limits, nor encrypted, nor another file than its hash says. Raises CopyError.
    """
    data = _content(_found(link.path, folders), link, max_megabytes * 1_000_000)
    if Path(link.path).suffix.lower() in IMAGES:
        data = _image_pdf(data, link, max_pages)
    return _pages(data, link, max_pages)


def joined(parts: Iterable[Any]) -> bytes:
    """Readers one behind the other as one PDF; equal parts give equal bytes."""
    from pypdf import PdfWriter
    from pypdf.generic import NameObject

    made = PdfWriter()
    for reader in parts:
        for page in reader.pages:
            added = made.add_page(page)
            for name in [key for key in added if key not in (*PAGE_KEPT, "/Parent")]:
                del added[NameObject(name)]
    made.metadata = None
    out = io.BytesIO()
    made.write(out)
    return out.getvalue()


def reader_of(data: bytes) -> Any:
    """A PDF of ours as pages to join."""
    from pypdf import PdfReader

    return PdfReader(io.BytesIO(data))


def _found(path: str, folders: Sequence[Path]) -> Path:
    """The file of a path below a folder; refuses whatever could lead out of it."""
    parts = path.replace("\\", "/").split("/")
    if (
        not path.strip()
        or not path.isprintable()
        or path.startswith(("/", "\\"))
        or PureWindowsPath(path).drive
        or any(part in ("", ".", "..") for part in parts)
    ):
        raise CopyError("not a path below the folder of the extracts", found=path)
    try:
        for folder in folders:
            here = folder
            for part in parts:
                here = here / part
                if here.is_symlink():
                    raise CopyError("lies behind a symbolic link", found=path)
            if here.is_file() and here.resolve().is_relative_to(folder.resolve()):
                return here
    except TimeoutError:
        raise
    except OSError as fault:  # a name that no file system takes
        raise CopyError(f"cannot be looked up ({fault.strerror or fault})", found=path[:SHOWN]) from fault
    raise CopyError("the file is not there", found=path[:SHOWN])


def _content(file: Path, link: CopyLink, most: int) -> bytes:
    try:
        with file.open("rb") as stream:
            data = stream.read(most + 1)
    except TimeoutError:
        raise
    except OSError as fault:
        raise CopyError(f"cannot be read ({fault.strerror or fault})", found=link.path) from fault
    if len(data) > most:
        raise CopyError(
            "the file is too large", found=link.path, wanted=f"at most {most // 1_000_000} megabytes"
        )
    if link.sha256 and hashlib.sha256(data).hexdigest() != link.sha256.lower():
        raise CopyError("the file is another than the one that was linked", found=link.path)
    return data


def _image_pdf(data: bytes, link: CopyLink, max_pages: int) -> bytes:
    """An image as PDF, one page a frame, on white."""
    from PIL import Image, ImageSequence

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "TIFF")) as image:
                if getattr(image, "n_frames", 1) > max_pages:
                    raise CopyError("too many pages", found=link.path, wanted=f"at most {max_pages}")
                pages = [_on_white(frame) for frame in ImageSequence.Iterator(image)]
        out = io.BytesIO()
        pages[0].save(
            out,
            "PDF",
            save_all=True,
            append_images=pages[1:],
            resolution=DOTS,
            creationDate=None,
            modDate=None,
        )
    except (CopyError, TimeoutError):  # the time of the batch is up: not a fault of the file
        raise
    except Exception as fault:
        raise CopyError(f"no image that can be read ({type(fault).__name__})", found=link.path) from fault
    return out.getvalue()


def _on_white(frame: Any) -> Any:
    from PIL import Image

    if frame.width * frame.height > MOST_PIXELS:
        raise CopyError("the image is too large", found=f"{frame.width} × {frame.height} pixels")
    whole = frame.convert("RGBA")
    paper = Image.new("RGBA", whole.size, "white")
    return Image.alpha_composite(paper, whole).convert("RGB")


def _pages(data: bytes, link: CopyLink, max_pages: int) -> Any:
    """A reader whose pages can all be drawn out. Whatever a broken PDF does to the parser is told as one fault."""
    from pypdf import PdfReader

    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted:
            raise CopyError("the PDF is encrypted", found=link.path)
        count = len(reader.pages)
        if count > max_pages:
            raise CopyError("too many pages", found=link.path, wanted=f"at most {max_pages}")
        if not count:
            raise CopyError("the PDF has no pages", found=link.path)
        joined([reader])  # broken objects show only when they are written
    except (CopyError, TimeoutError):  # the time of the batch is up: not a fault of the file
        raise
    except Exception as fault:
        raise CopyError(f"no PDF that can be read ({type(fault).__name__})", found=link.path) from fault
    return reader
