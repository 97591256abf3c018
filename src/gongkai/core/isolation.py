"""Run a function in a process of its own, whose memory and time are watched from outside: whatever it does, this process lives on.

What no handler of exceptions can hold (an abort in a library, a hang or gigabytes within one call) ends the other process alone, and is
raised here as :class:`Stopped`. The process is reused by the next call. It belongs to the thread that calls, and ends with it.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any, BinaryIO, NoReturn, Protocol, TypeVar, cast

Result = TypeVar("Result")
_Answer = tuple[bool, Any]  # whether the call returned, and what; else what it raised
SLOW, MEMORY, ENDED = "too_slow", "no_memory", "broken_worker"
_LOOK_EVERY = 0.02  # seconds: what writes to memory as fast as it can gets 50 MB further
_GRACE = 5  # seconds, after which the system itself ends a process whose watcher is gone
_MEGABYTE = 2**20


class Stopped(Exception):
    """A call that was stopped from outside, or has ended its process: ``why`` is ``SLOW``, ``MEMORY`` or ``ENDED``.

    ``by`` is the exit status of the process, negative for a signal; None where it was stopped by its watcher.
    """

    def __init__(self, why: str, by: int | None = None) -> None:
        self.why, self.by = why, by
        super().__init__(why, by)


class Fault(Exception):
    """What a call raised that no other process can hold; it tells the kind and the words."""


class _Process(Protocol):
    """What is asked of the other process."""

    pid: int

    def kill(self) -> None: ...

    def wait(self) -> int: ...


class _Child:
    """The other process: what it is told goes into it, and what it answers is waited for no longer than is allowed."""

    def __init__(self) -> None:
        self.process, self._into, out = _forked() if _can_fork() else _spawned()
        self._answers: queue.SimpleQueue[_Answer | None] = queue.SimpleQueue()
        threading.Thread(target=_listen, args=(out, self._answers), daemon=True).start()
        self.is_new, self._before, self._most, self._parent = True, 0, 0, os.getpid()

    def answer(self, call: bytes, seconds: float, megabytes: float) -> _Answer:
        """Return what a call gave, or stop it."""
        until = time.monotonic() + seconds
        with suppress(BrokenPipeError):  # it has ended, which is told below
            self._into.write(call)
            self._into.flush()
        while True:
            try:
                answer = self._answers.get(timeout=_LOOK_EVERY)
            except queue.Empty:
                self._refuse_beyond(until, megabytes * _MEGABYTE)
                continue
            if answer is None:
                raise Stopped(ENDED, self._ended())
            self.is_new = False
            return answer

    def _refuse_beyond(self, until: float, most: float) -> None:
        held = _resident(self.process.pid)
        self._before = self._before or held  # a forked process holds all that this one does
        self._most = max(self._most, held - self._before)
        if self._most > most:
            raise Stopped(MEMORY)
        if time.monotonic() > until:
            raise Stopped(SLOW)

    def is_swollen(self, megabytes: float) -> bool:
        """Say whether it has held so much that a new one is the better neighbour for the next call."""
        return self._most > megabytes * _MEGABYTE / 2

    def end(self) -> None:
        """End the process, whatever it does."""
        with suppress(OSError):
            self.process.kill()
        self._ended()

    def __del__(self) -> None:
        """End it with the thread whose it is; a copy of this process has no say in it."""
        with suppress(AttributeError, TypeError):  # never started, or the interpreter ends
            if self._parent == os.getpid():
                self.end()

    def _ended(self) -> int:
        with suppress(OSError):
            self._into.close()  # upon which it ends by itself
        return self.process.wait()


class _Own(threading.local):
    """The process of each thread, if there is one."""

    child: _Child | None = None

    def forget(self) -> None:
        self.child = None


_own = _Own()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_own.forget)  # it is its parent's


def call(function: Callable[..., Result], *arguments: Any, seconds: float, megabytes: float) -> Result:
    """Return what a function returns for these arguments, run in the process of this thread, which the next call reuses.

    Parameters
    ----------
    function : callable
        One that another process finds by its name; arguments and result must be picklable.
    seconds, megabytes : float
        How long it may run, and by how much the resident memory of its process may grow.

    Raises
    ------
    Stopped
        If it takes more, or ends its process. Memory and ends are tried a second time in a new process where the first one had done other
        work before, which may have left it harmed or large.
    Exception
        What the function itself raises; :class:`Fault` for what cannot be pickled.

    Examples
    --------
    >>> call(len, "four", seconds=60, megabytes=100)
    4
    >>> close()
    """
    told = pickle.dumps((function, arguments, seconds), pickle.HIGHEST_PROTOCOL)
    returned, value = _answered(told, seconds, megabytes)
    if not returned:
        raise value
    return cast(Result, value)


def _answered(told: bytes, seconds: float, megabytes: float) -> _Answer:
    while True:
        child = _own.child = _own.child or _Child()
        try:
            answer = child.answer(told, seconds, megabytes)
        except Stopped as stopped:
            close()
            if child.is_new or stopped.why == SLOW:
                raise
        except BaseException:  # an interrupt (Ctrl-C): nobody waits for the answer any more
            close()
            raise
        else:
            if child.is_swollen(megabytes):
                close()
            return answer


def once(function: Callable[..., Result], *arguments: Any, seconds: float, megabytes: float) -> Result:
    """Do as :func:`call` does in a process that ends with the call, so that it knows all that this process knows now.

    Examples
    --------
    >>> once(sum, [1, 2], seconds=60, megabytes=100)
    3
    """
    close()
    try:
        return call(function, *arguments, seconds=seconds, megabytes=megabytes)
    finally:
        close()


def close() -> None:
    """End the process of this thread, if there is one."""
    child, _own.child = _own.child, None
    if child:
        child.end()


def _resident(pid: int) -> int:
    try:
        import psutil  # takes a moment, in which the other process already works
    except ImportError:  # a Unix whose Python lacks ``resource``: time is watched there alone
        return 0
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:  # it has just ended
        return 0


def _listen(out: BinaryIO, answers: queue.SimpleQueue[_Answer | None]) -> None:
    """Pass on each answer, and None after the last, also where one is cut off."""
    try:
        with out:
            while True:
                answers.put(pickle.load(out))
    except Exception:  # cut off, it may be read as anything, and ask for any module: whatever that raises, no more can come
        answers.put(None)


def _can_fork() -> bool:
    """Say whether a copy of this process can work: threads beside the main one are asleep while it calls, and others may hold locks.

    A pool of threads and a cluster's worker call from a thread of theirs. On macOS the system's own libraries do not bear it.
    """
    return sys.platform == "linux" and hasattr(os, "fork") and threading.current_thread() is threading.main_thread()


class _Forked:
    """A copy of this process."""

    def __init__(self, pid: int) -> None:
        self.pid, self._status = pid, None

    _status: int | None

    def kill(self) -> None:
        if self._status is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        if self._status is None:
            try:
                self._status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            except ChildProcessError:  # somebody else has waited for all
                self._status = 1
        return self._status


def _forked() -> tuple[_Process, BinaryIO, BinaryIO]:
    """Start a copy of this process, which has imported all already."""
    calls, into = os.pipe()
    out, answers = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads: see _can_fork
        pid = os.fork()
    if not pid:
        try:
            _serve_alone(calls, answers)
        finally:
            os._exit(1)
    os.close(calls)
    os.close(answers)
    return _Forked(pid), os.fdopen(into, "wb"), os.fdopen(out, "rb")


def _spawned() -> tuple[_Process, BinaryIO, BinaryIO]:
    """Start a new interpreter that finds the modules that this one finds."""
    command = [sys.executable, "-c", "from gongkai.core.isolation import main; main()"]
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    paths = os.pathsep.join([package, *(p for p in sys.path if p)])
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": paths})
    return process, cast(BinaryIO, process.stdin), cast(BinaryIO, process.stdout)


def main() -> NoReturn:
    """Serve the calls that come by the standard input, in a new interpreter."""
    _serve_alone(os.dup(0), os.dup(1))


def _serve_alone(calls: int, answers: int) -> NoReturn:
    """Let go of what is its parent's: files and locks, the terminal, and an interrupt (Ctrl-C), of which the parent is told as well."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    faulthandler.disable()
    gc.freeze()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    sys.stdout = sys.stderr = os.fdopen(nowhere, "w", encoding="utf-8")
    kept = sorted({calls, answers, nowhere})
    for first, last in zip([2, *kept], [*kept, os.sysconf("SC_OPEN_MAX") if hasattr(os, "sysconf") else 0], strict=True):
        os.closerange(first + 1, last)
    _serve(os.fdopen(calls, "rb"), os.fdopen(answers, "wb"))


def _serve(calls: BinaryIO, answers: BinaryIO) -> NoReturn:
    """Answer one call after the other, in the main thread, whose stack is the largest; end when no more can come."""
    waiting: queue.SimpleQueue[tuple[Callable[..., Any], tuple[Any, ...], float]] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(calls, waiting), daemon=True).start()
    while True:
        function, arguments, seconds = waiting.get()
        _end_after(seconds + _GRACE)
        answer = _answer(function, arguments)
        _end_after(0)
        answers.write(answer)
        answers.flush()


def _receive(calls: BinaryIO, waiting: queue.SimpleQueue[Any]) -> None:
    """Pass on each call; end the process with its parent, also in the middle of a call."""
    try:
        while True:
            waiting.put(pickle.load(calls))
    except EOFError:
        os._exit(0)
    finally:
        os._exit(1)


def _end_after(seconds: float) -> None:
    """Let the system end this process then, if nobody else can: a parent that was killed watches no more (not on Windows)."""
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _answer(function: Callable[..., Any], arguments: tuple[Any, ...]) -> bytes:
    """Return what a function returns or raises, as bytes."""
    try:
        answer = True, function(*arguments)
    except Exception as error:  # whatever the function raises is raised where it was called
        answer = False, error
    except BaseException as error:  # a panic of a library that is written in Rust, or an end that is this process's alone
        answer = False, Fault(f"{type(error).__name__}: {error}")
    try:
        told = pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
        if not answer[0]:
            pickle.loads(told)
        return told
    except Exception as error:  # what pickle, or a class that says itself how it is pickled, raises over what cannot be
        said = f"{type(answer[1]).__name__}: {answer[1]} ({type(error).__name__}: {error})"
        return pickle.dumps((False, Fault(said)), pickle.HIGHEST_PROTOCOL)
