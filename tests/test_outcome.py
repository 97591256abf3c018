"""The list of a run: of each county what was read, never a rank, and nothing where nothing was."""

from __future__ import annotations

from pathlib import Path

import pytest
from folders import document, folder
from selectolax.lexbor import LexborHTMLParser

from gongkai import read_corpus
from gongkai.studies.execute import Failure
from gongkai.studies.outcome import Done, Study, index_of
from gongkai.studies.units import counties

YEARS = (2014, 2019, 2020, 2022)
MANIFEST = "path,division_code,body\n" + "".join(f"{year}.txt,140430,government\n" for year in YEARS) + "street.txt,140430,street_or_town\n"
FAILURE = Failure("空文件", "an empty file", "UnreadableSource")


@pytest.fixture
def done(tmp_path: Path) -> Done:
    texts = {f"{year}.txt": document(year=year) for year in YEARS}
    folder(tmp_path, {**texts, "street.txt": document("街道"), "x.txt": ""}, MANIFEST)
    studies = tuple(Study(county.folder, county.name, (), {}, county) for county in counties(read_corpus(tmp_path)))
    return Done(tmp_path, studies, {("nocode-x", "zh"): FAILURE, ("nocode-x", "en"): FAILURE})


@pytest.mark.parametrize(
    "language, years, made, failed, aside, page, kept",
    [
        ("zh", "2014、2019–2020、2022", "完成：已印 ", "未完成 空文件", "另有 1 份", "study.html", "study.ipynb"),
        (
            "en",
            "2014, 2019–2020, 2022",
            "made: printed ",
            "not completed an empty file",
            "1 reports of departments",
            "study.en.html",
            "study.en.ipynb",
        ),
    ],
)
def test_a_county_has_its_years_its_newest_count_and_its_findings(done, language, years, made, failed, aside, page, kept):
    parsed = LexborHTMLParser(index_of(done, language))
    first, second = parsed.css("tbody tr")
    told = [n.text().strip() for n in first.css("td")]
    assert told[:3] == ["140430", years, "1"] and told[6].startswith(made)
    assert sum(map(int, told[3:6])) == sum((done.studies[0].county.levels or {}).values()) > 0
    assert first.css_first("a").attributes["href"] == f"{done.studies[0].folder}/{page}"
    assert [" ".join(n.text().split()) for n in second.css("td")] == ["—"] * 6 + [failed]
    assert second.css_first("a").attributes["href"] == f"nocode-x/{kept}"
    assert aside in parsed.css_first("main").text()


def test_a_page_that_failed_alone_is_no_failure_of_the_other_language(done):
    half = Done(done.folder, done.studies, {("nocode-x", "en"): FAILURE})
    targets = [LexborHTMLParser(index_of(half, code)).css("tbody a")[1].attributes["href"] for code in ("zh", "en")]
    assert targets == ["nocode-x/study.html", "nocode-x/study.en.ipynb"]
