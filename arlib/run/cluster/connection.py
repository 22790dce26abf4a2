"""A connection to a dask cluster that carries each piece of work through the faults of workers. Floor 4.

dask plans, sends, and gives the work of a dead worker to another one. Added here: workers that fall silent without
dying, work that takes its workers with it, a scheduler that is gone, and that nothing waits for ever.
"""

from __future__ import annotations

import itertools
import json
import logging
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from arlib.errors import ParameterError, RunError
from arlib.run.cluster import task
from arlib.run.cluster.facts import differences, facts
from arlib.run.seal import CLUSTER_LOST

ADDRESS = re.compile(r"(tcp|tls)://[^\s/@]+:\d{1,5}")


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Seconds to wait before something counts as gone."""

    connect: float = 10
    workers: float = 60  # for a first worker, and while none that can be used is left
    answer: float = 20  # of a worker to the question what it is
    silence: float = 30  # of a worker's heartbeat, and of the scheduler
    grace: float = 60  # beyond a notebook's own limit, for what is not the notebook


PATIENCE = Patience()
STARTS = 3  # at the third start two workers were lost: from then on it is tried alone


class ClusterLost(RunError):  # noqa: N818  as its reason is spelled
    """The scheduler, or every worker, is gone; what is done is kept."""

    def __init__(self, message: str) -> None:
        """Reason cluster_lost."""
        super().__init__(message, reason=CLUSTER_LOST)


class WorkerDied(BrokenExecutor):
    """A piece of work lost its worker again and again, the last time as the only suspect."""


class Withdrawn(Exception):  # noqa: N818  never leaves the package
    """Whoever asked wants it no more."""


class _Again(Exception):  # noqa: N818  never leaves this module
    """To be submitted anew; `avoid` is the worker that it should not go to."""

    def __init__(self, avoid: str = "") -> None:
        self.avoid = avoid


class _Lost(Exception):  # noqa: N818  never leaves this module
    """Its workers died."""


@dataclass(kw_only=True)
class _Attempt:
    """One submission of a piece of work."""

    future: Any
    workers: frozenset[str]  # the only ones it may go to; empty for all
    round: int  # how often workers had fallen silent when it was submitted
    on_cell: Callable[[int, int], None] | None = None
    worker: str = ""  # where it runs; '' while it waits
    starts: int = 0
    began: float = 0.0
    woken: threading.Event = field(default_factory=threading.Event)

    def hear(self, said: dict[str, Any]) -> None:
        """Word from the worker."""
        if said["what"] == "started":
            self.worker, self.began = str(said["worker"]), time.monotonic()
            self.starts += 1
            self.woken.set()
        elif said["what"] == "cell" and self.on_cell:
            self.on_cell(int(said["done"]), int(said["total"]))


class Cluster:
    """Scheduler and workers as they are now. Made by `connected`."""

    def __init__(self, client: Any, note: Callable[[str], None]) -> None:
        """Nothing is watched before `start`."""
        self._client, self._note = client, note
        self.topic = f"arlib-{secrets.token_hex(8)}"
        self.wanted = facts()
        self.lost = ""  # why the cluster is of no more use
        self._alive: dict[str, int] = {}  # threads by worker
        self._silent: frozenset[str] = frozenset()
        self._refused: set[str] = set()
        self._round = 0
        self._usable_at = self._heard_at = time.monotonic()
        self._attempts: dict[str, _Attempt] = {}
        self._serial = itertools.count(1)
        self._alone = threading.Lock()
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="arlib-cluster", daemon=True)

    @property
    def at_once(self) -> int:
        """How much can run at the same time: the threads of workers that can be used."""
        return sum(self._alive.get(address, 0) for address in self.usable())

    def usable(self) -> frozenset[str]:
        """Workers that are there, heard of, and of the same code."""
        return frozenset(self._alive.keys() - self._silent - self._refused)

    def start(self) -> None:
        """Wait for a worker, check all that are there, and watch from now on.

        Raises RunError where there is none in time, or where one is of other code or packages.
        """
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE.workers)
        except TimeoutError as fault:
            raise RunError(
                f"no worker in {PATIENCE.workers:g} seconds",
                reason="no_workers",
                where="the cluster",
                fix="Start one: dask worker ADDRESS --nworkers 1 --nthreads 1",
            ) from fault
        self._look({})
        self._check(sorted(self._alive))
        self._client.subscribe_topic(self.topic, self._hear)
        self._watcher.start()

    def end(self) -> None:
        """Let go of the cluster; what still runs there is ended by its workers."""
        self._over.set()
        with suppress(Exception):  # of a cluster that is gone
            self._client.close(timeout=2 if self.lost else 10)

    def put(self, data: bytes, name: str) -> Any:
        """Bytes as a task of the cluster; workers that have fallen silent are not asked to hold them."""
        workers = sorted(self.usable()) if self._silent else None
        key = f"{self.topic}-{name}-{next(self._serial)}"
        return self._submit(task.same, data, key=key, workers=workers, allow_other_workers=bool(workers))

    def run(
        self,
        function: Callable[..., Any],
        *given: Any,
        name: str,
        seconds: float | None = None,
        is_stopped: Callable[[], bool] = lambda: False,
        on_cell: Callable[[int, int], None] | None = None,
    ) -> Any:
        """What `function(*given)` gives on a worker; a `Gift` among `given` stands for its bytes.

        `seconds` is its own limit once it runs; it is then tried on another worker, and what the first still says is
        ignored. Raises what the function raises; WorkerDied, ClusterLost; Withdrawn when `is_stopped`.
        """
        avoided: set[str] = set()
        is_alone = False
        while True:
            try:
                with self._alone_if(is_alone, is_stopped):
                    most = 1 if is_alone else STARTS - 1
                    return self._once(function, given, name, seconds, is_stopped, on_cell, avoided, most)
            except _Again as again:
                if again.avoid:
                    avoided.add(again.avoid)
                    if len(avoided) >= STARTS:
                        raise WorkerDied(f"{name}: {len(avoided)} workers fell silent over it") from again
            except _Lost as fault:
                if is_alone:
                    raise WorkerDied(
                        f"{name}: its worker died again and again, the last time with no other suspect"
                    ) from fault
                is_alone = True
                self._note(
                    f"{name}: {STARTS - 1} workers died while it ran; trying it apart from other suspects"
                )

    @contextmanager
    def _alone_if(self, is_alone: bool, is_stopped: Callable[[], bool]) -> Iterator[None]:
        """Suspects are tried one at a time, so that one that kills its worker takes no innocent one with it."""
        if not is_alone:
            yield
            return
        while not self._alone.acquire(timeout=0.5):
            self._require(is_stopped)
        try:
            yield
        finally:
            self._alone.release()

    def _once(
        self,
        function: Callable[..., Any],
        given: tuple[Any, ...],
        name: str,
        seconds: float | None,
        is_stopped: Callable[[], bool],
        on_cell: Callable[[int, int], None] | None,
        avoided: set[str],
        most: int,
    ) -> Any:
        """One submission, to its end."""
        workers = self._allowed(avoided, is_stopped)
        key = f"{self.topic}-{re.sub('[^0-9A-Za-z._]', '_', name)}-{next(self._serial)}"
        sent = [each.future(self._round) if isinstance(each, Gift) else each for each in given]
        future = self._submit(function, *sent, key=key, workers=sorted(workers) or None)
        attempt = _Attempt(future=future, workers=workers, round=self._round, on_cell=on_cell)
        self._attempts[key] = attempt
        future.add_done_callback(lambda _future: attempt.woken.set())
        try:
            while True:
                attempt.woken.wait(0.5)
                attempt.woken.clear()
                self._require(is_stopped)
                if future.status == "finished":
                    return self._fetched(attempt)
                if future.status == "error":
                    raise self._fault(attempt)
                if future.status in ("cancelled", "lost"):
                    raise _Again
                self._look_after(attempt, seconds, most)
        finally:
            self._attempts.pop(key, None)
            with suppress(Exception):  # the scheduler forgets it, and the worker's watch ends it
                future.release()

    def _submit(self, function: Callable[..., Any], *given: Any, **how: Any) -> Any:
        from distributed import CancelledError

        try:
            return self._client.submit(function, *given, pure=False, **how)
        except (CancelledError, RuntimeError, OSError) as fault:  # a client that is closing
            self._lose("the scheduler has gone")
            raise ClusterLost(self.lost) from fault

    def _fetched(self, attempt: _Attempt) -> Any:
        from distributed import CancelledError

        try:
            return attempt.future.result(timeout=PATIENCE.silence)
        except (TimeoutError, CancelledError, OSError) as fault:  # the worker that has it fell silent or died
            raise _Again(attempt.worker) from fault

    def _fault(self, attempt: _Attempt) -> BaseException:
        """What the work raised; that its workers died; or that it is to go to a worker of the same code."""
        from distributed import KilledWorker

        fault: BaseException = attempt.future.exception(timeout=PATIENCE.silence)
        if isinstance(fault, task.Differs):
            if attempt.worker not in self._refused:
                self._refused.add(attempt.worker)
                self._note(f"worker {attempt.worker} {fault}; going on without it")
            return _Again()
        return _Lost() if isinstance(fault, KilledWorker) else fault

    def _look_after(self, attempt: _Attempt, seconds: float | None, most: int) -> None:
        """Raise what is to be done about a submission that waits or runs."""
        if attempt.starts > most:
            raise _Lost
        if attempt.worker:
            if attempt.worker in self._silent:
                raise _Again(attempt.worker)
            if seconds is not None and time.monotonic() - attempt.began > seconds + PATIENCE.grace:
                raise _Again(attempt.worker)
        elif attempt.round != self._round:
            raise _Again  # what it waits for may lie on a worker that has fallen silent since
        if attempt.workers and not attempt.workers & self.usable():
            raise _Again

    def _allowed(self, avoided: set[str], is_stopped: Callable[[], bool]) -> frozenset[str]:
        """The only workers that may have it; none where all may, those that come later too."""
        while True:
            self._require(is_stopped)
            usable = self.usable()
            if usable == self._alive.keys() and not usable & avoided and usable:
                return frozenset()
            if usable:
                return usable - avoided or usable
            time.sleep(0.5)

    def _require(self, is_stopped: Callable[[], bool]) -> None:
        if is_stopped():
            raise Withdrawn
        if time.monotonic() - self._heard_at > PATIENCE.silence + 10:
            self._lose(f"the scheduler has not answered for {PATIENCE.silence + 10:g} seconds")
        if self._client.status != "running":
            self._lose("the scheduler has gone")
        if self.lost:
            raise ClusterLost(self.lost)

    def _lose(self, why: str) -> None:
        if not self.lost:
            self.lost = why
            self._note(f"the cluster is lost: {why}")
        for attempt in list(self._attempts.values()):
            attempt.woken.set()

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        attempt = self._attempts.get(event[1]["key"])
        if attempt is not None:
            attempt.hear(event[1])

    def _watch(self) -> None:
        """See once a second who is there and who is heard of."""
        heard: dict[str, tuple[float, float]] = {}
        while not self._over.wait(1.0):
            try:
                if self._client.status != "running":
                    raise ConnectionError
                self._look(heard)
            except Exception:  # whatever dask makes of a connection that has gone
                if not self._over.is_set():
                    self._lose("the scheduler has gone")
                return

    def _look(self, heard: dict[str, tuple[float, float]]) -> None:
        found = self._client.scheduler_info(n_workers=-1)["workers"]
        now = self._heard_at = time.monotonic()
        for address, told in found.items():
            if heard.get(address, (None,))[0] != told["last_seen"]:
                heard[address] = (told["last_seen"], now)
        silent = frozenset(a for a in found if now - heard[a][1] > PATIENCE.silence)
        self._alive = {address: int(told["nthreads"]) for address, told in found.items()}
        for address in sorted(silent - self._silent):
            self._note(
                f"worker {address} has been silent for {PATIENCE.silence:g} seconds; going on without it"
            )
        if silent - self._silent:
            self._round += 1
        self._silent = silent
        if self.usable():
            self._usable_at = now
        elif now - self._usable_at > PATIENCE.workers:
            self._lose(f"no worker that can be used for {PATIENCE.workers:g} seconds")

    def _check(self, workers: list[str]) -> None:
        """Refuse a cluster of which a worker is of other code; one that does not answer is not used."""
        with ThreadPoolExecutor(16) as asking:
            asked = {each: asking.submit(self._asked, each) for each in workers}
        wrong = {}
        for address, future in asked.items():
            found = future.result()
            if isinstance(found, str):
                wrong[address] = [found]
            elif found is None:
                self._refused.add(address)
                self._note(f"worker {address} does not answer; going on without it")
            else:
                wrong[address] = differences(self.wanted, found)
        for address, told in wrong.items():
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
                task.report, workers=[address], on_error="return", callback_timeout=PATIENCE.answer
            )[address]
        except (TimeoutError, OSError, KeyError):
            return None
        if isinstance(told, (ImportError, AttributeError)):
            return "no arlib there that knows of clusters"
        return f"{type(told).__name__}: {told}" if isinstance(told, Exception) else json.loads(told)


class Gift:
    """Bytes that lie in the cluster while they are needed. They are a task of their own, so dask makes a lost copy anew."""

    def __init__(self, cluster: Cluster, data: bytes, name: str) -> None:
        """Nothing is sent yet."""
        self._cluster, self._data, self._name = cluster, data, name
        self._lock = threading.Lock()
        self._future: Any = None
        self._round = -1

    def future(self, round_: int) -> Any:
        """The bytes in the cluster; sent anew when a worker that may hold the only copy has fallen silent."""
        with self._lock:
            if self._future is None or self._round != round_ or self._future.status in ("cancelled", "lost"):
                self._future, self._round = self._cluster.put(self._data, self._name), round_
            return self._future

    def drop(self) -> None:
        """They are needed no more."""
        with self._lock, suppress(Exception):
            self._future.release()


@contextmanager
def connected(address: str, *, note: Callable[[str], None] = lambda _text: None) -> Iterator[Cluster]:
    """The cluster whose scheduler is at `address` (tcp:// or tls://), checked; `note` is told of what happens to it.

    Raises ParameterError for an address of another form and where `distributed` is not installed, RunError where
    nobody answers, no worker comes, or one is of other code.
    """
    if not ADDRESS.fullmatch(address):
        raise ParameterError("--cluster", found=address, wanted="an address such as tcp://host:8786")
    try:
        import dask
        from distributed import Client
    except ImportError as fault:
        raise ParameterError(
            "--cluster needs dask.distributed, which is not installed",
            fix='Install the extra: pip install "arlib[cluster]"',
        ) from fault
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TiB"}):
        try:
            client = Client(address, timeout=PATIENCE.connect, set_as_default=False, name="arlib")
        except (OSError, TimeoutError, ImportError) as fault:
            raise RunError(
                "no scheduler answers",
                reason="no_scheduler",
                where=address,
                fix="Start one: dask scheduler; and workers: dask worker ADDRESS --nworkers 1 --nthreads 1",
            ) from fault
        cluster = Cluster(client, note)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.end()
