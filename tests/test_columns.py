"""Columns are told by where their heads stand, wherever a document says where; never by the height at which a head is printed."""

from __future__ import annotations

import pytest

from gongkai import read_report
from gongkai.core.model import Cell, Row
from gongkai.extract.alignment.columns import read_heads
from gongkai.forms import load_form

FORM = load_form("2019")
TABLE = FORM.tables["disclosure"]
GROUP = TABLE.groups[0]
PLACES = {"本年新制作数量": (100, 160), "本年新公开数量": (180, 240), "对外公开总数量": (260, 330)}


def row(kind: str, *heads: str) -> Row:
    return Row(tuple(Cell(h, *(PLACES[h] if kind == "spaces" else (0, 1)), "p1 line 1") for h in heads), 0, kind)


VALUES = Row((Cell("规章", 20, 60, ""), Cell("0", 100, 106, ""), Cell("1", 180, 186, ""), Cell("2", 260, 266, "")), 0, "spaces")


def test_a_head_that_stands_higher_is_not_the_first_column() -> None:
    above = [row("spaces", "对外公开总数量"), row("spaces", "本年新制作数量", "本年新公开数量")]
    assert read_heads(above, VALUES, FORM, TABLE, GROUP).order == GROUP.measures


def test_heads_without_a_place_that_stand_in_several_rows_keep_the_official_order() -> None:
    above = [row("line", "对外公开总数量"), row("spaces", "本年新制作数量", "本年新公开数量")]
    assert read_heads(above, VALUES, FORM, TABLE, GROUP).order == GROUP.measures


@pytest.mark.parametrize(
    ("tops", "below", "sure"),
    [
        ("自然人 法人或其他组织 总计", "商业企业 科研机构 社会公益组织 法律服务机构 其他", True),
        ("自然人 法人或其他组织 总计", "科研机构 商业企业 社会公益组织 法律服务机构 其他", True),
        ("总计 法人或其他组织 自然人", "商业企业 科研机构 社会公益组织 法律服务机构 其他", False),
        ("法人或其他组织 自然人 总计", "其他 商业企业 科研机构 社会公益组织 法律服务机构", False),
        ("自然人 法人或其他组织 总计 法人或其他组织", "商业企业 科研机构 法律服务机构 其他 社会公益组织", False),
    ],
)
def test_a_column_that_left_its_merged_head_leaves_every_column_in_doubt(tops: str, below: str, sure: bool) -> None:
    title = "某县2019年政府信息公开工作年度报告\n三、收到和处理政府信息公开申请情况\n申请人情况\n"
    rows = "一、本年新收政府信息公开申请数量 5 1 2 0 0 0 8\n二、上年结转政府信息公开申请数量 0 0 0 0 0 0 0\n"
    report = read_report(f"{title}{tops}\n{below}\n{rows}".encode(), form="2019")
    cells = [report.reading(f"applications/new_received/{m}") for m in report.edition.tables["applications"].measures]
    assert {c.status for c in cells} == {"printed" if sure else "uncertain"}
