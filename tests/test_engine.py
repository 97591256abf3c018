"""The engine: notebooks equal plain papermill's, and whatever a cell does costs its own study alone and leaves no process behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from textwrap import indent

import nbformat
import pytest
from folders import document, folder

from gongkai.studies import rehearsal
from gongkai.studies.batch import find_notebook
from gongkai.studies.execute import run_notebook, text_of
from papermill_fork import child, client

ROOT = Path(__file__).resolve().parents[1]
NAP = "987.125"  # seconds that only these tests sleep: what still sleeps them was left behind
SLEEP = f"import subprocess; subprocess.Popen(['sleep', '{NAP}']"
STUBBORN = """
while True:
    try:
        while True:
            pass
    except KeyboardInterrupt:
        pass
"""
HOG = "held = []\nwhile True:\n    held.append(bytearray(1 << 26))"
DAEMON = f"""
import os
if not os.fork():
    os.setsid()
    if not os.fork():
        os.execvp('sleep', ['sleep', '{NAP}'])
    os._exit(0)
os.wait()
"""
LIMITS = {"seconds": 1, "megabytes": 1500}
SLACK = 0.5 * max(os.getloadavg()[0] / os.cpu_count() - 1, 0)  # other programs on this machine
MARK = "papermill-error-cell-tag"

linux = pytest.mark.skipif(not client.FORKS, reason="the engine forks on Linux alone")


def notebook(path: Path, *sources: str) -> Path:
    cells = [nbformat.v4.new_code_cell("x = 0", id="p", metadata={"tags": ["parameters"]})]
    cells += [nbformat.v4.new_code_cell(source, id=f"c{number}") for number, source in enumerate(sources)]
    spec = {"name": "python3", "language": "python", "display_name": "Python 3"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": spec}), path)
    return path


def shown(cell) -> str:
    """Write a cell without addresses; papermill parts what is printed at every fifth of a second."""
    outputs: list = []
    for output in cell.get("outputs", ()):
        if outputs and output.output_type == outputs[-1].output_type == "stream" and output.name == outputs[-1].name:
            outputs[-1].text += output.text
        else:
            outputs.append(output)
    whole = nbformat.from_dict({**cell, **({"outputs": outputs} if outputs else {})})
    return re.sub(r"0x[0-9a-f]{8,}", "0x", text_of(nbformat.v4.new_notebook(cells=[whole])))


def sleeping() -> list[str]:
    """Return the processes that sleep what only these tests sleep."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            said = path.read_bytes()
        except OSError:
            continue
        if said.startswith(b"sleep\0") and NAP.encode() in said:
            found.append(path.parent.name)
    return found


def soon(condition, seconds: float = 5) -> bool:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


@linux
@pytest.mark.parametrize(
    "source, error, zh, en",
    [
        ("1 / 0", "ZeroDivisionError", "division by zero", "code cell 4 failed"),
        ("import sys; sys.exit(3)", "SystemExit", "单元格自行退出", "no cell after it was run"),
        ("import sys; sys.exit()", "SystemExit", "单元格自行退出", "no cell after it was run"),
        ("exit()", "SystemExit", "单元格自行退出", "no cell after it was run"),
        ("import os; os._exit(0)", "DeadKernelError", "退出码 0", "exit status 0"),
        ("import ctypes; ctypes.string_at(0)", "DeadKernelError", "程序崩溃（信号 SIGSEGV）", "crashed (signal SIGSEGV)"),
        ("import os; os.kill(os.getpid(), 9)", "DeadKernelError", "多半因内存不足", "lack of memory"),
        ("while True: pass", "CellTimeoutError", "超过 1 秒", "within 1 second"),
        ("import asyncio; await asyncio.sleep(60)", "CellTimeoutError", "超过 1 秒", "within 1 second"),
        (STUBBORN, "CellTimeoutError", "超过 1 秒", "within 1 second"),
        (SLEEP + "); import time; time.sleep(60)", "CellTimeoutError", "超过 1 秒", "within 1 second"),
        (HOG, "MemoryError", "内存超过", "more memory than"),
    ],
)
def test_whatever_a_cell_does_costs_its_own_study_alone(tmp_path, source, error, zh, en):
    bad = "if x == 1:\n" + indent(source, "    ")
    path = notebook(tmp_path / "n.ipynb", "if x == 1: print('before', flush=True)", bad, "x")
    run_notebook(notebook(tmp_path / "first.ipynb"), {"x": 0})  # so that no study waits for the server
    with ThreadPoolExecutor(2) as executor:
        done = list(executor.map(lambda x: timed(path, x), (0, 1, 2)))
    for x in (0, 2):
        executed, failure, _ = done[x]
        assert failure is None and executed.cells[-1].outputs[0]["data"]["text/plain"] == str(x)
    failed, failure, seconds = done[1]
    assert failure.error == error and failure.cell == 4 and zh in failure.zh and en in failure.en
    assert error != "CellTimeoutError" or seconds < LIMITS["seconds"] + 1 + SLACK
    marked = [number for number, cell in enumerate(failed.cells) if MARK in cell.metadata.get("tags", ())]
    assert marked == [0, 4] and "In [4]" in failed.cells[0].source
    before, cell, after = failed.cells[3], failed.cells[5], failed.cells[6]
    assert before.outputs[0].text == "before\n" and cell.source == bad and after.outputs == []
    assert error in [output.ename for output in cell.outputs if output.output_type == "error"]
    assert soon(lambda: not sleeping())


def timed(path: Path, x: int):
    start = time.monotonic()
    return *run_notebook(path, {"x": x}, **LIMITS), time.monotonic() - start


@linux
@pytest.mark.parametrize(
    "source",
    [
        "import threading, time; threading.Thread(target=time.sleep, args=(60,)).start()",
        SLEEP + ")",
        SLEEP + ", start_new_session=True)",
        DAEMON,
        SLEEP + ", start_new_session=True); import os; os._exit(1)",
    ],
    ids=["thread", "process", "process of its own session", "daemon", "process of one that died"],
)
def test_a_thread_or_process_that_is_left_over_ends_with_its_notebook(tmp_path, source):
    start = time.monotonic()
    _, failure = run_notebook(notebook(tmp_path / "n.ipynb", source), {"x": 1}, seconds=30)
    assert (failure is None) == ("_exit(1)" not in source) and time.monotonic() - start < 20
    assert soon(lambda: not sleeping())


RICH = [
    "import sys, os\nprint('a'); print('b', file=sys.stderr); print('c'); 1 + x",
    "print('at once', flush=True); print('later')",
    "from IPython.display import HTML, Image, Markdown, clear_output, display, update_display\n"
    "h = display(HTML('<b>1</b>'), display_id='one')\n"
    "print('between'); display(Markdown('*m*'), metadata={'text/markdown': {'k': 1}})",
    "h.update(HTML('<b>2</b>')); update_display(HTML('<b>3</b>'), display_id='one')",
    "print('gone'); clear_output(); print('gone too'); clear_output(wait=True); print('kept')",
    "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots(figsize=(2, 1)); axes.plot([1, 2, 3])",
    "figure",
    "%matplotlib inline\nplt.figure(figsize=(1, 1)); plt.plot([3, 1]); plt.show(); print(plt.get_backend())",
    "import pandas as pd\npd.DataFrame({'a': [1, 2], '县': ['<b>', None]})",
    "import warnings; warnings.warn('careful'); warnings.warn('twice', FutureWarning)",
    "import time\nos.write(1, b'raw out\\n'); os.system('echo from a shell'); time.sleep(0.5)",
    "os.write(2, b'raw err\\n'); time.sleep(0.5)",
    "!echo hello",
    "import asyncio\nawait asyncio.sleep(0, 'awaited')",
    "%%capture out\nprint('captured')",
    "out.stdout, _, In[-1], __name__, sys.stdout.isatty(), sys.stdin.isatty(), sys.path.index('') > 0",
    "import multiprocessing\nwith multiprocessing.get_context('fork').Pool(2) as pool:\n    print(pool.map(abs, [-1, -2]))",
    "try:\n    input('? ')\nexcept Exception as error:\n    print(type(error).__name__, error)",
    "def f(n):\n    return 1 / n\npd.Series([0]).map(lambda n: f(int(n)))",
    "'never'",
]


def equal_to_plain(path: Path, parameters: dict, failing: str | None) -> str:
    """Run a notebook by both engines; the failing one's messages are the same too."""
    (ours, our_failure), (plain, plain_failure) = (run_notebook(path, parameters, engine=engine) for engine in ("fork", None))
    assert our_failure == plain_failure and (our_failure.error if our_failure else None) == failing
    for mine, theirs in zip(ours.cells, plain.cells, strict=True):
        assert shown(mine) == shown(theirs)
    assert ours.metadata == plain.metadata
    return text_of(ours)


@linux
def test_rich_outputs_and_a_traceback_equal_plain_papermills(tmp_path, monkeypatch):
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # ipykernel keeps its hands off the descriptors where it sees this
    text = equal_to_plain(notebook(tmp_path / "n.ipynb", *RICH), {"x": 1}, "ZeroDivisionError")
    assert (
        text.count('"image/png"') == 3
        and "raw out" in text
        and "from a shell" in text
        and '"<b>3</b>"' in text
        and '"<b>1</b>"' not in text
    )


@linux
def test_the_county_study_equals_plain_papermills_with_its_pictures(tmp_path):
    data = folder(tmp_path / "data", {"a.txt": document()}, "path,division_code\na.txt,140430\n")
    given = {"data_dir": str(data), "division_code": "140430"}
    assert equal_to_plain(find_notebook("studies/county_study.ipynb"), given, None).count('"image/png": "iVBOR') == 9


@linux
def test_the_study_can_be_rehearsed():
    rehearsal.rehearse()


@linux
def test_two_runs_give_the_same_bytes_warnings_included(tmp_path):
    path = notebook(tmp_path / "n.ipynb", "import warnings; warnings.warn('careful')", "hash('text'), {'甲', '乙', '丙'}")
    assert len({text_of(run_notebook(path, {"x": 1})[0]) for _ in range(2)}) == 1


@linux
def test_nothing_of_one_notebook_is_seen_by_the_next(tmp_path, monkeypatch):
    leave = (
        "import os, builtins, sys, pandas, matplotlib\nos.environ['LEFT'] = builtins.left = sys.left = '1'",
        "pandas.options.display.max_rows = 7; matplotlib.rcParams['font.size'] = 99",
    )
    look = (
        "import os, sys, builtins, pandas, matplotlib",
        "print(os.environ.get('LEFT'), os.environ.get('SET'), hasattr(builtins, 'left'), hasattr(sys, 'left'))",
        "print(pandas.options.display.max_rows, matplotlib.rcParams['font.size'], os.getcwd())",
    )
    run_notebook(notebook(tmp_path / "a.ipynb", *leave), {"x": 1})
    monkeypatch.setenv("SET", "now")
    executed, _ = run_notebook(notebook(tmp_path / "b.ipynb", *look), {"x": 1}, tmp_path)
    assert [cell.outputs[0].text for cell in executed.cells[3:]] == ["None now False False\n", f"60 10.0 {tmp_path}\n"]


@linux
def test_random_numbers_are_not_the_same_in_two_notebooks(tmp_path):
    path = notebook(tmp_path / "n.ipynb", "import random, numpy as np\nrandom.random(), np.random.rand()")
    assert run_notebook(path, {"x": 1})[0].cells[-1].outputs != run_notebook(path, {"x": 1})[0].cells[-1].outputs


@linux
def test_a_server_that_was_killed_is_replaced(tmp_path):
    path = notebook(tmp_path / "n.ipynb", "x")
    run_notebook(path, {"x": 1})
    os.kill(child.Own.server.process.pid, signal.SIGKILL)
    assert run_notebook(path, {"x": 1})[1] is None


@linux
def test_a_server_that_still_imports_is_ended_at_once():
    """Point 8: who interrupts a batch does not wait until the libraries have been imported."""
    server, start = child.Server(), time.monotonic()
    server.close()
    assert time.monotonic() - start < 1 + SLACK and server.process.returncode == -signal.SIGTERM


@linux
def test_what_still_waits_for_a_server_that_was_closed_starts_no_other(tmp_path):
    path = notebook(tmp_path / "own.ipynb", "1 + 1")
    child.close()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(run_notebook, path, {})
        assert soon(lambda: child.Own.server is not None)
        child.close(for_good=True)
        assert waiting.result(5 + 10 * SLACK)[1] is not None and child.Own.server is None
    child.reopen()
    assert run_notebook(path, {})[1] is None


@linux
def test_a_killed_batch_leaves_no_process(tmp_path):
    path = notebook(tmp_path / "n.ipynb", SLEEP + ", start_new_session=True)", "import time; time.sleep(60)")
    code = f"from pathlib import Path; from gongkai.studies.execute import run_notebook; run_notebook(Path({str(path)!r}), {{'x': 1}})"
    batch = subprocess.Popen([sys.executable, "-c", code])
    assert soon(sleeping, 60)
    batch.kill()
    batch.wait()
    assert soon(lambda: not sleeping())


@linux
def test_papermills_command_line_finds_the_engine_that_is_installed(tmp_path):
    points = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]["papermill.engine"]
    installed = tmp_path / "copy" / "gongkai_copy-1.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: gongkai-copy\nVersion: 1\n", encoding="utf-8")
    lines = "".join(f"{name} = {place}\n" for name, place in points.items())
    (installed / "entry_points.txt").write_text(f"[papermill.engine]\n{lines}", encoding="utf-8")
    path = os.pathsep.join([str(installed.parent), str(ROOT / "src")])
    source, target = notebook(tmp_path / "in.ipynb", "print(x + 1)"), tmp_path / "out.ipynb"
    command = [sys.executable, "-m", "papermill", "--engine", "fork", str(source), str(target), "-p", "x", "1"]
    for run in ([sys.executable, "-c", "import papermill_fork.client"], command):
        subprocess.run(run, check=True, capture_output=True, env={**os.environ, "PYTHONPATH": path})
    written = nbformat.read(target, 4)
    assert written.cells[2].outputs[0].text == "2\n" and written.metadata.papermill.exception is None
    assert written.metadata.language_info.version == sys.version.split()[0]


def test_where_a_process_cannot_fork_plain_papermill_runs_the_notebook(tmp_path, monkeypatch):
    monkeypatch.setattr(client, "FORKS", False)
    monkeypatch.setattr(client, "ForkClient", None)
    executed, failure = run_notebook(notebook(tmp_path / "n.ipynb", "x + 1"), {"x": 1})
    assert failure is None and executed.cells[-1].outputs[0]["data"]["text/plain"] == "2"
