"""A connection to a dask cluster that carries each piece of work through the faults of workers. Floor 4.

dask plans, sends, and gives the work of a dead worker to another one. Added here: workers that fall silent without
dying, work that takes its workers with it, a scheduler that is gone, and that nothing waits for ever.
"""

from __future__ import annotations

import itertools
import logging
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from arlib.errors import ParameterError, RunError
from arlib.run.cluster import task
from arlib.run.cluster.ends import Again, ClusterLost, Patience, Withdrawn, WorkerDied, WorkersLost
from arlib.run.cluster.members import Members

ADDRESS = re.compile(r"(tcp|tls)://[^\s/@]+:\d{1,5}")
PATIENCE = Patience()
STARTS = 3  # at the third start two workers were lost: from then on it is tried alone


@dataclass(frozen=True, kw_only=True)
class Work:
    """A function that workers can import, and what it is given; a `Gift` stands for its bytes."""

    function: Callable[..., Any]
    given: tuple[Any, ...]
    name: str
    seconds: float | None = None  # its own limit, once it runs
    is_stopped: Callable[[], bool] = lambda: False
    on_cell: Callable[[int, int], None] | None = None


@dataclass(kw_only=True)
class _Attempt:
    """One submission of a piece of work."""

    work: Work
    future: Any
    workers: frozenset[str]  # the only ones it may go to; empty for all
    round: int  # how often workers had fallen silent when it was submitted
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
        elif said["what"] == "cell" and self.work.on_cell:
            self.work.on_cell(int(said["done"]), int(said["total"]))


class Cluster:
    """A scheduler that work is given to. Made by `connected`."""

    def __init__(self, client: Any, note: Callable[[str], None]) -> None:
        """Nothing is watched before `start`."""
        self._client, self._note = client, note
        self.topic = f"arlib-{secrets.token_hex(8)}"
        self.members = Members(client, PATIENCE, note)
        self._attempts: dict[str, _Attempt] = {}
        self._serial = itertools.count(1)
        self._alone = threading.Lock()

    def start(self) -> None:
        """See `Members.start`."""
        self.members.start()
        self._client.subscribe_topic(self.topic, self._hear)

    def end(self) -> None:
        """Let go of the cluster; what still runs there is ended by its workers."""
        self.members.end()
        with suppress(Exception):  # of a cluster that is gone
            self._client.close(timeout=2 if self.members.is_lost else 10)

    def put(self, data: bytes, name: str) -> Any:
        """Bytes as a task of the cluster; workers that have fallen silent are not asked to hold them."""
        workers = sorted(self.members.usable()) if self.members.silent else None
        key = f"{self.topic}-{name}-{next(self._serial)}"
        return self._submit(task.same, data, key=key, workers=workers, allow_other_workers=bool(workers))

    def run(self, work: Work) -> Any:
        """What the work gives on a worker. What a worker says after its work went to another is ignored.

        Raises what the function raises; WorkerDied, ClusterLost; Withdrawn once the work is stopped.
        """
        avoided: set[str] = set()
        is_alone = False
        while True:
            try:
                with self._alone_if(is_alone, work):
                    return self._once(work, avoided, most=1 if is_alone else STARTS - 1)
            except Again as again:
                if again.avoid:
                    avoided.add(again.avoid)
                    if len(avoided) >= STARTS:
                        raise WorkerDied(
                            f"{work.name}: {len(avoided)} workers fell silent over it"
                        ) from again
            except WorkersLost as fault:
                if is_alone:
                    raise WorkerDied(
                        f"{work.name}: its worker died again and again, the last time with no other suspect"
                    ) from fault
                is_alone = True
                self._note(f"{work.name}: workers died while it ran; trying it apart from other suspects")

    @contextmanager
    def _alone_if(self, is_alone: bool, work: Work) -> Iterator[None]:
        """Suspects are tried one at a time, so that one that kills its worker takes no innocent one with it."""
        if not is_alone:
            yield
            return
        while not self._alone.acquire(timeout=0.5):
            self._require(work)
        try:
            yield
        finally:
            self._alone.release()

    def _once(self, work: Work, avoided: set[str], *, most: int) -> Any:
        """One submission, to its end. `most` is how often it may start: once more than workers may die of it."""
        workers = self._allowed(work, avoided)
        round_ = self.members.round
        key = f"{self.topic}-{re.sub('[^0-9A-Za-z._]', '_', work.name)}-{next(self._serial)}"
        sent = [each.future(round_) if isinstance(each, Gift) else each for each in work.given]
        future = self._submit(work.function, *sent, key=key, workers=sorted(workers) or None)
        attempt = _Attempt(work=work, future=future, workers=workers, round=round_)
        self._attempts[key] = attempt
        future.add_done_callback(lambda _future: attempt.woken.set())
        try:
            while True:
                attempt.woken.wait(0.5)
                attempt.woken.clear()
                self._require(work)
                if future.status == "finished":
                    return self._fetched(attempt)
                if future.status == "error":
                    raise self._fault(attempt)
                if future.status in ("cancelled", "lost"):
                    raise Again
                self._look_after(attempt, most)
        finally:
            self._attempts.pop(key, None)
            with suppress(Exception):  # the scheduler forgets it, and the worker's watch ends it
                future.release()

    def _submit(self, function: Callable[..., Any], *given: Any, **how: Any) -> Any:
        from distributed import CancelledError

        try:
            return self._client.submit(function, *given, pure=False, **how)
        except (CancelledError, RuntimeError, OSError) as fault:  # a client that is closing
            self.members.lose("the scheduler has gone")
            raise ClusterLost("the scheduler has gone") from fault

    @staticmethod
    def _fetched(attempt: _Attempt) -> Any:
        from distributed import CancelledError

        try:
            return attempt.future.result(timeout=PATIENCE.silence)
        except (TimeoutError, CancelledError, OSError) as fault:  # the worker that has it fell silent or died
            raise Again(attempt.worker) from fault

    def _fault(self, attempt: _Attempt) -> BaseException:
        """What the work raised; that its workers died; or that it is to go to a worker of the same code."""
        from distributed import KilledWorker

        fault: BaseException = attempt.future.exception(timeout=PATIENCE.silence)
        if isinstance(fault, task.Differs):
            self.members.refuse(attempt.worker, str(fault))
            return Again()
        return WorkersLost() if isinstance(fault, KilledWorker) else fault

    def _look_after(self, attempt: _Attempt, most: int) -> None:
        """Raise what is to be done about a submission that waits or runs."""
        if attempt.starts > most:
            raise WorkersLost
        if attempt.worker:
            limit = attempt.work.seconds
            if attempt.worker in self.members.silent:
                raise Again(attempt.worker)
            if limit is not None and time.monotonic() - attempt.began > limit + PATIENCE.grace:
                raise Again(attempt.worker)
        elif attempt.round != self.members.round:
            raise Again  # what it waits for may lie on a worker that has fallen silent since
        if attempt.workers and not attempt.workers & self.members.usable():
            raise Again

    def _allowed(self, work: Work, avoided: set[str]) -> frozenset[str]:
        """The only workers that may have it; empty where all may, those that come later too."""
        while True:
            self._require(work)
            usable = self.members.usable()
            if self.members.are_all_usable and not usable & avoided:
                return frozenset()
            if usable:
                return usable - avoided or usable
            time.sleep(0.5)

    def _require(self, work: Work) -> None:
        if work.is_stopped():
            raise Withdrawn
        self.members.require()

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        attempt = self._attempts.get(event[1]["key"])
        if attempt is not None:
            attempt.hear(event[1])


class Gift:
    """Bytes that several pieces of work need: sent to the scheduler once, to a worker when it first needs them.

    They are a task of their own, so that dask makes a lost copy anew.
    """

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


def _quieted() -> None:
    """What dask would print of a lost cluster is told by us; its loggers have levels of their own, each."""
    for name in ("distributed", *logging.root.manager.loggerDict):
        if name == "distributed" or name.startswith("distributed."):
            logging.getLogger(name).setLevel(logging.CRITICAL)


@contextmanager
def connected(address: str, *, note: Callable[[str], None] = lambda _text: None) -> Iterator[Cluster]:
    """The cluster whose scheduler is at `address` (tcp:// or tls://), checked; `note` is told of what happens to it.

    Raises ParameterError for an address of another form and where `distributed` is not installed, RunError where
    nobody answers, no worker comes, or one is of other code.
    """
    if not ADDRESS.fullmatch(address):
        shown = re.sub(r"//[^/@]*@", "//…@", address)  # a password may stand in it
        raise ParameterError("--cluster", found=shown, wanted="an address such as tcp://host:8786")
    try:
        import dask
        from distributed import Client
    except ImportError as fault:
        raise ParameterError(
            "--cluster needs dask.distributed, which is not installed",
            fix='Install the extra: pip install "arlib[cluster]"',
        ) from fault
    _quieted()
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TiB"}):
        try:
            client: Any = Client(address, timeout=PATIENCE.connect, set_as_default=False, name="arlib")  # type: ignore[no-untyped-call]
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
