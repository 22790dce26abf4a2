"""Packs on disk: which folder or file is one, where they lie, what the register knows of them. Floor 4."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from arlib.run.audit.register import packs_of
from arlib.run.decided import store_of

if TYPE_CHECKING:
    from arlib.report.pack.verify_pack import Result

BAG = "bagit.txt"


def is_pack(path: Path) -> bool:
    """Whether a path is a pack's folder, or a file that can only be meant as one."""
    return (path / BAG).is_file() or (path.is_file() and path.suffix.lower() == ".zip")


def packs_below(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every pack below a folder in order, with the hash that the register of its output folder has; '' for none."""
    for bag in sorted(folder.rglob(BAG)):
        pack = bag.parent
        if not any(part.startswith(".") for part in pack.relative_to(folder).parts):
            yield pack, recorded(pack)


def recorded(pack: Path) -> str:
    """The hash of a pack in the register of the output folder that it lies in, outputs/audit/ID/RUN/PACK; '' for none."""
    place = pack.resolve()
    if len(place.parents) < 4 or place.parents[2].name != "audit":
        return ""
    store = store_of(place.parents[3])
    return packs_of(store).get(pack.name, "") if store is not None else ""


def verify_pack(pack: Path, *, expect: str = "") -> Result:
    """What verify.py, the program inside every pack, says of this one: the same program, imported."""
    from arlib.report.pack.verify_pack import check

    return check(str(pack), expect=expect)
