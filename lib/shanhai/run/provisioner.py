"""Kernels for jupyter_client that are forks: see :mod:`shanhai.run.forked`."""

import os
from multiprocessing.process import BaseProcess
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from shanhai.run.forked import start_kernel


class ForkedProvisioner(LocalProvisioner):
    """Starts kernels in the fork server; all else is as for a kernel started by a command."""

    process: Any = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel with the arguments that follow ``python -m ipykernel_launcher`` in the command."""
        arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
        process = start_kernel(arguments, kwargs["env"], str(kwargs["cwd"]))
        # no process group is set: it would be that of the server for as long as the fork has not made its own
        self.process = _ForkedProcess(process)
        self.pid, self.cwd = process.pid, kwargs["cwd"]
        return self.connection_info


class _ForkedProcess:
    """A process of the fork server in the shape of :class:`subprocess.Popen`, as provisioners use it."""

    stdin = stdout = stderr = None

    def __init__(self, process: BaseProcess) -> None:
        self._process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        """Exit status, or None while it runs."""
        return self._process.exitcode

    def wait(self) -> int | None:
        """Exit status, once it has ended."""
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None and self.pid is not None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()
