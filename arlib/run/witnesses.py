"""What remembers sealed runs from outside their folders: the store, records of closes, later runs. Floor 4.

A run that is gone says nothing itself, and one that was slipped in says what it likes. So the folders of an
output folder are compared with everything else there that names runs, and all heads of the store that were
written down with the store.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from arlib.run.manifest import NAME, RUN

CLOSES = "closes"
CASES = "cases"
STORE = "arlib.db"
DEPTH = 3  # of a run in an output folder: period, entity, run
URL_VARIABLE = "ARLIB_STORE_URL"
STORE_NAMES = "the store names it"


class KnowsRuns(Protocol):
    """What remembers runs from outside their folders: the store."""

    def manifest_sha256(self, run_id: str) -> str | None:
        """The hash that was recorded when the run was sealed, None where the run is unknown."""

    def folders(self) -> Mapping[str, str]:
        """Folders of all sealed runs by name, relative to the output folder."""


@dataclass(frozen=True, kw_only=True, order=True)
class Finding:
    """One thing found: `kind` is changed, missing, extra, missing_run, unreadable, not_as_recorded, unknown or
    misplaced.

    `run` is the run's name, or what else was looked at: `store`, or a folder.
    """

    run: str
    path: str
    kind: str
    detail: str = ""

    def sentence(self) -> str:
        """The finding as one line."""
        return f"{self.run}: {self.path}: {self.kind.replace('_', ' ')}" + (
            f" ({self.detail})" if self.detail else ""
        )


@dataclass(frozen=True)
class Outputs:
    """An output folder, and the sealed runs in it that are looked at."""

    home: Path
    runs: tuple[Path, ...] = ()
    store: KnowsRuns | None = field(default=None, compare=False)

    @cached_property
    def closes(self) -> dict[str, dict[str, Any]]:
        """Records of closes by name."""
        folder = self.home / CLOSES
        paths = sorted(folder.glob("*.json")) if folder.is_dir() else []
        return {path.stem: read_json(path) for path in paths}

    def recorded(self, run_id: str) -> Iterator[tuple[str, str]]:
        """Who else says what the hash of a run's manifest is, and what they say."""
        if self.store is not None and (told := self.store.manifest_sha256(run_id)):
            yield "the store", told
        for name, close in self.closes.items():
            for run in sealed_in(close):
                if run.get("run_id") == run_id and run.get("manifest_sha256"):
                    yield f"the record of close {name}", str(run["manifest_sha256"])

    def named(self) -> dict[str, str]:
        """Folders of runs that something names as sealed, relative to the output folder, and what names them."""
        found: dict[str, str] = {}
        for folder in self.runs:
            run = read_json(folder / RUN)
            if earlier := run.get("supersedes"):
                found[f"{run.get('period')}/{run.get('entity')}/{earlier}"] = (
                    f"run {folder.name} supersedes it"
                )
        for name, close in self.closes.items():
            found |= {
                str(run.get("folder", "")): f"the record of close {name} names it" for run in sealed_in(close)
            }
        if self.store is not None:
            found = dict.fromkeys(self.store.folders().values(), STORE_NAMES) | found
        return {folder: who for folder, who in found.items() if is_inside(folder)}

    def gone(self, path: Path) -> Iterator[tuple[bool, Finding]]:
        """Runs at or below `path` that something names as sealed and that are not there; True for a mere warning.

        A store on a server may serve several output folders: a run that it alone names, of an entity and period
        that were never closed here, may lie in another.
        """
        own = {tuple(folder.relative_to(self.home).parts[:2]) for folder in self.runs}
        for close in self.closes.values():
            own |= {(str(close.get("period")), str(entity)) for entity in close.get("entities", [])}
        for folder, who in sorted(self.named().items()):
            place = self.home / folder
            if not place.is_relative_to(path) or _is_there(place):
                continue
            is_others = bool(os.environ.get(URL_VARIABLE)) and who == STORE_NAMES
            is_others = is_others and tuple(Path(folder).parts[:2]) not in own
            detail = f"{who}; it may lie in another output folder" if is_others else who
            yield is_others, Finding(run=place.name, path=folder, kind="missing_run", detail=detail)

    def strange(self) -> Iterator[tuple[bool, Finding]]:
        """Runs that the store does not know or that lie where they do not belong; True for a mere warning."""
        known = self.store.folders() if self.store is not None else None
        for folder in self.runs:
            run, place = read_json(folder / RUN), folder.relative_to(self.home).as_posix()
            own = "/".join(str(run.get(name, "")) for name in ("period", "entity", "run_id"))
            told = run.get("notebooks", {}).get("case_file", {}).get("parameters", {})
            if told:
                own = f"{CASES}/{told.get('case_id', '')}/{run.get('run_id', '')}"
            if run and place != own:
                yield (
                    False,
                    Finding(run=folder.name, path=place, kind="misplaced", detail=f"{RUN} says {own}"),
                )
            if known is not None and folder.name not in known:
                is_killed = self.closes.get(str(run.get("close_id")), {}).get("state") == "running"
                words = (
                    "its close has not ended; the next close records it" if is_killed else "not in the store"
                )
                yield is_killed, Finding(run=folder.name, path=place, kind="unknown", detail=words)

    def heads(self) -> list[Mapping[str, Any]]:
        """Heads of the store's chain that runs and records of closes wrote down."""
        found = [read_json(folder / RUN).get("decisions", {}).get("head") for folder in self.runs]
        found += [close.get("store_head") for close in self.closes.values()]
        receipts = sorted((self.home / "_approvals").glob("*.json"))  # of approvals made since
        found += [read_json(path).get("store_head") for path in receipts]
        return [head for head in found if isinstance(head, dict) and {"seq", "hash"} <= head.keys()]

    @property
    def had_store(self) -> bool:
        """Whether there was a store: a head of it was written down, or closes were, of runs that deny none."""
        said = [read_json(folder / RUN).get("decisions", {}) for folder in self.runs]
        denied = bool(said) and all("head" in told and told["head"] is None for told in said)
        return bool(self.heads()) or bool(self.closes and not denied)


def outputs_of(folder: Path, *, below: Path) -> Path | None:
    """The output folder that a run lies in; None for a run alone, such as a copy attached to a mail.

    The nearest folder above it that has a store or records of closes, no further up than `below` and than a
    run's place in an output folder; without one, that which the run's own place calls for where it lies there.
    """
    for home in folder.parents:
        if is_outputs(home):
            return home
        if len(folder.relative_to(home).parts) >= DEPTH and (home == below or not home.is_relative_to(below)):
            break
    run = read_json(folder / RUN)
    if len(folder.parents) >= DEPTH and (folder.parent.name, folder.parent.parent.name) == (
        run.get("entity"),
        run.get("period"),
    ):
        return folder.parents[DEPTH - 1]
    return None


def _is_there(place: Path) -> bool:
    """Whether a run lies at that place itself, not behind a link."""
    return place.resolve() == place and ((place / RUN).exists() or (place / NAME).exists())


def is_outputs(folder: Path) -> bool:
    """Whether a folder has a store or records of closes."""
    return (folder / STORE).is_file() or any((folder / CLOSES).glob("*.json"))


def with_store(outputs: Outputs) -> tuple[Outputs, list[Finding]]:
    """The output folder with its store, and what is wrong with that.

    Nothing is, where there never was one, or where what reads it is not installed.
    """
    if not os.environ.get(URL_VARIABLE) and not (outputs.home / STORE).is_file():
        if not outputs.had_store:
            return outputs, []
        words = f"the store is missing: no {STORE} in {outputs.home.name}, and {URL_VARIABLE} is not set"
        return outputs, [Finding(run="store", path=STORE, kind="missing", detail=words)]
    try:
        from arlib.run.known import store_of
    except ModuleNotFoundError:
        return outputs, []
    store, wrong = store_of(outputs.home, heads=outputs.heads())
    found = [Finding(run="store", path="events", kind="not_as_recorded", detail=line) for line in wrong]
    return replace(outputs, store=store), found


def sealed_in(close: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """The runs that a close's record says it sealed."""
    runs = close.get("runs", [])
    return [run for run in runs if isinstance(run, dict) and run.get("state") == "sealed"]


def is_inside(path: str) -> bool:
    """Whether a path stays inside the folder that it is taken from."""
    parts = path.replace("\\", "/").split("/")
    return bool(path) and ".." not in parts and not path.startswith(("/", "\\")) and ":" not in parts[0]


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object, or an empty one where there is none to read."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
