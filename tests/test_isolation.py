"""A reading runs where it can do no harm: a process of its own, watched from outside, whatever runs the function that starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from typing import Any

import harms
import psutil
import pytest

from gongkai.core import isolation
from gongkai.core.isolation import ENDED, MEMORY, SLOW, Fault, Stopped, call, close, once

LIMITS = {"seconds": 60.0, "megabytes": 200.0}


@pytest.fixture(autouse=True)
def none_is_left() -> Iterator[None]:
    close()
    before = {*psutil.Process().children()}  # another test may have left the server that studies share
    yield
    close()
    left = {*psutil.Process().children()} - before
    assert not [p for p in left if p.status() != psutil.STATUS_ZOMBIE and "resource_tracker" not in str(p.cmdline())]


def aside(work: Callable[[], Any]) -> Any:
    """Run this in another thread, from which a new interpreter is started, and not a copy of this process."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def here(work: Callable[[], Any]) -> Any:
    return work()


@pytest.mark.parametrize("where", [here, aside])
@pytest.mark.parametrize(
    ("harm", "why", "limits"),
    [(os.abort, ENDED, {}), (harms.crash, ENDED, {}), (harms.killed, ENDED, {}), (harms.swell, MEMORY, {}),
     (harms.hang, SLOW, {"seconds": 1.0})],
)  # fmt: skip
def test_whatever_stops_the_other_process_is_told_and_the_next_call_has_a_new_one(where: Any, harm: Any, why: str, limits: Any) -> None:
    def work() -> tuple[str, int]:
        with pytest.raises(Stopped) as stopped:
            call(harm, **{**LIMITS, **limits})
        return stopped.value.why, call(len, "four", **LIMITS)

    assert where(work) == (why, 4)


@pytest.mark.parametrize("where", [here, aside])
@pytest.mark.parametrize(
    ("harm", "kind", "said"),
    [(harms.panic, Fault, "Panic: attempt to subtract"), (harms.leave, Fault, "SystemExit"), (harms.nothing_picklable, Fault, "function"),
     (harms.speak, None, "said")],
)  # fmt: skip
def test_what_a_call_raises_is_raised_here_and_its_process_lives_on(where: Any, harm: Any, kind: Any, said: str, capfd: Any) -> None:
    def work() -> tuple[int, int]:
        before = call(os.getpid, **LIMITS)
        if kind:
            with pytest.raises(kind, match=said):
                call(harm, **LIMITS)
        else:
            assert call(harm, **LIMITS) == said
        return before, call(os.getpid, **LIMITS)

    before, after = where(work)
    assert before == after != os.getpid()
    assert "".join(capfd.readouterr()) == ""


def test_a_stack_without_end_harms_nobody() -> None:
    with pytest.raises((Stopped, RecursionError)):
        call(harms.recur, **LIMITS)
    assert call(len, "four", **LIMITS) == 4


def test_what_a_neighbour_has_left_behind_is_tried_again_in_a_new_process() -> None:
    """A crash in a process that has done other work may be that work's."""
    first = call(os.getpid, **LIMITS)
    os.kill(first, signal.SIGKILL)
    second = call(os.getpid, **LIMITS)
    assert second not in (first, os.getpid())


def test_a_swollen_process_does_no_further_work() -> None:
    first = call(os.getpid, **LIMITS)
    call(harms.swell, 1, **LIMITS)
    assert call(os.getpid, **LIMITS) == first
    with pytest.raises(Stopped):
        call(harms.swell, 150, seconds=3, megabytes=200)
    assert call(os.getpid, **LIMITS) != first


def test_once_leaves_no_process_and_knows_what_this_one_knows() -> None:
    pid = once(os.getpid, **LIMITS)
    assert not psutil.pid_exists(pid)


def test_each_thread_has_its_own() -> None:
    with ThreadPoolExecutor(2) as pool:
        barrier = threading.Barrier(2)
        pids = list(pool.map(lambda _: (barrier.wait(), call(os.getpid, **LIMITS), barrier.wait())[1], range(2)))
    assert len({*pids, os.getpid()}) == 3
    until = time.monotonic() + 20
    while any(map(psutil.pid_exists, pids)) and time.monotonic() < until:  # they end with their threads
        time.sleep(0.05)
    assert not any(map(psutil.pid_exists, pids))


def _in_daemon(answers: Any) -> None:
    answers.put(call(len, "four", **LIMITS))


def test_a_process_that_may_have_no_children_may_have_this_one() -> None:
    """The workers of a cluster are daemons, in whose processes the standard library starts none."""
    context = get_context("spawn")
    answers = context.SimpleQueue()
    worker = context.Process(target=_in_daemon, args=(answers,), daemon=True)
    worker.start()
    assert answers.get() == 4
    worker.join()


ORPHANED = """
import os, sys, threading, harms
from gongkai.core import isolation
def work():
    print(isolation.call(os.getpid, seconds=60, megabytes=200), flush=True)
    isolation.call(getattr(harms, sys.argv[1]), seconds=60, megabytes=4000)
if __name__ == "__main__":
    threading.Thread(target=work).start() if sys.argv[2] == "aside" else work()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
@pytest.mark.parametrize("where", ["here", "aside"])
@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM])
def test_the_other_process_ends_with_a_parent_that_is_killed(where: str, by: int) -> None:
    running = subprocess.Popen(
        [sys.executable, "-c", ORPHANED, "swell", where], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )  # fmt: skip
    assert running.stdout
    child = int(running.stdout.readline())
    running.send_signal(by)
    running.wait()
    until = time.monotonic() + 20
    while psutil.pid_exists(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not psutil.pid_exists(child)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no alarms")
def test_the_system_ends_what_nobody_watches_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also what hangs in C code, and so cannot see that its parent is gone."""
    monkeypatch.setattr(isolation, "_GRACE", 0.5)
    monkeypatch.setattr(isolation._Child, "_refuse_beyond", lambda *_: None)
    with pytest.raises(Stopped) as stopped:
        call(harms.hang, seconds=0.5, megabytes=200)
    assert (stopped.value.why, stopped.value.by) == (ENDED, -signal.SIGALRM)
