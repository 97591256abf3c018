"""What is asked of a corpus: what can be meant is understood, the rest refused with the choices, and nothing is empty in silence."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gongkai import read_corpus
from gongkai.cli import main
from gongkai.core.errors import NothingSelectedWarning, SetAsideWarning, UsageError
from gongkai.core.schema import schemas
from gongkai.corpus import Corpus
from gongkai.corpus.export import FORMATS, export
from gongkai.places import codes_of

RAW = Path(__file__).parents[1] / "data" / "raw"
PINGTAN, SUQIAN, HUAIAN, HONGZE, QINXIAN = "350128", "321300", "320800", "320813", "140430"
BANDED = {QINXIAN, PINGTAN, SUQIAN, HUAIAN, HONGZE}
GRANTED = "applications/granted/total"


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return read_corpus(RAW)


def codes(part: Corpus) -> set[str]:
    return set(part.reports["division_code"])


ASKED = [
    ("350128", {PINGTAN}),
    (350128, {PINGTAN}),
    (350128.0, {PINGTAN}),
    (np.int64(350128), {PINGTAN}),
    (np.str_("350128"), {PINGTAN}),
    ([350128, "140430"], {PINGTAN, QINXIAN}),
    (np.array([350128, 140430]), {PINGTAN, QINXIAN}),
    (pd.Series([350128, 140430]), {PINGTAN, QINXIAN}),
    ({350128: 1}.keys(), {PINGTAN}),
    ({"350128"}, {PINGTAN}),
    ("3501", {PINGTAN}),
    (3501, {PINGTAN}),
    ("35", {PINGTAN}),
    ("3208", {HUAIAN, HONGZE}),
    (32, {HUAIAN, HONGZE, SUQIAN}),
    (["3213", 14], {SUQIAN, QINXIAN}),
    ("320800", {HUAIAN}),
    ("平潭", {PINGTAN}),
    ("平潭县", {PINGTAN}),
    (" 平潭縣 ", {PINGTAN}),
    ("福建省福州市平潭县", {PINGTAN}),
    ("福建省", {PINGTAN}),
    ("福建", {PINGTAN}),
    ("淮安市", {HUAIAN, HONGZE}),
    ("江苏省", {HUAIAN, HONGZE, SUQIAN}),
    (["沁县", "洪泽区"], {QINXIAN, HONGZE}),
]


@pytest.mark.parametrize("parameter", ["division_code", "unit_id"])
@pytest.mark.parametrize("said, found", ASKED, ids=[repr(sorted(found)) + f"-{n}" for n, (_, found) in enumerate(ASKED)])
def test_divisions_may_be_given_as_codes_numbers_first_digits_and_names(corpus, said, found, parameter):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        part = corpus.select(**{parameter: said})
    assert codes(part) == found
    ids = set(part.reports["report_id"])
    assert set(part.cells["report_id"]) <= ids and set(corpus.cells["report_id"]) & ids == set(part.cells["report_id"])
    if len(found) == 1:
        assert part.coverage()["division_code"].unique().tolist() == [*found]


REFUSED = [
    ("平潭岛", "350128 平潭县"),
    ("甲县", "140430 沁县"),
    ("鼓楼区", "江苏省南京市鼓楼区 320106"),
    ("吉林", "吉林省吉林市 220200"),
    ("淮安", "江苏省淮安市 320800"),
    ("99", "350128 平潭县"),
    ("350", "350128 平潭县"),
    (3, "350128 平潭县"),
    ("35012", "350128 平潭县"),
    ("35012x", "350128 平潭县"),
    ("350128,140430", "350128 平潭县"),
    ("", "350128 平潭县"),
    ([], "350128 平潭县"),
    (True, "350128 平潭县"),
    (350128.5, "350128 平潭县"),
    (float("nan"), "350128 平潭县"),
    (["350128", None], "350128 平潭县"),
    ([pd.NA], "350128 平潭县"),
    (b"350128", "350128 平潭县"),
]


@pytest.mark.parametrize("parameter", ["division_code", "unit_id"])
@pytest.mark.parametrize("said, choice", REFUSED, ids=repr)
def test_what_is_no_division_is_refused_with_the_choices(corpus, said, choice, parameter):
    with pytest.raises(UsageError) as told:
        corpus.select(**{parameter: said})
    assert choice in told.value.in_language("zh") and choice in told.value.in_language("en")


YEARS = [
    (2020, {2020}),
    (np.int64(2020), {2020}),
    (2020.0, {2020}),
    ("2020", {2020}),
    ("2019-2021", {2019, 2020, 2021}),
    ("2019—2021", {2019, 2020, 2021}),
    ((2019, 2021), {2019, 2020, 2021}),
    ([2019, 2021], {2019, 2020, 2021}),
    (range(2019, 2022), {2019, 2020, 2021}),
    ([2019, 2020, 2021], {2019, 2020, 2021}),
    (np.array([2021, 2020, 2019]), {2019, 2020, 2021}),
    ({2020}, {2020}),
    ((2023, None), {2023, 2024}),
    ((None, 2016), {2014, 2016}),
    (pd.Series([2019, 2020], dtype="Int64"), {2019, 2020}),
]


@pytest.mark.parametrize("said, found", YEARS, ids=repr)
def test_years_may_be_one_or_a_span(corpus, said, found):
    part = corpus.select(years=said)
    assert set(part.reports["year"]) == found and set(part.coverage()["year"]) == found


@pytest.mark.parametrize(
    "said",
    [20, 20200, "abc", "", (2023, 2019), (None, None), [2019, 2021, 2023], {2019, 2021}, [], (2019,) * 3, True, 2020.5, [None], "2019-"],
    ids=repr,
)  # fmt: skip
def test_what_are_no_years_is_refused(corpus, said):
    with pytest.raises(UsageError, match=r"years.*2020"):
        corpus.select(years=said)


CALLS = {
    "table": (lambda c: c.select(table="nothing"), "applications"),
    "several tables": (lambda c: c.select(table=["applications"]), "applications"),
    "cell": (lambda c: c.cell("applications", "grant", "total"), GRANTED),
    "cell by path": (lambda c: c.cell("applications/granted"), GRANTED),
    "cell of no table": (lambda c: c.cell("nothing", "granted", "total"), GRANTED),
    "body": (lambda c: c.panel(body="county"), "street_or_town"),
    "bodies": (lambda c: c.panel(body=["government"]), "street_or_town"),
    "duplicates": (lambda c: c.panel(duplicates="drop"), "set_aside"),
    "indicators": (lambda c: c.panel(indicators=pd.DataFrame({"x": [1]})), "indicator"),
    "one indicator's code": (lambda c: c.panel(indicators="full_grant_share"), "indicator"),
    "an unknown indicator": (lambda c: c.panel(indicators=["ful_grant_share"]), "ful_grant_share"),
    "read": (lambda c: c.read("qinxian-2019.txt"), "corpus.reports"),
    "read a number": (lambda c: c.read(1), "corpus.reports"),
    "coverage": (lambda c: c.coverage("nowhere.csv"), "nowhere.csv"),
    "coverage of a folder": (lambda c: c.coverage(RAW), "data/raw"),
    "coverage of another table": (lambda c: c.coverage(pd.DataFrame({"x": [1]})), "division_code"),
    "coverage of a document": (lambda c: c.coverage(RAW / "huaian-2024.docx"), ".xlsx"),
    "merge": (lambda c: c.merge("residents.csv", vintage=2020), "division_code"),
    "merge on no column": (lambda c: c.merge(pd.DataFrame({"x": [1]}), vintage=2020), "division_code"),
    "vintage": (lambda c: c.merge(pd.DataFrame({"division_code": [140430]}), vintage=20), "2020"),
    "no vintage": (lambda c: c.merge(pd.DataFrame({"division_code": [140430]}), vintage=None), "2020"),
    "format": (lambda c: export(c, "spss", "out"), "stata"),
    "language": (lambda c: export(c, "csv", "out", "fr"), "zh"),
    "what to export": (lambda c: export(str(c.folder), "csv", "out"), "read_corpus"),
    "one table": (lambda c: export(c.cells, "csv", "out"), "read_corpus"),
    "no table": (lambda c: export({"cells": [1]}, "csv", "out"), "read_corpus"),
    "no cells": (lambda c: export({"a": c.cells, "b": c.cells}, "csv", "out.csv"), "read_corpus"),
}


@pytest.mark.parametrize("what", CALLS)
def test_a_wrong_choice_is_refused_with_the_choices_and_nothing_is_written(corpus, what, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call, choice = CALLS[what]
    with pytest.raises(UsageError) as told:
        call(corpus)
    assert choice in told.value.in_language("zh") and choice in told.value.in_language("en")
    assert not list(tmp_path.iterdir())


RIGHT = {
    "cell by path": lambda c: c.cell(GRANTED)["report_id"].nunique() == 9,
    "cell of a list": lambda c: len(c.cell("statistics/受理依申请公开信息总数/year")) == 2,
    "read by an id with r": lambda c: c.read("r2f84655cf071").year == 2019,
    "read by a SHA-256": lambda c: c.read("2F84655CF071EC9B4C3C0F1300B7F7EDCF06A16D5C0787CDD643E4FFD342A374").year == 2019,
    "panel of all bodies": lambda c: len(c.panel(body=None)) == 11,
    "coverage of a table": lambda c: (
        "removed" in set(c.coverage(pd.DataFrame({"division_code": [350128], "year": [2015], "outcome": ["removed"]}))["status"])
    ),
}


@pytest.mark.parametrize("what", RIGHT)
def test_what_can_be_meant_is_understood(corpus, what):
    assert RIGHT[what](corpus)


EMPTY = [
    ({"division_code": "350100"}, "350100", 'division_code="3501"'),
    ({"division_code": 110101}, "110101", "350128 平潭县"),
    ({"division_code": "350128", "years": 2018}, "2018", "2014-2024"),
    ({"unit_id": "北京市"}, "11", "350128 平潭县"),
    ({"years": (2030, None)}, "2030-", "2014-2024"),
]


@pytest.mark.parametrize("asked, said, told", EMPTY, ids=repr)
def test_a_selection_that_holds_nothing_says_so(corpus, asked, said, told):
    with pytest.warns(NothingSelectedWarning) as seen:
        part = corpus.select(**asked)
    assert part.reports.empty and part.cells.empty and part.panel().empty
    (warning,) = [w.message for w in seen]
    assert all(said in warning.in_language(la) and told in warning.in_language(la) for la in ("zh", "en"))


def test_a_cell_that_no_report_has_says_so(corpus):
    with pytest.warns(NothingSelectedWarning, match="receipts"):
        assert corpus.cell("statistics", "receipts", "year").empty
    with pytest.warns(NothingSelectedWarning, match="granted"):
        assert corpus.select(table="review").cell(GRANTED).empty


def test_a_selection_of_files_that_could_not_be_read_names_them(tmp_path):
    shutil.copy(RAW / "qinxian-2019.txt", tmp_path / "a.txt")
    (tmp_path / "b.txt").write_text("尊敬的领导：您好。", encoding="utf-8")
    (tmp_path / "manifest.csv").write_text("path,division_code\na.txt,140430\nb.txt,350128\n", encoding="utf-8")
    with pytest.warns(NothingSelectedWarning, match="1 files could not"):
        part = read_corpus(tmp_path).select(division_code="平潭")
    assert list(part.failures["path"]) == ["b.txt"]


@pytest.mark.parametrize(
    "name, found",
    [
        ("平潭", ("350128",)), ("平潭县", ("350128",)), ("福建", ("350000",)), ("延边朝鲜族自治州", ("222400",)), 
        ("南京鼓楼区", ("320106",)), ("江苏省南京市鼓楼区", ("320106",)), ("上党区", ("140404",)), ("长治县", ("140421",)),
        ("平潭县志", ()), ("海城市管理局", ()), ("", ()), ("县", ()), ("上海城市", ()),
    ],
)  # fmt: skip
def test_a_place_is_found_by_its_name(name, found):
    assert codes_of(name) == found


# The panel, and what is left out of it.
@pytest.fixture
def crowded(tmp_path: Path) -> Path:
    """A county with two reports for one year, a department's, one without a division, one without a year."""
    raw = tmp_path / "报告"
    raw.mkdir()
    text = (RAW / "qinxian-2019.txt").read_text(encoding="utf-8")
    signed = "沁县人民政府办公室\n\n2020年2月20日"
    assert signed in text
    undated = text.replace("2020年2月20日", "")
    lines = ["path,division_code,body,year"]
    for name, body, code in (
        ("一.txt", "government", "140430"), ("二.txt", "government", "140430"), ("局.txt", "department", "140430"),
        ("无代码.txt", "", ""), ("乙.txt", "government", "140429"),
    ):  # fmt: skip
        own = undated if name in ("一.txt", "二.txt") else text
        own = own.replace("1200", "1201") if name == "二.txt" else own  # else the two would be one report in two files
        (raw / name).write_text(own.replace("沁县", "" if name == "无代码.txt" else "沁县") + f"\n{name}\n", encoding="utf-8")
        lines.append(f"{name},{code},{body},2019")
    (raw / "manifest.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return raw


def test_the_panel_warns_once_and_counts_by_reason(crowded):
    corpus = read_corpus(crowded)
    with pytest.raises(UsageError, match="set_aside"):
        corpus.panel()
    with pytest.warns(SetAsideWarning) as seen:
        panel = corpus.panel(duplicates="set_aside")
        again = [corpus.panel(duplicates="set_aside"), corpus.select().panel(duplicates="set_aside")]
    (warning,) = [w.message for w in seen]
    assert "4 of 5 reports" in warning.in_language("en") and "5 份报告中有 4 份" in warning.in_language("zh")
    assert all(
        text in warning.in_language("en") for text in ("none is known to be the later: 2", "another kind of body: 1", "manifest.csv: 1")
    )
    assert seen[0].filename == __file__
    assert panel["division_code"].tolist() == ["140429"] and all(len(one) == 1 for one in again)
    assert sorted(r["why"] for r in panel.attrs["set_aside"]) == ["duplicate", "duplicate", "no_division", "other_body"]
    assert corpus.set_aside["report_id"].tolist() == [r["report_id"] for r in panel.attrs["set_aside"]]


def test_a_panel_of_everything_says_nothing(corpus):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(corpus.panel()) == 11 and corpus.set_aside.empty


@pytest.mark.parametrize("to", FORMATS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_two_reports_for_one_year_cost_the_export_no_table(crowded, tmp_path, capsys, to, language):
    out = tmp_path / ("导出.xlsx" if to == "excel" else "导出")
    assert main(["export", str(crowded), "--to", to, "-o", str(out), "--lang", language]) == 1
    told = capsys.readouterr()
    assert ("4 of 5 reports" if language == "en" else "5 份报告中有 4 份") in told.err and "Warning" not in told.err
    names = {*schemas(), "panel", "codebook"}
    if to == "excel":
        book = pd.read_excel(out, sheet_name=None, engine="calamine")
        assert {*book} == {"about", *names}
        panel, aside = book["panel"], book["set_aside"]
    else:
        ending, read = {"csv": (".csv", pd.read_csv), "parquet": (".parquet", pd.read_parquet), "stata": (".dta", pd.read_stata)}[to]
        beside = {"README.md", "datapackage.json", "load.R", "load.do"}
        assert {p.name for p in out.iterdir()} - beside == {*(f"{name}{ending}" for name in names - {"codebook"}), "codebook.csv"}
        panel, aside = (read(out / f"{name}{ending}") for name in ("panel", "set_aside"))
    assert panel["division_code"].astype(str).tolist() == ["140429"]
    assert {*aside["path"]} == {"一.txt", "二.txt", "局.txt", "无代码.txt"}


def test_the_cells_alone_are_exported_without_a_word_on_the_panel(crowded, tmp_path, capsys):
    assert main(["export", str(crowded), "--to", "csv", "-o", str(tmp_path / "格.csv")]) == 0
    assert capsys.readouterr().err == ""
    (path,) = export({"panel": read_corpus(RAW).panel()}, "csv", tmp_path / "panel.csv")
    assert len(pd.read_csv(path)) == 11


def test_an_export_that_cannot_be_finished_leaves_what_was_there(crowded, tmp_path, monkeypatch):
    out = tmp_path / "导出"
    export(read_corpus(RAW), "csv", out)
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    monkeypatch.setattr("gongkai.corpus.export.codebook", lambda language: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError):
        export(read_corpus(crowded), "csv", out)
    monkeypatch.undo()

    def full(table, *_args, **_how):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    with pytest.raises(UsageError, match="full disk"):
        export(read_corpus(crowded), "csv", out)
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before
