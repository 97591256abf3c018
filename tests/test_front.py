"""What a report says about itself, and which of its words were believed."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import strategies  # noqa: F401  (its profile of hypothesis)
from hypothesis import given
from hypothesis import strategies as st

from gongkai import ReportError, read_corpus, read_report
from gongkai.core.findings import message
from gongkai.extract.narrative.claims import compare_with_tables
from gongkai.extract.narrative.figures import read_figures
from gongkai.extract.narrative.front_matter import Front, read_front
from gongkai.extract.narrative.sections import missing_sections, split_sections
from gongkai.extract.narrative.sums import check_figures
from gongkai.forms import editions, load_form
from gongkai.readers import read_document
from gongkai.synthetic.writers import Story, layout, to_text

FORM = load_form("2019")


def front_of(source: Path | str) -> Front:
    document = read_document(source.encode() if isinstance(source, str) else source)
    return read_front(document, split_sections(document, FORM, [row for row in document.rows if row.kind == "line"]))


def page(meta: str, body: str) -> str:
    return f"<html><head><meta charset='utf-8'>{meta}</head><body>{''.join(f'<p>{line}</p>' for line in body.split('|'))}</body></html>"


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        ("沁县 2019 年政府信息公开年度报告\n一、总体情况", "沁县 2019 年政府信息公开年度报告"),
        ("# 某县2019年政府信息公开工作年度报告\n一、总体情况", "某县2019年政府信息公开工作年度报告"),
        ("平潭综合实验区2019年\n政府信息公开工作年度报告\n一、总体情况", "平潭综合实验区2019年政府信息公开工作年度报告"),
        ("淮安市人民政府\n2024 年政府信息公开工作年度报告\n本报告由办公室编制。", "淮安市人民政府2024 年政府信息公开工作年度报告"),
        ("来源：某县人民政府\n政府信息公开工作年度报告\n一、总体情况", "政府信息公开工作年度报告"),
        ("一、总体情况\n我县认真做好工作。", None),
    ],
)
def test_the_title_as_printed(lines: str, title: str | None) -> None:
    assert front_of(lines).title == title


@pytest.mark.parametrize(
    ("meta", "title"),
    [
        ("<meta name='ArticleTitle' content='某县2019年政府信息公开年度报告'><title>首页</title>", "某县2019年政府信息公开年度报告"),
        ("<title>某县2019年政府信息公开年度报告_政府信息公开年报_某县人民政府</title>", "某县2019年政府信息公开年度报告"),
        ("<title>某县人民政府</title>", None),
    ],
)
def test_a_page_without_a_printed_title_is_named_by_its_meta_tags(meta: str, title: str | None) -> None:
    assert front_of(page(meta, "一、总体情况|我县认真做好工作。")).title == title


@pytest.mark.parametrize(
    ("meta", "title"),
    [
        ("<title>某县2019年政府信息公开年度报告_某县人民政府</title>", "某县2019年政府信息公开年度报告"),
        ("", "某县2018年政府信息公开年度报告"),
        ("<title>某县2020年政府信息公开年度报告_某县人民政府</title>", "某县2018年政府信息公开年度报告"),
    ],
)
def test_a_page_that_prints_titles_of_several_years_is_in_doubt(meta: str, title: str) -> None:
    front = front_of(page(meta, "某县2019年政府信息公开年度报告|某县2018年政府信息公开年度报告|一、总体情况|2019年，我县认真做好工作。"))
    assert (front.title, [f.code for f in front.findings]) == (title, ["year_conflict"])


PERIOD = "本报告所列数据的统计期限自{0}年1月1日起至{0}年12月31日止。"


@pytest.mark.parametrize(
    ("lines", "year", "source"),
    [
        ("某县 2019 年政府信息公开年度报告\n一、总体情况\n认真做好工作。", 2019, "title"),
        ("某县二〇一九年政府信息公开年度报告\n一、总体情况", 2019, "title"),
        ("某县政府信息公开年度报告\n" + PERIOD.format(2019) + "\n一、总体情况", 2019, "period"),
        ("本报告统计期限自20191月1日起至2019年12月31日止。\n一、总体情况", 2019, "period"),
        (
            "一、总体情况\n2019年，我县认真做好工作。\n（一）公开\n2019年公开12条，2018年10条。\n二、主动公开政府信息情况\n2017年",
            2019,
            "overview",
        ),
        ("一、总体情况\n2019年公开12条，2018年10条。", None, None),
        ("一、总体情况\n认真做好工作。", None, None),
    ],
)
def test_the_year_and_where_it_was_found(lines: str, year: int | None, source: str | None) -> None:
    front = front_of(lines)
    assert (front.year, front.year_source) == (year, source)
    assert [f.code for f in front.findings] == ([] if year else ["year_unknown"])


def test_a_year_stated_differently_is_a_finding() -> None:
    front = front_of("某县2020年政府信息公开年度报告\n" + PERIOD.format(2019) + "\n一、总体情况\n2020年，我县认真做好工作。")
    assert (front.year, [(f.code, f.expected, f.where) for f in front.findings]) == (2020, [("year_conflict", "2020", "line 1")])
    assert "统计期限/period 2019" in message(front.findings[0], FORM, "zh")


YEARS = range(2004, 2027)
SAID = {
    "title": "某县{0}年政府信息公开工作年度报告",
    "period": "某县政府信息公开工作年度报告\n本报告所列数据的统计期限自{0}年1月1日起至{0}年12月31日止。",
    "overview": "某县政府信息公开工作年度报告\n一、总体情况\n{0}年，我县认真做好工作。",
}


@pytest.mark.parametrize("source", SAID)
@pytest.mark.parametrize("code", editions())
def test_no_year_is_taken_in_which_the_form_was_not_there(code: str, source: str) -> None:
    form = load_form(code)
    for year in YEARS:
        document = read_document(SAID[source].format(year).encode())
        front = read_front(document, split_sections(document, form, document.rows), form)
        if year >= form.earliest:
            assert (front.year, front.year_source, front.findings) == (year, source, ())
        else:
            assert (front.year, front.year_source) == (None, None)
            assert [(f.code, f.expected) for f in front.findings] == [("impossible_year", str(form.earliest)), ("year_unknown", None)]
            assert all(f"/{source} {year}" in message(front.findings[0], form, language) for language in ("zh", "en"))


def test_a_form_with_tables_is_there_since_its_first_year_and_a_local_list_since_long_before() -> None:
    assert {code: (load_form(code).first_year, load_form(code).earliest) for code in editions()} == {
        "2019": (2019, 2019), "2021": (2021, 2021), "narrative": (2008, 2004), "statistics": (2014, 2004),
    }  # fmt: skip


def printed(code: str, said: int, title: str = "某县政府信息公开工作年度报告") -> bytes:
    """Print the form of an edition under a title, with another year in the prose."""
    form = load_form(code)
    values = {f.path: 0 for f in form.fields if code == "2019" or f.item != "other"}
    text = to_text(form, layout(form, values), Story("某县", said))
    return text.replace(f"某县{said}年政府信息公开工作年度报告", title).encode()


# (edition, year that the prose names, title, year that the caller or the manifest says, year taken, codes about the year)
TAKEN = [
    ("2021", 2016, "某县政府信息公开工作年度报告", None, None, {"impossible_year", "year_unknown"}),
    ("2021", 2016, "某县2022年政府信息公开工作年度报告", None, 2022, {"year_conflict"}),
    ("2021", 2022, "某县2016年政府信息公开工作年度报告", None, 2022, {"impossible_year", "year_conflict"}),
    ("2021", 2020, "某县2020年政府信息公开工作年度报告", None, None, {"impossible_year", "year_unknown"}),
    ("2019", 2018, "某县政府信息公开工作年度报告", None, None, {"impossible_year", "year_unknown"}),
    ("2019", 2023, "某县政府信息公开工作年度报告", None, 2023, {"foreign_year"}),
    ("2021", 2016, "某县政府信息公开工作年度报告", 2022, 2022, {"impossible_year", "year_unknown"}),
    ("2021", 2016, "某县政府信息公开工作年度报告", 2016, 2016, {"impossible_year", "year_unknown", "foreign_year"}),
    ("2021", 2022, "某县2022年政府信息公开工作年度报告", 2016, 2016, {"foreign_year", "contradicts_manifest"}),
    ("2021", 2022, "某县2022年政府信息公开工作年度报告", 2023, 2023, {"contradicts_manifest"}),
]


@pytest.mark.parametrize("code, said, title, override, taken, told", TAKEN)
def test_the_year_of_a_report_by_its_form_its_words_and_its_collector(code, said, title, override, taken, told, tmp_path) -> None:
    data = printed(code, said, title)
    about = {"impossible_year", "year_unknown", "year_conflict", "foreign_year", "contradicts_manifest"}
    (tmp_path / "a.txt").write_bytes(data)
    if override:
        (tmp_path / "manifest.csv").write_text(f"path,year\na.txt,{override}\n", encoding="utf-8")
    corpus = read_corpus(tmp_path)
    report = read_report(data, year=override)
    assert (report.form, report.year, set(report.findings["code"]) & about) == (code, taken, told)
    assert [None if pd.isna(y) else y for y in corpus.reports["year"]] == [taken]
    assert set(corpus.findings["code"]) & about == told


def test_the_file_s_name_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "沁县人民政府2018年政府信息公开年度报告.txt"
    path.write_text("一、总体情况\n认真做好工作。", encoding="utf-8")
    front = front_of(path)
    assert (front.title, front.year, front.authority) == (None, None, None)


@pytest.mark.parametrize(
    ("lines", "authority", "source"),
    [
        ("淮安市洪泽区人民政府2024年政府信息公开工作年度报告\n一、总体情况\n认真做好工作。", "淮安市洪泽区人民政府", "title"),
        ("淮安市人民政府信息公开年度报告\n一、总体情况", "淮安市人民政府", "title"),
        ("2024年某县教育局政府信息公开年度报告\n一、总体情况", "某县教育局", "title"),
        ("沁县2019年政府信息公开年度报告\n一、总体情况\n认真。\n沁县人民政府办公室\n2020年2月20日", "沁县人民政府办公室", "signature"),
        ("沁县2019年政府信息公开年度报告\n一、总体情况\n认真。\n2020年2月20日\n沁县人民政府", "沁县人民政府", "signature"),
        ("沁县2019年政府信息公开年度报告\n一、总体情况\n认真。\n沁县人民政府办公室   2020年2月20日", "沁县人民政府办公室", "signature"),
        (
            "平潭综合实验区2019年政府信息公开工作年度报告\n根据要求，区管委会办公室编制完成了本报告。\n一、总体情况",
            "平潭综合实验区管委会",
            "compiled",
        ),
        ("沁县2019年政府信息公开年度报告\n本报告由沁县人民政府办公室编制。\n一、总体情况", "沁县人民政府", "compiled"),
        ("沁县2019年政府信息公开年度报告\n请与沁县人民政府信息中心联系。\n一、总体情况\n认真。", "沁县人民政府", "title"),
        ("2019年政府信息公开年度报告\n请与沁县人民政府信息中心联系。\n一、总体情况\n认真。", None, None),
    ],
)
def test_the_authority_and_where_it_was_found(lines: str, authority: str | None, source: str | None) -> None:
    front = front_of(lines)
    assert (front.authority, front.authority_source) == (authority, source)


@pytest.mark.parametrize(
    ("meta", "authority"),
    [
        ("<meta name='Author' content='平潭综合实验区管委会'>", "平潭综合实验区管委会"),
        ("<meta name='Author' content='超级管理员'>", "平潭综合实验区管委会"),
        ("<meta name='Author' content='管委会办公室'>", "平潭综合实验区管委会"),
        ("<meta name='ContentSource' content='平潭综合实验区管委会办公室'>", "平潭综合实验区管委会"),
    ],
)
def test_meta_tags_are_believed_last(meta: str, authority: str | None) -> None:
    body = "平潭综合实验区2020年度政府信息公开工作年度报告|来源：平潭县人民政府 时间：2021-03-05 08:58|一、总体情况|认真做好工作。"
    assert front_of(page(meta, body)).authority == authority


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("某县2019年政府信息公开年度报告\n一、总体情况\n认真。\n某县人民政府\n2020年2月20日", "2020-02-20"),
        ("某县2019年政府信息公开年度报告\n（2020年1月23日）\n一、总体情况\n认真。", "2020-01-23"),
        ("某县2019年政府信息公开年度报告\n一、总体情况\n认真。\n某县人民政府\n二〇二〇年二月二十日", "2020-02-20"),
        ("某县2019年政府信息公开年度报告\n一、总体情况\n认真。\n某县人民政府\n2020年2月30日", None),
        ("某县2019年政府信息公开年度报告\n一、总体情况\n2020年2月20日，召开会议。", None),
        (page("<meta name='PubDate' content='2020-01-20 15:22'>", "某县2019年政府信息公开年度报告|一、总体情况|认真。"), "2020-01-20"),
        (page("", "某县2019年政府信息公开年度报告|时间：2020-01-20 15:22|一、总体情况|认真。"), "2020-01-20"),
    ],
)
def test_the_date_of_publication(text: str, published: str | None) -> None:
    assert front_of(text).published == published


@pytest.mark.parametrize(
    ("title", "scope"),
    [
        ("某县2019年政府信息公开年度报告", None),
        ("某县2019年政府信息公开年度报告（本级）", "organ"),
        ("某县2019年政府信息公开年度报告（全县汇总）", "area"),
    ],
)
def test_the_scope_only_where_it_is_printed(title: str, scope: str | None) -> None:
    assert front_of(f"{title}\n一、总体情况\n认真。").scope == scope


PIECES = [
    *[
        "一、",
        "（一）",
        "1.",
        "其中",
        "包括",
        "占",
        "%",
        "。",
        "，",
        "、",
        "；",
        "：",
        "（",
        "）",
        "(",
        "“",
        "”",
        "《",
        "》",
        "收到",
        "办结",
        "政府信息公开",
        "申请",
        "行政复议",
        "总体情况",
        "其他",
        "12",
        "3240",
        "5",
        "条",
        "件",
        "约",
        "余",
        "万",
    ],
    *[
        "百分之",
        "三",
        "十",
        "第",
        "#",
        "2019年",
        "2020年2月20日",
        "沁县人民政府",
        "办公室",
        "编制",
        "年度报告",
        "统计期限自",
        "至",
        "—",
        "- 1 -",
        "\n",
        "\n\n",
        " ",
    ],
]


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=80))
def test_any_text_is_read_without_a_fault_and_every_figure_has_a_place(pieces: list[str]) -> None:
    document = read_document(("县" + "".join(pieces)).encode())
    sections = split_sections(document, FORM, [row for row in document.rows if row.kind == "line"])
    figures = read_figures(sections)
    assert all(f.where for f in figures)
    findings, _ = check_figures(sections)
    findings += compare_with_tables(figures, lambda _: 1.0, 2019) + missing_sections(sections, FORM)
    findings += read_front(document, sections).findings
    assert all(message(f, FORM, "zh") and message(f, FORM, "en") for f in findings)


def test_the_sample(sample: Path) -> None:
    assert front_of(sample) == Front(
        "沁县 2019 年政府信息公开年度报告", 2019, "title", "沁县人民政府办公室", "signature", "2020-02-20", None, None, ()
    )


@pytest.mark.parametrize("case", [f"pingtan-{y}" for y in (2014, 2016, 2019, 2020, 2021, 2022, 2023)])
def test_the_front_of_real_pages(shared: Path, case: str) -> None:
    folder = shared / "reports" / case
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    front = front_of(next(p for p in folder.iterdir() if p.stem == "report"))
    assert (front.title, front.year, front.published, front.scope) == (truth["title"], truth["year"], truth["published"], None)
    assert front.authority == truth["authority"]
    assert front.source_url and front.source_url.startswith("https://www.pingtan.gov.cn/")
    assert front.findings == ()


def test_what_a_stranger_s_document_begins_with_never_commands_the_terminal():
    with pytest.raises(ReportError) as refused:
        read_report("<html><body><p>尊敬的&#27;[2J领导：您好。</p></body></html>".encode())
    assert "\x1b" not in str(refused.value) and "尊敬的·[2J领导" in str(refused.value)
