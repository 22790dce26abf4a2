"""The kernel provisioner of jupyter_client that forks a kernel off the warm parent, or starts it cold. Floor 4."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from arlib.run.warm import pool

LAUNCHER = 3  # interpreter, -m, ipykernel_launcher: what a fork does not need
LOOK_SECONDS = 0.005


class WarmProvisioner(LocalProvisioner):  # type: ignore[misc]
    """A local kernel: the same command, folder, environment and log, in a process that has imported all before."""

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
        seconds = self.get_shutdown_wait_time(self.parent.shutdown_wait_time) / 2
        deadline = asyncio.get_running_loop().time() + seconds
        while await self.poll() is None and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(LOOK_SECONDS)
