"""The figures of the prose: each with the words that it counts, its unit and its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gongkai.core.model import Figure, Section
from gongkai.extract.narrative.figures import read_figures
from gongkai.extract.narrative.sections import split_sections
from gongkai.forms import load_form
from gongkai.readers import read_document

FORM = load_form("2019")


def figures_of(source: Path | bytes) -> tuple[Figure, ...]:
    document = read_document(source)
    return read_figures(split_sections(document, FORM, [row for row in document.rows if row.kind == "line"]))


def phrases(sentence: str) -> list[tuple[str, float, str]]:
    return [(f.phrase, f.value, f.unit) for f in read_figures([Section("一", "总体情况", sentence, 1, "line 2")])]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("2019年全年主动公开政府信息累计3240条，包括文件等。", [("2019年全年主动公开政府信息", 3240, "条")]),
        ("其中：政务动态类信息272条，占总数的8.4%；", [("政务动态类信息", 272, "条"), ("政务动态类信息占总数", 8.4, "%")]),
        (
            "全县全年共受理政府信息公开申请 749 件，其中自然人申请 741 件。",
            [("全县全年共受理政府信息公开申请", 749, "件"), ("自然人申请", 741, "件")],
        ),
        (
            "全区共收到70件申请，及时依法依规办结69件，1件结转下年度继续办理。",
            [("全区共收到申请", 70, "件"), ("及时依法依规办结", 69, "件"), ("结转下年度继续办理", 1, "件")],
        ),
        ("通过微信公众号发布20680批次农产品抽检情况；", [("通过微信公众号发布农产品抽检情况", 20680, "批次")]),
        ("推出20期《问政平潭之有事您说》等相关栏目，", [("推出《问政平潭之有事您说》等相关栏目", 20, "期")]),
        ("将8大类348项公共服务事项实现通办，", [("公共服务事项实现通办", 8, "大类"), ("公共服务事项实现通办", 348, "项")]),
        (
            "预决算公开197条（政府预决算32条、部门预决算公开165条）、“三公”经费27条。",
            [("预决算公开", 197, "条"), ("政府预决算", 32, "条"), ("部门预决算公开", 165, "条"), ("“三公”经费", 27, "条")],
        ),
        ("①參加或舉辦新聞發布會總次數0次。", [("參加或舉辦新聞發布會總次數", 0, "次")]),
        ("52条，其中1条播放量破亿、2条破千万。", [("", 52, "条"), ("播放量破亿", 1, "条"), ("破千万", 2, "条")]),
    ],
)
def test_a_number_comes_with_the_words_that_it_counts(sentence: str, expected: list[tuple[str, float, str]]) -> None:
    assert phrases(sentence) == expected


def test_a_figure_stands_where_its_line_stands() -> None:
    text = "一、总体情况\n全年公开政府信息12条。\n\n（二）申请。2020年我县共受理政府信息公开申请3\n\n件，均已答复。"
    assert [(f.section, f.where, f.sentence) for f in figures_of(text.encode())] == [
        ("一", "line 2", "全年公开政府信息12条。"),
        ("一（二）", "line 4", "2020年我县共受理政府信息公开申请3件，均已答复。"),
    ]


def test_a_section_without_a_number_is_named_by_its_title() -> None:
    assert [f.section for f in figures_of("总体情况\n全年公开政府信息12条。".encode())] == ["总体情况"]


def test_the_figures_of_the_sample_are_all_there_and_no_others(sample: Path) -> None:
    assert [(f.value, f.unit) for f in figures_of(sample)] == [
        (5, "个"),
        (3240, "条"),
        (272, "条"),
        (8.4, "%"),
        (2834, "条"),
        (87.5, "%"),
        (40, "条"),
        (1.2, "%"),
        (94, "条"),
        (2.9, "%"),
    ]


@pytest.mark.parametrize(
    "case", ["qinxian-2019", "pingtan-2014", "pingtan-2016", "pingtan-2019", "pingtan-2020", "pingtan-2021", "pingtan-2023"]
)
def test_every_figure_read_by_hand_is_found(shared: Path, case: str) -> None:
    folder = shared / "reports" / case
    source = next(p for p in folder.iterdir() if p.stem == "report")
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["narrative_figures"]
    left_out = {"宣布废止规范性文件"} if case == "pingtan-2020" else set()
    wanted = {(float(f["value"]), f["unit"]) for f in truth if f["what"] not in left_out}
    assert wanted <= {(f.value, f.unit) for f in figures_of(source)}


def test_long_text_without_a_full_stop_is_read_in_good_time() -> None:
    text = "公开信息1件，" * 20_000 + "（" * 20_000
    assert len(read_figures([Section("一", "总体情况", text, 1, "line 2")])) == 20_000
