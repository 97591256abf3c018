"""What a careful reader questions, and what no careful reader would: each kind with a document that raises it and one that does not."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
import scoring

from gongkai import Report, read_report
from gongkai.core.findings import codes
from gongkai.forms import load_form
from gongkai.synthetic.writers import Story, layout, to_html, to_text

FORM = load_form("2021")
PATHS = [f.path for f in FORM.fields if f.item != "other"]
APPLIED = {f"applications/{row}/{who}": 4 for row in ("new_received", "granted", "processed_total") for who in ("natural_person", "total")}
SOUND: Mapping[str, float | str | None] = {**dict.fromkeys(PATHS, 0), **APPLIED}
EMPTY: Mapping[str, float | str | None] = dict.fromkeys(PATHS)
HEADINGS = ("一、总体情况", "五、存在的主要问题及改进情况", "六、其他需要报告的事项")
FEES = "disclosure/fees/amount_yuan"


def page(prose: str = "", values: Mapping[str, float | str | None] | None = None, year: int = 2022) -> str:
    story = Story("青河县", year, prose={"overview": (prose,)} if prose else {})
    return to_html(FORM, layout(FORM, {**SOUND, **(values or {})}), story)


def read(document: str | bytes) -> Report:
    return read_report(document if isinstance(document, bytes) else document.encode())


def raised(document: str | bytes, level: str = "warning") -> list[str]:
    """List the findings that are no notes."""
    return [f.code for f in read(document).contents.findings if codes()[f.code]["level"] != "note"]


# (prose of section one, values, the statement that no table agrees with)
SAID = [
    ("全年制发规章1件。", {}, "全年制发规章1件"),
    ("全年制发规范性文件3件，废止1件。", {}, "全年制发规范性文件3件"),
    ("截止年底，现行有效行政规范性文件12件。", {"disclosure/normative_documents/in_force": 10}, "现行有效行政规范性文件12件"),
    ("全年废止规范性文件2件。", {}, "全年废止规范性文件2件"),
    ("全年作出行政处罚决定93件。", {"disclosure/penalties/decisions": 90}, "全年作出行政处罚决定93件"),
    ("全年制发规范性文件3件。", {"disclosure/normative_documents/issued": 3}, None),
    ("全年制发规范性文件3件。", {"disclosure/normative_documents/issued": None}, None),
    ("去年制发规范性文件3件。", {}, None),
    ("县教育局制发规范性文件3件。", {}, None),
    ("主动公开规范性文件类信息5条。", {}, None),
    ("公开行政处罚信息93条。", {}, None),
]


@pytest.mark.parametrize(("prose", "values", "phrase"), SAID)
def test_the_prose_about_section_two_is_held_against_its_table(prose, values, phrase) -> None:
    found = [f for f in read(page(prose, values)).contents.findings if f.code == "text_table"]
    assert [f.words["phrase"] for f in found] == ([phrase] if phrase else [])


def test_the_form_of_2019_counts_what_is_newly_made_and_disclosed() -> None:
    form = load_form("2019")
    story = Story("青河县", 2019, prose={"overview": ("规章对外公开总数量1件。全年制定规范性文件2件。",)})
    text = to_text(form, layout(form, {f.path: 0 for f in form.fields}), story)
    assert [(f.code, f.item, f.measure) for f in read(text).contents.findings if f.code == "text_table"] == [
        ("text_table", "regulations", "total_disclosed"),
        ("text_table", "normative_documents", "newly_made"),
    ]


@pytest.mark.parametrize(
    ("prose", "faults"),
    [
        ("新增事项88项，其中许可本年新增21项，总计21项；其他事项新增57项，总计57项；处罚事项新增10项，总计44项。", []),
        ("新增事项88项，其中许可新增21项，合计30项，其他事项新增67项，合计99项。", []),
        ("公开信息100条，其中政策类60条，占60%；其他50条，占40%。", ["breakdown", "percentage"]),
    ],
)
def test_totals_between_the_parts_of_a_sum_are_no_parts(prose: str, faults: list[str]) -> None:
    assert sorted({f.code for f in read(page(prose)).contents.findings} & {"breakdown", "percentage"}) == faults


@pytest.mark.parametrize("hide", ["<p style='display:none'>{}</p>", "<p hidden>{}</p>", "<p style='font-size:0'>{}</p>", "<!-- {} -->"])
def test_text_that_nobody_sees_says_nothing_against_the_table(hide: str) -> None:
    assert raised(page().replace("<p", hide.format("本年度我县共收到政府信息公开申请7件，制发规章1件。") + "<p", 1)) == []


# Amounts in a column of 万元: (who reports, printed, whether a slip of the unit is more likely)
AMOUNTS = [
    ("青河县", "1234567.89", True),
    ("青河县", "98765432.10", True),
    ("青河县", "200001", True),
    ("青河县", "199999.99", False),
    ("青河县", "24252.311082", False),
    ("青河县", "0", False),
    ("青河县", None, False),
    ("淮安市", "59237.24", False),
    ("淮安市", "12345678.9", True),
    ("江苏省", "9345678.9", False),
]  # fmt: skip


@pytest.mark.parametrize(("place", "printed", "doubted"), AMOUNTS)
def test_yuan_in_a_column_of_ten_thousand_yuan_is_doubted(place: str, printed: str | None, doubted: bool) -> None:
    report = read(page(values={FEES: printed}).replace("青河县", place))
    assert [f.code for f in report.contents.findings if f.code == "implausible_amount"] == ["implausible_amount"] * doubted
    assert report.reading(FEES).value == (None if printed is None else pytest.approx(float(printed) * 10_000))


@pytest.mark.parametrize(
    ("five", "six", "faults"),
    [
        ("", "无。", ["empty_section"]),
        ("", "", ["empty_section", "empty_section"]),
        ("无", "无", []),
        ("（一）存在问题\n公开不够及时。", "（一）收费情况\n未收费。", []),
        ("公开不够及时。", "没有其他需要报告的事项。\n青河县人民政府\n2023年1月20日", []),
    ],
)
def test_an_empty_section_is_told_and_one_that_only_says_none_is_not(five: str, six: str, faults: list[str]) -> None:
    tables = re.findall(r"<table.*?</table>", page(), flags=re.S)
    lines = ["青河县2022年政府信息公开工作年度报告", HEADINGS[0], "认真做好公开工作。", "二、主动公开政府信息情况", tables[0]]
    lines += ["三、收到和处理政府信息公开申请情况", tables[1], "四、政府信息公开行政复议、行政诉讼情况", tables[2]]
    lines += [HEADINGS[1], *five.split("\n"), HEADINGS[2], *six.split("\n")]
    html = "".join(line if "<" in line else f"<p>{line}</p>" for line in lines)
    assert raised(f"<html><meta charset='utf-8'><body>{html}</body></html>") == faults


PICTURED = (
    "青河县教育局{year}年政府信息公开工作年度报告\n一、总体情况\n{year}年，我局制发规章1件，主动公开信息232条，收到政府信息公开申请3件。\n"
)
SECTIONS = ("主动公开政府信息情况", "收到和处理政府信息公开申请情况", "政府信息公开行政复议、行政诉讼情况")
END = "五、存在的主要问题及改进情况\n公开不够及时。\n六、其他需要报告的事项\n无。\n"


@pytest.mark.parametrize("year", [2019, 2020, 2021, 2024])
@pytest.mark.parametrize("under", ["", "<img src='t.png'>", "见下图：", "图1 主动公开情况表", "（见附表）"])
@pytest.mark.parametrize("markup", [False, True])
def test_tables_that_are_pictures_are_named_with_their_places(year: int, under: str, markup: bool) -> None:
    lines = [(f"{n}、{title}", under if markup or "<" not in under else "") for n, title in zip("二三四", SECTIONS, strict=True)]
    text = PICTURED.format(year=year) + "".join(f"{a}\n{b}\n" for a, b in lines) + END
    document = "".join(line if line.startswith("<") else f"<p>{line}</p>" for line in text.split("\n") if line) if markup else text
    report = read(f"<html><meta charset='utf-8'><body>{document}</body></html>" if markup else document)
    told = [f for f in report.contents.findings if f.code == "table_not_text"]
    assert (report.form, len(report.cells), report.year) == ("narrative", 0, year)
    assert [f.words["section"] for f in told] == list(SECTIONS) and all(f.where for f in told) and len({f.where for f in told}) == 3
    assert {f.code for f in report.contents.findings} == {"table_not_text"}


def test_one_table_of_three_is_a_picture() -> None:
    document = re.sub(r"(三、收到和处理政府信息公开申请情况</span></p>\n)<table.*?</table>", r"\1<img src='a.png'>", page(), flags=re.S)
    found = {(f.code, f.table) for f in read(document).contents.findings}
    assert ("table_not_text", "applications") in found and ("absent_table", "applications") not in found


@pytest.mark.parametrize("year", [2009, 2012, 2015])
def test_old_narrative_reports_owe_no_tables(year: int) -> None:
    text = PICTURED.format(year=year) + "二、主动公开政府信息情况\n公开12条。\n三、依申请公开政府信息情况\n无。\n"
    assert not {"table_not_text", "empty_section", "missing_section"} & set(raised(text))


def blank_form(code: str, markup: bool, prose: str) -> str:
    """Print the official form as it is enclosed with notices: instructions in brackets, nothing in the tables."""
    form = load_form(code)
    printed = (to_html if markup else to_text)(
        form, layout(form, {f.path: None for f in form.fields if code == "2019" or f.item != "other"})
    )
    cells = r"<table.*?</table>" if markup else r"(?:[^\n]*\t[^\n]*\n+)+"
    first, *others = re.findall(cells, printed, flags=re.S)
    tables = [
        ("二、主动公开政府信息情况", first),
        *zip(("三、收到和处理政府信息公开申请情况", "四、政府信息公开行政复议、行政诉讼情况"), others, strict=False),
    ]
    body = ["政府信息公开工作年度报告", HEADINGS[0], prose, *(t for pair in tables for t in pair), HEADINGS[1], prose, HEADINGS[2], prose]
    lines = [f"<p>{t}</p>" if markup and "<" not in t else t for t in body]
    return "<html><meta charset='utf-8'><body>" * markup + "\n".join(lines)


@pytest.mark.parametrize("code", ["2019", "2021"])
@pytest.mark.parametrize("markup", [True, False])
@pytest.mark.parametrize("prose", ["（文字描述）", "", "____", "（文字描述，收取信息处理费情况在此处报告。）"])
def test_the_blank_form_is_read_and_said_to_be_blank(code: str, markup: bool, prose: str) -> None:
    report = read(blank_form(code, markup, prose))
    assert report.form == code and report.cells["value"].isna().all() and set(report.cells["status"]) <= {"blank", "absent"}
    assert {f.code for f in report.contents.findings if codes()[f.code]["level"] != "note"} == {"blank_form", "year_unknown"}


@pytest.mark.parametrize("markup", [True, False])
@pytest.mark.parametrize(
    ("title", "prose"),
    [
        (
            "政府信息公开工作年度报告",
            "我镇认真做好政府信息公开工作，完善制度，加强培训，丰富内容，拓宽渠道，主动接受社会监督，取得了一定的成效。",
        ),
        ("政府信息公开工作年度报告", "全年公开信息12条。"),
        ("2022年度螅镇政府信息公开工作年度报告", ""),
    ],
)
def test_a_report_with_empty_tables_is_no_blank_form(title: str, prose: str, markup: bool) -> None:
    found = {f.code for f in read(blank_form("2021", markup, prose).replace("政府信息公开工作年度报告", title, 1)).contents.findings}
    assert "empty_table" in found and "blank_form" not in found


def test_a_table_left_empty_is_one_finding_and_not_one_a_row() -> None:
    report = read(page("全年公开信息12条。", EMPTY))
    assert [f.table for f in report.contents.findings if f.code == "empty_table"] == ["disclosure", "applications", "review"]
    assert not [f for f in report.contents.findings if f.code in ("uncertain", "blank_form")]
    lines = page("全年公开信息12条。", EMPTY)
    torn = "\n".join(t for t in re.sub(r"<[^>]+>", "\n", lines).split("\n") if t.strip())
    told = [f.code for f in read(torn).contents.findings if f.code in ("uncertain", "empty_table")]
    assert "uncertain" not in told and told


def test_a_table_whose_numbers_the_reader_could_not_place_is_not_empty() -> None:
    documents = scoring.CONVERTED / "documents"
    for name in ("pingtan-2020.pandas.html", "qinxian-2019.copied.txt", "liwan-ndrc-2020.pandas-numbers.html"):
        assert "empty_table" not in {f.code for f in read_report(documents / name).contents.findings}, name


def test_a_sum_broken_in_a_row_that_was_doubted_blames_the_reading() -> None:
    broken = {"applications/carried_in/total": 1, "applications/carried_out/total": 1}
    as_printed = to_text(FORM, layout(FORM, {**SOUND, **broken}), Story("青河县", 2022))
    assert "applicants" in raised(as_printed) and "doubted_sum" not in raised(as_printed)
    row = next(line for line in as_printed.split("\n") if "上年结转" in line and "\t" in line)
    shifted = as_printed.replace(row, row + "\t5")
    found = [
        (f.code, f.item) for f in read(shifted).contents.findings if f.item == "carried_in" and f.code in ("applicants", "doubted_sum")
    ]
    assert ("applicants", "carried_in") not in found


@pytest.mark.parametrize("code", ["doubted_sum", "implausible_amount", "blank_form", "empty_table", "table_not_text", "empty_section"])
def test_none_of_it_is_an_error_of_the_authority(code: str) -> None:
    assert codes()[code]["level"] == "warning"
