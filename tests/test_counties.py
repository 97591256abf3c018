"""Which reports are studied together, and what is said of those that are not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from by_hand import report
from folders import document, folder

from gongkai import read_corpus
from gongkai.core.errors import NothingToStudy, UsageError
from gongkai.report.citation import cite
from gongkai.studies.units import County, counties, county_name, county_of_file, county_reports, file_name

TWO_YEARS = {"a.txt": document(), "b.txt": document(year=2020)}


def found_in(path: Path) -> tuple[County, ...]:
    return counties(read_corpus(path))


def read_from(path: Path, wanted: str, *years: int | None, **named: int):
    return county_reports(read_corpus(path), wanted, *years, **named)


def test_years_of_one_code_are_one_county_and_its_name_has_no_year(tmp_path):
    found = found_in(folder(tmp_path, TWO_YEARS, "path,division_code\na.txt,140430\nb.txt,140430\n"))
    assert [(c.folder, [r["year"] for r in c.reports]) for c in found] == [("140430-沁县", [2019, 2020])]
    assert [r.year for r in read_from(tmp_path, "140430", first_year=2020)] == [2020]


def test_documents_without_a_code_are_never_taken_for_one_county(tmp_path):
    found = found_in(folder(tmp_path, {"a.txt": document("鼓楼区"), "b.txt": document("鼓楼区", 2020)}))
    assert len(found) == 2 and len({c.folder for c in found}) == 2
    assert all(c.folder.startswith("nocode-鼓楼区-") and len(c.reports) == 1 for c in found)
    assert [r.year for r in read_from(tmp_path, found[0].key)] == [found[0].reports[0]["year"]]


def test_two_reports_for_one_year_are_refused_unless_their_scope_differs(tmp_path):
    documents = {"a.txt": document(), "b.txt": document() + "\n\n"}
    rows = "path,division_code,scope\na.txt,140430,{}\nb.txt,140430,{}\n"
    with pytest.raises(NothingToStudy, match=r"2019: 应为每年一份报告；实为.*a\.txt、.*b\.txt"):
        read_from(folder(tmp_path / "same", documents, rows.format("", "")), "140430")
    assert len(read_from(folder(tmp_path / "apart", documents, rows.format("organ", "area")), "140430")) == 2


def test_the_same_bytes_twice_are_one_report(tmp_path):
    folder(tmp_path, {"a.txt": document(), "b.txt": document()}, "path,division_code\na.txt,140430\nb.txt,140430\n")
    assert len(read_from(tmp_path, "140430")) == 1


def test_departments_stand_aside_where_the_government_reports_itself(tmp_path):
    documents = {"a.txt": document(), "b.txt": document("沁县教育局")}
    (county,) = found_in(folder(tmp_path, documents, "path,division_code,body\na.txt,140430,government\nb.txt,140430,department\n"))
    assert county.folder == "140430-沁县" and [r["path"] for r in county.set_aside] == ["b.txt"]


def test_a_county_that_cannot_be_read_is_there_with_its_problem(tmp_path):
    found = found_in(folder(tmp_path, {"a.txt": document(), "b.txt": ""}, "path,division_code\na.txt,140430\nb.txt,140431\n"))
    assert [(c.folder, c.problem is None) for c in found] == [("140430-沁县", True), ("140431-b", False)]
    with pytest.raises(NothingToStudy, match="空文件"):
        read_from(tmp_path, "140431")


@pytest.mark.parametrize("code, years", [("999999", (None, None)), ("140430", (2021, 2022))])
def test_what_the_folder_does_not_have_is_refused(tmp_path, code, years):
    with pytest.raises(UsageError):
        read_from(folder(tmp_path, TWO_YEARS, "path,division_code\na.txt,140430\nb.txt,140430\n"), code, *years)


def test_departments_without_a_government_are_studied_each_by_itself(tmp_path):
    documents = {"a.txt": document("沁县民政局"), "b.txt": document("沁县教育局")}
    found = found_in(folder(tmp_path, documents, "path,division_code,body\na.txt,140430,department\nb.txt,140430,department\n"))
    assert sorted(c.folder for c in found) == ["140430-沁县教育局", "140430-沁县民政局"]
    assert [len(read_from(tmp_path, c.key)) for c in found] == [1, 1]


def test_a_file_that_cannot_be_read_costs_its_county_nothing_but_itself(tmp_path):
    found = found_in(folder(tmp_path, {"a.txt": document(), "b.txt": ""}, "path,division_code\na.txt,140430\nb.txt,140430\n"))
    assert [(len(c.reports), [f["path"] for f in c.failures], c.problem) for c in found] == [(1, ["b.txt"], None)]


def test_the_later_version_of_a_year_is_studied_and_the_earlier_set_aside(tmp_path):
    documents = {"a.txt": document(), "b.txt": document().replace("2020年", "2021年")}
    (county,) = found_in(folder(tmp_path, documents, "path,division_code,year\na.txt,140430,2019\nb.txt,140430,2019\n"))
    assert [r["path"] for r in county.reports] == ["b.txt"] and [r["path"] for r in county.set_aside] == ["a.txt"]


def test_a_county_whose_code_has_changed_is_one_and_found_by_either(tmp_path):
    documents = {"a.txt": document("长治县", 2017), "b.txt": document("上党区", 2019)}
    folder(tmp_path, documents, "path,division_code\na.txt,140421\nb.txt,140404\n")
    assert [c.folder for c in found_in(tmp_path)] == ["140404-上党区"]
    assert [[r.year for r in read_from(tmp_path, code)] for code in ("140421", "140404")] == [[2017, 2019]] * 2


def test_one_file_is_read_with_what_the_manifest_beside_it_says(tmp_path):
    folder(tmp_path, TWO_YEARS, "path,division_code,body\na.txt,140430,government\n")
    key = cite(county_of_file(tmp_path / "a.txt")[1], "applications/granted/total").key
    assert key == "140430/government/2019#applications/granted/total"
    assert county_of_file(tmp_path / "b.txt")[1].located_by == "title"


@pytest.mark.parametrize(
    "title, authority, name",
    [
        ("沁县 2019 年政府信息公开年度报告", None, "沁县"),
        ("2019年沁县政府信息公开工作年度报告", None, "沁县"),
        ("沁县人民政府关于二〇一九年政府信息公开工作的报告", None, "沁县"),
        (None, "沁县人民政府办公室", "沁县"),
        ("2019年政府信息公开工作年度报告", "沁县人民政府", "沁县"),
        (None, None, "abababababab"),
    ],
)
def test_the_county_is_named_by_title_then_authority_then_id(title, authority, name):
    assert county_name(replace(report(), title=title, authority=authority)) == name


@pytest.mark.parametrize("name", ["../../etc", "a/b\\c", "CON", "x" * 300, "a\0b", "<script>", "..", "县\u202e"])
def test_a_folder_has_a_name_that_every_system_takes(name):
    made = County("140430", name, "140430").folder
    assert made == "140430-" + file_name(name) and len(made.encode()) < 200
    assert not set(made) & set('/\\:*?"<>|\0\u202e') and not made.endswith(".")
