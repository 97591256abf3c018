"""What a folder holds: what its manifest says, which reports belong together, what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from by_hand import report
from folders import document, folder

from gongkai.citation import cite
from gongkai.errors import ReportError, UsageError
from gongkai.manifest import County, counties, county_name, county_reports, file_name, read_manifest, single

TWO_YEARS = {"a.txt": document(), "b.txt": document(year=2020)}


@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_a_manifest_says_what_is_known_and_only_that(tmp_path, start):
    manifest = start + "path,division_code,body,year,source_url\r\na.txt,140430,government,2019,http://x.cn/1\r\nb.txt,140430,,,\r\n"
    first, second = read_manifest(folder(tmp_path, TWO_YEARS, manifest))
    assert first.row == {"division_code": "140430", "body": "government", "year": "2019", "source_url": "http://x.cn/1"}
    assert second.row == {"division_code": "140430"}


def test_a_manifest_saved_by_a_chinese_spreadsheet_is_read(tmp_path):
    folder(tmp_path, {"沁县.txt": document()})
    (tmp_path / "manifest.csv").write_bytes("path,division_code\n沁县.txt,140430\n".encode("gb18030"))
    assert read_manifest(tmp_path)[0].division_code == "140430"


def test_documents_that_are_not_listed_are_read_too_and_other_files_are_not(tmp_path):
    folder(tmp_path, {**TWO_YEARS, "sub/c.txt": "x", "README.md": "x", ".DS_Store": "x", "Thumbs.db": "x"}, "path\na.txt\n")
    assert [e.path.relative_to(tmp_path).as_posix() for e in read_manifest(tmp_path)] == ["a.txt", "b.txt", "sub/c.txt"]


@pytest.mark.parametrize(
    "manifest, words",
    [
        ("path,county\na.txt,x\n", ("county", "division_code")),
        ("file\na.txt\n", ("file", "path")),
        ("path\n../a.txt\n", ("第 2 行", "line 2", "../a.txt")),
        ("path\nno.txt\n", ("第 2 行", "no.txt")),
        ("path,year\na.txt,2019.0\n", ("year", "2019.0")),
        ("path,division_code,body\na.txt,14043,mayor\n", ("14043", "mayor")),
        ("path\na.txt\na.txt\n", ("不止一次", "more than once")),
    ],
)
def test_a_faulty_manifest_is_refused_and_every_fault_named(tmp_path, manifest, words):
    with pytest.raises(UsageError) as refused:
        read_manifest(folder(tmp_path, TWO_YEARS, manifest))
    assert all(word in str(refused.value) for word in words)


def test_bytes_that_have_changed_are_refused_with_both_hashes(tmp_path):
    folder(tmp_path, {"a.txt": document()}, f"path,division_code,sha256\na.txt,140430,{'0' * 64}\n")
    with pytest.raises(UsageError, match=f"{'0' * 64}[^\n]*实为[0-9a-f]{{64}}"):
        county_reports(tmp_path, "140430")


def test_years_of_one_code_are_one_county_and_its_name_has_no_year(tmp_path):
    found = counties(folder(tmp_path, TWO_YEARS, "path,division_code\na.txt,140430\nb.txt,140430\n"))
    assert [(c.folder, [r.year for r in c.reports]) for c in found] == [("140430-沁县", [2019, 2020])]
    assert [r.year for r in county_reports(tmp_path, "140430", first_year=2020)] == [2020]


def test_documents_without_a_code_are_never_taken_for_one_county(tmp_path):
    found = counties(folder(tmp_path, {"a.txt": document("鼓楼区"), "b.txt": document("鼓楼区", 2020)}))
    assert len(found) == 2 and len({c.folder for c in found}) == 2
    assert all(c.folder.startswith("nocode-鼓楼区-") and len(c.reports) == 1 for c in found)
    assert [r.year for r in county_reports(tmp_path, found[0].folder)] == [found[0].reports[0].year]


def test_two_reports_for_one_year_are_refused_unless_their_scope_differs(tmp_path):
    documents = {"a.txt": document(), "b.txt": document() + "\n\n"}
    rows = "path,division_code,scope\na.txt,140430,{}\nb.txt,140430,{}\n"
    with pytest.raises(UsageError, match=r"2019 年的一份报告；实为.*a\.txt、.*b\.txt"):
        county_reports(folder(tmp_path / "same", documents, rows.format("", "")), "140430")
    assert len(county_reports(folder(tmp_path / "apart", documents, rows.format("organ", "area")), "140430")) == 2


def test_the_same_bytes_twice_are_one_report(tmp_path):
    folder(tmp_path, {"a.txt": document(), "b.txt": document()}, "path,division_code\na.txt,140430\nb.txt,140430\n")
    assert len(county_reports(tmp_path, "140430")) == 1


def test_departments_stand_aside_where_the_government_reports_itself(tmp_path):
    documents = {"a.txt": document(), "b.txt": document("沁县教育局")}
    (county,) = counties(folder(tmp_path, documents, "path,division_code,body\na.txt,140430,government\nb.txt,140430,department\n"))
    assert county.folder == "140430-沁县" and [e.path.name for e in county.set_aside] == ["b.txt"]


def test_a_county_that_cannot_be_read_is_there_with_its_problem(tmp_path):
    found = counties(folder(tmp_path, {"a.txt": document(), "b.txt": ""}, "path,division_code\na.txt,140430\nb.txt,140431\n"))
    assert [(c.folder, c.problem is None) for c in found] == [("140430-沁县", True), ("140431-b", False)]
    with pytest.raises(ReportError, match="空文件"):
        county_reports(tmp_path, "140431")


@pytest.mark.parametrize("code, years", [("999999", (None, None)), ("140430", (2021, 2022))])
def test_what_the_folder_does_not_have_is_refused(tmp_path, code, years):
    with pytest.raises(UsageError):
        county_reports(folder(tmp_path, TWO_YEARS, "path,division_code\na.txt,140430\nb.txt,140430\n"), code, *years)


def test_no_folder_is_refused(tmp_path):
    with pytest.raises(UsageError, match="--data"):
        read_manifest(tmp_path / "nowhere")


def test_one_file_is_read_with_what_the_manifest_beside_it_says(tmp_path):
    folder(tmp_path, TWO_YEARS, "path,division_code,body\na.txt,140430,government\n")
    assert cite(single(tmp_path / "a.txt")[0], "applications/granted/total").key == "140430/government/2019#applications/granted/total"
    assert single(tmp_path / "b.txt")[0].division_code is None


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
    made = County("140430", name, ()).folder
    assert made == "140430-" + file_name(name) and len(made.encode()) < 200
    assert not set(made) & set('/\\:*?"<>|\0\u202e') and not made.endswith(".")
