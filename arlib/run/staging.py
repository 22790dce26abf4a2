"""The folder in which a run is made: `outputs/.staging/RUN_ID/`, on the disk of its final place. Floor 4.

    plan.json       whose run this is, and the fingerprint of everything that its result depends on
    run/            what will be the sealed run; moved into place whole
    done/NAME.json  a notebook that was executed and verified: its own fingerprint, result and times
    work/           what a notebook writes while it runs; moved into run/ once verified

A killed process leaves the folder as it was. The next close of that entity and period adopts it when the
fingerprint is still the same, and keeps the notebooks that are done and unharmed; else it is put away as
failed.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arlib.run import platform
from arlib.run.journal import NAME as EVENTS
from arlib.run.journal import last_state
from arlib.run.manifest import sha256_of, text_of

HOME = ".staging"
FAILED = "_failed"
PLAN = "plan.json"


@dataclass(frozen=True)
class Staging:
    """One staging folder."""

    home: Path

    @property
    def run(self) -> Path:
        """What will be the sealed run."""
        return self.home / "run"

    @property
    def run_id(self) -> str:
        """The run's name."""
        return self.home.name

    @property
    def plan(self) -> dict[str, Any]:
        """Whose run it is; empty when that cannot be read."""
        return _json(self.home / PLAN)

    def done(self, notebook: str) -> dict[str, Any]:
        """The record of a notebook that is done; empty when it is not."""
        return _json(self.home / "done" / f"{notebook}.json")

    def attempt(self, notebook: str) -> Path:
        """A new folder for one execution of a notebook.

        A kernel that outlived its close writes to one of its own.
        """
        folder = self.home / "work" / f"{notebook}.{secrets.token_hex(3)}"
        folder.mkdir(parents=True)
        return folder

    def keep(self, notebook: str, *, attempt: Path, executed: bytes, record: Mapping[str, Any]) -> None:
        """Take over what an execution made, notebook and artefacts, and write last that it is done."""
        for artefact in record["payload"]["artefacts"]:
            target = self.run / artefact["path"]
            target.parent.mkdir(parents=True, exist_ok=True)
            (attempt / artefact["path"]).replace(target)
        platform.remove_tree(attempt)
        target = self.run / "notebooks" / f"{notebook}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        platform.write_whole(target, executed)
        (self.home / "done").mkdir(exist_ok=True)
        platform.write_whole(self.home / "done" / f"{notebook}.json", text_of(record))

    def reusable(self, notebook: str, fingerprint: str) -> dict[str, Any]:
        """The record of a notebook that is done, of that fingerprint, with its files unharmed; else empty."""
        record = self.done(notebook)
        if record.get("fingerprint") != fingerprint:
            return {}
        wanted = {f"notebooks/{notebook}.ipynb": record["notebook_sha256"]}
        wanted |= {artefact["path"]: artefact["sha256"] for artefact in record["payload"]["artefacts"]}
        whole = all((self.run / p).is_file() and sha256_of(self.run / p) == sha for p, sha in wanted.items())
        return record if whole else {}

    def clear(self, keep: Mapping[str, Mapping[str, Any]]) -> None:
        """Remove what does not belong to the book, the parameters, the log or a notebook in `keep`."""
        platform.remove_tree(self.home / "work")
        kept = {EVENTS}
        for notebook, record in keep.items():
            kept |= {f"notebooks/{notebook}.ipynb"} | {
                artefact["path"] for artefact in record["payload"]["artefacts"]
            }
        for path in [p for p in self.run.rglob("*") if p.is_file()]:
            relative = path.relative_to(self.run).as_posix()
            if relative not in kept and not relative.startswith(("data/book/", "params/")):
                platform.make_writable(path)
                path.unlink()
        for record_path in (self.home / "done").glob("*.json"):
            if record_path.stem not in keep:
                record_path.unlink()

    def remove(self) -> None:
        """Delete it all."""
        platform.remove_tree(self.home)


def create(outputs: Path, *, run_id: str, plan: Mapping[str, object]) -> Staging:
    """A new staging folder; it comes into being together with its plan, never without."""
    home = outputs / HOME / run_id
    spare = home.with_name(f".{run_id}.{os.getpid()}.new")
    try:
        (spare / "run").mkdir(parents=True)
        platform.write_whole(spare / PLAN, text_of(plan))
        platform.rename_whole(spare, home)
    except OSError:
        platform.remove_tree(spare)
        raise
    return Staging(home)


def left(outputs: Path) -> Iterator[Staging]:
    """Every staging folder that is there, the newest first."""
    home = outputs / HOME
    for folder in sorted(home.iterdir(), reverse=True) if home.is_dir() else ():
        if folder.is_dir() and not folder.name.startswith("."):
            yield Staging(folder)


def tidy(outputs: Path, mine: Collection[tuple[str, str]]) -> None:
    """Remove what is no run: folders that a kill left half made, and rests of runs that are in place.

    `mine` are the entities and periods whose locks the caller holds; the rests of others are theirs to
    remove.
    """
    home = outputs / HOME
    for folder in sorted(home.iterdir()) if home.is_dir() else ():
        if folder.name.endswith(".new"):
            maker = folder.name.split(".")[-2]
            if not maker.isdigit() or not platform.is_alive(int(maker)):
                platform.remove_tree(folder)
        elif not (folder / "run").is_dir():
            plan = Staging(folder).plan
            if not plan or (plan.get("entity"), plan.get("period")) in mine:
                platform.remove_tree(folder)


def leave(outputs: Path) -> None:
    """Remove the home of staging folders when nothing is in it."""
    with contextlib.suppress(OSError):
        (outputs / HOME).rmdir()


def describe(staging: Staging) -> str:
    """What a leftover is, in words: the state that its log ends with and the notebooks that were done."""
    done = len(list((staging.home / "done").glob("*.json")))
    state = last_state(staging.run) or "planned"
    return f"stopped while {state}, {done} notebook{'s' if done != 1 else ''} finished"


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
