"""What the county study says, of reports of every kind."""

from dataclasses import replace
from pathlib import Path

import handmade
import pytest

from gongkai import indicators, read_report
from gongkai.core.errors import ReportError, UsageError
from gongkai.core.model import Finding
from gongkai.studies import chapters, plots, study

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data" / "raw" / "qinxian-2019.txt"
FORBIDDEN = ("transparency", "透明", "rank", "score", "排名", "得分", "评分")


@pytest.fixture(scope="module")
def sample():
    return study.load(str(SAMPLE), "", "")[0]


def everything(report, language):
    return " ".join(
        [
            study.title(report, language),
            study.conclusion(report, language),
            study.as_table(study.top_findings(report, language)),
            study.citation(report, language),
            study.official_form(report, language),
            study.indicator_notes(language),
            *(study.as_table(make(report, language)) for make in (study.facts, study.indicator_table, study.figure_table)),
            *(study.as_table(make([report], language)) for make in (study.by_year, study.all_findings)),
        ]
    )


@pytest.mark.parametrize(
    "language, sentence",
    [
        (
            "zh",
            "据该机关报告，2019 年收到申请 1 件，办结 1 件，并予以公开；"
            "件数虽全但太少，几乎说不出其背后过程中予以公开的比率有多高（1 件中 1 件，95% Wilson 区间 21%—100%，",
        ),
        (
            "en",
            "As reported by the authority, one request was received in 2019, processed and granted; complete as this count is, it hardly "
            "narrows down the rate of full grants of the process behind it (",
        ),
    ],
)
def test_of_one_request_hardly_anything_can_be_concluded(sample, language, sentence):
    assert study.conclusion(sample, language).startswith(sentence)


def test_many_requests_allow_a_range():
    assert "the rate of full grants lies between 42.9 % and 46.4 % (1,362 of 3,050;" in study.conclusion(handmade.huaian_2024(), "en")
    assert "予以公开的比率在 42.9% 到 46.4% 之间" in study.conclusion(handmade.huaian_2024(), "zh")


@pytest.mark.parametrize("language, reason", [("zh", "27，（七）总计印为 21"), ("en", "add up to 27, the printed total is 21")])
def test_sums_that_fail_in_print_allow_no_rate(language, reason):
    said = study.conclusion(handmade.pingtan_2020(), language)
    assert reason in said and "Wilson" not in said


def test_a_count_without_a_value_is_said_to_have_none():
    report = handmade.report(handmade.PINGTAN_2020, {"applications/granted/total": "blank"})
    assert "granted in full (no value); there is no rate of full grants: blank (blank is not zero)" in study.conclusion(report, "en")


def test_no_request_allows_no_rate():
    assert "nothing to divide by" in study.conclusion(handmade.report({}), "en")


def test_the_facts_of_the_sample(sample):
    county, year, authority, scope, source, published = study.facts(sample, "en").iloc[0]
    assert (county, year, authority, published) == ("Qinxian County (沁县), 140430", "2019", "沁县人民政府办公室", "2020-02-20")
    assert (scope, source) == ("not stated in the document", "file qinxian-2019.txt (SHA-256 2f84655cf071…)")


def test_every_cell_is_counted_once(sample):
    counts = chapters.status_table(sample, "en").set_index("Cells of the form")["How many"].astype(int)
    assert counts.sum() == 198 and counts["blank"] == 5 and counts["realigned"] == 28


def test_the_gravest_findings_come_first_each_kind_before_any_twice():
    notes = (Finding("blank", "review", "reconsideration", where="line 1", words={"count": "5"}), Finding("year_unknown"))
    report = handmade.pingtan_2020().with_findings(notes)
    top = study.top_findings(report, "en")
    assert top["Level"].to_list() == ["error", "error", "warning"]
    assert top["Finding"][0] == "Total: the results add up to 27, the printed total is 21"
    assert top["Place"][0] == "line 150" and len(study.all_findings([report], "en")) == len(report.contents.findings)


def test_every_year_has_its_row_and_its_findings():
    reports = [handmade.qinxian(), handmade.pingtan_2020()]
    rows = study.by_year(reports, "en")
    assert rows.iloc[:, [0, 2, 4, 8]].to_numpy().tolist() == [["2019", "1", "1", "0"], ["2020", "21", "21", "2"]]
    found = study.all_findings(reports, "en")
    assert found["Year"].to_list() == ["2020"] * len(reports[1].contents.findings) + ["2019"] * len(reports[0].contents.findings)


def test_indicators_under_thirty_have_no_decimals(sample):
    for report in (sample, handmade.pingtan_2020()):
        rows = study.indicator_table(report, "en")
        assert not rows[["Share or ratio", "95 % Wilson interval"]].stack().str.contains(r"\d\.\d").any()


def test_an_indicator_shows_operands_interval_and_reason(sample):
    rows = study.indicator_table(sample, "en").set_index("Indicator")
    full = rows.loc["Granted in full, of all processed"]
    assert full.to_list() == [
        "3.1 Granted · Total = 1",
        "3.7 Total processed · Total = 1",
        "1",
        "100 %",
        "21 %–100 %",
        "cells used: realigned",
    ]
    corrected = rows.loc["Corrected, of concluded reconsiderations"]
    assert corrected["Share or ratio"] == "(no value)" and corrected["Note"].startswith("blank (blank is not zero)")
    assert rows.loc["Carried over, to received plus carried in", "95 % Wilson interval"] == "none (no binomial share)"


def test_the_figures_of_the_prose_are_all_there(sample):
    assert {"3,240", "272", "2,834", "40", "94", "8.4", "87.5", "1.2", "2.9"} <= set(study.figure_table(sample, "en")["Number"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_forbidden_is_said(sample, language):
    for report in (sample, handmade.pingtan_2020(), handmade.huaian_2024(), handmade.report({})):
        said = everything(report, language).lower()
        assert not [word for word in FORBIDDEN if word in said]
        assert {"zh": "据该机关报告", "en": "as reported by the authority"}[language] in said


def test_what_a_document_prints_is_escaped():
    evil = "<script>alert(1)</script>县人民政府"
    report = replace(handmade.qinxian(), authority=evil, title=evil, source=evil, published=evil)
    for language in ("zh", "en"):
        assert "<script" not in everything(report, language)


def test_reports_and_years_of_a_study():
    reports = study.load("", str(ROOT / "data" / "raw"), "140430", 2019, 2025)
    assert study.years(reports, 2020, 2025) == ({2019: reports[-1]}, 2019, 2025)
    assert study.years([], None, None)[1:] == (2019, 2019)


def test_a_folder_is_found_from_below_the_root(monkeypatch):
    monkeypatch.chdir(ROOT / "notebooks" / "lessons")
    assert study.nearest("data/raw/qinxian-2019.txt") == Path("../../data/raw/qinxian-2019.txt")
    assert read_report(study.nearest("data/raw/qinxian-2019.txt")).year == 2019
    with pytest.raises(UsageError, match="no such path"):
        study.nearest("no/such/folder")


def test_a_study_of_nothing_says_so():
    with pytest.raises(ReportError):
        study.load("", str(ROOT / "data" / "raw"), "140430", 2024, 2025)


def test_a_verdict_never_tells_the_answer():
    for language in ("zh", "en"):
        assert not any(c.isdigit() for answer in (None, 3, 4) for c in study.verdict(answer, 4, language))


def test_an_unknown_language_is_refused():
    with pytest.raises(UsageError):
        study.heading("citation", "fr")


def test_a_year_that_is_not_stated_is_said_to_be_unstated():
    report = replace(handmade.qinxian(), year=None)
    assert "was received in a year not stated" in study.conclusion(report, "en") and "（年度未载明）收到申请" in study.conclusion(
        report, "zh"
    )
    assert "None" not in everything(report, "en") + everything(report, "zh") + plots.flow(report, "zh").alt


LISTED = (
    "沁县2014年政府信息公开工作年度报告\n附表\n统计指标\t单位\t统计数\n（一）收到申请数\t件\t3\n1.当面申请数\t件\t3\n2.传真申请数\t件\t0\n"
)
TOLD = (
    "沁县2010年政府信息公开工作年度报告\n一、概述\n我县认真做好公开工作。\n"
    "二、主动公开政府信息情况\n全年公开300条。\n三、依申请公开情况\n无。\n"
)


@pytest.mark.parametrize("text, form", [(LISTED, "statistics"), (TOLD, "narrative")])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_edition_without_the_table_of_requests_has_a_study_that_says_so(text: str, form: str, language: str) -> None:
    report = read_report(text.encode())
    assert report.form == form
    assert getattr(report.edition, language) in study.conclusion(report, language)
    assert study.citation(report, language)._repr_html_()
    shown = indicators.lead(indicators.table(report))
    assert len(study.indicator_table(report, language)) == len(shown) and shown["value"].isna().all()
    assert set(shown["status"]) == ({"absent"} if form == "statistics" else {"other_form"})
    assert plots.flow(report, language).png().startswith(b"\x89PNG")
