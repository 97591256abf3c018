"""No report is refused that a person reads at once, and what is no report is told as what it is."""

from __future__ import annotations

import pytest

from gongkai import ReportError, read_report
from gongkai.core.errors import NotAReport
from gongkai.forms import load_form
from gongkai.synthetic.writers import layout, to_html, to_text

FORM = load_form("2021")
BLANK = {f.path: None for f in FORM.fields if f.item != "other"}


def page(title: str, *lines: str, tags: str = "") -> bytes:
    body = "".join(f"<p>{line}</p>" for line in (title, *lines))
    return f"<html><head><meta charset='utf-8'>{tags}</head><body>{body}</body></html>".encode()


def told(title: str, *lines: str) -> bytes:
    return "\n".join((title, *lines)).encode()


# Narrative reports as small offices wrote them: no official heading, numbers of their own, or none.
NARRATIVE = {
    "paragraphs": (
        "青河县粮食局2012年政府信息公开年度报告",
        "2012年，我局按照《条例》要求，认真做好政府信息公开工作，成立了领导小组。",
        "全年主动公开政府信息32条，其中网站公开30条。没有收到公开申请，没有发生收费。",
        "存在的问题是公开内容不够丰富，明年将加以改进。",
    ),
    "arabic": (
        "2016年青河县气象局政府信息公开工作年度报告",
        "1、基本情况。我局重视信息公开，专人负责。",
        "2、主动公开情况。公开信息18条。",
        "3、依申请公开情况。没有收到公开申请。",
        "4、收费情况。无。",
    ),
    "points": (
        "白石镇二〇一五年政务公开工作年度报告",
        "2015年，我镇政务公开工作取得成效，现报告如下。",
        "一是加强领导。成立政务公开领导小组，由镇长任组长。",
        "二是公开及时。全年公开信息45条，公开栏公开120期。",
    ),
    "sentence": (
        "根据《中华人民共和国政府信息公开条例》的规定，现公布2012年白石镇政府信息公开工作年度报告。",
        "我镇高度重视政府信息公开工作，成立领导小组，配备专职人员。",
        "2012年我镇主动公开政府信息21条。未收到政府信息公开申请，也没有因公开发生行政复议。",
    ),
    "letter": (
        "县政府办公室：",
        "按照要求，现将我局2013年度政府信息公开工作情况报告如下：",
        "全年公开信息60条，其中政策法规5条。信息公开及时、准确。没有收到依申请公开的申请，没有公开收费。",
    ),
    "period": (
        "政务公开",
        "本年度报告数据的统计期限自2014年1月1日至2014年12月31日止。",
        "一年来，我局主动公开政府信息96条，通过网站公开80条，公开栏公开16条，没有收到公开申请。",
    ),
    "broken title": (
        "青河县广播电视台2013年度信息公开工作",
        "年度报告",
        "我台2013年公开信息12条，均在网站公开，没有收到公开申请。",
        "公开还不够及时，今后将加强信息公开工作人员的培训，做到公开及时、准确。",
    ),
    "menu": (
        "政府信息公开指南",
        "政府信息公开目录",
        "信息公开制度",
        "青河县水务局2014年政府信息公开年度报告",
        "2014年，我局公开信息50条，其中网站公开40条。全年没有收到公开申请，没有公开收费，没有因公开发生复议和诉讼。",
    ),
}


@pytest.mark.parametrize("write", [told, page])
@pytest.mark.parametrize("name", NARRATIVE)
def test_a_narrative_report_is_known_without_official_headings(name: str, write) -> None:
    report = read_report(write(*NARRATIVE[name]))
    assert report.form == "narrative" and len(report.cells) == 0 and report.year is not None
    assert len(report.figures) or name == "points"


LIST = [f"青河县{name}局2022年政府信息公开工作年度报告" for name in ("教育", "公安", "民政", "财政", "水务")]
# What else a collector saves: (code of its kind, a word that the error must say in each language, document)
STRANGERS = [
    ("不存在", "does not exist", page("404", "您访问的页面不存在或已被删除", "返回首页")),
    ("不存在", "does not exist", page("抱歉，没有找到您要的页面", tags="<title>404 Not Found</title>")),
    ("不存在", "does not exist", told("该文章已删除")),
    ("验证", "a check", page("403 Forbidden", "nginx")),
    ("验证", "a check", page("安全验证", "请完成验证码后继续访问")),
    ("验证", "a check", page("请启用JavaScript后访问本站")),
    (
        "解读",
        "interpretation",
        told(
            "《青河县2022年政府信息公开工作年度报告》解读",
            "一、编制背景",
            "根据条例编制。",
            "二、主要内容",
            "全年公开信息120条，收到公开申请12件。",
            "三、下一步",
            "继续做好公开。",
        ),
    ),
    ("解读", "interpretation", told("一图读懂青河县2022年政府信息公开工作年度报告", "公开120条，收到公开申请12件，均已公开。")),
    ("解读", "interpretation", page("青河县关于促进就业的若干措施政策解读", "一、背景", "为公开政策……。")),
    (
        "解读",
        "interpretation",
        told("图解：2022年青河县政府信息公开年报", "一、总体情况", "公开120条。", "二、主动公开政府信息情况", "公开。"),
    ),
    (
        "通知",
        "notice",
        told(
            "关于做好2022年政府信息公开工作年度报告编制发布工作的通知",
            "各乡镇人民政府，县政府各部门：",
            "一、总体情况",
            "请于1月31日前公开。",
            "二、主动公开政府信息情况",
            "按格式公开。",
            "青河县人民政府办公室",
            "2022年12月20日",
        ),
    ),
    ("通知", "notice", told("青河县人民政府办公室关于报送政府信息公开年度报告的函", "请各单位公开年度报告。")),
    ("通知", "notice", page("青河县人民政府办公室关于2022年政务公开工作考核情况的通报", "现将公开考核结果通报如下。")),
    ("通知", "notice", told("招标公告", "一、项目名称：信息公开平台。", "二、公开招标。", "三、公开报名。")),
    (
        "指南",
        "guide",
        told(
            "青河县政府信息公开指南", "一、主动公开", "公开范围……。", "二、依申请公开", "公开申请的受理机构……。", "三、监督", "公开监督。"
        ),
    ),
    (
        "指南",
        "guide",
        page(
            "青河县教育局信息公开指南",
            "为了更好地提供公开服务，编制本指南。",
            tags="<title>青河县教育局信息公开指南_青河县人民政府</title>",
        ),
    ),
    ("申请表", "application form", told("青河县政府信息公开申请表", "申请人姓名", "所需信息")),
    ("目录", "catalogue", told("青河县政府信息公开目录", "1、机构职能", "2、政策文件", "3、公开年报")),
    ("目录", "a list of 5 reports", told("政府信息公开年报", *LIST)),
    ("目录", "a list of 5 reports", page("信息公开年报", *LIST, "上一页 下一页")),
    ("目录", "reports by title", told("信息公开年报", *(f"青河县{y}年政府信息公开工作年度报告 {y + 1}-01-20" for y in range(2015, 2022)))),
    (
        "另一种",
        "another kind",
        told(
            "青河县2022年法治政府建设年度报告",
            "一、主要举措",
            "推进政务公开，公开信息……。",
            "二、问题",
            "公开不够。",
            "三、打算",
            "继续公开。",
        ),
    ),
    ("另一种", "another kind", told("青河县教育局2022年度部门决算公开报告", "一、部门概况", "公开……。")),
    ("另一种", "another kind", told("青河县2022年政务公开工作总结", "今年公开工作取得成效。")),
    (
        "方案",
        "plan",
        told("青河县2022年政务公开工作要点", "一、加强公开", "推进公开……。", "二、公开平台", "公开。", "三、公开监督", "公开。"),
    ),
    (
        "法规",
        "regulation",
        told("中华人民共和国政府信息公开条例", "第一条 为了保障公民依法获取政府信息，提高政府工作的透明度，公开……。", "第二条 公开。"),
    ),
    (
        "新闻",
        "news",
        told(
            "青河县召开2022年政府信息公开年度报告编制培训会", "近日，青河县召开培训会，公开办负责人讲解公开要求。公开工作受到重视。公开。"
        ),
    ),
    (
        "新闻",
        "news",
        told(
            "青河县发布2022年政府信息公开年度报告",
            "记者从县政府获悉，青河县近日发布报告。报告显示，全年公开信息1200条，办理公开申请30件，公开工作迈上新台阶。公开渠道不断拓展，群众满意度提高。",
        ),
    ),
    (
        "正文",
        "no text",
        page("青河县2022年政府信息公开工作年度报告", "发布时间：2023-01-20", "附件：青河县2022年政府信息公开工作年度报告.pdf"),
    ),
    ("正文", "no text", told("青河县2022年政府信息公开工作年度报告", "打印 关闭")),
    ("没有官方表格", "without any row", told("春眠不觉晓，处处闻啼鸟。", "夜来风雨声，花落知多少。")),
]


@pytest.mark.parametrize(("zh", "en", "document"), STRANGERS, ids=[f"{i}-{en}" for i, (_, en, _) in enumerate(STRANGERS)])
def test_a_stranger_is_told_as_what_it_is(zh: str, en: str, document: bytes) -> None:
    with pytest.raises(NotAReport) as refused:
        read_report(document)
    assert zh in refused.value.in_language("zh") and en in refused.value.in_language("en")
    assert "—" not in refused.value.advice and all(refused.value.advice)


@pytest.mark.parametrize("write", [to_html, to_text])
def test_a_notice_that_encloses_the_blank_form_is_a_notice(write) -> None:
    blank = write(FORM, layout(FORM, BLANK))
    notice = "关于做好2022年度政府信息公开工作年度报告编制工作的通知"
    text = blank.replace("<body>", f"<body><p>{notice}</p>", 1) if "<body>" in blank else f"{notice}\n{blank}"
    with pytest.raises(ReportError, match="a notice"):
        read_report(text.encode())
    filled = write(FORM, layout(FORM, {path: 1 for path in BLANK}))
    text = filled.replace("<body>", f"<body><p>{notice}</p>", 1) if "<body>" in filled else f"{notice}\n{filled}"
    assert read_report(text.encode()).form == "2021"
