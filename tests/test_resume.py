"""A batch over any table of parameters: what is run and why, what a kill at any moment leaves, and how it ends."""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import nbformat
import psutil
import pytest
from browser import chromium

from gongkai.cli import main
from gongkai.core.errors import UsageError
from gongkai.studies import resume
from gongkai.studies.batch import KEPT, run_table
from gongkai.studies.outcome import FAILURES, INDEXES, LOG, MANIFEST, PAGES
from gongkai.studies.resume import RECORD

BODY = "from IPython.display import display\nfails and 1 / 0\ndisplay({'image/png': b'1'}, raw=True)\nprint(type(word), word, number)"
TABLE = "name,word,number,fails\n140430-甲,甲,1,False\n140431-乙,乙,2.50,True\n330100-丙,0571,,\n"
RUN = "import sys; from gongkai.cli import main; sys.exit(main())"


def notebook(path: Path, body: str = BODY, parameters: str = "word = ''\nnumber = 0\nfails = False") -> Path:
    cells = [nbformat.v4.new_code_cell(parameters, id="a", metadata={"tags": ["parameters"]}), nbformat.v4.new_code_cell(body, id="b")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def tree(path: Path) -> dict[str, bytes]:
    return {p.relative_to(path).as_posix(): p.read_bytes() for p in sorted(path.rglob("*")) if p.is_file() and p.name != LOG}


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """Stand in a folder with a notebook, and a table of three studies of which the second fails."""
    monkeypatch.chdir(tmp_path)
    notebook(tmp_path / "own.ipynb")
    (tmp_path / "table.csv").write_text(TABLE, encoding="utf-8")
    return tmp_path


def told(capsys, *arguments: str) -> tuple[int, str, str]:
    status = main(["batch", "own.ipynb", "table.csv", "--lang", "en", *arguments])
    return (status, *capsys.readouterr())


def test_each_row_of_a_table_is_a_study_with_its_pages_and_its_line_in_the_list(here, capsys):
    status, out, err = told(capsys)
    assert status == 1 and out.splitlines() == ["studies: 2 made, 0 unchanged, 1 failed.", "reports/own/index.html"]
    assert "ZeroDivisionError" in err and "reports/own/failures.csv" in err
    run = here / "reports/own"
    assert {p.name for p in (run / "140430-甲").iterdir()} == {*KEPT, RECORD, "study-1.png"}
    assert {p.name for p in (run / "140431-乙").iterdir()} == {"study.ipynb", RECORD}
    for page, words in (("140430-甲", "&lt;class &#39;str&#39;&gt; 甲 1"), ("330100-丙", "&lt;class &#39;str&#39;&gt; 0571 0")):
        assert all(words in (run / page / name).read_text(encoding="utf-8") for name in PAGES.values())
    for name, code in ((INDEXES["zh"], "未完成"), (INDEXES["en"], "not completed")):
        text = (run / name).read_text(encoding="utf-8")
        assert all(w in text for w in ('<th scope="col">word', ">2.5</td>", "140431-乙/study.ipynb", code, "ZeroDivisionError"))
    with open(run / FAILURES, encoding="utf-8-sig", newline="") as file:
        assert [(r["folder"], r["pages"], r["notebook"]) for r in csv.DictReader(file)] == [("140431-乙", "zh en", "140431-乙/study.ipynb")]
    log = (run / LOG).read_text(encoding="utf-8")
    assert "made 140430-甲" in log and "failed 140431-乙: code cell 3 failed" in log and log.rstrip().endswith("3 studies, 1 failed")


def test_what_has_not_changed_is_not_run_again_failed_or_not(here, capsys):
    told(capsys)
    before = tree(here / "reports")
    for more, made in (((), 0), (("--rerun", "failed"), 0), (("--rerun", "all"), 2)):
        status, out, err = told(capsys, *more)
        assert (status, tree(here / "reports")) == (1, before) and f"{made} made, {2 - made} unchanged, 1 failed" in out
        assert ("1 failed before" in err) == (not more)


def change(path: str, old: str, new: str) -> Callable[[Path], None]:
    return lambda here: (here / path).write_text((here / path).read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


CHANGES: list[tuple[str, Callable[[Path], None], tuple[str, ...], str]] = [
    ("nothing", lambda here: None, (), ""),
    ("a parameter", change("table.csv", "甲,1", "甲,7"), (), "140430-甲: the parameters have changed"),
    ("the failed one", change("table.csv", "2.50", "3"), (), "140431-乙: the parameters have changed"),
    ("a new row", change("table.csv", "330100-丙", "330100-丁"), (), "330100-丁: not made yet, or not to its end"),
    ("a page", change("reports/own/140430-甲/study.html", "甲", "乙"), (), "140430-甲: a file of it was changed or is gone"),
    ("a figure", lambda here: (here / "reports/own/140430-甲/study-1.png").unlink(), (), "140430-甲: a file of it was changed or is gone"),
    ("a record", change("reports/own/140430-甲/record.json", "{", ""), (), "140430-甲: not made yet, or not to its end"),
    ("a limit", lambda here: None, ("--timeout", "9"), "140431-乙: it failed, and the limits of time or memory have changed"),
    ("asked", lambda here: None, ("--rerun", "failed"), "140431-乙: it failed, and another try is asked for"),
    ("a file", lambda here: (here / "甲").write_text("1"), (), "140430-甲: the files or rows that it is made from have changed"),
]


@pytest.mark.parametrize("name, do, more, line", CHANGES, ids=[c[0] for c in CHANGES])
def test_a_dry_run_says_what_would_be_run_and_why_and_touches_nothing(here, capsys, name, do, more, line):
    told(capsys)
    do(here)
    before = tree(here)
    status, out, _ = told(capsys, "--dry-run", *more)
    assert status == 0 and tree(here) == before
    lines = out.splitlines()
    assert lines[:-1] == ([f"would make {line}"] if line else [])
    assert lines[-1].startswith(f"{len(lines) - 1} of 3 studies would be made")
    told(capsys, *more)
    assert told(capsys, "--dry-run", *(more if "--timeout" in more else ()))[1].startswith("0 of 3")


def test_notebook_library_and_versions_make_all_studies_stale(here, capsys, monkeypatch):
    told(capsys)
    base = resume.base_of(here / "own.ipynb")
    for part, words in (("library", "gongkai has changed"), ("versions", "the libraries' versions have changed")):
        with monkeypatch.context() as other:
            other.setattr(resume, "base_of", lambda _, part=part: {**base, part: "other"})
            assert told(capsys, "--dry-run")[1].count(words) == 3
    assert {"pandas", "papermill", "ipython", "python", "gongkai"} <= {*base["versions"]}
    notebook(here / "own.ipynb", BODY + "\n")
    assert told(capsys, "--dry-run")[1].count("the notebook has changed") == 3


def test_a_dry_run_of_a_new_batch_writes_nothing(here, capsys):
    assert told(capsys, "--dry-run")[0] == 0 and not (here / "reports").exists()


def test_only_some_are_run_and_the_others_stay_as_they_were(here, capsys):
    run = here / "reports/own"
    status, out, _ = told(capsys, "--only", "33")
    assert status == 0 and "1 made" in out and sorted(p.parent.name for p in run.glob(f"*/{RECORD}")) == ["330100-丙"]
    assert "140430" not in (run / INDEXES["zh"]).read_text(encoding="utf-8")
    told(capsys)
    before = tree(run / "140430-甲")
    change("table.csv", "甲,1", "甲,7")(here)
    status, out, _ = told(capsys, "--only", "140431", "--rerun", "failed")
    assert status == 1 and "0 made, 1 unchanged, 1 failed" in out and tree(run / "140430-甲") == before
    assert "changed since it was made" in (run / INDEXES["en"]).read_text(encoding="utf-8")
    assert '"status": "outdated"' in (run / MANIFEST).read_text(encoding="utf-8")
    assert told(capsys, "--only", "99")[0] == 2


def test_a_study_that_is_no_longer_asked_for_goes_and_somebodys_own_files_stay(here, capsys):
    told(capsys)
    run = here / "reports/own"
    (run / "140430-甲/notes.txt").write_text("mine")
    (run / "sent").mkdir()
    for name in (".index.html.abc", ".manifest.json.abc", "assets/.GongkaiSansSC-Regular.otf.abc", "140430-甲/.study.html.abc"):
        (run / name).write_text("half")
    (run / "sent/study.html").write_text("mine")
    (here / "table.csv").write_text(TABLE.splitlines()[0] + "\n330100-丙,0571,,\n", encoding="utf-8")
    assert told(capsys)[0] == 0
    assert sorted(p.name for p in run.iterdir() if p.is_dir()) == ["140430-甲", "330100-丙", "assets", "sent"]
    assert [p.name for p in (run / "140430-甲").iterdir()] == ["notes.txt"] and (run / "sent/study.html").exists()
    assert not (run / FAILURES).exists() and not [*run.rglob(".*")]


@pytest.mark.parametrize("executor", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_any_executor_gives_the_same_bytes_as_none(here, executor):
    plain = run_table("own.ipynb", "table.csv", "one/own")
    with executor(2) as pool:
        other = run_table("own.ipynb", "table.csv", "two/own", executor=pool)
    assert plain.status == other.status == 1 and tree(plain.folder) == tree(other.folder) and len(tree(plain.folder)) > 10


def test_a_worker_that_is_lost_costs_what_it_held_and_the_next_run_does_it(here):
    class Lost(ThreadPoolExecutor):
        def submit(self, fn, tasks, *more):  # type: ignore[no-untyped-def]
            return super().submit(
                os.stat if tasks[0].target.name == "330100-丙" else fn, *(("gone",) if "丙" in tasks[0].target.name else (tasks, *more))
            )

    with Lost(1) as pool:
        done = run_table("own.ipynb", "table.csv", executor=pool)
    assert {f for f, _ in done.failures} == {"140431-乙", "330100-丙"} and "could not be run" in done.failures["330100-丙", "en"].en
    assert dict(run_table("own.ipynb", "table.csv").why) == {"330100-丙": "new"}


REFUSED = [
    ("name,wrod\na,1\n", "wrod"), ("name,word,word\na,1,2\n", "word"), ("name,word\na,1\na,2\n", "a、a"),
    ("name,word\na/b,1\na?b,2\n", "a/b"),
    ("name,word\nA,1\na,2\n", "A、a"), ("name,word\nassets,1\n", "assets"), ("name,word\n,1\n", "2"), ("name,word\na,1,2\n", "2"),
    ("name,word\na\n", "2"), ("name,word\n", "name"), ("", "—"), ("unknown\na\n", "unknown"),
]  # fmt: skip


@pytest.mark.parametrize("text, found", REFUSED)
def test_a_table_that_cannot_be_meant_starts_nothing(here, capsys, text, found):
    (here / "table.csv").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=found):
        run_table("own.ipynb", "table.csv")
    status, out, err = told(capsys)
    assert (status, out) == (2, "") and "what to do: correct the table" in err and not (here / "reports").exists()


@pytest.mark.parametrize(
    "arguments",
    [("no.ipynb", "table.csv"), ("table.csv", "table.csv"), ("own.ipynb", "no.csv"), ("own.ipynb", "table.csv", "-p", "wrod=1")],
)
def test_a_batch_that_cannot_start_ends_with_2(here, capsys, arguments):
    assert main(["batch", *arguments]) == 2 and not (here / "reports").exists()


def test_the_first_column_names_the_studies_where_no_column_is_called_so(here, capsys):
    (here / "table.csv").write_bytes("word,number\n甲,1\n".encode("gb18030"))
    assert told(capsys, "-o", "out")[0] == 0 and (here / "out/甲/study.html").exists()


def test_a_notebook_that_asks_for_the_language_is_run_in_both(here, capsys):
    notebook(here / "own.ipynb", "print('in', language)", "word = ''\nnumber = 0\nfails = False\nlanguage = 'zh'")
    assert told(capsys)[0] == 0
    pages = [(here / "reports/own/330100-丙" / name).read_text(encoding="utf-8") for name in PAGES.values()]
    assert "in zh" in pages[0] and "in en" in pages[1]


HOSTILE = "../../<script>pwned=1</script>\u202e'\"><img src=x onerror=pwned=2>"


def test_a_hostile_name_stays_a_name(here, capsys, tmp_path):
    with open(here / "table.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("name", "word"), (HOSTILE, HOSTILE), ("=1+1", "{{ 1 }}")])
    assert told(capsys)[0] == 0
    run = here / "reports/own"
    folders = {p.name for p in run.iterdir() if p.is_dir()} - {"assets"}
    assert len(folders) == 2 and not any(set(name) & set("/\\<>\"'\u202e.") for name in folders)
    assert {p.name for p in here.iterdir()} == {"own.ipynb", "table.csv", "reports"}
    with chromium(tmp_path / "profile") as tab:
        for page in (run / "index.html", *run.glob("*/study*.html")):
            assert tab.open(page).run("typeof pwned") == "undefined"
            assert tab.run("document.images.length") == (page.parent != run) and not tab.complaints


def batch(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", RUN, "batch", "own.ipynb", "table.csv", *arguments], stderr=subprocess.DEVNULL)


def ended(processes: list[psutil.Process], seconds: float = 5) -> bool:
    return not psutil.wait_procs(processes, timeout=seconds)[1]


def soon(is_so: Callable[[], bool], seconds: float = 60) -> bool:
    until = time.monotonic() + seconds
    while not is_so() and time.monotonic() < until:
        time.sleep(0.01)
    return is_so()


def made(run: Path) -> int:
    return sum(record.stat().st_size > 3 for record in run.glob(f"*/{RECORD}"))


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no such signal")
def test_ten_kills_at_random_moments_leave_what_an_undisturbed_run_leaves(here, capsys):
    rows = "".join(f"{n},{n},{n},{n % 7 == 3}\n" for n in range(60))
    (here / "table.csv").write_text(f"name,word,number,fails\n{rows}", encoding="utf-8")
    notebook(here / "own.ipynb", "import time; time.sleep(0.05)\n" + BODY)
    run, chance = here / "reports/own", random.Random(5)
    for kill in range(10):
        before = made(run)
        process = batch("--jobs", "2")
        if kill % 3:  # else while it still begins
            assert soon(lambda n=before: made(run) > n)
        time.sleep(chance.uniform(0, 0.3))
        below = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait()
        assert ended(below) and (made(run) > before or kill % 3 == 0), f"kill {kill}"
    assert 6 < made(run) < 60
    assert told(capsys)[0] == 1 and made(run) == 60
    undisturbed = run_table("own.ipynb", "table.csv", "other/own", jobs=2)
    assert undisturbed.ran == 60 and tree(run) == tree(undisturbed.folder)


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no such signal")
def test_an_interrupt_ends_the_batch_at_once_with_130_and_nothing_that_ran_counts(here):
    notebook(here / "own.ipynb", "open(word + '.txt', 'w').close()\nimport time\nword == '甲' or time.sleep(300)")
    process = batch("--jobs", "2")
    assert soon(lambda: made(here / "reports/own") == 1 and (here / "0571.txt").exists())
    below = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 130 and ended(below)
    assert made(here / "reports/own") == 1 and "中断" in (here / "reports/own" / LOG).read_text(encoding="utf-8").splitlines()[-1]
    assert [*run_table("own.ipynb", "table.csv", dry_run=True).why.values()] == ["new", "new"]


def test_a_word_for_rerun_that_is_none_is_refused(here):
    with pytest.raises(UsageError, match="changed, failed, all"):
        run_table("own.ipynb", "table.csv", rerun="everything")


@pytest.mark.skipif(sys.platform != "linux", reason="only where notebooks are forked is their memory limited")
@pytest.mark.parametrize("body, more, reason", [
    ("import time; time.sleep(60)", ("--timeout", "1"), "did not finish within 1 seconds"),
    ("bytearray(3 * 10**9)", ("--memory", "1000"), "MemoryError"),
])  # fmt: skip
def test_a_study_that_takes_too_much_fails_alone_and_says_so(here, capsys, body, more, reason):
    notebook(here / "own.ipynb", f"if fails: {body}")
    status, out, err = told(capsys, *more)
    assert status == 1 and "2 made, 0 unchanged, 1 failed" in out and reason in err
