"""Many tasks over processes: every task has one result, whatever another does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from gongkai.corpus.workers import spread


def squares(numbers: list[int]) -> list[int]:
    for n in numbers:
        if n == 7:
            os.kill(os.getpid(), signal.SIGKILL)
        if n == 11:
            raise ValueError(n)
    return [n * n for n in numbers]


@pytest.mark.parametrize("chunk", [1, 3])
def test_a_task_that_kills_its_process_costs_only_itself(chunk: int) -> None:
    found = dict(spread(squares, range(11), jobs=2, chunk=chunk))
    assert isinstance(found.pop(7), Exception)
    assert found == {n: n * n for n in range(11) if n != 7}


def test_what_a_task_raises_is_its_result() -> None:
    found = dict(spread(squares, [1, 11, 2], jobs=2))
    assert (found[1], found[2]) == (1, 4)
    assert isinstance(found[11], ValueError)


@pytest.mark.parametrize("kind", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_any_executor_runs_the_tasks(kind: type) -> None:
    with kind(2) as executor:
        assert dict(spread(squares, range(5), executor=executor, chunk=2)) == {n: n * n for n in range(5)}


def test_a_broken_executor_of_the_callers_is_replaced() -> None:
    with ProcessPoolExecutor(1) as executor:
        found = dict(spread(squares, range(20, 4, -1), executor=executor))
    assert sum(isinstance(r, BaseException) for r in found.values()) == 2
    assert found[5] == 25


def test_only_few_tasks_are_taken_ahead() -> None:
    taken: list[int] = []

    def tasks():
        for n in range(100):
            taken.append(n)
            yield n + 100

    results = spread(squares, tasks(), jobs=2)
    next(results)
    assert len(taken) < 20
    results.close()


def test_the_processes_end_with_a_parent_that_is_killed() -> None:
    code = (
        "import os, sys, time; from gongkai.corpus.workers import own_pool\n"
        "if __name__ == '__main__':\n"
        "    pool = own_pool(1); print(pool.submit(os.getpid).result(), flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    for _ in range(100):
        if not is_alive(child):
            return
        time.sleep(0.05)
    pytest.fail("the child lives on")


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
