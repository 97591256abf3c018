"""Corpus, studies and exports that are ended at random moments, in whatever way: the next run gives what an undisturbed one gives.

A few in ``make test``; in ``make test-long`` fifty of a corpus, twenty of studies, ten of an export.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from test_corpus import equal, folder, page
from test_same_everywhere import content

from gongkai.corpus.mending import faults

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
LONG = os.environ.get("GONGKAI_PROFILE") == "long"
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
# What is ended, by which signal in turn, and when: at most after as many seconds as an undisturbed run takes.
COMMANDS = {
    "corpus": (["corpus", "报告", "-o", "语料", "--jobs", "2"], 50, 4),
    "export": (["export", "语料", "--to", "stata", "-o", "存出"], 10, 3),
    "studies": (["studies", "语料", "-o", "成果", "--jobs", "2"], 20, 2),
}
# A job of a shell that is none of a terminal ignores Ctrl-C; this one does not.
RUN = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); from gongkai.cli import main; sys.exit(main())"


def begun(cwd: Path, arguments: list[str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", RUN, *arguments]
    return subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)


def undisturbed(cwd: Path, arguments: list[str]) -> float:
    start = time.monotonic()
    running = begun(cwd, arguments)
    _, said = running.communicate()
    assert running.returncode < 2, said.decode()
    return time.monotonic() - start


def ended_at_random(cwd: Path, arguments: list[str], times: int, longest: float, seed: int) -> None:
    """Begin a command again and again; none of its processes outlives it, and an end is never a traceback."""
    chance = random.Random(seed)
    for n in range(times):
        running = begun(cwd, arguments)
        time.sleep(chance.random() * longest)
        below = psutil.Process(running.pid).children(recursive=True) if running.poll() is None else []
        running.send_signal(SIGNALS[n % len(SIGNALS)])
        _, said = running.communicate(timeout=60)
        assert b"Traceback" not in said, said.decode()
        assert not psutil.wait_procs(below, timeout=20)[1], f"{arguments[0]}: end {n}"


@pytest.mark.parametrize("name", [n if n != "studies" else pytest.param(n, marks=pytest.mark.long) for n in COMMANDS])
def test_what_was_ended_at_random_moments_ends_as_what_was_not(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    arguments, many, few = COMMANDS[name]
    rows = {
        f"r{n}": (page(f"{n}县", 2021 + n % 3, n), f"9{n % 4}0{n % 3 + 1:03},government,") for n in range(12 if name != "corpus" else 60)
    }
    whole, hurt = tmp_path / "whole", tmp_path / "hurt"
    for root in (whole, hurt):
        folder(root / "报告", **rows)
        if name != "corpus":
            undisturbed(root, COMMANDS["corpus"][0])
    longest = undisturbed(whole, arguments)
    ended_at_random(hurt, arguments, many if LONG else few, longest, 7)
    undisturbed(hurt, arguments)
    made, again = content(whole), content(hurt)
    assert [path for path in {**made, **again} if made.get(path) != again.get(path)] == []
    assert not [*hurt.rglob("*.tmp")] and not [*(tmp_path / "scratch").glob("gongkai-*")]
    equal(whole / "语料", hurt / "语料")
    assert [*faults(hurt / "语料")] == []
