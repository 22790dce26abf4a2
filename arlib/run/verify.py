"""Check sealed runs against their manifests: nothing changed, missing or added. Floor 4.

A manifest can be rewritten together with a file, and a run can be deleted or slipped in whole. So runs are
compared with what lies outside their folders too: see `witnesses`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arlib.errors import SourceError
from arlib.run import platform
from arlib.run.manifest import NAME, RUN, sha256_of
from arlib.run.witnesses import (
    CLOSES,
    URL_VARIABLE,
    Finding,
    Outputs,
    is_inside,
    is_outputs,
    outputs_of,
    read_json,
    sealed_in,
    with_store,
)

BAG = "bagit.txt"

__all__ = ["Finding", "Verification", "sealed_below", "verify"]


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What a check found. Litter of operating systems is a warning; anything else makes the run not whole."""

    runs: tuple[str, ...]
    files: int
    findings: tuple[Finding, ...]
    warnings: tuple[Finding, ...]

    @property
    def is_whole(self) -> bool:
        """Whether everything is as it was sealed."""
        return not self.findings

    @property
    def exit_code(self) -> int:
        """0 when whole, 1 when found wanting."""
        return 0 if self.is_whole else 1

    def lines(self) -> tuple[str, ...]:
        """What to print: findings, warnings, then the sum of it."""
        told = [found.sentence() for found in sorted(self.findings)]
        told += [f"warning: {found.sentence()}" for found in sorted(self.warnings)]
        word = "as sealed" if self.is_whole else f"{len(self.findings)} found wanting"
        runs = f"{len(self.runs)} run{'s' if len(self.runs) != 1 else ''}"
        return (*told, f"{runs}, {self.files} files: {word}")


def verify(path: Path) -> Verification:
    """Check the sealed run at `path`, or every sealed run below it, or every run that a close's record lists.

    Each is compared with its manifest and with what lies outside its folder: the store and the records of
    closes of its output folder. So a run that is gone, one that nobody recorded, and a store that is cut or gone
    are found too. A run alone, such as a copy attached to a mail, has nothing outside: that is a warning.
    Raises SourceError where there is no sealed run and none is missing.
    """
    if not path.exists():
        raise SourceError("nothing to verify: no such file or folder", where=path.name)
    here = path.resolve()
    folders = list(sealed_below(here))
    findings: list[Finding] = []
    warnings: list[Finding] = []
    files = 0
    for home, mine in _by_home(here, folders).items():
        outputs, wrong = _witnesses(home, mine)
        findings += wrong
        if home is None:
            detail = "" if outputs.store else "nothing outside the folder was compared"
            warnings += [
                Finding(run=run.name, path=".", kind="alone", detail=detail) for run in mine if detail
            ]
        else:
            warnings += _oddities(here if here.is_relative_to(home) else home)
            told = [*outputs.strange(), *(outputs.gone(here) if here.is_dir() else ())]
            findings += [found for is_warning, found in told if not is_warning]
            warnings += [found for is_warning, found in told if is_warning]
        for folder in mine:
            counted, found, warned = _check(folder, outputs)
            files += counted
            findings += found
            warnings += warned
    if not folders and not findings:
        raise SourceError(
            "nothing to verify: no sealed run",
            where=path.name,
            fix="Name a run's folder, one above it, or outputs/closes/ID.json.",
        )
    names = tuple(folder.name for folder in folders)
    return Verification(runs=names, files=files, findings=tuple(findings), warnings=tuple(warnings))


def sealed_below(path: Path) -> Iterator[Path]:
    """Folders of sealed runs at or below a path, in order.

    Staging, failed and ad hoc folders are no sealed runs, and links are not followed. A folder that a manifest
    was removed from is one, as long as its run.json or the close's record is there.
    """
    if path.is_file():
        outputs = path.parent.parent
        names = [str(run.get("folder", "")) for run in sealed_in(read_json(path))]
        yield from (outputs / name for name in names if is_inside(name))
        return
    yield from (folder for folder in _folders(path) if _is_run(folder))


def _folders(path: Path) -> Iterator[Path]:
    """A folder and those below it in which runs may lie, down to the runs; a link is given but not followed."""
    yield path
    if _is_run(path) or path.is_symlink():
        return
    for child in sorted(path.iterdir()):
        is_ours = child.is_dir() and not child.name.startswith((".", "_")) and child.name != CLOSES
        if (
            is_ours and not (child / BAG).exists()
        ):  # a pack is checked by its own program: see run.audit.packs
            yield from _folders(child)


def _is_run(folder: Path) -> bool:
    return not folder.is_symlink() and ((folder / NAME).exists() or (folder / RUN).exists())


def _oddities(path: Path) -> Iterator[Finding]:
    """Links and empty folders among the folders of runs: nothing that a close makes."""
    for folder in _folders(path) if path.is_dir() else ():
        where = folder.relative_to(path).as_posix()
        if folder.is_symlink():
            yield Finding(run=path.name, path=where, kind="extra", detail="a link; it was not followed")
        elif folder != path and not any(folder.iterdir()):
            yield Finding(run=path.name, path=where, kind="extra", detail="an empty folder")


def _by_home(path: Path, folders: list[Path]) -> dict[Path | None, list[Path]]:
    """Runs by the output folder that they lie in; None for runs alone. An output folder may have lost all."""
    found: dict[Path | None, list[Path]] = {}
    if path.is_file():
        return {path.parent.parent: folders}
    near = [home for home in (path, *path.parents[:2]) if is_outputs(home)][:1]
    for home in (*near, *(home for home in _folders(path) if is_outputs(home))):
        found.setdefault(home, [])
    for folder in folders:
        found.setdefault(outputs_of(folder, below=path), []).append(folder)
    return found


def _witnesses(home: Path | None, folders: list[Path]) -> tuple[Outputs, list[Finding]]:
    """What remembers the runs, and what is wrong with it; for runs alone only a store on a server can."""
    if home is not None:
        return with_store(Outputs(home, tuple(folder for folder in folders if folder.is_dir())))
    alone = Outputs(folders[0].parent, tuple(folders))
    return with_store(alone) if os.environ.get(URL_VARIABLE) else (alone, [])


def _check(folder: Path, outputs: Outputs) -> tuple[int, list[Finding], list[Finding]]:
    name = folder.name
    findings: list[Finding] = []
    warnings: list[Finding] = []

    def add(path: str, kind: str, detail: str = "") -> None:
        findings.append(Finding(run=name, path=path, kind=kind, detail=detail))

    if not (folder / NAME).is_file():
        add(NAME, "missing", "" if folder.is_dir() else "the whole folder is gone")
        return 0, findings, warnings
    told = read_json(folder / NAME)
    listed: dict[str, dict[str, Any]] = {}
    if not _is_manifest(told):
        add(NAME, "unreadable", "not a manifest of ours")
        return 0, findings, warnings
    for row in told["files"]:
        listed[row["path"]] = row
    for path, row in sorted(listed.items()):
        target = folder / path
        if not is_inside(path):
            add(path, "unreadable", "a path that leaves the run")
        elif not target.is_file() or target.is_symlink():
            add(path, "missing")
        elif target.stat().st_size != row["bytes"] or sha256_of(target) != row["sha256"]:
            add(path, "changed", f"{target.stat().st_size} bytes, sealed with {row['bytes']}")
    for target in sorted(folder.rglob("*")):
        path = target.relative_to(folder).as_posix()
        if path in listed or path == NAME:
            continue
        if target.is_dir() and not target.is_symlink():
            if not any(target.iterdir()):
                warnings.append(Finding(run=name, path=path, kind="extra", detail="an empty folder"))
            continue
        if platform.is_litter(target.name):
            warnings.append(Finding(run=name, path=path, kind="extra", detail="left by the operating system"))
        else:
            add(path, "extra")
    if RUN not in listed or told["run_json_sha256"] != listed[RUN]["sha256"]:
        add(NAME, "changed", f"it does not agree with itself about {RUN}")
    run = read_json(folder / RUN)
    if run and run.get("run_id") != told["run_id"]:
        add(RUN, "not_as_recorded", "another run's")
    if told["run_id"] != name:
        add(NAME, "not_as_recorded", "another run's")
    actual = sha256_of(folder / NAME)
    for where, recorded in outputs.recorded(str(told["run_id"])):
        if recorded != actual:
            add(NAME, "not_as_recorded", f"{where} has another hash of it")
    return len(listed), findings, warnings


def _is_manifest(told: Mapping[str, Any]) -> bool:
    files = told.get("files")
    return (
        {"run_id", "run_json_sha256"} <= told.keys()
        and isinstance(files, list)
        and all(isinstance(row, dict) and {"path", "bytes", "sha256"} <= row.keys() for row in files)
    )
