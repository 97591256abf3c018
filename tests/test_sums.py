"""Sums and shares that the prose states: broken only where two statements cannot both be true."""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path

import pytest
import strategies  # noqa: F401  (its profile of hypothesis)
from hypothesis import given
from hypothesis import strategies as st

from gongkai.core.model import Section
from gongkai.extract.narrative.sections import split_sections
from gongkai.extract.narrative.sums import check_figures
from gongkai.forms import load_form
from gongkai.readers import read_document

FORM = load_form("2019")


def judged(text: str) -> list[tuple[str, str]]:
    findings, checks = check_figures([Section("一", "总体情况", text, 1, "line 2")])
    assert len(findings) == sum(c.state == "broken" or c.rounded for c in checks)
    return [(c.code, c.state) for c in checks]


@pytest.mark.parametrize(
    "text",
    [
        "收到申请95件，其中自然人80件、企业15件。",
        "收到申请95件，其中自然人80件，企业15件，办结95件，结转0件。",
        "涉及32个单位（12个镇、20个部门）。",
        "新增专栏3个，其中2个市级、1个区级。",
        "收到申请95件，其中自然人80件、法人15件，法人申请中企业10件、律所5件。",
        "共发布380条信息，其中专项152条，公开197条（政府32条、部门165条）、经费27条、债券4条。",
        "受理申请3119件，答复3050件，其中予以公开1362件，其他1688件。",
        "对25件申请收取了2950元。其中，甲局10件，收取950元；乙局15件，收取2000元。",
        "收到申请95件（自然人80件、企业15件），同比增长3%。",
    ],
)
def test_parts_that_make_the_whole(text: str) -> None:
    assert {c for c in judged(text) if c[0] == "breakdown"} == {("breakdown", "holds")}


@pytest.mark.parametrize(
    ("text", "expected", "observed"),
    [
        ("收到申请95件，其中自然人80件、企业16件。", "96", "95"),
        ("涉及32个单位（12个镇、21个部门）。", "33", "32"),
        ("公布政府信息2599条，(其中机构职能类25条，规划类68条，其他856条)主要通过网站公开。", "949", "2599"),
        ("公开信息3241条，其中：动态272条，占8.4%；目录2834条，占87.4%；机构40条，占1.2%；其他94条，占2.9%。", "3240", "3241"),
        ("共发布380条信息，其中专项152条，公开197条（政府32条、部门165条）、经费27条、债券5条。", "381", "380"),
    ],
)
def test_parts_that_cannot_make_the_whole(text: str, expected: str, observed: str) -> None:
    findings, _ = check_figures([Section("一", "总体情况", text, 1, "line 2")])
    assert [(f.code, f.expected, f.observed, f.where) for f in findings] == [("breakdown", expected, observed, "line 2")]


@pytest.mark.parametrize(
    "text",
    [
        "公开信息3240条，其中政务动态272条，机构职能40条。",
        "公开信息100条，其中网站90条，微信50条。",
        "公开信息约3240条，其中动态300条，法规200条，其他1000条。",
        "召开发布会5次，其中主要负责同志参加2次，政策解读10次。",
        "制发文件20件，其中规范性文件5件，废止8件，现行有效133件。",
        "公开信息3240条，比上年增加100条，其中政务272条。",
        "收到申请3件（含上年结转1件，网上2件）。",
        "答复3050件（含上年度结转申请34件，另有103件顺延到下年度答复）。",
        "收到申请95件，其中自然人80件，办结95件，结转0件。",
        "行政复议351件，其中结果维持72件，结果纠正64件，其他结果178件。",
        "收到申请95件，其中予以公开50件、部分公开9件、其他处理2件。",
        "收到申请95件，其中网上申请占80%。",
        "开设专栏10个，包括3个一级栏目，其中1个已停用。",
        "公开信息3240条，其中动态272条，其他2968条。微博发布信息300条，占60%。",
        "公开信息3460条，其中部门1822条，占53%。微博发布信息500条，原创300条，占60%。",
        "召开发布会5次，其中，微信推送80次。",
    ],
)
def test_what_can_be_true_raises_nothing(text: str) -> None:
    assert not {s for _, s in judged(text)} & {"broken"}


@given(st.lists(st.integers(1, 9999), min_size=3, max_size=9), st.integers(-50, 50), st.booleans())
def test_a_list_that_ends_with_the_rest_is_held_to_its_sum(parts: list[int], off: int, bracket: bool) -> None:
    whole, names = sum(parts) + off, ["动态", "法规", "规划", "许可", "处罚", "财政", "采购", "人事", "统计"]
    listed = "、".join(f"{name}类信息{n}条" for name, n in zip([*names[: len(parts) - 1], "其他"], parts, strict=True))
    state = "holds" if off == 0 or (whole in accumulate(parts[1:], initial=parts[0]) and whole != parts[0]) else "broken"
    text = f"全年公开信息{whole}条（{listed}）。" if bracket else f"全年公开信息{whole}条，其中{listed}。"
    assert whole < max(parts) or judged(text) == [("breakdown", state)]


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("公开信息500条，微博发布300条，占60%。", "holds"),
        ("公开信息500条，微博发布300条，占61%。", "broken"),
        ("公开信息500条，微博发布300条，占全部微博的30%。", "undecided"),
        ("公开信息约500条，微博发布300条，占61%。", "undecided"),
        ("收到申请761件，予以公开258件（33.9%）。", "holds"),
        ("收到申请761件，予以公开258件（34.9%）。", "undecided"),
        ("全市收到申请800件，我区收到95件，占全市的12%。", "holds"),
        ("收到申请4件，办结3件，公开1件，占25%。", "undecided"),
    ],
)
def test_a_share_of_the_whole(text: str, state: str) -> None:
    assert [s for code, s in judged(text) if code == "percentage"] == [state]


def test_a_share_whose_last_digit_was_cut_off_is_only_noted() -> None:
    findings, checks = check_figures([Section("一", "总体情况", "公开信息3240条，微博发布272条，占总数的8.3%。", 1, "line 2")])
    assert [(f.code, f.expected, f.observed) for f in findings] == [("rounded", "8.4", "8.3")]
    assert [c.state for c in checks] == ["holds"]


def test_the_sample_s_own_arithmetic_is_recomputed_and_holds(sample: Path) -> None:
    document = read_document(sample)
    findings, checks = check_figures(split_sections(document, FORM, [row for row in document.rows if row.kind == "line"]))
    assert findings == []
    assert [(c.code, c.expected, c.observed, c.state) for c in checks] == [
        ("breakdown", 3240, 3240, "holds"),
        ("percentage", 8.4, 8.4, "holds"),
        ("percentage", 87.5, 87.5, "holds"),
        ("percentage", 1.2, 1.2, "holds"),
        ("percentage", 2.9, 2.9, "holds"),
    ]


@pytest.mark.parametrize(
    ("case", "findings", "holding"),
    [
        ("pingtan-2014", [], 3),
        ("pingtan-2016", [], 3),
        ("pingtan-2019", [("breakdown", "2533", "2599", "par 9")], 2),
        ("pingtan-2021", [], 0),
        ("pingtan-2023", [], 6),
        ("shuyang-2025", [], 2),
    ],
)
def test_the_arithmetic_of_real_reports(shared: Path, case: str, findings: list[tuple[str, str, str, str]], holding: int) -> None:
    source = next(p for p in (shared / "reports" / case).iterdir() if p.stem == "report")
    document = read_document(source)
    found, checks = check_figures(split_sections(document, FORM, [row for row in document.rows if row.kind == "line"]))
    assert [(f.code, f.expected, f.observed, f.where) for f in found] == findings
    assert sum(c.state == "holds" for c in checks) == holding
