"""An executor over the workers of a cluster, for work that is a map over partitions. Floor 4."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from arlib.errors import RunError
from arlib.run.cluster import task
from arlib.run.cluster.connection import Cluster, Work, connected
from arlib.run.cluster.ends import Withdrawn


class ClusterExecutor(Executor):
    """Calls of importable functions with JSON-like arguments, each on some worker.

    A future raises what the call raised; `WorkerDied` for a call that takes its workers with it, which the others
    outlive; `ClusterLost` when scheduler or all workers are gone.
    """

    def __init__(self, cluster: Cluster) -> None:
        """Threads wait here; the work is done elsewhere."""
        self._cluster = cluster
        self.at_once = cluster.members.at_once + 1
        self._threads = ThreadPoolExecutor(max(64, 2 * self.at_once))
        self._is_over = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have `fn(*args)` called on a worker; it is named, not sent."""
        if kwargs:
            raise TypeError("arguments by position only")
        return self._threads.submit(self._run, fn, list(args))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take back what still waits when asked to, and let go."""
        self._is_over = self._is_over or cancel_futures
        self._threads.shutdown(wait, cancel_futures=cancel_futures)

    def _run(self, function: Callable[..., Any], given: list[Any]) -> Any:
        cluster = self._cluster
        named = f"{function.__module__}:{function.__qualname__}"
        envelope = {"topic": cluster.topic, "facts": cluster.members.wanted, "function": named}
        about = next(
            (str(each["partition"]) for each in given if isinstance(each, dict) and "partition" in each), ""
        )
        try:
            return cluster.run(
                Work(
                    function=task.call,
                    given=(json.dumps(envelope), given),
                    name=f"{function.__name__} {about}".strip(),
                    is_stopped=lambda: self._is_over,
                )
            )
        except Withdrawn as fault:
            raise RunError("taken back", reason="interrupted") from fault


@contextmanager
def cluster_executor(
    address: str, *, note: Callable[[str], None] = lambda _text: None
) -> Iterator[ClusterExecutor]:
    """An executor over the cluster at `address`; what raises on entering is said at `connected`."""
    with connected(address, note=note) as cluster:
        executor = ClusterExecutor(cluster)
        try:
            yield executor
        finally:
            executor.shutdown(wait=True, cancel_futures=True)
