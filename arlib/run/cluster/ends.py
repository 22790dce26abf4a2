"""How long to wait, and the ways in which work in a cluster ends without a result. Floor 4."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor
from dataclasses import dataclass

from arlib.errors import RunError
from arlib.run.seal import CLUSTER_LOST


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Seconds to wait before something counts as gone."""

    connect: float = 10
    workers: float = 60  # for a first worker, and while none that can be used is left
    answer: float = 20  # of a worker to the question what it is
    silence: float = 30  # of a worker's heartbeat, and of the scheduler
    grace: float = 60  # beyond a notebook's own limit, for what is not the notebook


class ClusterLost(RunError):  # noqa: N818  as its reason is spelled
    """The scheduler, or every worker, is gone; what is done is kept."""

    def __init__(self, message: str) -> None:
        """Reason cluster_lost."""
        super().__init__(message, reason=CLUSTER_LOST)


class WorkerDied(BrokenExecutor):
    """A piece of work lost its worker again and again, the last time as the only suspect."""


class Withdrawn(Exception):  # noqa: N818  never leaves the package
    """Whoever asked wants it no more."""


class Again(Exception):  # noqa: N818  never leaves the package
    """To be submitted anew; `avoid` is the worker that it should not go to."""

    def __init__(self, avoid: str = "") -> None:
        """'' where any worker may have it."""
        super().__init__(avoid)
        self.avoid = avoid


class WorkersLost(Exception):  # noqa: N818  never leaves the package
    """The workers that had it died."""
