"""Who reports, for which year, under what title, published when: every way in which pages of all kinds say it."""

from __future__ import annotations

import json
import unicodedata
from itertools import product
from pathlib import Path

import pytest
from scoring import SHARED

from gongkai import ReportError, read_report

BODY = "一、总体情况\n认真做好工作。\n二、主动公开政府信息情况\n公开12条。\n三、收到和处理政府信息公开申请情况\n没有收到申请。\n"


def page(body: str, head: str = "") -> bytes:
    lines = "".join(
        f"<table><tr>{cells(line)}</tr></table>" if line.startswith("|") else f"<p>{line}</p>" for line in body.split("\n") if line
    )
    return f"<html><head><meta charset='utf-8'>{head}</head><body>{lines}</body></html>".encode()


def cells(line: str) -> str:
    return "".join(f"<td>{cell.strip()}</td>" for cell in line.strip("|").split("|"))


def seen(data: bytes) -> tuple[str | None, str | None, int | None, str | None]:
    report = read_report(data)
    return report.title, report.authority, report.year, report.published


def plain(text: str | None) -> str | None:
    return None if text is None else "".join(unicodedata.normalize("NFKC", text).split())


# How a page prints its title: (what stands before the first heading, the title that a person copies down)
T = "青河县教育局2022年政府信息公开工作年度报告"
TITLES = [
    (T, T),
    (f"　　　　{T}", T),
    (" ".join(T), T),
    ("青河县教育局\n2022年政府信息公开工作年度报告", T),
    ("青河县教育局2022年\n政府信息公开工作年度报告", T),
    ("青河县教育局2022年政府信息公开工作\n年度报告", T),
    ("青河县教育局2022年政府信息公开工作年\n度报告", T),
    ("青河县教育局\n2022年\n政府信息公开工作年度报告", T),
    ("青河县教育局2022年政府信息\n公开工作年度报告", T),
    (f"# {T}", T),
    (f"**{T}**", T),
    (f"首页 > 政务公开 > 信息公开年报 > {T}", T),
    (f"当前位置：首页 > 政务公开 > 政府信息公开年报\n{T}", T),
    (f"首页 >> 信息公开 >> 信息公开年报\n{T}", T),
    (f"标题：{T}\n发布日期：2023-01-16", T),
    (f"标题\n{T}\n索引号\n11330000/2023-00012", T),
    (f"政府信息公开指南\n政府信息公开年报\n依申请公开\n{T}", T),
    (f"青河县人民政府\n政府信息公开\n{T}", T),
    ("2022年政府信息公开工作年度报告\n青河县教育局\n2022年政府信息公开工作年度报告", T),
    (f"{T}\n青河县教育局2021年政府信息公开工作年度报告\n{T}", T),
    ("青(qīng)河縣(xiàn)教(jiào)育局2022年政府信息公開(kāi)工作年度報(bào)告", T),
    ("青河县教育局关于2022年政府信息公开工作的年度报告", "青河县教育局关于2022年政府信息公开工作的年度报告"),
    ("青河县教育局2022年度政务公开工作年报", "青河县教育局2022年度政务公开工作年报"),
    ("青河县教育局二〇二二年政府信息公开工作年度报告", "青河县教育局二〇二二年政府信息公开工作年度报告"),
    ("2022年青河县教育局信息公开年度报告", "2022年青河县教育局信息公开年度报告"),
    ("青河县教育局2022年政府信息公开工作年度报告（本级）", "青河县教育局2022年政府信息公开工作年度报告（本级）"),
]  # fmt: skip


@pytest.mark.parametrize("markup", [False, True])
@pytest.mark.parametrize(("head", "title"), TITLES)
def test_a_title_however_it_is_set(head: str, title: str, markup: bool) -> None:
    text = f"{head}\n{BODY}"
    found = seen(page(text) if markup else text.encode())
    assert (plain(found[0]), found[1], found[2]) == (plain(title), "青河县教育局", 2022)


TAGS = [
    f"<title>{T}</title>",
    f"<title>{T}_青河县人民政府</title>",
    f"<title>{T}-政府信息公开年报-青河县人民政府</title>",
    f"<title>{T} | 青河县人民政府门户网站</title>",
    f"<title>青河县人民政府 - {T}</title>",
    f"<title>{T}--青河县政府网</title>",
    f"<title>首页>政务公开>{T}</title>",
    f"<title>政府信息公开年报_青河县人民政府</title><meta name='ArticleTitle' content='{T}'>",
    f"<title>青河县人民政府</title><meta property='og:title' content='{T}'>",
    f"<title>2022年政府信息公开工作年度报告_青河县人民政府</title><meta name='ArticleTitle' content='{T}'>",
]


@pytest.mark.parametrize("tags", TAGS)
def test_a_title_in_the_tags_of_a_page(tags: str) -> None:
    assert seen(page(BODY, tags))[:3] == (T, "青河县教育局", 2022)


def test_the_name_of_a_column_is_no_title() -> None:
    assert seen(page(BODY, "<title>政府信息公开年报_青河县人民政府</title>"))[0] is None


# Every way in which a date is written, and where a page or a signature puts it.
DAYS = {
    "2023年1月31日": "2023-01-31", "2023年01月31日": "2023-01-31", "2023 年 1 月 31 日": "2023-01-31", "２０２３年１月３１日": "2023-01-31",
    "二〇二三年一月三十一日": "2023-01-31", "二○二三年一月三十一日": "2023-01-31", "二零二三年一月三十一日": "2023-01-31",
    "二O二三年元月卅一日": "2023-01-31", "2023.1.31": "2023-01-31", "2023-01-31": "2023-01-31", "2023/1/31": "2023-01-31",
    "2023年12月10日": "2023-12-10", "二〇二三年十二月二十日": "2023-12-20",
}  # fmt: skip
PAGES = [
    "{T}\n发布时间：{0}\n", "{T}\n发布日期:{0} 来源:青河县教育局 浏览次数:12\n",
    "{T}\n[发布时间：{0}] [来源：青河县教育局] 【字体：大 中 小】\n",
    "{T}\n发文日期：{0}\n", "{T}\n成文日期：{0}\n", "{T}\n信息来源：青河县教育局　　发表时间：{0}　　阅读：33\n", "{T}\n更新时间：{0}\n",
    "发布时间：{0}\n{T}\n", "{T}\n日期：{0}\n", "索引号：123 发布机构：青河县教育局\n发布时间\n{0}\n{T}\n",
    "| 索引号 | 11/22 | 发布日期 | {0} |\n| 发布机构 | 青河县教育局 | 文号 | 无 |\n{T}\n",
]  # fmt: skip
SIGNED = [
    "青河县教育局\n{0}\n", "                    青河县教育局\n                    {0}\n", "青河县教育局    {0}\n", "{0}\n",
    "青河县教育局（盖章）\n{0}\n",
    "（青河县教育局 {0}）\n", "{0}\n青河县教育局\n", "青河县教育局\n\n{0}\n\n扫一扫在手机打开当前页\n主办：青河县人民政府办公室\n",
    "青河县教育局\n{0}\n附件：统计表.xls\n上一篇：无\n下一篇：通知\n版权所有 青河县人民政府\n",
]  # fmt: skip


@pytest.mark.parametrize(("printed", "day"), DAYS.items())
def test_a_date_however_it_is_written(printed: str, day: str) -> None:
    for form in PAGES:
        assert seen((form.format(printed, T=T) + BODY).encode())[3] == day, form
    for form in SIGNED:
        assert seen((f"{T}\n{BODY}" + form.format(printed)).encode())[3] == day, form


@pytest.mark.parametrize("tag", ["PubDate", "publishdate", "article:published_time"])
def test_a_date_in_the_tags_of_a_page(tag: str) -> None:
    assert seen(page(f"{T}\n{BODY}", f"<meta name='{tag}' content='2023-01-31 10:22:03'>"))[3] == "2023-01-31"


@pytest.mark.parametrize(
    ("head", "foot", "published", "told"),
    [
        ("发布时间：2023-01-31\n", "青河县教育局\n2023年1月16日\n", "2023-01-31", ("2023-01-31", "2023-01-16")),
        ("发布时间：2024-06-22\n", "青河县教育局\n二〇二三年一月十六日\n", "2024-06-22", ("2024-06-22", "2023-01-16")),
        ("发布时间：2023-01-31\n", "青河县教育局\n2023年1月31日\n", "2023-01-31", None),
        ("发布时间：2023-01-31\n", "", "2023-01-31", None),
        ("", "青河县教育局\n2023年1月16日\n", "2023-01-16", None),
        ("统计时间：2022年1月1日至2022年12月31日\n", "青河县教育局\n2023年1月16日\n", "2023-01-16", None),
        ("会议时间：2022年3月1日\n", "", None, None),
        ("", "2022年3月1日，召开会议。\n", None, None),
        ("发布时间：2023-02-31\n", "", None, None),
    ],
)
def test_the_date_of_the_page_outranks_the_signature_and_a_difference_is_told(head, foot, published, told) -> None:
    report = read_report(f"{T}\n{head}{BODY}{foot}".encode())
    found = report.findings[report.findings["code"] == "dates_differ"]
    assert report.published == published
    assert [(r.expected, r.observed) for r in found.itertuples()] == ([told] if told else [])


# (title, sentence before the first heading, signature, tags, authority, body)
WHO = [
    ("合江县2022年政府信息公开工作年度报告", "", "", "", "合江县人民政府", "government"),
    ("合江县人民政府2022年政府信息公开工作年度报告", "", "合江县人民政府办公室", "", "合江县人民政府", "government"),
    ("合江县2022年政府信息公开工作年度报告", "本报告由合江县人民政府办公室编制。", "", "", "合江县人民政府", "government"),
    ("合江县2022年政府信息公开工作年度报告", "由县政府办公室根据《条例》要求编制。", "", "", "合江县人民政府", "government"),
    ("合江县2022年政府信息公开工作年度报告", "本报告由合江县大数据中心编制。", "", "", "合江县人民政府", "government"),
    ("合江县2022年政府信息公开工作年度报告", "", "合江县人民政府办公室", "", "合江县人民政府办公室", "government"),
    ("合江县2022年政府信息公开工作年度报告", "", "", "ContentSource=泸州市人民政府", "合江县人民政府", "government"),
    ("临港经济开发区2022年政府信息公开工作年度报告", "区管委会办公室编制完成了本报告。", "", "", "临港经济开发区管委会", "government"),
    ("临港经济开发区2022年政府信息公开工作年度报告", "", "", "Author=管委会办公室", "临港经济开发区管委会", "government"),
    ("临港经济开发区2022年政府信息公开工作年度报告", "", "临港经济开发区管委会办公室", "", "临港经济开发区管委会", "government"),
    ("临港经济开发区2022年政府信息公开工作年度报告", "", "", "", "临港经济开发区管委会", "government"),
    ("临港经济开发区管委会2022年政府信息公开工作年度报告", "", "", "Author=超级管理员", "临港经济开发区管委会", "government"),
    ("龙泉镇2022年政府信息公开工作年度报告", "", "", "", "龙泉镇人民政府", "street_or_town"),
    ("龙泉镇人民政府2022年政府信息公开工作年度报告", "", "", "", "龙泉镇人民政府", "street_or_town"),
    ("2022年龙泉镇政府信息公开年度报告", "", "合江县龙泉镇人民政府", "", "合江县龙泉镇人民政府", "street_or_town"),
    ("龙泉镇2022年政府信息公开工作年度报告", "本报告由龙泉镇党政办公室编制。", "", "", "龙泉镇人民政府", "street_or_town"),
    ("桂花街道2022年政府信息公开工作年度报告", "", "", "", "桂花街道办事处", "street_or_town"),
    ("桂花街道办事处2022年政府信息公开工作年度报告", "", "", "", "桂花街道办事处", "street_or_town"),
    ("桂花街道2022年政府信息公开工作年度报告", "", "长沙市天心区桂花街道办事处", "", "长沙市天心区桂花街道办事处", "street_or_town"),
    ("县科技局2022年政府信息公开工作年度报告", "", "合江县科学技术局", "", "合江县科学技术局", "department"),
    ("县科技局2022年政府信息公开工作年度报告", "", "", "", "县科技局", "department"),
    ("青河县文化广电和旅游局2022年政府信息公开工作年度报告", "", "", "", "青河县文化广电和旅游局", "department"),
    ("青河县残疾人联合会2022年政府信息公开工作年度报告", "", "", "", "青河县残疾人联合会", "department"),
    ("国家税务总局青河县税务局2022年政府信息公开工作年度报告", "", "", "", "国家税务总局青河县税务局", "department"),
    ("2022年政府信息公开工作年度报告", "", "青河县水务局", "", "青河县水务局", "department"),
    ("2022年政府信息公开工作年度报告", "《2022年度青河县水务局信息公开工作年度报告》现予公布。", "", "", "青河县水务局", "department"),
    ("2022年政府信息公开工作年度报告", "本报告由青河县水务局办公室编制。", "", "", "青河县水务局", "department"),
    ("2022年政府信息公开工作年度报告", "", "", "ContentSource=青河县水务局", "青河县水务局", "department"),
    ("青河縣教育局2022年政府信息公開工作年度報告", "", "", "", "青河县教育局", "department"),
    ("2022年政府信息公开工作年度报告", "如有疑问，请与青河县政务服务中心联系。", "", "", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("title", "preamble", "signature", "tag", "authority", "body"), WHO)
def test_who_reports(title: str, preamble: str, signature: str, tag: str, authority: str | None, body: str | None) -> None:
    name, _, content = tag.partition("=")
    signed = f"{signature}\n2023年1月16日" if signature else ""
    text = "\n".join(part for part in (title, preamble, BODY, signed) if part)
    report = read_report(page(text, f"<meta name='{name}' content='{content}'>" if tag else ""))
    assert (report.authority, report.body, report.title) == (authority, body, title)


PLACES = [
    ("澜水县", "人民政府"),
    ("澜水县白石镇", "人民政府"),
    ("澜水县城关街道", "办事处"),
    ("澜水县财政局", ""),
    ("澜水高新区", "管委会"),
]
FRONTS = [
    "{T}\n发布时间：2021-03-09\n",
    "澜水政务网\n当前位置：首页 > 政务公开 > 信息公开年报\n{T}\n日期：2021-03-09 10:00　来源：{A}　点击：8\n",
    "标题：{T}\n发布机构：{A}\n发布日期：2021-03-09\n",
    "| 名称 | {T} |\n| 发布日期 | 2021-03-09 |\n",
    "{S}\n2020年政府信息公开工作年度报告\n（2021年3月9日）\n",
]
ENDS = ["", "{A}\n2021年3月9日\n", "　　　　{A}　　　　\n　　　　二〇二一年三月九日\n打印 关闭\n"]


@pytest.mark.parametrize(("front", "end"), list(product(FRONTS, ENDS)))
@pytest.mark.parametrize(("place", "organ"), PLACES)
def test_one_body_has_one_name_however_its_pages_are_made(place: str, organ: str, front: str, end: str) -> None:
    for named in dict.fromkeys((place, place + organ)):
        text = (front + "{B}" + end).format(T=f"{named}2020年政府信息公开工作年度报告", A=place + organ, S=named, B=BODY)
        for data in (text.encode(), page(text)):
            found = seen(data)
            assert (plain(found[0]), *found[1:]) == (f"{named}2020年政府信息公开工作年度报告", place + organ, 2020, "2021-03-09")


# What the files of ../shared do not print: it stands in their address, or was lost or misread before they were made.
NOT_PRINTED = {
    ("shuyang-2025", "title"), ("shuyang-2025", "authority"), ("suqian-2023", "title"), ("wuhan-ecology-2020", "title"),
    ("wuhan-ecology-2020", "authority"), ("guangzhou-beijingjie-2020", "authority"), ("weishan-liangcheng-2020", "authority"),
    ("unnamed-marketbureau-2024", "published"),
    # The title names the government; its office compiles.
    ("huaian-2024", "authority"),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(p.name for p in (SHARED / "reports").iterdir()) if SHARED.is_dir() else [])
def test_who_and_when_of_real_reports(case: str) -> None:
    folder = SHARED / "reports" / case
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    try:
        report = read_report(next(p for p in Path(folder).iterdir() if p.stem == "report"))
    except ReportError:
        pytest.skip("not read yet")
    for key in ("title", "authority", "year", "published"):
        if truth.get(key) is not None and (case, key) not in NOT_PRINTED:
            assert plain(str(getattr(report, key))) == plain(str(truth[key])), key
