"""The kernel provisioner of jupyter_client that forks a kernel off the warm parent, or starts it cold. Floor 4."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from arlib.run.warm import pool

LAUNCHER = 3  # interpreter, -m, ipykernel_launcher: what a fork does not need
LOOK_SECONDS = 0.005
WAIT_SECONDS = 1.0  # then it is the manager's: it waits, asks again and at last ends the kernel


class WarmProvisioner(LocalProvisioner):
    """A local kernel: the same command, folder, environment and log, in a process that has imported all before."""

    process: Any

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork the kernel; where that cannot be, start it as the local provisioner does."""
        forked = pool.shared().fork(
            cmd[LAUNCHER:], cwd=kwargs["cwd"], environment=kwargs["env"], log=kwargs["stdout"].fileno()
        )
        if forked is None:
            return await super().launch_kernel(cmd, **kwargs)
        self.process = forked
        self.pid = self.pgid = forked.pid
        self.cwd = kwargs["cwd"]
        return self.connection_info

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Wait for the end that was asked for; the manager would look ten times a second only."""
        deadline = time.monotonic() + WAIT_SECONDS
        while await self.poll() is None and time.monotonic() < deadline:
            await asyncio.sleep(LOOK_SECONDS)
