"""Every operand of a study may be missing: the study is made all the same, and its sentences say what is not there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from folders import SAMPLE, document
from selectolax.lexbor import LexborHTMLParser

from gongkai import indicators, read_corpus, read_report
from gongkai.core.findings import place
from gongkai.core.messages import LANGUAGES, say
from gongkai.forms import load_form
from gongkai.report import Report
from gongkai.studies import chapters, plots, study
from gongkai.studies.batch import run_studies
from gongkai.studies.listing import index_of
from gongkai.studies.outcome import Done, Study
from gongkai.studies.units import counties
from gongkai.synthetic import writers as render
from gongkai.synthetic.damages import delete_row

FORMS = {"2019": 2019, "2021": 2022}
OPERANDS = sorted(
    {p for one in indicators.indicators().values() if one.lead for p in one.operands if not p.startswith("statistics/")}
    | {f"applications/{item}/total" for item in study.BY_YEAR}
)
PRINTED = {"blank": "", "mark": "—", "unreadable": "若干"}
UNSAID = re.compile(r"\bnan\b|None|<NA>")
LIST = Path(__file__).parents[1] / "data" / "raw" / "pingtan-2014.html"
TOLD = (
    "沁县2010年政府信息公开工作年度报告\n一、概述\n我县认真做好公开工作。\n"
    "二、主动公开政府信息情况\n全年公开300条。\n三、依申请公开情况\n无。\n"
)


def printed(form: str, texts: Mapping[str, str] = {}, without: str = "", place: str = "沁县", everything: str | None = None) -> bytes:
    """Print a report whose sums all hold, a few cells otherwise, or ``everything``, and a row left out."""
    official, year = load_form(form), FORMS[form]
    counted = ("new_received", "granted", "processed_total")
    values: dict[str, float | str | None] = {
        f.path: everything if everything is not None else 40.0 * (f.item in counted and f.measure in ("natural_person", "total"))
        for f in official.fields
    }
    if form == "2021":
        values |= {f.path: None for f in official.fields if f.item == "other"}
    sheets = render.layout(official, values | dict(texts))
    if without:
        sheets = delete_row(sheets, without).sheets
    return render.to_html(official, sheets, render.Story(place, year, f"{place}{year}年政府信息公开工作年度报告")).encode()


def everything(reports: list[Report], language: str) -> str:
    """Return all that a study shows of its newest report, and of all."""
    report = reports[-1]
    parts = [
        study.title(report, language), study.as_table(study.facts(report, language)), study.as_table(study.by_year(reports, language)),
        study.as_table(study.top_findings(report, language)), plots.years_strip(*study.years(reports, None, 2025), language),
        *(one for make in _PARTS for one in make(report, language)), *chapters.findings(reports, language),
    ]  # fmt: skip
    return " ".join(getattr(part, "alt", None) or repr(part) for part in parts)


BEFORE = read_report(document(year=2018).encode(), form="2019")
_PARTS = (chapters.summary, chapters.flow, chapters.citation, chapters.form, chapters.main_indicators, chapters.figures)


def ways(form: str, path: str) -> dict[str, Report]:
    """Return the report with one operand missing in every way that a document or its reading has."""
    found = {status: read_report(printed(form, {path: text})) for status, text in PRINTED.items()}
    found["absent"] = read_report(printed(form, without=path.rsplit("/", 1)[0]))
    whole = read_report(printed(form))
    lost = tuple(replace(r, value=None, status="uncertain", candidates=(1.0, 2.0)) if r.field.path == path else r for r in whole.readings)
    return {**found, "uncertain": replace(whole, readings=lost)}


@pytest.mark.parametrize("path", OPERANDS)
@pytest.mark.parametrize("form", FORMS)
def test_a_study_without_one_operand_says_which_and_why(form: str, path: str) -> None:
    drawn, using = OPERANDS.index(path) % 5, [n for n, one in enumerate(LEAD) if path in one.operands]
    for number, (status, report) in enumerate(ways(form, path).items()):
        reading, language = report.reading(path), LANGUAGES[number % 2]
        assert report.form == form and reading.value is None, status
        name = place(report.edition, *reading.field.key, language)
        said, table = study.conclusion(report, language), study.indicator_table(report, language)
        assert (name in said) == (path.split("/")[1] in study.COUNTED) and ("Wilson" in said or name in said)
        for row in table.iloc[using].itertuples(index=False):
            assert {"zh": "（无值）", "en": "(no value)"}[language] in row[4] and name in row[6]
        assert number != drawn or not UNSAID.search(everything([BEFORE, report], language))


LEAD = [one for one in indicators.indicators().values() if one.lead and not any(p.startswith("statistics/") for p in one.operands)]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", ["", "—"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_form_has_a_study_without_figures_of_nothing(form: str, text: str, language: str) -> None:
    report = read_report(printed(form, everything=text))
    shown = everything([report], language)
    (told,) = chapters.flow(report, language)
    assert isinstance(told, str) and say("status.mark" if text else "status.blank", language) in told
    assert not any(hasattr(part, "png") for part in chapters.main_indicators(report, language)) and not UNSAID.search(shown)


@pytest.mark.parametrize("language, list_says, text_says", [
    ("zh", "读出 32 格，其中 32 格有数，另有正文", "没有表格，只有正文 3 节，其中数字 1 个"),
    ("en", "32 cells were read, 32 with a number, and a text of", "It has no table, only a text of 3 sections with 1 number."),
])  # fmt: skip
def test_a_report_without_the_form_shows_what_it_has_and_no_empty_head(language: str, list_says: str, text_says: str) -> None:
    listed, told = read_report(LIST), read_report(TOLD.encode())
    assert list_says in study.conclusion(listed, language) and text_says in study.conclusion(told, language)
    for report in (listed, told):
        heads = re.findall(r"<h2>(.*?)</h2>", "".join(str(p) for make in _PARTS for p in make(report, language) if isinstance(p, str)))
        assert chapters.flow(report, language) == chapters.main_indicators(report, language) == ()
        wanted = ("citation", "form") if report is listed else ("figures",)
        assert heads == [re.sub("<.*?>", "", study.heading(key, language)) for key in wanted]
        assert len(study.by_year([report], language).columns) == 5 and not UNSAID.search(everything([report], language))
    empty = replace(told, contents=replace(told.contents, figures=(), findings=()))
    assert chapters.figures(empty, language) == chapters.findings([empty], language) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_county_whose_years_are_of_every_edition_has_one_table_of_them(language: str) -> None:
    texts = (TOLD.encode(), LIST.read_bytes(), printed("2019", everything=""), printed("2021", {"applications/new_received/total": "—"}))
    reports = [read_report(text) for text in texts]
    rows = study.by_year(reports, language)
    assert rows.iloc[:, 0].to_list() == ["2010", "2014", "2019", "2022"]
    assert rows.iloc[:, 2].to_list() == ["—", "—", say("status.blank", language), f"{say('status.mark', language)} “—”"]
    assert not UNSAID.search(everything(reports, language) + everything(reports[:2], language))


NEW = "applications/new_received"
LOST = {
    "空白县": (printed("2019", {f"{NEW}/total": ""}), "blank"), "横线县": (printed("2019", {f"{NEW}/total": "—"}), "mark “—”"),
    "缺行县": (printed("2021", without=NEW), "absent"), "误印县": (printed("2021", {f"{NEW}/total": "若干"}), "unreadable"),
    "空表县": (printed("2021", everything=""), "blank"), "统计县": (LIST.read_bytes(), "—"), "文字县": (TOLD.encode(), "—"),
    "完整县": (printed("2021"), "40"),
}  # fmt: skip


def test_the_index_tells_every_way_to_be_without_a_number(tmp_path: Path) -> None:
    for number, (name, (data, _)) in enumerate(LOST.items()):
        (tmp_path / f"{number}-{name}.html").write_bytes(data)
    rows = (f"{number}-{name}.html,{140402 + number},government\n" for number, name in enumerate(LOST))
    (tmp_path / "manifest.csv").write_text("path,division_code,body\n" + "".join(rows), encoding="utf-8")
    found = counties(read_corpus(tmp_path))
    done = Done(tmp_path, tuple(Study(c.folder, c.name, (), {}, c) for c in found), {})
    rows = LexborHTMLParser(index_of(done, "en")).css("tbody tr")
    told = {c.reports[0]["path"][2:5]: row.css("td")[3] for c, row in zip(found, rows, strict=True)}
    assert {name: cell.text().strip() for name, cell in told.items()} == {name: said for name, (_, said) in LOST.items()}
    assert {name: cell.attributes.get("data-key") for name, cell in told.items()} == dict.fromkeys(LOST, "") | {"完整县": "40.0"}


def test_a_county_with_nothing_in_its_newest_form_stands_between_two_good_ones(tmp_path: Path) -> None:
    texts = {"a.txt": document().encode(), "b.html": printed("2021", everything=""), "c.txt": document().encode() + b"\n",
             "b19.txt": document().encode() + b"\n\n"}  # fmt: skip
    (tmp_path / "raw").mkdir()
    for name, data in texts.items():
        (tmp_path / "raw" / name).write_bytes(data)
    manifest = "path,division_code,year\na.txt,140429,\nb.html,140430,2022\nb19.txt,140430,2019\nc.txt,140431,\n"
    (tmp_path / "raw" / "manifest.csv").write_text(manifest, encoding="utf-8")
    done = run_studies(tmp_path / "raw", reports_dir=tmp_path, run="all", language="en")
    assert done.status == 0 and done.failures == {}
    assert done.index.is_file() and len(list(done.folder.glob("*/study.en.html"))) == 3
    [page] = done.folder.glob("140430-*/study.en.html")
    text = " ".join(LexborHTMLParser(page.read_text(encoding="utf-8")).css_first("main").text().split())
    assert "none of the" in text and "Newly received · Total (blank)" in text and SAMPLE.is_file()
