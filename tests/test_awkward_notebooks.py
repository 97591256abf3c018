"""Notebooks as people have them, each between two good studies: it is run as it was meant, or refused by name; nothing is left behind."""

from __future__ import annotations

import json
import sys
import time
from datetime import date
from pathlib import Path

import nbformat
import pytest
from selectolax.lexbor import LexborHTMLParser

from gongkai.cli import main
from gongkai.core.errors import UsageError
from gongkai.studies.batch import KEPT, run_table
from gongkai.studies.execute import run_notebook
from gongkai.studies.notebooks import TAGS, read
from gongkai.studies.pages import study_page
from gongkai.studies.resume import RECORD
from gongkai.studies.traces import WIDGETS, as_shown

TABLE = "name,odd\nfirst,False\nodd,True\nlast,False\n"
GOOD = 'print("good")'


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.csv").write_text(TABLE, encoding="utf-8")
    return tmp_path


def notebook(path: Path, *cells: str | tuple[str, str], parameters: str = "odd = False", **metadata: object) -> Path:
    """Write a notebook; a cell may have a tag."""
    made = [nbformat.v4.new_code_cell(parameters, id="p", metadata={"tags": ["parameters"]})]
    for number, cell in enumerate(cells):
        source, tags = (cell, []) if isinstance(cell, str) else (cell[0], [cell[1]])
        made.append(nbformat.v4.new_code_cell(source, id=f"c{number}", metadata={"tags": tags} if tags else {}))
    path.write_text(json.dumps({**nbformat.v4.new_notebook(cells=made), "metadata": metadata}), encoding="utf-8")
    return path


def hidden(run: Path) -> list[Path]:
    """Return the files of half-written studies that are left; a process that was replaced may take a while to end."""
    until = time.monotonic() + 10
    while (left := [*run.rglob(".*")]) and time.monotonic() < until:
        time.sleep(0.1)
    return left


def between(here: Path, source: str) -> tuple[int, str, set[str]]:
    """Run a cell in the second of three studies; return exit status, the text of its notebook, and what the others lack."""
    notebook(here / "own.ipynb", f"if odd:\n{chr(10).join('    ' + line for line in source.splitlines())}", GOOD)
    status = main(["batch", "own.ipynb", "table.csv"])
    run = here / "reports/own"
    assert {p.name for p in here.iterdir()} == {"own.ipynb", "table.csv", "reports"} and not hidden(run)
    lacking = {p for name in ("first", "last") for p in (*KEPT, RECORD) if not (run / name / p).exists()}
    return status, (run / "odd/study.ipynb").read_text(encoding="utf-8"), lacking


PRINTED = {
    "half a character": (r"print('a\ud800b')", "a�b"),
    "a byte in a name": (r"print('a\udcffb')", "a�b"),
    "nothing, colours, a bell": (r"print('a\x00\x1b[31mb\x07')", "\\u0000"),
    "bytes": (r"import sys; sys.stdout.buffer.write(b'\xff\xfeok\n')", "��ok"),
    "bytes past Python": (r"import os; os.write(1, b'\xff\xfeok\n')", "��ok"),
    "bytes of a program": (r"import subprocess; subprocess.run(['printf', '\\377ok'])", "�ok"),
    "a log": (r"import logging; logging.error('a\udcffb')", "a�b"),
    "a warning": (r"import warnings; warnings.warn('a\udcffb')", "a�b"),
    "a thread": ("import threading\nt = threading.Thread(target=print, args=('a\\udfffb',)); t.start(); t.join()", "a�b"),
    "a page": (r"from IPython.display import HTML, display; display(HTML('<b>a\ud83d</b>'))", "<b>a�"),
    "raw bytes": (r"from IPython.display import display; display({'text/plain': b'\xff\x00'}, raw=True)", "/wA="),
    "one long line": ("print('x' * 5_000_000)", "x" * 1000),
    "a stream told its encoding": ("import sys; sys.stdout.reconfigure(encoding='utf-8'); print('ok')", "ok"),
}


@pytest.mark.parametrize("source, shown", PRINTED.values(), ids=PRINTED)
def test_printing_anything_never_costs_a_study(here, source, shown):
    status, text, lacking = between(here, source)
    assert status == 0 and shown in text and "good" in text and lacking == set()


def test_an_error_with_half_a_character_fails_its_own_study_alone(here):
    status, text, lacking = between(here, r"raise ValueError('x\udcff')")
    assert status == 1 and '"evalue": "x�"' in text and lacking == set()


OVERWRITTEN = [
    ("0%\r 50%\r100%\nready\n", "100%\nready\n"), ("abc\r\ndef\r\n", "abc\r\ndef\r\n"), ("ab\x08c", "ac"), ("long\rab", "abng"),
    ("long\r\x1b[Kab", "ab"), ("one\ntwo\x1b[A\rONE", "ONE\ntwo"), ("\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
]  # fmt: skip


@pytest.mark.parametrize("text, shown", OVERWRITTEN)
def test_what_a_terminal_overwrites_is_gone(text, shown):
    assert as_shown(text) == shown


def test_a_progress_bar_is_one_line_in_notebook_and_page(tmp_path):
    bar = "import time\nfrom tqdm import tqdm\nfor _ in tqdm(range(4)): time.sleep(0.15)"
    executed, failure = run_notebook(notebook(tmp_path / "n.ipynb", bar), {})
    (output,) = executed.cells[-1].outputs
    assert failure is None and output.text.count("%|") == 1 and output.text.startswith("100%") and "\r" not in output.text
    assert study_page(executed, "t").html.count("%|") == 1


PLOTLY = """
from IPython.display import display
display({"application/vnd.plotly.v1+json": {"data": []}, "text/html": "<div id='1'></div><script>draw('1')</script>"}, raw=True)
"""
WIDGET = """
import uuid
from comm import create_comm
from IPython.display import display
state = {"_model_name": "IntSliderModel", "_model_module": "@jupyter-widgets/controls", "_model_module_version": "2.0.0", "value": 3}
comm = create_comm(target_name="jupyter.widget", data={"state": {**state, "b": None}, "buffer_paths": [["b"]]}, buffers=[b"\\xff\\x00"])
display({"application/vnd.jupyter.widget-view+json": {"model_id": comm.comm_id}, "text/plain": "IntSlider(value=3)"}, raw=True)
"""


@pytest.mark.parametrize("source, kind", [(PLOTLY, "vnd.plotly.v1+json"), (WIDGET, "vnd.jupyter.widget-view+json")])
def test_an_interactive_figure_stays_in_the_notebook_and_the_page_says_so(here, source, kind):
    notebook(here / "own.ipynb", source)
    done = run_table("own.ipynb", "table.csv")
    page = LexborHTMLParser((done.folder / "first/study.en.html").read_text(encoding="utf-8"))
    assert done.status == 0 and page.css_first("p.interactive a").attributes["href"] == "study.ipynb"
    assert "interactive figure" in page.css_first("p.interactive").text() and not page.css("script")
    assert kind in (done.folder / "first/study.ipynb").read_text(encoding="utf-8")


def test_a_widget_keeps_its_state_under_the_same_name_each_time(tmp_path):
    one, two = (run_notebook(notebook(tmp_path / "n.ipynb", WIDGET), {})[0] for _ in range(2))
    ((name, model),) = one.metadata.widgets[WIDGETS]["state"].items()
    assert one == two and model["state"]["value"] == 3 and model["buffers"][0]["data"] == "/wA="
    assert one.cells[-1].outputs[0].data["application/vnd.jupyter.widget-view+json"]["model_id"] == name


def test_tags_mean_what_they_mean_in_papermill_and_nbclient(here):
    cells = [
        ("1 / 0", "raises-exception"),
        ("open('made', 'w')", "skip-execution"),
        ("odd = 7", "injected-parameters"),
        "print('odd', odd)",
    ]
    notebook(here / "own.ipynb", *cells)
    done = run_table("own.ipynb", "table.csv")
    text = (done.folder / "odd/study.ipynb").read_text(encoding="utf-8")
    assert done.status == 0 and "ZeroDivisionError" in text and "odd True" in text and "papermill-error-cell-tag" not in text
    assert "odd = 7" not in text and not (here / "made").exists()
    assert "ZeroDivisionError" in (done.folder / "odd/study.html").read_text(encoding="utf-8")
    assert {tag for _, tag in cells[:3]} | {"parameters", "papermill-error-cell-tag"} == {*TAGS}


def test_a_failure_behind_one_that_is_allowed_is_a_failure(tmp_path):
    _, failure = run_notebook(notebook(tmp_path / "n.ipynb", ("1 / 0", "raises-exception"), "[][1]"), {})
    assert failure is not None and failure.error == "IndexError"


CELL = {"cell_type": "code", "source": ["print(", "'good')"]}
FORMS = {
    "no metadata at all": {"cells": [CELL], "nbformat": 4, "nbformat_minor": 5},
    "metadata null, no outputs": {"cells": [{**CELL, "metadata": None}], "metadata": None, "nbformat": 4, "nbformat_minor": 2},
    "tags as a text": {"cells": [{**CELL, "metadata": {"tags": "a,b"}, "outputs": [], "execution_count": 1}], "metadata": {}},
    "format 3": {
        "nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""},
        "worksheets": [{"metadata": {}, "cells": [
            {"cell_type": "code", "language": "python", "collapsed": False, "input": ["print('good')"], "metadata": {}, "outputs": []},
            {"cell_type": "heading", "level": 1, "source": ["h"], "metadata": {}},
        ]}],
    },
    "the same id twice": {"cells": [{**CELL, "id": "a"}, {**CELL, "id": "a"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5},
    "a kernel that somebody else called so": {
        "cells": [CELL], "metadata": {"kernelspec": {"name": "conda-env-x-py", "language": "python"}},
    },
}  # fmt: skip


@pytest.mark.parametrize("data", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"], ids=["", "with its mark"])
def test_a_notebook_of_any_format_runs_and_gives_the_same_each_time(here, data, start):
    (here / "n.ipynb").write_bytes(start + json.dumps(data).encode())
    before, after = ([run_notebook(notebook(here / "good.ipynb", GOOD), {})[1]] for _ in range(2))
    (one, failure), (two, _) = (run_notebook(here / "n.ipynb", {}) for _ in range(2))
    assert failure is None and one == two and before == after == [None]
    assert "good" in str(one.cells[0].outputs)


BROKEN = ["", "[]", "null", "{}", '{"cells": 1}', '{"cells": [1], "nbformat": 4}', '{"cells": [], "nbformat": 9}', "\x00\x01", "<html>"]


@pytest.mark.parametrize("text", BROKEN)
def test_what_is_no_notebook_is_refused(here, text):
    (here / "own.ipynb").write_text(text)
    with pytest.raises(UsageError, match=r"a notebook|declared"):
        run_table("own.ipynb", "table.csv")
    assert not (here / "reports").exists()


OTHERS = [
    ({"kernelspec": {"name": "ir", "language": "R"}}, "IRkernel"), ({"language_info": {"name": "R"}}, "IRkernel"),
    ({"kernelspec": {"name": "julia-1.10"}, "language_info": {"name": "julia"}}, "julia"),
    ({"kernelspec": {"name": "x"}}, "kernelspec list"),
]  # fmt: skip


@pytest.mark.parametrize("metadata, advice", OTHERS)
def test_a_kernel_that_is_not_there_is_refused_with_advice_before_anything_runs(here, capsys, metadata, advice):
    notebook(here / "own.ipynb", GOOD, **metadata)
    assert main(["batch", "own.ipynb", "table.csv", "--lang", "en"]) == 2 and advice in capsys.readouterr().err
    assert not (here / "reports").exists()


KERNEL = """
import subprocess
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel
class Shell(Kernel):
    implementation, implementation_version, banner, names = "sh", "1", "", {}
    language_info = {"name": "bash", "mimetype": "text/x-sh", "file_extension": ".sh", "version": "5"}
    done = ""
    async def do_execute(self, code, silent, *args, **kwargs):
        self.done += code + "\\n"
        said = subprocess.run(["sh", "-c", code if "$" not in code else self.done], capture_output=True, text=True)
        self.send_response(self.iopub_socket, "stream", {"name": "stdout", "text": said.stdout})
        return {"status": "ok", "execution_count": self.execution_count, "payload": [], "user_expressions": {}}
IPKernelApp.launch_instance(kernel_class=Shell)
"""


def test_a_notebook_in_another_language_runs_by_its_own_kernel_between_two_in_python(here, monkeypatch):
    there = here / "jupyter/kernels/own-shell"
    there.mkdir(parents=True)
    (there / "shell.py").write_text(KERNEL)
    argv = [sys.executable, str(there / "shell.py"), "-f", "{connection_file}"]
    (there / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "sh", "language": "bash"}))
    monkeypatch.setenv("JUPYTER_PATH", str(here / "jupyter"))
    good = notebook(here / "good.ipynb", GOOD)
    shell = notebook(here / "shell.ipynb", 'echo "said $word"', parameters="word=a", kernelspec={"name": "own-shell", "language": "bash"})
    (here / "words.csv").write_text("name,word\n甲,沁县\n")
    for path, table, said in ((good, "table.csv", "good"), (shell, "words.csv", "said 沁县"), (good, "table.csv", "good")):
        done = run_table(path, table, here / f"out-{path.stem}", rerun="all")
        name = done.studies[0].folder
        assert done.status == 0 and said in (done.folder / name / "study.html").read_text(encoding="utf-8")
    assert read(here / "out-shell/甲/study.ipynb").metadata.kernelspec.name == "own-shell"


TYPED = 'day = date(2024, 1, 1)\nn = 1\nshare = 0.5\non = False\ncode = ""\nyears = [2019]\nfree = None\nlast: int | None = None'
VALUES = [
    ("day", "2024-03-01", date(2024, 3, 1)), ("day", "2024/3/1", date(2024, 3, 1)), ("day", "2024年3月1日", date(2024, 3, 1)),
    ("n", "12", 12), ("n", "-3", -3), ("n", "2019.0", 2019), ("n", "2.5", 2.5), ("share", "1e-3", 0.001), ("share", "2", 2),
    ("on", "TRUE", True), ("on", "FALSE", False), ("on", "false", False), ("code", "0571", "0571"), ("code", "140430", "140430"),
    ("code", "FALSE", "FALSE"), ("code", "1,000", "1,000"), ("code", "None", "None"), ("years", '"[2020, 2021]"', [2020, 2021]),
    ("years", '"2019,2020"', [2019, 2020]), ("years", "[]", []),
    ("free", "12", 12), ("free", "0571", "0571"), ("free", "FALSE", False), ("free", "None", None), ("free", "1E5", "1E5"),
    ("last", "2020", 2020), ("last", "None", None),
]  # fmt: skip


@pytest.mark.parametrize("name, cell, value", VALUES)
def test_a_cell_of_a_table_keeps_its_type(here, name, cell, value):
    notebook(here / "own.ipynb", f"print(repr({name}))", parameters="from datetime import date\n" + TYPED)
    quoted = cell if cell.startswith('"') or "," not in cell else f'"{cell}"'
    (here / "table.csv").write_text(f"name,{name}\na,{quoted}\n", encoding="utf-8-sig")
    done = run_table("own.ipynb", "table.csv", dry_run=True)
    assert done.studies[0].parameters == {name: value} and type(done.studies[0].parameters[name]) is type(value)


MISFITS = [
    ("n", '"1,000"'), ("n", "0571"), ("n", "abc"), ("n", "TRUE"), ("n", "12%"), ("n", "[1]"), ("on", "1"), ("on", "yes"),
    ("day", "2024-13-01"),
    ("day", "2024"), ("day", "2024-03-01 09:30"), ("years", "2020"), ("years", '"[""a""]"'), ("free", '"1,000"'),
    ("last", "2020.5"), ("last", "abc"), ("share", '"0,5"'),
]  # fmt: skip


@pytest.mark.parametrize("name, cell", MISFITS)
def test_a_value_that_does_not_fit_is_refused_by_name_before_anything_runs(here, capsys, name, cell):
    notebook(here / "own.ipynb", "open('ran', 'w')", parameters="from datetime import date\n" + TYPED)
    (here / "table.csv").write_text(f"name,{name}\ngood,\nodd,{cell}\n", encoding="utf-8")
    assert main(["batch", "own.ipynb", "table.csv", "--lang", "en"]) == 2
    told = capsys.readouterr().err
    assert f"{name} =" in told and f"{name}=" in told and "odd" in told and not (here / "ran").exists() and not (here / "reports").exists()


def test_dates_and_lists_arrive_as_such(here):
    notebook(here / "own.ipynb", "print(day.year + 1, years[1] + 1)", parameters="from datetime import date\n" + TYPED)
    (here / "table.csv").write_text('name,day,years\na,2024-03-01,"[1, 2]"\n', encoding="utf-8")
    done = run_table("own.ipynb", "table.csv")
    assert "2025 3" in (done.folder / "a/study.html").read_text(encoding="utf-8")


def test_a_column_without_a_type_is_text_where_any_of_it_is(here):
    notebook(here / "own.ipynb", "print(code)", parameters="code = None")
    (here / "table.csv").write_text("name,code\na,0571\nb,330100\n", encoding="utf-8")
    assert [s.parameters["code"] for s in run_table("own.ipynb", "table.csv", dry_run=True).studies] == ["0571", "330100"]


READERS = {
    "a file": ("n = open('d.txt').read()", "d.txt"), "a table": ("import pandas as pd; pd.read_csv('d.txt')", "d.txt"),
    "a module": ("import mine", "mine.py"), "a module's data": ("import mine; mine.data()", "e.txt"),
    "a file whose path is made": ("from pathlib import Path; (Path('sub') / ('f' + '.txt')).read_text()", "sub/f.txt"),
    "a database": ("import sqlite3; sqlite3.connect('d.db').close()", "d.db"),
    "a file that C opens": ("from pyarrow import csv; csv.read_csv('d.txt')", "d.txt"),
    "a new file in a folder": ("from pathlib import Path; sorted(Path('sub').glob('*.txt'))", "sub/g.txt"),
    "what was not there": ("open('late.txt')", "late.txt"),
}  # fmt: skip


@pytest.mark.parametrize("source, path", READERS.values(), ids=READERS)
def test_a_study_is_stale_when_what_it_read_has_changed_and_else_not(here, capsys, source, path):
    (here / "sub").mkdir()
    for name in ("d.txt", "e.txt", "sub/f.txt", "unread.txt"):
        (here / name).write_text("a\n1\n")
    (here / "mine.py").write_text("def data():\n    return open('e.txt').read()\n")
    (here / "d.db").touch()
    notebook(here / "own.ipynb", f"if odd:\n    {source.splitlines()[0]}")
    run_table("own.ipynb", "table.csv")
    (here / "unread.txt").write_text("b")
    assert run_table("own.ipynb", "table.csv", dry_run=True).why == {}
    (here / path).write_text("VALUE = 2\n")
    stale = run_table("own.ipynb", "table.csv", dry_run=True).why
    assert stale["odd"] == "read" and (len(stale) == 1 or path in source)  # a file that the code names may be read by each of its studies
    main(["batch", "own.ipynb", "table.csv", "--lang", "en", "--dry-run"])
    assert "odd: a file or module that it read has changed" in capsys.readouterr().out


def test_what_a_study_itself_writes_makes_it_not_stale(here):
    notebook(here / "own.ipynb", "open('cache.txt', 'w').write('1')\nopen('cache.txt').read()\nimport os; os.listdir('.')")
    run_table("own.ipynb", "table.csv")
    assert run_table("own.ipynb", "table.csv", dry_run=True).why.keys() <= {"first"}


def test_figures_of_a_batch_have_chinese_labels_whatever_the_style(here):
    draw = "import warnings; warnings.simplefilter('error')\nimport seaborn as sns, matplotlib.pyplot as plt\nsns.set_theme()\n"
    notebook(here / "own.ipynb", draw + "plt.plot([1, -1]); plt.title('沁县政府信息公开'); plt.gcf().canvas.draw()")
    assert run_table("own.ipynb", "table.csv").status == 0
