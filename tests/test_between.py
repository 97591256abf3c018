"""Several reports together: each rule with what breaks it and what does not, and 平潭 2014-2023 worked out by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai import read_report
from gongkai.core.findings import codes
from gongkai.core.schema import schemas
from gongkai.corpus.cross_checks import find_between
from gongkai.forms import load_form

Values = Mapping[str, float | None]
COUNTY = {"form": "2021", "body": "government", "division_code": "990001", "unit_id": "990001", "authority": "某县人民政府"}
BUREAU = {"body": "department", "authority": "某县教育局"}
APPLICANTS = list(load_form("2021").tables["applications"].measures)


def files(*documents: tuple[int, Values] | tuple[int, Values, Mapping[str, object]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the tables of reports from a year, the numbers of some cells, and what else is known of each."""
    reports, cells = [], []
    for n, (year, values, *more) in enumerate(documents):
        key = f"report{n}"
        reports.append(
            {"report_id": key, "path": f"{n}.html", "year": year, "published": f"{year + 1}-03-0{n + 1}", **COUNTY, **dict(*more)}
        )
        for path, value in values.items():
            table, item, measure = path.split("/")
            unit = "yuan" if measure == "amount_yuan" else "条" if table == "statistics" else "count"
            cells.append((key, table, item, measure, value, unit, f"t1 {path}"))
    columns = ["report_id", "table", "item", "measure", "value", "unit", "where"]
    return pd.DataFrame(reports, columns=list(schemas()["reports"].columns)).astype({"year": "Int64"}), pd.DataFrame(
        cells, columns=columns
    ).astype({"value": "Float64"})


def found(*documents: tuple[int, Values] | tuple[int, Values, Mapping[str, object]], **more: object) -> pd.DataFrame:
    return find_between(*files(*documents), **more)  # type: ignore[arg-type]


OUT, IN = "applications/carried_out/natural_person", "applications/carried_in/natural_person"
FORCE, ISSUED, REPEALED = (f"disclosure/normative_documents/{m}" for m in ("in_force", "issued", "repealed"))
LAST, CHANGE = "disclosure/permits/items_last_year", "disclosure/permits/change"
TOTAL, FEES, RECEIVED = "disclosure/regulations/total_disclosed", "disclosure/fees/amount_yuan", "applications/new_received/total"
EVER, NOW, OTHER, LATELY = (
    "statistics/主动公开/cumulative",
    "statistics/主动公开/year",
    "statistics/答复/cumulative",
    "statistics/答复/year",
)
FOUR = {
    f"applications/{item}/natural_person": 7 + n
    for n, item in enumerate(("granted", "unavailable.not_held", "other.remaining", "new_received"))
}
FIRST, SUM = "applications/granted/natural_person", "applications/granted/total"
OLD = {"form": "2019"}

SHUT = {"unit_id": None, "division_code": None}
AREA, ORGAN, TOWN = {"scope": "area"}, {"scope": "organ"}, {**BUREAU, "body": "street_or_town", "division_code": "990001101"}

# What raises a code, the words that its messages must have (in Chinese | in English), and the nearest that raises nothing.
CASES: list[tuple[str, tuple[object, ...], str, tuple[object, ...]]] = [
    ("carry_over", ((2021, {OUT: 3}), (2022, {IN: 1})), "2021 2022 自然人|Natural 3 1 件|applications",
     ((2021, {OUT: 3}), (2022, {IN: 3}))),
    ("carry_over", ((2020, {OUT: 3}, OLD), (2021, {IN: 1})), "2020 2021", ((2020, {OUT: 3}, OLD), (2022, {IN: 1}))),
    ("carry_over", ((2021, {OUT: 3}, BUREAU), (2022, {IN: 0}, BUREAU)), "3 0", ((2021, {OUT: 3}, BUREAU), (2022, {IN: 0}))),
    ("carry_over", ((2021, {OUT: 0}), (2022, {IN: 2})), "0 2", ((2021, {OUT: None}), (2022, {IN: 2}))),
    ("carry_over", ((2021, {OUT: 3}, AREA), (2022, {IN: 1}, AREA)), "3 1", ((2021, {OUT: 3}, AREA), (2022, {IN: 1}))),
    ("carry_over", ((2021, {OUT: 3}, {"division_code": "990002"}), (2022, {IN: 1})), "3 1",
     ((2021, {OUT: 3}, {"unit_id": "990002"}), (2022, {IN: 1}))),
    ("carry_over", ((2021, {OUT: 3}, {"unit_id": None}), (2022, {IN: 1}, {"unit_id": None})), "3 1",
     ((2021, {OUT: 3}, SHUT), (2022, {IN: 1}, SHUT))),
    ("stock_flow", ((2021, {FORCE: 10}), (2022, {ISSUED: 5, REPEALED: 2, FORCE: 12})), "2021 2022 10 5 2 13 12 件|documents",
     ((2021, {FORCE: 10}), (2022, {ISSUED: 5, REPEALED: 2, FORCE: 13}))),
    ("stock_flow", ((2021, {FORCE: 10}), (2022, {ISSUED: 0, REPEALED: 0, FORCE: 12})), "10 12",
     ((2021, {FORCE: 10}), (2022, {ISSUED: 0, REPEALED: None, FORCE: 12}))),
    ("item_stock", ((2019, {LAST: 30, CHANGE: -4}, OLD), (2020, {LAST: 30}, OLD)), "2019 2020 30 -4 26 项|items",
     ((2019, {LAST: 30, CHANGE: -4}, OLD), (2020, {LAST: 26}, OLD))),
    ("cumulative_restart", ((2019, {TOTAL: 9}, OLD), (2020, {TOTAL: 8}, OLD)), "2019 2020 规章|Regulations 9␣件|9 8␣件|8",
     ((2019, {TOTAL: 9}, OLD), (2020, {TOTAL: 9}, OLD))),
    ("cumulative_restart", ((2014, {EVER: 90, NOW: 8}), (2016, {EVER: 7, NOW: 7})), "2014 2016 主动公开 累计|Cumulative 90␣条 7␣条",
     ((2014, {EVER: 90, NOW: 90, OTHER: 4, LATELY: 4}), (2016, {EVER: 7, NOW: 7}))),
    ("cumulative_restart", ((2014, {EVER: 90, NOW: 90}), (2016, {EVER: 7, NOW: 5})), "90 7",
     ((2014, {EVER: 90, NOW: 90}), (2016, {EVER: 95, NOW: 5}))),
    ("copied_figures", ((2021, FOUR), (2022, {**FOUR, IN: 0})), "2021 2022 4 7␣件|7 予以公开|Granted",
     ((2021, FOUR), (2022, {**FOUR, FIRST: 1}))),
    ("copied_figures", ((2021, {**FOUR, OUT: 1}), (2022, {**FOUR, OUT: 3})), "5", ((2021, FOUR), (2023, FOUR))),
    ("copied_figures", ((2021, {**FOUR, SUM: 1}), (2022, {**FOUR, SUM: 1})), "4",
     ((2021, {**FOUR, SUM: 1, FIRST: 1}), (2022, {**FOUR, SUM: 1}))),
    ("money_scale", ((2021, {FEES: 59490886.67}), (2022, {FEES: 7000})), "2021 2022 59490886.67 7000 元|yuan",
     ((2021, {FEES: 59490886.67}), (2022, {FEES: 700}))),
    ("money_scale", ((2021, {FEES: 7000}), (2023, {FEES: 90000000})), "7000 90000000", ((2021, {FEES: 0}), (2023, {FEES: 90000000}))),
    ("money_scale", ((2021, {FEES: 7000}), (2022, {FEES: 0}), (2023, {FEES: 260000000})), "2021 2023 7000 260000000",
     ((2021, {FEES: 7000}), (2022, {FEES: 900000}), (2023, {FEES: 260000000}))),
    ("below_department", ((2021, {RECEIVED: 4}), (2021, {RECEIVED: 5}, BUREAU)), "2021 4 5 某县教育局 件|applications",
     ((2021, {RECEIVED: 5}), (2021, {RECEIVED: 5}, BUREAU))),
    ("below_department", ((2021, {RECEIVED: 4}), (2021, {RECEIVED: 5}, TOWN)), "4 5",
     ((2021, {RECEIVED: 4}, ORGAN), (2021, {RECEIVED: 5}, TOWN))),
    ("two_versions", ((2021, {OUT: 3, IN: 1}), (2021, {OUT: 3, IN: 2})), "2021 0.html␣2022-03-01 1.html␣2022-03-02 2 1",
     ((2021, {OUT: 3}), (2021, {OUT: 4}, ORGAN))),
    ("two_versions", ((2021, {OUT: 3}, BUREAU), (2021, {OUT: None}, BUREAU)), "1",
     ((2021, {OUT: 3}, BUREAU), (2021, {OUT: None}, {**BUREAU, "authority": "某县民政局"}))),
    ("versions_open", ((2021, {OUT: 3}), (2021, {OUT: 4}, {"published": None})), "2021 0.html␣2022-03-01 1.html 1",
     ((2021, {OUT: 3}), (2020, {OUT: 4}))),
    ("two_copies", ((2021, {OUT: 3, IN: None}), (2021, {OUT: 3, IN: None}, {"published": None})), "2021 0.html 1.html 2",
     ((2021, {OUT: 3}, {"body": None}), (2021, {OUT: 3}, BUREAU))),
    ("two_copies", ((2021, {OUT: 3}), (2021, {OUT: 3})), "2021", ((2021, {OUT: 3}), (2021, {OUT: 3}, AREA))),
    ("two_copies", ((2021, {OUT: 3}), (2021, {OUT: 3})), "2021", ((2021, {OUT: 3}), (2021, {OUT: 3}, {"body": None}))),
]  # fmt: skip


@pytest.mark.parametrize("code, broken, words, sound", CASES, ids=[f"{n}-{case[0]}" for n, case in enumerate(CASES)])
def test_a_rule_raises_its_code_with_years_values_and_units_and_nothing_else(code: str, broken: tuple, words: str, sound: tuple) -> None:  # type: ignore[type-arg]
    raised = found(*broken)
    assert list(raised["code"]) == [code]
    row = raised.iloc[0]
    assert row["level"] == codes()[code]["level"]
    for word in words.split():
        zh, en = (word.replace("␣", " ").split("|") * 2)[:2]
        assert zh in row["message_zh"] and en in row["message"], (word, row["message_zh"], row["message"])
    assert list(found(*sound)["code"]) == []


def test_a_broken_carry_over_belongs_to_the_cell_of_the_later_report() -> None:
    row = found((2021, {OUT: 3}), (2022, {IN: 1})).iloc[0]
    assert list(found().columns) == list(schemas()["findings"].columns)
    assert row[["report_id", "table", "item", "measure"]].tolist() == ["report1", "applications", "carried_in", "natural_person"]
    assert row[["expected", "observed", "where"]].tolist() == ["3", "1", f"t1 {IN}"]


def test_numbers_in_different_units_are_not_compared() -> None:
    reports, cells = files((2014, {EVER: 78967, NOW: 3}), (2015, {EVER: 8, NOW: 1}))
    assert list(find_between(reports, cells)["code"]) == ["cumulative_restart"]
    assert list(find_between(reports, cells.assign(unit=["条", "条", "万条", "条"]))["code"]) == []


def test_years_are_compared_with_the_version_that_wins_and_with_none_where_none_does() -> None:
    later = (2022, {IN: 1})
    assert set(found((2021, {OUT: 3}), (2021, {OUT: 1}), later)["code"]) == {"two_versions"}
    assert set(found((2021, {OUT: 1}), (2021, {OUT: 3}), later)["code"]) == {"two_versions", "carry_over"}
    assert set(found((2021, {OUT: 3}), (2021, {OUT: 4}, {"published": "2022-03-01"}), later)["code"]) == {"versions_open"}


def test_the_loser_of_two_versions_carries_the_finding() -> None:
    assert list(found((2021, {OUT: 3}), (2021, {OUT: 1}))["report_id"]) == ["report0"]
    assert list(found((2021, {OUT: 3}), (2021, {OUT: 1}, {"published": "2021-12-31"}))["report_id"]) == ["report1"]


@pytest.mark.parametrize("year, said", [(2021, 1), (2022, 0), (2023, 1)])
def test_nothing_is_compared_across_a_merger_or_split(year: int, said: int) -> None:
    def breaks(unit: str) -> list[SimpleNamespace]:
        return [SimpleNamespace(year=year)] if unit == "990001" else []

    assert len(found((2021, {OUT: 3}), (2022, {IN: 1}), breaks=breaks)) == said


ODD: list[Callable[[pd.DataFrame, pd.DataFrame], tuple[pd.DataFrame, pd.DataFrame]]] = [
    lambda r, c: (r.assign(year=pd.NA), c),
    lambda r, c: (r.drop(columns=["unit_id", "published", "scope"]), c),
    lambda r, c: (r.assign(form="narrative"), c.iloc[:0]),
    lambda r, c: (r.iloc[:0], c),
    lambda r, c: (r, c.drop(columns=["unit", "where"])),
    lambda r, c: (r.assign(form=None), c.assign(item="no such row")),
    lambda r, c: (r.assign(published="三月"), c.assign(value=float("inf"))),
    lambda r, c: (r, c.astype({"table": "category", "value": "float64"})),
    lambda r, c: (r.assign(authority=None, body=None), c),
    lambda r, c: (pd.concat([r, r]), pd.concat([c, c])),
]


@pytest.mark.parametrize("change", ODD)
def test_odd_data_raise_no_error(change: Callable[[pd.DataFrame, pd.DataFrame], tuple[pd.DataFrame, pd.DataFrame]]) -> None:
    tables = files((2021, {**FOUR, OUT: 3, TOTAL: 3}), (2021, {OUT: 4}), (2022, {**FOUR, IN: 1, TOTAL: 2, "odd/row/cell": 4}))
    assert list(find_between(*change(*tables)).columns) == list(schemas()["findings"].columns)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=6))
def test_a_carry_over_is_said_exactly_where_two_neighbours_differ(flows: list[tuple[int, int]]) -> None:
    raised = found(*((2015 + n, {IN: begun, OUT: left}) for n, (begun, left) in enumerate(flows)))
    differ = [f"report{n}" for n in range(1, len(flows)) if flows[n - 1][1] != flows[n][0]]
    assert sorted(raised.loc[raised["code"] == "carry_over", "report_id"]) == differ


# 平潭综合实验区 as printed (its reports of 2014, 2016 and 2019 to 2023): natural persons, other organisations, total of the rows
# 上年结转 and 结转下年度; the four other columns are 0 in every year.
PINGTAN_CARRIED = {
    2019: ((0, 0, 0), (0, 0, 0)), 2020: ((0, 0, 0), (0, 0, 0)), 2021: ((0, 0, 0), (1, 0, 1)),
    2022: ((1, 0, 1), (0, 0, 0)), 2023: ((0, 0, 0), (0, 0, 0)),
}  # fmt: skip
# 规范性文件: 制发, 废止, 现行有效. By hand: 665 + 88 - 55 = 698, as printed in 2022; 698 + 77 - 132 = 643, but 2023 prints 470.
PINGTAN_NORMS = {2021: (69, 3, 665), 2022: (88, 55, 698), 2023: (77, 132, 470)}
# 上一年项目数量 and 本年增/减 of 许可, 其他服务, 处罚, 强制, 收费. By hand: 2019 adds 0 to each, and 2020 prints the same five.
PINGTAN_ITEMS = {2019: ((396, 0), (10, 0), (2648, 0), (126, 0), (35, 0)), 2020: ((396, 442), (10, 7), (2648, -18), (126, 26), (35, -15))}
PINGTAN_FEES = {2021: 242523110.82, 2022: 91163600.0, 2023: 59490886.67}
# 规章 and 规范性文件, 对外公开总数量: neither falls.
PINGTAN_TOTALS = {2019: (0, 89), 2020: (7, 166)}
# 历年累计: 2014 prints 1 in four rows in which 2016 prints 0; 主动公开 grows from 78967 to 85376.
PINGTAN_FALLS = ("受理依申请公开信息总数", "信函传真申请数", "对申请的答复总数", "同意公开答复数")
STATISTICS = {2014: {"主动公开文件数": (2543, 78967), **dict.fromkeys(PINGTAN_FALLS, (1, 1))},
              2016: {"主动公开文件数": (3460, 85376), **dict.fromkeys(PINGTAN_FALLS, (0, 0))}}  # fmt: skip

BY_HAND = {
    (2016, "cumulative_restart", item, "1", "0") for item in PINGTAN_FALLS
} | {(2023, "stock_flow", "normative_documents", "643", "470")}  # fmt: skip


def pingtan() -> dict[int, dict[str, float]]:
    """Put the numbers above into the cells of each year's form."""
    years: dict[int, dict[str, float]] = {}
    for year, rows in PINGTAN_CARRIED.items():
        for item, (person, other, total) in zip(("carried_in", "carried_out"), rows, strict=True):
            printed = {**dict.fromkeys(APPLICANTS, 0), "natural_person": person, "other_organization": other, "total": total}
            years.setdefault(year, {}).update({f"applications/{item}/{who}": n for who, n in printed.items()})
    for year, norms in PINGTAN_NORMS.items():
        for item, numbers in (("regulations", (0, 0, 0)), ("normative_documents", norms)):
            years[year].update({f"disclosure/{item}/{m}": n for m, n in zip(("issued", "repealed", "in_force"), numbers, strict=True)})
        years[year][FEES] = PINGTAN_FEES[year]
    for year, stocks in PINGTAN_ITEMS.items():
        for item, (last, change) in zip(("permits", "other_services", "penalties", "coercive_measures", "fees"), stocks, strict=True):
            years[year].update({f"disclosure/{item}/items_last_year": last, f"disclosure/{item}/change": change})
        totals = zip(("regulations", "normative_documents"), PINGTAN_TOTALS[year], strict=True)
        years[year].update({f"disclosure/{item}/total_disclosed": n for item, n in totals})
    for year, listed in STATISTICS.items():
        years[year] = {
            f"statistics/{item}/{m}": n for item, pair in listed.items() for m, n in zip(("year", "cumulative"), pair, strict=True)
        }
    return years


def said(findings: pd.DataFrame, reports: pd.DataFrame) -> set[tuple[object, ...]]:
    dated = findings.merge(reports[["report_id", "year"]], on="report_id")
    return set(dated[["year", "code", "item", "expected", "observed"]].itertuples(index=False, name=None))


def form_of(year: int) -> str:
    return "statistics" if year < 2019 else "2019" if year < 2021 else "2021"


def test_pingtan_by_hand() -> None:
    reports, cells = files(*((year, values, {"form": form_of(year)}) for year, values in sorted(pingtan().items())))
    assert said(find_between(reports, cells), reports) == BY_HAND


@pytest.mark.parametrize("year", [2020, 2021, 2022, 2023])
@pytest.mark.parametrize("who", APPLICANTS)
def test_each_of_the_28_carry_overs_of_pingtan_holds_and_would_be_missed(year: int, who: str) -> None:
    years = pingtan()
    years[year][f"applications/carried_in/{who}"] += 2
    reports, cells = files(*((y, values, {"form": form_of(y)}) for y, values in sorted(years.items())))
    left = int(years[year - 1][f"applications/carried_out/{who}"])
    assert said(find_between(reports, cells), reports) - BY_HAND == {(year, "carry_over", "carried_in", str(left), str(left + 2))}


def read(paths: Iterable[Path]) -> set[tuple[object, ...]]:
    reports = [read_report(path) for path in paths]
    known = pd.DataFrame([{**COUNTY, "report_id": r.report_id, "form": r.form, "year": r.year, "published": r.published} for r in reports])
    return said(find_between(known, pd.concat([r.cells for r in reports])), known)


def test_pingtan_as_shipped(root: Path) -> None:
    paths = sorted((root / "data" / "raw").glob("pingtan-*.*"))
    if not paths:
        pytest.skip("the reports of Pingtan are not in data/raw yet")
    assert read(paths) == BY_HAND


def test_pingtan_as_published(shared: Path) -> None:
    assert read(sorted((shared / "reports").glob("pingtan-*/report.html"))) == BY_HAND
