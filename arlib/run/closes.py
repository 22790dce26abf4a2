"""The record of a close: `outputs/closes/CLOSE_ID.json`, which runs it made and how they ended. Floor 4.

It is written when the close begins and after every run, so that a killed one can be carried on: a record that
says `running` while no process holds its lock is one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from arlib.run import lock, platform
from arlib.run.journal import now
from arlib.run.manifest import text_of

HOME = "closes"
SCHEMA = "arlib.closes/1"
RUNNING, DONE, INTERRUPTED, FAILED = "running", "done", "interrupted", "failed"


@dataclass(frozen=True, kw_only=True)
class CloseRecord:
    """A close as its record tells it."""

    close_id: str
    period: str
    close_file: str
    parameters_sha256: str
    entities: tuple[str, ...]
    notebooks: tuple[str, ...]
    started_at: str
    state: str = RUNNING
    ended_at: str = ""
    exit_code: int | None = None
    runs: tuple[dict[str, Any], ...] = ()
    blocking: tuple[str, ...] = field(default=())
    store_head: dict[str, Any] | None = None  # of the store, after what this close told it

    def with_run(self, run: dict[str, Any]) -> CloseRecord:
        """With one more run; an earlier record of the same run gives way."""
        others = tuple(known for known in self.runs if known["run_id"] != run["run_id"])
        return replace(
            self, runs=tuple(sorted((*others, run), key=lambda each: (each["entity"], each["run_id"])))
        )

    def ended(self, *, state: str, exit_code: int, blocking: Sequence[str] = ()) -> CloseRecord:
        """As it ended."""
        return replace(self, state=state, exit_code=exit_code, blocking=tuple(blocking), ended_at=now())

    def with_head(self, head: dict[str, Any] | None) -> CloseRecord:
        """With the head of the store, so that a tail cut below it is seen."""
        return replace(self, store_head=head)

    def write(self, outputs: Path) -> None:
        """Put it on the disk, whole."""
        (outputs / HOME).mkdir(exist_ok=True)
        told = {"schema": SCHEMA, **{name: getattr(self, name) for name in self.__dataclass_fields__}}
        platform.write_whole(outputs / HOME / f"{self.close_id}.json", text_of(told))


def remove(outputs: Path, close_id: str) -> None:
    """Take back the record of a close that left nothing else."""
    (outputs / HOME / f"{close_id}.json").unlink(missing_ok=True)
    with suppress(OSError):
        (outputs / HOME).rmdir()


def lock_name(close_id: str) -> str:
    """The name of the lock that a close at work holds on its own record."""
    return f"close.{close_id}"


def unfinished(outputs: Path) -> list[CloseRecord]:
    """Closes whose record says that they are running while no process does, the newest first."""
    home = outputs / HOME
    found = []
    for path in sorted(home.glob("*.json"), reverse=True) if home.is_dir() else ():
        record = _read(path)
        if record and record.state == RUNNING and not lock.is_held(outputs, lock_name(record.close_id)):
            found.append(record)
    return found


def _read(path: Path) -> CloseRecord | None:
    try:
        told = json.loads(path.read_bytes())
        names = {name: told[name] for name in CloseRecord.__dataclass_fields__ if name != "store_head"}
        names["store_head"] = told.get("store_head")  # records of earlier versions have none
    except (ValueError, KeyError):
        return None
    for name in ("entities", "notebooks", "runs", "blocking"):
        names[name] = tuple(names[name])
    return CloseRecord(**names)
