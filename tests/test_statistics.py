"""Indicator lists: each layout by hand, the real ones against the truth read by hand, and lists drawn at random, whole and damaged."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from indicator_lists import LAYOUTS, Printed, document, printed

from gongkai import read_report
from gongkai.core import findings
from gongkai.extract.lists.glued import part_lists
from gongkai.extract.lists.statistics import Statistics, read_statistics, with_statistics
from gongkai.forms import load_form
from gongkai.readers import read_document
from gongkai.report.view import form_html, form_text
from gongkai.synthetic.writers import Box, Sheet

Row = tuple[str, str, float | None, str]


def read(text: str | bytes) -> Statistics:
    found = read_statistics(part_lists(read_document(text if isinstance(text, bytes) else text.encode()).rows))
    assert found is not None
    return found


def rows(text: str | bytes) -> list[Row]:
    """Return item, measure, value with its unit or status."""
    return [(r.field.item, r.field.measure, r.value, r.field.unit if r.value is not None else r.status) for r in read(text).readings]


def codes(found: Statistics) -> list[str]:
    return [f.code for f in found.findings]


def table(*lines: str) -> str:
    """Write a page of one table; ``a|b`` are two cells, ``a*3`` is one over three columns, ``a^2`` one over two rows."""
    cells = [[re.fullmatch(r"(.*?)(?:\*(\d))?(?:\^(\d))?", cell) for cell in line.split("|")] for line in lines]
    tags = [[f'<td colspan="{c[2] or 1}" rowspan="{c[3] or 1}">{c[1]}</td>' for c in line if c] for line in cells]
    return f"<html><body><table>{''.join(f'<tr>{chr(10).join(line)}</tr>' for line in tags)}</table></body></html>"


def broken(text: str) -> str:
    return text.replace("/", "\n")


APPLIED = [("收到申请数", "year", 3.0, "件"), ("当面申请数", "year", 1.0, "件"), ("网络申请数", "year", 2.0, "件")]


PAGES = {
    "heading over all columns": table(
        "统计指标|单位|统计数", "依申请公开情况*3", "（一）收到申请数|件|3", "1.当面申请数|件|1", "3.网络申请数|件|2"
    ),
    "dashes": table(
        "指标名称|计量 单位|2014年度", "依申请公开|----|----", "收到申请数|件|3", "其中：1、当面申请数|件|1", "3、网络申请数|件|2"
    ),
    "codes and notes": table(
        "序号|统 计 指 标|单位|统计数|备注", "一|依申请公开||| ", "1|收到申请数|件|3|", "2|当面申请数|件|1|无", "3|网络申请数|件|2|"
    ),
    "merged label": table("统计指标*2|单位|统计数", "申请^3|收到申请数|件|3", "1.当面申请数|件|1", "3.网络申请数|件|2"),
    "unit in the head": table("指标|统计数（件）", "收到申请数|3", "①当面申请数|1", "③网络申请数|2"),
    "unit in the cells": table("指标|统计数", "收到申请数（件）|3", "1.当面申请数（单位：件）|1", "3.网络申请数|2件"),
    "tabs": "统计指标\t单位\t统计数\n三、依申请公开情况\t\t\n（一）收到申请数\t件\t3\n1.当面申请数\t件\t1\n3.网络申请数\t件\t2",
    "pipes": "| 指标名称 | 单位 | 本年数 |\n|---|---|---|\n| 收到申请数 | 件 | 3 |\n| 1.当面申请数 | 件 | 1 |\n| 3.网络申请数 | 件 | 2 |",
    "spaces": broken("指 标 名 称   计量单位   本期实际/收到申请数    件         3/当面申请数    件         1/网络申请数    件         2"),
    "words": "统计指标 单位 统计数\n（一）收到申请数 件 3\n1. 当面申请数 件 1\n3.网络申请数 件 2\n单位负责人：张三 联系电话 12345678",
    "line ends lost": "统计指标 单位 统计数\n（一）收到申请数 件 3\n1.当面申请数 件 1 3.网络申请数 件 2",
    "lines": broken(
        "统计指标/单位/统计数/三、依申请公开情况/（一）收到申请数/件/3/1.当面申请数/件/1/- 4 -/3.网络申请数/件/2/2017年1月18日"
    ),
    "pipes and lines": broken(
        "指标名称/| 计量/单位/| 统计数/|/甲/| 乙/| 1/|/收到申请数/| 件/| 3/|/其中:1.当面申请数/| 件/| 1/|/3.网络申请数/| 件/| 2/|"
    ),
    "lines with codes": broken("序号/统计指标/单位/统计数/一/依申请公开情况/1/收到申请数/件/3/2/当面申请数/件/1/3/网络申请数/件/2"),
    "glued": "某县。附表：统计指标单位统计数收到申请数件31.当面申请数件13.网络申请数件2",
    "on one line": "某县。附表：统计指标 单位 统计数 收到申请数 件 3 其中：1.当面申请数 件 1 3.网络申请数 件 2 2017年1月18日",
    "traditional": "統計指標\t單位\t統計數\n收到申请数\t件\t3\n1.当面申请数\t件\t1\n3.网络申请数\t件\t2",
}


@pytest.mark.parametrize("text", PAGES.values(), ids=PAGES)
def test_a_list_is_read_in_any_layout(text: str) -> None:
    found = [(item, measure, value, unit or "件") for item, measure, value, unit in rows(text)]
    assert found == APPLIED
    assert codes(read(text)) == (["realigned"] * 3 if "某县。" in text else [])  # on one line, a number may end where nothing says so


@pytest.mark.parametrize(
    "heads, measures",
    [
        ("2014年度|历年累计", ["year", "cumulative"]),
        ("本期实际|本年累计", ["year", "cumulative"]),
        ("二〇一四年度|累计数", ["year", "cumulative"]),
        ("区政府统计数|区直单位 统计数", ["区政府统计数", "区直单位统计数"]),
        ("2013年度|2014年度", ["2013年度", "2014年度"]),
        ("统计数|统计数", ["统计数", "统计数.2"]),
    ],
)
def test_a_column_is_named_by_its_head(heads: str, measures: list[str]) -> None:
    found = read(table(f"统计指标|单位|{heads}", "收到申请数|件|1|2", "申请办结数|件|3|4"))
    assert [r.field.measure for r in found.readings[:2]] == measures
    assert [r.value for r in found.readings] == [1, 2, 3, 4]


def test_heads_under_a_merged_head_name_the_columns() -> None:
    found = rows(table("统计指标^2|单位^2|统计数*2", "本级|全县汇总", "收到申请数|件|6|9", "申请办结数|件|7|8"))
    assert [f[1:3] for f in found] == [("本级", 6), ("全县汇总", 9), ("本级", 7), ("全县汇总", 8)]


def test_heads_that_repeat_under_merged_ones_keep_both() -> None:
    found = read(table("统计指标^2|单位^2|区政府*2|乡镇*2", "本年|累计|本年|累计", "收到申请数|件|1|2|3|4", "申请办结数|件|1|2|3|4"))
    assert [r.field.measure for r in found.readings[:4]] == ["区政府本年", "区政府累计", "乡镇本年", "乡镇累计"]
    assert [r.value for r in found.readings[:4]] == [1, 2, 3, 4]


def test_a_code_is_no_value() -> None:
    heads = "指标名称  计量单位  代码  本期实际  本年累计\n甲  乙  丙  1  2\n"
    text = heads + "收到申请数  件  10  1  4\n申请办结数  件  11  2  3\n当面申请数  件  12      2\n"
    assert [f[2] for f in rows(text)] == [1, 4, 2, 3, None, None]
    assert codes(read(text)) == ["uncertain"]


def test_lists_side_by_side_are_two() -> None:
    found = rows(table("统计指标|单位|统计数|统计指标|单位|统计数", "收到申请数|件|5|行政复议数|件|6", "申请办结数|件|7|行政诉讼数|件|8"))
    assert [f[::2] for f in found] == [("收到申请数", 5), ("申请办结数", 7), ("行政复议数", 6), ("行政诉讼数", 8)]


def test_a_list_goes_on_after_a_page() -> None:
    head, pages = (
        "统计指标|单位|统计数",
        (["四、行政复议数量|件|1", "（二）被依法纠错数|件|0"], ["五、行政诉讼数量|件|2", "（二）被依法纠错数|件|1"]),
    )
    again = table(head, *pages[0]) + "<p>- 3 -</p>" + table(head, *pages[1]) + "<p>4</p>" + table("六、举报投诉数量|件|9")
    assert [f[::2] for f in rows(again)] == [
        ("行政复议数量", 1), ("行政复议数量.被依法纠错数", 0), ("行政诉讼数量", 2), ("行政诉讼数量.被依法纠错数", 1), ("举报投诉数量", 9),
    ]  # fmt: skip


def test_a_label_cut_by_the_page_is_whole_again() -> None:
    first = table("统计指标|单位|统计数", "五、行政诉讼数量|件|1", "（一）维持具体行政行为或者驳回原告|件|0")
    found = read(first + table("诉讼请求数||", "（二）被依法纠错数|件|1", "六、举报投诉数量|件|9"))
    assert [(r.label, r.value) for r in found.readings[1:3]] == [
        ("（一）维持具体行政行为或者驳回原告诉讼请求数", 0), ("（二）被依法纠错数", 1),
    ]  # fmt: skip


def test_two_lists_of_the_same_rows_are_told_apart_by_their_titles() -> None:
    one = table("统计指标|单位|统计数", "收到申请数|件|6", "申请办结数|件|7")
    found = rows(f"<p>附件1 本机关统计表</p>{one}<p>附件2 全县汇总统计表</p>{one.replace('>6', '>16')}")
    assert [f[::2] for f in found] == [
        ("收到申请数", 6), ("申请办结数", 7), ("附件2全县汇总统计表.收到申请数", 16), ("附件2全县汇总统计表.申请办结数", 7),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "value, expected, unit, status",
    [
        ("1,234", 1234, "件", "printed"), ("１２", 12, "件", "printed"), ("5 件", 5, "件", "printed"), ("", None, "件", "blank"),
        ("—", None, "件", "mark"), ("无", None, "件", "mark"), ("约30", None, "件", "unreadable"), ("2.5", None, "件", "unreadable"),
        ("78 967", None, "件", "unreadable"), ("5万", None, "件", "unreadable"), ("0.35万元", 0.35, "万元", "printed"),
        ("<span>78</span><span>967</span>", 78967, "件", "printed"),
    ],
)  # fmt: skip
def test_a_value_is_kept_as_printed(value: str, expected: float | None, unit: str, status: str) -> None:
    first = read(table("统计指标|单位|统计数", f"收到申请数|件|{value}", "申请办结数|件|4")).readings[0]
    assert (first.value, first.field.unit, first.status) == (expected, unit, status)


@pytest.mark.parametrize(
    "line, code, candidates",
    [
        ("收到申请数\t件\t1", "uncertain", (1.0, None)),
        ("收到申请数\t件\t1\t2\t3", "uncertain", (1.0, 2.0, 12.0)),  # one too many, or 12 with a gap in it
        ("收到申请数\t件\t1\t", "uncertain", (1.0, None)),
        ("收到申请数\t件\t12", "uncertain", (12.0, None, 1.0)),
        ("收到申请数\t件\t10", "uncertain", (10.0, None, 1.0)),
        ("收到申请数\t件\t100", "uncertain", (100.0, None, 10.0)),  # no number begins with a zero: never 1 and 00
        ("收到申请数\t件", "uncertain", (None,)),
        ("\t件\t1\t2", "unclaimed", ()),
    ],
)
def test_a_row_that_does_not_fit_the_heads_is_not_guessed(line: str, code: str, candidates: tuple[float | None, ...]) -> None:
    found = read(f"统计指标\t单位\t2014年度\t历年累计\n主动公开文件数\t条\t1\t2\n{line}\n申请办结数\t件\t3\t4\n行政复议数\t件\t5\t6\n")
    own = [r for r in found.readings if r.field.item == "收到申请数"]
    assert [r.value for r in own] == [None] * len(own)
    assert [r.candidates for r in own[:1]] == [candidates] * bool(candidates)
    assert codes(found) == [code]
    assert [r.value for r in found.readings if r not in own] == [1, 2, 3, 4, 5, 6]


def test_label_and_number_in_one_cell_are_parted_with_a_finding() -> None:
    found = read(table("统计指标|统计数", "收到申请数：12件", "免予公开范围1|3", "申请办结数|4"))
    assert [(r.label, r.value, r.status) for r in found.readings] == [
        ("收到申请数", 12, "realigned"), ("免予公开范围1", 3, "printed"), ("申请办结数", 4, "printed"),
    ]  # fmt: skip
    assert codes(found) == ["realigned"]


def test_a_label_broken_over_lines_is_whole_again() -> None:
    text = "（一）维持具体行政行为或者驳回原告诉讼 件 1\n请求数\n其中：全文电子化的\n主动公开信息数 条 2\n申请办结数 件 3\n"
    text = "统计指标 单位 统计数\n" + text
    assert [r.label for r in read(text).readings] == [
        "（一）维持具体行政行为或者驳回原告诉讼请求数",
        "其中：全文电子化的主动公开信息数",
        "申请办结数",
    ]


def test_a_note_between_rows_is_no_row() -> None:
    found = read(table("统计指标|单位|统计数", "收到申请数|件|3", "注：收到申请数含上年结转2件。*3", "申请办结数|件|3", "备注*3"))
    assert [r.field.item for r in found.readings] == ["收到申请数", "申请办结数"]
    assert codes(found) == []


SUMS = (
    "统计指标|单位|统计数",
    "（一）收到申请数|件|{0}",
    "1.当面申请数|件|1",
    "2.传真申请数|件|{1}",
    "3.网络申请数|件|2",
    "4.信函申请数|件|0",
)


@pytest.mark.parametrize(
    "numbers, found, deduced",
    [
        (("3", "0"), [], None),
        (("4", "0"), [("statistics_total", "收到申请数", "year", "3", "4")], None),
        (("3", ""), [("blank", "传真申请数", "year", None, None), ("deduced", None, None, None, None)], 0.0),
    ],
)
def test_parts_that_the_list_numbers_add_up(numbers: tuple[str, str], found: list[tuple[str | None, ...]], deduced: float | None) -> None:
    statistics = read(table(*(line.format(*numbers) for line in SUMS)))
    assert [(f.code, f.item, f.measure, f.expected, f.observed) for f in statistics.findings] == found
    assert statistics.readings[2].deduced == deduced


def test_channels_of_disclosure_need_not_add_up() -> None:
    lines = ("统计指标|单位|统计数", "主动公开政府信息数|条|5", "1.政府网站公开数|条|5", "2.政府公报公开数|条|3")
    assert read(table(*lines)).checks == ()


def test_parts_of_which_one_is_missing_are_not_added_up() -> None:
    assert read(table(*(line.format(9, 0) for line in SUMS[:-1]))).checks == ()


@pytest.mark.parametrize(
    "text",
    [
        table("指标|单位|2015年", "地区生产总值|亿元|6", "粮食产量|吨|7"),
        table("信息内容|本年新制作数量|本年新公开数量|对外公开总数量", "规章|0|0|0", "规范性文件|1|2|3"),
        table("项目|数量", "公开预算|1", "公开决算|2"),
        "统计指标显示，我县主动公开政府信息12条。\n收到申请3件。\n",
    ],
)
def test_another_table_is_no_list(text: str) -> None:
    assert read_statistics(read_document(text.encode()).rows) is None


@pytest.mark.parametrize("name", ["pingtan-2014", "pingtan-2016"])
def test_a_real_list_reads_as_it_was_read_by_hand(shared: Path, name: str) -> None:
    truth = json.loads((shared / "reports" / name / "truth.json").read_text(encoding="utf-8"))
    found = read((shared / "reports" / name / "report.html").read_bytes())
    expected = [(row["indicator"], row["unit"], value) for row in truth["statistics"] for value in row["values"]]
    assert [(r.label, r.field.unit, r.value) for r in found.readings] == expected
    assert [r.field.measure for r in found.readings[:2]] == ["year", "cumulative"]
    assert {c.state for c in found.checks} == {"holds"} and len(found.checks) == 4
    assert found.findings == ()


@pytest.mark.parametrize("name", ["guangzhou-beijingjie-2020", "pingtan-2019", "pingtan-2021", "shuyang-2025", "wuhan-ecology-2020"])
def test_no_other_edition_prints_a_list(shared: Path, name: str) -> None:
    source = next((shared / "reports" / name).glob("report.*"))
    assert read_statistics(read_document(source).rows) is None


def test_a_report_carries_its_list_through() -> None:
    report = read_report(
        document(Printed(("2016年度", "历年累计"), (("收到申请数", "件", "1", "7"), ("申请办结数", "件", "", "5"))).sheet, "html")
    )
    assert report.form == "statistics"
    assert list(report.cells["unit"]) == ["件"] * 4
    assert report.reading("statistics/收到申请数/cumulative").value == 7
    assert "申请办结数" in report.explain("statistics/申请办结数/year")
    assert report.table("statistics").shape == (2, 2)


@given(printed(), st.sampled_from(LAYOUTS))
def test_a_list_reads_back_unchanged(one: Printed, layout: str) -> None:
    found = read(document(one.sheet, layout))
    assert values(found) == {key: [number(text) for text in texts] for key, texts in one.truth.items()}
    assert {r.status for r in found.readings} == {"printed"}
    assert set(codes(found)) <= {"statistics_total"}
    shorts = [r.field.short for r in found.readings]
    assert len(set(shorts)) == len(shorts) == len({r.field.path for r in found.readings})
    assert all(len(s) <= 24 for s in shorts)


@given(printed(st.one_of(st.just(""), st.integers(0, 99).map(str), st.sampled_from(("—", "/", "无")))))
def test_blank_and_mark_stay_apart_in_a_table(one: Printed) -> None:
    found = read(document(one.sheet, "html"))
    assert values(found) == {key: [number(text) for text in texts] for key, texts in one.truth.items()}
    printed_texts = [text for _, unit, *texts in one.rows if unit for text in texts]
    assert [r.status for r in found.readings] == ["blank" if not t else "printed" if t.isdigit() else "mark" for t in printed_texts]


@given(printed(), st.sampled_from(LAYOUTS), st.data())
def test_a_damaged_row_gives_no_other_number(one: Printed, layout: str, data: st.DataObject) -> None:
    index = data.draw(st.sampled_from(one.indicators))
    sheet = damaged(one.sheet, index, data)
    found = read(document(sheet, layout))
    truth = {key: {number(text) for text in texts} for key, texts in one.truth.items()}
    label, own = one.rows[index - 1][0], {number(text) for text in one.rows[index - 1][2:]}
    wrong = [
        r for r in found.readings
        if r.value is not None and r.value not in truth.get((r.label or "", r.field.measure), own if label in (r.label or "") else ())
    ]  # fmt: skip
    assert wrong == []
    lost = [key for key, texts in truth.items() if key[0] != label and not texts & set(values(found).get(key, ()))]
    assert not lost or any(findings.level(f.code) == "warning" for f in found.findings)


@given(printed())
def test_a_list_is_shown_as_a_form(one: Printed) -> None:
    found = read(document(one.sheet, "html"))
    form = with_statistics(load_form("statistics"), found)
    for language in ("zh", "en"):
        assert form_html(form, found.readings, found.findings, language) and form_text(form, found.readings, found.findings, language)
        assert all(findings.message(f, form, language) for f in found.findings)


def values(found: Statistics) -> dict[tuple[str, str], list[float | None]]:
    read_as: dict[tuple[str, str], list[float | None]] = {}
    for r in found.readings:
        read_as.setdefault((r.label or "", r.field.measure), []).append(r.value)
    return read_as


def number(text: str) -> float | None:
    return float(text.replace(",", "")) if text.replace(",", "").isdigit() else None


DAMAGES = ("lose", "double", "glue", "blank", "insert", "split", "odd", "lose row", "double row", "swap", "page", "stray")


def damaged(sheet: Sheet, index: int, data: st.DataObject) -> Sheet:
    """Damage one row, or put a page mark or a row of numbers without a label before it."""
    row, lines = list(sheet[index]), list(sheet)
    k, last = data.draw(st.integers(0, len(row) - 1)), len(row) - 1
    kind = data.draw(st.sampled_from(DAMAGES))
    if kind == "lose":
        row.pop(k)
    elif kind == "double":
        row.insert(k, row[k])
    elif kind == "glue":
        k = min(k, last - 1)
        row[k : k + 2] = [Box(row[k].text + row[k + 1].text)]
    elif kind == "blank":
        row[k] = Box("")
    elif kind == "insert":
        row.insert(k, Box("0"))
    elif kind == "split":
        assume(len(row[last].text) > 1)
        row[last:] = [Box(row[last].text[:1]), Box(row[last].text[1:])]
    elif kind == "odd":
        row[last] = Box(data.draw(st.sampled_from(("约30", "—", "2.5.3", "两次", "05"))))
    lines[index] = tuple(row)
    if kind == "lose row":
        lines.pop(index)
    elif kind == "double row":
        lines.insert(index, sheet[index])
    elif kind == "swap":
        lines[index - 1 : index + 1] = [lines[index], lines[index - 1]] if index > 1 else lines[index - 1 : index + 1]
    elif kind == "page":
        lines.insert(index, (Box("— 7 —"),))
    elif kind == "stray":
        lines.insert(index, (Box(""), Box(""), *(Box("7") for _ in sheet[0][2:])))
    return tuple(lines)


@pytest.mark.parametrize(
    ("rows", "values"),
    [
        ("收到申请数件00其中：1.当面申请数件77", [0, 0, 7, 7]),
        ("收到申请数件0 10其中：1.当面申请数件7 17", [0, 10, 7, 17]),
        ("收到申请数件4251516其中：1.当面申请数件77", [None, None, 7, 7]),
        ("收到申请数件425159.当面申请数件77", [None, None, 7, 7]),
        ("收到申请数件34其中：1.当面申请数件122012年2月20日", [3, 4, None, None]),
        ("三、依申请公开情况（一）收到申请数件471.当面申请数件00", [4, 7, 0, 0]),
    ],
)
def test_glued_digits_are_parted_where_one_way_is_left_and_flagged_elsewhere(rows: str, values: list[float | None]) -> None:
    found = read(f"某县。指标名称计量单位2011年度历年累计{rows}")
    assert [r.value for r in found.readings] == values
    assert {r.status for r in found.readings} == {"uncertain" if v is None else "realigned" for v in values}
    assert {"realigned", *(["uncertain"] if None in values else [])} <= set(codes(found))
