"""What is simulated says so wherever it turns up, and is known by its places, not by a word in its title."""

from __future__ import annotations

import shutil
import warnings
from dataclasses import replace
from pathlib import Path

import handmade
import openpyxl
import pandas as pd
import pytest
from selectolax.lexbor import LexborHTMLParser

from gongkai import read_corpus, read_report
from gongkai.corpus import Corpus
from gongkai.corpus.export import export, write_csv, write_excel
from gongkai.places import invented, is_simulated, locate, name_of
from gongkai.studies import chapters, comparison, plots, study
from gongkai.studies.listing import index_of
from gongkai.studies.outcome import Done, Study
from gongkai.studies.parameters import ParameterRow
from gongkai.studies.planning import titled
from gongkai.studies.units import counties
from gongkai.synthetic import invented_county, simulate

MARKS = {"zh": "模拟数据：", "en": "SIMULATED DATA. "}
REAL = "data/raw/qinxian-2019.txt"
KEYED = ("reports", "cells", "findings", "sections", "figures", "checks", "panel")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("province") / "documents"
    simulate(made, 7, (2022, 2023), 3, plain=True)
    return made


@pytest.fixture(scope="module")
def corpus(folder: Path) -> Corpus:
    return read_corpus(folder)


def test_the_codes_and_names_of_what_does_not_exist_are_known_to_the_places() -> None:
    assert len({*invented().values()}) == len(invented()) == 3000 and invented_county(0).name == name_of("900101") == invented()["900101"]
    assert all(locate(f"{name}2023年政府信息公开工作年度报告", year=2023).code == code for code, name in invented().items())
    assert locate(None, f"{invented_county(4).name}人民政府办公室", year=2023).code == invented_county(4).code
    assert locate(None, path="900105-2023/report.html").code == "900105"
    assert not is_simulated(None, "", "140430") and is_simulated("140430", "999999")


def test_it_is_known_without_the_manifest_and_never_by_a_word_of_the_title(folder: Path, tmp_path: Path, root: Path) -> None:
    path = next(folder.glob("900101-2023/report.*"))
    shutil.copy(path, tmp_path / path.name)
    assert read_report(path).simulated and study.load(str(tmp_path / path.name), "", "")[0].division_code == "900101"
    bare = replace(read_report(path), title=None, authority=None)
    assert not bare.simulated and replace(bare, division_code="900101").simulated
    assert replace(read_report(path), division_code="140430").simulated  # a collector may enter it under a real code
    real = read_report(root / REAL)
    assert not real.simulated and not replace(real, title="沁县模拟法庭2019年政府信息公开工作年度报告").simulated


def test_the_tables_say_so(corpus: Corpus, tmp_path: Path, root: Path) -> None:
    assert corpus.reports["simulated"].all() and corpus.panel()["simulated"].all()
    real = tmp_path / "raw"
    real.mkdir()
    shutil.copy(root / REAL, real)
    panel = read_corpus(real).panel()
    assert panel["simulated"].to_list() == [False] and panel["simulated"].dtype == bool


@pytest.mark.parametrize("language", MARKS)
def test_title_lead_and_every_figure_of_a_study_say_so(corpus: Corpus, language: str) -> None:
    reports = study.load("", corpus, "900103")  # type: ignore[arg-type]
    report, mark = reports[-1], MARKS[language]
    assert f"<h1>{mark}" in study.title(report, language)
    lead, _ = chapters.summary(report, language)
    assert repr(lead).startswith(mark)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        strip = plots.years_strip(*study.years(reports, None, None), language)
        peers = comparison.among_peers(report, corpus, language)
        parts = (*chapters.flow(report, language), *chapters.main_indicators(report, language), *peers, strip)
        figures = [part for part in parts if hasattr(part, "png")]
        assert len(figures) == 4 and all(figure.png() for figure in figures)
    for figure in figures:
        assert any(text.get_text().startswith(mark) for text in figure.texts)


@pytest.mark.parametrize("language", MARKS)
def test_a_study_of_what_is_real_does_not_say_so(language: str) -> None:
    report = handmade.huaian_2024()
    said = [study.title(report, language), study.conclusion(report, language)]
    figures = [plots.flow(report, language), plots.years_strip({2024: report}, 2024, 2024, language)]
    assert not any(MARKS[language].strip() in text for text in said + [t.get_text() for figure in figures for t in figure.texts])


@pytest.mark.parametrize("language, told", [("zh", "7 个研究对象中有 7 个并不存在"), ("en", "7 of the 7 subjects do not exist")])
def test_the_index_says_so_above_and_in_each_row_and_pages_are_called_so(corpus: Corpus, language: str, told: str) -> None:
    found = counties(corpus)
    done = Done(Path(), tuple(Study(c.folder, c.name, (), {}, c) for c in found), {})
    page = LexborHTMLParser(index_of(done, language))
    assert told in page.css_first("main").text()
    assert [row.css_first("th").text() for row in page.css("tbody tr")] == [f"{MARKS[language]}{c.name}" for c in found]
    assert all(titled(ParameterRow(c.folder, c.name, {}, [], c), language).startswith(MARKS[language]) for c in found)


@pytest.mark.parametrize("language", MARKS)
def test_a_comparison_of_all_provinces_says_so(corpus: Corpus, language: str) -> None:
    rows = comparison.compared(corpus, "", (2023, 2023), ["refusal_share"])
    assert f"<h1>{MARKS[language]}" in comparison.title("", (2023, 2023), language, rows["division_code"])
    assert f"<p>{MARKS[language]}" in comparison.conclusions(rows, "refusal_share", 2023, language)


def read(path: Path) -> pd.DataFrame:
    if path.suffix == ".dta":
        import pyreadstat

        return pyreadstat.read_dta(str(path))[0]
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, low_memory=False)


@pytest.mark.parametrize("to", ["csv", "parquet", "stata"])
def test_every_exported_table_says_so(corpus: Corpus, to: str, tmp_path: Path) -> None:
    part = corpus.select(division_code=["900101"])
    made = {path.stem: path for path in export(part, to, tmp_path / to)}
    for name in KEYED:
        table = read(made[name])
        assert table["simulated"].astype(int).eq(1).all() and (len(table) or name == "findings"), name
    ending = {"csv": "csv", "parquet": "parquet", "stata": "dta"}[to]
    (alone,) = export(part, to, tmp_path / f"cells.{ending}")
    assert read(alone)["simulated"].astype(int).eq(1).all()


def test_a_workbook_says_so_on_its_first_sheet_and_in_its_tables(corpus: Corpus, folder: Path, tmp_path: Path, root: Path) -> None:
    one = read_report(next(folder.glob("900101-2023/report.*")))
    for source, told in ((corpus.select(division_code="900101"), "2 reports are simulated"), (one, "1 report is simulated")):
        book = openpyxl.load_workbook(write_excel(source, tmp_path / "a.xlsx", "en"))
        assert book["about"].cell(1, 1).value == "simulated" and told in book["about"].cell(1, 2).value
        head, first, *_ = book["cells"].iter_rows(values_only=True)
        assert head[-1] == "simulated" and first[-1] is True
    assert list(read(write_csv(one, tmp_path / "a.csv")[0]))[-1] == "simulated"
    assert "simulated" not in read(write_csv(read_report(root / REAL), tmp_path / "b.csv")[0])
