"""Text into numbers, labels and page marks, case by case."""

from __future__ import annotations

import pytest
import strategies  # noqa: F401  (its profile of hypothesis)
from hypothesis import given
from hypothesis import strategies as st

from gongkai.core.text import (
    UNKNOWN_UNIT,
    Number,
    is_page_mark,
    is_value,
    label_key,
    money_unit,
    ordinal_key,
    plain,
    read_number,
    squeeze,
    unitless,
    width,
)


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("0", 0), ("7", 7), ("1024", 1024), (" 12 ", 12), ("\u300012\u3000", 12), ("1\u200b2", 12),
        ("1,024", 1024), ("1，024", 1024), ("12,345,678", 12_345_678), ("１２", 12), ("１，０２４", 1024),
        ("12件", 12), ("12 件", 12), ("３ 条", 3), ("5人次", 5), ("8宗", 8), ("(3)", 3), ("（3）", 3),
        ("1.2万件", 12_000), ("3万", 30_000), ("2.0", 2),
    ],
)  # fmt: skip
def test_a_count_is_read_as_printed(printed: str, value: float) -> None:
    assert (read_number(printed).value, read_number(printed).status) == (value, "printed")


@pytest.mark.parametrize("printed", ["", " ", "\u3000", "\u3000\u3000 ", "\xa0", "\t", "\u200b", "\ufeff", "\n"])
def test_nothing_but_space_is_blank(printed: str) -> None:
    assert (read_number(printed).value, read_number(printed).status) == (None, "blank")


@pytest.mark.parametrize(
    "printed", ["-", "—", "——", "－", "–", "--", "/", "／", "//", "无", "無", "暂无", "不适用", "不涉及", "*", "N/A", "\\", " — ", "— —"]
)
def test_a_mark_is_no_zero(printed: str) -> None:
    assert (read_number(printed).value, read_number(printed).status) == (None, "mark")


@pytest.mark.parametrize(
    "printed",
    [
        "约30", "30余", "30多件", "3²", "①", "3①", "05", "00", "007", "1 2", "1\u30002", "2.5", "1,02", "1,0245", "12,34",
        "1.2.3", "1/2", "3-5", "3+2",
        "8%", "1472.57万元", "12元", "-3", "减 16", "－3", "1e3", "0x1F", "O", "l0", "①②", "一", "十二", "3个月", "12件3", "件12",
        "?", "3?", "３．５",
        "见附件", "规章", "12 34 56",
    ],
)  # fmt: skip
def test_what_is_not_plainly_one_count_is_not_guessed(printed: str) -> None:
    assert (read_number(printed).value, read_number(printed).status) == (None, "unreadable")


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("减 16", -16), ("减16", -16), ("减少16", -16), ("减少了 16 项", -16), ("下降16", -16), ("增加3项", 3), ("增 3", 3),
        ("新增3", 3), ("增加了3", 3),
        ("+3", 3), ("＋3", 3), ("-11", -11), ("－11", -11), ("−11", -11), ("–11", -11), ("—11", -11), ("- 11", -11),
        ("（-8）", -8), ("负8", -8),
        ("0", 0), ("442", 442), ("-1,024", -1024), ("减：16", -16),
    ],
)  # fmt: skip
def test_a_change_carries_its_sign(printed: str, value: float) -> None:
    assert (read_number(printed, signed=True).value, read_number(printed, signed=True).status) == (value, "printed")


@pytest.mark.parametrize("printed", ["减-16", "增-3", "+-3", "--3", "减增3", "减", "增/减", "-05", "减 1 6", "16减", "-2.5"])
def test_a_change_that_contradicts_itself_is_unreadable(printed: str) -> None:
    assert (read_number(printed, signed=True).value, read_number(printed, signed=True).status) == (None, "unreadable")


@pytest.mark.parametrize(
    ("printed", "head", "value"),
    [
        ("1472.57 万元", "", 14_725_700), ("1472.57万元", "元", 14_725_700), ("73802895.90元", "", 73_802_895.9),
        ("73802895.90", "元", 73_802_895.9),
        ("1.2亿元", "", 120_000_000), ("0.0027万元", "", 27), ("477.35", "万元", 4_773_500), ("1,472.57万元", "", 14_725_700),
        ("0", "", 0), ("0.00", "", 0),
        ("0万元", "", 0), ("0.01元", "", 0.01), ("１２．５万元", "", 125_000), ("3万", "", 30_000), ("3千元", "", 3_000),
        ("1.1万元", "万元", 11_000),
    ],
)  # fmt: skip
def test_money_is_read_in_yuan(printed: str, head: str, value: float) -> None:
    number = read_number(printed, unit="yuan", head_unit=head)
    assert (number.value, number.status) == (value, "printed")


@pytest.mark.parametrize("printed", ["477.35", "1472", "1,472.57"])
def test_money_without_a_unit_is_uncertain(printed: str) -> None:
    assert read_number(printed, unit="yuan").status == "uncertain"


@pytest.mark.parametrize("printed", ["12件", "约30万元", "3.5.1万元", "012万元", "-5万元", "12 34万元", "万元"])
def test_money_that_is_no_amount_is_unreadable(printed: str) -> None:
    number = read_number(printed, unit="yuan", head_unit="元")
    assert (number.value, number.status) == (None, "unreadable")


@given(st.integers(0, 10**12))
def test_any_count_reads_back_with_and_without_thousands(n: int) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in f"{n:,}")
    assert {read_number(t).value for t in (str(n), f"{n:,}", wide, f"{n} 件")} == {n}


@given(st.integers(0, 10**13))
def test_any_amount_reads_back_to_the_cent(cents: int) -> None:
    assert read_number(f"{cents // 100}.{cents % 100:02}元", unit="yuan").value == cents / 100


@pytest.mark.parametrize(
    ("printed", "key"),
    [
        ("（二） 部分公开（区分处理的，只计这一情形，不计其他情形）", "部分公开"), ("(二)部分公开", "部分公开"),
        ("部分公开(区分处理的,只计这一情形", "部分公开"),
        ("3.危及“三安全一稳定”", "危及三安全一稳定"), ("③ 危及三安全一稳定", "危及三安全一稳定"),
        ("3、危及\n“三安全\n一稳定”", "危及三安全一稳定"),
        ("本年增/减", "本年增减"), ("本年增／减(指2020年增加或减少的事项数,减用负值表示,如-8)", "本年增减"),
        ("三、本年度办理结果", "本年度办理结果"), ("一、本年新收政府信息公开申请数量", "本年新收政府信息公开申请数量"),
        ("结 果 维 持", "结果维持"), ("结\u3000果\n维持", "结果维持"), ("（七）总计", "总计"), ("总 计：", "总计"),
        ("2.重复申请", "重复申请"), ("２．重复申请", "重复申请"),
        ("2. 没有现成信息需要 另行制作", "没有现成信息需要另行制作"), ("采购总金额（万元）", "采购总金额"),
        ("# 二、主动公开政府信息情况", "主动公开政府信息情况"), ("", ""),
    ],
)  # fmt: skip
def test_a_label_is_compared_without_its_dress(printed: str, key: str) -> None:
    assert label_key(printed) == key


@pytest.mark.parametrize("label", ["一般", "三类内部事务信息", "十九大", "三安全一稳定", "第二十条第一项"])
def test_a_number_that_is_part_of_a_label_stays(label: str) -> None:
    assert label_key(label) == label


@pytest.mark.parametrize(
    ("printed", "key"),
    [
        ("（七）总计", "(7)"), ("(七)总计", "(7)"), ("四、结转下年度继续办理", "4"), ("4.保护第三方合法权益", "4"),
        ("4、保护第三方合法权益", "4"),
        ("④保护第三方合法权益", "4"), ("（10）某项", "(10)"), ("十、某项", "10"), ("总计", ""), ("三类内部事务信息", ""), ("", ""),
    ],
)  # fmt: skip
def test_the_numbering_of_a_label(printed: str, key: str) -> None:
    assert ordinal_key(printed) == key


@pytest.mark.parametrize(
    "text", ["— 5 —", "-5-", "－ 12 －", "第 5 页", "第5页 共9页", "第 5 页，共 9 页", "Page 9", "Page 9 of 12", "p. 3", "3/12", "3 / 12"]
)
def test_a_page_mark(text: str) -> None:
    assert is_page_mark(text)


@pytest.mark.parametrize(
    "text", ["5", "-5", "0", "—", "/", "2019年", "第二十条第（一）项", "第 5 页的数据", "1472.57", "", "减 16", "一、总体情况"]
)
def test_no_page_mark(text: str) -> None:
    assert not is_page_mark(text)


@pytest.mark.parametrize("text", ["0", "1,024", "—", "", "无", "减 16", "1472.57 万元", "约30", "3²", "12件", "-11", "05", "30余件"])
def test_what_a_value_cell_may_hold(text: str) -> None:
    assert is_value(text)


@pytest.mark.parametrize("text", ["规章", "1.属于国家秘密", "2019年", "三、本年度办理结果", "本年增/减", "（七）总计", "第5页"])
def test_what_a_value_cell_does_not_hold(text: str) -> None:
    assert not is_value(text)


@given(st.text(st.characters(min_codepoint=0x3400, max_codepoint=0x9FFF)))
def test_folding_keeps_every_chinese_character(text: str) -> None:
    assert plain(text) == text
    assert squeeze(plain(text)) == text


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@given(st.text(max_size=12), st.sampled_from(("count", "yuan")), st.booleans())
def test_any_text_gets_a_status_and_a_value_only_where_it_is_printed(text: str, unit: str, signed: bool) -> None:
    number = read_number(text, unit=unit, signed=signed)
    assert (number.value is not None) == (number.status in ("printed", "uncertain"))


def test_a_chinese_character_is_two_columns_wide() -> None:
    assert (width("规章"), width("12"), width("（一）"), width("")) == (4, 2, 6, 0)


@pytest.mark.parametrize("unit", ["?元", "�元", "百元", "十万元", "美元", "港元", "元（万元）", "□元"])
def test_a_unit_of_money_that_nobody_knows_is_no_yuan(unit: str) -> None:
    assert money_unit(f"本年收费金额（单位：{unit}）") == UNKNOWN_UNIT
    assert read_number("8234.5", "yuan", head_unit=UNKNOWN_UNIT) == Number(None, "uncertain")
    assert read_number(f"8234.5{unit}", "yuan").status == "uncertain"
    assert unitless(f"8234.5{unit}") == (8234.5, 82345000.0)
    assert is_value(f"8234.5{unit}")


@pytest.mark.parametrize(
    ("head", "unit"),
    [
        ("采购总金额（万元,保留四位小数）", "万元"),
        ("元/万元", UNKNOWN_UNIT), ("(單位:萬元)", "萬元"), ("收费金额 万 元", "万元"), ("人民币元", "元"), ("金额/元", "元"),
        ("（单位：千元）", "千元"), ("百万元", "百万元"), ("采购总金额", ""), ("本年收费金额", ""),
    ],
)  # fmt: skip
def test_a_known_unit_of_money_is_read_from_a_head(head: str, unit: str) -> None:
    assert money_unit(head) == unit


@pytest.mark.parametrize("printed", ["未增未减", "无增无减", "不增不减", "没有变化", "无变化", "持平", "未增加也未减少"])
def test_a_change_of_nothing_in_words_is_nothing(printed: str) -> None:
    assert read_number(printed, signed=True) == Number(0.0, "printed")
    assert read_number(printed).value is None


@pytest.mark.parametrize("printed, status", [
    ("本单位未制作规章", "mark"), ("无此项", "mark"), ("未发生", "mark"), ("本年度不涉及", "mark"), ("暂无数据", "mark"),
    ("未办结三件", "unreadable"),    ("未办结3件", "unreadable"), ("详见附件", "unreadable"), ("不予公开", "unreadable"),
])  # fmt: skip
def test_words_that_say_that_there_is_nothing_are_a_mark(printed: str, status: str) -> None:
    assert read_number(printed).status == status


@pytest.mark.parametrize("sign", ["\u200e", "\u2067", "\u200b", "\u00ad", "\ufe0f"])
def test_unseen_signs_are_no_part_of_a_number_and_what_turns_it_around_is(sign: str) -> None:
    assert read_number(f"21{sign}574").value == 21574
    assert read_number("\u202e21574").status == "unreadable"
