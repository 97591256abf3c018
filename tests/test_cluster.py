"""A Dask cluster of two workers, one of them killed: the same tables, the same studies."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from distributed import Client, LocalCluster
from folders import document, folder

from gongkai.cli import main
from gongkai.corpus.mending import faults

N = 10
PARAMETERS = 'source = ""\ndata_dir = "data/raw"\ndivision_code = ""\nlanguage = "zh"'
BODY = "from gongkai import read_corpus\nread_corpus(data_dir).select(division_code=division_code).reports[['year']]"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder(tmp_path / "raw", {f"{year}.txt": document("沁县", year) for year in range(2000, 2000 + N)})
    return tmp_path


@pytest.fixture
def cluster(here: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Start two workers in the folder of the test."""
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=60, local_directory=here / "scratch") as one:
        yield one


def kill_one_at_work(cluster: Any) -> threading.Thread:
    """Kill the first worker that has a task."""

    def kill() -> None:
        with Client(cluster.scheduler_address) as client:
            while not (busy := [worker for worker, tasks in client.processing().items() if tasks]):
                time.sleep(0.005)
            pid = client.run(os.getpid, workers=[busy[0]])[busy[0]]
        os.kill(pid, signal.SIGKILL)

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    return thread


def tables(corpus: Path) -> dict[str, bytes]:
    return {path.relative_to(corpus).as_posix(): path.read_bytes() for path in sorted(corpus.rglob("*.parquet"))}


def test_a_corpus_is_the_same_though_a_worker_is_killed(here: Path, cluster: Any, capsys: Any) -> None:
    assert main(["corpus", "raw", "-o", "plain"]) == 0
    killed = kill_one_at_work(cluster)
    assert main(["corpus", "raw", "-o", "spread", "--dask", cluster.scheduler_address]) == 0
    killed.join(10)
    assert not killed.is_alive()
    assert tables(here / "plain") == tables(here / "spread") and not [*faults(here / "spread")]
    assert f"{N}" in capsys.readouterr().out


def test_studies_are_made_on_a_cluster_though_a_worker_is_killed(here: Path, cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = [nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}), nbformat.v4.new_code_cell(BODY)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), here / "small.ipynb")
    monkeypatch.setattr("gongkai.studies.batch.find_notebook", lambda _: here / "small.ipynb")
    folder(here / "raw", {"a.txt": document("武乡县", 2019)})
    assert main(["studies", "raw", "-o", "plain"]) == 0
    killed = kill_one_at_work(cluster)
    assert main(["studies", "raw", "-o", "spread", "--dask", cluster.scheduler_address]) == 0
    killed.join(10)
    assert not killed.is_alive()
    pages = {path.relative_to(here / "plain"): path.read_bytes() for path in (here / "plain").rglob("study*.html")}
    assert len(pages) == 4 and pages == {path: (here / "spread" / path).read_bytes() for path in pages}


def test_a_worker_in_another_folder_is_refused_since_paths_would_lead_it_elsewhere(
    here: Path, cluster: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "else").mkdir()
    monkeypatch.chdir(here / "else")
    assert main(["corpus", "../raw", "-o", "tidy", "--dask", cluster.scheduler_address, "--lang", "en"]) == 2
    assert f"dask worker {cluster.scheduler_address}" in capsys.readouterr().err and not (here / "else" / "tidy").exists()


def test_a_cluster_that_does_not_answer_is_said(here: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gongkai.cli.cluster._SECONDS", 1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    for told in (address, "nonsense://x", "tcp://"):
        assert main(["corpus", "raw", "--dask", told, "--lang", "en"]) == 2
        assert "dask scheduler" in capsys.readouterr().err


def test_a_missing_extra_is_said_with_the_command_that_installs_it(here: Path) -> None:
    code = "import sys; sys.modules['distributed'] = None; from gongkai.cli import main; sys.exit(main(sys.argv[1:]))"
    ran = subprocess.run([sys.executable, "-c", code, "corpus", "raw", "--dask", "tcp://x:1"], capture_output=True, text=True)
    assert ran.returncode == 2 and 'pip install "gongkai[cluster]"' in ran.stderr
