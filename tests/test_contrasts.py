"""Results by applicant beside each other, other denominators and scopes, intervals at a design effect: figures and words."""

from __future__ import annotations

from dataclasses import replace

import handmade
import numpy as np
import pandas as pd
import pytest
from scipy import stats
from test_indicators import HUAIAN, P2020, SUQIAN, corpus, named, rows

import gongkai
from gongkai import indicators
from gongkai.core.errors import UsageError
from gongkai.indicators import by_denominator, by_scope, contrast_sentence, contrasts
from gongkai.inference import DesignEffect, difference, newcombe, share_sentence, wilson


def published(root, name):
    return gongkai.read_report(root / "data" / "raw" / name)


def test_grants_of_natural_persons_and_enterprises_are_compared_as_by_hand(root):
    found = contrasts(published(root, SUQIAN)).set_index("contrast").loc["any_grant_natural_enterprise"]
    # 1175 + 319 of 3375 cases of natural persons, 12 + 7 of 99 of commercial enterprises.
    assert found[["first_numerator", "first_denominator", "second_numerator", "second_denominator"]].tolist() == [1494, 3375, 19, 99]
    assert found["difference"] == pytest.approx(1494 / 3375 - 19 / 99)
    assert (found["low"], found["high"]) == pytest.approx(newcombe(1494, 3375, 19, 99))
    # Twice the upper tail of the hypergeometric distribution, half of what was seen counted.
    seen = stats.hypergeom(3375 + 99, 1494 + 19, 3375)
    assert found["p"] == pytest.approx(2 * (seen.sf(1494) + seen.pmf(1494) / 2))


@pytest.mark.parametrize("name, status", [(P2020, "inconsistent"), ("qinxian-2019.txt", "nothing_to_divide")])
def test_what_has_no_value_is_compared_with_nothing_and_says_why(root, name, status):
    found = contrasts(published(root, name))
    assert (found["status"] == status).all() and found[["difference", "low", "high", "p"]].isna().all(axis=None)
    for language in ("zh", "en"):
        assert all(contrast_sentence(row, language) for _, row in found.iterrows())
    assert {"cannot be compared"} <= {word for word in ["cannot be compared"] if word in contrast_sentence(found.iloc[0], "en")}


def test_a_contrast_at_a_design_effect_is_that_of_fewer_requests(root):
    plain, wide = (contrasts(published(root, SUQIAN), deff=deff).iloc[0] for deff in (1, 9))
    assert plain["low"] > 0 > wide["low"] and wide["deff"] == 9
    assert "from a design effect of 6.3 on" in contrast_sentence(plain, "en") and "cannot be told" in contrast_sentence(wide, "en")


@pytest.mark.parametrize(
    "code, cases",
    [
        (
            "any_grant_share",
            {"processed": (1816, 3050), "workload": (1816, 3153), "received": (1816, 3119), "granted_or_denied": (1816, 1994)},
        ),
        ("not_held_share", {"processed": (769, 3050), "workload": (769, 3153), "received": (769, 3119)}),
        ("reconsideration_corrected_share", {"all": (64, 351), "concluded": (64, 314), "decided": (64, 136)}),
        ("reconsideration_pending_share", {"all": (37, 351)}),
        ("litigation_other_share", {"all": (9, 46), "concluded": (9, 39)}),
    ],
)
def test_a_share_is_computed_with_every_denominator_in_use(root, code, cases):
    found = by_denominator(published(root, HUAIAN), code).set_index("case")
    assert {case: (row["numerator"], row["denominator"]) for case, row in found.iterrows()} == cases
    assert found["own"].sum() == 1 and found["indicator"].eq(code).all() and found["value"].notna().all()
    assert found["low"].isna().tolist() == [case == "received" for case in found.index]
    own = rows(published(root, HUAIAN)).loc[code]
    assert found.loc[found["own"], ["value", "low", "high"]].iloc[0].tolist() == own[["value", "low", "high"]].tolist()


@pytest.mark.parametrize("code", ["requests_received", "no_such", "article16_share"])
def test_what_has_no_other_denominator_is_refused(root, code):
    with pytest.raises(UsageError):
        by_denominator(published(root, HUAIAN), code)


def test_scopes_of_one_division_and_year_stand_side_by_side():
    whole = replace(handmade.report(handmade.HUAIAN_2024), scope="area")
    own = named(replace(handmade.report({**handmade.HUAIAN_2024}), scope=None), "own")
    other = named(replace(whole, year=2023), "other")
    found = by_scope(corpus(whole, own, other), "any_grant_share")
    assert found["case"].tolist() == ["area", "unknown"] and found["year"].nunique() == 1
    assert (found["lowest"] == found["highest"]).all() and (found["scopes"] == 2).all()


def granting(**granted: tuple[int, int]) -> dict[str, float]:
    """Return the cells of a report in which so many of so many requests of each kind of applicant were granted, the rest denied."""
    values = dict.fromkeys(handmade.HUAIAN_2024, 0.0)
    for column, (count, n) in {**granted, "total": tuple(np.sum(list(granted.values()), axis=0))}.items():
        cells = {"new_received": n, "granted": count, "denied.state_secret": n - count, "processed_total": n}
        values |= {f"applications/{item}/{column}": float(value) for item, value in cells.items()}
    return values


def years(units: int, burst: int) -> object:
    """A corpus of many units over five years, whose requests come in bursts that share one answer."""
    rng = np.random.default_rng(3)
    reports = []
    for unit in range(units):
        share = rng.beta(4, 4)
        for year in range(2021, 2026):
            bursts = max(1, rng.poisson(8))
            granted = rng.binomial(bursts, share)
            values = granting(natural_person=(burst * granted, burst * bursts))
            made = replace(handmade.report(values), year=year, division_code=f"14{unit:04}", scope="area")
            reports.append(named(made, f"{unit}-{year}"))
    return corpus(*reports)


def test_the_table_of_indicators_takes_a_design_effect_and_estimates_one():
    source = years(50, 4)
    plain, three, estimated = (
        indicators.table(source, codes=["full_grant_share", "reconsideration_rate"], deff=d) for d in (1, 3, "estimated")
    )
    shares = plain["indicator"] == "full_grant_share"
    valued = shares & plain["value"].notna()
    assert valued.sum() == 250 and plain.loc[valued, "deff"].eq(1).all() and three.loc[valued, "deff"].eq(3).all()
    first = three[valued].iloc[0]
    assert (first["low"], first["high"]) == pytest.approx(wilson(first["numerator"], first["denominator"], deff=3))
    assert estimated.loc[valued, "deff"].nunique() == 1 and 2.8 < estimated.loc[valued, "deff"].iloc[0] < 5.6
    assert estimated.loc[~shares, "deff"].isna().all()
    pd.testing.assert_frame_equal(plain.drop(columns=["low", "high", "deff"]), three.drop(columns=["low", "high", "deff"]))


def test_where_no_design_effect_can_be_estimated_the_table_says_so(root):
    found = indicators.table(published(root, HUAIAN), codes=["full_grant_share"], deff="estimated").iloc[0]
    assert pd.isna(found["deff"]) and (found["low"], found["high"]) == pytest.approx(wilson(1362, 3050))


def test_a_difference_takes_a_number_or_an_estimate():
    assert difference(80, 100, 60, 100, deff=2) == newcombe(80, 100, 60, 100, deff=2)
    effect = DesignEffect(2.0, 1.0, 3.0, 60, 300, "", pd.DataFrame())
    assert difference(80, 100, 60, 100, deff=effect) == newcombe(80, 100, 60, 100, deff=2)


# Every new sentence at its ends, read in both languages. k of n: what must and what must not be said.
EFFECTS = {
    "known": DesignEffect(2.5, 2.0, 3.0, 60, 300, "", pd.DataFrame()),
    "few": DesignEffect(2.5, 1.0, 9.0, 12, 60, "few_units", pd.DataFrame()),
    "none": DesignEffect(float("nan"), float("nan"), float("nan"), 1, 5, "none", pd.DataFrame()),
    "below": DesignEffect(0.8, 0.6, 1.1, 60, 300, "", pd.DataFrame()),
}
READ = [(k, n) for n in (0, 1, 5, 29, 30, 1000) for k in sorted({0, n // 2, n})]


@pytest.mark.parametrize("k, n", READ)
@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_share_is_told_with_both_intervals_at_its_ends(k, n, effect, language):
    told = share_sentence(k, n, EFFECTS[effect], language)
    words = {
        "zh": ("设计效应取 2.5", "不足 40 个", "估计不出"),
        "en": ("at a design effect of 2.5", "fewer than 40", "no design effect can be estimated"),
    }
    said = [word in told for word in words[language]]
    expected = {"known": [True, False, False], "few": [True, True, False], "none": [False, False, True], "below": [False] * 3}[effect]
    assert said == ([False] * 3 if n == 0 else expected)
    assert "nan" not in told and "inf" not in told and "{" not in told and " 1 units" not in told
    if n and k in (0, n):
        assert ("0%" if k == 0 else "100%") in told.replace(" %", "%")


@pytest.mark.parametrize("k, n", READ)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_contrast_is_told_at_its_ends(k, n, language):
    row = contrasts(handmade.report(granting(natural_person=(k, n), commercial_enterprise=(n - k, n)))).iloc[0]
    assert row["status"] == ("printed" if n else "nothing_to_divide")
    told = contrast_sentence(row, language)
    assert ("不能相比" if language == "zh" else "cannot be compared") in told if n == 0 else f"{n:,}" in told
    assert "nan" not in told and "{" not in told
    higher = not pd.isna(row["low"]) and (row["low"] > 0 or row["high"] < 0)
    assert (("设计效应" if language == "zh" else "design effect") in told) == higher
