"""One indicator under every way of taking its cells."""

from dataclasses import replace

import pandas as pd
import pytest

import gongkai
from gongkai import indicators
from gongkai.core.errors import UsageError
from gongkai.indicators.sensitivity import sensitivity

GRANTED, PROCESSED = "applications/granted/total", "applications/processed_total/total"


@pytest.fixture(scope="module")
def report(sample):
    return gongkai.read_report(sample)


def with_cells(report, **given):
    """Put other readings in the place of some cells of the applications table."""
    paths = {f"applications/{item}/total": body for item, body in given.items()}
    return replace(report, readings=tuple(replace(r, **paths.get(r.field.path, {})) for r in report.readings))


def uncertain(*candidates):
    return {"status": "uncertain", "value": None, "candidates": candidates}


def values(table):
    return {case: None if pd.isna(value) else value for case, value in zip(table["case"], table["value"], strict=True)}


def test_without_uncertain_cells_the_extremes_are_the_default(report):
    found = sensitivity(report, "full_grant_share")
    assert values(found) == dict.fromkeys(found["case"], values(found)["default"]) | {"strict": None}
    expected = indicators.table(report, codes=["full_grant_share"]).iloc[0]
    assert found.iloc[1][list(expected.index)].equals(expected)


def test_extremes_are_taken_over_every_combination_of_candidates(report):
    plain = {"status": "printed", "value": 20.0, "candidates": ()}
    one = with_cells(report, granted=uncertain(3.0, 7.0, 5.0), processed_total=plain)
    assert values(sensitivity(one, "full_grant_share")) == dict.fromkeys(("strict", "default", "deduced", "blank_as_zero")) | {
        "lowest": 3 / 20, "highest": 7 / 20,
    }  # fmt: skip
    two = values(sensitivity(with_cells(report, granted=uncertain(3.0, 7.0), processed_total=uncertain(10.0, 40.0)), "full_grant_share"))
    assert (two["lowest"], two["highest"]) == (3 / 40, 7 / 10)


def test_a_cell_that_nothing_bounds_has_no_extremes(report):
    for cell in (uncertain(), uncertain(3.0, None)):
        found = values(sensitivity(with_cells(report, granted=cell), "full_grant_share"))
        assert found["lowest"] is found["highest"] is None


def test_what_the_identities_prove_counts_where_it_is_asked_for(report):
    blank = {"status": "blank", "value": None, "printed": None, "deduced": 1.0}
    found = values(sensitivity(with_cells(report, granted=blank), "full_grant_share"))
    assert found["default"] is None and found["deduced"] == 1


def test_every_case_is_named_in_both_languages(report):
    found = sensitivity(report, "any_grant_share")
    assert found["case"].tolist() == ["strict", "default", "deduced", "blank_as_zero", "lowest", "highest"]
    assert found["meaning"].is_unique and found["meaning_zh"].is_unique


def test_an_unknown_indicator_is_refused(report):
    with pytest.raises(UsageError):
        sensitivity(report, "openness")
