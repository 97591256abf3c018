"""The official form, filled in: its shape, its statuses, its words."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from by_hand import FINDINGS, FORM, HOSTILE, readings
from selectolax.lexbor import LexborHTMLParser, LexborNode

from gongkai.core.errors import UsageError
from gongkai.core.model import Reading
from gongkai.report.view import form_html, form_text, table_frame


def page(language: str = "zh", heading: str = "") -> LexborHTMLParser:
    return LexborHTMLParser(form_html(FORM, readings(), FINDINGS, language, heading))


def spans(node: LexborNode) -> tuple[int, int]:
    return int(node.attributes.get("rowspan") or 1), int(node.attributes.get("colspan") or 1)


def box(parsed: LexborHTMLParser, text: str) -> LexborNode:
    return next(n for n in parsed.css("th, td") if n.text().strip() == text)


@pytest.mark.parametrize(
    "label, shape",
    [
        ("第二十条第（一）项", (1, 4)),
        ("（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", (3, 3)),
        ("申请人情况", (1, 7)),
        ("法人或其他组织", (1, 5)),
        ("三、本年度办理结果", (20, 1)),
        ("（三）不予公开", (8, 1)),
        ("（一）予以公开", (1, 2)),
        ("四、结转下年度继续办理", (1, 3)),
        ("行政诉讼", (1, 10)),
        ("复议后起诉", (1, 5)),
    ],
)
def test_merged_labels_stand_as_on_the_printed_form(label, shape):
    assert spans(box(page(), label)) == shape


def test_every_row_of_a_table_fills_the_same_width():
    for table in page().css("table"):
        rows = table.css("tr")
        taken = [0] * len(rows)
        for k, row in enumerate(rows):
            for node in row.css("th, td"):
                tall, wide = spans(node)
                for below in range(k, k + tall):
                    taken[below] += wide
        assert len(set(taken)) == 1


def test_every_cell_of_the_form_is_there_once():
    paths = [(n.attributes["title"] or "").split("\n")[0] for n in page().css("td")]
    assert sorted(paths) == sorted(f.path for f in FORM.fields)


@pytest.mark.parametrize(
    "path, status, zh, en",
    [
        ("review/reconsideration/upheld", "blank", "空白∴", "blank∴"),
        ("review/reconsideration/corrected", "mark", "符号 “—”", "mark “—”"),
        ("review/reconsideration/other", "uncertain", "存疑?", "uncertain?"),
        ("review/reconsideration/pending", "unreadable", "不可读×", "unreadable×"),
        ("review/reconsideration/total", "absent", "未列", "absent"),
        ("applications/denied.administrative_inquiry/total", "realigned", "0↔", "0↔"),
        ("disclosure/procurement/amount_yuan", "printed", "14725700 元", "14725700 yuan"),
    ],
)
def test_a_cell_shows_its_status_in_words_and_never_as_zero(path, status, zh, en):
    for language, text in (("zh", zh), ("en", en)):
        cell = next(n for n in page(language).css("td") if (n.attributes["title"] or "").startswith(path + "\n"))
        assert (cell.text().strip(), cell.attributes["class"]) == (text, f"gk-{status}")


def test_hover_tells_printed_characters_place_proof_and_findings():
    titles = "\n".join(n.attributes["title"] or "" for n in page().css("td"))
    for words in ("印作：“1472.57 万元”", "位置：第 44 行 第 3 格", "勾稽关系可证明为 0（非取值）", "[警告]", "原行：“8. 属于行政查询事项"):
        assert words in titles


def test_a_finding_about_a_column_marks_its_head_and_all_its_cells():
    head = next(n for n in page().css("th") if n.text().strip() == "总计!")
    assert "27" in (head.attributes["title"] or "")
    assert sum("（七）总计印为 21" in (n.attributes["title"] or "") for n in page().css("td")) == 23


def test_what_the_document_prints_stays_text():
    parsed = page(heading=HOSTILE)
    assert parsed.css("script") == []
    assert HOSTILE in parsed.css_first(".gk-heading").text()
    assert any(HOSTILE in (n.attributes["title"] or "") for n in parsed.css("td"))


def test_nothing_is_fetched():
    assert not re.search(r"https?:|url\(|@import|<script|<link", form_html(FORM, readings(), FINDINGS))


def test_english_pages_hold_no_chinese_but_what_is_printed():
    plain = [Reading(f, 0.0, "printed", "0", "line 1") for f in FORM.fields]
    for text in (form_html(FORM, plain, [], "en"), form_text(FORM, plain, [], "en")):
        assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"<style>.*?</style>", "", text, flags=re.S))


def test_the_terminal_shows_the_same_values_and_signs():
    text = form_text(FORM, readings(), FINDINGS)
    for words in ("空白∴", "符号 “—”", "存疑?", "0↔", "14725700 元", "总计!", "图例:"):
        assert words in text


def test_table_frame_is_the_form_as_people_know_it():
    frame = table_frame(FORM, readings(), "applications")
    assert frame.shape == (23, 7)
    assert list(frame.columns)[:2] == ["自然人", "商业企业"] and frame.index[2] == "（一）予以公开"
    assert frame.loc["一、本年新收政府信息公开申请数量", "商业企业"] == 1
    assert set(map(str, frame.dtypes)) == {"Float64"}


def test_table_frame_has_na_where_nothing_was_read_and_where_the_form_has_no_cell():
    assert table_frame(FORM, readings(), "review", "en").loc["Administrative reconsideration"].isna().all()
    disclosure = table_frame(FORM, readings(), "disclosure", "en")
    assert disclosure.loc["Administrative charges", "Decisions"] is pd.NA
    assert disclosure.loc["Centralised procurement", "Procurement amount (yuan)"] == 14725700


@pytest.mark.parametrize("name, language", [("nonsense", "zh"), ("review", "fr")])
def test_an_unknown_table_or_language_is_refused(name, language):
    with pytest.raises(UsageError):
        table_frame(FORM, readings(), name, language)
