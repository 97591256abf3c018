"""The design effect, estimated from the years of many units, and what it does to intervals, ranks, funnels and tests."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gongkai.core.errors import UsageError
from gongkai.inference import against_others, design_effect, design_sentence, falls_at, funnel, newcombe, ordered, ranked, shrunken


def years_of(counts: dict[str, list[int]], n: dict[str, list[int]]) -> pd.DataFrame:
    rows = [(unit, 2019 + i, k, m) for unit, ks in counts.items() for i, (k, m) in enumerate(zip(ks, n[unit], strict=True))]
    return pd.DataFrame(rows, columns=["unit", "year", "count", "n"])


def province(units: int, burst: int, seed: int, years: int = 5) -> tuple[pd.DataFrame, np.ndarray]:
    """Draw requests filed in equal bursts that share one answer, and the true share of each unit."""
    rng = np.random.default_rng(seed)
    truth = rng.beta(4, 4, units)
    filed = np.maximum(1, rng.poisson(np.maximum(1, rng.lognormal(np.log(30), 0.7, units))[:, None] / burst, (units, years)))
    counts = burst * rng.binomial(filed, truth[:, None])
    names = [f"u{at:03}" for at in range(units)]
    return years_of(dict(zip(names, counts.tolist(), strict=True)), dict(zip(names, (burst * filed).tolist(), strict=True))), truth


def test_the_estimate_is_that_computed_by_hand() -> None:
    # Unit a: 4 and 6 of 10, p = .5, deviations (1 + 1) / 10 = .2, expected .25 + .2 / 20 = .26. Units b to e: 5 of 10 twice: 0 and .25.
    table = years_of({"a": [4, 6], **{unit: [5, 5] for unit in "bcde"}}, {unit: [10, 10] for unit in "abcde"})
    assert design_effect(table).value == pytest.approx(0.2 / (0.26 + 4 * 0.25))


@pytest.mark.parametrize("burst", [1, 2, 4, 8])
def test_bursts_of_one_size_are_found(burst: int) -> None:
    found = design_effect(province(120, burst, seed=burst)[0])
    assert found.low <= burst <= found.high
    assert (found.units, found.years, found.why) == (120, 600, "")


def test_units_that_grant_nothing_or_everything_change_nothing() -> None:
    table, _ = province(50, 3, seed=1)
    extreme = years_of({f"x{i}": [0, 0] if i % 2 else [9, 7] for i in range(40)}, {f"x{i}": [9, 7] for i in range(40)})
    with_them = design_effect(pd.concat([table, extreme]))
    assert with_them.value == pytest.approx(design_effect(table).value)


def test_one_odd_year_makes_no_cluster() -> None:
    table, _ = province(60, 1, seed=2)
    odd = table.copy()
    odd.loc[0, ["count", "n"]] = 4000
    odd.loc[1, ["count", "n"]] = 0, 4000
    assert design_effect(odd).value < design_effect(table).value + 0.3


def test_a_break_between_two_editions_is_no_cluster() -> None:
    table, _ = province(60, 1, seed=3)
    table["series"] = np.where(table["year"] < 2021, "2019", "2021")
    table.loc[table["year"] < 2021, "count"] = 0
    assert design_effect(table).value < 1.5 < design_effect(table.drop(columns="series")).value


def test_few_units_are_named_and_none_give_no_estimate() -> None:
    table, _ = province(60, 2, seed=4)
    first = table[table["unit"] < "u012"]
    assert (design_effect(first).why, design_effect(table[table["unit"] < "u003"]).why) == ("few_units", "none")
    assert design_effect(table[table["year"] == 2019]).why == "none"
    assert design_effect(table[table["year"] == 2019]).used == 1.0


def test_a_units_own_estimate_is_drawn_towards_all() -> None:
    table, _ = province(80, 3, seed=5)
    heavy = table["unit"] < "u020"
    table.loc[heavy, ["count", "n"]] *= 6
    found = design_effect(table).by_unit
    own, drawn = (found[name].loc["u000":"u019"].mean() - found[name].loc["u020":].mean() for name in ("own", "shrunken"))
    assert own > 0 and 0 < drawn < own


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"unit": ["a"], "year": [2020], "count": [1]}),
        years_of({"a": [3]}, {"a": [2]}),
        pd.concat([years_of({"a": [1]}, {"a": [2]})] * 2),
    ],
    ids=["no denominator", "more than all", "a year twice"],
)
def test_what_is_no_table_of_years_is_refused(table: pd.DataFrame) -> None:
    with pytest.raises(UsageError, match="a row for each unit and year"):
        design_effect(table)


FIVE = [5, 25, 30, 36, 60], [20, 50, 60, 70, 80]
HALF = [10, 50, 60, 72, 120], [40, 100, 120, 140, 160]


@pytest.mark.parametrize("function", [shrunken, ranked, funnel])
def test_a_design_effect_of_two_is_half_as_many_requests(function) -> None:
    whole, half = function(*FIVE), function(*HALF, deff=2)
    own = [c for c in whole.columns if c not in ("count", "n", "few")]
    pd.testing.assert_frame_equal(whole[own], half[own])
    assert function(*HALF, deff=1).equals(function(*HALF))


def test_pairs_and_tests_are_those_of_as_many_independent_requests() -> None:
    assert ordered(*FIVE).equals(ordered(*HALF, deff=2))
    one, two = against_others(*FIVE, "an example"), against_others(*HALF, "an example", deff=2)
    pd.testing.assert_frame_equal(one.drop(columns=["count", "n", "few"]), two.drop(columns=["count", "n", "few"]))


def test_parts_of_requests_are_rounded_to_whole_ones() -> None:
    found = funnel([3, 4, 5, 9, 11], [7, 11, 15, 21, 24], deff=3.7)
    assert found[["low_95", "high_95"]].astype(float).apply(lambda end: end.between(0, 1)).all(axis=None)
    assert against_others([3, 4, 5, 9, 11], [7, 11, 15, 21, 24], "an example", deff=3.7)["p"].between(0, 1).all()


def test_estimated_means_that_of_the_years() -> None:
    table, _ = province(45, 4, seed=6)
    newest = table[table["year"] == 2023].set_index("unit")
    effect = design_effect(table)
    assert ranked(newest["count"], newest["n"], deff="estimated", years=table).equals(ranked(newest["count"], newest["n"], deff=effect))


@pytest.mark.parametrize("deff", [0.5, float("nan"), float("inf"), "guessed", "estimated"])
def test_what_is_no_design_effect_is_refused(deff) -> None:
    with pytest.raises(UsageError, match="a design effect"):
        shrunken(*FIVE, deff=deff)


def test_intervals_at_the_estimate_cover_where_requests_come_in_bursts() -> None:
    inside: dict[object, list[float]] = {1: [], "estimated": []}
    for seed in range(4):
        table, truth = province(40, 4, seed=100 + seed)
        newest = table[table["year"] == 2023]
        for deff, found in inside.items():
            ends = shrunken(newest["count"].tolist(), newest["n"].tolist(), deff=deff, years=table).astype({"low": float, "high": float})
            found.append(float((ends["low"].le(truth) & ends["high"].ge(truth)).mean()))
    assert np.mean(inside[1]) < 0.8
    assert np.mean(inside["estimated"]) >= 0.92


@pytest.mark.parametrize(
    ("counts", "falls"),
    [((1, 10, 0, 10), 1.0), ((80, 100, 60, 100), 2.5), ((100_000, 100_000, 0, 100_000), float("inf"))],
    ids=["never held", "at two and a half", "beyond a hundred"],
)
def test_a_conclusion_falls_at_the_effect_where_its_interval_holds_zero(counts: tuple[int, int, int, int], falls: float) -> None:
    assert round(falls_at(lambda deff: newcombe(*counts, deff=deff).low > 0), 1) == falls


@pytest.mark.parametrize(
    ("units", "zh", "en"),
    [(60, "设计效应估计为", "is estimated at"), (12, "单位不足 40 个", "only 12 units"), (2, "估计不出", "no design")],
)
def test_the_sentence_says_what_it_rests_on(units: int, zh: str, en: str) -> None:
    effect = design_effect(province(units, 3, seed=7)[0])
    assert zh in design_sentence(effect, "zh") and en in design_sentence(effect, "en")
