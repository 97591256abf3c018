"""Where no process can fork (macOS, Windows, Pythons built for old Linuxes), plain papermill and spawned workers give the same studies."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from folders import SAMPLE

from papermill_fork import client

# What such a Python lacks is taken away before anything is imported, in this process and in each that it spawns.
WITHOUT = """
import multiprocessing, os, signal, socket, sys
multiprocessing.set_start_method("spawn", force=True)
LACKING = {os: "fork forkpty register_at_fork pidfd_open killpg setsid", socket: "send_fds recv_fds", signal: "SIGALRM setitimer alarm"}
for module, names in LACKING.items():
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
sys.modules["resource"] = sys.modules["fcntl"] = None
"""
# Kernels are processes of their own, which begin with this: one with locks would clear the scratch of one without.
LOCKLESS = "import sys\nsys.modules['resource'] = sys.modules['fcntl'] = None\n"
RUN = "if __name__ == '__main__':\n    from gongkai.cli import main\n    sys.exit(main())\n"
SAY = "from papermill_fork import client\nprint(client.FORKS)\n"


def ran(script: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a script with scratch of its own: a platform without locks and one with them do not share a disk."""
    scratch = script.parent / f"scratch-{script.stem}"
    scratch.mkdir()
    command, own = [sys.executable, str(script), *map(str, arguments)], {**os.environ, "TMPDIR": str(scratch)}
    if script.read_text(encoding="utf-8").startswith(WITHOUT):
        first = script.parent / "first"
        first.mkdir(exist_ok=True)
        (first / "sitecustomize.py").write_text(LOCKLESS, encoding="utf-8")
        own["PYTHONPATH"] = os.pathsep.join([str(first), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(command, cwd=script.parent, env=own, capture_output=True, text=True, timeout=600)


def made(run: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(run)): p.read_bytes() for p in sorted(run.rglob("*")) if p.is_file() and p.suffix in (".html", ".ipynb", ".png")
    }


@pytest.mark.parametrize("taken, forks", [("", client.FORKS), (WITHOUT, False)])
def test_the_engine_forks_only_where_that_can_be(tmp_path: Path, taken: str, forks: bool) -> None:
    (tmp_path / "say.py").write_text(taken + SAY, encoding="utf-8")
    assert ran(tmp_path / "say.py").stdout == f"{forks}\n"


@pytest.mark.skipif(not client.FORKS, reason="there is nothing to compare with where the engine does not fork")
def test_studies_made_without_forks_are_those_made_with_them(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    shutil.copy(SAMPLE, tmp_path / "raw")
    for name, start in (("forked", "import sys\n"), ("plain", WITHOUT)):
        (tmp_path / f"{name}.py").write_text(start + RUN, encoding="utf-8")
        ended = ran(tmp_path / f"{name}.py", "studies", "raw", "-o", name, "--corpus", f"tidy-{name}", "--jobs", "2")
        assert (ended.returncode, "Traceback" in ended.stderr) == (0, False), ended.stderr
    pages, others = made(tmp_path / "forked"), made(tmp_path / "plain")
    assert len(pages) > 6 and pages.keys() == others.keys()
    assert [name for name in pages if pages[name] != others[name].replace(b"tidy-plain", b"tidy-forked")] == []
