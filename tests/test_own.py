"""What gongkai has written is never read as a report, never written over by something else, and nobody else's file is ever deleted."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from folders import document, folder
from test_batch import BODY, notebook

from gongkai import read_corpus, read_report
from gongkai.cli import main
from gongkai.core.errors import UsageError
from gongkai.corpus import Corpus
from gongkai.corpus.audit import draw
from gongkai.corpus.audit.sheet import write_sheet
from gongkai.corpus.build import build
from gongkai.corpus.diff import compare
from gongkai.corpus.export import export, write_frame
from gongkai.corpus.outputs import MARKER, Skipped, is_table, kind_of, skipped_line
from gongkai.studies.batch import run_file, run_studies, run_table


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """Stand beside a folder of one county's reports, with a small notebook."""
    folder(tmp_path / "资料", {"山西省/沁县/2019年.txt": document(), "reports/沁县2020年.txt": document(year=2020)})
    monkeypatch.chdir(tmp_path)
    notebook(tmp_path / "study.ipynb", BODY)
    return tmp_path


def run(**more) -> object:
    return run_studies("资料", notebook=Path("study.ipynb"), **more)


def changed(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    """Name the files that differ, come or go: a failure then says which."""
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def files(path: Path) -> dict[str, bytes]:
    return {p.relative_to(path).as_posix(): p.read_bytes() for p in sorted(path.rglob("*")) if p.is_file()}


def tables(to: str, target: str) -> Callable[[Corpus], object]:
    return lambda corpus: export({name: getattr(corpus, name) for name in ("reports", "cells", "failures")}, to, target)


def sheet(corpus: Corpus) -> None:
    key = draw(corpus.cells, corpus.reports, 5, 0)
    write_sheet(key, corpus.cells, lambda report_id: corpus.read(report_id).document, "资料/核查.xlsx")


WRITTEN: list[tuple[str, Callable[[Corpus], object], set[str]]] = [
    ("csv", tables("csv", "资料/导出"), {"table"}), ("parquet", tables("parquet", "资料/导出"), {"table"}),
    ("stata", tables("stata", "资料/导出"), {"table"}), ("excel", tables("excel", "资料/导出.xlsx"), {"table"}),
    ("one csv", lambda corpus: export(corpus, "csv", "资料/格.csv"), {"table"}),
    ("one dta", lambda corpus: export(corpus, "stata", "资料/格.dta"), {"table"}),
    ("one report", lambda _: export(read_report("资料/山西省/沁县/2019年.txt"), "excel", "资料/2019.xlsx"), {"table"}),
    ("panel", lambda corpus: write_frame(corpus.panel(), "资料/面板.csv"), {"table"}),
    ("diff", lambda corpus: write_frame(compare(corpus, corpus), "资料/差别.csv"), {"table"}), ("audit", sheet, {"table"}),
    ("corpus", lambda _: build(["资料"], "资料/库", quiet=True), {"corpus"}),
    ("half a corpus", lambda _: (build(["资料"], "资料/库", quiet=True), Path("资料/库/corpus.json").unlink()), {"half"}),
    ("run", lambda _: run(out_dir="资料/产出"), {"run"}), ("run below", lambda _: run(out_dir="资料/甲/乙/产出"), {"run"}),
    ("study of a file", lambda _: run_file("资料/山西省/沁县/2019年.txt", "资料/一份"), {"run"}),
    ("run of before", lambda _: (run(out_dir="资料/产出"), Path("资料/产出", MARKER).unlink()), {"run"}),
]  # fmt: skip


@pytest.mark.parametrize("write, kinds", [case[1:] for case in WRITTEN], ids=[case[0] for case in WRITTEN])
def test_nothing_that_gongkai_writes_among_reports_is_read_as_one(here, write, kinds):
    """Points 2 and 9: it is left out, and said to be."""
    corpus = read_corpus("资料")
    write(corpus)
    built = build(["资料"], "另一个库", quiet=True)
    assert (built.documents, built.failures, {kind for _, kind in built.skipped}) == (2, 0, kinds)
    with pytest.warns(UserWarning, match="since gongkai wrote it"):
        assert len(read_corpus("资料").reports) == 2


@pytest.mark.parametrize("name", ["格.csv", "a.xlsx", "a.parquet", "a.dta", "a.txt"])
def test_a_strangers_file_is_none_of_ours(tmp_path, name):
    (tmp_path / name).write_text("县,年度,件数\n沁县,2019,1\n", encoding="utf-8")
    assert not is_table(tmp_path / name)


@pytest.mark.parametrize(
    "name, text", [("manifest.json", '{"name": "site"}'), ("record.json", "[1]"), (MARKER, "x"), ("corpus.json", "{}")]
)
def test_a_strangers_record_makes_no_folder_ours(tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert kind_of(tmp_path) is None


def test_without_anything_of_ours_nothing_is_said(here):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        read_corpus("资料")


def test_output_among_the_reports_is_said_and_a_second_run_makes_nothing_anew(here, capsys):
    """Point 2: from the command line, with output inside the input, in a folder called reports, and beside it."""
    for out in (["-o", "资料/产出"], ["-o", "资料/reports/产出"], []):
        for ran in (1, 0):
            assert main(["studies", "资料", "--corpus", "资料/库", "--lang", "en", *out]) == 0
            told = capsys.readouterr()
            assert f"{ran} made, {1 - ran} unchanged, 0 failed" in told.out
            lines = told.err.splitlines()
            assert len(lines) == 1 and "资料/库 (a corpus" in lines[0] and (not out or f"{out[1]} (a run of studies)" in lines[0])


REFUSED = [
    ("studies 产出", ["studies", "产出"], ("产出: ", "a run of studies", "made from: 资料")),
    ("corpus 产出", ["corpus", "产出", "-o", "新"], ("a run of studies", "资料")),
    ("a study", ["studies", "产出/140430-沁县"], ("a study",)),
    ("corpus of a corpus", ["corpus", "库", "-o", "新"], ("a corpus that is built", "gongkai export", "资料")),
    ("exported", ["studies", "导出"], ("gongkai wrote it", "open saved tables with pandas")),
    ("corpus of exported", ["corpus", "导出", "-o", "新"], ("tables in 导出", "gongkai corpus")),
    ("-o somebody's", ["studies", "资料", "-o", "私人"], ("somebody's files", "-o")),
    ("-o the reports", ["studies", "资料", "-o", "资料"], ("somebody's files",)),
    ("corpus -o somebody's", ["corpus", "资料", "-o", "私人"], ("somebody's files", "-o")),
    ("study -o somebody's", ["study", "资料/山西省/沁县/2019年.txt", "-o", "私人"], ("somebody's files",)),
    ("-o another's run", ["studies", "别的", "-o", "产出"], ("made from others: 资料", "-o")),
    ("batch into studies", ["batch", "study.ipynb", "table.csv", "-o", "产出"], ("made from others: 资料", "-o")),
    ("-o a corpus", ["studies", "资料", "-o", "库"], ("a corpus that is built", "-o")),
    ("corpus -o a run", ["corpus", "资料", "-o", "产出"], ("a run of studies", "-o")),
    ("corpus over another's", ["corpus", "别的", "-o", "库"], ("made from others: 资料", "with -o")),
    ("--corpus another's", ["studies", "别的", "--corpus", "库"], ("made from others: 资料", "--corpus")),
]  # fmt: skip


@pytest.fixture(scope="module")
def there(tmp_path_factory) -> Path:
    """Make a folder with one of everything."""
    top = tmp_path_factory.mktemp("一切")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(top)
        folder(top / "资料", {"山西省/沁县/2019年.txt": document()})
        folder(top / "别的", {"沁源县2019年.txt": document("沁源县")})
        folder(top / "私人", {"日记.txt": "mine"})
        (top / "table.csv").write_text("name\na\n")
        notebook(top / "study.ipynb", BODY)
        run(out_dir="产出", corpus_dir="库")
        run(run="甲", corpus_dir="库")
        tables("csv", "导出")(Corpus(Path("库")))
    return top


@pytest.mark.parametrize("arguments, words", [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_would_read_or_replace_something_of_ours_is_refused_with_advice(there, monkeypatch, capsys, arguments, words):
    """Points 2 and 9: one sentence, exit status 2, and nothing is touched."""
    monkeypatch.chdir(there)
    before = files(there)
    assert main([*arguments, "--lang", "en"]) == 2
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 1 and "what to do" in told and all(word in told for word in words), told
    assert changed(before, files(there)) == set()


@pytest.mark.parametrize("source", ["导出", "导出/cells.csv", "产出"])
def test_read_corpus_says_what_it_was_given(there, monkeypatch, source):
    monkeypatch.chdir(there)
    with pytest.raises(UsageError, match="expected a folder of reports"):
        read_corpus(source)


def test_studies_of_other_data_get_a_place_of_their_own(here):
    """Point 9: neither the corpus nor the studies of the first folder are touched."""
    folder(here / "别的", {"沁源县2019年.txt": document("沁源县")})
    first = run()
    places = (here / "tidy", first.folder)
    before = [files(place) for place in places]
    for _ in range(2):
        second = run_studies("别的", notebook=Path("study.ipynb"))
        assert second.folder == Path("reports/study-别的") and [s.folder for s in second.studies] == ["140431-沁源县"]
        assert second.studies[0].parameters["data_dir"] == "reports/study-别的/tidy"
        assert [changed(then, files(place)) for then, place in zip(before, places, strict=True)] == [set(), set()]
    assert second.ran == 0 and run().ran == 0


def test_a_corpus_may_grow_by_a_folder_and_never_lose_one(here):
    """Point 9."""
    folder(here / "别的", {"沁源县2019年.txt": document("沁源县")})
    build(["资料"], "库", quiet=True)
    assert len(read_corpus("库").reports) == 2 and build(["资料", "别的"], "库", quiet=True).documents == 3
    for fewer in (["资料"], ["别的"]):
        with pytest.raises(UsageError, match="made from others"):
            build(fewer, "库", quiet=True)
    assert build(["资料", "别的"], "库", quiet=True).read == 0


def test_a_corpus_of_before_and_one_that_was_moved_with_its_folder_go_on(here):
    build(["资料"], "库", quiet=True)
    Path("库", MARKER).unlink()
    assert build(["资料"], "库", quiet=True).read == 0
    (here / "搬家").mkdir()
    for name in ("资料", "库"):
        (here / name).rename(here / "搬家" / name)
    assert build(["搬家/资料"], "搬家/库", quiet=True).read == 0


def test_only_what_a_run_has_written_is_ever_deleted(here):
    """Point 2: somebody's files in a run survive, whatever they are called, and so does a page that somebody has changed."""
    draws = "from IPython.display import display\ndisplay({'image/png': b'1'}, raw=True)"
    folder(here / "资料", {"沁源县2019年.txt": document("沁源县")})
    notebook(here / "study.ipynb", BODY, draws)
    done = run()
    here_, gone = done.folder / "140430-沁县", done.folder / "140431-沁源县"
    mine = [
        here_ / "study-9.png",
        here_ / "study.docx",
        gone / "study-7.png",
        done.folder / "我的/study.html",
        done.folder / "我的/record.json",
    ]
    folder(done.folder, {path.relative_to(done.folder).as_posix(): "{}" for path in mine})
    (gone / "study.ipynb").write_text("annotated", encoding="utf-8")
    notebook(here / "study.ipynb", BODY)
    (here / "资料/沁源县2019年.txt").unlink()
    run()
    assert all(path.read_text(encoding="utf-8") == "{}" for path in mine) and not (here_ / "study-1.png").exists()
    assert sorted(p.name for p in gone.iterdir()) == ["study-7.png", "study.ipynb"]
    assert (gone / "study.ipynb").read_text(encoding="utf-8") == "annotated"


def test_what_is_known_of_a_study_leads_to_no_file_elsewhere(here):
    done = run()
    (here / "mine.txt").write_text("mine")
    record = done.folder / "140430-沁县/record.json"
    told = json.loads(record.read_text(encoding="utf-8"))
    told["files"] |= {"../../../mine.txt": "", str(here / "mine.txt"): ""}
    record.write_text(json.dumps(told), encoding="utf-8")
    run(rerun="all")
    assert (here / "mine.txt").exists()


def test_what_was_left_out_is_one_line(here):
    many = [Skipped(f"导出/{n}.csv", "table") for n in range(9)] + [Skipped(f"{n}", "run") for n in range(9)]
    for language in ("zh", "en"):
        line = skipped_line(many, language)
        assert "\n" not in line and "导出" in line and "8.csv" not in line and "9 " in line


def test_a_table_of_parameters_that_names_a_folder_with_the_run_in_it_is_not_run_again(here):
    """Point 2: a run is no part of what it is made from."""
    notebook(here / "own.ipynb", "print(data_dir)")
    Path("table.csv").write_text("name,data_dir\na,资料\n", encoding="utf-8")
    assert [run_table("own.ipynb", "table.csv", "资料/产出").ran for _ in range(2)] == [1, 0]
