"""Who belongs to a cluster: workers that are there, are heard of, and are of the same code. Floor 4."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from arlib.errors import RunError
from arlib.run.cluster import task
from arlib.run.cluster.ends import ClusterLost, Patience
from arlib.run.cluster.facts import differences, facts


class Members:
    """The workers as they are now, and whether there still is a cluster; seen anew every second."""

    def __init__(self, client: Any, patience: Patience, note: Callable[[str], None]) -> None:
        """Nothing is looked at before `start`."""
        self._client, self._patience, self._note = client, patience, note
        self.wanted = facts()
        self.round = 0  # how often workers have fallen silent
        self.silent: frozenset[str] = frozenset()
        self._refused: dict[str, str] = {}  # why, by worker
        self._threads: dict[str, int] = {}  # by worker that is there
        self._why_lost = ""
        self._heard_at = self._usable_at = time.monotonic()
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="arlib-cluster", daemon=True)

    @property
    def at_once(self) -> int:
        """The threads of workers that can be used."""
        return sum(self._threads.get(address, 0) for address in self.usable())

    def usable(self) -> frozenset[str]:
        """Workers that are there, heard of, and not refused."""
        return frozenset(self._threads.keys() - self.silent - self._refused.keys())

    @property
    def are_all_usable(self) -> bool:
        """Whether a task may go anywhere."""
        return bool(self._threads) and self.usable() == self._threads.keys()

    def start(self) -> None:
        """Wait for a worker, check all that are there, and watch from now on.

        Raises RunError where there is none in time, or where one is of other code or packages; one that does not
        answer is not used.
        """
        try:
            self._client.wait_for_workers(1, timeout=self._patience.workers)
        except TimeoutError as fault:
            raise RunError(
                f"no worker in {self._patience.workers:g} seconds",
                reason="no_workers",
                where="the cluster",
                fix="Start one: dask worker ADDRESS --nworkers 1 --nthreads 1",
            ) from fault
        self._look({})
        self._check(sorted(self._threads))
        self._watcher.start()

    def end(self) -> None:
        """No more watching."""
        self._over.set()

    def require(self) -> None:
        """Raise ClusterLost where there is no cluster any more."""
        wait = self._patience.silence + 10
        if self._client.status != "running":
            self.lose("the scheduler has gone")
        if time.monotonic() - self._heard_at > wait:
            self.lose(f"the scheduler has not answered for {wait:g} seconds")
        if self._why_lost:
            raise ClusterLost(self._why_lost)

    @property
    def is_lost(self) -> bool:
        """Whether the cluster is of no more use."""
        return bool(self._why_lost)

    def lose(self, why: str) -> None:
        """There is no cluster any more; the first reason stays."""
        if not self._why_lost:
            self._why_lost = why
            self._note(f"the cluster is lost: {why}")

    def refuse(self, address: str, why: str) -> None:
        """Use a worker no more."""
        if address not in self._refused:
            self._refused[address] = why
            self._note(f"worker {address} {why}; going on without it")

    def _watch(self) -> None:
        heard: dict[str, tuple[float, float]] = {}
        while not self._over.wait(1.0):
            with suppress(Exception):  # whatever dask makes of a connection that has gone; `require` sees it
                self._look(heard)

    def _look(self, heard: dict[str, tuple[float, float]]) -> None:
        found = self._client.scheduler_info(n_workers=-1)["workers"]
        now, limit = time.monotonic(), self._patience.silence
        self._heard_at = now
        for address, told in found.items():
            if address not in heard or heard[address][0] != told["last_seen"]:
                heard[address] = (told["last_seen"], now)
        silent = frozenset(address for address in found if now - heard[address][1] > limit)
        self._threads = {address: int(told["nthreads"]) for address, told in found.items()}
        for address in sorted(silent - self.silent):
            self._note(f"worker {address} has been silent for {limit:g} seconds; going on without it")
        self.round += bool(silent - self.silent)
        self.silent = silent
        if self.usable():
            self._usable_at = now
        elif now - self._usable_at > self._patience.workers:
            why = next((f"; worker {each} {said}" for each, said in self._refused.items()), "")
            self.lose(f"no worker that can be used for {self._patience.workers:g} seconds{why}")

    def _check(self, workers: list[str]) -> None:
        with ThreadPoolExecutor(16) as asking:
            answers = dict(zip(workers, asking.map(self._asked, workers), strict=True))
        for address, found in answers.items():
            if found is None:
                self.refuse(address, "does not answer")
                continue
            told = [found] if isinstance(found, str) else differences(self.wanted, found)
            if told:
                raise RunError(
                    f"differs from this machine: {'; '.join(told[:8])}",
                    reason="worker_differs",
                    where=f"worker {address}",
                    fix="Install the same arlib and lock file there, and start the worker again.",
                )

    def _asked(self, address: str) -> dict[str, Any] | str | None:
        """What a worker is; a sentence where it cannot say, None where it does not answer."""
        try:
            told = self._client.run(
                task.report, workers=[address], on_error="return", callback_timeout=self._patience.answer
            )[address]
        except (TimeoutError, OSError, KeyError):
            return None
        if isinstance(told, (ImportError, AttributeError)):
            return "no arlib there that knows of clusters"
        if isinstance(told, Exception):
            return f"{type(told).__name__}: {told}"
        answer: dict[str, Any] = json.loads(told)
        return answer
