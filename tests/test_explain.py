"""Why a value is what it is, and how it is cited."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from by_hand import HOSTILE, READ, SPILLED, report

from gongkai.core.errors import UsageError
from gongkai.report.citation import cite
from gongkai.report.explain import explain

GRANTED = "applications/granted/total"


def told(path: str, language: str = "zh") -> str:
    r = report()
    return explain(r.edition, r.reading(path), r.readings, r.contents, r.document, language)


@pytest.mark.parametrize("path", READ)
def test_every_status_is_explained_in_both_languages(path):
    for language in ("zh", "en"):
        text = told(path, language)
        assert path in text and "ab" * 32 in text


def test_a_realigned_cell_shows_its_row_what_was_weighed_and_why():
    text = told("applications/denied.administrative_inquiry/total")
    assert "原行      “" + " | ".join(SPILLED.split("\t")) + "”" in text
    assert "斟酌过：0、无数；采用 0" in text
    assert "该读法违背的勾稽关系较少" in text


def test_an_uncertain_cell_names_its_candidates_and_takes_none():
    assert "weighed: 1, 12; none could be chosen, so no value" in told("review/reconsideration/other", "en")


def test_an_identity_is_shown_with_both_sides_and_its_state():
    assert re.search(r"各项办理结果之和 ＝（七）总计 \[总计\]：0 ≠ 0 — 不成立", told(GRANTED))


def test_a_side_with_a_blank_term_is_only_a_lower_bound():
    assert "at least 0 (no number: Upheld, Corrected, Other result, 4 in all)" in told("review/reconsideration/upheld", "en")


def test_what_is_proved_is_said_beside_the_status_and_is_no_value():
    text = told("review/reconsideration/upheld")
    assert text.startswith("行政复议 · 结果维持：空白\n") and "可证明此格为 0；这不是印出的数，不作取值" in text


def test_findings_about_the_column_belong_to_the_cell_and_those_about_others_do_not():
    assert "[错误] 总计：各项办理结果之和为 27" in told(GRANTED)
    assert "[错误]" not in told("applications/granted/natural_person")


def collected(**known: str):
    return replace(report(), source="http://www.example.gov.cn/a%20b", **known)


def test_a_citation_in_chinese_follows_the_standard_and_holds_the_key():
    c = cite(collected(body="government", retrieved_at="2026-11-24"), GRANTED)
    assert c.key == "140430/government/2019#applications/granted/total"
    reference = "沁县人民政府. 沁县2019年政府信息公开工作年度报告[R/OL]. (2020-02-20) [2026-11-24]. http://www.example.gov.cn/a%20b. "
    assert str(c).startswith(reference + "“（一）予以公开 · 总计”：0（")
    assert c.text.endswith(c.key)


@pytest.mark.parametrize("unknown", [{"division_code": None}, {"year": None}, {"body": None}, {"has_namesakes": True}])
def test_a_report_that_cannot_be_named_otherwise_is_cited_by_its_id(unknown):
    c = cite(replace(collected(body="government"), **unknown), GRANTED)
    assert c.key == f"{report().report_id}#{GRANTED}" and c.bibtex.startswith(f"@techreport{{gongkai-{report().report_id},")


def test_what_is_not_known_is_left_out_of_the_text():
    c = cite(replace(report(), division_code=None, year=None, published=None), GRANTED, "en")
    assert "Retrieved" not in c.text and "n.d." in c.text and "as reported by the authority" in c.text


def test_a_cell_without_a_number_is_cited_by_its_status():
    assert "“行政复议 · 结果维持”：空白（" in cite(report(), "review/reconsideration/upheld").text
    assert "0 [重新对位]" in cite(report(), "applications/denied.administrative_inquiry/total").text


def test_no_title_can_end_a_field_of_the_bibtex():
    bibtex = cite(report(title=f"}}, note = {{x}} 100% \\input {HOSTILE}"), GRANTED).bibtex
    bare = re.sub(r"\\.", "", bibtex)
    assert bare.count("{") == bare.count("}") and "\\}, note = \\{x\\} 100\\%" in bibtex and "\\input" not in bibtex


def test_an_unknown_cell_or_language_is_refused():
    with pytest.raises(UsageError):
        cite(report(), "applications/granted/nobody")
    with pytest.raises(UsageError):
        told(GRANTED, "fr")
