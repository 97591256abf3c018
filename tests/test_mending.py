"""A corpus mends itself: whatever is done to its store, tables and records is noticed, made good or refused, and said in one sentence."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from pathlib import Path

import pytest
from test_corpus import equal, folder, page

from gongkai import read_corpus
from gongkai.cli import main
from gongkai.core import files, made
from gongkai.core.errors import MendedWarning, ReportError
from gongkai.corpus import Corpus
from gongkai.corpus.build import build
from gongkai.corpus.mending import faults

STORE = "readings.sqlite"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a corpus of four reports of two provinces and two files that cannot be read; each test hurts a copy of it."""
    root = tmp_path_factory.mktemp("语料")
    raw = folder(
        root / "报告",
        a=(page("甲县", 2021, 3), "900101,government,"), b=(page("甲县", 2022, 4), "900101,government,"),
        c=(page("乙县", 2022, 5), "910102,government,"), d=(page("丙县", 2022, 5), "910103,government,"),
        e=("尊敬的领导：您好。", ",,"), f=("", ",,"),
    )  # fmt: skip
    build([raw], root / "tidy", quiet=True)
    return root


@pytest.fixture
def hurt(built: Path, tmp_path: Path) -> Path:
    shutil.copytree(built, tmp_path / "研究")
    return tmp_path / "研究" / "tidy"


def rebuilt(tidy: Path) -> list[str]:
    """Build again, and return what was said of it in English."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        build([tidy.parent / "报告"], tidy, quiet=True)
    return [w.message.in_language("en") for w in told if isinstance(w.message, MendedWarning)]


def flipped(path: Path, seed: int = 0, times: int = 1) -> None:
    data, chance = bytearray(path.read_bytes()), random.Random(seed)
    for _ in range(times):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def garbled(path: Path) -> None:
    path.write_bytes(b"\xff\xfe garbage " * 300)


def made_a_folder(path: Path) -> None:
    path.unlink()
    (path / "x").mkdir(parents=True)


CELLS, OTHER = "cells/2022/90.parquet", "cells/2022/91.parquet"


def swapped(path: Path) -> None:
    """Put the table of another province in the place of this one."""
    tidy = path.parents[2]
    shutil.copy(tidy / OTHER, tidy / CELLS)


BLOWS: dict[str, Callable[[Path], object]] = {
    "flipped": flipped, "truncated": truncated, "emptied": emptied, "garbled": garbled, "missing": Path.unlink,
}  # fmt: skip
TABLE_FILES = [CELLS, "reports/2021/90.parquet", "findings/2022/91.parquet", "checks/2022/90.parquet", "failures.parquet"]


def whole(built: Path, tidy: Path) -> None:
    """Hold a corpus to the undisturbed one: equal tables, the same bytes, nothing left over, nothing to find."""
    equal(built / "tidy", tidy)
    for path in [*(built / "tidy").rglob("*.parquet"), *(built / "tidy").rglob("*.json")]:
        assert path.read_bytes() == (tidy / path.relative_to(built / "tidy")).read_bytes(), path
    assert not [*tidy.rglob("*.tmp")]
    assert [*faults(tidy)] == []


@pytest.mark.parametrize("name", TABLE_FILES)
@pytest.mark.parametrize("blow", [*BLOWS])
def test_a_damaged_table_is_made_again_by_the_next_run_which_reads_no_document(built: Path, hurt: Path, name: str, blow: str) -> None:
    BLOWS[blow](hurt / name)
    assert [fault.where for fault in faults(hurt)] == [str(hurt / name)]
    (told,) = rebuilt(hurt)
    assert name in told and "made again" in told
    whole(built, hurt)
    assert rebuilt(hurt) == []


@pytest.mark.parametrize("name", TABLE_FILES)
@pytest.mark.parametrize("blow", [*BLOWS])
def test_a_damaged_table_is_made_again_by_whoever_reads_it(built: Path, hurt: Path, name: str, blow: str) -> None:
    BLOWS[blow](hurt / name)
    shutil.rmtree(hurt.parent / "报告")
    corpus = read_corpus(hurt)
    with pytest.warns(MendedWarning, match=Path(name).name):
        getattr(corpus, name.split("/")[0].removesuffix(".parquet"))
    equal(built / "tidy", hurt)
    for path in (built / "tidy").rglob("*.parquet"):
        assert path.read_bytes() == (hurt / path.relative_to(built / "tidy")).read_bytes()


def test_one_flipped_bit_never_gives_another_table(built: Path, hurt: Path) -> None:
    """Each bit is as good as any other: forty of them, one after the other, in all files of the corpus but the lock."""
    every = sorted(p.relative_to(hurt) for p in hurt.rglob("*") if p.is_file() and p.name != "build.lock")
    for seed in range(40):
        shutil.rmtree(hurt)
        shutil.copytree(built / "tidy", hurt)
        flipped(hurt / random.Random(seed).choice(every), seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                equal(built / "tidy", hurt)
            except ReportError as error:
                assert "gongkai corpus" in error.in_language("en"), seed
        rebuilt(hurt)
        equal(built / "tidy", hurt)
        assert [*faults(hurt)] == [], seed


def test_a_table_in_the_place_of_another_is_noticed(built: Path, hurt: Path) -> None:
    swapped(hurt / CELLS)
    with pytest.warns(MendedWarning, match="90.parquet"):
        assert len(Corpus(hurt).select(division_code="900101").cells) == 2 * 207
    whole(built, hurt)


def test_tables_and_record_of_an_earlier_state_are_noticed(built: Path, hurt: Path) -> None:
    """A part that was put back as a whole from a copy of an older build."""
    older = shutil.copytree(hurt, hurt.parent / "older")
    (hurt.parent / "报告" / "c.html").write_text(page("乙县", 2022, 9), encoding="utf-8")
    rebuilt(hurt)
    now = Corpus(hurt).cells
    for path in [p for p in older.rglob("91.*") if p.is_file()]:
        shutil.copy(path, hurt / path.relative_to(older))
    with pytest.warns(MendedWarning, match=r"91\.json"):
        assert Corpus(hurt).cells.equals(now)


@pytest.mark.parametrize("name", ["made/90.json", "made/failures.json", "corpus.json", "gongkai.json"])
@pytest.mark.parametrize("blow", [*BLOWS])
def test_a_damaged_record_is_written_anew(built: Path, hurt: Path, name: str, blow: str) -> None:
    BLOWS[blow](hurt / name)
    told = rebuilt(hurt)
    assert told or name == "gongkai.json" or (name, blow) == ("corpus.json", "missing"), "a build that was ended leaves no corpus.json"
    whole(built, hurt)


@pytest.mark.parametrize("blow", ["truncated", "emptied", "garbled", "torn", "missing"])
def test_a_damaged_store_is_set_aside_and_built_anew_from_the_documents(built: Path, hurt: Path, blow: str) -> None:
    if blow == "torn":
        with (hurt / STORE).open("r+b") as file:
            file.seek(2 * 4096)
            file.write(random.Random(1).randbytes(4096))
    else:
        BLOWS[blow](hurt / STORE)
    before = (hurt / STORE).read_bytes() if blow != "missing" else b""
    told = rebuilt(hurt)
    assert len(told) == 1 and STORE in told[0] and ("anew" in told[0])
    aside = [path.read_bytes() for path in hurt.glob("readings.damaged*.sqlite")]
    assert len(aside) == (blow != "missing") and all(before in data for data in aside)
    whole(built, hurt)


def test_each_damaged_store_is_kept_and_none_takes_the_place_of_another(hurt: Path) -> None:
    for n in (1, 2):
        (hurt / STORE).write_bytes(bytes([n]) * 5000)
        rebuilt(hurt)
    assert sorted(path.read_bytes()[0] for path in hurt.glob("readings.damaged*.sqlite")) == [1, 2]


@pytest.mark.parametrize(
    "line, told",
    [
        ("UPDATE payloads SET payload = substr(payload, 1, 40) || x'00' || substr(payload, 42) WHERE path = 'a.html'", 1),
        ("UPDATE readings SET year = 2023 WHERE path = 'a.html'", 1),
        ("UPDATE readings SET part = '92'", 6),
        ("UPDATE readings SET failure = replace(failure, 'a', 'b') WHERE failure IS NOT NULL", 2),
        ("UPDATE readings SET path = x'ff' WHERE path = 'a.html'", 1),
        ("DELETE FROM payloads WHERE path = 'b.html'", 1),
        ("DELETE FROM readings WHERE path = 'b.html'", 0),
        ("UPDATE files SET entry = replace(entry, '900101', '900102')", 0),
        ("DELETE FROM files", 0),
    ],
)
def test_a_reading_that_was_altered_in_a_sound_store_is_read_anew(built: Path, hurt: Path, line: str, told: int) -> None:
    """SQLite finds nothing wrong with a value of another content: the row's seal does."""
    with closing(sqlite3.connect(hurt / STORE)) as db, db:
        db.execute(line)
    assert [*faults(hurt)] or "DELETE FROM files" in line or "DELETE FROM readings" in line
    said = rebuilt(hurt)
    assert len(said) == bool(told) and all(f"of {told} document" in text for text in said)
    whole(built, hurt)


def test_what_is_noted_of_a_document_is_believed_only_as_it_was_noted(hurt: Path) -> None:
    with closing(sqlite3.connect(hurt / STORE)) as db, db:
        db.execute("UPDATE files SET entry = replace(entry, '900101', '900102')")
    corpus = read_corpus(hurt)
    with pytest.raises(ReportError, match="altered"):
        corpus.read(corpus.select(division_code="900101").reports["report_id"].iloc[0])


@pytest.mark.parametrize("blow", ["truncated", "garbled", "missing", "altered", "other"])
def test_tables_that_cannot_be_made_again_are_refused_with_advice_and_not_loaded(built: Path, hurt: Path, blow: str) -> None:
    """Where table and store are both damaged only the documents can help."""
    flipped(hurt / CELLS)
    if blow == "altered":
        with closing(sqlite3.connect(hurt / STORE)) as db, db:
            db.execute("UPDATE readings SET year = 2023 WHERE path = 'a.html'")
    elif blow == "other":
        (hurt.parent / "报告" / "c.html").write_text(page("乙县", 2022, 9), encoding="utf-8")
        rebuilt(shutil.copytree(hurt, hurt.parent / "other"))
        shutil.copy(hurt.parent / "other" / STORE, hurt / STORE)
        flipped(hurt / OTHER)
        shutil.copy(built / "报告" / "c.html", hurt.parent / "报告" / "c.html")
    else:
        BLOWS[blow](hurt / STORE)
    with pytest.raises(ReportError, match="run gongkai corpus again"):
        _ = read_corpus(hurt).cells
    assert not [*hurt.glob("readings.damaged*")]
    rebuilt(hurt)
    whole(built, hurt)


@pytest.mark.parametrize("damaged", [False, True])
def test_a_changed_document_rewrites_its_year_and_of_the_others_only_what_other_years_speak_in(hurt: Path, damaged: bool) -> None:
    """Findings between years stand in both; tables of a year that is kept are looked at all the same."""
    if damaged:
        flipped(hurt / "sections/2021/90.parquet")
    stamps = {path: path.stat().st_mtime_ns for path in hurt.rglob("*.parquet")}
    (hurt.parent / "报告" / "b.html").write_text(page("甲县", 2022, 7), encoding="utf-8")
    rebuilt(hurt)
    touched = {path.relative_to(hurt).as_posix() for path in stamps if path.stat().st_mtime_ns != stamps[path]}
    here = {f"{table}/2022/90.parquet" for table in ("reports", "cells", "findings", "sections", "figures", "checks")}
    again = {f"{table}/2021/90.parquet" for table in ("reports", "cells", "sections", "figures", "checks")}
    assert touched == here | {"findings/2021/90.parquet"} | (again if damaged else set())
    build([hurt.parent / "报告"], hurt.parent / "fresh", quiet=True)
    equal(hurt.parent / "fresh", hurt)
    assert [*faults(hurt)] == []


@pytest.mark.parametrize("blow", ["emptied", "garbled"])
def test_a_lock_that_holds_something_else_hinders_nobody(built: Path, hurt: Path, blow: str) -> None:
    BLOWS[blow](hurt / "build.lock")
    told = rebuilt(hurt)
    assert [("build.lock" in text) for text in told] == ([True] if blow == "garbled" else [])
    whole(built, hurt)


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_said_and_costs_nothing(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(files.os, "replace", full)
        assert main(["corpus", str(built / "报告"), "-o", str(tmp_path / "tidy"), "--lang", "en", "--jobs", "1"]) == 2
    build([built / "报告"], tmp_path / "tidy", quiet=True)
    equal(built / "tidy", tmp_path / "tidy")
    assert not [*tmp_path.rglob("*.tmp")]


@pytest.mark.parametrize("to", ["csv", "parquet", "stata", "excel"])
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_an_export_to_a_full_disk_says_so_and_leaves_nothing(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], to: str
) -> None:
    """What is written goes to ``/dev/full``; scratch itself has no room either."""
    monkeypatch.setattr("gongkai.corpus.export.stata.tempfile.TemporaryFile", full)
    monkeypatch.setattr("gongkai.corpus.export.whole", lambda _: nullcontext(Path("/dev/full")))
    monkeypatch.setattr("gongkai.corpus.export.stata._without_clock", lambda _: None)
    out = tmp_path / ("out.xlsx" if to == "excel" else "out")
    assert main(["export", str(built / "tidy"), "--to", to, "-o", str(out), "--lang", "en"]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1 and "a full disk" in said[0] and not [*tmp_path.rglob("*.*")]


def test_a_reader_who_may_not_write_is_told_what_is_wrong_with_the_corpus(hurt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flipped(hurt / CELLS)
    monkeypatch.setattr("gongkai.core.files._try", lambda *_: (_ for _ in ()).throw(OSError(errno.EROFS, os.strerror(errno.EROFS))))
    with pytest.raises(ReportError, match=r"90\.parquet: .*other bytes than were written"):
        _ = Corpus(hurt).cells


def test_a_folder_in_the_place_of_a_file_is_set_aside_or_named(built: Path, hurt: Path) -> None:
    made_a_folder(hurt / STORE)
    (told,) = rebuilt(hurt)
    assert "readings.damaged1.sqlite" in told and (hurt / "readings.damaged1.sqlite" / "x").is_dir()
    whole(built, hurt)
    for name in ("build.lock", CELLS, "made/90.json"):
        made_a_folder(hurt / name)
        with pytest.raises(ReportError, match=f"{name}: expected a file that can be written; found a folder"):
            build([hurt.parent / "报告"], hurt, quiet=True)
        shutil.rmtree(hurt / name)
        rebuilt(hurt)
        whole(built, hurt)


def test_verify_says_what_is_wrong_and_changes_nothing(hurt: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["corpus", "--verify", "-o", str(hurt), "--lang", "en"]
    assert main(arguments) == 0 and "sound" in capsys.readouterr().out
    flipped(hurt / CELLS)
    (hurt / "reports/2021/90.parquet").unlink()
    (hurt.parent / "报告" / "c.html").write_text("x", encoding="utf-8")
    (hurt.parent / "报告" / "d.html").unlink()
    before = {path: path.read_bytes() for path in hurt.rglob("*") if path.is_file()}
    assert main(arguments) == 1
    said = capsys.readouterr().out
    assert all(name in said for name in ("cells/2022/90.parquet", "reports/2021/90.parquet", "c.html", "d.html", "4 faults"))
    assert {path: path.read_bytes() for path in hurt.rglob("*") if path.is_file()} == before
    assert main(["corpus", str(hurt), "--verify", "--lang", "zh"]) == 1 and "4 处有误" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--verify", "-o", "nothing"], ["nothing", "--verify", "-o", "nothing"], []])
def test_verify_without_a_corpus_and_a_build_without_folders_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["corpus", *arguments, "--lang", "en"]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) <= 2


def test_the_command_line_says_what_was_mended_in_one_sentence_of_the_language(hurt: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for language, word in (("en", "made again"), ("zh", "重写")):
        flipped(hurt / CELLS)
        main(["export", str(hurt), "--to", "csv", "-o", str(hurt.parent / "out"), "--lang", language])
        assert sum(word in line for line in capsys.readouterr().err.splitlines()) == 1


LEFT = """
import sys, time
from pathlib import Path
from gongkai.core.files import scratch_folder, whole
with scratch_folder() as scratch, whole(Path("out.csv")) as target:
    (scratch / "x").write_text("x"); target.write_text("half")
    print(flush=True); time.sleep(60)
"""


@pytest.fixture
def left_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[str]]:
    """Start a process that holds a scratch folder and a half-written file."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    running = subprocess.Popen([sys.executable, "-c", LEFT], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert running.stdout and running.stdout.readline()
    yield running
    running.kill()
    running.wait()


@pytest.mark.skipif(sys.platform == "win32", reason="scratch is locked by flock")
def test_scratch_of_a_killed_process_is_cleared_by_the_next_and_that_of_a_living_one_is_not(
    tmp_path: Path, left_over: subprocess.Popen[str]
) -> None:
    mine = [tmp_path / "gongkai-mine", tmp_path / ".out.csv.old"]
    mine[0].mkdir()
    mine[1].touch()
    for alive in (True, False):
        with files.scratch_folder():
            files.write(tmp_path / "out.csv", "whole")
        held = [p.name for p in tmp_path.iterdir() if p.name.endswith(".tmp") or p.name.startswith("gongkai-scratch-")]
        assert len(held) == 2 * alive
        left_over.kill()
        left_over.wait()
    assert (tmp_path / "out.csv").read_text() == "whole" and all(path.exists() for path in mine)


WRITES = """
import sys
from pathlib import Path
from gongkai.core.files import scratch_folder, write
for n in range(300):
    with scratch_folder() as scratch:
        (scratch / "x").write_text("x")
        write(Path("out.csv"), str(n))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="scratch is locked by flock")
def test_those_who_clear_at_the_same_time_clear_nothing_of_each_other(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    running = [subprocess.Popen([sys.executable, "-c", WRITES], cwd=tmp_path, env=environment) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_a_record_of_another_content_is_none(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    made.keep(path, {"made_from": {"a": "1"}, "files": {}})
    assert made.recall(path) == {"made_from": {"a": "1"}, "files": {}}
    path.write_text(path.read_text().replace('"1"', '"2"'))
    assert made.recall(path) == {}
    for text in ("", "[]", "{", "\xff", "[" * 100_000):
        path.write_bytes(text.encode("latin-1"))
        assert made.recall(path) == {}


def test_an_older_corpus_without_hashes_is_still_read(built: Path, hurt: Path) -> None:
    record = made.recall(hurt / "corpus.json")
    del record["parts"]
    (hurt / "corpus.json").write_text(json.dumps(record), encoding="utf-8")
    shutil.rmtree(hurt / "made")
    equal(built / "tidy", hurt)
