"""A kernel from the running interpreter, on sockets of its own, alone in its process group. Floor 4.

No installed kernelspec, user profile or history file plays a part, and no environment variable that may hold
a secret, by its name or by its form, reaches the kernel. A secret under a plain name in a plain form is not known as one.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from arlib.run.secretwords import is_secret_key, is_secret_text

NAME = "python3"
PROVISIONER = "arlib-warm"

THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "POLARS_MAX_THREADS",
    "ARROW_NUM_THREADS",
    "ARLIB_THREADS",
)

ADDRESS = re.compile(
    r"(_|^)(URL|URI|DSN|PASS|COOKIE|NETRC|PASSFILE)$|^PG(PASS|USER|HOST|SERVICE)", re.IGNORECASE
)


class InterpreterSpecs(KernelSpecManager):
    """Knows one kernel.

    Ipykernel in the interpreter that is running now, under whatever name it is asked for.
    """

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The kernel of this interpreter."""
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="Python 3",
            language="python",
            metadata={"kernel_provisioner": {"provisioner_name": PROVISIONER}} if _is_registered() else {},
        )

    def find_kernel_specs(self) -> dict[str, str]:
        """The one name, without a folder of resources."""
        return {NAME: ""}


@cache
def _is_registered() -> bool:
    """Whether the installed library names its provisioner; one that was installed before there was one does not."""
    return bool(entry_points(group="jupyter_client.kernel_provisioners", name=PROVISIONER))


def ready(environment: Mapping[str, str]) -> None:
    """Have what kernels of that environment are forked from in place: its start is no notebook's time."""
    if _is_registered():
        from arlib.run.warm import pool

        pool.shared().ready(environment)


WORKING_FOLDERS = ("PWD", "OLDPWD")  # named like a password by accident


def secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that may hold a secret, by their name or by what they say.

    Passwords, connection strings.
    """
    return {
        name: value
        for name, value in environment.items()
        if name not in WORKING_FOLDERS
        and (is_secret_key(name) or is_secret_text(value) or ADDRESS.search(name))
    }


def environment(*, threads: int, extra: Mapping[str, str], profile: Path) -> dict[str, str]:
    """The kernel's environment: ours without secrets, threads capped, no user profile, then `extra`.

    `profile` is an empty folder that takes the place of the user's IPython folder.
    """
    hidden = secrets(os.environ)
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    kept |= dict.fromkeys(THREADS, str(threads))
    kept |= {
        "IPYTHONDIR": str(profile),
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    return kept | dict(extra)


def manager(folder: Path, *, has_sockets: bool, serial: int) -> AsyncKernelManager:
    """A manager whose connection file and sockets lie in `folder`; local TCP where sockets cannot be used.

    `serial` tells managers that share a folder apart: two kernels on one socket path answer each other's
    clients.
    """
    made = AsyncKernelManager(kernel_name=NAME, kernel_spec_manager=InterpreterSpecs(), autorestart=False)
    made.connection_file = str(folder / f"k{serial}.json")
    if has_sockets:
        made.transport = "ipc"
        made.ip = str(folder / f"k{serial}")
    made.shutdown_wait_time = 2.0
    return made
