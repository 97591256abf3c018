"""Rows of a document -> rows of tokens: each case one way in which labels, numbers and empty cells are printed together."""

from __future__ import annotations

import pytest

from gongkai.extract.alignment.tokens import lexicon, tokenise
from gongkai.forms import load_form
from gongkai.readers import read_document


def tokens(text: str, form: str = "2021") -> list[list[str]]:
    return [[c.text for c in row.cells] for row in tokenise(read_document(text.encode()).rows, load_form(form))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("行政许可2293", [["行政许可", "2293"]]),
        ("行政许可 2293", [["行政许可", "2293"]]),
        ("规章 1 2 3 行政规范性文件 4 5 6", [["规章", "1", "2", "3"], ["行政规范性文件", "4", "5", "6"]]),
        ("1.属于国家秘密00000002.重复申请0000001", [["1.属于国家秘密", "0000000"], ["2.重复申请", "0000001"]]),
        ("一、本年新收政府信息公开申请数量230 000023", [["一、本年新收政府信息公开申请数量", "230", "000023"]]),
        ("结果\n维持", [["结果维持"]]),
        ("全年行政许可类信息69条，行政处罚43件。", [["全年行政许可类信息69条，行政处罚43件。"]]),
        ("规章\t1\t2\t3", [["规章", "1", "2", "3"]]),
    ],
)  # fmt: skip
def test_tokens(text: str, expected: list[list[str]]) -> None:
    assert tokens(text) == expected


def test_a_page_on_one_line_is_parted_into_prose_headings_and_rows() -> None:
    table = "第二十条第（一）项信息内容本年制发件数本年废止件数现行有效件数规章000行政规范性文件693665"
    page = f"某县政府信息公开年报。二、主动公开政府信息情况{table}" + " 我县工作有序。" * 20
    rows = tokens(page)
    assert ["二、主动公开政府信息情况"] in rows
    assert ["规章", "000"] in rows
    assert ["行政规范性文件", "693665"] in rows
    assert rows[-1][0].startswith("我县工作有序。")


@pytest.mark.parametrize("begun", [True, False])
def test_a_pipe_that_only_begins_a_cell_is_no_empty_cell(begun: bool) -> None:
    cells = ["第二十条第（一）项", "信息内容", "本年制发件数", "本年废止件数", "现行有效件数", "规章", "1", "2", "3"]
    text = "\n".join(("|\n" if begun else "") + f"{cell} |" for cell in cells)
    assert [row for row in tokens(text) if row == [""]] == []
    assert [""] in tokens(text.replace("2 |", "|"))


def test_the_words_of_a_form_are_found_with_their_numbering_and_explanation() -> None:
    text = "0000000(二)部分公开(区分处理的,只计这一情形,不计其他情形)1000001"
    assert [text[a:b] for a, b in lexicon("2021").find(text)] == ["(二)部分公开(区分处理的,只计这一情形,不计其他情形)"]
