"""A result folder that is replaced whole: a reader, or a kill, finds the old one or the new and nothing between. Floor 4."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from arlib.errors import SourceError
from arlib.run.platform import is_alive, is_litter, rename_whole, sync_folder, sync_tree

EXCHANGE = {
    "linux": ("renameat2", 2),
    "darwin": ("renameatx_np", 2),
}  # call and its flag that swaps two names
HERE = {"linux": -100, "darwin": -2}  # AT_FDCWD


def require_replaceable(folder: Path, *, marker: str, inputs: Iterable[Path] = ()) -> None:
    """Raise SourceError where the folder may not be replaced: it holds what is not ours, or an input of the command.

    A folder that is not there, that is empty, or that carries the marker file may be.
    """
    if (folder.exists() or folder.is_symlink()) and not folder.is_dir():
        raise SourceError("is not a folder", where=str(folder), fix="Name another --out.")
    home = folder.resolve()
    for path in inputs:
        here = path.resolve()
        if here == home or home in here.parents:
            raise SourceError(
                "the output folder holds an input",
                where=str(folder),
                found=path.name,
                fix="Name another --out.",
            )
    if not folder.is_dir():
        return
    try:
        is_filled = any(not is_litter(path.name) for path in folder.iterdir())
        is_ours = (folder / marker).is_file()
    except OSError as fault:
        raise SourceError(f"cannot be read ({fault.strerror or fault})", where=str(folder)) from fault
    if is_filled and not is_ours:
        raise SourceError(
            "the folder holds other files, which this command did not write",
            where=str(folder),
            fix="Name a new folder, or one of an earlier result.",
        )


def replace_folder(folder: Path, fill: Callable[[Path], None], *, marker: str) -> None:
    """Let `fill` write a new folder beside this one, mark it, see it on the disk, and set it in this one's place.

    The two change names in one step where the system can (Linux, macOS); elsewhere the old one is put aside first. What a
    killed call left beside is removed by the next. Raises SourceError where the folder may not be replaced or written.
    """
    require_replaceable(folder, marker=marker)
    home = folder.resolve()
    spare = home.with_name(f".{home.name}.{os.getpid()}.part")
    try:
        _tidy(home, marker)
        spare.mkdir(parents=True)
        (spare / marker).write_bytes(b"")
        fill(spare)
        sync_tree(spare)
        if home.exists():
            _exchange(spare, home)
            sync_folder(home.parent)
        else:
            rename_whole(spare, home)
    except OSError as fault:
        raise SourceError(f"cannot be written ({fault.strerror or fault})", where=str(folder)) from fault
    finally:
        shutil.rmtree(spare, ignore_errors=True)


def _exchange(new: Path, old: Path) -> None:
    """Let two folders change names; afterwards `new` holds what was old."""
    if not _exchanged_at_once(new, old):
        aside = new.with_name(new.name.removesuffix(".part") + ".old.part")
        old.rename(aside)
        new.rename(old)
        aside.rename(new)


def _exchanged_at_once(new: Path, old: Path) -> bool:
    """Ask the system for it; False where it, or the file system, does not know how."""
    if sys.platform not in EXCHANGE:
        return False
    import ctypes

    name, flag = EXCHANGE[sys.platform]
    call = getattr(ctypes.CDLL(None, use_errno=True), name, None)
    if call is None:
        return False
    here = HERE[sys.platform]
    return bool(call(here, os.fsencode(new), here, os.fsencode(old), ctypes.c_uint(flag)) == 0)


def _tidy(home: Path, marker: str) -> None:
    """Remove what killed calls left beside the folder."""
    if not home.parent.is_dir():
        return
    for path in home.parent.iterdir():
        if path.name.startswith(f".{home.name}.") and path.name.endswith(".part") and path.is_dir():
            maker = path.name.removeprefix(f".{home.name}.").split(".")[0]
            if maker.isdigit() and (not is_alive(int(maker)) or int(maker) == os.getpid()):
                if not home.exists() and ".old." in path.name and (path / marker).is_file():
                    path.rename(home)  # killed between two renames: the old result is still the result
                else:
                    shutil.rmtree(path, ignore_errors=True)
