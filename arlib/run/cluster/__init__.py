"""Notebooks and partitions on the workers of a dask cluster; everything is checked and written here. Floor 4.

    facts       what must be the same on every worker
    members     who belongs to a cluster: workers that are there, heard of, and of the same code
    connection  one piece of work carried through the faults of workers
    ends        how long to wait, and the ways in which work ends without a result
    packs       files as bytes
    task        what runs on a worker
    notebooks   the notebooks of a close
    partitions  an executor for partitions of a ledger

`distributed` (extra `cluster`) is imported when a cluster is asked for, not before.
"""

from __future__ import annotations

from arlib.run.cluster.connection import connected
from arlib.run.cluster.ends import ClusterLost, WorkerDied
from arlib.run.cluster.notebooks import OnCluster
from arlib.run.cluster.partitions import cluster_executor

__all__ = ["ClusterLost", "OnCluster", "WorkerDied", "cluster_executor", "connected"]
