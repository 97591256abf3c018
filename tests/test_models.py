"""Models of a panel recover what is known, by hand and from a generator, and refuse what cannot be fitted."""

import math

import numpy as np
import pandas as pd
import pytest

from gongkai.inference.panels import missing_bounds, multilevel, poisson_panel, presence_weights, rubin, share_panel


def panel(rows):
    return pd.DataFrame(rows, columns=["unit", "year", "count", "n"])


def drawn(units=40, ratio=1.5, seed=1):
    rng = np.random.default_rng(seed)
    size = rng.gamma(2, 30, units)
    return panel([(u, y, rng.poisson(size[u] * ratio ** (y == 3)), 500) for u in range(units) for y in (1, 2, 3)])


def test_a_known_ratio_is_recovered_within_its_interval():
    found = poisson_panel(drawn(), 1)
    assert found.loc[3, "low"] < 1.5 < found.loc[3, "high"] and found.loc[3, "low"] > 1.3
    assert found.loc[1].tolist() == [1, 1, 1]


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
def test_what_cannot_be_fitted_is_refused(model, rows):
    with pytest.raises(ValueError, match="two units and two years"):
        model(panel(rows), 1)


@pytest.mark.parametrize(
    "estimates, variances, error, df",
    [([1, 2, 3], [1, 1, 1], math.sqrt(1 + 4 / 3), 2 * 1.75**2), ([2, 2], [4, 4], 2, math.inf)],
)
def test_rubins_rules_by_hand(estimates, variances, error, df):
    assert rubin(estimates, variances) == pytest.approx({"estimate": 2, "error": error, "df": df})


@pytest.mark.parametrize(
    "shares, bounds", [([0.5, 0.7], (0.6, 0.6)), ([0.5, math.nan], (0.25, 0.75)), ([math.nan], (0, 1)), ([0, 1, math.nan], (1 / 3, 2 / 3))]
)
def test_bounds_by_hand(shares, bounds):
    assert missing_bounds(shares) == pytest.approx(bounds)


def test_small_units_are_drawn_towards_the_others():
    rng = np.random.default_rng(2)
    true = 1 / (1 + np.exp(-rng.normal(0, 1, 20)))
    found = multilevel(panel([(u, y, rng.binomial(60, true[u]), 60) for u in range(20) for y in (1, 2, 3)]))
    assert ((found["low"] <= true) & (true <= found["high"])).mean() >= 0.8


def test_weights_of_one_binary_column_are_inverse_shares():
    table = pd.DataFrame({"present": [1, 0, 1, 1, 0, 1, 1, 1], "many": [1, 1, 1, 1, 0, 0, 0, 0]})
    assert presence_weights(table, ["many"]).round(4).tolist() == [round(4 / 3, 4)] * 8
