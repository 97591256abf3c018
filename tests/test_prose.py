"""Numbers in prose: what counts something, and what only looks as if it did."""

from __future__ import annotations

from itertools import pairwise

import pytest
import strategies  # noqa: F401  (its profile of hypothesis)
from hypothesis import given
from hypothesis import strategies as st

from gongkai.extract.narrative.numbers import mentions, number_in_words


@pytest.mark.parametrize(
    ("printed", "value", "unit"),
    [
        ("3240条", 3240, "条"), ("749 件", 749, "件"), ("１２３４件", 1234, "件"), ("1,234件", 1234, "件"),
        ("12,345,678次", 12_345_678, "次"),
        ("0件", 0, "件"), ("2950元", 2950, "元"), ("1472.57 万元", 14_725_700, "元"), ("2.02萬元", 20_200, "元"),
        ("8.5亿元", 850_000_000, "元"),
        ("45.9 万人", 459_000, "人"), ("45.9万人次", 459_000, "人次"), ("20680批次", 20_680, "批次"), ("42场次", 42, "场次"),
        ("223條", 223, "条"),
        ("11通", 11, "通"), ("8大类", 8, "大类"), ("539小项", 539, "小项"), ("26个窗口", 26, "个"), ("3起诉讼", 3, "起"),
        ("64家单位", 64, "家"),
        ("8.4%", 8.4, "%"), ("8.4％", 8.4, "%"), ("51.85 %", 51.85, "%"), ("百分之五", 5, "%"), ("百分之八点四", 8.4, "%"),
        ("百分之百", 100, "%"),
        ("3.2个百分点", 3.2, "个百分点"), ("三次", 3, "次"), ("两场", 2, "场"), ("五个部分", 5, "个"), ("十二期", 12, "期"),
        ("一百二十件", 120, "件"), ("两千零五件", 2005, "件"), ("98.5分，", 98.5, "分"), ("19分钟", 19, "分钟"),
        ("访问量达69598。", 69_598, ""), ("粉丝3.2万，", 32_000, ""),
    ],
)  # fmt: skip
def test_a_number_with_its_unit_is_read(printed: str, value: float, unit: str) -> None:
    found = mentions(f"我县公开了{printed}")
    assert [(m.value, m.unit, m.approximate) for m in found] == [(value, unit, False)]


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("约30件", 30), ("近300个", 300), ("大约 30 件", 30), ("1000余条", 1000), ("60多个", 60), ("18万余条", 180_000),
        ("超过50次", 50),
        ("不少于4次", 4), ("100场以上", 100), ("30件左右", 30), ("30余万元", 300_000), ("3千余件", 3000), ("三百余条", 300),
        ("十余次", 10),
    ],
)  # fmt: skip
def test_what_is_said_to_be_approximate_stays_so(printed: str, value: float) -> None:
    assert [(m.value, m.approximate) for m in mentions(printed)] == [(value, True)]


@pytest.mark.parametrize(
    "text",
    [
        "2019年1月1日起至2019年12月31日止", "20191月1日起", "2019-2020学年", "2020-01-20 15:22", "2020/1/5",
        "2020.1.5", "二〇一九年", "12月份",
        "〔2021〕30号", "国务院令第711号", "12345热线", "110宣传日", "96345服务平台", "电话：0355-7021371；邮编：350400", "23158786",
        "www.qinxian.gov.cn", "第20条", "第 5 次", "第3批", "《条例》第三十六条", "第二十条第（一）项", "对36条第1款",
        "《条例》三十六条规定",
        "一是强化；二是提升", "一方面", "一批", "一系列", "一年来", "一个", "一次性", "十九届四中全会", "十四五",
        "“两微一端”", "“三公”经费",
        "四个意识、两个维护", "三项制度", "三类内部事务信息", "四类过程性信息", "第二次会议", "二次开发", "一两次",
        "三四件", "七八个", "数十件", "几十次",
        "上百家", "百余件", "3个月", "20个工作日", "12个季度", "24小时", "15日内", "60岁以上", "70周年", "1.个别部门",
        "2、部分单位", "（1）部门",
        "14层、7号楼", "家园985后台", "H5、A4纸、5G网络", "3A级景区", "1+X", "《2019年第3期》", "“最多跑1次”改革",
        "3家庭", "12条例", "4处理",
        "图1 政府信息主动公开情况表", "00件", "5万3千件", "1 234件", "3—5次", "5-10件", "10至15个", "2019年度", "人大代表", "— 5 —",
    ],
)  # fmt: skip
def test_what_counts_nothing_is_no_figure(text: str) -> None:
    assert mentions(text) == ()


def test_a_place_in_the_fold_is_a_place_in_print() -> None:
    text = "共有１２\u3000件，占８.４％"
    assert [text[m.start : m.end] for m in mentions(text)] == ["１２\u3000件", "８.４％"]


@given(st.integers(0, 10**9), st.sampled_from(["条", "件", "次", "人次", "篇", "元"]), st.booleans())
def test_any_whole_number_is_read_as_it_stands(number: int, unit: str, grouped: bool) -> None:
    printed = f"{number:,}" if grouped else str(number)
    assert [(m.value, m.unit) for m in mentions(f"全年公开信息{printed}{unit}，比上年增加。")] == [(number, unit)]


@given(st.text("共约近余多万千百十一二三四五六七八九0123456789.,，年月日号第条件个%（）“”《》 -", max_size=60))
def test_any_text_gives_numbers_in_order_and_apart(text: str) -> None:
    found = mentions(text)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert all(m.value >= 0 for m in found)


@pytest.mark.parametrize(("numeral", "value"), [("十", 10), ("两百", 200), ("百", 100), ("三四", None), ("零点五", 0.5)])
def test_a_numeral_in_words(numeral: str, value: float | None) -> None:
    read = number_in_words(numeral)
    assert (None if read is None else float(read)) == value
