"""Corrections made by hand: applied where they fit what is printed, refused where they do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from gongkai import read_report
from gongkai.core.errors import StaleCorrection, UsageError
from gongkai.extract.corrections import Correction, read_corrections, refuse_unmatched
from gongkai.forms import load_form
from gongkai.synthetic.writers import Story, layout, to_html

PATH = "applications/granted/total"


def document(**cells: str) -> bytes:
    form = load_form("2021")
    values = {f.path: 0 for f in form.fields if f.item != "other"}
    return to_html(form, layout(form, {**values, **cells}), Story("甲县", 2022)).encode()


def corrected(value: float | None, printed: str = "l2"):
    source = document(**{PATH: "l2"})
    report_id = read_report(source).report_id
    return read_report(source, corrections=[Correction(report_id, PATH, printed, value, "字母 l 应为数字 1")])


def test_a_correction_gives_the_value_and_a_finding_and_the_sums_are_checked_with_it() -> None:
    report = corrected(12)
    cell = report.reading(PATH)
    assert (cell.value, cell.status, cell.printed) == (12, "realigned", "l2")
    said = [f for f in report.contents.findings if f.code == "corrected"]
    assert [(f.observed, f.words["reason"]) for f in said] == [("12", "字母 l 应为数字 1")]
    assert {(f.code, f.measure) for f in report.contents.findings if f.code == "results"} == {("results", "total")}


def test_a_correction_without_a_value_takes_the_value_away() -> None:
    cell = corrected(None).reading(PATH)
    assert (cell.value, cell.status) == (None, "uncertain")


@pytest.mark.parametrize(("printed", "cell"), [("12", PATH), ("l2", "applications/nothing/total")])
def test_a_correction_that_no_longer_fits_is_refused(printed: str, cell: str) -> None:
    with pytest.raises(StaleCorrection):
        read_report(document(**{PATH: "l2"}), corrections=[Correction("0" * 12, cell, printed, 12, "x")])


def test_a_correction_of_a_document_that_is_not_there_is_refused() -> None:
    with pytest.raises(StaleCorrection, match="0000"):
        refuse_unmatched({"0000": (Correction("0000", PATH, "l2", 12, "x"),)}, {"1111"})


@pytest.mark.parametrize("row", ["a,b,c,1,", "a,b,c,zwölf,reason", "a,b,c"])
def test_a_faulty_row_is_named(tmp_path: Path, row: str) -> None:
    (tmp_path / "corrections.csv").write_text(f"report_id,cell,printed,value,reason\n{row}\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"corrections\.csv:2"):
        read_corrections(tmp_path)


def test_corrections_are_read_by_report(tmp_path: Path) -> None:
    (tmp_path / "corrections.csv").write_text("report_id,cell,printed,value,reason\na,b,c,,d\na,e,f,2,g\n", encoding="utf-8")
    assert {k: [c.value for c in v] for k, v in read_corrections(tmp_path).items()} == {"a": [None, 2]}
