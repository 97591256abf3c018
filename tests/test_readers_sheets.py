"""What the reader of workbooks makes of merged cells, several sheets, numbers, and prose that stands in cells."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter

from gongkai import ReportError
from gongkai.core.model import Row
from gongkai.readers import read_document

Write = Callable[[Any, Any], None]


def xlsx(*sheets: Write) -> bytes:
    """Make a workbook, each sheet by a function of the sheet and the book."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for write in sheets:
            write(book.add_worksheet(), book)
    return out.getvalue()


def lines(*rows: list[Any]) -> Write:
    """Write plain rows; None leaves a cell out."""

    def write(sheet: Any, book: Any) -> None:
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if isinstance(value, datetime.date):
                    sheet.write_datetime(
                        r, c, datetime.datetime.combine(value, datetime.time()), book.add_format({"num_format": "yyyy-mm-dd"})
                    )
                elif value is not None:
                    sheet.write(r, c, value)

    return write


def read(*sheets: Write) -> list[Row]:
    return list(read_document(xlsx(*sheets)).rows)


def shown(rows: list[Row]) -> list[tuple[str, list[str]]]:
    return [(r.kind, [c.text for c in r.cells]) for r in rows]


def test_merged_cells_are_there_once_with_the_columns_that_they_cover() -> None:
    def write(sheet: Any, book: Any) -> None:
        sheet.merge_range("A1:B1", "信息内容")
        sheet.merge_range("C1:D1", "数量")
        sheet.merge_range("A2:A3", "（三）不予公开")
        for place, value in {"B2": "1.属于国家秘密", "C2": 12, "D2": 0, "B3": "2.其他法律", "C3": 3}.items():
            sheet.write(place, value)

    found = [[(c.text, c.x0, c.x1) for c in r.cells] for r in read(write)]
    assert found == [
        [("信息内容", 0, 2), ("数量", 2, 4)],
        [("（三）不予公开", 0, 1), ("1.属于国家秘密", 1, 2), ("12", 2, 3), ("0", 3, 4)],
        [("2.其他法律", 1, 2), ("3", 2, 3), ("", 3, 4)],
    ]
    assert [[c.where for c in r.cells] for r in read(write)][2] == ["sheet 1 r3 c2", "sheet 1 r3 c3", "sheet 1 r3 c4"]


NUMBERS = [
    (3, "3"), (3.0, "3"), (-8, "-8"), (24252.311082, "24252.311082"), (0.1 + 0.2, "0.3"), (12345678901.0, "12345678901"),
    (1e-7, "0.0000001"), ("3", "3"), ("０５", "０５"), ("3\n件", "3\n件"), (" — ", "—"), (datetime.date(2025, 1, 31), "2025-01-31"),
]  # fmt: skip


@pytest.mark.parametrize("value, text", NUMBERS)
def test_a_cell_is_read_as_printed(value: Any, text: str) -> None:
    (found,) = read(lines(["规章", value, 1]))
    assert found.cells[1].text == text


def test_titles_headings_and_prose_are_lines() -> None:
    rows = read(
        lines(
            ["某县2024年政府信息公开年度报告"], ["一、总体情况"], ["全年主动公开政府信息12条。"], [],
            ["二、主动公开政府信息情况"], ["信息内容", "制发", "废止"], ["规章", 0, 1],
            ["三、收到和处理政府信息公开申请情况"], ["申请人", "自然人", "总计"], ["一、本年新收", 2, 2],
            ["五、存在的主要问题及改进情况"], ["虽然取得了一定成绩，但还存在一些不足，主要是公开的深度不够。"],
        )
    )  # fmt: skip
    assert [kind for kind, _ in shown(rows)] == ["line"] * 4 + ["grid"] * 2 + ["line"] + ["grid"] * 2 + ["line"] * 2


def test_a_heading_merged_over_the_table_is_a_line() -> None:
    def write(sheet: Any, book: Any) -> None:
        lines(["规章", 1, 2], [], ["其他", 3, 4])(sheet, book)
        sheet.merge_range("A2:C2", "三、收到和处理政府信息公开申请情况")

    assert [kind for kind, _ in shown(read(write))] == ["grid", "line", "grid"]


def test_a_label_whose_cells_are_blank_stays_a_row_of_its_table() -> None:
    rows = read(lines(["信息内容", "制发", "废止"], ["规章"], ["行政规范性文件", 3, None], ["四、结转下年度继续办理"]))
    assert shown(rows)[1:] == [
        ("grid", ["规章", "", ""]),
        ("grid", ["行政规范性文件", "3", ""]),
        ("grid", ["四、结转下年度继续办理", "", ""]),
    ]


def test_a_label_beside_a_merged_one_whose_cells_are_blank_stays_a_row_before_rows_without_numbers() -> None:
    def write(sheet: Any, book: Any) -> None:
        lines(["（四）无法提供", "1.本机关不掌握", 3, 3], [None, "2.仍不明确"], ["（五）不予处理", "1.信访", None, None])(sheet, book)
        sheet.merge_range(0, 0, 1, 0, "（四）无法提供")

    assert shown(read(write))[1] == ("grid", ["2.仍不明确", "", ""])


def test_columns_in_which_nothing_stands_are_no_part_of_a_table() -> None:
    rows = read(lines([None, None, "规章", 1], [None, None, "行政许可", 2], [], ["很长的一段正文。", None, None, None, None, "旁注"]))
    assert [c.text for c in rows[0].cells] == ["规章", "1"]
    assert rows[0].cells[0].where == "sheet 1 r1 c3"


def test_sheets_follow_each_other_and_hidden_ones_are_not_printed() -> None:
    def hidden(sheet: Any, book: Any) -> None:
        lines(["草稿", 99])(sheet, book)
        sheet.hide()

    rows = read(lines(["规章", 1]), hidden, lines(["其他", 2]))
    assert [(r.table, r.where, r.cells[1].text) for r in rows] == [(1, "sheet 1 r1 c1", "1"), (2, "sheet 2 r1 c1", "2")]


def test_the_format_is_told_by_content(tmp_path: Any) -> None:
    path = tmp_path / "report.docx"
    path.write_bytes(xlsx(lines(["规章", 1])))
    assert read_document(path).format == "xlsx"


def far_corner() -> bytes:
    def write(sheet: Any, book: Any) -> None:
        sheet.write(0, 0, "规章")
        sheet.write(1_048_575, 16_383, 1)

    return xlsx(write)


def cut(data: bytes, name: str) -> bytes:
    """Leave one part out of an archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
    return out.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500
BAD = {
    "an empty sheet": (xlsx(lines([])), "without content"),
    "a far corner": (far_corner(), "cells"),
    "a lost part": (cut(xlsx(lines(["规章", 1])), "xl/worksheets/sheet1.xml"), "damaged"),
    "a DOC": (OLE + "WordDocument".encode("utf-16-le"), "a Word 97-2003 document"),
    "a broken XLS": (OLE + "Workbook".encode("utf-16-le"), "damaged or encrypted XLS"),
    "a locked workbook": (OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_workbook_is_a_clear_error(name: str) -> None:
    data, said = BAD[name]
    with pytest.raises(ReportError, match=said):
        read_document(data)
