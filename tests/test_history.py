"""A county through the years: every number of its study is the panel's, nothing is joined across a break, nothing empty is shown."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import handmade
import nbformat
import pandas as pd
import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode
from statsmodels.stats.proportion import proportion_confint

from gongkai import Corpus, indicators, read_corpus
from gongkai.core.files import find_notebook
from gongkai.corpus.panel import short_names
from gongkai.studies import trends, yearly
from gongkai.studies.batch import STUDY, run_studies
from gongkai.studies.fragments import grouped
from gongkai.studies.history import History
from gongkai.studies.pages import study_page
from gongkai.studies.units import county_reports

YEARS = (2014, 2016, 2019, 2020, 2021, 2022, 2023)
CODE = "350128"
NUMBER = re.compile(r"-?\d[\d,]*")
Row = Mapping[str, Any]


@pytest.fixture(scope="module")
def made(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the study of 平潭 from the shared reports of seven years."""
    here = tmp_path_factory.mktemp("pingtan")
    (here / "raw").mkdir()
    for year in YEARS:
        shutil.copy(shared / "reports" / f"pingtan-{year}" / "report.html", here / "raw" / f"平潭{year}.html")
    rows = "".join(f"平潭{year}.html,{CODE},government,https://www.pingtan.gov.cn/{year}\n" for year in YEARS)
    (here / "raw" / "manifest.csv").write_text(f"path,division_code,body,source_url\n{rows}", encoding="utf-8")
    done = run_studies(here / "raw", out_dir=here / "out", corpus_dir=here / "tidy")
    assert done.told() == []
    return here


@pytest.fixture(scope="module")
def corpus(made: Path) -> Corpus:
    return read_corpus(made / "tidy")


@pytest.fixture(scope="module")
def panel(corpus: Corpus) -> Mapping[int, Row]:
    rows = corpus.panel()
    return {int(row["year"]): row for row in rows.to_dict("records")}


@pytest.fixture(scope="module")
def history(corpus: Corpus) -> History:
    return History.of(county_reports(corpus, CODE), None, 2025)


def page(made: Path, language: str) -> LexborHTMLParser:
    [path] = (made / "out").glob(f"{CODE}-*/study{'' if language == 'zh' else '.en'}.html")
    return LexborHTMLParser(path.read_text(encoding="utf-8"))


def value(row: Row, table: str, item: str, measure: str) -> float | None:
    """Return a cell of the panel, by the place that the form gives it."""
    number = row[short_names()[table, item, measure]]
    return None if pd.isna(number) else float(number)


def total(row: Row, *items: str, measure: str = "total") -> float | None:
    """Add up the rows of table three that the year's form has; none without a value."""
    names = [
        key
        for key in short_names()
        if key[0] == "applications" and key[2] == measure and any(key[1] == i or key[1].startswith(f"{i}.") for i in items)
    ]
    here = [key for key in names if row[f"{short_names()[key]}_status"] == "printed"]
    return sum(value(row, *key) or 0 for key in here) if here else None


def both(row: Row, measure: str) -> float | None:
    parts = [value(row, "review", item, measure) for item in ("direct_litigation", "litigation_after_reconsideration")]
    return None if None in parts else sum(p for p in parts if p is not None)


def cell(*path: str) -> Callable[[Row], float | None]:
    return lambda row: value(row, *path)


APPLICANTS = {
    "Natural person": "natural_person", "Enterprise": "commercial_enterprise", "Research inst.": "research_institution",
    "Public interest org.": "public_interest_organization", "Legal service org.": "legal_service_organization",
    "Other org.": "other_organization",
}  # fmt: skip
OUTCOMES = {
    "Granted": ["granted"], "Granted in part": ["partially_granted"], "Denied": ["denied"], "Unavailable": ["unavailable"],
    "Not processed, other": ["not_processed", "other"], "Processed": ["processed_total"],
}  # fmt: skip
RESULTS = {"Upheld": "upheld", "Corrected": "corrected", "Other result": "other", "Pending": "pending", "Total": "total"}
DOCUMENTS = {
    "Newly made": "newly_made", "Newly disclosed": "newly_disclosed", "Disclosed in all": "total_disclosed", "Issued": "issued",
    "Repealed": "repealed", "In force": "in_force",
}  # fmt: skip
# By section and table in it: the heads of the columns, each with the number of the panel that it must show.
TABLES: dict[tuple[str, int], dict[str, Callable[[Row], float | None]]] = {
    ("What became of the requests", 0): {head: (lambda row, own=own: total(row, *own)) for head, own in OUTCOMES.items()},  # type: ignore[misc]
    ("Who applied, and with what result", 0): {head: cell("applications", "new_received", code) for head, code in APPLICANTS.items()},
    ("Reconsideration and litigation", 0): {head: cell("review", "reconsideration", code) for head, code in RESULTS.items()},
    ("Reconsideration and litigation", 1): {head: (lambda row, code=code: both(row, code)) for head, code in RESULTS.items()},  # type: ignore[misc]
    ("Normative documents: stock and flow", 0): {head: cell("disclosure", "normative_documents", c) for head, c in DOCUMENTS.items()},
}
# What each rate divides, as the panel has it.
RATES: dict[str, tuple[Callable[[Row], float | None], Callable[[Row], float | None]]] = {
    "Granted in full, of all processed": (lambda r: total(r, "granted"), lambda r: total(r, "processed_total")),
    "Denied, of all processed": (lambda r: total(r, "denied"), lambda r: total(r, "processed_total")),
    "Granted in full or in part, of all processed": (
        lambda r: total(r, "granted", "partially_granted"),
        lambda r: total(r, "processed_total"),
    ),
    "Not held, of all processed": (lambda r: total(r, "unavailable.not_held"), lambda r: total(r, "processed_total")),
}


def tables(parsed: LexborHTMLParser) -> dict[tuple[str, int], LexborNode]:
    """Return the tables of a page by the heading that they stand under, and their number below it."""
    found: dict[tuple[str, int], LexborNode] = {}
    section, number = "", 0
    for node in parsed.css("main h1, main h2, main .gongkai-study table"):
        if node.tag in ("h1", "h2"):
            section, number = node.text().strip(), 0
        else:
            found[section, number], number = node, number + 1
    return found


def rows_of(table: LexborNode) -> dict[tuple[int, str], str]:
    """Return the texts of a table with a row a year, by year and head of the column; years without a report are left out."""
    heads = [head.text() for head in table.css("thead th")]
    told = {}
    for row in table.css("tbody tr"):
        first, *rest = [td.text() for td in row.css("td")]
        if len(rest) == len(heads) - 1 and first.isdecimal():
            told |= {(int(first), head): text for head, text in zip(heads[1:], rest, strict=True)}
    return told


def test_every_number_of_the_tables_is_the_panels(made: Path, panel: Mapping[int, Row]) -> None:
    shown, compared = tables(page(made, "en")), 0
    for place, columns in TABLES.items():
        told = rows_of(shown[place])
        assert {head for _, head in told} == {*columns} and {year for year, _ in told} == {*YEARS}
        for (year, head), text in told.items():
            number = columns[head](panel[year])
            assert text == ("—" if number is None else grouped(number)), (place, year, head)
            compared += number is not None
    assert compared == 5 * (6 + 6 + 5 + 5 + 3)


def test_the_numbers_of_demand_are_the_panels_and_the_lists(made: Path, panel: Mapping[int, Row], corpus: Corpus) -> None:
    told = rows_of(tables(page(made, "en"))["How many requests", 0])
    for year in YEARS[2:]:
        numbers = (total(panel[year], item) for item in ("new_received", "carried_in", "carried_out"))
        shown = (told[year, head] for head in ("Received", "Carried in", "Carried over"))
        assert list(shown) == [grouped(n or 0) for n in numbers] and told[year, "Accepted (old lists)"] == "—"
    listed = corpus.cells.merge(corpus.reports[["report_id", "year"]], on="report_id")
    accepted = listed[listed["item"].str.contains("受理依申请公开") & (listed["measure"] == "year")].set_index("year")["value"]
    assert {year: told[year, "Accepted (old lists)"] for year in YEARS[:2]} == {year: grouped(accepted[year]) for year in YEARS[:2]}
    assert {told[year, "Received"] for year in YEARS[:2]} == {"absent"}


def test_granted_of_processed_by_applicant_is_the_panels(made: Path, panel: Mapping[int, Row]) -> None:
    told = rows_of(tables(page(made, "en"))["Who applied, and with what result", 1])
    for (year, head), text in told.items():
        measure = APPLICANTS.get(head, "total")
        numbers = [value(panel[year], "applications", item, measure) for item in ("granted", "processed_total")]
        assert text == ("—" if None in numbers else "/".join(grouped(n) for n in numbers if n is not None))


def test_rates_and_their_intervals_follow_from_the_panel(made: Path, panel: Mapping[int, Row]) -> None:
    told = rows_of(tables(page(made, "en"))["The main rates with their intervals", 0])
    for head, (top, bottom) in RATES.items():
        for year in (2019, 2021, 2022, 2023):
            k, n = top(panel[year]), bottom(panel[year])
            ends = proportion_confint(k, n, method="wilson")
            digits = 0 if n is not None and n < 30 else 1
            numbers = [f"{100 * share:.{digits}f}" for share in ((k or 0) / (n or 1), *ends)]
            shown = re.findall(r"\d+(?:\.\d+)?", told[year, head])
            assert [float(s) for s in shown] == [float(s) for s in (*numbers, f"{n:.0f}")], (year, head, told[year, head])
    full = total(panel[2020], "granted") or 0
    parts = sum(total(panel[2020], *own) or 0 for own in list(OUTCOMES.values())[:-1])
    answers = re.findall(r"\d+", told[2020, "Granted in full, of all processed"])
    assert [int(a) for a in answers] == [round(100 * full / 21), round(100 * full / parts)] == [33, 26]


def test_what_is_counted_of_prose_and_quality_is_the_corpus(made: Path, corpus: Corpus, panel: Mapping[int, Row]) -> None:
    shown = tables(page(made, "en"))
    years = corpus.reports.set_index("report_id")["year"]
    prose, quality = rows_of(shown["What the text says", 0]), rows_of(shown["The reports themselves", 0])
    count = {
        "Numbers in the text": corpus.figures["report_id"].map(years).value_counts(),
        **{head: corpus.findings.loc[corpus.findings["code"] == code, "report_id"].map(years).value_counts() for head, code in (
            ("Against the tables", "text_table"), ("Parts do not add up", "breakdown"), ("Percentages that fail", "percentage"))},
    }  # fmt: skip
    assert prose == {(year, head): grouped(int(number.get(year, 0))) for year in YEARS for head, number in count.items()}
    broken = corpus.checks.loc[corpus.checks["state"] == "broken", "report_id"].map(years).value_counts()
    assert {year: quality[year, "Sums that fail"] for year in YEARS} == {year: str(broken.get(year, 0)) for year in YEARS}
    gaps = {
        year: (total(panel[year], "carried_in") or 0) - (total(panel[year - 1], "carried_out") or 0) for year in (2020, 2021, 2022, 2023)
    }
    assert {year: quality[year, "Gap between years"] for year in gaps} == {year: grouped(gap) for year, gap in gaps.items()}


def test_the_lists_are_shown_as_printed(made: Path, corpus: Corpus) -> None:
    shown = tables(page(made, "en"))["The indicator lists of 2014 to 2018", 0]
    cells = corpus.cells[(corpus.cells["table"] == "statistics") & (corpus.cells["measure"] == "year")]
    years = cells["report_id"].map(corpus.reports.set_index("report_id")["year"])
    printed = {
        (f"{item}（{unit}）", str(year)): grouped(v)
        for item, unit, year, v in zip(cells["item"], cells["unit"], years, cells["value"], strict=True)
    }
    heads = [head.text() for head in shown.css("thead th")][1:]
    told = {}
    for row in shown.css("tbody tr"):
        first, *rest = [td.text() for td in row.css("td")]
        told |= {(first, head): text for head, text in zip(heads, rest, strict=True) if text}
    assert told == printed


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_leads_to_its_data_its_sources_and_its_cells(made: Path, corpus: Corpus, language: str) -> None:
    parsed = page(made, language)
    [link] = parsed.css("p.download a")
    [path] = (made / "out").glob(f"{CODE}-*/{link.attributes['href']}")
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert len(rows) == len(corpus.cells) and str(f"{len(rows):,}") in link.text()
    numbers = {(r["report_id"], r["table"], r["item"], r["measure"]): r["value"] for r in rows}
    for own in corpus.cells.itertuples():
        told = numbers[own.report_id, own.table, own.item, own.measure]
        assert told == "" if pd.isna(own.value) else float(told) == own.value
    assert "https://www.pingtan.gov.cn/2023" in [a.attributes.get("href") for a in parsed.css("td a")]
    assert (
        all(NUMBER.fullmatch(td.text()) or "/" in td.text() for td in parsed.css(".gongkai-study td[title]"))
        and len(parsed.css(".gongkai-study td[title]")) > 60
    )


def test_figures_join_no_years_across_a_break_and_fit_a_telephone(history: History) -> None:
    demand = history.wide("applications", measure="total")[["new_received", "carried_out"]]
    drawn = {
        "lines": trends.lines_figure({"": demand}, history, "平潭县", "a", "en"),
        "bars": trends.stacked_figure({"": demand}, history, "平潭县", "b", "zh", {"": demand["new_received"]}),
        "rates": trends.rates_figure(indicators.table(history), history, "平潭县", "c", "en"),
    }
    breaks = {int(entry["year"]) for entry in indicators.breaks().values()}
    for name, picture in drawn.items():
        assert isinstance(picture, trends.Picture) and picture.get_figwidth() * 100 <= 600 and picture.png().startswith(b"\x89PNG")
        joined = [
            sorted({float(x) for x in line.get_xdata()}) for axes in picture.axes for line in axes.lines if line.get_linestyle() == "-"
        ]
        runs = [xs for xs in joined if len(xs) > 1 and all(x.is_integer() for x in xs)]
        assert runs or name == "bars"
        for xs in runs:
            assert all(b - a == 1 and b not in breaks for a, b in pairwise(xs)), (name, xs)
        assert "平潭县" in picture.alt


def test_a_contradictory_year_is_drawn_as_its_two_answers(history: History) -> None:
    picture = trends.rates_figure(indicators.table(history, codes=["full_grant_share"]), history, "平潭县", "c", "en")
    assert isinstance(picture, trends.Picture) and "2020 33 % / 26 %" in picture.alt
    told = yearly.rate_table(indicators.table(history, codes=["full_grant_share"]), "zh")
    assert told.loc[2020, "full_grant_share"] == "33% 或 26%（报告自相矛盾）"


def test_a_bar_with_a_blank_in_it_is_hatched_and_never_summed() -> None:
    report = handmade.report(handmade.PINGTAN_2020, {"applications/denied.internal_affairs/total": "blank"})
    history = History.of([report])
    outcomes = history.grouped({"granted": ["granted"], "denied": ["denied"]})
    assert pd.isna(outcomes.at[report.year, "denied"]) and outcomes.at[report.year, "granted"] == 7
    picture = trends.stacked_figure({"": outcomes}, history, "县", "t", "en")
    assert isinstance(picture, trends.Picture) and "Denied no value" in picture.alt
    assert any(patch.get_hatch() for axes in picture.axes for patch in axes.patches)


def test_the_gravest_findings_of_all_years_come_first(history: History) -> None:
    found = yearly.gravest(history, "en")
    assert found["Level"].to_list() == sorted(found["Level"], key=["error", "warning"].index)
    errors = found[found["Level"] == "error"]
    assert {*errors["Year"]} == {"2019", "2020"} and found.attrs["total"] == (history.findings["level"] != "note").sum()


def test_a_history_of_nothing_shows_nothing() -> None:
    history = History.of([])
    assert list(history.years) == []
    narrative = handmade.report({})
    assert trends.lines_figure({"": pd.DataFrame({"a": [None]}, index=[2019], dtype="Float64")}, History.of([narrative]), "县", "t") == ""


def test_prose_stands_in_both_languages_beside_one_set_of_cells() -> None:
    cells = nbformat.read(find_notebook(STUDY), as_version=4).cells
    prose = [cell for cell in cells if cell.cell_type == "markdown"]
    tags = [{"zh", "en"} & {*cell.metadata["tags"]} for cell in prose]
    assert tags == [{"zh"}, {"en"}] * (len(prose) // 2)
    themes = [cell.source for cell in prose if "问：" in cell.source or "Asked:" in cell.source]
    assert len(themes) >= 20 and all("不可据此断定：" in t or "Not to be concluded:" in t for t in themes)
    assert all(bool(re.search(r"[\u4e00-\u9fff]", cell.source)) == ("zh" in cell.metadata["tags"]) for cell in prose)


def test_a_sentence_and_a_figure_are_changed_in_the_notebook_alone() -> None:
    """The words of what may be concluded and the headings of figures stand in the notebook, so the package need not be opened."""
    source = "\n".join(cell.source for cell in nbformat.read(find_notebook(STUDY), as_version=4).cells if cell.cell_type == "code")
    assert source.count("yearly.conclude(") >= 9 and source.count("zh=") >= 9 and source.count("en=") >= 9


def test_the_kept_notebook_has_the_prose_of_its_own_language(made: Path) -> None:
    [path] = (made / "out").glob(f"{CODE}-*/study.ipynb")
    prose = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
    assert len(prose) > 10 and all("zh" in cell.metadata["tags"] for cell in prose)


SECTIONS = [
    {"cell_type": "markdown", "source": "## Empty", "metadata": {"tags": ["section"]}},
    {"cell_type": "code", "source": "a", "outputs": []},
    {"cell_type": "markdown", "source": "## 满", "metadata": {"tags": ["zh", "section"]}},
    {"cell_type": "markdown", "source": "## Full", "metadata": {"tags": ["en", "section"]}},
    {"cell_type": "code", "source": "b", "outputs": [{"output_type": "stream", "name": "stdout", "text": "1"}]},
]


@pytest.mark.parametrize("language, wanted", [("zh", ["满"]), ("en", ["Full"])])
def test_a_page_leaves_out_empty_sections_and_the_other_language(language: str, wanted: list[str]) -> None:
    parsed = LexborHTMLParser(study_page({"cells": SECTIONS}, "x", language).html)
    assert [node.text() for node in parsed.css("h2")] == wanted


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_number_of_the_newest_year_leads_to_its_cell(made: Path, language: str) -> None:
    parsed = page(made, language)
    cells = {node.attributes["id"]: node.text().strip(" !") for node in parsed.css(".gongkai-form td[id]")}
    links = [a for a in parsed.css("td[title^='2023 '] a")]
    assert len(links) > 15
    for link in links:
        path = (link.attributes["href"] or "").removeprefix("#")
        assert path == (link.parent.attributes["title"] or "").split()[1] and link.text().split("/")[0] == cells[path]
