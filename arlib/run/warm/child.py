"""What a fork of the warm parent does to become the kernel that a new interpreter would have been. Floor 4."""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib.util
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Sequence, Set
from typing import Any, NoReturn

DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG
COLLECTIONS = (
    100_000,
    50,
    100,
)  # frames hold few cycles: collecting as often as by default was a fifth of a run


def detach(parent: int, streams: Sequence[int]) -> None:
    """Lead a process group of its own, end when the parent does, and take input and log as standard streams."""
    os.setsid()
    ctypes.CDLL(None).prctl(DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    given, log = streams
    for descriptor, standard in ((given, 0), (log, 1), (log, 2)):
        os.dup2(descriptor, standard)


def run(asked: dict[str, Any]) -> None:
    """Be the kernel: its folder, its environment, chance of its own, then ipykernel as it starts by itself."""
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"], JPY_PARENT_PID=str(os.getppid()))
    time.tzset()
    random.seed()
    sys.modules["numpy"].random.seed()

    gc.set_threshold(*COLLECTIONS)

    from ipykernel.kernelapp import IPKernelApp

    warm = frozenset(sys.modules)
    launcher = importlib.util.find_spec("ipykernel_launcher")
    sys.argv = [str(launcher.origin if launcher else ""), *asked["argv"]]
    IPKernelApp.launch_instance([*asked["argv"], f"--IPKernelApp.parent_handle={os.getppid()}"])
    end(warm)


def end(warm: Set[str]) -> NoReturn:
    """End as an interpreter does, but for taking apart the modules that were there before the fork.

    Threads are waited for, what is registered for the end is called, and what the notebook and its own modules hold is
    let go, so that files which nobody closed are written out. To take all others apart would copy every page that is
    shared with the parent.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for name in [name for name in sys.modules if name == "__main__" or name not in warm]:
        getattr(sys.modules[name], "__dict__", {}).clear()
    gc.collect()
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            stream.flush()
    os._exit(0)
