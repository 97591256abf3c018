"""Rows of tokens -> runs -> rows of the form: each stage on a few lines of text."""

from __future__ import annotations

import pytest

from gongkai import read_report
from gongkai.core.messages import number_text
from gongkai.extract.alignment.rows import assign
from gongkai.extract.alignment.runs import Vocabulary, find_runs
from gongkai.extract.alignment.tokens import tokenise
from gongkai.forms import load_form
from gongkai.readers import read_document

FORM = load_form("2021")


def found(text: str, table: str) -> tuple[dict[str, list[str]], list[list[str]], set[str]]:
    """Return the values assigned to each row, those of runs that nobody has, and the rows that are in doubt."""
    words = Vocabulary.of(FORM, FORM.tables[table])
    runs, printed = find_runs(tokenise(read_document(text.encode()).rows, FORM), words)
    assigned = assign(runs, printed, FORM.tables[table], words)
    taken = {run.cells for given in assigned.rows.values() for run in given}
    rows = {item: [c.text for run in given for _, c in (*run.cells, *run.more)] for item, given in assigned.rows.items()}
    return rows, [[c.text for _, c in run.cells] for run in runs if run.cells not in taken], set(assigned.torn)


@pytest.mark.parametrize(
    ("lines", "rows", "left"),
    [
        ("行政许可 5|行政处罚 6", {"permits": ["5"], "penalties": ["6"]}, []),
        ("行政许可|5|行政处罚|6", {"permits": ["5"], "penalties": ["6"]}, []),
        ("行政处罚 6|行政许可 5", {"permits": ["5"], "penalties": ["6"]}, []),
        ("规章|行政规范性文件|1 2 3|4 5 6", {"regulations": ["1", "2", "3"], "normative_documents": ["4", "5", "6"]}, []),
        ("行政处罚|行政强制|6|7", {"penalties": ["6"], "coercive_measures": ["7"]}, []),
        ("行政许可|5|行政处罚|行政检查|120|行政强制|7", {"permits": ["5"], "coercive_measures": ["7"]}, [["120"]]),
        ("行政许可|5|政处罚|6|行政强制|7", {"permits": ["5"], "penalties": ["6"], "coercive_measures": ["7"]}, []),
        ("规章|1|2|3|4|5|6", {"regulations": ["1", "2", "3"], "normative_documents": ["4", "5", "6"]}, []),
        ("行政事业性收费|罚没收入|56", {}, [["56"]]),
    ],
)
def test_runs_are_assigned_to_rows_as_a_whole(lines: str, rows: dict[str, list[str]], left: list[list[str]]) -> None:
    assert found(lines.replace("|", "\n"), "disclosure")[:2] == (rows, left)


def test_rows_whose_labels_and_values_stand_apart_without_order_are_in_doubt() -> None:
    text = "1.属于国家秘密\n2.其他法律行政法规禁止公开\n3.危及“三安全一稳定” 3 0 0 0 0 0 3\n1 0 0 0 0 0 1\n2 0 0 0 0 0 2"
    assert "denied.security_stability" in found(text, "applications")[2]


HEAD = "某县2021年政府信息公开工作年度报告\n二、主动公开政府信息情况\n"
DISCLOSED = "规章 1 2 3\n行政规范性文件 4 5 6\n行政许可 7\n行政处罚 8\n行政强制 9\n行政事业性收费 10万元\n"
APPLIED = "三、收到和处理政府信息公开申请情况\n一、本年新收政府信息公开申请数量 1 0 0 0 0 0 1\n"


def told(text: str | bytes, code: str) -> list[str]:
    """Return what the findings of one code quote."""
    report = read_report(text if isinstance(text, bytes) else text.encode(), form="2021")
    return [f.words.get("printed", "") for f in report.contents.findings if f.code == code]


@pytest.mark.parametrize(
    ("behind", "named"),
    [
        ("", []),
        ("五、存在的主要问题及改进情况\n无。\n六、其他需要报告的事项\n无。\n", []),
        ("五、存在的主要问题及改进情况\n无。\n" + DISCLOSED.replace("7", "70"), ["规章 1 2 3"]),
        ("六、其他需要报告的事项\n行政许可 70\n", []),
    ],
)
def test_a_second_table_without_a_heading_is_named(behind: str, named: list[str]) -> None:
    assert told(HEAD + DISCLOSED + APPLIED + behind, "second_tables") == named


def test_numbers_behind_a_row_that_stands_complete_are_claimed_by_nobody() -> None:
    rows = ("一、本年新收政府信息公开申请数量|25||||||25", "8||||||9", "二、上年结转政府信息公开申请数量|0|0|0|0|0|0|0")
    grid = "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row.split('|'))}</tr>" for row in rows)
    page = f"<html><body><p>{'</p><p>'.join(HEAD.split())}</p><p>三、收到和处理政府信息公开申请情况</p><table>{grid}</table></body></html>"
    assert told(page.encode(), "unclaimed") == ["8 9"]


def test_what_two_assignments_share_out_differently_is_disputed_and_keeps_its_margin() -> None:
    torn = "（一）予以公开 1 0 0 0 0 0 1\n2 0 0 0 0 0 2\n3 0 0 0 0 0 3\n4.保护第三方合法权益 4 0 0 0 0 0 4\n"
    report = read_report((HEAD + DISCLOSED + APPLIED + torn).encode(), form="2021")
    first = report.reading("applications/denied.state_secret/natural_person")
    assert (first.value, first.status, set(first.candidates)) == (None, "uncertain", {2, 3, None})
    assert first.margin is not None
    assert first.margin < 0.25
    assert f"scores at least {number_text(round(first.margin, 2))} less" in report.explain(
        "applications/denied.state_secret/natural_person", "en"
    )


def test_the_margin_of_a_row_that_its_misprinted_label_claims_is_kept() -> None:
    report = read_report((HEAD + DISCLOSED.replace("行政处罚 8", "政处罚  8")).encode(), form="2021")
    one, other = (report.reading(f"disclosure/{item}/decisions") for item in ("penalties", "permits"))
    assert (one.value, other.value, other.margin) == (8, 7, None)
    assert one.margin is not None
    assert one.margin >= 0.25


def test_two_unlabelled_rows_for_three_that_are_missing_are_left_to_nobody() -> None:
    text = "（一）予以公开 1 0 0 0 0 0 1\n2 0 0 0 0 0 2\n3 0 0 0 0 0 3\n4.保护第三方合法权益 4 0 0 0 0 0 4"
    rows, left, _ = found(text, "applications")
    assert set(rows) == {"granted", "denied.third_party_rights"}
    assert len(left) == 2


@pytest.mark.parametrize(
    ("row", "values"),
    [
        ("一、本年新收政府信息公开申请数量21710000218", (217.0, 1.0, 0.0, 0.0, 0.0, 0.0, 218.0)),
        ("一、本年新收政府信息公开申请数量 |\n25 |\n|\n|\n|\n|\n|\n25 |", (25.0, None, None, None, None, None, 25.0)),
        ("一、本年新收政府信息公开申请数量\n\t\n25" + "\n\t\n" * 6 + "25\n", (25.0, None, None, None, None, None, 25.0)),
    ],
)
def test_cells_glued_or_empty(row: str, values: tuple[float | None, ...]) -> None:
    head, below = (
        "某县2021年政府信息公开工作年度报告\n三、收到和处理政府信息公开申请情况",
        "二、上年结转政府信息公开申请数量 0 0 0 0 0 0 0\n年末。",
    )
    text = f"{head}\n{row}\n{below}\n"
    report = read_report(text.encode(), form="2021")
    assert tuple(r.value for r in report.readings if r.field.item == "new_received") == values


# Numbers column by column behind a block of labels, as pdfminer takes a table out of a PDF: 规章 0 0 0, 规范性文件 13 13 79.
BY_COLUMNS = "信息内容\n本年新制作数量\n本年新公开数量\n对外公开总数量\n规章\n规范性文件\n0\n13\n0\n13\n0\n79\n"


def test_numbers_behind_several_labels_that_may_stand_column_by_column_are_no_rows() -> None:
    text = f"青石县2019年政府信息公开工作年度报告\n一、总体情况\n二、主动公开政府信息情况\n第二十条第（一）项\n{BY_COLUMNS}"
    read = {r.field.path: r for r in read_report(text.encode()).readings}
    rows = [read[f"disclosure/{item}/{m}"] for item in ("regulations", "normative_documents") for m in ("newly_made", "newly_disclosed")]
    assert {(r.value, r.status) for r in rows} == {(None, "uncertain")}


@pytest.mark.parametrize(("parted", "items"), [(False, None), (True, 341.0)])
def test_a_space_that_parts_no_other_numbers_of_a_page_may_part_digits(parted: bool, items: float | None) -> None:
    rows = ["规章1 2 3", "规范性文件4 5 6", "行政许可70 -1 80", "行政处罚20 3 40", "行政强制0 0 5"]
    rows = rows if parted else [row.replace(" ", "") for row in rows]
    text = HEAD.replace("2021", "2019") + "".join([*rows, "政府集中采购341 2万元"]) + APPLIED
    assert read_report(text.encode(), form="2019").reading("disclosure/procurement/items").value == items


def values_of(text: str, form: str, *rows: str) -> list[list[float | None]]:
    """Return what is read of some rows of the form."""
    readings = read_report(text.encode(), form=form).readings
    return [[r.value for r in readings if f"{r.field.table}/{r.field.item}" == row] for row in rows]


def test_a_number_that_touches_a_label_before_others_on_lines_of_their_own_may_be_a_part_of_the_label() -> None:
    text = HEAD.replace("2021", "2019") + "行政事业性收费 |\n|\n 35 |\n|\n 4 |\n|\n 政府集中采购5 |\n|\n 395 |\n|\n |\n" + APPLIED
    assert values_of(text, "2019", "disclosure/procurement") == [[None, None]]


def applications(*rows: str) -> str:
    """Return a page with a table of applications, of rows of cells parted by bars, a head of three columns before the applicants."""
    heads = ("||(第一项加第二项)|申请人情况", "|||自然人|法人或其他组织|||||总计", "||||商业企业|科研机构|社会公益组织|法律服务机构|其他|")
    grid = "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row.split('|'))}</tr>" for row in (*heads, *rows))
    return f"<html><body><p>{'</p><p>'.join(HEAD.split())}</p><p>三、收到和处理政府信息公开申请情况</p><table>{grid}</table></body></html>"


def test_a_blank_at_the_end_of_a_row_says_nothing_where_a_grid_prints_outside_its_columns() -> None:
    deep = ("1.属于国家秘密", "2.其他法律行政法规禁止公开", "3.危及“三安全一稳定”", "4.保护第三方合法权益", "1.重复申请")
    rows = (
        "一、本年新收政府信息公开申请数量||||2|0|0|1|0|7",
        "（一）予以公开|||0|0|0|1|0|5|",
        *(f"{label}||0|0|0|0|0|0||" for label in deep),
    )
    read = values_of(applications(*rows), "2021", "applications/granted")[0]
    assert 5 not in read[:-1]


def test_an_empty_cell_of_a_merged_label_may_hide_that_another_was_lost() -> None:
    rows = [
        "一、本年新收政府信息公开申请数量 |  |  | 9 | 0 | 0 | 0 | 0 | 0 | 9",
        "二、上年结转政府信息公开申请数量 |  |  | 1 | 0 | 0 | 0 | 0 | 1",
        "（一）予以公开 |  | 7 | 0 | 0 | 0 | 0 | 0 | 7", "（二）部分公开 |  | 1 | 0 | 0 | 0 | 0 | 0 | 1",
        *(f"{label} | 0 | 0 | 0 | 0 | 0 | 0 | 0" for label in ("1.属于国家秘密", "2.其他法律行政法规禁止公开", "4.保护第三方合法权益")),
    ]  # fmt: skip
    text = f"{HEAD}三、收到和处理政府信息公开申请情况\n\n" + "".join(f"| {row} |\n" for row in rows)
    assert values_of(text, "2021", "applications/new_received") == [[9, 0, 0, 0, 0, 0, 9]]
    lost = values_of(text, "2021", "applications/carried_in")[0]
    assert lost[1:-1] == [None] * 5


def test_heads_on_two_lines_with_no_value_below_them_keep_the_official_order() -> None:
    heads = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）  申请人情况  自然人  法人或其他组织  总计\n" \
            " 商业企业  科研机构  社会公益组织  法律服务机构  其他\n"  # fmt: skip
    text = f"{HEAD}{DISCLOSED}三、收到和处理政府信息公开申请情况\n{heads}一、本年新收政府信息公开申请数量  205  32  0  1  12  5  255\n"
    assert values_of(text, "2021", "applications/new_received") == [[205, 32, 0, 1, 12, 5, 255]]


@pytest.mark.parametrize("printed", ["1 O", "1\u3000O", "1 l", "1O", "4l", "1 Ｏ"])
def test_letters_that_may_be_digits_behind_the_last_number_of_a_row_are_no_row_of_their_own(printed: str) -> None:
    assert values_of(f"{HEAD}规章 2 3 {printed}\n行政规范性文件 4 5 6\n{APPLIED}", "2021", "disclosure/regulations")[0][2] is None
