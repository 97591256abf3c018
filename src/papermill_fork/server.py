"""The process that has imported the libraries, and forks another for each notebook."""

from __future__ import annotations

import ctypes
import gc
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import tempfile
import warnings
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

# What IPython imports when it first shows a traceback.
MODULES = ("IPython.core.ultratb", "pygments.formatters.terminal256", "pygments.lexers.python", "stack_data")
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def main(descriptor: int, preparation: str = "") -> None:
    """Import the libraries, then serve until the process that asks is gone."""
    from papermill_fork import runner

    for name in MODULES:
        import_module(name)
    if preparation:
        _prepare(*preparation.split(":"))
    # The threads that libraries for linear algebra keep are idle between calls; the server has none of its own.
    warnings.filterwarnings("ignore", message=".*fork", category=DeprecationWarning, module=__name__)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # ignored from here on: the server ends itself, with all that it has forked
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    profile = tempfile.mkdtemp(prefix="papermill-fork-")  # not a TemporaryDirectory, which each forked runner would remove at its end
    try:
        Server(runner.prepare(profile), socket.socket(fileno=descriptor)).serve()
    finally:
        shutil.rmtree(profile)


def _prepare(module: str, function: str) -> None:
    """Call what the user of the engine wants done before the first fork.

    It may show no figure, start no thread pool and open no socket: a child keeps what its parent had at the fork, locks of other threads
    included.
    """
    try:
        getattr(import_module(module), function)()
    except Exception as error:  # a notebook that needs it will say so itself; others do not need it
        warnings.warn(f"not prepared by {module}:{function}: {type(error).__name__}: {error}", stacklevel=1)


class Server:
    """Forks a runner process for each request, and kills all that is left of it when it has ended."""

    def __init__(self, kernel: Any, control: socket.socket) -> None:
        self.kernel, self.control, self.running = kernel, control, dict[int, tuple[int, socket.socket]]()
        self.selector = selectors.DefaultSelector()
        self.selector.register(control, selectors.EVENT_READ)
        gc.collect()
        gc.freeze()

    def serve(self) -> None:
        asked = True
        while asked:
            for key, _ in self.selector.select():
                if key.data:
                    self.reap(key.data)
                else:
                    asked = self.fork()
        for pid in list(self.running):
            os.kill(pid, signal.SIGKILL)
            self.reap(pid)

    def fork(self) -> bool:
        """Fork a runner for one request; False if none will come."""
        _, descriptors, _, _ = socket.recv_fds(self.control, 1, 3)
        if not descriptors:
            return False
        server, (channel, *streams) = os.getpid(), descriptors
        if not (pid := os.fork()):
            self._run(server, socket.socket(fileno=channel), streams)
        for each in streams:
            os.close(each)
        self.running[pid] = os.pidfd_open(pid), socket.socket(fileno=channel)
        self.selector.register(self.running[pid][0], selectors.EVENT_READ, pid)
        return True

    def _run(self, server: int, channel: socket.socket, streams: Sequence[int]) -> NoReturn:
        """Become the runner, and let go of what belongs to the server and to other runners."""
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.setsid()
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != server:
            os._exit(1)
        self.selector.close()
        self.control.close()
        for ended, other in self.running.values():
            os.close(ended)
            other.close()
        raise SystemExit(self.kernel.run(channel, streams))

    def reap(self, pid: int) -> None:
        """Kill what an ended runner started, and report its exit status."""
        ended, channel = self.running.pop(pid)
        self.selector.unregister(ended)
        os.close(ended)
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        if not self.running:
            sweep()
        message = {"msg_type": "exit", "content": {"status": os.waitstatus_to_exitcode(status)}}
        with channel, suppress(OSError):
            channel.setblocking(False)
            channel.sendall(json.dumps(message).encode() + b"\n")


def sweep() -> None:
    """Kill all descendants: as a subreaper, the server becomes the parent of those that left their notebook's group and outlived it."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) == (0, 0):
            left = [pid for listed in Path("/proc/self/task").glob("*/children") for pid in listed.read_text().split()]
            if not left:
                return
            for pid in map(int, left):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)


def prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
