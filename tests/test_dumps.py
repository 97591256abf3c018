"""Real pages in every other form in which a collector may have kept them, scored against what was read from them by hand."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from converters import browsed, converted, copied, emptied, flattened, printed, saved_otherwise

from gongkai import read_report

pytestmark = pytest.mark.long
PAGES = ("pingtan-2014", "pingtan-2016", "pingtan-2019", "pingtan-2020", "pingtan-2021", "pingtan-2022", "pingtan-2023")


@pytest.fixture(scope="session")
def scoring(shared: Path) -> ModuleType:
    """Return the rules by which readings of real reports are scored."""
    spec = importlib.util.spec_from_file_location("score", shared / "score.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# How a page is kept, and the share of what was read by hand that must be read right.
KEPT: dict[str, tuple[Callable[[Path, Path], bytes], float]] = {
    "gb18030": (saved_otherwise, 0.995),
    "pdf": (printed, 0.995),
    "docx": (converted("HTML (StarWriter)", "docx"), 0.995),
    "xlsx": (converted("HTML (StarCalc)", "xlsx:Calc MS Excel 2007 XML"), 0.995),
    "browser copy": (copied, 0.99),
    "w3m": (browsed(80), 0.98),
    "w3m, wide": (browsed(200), 0.98),
    "inscriptis": (flattened, 0.99),
}


@pytest.mark.parametrize("kept", KEPT)
def test_pages_read_alike_however_they_were_kept(kept: str, shared: Path, scoring: ModuleType, tmp_path: Path) -> None:
    convert, least = KEPT[kept]
    tally = scoring.Tally()
    for case in (shared / "reports" / name for name in PAGES):
        (tmp_path / case.name).mkdir()
        report = read_report(convert(case / "report.html", tmp_path / case.name))
        truth = json.loads((case / "truth.json").read_text(encoding="utf-8"))
        scoring.score_tables(truth, report.cells, tally)
        scoring.score_statistics(truth, report.cells, tally)
        scoring.score_prose(truth, report, tally)
        assert (report.year, report.form) == (truth["year"], truth["template"])
    assert tally["wrong"] == 0, tally.faults
    assert tally["right"] >= least * sum(tally.values()), tally.faults


def cells(data: bytes) -> dict[tuple[str | None, ...], tuple[float | None, str]]:
    """Return value and status of every cell; those of a list by their labels."""
    names = ((r.label if r.field.table == "statistics" else r.field.item, r.field.measure, r) for r in read_report(data).readings)
    return {(r.field.table, label, measure): (r.value, r.status) for label, measure, r in names}


@pytest.mark.parametrize("share", [0.3, 0.6], ids=["three of ten", "six of ten"])
@pytest.mark.parametrize("kept", ["browser copy", "inscriptis"])
def test_pages_with_many_blanks_read_alike_however_they_were_kept(kept: str, share: float, shared: Path, tmp_path: Path) -> None:
    convert = KEPT[kept][0]
    right = wanted = 0
    for n, name in enumerate(PAGES):
        (tmp_path / name).mkdir()
        page = tmp_path / name / "report.html"
        page.write_text(emptied(shared / "reports" / name / "report.html", share, seed=n), encoding="utf-8")
        shown, read = cells(page.read_bytes()), cells(convert(page, tmp_path / name))
        assert {key: value for key, (value, _) in read.items() if value is not None and shown.get(key, ("", ""))[0] != value} == {}, name
        wanted += len(shown)
        right += sum(
            read.get(key, (None, ""))[0] == value and (value is not None or read[key][1] == why) for key, (value, why) in shown.items()
        )
    assert right >= 0.99 * wanted, (right, wanted)
