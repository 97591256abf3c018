"""One notebook's process: an IPython kernel that has no ports and writes its messages, a line of JSON each, to a socket."""

from __future__ import annotations

import asyncio
import base64
import codecs
import io
import json
import logging
import os
import random
import resource
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import IO, Any, NoReturn, cast

from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from jupyter_client.session import Session, json_packer
from tornado.ioloop import IOLoop
from traitlets.config import Config

from papermill_fork import internals, watch

HELD = 8192


def prepare(profile: str) -> Kernel:
    """Make the kernel that every fork begins with: without debugger, history, the user's profile, and yet without thread or socket."""
    internals.without_debugger()
    os.environ["IPYTHONDIR"] = profile
    libraries = (n for n, p in enumerate(sys.path) if p.endswith(("site-packages", "dist-packages")))
    sys.path.insert(next(libraries, 0), "")  # where IPython puts the folder that the notebook runs in
    app = IPKernelApp.instance()  # where %matplotlib looks for the kernel
    # The instance, which widgets ask for: without one they would send nothing.
    app.kernel = Kernel.instance(session=Wire(), log=logging.getLogger("ipykernel"), config=Config({"HistoryManager": {"enabled": False}}))
    return app.kernel


def enter(environment: Mapping[str, str], folder: str, megabytes: int | None, trace: str = "") -> None:
    """Make the process what a fresh kernel's would be: its environment, folder, limits and random state."""
    profile = os.environ["IPYTHONDIR"]
    os.environ.clear()
    os.environ.update(environment, IPYTHONDIR=profile)
    os.chdir(folder)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    if megabytes:
        resource.setrlimit(resource.RLIMIT_DATA, (megabytes << 20, megabytes << 20))
    if trace:
        watch.start(trace)


class Wire(Session):
    """A session that sends its messages whole to one socket."""

    def open(self, channel: socket.socket) -> None:
        self.channel, self.lock, self.process = channel, threading.RLock(), os.getpid()

    def send(self, stream: Any, msg_or_type: Any, content: Any = None, *args: Any, **kwargs: Any) -> Any:
        message = msg_or_type if isinstance(msg_or_type, dict) else self.msg(msg_or_type, content)
        if kwargs.get("buffers"):
            message["buffers"] = [base64.b64encode(buffer).decode() for buffer in kwargs["buffers"]]
        if self.process == os.getpid():
            with self.lock:
                self.channel.sendall(packed(message) + b"\n")
        return message


def packed(message: Mapping[str, Any]) -> bytes:
    r"""Write a message in one line of UTF-8, also where its text holds halves of characters, as names of files and cut texts do.

    Examples
    --------
    >>> packed({"text": "a\udcffb"})
    b'{"text": "a\xef\xbf\xbdb"}'
    """
    try:
        line: bytes = json_packer(message)
        line.decode()
    except UnicodeError:
        line = json_packer(without_halves(message))
    return line


def without_halves(value: Any) -> Any:
    """Return what a message holds with U+FFFD for each character that no encoding has."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {without_halves(key): without_halves(each) for key, each in value.items()}
    return [without_halves(each) for each in value] if isinstance(value, list | tuple) else value


class Bytes(io.RawIOBase):
    """What ``sys.stdout.buffer`` is: bytes go where the text goes, those that are no text as U+FFFD."""

    def __init__(self, stream: Stream) -> None:
        self.stream, self.decoder = stream, codecs.getincrementaldecoder("utf-8")("replace")

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.stream.write(self.decoder.decode(bytes(data)))
        return len(data)

    def flush(self) -> None:
        self.stream.flush()


class Stream(io.TextIOBase):
    """Standard output or error: handed on line by line, shown in the notebook at each flush, as ipykernel's are."""

    encoding, errors = "UTF-8", "replace"

    def __init__(self, session: Wire, name: str, descriptor: int) -> None:
        self.session, self.name, self.descriptor, self.held = session, name, descriptor, ""
        self.buffer = Bytes(self)

    def reconfigure(self, **_: Any) -> None:
        """Take what a script tells its terminal; a notebook has one encoding."""

    def fileno(self) -> int:
        return self.descriptor

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        if self.session.process != os.getpid():  # a process that the notebook forked
            os.write(self.descriptor, text.encode(errors="replace"))
            return len(text)
        with self.session.lock:
            self.held += text
            if "\n" in text or len(self.held) > HELD:
                self._hand_on("write")
        return len(text)

    def flush(self) -> None:
        if self.session.process == os.getpid():
            self._hand_on("flush")

    def _hand_on(self, kind: str) -> None:
        with self.session.lock:
            text, self.held = self.held, ""
            self.session.send(None, {"msg_type": kind, "content": {"name": self.name, "text": text}})


class Kernel(IPythonKernel):
    """IPython's kernel, asked for one cell after the other."""

    def __init__(self, **traits: Any) -> None:
        sys.stdout, sys.stderr = (Stream(traits["session"], name, number) for number, name in enumerate(("stdout", "stderr"), start=1))
        super().__init__(**traits)  # type: ignore[no-untyped-call]
        internals.without_pause(self)
        self.wire, shell = traits["session"], cast(Any, self.shell)
        shell.ask_exit = sys.exit  # `exit` in a cell is an early exit like any other
        self.shell_channel_thread = SimpleNamespace(parent_thread=threading.main_thread())

    def run(self, channel: socket.socket, streams: Sequence[int]) -> NoReturn:
        """Run the cells that arrive until no more do."""
        status = 1
        try:
            for target, stream in enumerate(streams, start=1):
                os.dup2(stream, target)
                os.close(stream)
            requests = channel.makefile("rb")
            enter(**json.loads(requests.readline()))
            self.wire.open(channel)
            self.wire.send(None, "ready", {"pid": os.getpid(), "language_info": self.language_info})
            asyncio.new_event_loop().run_until_complete(self._serve(requests))
            internals.run_exit_functions()
            status = 0
        except BaseException:  # the process ends here, whatever it was; the client is told by its exit status
            sys.stderr = sys.__stderr__
            traceback.print_exc()
        finally:
            os._exit(status)

    async def _serve(self, requests: IO[bytes]) -> None:
        self.io_loop = IOLoop.current()
        while line := requests.readline():
            cell = {"code": json.loads(line)["code"], "stop_on_error": False}
            parent = {"header": {"msg_id": "", "msg_type": "execute_request"}, "metadata": {}, "content": cell}
            internals.publish(self, "busy", parent)
            await self.execute_request(None, b"", parent)  # type: ignore[no-untyped-call]
            internals.publish(self, "idle", parent)
            await asyncio.sleep(0)
