"""A run's states, one line each in `events.jsonl`. Floor 4.

planned -> running -> executed -> verified -> rendered -> sealed, or failed. A killed process leaves the line
of the state it was in; whoever finds it adds `resumed` or `failed`. The last line is the state; but a run is
sealed only where its folder stands in its final place with a manifest, whatever its log says.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from arlib.run import platform

NAME = "events.jsonl"


class State(StrEnum):
    """How far a run has come."""

    PLANNED = "planned"  # parameters and inputs are fixed, the book is in the staging folder
    RUNNING = "running"  # notebooks are being executed
    EXECUTED = "executed"  # every notebook ran to its end, by its own account
    VERIFIED = "verified"  # by ours too: counts, results, artefacts, identities; run.json is frozen
    RENDERED = "rendered"  # pages are written
    SEALED = "sealed"  # the manifest is next, then the folder moves into place
    FAILED = "failed"  # ended without a result; the reason stands beside it
    RESUMED = "resumed"  # a later process carries on where a killed one stopped


def now() -> str:
    """The time in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Journal:
    """The log of one run.

    `watch` is told of every state; `mask` is applied to each free text before it is written.
    """

    folder: Path
    watch: Callable[[State, str], None]
    mask: Callable[[str], str]

    def enter(self, state: State, *, reason: str = "", notebook: str = "", note: str = "") -> None:
        """Write that the run has come to a state."""
        line = {"at": now(), "state": str(state)}
        line |= {
            key: self.mask(value)
            for key, value in (("reason", reason), ("notebook", notebook), ("note", note))
            if value
        }
        platform.append_line(self.folder / NAME, json.dumps(line, ensure_ascii=False))
        self.watch(state, reason or notebook or note)


def events(folder: Path) -> list[dict[str, str]]:
    """The lines of a run's log; a last line that a crash cut short is left out."""
    try:
        lines = (folder / NAME).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    kept = []
    for line in lines:
        try:
            kept.append(json.loads(line))
        except ValueError:
            continue
    return kept


def last_state(folder: Path) -> str:
    """The state that a run's log ends with, or '' where there is none."""
    found = events(folder)
    return found[-1]["state"] if found else ""
