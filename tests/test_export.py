"""Files for spreadsheets: the same values, Chinese intact, and no text run as a formula."""

from __future__ import annotations

import csv

import openpyxl
import pytest
from by_hand import FORM, HOSTILE, READ, report, with_text
from hypothesis import given
from hypothesis import strategies as st

from gongkai.core.errors import UsageError
from gongkai.corpus.export import harmless, write_csv, write_excel
from gongkai.corpus.export.excel import LONGEST

TABLES = ("cells", "findings", "sections", "figures", "checks")

FORMULAS = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "@SUM(1)",
    "-1+1",
    "＝1+1",
    " =1",
    "\t=1",
    "\r=1",
    "-",
    "--",
    "-16",
    "+3",
    "—",
    "沁县",
    "",
    "'=1",
    "−16",
]


def rows_of(path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_holds_every_cell_and_opens_in_chinese(tmp_path):
    (path,) = write_csv(report(), tmp_path / "out" / "a.csv")
    assert path.read_bytes().startswith("\ufeffreport_id,".encode())
    rows = rows_of(path)
    assert len(rows) == 198 and list(rows[0]) == list(report().cells.columns)
    by_path = {f"{r['table']}/{r['item']}/{r['measure']}": r for r in rows}
    assert by_path["disclosure/procurement/amount_yuan"]["value"] == "14725700"
    assert by_path["disclosure/procurement/amount_yuan"]["printed"] == "1472.57 万元"
    assert by_path["review/reconsideration/upheld"]["value"] == "" and by_path["review/reconsideration/upheld"]["deduced"] == "0"


def test_csv_of_all_tables_is_a_folder(tmp_path):
    assert [p.name for p in write_csv(report(), tmp_path / "all")] == [
        *(f"{name}.csv" for name in (*TABLES, "codebook")),
        "datapackage.json",
        "README.md",
        "load.R",
    ]


def test_no_text_in_a_csv_begins_a_formula(tmp_path):
    texts = [r["text"] for r in rows_of(write_csv(with_text(*FORMULAS), tmp_path / "all")[2])]
    assert texts[:7] == [f"'{text}" for text in FORMULAS[:7]]
    assert texts[8:14] == FORMULAS[8:14]


@given(st.text())
def test_what_is_made_harmless_can_be_read_back(text):
    made = harmless(text)
    assert made in (text, f"'{text}")
    assert made[:1] not in ("=", "@", "＝", "＋", "－", "＠")


def test_harmless_never_maps_two_texts_to_one():
    assert len({harmless(t) for t in FORMULAS}) == len(FORMULAS)


def test_excel_holds_the_same_values_and_no_formula(tmp_path):
    book = openpyxl.load_workbook(write_excel(with_text(*FORMULAS, HOSTILE), tmp_path / "out" / "a.xlsx"))
    assert book.sheetnames == ["about", *TABLES, "codebook"]
    cells = [dict(zip(list(report().cells.columns), row, strict=True)) for row in book["cells"].iter_rows(min_row=2, values_only=True)]
    assert len(cells) == len(FORM.fields)
    amount = next(c for c in cells if c["measure"] == "amount_yuan")
    assert (amount["value"], amount["printed"], amount["deduced"]) == (14725700, "1472.57 万元", None)
    texts = [row[0] for row in book["sections"].iter_rows(min_row=2, min_col=4, max_col=4)]
    assert [(t.value or "").replace("_x000D_", "\r") for t in texts] == [*FORMULAS, HOSTILE]
    assert {c.data_type for sheet in book for row in sheet.iter_rows() for c in row} <= {"s", "n", "b", "inlineStr"}


def test_a_cell_without_a_number_is_empty_in_excel_and_never_zero(tmp_path):
    book = openpyxl.load_workbook(write_excel(report(), tmp_path / "a.xlsx"))
    rows = {"/".join(row[1:4]): row for row in book["cells"].iter_rows(min_row=2, values_only=True)}
    for path, reading in READ.items():
        assert rows[path][5] == reading.value and rows[path][7] == reading.status


def test_a_text_too_long_for_a_cell_goes_on_in_the_next_row(tmp_path):
    text = "县" * (2 * LONGEST + 5)
    book = openpyxl.load_workbook(write_excel(with_text(text), tmp_path / "a.xlsx"))
    parts = [row[3] for row in book["sections"].iter_rows(min_row=2, values_only=True)]
    assert len(parts) == 3 and "".join(parts) == text


def test_the_first_sheet_says_what_it_is_in_the_language_asked_for(tmp_path):
    for language, word in (("zh", "空白 (blank)"), ("en", "blank (blank)")):
        sheet = openpyxl.load_workbook(write_excel(report(), tmp_path / "a.xlsx", language))["about"]
        told = [str(c.value) for row in sheet.iter_rows() for c in row if c.value]
        assert word in told and report().document.sha256 in told


def test_the_same_report_gives_the_same_workbook(tmp_path):
    assert write_excel(report(), tmp_path / "a.xlsx").read_bytes() == write_excel(report(), tmp_path / "b.xlsx").read_bytes()


@pytest.mark.parametrize("name", ["a.csv", "a", "a.xls"])
def test_a_workbook_has_its_ending(tmp_path, name):
    with pytest.raises(UsageError, match=r"\.xlsx"):
        write_excel(report(), tmp_path / name)


def test_a_file_that_cannot_be_written_is_told_and_not_a_traceback(tmp_path):
    (tmp_path / "file").write_text("")
    for write, name in ((write_csv, "a.csv"), (write_excel, "a.xlsx")):
        with pytest.raises(UsageError):
            write(report(), tmp_path / "file" / name)
