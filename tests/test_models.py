"""Models of a panel recover what is known, by hand and from a generator, and refuse what cannot be fitted."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from gongkai.core.errors import UsageError
from gongkai.inference.panels import missing_bounds, multilevel, over_candidates, poisson_panel, presence, presence_weights, share_panel


def panel(rows):
    return pd.DataFrame(rows, columns=["unit", "year", "count", "n"])


def drawn(units=40, ratio=1.5, seed=1):
    rng = np.random.default_rng(seed)
    size = rng.gamma(2, 30, units)
    return panel([(u, y, rng.poisson(size[u] * ratio ** (y == 3)), 500) for u in range(units) for y in (1, 2, 3)])


def test_a_known_ratio_is_recovered_within_its_interval_and_the_base_is_one():
    found = poisson_panel(drawn(), 1)
    assert found.loc[3, "low"] < 1.5 < found.loc[3, "high"] and found.loc[3, "low"] > 1.3
    assert found.loc[1, ["ratio", "low", "high"]].tolist() == [1, 1, 1] and (found["df"] == 39).all()


def test_the_ratio_is_that_of_the_sums_where_every_unit_is_there_each_year():
    """With effects of units and years and a balanced table, the ratio of two years is that of their sums."""
    table = drawn(units=5)
    sums = table.groupby("year")["count"].sum()
    assert poisson_panel(table, 2)["ratio"].to_dict() == pytest.approx((sums / sums[2]).to_dict(), rel=1e-6)


def test_the_intervals_are_wider_where_counties_differ_in_their_change():
    alike, unlike = drawn(), drawn()
    unlike.loc[(unlike["year"] == 3) & (unlike["unit"] % 2 == 0), "count"] *= 3
    widths = [found.loc[3, "error"] for found in (poisson_panel(alike, 1), poisson_panel(unlike, 1))]
    assert widths[1] > 3 * widths[0]


def test_the_average_difference_counts_every_unit_alike():
    table = panel([("a", 1, 1, 10), ("a", 2, 3, 10), ("b", 1, 300, 1000), ("b", 2, 400, 1000), ("c", 1, 0, 0), ("c", 2, 0, 0)])
    assert share_panel(table, 1)["difference"].round(9).tolist() == [0, 0.15]


UNDEFINED = {
    "one year": [("a", 1, 1, 10), ("b", 1, 2, 10)],
    "one unit": [("a", 1, 1, 10), ("a", 2, 2, 10)],
    "no base": [("a", 2, 1, 10), ("a", 3, 2, 10), ("b", 2, 1, 10), ("b", 3, 1, 10)],
    "nothing at all": [("a", 1, 0, 0), ("a", 2, 0, 0), ("b", 1, 0, 0), ("b", 2, 0, 0)],
}


@pytest.mark.parametrize("model", [poisson_panel, share_panel])
@pytest.mark.parametrize("rows", UNDEFINED.values(), ids=UNDEFINED)
def test_what_cannot_be_fitted_is_refused_in_both_languages(model, rows):
    with pytest.raises(UsageError) as told:
        model(panel(rows), 1)
    assert "two units and two years" in told.value.in_language("en") and "基年 1" in told.value.in_language("zh")


@pytest.mark.parametrize(
    "call",
    [
        lambda: over_candidates([poisson_panel(drawn(5), 1)]),
        lambda: presence(pd.DataFrame({"present": [1, 1], "before": [0, 1]}), ["before"]),
        lambda: missing_bounds(pd.Series([], dtype=float)),
        lambda: multilevel(panel(UNDEFINED["one year"])),
    ],
)
def test_nothing_to_combine_to_weigh_or_to_bound_is_refused(call):
    with pytest.raises(UsageError):
        call()


def fit(estimate, error):
    found = pd.DataFrame(
        {"difference": [0.0], "low": [0.0], "high": [0.0], "estimate": [estimate], "error": [error], "df": 1000}, index=[2]
    )
    return found


@pytest.mark.parametrize(
    "estimates, errors, error, between",
    [([1, 2, 3], [1, 1, 1], math.sqrt(1 + 4 / 3), 4 / 7), ([2, 2], [2, 2], 2, 0)],
)
def test_rubins_rules_by_hand(estimates, errors, error, between):
    found = over_candidates([fit(e, s) for e, s in zip(estimates, errors, strict=True)]).loc[2]
    assert found["estimate"] == found["difference"] == 2 and found["error"] == pytest.approx(error)
    assert found["between"] == pytest.approx(between)
    if between:  # t with (m - 1)(1 + within/between)^2 = 6.125 degrees of freedom: 2.4349
        assert found["high"] - 2 == pytest.approx(2.4349 * error, rel=1e-3)


@pytest.mark.parametrize(
    "shares, bounds", [([0.5, 0.7], (0.6, 0.6)), ([0.5, None], (0.25, 0.75)), ([None], (0, 1)), ([0, 1, None], (1 / 3, 2 / 3))]
)
def test_bounds_by_hand(shares, bounds):
    assert missing_bounds(pd.Series(shares, dtype=float)) == pytest.approx(bounds)


def test_small_units_are_drawn_towards_the_others():
    rng = np.random.default_rng(2)
    true = 1 / (1 + np.exp(-rng.normal(0, 1, 20)))
    found = multilevel(panel([(u, y, rng.binomial(60, true[u]), 60) for u in range(20) for y in (1, 2, 3)]))
    assert ((found["low"] <= true) & (true <= found["high"])).mean() >= 0.8
    raw = panel([(u, y, rng.binomial(3, true[u]), 3) for u in range(20) for y in (1, 2, 3)])
    shares = raw.groupby("unit")["count"].sum() / 9
    assert multilevel(raw)["share"].std() < shares.std()


def test_weights_of_one_binary_column_are_inverse_shares_and_the_odds_say_who_is_missing():
    table = pd.DataFrame({"present": [1, 0, 1, 1, 0, 0, 0, 1], "many": [1, 1, 1, 1, 0, 0, 0, 0]})
    found = presence(table, ["many"])
    assert presence_weights(table, ["many"]).round(4).tolist() == [round(4 / 3, 4)] * 4 + [4.0] * 4
    # Odds of 3 among the many and 1/3 among the few, one standard deviation being half the way between them: the root of 9.
    assert found.loc["many", "odds_ratio"] == pytest.approx(3)
