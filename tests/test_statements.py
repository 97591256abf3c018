"""The prose held against the tables: only statements about the whole report, and only where no reading of the table agrees."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gongkai.core.findings import message
from gongkai.core.model import Section
from gongkai.extract.narrative.claims import compare_with_tables
from gongkai.extract.narrative.figures import read_figures
from gongkai.extract.narrative.sections import split_sections
from gongkai.forms import load_form
from gongkai.readers import read_document

FORM = load_form("2019")
TABLE = {
    "applications/new_received/total": 90.0,
    "applications/carried_in/total": 5.0,
    "applications/processed_total/total": 93.0,
    "applications/carried_out/total": 2.0,
    "applications/granted/total": 50.0,
    "applications/partially_granted/total": 9.0,
    "review/reconsideration/total": 2.0,
    "review/direct_litigation/total": 1.0,
    "review/litigation_after_reconsideration/total": 3.0,
}


def contradicted(sentence: str, year: int | None = 2023) -> list[tuple[str | None, str | None, str | None]]:
    figures = read_figures([Section("一", "总体情况", sentence, 1, "line 2")])
    return [(f.item, f.expected, f.observed) for f in compare_with_tables(figures, TABLE.get, year)]


@pytest.mark.parametrize(
    "sentence",
    [
        "2023年，全县共收到政府信息公开申请90件，同比增长20%。",
        "全县共受理政府信息公开申请95件。",
        "办结政府信息公开申请93件。",
        "办结政府信息公开申请95件。",
        "全区共收到90件申请，依法依规办结93件，2件结转下年度继续办理。",
        "收到政府信息公开申请90件，其中予以公开50件、部分公开9件，予以公开及部分公开59件。",
        "因政府信息公开引起的行政复议案件2件、行政诉讼案件4件。",
        "收到政府信息公开申请90件（含上年结转5件）。",
    ],
)
def test_prose_that_agrees_with_the_tables(sentence: str) -> None:
    assert contradicted(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("2023年，全县共收到政府信息公开申请94件，同比增长20%。", [("new_received", "94", "90")]),
        ("共收到依申请公开件91件。", [("new_received", "91", "90")]),
        ("我局共收到政府信息公开申请91件。", [("new_received", "91", "90")]),
        ("截至2023年12月31日，共收到政府信息公开申请九十一件。", [("new_received", "91", "90")]),
        (
            "本年新收政府信息公开申请91件，上年结转6件，办结94件，结转下年度3件。",
            [("new_received", "91", "90"), ("carried_in", "6", "5"), ("processed_total", "94", "93"), ("carried_out", "3", "2")],
        ),
        ("收到政府信息公开申请90件，其中予以公开51件、部分公开9件。", [("granted", "51", "50")]),
        ("因政府信息公开引起的行政复议案件3件、行政诉讼案件5件。", [("reconsideration", "3", "2"), (None, "5", "1 + 3 = 4")]),
        ("因政府信息公开被申请行政复议3件，被提起行政诉讼4件。", [("reconsideration", "3", "2")]),
    ],
)
def test_prose_that_no_reading_of_the_tables_agrees_with(sentence: str, found: list[tuple[str | None, str, str]]) -> None:
    assert contradicted(sentence) == found


@pytest.mark.parametrize(
    "sentence",
    [
        "区政府办代表区政府受理政府信息公开申请17件，均已答复。",
        "县政府办公室共受理政府信息公开申请17件。",
        "办公室本级收到政府信息公开申请17件。",
        "其中，县政府办公室受理政府信息公开申请17件，各部门受理78件。",
        "市教育局共收到政府信息公开申请17件。",
        "各乡镇共收到政府信息公开申请17件。",
        "上半年共收到政府信息公开申请40件。",
        "上半年，全县共收到政府信息公开申请40件。",
        "2023年1至6月，全县共收到政府信息公开申请40件。",
        "1-6月收到政府信息公开申请40件。",
        "截至10月底，共收到政府信息公开申请40件。",
        "自2008年以来累计收到政府信息公开申请900件。",
        "去年收到政府信息公开申请80件。",
        "2022年，全县共收到政府信息公开申请80件。",
        "2023年共收到政府信息公开申请90件，2022年80件。",
        "收到网上政府信息公开申请60件，信函申请30件。",
        "收到自然人提交的政府信息公开申请80件。",
        "收到政府信息公开申请90件，按时办结80件，延期办结13件。",
        "收到行政复议申请7件。",
        "受理行政许可申请1200件，主动做好政府信息公开申请工作。",
        "区行政服务中心开设窗口26个，共受理申请121510件。",
        "推进行政许可信息公开，全年办结1200件。",
        "对12件规范性文件予以公开。",
        "做好政府信息公开和行政复议工作，全年办理行政复议案件45件。",
        "依法做好相关行政复议、行政诉讼案件的应诉工作，全县共办理相关案件 74 件。",
        "共收到政府信息公开申请约100件。",
        "收到政府信息公开申请90件，较上年增加20件。",
    ],
)
def test_prose_about_less_or_something_else_is_not_compared(sentence: str) -> None:
    assert contradicted(sentence) == []


def test_a_table_without_a_value_contradicts_nothing() -> None:
    figures = read_figures([Section("一", "总体情况", "全县共收到政府信息公开申请94件，办结94件。", 1, "line 2")])
    assert compare_with_tables(figures, lambda _: None) == []


def test_a_contradiction_is_said_in_both_languages() -> None:
    figures = read_figures([Section("一", "总体情况", "全县共收到政府信息公开申请94件。", 1, "line 2")])
    [finding] = compare_with_tables(figures, TABLE.get)
    assert message(finding, FORM, "zh") == "正文说“全县共收到政府信息公开申请94件”，表中一、本年新收政府信息公开申请数量 · 总计为 90"
    assert "全县共收到政府信息公开申请94件" in message(finding, FORM, "en")


@pytest.mark.parametrize(
    "case", ["qinxian-2019", "pingtan-2019", "pingtan-2020", "pingtan-2021", "pingtan-2022", "pingtan-2023", "shuyang-2025"]
)
@pytest.mark.parametrize("shift", [0, 1000])
def test_real_reports_contradict_their_tables_only_when_these_are_changed(shared: Path, case: str, shift: int) -> None:
    folder = shared / "reports" / case
    document = read_document(next(p for p in folder.iterdir() if p.stem == "report"))
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))

    def value_of(path: str) -> float | None:
        table, item, measure = path.split("/")
        value = truth.get(table, {}).get(item, {}).get(measure)
        return None if value is None else float(value) + shift

    figures = read_figures(split_sections(document, FORM, [row for row in document.rows if row.kind == "line"]))
    found = len(compare_with_tables(figures, value_of, truth["year"]))
    assert found == ({"pingtan-2020": 1, "pingtan-2021": 3, "pingtan-2023": 7, "shuyang-2025": 3}.get(case, 0) if shift else 0)
