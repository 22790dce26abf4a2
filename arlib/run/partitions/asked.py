"""One question put to every partition of a ledger: the parts it gives, kept, and sure to be parts of one sum. Floor 4."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from arlib.policy import Policies, Scope
from arlib.run.partitions.apart import require_apart
from arlib.run.partitions.output import require_output
from arlib.run.partitions.parts import Kept
from arlib.run.partitions.pool import Pool, Told, run_partitions
from arlib.run.partitions.task import tasks_of
from arlib.sources.partitioned import Manifest, read_manifest


def parts_of(
    folder: Path,
    out: Path,
    *,
    question: str,
    scopes: Sequence[Scope],
    policies: Policies,
    pool: Pool,
    at_once: int,
    told: Told | None,
) -> tuple[Manifest, Kept]:
    """The manifest of the ledger and its parts in `out/parts`; a run that was killed carries on with them.

    Raises as `read_manifest`, `require_output`, `tasks_of`, `run_partitions` and `require_apart` do.
    """
    manifest = read_manifest(folder)
    require_output(out, folder)
    kept = Kept(out / "parts")
    tasks = tasks_of(folder, manifest, question=question, scopes=scopes, policies=policies)
    run_partitions(tasks, pool=pool, kept=kept, at_once=at_once, told=told)
    require_apart(manifest, kept, scratch=out)
    return manifest, kept
