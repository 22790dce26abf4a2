"""What one run needs before it starts, and how it ended. Floor 4."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.audit.kinds import KINDS
from arlib.controls import Control
from arlib.run import record
from arlib.run.history import CarriedForward
from arlib.run.hygiene import Mask
from arlib.run.journal import State
from arlib.run.manifest import RUN, sha256_of
from arlib.run.params import ClosePlan
from arlib.run.progress import Progress
from arlib.run.result import control_from_json, digest
from arlib.run.staging import Staging

if TYPE_CHECKING:
    from arlib.tables import Book

NOTEBOOKS = Path("notebooks/monthly")
AUDITS = Path("notebooks/audit")
EXPLORED = Path("notebooks/explore")


def notebook_path(name: str) -> Path:
    """Where a notebook is stored, from the project root."""
    from arlib.run.explore_params import EXPLORE_NOTEBOOKS

    home = AUDITS if name in KINDS else EXPLORED if name in EXPLORE_NOTEBOOKS else NOTEBOOKS
    return home / f"{name}.ipynb"


@dataclass(frozen=True, kw_only=True)
class Job:
    """All that one run needs, fixed before it starts."""

    plan: ClosePlan
    entity: str
    notebooks: tuple[str, ...]
    is_partial: bool
    outputs: Path
    close_id: str
    book: Book
    inputs: tuple[Mapping[str, object], ...]
    carried: CarriedForward | None
    decisions: Mapping[str, Any]  # snapshot of the store, with its head
    supersedes: str
    threads: int
    mask: Mask
    progress: Progress
    as_of: date | None = None  # of an audit request; the period's end otherwise
    asked: Mapping[str, bytes] = field(
        default_factory=dict
    )  # files that came with what is asked, by path in the run
    adopted: Staging | None = None  # what a killed close left, when it can be carried on

    @property
    def label(self) -> str:
        """Entity and period, as people are told."""
        return f"{self.entity} {self.plan.period}"

    @cached_property
    def fingerprint(self) -> str:
        """One hash over everything that every notebook's result depends on, but the notebooks themselves."""
        return digest(
            {
                "plan": self.plan.as_json(),
                "entity": self.entity,
                "inputs": record.inputs_sha256(self.inputs),
                "carried": self.carried.manifest_sha256 if self.carried else "",
                "decisions": [event["hash"] for event in self.decisions["events"]],
                "asked": {
                    name: hashlib.sha256(data).hexdigest() for name, data in sorted(self.asked.items())
                },
                "library": record.library_sha256(),
            }
        )

    def source(self, notebook: str) -> Path:
        """The notebook as it is stored, without outputs."""
        return self.plan.root / notebook_path(notebook)

    def notebook_fingerprint(self, notebook: str) -> str:
        """The same for one notebook: its source and parameters come to it."""
        return digest(
            {
                "run": self.fingerprint,
                "notebook": sha256_of(self.source(notebook)),
                "parameters": self.plan.flat(notebook, self.entity),
            }
        )


@dataclass(frozen=True, kw_only=True)
class Run:
    """How one run ended.

    `folder` is where it lies now, relative to the output folder; '' when nothing was kept.
    """

    entity: str
    period: str
    run_id: str
    state: str  # 'sealed' or 'failed: reason'
    folder: str
    sentence: str = ""  # of a failure
    controls: tuple[Control, ...] = ()
    results_sha256: str = ""
    run_json_sha256: str = ""
    manifest_sha256: str = ""
    supersedes: str = ""
    is_kept: bool = False  # sealed by the close that this one carries on, not again now
    exit_code: int = 0  # of the fault behind a failure
    timings: Mapping[str, object] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """The one word for a failure; '' for a sealed run."""
        return "" if self.is_sealed else self.state.removeprefix("failed: ")

    @property
    def is_sealed(self) -> bool:
        """Whether it ended well."""
        return self.state == State.SEALED


def kept(found: Mapping[str, Any], *, folder: str, manifest_sha256: str, run_json_sha256: str) -> Run:
    """A run that the close being carried on had sealed already."""
    return Run(
        entity=found["entity"],
        period=found["period"],
        run_id=found["run_id"],
        state=State.SEALED,
        folder=folder,
        controls=tuple(control_from_json(made) for made in found["controls"]),
        results_sha256=found["results_sha256"],
        run_json_sha256=run_json_sha256,
        manifest_sha256=manifest_sha256,
        supersedes=found["supersedes"],
        is_kept=True,
    )


def to_json(run: Run) -> dict[str, object]:
    """A run as the record of its close tells it."""
    return {
        "entity": run.entity,
        "period": run.period,
        "run_id": run.run_id,
        "state": run.state,
        "folder": run.folder,
        "sentence": run.sentence,
        "results_sha256": run.results_sha256,
        "run_json_sha256": run.run_json_sha256,
        "manifest_sha256": run.manifest_sha256,
        "supersedes": run.supersedes,
        "controls": [
            {"name": c.name, "title": c.title, "account": c.account, "status": str(c.status)}
            for c in run.controls
        ],
    }


def read_run_json(folder: Path) -> dict[str, Any]:
    """run.json of a sealed run."""
    told: dict[str, Any] = json.loads((folder / RUN).read_bytes())
    return told
