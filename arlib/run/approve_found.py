"""From a returned workbook to the sealed run that it was copied from, and whether that run still stands. Floor 4."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from arlib.errors import SourceError
from arlib.run.approve_sheets import Workbook, read_workbook
from arlib.run.history import sealed_runs
from arlib.run.manifest import NAME, RUN, sha256_of
from arlib.run.review import RECORD
from arlib.run.store import RunKind, Store
from arlib.run.store import sealed_runs as recorded_runs
from arlib.run.verify import verify
from arlib.run.witnesses import DEPTH, is_outputs, read_json

RUN_PROPERTY = "Run"


@dataclass(frozen=True, kw_only=True)
class SealedWorkbook:
    """The run and the sealed workbook that a returned one was copied from."""

    folder: Path
    notebook: str
    run: Mapping[str, Any]  # run.json
    workbook: Workbook

    @property
    def outputs(self) -> Path:
        """The output folder."""
        return self.folder.parents[DEPTH - 1]

    @property
    def label(self) -> str:
        """Entity, period and run, as people are told."""
        return f"{self.run['entity']} {self.run['period']}, run {self.run['run_id']}, {self.notebook}"

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the entity's days."""
        entities = self.run["parameters"]["entities"]
        return ZoneInfo(next((e["time_zone"] for e in entities if e["code"] == self.run["entity"]), "UTC"))

    @property
    def run_on(self) -> date:
        """The entity's day on which the run was made."""
        made = datetime.fromisoformat(str(self.run["created_at"]).replace("Z", "+00:00"))
        return (made if made.tzinfo else made.replace(tzinfo=UTC)).astimezone(self.zone).date()


def sealed_of(returned: Path, copy: Workbook, *, run: Path | None = None) -> SealedWorkbook:
    """The sealed workbook that `returned` is a copy of; the run is checked whole first.

    The run is `run`, or the one that `review.json` beside the copy names, or the one of the copy's document
    properties, looked for in the output folder around the copy or around the working folder. Raises SourceError where
    none is found, where the run is not as it was sealed, or where no workbook of it can be meant.
    """
    folder = (run or _folder_of(returned, copy)).resolve()
    if not (folder / NAME).is_file() or not (folder / RUN).is_file():
        raise SourceError("not a sealed run", where=folder.name, fix="Name its folder with --run.")
    found = verify(folder)
    if not found.is_whole:
        raise SourceError(
            f"the run is not as it was sealed: {sorted(found.findings)[0].sentence()}",
            fix="See `arlib verify`.",
        )
    told = json.loads((folder / RUN).read_bytes())
    claimed = copy.properties.get(RUN_PROPERTY, told["run_id"])
    if claimed != told["run_id"]:
        raise SourceError(
            "is a copy of another run", where=returned.name, found=claimed, wanted=told["run_id"]
        )
    sealed = {
        path: read_workbook(path.read_bytes(), path.name)
        for path in sorted((folder / "workbooks").glob("*.xlsx"))
        if path.name == returned.name or not (folder / "workbooks" / returned.name).is_file()
    }
    alike = [path for path, book in sealed.items() if set(book.sheets) == set(copy.sheets)]
    chosen = list(sealed) if len(sealed) == 1 else alike
    if len(chosen) != 1:
        names = ", ".join(path.name for path in sealed)
        raise SourceError(
            "it cannot be told which workbook of the run this is",
            where=returned.name,
            wanted=f"the name of one: {names}",
        )
    return SealedWorkbook(folder=folder, notebook=chosen[0].stem, run=told, workbook=sealed[chosen[0]])


def stale(store: Store, sealed: SealedWorkbook) -> str:
    """Why nobody decides on the run, '' where it stands: the store did not record it as it is, or a later one of
    the period holds the same notebook.

    A run of some notebooks leaves those of an earlier run standing that it does not hold.
    """
    run_id, entity, period = (str(sealed.run[name]) for name in ("run_id", "entity", "period"))
    index = recorded_runs(store, entity=entity, period=period)
    mine = next((each for each in index if each.run_id == run_id), None)
    if mine is None or mine.manifest_sha256 != sha256_of(sealed.folder / NAME):
        return f"run {run_id} is not one that the store recorded when it was sealed; close again"
    if mine.superseded_by:
        return f"run {run_id} was superseded by run {mine.superseded_by}; decide on that one"
    ordered = sealed_runs(sealed.outputs, entity=entity, period=period)
    names = [each.run_id for each in ordered]
    for later in ordered[names.index(run_id) + 1 :] if run_id in names else ():
        if sealed.notebook in later.run.get("notebooks", {}):
            return f"run {later.run_id} of the same period is newer and holds {sealed.notebook}; decide on that one"
    return ""


def closer_of(store: Store, sealed: SealedWorkbook) -> str:
    """The login of who made the run, as the store recorded it when it was sealed; '' where it knows no such run."""
    subject = "/".join(str(sealed.run[name]) for name in ("period", "entity", "run_id"))
    found = store.events(kinds=(RunKind.SEALED,), subject=subject, limit=1)
    return found[0].actor if found else ""


def _folder_of(returned: Path, copy: Workbook) -> Path:
    here = returned.resolve()
    told = read_json(here.parent / RECORD)
    run_id = str(told.get("run_id", "") or copy.properties.get(RUN_PROPERTY, ""))
    if not run_id or "/" in run_id or "\\" in run_id or run_id.startswith("."):
        raise SourceError(
            "it cannot be told which run this is a copy of",
            where=returned.name,
            fix=f"Put it back where `arlib review` made it, beside {RECORD}, or name the run with --run.",
        )
    working = Path.cwd().resolve()
    homes = [*here.parents, *(base / "outputs" for base in (working, *working.parents))]
    for home in homes:
        if is_outputs(home):
            for folder in sorted(home.glob(f"[!._]*/*/{run_id}")):
                if folder.is_dir() and not folder.is_symlink():
                    return folder
    raise SourceError(
        "its run is not here", where=returned.name, found=run_id, fix="Name the run's folder with --run."
    )
