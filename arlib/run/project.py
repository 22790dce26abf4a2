"""The project: the folder with `arlib.toml`, from which all relative paths are taken. Floor 4."""

from __future__ import annotations

import os
from pathlib import Path

from arlib.errors import ParameterError

MARKER = "arlib.toml"
ROOT_VARIABLE = "ARLIB_ROOT"


def find_root(start: Path | None = None) -> Path:
    """The project root: the folder that ARLIB_ROOT names, or the nearest one at or above `start` with
    `arlib.toml`.

    `start` may be a file or folder that does not exist; without it the search begins in the current folder.
    Raises ParameterError when there is none.
    """
    if named := os.environ.get(ROOT_VARIABLE, ""):
        root = Path(named)
        if not (root / MARKER).is_file():
            raise ParameterError(
                f"{ROOT_VARIABLE} does not name a project",
                wanted=f"a folder with {MARKER}",
                fix=f"Unset {ROOT_VARIABLE}, or run `arlib init DIR`.",
            )
        return root.resolve()
    here = (start if start is not None else Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / MARKER).is_file():
            return folder
    raise ParameterError(
        f"no {MARKER} in {here.name or here} or any folder above it",
        fix="Run `arlib init DIR` to lay out a project, or set ARLIB_ROOT.",
    )


def inside(root: Path, relative: str | Path, *, what: str = "path") -> Path:
    """The path below `root` that `relative` names; one that leaves the project, by itself or by a link, is
    refused.

    Nothing need exist. `~` names a home folder nowhere in arlib and is refused, lest a folder of that name be
    made. `what` is the parameter that messages name. Raises ParameterError.
    """
    base, given = root.resolve(), Path(relative)
    wrong = ParameterError(what, found=str(relative), wanted="a path inside the project, such as outputs")
    is_home = str(relative).startswith("~")
    if given.is_absolute() or is_home or "\0" in str(relative) or "\\" in str(relative):
        raise wrong
    target = (base / given).resolve()
    if target == base or not target.is_relative_to(base):
        raise wrong
    return target


def anywhere(root: Path, path: str | Path) -> Path:
    """A path taken from the project root that may lie outside it, as source folders do."""
    return (root.resolve() / Path(path)).resolve()


def from_root(root: Path, path: Path) -> str:
    """How records name a path: from the root with forward slashes, `..` where it lies outside."""
    base, target = root.resolve(), path.resolve()
    if target.is_relative_to(base):
        return target.relative_to(base).as_posix()
    try:
        return Path(os.path.relpath(target, base)).as_posix()
    except ValueError:  # another drive
        return target.as_posix()
