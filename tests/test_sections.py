"""Documents into headed sections: headings told from labels and sentences, sentences whole again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import strategies  # noqa: F401  (its profile of hypothesis)
from hypothesis import given
from hypothesis import strategies as st

from gongkai.core.model import Section
from gongkai.extract.narrative.figures import read_figures
from gongkai.extract.narrative.sections import is_organ, is_title, missing_sections, place_at, split_sections
from gongkai.forms import load_form
from gongkai.readers import read_document

FORM = load_form("2019")
SENTENCE = "我县坚持以公开为常态、不公开为例外，不断提升政务公开的质量和实效，充分保障人民群众的知情权、参与权、表达权与监督权。"


def sections_of(text: str) -> tuple[Section, ...]:
    document = read_document(text.encode())
    return split_sections(document, FORM, [row for row in document.rows if row.kind == "line"])


def outline(text: str) -> list[tuple[str, str]]:
    return [(s.number, s.title) for s in sections_of(text)]


@pytest.mark.parametrize(
    ("line", "number", "title"),
    [
        ("一、总体情况", "一", "总体情况"),
        ("## 一、总体情况", "一", "总体情况"),
        ("一、 概述", "一", "概述"),
        ("一．总体情况", "一", "总体情况"),
        ("第一部分 总体情况", "一", "总体情况"),
        ("总体情况", "", "总体情况"),
        ("**六、其他需要报告的事项**", "六", "其他需要报告的事项"),
        ("一、總體情況", "一", "總體情況"),
        ("四、政府信息公开行政法复议、行政诉讼情况", "四", "政府信息公开行政法复议、行政诉讼情况"),
        ("七、平潭综合实验区政府信息公开情况统计表", "七", "平潭综合实验区政府信息公开情况统计表"),
    ],
)
def test_a_heading_of_the_first_level(line: str, number: str, title: str) -> None:
    assert outline(f"{line}\n{SENTENCE}") == [(number, title)]


@pytest.mark.parametrize(
    ("line", "title", "rest"),
    [
        ("（一）健全组织机制。", "健全组织机制", ""),
        ("(一)健全组织机制", "健全组织机制", ""),
        ("### (一) 系统化推进主动公开。", "系统化推进主动公开", ""),
        ("（一）精细化建设公开平台。我县坚持统一管理。", "精细化建设公开平台", "我县坚持统一管理。"),
        ("（一）改进措施：一是丰富形式。", "改进措施", "一是丰富形式。"),
    ],
)
def test_a_heading_of_the_second_level_may_run_on(line: str, title: str, rest: str) -> None:
    found = sections_of(f"一、总体情况\n{line}")[1]
    assert (found.number, found.title, found.text, found.level) == ("一（一）", title, rest, 2)


@pytest.mark.parametrize(
    "line",
    [
        "四、结转下年度继续办理",
        "四、结转下年度继续办理 0 0 0 0 0 0 0",
        "### 一、本年新收政府信息公开申请数量",
        "三、本年度办理结果",
        "一是强化组织领导。",
        "（一）2023年，全县共收到政府信息公开申请95件，比上年增加20件，其中自然人80件，商业企业15件，均已答复",
        "一年来，我县做了一些工作。",
    ],
)
def test_neither_a_label_nor_a_sentence_is_a_heading(line: str) -> None:
    assert outline(f"三、收到和处理政府信息公开申请情况\n{line}") == [("三", "收到和处理政府信息公开申请情况")]


def test_labels_of_the_form_are_no_subsections_where_the_table_stands() -> None:
    text = "三、收到和处理政府信息公开申请情况\n### (一) 予以公开\n### 申请人情况 (自然人)\n四、行政复议、行政诉讼情况\n### 行政复议"
    assert outline(text) == [("三", "收到和处理政府信息公开申请情况"), ("四", "行政复议、行政诉讼情况")]


def test_the_row_before_the_heading_of_section_four_does_not_take_its_place() -> None:
    text = "三、收到和处理政府信息公开申请情况\n四、结转下年度继续办理\n四、因政府信息公开工作被申请行政复议、提起行政诉讼情况"
    assert [n for n, _ in outline(text)] == ["三", "四"]


def test_numbers_are_paths_and_deeper_headings_stand_under_them() -> None:
    text = f"二、主动公开政府信息情况\n（三）主动公开的形式\n1.门户网站\n{SENTENCE}\n2.公众查阅点\n（1）设立查阅点。\n三、其他"
    assert outline(text) == [
        ("二", "主动公开政府信息情况"),
        ("二（三）", "主动公开的形式"),
        ("二（三）1", "门户网站"),
        ("二（三）2", "公众查阅点"),
        ("三", "其他"),
    ]


def test_a_numbering_that_starts_anew_inside_a_section_is_one_level_lower() -> None:
    text = "五、存在的主要问题及改进情况\n一、工作力度不够\n二、人员力量薄弱\n六、其他需要报告的事项"
    assert [s.level for s in sections_of(text)] == [1, 2, 2, 1]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2020年初，县政府对政务公开工作进行了", "专题部署，并向各单位下发通知。"),
        ("一是组织制度还有待完善；二是部分单位对政府信息公开", "工作缺乏主动性。"),
        ("努力让政务信息“看", "得懂、用得上”。"),
        ("全年办理申请12", "件，均已答复。"),
        ("会议开了三次，", "均有记录。"),
        ("依据《政府信息", "公开条例》办理。"),
    ],
)
def test_a_sentence_is_whole_again_across_a_page_break(first: str, second: str) -> None:
    assert sections_of(f"一、总体情况\n{first}\n— 3 —\n\n{second}")[0].text == first + second


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("工作取得进展。", "下一步将继续努力。"),
        ("无其他需要报告的事项", "沁县人民政府办公室"),
        ("沁县人民政府办公室", "2020年2月20日"),
        ("（此段正文从略。）", "（此段正文从略。）"),
        ("图1 政府信息主动公开情况表", "图2 政府网站主动公开信息情况"),
        ("①召开发布会0次", "②在线访谈0次。"),
    ],
)
def test_paragraphs_stay_apart(first: str, second: str) -> None:
    assert sections_of(f"一、总体情况\n{first}\n{second}")[0].text == f"{first}\n{second}"


def test_what_stands_before_the_first_heading_has_neither_number_nor_title() -> None:
    text = "平潭综合实验区\n2019年政府信息公开工作年度报告\n根据《条例》编制本报告。\n来源：平潭县人民政府 时间：2020-01-20\n一、总体情况"
    assert sections_of(text)[0] == Section(
        "",
        "",
        "平潭综合实验区2019年政府信息公开工作年度报告\n根据《条例》编制本报告。",
        0,
        "line 1",
        ((0, "line 1"), (7, "line 2"), (25, "line 3")),
    )


def test_every_line_keeps_its_place() -> None:
    found = sections_of("一、总体情况\n2020年初，县政府对政务公开工作进行了\n\n专题部署。\n全年公开12条。")[0]
    assert [place_at(found, found.text.index(w)) for w in ("县政府", "专题", "全年")] == ["line 2", "line 4", "line 5"]


def test_a_text_without_headings_is_one_section() -> None:
    assert outline(SENTENCE) == [("", "")]


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("总体情况", "overview"),
        ("工作基本情况", "overview"),
        ("四、政府信息公开行政法复议、行政诉讼情况", "review"),
        ("因政府信息公开工作被申请行政复议、提起行政诉讼情况", "review"),
        ("政府信息公开工作存在的主要问题及改进情况", "problems"),
        ("其它需要报告事项", "other_matters"),
        ("平台建设情况", None),
        ("抓好阵地建设", None),
        ("监督保障情况", None),
    ],
)
def test_a_title_means_an_official_section(title: str, code: str | None) -> None:
    missing = {f.expected for f in missing_sections([Section("一", title, "", 1, "line 1")], FORM)}
    assert {own for own, titles in FORM.sections if titles[0] not in missing} == ({code} if code else set())


def test_a_missing_section_is_named_as_the_form_names_it() -> None:
    titles = [titles[0] for _, titles in FORM.sections]
    text = "\n".join(f"{n}、{t}" for n, t in zip("一二三四五", titles, strict=False))
    assert [f.words["section"] for f in missing_sections(sections_of(text), FORM)] == ["其他需要报告的事项"]


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("沁县 2019 年政府信息公开年度报告", True),
        ("# 沐阳县人民政府 2025 年 政府信息公开工作年度报告", True),
        ("关于2022年度政府信息公开情况的报告", True),
        ("某局政府政务公开年报", True),
        ("武漢市生態環境局2020年政府信息公開工作年度報告", True),
        ("现公布沁县政府信息公开年度报告。", False),
        ("关于编制政府信息公开工作年度报告的通知", False),
        ("主动公开政府信息情况", False),
    ],
)
def test_titles(line: str, title: bool) -> None:
    assert is_title(line) is title


@pytest.mark.parametrize(
    ("line", "organ"),
    [
        ("沁县人民政府办公室", True),
        ("平潭综合实验区管委会", True),
        ("武汉市生态环境局", True),
        ("沁县", False),
        ("联系单位：沁县人民政府", False),
        ("存在的主要问题及改进情况", False),
        ("2020年2月20日", False),
    ],
)
def test_organs(line: str, organ: bool) -> None:
    assert is_organ(line) is organ


def test_the_sample_reads_as_a_person_reads_it(sample: Path) -> None:
    document = read_document(sample)
    found = {s.number: s for s in split_sections(document, FORM, [row for row in document.rows if row.kind == "line"])}
    assert list(found) == ["", "一", "一（一）", "一（二）", "一（三）", "一（四）", "一（五）", "二", "三", "四", "五"]
    assert "对政务公开工作进行了专题部署。根据省市" in found["一（一）"].text
    assert "二是部分单位对政府信息公开工作缺乏主动性" in found["五"].text
    assert found["五"].text.endswith("\n沁县人民政府办公室\n2020年2月20日")
    assert (found["一（三）"].title, found["一（三）"].where, found["二"].text) == ("主动公开情况", "line 21", "")


@given(width=st.integers(24, 50), page=st.integers(3, 40))
def test_prose_cut_into_lines_and_pages_reads_like_prose_left_whole(sample: Path, width: int, page: int) -> None:
    """However the printed page is cut, no figure is lost, gained or changed."""
    paragraphs = [line for line in sample.read_text(encoding="utf-8").splitlines() if "。" in line and "\t" not in line]
    whole = f"一、总体情况\n{paragraphs[5]}\n{paragraphs[-1]}"
    lines = [line for p in whole.splitlines() for line in re.findall(rf".{{1,{width}}}(?![0-9A-Za-z.])", p)]
    cut = "".join(f"{line}\n" + (f"\n— {i // page} —\n\n" if i % page == 0 else "") for i, line in enumerate(lines, 1))
    assert [(f.phrase, f.value, f.unit) for f in read_figures(sections_of(cut))] == [
        (f.phrase, f.value, f.unit) for f in read_figures(sections_of(whole))
    ]


def test_real_headings_are_found(shared: Path) -> None:
    for case in ("pingtan-2019", "pingtan-2021", "pingtan-2023", "shuyang-2025"):
        source = next(p for p in (shared / "reports" / case).iterdir() if p.stem == "report")
        document = read_document(source)
        found = split_sections(document, FORM, [row for row in document.rows if row.kind == "line"])
        assert [s.number for s in found if s.level == 1] == list("一二三四五六"), case
        assert missing_sections(found, FORM) == [], case
