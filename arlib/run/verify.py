"""Check sealed runs against their manifests: nothing changed, missing or added. Floor 4.

A manifest can be rewritten together with a file. So its own hash is compared with what the record of the
close says, and with what the store says where one is present: those lie outside the sealed folder.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from arlib.errors import SourceError
from arlib.run import platform
from arlib.run.manifest import NAME, RUN, sha256_of

CLOSES = "closes"


class KnowsRuns(Protocol):
    """What remembers a run's manifest from outside the folder: the store."""

    def manifest_sha256(self, run_id: str) -> str | None:
        """The hash that was recorded when the run was sealed, None where the run is unknown."""


@dataclass(frozen=True, kw_only=True, order=True)
class Finding:
    """One thing found in a run: `kind` is changed, missing, extra, unreadable or not_as_recorded."""

    run: str
    path: str
    kind: str
    detail: str = ""

    def sentence(self) -> str:
        """The finding as one line."""
        return f"{self.run}: {self.path}: {self.kind.replace('_', ' ')}" + (
            f" ({self.detail})" if self.detail else ""
        )


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


def verify(path: Path, *, store: KnowsRuns | None = None) -> Verification:
    """Check the sealed run at `path`, or every sealed run below it, or every run that a close's record lists.

    `store` defaults to the one of the
    output folder, when there is one. Raises SourceError where there is no sealed run. A folder that a
    manifest was removed from is found, not passed over, as long as its run.json or the close's record is
    there.
    """
    if not path.exists():
        raise SourceError("nothing to verify: no such file or folder", where=path.name)
    folders = list(sealed_below(path))
    if not folders:
        raise SourceError(
            "nothing to verify: no sealed run",
            where=path.name,
            fix="Name a run's folder, one above it, or outputs/closes/ID.json.",
        )
    findings: list[Finding] = []
    warnings: list[Finding] = []
    files = 0
    if store is None:
        store, wrong = _store_of(folders)
        findings += wrong
    for folder in folders:
        counted, found, warned = _check(folder, store)
        files += counted
        findings += found
        warnings += warned
    names = tuple(folder.name for folder in folders)
    return Verification(runs=names, files=files, findings=tuple(findings), warnings=tuple(warnings))


def sealed_below(path: Path) -> Iterator[Path]:
    """Folders of sealed runs at or below a path, in order.

    Staging, failed and ad hoc folders are no sealed runs.
    """
    if path.is_file():
        outputs = path.parent.parent
        for run in _json(path).get("runs", []):
            if run.get("state") == "sealed":
                yield outputs / run["folder"]
        return
    if (path / NAME).exists() or (path / RUN).exists():
        yield path
        return
    for child in sorted(path.iterdir()):
        if child.is_dir() and not child.is_symlink() and not child.name.startswith((".", "_")):
            yield from sealed_below(child)


def _store_of(folders: list[Path]) -> tuple[KnowsRuns | None, list[Finding]]:
    """The store beside the runs, where there is one and what it needs is installed.

    And what is wrong with it itself.
    """
    homes = [folder.parents[2] for folder in folders if len(folder.parents) >= 3]
    try:
        from arlib.run.known import store_of
    except ModuleNotFoundError:
        return None, []
    heads = [_json(folder / RUN).get("decisions", {}).get("head") for folder in folders]
    store, wrong = store_of(homes[0], heads=[head for head in heads if head]) if homes else (None, ())
    return store, [Finding(run="store", path="events", kind="not_as_recorded", detail=line) for line in wrong]


def _check(folder: Path, store: KnowsRuns | None) -> tuple[int, list[Finding], list[Finding]]:
    name = folder.name
    findings: list[Finding] = []
    warnings: list[Finding] = []

    def add(path: str, kind: str, detail: str = "") -> None:
        findings.append(Finding(run=name, path=path, kind=kind, detail=detail))

    if not (folder / NAME).is_file():
        add(NAME, "missing", "" if folder.is_dir() else "the whole folder is gone")
        return 0, findings, warnings
    told = _json(folder / NAME)
    listed: dict[str, dict[str, Any]] = {}
    if not _is_manifest(told):
        add(NAME, "unreadable", "not a manifest of ours")
        return 0, findings, warnings
    for row in told["files"]:
        listed[row["path"]] = row
    for path, row in sorted(listed.items()):
        target = folder / path
        if not _is_inside(path):
            add(path, "unreadable", "a path that leaves the run")
        elif not target.is_file() or target.is_symlink():
            add(path, "missing")
        elif target.stat().st_size != row["bytes"] or sha256_of(target) != row["sha256"]:
            add(path, "changed", f"{target.stat().st_size} bytes, sealed with {row['bytes']}")
    for target in sorted(folder.rglob("*")):
        path = target.relative_to(folder).as_posix()
        if path in listed or path == NAME or (target.is_dir() and not target.is_symlink()):
            continue
        if platform.is_litter(target.name):
            warnings.append(Finding(run=name, path=path, kind="extra", detail="left by the operating system"))
        else:
            add(path, "extra")
    if RUN not in listed or told["run_json_sha256"] != listed[RUN]["sha256"]:
        add(NAME, "changed", f"it does not agree with itself about {RUN}")
    run = _json(folder / RUN)
    if run and run.get("run_id") != told["run_id"]:
        add(RUN, "not_as_recorded", "another run's")
    if told["run_id"] != name:
        add(NAME, "not_as_recorded", "another run's")
    actual = sha256_of(folder / NAME)
    for where, recorded in _recorded(folder, str(told["run_id"]), str(run.get("close_id", "")), store):
        if recorded != actual:
            add(NAME, "not_as_recorded", f"{where} has another hash of it")
    return len(listed), findings, warnings


def _recorded(folder: Path, run_id: str, close_id: str, store: KnowsRuns | None) -> Iterator[tuple[str, str]]:
    """What others say the manifest's hash is."""
    if store is not None and (told := store.manifest_sha256(run_id)):
        yield "the store", told
    if len(folder.parents) >= 3:
        closes = folder.parents[2] / CLOSES
        for record in sorted(closes.glob("*.json")) if closes.is_dir() else ():
            for run in _json(record).get("runs", []):
                if run.get("run_id") == run_id and run.get("manifest_sha256"):
                    yield f"the record of close {record.stem}", str(run["manifest_sha256"])


def _is_manifest(told: Mapping[str, Any]) -> bool:
    files = told.get("files")
    return (
        {"run_id", "run_json_sha256"} <= told.keys()
        and isinstance(files, list)
        and all(isinstance(row, dict) and {"path", "bytes", "sha256"} <= row.keys() for row in files)
    )


def _is_inside(path: str) -> bool:
    parts = path.replace("\\", "/").split("/")
    return bool(path) and ".." not in parts and not path.startswith(("/", "\\")) and ":" not in parts[0]


def _json(path: Path) -> dict[str, Any]:
    """A JSON object, or an empty one where there is none to read."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
