"""Columns are told by where their heads stand, wherever a document says where; never by the height at which a head is printed."""

from __future__ import annotations

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
