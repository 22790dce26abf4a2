"""What a close tells the store and asks of it; without a store, nothing. Floor 4."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.errors import ParameterError
from arlib.run.closes import CloseRecord
from arlib.run.history import sealed_runs
from arlib.run.job import Run, kept

if TYPE_CHECKING:
    from arlib.run.plan import ClosePlan
    from arlib.run.store import Store
    from arlib.tables import Book


@dataclass(frozen=True)
class StoreIndex:
    """The run index and the decisions of a store, or of none."""

    store: Store | None

    @property
    def head(self) -> dict[str, Any] | None:
        """The head of the store's chain as records keep it, None without a store."""
        if self.store is None:
            return None
        head = self.store.head()
        return {"seq": head.seq, "hash": head.hash}

    def decisions(self, entity: str) -> Mapping[str, Any]:
        """What people decided, as run.json freezes it, with the head of the chain."""
        from arlib.run.store.decisions import snapshot_decisions

        if self.store is None:
            return {"head": None, "events": []}
        return snapshot_decisions(self.store, entity=entity).as_json()

    def with_decided(self, book: Book, entity: str) -> Book:
        """The entity's book with what was decided on its proposals before."""
        from arlib.run.decided import with_decided

        return with_decided(book, self.store, entity=entity)

    def propose_policies(self, plan: ClosePlan, *, close_id: str) -> None:
        """Record who first closed with these policies of authority and credit; nothing where nobody has a grant."""
        from arlib.run.approve_policy import propose

        if self.store is not None:
            propose(self.store, plan, close_id=close_id)

    def catch_up(self, outputs: Path, *, entity: str, period: str) -> None:
        """Record the sealed runs that a killed close had no time to record."""
        from arlib.run.store.runs import sealed_runs as known

        if self.store is None:
            return
        there = {run.run_id for run in known(self.store, entity=entity, period=period)}
        for sealed in sealed_runs(outputs, entity=entity, period=period):
            if sealed.run_id not in there:
                folder = sealed.folder.relative_to(outputs).as_posix()
                self.record(
                    kept(
                        sealed.run, folder=folder, manifest_sha256=sealed.manifest_sha256, run_json_sha256=""
                    )
                )

    def refuse_final(self, *, entity: str, period: str) -> None:
        """Raise ParameterError where a reviewer has signed the run that stands."""
        from arlib.run.store.runs import latest_sealed

        stands = latest_sealed(self.store, entity=entity, period=period) if self.store else None
        if stands is not None and stands.is_final:
            raise ParameterError(
                f"the close of {entity} {period} is final: a reviewer has signed run {stands.run_id}",
                fix="Have the reviewer take the signature back, with a reason, before closing again.",
            )

    def record(self, run: Run) -> None:
        """Record a run as sealed or failed; one that left no folder and no name is not recorded."""
        from arlib.run.store.runs import record_failed, record_sealed

        if self.store is None or not run.run_id:
            return
        if run.is_sealed:
            record_sealed(
                self.store,
                entity=run.entity,
                period=run.period,
                run_id=run.run_id,
                folder=run.folder,
                results_sha256=run.results_sha256,
                manifest_sha256=run.manifest_sha256,
                supersedes=run.supersedes,
                controls=[
                    {"name": c.name, "account": c.account, "status": str(c.status)} for c in run.controls
                ],
            )
            return
        record_failed(
            self.store,
            entity=run.entity,
            period=run.period,
            run_id=run.run_id,
            reason=run.reason,
            folder=run.folder,
        )

    def finished(self, told: CloseRecord, runs: Sequence[Run], *, exit_code: int) -> None:
        """Record the end of a close."""
        from arlib.run.store.runs import record_close_finished

        if self.store is not None:
            short = [{"entity": run.entity, "run_id": run.run_id, "state": run.state} for run in runs]
            record_close_finished(
                self.store, close_id=told.close_id, period=told.period, runs=short, exit_code=exit_code
            )


def holds_nothing(outputs: Path) -> bool:
    """Whether the store's file in an output folder, whole or half made, holds no event; False without a file.

    Asked where a disk was full, so nothing is written and a file that cannot be read counts as one that holds
    something.
    """
    path = outputs / "arlib.db"
    if not path.is_file():
        return False
    if not any(part.stat().st_size for part in outputs.glob("arlib.db*")):
        return True
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as link:
            tables = {name for (name,) in link.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            return "events" not in tables or not link.execute("SELECT count(*) FROM events").fetchone()[0]
    except sqlite3.Error:
        return False
