"""The documents of data/raw are those that were published: no byte of them ever changes."""

import csv
import hashlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
RAW = ROOT / "data" / "raw"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def manifest() -> list[dict[str, str]]:
    with (RAW / "manifest.csv").open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


def test_the_manifest_lists_every_document_once():
    assert sorted(row["path"] for row in manifest()) == sorted(p.name for p in RAW.iterdir() if p.name != "manifest.csv")


@pytest.mark.parametrize("row", manifest(), ids=lambda row: row["path"])
def test_a_document_has_the_hash_that_the_manifest_says(row):
    assert sha256(RAW / row["path"]) == row["sha256"]


def test_the_sample_is_the_document_as_it_came():
    original = ROOT.parent / "shared" / "reports" / "qinxian-2019" / "report.txt"
    if not original.exists():
        pytest.skip(f"the original is not beside this checkout: {original}")
    assert (RAW / "qinxian-2019.txt").read_bytes() == original.read_bytes()
