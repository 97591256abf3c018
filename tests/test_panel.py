"""The panel as researchers use it: names of places as they were in the year, and a number for each series."""

from __future__ import annotations

import pandas as pd
import pytest
from folders import document, folder

from gongkai import read_corpus
from gongkai.corpus.panel import ADDED, place_names

HEAD = "path,division_code,body,authority,scope,year\n"


def panel_of(tmp_path, rows: list[str], body: str | None = "government") -> pd.DataFrame:
    """Return the panel of as many documents as the manifest has rows; no two of them are the same bytes."""
    files = {f"{n}.txt": document() + f"\n第{n}份" for n, _ in enumerate(rows)}
    manifest = HEAD + "".join(f"{n}.txt,{row}\n" for n, row in enumerate(rows))
    return read_corpus(folder(tmp_path / "raw", files, manifest)).panel(body)


@pytest.mark.parametrize(
    ("code", "year", "names"),
    [
        ("140430", 2019, ("山西省", "长治市", "沁县")),
        ("320803", 2010, ("江苏省", "淮安市", "楚州区")),
        ("320803", 2020, ("江苏省", "淮安市", "淮安区")),
        ("110101", 2020, ("北京市", None, "东城区")),
        ("419001", 2020, ("河南省", None, "济源市")),
        ("140400", 2020, ("山西省", "长治市", None)),
        ("140000", 2020, ("山西省", None, None)),
        ("140430101", 2020, ("山西省", "长治市", "沁县")),
        ("999999", 2020, (None, None, None)),
        ("900101", 2020, (None, None, "模拟甲乾区")),
    ],
)
def test_places_are_named_as_they_were_in_the_year(code, year, names):
    assert tuple(place_names(code, year).values()) == names


def test_the_panel_names_province_prefecture_and_county(tmp_path):
    panel = panel_of(tmp_path, ["140430,government,,,2019", "140400,government,,,2019"])
    assert panel[["province", "prefecture", "county"]].fillna("").to_numpy().tolist() == [
        ["山西省", "长治市", ""],
        ["山西省", "长治市", "沁县"],
    ]
    assert {name: str(panel.dtypes[name]) for name in ADDED} == ADDED


def test_a_series_has_one_number_through_a_change_of_codes_and_no_two_have_the_same(tmp_path):
    panel = panel_of(
        tmp_path,
        ["140421,government,,,2017", "140404,government,,,2019", "140430,government,,,2019",
         "140430,government,,organ,2019", "140430,government,,area,2019"],
    )  # fmt: skip
    assert panel["panel_id"].tolist() == [1404040000, 1404040000, 1404303000, 1404301000, 1404300000]
    assert not panel.duplicated(["panel_id", "year"]).any()


def test_the_number_of_a_government_is_the_same_in_every_corpus(tmp_path):
    few = panel_of(tmp_path / "few", ["140430,government,,,2019"])
    many = panel_of(tmp_path / "many", ["140430,government,,,2019", "140404,government,,,2019", "140430,department,沁县财政局,,2019"], None)
    assert {*few["panel_id"]} < {*many["panel_id"]}


def test_departments_of_one_county_are_told_apart(tmp_path):
    rows = [f"140430,department,沁县{name}局,,{year}" for name in ("财政", "教育") for year in (2019, 2020)]
    panel = panel_of(tmp_path, [*rows, "140404,department,上党区财政局,,2019"], "department")
    numbers = panel.groupby("authority")["panel_id"].unique()
    assert all(len(own) == 1 for own in numbers) and panel["panel_id"].nunique() == 3
    assert not panel.duplicated(["panel_id", "year"]).any()
