"""One report a file: two reports are refused by name, a second set of tables is named and left out, and what only looks so is read."""

from __future__ import annotations

import io
import itertools
import random
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
import scoring
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAYOUTS, LONG, Filled, forms, printings

from gongkai import Report, ReportError, read_report
from gongkai.core.errors import SeveralReports
from gongkai.core.model import Document
from gongkai.forms import load_form
from gongkai.forms.layout import Sheets
from gongkai.readers import read_document
from gongkai.synthetic import writers as render

ROOT = Path(__file__).resolve().parents[1]
FORM = load_form("2019")
ONE, OTHER = 4, 7


def values(n: int) -> Mapping[str, float]:
    counts = {f"applications/{i}/{who}": n for i in ("new_received", "granted", "processed_total") for who in ("natural_person", "total")}
    return {f.path: 0 for f in FORM.fields} | counts | {"disclosure/permits/decisions": n, "disclosure/penalties/decisions": 10 * n}


def sheets(n: int) -> Sheets:
    return render.layout(FORM, values(n))


def story(name: str = "甲县", year: int = 2019) -> render.Story:
    return render.Story(place=name, title=f"{name}{year}年政府信息公开工作年度报告", year=year)


def text(n: int = ONE, name: str = "甲县", year: int = 2019, layout: str = "tabs", page: int = 0) -> str:
    return render.to_text(FORM, sheets(n), story(name, year), layout, page)


def page(n: int = ONE, name: str = "甲县", year: int = 2019) -> str:
    return render.to_html(FORM, sheets(n), story(name, year))


def tables(n: int, layout: str = "tabs") -> str:
    """Print the tables alone, without title, headings and prose."""
    return "\n".join(line for line in text(n, layout=layout).splitlines() if "\t" in line)


def joined_pages(one: str, other: str) -> str:
    return one.replace("</body>", other[other.index("<body>") + len("<body>") : other.index("</body>")] + "</body>")


def joined_sheets(one: bytes, other: bytes) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(one))
    for sheet in openpyxl.load_workbook(io.BytesIO(other)).worksheets:
        added = book.create_sheet(f"{sheet.title} 2")
        for cell in (c for row in sheet.iter_rows() for c in row if c.value is not None):
            added.cell(cell.row, cell.column, cell.value)
        for span in sheet.merged_cells.ranges:
            added.merge_cells(str(span))
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def read(document: str | bytes) -> Report:
    return read_report(document if isinstance(document, bytes) else document.encode())


def seconds(report: Report) -> list[tuple[str | None, str | None]]:
    return [(f.table, f.where) for f in report.contents.findings if f.code == "second_tables"]


def printed(report: Report) -> dict[str, float]:
    return {r.field.path: r.value for r in report.readings if r.value is not None}


NARRATIVE = "乙县2016年政府信息公开年度报告\n一、概述\n本年报依据条例编制。\n二、主动公开情况\n公开信息30条。\n三、其他\n"
TWO: dict[str, str | bytes] = {
    "two years, text": text() + text(OTHER, year=2020),
    "two counties, text": text() + text(OTHER, "乙县"),
    "two years, web page": joined_pages(page(), page(OTHER, year=2020)),
    "two sheets": joined_sheets(render.to_xlsx(FORM, sheets(ONE), story()), render.to_xlsx(FORM, sheets(OTHER), story(year=2020))),
    "two editions": text() + render.to_text(load_form("2021"), render.layout(load_form("2021"), {}), story(year=2022)),
    "one with narrative alone": text()
    + "乙县2016年政府信息公开年度报告\n一、概述\n本年报依据条例编制。\n二、主动公开情况\n公开信息30条。\n三、其他",
    "the narrative first": "乙县2016年政府信息公开年度报告\n一、概述\n本年报依据条例编制。\n二、主动公开情况\n公开信息30条。\n三、其他\n"
    + text(),
    "the second titled after its place": text() + text(OTHER, year=2020).replace("甲县2020年", "甲县\n2020年", 1),
    "no line end between them": text().rstrip() + text(OTHER, year=2020),
    "a department's behind the county's": text() + text(OTHER, "甲县教育局"),
}


@pytest.mark.parametrize("document", TWO.values(), ids=TWO)
def test_two_reports_in_one_file_are_refused(document: str | bytes) -> None:
    with pytest.raises(SeveralReports):
        read(document)


def test_each_of_two_reports_is_named_with_title_year_place_and_where_it_begins() -> None:
    with pytest.raises(SeveralReports) as refused:
        read(text() + text(OTHER, "乙县", 2021))
    second = text().count("\n") + 1
    for language, year, where, helps in (
        ("zh", "年度", f"第 {second} 行", "各存为一个文件"),
        ("en", "year ", f"line {second}", "a file of its own"),
    ):
        told = refused.value.in_language(language)
        for name, when in (("甲县", 2019), ("乙县", 2021)):
            assert f"{name}{when}年政府信息公开工作年度报告" in told and str(when) in told
        assert year in told and where in told and helps in told


ADVICE = {"two years, web page": "网页", "two sheets": "工作表", "two years, text": "文本编辑器"}


@pytest.mark.parametrize("name", ADVICE)
def test_the_advice_fits_the_format(name: str) -> None:
    with pytest.raises(SeveralReports) as refused:
        read(TWO[name])
    assert ADVICE[name] in refused.value.in_language("zh")


LINKS = "\n".join(f"甲县{year}年政府信息公开工作年度报告" for year in (2018, 2017, 2016))
CONTENTS = "\n".join(("目录", "一、总体情况", "二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况", "四、其他需要报告的事项"))
HEADS = next(line for line in text().splitlines() if "本年新制作数量" in line)
ONE_REPORT: dict[str, str] = {
    "links to other years below": f"{text()}\n相关链接\n{LINKS}",
    "links to other years above": f"{LINKS}\n{text()}",
    "links above, the title below them": f"甲县2019年政府信息公开工作年度报告\n{LINKS}\n{text()}",
    "one link within": text().replace("四、", "甲县2018年政府信息公开工作年度报告\n四、", 1),
    "a path of the page": f"首页 > 政务公开 > 信息公开年报\n{text()}",
    "the title twice": f"甲县2019年政府信息公开工作年度报告\n{text()}",
    "the title of the government's office": f"甲县人民政府办公室2019年政府信息公开工作年度报告\n{text()}",
    "a table of contents": text().replace("一、总体情况", f"{CONTENTS}\n一、总体情况", 1),
    "last year's figures in prose": text().replace(
        "二、主动", "2018年，本县政府信息公开年度报告显示，共收到申请9件，行政许可33件，行政处罚12件。\n二、主动", 1
    ),
    "heads again on the next page": text().replace("规范性文件\t", f"- 1 -\n{HEADS}\n规范性文件\t", 1),
    "a page head of the report's title": text(page=20).replace("\n\n", "\n甲县2019年政府信息公开工作年度报告\n"),
    "a page head of another place": text(page=20).replace("\n\n", "\n某省人民政府信息公开年报\n"),
    "a row twice over a page break": text().replace("行政许可\t", "行政许可\t0\t0\t4\n\n行政许可\t", 1),
}


@pytest.mark.parametrize("document", ONE_REPORT.values(), ids=ONE_REPORT)
def test_what_only_looks_like_a_second_report_is_read(document: str) -> None:
    report = read(document)
    assert seconds(report) == []
    assert printed(report) == values(ONE)


COUNTY = f"附件：全县汇总表\n{tables(OTHER)}"
APPENDED: dict[str, str] = {
    "an appendix": f"{text()}\n{COUNTY}",
    "an appendix before the report's own": text().replace("一、总体情况", f"{COUNTY}\n一、总体情况", 1),
    "the tables alone": f"{text()}\n{tables(OTHER)}",
    "an appendix with its title": f"{text()}\n附件：\n甲县教育局2019年政府信息公开工作年度报告\n{tables(OTHER)}",
    "the whole area's, with headings": text() + text(OTHER).replace("年度报告", "年度报告（汇总）", 1),
    "in other lines": f"{text()}\n{text(OTHER, layout='pipes').split('二、', 1)[1]}",
}


@pytest.mark.parametrize("document", APPENDED.values(), ids=APPENDED)
def test_a_second_set_of_tables_is_named_and_the_own_is_read(document: str) -> None:
    report = read(document)
    found = seconds(report)
    assert found and all(where for _, where in found)
    assert printed(report) == values(ONE)


@pytest.mark.parametrize("before", ["二、主动", "第二十条第（一）项", "三、收到", "五、"])
def test_a_table_that_compares_two_years_is_not_the_reports_own(before: str) -> None:
    compared = "项目\t2018年\t2019年\n行政许可\t33\t4\n行政处罚\t12\t40\n行政强制\t5\t0\n"
    report = read(text().replace(before, f"{compared}{before}", 1))
    assert [table for table, _ in seconds(report)] == ["disclosure"]
    assert printed(report) == values(ONE)


def test_each_table_may_be_followed_by_that_of_the_whole_county() -> None:
    both = text()
    for head, rows in zip(("三、收到", "四、政府信息"), (0, 1), strict=True):
        blocks = text(OTHER).split("二、", 1)[1].split("三、收到", 1)
        county = "\n".join(line for line in blocks[rows].split("四、政府信息")[0].splitlines() if "\t" in line)
        both = both.replace(head, f"全县\n{county}\n{head}", 1)
    report = read(both)
    assert {table for table, _ in seconds(report)} >= {"disclosure", "applications"}
    assert printed(report) == values(ONE)


def test_a_second_list_of_indicators_is_named_and_the_first_is_read() -> None:
    one = "统计指标\t单位\t统计数\n（一）收到申请数\t件\t3\n1.当面申请数\t件\t1\n2.传真申请数\t件\t2\n"
    report = read(
        f"甲县2016年政府信息公开年度报告\n{one}全县汇总\n{one.replace('3', '9').replace('1.当面申请数	件	1', '1.当面申请数	件	7')}"
    )
    assert [table for table, _ in seconds(report)] == ["statistics"]
    assert sorted(printed(report).values()) == [1, 2, 3]


def test_a_list_of_other_years_before_a_report_without_a_title_lends_it_nothing() -> None:
    old = "甲县2016年政府信息公开年度报告\n统计指标\t单位\t统计数\n（一）收到申请数\t件\t3\n1.当面申请数\t件\t1\n2.传真申请数\t件\t2\n"
    try:
        report = read(old + text().split("\n", 1)[1])
    except SeveralReports:
        return
    assert seconds(report) and printed(report) == values(ONE)


@given(one=forms(), other=forms(), data=st.data())
@pytest.mark.parametrize("layout", LAYOUTS)
def test_two_generated_reports_are_never_read_as_one(layout: str, one: Filled, other: Filled, data: st.DataObject) -> None:
    first, second = (data.draw(printings((layout,))) for _ in range(2))
    documents = [_as_text(p.document(v.edition, p.sheets(v))) for p, v in ((first, one), (second, other))]
    if not all(documents):
        return
    try:
        report = read("\n".join(documents))
    except SeveralReports:
        return
    assert seconds(report)
    assert {p: v for p, v in printed(report).items() if p in one and one[p] != v} == {}


def _as_text(document: bytes) -> str | None:
    try:
        return document.decode("utf-8") if not document.startswith(b"PK") else None
    except UnicodeDecodeError:
        return None


PAIRS = 3000 if LONG else 120
PATHS = {
    f"{path.parent.name}/{path.name}": path
    for path in (
        *sorted((ROOT / "data" / "raw").glob("*-20*")), *sorted((scoring.CONVERTED / "documents").iterdir()),
        *sorted(scoring.SHARED.glob("reports/*/report.*")),
    )
}  # fmt: skip


def _documents() -> dict[str, Document]:
    """Open every document of the suite that is read alone."""
    found = {}
    for name, path in PATHS.items():
        with suppress(ReportError):
            read_report(path)
            found[name] = read_document(path)
    return found


def _behind(one: Document, other: Document) -> Document:
    """Put the rows of one document behind those of another, at places of their own."""
    rows = (
        replace(r, table=r.table + 500 * bool(r.table), cells=tuple(replace(c, where=f"{c.where} ·") for c in r.cells)) for r in other.rows
    )
    return replace(one, rows=(*one.rows, *rows))


def test_no_two_documents_of_the_suite_are_read_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Join documents of every format in both orders: what is read has a warning, or holds no value of the second."""
    documents = _documents()
    alone = {name: printed(read_report(path)) for name, path in PATHS.items() if name in documents}
    monkeypatch.setattr("gongkai.report.report.read_document", lambda source: source)
    pairs = list(itertools.permutations(documents, 2))
    counts: Counter[str] = Counter()
    silent = []
    for a, b in random.Random(12).sample(pairs, min(len(pairs), PAIRS)):
        try:
            report = read_report(_behind(documents[a], documents[b]))
        except ReportError as error:
            counts["refused" if isinstance(error, SeveralReports) else "no report"] += 1
            continue
        own, second = alone[a], alone[b]
        foreign = [p for p, v in printed(report).items() if own.get(p) != v and second.get(p) == v]
        said = {f.code for f in report.contents.findings} & {"second_tables", "year_conflict", "impossible_year", "foreign_year"}
        counts["flagged" if said else "joined"] += 1
        silent += [(a, b, foreign[:3])] if foreign and not said else []
    print(dict(counts))
    assert silent == []
    assert counts["refused"] + counts["flagged"] > 0.98 * counts.total()
