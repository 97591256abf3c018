"""A user's table beside a panel: recodes are crossed, splits and merges refused, and nothing is lost or doubled in silence."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.core.errors import UsageError
from gongkai.places import divisions, merge

CODES = [*sorted({d.code for d in divisions() if d.code.startswith(("1404", "3301", "5001"))}), "912345"]


def panel(*rows: tuple[object, object]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["division_code", "year"])


@pytest.mark.parametrize(
    "code, year, of_table, vintage, joined",
    [
        ("140430", 2019, "140430", 2020, True),
        ("140421", 2015, "140404", 2020, True),  # 长治县 is 上党区
        ("140404", 2019, "140421", 2015, True),
        ("140421", 2015, "140421", 2015, True),
        ("341422", 2009, "340281", 2022, True),  # two recodes
        ("330103", 2019, "330103", 2020, True),  # both before 2021
        ("330103", 2019, "330105", 2022, False),  # 下城区 went into 拱墅区
        ("330105", 2019, "330105", 2022, False),  # 拱墅区 before and after
        ("330110", 2022, "330110", 2020, False),  # 余杭区 with and without 临平区
        ("330110", 2022, "330110", 2021, True),
        ("500110", 2009, "500110", 2020, False),  # 万盛区 and 綦江区
        ("140430", 2019, "140431", 2020, False),
        ("912345", 2019, "912345", 2020, True),  # a code that no place has joins itself
        (140421, 2015, "140404000000", 2020, True),  # as spreadsheets keep them
        ("140421", None, "140404", 2020, True),  # no year, and nothing ever redrew it
        ("330105", None, "330105", 2022, False),
    ],
)
def test_a_row_is_joined_or_listed(code: object, year: int | None, of_table: object, vintage: int, joined: bool) -> None:
    merged = merge(panel((code, year)), pd.DataFrame({"division_code": [of_table], "people": [7]}), vintage=vintage)
    assert merged.frame["people"].notna().tolist() == [joined]
    assert (len(merged.unmatched_left), len(merged.unmatched_right)) == ((0, 0) if joined else (1, 1))


def test_what_did_not_match_says_why() -> None:
    table = pd.DataFrame({"division_code": ["330105", "140431", "140421"], "people": [1, 2, 3]})
    merged = merge(panel(("330105", 2019), ("140430", 2019)), table, vintage=2022)
    said = "2021 merge 330103;330105 -> 330105"
    assert merged.unmatched_left[["division_code", "reason", "break"]].values.tolist() == [
        ["330105", "break", said],
        ["140430", "no_row", ""],
    ]
    assert merged.unmatched_right[["division_code", "reason", "break"]].values.tolist() == [
        ["330105", "break", said], ["140431", "no_row", ""], ["140421", "other_vintage", ""],
    ]  # fmt: skip


def test_a_table_with_years_is_joined_by_year() -> None:
    table = pd.DataFrame({"division_code": ["140404", "140404"], "year": [2016, 2017], "people": [1, 2]})
    merged = merge(panel(("140421", 2016), ("140421", 2017), ("140421", 2018)).astype({"year": "Int64"}), table, vintage=2020)
    assert merged.frame["people"].tolist()[:2] == [1, 2] and merged.unmatched_left["year"].tolist() == [2018]
    assert list(merged.frame.columns) == ["division_code", "year", "people"]


def test_a_column_of_both_keeps_the_frame_s() -> None:
    merged = merge(panel(("140430", 2019)).assign(n=1), pd.DataFrame({"division_code": ["140430"], "n": [2]}), vintage=2020)
    assert merged.frame[["n", "n_table"]].values.tolist() == [[1, 2]]


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"division_code": ["140430", "140430"], "people": [1, 2]}),
        pd.DataFrame({"division_code": ["140430", 140430], "people": [1, 2]}),
        pd.DataFrame({"division_code": ["140421", "140404"], "people": [1, 2]}),  # one unit about 2018
        pd.DataFrame({"code": ["140430"], "people": [1]}),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused(table: pd.DataFrame) -> None:
    with pytest.raises(UsageError) as error:
        merge(panel(("140430", 2019)), table, vintage=2018)
    assert error.value.in_language("zh") != error.value.in_language("en")


@given(
    st.lists(st.tuples(st.sampled_from(CODES), st.integers(2008, 2025) | st.none()), max_size=12),
    st.sets(st.sampled_from(CODES), max_size=12),
    st.integers(2008, 2025),
)
def test_rows_stay_as_they_are_and_every_one_is_accounted_for(rows: list[tuple[str, int | None]], codes: set[str], vintage: int) -> None:
    frame = panel(*rows).set_axis(["x"] * len(rows))
    table = pd.DataFrame({"division_code": sorted(codes), "own": sorted(codes)}, dtype="str")
    try:
        merged = merge(frame, table, vintage=vintage)
    except UsageError:
        return
    pd.testing.assert_frame_equal(merged.frame[["division_code", "year"]], frame)
    assert merged.frame["own"].isna().sum() == len(merged.unmatched_left)
    used = set(merged.frame["own"].dropna())
    assert used.isdisjoint(merged.unmatched_right["own"]) and used | {*merged.unmatched_right["own"]} == codes
