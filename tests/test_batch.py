"""A batch of studies: one county's failure is its own, nothing is done twice, and two runs give the same bytes."""

from __future__ import annotations

import csv
import json
import re
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat
import pytest
from folders import document, folder
from selectolax.lexbor import LexborHTMLParser

from gongkai.cli import main
from gongkai.core.errors import ReportError, UsageError
from gongkai.studies.batch import KEPT, find_notebook, run_file, run_studies
from gongkai.studies.execute import failure_of_cell, refuse_unknown, run_notebook
from gongkai.studies.outcome import FAILURES, INDEX, LOG, PAGES
from gongkai.studies.outcome import MANIFEST as WHOLE
from gongkai.studies.resume import RECORD

PARAMETERS = 'source = ""\ndata_dir = "data/raw"\ndivision_code = ""\nlanguage = "zh"\nfirst_year = 2019\nlast_year = 2025\n'
BODY = """
from IPython.display import HTML, display
from gongkai.studies import study
reports = study.load(source, data_dir, division_code, first_year, last_year)
display(HTML(f"<p>{reports[-1].report_id} {language}</p>"))
"""
DRAWS = "from IPython.display import display\ndisplay({'image/png': b'1'}, raw=True)"
MANIFEST = "path,division_code,body,year\na.txt,140430,government,2019\nb.txt,140431,,\n"


def notebook(path: Path, *sources: str, kernel: str = "no-such-kernel") -> Path:
    """Write a small study; the kernel that it names is not installed anywhere."""
    cells = [nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}), *map(nbformat.v4.new_code_cell, sources)]
    spec = {"name": kernel, "language": "python", "display_name": kernel}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": spec}), path)
    return path


def bytes_below(path: Path) -> dict[str, bytes]:
    return {p.relative_to(path).as_posix(): p.read_bytes() for p in sorted(path.rglob("*")) if p.is_file() and p.name != LOG}


def failures(run: Path) -> list[dict[str, str]]:
    """Read the list of failures as Excel does: with its mark of the encoding."""
    data = (run / FAILURES).read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(data.decode("utf-8-sig").splitlines()))


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """Stand in a folder with two counties, the second of which has an empty file."""
    folder(tmp_path / "data" / "raw", {"a.txt": document(), "b.txt": ""}, MANIFEST)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_one_countys_failure_leaves_the_others_untouched_and_nothing_is_done_twice(here):
    fails = "from pathlib import Path\ndivision_code == '140431' and not Path('mended').exists() and 1 / 0"
    (here / "data/raw/b.txt").write_text(document("沁源县"), encoding="utf-8")
    study = notebook(here / "study.ipynb", fails, BODY)
    done = run_studies(notebook=study)
    made, failed = here / "reports/study/140430-沁县", here / "reports/study/140431-沁源县"
    assert (done.status, done.ran, sorted(p.name for p in made.iterdir())) == (1, 2, sorted([*KEPT, RECORD]))
    assert sorted(p.name for p in failed.iterdir()) == [RECORD, "study.en.ipynb", "study.ipynb"]
    rows = failures(done.folder)
    assert [(r["folder"], r["pages"], r["error"], r["path"]) for r in rows] == [("140431-沁源县", "zh en", "ZeroDivisionError", "")]
    index = (done.folder / INDEX).read_text(encoding="utf-8")
    assert "140430-沁县/study.html" in index and "140431-沁源县/study.ipynb" in index and "140431-沁源县/study.html" not in index
    index = (done.folder / "index.en.html").read_text(encoding="utf-8")
    assert "140430-沁县/study.en.html" in index and "140431-沁源县/study.en.ipynb" in index and "ZeroDivisionError" in index

    before = bytes_below(done.folder)
    (here / "mended").touch()
    again = run_studies(notebook=study, rerun="failed")
    assert (again.status, again.ran, again.unchanged) == (0, 1, 1) and not (done.folder / FAILURES).exists()
    assert {k: v for k, v in bytes_below(made).items()} == {k.split("/")[1]: v for k, v in before.items() if k.startswith("140430")}

    third = run_studies(notebook=study)
    assert (third.ran, third.unchanged) == (0, 2)


def test_a_county_of_which_nothing_can_be_read_is_a_line_of_the_list_and_no_study(here, capsys):
    study = notebook(here / "study.ipynb", BODY)
    done = run_studies(notebook=study)
    assert (done.status, done.ran, done.failed) == (1, 1, set()) and not (done.folder / "140431-沁源县").exists()
    (row,) = failures(done.folder)
    assert (row["folder"], row["name"], row["path"], row["error"]) == ("140431-沁源县", "沁源县", "b.txt", "UnreadableSource")
    assert "空文件" in row["reason_zh"] and "an empty file" in row["reason"] and str(here) not in str(row)
    index = LexborHTMLParser((done.folder / INDEX).read_text(encoding="utf-8"))
    assert [(r.css_first("th").text(), r.css_first("a") is None, "b.txt" in r.text()) for r in index.css("tbody tr")] == [
        ("沁县", False, False), ("沁源县", True, True),
    ]  # fmt: skip
    (here / "data/raw/b.txt").write_text(document("沁源县"), encoding="utf-8")
    assert run_studies(notebook=study).status == 0 and not (done.folder / FAILURES).exists()


NOT_FOUND = "<html><body>404 Not Found</body></html>"
LOST = {
    "山西省/沁县/2019年.txt": document(), **{f"山西省/沁县/{year}年.html": NOT_FOUND for year in range(2012, 2018)},
    "山西省/沁源县/2020年.txt": "", "不明.txt": " ",
}  # fmt: skip


def test_every_file_that_cannot_be_read_is_named_everywhere_and_none_is_a_county(tmp_path, monkeypatch, capsys):
    """Point 3: on the console, in the list, on the county's page, in failures.csv, and in the exit status."""
    monkeypatch.chdir(tmp_path)
    folder(tmp_path / "资料", LOST)
    assert main(["studies", "资料", "-o", "产出"]) == 1
    told = capsys.readouterr().err
    assert sum(f"山西省/沁县/{year}年.html" in told for year in range(2012, 2018)) == 6 and "6 份文件，内容完全相同" in told
    assert "沁源县/2020年.txt" in told and "不明.txt" in told and "failures.csv" in told
    assert sorted(p.name for p in Path("产出").iterdir() if p.is_dir()) == ["140430-沁县", "assets"]
    whose = {r["path"]: r["folder"] for r in failures(Path("产出"))}
    assert set(whose) == {path for path, text in LOST.items() if text != document()}
    assert (whose.pop("不明.txt"), whose.pop("山西省/沁源县/2020年.txt"), {*whose.values()}) == ("", "140431-沁源县", {"140430-沁县"})
    for language, name in (("zh", "index.html"), ("en", "index.en.html")):
        page = LexborHTMLParser(Path("产出", name).read_text(encoding="utf-8"))
        known, other = page.css("tbody tr")
        assert "2017年.html" in known.text() and "沁源县/2020年.txt" in other.text() and "不明.txt" in page.css_first("ul.unread").text()
        assert all(row.css_first(".failure") for row in (known, other)) and "unread" in known.attributes["class"]
        county = LexborHTMLParser(Path("产出/140430-沁县", PAGES[language]).read_text(encoding="utf-8"))
        strip = next(alt for image in county.css("img") if "2019 " in (alt := image.attributes["alt"] or "") and "2018 " in alt)
        words = {"zh": "文件在，读不出", "en": "there but unreadable"}[language]
        assert [year for year in range(2012, 2026) if f"{year} {words}" in strip] == [*range(2012, 2018)]
        assert "山西省/沁县/2012年.html" in county.text()
    assert main(["studies", "资料", "-o", "产出"]) == 1 and "0 份新作，1 份未变" in capsys.readouterr().out


def test_only_some_counties_are_told_of_and_count(tmp_path, monkeypatch, capsys):
    """Point 8: other counties' failures are in the list, and not on the console or in the exit status."""
    monkeypatch.chdir(tmp_path)
    folder(tmp_path / "资料", LOST)
    study = notebook(tmp_path / "study.ipynb", "division_code == '140431' and 1 / 0")
    (tmp_path / "资料/山西省/沁源县/2019年.txt").write_text(document("沁源县"), encoding="utf-8")
    done = run_studies("资料", notebook=study)
    assert done.status == 1 and done.failed == {"140431-沁源县"}
    for path in (tmp_path / "资料/山西省/沁县").glob("*.html"):
        path.unlink()
    some = run_studies("资料", notebook=study, only="140430")
    assert (some.status, some.kept, some.asked.failures, some.asked.unread) == (0, 0, {}, ())
    assert {row["folder"] for row in failures(some.folder)} == {"140431-沁源县", ""}
    assert run_studies("资料", notebook=study, only="140431").status == 1


def test_a_study_is_made_again_where_anything_it_was_made_from_or_into_has_changed(here):
    (here / "data/raw/b.txt").unlink()
    folder(here / "data/raw", {}, "path,division_code\na.txt,140430\n")
    study = notebook(here / "study.ipynb", "language")
    first = run_studies(notebook=study)
    target = first.folder / "140430-沁县"

    def page_is_damaged() -> None:
        (target / "study.html").write_text("")

    def manifest_says_more() -> None:
        folder(here / "data/raw", {}, "path,division_code,source_url\na.txt,140430,http://x.cn\n")

    def notebook_is_changed() -> None:
        notebook(study, "language", "1 + 1")

    def notebook_draws() -> None:
        notebook(study, DRAWS)

    def figure_is_gone() -> None:
        (target / "study-1.png").unlink()

    def notebook_draws_no_more() -> None:
        notebook(study, "1 + 1")

    for change in (page_is_damaged, manifest_says_more, notebook_is_changed, notebook_draws, figure_is_gone, notebook_draws_no_more):
        change()
        assert run_studies(notebook=study).ran == 1, change.__name__
        assert (target / "study-1.png").exists() == (change in (notebook_draws, figure_is_gone)), change.__name__
    assert run_studies(notebook=study, parameters={"last_year": 2020}).ran == 1
    assert run_studies(notebook=study, parameters={"last_year": 2020}).ran == 0
    assert json.loads((first.folder / WHOLE).read_text(encoding="utf-8"))["studies"]["140430-沁县"]["parameters"]["last_year"] == 2020


def test_two_runs_give_the_same_bytes_in_any_executor(here):
    folder(here / "data/raw", {"b.txt": document("武乡县")})
    study = notebook(here / "study.ipynb", BODY)
    one = run_studies(notebook=study, reports_dir="one")
    with ProcessPoolExecutor(max_workers=2) as executor:
        two = run_studies(notebook=study, reports_dir="two", executor=executor)
    assert one.status == two.status == 0
    assert bytes_below(one.folder) == bytes_below(two.folder)
    assert str(here) not in "".join(v.decode("utf-8", "replace") for v in bytes_below(one.folder).values())


def test_an_unknown_parameter_stops_the_batch_before_it_starts(here):
    with pytest.raises(UsageError, match=r"first_year.*last_year.*frist_year"):
        run_studies(notebook=notebook(here / "study.ipynb", BODY), parameters={"frist_year": 2019})
    assert not (here / "reports").exists()


@pytest.mark.parametrize("parameters", [{"division_code": "1"}, {"source": "x"}, {"language": "en"}])
def test_what_the_batch_sets_itself_cannot_be_set(here, parameters):
    with pytest.raises(UsageError):
        run_studies(notebook=notebook(here / "study.ipynb", BODY), parameters=parameters)


def test_a_folder_without_documents_cannot_start(tmp_path):
    with pytest.raises(UsageError):
        run_studies(tmp_path)


@pytest.mark.parametrize(
    "source, error, reason",
    [
        ("1 / 0", "ZeroDivisionError", "第 3 个代码单元格出错：ZeroDivisionError: division by zero"),
        ("import os; os._exit(3)", "DeadKernelError", "内核意外退出"),
        ("import sys; sys.exit(3)", "SystemExit", "第 3 个代码单元格出错"),
    ],
)
def test_every_way_to_fail_leaves_the_notebook_and_a_reason(tmp_path, source, error, reason):
    executed, failure = run_notebook(notebook(tmp_path / "study.ipynb", source), {"language": "zh"})
    assert failure is not None and failure.error == error and failure.zh.startswith(reason)
    assert any(cell["source"] == source for cell in executed["cells"])


def test_an_error_of_the_library_says_its_own_words():
    error = UsageError("a", ("甲", "b"), ("乙", "c"), ("丙", "d"))
    failure = failure_of_cell("UsageError", str(error), 4)
    assert (failure.zh, failure.en) == (error.in_language("zh"), error.in_language("en"))


def test_nothing_but_the_notebook_is_left_of_a_run(tmp_path):
    executed, failure = run_notebook(notebook(tmp_path / "study.ipynb", "1 + 1"), {"language": "en"})
    assert failure is None and "papermill" not in executed["metadata"]
    assert executed["metadata"]["language_info"]["name"] == "python" and "version" not in executed["metadata"]["language_info"]
    assert all(not set(cell["metadata"]) & {"papermill", "execution"} for cell in executed["cells"])
    assert [cell["id"] for cell in executed["cells"]][1] == "injected-parameters-1"


def test_the_project_notebook_declares_what_the_batch_gives():
    refuse_unknown(find_notebook("studies/county_study.ipynb"), {"data_dir": "", "division_code": "", "language": "zh", "source": ""})


def test_a_notebook_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UsageError):
        refuse_unknown(tmp_path / "no.ipynb", {})
    with pytest.raises(UsageError):
        find_notebook("studies/no.ipynb")


def test_one_file_in_one_study_out_without_any_warning(here, capfd):
    """The project's own study, from the command line, from a folder that is not the project's."""
    assert main(["study", "data/raw/a.txt", "-o", "out"]) == 0
    out, err = capfd.readouterr()
    assert out.strip().endswith("out/140430-沁县/study.html") and err == ""
    target = here / "out" / "140430-沁县"
    pages = [(target / name).read_text(encoding="utf-8") for name in PAGES.values()]
    named = {name for page in pages for name in re.findall(r'(?:src|href)="(study[^"/]*\.(?:png|csv))"', page)}
    assert len(named) > 12 and {*map(str, named)} >= {"study-1.png", "study.en-3.png"}
    assert {p.name for p in target.iterdir()} == {*KEPT, "study.en.ipynb", *named, RECORD} and (here / "out/assets").is_dir()
    for name in KEPT:
        text = (target / name).read_text(encoding="utf-8")
        assert not re.search(r"\w+Warning\b", text) and '"stderr"' not in text and str(here) not in text


def test_a_file_that_is_no_report_starts_nothing(here):
    with pytest.raises(ReportError):
        run_file("data/raw/b.txt", "out")
    assert not (here / "out").exists()


def test_python_m_gongkai_study_without_a_file_makes_the_studies_of_the_folder(here, capsys):
    (here / "data/raw/b.txt").unlink()
    folder(here / "data/raw", {}, "path,division_code\na.txt,140430\n")
    assert main(["study", "--lang", "en"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "reports/study/index.html"
    assert main(["studies", "--lang", "en"]) == 0
    assert "0 made, 1 unchanged" in capsys.readouterr().out
