"""Tables that browsers, crawlers and converters turned into text: an empty cell that leaves a mark counts, a program's leftovers do not."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai import read_report
from gongkai.core.text import width
from gongkai.readers import read_document

HEADS = ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"]
ROWS = [["规章", "", "", "14"], ["行政规范性文件", "17", "", ""], ["行政许可", "21574", "", ""], ["行政处罚", "", "3862", ""]]
TABLE = [HEADS, *ROWS]


def copied(gap: str) -> Callable[[Sequence[Sequence[str]]], str]:
    """Write a table as a browser copies it whose cells are paragraphs (two line ends) or blocks (one)."""
    cell, row = f"{gap}\t{gap}", f"{gap}\n{gap}"
    return lambda rows: row.join(cell.join(cells).replace(2 * gap, gap) for cells in rows)


def dense(rows: Sequence[Sequence[str]]) -> str:
    """Write a table as a crawler keeps it that drops empty lines, though not those of a tab."""
    return "\n".join("\n\t\n".join(cells) for cells in rows).replace("\n\n", "\n")


def pipes(rows: Sequence[Sequence[str]]) -> str:
    """Break the rows of a Markdown table behind each cell."""
    return "\n".join("\n".join([f"| {cells[0]} |", *(f"{c} |" if c else "|" for c in cells[1:])]) for cells in rows)


def commas(rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


KEPT = {
    "paragraphs in a browser": copied("\n\n"), "blocks in a browser": copied("\n"),
    "without empty lines": dense, "pipes": pipes, "commas": commas,
    "NaN": lambda rows: "\n".join(" | ".join(c or "NaN" for c in cells) for cells in rows),
}  # fmt: skip


@pytest.mark.parametrize("kept", KEPT)
def test_an_empty_cell_counts_where_it_leaves_a_mark(kept: str) -> None:
    text = f"甲县2022年报告\n\n{KEPT[kept](TABLE)}\n\n五、存在的问题\n"
    rows = [[c.text for c in row.cells] for row in read_document(text.encode()).rows if row.kind != "line"]
    assert rows[-len(ROWS) :] == ROWS


@settings(max_examples=60)
@given(
    kept=st.sampled_from(["paragraphs in a browser", "blocks in a browser", "pipes", "commas"]),
    rows=st.lists(st.lists(st.sampled_from(["", "0", "7", "1024"]), min_size=4, max_size=4), min_size=3, max_size=9),
)
def test_any_cells_may_be_empty(kept: str, rows: list[list[str]]) -> None:
    table = [
        ["项目甲", *HEADS[1:], "总计"],
        *([f"项目{'甲乙丙丁戊己庚辛壬'[i]}", *cells] for i, cells in enumerate(rows)),
        ["合计", "1", "2", "3", "4"],
    ]
    found = [
        [c.text for c in row.cells] for row in read_document(f"标题\n\n{KEPT[kept](table)}\n\n结束。\n".encode()).rows if row.kind != "line"
    ]
    if kept != "pipes" or sum(c == "" for cells in rows for c in cells) >= 3:
        assert [r for r in found if r[0] in {t[0] for t in table[1:]}][-len(rows) - 1 :] == table[1:]


def test_text_behind_a_copied_table_begins_no_row_and_heads_may_stand_on_two_lines() -> None:
    tables = copied("\n\n")
    heads = "（说明）\n\n\t\n\n总计\n\n\n\n\n商业\n\n企业\n\n\t\n\n科研\n\n机构\n\n\n\n\n一、新收\n\n\t\n\n3\n\n\t\n\n"
    text = f"前言\n\n{tables(TABLE)}\n\n三、收到和处理情况\n\n{heads}"
    rows = [(row.kind, [c.text for c in row.cells]) for row in read_document(text.encode()).rows]
    assert rows[-4:] == [
        ("line", ["三、收到和处理情况"]), ("grid", ["（说明）", "总计"]), ("grid", ["商业企业", "科研机构"]),
        ("grid", ["一、新收", "3", ""]),
    ]  # fmt: skip


def test_two_numbers_in_one_copied_cell_cannot_be_told() -> None:
    rows = read_document("\n\n\n\n\n".join(f"项目{i}\n\n\t\n\n21\n\n574" for i in range(6)).encode()).rows
    assert [(row.cells[1].text, row.cells[1].alternatives) for row in rows] == [("21\n574", ("21574", "21", "574"))] * 6


MERGED = [
    ["第二十条第（一）项"] * 4, HEADS, ["规章", "1", "0", "14"], ["行政规范性文件", "17", "6", "138"],
    ["第二十条第（五）项"] * 4,
    ["信息内容", *["本年处理决定数量"] * 3], ["行政许可", *["21574"] * 3], ["第二十条第（六）项"] * 4,
    ["信息内容", *["本年处理决定数量"] * 3],
    ["行政处罚", *["3862"] * 3], ["行政强制", *["245"] * 3], ["第二十条第（八）项"] * 4, ["信息内容", *["本年收费金额（单位：万元）"] * 3],
    ["行政事业性收费", *["1234.5"] * 3],
]  # fmt: skip
SHOWN = {
    "regulations/issued": 1.0, "regulations/repealed": 0.0, "normative_documents/in_force": 138.0, "permits/decisions": 21574.0,
    "penalties/decisions": 3862.0, "coercive_measures/decisions": 245.0, "fees/amount_yuan": 12_345_000.0,
}  # fmt: skip


def html(rows: Sequence[Sequence[str]]) -> str:
    return "<table>" + "".join("<tr>" + "".join(f"<td>{c}</td>" for c in cells) + "</tr>" for cells in rows) + "</table>"


def counted(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Number columns and rows from 0, as pandas does where they have no names."""
    return [["", *map(str, range(len(rows[0])))], *([str(i), *cells] for i, cells in enumerate(rows))]


WRITTEN: dict[str, Callable[[], str]] = {
    "commas": lambda: commas(MERGED),
    "commas, counted": lambda: commas(counted(MERGED)),
    "tabs": lambda: "\n".join("\t".join(cells) for cells in MERGED),
    "pipes": lambda: "\n".join(f"| {' | '.join(cells)} |" for cells in MERGED),
    "pipes below an empty head": lambda: "|  |  |  |  |\n|---|---|---|---|\n" + "\n".join(f"| {' | '.join(cells)} |" for cells in MERGED),
    "a page": lambda: html(MERGED),
    "a page, counted": lambda: html(counted(MERGED)),
}


@pytest.mark.parametrize("written", WRITTEN)
def test_merged_cells_that_a_program_wrote_out_are_one_again(written: str) -> None:
    text = f"甲县2022年政府信息公开工作年度报告\n\n二、主动公开政府信息情况\n\n{WRITTEN[written]()}\n\n结束。\n"
    report = read_report((text if "<" not in text else f"<html><p>{text}</html>").encode())
    readings = {r.field.path.removeprefix("disclosure/"): r for r in report.readings}
    assert {path: (readings[path].value, readings[path].status) for path in SHOWN} == {path: (v, "printed") for path, v in SHOWN.items()}
    assert [f for f in report.contents.findings if f.code == "unclaimed"] == []


def test_a_sheet_written_out_as_one_table_has_its_title_and_headings() -> None:
    sheet = [
        ["甲县2022年政府信息公开工作年度报告"],
        ["一、总体情况"],
        ["编制本年度报告，欢迎监督。"],
        ["二、主动公开政府信息情况"],
        *(row[:1] if len(set(row)) == 1 else row for row in MERGED),
    ]
    lines = [[*row, *["NaN"] * (4 - len(row))] for row in [*sheet, ["六、其他需要报告的事项"], ["无其他需要报告的事项。"]]]
    head = [lines[0][0], "Unnamed: 1", "Unnamed: 2", "Unnamed: 3"]
    report = read_report("\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * 4, *lines[1:]]).encode())
    assert (report.year, [s.title for s in report.contents.sections if s.title]) == (
        2022,
        ["总体情况", "主动公开政府信息情况", "其他需要报告的事项"],
    )
    assert {r.field.item for r in report.readings if r.value is not None and r.field.table == "disclosure"} >= {"permits", "penalties"}


@pytest.mark.parametrize(
    "line", ["2022年,我县主动公开信息3,240条,比上年多12条。", "规章  1,024  0  2,048", "规章 1,024 0 2,048", "收到申请3,240件,办结3,239件"]
)
def test_commas_in_sentences_and_numbers_part_no_cells(line: str) -> None:
    kinds = {row.kind for row in read_document(f"{line}\n{line}\n".encode()).rows}
    assert kinds <= {"line", "spaces"}


@pytest.mark.parametrize(
    ("lines", "read"),
    [(("指20", "19年增加"), "指2019年增加"), (("12", "34"), "12 34"), (("1,2", "34元"), "1,2 34元"), (("", "12", ""), "12")],
    ids=["a year in a head", "two numbers", "a number and an amount", "one number"],
)
def test_lines_of_a_drawn_cell_are_one_text_but_two_numbers_below_each_other(lines: tuple[str, ...], read: str) -> None:
    rows = "\n".join(f"│ {line}{' ' * (10 - width(line))} │ 0 │" for line in lines)
    text = f"甲县年度报告\n┌────────────┬───┐\n{rows}\n└────────────┴───┘\n"
    assert [c.text for row in read_document(text.encode()).rows for c in row.cells][-2] == read


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_no_text_is_taken_for_a_page_by_the_bytes_of_its_characters(encoding: str) -> None:
    """In UTF-16 the bytes of 值 are ``<`` and ``P``, a tag where no letter follows."""
    text = "甲县2024年政府信息公开工作年度报告\n减用负值，如\n"
    assert (document := read_document(text.encode(encoding))).format == "text" and len(document.rows) == 2
    assert read_document(f"<p>{text}</p>".encode(encoding)).format == "html"
