"""What the PDF reader makes of rules, characters and page breaks; real reports, and pdfplumber as the second pair of eyes."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pdfs import LOCKED, Cell, Mark, Rule, Text, bare_pdf, pdf, table

from gongkai import ReportError, read_report
from gongkai.core.model import Row
from gongkai.core.text import is_value, squeeze
from gongkai.readers import read_document

REAL = ("hongze-2024", "huaian-2024", "suqian-2023")


def rows(*pages: list[Mark]) -> list[Row]:
    return list(read_document(pdf(*pages)).rows)


def texts(found: list[Row], kind: str) -> list[list[str]]:
    return [[squeeze(c.text) for c in row.cells] for row in found if row.kind == kind]


def grid(*pages: list[Mark]) -> list[list[str]]:
    return texts(rows(*pages), "grid")


# ---- real reports


def printed(report: Path) -> list[list[str]]:
    """Return the numbers of each row of the grids, row by row."""
    found = [[squeeze(c.text) for c in row.cells if is_number(c.text)] for row in read_document(report).rows if row.kind == "grid"]
    return [numbers for numbers in found if numbers]


def is_number(text: str | None) -> bool:
    return bool(text) and is_value(text) and any(c.isdigit() for c in text)


def values(entry: dict) -> Iterator[list[float]]:
    yield from ([v for v in measures.values() if v is not None] for measures in entry.values())


@pytest.mark.parametrize("name", REAL)
def test_every_number_of_a_real_report_stands_in_its_row(name: str, shared: Path) -> None:
    truth = json.loads((shared / "reports" / name / "truth.json").read_text(encoding="utf-8"))
    wanted = [row for row in values(truth["applications"]) if row]
    review = [v for row in values(truth["review"]) for v in row]
    found = [[float(n) for n in row] for row in printed(shared / "reports" / name / "report.pdf")]
    assert [row for row in found if len(row) == 7] == wanted
    assert [row for row in found if len(row) == 15] == [review]
    disclosure = [row for row in values(truth["disclosure"]) if row]
    assert [row for row in found if len(row) == 3] + [row for row in found if len(row) == 1][:-1] == disclosure[:-1]


@pytest.mark.parametrize("name", REAL)
def test_pdfplumber_finds_the_same_numbers_in_the_same_rows(name: str, shared: Path) -> None:
    pdfplumber = pytest.importorskip("pdfplumber")
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    path = shared / "reports" / name / "report.pdf"
    with pdfplumber.open(path) as book:
        lines = [line for page in book.pages for found in page.dedupe_chars().extract_tables() for line in found]
    theirs = [[squeeze(cell) for cell in line if is_number(cell)] for line in lines]
    assert printed(path) == [numbers for numbers in theirs if numbers]


@pytest.mark.parametrize("name", REAL)
def test_a_real_report_is_read_without_a_cell_wrong_or_missed(name: str, shared: Path) -> None:
    truth = json.loads((shared / "reports" / name / "truth.json").read_text(encoding="utf-8"))
    report = read_report(shared / "reports" / name / "report.pdf")
    known = {(t, i, m): v for t in ("disclosure", "applications", "review") for i, row in truth[t].items() for m, v in row.items()}
    got = {(c.table, c.item, c.measure): c.value for c in report.cells.dropna(subset="value").itertuples()}
    assert got == {key: value for key, value in known.items() if value is not None}
    assert report.year == truth["year"]


def test_a_real_report_says_where_each_row_stands(shared: Path) -> None:
    found = [row for row in read_document(shared / "reports" / "huaian-2024" / "report.pdf").rows if row.kind == "grid"]
    places = [row.where for row in found if "其他法律行政法规禁止公开" in row.cells[0].text or "没有现成信息" in row.cells[0].text]
    assert places == ["p4 t2 r9 c3", "p5 t2 r17 c3"]


def test_characters_printed_twice_and_radicals_are_read_as_a_reader_sees_them(shared: Path) -> None:
    text = "".join(c.text for row in read_document(shared / "reports" / "suqian-2023" / "report.pdf").rows for c in row.cells)
    assert "行政许可" in text and "1.本机关不掌握相关政府信息" in text
    assert not re.search("[\u2e80-\u2fdf]", text)


# ---- tables


LABELS = ["（三）不予公开", "1.属于国家秘密", "2.其他法律行政法规禁止公开"]
WIDTHS = [80, 150, 40, 40]
SPANNED: list[list[Cell]] = [
    [("信息内容", 2, 1), ("数量", 2, 1)],
    [(LABELS[0], 1, 2), LABELS[1], "12", "0"],
    [LABELS[2], "3", ""],
]


def test_merged_cells_stand_where_they_start_with_the_columns_that_they_cover() -> None:
    found = [[(c.text, c.x0, c.x1) for c in row.cells] for row in rows(table(SPANNED, WIDTHS))]
    assert found == [
        [("信息内容", 0, 2), ("数量", 2, 4)],
        [(LABELS[0], 0, 1), (LABELS[1], 1, 2), ("12", 2, 3), ("0", 3, 4)],
        [(LABELS[2], 1, 2), ("3", 2, 3), ("", 3, 4)],
    ]


def test_tables_that_do_not_touch_are_two_and_lines_stand_between_them() -> None:
    page = [
        *table([["规章", "1"]], [60, 40], y=100),
        Text(60, 200, "三、收到和处理政府信息公开申请情况"),
        *table([["其他", "2"]], [60, 40], y=240),
    ]
    assert [(r.kind, r.table, r.where) for r in rows(page)] == [
        ("grid", 1, "p1 t1 r1 c1"), ("line", 0, "p1 line 1"), ("grid", 2, "p1 t2 r1 c1"),
    ]  # fmt: skip


def test_a_label_written_downwards_is_one_cell() -> None:
    page = table([[("三\n、\n本\n年\n度\n结\n果", 1, 2), "（一）予以公开", "7"], ["（二）部分公开", "8"]], [20, 120, 40], height=60)
    assert grid(page) == [["三、本年度结果", "（一）予以公开", "7"], ["（二）部分公开", "8"]]


@pytest.mark.parametrize("turn", [90, 270])
def test_turned_heads_are_read(turn: int) -> None:
    rules = [m for m in table([["", ""], ["1", "2"]], [40, 40], height=60) if isinstance(m, Rule)]
    heads = [Text(75, 150, "结果维持", 8, turn), Text(115, 150, "结果纠正", 8, turn)]
    assert grid([*rules, *heads, Text(70, 195, "1"), Text(110, 195, "2")]) == [["结果维持", "结果纠正"], ["1", "2"]]


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_a_page_that_the_viewer_turns_is_read_as_it_is_seen(turned: int) -> None:
    import pypdfium2

    book = pypdfium2.PdfDocument(pdf(table(SPANNED, WIDTHS)))
    book[0].set_rotation(turned)
    out = io.BytesIO()
    book.save(out)
    assert texts(list(read_document(out.getvalue()).rows), "grid") == grid(table(SPANNED, WIDTHS))


def test_a_table_without_outer_rules_keeps_its_outer_columns() -> None:
    inner = [Rule(60, y, 200, y) for y in (100, 120, 140)] + [Rule(x, 100, x, 140) for x in (110, 150)]
    cells = [
        Text(62, 114, "规章"),
        Text(112, 114, "0"),
        Text(152, 114, "1"),
        Text(62, 134, "行政许可"),
        Text(112, 134, "2"),
        Text(152, 134, "3"),
    ]
    assert grid([*inner, *cells]) == [["规章", "0", "1"], ["行政许可", "2", "3"]]


def test_a_frame_is_no_table() -> None:
    frame = [Rule(40, 40, 500, 40), Rule(40, 300, 500, 300), Rule(40, 40, 40, 300), Rule(500, 40, 500, 300)]
    assert [r.kind for r in rows([*frame, Text(60, 100, "二、主动公开政府信息情况"), Text(60, 130, "全年主动公开12条。")])] == [
        "line",
        "line",
    ]


# ---- characters


@pytest.mark.parametrize("offset", [(0, 0), (0.3, 0), (0.3, 0.3)])
def test_type_made_bold_by_printing_twice_counts_once(offset: tuple[float, float]) -> None:
    page = table([["本年新收", "3402"]], [80, 60])
    twice = [m._replace(x=m.x + offset[0], y=m.y + offset[1]) for m in page if isinstance(m, Text)]
    assert grid([*page, *twice]) == [["本年新收", "3402"]]


def test_equal_digits_beside_each_other_stay_two() -> None:
    assert grid(table([["本年新收", "1110077"]], [80, 60])) == [["本年新收", "1110077"]]


def test_a_raised_digit_is_no_part_of_the_number() -> None:
    page = [*table([["本年新收", "3"]], [80, 60]), Text(148, 110, "2", 5)]
    assert grid(page) == [["本年新收", "3"]]


def test_numbers_printed_over_each_other_are_not_one_number() -> None:
    page = [*table([["本年新收", "38"]], [80, 60]), Text(145, 114, "7")]
    (row,) = rows(page)
    assert len(row.cells[1].text.split()) > 1


def test_a_watermark_across_the_table_is_no_part_of_it() -> None:
    page = [*table([["本年新收", "38"], ["上年结转", "4"]], [80, 60]), Text(70, 150, "样稿样稿", 14, 45)]
    assert grid(page) == [["本年新收", "38"], ["上年结转", "4"]]


# ---- page breaks

FOOT, TOP = 740, 60


def broken(above: list[list[Cell]], below: list[list[Cell]], widths: list[float] | None = None) -> list[list[str]]:
    """Print a table whose last rows stand on the next page."""
    widths = widths or [180, 40, 40]
    return grid(
        [*table(above, widths, y=FOOT - 20 * len(above)), Text(280, 800, "- 1 -")], [*table(below, widths, y=TOP), Text(280, 800, "- 2 -")]
    )


def test_a_table_goes_on_over_a_page_break() -> None:
    pages = [[*table([["规章", "1"]], [60, 40], y=700), Text(280, 800, "- 1 -")], table([["行政许可", "2"]], [60, 40], y=TOP)]
    found = [r for r in rows(*pages) if r.kind == "grid"]
    assert [(r.table, r.where) for r in found] == [(1, "p1 t1 r1 c1"), (1, "p2 t1 r2 c1")]


def test_another_table_after_its_heading_begins_anew() -> None:
    below = [Text(60, 60, "三、收到和处理政府信息公开申请情况"), *table([["其他", "2"]], [60, 40], y=100)]
    found = [r for r in rows(table([["规章", "1"]], [60, 40], y=700), below) if r.kind == "grid"]
    assert [r.table for r in found] == [1, 2]


def test_a_label_that_the_break_cuts_is_whole_again() -> None:
    long = "5.要求行政机关确认或重新出具已获取"
    assert broken([["4.重复", "0", "1"], [long, "2", "3"]], [["信息", "", ""], ["（六）其他", "4", "5"]]) == [
        ["4.重复", "0", "1"], [long + "信息", "2", "3"], ["（六）其他", "4", "5"],
    ]  # fmt: skip


def test_a_label_whose_numbers_stand_on_the_next_page_is_whole_again() -> None:
    long = "5.要求行政机关确认或重新出具已获取"
    assert broken([["4.重复", "0", "1"], [long, "", ""]], [["信息", "2", "3"], ["（六）其他", "4", "5"]])[1] == [long + "信息", "2", "3"]


def test_numbers_without_a_label_belong_to_the_label_before_the_break() -> None:
    assert broken([["4.重复", "0", "1"], ["（六）其他", "", ""]], [["", "2", "3"]])[1:] == [["（六）其他", "2", "3"]]


COMPLETE = [
    ([["规章", "", ""]], [["行政规范性文件", "3", "8"]]),
    ([["规章", "1", "2"]], [["行政规范性文件", "", ""]]),
    ([["规章", "", ""]], [["行政规范性文件", "", ""]]),
    ([["3.要求提供公开出版物", "0", "1"]], [["4.无正当理由大量反复申请", "", ""]]),
    ([["4.无正当理由大量反复申请及其他一二三", "", ""]], [["5.要求行政机关确认", "0", "1"]]),
    ([["信息内容", "制发", "废止"]], [["规章", "", ""]]),
    ([["结果维持", "结果纠正", "总计"]], [["1", "0", "1"]]),
]


@pytest.mark.parametrize("above, below", COMPLETE)
def test_two_complete_rows_are_never_made_one(above: list[list[Cell]], below: list[list[Cell]]) -> None:
    assert broken(above, below) == [[str(c) for c in line] for line in (*above, *below)]


def test_a_merged_label_that_the_break_cuts_is_whole_again() -> None:
    above: list[list[Cell]] = [[("（四）无", 1, 2), "1.本机关不掌握", "7", "7"], ["2.没有现成信息", "1", "1"]]
    below: list[list[Cell]] = [[("法提供", 1, 2), "3.补正后", "0", "0"], ["4.其他", "0", "0"]]
    found = broken(above, below, [60, 120, 40, 40])
    assert found[0][0] == "（四）无法提供"
    assert found[2:] == [["3.补正后", "0", "0"], ["4.其他", "0", "0"]]


def test_blank_cells_under_tall_heads_stay_cells_on_the_next_page() -> None:
    above: list[list[Cell]] = [[("结果维持", 1, 2), ("未经复议", 2, 1)], ["结果维持", "总计"]]
    assert broken(above, [["", "2", "2"]], [60, 60, 60])[2:] == [["", "2", "2"]]


def test_a_head_that_the_next_page_repeats_is_left_as_it_is() -> None:
    head: list[Cell] = ["信息内容", "制发", "废止"]
    assert broken([head, ["规章", "1", "2"]], [head, ["行政规范性文件", "3", "4"]]) == [
        head,
        ["规章", "1", "2"],
        head,
        ["行政规范性文件", "3", "4"],
    ]


def test_a_row_that_no_rule_ends_is_cut() -> None:
    open_row = [
        m
        for m in table([["（一）予以公开", "1"], ["（二）部分公开", ""]], [120, 40], y=FOOT - 40)
        if m not in (Rule(60, FOOT, 180, FOOT), Rule(180, FOOT, 220, FOOT))
    ]
    open_top = [m for m in table([["", "2"]], [120, 40], y=TOP) if m not in (Rule(60, TOP, 180, TOP), Rule(180, TOP, 220, TOP))]
    assert grid(open_row, open_top) == [["（一）予以公开", "1"], ["（二）部分公开", "2"]]


def test_heads_and_feet_that_every_page_repeats_do_not_stand_in_a_sentence() -> None:
    pages = [[Text(60, 30, "2025/3/1 某县政府信息公开年报"), Text(60, 100, t), Text(60, 820, f"{n}/3")] for n, t in enumerate("甲乙丙", 1)]
    assert [c.text for r in rows(*pages) for c in r.cells] == ["甲", "1/3", "乙", "2/3", "丙", "3/3"]


def test_rows_of_equal_numbers_on_every_page_are_no_heads_or_feet() -> None:
    page = bare([("规章", ["0", "1", "2"]), ("", ["0", "0", "0"])])
    assert texts(rows(page, page), "spaces") == [["规章", "0", "1", "2"], ["0", "0", "0"]] * 2


# ---- tables without rules


def bare(lines: list[tuple[str, list[str]]], y: float = 100, step: float = 24) -> list[Mark]:
    cells = [Text(60, y + step * i, label) for i, (label, _) in enumerate(lines) if label]
    return cells + [Text(260 + 40 * k, y + step * i, v) for i, (_, numbers) in enumerate(lines) for k, v in enumerate(numbers) if v]


def test_without_rules_the_places_of_the_numbers_tell_the_columns() -> None:
    found = rows(bare([("规章", ["0", "12", "3"]), ("行政许可", ["4", "", "6"]), ("行政处罚", ["7", "8", "9"])]))
    assert [r.kind for r in found] == ["spaces"] * 3
    columns = [{(c.text): (c.x0, c.x1) for c in r.cells} for r in found]
    assert columns[0]["3"][0] == columns[1]["6"][0] == columns[2]["9"][0]


def test_a_number_that_touches_its_label_is_a_cell() -> None:
    page = [*bare([("规章", ["0", "12", "3"]), ("", ["4", "5", "6"])]), Text(259 - 10 * 10, 124, "其他对外管理服务事项")]
    assert texts(rows(page), "spaces")[1] == ["其他对外管理服务事项", "4", "5", "6"]


def test_a_label_above_and_below_its_numbers_is_whole() -> None:
    page = [
        *bare([("1.重复申请", ["0", "1", "1"]), ("", ["2", "3", "5"])]),
        Text(60, 117, "5.要求行政机关确认或重新"),
        Text(60, 130, "出具已获取信息"),
    ]
    assert texts(rows(page), "spaces")[1] == ["5.要求行政机关确认或重新出具已获取信息", "2", "3", "5"]


def test_a_number_a_little_off_its_line_stays_in_its_row() -> None:
    page = [*bare([("规章", ["0", "", "3"]), ("行政许可", ["4", "5", "6"])]), Text(300, 106, "2")]
    assert texts(rows(page), "spaces")[0] == ["规章", "0", "2", "3"]


def test_heads_at_different_heights_are_one_row_in_the_order_of_their_columns() -> None:
    heads = [Text(300, 64, "对外"), Text(260, 74, "本年新"), Text(260, 86, "制作"), Text(340, 70, "总数")]
    found = texts(rows([*heads, *bare([("规章", ["0", "1", "2"]), ("行政许可", ["4", "5", "6"])])]), "spaces")
    assert found[0] == ["本年新制作", "对外", "总数"]


def test_prose_with_numbers_stays_prose() -> None:
    lines = ["全年共收到政府信息公开申请 12 件，其中自然人 10 件，", "法人 2 件，均已办结。联系电话 0591 - 2316 。"]
    assert [r.kind for r in rows([Text(60, 100 + 20 * i, t) for i, t in enumerate(lines)])] == ["line", "line"]


# ---- what is no text


UNREADABLE = {
    "a scan": (bare_pdf(b"0 0 1 rg 10 10 200 200 re f"), "扫描件", "a scan"),
    "text laid unseen under a scan": (bare_pdf(b"BT /F 12 Tf 3 Tr 20 200 Td (12345) Tj ET"), "扫描件", "a scan"),
    "an encrypted file": (bare_pdf(b"BT /F 12 Tf 20 200 Td (1) Tj ET", LOCKED), "加密", "encrypted"),
    "a truncated file": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "损坏", "damaged"),
    "noise": (b"%PDF-1.7\n" + bytes(range(256)) * 40, "损坏", "damaged"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_pdf_without_text_says_so_in_both_languages(name: str) -> None:
    data, zh, en = UNREADABLE[name]
    with pytest.raises(ReportError) as caught:
        read_document(data)
    assert zh in caught.value.in_language("zh")
    assert en in caught.value.in_language("en")


def test_characters_without_meaning_are_counted_as_lost() -> None:
    lost = bare_pdf(b"BT /F 12 Tf 20 200 Td (12) Tj ET").replace(
        b"/BaseFont/Helvetica", b"/BaseFont/Helvetica/Encoding<</Differences[49/g1]>>"
    )
    document = read_document(lost)
    assert document.damage or document.rows[0].cells[0].text != "12"


def test_a_truncated_real_report_is_read_or_refused_and_never_crashes(shared: Path) -> None:
    data = (shared / "reports" / "huaian-2024" / "report.pdf").read_bytes()
    for share in (0.1, 0.5, 0.9, 0.99):
        with contextlib.suppress(ReportError):
            read_document(data[: int(len(data) * share)])


def test_threads_may_read_at_once(shared: Path) -> None:
    path = shared / "reports" / "hongze-2024" / "report.pdf"
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: read_document(path).rows, range(8)))
    assert all(f == found[0] for f in found)


def test_what_the_file_says_about_itself_is_kept_but_not_believed_as_a_date(shared: Path) -> None:
    document = read_document(shared / "reports" / "hongze-2024" / "report.pdf")
    assert document.meta["title"] == "政府信息公开工作年度报告"
    assert not {"pubdate", "creationdate"} & document.meta.keys()
    assert (document.format, document.reader.split()[0]) == ("pdf", "pdfium")


def test_heads_above_blank_columns_are_columns_too() -> None:
    heads = [
        Text(x, y, t)
        for x, t in ((60, "结果"), (84, "其他"), (108, "尚未"))
        for y, t in ((70, t), (82, {"结果": "维持", "其他": "结果", "尚未": "审结"}[t]))
    ]
    found = rows([*heads, Text(60, 110, "3"), Text(108, 110, "3")])
    assert texts(found, "spaces") == [["结果维持", "其他结果", "尚未审结"], ["3", "3"]]
    assert [c.x0 for c in found[0].cells][::2] == [c.x0 for c in found[1].cells]


def test_a_table_without_rules_goes_on_over_the_page_break() -> None:
    heads = [Text(260, 780, "本年新"), Text(300, 780, "本年新"), Text(260, 792, "制作"), Text(300, 792, "公开")]
    found = rows([*heads, Text(280, 820, "- 1 -")], bare([("规章", ["0", "1"]), ("行政许可", ["4", "5"])], y=60))
    assert texts(found, "spaces") == [["本年新制作", "本年新公开"], ["规章", "0", "1"], ["行政许可", "4", "5"]]


def test_a_label_whose_numbers_are_blank_takes_none_from_the_row_below() -> None:
    page = [*bare([("1.重复申请", ["0", "1", "1"])]), Text(60, 124, "5.要求行政机关确认或重新"), Text(60, 136, "出具已获取信息")]
    found = texts(rows([*page, *bare([("（六）其他处理", ["2", "3", "5"])], y=160)]), "spaces")
    assert found == [["1.重复申请", "0", "1", "1"], ["（六）其他处理", "2", "3", "5"]]


def test_text_that_runs_over_the_end_of_its_rules_at_the_page_break_is_no_line() -> None:
    cut = [Rule(60, 760, 160, 760), *(Rule(x, 760, x, 780) for x in (60, 110, 160)), Rule(110, 780, 160, 780)]
    page = [*cut, Text(62, 774, "结果"), Text(112, 774, "总计"), Text(62, 786, "维持")]
    assert grid(page, table([["3", "3"]], [50, 50], y=TOP)) == [["结果维持", "总计"], ["3", "3"]]


def test_the_heads_of_units_and_of_a_year_that_nearly_touch_are_two() -> None:
    heads = [Text(84, 100, "指标名称"), Text(180, 100, "计量单位"), Text(222.5, 100, "2017年度"), Text(267, 100, "历年累计")]
    lines = [("主动公开文件数", "条", "3460", "85376"), ("受理申请数", "件", "12", "40"), ("行政复议数", "件", "0", "1")]
    cells = [
        Text(x, 124 + 20 * i, t) for i, line in enumerate(lines) for x, t in zip((70, 195, 234 - 2 * i, 275 + 2 * i), line, strict=True)
    ]
    found = texts(rows([*heads, *cells]), "spaces")
    assert found == [["指标名称", "计量单位", "2017年度", "历年累计"], *map(list, lines)]
