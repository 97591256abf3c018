"""Run one function over many tasks in any executor, few at a time; a task that crashes its process costs no other its result."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from itertools import islice
from multiprocessing.synchronize import Event
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")
IN_FLIGHT = 4


def spread(
    function: Callable[[Sequence[Task]], Sequence[Result]], tasks: Iterable[Task], *, executor: Executor | None = None, jobs: int = 1,
    chunk: int = 1,
) -> Iterator[tuple[Task, Result | BaseException]]:  # fmt: skip
    """Yield every task with its result, or with what it raised.

    Parameters
    ----------
    function : callable
        Takes a list of tasks and returns their results; what it raises is the fate of the whole list, so it had better raise nothing.
    tasks : iterable
        Consumed only as fast as there is room.
    executor : concurrent.futures.Executor, optional
        What runs them, a cluster's for instance; ``jobs`` processes unless given, and this very process where ``jobs`` is 1.
    chunk : int
        How many tasks go to a process at once.

    Examples
    --------
    >>> list(spread(lambda numbers: [n * n for n in numbers], [1, 2, 3]))
    [(1, 1), (2, 4), (3, 9)]
    """
    source = iter(tasks)
    chunks: Iterator[list[Task]] = iter(lambda: list(islice(source, chunk)), [])
    if executor is None and jobs == 1:
        for group in chunks:
            yield from zip(group, function(group), strict=True)
        return
    stop = multiprocessing.Event()
    own = None if executor else own_pool(jobs, stop)
    try:
        yield from _through(executor or own, function, chunks, IN_FLIGHT * jobs)  # type: ignore[arg-type]
    except (KeyboardInterrupt, GeneratorExit):  # nobody needs the results of the tasks that still run
        stop.set()
        raise
    finally:
        if own:
            own.shutdown(cancel_futures=True)


def _through(
    pool: Executor, function: Callable[[Sequence[Task]], Sequence[Result]], chunks: Iterator[list[Task]], most: int
) -> Iterator[tuple[Task, Result | BaseException]]:
    """Keep a pool busy; if a crash breaks it, run the tasks in flight one by one, and the rest in a new pool."""
    running: dict[Future[Sequence[Result]], list[Task]] = {}
    waiting: list[list[Task]] = []
    broken = False
    while True:
        while not broken and len(running) < most and (group := next(chunks, None)):
            try:
                running[pool.submit(function, group)] = group
            except BrokenExecutor:
                broken, waiting = True, [group]
        if not running:
            break
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            group, error = running.pop(future), future.exception()
            if isinstance(error, BrokenExecutor):
                broken = True
                waiting.append(group)
            else:
                yield from zip(group, [error] * len(group) if error else future.result(), strict=True)
    if broken:
        for task in (task for group in waiting for task in group):
            yield task, _alone(function, task)
        with own_pool(max(1, most // IN_FLIGHT)) as fresh:
            yield from _through(fresh, function, chunks, most)


def _alone(function: Callable[[Sequence[Task]], Sequence[Result]], task: Task) -> Result | BaseException:
    with own_pool(1) as pool:
        future = pool.submit(function, [task])
        return future.exception() or future.result()[0]


def own_pool(jobs: int, stop: Event | None = None) -> ProcessPoolExecutor:
    """Return a pool of processes that end when this one does, even if it is killed, or when they are told to ``stop``.

    An interrupt (Ctrl-C) is left to this process, which the terminal tells as well.
    """
    return ProcessPoolExecutor(jobs, initializer=_end_with_parent, initargs=(stop,))


def _end_with_parent(stop: Event | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    for wait_for in (parent.join if parent else None, stop.wait if stop else None):
        if wait_for:
            threading.Thread(target=_end_after, args=(wait_for,), daemon=True).start()


def _end_after(wait_for: Callable[[], object]) -> None:
    wait_for()
    os._exit(1)
