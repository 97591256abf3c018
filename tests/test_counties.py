"""Which reports are studied together, and what is said of those that are not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from by_hand import report
from folders import document, folder

from gongkai import read_corpus
from gongkai.core.errors import NothingToStudy, UsageError
from gongkai.corpus.unread import lines, unread, years
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
    documents = {"a.txt": document(), "b.txt": document().replace("\t1\t", "\t2\t", 1)}
    assert documents["a.txt"] != documents["b.txt"]
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
    assert [(c.folder, c.problem is None) for c in found] == [("140430-沁县", True), ("140431-沁源县", False)]
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


def test_of_two_files_of_one_report_the_one_with_all_numbers_is_studied_as_in_the_panel(tmp_path):
    """A page and a copy of it as text without its second table are one report, in the study as in the panel."""
    lines = document().splitlines(keepends=True)
    copy = "".join(lines[:-4]) + "（以下从略）\n"
    folder(tmp_path, {"a.txt": document(), "b.txt": copy}, "path,division_code\na.txt,140430\nb.txt,140430\n")
    (county,) = found_in(tmp_path)
    assert county.problem is None
    assert ([r["path"] for r in county.reports], [r["path"] for r in county.set_aside]) == (["a.txt"], ["b.txt"])


def test_a_county_whose_code_has_changed_is_one_and_found_by_either(tmp_path):
    documents = {"a.txt": document("长治县", 2017), "b.txt": document("上党区", 2019)}
    folder(tmp_path, documents, "path,division_code,year\na.txt,140421,2017\nb.txt,140404,\n")
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
        ("Page8-沁县人民政府2019年政府信息公开工作年度报告", None, "沁县"),
        (None, "沁县人民政府办公室", "沁县"),
        ("2019年政府信息公开工作年度报告", "沁县人民政府", "沁县"),
        (None, None, "rabababababab"),
    ],
)
def test_a_county_without_a_code_is_named_by_title_then_authority_then_id(title, authority, name):
    assert county_name(replace(report(), title=title, authority=authority, division_code=None)) == name


@pytest.mark.parametrize(
    "code, body, title, name",
    [
        ("140430", "government", None, "沁县"),
        ("140430", None, "Page8-沁县人民政府信息公开", "沁县"),
        ("321300", "government", "2023年政府信息公开工作年度报告", "宿迁市"),
        ("350128", "government", "平潭综合实验区2020年度政府信息公开工作年度报告", "平潭县"),
        ("140421", "government", "长治县2017年政府信息公开工作年度报告", "上党区"),
        ("140430", "department", "沁县教育局2019年政府信息公开年度报告", "沁县教育局"),
        ("140430", "street_or_town", "Page 2 定昌镇2019年政府信息公开年度报告", "定昌镇"),
        ("140430101", "government", "定昌镇2019年政府信息公开年度报告", "定昌镇"),
        ("910199", "government", "某县2019年政府信息公开年度报告", "某县"),
        ("910199", "government", None, "rabababababab"),
    ],
)
def test_a_county_is_named_by_its_code(code, body, title, name):
    assert county_name(replace(report(), division_code=code, body=body, title=title, authority=None)) == name


def test_the_folder_of_a_county_bears_the_name_of_its_code(tmp_path):
    text = document().replace("沁县 2019 年政府信息公开年度报告", "Page8-威海市2019年政府信息公开年度报告").replace("沁县", "")
    untitled = document().replace("沁县 2019 年政府信息公开年度报告", "").replace("沁县", "").replace("人民政府办公室", "")
    found = found_in(folder(tmp_path, {"a.txt": text, "b.txt": untitled}, "path,division_code\na.txt,371000\nb.txt,321300\n"))
    assert [c.folder for c in found] == ["321300-宿迁市", "371000-威海市"]
    assert county_of_file(tmp_path / "b.txt")[0].folder == "321300-宿迁市"


@pytest.mark.parametrize("name", ["../../etc", "a/b\\c", "CON", "x" * 300, "a\0b", "<script>", "..", "县\u202e"])
def test_a_folder_has_a_name_that_every_system_takes(name):
    made = County("140430", name, "140430").folder
    assert made == "140430-" + file_name(name) and len(made.encode()) < 200
    assert not set(made) & set('/\\:*?"<>|\0\u202e') and not made.endswith(".")


BOTH = "path,division_code\na.txt,140430\nb.txt,140431\n"
WHOSE = [
    ("所属在清单", {"甲/x.txt": ""}, "path,division_code\na.txt,140430\n甲/x.txt,140431\n", {"140431": ["甲/x.txt"]}),
    ("文件名", {"沁源县2020年.pdf": ""}, "", {"140431": ["沁源县2020年.pdf"]}),
    ("文件夹", {"山西省/沁源县/2020年.html": ""}, "", {"140431": ["山西省/沁源县/2020年.html"]}),
    ("同一文件夹的报告同属一县", {"x.txt": ""}, "path,division_code\na.txt,140430\n", {"140430": ["x.txt"]}),
    (
        "同一文件夹的报告分属两县",
        {"b.txt": document("沁源县"), "x.txt": ""},
        "path,division_code\na.txt,140430\nb.txt,140431\n",
        {"": ["x.txt"]},
    ),
    ("没有线索", {"甲/x.txt": ""}, "path,division_code\na.txt,140430\n", {"": ["甲/x.txt"]}),
]


@pytest.mark.parametrize("documents, manifest, whose", [case[1:] for case in WHOSE], ids=[case[0] for case in WHOSE])
def test_whose_a_file_is_that_cannot_be_read(tmp_path, documents, manifest, whose):
    corpus = read_corpus(folder(tmp_path / "资料", {"a.txt": document(), **documents}, manifest))
    assert {unit: [row["path"] for row in rows] for unit, rows in unread(corpus).items()} == whose
    assert sum(bool(c.failures) for c in counties(corpus)) == ("" not in whose)


def test_files_with_the_same_bytes_are_one_line_and_one_county(tmp_path):
    names = [f"404-{n}.html" for n in range(6)]
    manifest = "path,division_code,year\n" + "".join(f"{name},140430,{2012 + n}\n" for n, name in enumerate(names))
    corpus = read_corpus(folder(tmp_path, dict.fromkeys(names, "<p>404 Not Found</p>"), manifest))
    (county,) = counties(corpus)
    assert (county.folder, len(county.failures), len(lines(county.failures, "zh"))) == ("140430-沁县", 6, 1)
    assert years(county.failures) == set(range(2012, 2018)) and years(county.failures, 2014, 2015) == {2014, 2015}
