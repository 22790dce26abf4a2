"""Close a period: load the extracts once, make a run per entity, say what tied. Floor 4.

lock -> look at what is left of killed closes -> load -> runs, several at once -> index -> verdict
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from arlib.errors import ParameterError, SourceError, nearest
from arlib.run import lock, staging
from arlib.run.attempt import Here, Where
from arlib.run.atwork import CloseAtWork, CloseResult
from arlib.run.hygiene import Mask
from arlib.run.job import notebook_path
from arlib.run.outputs import interruptible, refuse_links, writable
from arlib.run.params import ClosePlan
from arlib.run.progress import Progress, Silent

if TYPE_CHECKING:
    from arlib.run.store import Store

__all__ = ["CloseResult", "close"]

HERE = 2  # notebooks executed at once on this machine where nobody says how many


def close(
    plan: ClosePlan,
    *,
    only: Sequence[str] = (),
    entities: Sequence[str] = (),
    jobs: int | None = 1,
    cluster: str = "",
    out: Path | None = None,
    root: Path | None = None,
    open_store: Callable[[Path], Store] | None = None,
    progress: Progress | None = None,
) -> CloseResult:
    """Close the plan's period for all its entities or those named, and give what came of it.

    `only` names notebooks (a run of some supersedes nothing), `out` another output folder, `cluster` the address of a
    dask scheduler whose workers execute them; `jobs` is how many are executed at once (None: as many as the cluster
    has threads). Runs that fail do not stop the others. Exit codes: 0 done; 1 done, but `blocking` says what holds it
    up; 3 a run failed, or the cluster was lost and the next close carries on; 130 interrupted. Raises InputError for
    parameters and extracts that cannot be used and for an output folder that cannot be written, BusyError while
    another close of one of the entities and this period is at work, RunError for a cluster that cannot be used.
    """
    plan = replace(plan, outputs=(out or plan.outputs).resolve(), root=(root or plan.root).resolve())
    chosen = _chosen(entities, [entity.code for entity in plan.entities], what="entity")
    notebooks = _chosen(only, plan.notebooks, what="notebook")
    for name in notebooks:
        if not (plan.root / notebook_path(name)).is_file():
            raise SourceError(
                "no such notebook",
                where=notebook_path(name).as_posix(),
                fix="Run `arlib init DIR` for the notebooks of this version.",
            )
    told = progress or Silent()
    mask = Mask(plan.root, also={plan.outputs: plan.outputs.name})
    with writable(plan.outputs), interruptible(), ExitStack() as stack:
        refuse_links(plan.outputs, *(f"{plan.period}/{code}" for code in chosen))
        names = {f"{plan.period}.{code}": f"{code} {plan.period}" for code in chosen}
        stack.enter_context(lock.hold_all(plan.outputs, names))
        lock.sweep(plan.outputs)
        staging.tidy(plan.outputs, {(code, plan.period) for code in chosen})
        where = stack.enter_context(_where(cluster, jobs, told))
        return CloseAtWork(plan, chosen, notebooks, where, told, mask).run(stack, open_store)


@contextmanager
def _where(cluster: str, jobs: int | None, told: Progress) -> Iterator[Where]:
    """Where notebooks are executed: here, or on the workers of a cluster."""
    if not cluster:
        yield Here(at_once=max(1, jobs or HERE))
        return
    from arlib.run.cluster import OnCluster, connected

    with connected(cluster, note=told.note) as there:
        yield OnCluster(there, most=jobs)


def _chosen(wanted: Sequence[str], known: Sequence[str], *, what: str) -> tuple[str, ...]:
    """What was asked for, in the order of the close file; all when nothing was.

    An unknown name raises ParameterError.
    """
    for name in wanted:
        if name not in known:
            near = nearest(name, known)
            raise ParameterError(
                f"the close file has no such {what}",
                found=name,
                wanted=f"one of {', '.join(known)}",
                fix=f"Did you mean {near!r}?" if near else "",
            )
    return tuple(name for name in known if not wanted or name in wanted)
