"""Papermill's side: the server of this process, and the child that it forks for one notebook."""

from __future__ import annotations

import atexit
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

PATIENCE = 1.0
_INLINE = "module://matplotlib_inline.backend_inline"


class Gone(Exception):
    """The child has ended; ``status`` as of :attr:`subprocess.Popen.returncode`, None if nobody knows."""

    def __init__(self, status: int | None = None) -> None:
        super().__init__(status)
        self.status = status


class Server:
    """The fork server that this process has started."""

    def __init__(self, preparation: str = "") -> None:
        self.control, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-Xfrozen_modules=off", "-m", "papermill_fork.server", str(theirs.fileno()), preparation],
            pass_fds=[theirs.fileno()], env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        theirs.close()

    def close(self) -> None:
        """End it: one that is still importing at once, one that serves after its notebooks."""
        self.control.close()
        self.process.terminate()
        self.process.wait()


def environment() -> dict[str, str]:
    """Return what a kernel's environment would be: figures inline unless told otherwise, hashes of text the same in each run."""
    return {"MPLBACKEND": _INLINE, "PYDEVD_DISABLE_FILE_VALIDATION": "1", **os.environ, "PYTHONHASHSEED": "0"}


class Own:
    """The server of this process, if it has started one."""

    lock = threading.Lock()
    server: Server | None = None
    is_closed = False


def _forget() -> None:
    """After a fork, forget the parent's server; its lock may be held by a thread that does not exist in this process."""
    Own.lock, Own.server = threading.Lock(), None


def close(for_good: bool = False) -> None:
    """End the server of this process, where there is one; the next notebook starts another, unless it is closed until :func:`reopen`."""
    with Own.lock:
        Own.is_closed = for_good
        if Own.server:
            Own.server.close()
        Own.server = None


def reopen() -> None:
    """Let notebooks start a server again."""
    Own.is_closed = False


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
    atexit.register(close)


def _ask(descriptors: list[int], preparation: str) -> None:
    """Have a child forked that holds these descriptors; a server that is gone is replaced once."""
    with Own.lock:
        if Own.is_closed:
            raise Gone
        for attempt in range(2):
            if Own.server is None or Own.server.process.poll() is not None:
                Own.server = Server(preparation)
            try:
                socket.send_fds(Own.server.control, [b"1"], descriptors)
                return
            except BrokenPipeError:
                if attempt:
                    raise
                Own.server.process.wait()


class Child:
    """One notebook's process: cells go in; messages, and what was written to its two streams by any means, come out."""

    def __init__(self, folder: str, megabytes: int | None, patience: float, preparation: str = "", trace: str = "") -> None:
        self.pid: int | None = None
        self._channel, channel = socket.socketpair()
        pipes = {name: os.pipe() for name in ("stdout", "stderr")}
        self._selector, self._received, self._searched = selectors.DefaultSelector(), bytearray(), 0
        self._selector.register(self._channel, selectors.EVENT_READ)
        self._pipes, self._raw = {name: ends[0] for name, ends in pipes.items()}, {name: bytearray() for name in pipes}
        for name, descriptor in self._pipes.items():
            os.set_blocking(descriptor, False)
            self._selector.register(descriptor, selectors.EVENT_READ, name)
        try:
            _ask([channel.fileno(), *(ends[1] for ends in pipes.values())], preparation)
        finally:
            channel.close()
            for ends in pipes.values():
                os.close(ends[1])
        try:
            self.send({"environment": environment(), "folder": folder, "megabytes": megabytes, "trace": trace})
            self.about = self.receive(time.monotonic() + patience)["content"]
            self.pid = self.about["pid"]
        except BaseException:  # any error is raised further, but the child process is ended first
            self.stop()
            raise

    def send(self, message: Mapping[str, Any]) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # the last message of the child says how it ended
            self._channel.sendall(json.dumps(message).encode() + b"\n")

    def receive(self, until: float | None = None) -> dict[str, Any]:
        """Return the next message.

        Raises
        ------
        TimeoutError
            If none has come by then, in :func:`time.monotonic`'s seconds.
        Gone
            If none will come.
        """
        while (end := self._received.find(b"\n", self._searched)) < 0:
            self._searched = len(self._received)  # a long line is searched once, not with each piece that comes
            ready = self._selector.select(None if until is None else max(0.0, until - time.monotonic()))
            if not ready:
                raise TimeoutError
            for key, _ in ready:
                if key.data:
                    self._read(key.data)
                else:
                    self._take()
        message: dict[str, Any] = json.loads(bytes(self._received[:end]))
        del self._received[: end + 1]
        self._searched = 0
        if message["msg_type"] == "exit":
            raise Gone(message["content"]["status"])
        return message

    def _take(self) -> None:
        try:
            data = self._channel.recv(1 << 20)
        except ConnectionResetError:
            data = b""
        if not data:
            raise Gone
        self._received += data

    def written(self, name: str) -> str:
        """Take what the child has by now written to a stream past Python, by ``os.write``, a library in C or another program."""
        self._read(name)
        text, self._raw[name] = self._raw[name].decode(errors="replace"), bytearray()
        return text

    def _read(self, name: str) -> None:
        with suppress(BlockingIOError):
            while data := os.read(self._pipes[name], 1 << 16):
                self._raw[name] += data
            with suppress(KeyError):  # no writer is left, and a closed pipe would always be reported as ready
                self._selector.unregister(self._pipes[name])

    def interrupt(self) -> None:
        self._signal(signal.SIGINT)

    def kill(self) -> int | None:
        """Kill the child, wait until everything that it started is gone too, and return its exit status."""
        self._signal(signal.SIGKILL)
        return self._last()

    def stop(self) -> None:
        """Let the child end, kill it if it does not, and close everything."""
        with suppress(OSError):
            self._channel.shutdown(socket.SHUT_WR)
        try:
            self._last()
        except TimeoutError:
            with suppress(TimeoutError):
                self.kill()
        self._selector.close()
        self._channel.close()
        for descriptor in self._pipes.values():
            os.close(descriptor)

    def _signal(self, number: int) -> None:
        if self.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def _last(self) -> int | None:
        until = time.monotonic() + PATIENCE
        try:
            while True:
                self.receive(until)
        except Gone as gone:
            self.pid = None
            return gone.status
