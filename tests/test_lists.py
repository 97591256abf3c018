"""The stages of an indicator list, each alone, so that a failure says which step went wrong: words, heads, rows, outline."""

from __future__ import annotations

import pytest

from gongkai.core.model import Cell, Row
from gongkai.extract.lists.heads import read_head
from gongkai.extract.lists.kinds import kind_of, runs_of, words_of
from gongkai.extract.lists.listing import Entry, find_listings
from gongkai.extract.lists.outline import outline, unique_names
from gongkai.readers import read_document

HEAD = "统计指标\t单位\t统计数"


def rows(*lines: str) -> tuple[Row, ...]:
    return read_document("\n".join(lines).encode()).rows


def line(text: str) -> Row:
    return Row((Cell(text, 0, 1, "line 1"),), kind="line")


@pytest.mark.parametrize(
    ("text", "kind"),
    [("", "blank"), ("　", "blank"), ("12", "number"), ("1,024", "number"), ("5篇", "number"),
     ("—", "mark"), ("无", "mark"), ("万元", "unit"), ("当面申请数", "text"), ("1.当面申请数", "text"), ("、", "text"), ("2019年", "text")],
)  # fmt: skip
def test_a_cell_is_one_of_five_kinds(text: str, kind: str) -> None:
    assert kind_of(text) == kind


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("收到申请数 件 3", [("收到申请数", "件", "3")]),
        ("收到申请数 件3", [("收到申请数", "件", "3")]),
        ("收费金额元 1.5", [("收费金额", "元", "1.5")]),
        ("收到申请数 件 3 当面申请数 件 1", [("收到申请数", "件", "3"), ("当面申请数", "件", "1")]),
        ("1. 当面申请数 件 1", [("1.当面申请数", "件", "1")]),
        ("收到申请数 件 3 7", [("收到申请数", "件", "3 7")]),
    ],
)
def test_a_line_is_parted_into_labels_units_and_numbers(text: str, runs: list[tuple[str, str, str]]) -> None:
    found = [tuple(list(words) for words in run) for run in runs_of(list(words_of(line(text))))]
    assert [("".join(w.text for w in a), "".join(w.text for w in b), " ".join(w.text for w in c)) for a, b, c in found] == runs


@pytest.mark.parametrize(
    ("lines", "columns", "size"),
    [
        ([HEAD], [("label", ""), ("unit", ""), ("value", "year")], 1),
        (["指标名称 计量单位 2016年度 历年累计"], [("label", ""), ("unit", ""), ("value", "year"), ("value", "cumulative")], 1),
        (["指标名称", "单位", "统计数"], [("label", ""), ("unit", ""), ("value", "year")], 3),
        (["指标", "计量", "单位", "统计数"], [("label", ""), ("unit", ""), ("value", "year")], 4),
        (["序号\t项目\t单位\t数量"], [("code", ""), ("label", ""), ("unit", ""), ("value", "year")], 1),
        (["统计指标\t单位\t代码\t统计数", "甲\t乙\t丙\t1"], [("label", ""), ("unit", ""), ("code", ""), ("value", "year")], 2),
        (["统计指标\t单位\t区政府\t乡镇"], [("label", ""), ("unit", ""), ("value", "区政府"), ("value", "乡镇")], 1),
    ],
)
def test_a_head_says_what_each_column_holds(lines: list[str], columns: list[tuple[str, str]], size: int) -> None:
    (head,) = read_head(rows(*lines, "收到申请数\t件\t3"), 0)
    assert [(c.role, c.measure) for c in head.columns] == columns
    assert head.end - head.start == size


@pytest.mark.parametrize(
    "text", ["项目\t数量", "单位\t统计数", "统计指标\t单位\t3", "我县主动公开统计指标数据3条。", "申请人情况\t自然人\t总计"]
)
def test_other_lines_are_no_head(text: str) -> None:
    assert read_head(rows(text, "收到申请数\t件\t3"), 0) == ()


@pytest.mark.parametrize(
    ("lines", "entries"),
    [
        (["收到申请数\t件\t3", "当面申请数\t件\t—"], [("收到申请数", "件", ["3"], ""), ("当面申请数", "件", ["—"], "")]),
        (["收到申请数\t件\t3\t4", "当面申请数\t件\t1"], [("收到申请数", "件", ["3", "4"], "surplus"), ("当面申请数", "件", ["1"], "")]),
        (["收到申请数 件 3", "当面申请数 1"], [("收到申请数", "件", ["3"], ""), ("当面申请数", "", ["1"], "no_unit")]),
        (["收到申请数", "件", "3", "当面申请数", "件", "1"], [("收到申请数", "件", ["3"], ""), ("当面申请数", "件", ["1"], "")]),
        (["收到申请数", "件 3", "当面申请数 件 1"], [("收到申请数", "件", ["3"], "continued"), ("当面申请数", "件", ["1"], "")]),
        (
            ["收到申请数（指本年", "收到的） 件 3", "当面申请数 件 1"],
            [("收到申请数（指本年收到的）", "件", ["3"], ""), ("当面申请数", "件", ["1"], "")],
        ),
        (["收到申请数 件 3", "注：不含电话。", "当面申请数 件 1"], [("收到申请数", "件", ["3"], ""), ("当面申请数", "件", ["1"], "")]),
        (
            ["收到申请数 件 3", "当面申请数 件 1", "填报人：张三 联系电话：0591"],
            [("收到申请数", "件", ["3"], ""), ("当面申请数", "件", ["1"], "")],
        ),
    ],
)
def test_rows_below_a_head_keep_label_unit_and_cells(lines: list[str], entries: list[tuple[str, str, list[str], str]]) -> None:
    (found,) = find_listings(rows(HEAD if "\t" in lines[0] else HEAD.replace("\t", " "), *lines))
    assert [(e.label, e.unit, [c.text for c in e.cells], e.doubt) for e in found.entries] == entries


@pytest.mark.parametrize(
    ("row", "label", "cells", "doubt"),
    [
        ("5\t收到申请数\t件\t3", "收到申请数", ["5", "3"], "surplus"),
        ("收到申请数\t\t件\t3", "收到申请数", ["3"], ""),
        ("受理\t收到申请数\t件\t3", "收到申请数", ["3"], ""),
        ("收到申请数（不含\t件\t3\n电话）", "收到申请数（不含电话）", ["3"], ""),
    ],
)
def test_a_row_out_of_its_columns_is_read_by_what_its_cells_are(row: str, label: str, cells: list[str], doubt: str) -> None:
    (found,) = find_listings(rows(HEAD, row, "当面申请数\t件\t1"))
    entry = next(e for e in found.entries if e.cells)
    assert (entry.label, [c.text for c in entry.cells], entry.doubt) == (label, cells, doubt)


def test_a_row_of_another_table_ends_a_list() -> None:
    (found,) = find_listings(
        rows(HEAD.replace("\t", " "), "收到申请数 件 3", "当面申请数 件 1", "总计申请数 1 2 3 4 5 6 7", "网络申请数 件 1")
    )
    assert [e.label for e in found.entries] == ["收到申请数", "当面申请数"]


def test_a_number_without_a_row_is_named_and_in_no_row() -> None:
    (found,) = find_listings(rows(HEAD, "收到申请数\t件\t3", "\t\t9", "当面申请数\t件\t1"))
    assert [[c.text for c in e.cells] for e in found.entries] == [["3"], ["1"]]
    assert found.strays == (2,)


def test_a_list_on_another_matter_is_none() -> None:
    assert find_listings(rows(HEAD, "粮食产量\t吨\t3", "茶叶产量\t吨\t1", "水果产量\t吨\t1")) == ()


@pytest.mark.parametrize(
    ("labels", "parents", "names"),
    [
        (("收到申请数", "1.当面申请数", "2.网络申请数"), [None, 0, 0], ("收到申请数", "当面申请数", "网络申请数")),
        (
            ("一、复议数", "（一）维持数", "二、诉讼数", "（一）维持数"),
            [None, 0, None, 2],
            ("复议数", "复议数.维持数", "诉讼数", "诉讼数.维持数"),
        ),
        (("（一）答复数", "1.公开数", "其中：1.全部公开数", "2.不公开数"), [None, 0, 1, 1], ("答复数", "公开数", "全部公开数", "不公开数")),
        (("受理数", "受理数"), [None, None], ("受理数", "受理数.2")),
    ],
)
def test_numbering_says_what_stands_under_what(labels: tuple[str, ...], parents: list[int | None], names: tuple[str, ...]) -> None:
    nodes = outline([Entry([(label, 0)], 0, "grid", unit="件", cells=[Cell("1", 0, 1, "")]) for label in labels], True)
    assert [n.parent for n in nodes] == parents
    assert unique_names(nodes) == names
