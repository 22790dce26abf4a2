"""Notebooks and partitions on the workers of a dask cluster; everything is checked and written here. Floor 4.

    facts       what must be the same on every worker
    members     who belongs to a cluster: workers that are there, heard of, and of the same code
    connection  one piece of work carried through the faults of workers
    ends        how long to wait, and the ways in which work ends without a result
    packs       files as bytes
    task        what runs on a worker
    notebooks   the notebooks of a close
    partitions  an executor for partitions of a ledger

`distributed` (extra `cluster`) is imported when a cluster is asked for, not before; and nothing heavy by this package or `task`,
which the scheduler imports too.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arlib.run.cluster.connection import connected as connected
    from arlib.run.cluster.ends import ClusterLost as ClusterLost
    from arlib.run.cluster.ends import WorkerDied as WorkerDied
    from arlib.run.cluster.notebooks import OnCluster as OnCluster
    from arlib.run.cluster.partitions import cluster_executor as cluster_executor

__all__ = ["ClusterLost", "OnCluster", "WorkerDied", "cluster_executor", "connected"]

HOMES = {
    "ClusterLost": "ends",
    "OnCluster": "notebooks",
    "WorkerDied": "ends",
    "cluster_executor": "partitions",
    "connected": "connection",
}


def __getattr__(name: str) -> object:
    """A public name, imported when first asked for."""
    if name in HOMES:
        return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
