"""The end of a run.

Its record is frozen, its folder sealed and moved into place whole, or put away as failed. Floor 4.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from arlib.errors import ArError, BusyError, IdentityError, InputError, RunError, StoreError
from arlib.run import manifest, platform
from arlib.run.journal import Journal, State, now
from arlib.run.manifest import RUN, sha256_of, text_of
from arlib.run.staging import FAILED, Staging

SCHEMA = "arlib.run/1"
CLUSTER_LOST = "cluster_lost"  # the reason after which a run that is being made stays in staging


def freeze(staging: Staging, facts: Mapping[str, Any]) -> str:
    """Write run.json, which nothing changes afterwards, and give its hash for pages to carry."""
    platform.write_whole(staging.run / RUN, text_of({"schema": SCHEMA, **facts}))
    return sha256_of(staging.run / RUN)


def seal(staging: Staging, final: Path, *, journal: Journal, timings: Mapping[str, object]) -> str:
    """Write the manifest, make every file read-only, and move the run into place; gives the manifest's hash.

    The log's last line says `sealed` and is part of what is sealed. Until the move the run is not sealed,
    whatever the log says; after it nothing of ours writes there again.
    """
    journal.enter(State.SEALED)
    sealed_at = now()
    sha256 = manifest.write(staging.run, run_id=staging.run_id, sealed_at=sealed_at, timings=timings)
    platform.make_read_only(staging.run)
    platform.sync_tree(staging.run)
    platform.rename_whole(staging.run, final)
    staging.remove()
    return sha256


def fail(
    outputs: Path, staging: Staging, *, reason: str, detail: Mapping[str, Any], journal: Journal
) -> Path | None:
    """Put a run away as failed: its log and run.json say why, nothing of it is sealed.

    Where the disk is full or may not be written there is no room for a record: the run is removed, None comes
    back.
    """
    final = outputs / FAILED / staging.run_id
    plan = staging.plan
    try:
        platform.make_tree_writable(staging.run)  # sealing may have ended after the files were made read-only
        journal.enter(State.FAILED, reason=reason, notebook=str(detail.get("notebook", "")))
        for stale in (staging.run / RUN, staging.run / manifest.NAME):
            stale.unlink(missing_ok=True)
        known = {key: plan.get(key, "") for key in ("run_id", "close_id", "entity", "period", "created_at")}
        record = {**known, "state": f"failed: {reason}", "failed_at": now(), "failure": dict(detail)}
        platform.write_whole(staging.run / RUN, text_of({"schema": SCHEMA, **record}))
        platform.remove_tree(staging.home / "work")
        platform.rename_whole(staging.run, final)
        staging.remove()
    except OSError as fault:
        if fault.errno not in platform.FULL | platform.FORBIDDEN:
            raise
        staging.remove()
        return None
    return final


def reason_of(fault: BaseException) -> str:
    """The one word for a run's record; a fault of a class that nobody foresaw is an internal error."""
    if isinstance(fault, RunError):
        return fault.reason
    if isinstance(fault, OSError):
        return (
            "disk_full"
            if fault.errno in platform.FULL
            else "output_not_writable"
            if fault.errno in platform.FORBIDDEN
            else "io_error"
        )
    for kind, word in (
        (IdentityError, "identity"),
        (InputError, "input"),
        (BusyError, "busy"),
        (StoreError, "store"),
        (ArError, "error"),
        (KeyboardInterrupt, "interrupted"),
    ):
        if isinstance(fault, kind):
            return word
    return "internal_error"


class Unfinished:
    """Around the making of a run: whatever ends it early leaves a true record, then goes on its way.

    `detail` may be filled while the run is made; `folder` and `reason` say afterwards where it was put, and
    why.
    """

    def __init__(
        self, outputs: Path, staging: Staging, *, journal: Journal, mask: Callable[[str], str]
    ) -> None:
        """Nothing has failed yet."""
        self._outputs, self._staging, self._journal, self._mask = outputs, staging, journal, mask
        self.detail: dict[str, Any] = {}
        self.reason = ""
        self.folder: Path | None = None

    def __enter__(self) -> Unfinished:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Record the fault, if there is one and the run is not in its place already."""
        if fault is None or not self._staging.run.is_dir():
            return
        self.reason = reason_of(fault)
        if self.reason == CLUSTER_LOST:
            return  # as a kill would leave it: the next close carries on
        if self.reason in ("disk_full", "output_not_writable"):
            self._staging.remove()  # there is no room for a record, and nothing may be left behind
            return
        said = {
            "sentence": self._mask(
                str(fault).splitlines()[0] if str(fault) else kind.__name__ if kind else ""
            )
        }
        detail = json.loads(self._mask(json.dumps({**said, **self.detail}, default=str)))
        self.folder = fail(
            self._outputs, self._staging, reason=self.reason, detail=detail, journal=self._journal
        )
