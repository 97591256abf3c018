"""The list of a run: of each county what was read, never a rank, and nothing where nothing was."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from folders import document, folder
from selectolax.lexbor import LexborHTMLParser

from gongkai import read_corpus
from gongkai.places import romanised
from gongkai.studies.execute import NotebookFailure
from gongkai.studies.listing import index_of, write_indexes
from gongkai.studies.outcome import Done, Limits, Study
from gongkai.studies.planning import comparisons, newest_rates
from gongkai.studies.units import counties
from gongkai.synthetic import simulate

YEARS = (2014, 2019, 2020, 2022)
ROWS = "".join(f"{year}.txt,140430,government,{year}\n" for year in YEARS)
MANIFEST = f"path,division_code,body,year\n{ROWS}street.txt,140430,street_or_town,\n"
FAILURE = NotebookFailure("空文件", "an empty file", "UnreadableSource")


@pytest.fixture
def done(tmp_path: Path) -> Done:
    texts = {f"{year}.txt": document(year=year) for year in YEARS}
    folder(tmp_path, {**texts, "street.txt": document("街道"), "x.txt": document("无名县")}, MANIFEST)
    studies = tuple(Study(county.folder, county.name, (), {}, county) for county in counties(read_corpus(tmp_path)))
    return Done(tmp_path, studies, {(studies[1].folder, "zh"): FAILURE, (studies[1].folder, "en"): FAILURE})


@pytest.mark.parametrize(
    "language, years, made, failed, aside, page, kept",
    [
        ("zh", "2014、2019–2020、2022", "完成：已印 ", "未完成 空文件", "另有 1 份", "study.html", "study.ipynb"),
        (
            "en",
            "2014, 2019–2020, 2022",
            "made: printed ",
            "not completed an empty file",
            "1 report stands aside",
            "study.en.html",
            "study.en.ipynb",
        ),
    ],
)
def test_a_county_has_its_years_its_newest_count_and_its_findings(done, language, years, made, failed, aside, page, kept):
    parsed = LexborHTMLParser(index_of(done, language))
    first, second = parsed.css("tbody tr")
    told = [n.text().strip() for n in first.css("td")]
    place = "山西省长治市" if language == "zh" else "Changzhi, Shanxi"
    assert told[:4] == [place, "140430", years, "1"] and told[9].startswith(made)
    assert sum(map(int, told[6:9])) == sum((done.studies[0].county.levels or {}).values()) > 0
    assert first.css_first("a").attributes["href"] == f"{done.studies[0].folder}/{page}"
    assert " ".join(second.css("td")[-1].text().split()).startswith(failed.split(" ")[0])
    assert second.css_first(".failure").text() == FAILURE[language != "zh"]
    assert second.css_first("a").attributes["href"] == f"{done.studies[1].folder}/{kept}"
    assert aside in parsed.css_first("main").text()


def test_a_page_that_failed_alone_is_no_failure_of_the_other_language(done):
    name = done.studies[1].folder
    half = Done(done.folder, done.studies, {(name, "en"): FAILURE})
    targets = [LexborHTMLParser(index_of(half, code)).css("tbody a")[1].attributes["href"] for code in ("zh", "en")]
    assert targets == [f"{name}/study.html", f"{name}/study.en.ipynb"]


@pytest.mark.parametrize("language, words", [("zh", "模拟数据"), ("en", "imulated data")])
def test_a_list_of_counties_that_do_not_exist_says_so(tmp_path, language, words):
    """Point 12: in its title, above the list, and at each county."""
    simulate(tmp_path / "raw", 2, (2022, 2022), plain=True)
    folder(tmp_path / "raw", {"沁县/2019.txt": document()})
    studies = tuple(Study(county.folder, county.name, (), {}, county) for county in counties(read_corpus(tmp_path / "raw")))
    pages = [LexborHTMLParser(index_of(Done(tmp_path, some, {}), language)) for some in (studies, studies[:1])]
    assert [[words in page.css_first(tag).text() for tag in ("title", "h1", "main p")] for page in pages] == [[True] * 3, [False] * 3]
    marks = ["imulated" in (name := row.css_first("th").text()) or "模拟" in name for row in pages[0].css("tbody tr")]
    assert marks == [False, True, True]


def test_the_list_shows_rates_and_comparisons_and_goes_with_a_table_that_says_the_same(tmp_path):
    """Six counties of one prefecture are compared; the list is also written while the run goes on."""
    codes = (140423, 140425, 140426, 140427, 140428, 140429)
    texts = {f"{n}.txt": document() + "\n" * n for n in range(6)}
    folder(tmp_path / "raw", texts, "path,division_code\n" + "".join(f"{n}.txt,{code}\n" for n, code in enumerate(codes)))
    corpus = read_corpus(tmp_path / "raw")
    found = counties(corpus)
    compared = comparisons(found, {"data_dir": "x"}, tmp_path, Limits())
    assert [(s.folder, s.parent, s.tasks[0].pages[1][1]) for s in compared] == [
        ("14-山西省", "14", "Shanxi (山西省): its counties compared"), ("1404-长治市", "1404", "Changzhi (长治市): its counties compared"),
    ]  # fmt: skip
    studies = tuple(Study(c.folder, c.name, (), {}, c) for c in found)
    done = Done(tmp_path, (*studies, *compared), {}, rates=newest_rates(corpus, found))
    page = LexborHTMLParser(index_of(done, "en"))
    first = [td.text().strip() for td in page.css("tbody tr")[0].css("td")]
    assert len(page.css("tbody tr")) == 6 and first[4:6] == ["100\u00a0% (1/1)", "0\u00a0% (0/1)"]
    assert [a.attributes["href"] for a in page.css(".compared a")] == ["14-山西省/study.en.html", "1404-长治市/study.en.html"]
    assert len(page.css("tbody tr")[0].css("td:last-child a")) == 2
    write_indexes(done)
    rows = list(csv.DictReader((tmp_path / "studies.csv").read_text("utf-8-sig").splitlines()))
    assert [rows[0][name] for name in ("full_grant_share", "full_grant_share_n", "received")] == ["1", "1", "1"]
    assert {row["name_en"] for row in rows} == {romanised(row["name"]) for row in rows} and None not in {row["name_en"] for row in rows}
    running = index_of(replace(done, runs=True, unmade={studies[0].folder}), "en")
    assert "The run goes on: 1 study is not finished" in running
