"""One function over many tasks in any executor: few in flight, and one that kills its process costs only itself."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from itertools import islice
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
    own = None if executor else own_pool(jobs)
    try:
        yield from _through(executor or own, function, chunks, IN_FLIGHT * jobs)  # type: ignore[arg-type]
    finally:
        if own:
            own.shutdown(cancel_futures=True)


def _through(
    pool: Executor, function: Callable[[Sequence[Task]], Sequence[Result]], chunks: Iterator[list[Task]], most: int
) -> Iterator[tuple[Task, Result | BaseException]]:
    """Keep a pool busy; once it is broken, what was in flight is done one by one, and the rest in a pool of our own."""
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


def own_pool(jobs: int) -> ProcessPoolExecutor:
    """Return a pool of processes that end when this one does, even if it is killed."""
    return ProcessPoolExecutor(jobs, initializer=_end_with_parent)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
