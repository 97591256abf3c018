"""The roster: who should have published against what is there on a day; every gap named, none invented."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from folders import document, folder

from gongkai import read_corpus
from gongkai.cli import main
from gongkai.core.errors import UsageError
from gongkai.core.schema import frame, schemas
from gongkai.corpus.outputs import is_table
from gongkai.corpus.roster import roster
from gongkai.corpus.units import read_units
from gongkai.places import divisions

ON = "2024-06-30"


@dataclass
class Tables:
    """The tables of a corpus that a roster looks at."""

    rows: list[dict] = field(default_factory=list)
    unread: list[tuple] = field(default_factory=list)

    def add(self, code, year, published=None, body="government", authority=None, scope=None, retrieved_at=None, use=None):
        n = len(self.rows)
        self.rows.append(
            {"report_id": f"r{n:012}", "path": f"{n}.html", "form": "2021", "year": year, "division_code": code, "unit_id": code,
             "body": body, "authority": authority, "published": published, "scope": scope,
             "retrieved_at": retrieved_at, "use": use, "sha256": f"{n:064}"}
        )  # fmt: skip
        return f"{n}.html"

    @property
    def reports(self):
        columns = schemas()["reports"].columns
        given = {"str": "", "Int64": 0, "bool": False}
        blank = {name: given[column.type] if column.required else None for name, column in columns.items()}
        return frame("reports", [[*(blank | row).values()] for row in self.rows])

    @property
    def failures(self):
        return frame("failures", [(path, code, year, None, "x", "x", "x") for path, code, year in self.unread])


def found_for(held, units, on=ON):
    return roster(held, read_units(pd.DataFrame(units)), on).to_dict("records")


def only(held, unit, on=ON):
    (row,) = found_for(held, {name: [value] for name, value in unit.items()}, on)
    return {name: None if value is pd.NA or value != value else value for name, value in row.items()}


def test_a_province_of_sixty_units_by_three_years_with_every_planted_state():
    codes = [d.code for d in divisions(2023) if d.code.startswith("35") and d.level == "county"][:60]
    years, held, planted = (2021, 2022, 2023), Tables(), {}
    for n, (code, year) in enumerate((code, year) for code in codes for year in years):
        due = date(year + 1, 3, 31)
        kind = ("in_time", "late", "missing", "unreadable", "replaced", "in_time", "in_time")[n % 7]
        planted[code, year] = kind, n % 50 + 1
        if kind in ("in_time", "replaced"):
            held.add(code, year, (due - timedelta(days=n % 50)).isoformat())
        if kind == "replaced":
            held.add(code, year, (due + timedelta(days=5)).isoformat())
        if kind == "late":
            held.add(code, year, (due + timedelta(days=n % 50 + 1)).isoformat())
        if kind == "unreadable":
            held.unread.append((f"{code}/{year}.pdf", code, year))
    found = found_for(held, {"division_code": [c for c in codes for _ in years], "year": [*years] * len(codes)})
    assert len(codes) == 60 and len(found) == 180
    for row in found:
        kind, late = planted[row["division_code"], row["year"]]
        assert row["state"] == {"replaced": "in_time"}.get(kind, kind)
        assert (row["replaced_on"] == row["replaced_on"] and row["replaced_on"] is not None) == (kind == "replaced")
        if kind == "late":
            assert row["days_late"] == late
        if kind == "missing":
            assert row["days_late"] == (date.fromisoformat(ON) - date(row["year"] + 1, 3, 31)).days
        if kind == "replaced":
            assert row["replaced_on"] == f"{row['year'] + 1}-04-05"


GOV = {"division_code": "140430", "year": 2023}
OFFICE = {"division_code": "140430", "year": 2023, "authority": "财政局"}
TOWN = {"division_code": "140430", "year": 2023, "authority": "定昌镇人民政府"}
NAMED = {"body": "department", "authority": "沁县财政局"}


@pytest.mark.parametrize(
    ("unit", "reports", "on", "expected"),
    [
        (GOV, [{"published": "2024-03-31"}], ON, {"state": "in_time", "days_late": 0}),
        (GOV, [{"published": "2024-04-01"}], ON, {"state": "late", "days_late": 1}),
        (GOV | {"due": "2024-04-10"}, [{"published": "2024-04-01"}], ON, {"state": "in_time", "due": "2024-04-10"}),
        (GOV, [{}], ON, {"state": "there", "days_late": None}),
        (GOV, [{"retrieved_at": "2024-03-01"}], ON, {"state": "in_time"}),
        (GOV, [{"retrieved_at": "2024-05-01"}], ON, {"state": "there", "days_late": None}),
        (GOV, [{"published": "2024-05-01"}, {}], ON, {"state": "there", "days_late": None}),
        (GOV, [{"retrieved_at": "2024-07-01"}], ON, {"state": "unclear", "may_be": "0.html"}),
        (GOV, [{"published": "2024-04-01"}], "2024-03-31", {"state": "not_yet", "published_after": "2024-04-01"}),
        (GOV, [{"published": "2024-04-20"}], "2024-04-10", {"state": "missing", "days_late": 10, "published_after": "2024-04-20"}),
        (GOV, [{"published": "2024-03-01", "use": "no"}], ON, {"state": "missing"}),
        (GOV, [{"published": "2024-03-01", "scope": "organ"}, {"published": "2024-03-05", "scope": "area"}], ON, {"replaced_on": None}),
        (GOV, [{"published": "2024-03-01"}, {"published": "2024-03-01"}], ON, {"replaced_on": None, "documents": "0.html; 1.html"}),
        (GOV, [{"year": None}], ON, {"state": "unclear", "may_be": "0.html"}),
        (GOV, [{"body": None}], ON, {"state": "unclear", "may_be": "0.html"}),
        (GOV, [NAMED], ON, {"state": "missing", "may_be": None}),
        (GOV, [{"code": "140429"}], ON, {"state": "missing", "may_be": None}),
        (OFFICE, [NAMED | {"published": "2024-01-31"}], ON, {"state": "in_time", "due": "2024-01-31"}),
        (OFFICE, [NAMED | {"published": "2024-03-01"}], ON, {"state": "late", "days_late": 30}),
        (OFFICE, [{"body": "department", "authority": "沁县财政局办公室"}], ON, {"state": "unclear", "may_be": "0.html"}),
        (OFFICE, [{"body": "department", "authority": "沁县教育局"}], ON, {"state": "missing", "may_be": None}),
        (
            TOWN,
            [{"body": "street_or_town", "authority": "沁县定昌镇人民政府", "published": "2024-03-01"}],
            ON,
            {"state": "there", "due": None},
        ),
        (TOWN, [], ON, {"state": "missing", "days_late": None, "due": None}),
        (
            {"division_code": "140404", "year": 2017},
            [{"code": "140421", "year": 2017, "published": "2018-03-01"}],
            ON,
            {"state": "in_time"},
        ),
    ],
)
def test_what_is_there_on_a_day(unit, reports, on, expected):
    held = Tables()
    for report in reports:
        held.add(**{"code": "140430", "year": 2023} | report)
    row = only(held, unit, on)
    assert {name: row[name] for name in expected} == expected


def test_an_unreadable_file_is_laid_to_one_unit_only_where_it_can_be_no_others():
    held = Tables(unread=[("沁县/财政局/2023.pdf", "140430", 2023), ("沁县/2023.pdf", "140430", 2023)])
    held.add("140430", 2023, "2024-03-01")
    units = {"division_code": ["140430"] * 4, "year": [2023] * 4, "authority": ["", "财政局", "教育局", "民政局"]}
    assert [row["state"] for row in found_for(held, units)] == ["in_time", "unreadable", "unclear", "unclear"]


LISTS = {
    "frame.csv": b"division_code,year,body\n140430,2019,government\n140404,2019,government\n",
    "名单.csv": "行政区划代码;年度;机关类别;备注\n沁县;2019年度;政府;甲\n上党区;2019;政府;乙\n".encode("gb18030"),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_read_as_people_save_it(tmp_path, name):
    (tmp_path / name).write_bytes(LISTS[name])
    assert [unit[:3] for unit in read_units(tmp_path / name)] == [("140430", 2019, "government"), ("140404", 2019, "government")]


def test_a_sheet_without_years_stands_for_the_years_asked_for(tmp_path):
    book = openpyxl.Workbook()
    for row in (("区划代码", "单位名称"), (140430, None), (140430, "沁县财政局"), (140430, "定昌镇人民政府")):
        book.active.append(row)
    book.save(tmp_path / "全省单位.xlsx")
    units = read_units(tmp_path / "全省单位.xlsx", range(2022, 2024))
    assert [unit[:3] for unit in units] == [("140430", y, b) for b in ("government", "department", "street_or_town") for y in (2022, 2023)]
    with pytest.raises(UsageError, match="--years"):
        read_units(tmp_path / "全省单位.xlsx")


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("division_code,year\n1403,2019", "division_code"),
        ("division_code,year\n鼓楼区,2019", "320106"),
        ("division_code,year\n,2019", "no division code"),
        ("division_code,year\n140430,", "no year"),
        ("division_code,year\n140430,2019\n140430,2019", "140430 2019 government is listed twice"),
        ("division_code,year,authority\n140430,2019,沁县财政局\n140430,2019,财政局", "listed twice"),
        ("division_code,year,body\n140430,2019,部门", "without a name"),
        ("division_code,year,authority\n140430,2019,沁县某处所", "must stand in the column body"),
        ("division_code,year,due\n140430,2019,2020-02-31", "due is '2020-02-31'"),
        ("division_code,year,outcome\n140430,2019,lost", "outcome is 'lost'"),
        ("code_of_place,year\n140430,2019", "code_of_place"),
    ],
)
def test_a_faulty_list_is_refused_with_its_line(tmp_path, rows, told):
    (tmp_path / "frame.csv").write_text(rows, "utf-8")
    with pytest.raises(UsageError) as error:
        read_units(tmp_path / "frame.csv")
    assert told in error.value.in_language("en")


@pytest.fixture(scope="module")
def county(tmp_path_factory) -> Path:
    """Two years of one county, one file that cannot be read, and a list that asks for more."""
    raw = tmp_path_factory.mktemp("county") / "raw"
    listed = "division_code,year,outcome\n" + "".join(f"140430,{year},\n" for year in (2018, 2019, 2020, 2021))
    files = {"2019.txt": document(), "2020.txt": document(year=2020), "2021.pdf": "%PDF-"}
    known = "".join(f"{name},140430,government,{name[:4]}\n" for name in files)
    folder(raw, {**files, "frame.csv": listed}, "path,division_code,body,year\n" + known)
    return raw


def test_the_corpus_answers_from_the_list_beside_its_documents(county):
    corpus = read_corpus(county)
    assert corpus.roster(on=ON)["state"].tolist() == ["missing", "in_time", "in_time", "unreadable"]
    assert corpus.select(years=(2019, 2020)).roster(on="2024年6月30日")["year"].tolist() == [2019, 2020]
    assert corpus.coverage()["status"].tolist() == ["not_searched", "in_corpus", "in_corpus", "unreadable"]
    with pytest.raises(UsageError, match="2024-6"):
        corpus.roster(on="2024-6-31")


@pytest.mark.parametrize("name", ["roster.xlsx", "roster.csv"])
def test_the_command_names_what_is_missing_and_saves_the_table(county, tmp_path, capsys, name):
    assert main(["roster", str(county), "--on", ON, "-o", str(tmp_path / name), "--lang", "en"]) == 1
    said = capsys.readouterr().out
    assert "4 reports on the list. in time 2, missing 1, unreadable 1" in said
    assert "missing: 山西省长治市沁县 2018, 1918 days" in said and "unreadable: 山西省长治市沁县 2021 (2021.pdf)" in said
    assert is_table(tmp_path / name)
    if name.endswith("xlsx"):
        sheet = openpyxl.load_workbook(tmp_path / name)["roster"]
        assert [cell.value for cell in sheet[2]][4:8] == [2018, "2019-03-31", "missing", 1918]
    assert main(["roster", str(county), "--on", ON, "-o", str(tmp_path / name)]) == 2


def test_the_command_says_that_all_is_well(county, capsys):
    assert main(["roster", str(county), "--on", ON, "--years", "2019-2020", "--lang", "zh"]) == 0
    assert "按期 2" in capsys.readouterr().out


def test_without_a_list_the_command_says_how_to_name_one(tmp_path, capsys):
    raw = folder(tmp_path / "raw", {"a.txt": document()})
    assert main(["roster", str(raw), "--lang", "en"]) == 2
    assert "--frame" in capsys.readouterr().err
