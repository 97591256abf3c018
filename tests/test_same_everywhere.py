"""The same documents give the same bytes, whatever the locale, zone, seed of hashes, order of files and number of processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from test_corpus import folder, page

from gongkai import read_corpus
from gongkai.core.errors import UsageError
from gongkai.core.files import refuse_unnamed
from gongkai.core.messages import storable
from gongkai.corpus.build import build
from gongkai.corpus.export import export

PLACES: dict[str, dict[str, str]] = {
    "utf-8": {"TZ": "UTC", "PYTHONHASHSEED": "1", "LANG": "zh_CN.UTF-8"},
    "C": {"TZ": "Asia/Shanghai", "PYTHONHASHSEED": "2", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}
FILES = {"甲县-2021": 3, "乙县-2022": 4, "b": 5, "A": 6}


def documents(raw: Path, names: list[str]) -> Path:
    """Write the same documents in the given order, in which a file system may list them."""
    texts = {name: (page(f"{name[0]}县", 2021 + n % 2, n), f"9{n % 2}010{n},government,") for name, n in FILES.items()}
    folder(raw, **{name: texts[name] for name in names})
    lines = ["path,division_code,body,year", *(f"{name}.html,{texts[name][1]}" for name in FILES)]
    (raw / "manifest.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (raw / "坏.txt").write_text("尊敬的领导：您好。", encoding="utf-8")
    return raw


def run(cwd: Path, environment: dict[str, str], *arguments: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHONUTF8"))}
    done = subprocess.run(
        [sys.executable, "-m", "gongkai", *arguments], cwd=cwd, env={**kept, **environment}, capture_output=True, check=False
    )
    assert done.returncode < 2, done.stderr.decode()
    return done.stdout.decode()


def content(root: Path) -> dict[str, bytes]:
    """Return all that was written, but for the store, which keeps the order in which documents were read, and logs, which tell the time."""
    found = sorted(p for p in root.rglob("*") if p.is_file() and p.suffix not in (".sqlite", ".lock", ".log"))
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in found}


@pytest.mark.skipif(sys.platform == "win32", reason="no locales")
def test_locale_zone_hashes_order_and_processes_leave_no_trace_in_a_corpus_and_its_exports(tmp_path: Path) -> None:
    made, said = [], []
    for n, environment in enumerate(PLACES.values()):
        root = tmp_path / f"{n}" / "研究"
        documents(root / "报告", sorted(FILES, reverse=bool(n)))
        told = run(root, environment, "corpus", "报告", "-o", "语料/表", "--jobs", f"{1 + n}")
        for to, out in (("stata", "存出"), ("excel", "存出.xlsx")):
            told += run(root, environment, "export", "语料/表", "--to", to, "-o", out, "--lang", "zh")
        made.append(content(root))
        said.append(told)
    assert [name for name, data in made[0].items() if made[1].get(name) != data] == [] and made[0].keys() == made[1].keys()
    assert said[0] == said[1] and "报告" in said[0]
    assert "语料/表/made/90.json" in made[0] and "存出/cells.dta" in made[0]


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="no locales")
def test_locale_zone_hashes_order_and_processes_leave_no_trace_in_studies(tmp_path: Path) -> None:
    made = []
    for n, environment in enumerate(PLACES.values()):
        root = tmp_path / f"{n}" / "研究"
        documents(root / "报告", sorted(FILES, reverse=bool(n)))
        run(root, environment, "studies", "报告", "-o", "成果", "--corpus", "语料", "--jobs", f"{1 + n}")
        made.append(content(root))
    assert [name for name, data in made[0].items() if made[1].get(name) != data] == [] and made[0].keys() == made[1].keys()
    assert sum(name.endswith("/record.json") for name in made[0]) == len(FILES)


def test_every_export_written_twice_is_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in another year and zone: no file tells when or where it was written."""
    corpus = read_corpus(documents(tmp_path / "报告", list(FILES)))
    for to, out in (("stata", "dta"), ("csv", "csv"), ("parquet", "parquet"), ("excel", "x.xlsx")):
        export(corpus, to, tmp_path / "first" / out)
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    time.tzset()
    time.sleep(1.1)
    for to, out in (("stata", "dta"), ("csv", "csv"), ("parquet", "parquet"), ("excel", "x.xlsx")):
        export(corpus, to, tmp_path / "second" / out)
    assert content(tmp_path / "first") == content(tmp_path / "second")


def test_stata_files_tell_one_fixed_day_and_are_still_read(tmp_path: Path) -> None:
    corpus = read_corpus(documents(tmp_path / "报告", list(FILES)))
    for path in export(corpus, "stata", tmp_path / "dta"):
        if path.suffix == ".dta":
            assert b"<timestamp>\x1101 Jan 1960 00:00</timestamp>" in path.read_bytes()
            table = corpus.panel() if path.stem == "panel" else getattr(corpus, path.stem)
            assert len(pd.read_stata(path, convert_categoricals=False)) == len(table)


def test_a_name_whose_bytes_come_one_by_one_is_put_together() -> None:
    """As Python gives it in the locale C; what is no UTF-8 stays written out."""
    apart = "沁县.txt".encode().decode("ascii", "surrogateescape")
    assert storable(apart) == "沁县.txt" and storable("\udcff沁\ud800") == "\\udcff沁\\ud800"


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no UTF-8")
def test_a_folder_whose_name_no_record_could_hold_is_refused_by_name(tmp_path: Path) -> None:
    raw = documents(tmp_path / "报告", list(FILES))
    bad = tmp_path / os.fsdecode(b"\xc7\xdf")
    with pytest.raises(UsageError, match="PYTHONUTF8=1"):
        build([raw], bad, quiet=True)
    shutil.copytree(raw, bad)
    with pytest.raises(UsageError, match=r"\\udcc7\\udcdf"):
        build([bad], tmp_path / "tidy", quiet=True)
    refuse_unnamed(raw)
    assert not (tmp_path / "tidy").exists()
