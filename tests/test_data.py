"""The documents of data/raw: no byte of them changes, and the figures that were set again are those that were published."""

import csv
import hashlib
import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from gongkai import read_corpus, read_report
from gongkai.studies.units import counties

ROOT = Path(__file__).resolve().parents[1]
RAW = ROOT / "data" / "raw"
REAL = "qinxian-2019.txt"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def manifest() -> list[dict[str, str]]:
    with (RAW / "manifest.csv").open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


SET_AGAIN = [row["path"] for row in manifest() if row["path"] != REAL]


def test_the_manifest_lists_every_document_once():
    assert sorted(row["path"] for row in manifest()) == sorted(p.name for p in RAW.iterdir() if p.name != "manifest.csv")


def test_the_originals_are_named_as_far_as_they_are_known_and_no_further(shared: Path):
    with (RAW.parent / "originals.csv").open(encoding="utf-8", newline="") as rows:
        originals = {row["sample"]: row for row in csv.DictReader(rows)}
    known = ("division_code", "year", "body", "source_url")
    assert {name: [row[c] for c in known] for name, row in originals.items()} == {r["path"]: [r[c] for c in known] for r in manifest()}
    for name, row in originals.items():
        files = [p for p in (shared / "reports" / Path(name).stem).glob("report.pdf") if row["format"] == "PDF"]
        known_bytes = [(sha256(p), str(p.stat().st_size)) for p in files] or [("", "")]
        assert [(row["sha256"], row["bytes"])] == known_bytes


@pytest.mark.parametrize("row", manifest(), ids=lambda row: row["path"])
def test_a_document_has_the_hash_that_the_manifest_says(row):
    assert sha256(RAW / row["path"]) == row["sha256"]


def test_the_sample_is_the_document_as_it_came(shared: Path):
    assert (RAW / REAL).read_bytes() == (shared / "reports" / "qinxian-2019" / "report.txt").read_bytes()


def test_every_county_of_the_samples_can_be_studied():
    found = {c.code: [r["year"] for r in c.reports] for c in counties(read_corpus(RAW)) if not c.problem}
    assert found == {
        "140430": [2019], "320800": [2024], "320813": [2024], "321300": [2023], "350128": [2014, 2016, 2019, 2020, 2021, 2022, 2023],
    }  # fmt: skip


@pytest.mark.parametrize("name", SET_AGAIN)
def test_a_document_says_that_it_is_not_the_original(name: str):
    report = read_report(RAW / name)
    told = next(p.text for p in report.contents.sections if p.level)
    address = next(row["source_url"] for row in manifest() if row["path"] == name)
    assert "【重排 re-typeset】本文件不是原件" in told and "Not the original" in told
    assert (address or "原文网址未知") in told
    assert report.figures.empty
    assert set(report.cells["status"]) <= {"printed", "absent"}


# Typed by hand from the published pages.
PUBLISHED = {
    "pingtan-2014.html": {"statistics/受理依申请公开信息总数/year": 1, "statistics/主动公开文件数/cumulative": 78967},
    "pingtan-2016.html": {"statistics/受理依申请公开信息总数/cumulative": 0, "statistics/主动公开文件数/year": 3460},
    "pingtan-2019.html": {"disclosure/procurement/amount_yuan": 75394432.52, "applications/unavailable.still_unclear/natural_person": 5},
    "pingtan-2020.html": {"disclosure/permits/change": 442, "applications/processed_total/total": 21, "applications/granted/total": 7},
    "pingtan-2021.html": {"disclosure/fees/amount_yuan": 242523110.82},
    "pingtan-2022.html": {"applications/new_received/total": 74, "applications/carried_in/total": 1},
    "pingtan-2023.html": {"disclosure/normative_documents/in_force": 470, "disclosure/fees/amount_yuan": 59490886.67},
    "hongze-2024.html": {"applications/other/total": 0, "applications/processed_total/total": 95, "disclosure/fees/amount_yuan": 75450000},
    "suqian-2023.txt": {"applications/new_received/total": 3511, "applications/carried_in/natural_person": 91},
    "huaian-2024.docx": {"applications/new_received/total": 3119, "applications/processed_total/total": 3050},
}


@pytest.mark.parametrize("name", SET_AGAIN)
def test_published_numbers_are_read(name: str):
    report = read_report(RAW / name)
    assert {path: report.reading(path).value for path in PUBLISHED[name]} == PUBLISHED[name]


def test_sums_that_the_authority_printed_wrong_stay_wrong():
    broken = {name: [(f.code, f.measure) for f in read_report(RAW / name).contents.findings] for name in SET_AGAIN}
    assert {name: found for name, found in broken.items() if found} == {
        "pingtan-2020.html": [("results", "natural_person"), ("results", "total")]
    }


def retypeset() -> ModuleType:
    spec = importlib.util.spec_from_file_location("retypeset", ROOT / "data" / "retypeset.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("row", [r for r in manifest() if r["path"] != REAL], ids=lambda row: row["path"])
def test_a_document_is_what_was_read_by_hand_set_again(row: dict[str, str], shared: Path):
    truth = json.loads((shared / "reports" / Path(row["path"]).stem / "truth.json").read_text(encoding="utf-8"))
    assert retypeset().document(truth, row["source_url"], row["path"].rpartition(".")[2]) == (RAW / row["path"]).read_bytes()
    report = read_report(RAW / row["path"])
    assert (report.year, report.form, report.title) == (truth["year"], truth["template"], truth["title"])
    typed = {
        f"{t}/{i}/{m}": v for t in ("disclosure", "applications", "review") for i, cells in truth[t].items() for m, v in cells.items()
    } or {(r["indicator"], n): v for r in truth["statistics"] for n, v in enumerate(r["values"])}
    read = {r.field.path: r.value for r in report.readings}
    if truth["template"] == "statistics":
        assert list(read.values()) == list(typed.values())
    else:
        assert {path: read[path] for path in typed} == typed
        assert all(read[path] is None for path in read.keys() - typed.keys())
