"""The run index: which runs were sealed, failed, superseded, reviewed; closes that finished. Floor 4.

The subject of a run is `period/entity/run_id`, as its folder. Recording the same thing twice is harmless: a
resumed close may not know how far it came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from arlib.errors import ParameterError
from arlib.run.store.actor import Actor, current_actor
from arlib.run.store.chain import Event
from arlib.run.store.store import Store


class RunKind(StrEnum):
    """Events of runs."""

    SEALED = "run.sealed"
    FAILED = "run.failed"
    SUPERSEDED = "run.superseded"
    REVIEWED = "run.reviewed"
    CLOSE_FINISHED = "close.finished"
    CASE_WRITTEN = "case.written"  # a kind of its own: no case becomes the run that stands


@dataclass(frozen=True, kw_only=True)
class SealedRun:
    """A sealed run as the index knows it. `folder` is relative to the output folder."""

    run_id: str
    entity: str
    period: str
    folder: str
    sealed_at: str
    results_sha256: str
    manifest_sha256: str
    supersedes: str  # run_id of the earlier run, '' for none
    superseded_by: str
    is_final: bool  # a named reviewer has signed
    event: Event


def run_subject(*, entity: str, period: str, run_id: str) -> str:
    """The subject of a run's events."""
    for part in (entity, period, run_id):
        if not part or "/" in part:
            raise ParameterError(
                "subject of a run", found=part, wanted="entity, period and run without a slash"
            )
    return f"{period}/{entity}/{run_id}"


def record_sealed(
    store: Store,
    *,
    entity: str,
    period: str,
    run_id: str,
    folder: str,
    results_sha256: str,
    manifest_sha256: str,
    supersedes: str = "",
    controls: Sequence[Mapping[str, Any]] = (),
    actor: Actor | None = None,
) -> Event:
    """Record a sealed run, once; `controls` are short summaries (name, status).

    A superseded run is recorded as such.
    """
    event = _record(
        store,
        RunKind.SEALED,
        entity,
        period,
        run_id,
        actor,
        {
            "folder": folder,
            "results_sha256": results_sha256,
            "manifest_sha256": manifest_sha256,
            "supersedes": supersedes,
            "controls": [dict(control) for control in controls],
        },
    )
    if supersedes:
        _record(store, RunKind.SUPERSEDED, entity, period, supersedes, actor, {"by": run_id})
    return event


def record_failed(
    store: Store,
    *,
    entity: str,
    period: str,
    run_id: str,
    reason: str,
    folder: str = "",
    cell: str = "",
    actor: Actor | None = None,
) -> Event:
    """Record a run that failed, once, with the one-word reason."""
    return _record(
        store,
        RunKind.FAILED,
        entity,
        period,
        run_id,
        actor,
        {"reason": reason, "folder": folder, "cell": cell},
    )


def record_reviewed(
    store: Store,
    *,
    entity: str,
    period: str,
    run_id: str,
    is_final: bool,
    note: str = "",
    actor: Actor | None = None,
) -> Event:
    """Record a review; `is_final` says that the reviewer signed. Several reviews of one run may stand."""
    who = actor or current_actor()
    body = {"entity": entity, "period": period, "run_id": run_id, "is_final": is_final, "note": note}
    return store.append(
        RunKind.REVIEWED,
        run_subject(entity=entity, period=period, run_id=run_id),
        body,
        actor=who.name,
        authentication=who.authentication,
    )


def record_close_finished(
    store: Store,
    *,
    close_id: str,
    period: str,
    runs: Sequence[Mapping[str, Any]],
    exit_code: int,
    actor: Actor | None = None,
) -> Event:
    """Record the end of a close, once; `runs` are short summaries (entity, run_id, state)."""
    who = actor or current_actor()
    body = {
        "close_id": close_id,
        "period": period,
        "runs": [dict(run) for run in runs],
        "exit_code": exit_code,
    }
    return store.append(
        RunKind.CLOSE_FINISHED,
        close_id,
        body,
        actor=who.name,
        authentication=who.authentication,
        is_once=True,
    )


def sealed_runs(store: Store, *, entity: str, period: str) -> tuple[SealedRun, ...]:
    """All sealed runs of an entity and period, oldest first."""
    events = store.events(
        kinds=(RunKind.SEALED, RunKind.SUPERSEDED, RunKind.REVIEWED), subject_prefix=f"{period}/{entity}/"
    )
    superseded = {e.body["run_id"]: str(e.body["by"]) for e in events if e.kind == RunKind.SUPERSEDED}
    final: dict[str, bool] = {
        e.body["run_id"]: bool(e.body["is_final"]) for e in events if e.kind == RunKind.REVIEWED
    }
    return tuple(
        SealedRun(
            run_id=e.body["run_id"],
            entity=e.body["entity"],
            period=e.body["period"],
            folder=e.body["folder"],
            sealed_at=e.at,
            results_sha256=e.body["results_sha256"],
            manifest_sha256=e.body["manifest_sha256"],
            supersedes=e.body["supersedes"],
            superseded_by=superseded.get(e.body["run_id"], ""),
            is_final=final.get(e.body["run_id"], False),
            event=e,
        )
        for e in events
        if e.kind == RunKind.SEALED
    )


def latest_sealed(store: Store, *, entity: str, period: str) -> SealedRun | None:
    """The run of an entity and period that stands: the last one sealed; None when there is none."""
    return next(reversed(sealed_runs(store, entity=entity, period=period)), None)


def latest_final(store: Store, *, entity: str, period: str) -> SealedRun | None:
    """The last sealed run of an entity and period that a reviewer signed: the next period opens from it."""
    return next(
        (run for run in reversed(sealed_runs(store, entity=entity, period=period)) if run.is_final), None
    )


def _record(
    store: Store,
    kind: RunKind,
    entity: str,
    period: str,
    run_id: str,
    actor: Actor | None,
    body: Mapping[str, Any],
) -> Event:
    who = actor or current_actor()
    subject = run_subject(entity=entity, period=period, run_id=run_id)
    content = {"entity": entity, "period": period, "run_id": run_id, **body}
    return store.append(
        kind, subject, content, actor=who.name, authentication=who.authentication, is_once=True
    )
