"""The running library as a wheel, and its lock file: what a pack needs to be run again elsewhere. Floor 3.

The wheel is put together from the files that are in use, be it an installed distribution or a checkout, so that no build
tool is needed and the code in the pack is the code that ran.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import arlib
from arlib.errors import SourceError

OLDEST = (1980, 1, 1, 0, 0, 0)
TAG = "py3-none-any"
LEFT_OUT = frozenset({"__pycache__", ".ipynb_checkpoints", ".DS_Store"})
PROJECT = ("notebooks", "params", "requirements.lock")  # travel in the wheel as arlib/_project
RE_MADE = frozenset(
    {"RECORD", "WHEEL", "INSTALLER", "REQUESTED", "direct_url.json"}
)  # of one installation, not of the wheel


def wheel_bytes() -> tuple[str, bytes]:
    """File name and bytes of a wheel of this library; the same files give the same bytes with the same zlib.

    It holds the package, the notebooks and parameters, and the metadata, entry points and licence of the installed
    distribution, and installs with `pip install --no-deps`. Raises SourceError where arlib is not installed (a checkout that
    is only on the path has no metadata) or a part of it is not there.
    """
    name = f"arlib-{arlib.__version__}-{TAG}.whl"
    info = f"arlib-{arlib.__version__}.dist-info"
    files = dict(sorted({**_package(), **_project(), **_metadata(info)}.items()))
    files[f"{info}/WHEEL"] = (
        f"Wheel-Version: 1.0\nGenerator: arlib\nRoot-Is-Purelib: true\nTag: {TAG}\n".encode()
    )
    rows = [f"{path},sha256={_b64(data)},{len(data)}" for path, data in files.items()]
    files[f"{info}/RECORD"] = ("\n".join([*rows, f"{info}/RECORD,,"]) + "\n").encode()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            entry = zipfile.ZipInfo(path, OLDEST)
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return name, made.getvalue()


def lock_text() -> bytes:
    """The lock file that names every package with its version and hash. Raises SourceError where there is none."""
    return (_home() / "requirements.lock").read_bytes()


def _package() -> dict[str, bytes]:
    home = _folder()
    own = {
        f"arlib/{path.relative_to(home).as_posix()}": path
        for path in _below(home)
        if path.parts[len(home.parts)] != "_project"
    }
    return {name: path.read_bytes() for name, path in own.items()}


def _project() -> dict[str, bytes]:
    home = _home()
    made: dict[str, bytes] = {}
    for part in PROJECT:
        for path in [home / part] if (home / part).is_file() else _below(home / part):
            made[f"arlib/_project/{path.relative_to(home).as_posix()}"] = path.read_bytes()
    return made


def _metadata(info: str) -> dict[str, bytes]:
    """METADATA, entry points and licences as they were installed."""
    try:
        there = importlib.metadata.distribution("arlib")
    except importlib.metadata.PackageNotFoundError as fault:
        raise SourceError(
            "arlib is not installed, so its metadata is not known", fix="Install it: make env."
        ) from fault
    if there.version != arlib.__version__:
        raise SourceError(
            "the installed metadata is of another version",
            found=there.version,
            wanted=arlib.__version__,
            fix="Install again.",
        )
    made: dict[str, bytes] = {}
    for path in there.files or []:
        if path.parts[0] == info and path.name not in RE_MADE:
            made["/".join(path.parts)] = Path(str(path.locate())).read_bytes()
    if f"{info}/METADATA" not in made:
        raise SourceError(
            "the installed metadata is not complete", wanted=f"{info}/METADATA", fix="Install arlib again."
        )
    return made


def _folder() -> Path:
    return Path(arlib.__file__).resolve().parent


def _home() -> Path:
    """Where notebooks, parameters and the lock file lie: in the installed package, or beside it in a checkout."""
    package = _folder()
    for place in (package / "_project", package.parent):
        if all((place / part).exists() for part in PROJECT):
            return place
    raise SourceError(
        "this installation of arlib lacks notebooks, parameters or the lock file",
        fix="Install arlib from its wheel.",
    )


def _below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder).parts
        if path.is_file() and path.suffix != ".pyc" and not LEFT_OUT & set(inner):
            yield path


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
