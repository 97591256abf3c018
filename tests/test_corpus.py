"""A folder of documents becomes one data set: incrementally, whatever happens, and every cell of it can be traced back."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from gongkai import read_corpus, read_report
from gongkai.core.errors import ReportError, StaleCorrection, UsageError
from gongkai.core.schema import schemas
from gongkai.corpus import Corpus
from gongkai.corpus.build import build
from gongkai.corpus.diff import compare, summary
from gongkai.corpus.export import export
from gongkai.corpus.store import reader_version
from gongkai.corpus.trace import trace
from gongkai.forms import load_form
from gongkai.synthetic import simulate
from gongkai.synthetic.writers import Story, layout, to_html

ROOT = Path(__file__).parents[1]
TABLES = ("reports", "cells", "findings", "sections", "figures", "checks", "failures")
GRANTED = "applications/granted/total"


def page(place: str = "甲县", year: int = 2022, granted: int = 0, published: str = "", form: str | None = None) -> str:
    edition = load_form(form or ("2019" if year < 2021 else "2021"))
    values = {f.path: 0 for f in edition.fields if edition.code == "2019" or f.item != "other"}
    same = {
        f"applications/{item}/{who}": granted
        for item in ("new_received", "granted", "processed_total")
        for who in ("natural_person", "total")
    }
    return to_html(edition, layout(edition, {**values, **same}), Story(place, year, published=published))


def folder(root: Path, **rows: tuple[str, str]) -> Path:
    """Make a folder of documents: name=(text, what the manifest says after the path)."""
    root.mkdir(parents=True, exist_ok=True)
    lines = ["path,division_code,body,year"]
    for name, (text, known) in rows.items():
        (root / f"{name}.html").write_text(text, encoding="utf-8")
        lines.append(f"{name}.html,{known}")
    (root / "manifest.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root


@pytest.fixture
def three(tmp_path: Path) -> Path:
    return folder(
        tmp_path / "raw",
        a=(page("甲县", 2021, 3), "900101,government,"), b=(page("甲县", 2022, 4), "900101,government,"),
        c=(page("乙县", 2022, 5), "910102,government,"),
    )  # fmt: skip


def equal(one: Path, other: Path) -> None:
    for table in TABLES:
        pd.testing.assert_frame_equal(getattr(Corpus(one), table), getattr(Corpus(other), table))


def test_the_tables_have_the_columns_and_types_of_the_contract(three: Path, tmp_path: Path) -> None:
    build([three], tmp_path / "tidy", quiet=True)
    corpus = read_corpus(tmp_path / "tidy")
    for table in TABLES:
        assert {n: str(t) for n, t in getattr(corpus, table).dtypes.items()} == {n: c.type for n, c in schemas()[table].columns.items()}
    assert len(corpus.cells) == 3 * 207
    assert not corpus.cells.duplicated(["report_id", "table", "item", "measure"]).any()


def test_a_corpus_holds_what_each_report_holds(three: Path) -> None:
    corpus, report = read_corpus(three), read_report(three / "a.html")
    for table in ("cells", "sections", "figures", "checks"):
        kept = getattr(corpus, table)
        pd.testing.assert_frame_equal(kept[kept["report_id"] == report.report_id].reset_index(drop=True), getattr(report, table))


def test_only_what_is_asked_for_is_loaded(three: Path) -> None:
    corpus = read_corpus(three)
    assert list(corpus.select(division_code="900101").reports["year"]) == [2021, 2022]
    assert set(corpus.select(years=(2022, 2022)).cells["report_id"]) == set(corpus.reports.query("year == 2022")["report_id"])
    assert set(corpus.select(division_code="910102", table="review").cells["table"]) == {"review"}
    assert corpus.select(division_code="123456").cells.empty
    assert list(corpus.select(division_code="900101").select(years=(2022, 2022)).reports["year"]) == [2022]
    with pytest.raises(UsageError):
        corpus.select(table="nothing")


def test_a_second_run_reads_nothing_and_a_change_only_itself(three: Path, tmp_path: Path) -> None:
    tidy = tmp_path / "tidy"
    assert build([three], tidy, quiet=True).read == 3
    stamps = {p: p.stat().st_mtime_ns for p in tidy.rglob("*.parquet")}
    assert build([three], tidy, quiet=True).read == 0
    (three / "c.html").write_text(page("乙县", 2022, 6), encoding="utf-8")
    assert build([three], tidy, quiet=True).read == 1
    touched = {p.name for p in tidy.rglob("*.parquet") if stamps[p] != p.stat().st_mtime_ns}
    assert touched == {"91.parquet"}
    build([three], tmp_path / "fresh", quiet=True)
    equal(tidy, tmp_path / "fresh")


def test_what_the_manifest_says_anew_is_read_anew_and_a_file_that_is_gone_is_forgotten(three: Path, tmp_path: Path) -> None:
    tidy = tmp_path / "tidy"
    build([three], tidy, quiet=True)
    folder(three, a=(page("甲县", 2021, 3), "920101,government,"), b=(page("甲县", 2022, 4), "900101,government,"))
    (three / "c.html").unlink()
    assert build([three], tidy, quiet=True).read == 1
    assert sorted(read_corpus(tidy).reports["division_code"]) == ["900101", "920101"]
    assert not list(tidy.rglob("91.parquet"))


def test_a_changed_form_reads_only_its_reports_again(three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = folder(tmp_path / "raw", d=(page("甲县", 2020, 3), "900101,government,"), a=(page("甲县", 2021, 3), "900101,government,"))
    build([old], tmp_path / "tidy", quiet=True)
    from gongkai.corpus import ingest as gather
    from gongkai.corpus import store

    known = store.form_version

    def changed(code: str) -> str:
        return "00000000" if code == "2019" else known(code)

    for room in (store, gather):
        monkeypatch.setattr(room, "form_version", changed)
    assert build([old], tmp_path / "tidy", quiet=True).read == 1
    assert set(read_corpus(tmp_path / "tidy").reports.query("form_version == '00000000'")["year"]) == {2020}


def test_what_is_compared_a_few_prefectures_at_a_time_gives_the_same_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {
        f"r{n}{year}": (page(f"{n}县", year, n).replace("<span>0</span>", f"<span>{year - 2021}</span>", 500), f"90{n:02}01,government,")
        for n in range(1, 4)
        for year in (2021, 2022, 2023)
    }
    raw = folder(tmp_path / "raw", **rows)
    build([raw], tmp_path / "together", quiet=True)
    monkeypatch.setattr("gongkai.corpus.assemble._TOGETHER", 1)
    build([raw], tmp_path / "apart", quiet=True)
    equal(tmp_path / "together", tmp_path / "apart")
    assert len(read_corpus(tmp_path / "apart").findings.query("code == 'carry_over'")) > 0


def test_a_file_that_cannot_be_read_is_a_row_with_its_reason(three: Path, tmp_path: Path) -> None:
    (three / "letter.txt").write_text("尊敬的领导：您好。", encoding="utf-8")
    (three / "empty.html").write_bytes(b"")
    built = build([three], tmp_path / "tidy", jobs=2, quiet=True)
    assert (built.documents, built.failures) == (5, 2)
    failures = read_corpus(tmp_path / "tidy").failures
    assert list(failures["path"]) == ["empty.html", "letter.txt"]
    assert failures["reason"].str.contains("expected").all() and failures["reason_zh"].str.contains("应为").all()


def test_the_same_bytes_twice_are_one_report_that_names_both_files(three: Path) -> None:
    shutil.copy(three / "c.html", three / "d.html")
    reports = read_corpus(three).reports
    assert len(reports) == 3
    assert "c.html; d.html" in set(reports["path"])


@pytest.mark.parametrize("other, told", [("910102,government,", 1), ("900101,government,", 0), (",,", 0)])
def test_one_file_for_two_counties_is_questioned(tmp_path: Path, other: str, told: int) -> None:
    text = page("甲县", 2022)
    corpus = read_corpus(folder(tmp_path / "raw", a=(text, "900101,government,"), b=(text, other)))
    assert list(corpus.reports["division_code"]) == ["900101"]
    found = corpus.findings.query("code == 'same_file'")
    assert len(found) == told and all("a.html (900101, government)" in o and "b.html (910102" in o for o in found["observed"])


def test_what_is_entered_anew_of_a_copy_is_questioned_anew(tmp_path: Path) -> None:
    text, tidy = page("甲县", 2022), tmp_path / "tidy"
    for other, told in (("900101", 0), ("910102", 1), ("920103", 1), ("900101", 0)):
        build([folder(tmp_path / "raw", a=(text, "900101,government,"), b=(text, f"{other},government,"))], tidy, quiet=True)
        found = read_corpus(tidy).findings.query("code == 'same_file'")
        assert len(found) == told and all(other in o for o in found["observed"])


def test_a_copy_that_cannot_be_read_costs_the_other_nothing(tmp_path: Path) -> None:
    raw = folder(tmp_path / "raw", a=(page("甲县", 2022), "900101,government,"), **{"b; c": (page("甲县", 2022), "900101,government,")})
    manifest = f"path,division_code,sha256\na.html,900101,{'0' * 64}\nb; c.html,900101,\n"
    (raw / "manifest.csv").write_text(manifest, encoding="utf-8")
    corpus = read_corpus(raw)
    assert (list(corpus.reports["path"]), list(corpus.failures["path"])) == (["b; c.html"], ["a.html"])
    assert corpus.read(corpus.reports["report_id"].iloc[0]).year == 2022


def test_a_document_of_a_host_whose_others_are_known_belongs_there(tmp_path: Path) -> None:
    rows = {"a": (page("甲县", 2021), "140430,government,"), "b": (page("乙县", 2022), ",,")}
    raw = folder(tmp_path / "raw", **rows)
    urls = ["path,division_code,source_url", "a.html,140430,http://www.q.gov.cn/1", "b.html,,http://www.q.gov.cn/2"]
    (raw / "manifest.csv").write_text("\n".join(urls) + "\n", encoding="utf-8")
    reports = read_corpus(raw).reports.set_index("path")
    assert list(reports.loc["b.html", ["division_code", "located_by"]]) == ["140430", "site"]


def test_several_folders_are_told_apart_by_name(three: Path, tmp_path: Path) -> None:
    other = folder(tmp_path / "more", a=(page("丙县", 2022, 1), "930101,government,"))
    build([three, other], tmp_path / "tidy", quiet=True)
    assert {"raw/a.html", "more/a.html"} <= set(read_corpus(tmp_path / "tidy").reports["path"])
    with pytest.raises(UsageError):
        build([three, tmp_path / "x" / ".." / "raw"], tmp_path / "tidy2", quiet=True)


@pytest.mark.parametrize("fault", ["no folder", "no document"])
def test_nothing_to_read_is_an_error(tmp_path: Path, fault: str) -> None:
    if fault == "no document":
        (tmp_path / "raw").mkdir()
    with pytest.raises(UsageError):
        build([tmp_path / "raw"], tmp_path / "tidy", quiet=True)


def test_any_executor_reads_the_documents(three: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as executor:
        build([three], tmp_path / "threads", executor=executor, quiet=True)
    build([three], tmp_path / "processes", jobs=2, quiet=True)
    equal(tmp_path / "threads", tmp_path / "processes")


def test_what_another_version_kept_otherwise_is_read_anew(three: Path, tmp_path: Path) -> None:
    tidy = tmp_path / "tidy"
    tidy.mkdir()
    with sqlite3.connect(tidy / "readings.sqlite") as older:
        older.execute("CREATE TABLE files (path TEXT, something TEXT)")
    assert build([three], tidy, quiet=True).read == 3
    assert build([three], tidy, quiet=True).read == 0


def test_a_second_build_of_the_same_corpus_waits_for_nobody(three: Path, tmp_path: Path) -> None:
    from gongkai.corpus.store import Store

    held = Store(tmp_path / "tidy")
    try:
        with pytest.raises(UsageError, match="no other process"):
            build([three], tmp_path / "tidy", quiet=True)
    finally:
        held.close()
    build([three], tmp_path / "tidy", quiet=True)


def test_an_interrupted_build_is_no_corpus(three: Path, tmp_path: Path) -> None:
    build([three], tmp_path / "tidy", quiet=True)
    (tmp_path / "tidy" / "corpus.json").unlink()
    with pytest.raises(UsageError, match="interrupted"):
        read_corpus(tmp_path / "tidy")
    assert build([three], tmp_path / "tidy", quiet=True).read == 0
    assert len(read_corpus(tmp_path / "tidy").reports) == 3


BUILD = (
    "import sys; from gongkai.corpus.build import build\nif __name__ == '__main__': build([sys.argv[1]], sys.argv[2], jobs=2, quiet=True)"
)


def kill_and_resume(raw: Path, out: Path, kills: int, longest: float) -> None:
    """Build a corpus in a process that is killed at random moments, each time with all of its own, and then let it come to its end."""
    command, chance = [sys.executable, "-c", BUILD, str(raw), str(out)], random.Random(4)
    for _ in range(kills):
        running = subprocess.Popen(command, start_new_session=True)
        time.sleep(0.4 + chance.random() * longest)
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    subprocess.run(command, check=True)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_build_killed_at_random_and_resumed_gives_the_same_tables(tmp_path: Path) -> None:
    rows = {f"r{n}": (page(f"{n}县", 2021 + n % 3, n), f"9{n % 4}0{n % 7 + 1:03},government,") for n in range(60)}
    raw = folder(tmp_path / "raw", **rows)
    kill_and_resume(raw, tmp_path / "killed", 6, 1)
    build([raw], tmp_path / "whole", quiet=True)
    equal(tmp_path / "killed", tmp_path / "whole")
    assert not list((tmp_path / "killed").rglob("*.tmp"))


@pytest.mark.long
def test_three_thousand_simulated_reports_killed_ten_times_give_the_same_tables(tmp_path: Path) -> None:
    simulate(tmp_path / "raw", 500, (2019, 2024), 11, jobs=2)
    kill_and_resume(tmp_path / "raw", tmp_path / "killed", 10, 8)
    built = build([tmp_path / "raw"], tmp_path / "whole", jobs=2, quiet=True)
    assert (built.documents, built.failures) == (3000, 0)
    equal(tmp_path / "killed", tmp_path / "whole")


INTERRUPTED = """
import sys
from gongkai.corpus import ingest as gather
from gongkai.cli import main
read, gather.read_entry = gather.read_entry, lambda entry, *more: wait(entry) or read(entry, *more)
def wait(entry):
    import pathlib, time
    if entry.name.endswith("last.html"):
        pathlib.Path("waits").touch()
        time.sleep(300)
if __name__ == "__main__":
    sys.exit(main(["corpus", "raw", "-o", "tidy", "--lang", "en", "--jobs", sys.argv[1]]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the reader is slowed in forked processes")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupt_says_what_is_done_and_how_to_go_on(tmp_path: Path, jobs: str) -> None:
    """Point 8: at once, in one sentence, with exit status 130; what was read is kept."""
    folder(
        tmp_path / "raw", **{f"r{n:02}": (page(f"{n}县", 2022, n), f"9{n % 4}0101,government,") for n in range(30)}, zlast=(page(), ",,")
    )
    running = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, jobs], cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    until = time.monotonic() + 60
    while not (tmp_path / "waits").exists() and time.monotonic() < until:
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does
    told = running.communicate(timeout=60)[1]
    assert running.returncode == 130
    words = r"interrupted: (\d+) of 31 documents have been read and are kept; run the same command again to go on from here\.\n"
    kept = re.fullmatch(words, told)
    assert kept and (int(kept[1]) == 24 if jobs == "1" else 0 < int(kept[1]) <= 24)  # of two processes, one may still be at its chunk
    built = build([tmp_path / "raw"], tmp_path / "tidy", quiet=True)
    assert (built.documents, built.read) == (31, 31 - int(kept[1]))


class TestPanel:
    def test_one_row_for_each_division_scope_and_year_by_short_names(self, three: Path) -> None:
        panel = read_corpus(three).panel()
        assert list(zip(panel["division_code"], panel["year"], panel["app_granted_total"], strict=True)) == [
            ("900101", 2021, 3), ("900101", 2022, 4), ("910102", 2022, 5),
        ]  # fmt: skip
        assert set(panel["app_granted_total_status"]) == {"printed"}
        assert max(map(len, panel.columns)) <= 32

    def test_the_latest_version_wins_and_the_loser_is_listed(self, three: Path) -> None:
        (three / "c2.html").write_text(page("乙县", 2022, 7, "2023年3月30日"), encoding="utf-8")
        with (three / "manifest.csv").open("a", encoding="utf-8") as file:
            file.write("c2.html,910102,government,\n")
        panel = read_corpus(three).panel()
        assert list(panel.query("division_code == '910102'")["app_granted_total"]) == [7]
        assert [(r["path"], r["why"]) for r in panel.attrs["set_aside"]] == [("c.html", "superseded")]

    def test_duplicates_that_nothing_settles_are_refused_by_name(self, three: Path) -> None:
        (three / "c2.html").write_text(page("乙县", 2022, 7), encoding="utf-8")
        with (three / "manifest.csv").open("a", encoding="utf-8") as file:
            file.write("c2.html,910102,government,\n")
        with pytest.raises(UsageError, match=r"c\.html.*c2\.html"):
            read_corpus(three).panel()

    def test_departments_stand_aside_unless_asked_for(self, three: Path) -> None:
        (three / "d.html").write_text(page("甲县教育局", 2022, 1), encoding="utf-8")
        with (three / "manifest.csv").open("a", encoding="utf-8") as file:
            file.write("d.html,900101,department,\n")
        corpus = read_corpus(three)
        assert [r["why"] for r in corpus.panel().attrs["set_aside"]] == ["other_body"]
        assert list(corpus.panel("department")["app_granted_total"]) == [1]


class TestTrace:
    def test_a_citation_s_key_leads_back_to_the_page(self, three: Path) -> None:
        corpus = read_corpus(three)
        report = corpus.read(corpus.reports["report_id"].iloc[0])
        told = trace(corpus, report.cite(GRANTED).key, "en")
        assert told == report.explain(GRANTED, "en")
        assert report.document.sha256 in told

    def test_a_corpus_finds_its_documents_from_any_folder_and_when_both_are_moved(
        self, three: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(three.parent)
        build(["raw"], "tidy", quiet=True)
        monkeypatch.chdir(three)
        shutil.move(three.parent / "tidy", three.parent / "moved" / "tidy")
        shutil.copytree(three, three.parent / "moved" / "raw")
        for place in (three.parent / "moved" / "tidy", Path("../moved/tidy")):
            assert "SHA-256" in trace(read_corpus(place), "900101/government/2021#" + GRANTED, "en")

    @pytest.mark.parametrize("key", ["x", "900101/government/2030#" + GRANTED, "900101/government/2021#applications/nothing/total"])
    def test_a_key_that_fits_nothing_is_refused(self, three: Path, key: str) -> None:
        with pytest.raises(UsageError):
            trace(read_corpus(three), key)

    def test_where_the_document_is_gone_the_tables_speak_and_say_so(self, three: Path, tmp_path: Path) -> None:
        build([three], tmp_path / "tidy", quiet=True)
        (three / "a.html").unlink()
        told = trace(read_corpus(tmp_path / "tidy"), "900101/government/2021#" + GRANTED, "en")
        assert told.startswith(f"{GRANTED}: 3 ") and "it is gone" in told

    def test_tables_that_were_passed_on_alone_speak_for_themselves(self, three: Path, tmp_path: Path) -> None:
        build([three], tmp_path / "tidy", quiet=True)
        shutil.copytree(tmp_path / "tidy", tmp_path / "given", ignore=shutil.ignore_patterns("readings.sqlite*"))
        told = trace(read_corpus(tmp_path / "given"), "900101/government/2021#" + GRANTED, "en")
        assert told.startswith(f"{GRANTED}: 3 ") and "readings.sqlite" in told
        assert not (tmp_path / "given" / "readings.sqlite").exists()

    def test_a_changed_document_is_not_taken_for_the_one_that_was_read(self, three: Path, tmp_path: Path) -> None:
        build([three], tmp_path / "tidy", quiet=True)
        (three / "a.html").write_text(page("甲县", 2021, 9), encoding="utf-8")
        assert "has changed" in trace(read_corpus(tmp_path / "tidy"), "900101/government/2021#" + GRANTED, "en")


class TestCompare:
    @pytest.fixture
    def built(self, three: Path, tmp_path: Path) -> tuple[Path, Corpus]:
        build([three], tmp_path / "old", quiet=True)
        return three, read_corpus(tmp_path / "old")

    def after(self, raw: Path) -> Corpus:
        build([raw], raw.parent / "new", quiet=True)
        return read_corpus(raw.parent / "new")

    def test_a_new_version_is_told_cell_by_cell(self, built: tuple[Path, Corpus]) -> None:
        raw, old = built
        (raw / "c.html").write_text(page("乙县", 2022, 6), encoding="utf-8")
        found = compare(old, self.after(raw))
        assert set(found["cause"]) == {"new_version"} and set(found["change"]) == {"changed"}
        assert set(found["measure"]) == {"natural_person", "total"} and len(found) == 6

    def test_files_that_come_and_go(self, built: tuple[Path, Corpus]) -> None:
        raw, old = built
        (raw / "e.html").write_text(page("丁县", 2023, 1), encoding="utf-8")
        folder(raw, a=(page("甲县", 2021, 3), "900101,government,"), b=(page("甲县", 2022, 4), "900101,government,"))
        (raw / "c.html").unlink()
        counts = summary(compare(old, self.after(raw)))
        assert counts.loc["new_file", "gained"] == counts.loc["file_removed", "lost"] == 200

    def test_a_correction_a_form_and_the_reader_are_told_apart(self, built: tuple[Path, Corpus]) -> None:
        raw, old = built
        report_id = old.reports.loc[old.reports["path"] == "c.html", "report_id"].iloc[0]
        (raw.parent / "curation").mkdir()
        (raw.parent / "curation" / "corrections.csv").write_text(
            f"report_id,cell,printed,value,reason\n{report_id},applications/carried_in/total,0,1,seen on the page\n", encoding="utf-8"
        )
        new = self.after(raw)
        found = compare(old, new)
        assert list(zip(found["cause"], found["item"], found["value_new"], strict=True)) == [("curation", "carried_in", 1)]
        for column, cause in (("version", "reader"), ("form_version", "form")):
            other = Corpus(new.folder)
            other.reports[column] = "other"
            other.cells.loc[other.cells["item"] == "carried_in", "value"] = 8
            assert set(compare(old.select(), other)["cause"]) <= {cause, "curation"}, cause


def test_a_correction_of_a_document_that_is_gone_stops_the_build(three: Path, tmp_path: Path) -> None:
    (tmp_path / "curation").mkdir()
    (tmp_path / "curation" / "corrections.csv").write_text(
        "report_id,cell,printed,value,reason\n0123456789ab,applications/carried_in/total,0,1,x\n", encoding="utf-8"
    )
    with pytest.raises(StaleCorrection):
        build([three], tmp_path / "tidy", quiet=True)


class TestCoverage:
    def test_without_a_frame_a_missing_report_says_nothing_about_the_authority(self, three: Path) -> None:
        found = read_corpus(three).coverage()
        assert list(found["status"]) == ["in_corpus", "in_corpus", "not_in_corpus", "in_corpus"]

    def test_with_one_missing_reports_are_data(self, three: Path) -> None:
        rows = ["division_code,year,outcome,date", "900101,2021,found,", "900101,2022,searched_not_found,2024-01-02",
                "910102,2021,searched_not_found,2024-01-02", "910102,2022,found,", "920101,2022,found,"]  # fmt: skip
        (three / "frame.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        found = read_corpus(three).coverage().set_index(["division_code", "year"])
        assert list(found["status"]) == ["in_corpus", "in_corpus", "searched_not_found", "in_corpus", "found_not_in_corpus"]
        assert list(found["conflict"]) == [False, True, False, False, False]
        assert len(read_corpus(three).failures) == 0

    @pytest.mark.parametrize(
        "rows", ["division_code,year\n1,2020", "division_code,year,outcome\n1,2020,lost", "division_code,year,outcome\n1,20,found"]
    )
    def test_a_faulty_frame_is_refused(self, three: Path, rows: str) -> None:
        (three / "frame.csv").write_text(rows + "\n", encoding="utf-8")
        with pytest.raises(UsageError):
            read_corpus(three).coverage()


def test_a_corpus_shows_itself_in_both_languages(three: Path) -> None:
    shown = read_corpus(three)._repr_html_()
    assert "3 份报告" in shown and "3 reports" in shown


def test_the_version_says_what_a_reading_was_made_by(three: Path, tmp_path: Path) -> None:
    build([three], tmp_path / "tidy", quiet=True)
    assert set(read_corpus(tmp_path / "tidy").reports["version"]) == {reader_version()}
    assert "time" not in json.loads((tmp_path / "tidy" / "corpus.json").read_text(encoding="utf-8"))


SHARED = Path(__file__).parents[2] / "shared" / "reports"
DOCUMENTS = sorted([*(Path(__file__).parents[1] / "data" / "raw").glob("*-*.*"), *SHARED.glob("*/report.*")])


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Gather all documents, those of ``data/raw`` with their manifest, and each text once more with a line at its end: a namesake."""
    raw = tmp_path_factory.mktemp("报告")
    for document in DOCUMENTS:
        shutil.copy(document, raw / gathered_name(document))
        if document.suffix == ".txt":
            (raw / f"又-{gathered_name(document)}").write_bytes(document.read_bytes() + b"\n\n")
    head, *lines = (DOCUMENTS[0].parent / "manifest.csv").read_text(encoding="utf-8").splitlines()
    (raw / "manifest.csv").write_text("\n".join([head, *(f"raw-{line}" for line in lines)]) + "\n", encoding="utf-8")
    return read_corpus(raw)


def gathered_name(document: Path) -> str:
    return f"{document.parent.name}-{document.name}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=gathered_name)
def test_every_citation_leads_back_to_its_document_however_it_was_read(gathered: Corpus, document: Path) -> None:
    try:
        alone = read_report(document)
    except ReportError:
        assert any(gathered_name(document) in path for path in gathered.failures["path"])
        return
    path = next((r.field.path for r in alone.readings), GRANTED)
    if not alone.readings:
        pytest.skip("it has no cells")
    for report in (alone, gathered.read(alone.report_id)):
        cited = report.cite(path, "en")
        assert cited.text.endswith(cited.key) and "na/" not in cited.key
        assert alone.document.sha256 in trace(gathered, cited.key, "en")
    assert alone.document.sha256 in trace(gathered, f"{alone.report_id[1:]}#{path}", "en")


@pytest.mark.parametrize(
    "key, told",
    [
        ("na/na/2021#" + GRANTED, ("lacks division_code, body", "a.html")),
        ("900101/na/2021#" + GRANTED, ("lacks body", "a.html")),
        ("900101/government/na#" + GRANTED, ("lacks year", "a.html", "b.html")),
        ("900101/government/2030#" + GRANTED, ("no such report", "900101/government/2021")),
        ("r0123456789ab#" + GRANTED, ("no such report",)),
        ("na/na/2030#" + GRANTED, ("lacks division_code, body", "no such report")),
    ],
)
def test_a_key_that_leads_to_no_one_report_says_what_is_missing(three: Path, key: str, told: tuple[str, ...]) -> None:
    with pytest.raises(UsageError) as error:
        trace(read_corpus(three), key)
    assert all(words in error.value.in_language("en") for words in told)


@pytest.mark.parametrize("lost", ["cells", "reports", "findings/2022", "figures/2021/90.parquet", "failures.parquet", "*"])
def test_a_corpus_of_which_tables_are_lost_is_refused_and_never_taken_for_an_empty_one(three: Path, tmp_path: Path, lost: str) -> None:
    """Without the store, from which they would be made again: ``test_mending.py``."""
    built = build([three], tmp_path / "tidy", jobs=1, quiet=True).folder
    (built / "readings.sqlite").unlink()
    for path in built.glob(lost):
        if path.is_dir():
            shutil.rmtree(path)
        elif lost != "*":
            path.unlink()
    corpus = Corpus(built)
    with pytest.raises(UsageError, match="no such file; what to do: run gongkai corpus again"):
        for table in TABLES:
            getattr(corpus, table)
    with pytest.raises(UsageError, match="no such file"):
        export(Corpus(built), "csv", tmp_path / "out")
    assert not [*tmp_path.glob("out/*.csv")]


def test_a_corpus_without_reports_has_empty_tables(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "a.html").write_bytes(b"")
    built = build([raw], tmp_path / "tidy", jobs=1, quiet=True).folder
    assert [len(getattr(Corpus(built), table)) for table in TABLES] == [0, 0, 0, 0, 0, 0, 1]


def test_a_report_is_restored_from_the_tables_as_it_was_read_from_its_document(shared: Path, tmp_path: Path) -> None:
    """What a study shows comes from the data set; no document is opened a second time."""
    names = ("pingtan-2014", "pingtan-2016", "pingtan-2019", "pingtan-2021", "pingtan-2023")
    for name in names:
        shutil.copy(shared / "reports" / name / "report.html", tmp_path / f"平潭{name[-4:]}.html")
    shutil.copy(ROOT / "data" / "raw" / "qinxian-2019.txt", tmp_path / "沁县2019.txt")
    corpus = read_corpus(tmp_path)
    ids = list(corpus.reports["report_id"])
    read = [corpus.read(i) for i in ids]
    for path in tmp_path.iterdir():
        path.unlink()
    for before, now in zip(read, map(corpus.recall, ids), strict=True):
        for table in ("cells", "findings", "sections", "figures", "checks"):
            pd.testing.assert_frame_equal(getattr(now, table), getattr(before, table))
        about = ("report_id", "form", "year", "authority", "body", "division_code", "scope", "title", "published", "source", "simulated")
        assert [getattr(now, name) for name in about] == [getattr(before, name) for name in about]
        assert [f.key for f in now.edition.fields] == [f.key for f in before.edition.fields]
        if len(before.cells):
            path = "/".join(before.cells.loc[0, ["table", "item", "measure"]])
            assert str(now.cite(path, "en")) == str(before.cite(path, "en"))


def test_a_single_file_makes_a_corpus_of_one_with_what_the_manifest_beside_it_says(tmp_path: Path) -> None:
    for name in ("甲.txt", "乙.txt"):
        shutil.copy(ROOT / "data" / "raw" / "qinxian-2019.txt", tmp_path / name)
    (tmp_path / "manifest.csv").write_text("path,division_code,source_url\n甲.txt,140430,https://a.cn/1\n乙.txt,140431,\n", "utf-8")
    corpus = read_corpus(tmp_path / "甲.txt")
    assert corpus.reports[["division_code", "source_url"]].values.tolist() == [["140430", "https://a.cn/1"]]
    assert corpus.panel()["app_granted_total"].to_list() == [1]
    assert corpus.read(corpus.reports["report_id"][0]).year == 2019
