"""What tells one report of a file from another, stage by stage: marks of rows, where another may begin, sets of labels."""

from __future__ import annotations

import pytest

from gongkai.extract.edition import identify_edition
from gongkai.extract.marks import Kind, Mark, find_marks, repeats, sets_of, starts
from gongkai.readers import read_document

SECTION, TITLE, PART, OPENING, PROSE = Kind.SECTION, Kind.TITLE, Kind.PART, Kind.OPENING, Kind.PROSE
REPORT = """某县2020年政府信息公开工作年度报告
现将某县2020年政府信息公开工作年度报告公布如下，欢迎监督。
一、总体情况
我县认真做好政府信息公开工作，全年主动公开政府信息一千多条，没有投诉。
二、主动公开政府信息情况
规章 1 1 1
规范性文件 2 2 2
"""


def mark(row: int, kind: Kind, key: str = "", text: str = "", table: str = "") -> Mark:
    return Mark(row, kind, (table, key), text)


def test_each_row_is_marked_by_what_stands_in_it() -> None:
    document = read_document(REPORT.encode())
    marks = find_marks(document.rows, identify_edition(document))
    assert [(m.row, m.kind, m.key[1]) for m in marks] == [
        (0, "title", ""), (1, "prose", ""), (1, "opening", ""), (2, "section", "overview"), (2, "part", "一"), (3, "prose", ""),
        (4, "section", "disclosure"), (4, "part", "二"), (5, "item", "规章"), (6, "item", "规范性文件"),
    ]  # fmt: skip


TOLD = [mark(1, SECTION, "overview"), mark(3, SECTION, "disclosure"), mark(5, SECTION, "applications")]


@pytest.mark.parametrize(
    ("marks", "found"),
    [
        (TOLD, []),
        (
            [mark(0, TITLE, text="甲县2019年政府信息公开年度报告"), *TOLD, mark(9, TITLE, text="甲县2020年政府信息公开年度报告")],
            [(9, TITLE)],
        ),
        ([mark(0, TITLE, text="甲县2019年政府信息公开年度报告"), mark(1, TITLE, text="政府信息公开年度报告"), *TOLD], []),
        ([*TOLD, mark(9, SECTION, "overview")], [(9, "overview")]),
        ([*TOLD, mark(9, SECTION, "disclosure")], [(9, SECTION)]),
        ([*TOLD, mark(9, OPENING)], [(9, OPENING)]),
        ([mark(0, OPENING), *TOLD], []),
    ],
)
def test_another_report_may_begin_where_something_is_told_again(marks: list[Mark], found: list[tuple[int, str]]) -> None:
    assert starts(marks) == found


def label(row: int, key: str) -> Mark:
    return mark(row, Kind.ITEM, key, table="disclosure")


@pytest.mark.parametrize(
    ("marks", "sets"),
    [
        ([label(1, "规章"), label(2, "规范性文件"), label(3, "行政许可")], [[1, 2, 3]]),
        ([label(1, "规章"), label(2, "规范性文件"), label(5, "规章"), label(6, "规范性文件")], [[1, 2], [5, 6]]),
        ([label(1, "规章"), label(2, "规范性文件"), mark(3, PROSE), label(4, "行政许可")], [[1, 2, 4]]),
        ([label(1, "规章"), label(2, "规范性文件"), label(4, "规章")], [[1, 2, 4]]),
    ],
)
def test_labels_that_stand_again_are_another_set(marks: list[Mark], sets: list[list[int]]) -> None:
    assert [[m.row for m in one] for one in sets_of(marks, "disclosure", "2019")] == sets


@pytest.mark.parametrize(("shared", "of", "again"), [(1, 2, False), (2, 4, True), (2, 5, False), (3, 5, True)])
def test_half_of_the_labels_twice_is_a_repetition(shared: int, of: int, again: bool) -> None:
    one = {("t", f"{i}") for i in range(of)}
    assert repeats(one, {("t", f"{i}") for i in range(of - shared, 3 * of)}) is again
