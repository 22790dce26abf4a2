"""Find and read the files of a source, by role. Floor 2: nothing is interpreted yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from arlib.errors import ParameterError, SourceError, nearest
from arlib.sources.catalogue import load_profile
from arlib.sources.profile import Profile
from arlib.sources.raw import RawFile, ReadOptions, Records, file_faults, read_raw
from arlib.sources.spec import DATABASE_OPTIONS, SourceSpec


@dataclass(frozen=True)
class SourceFiles:
    """The files of one source under its profile."""

    profile: Profile
    files: tuple[tuple[str, RawFile], ...]  # role, file

    def by_name(self) -> dict[str, list[tuple[RawFile, Records]]]:
        """Records of all files by what parts call them: the file role, or role.record."""
        found: dict[str, list[tuple[RawFile, Records]]] = {}
        for role, file in self.files:
            for name, records in file.records.items():
                found.setdefault(f"{role}.{name}" if name else role, []).append((file, records))
        return found

    def for_joins(self) -> dict[str, Records]:
        """Records by name, those of several files of one role together."""
        return {name: merged([records for _, records in found]) for name, found in self.by_name().items()}


def read_all(specs: Sequence[SourceSpec], *, root: Path) -> list[SourceFiles]:
    """The profiles and raw files of all sources.

    A file is called by its name, or by its path from the root where two sources have a file of one name; a database's
    answer by its profile and role.
    """
    planned: list[tuple[SourceSpec, Profile, list[tuple[str, Path]]]] = []
    for spec in specs:
        own = DATABASE_OPTIONS if spec.database else ()
        options = {name: value for name, value in spec.options.items() if name not in own}
        profile = load_profile(spec.profile, root=root, options=options)
        if spec.folder is None:
            planned.append((spec, profile, []))
            continue
        folder = spec.folder if spec.folder.is_absolute() else root / spec.folder
        with file_faults(spec.folder):
            if not folder.is_dir():
                raise SourceError("no such folder", where=str(spec.folder))
            planned.append((spec, profile, _paths(spec, profile, folder)))
    counts = Counter(path.name for _, _, paths in planned for _, path in paths)
    asked: Counter[str] = Counter()
    read = []
    for spec, profile, paths in planned:
        if spec.database:
            from arlib.sources.database import read_database

            asked[profile.profile] += 1
            nth = asked[profile.profile]
            label = profile.profile if nth == 1 else f"{profile.profile} ({nth})"
            read.append(SourceFiles(profile, tuple(read_database(spec, profile, label=label))))
            continue
        files = []
        for role, path in paths:
            label = path.name if counts[path.name] == 1 else _from_root(path, root)
            files.append((role, read_raw(path, options=_options(profile, role), label=label)))
        read.append(SourceFiles(profile, tuple(files)))
    return read


def _from_root(path: Path, root: Path) -> str:
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def _options(profile: Profile, role: str) -> ReadOptions:
    mapping = profile.files[role]
    return ReadOptions(
        encoding=profile.encoding,
        delimiter=profile.delimiter,
        sheet=profile.sheet,
        role=role,
        expected=mapping.header,
        format=mapping.format,
        lists=tuple(mapping.records.items()),
        frame=mapping.frame,
    )


def _paths(spec: SourceSpec, profile: Profile, folder: Path) -> list[tuple[str, Path]]:
    """Role and path of every file to read."""
    found: list[tuple[str, Path]] = []
    for role in spec.tables:
        if role not in profile.files:
            near = nearest(role, profile.files)
            raise ParameterError(
                f"profile {profile.profile} has no file",
                found=role,
                wanted=f"one of {', '.join(profile.files)}",
                fix=f"Did you mean {near!r}?" if near else "",
            )
        for name in _names(spec.tables[role]):
            is_pattern = any(mark in name for mark in "*?[") and not (folder / name).is_file()
            matches = sorted(folder.glob(name)) if is_pattern else [folder / name]
            if not matches:
                raise SourceError("no file of that pattern", where=str(spec.folder), found=name)
            found += [(role, path) for path in matches]
    if not spec.tables:
        for role, mapping in profile.files.items():
            if mapping.many:
                _refuse_others(folder, spec)
            there = [path for name in mapping.names for path in sorted(folder.glob(name)) if path.is_file()]
            if len(there) > 1 and not mapping.many:
                raise SourceError(
                    "several files could be meant",
                    where=role,
                    found=", ".join(p.name for p in there),
                    fix="Name one under `tables` of the source.",
                )
            if mapping.is_required and not there:
                raise SourceError(
                    "a file is missing", where=str(spec.folder), wanted=" or ".join(mapping.names)
                )
            found += [(role, path) for path in there]
        if not found:
            raise SourceError(
                f"holds no file that profile {profile.profile} knows",
                where=str(spec.folder),
                wanted=" or ".join(name for m in profile.files.values() for name in m.names[:1]),
            )
    return found


def _refuse_others(folder: Path, spec: SourceSpec) -> None:
    """A folder that is read whole holds files only, so that nothing in it is passed over without a word."""
    others = [
        path.name for path in sorted(folder.iterdir()) if not path.is_file() and not path.name.startswith(".")
    ]
    if others:
        raise SourceError(
            "the folder is read whole, and this in it is no file that can be read",
            where=str(spec.folder),
            found=", ".join(others[:5]),
            fix="Take it out, or name the files under `tables` of the source.",
        )


def _names(given: object) -> tuple[str, ...]:
    """File names, be they one or several."""
    return (given,) if isinstance(given, str) else tuple(given) if isinstance(given, tuple | list) else ()


def merged(records: Sequence[Records]) -> Records:
    """The records of several files of one role, for look-ups."""
    import numpy as np
    import pandas as pd

    if len(records) == 1:
        return records[0]
    frame = pd.concat([one.frame for one in records], ignore_index=True).fillna("")
    return Records(frame=frame, rows=np.concatenate([one.rows for one in records]))
