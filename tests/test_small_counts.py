"""Inference on small counts: known values, agreement with other implementations, coverage, and what happens where there is nothing."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from statsmodels.stats import multitest, proportion, rates

from gongkai import inference
from gongkai.core.errors import UsageError
from gongkai.inference import Interval, models

CASES = [(0, 1), (1, 1), (0, 3), (7, 23), (64, 136), (1362, 3050)]
counted = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
many = st.lists(counted, min_size=1, max_size=12)


# Intervals


@pytest.mark.parametrize("count, n", CASES)
@pytest.mark.parametrize("deff", [1, 2, 3])
def test_shares_agree_with_scipy(count, n, deff):
    low, high = inference.clopper_pearson(count, n, deff=deff)
    k, m = count / deff, n / deff
    assert low == pytest.approx(stats.beta.ppf(0.025, k, m - k + 1) if count else 0, abs=1e-9)
    assert high == pytest.approx(stats.beta.ppf(0.975, k + 1, m - k) if count < n else 1, abs=1e-9)
    if deff == 1:
        assert inference.wilson(count, n) == pytest.approx(stats.binomtest(count, n).proportion_ci(method="wilson"), abs=1e-9)


def test_known_intervals():
    assert np.round(inference.wilson(0, 3), 3).tolist() == [0, 0.561]
    assert np.round(inference.wilson(64, 136), 3).tolist() == [0.389, 0.554]
    assert np.round(inference.poisson(0), 3).tolist() == [0, 3.689]
    # Cavo and others (2012), as printed for Tango's interval by the R package contingencytables.
    assert np.round(inference.within_one_total(6, 16, 161), 4).tolist() == [-0.124, -0.0054]


@pytest.mark.parametrize("count, exposure", [(0, 1), (1, 10), (3, 100), (351, 3050)])
def test_rates_agree_with_the_gamma_distribution(count, exposure):
    low, high = inference.poisson(count, exposure)
    assert low == pytest.approx(stats.gamma.ppf(0.025, count) / exposure if count else 0)
    assert high == pytest.approx(stats.gamma.ppf(0.975, count + 1) / exposure)
    assert rates.test_poisson(count, exposure, value=high, method="exact-c").pvalue == pytest.approx(0.05)


@pytest.mark.parametrize("first, second", [((1, 1), (1, 1)), ((0, 1), (1, 1)), ((0, 3), (64, 136)), ((13, 21), (13, 27))])
def test_newcombe_is_made_of_two_wilsons(first, second):
    (p, q), (one, two) = (first[0] / first[1], second[0] / second[1]), (inference.wilson(*first), inference.wilson(*second))
    low = p - q - np.hypot(p - one.low, two.high - q)
    high = p - q + np.hypot(one.high - p, q - two.low)
    assert inference.newcombe(*first, *second) == pytest.approx((low, high))


@pytest.mark.parametrize("a, b, n", [(12, 2, 50), (5, 5, 12), (1, 0, 4), (6, 16, 161)])
def test_a_difference_within_one_total_inverts_its_score(a, b, n):
    def pressed(d):  # the likelihood of the multinomial under a difference d, made largest by search
        def against(q):
            rest = max(1 - 2 * q - d, 1e-300)
            return -(stats.multinomial.logpmf([a, b, n - a - b], n, [q + d, q, rest]))

        q = optimize.minimize_scalar(against, bounds=(max(0, -d), (1 - d) / 2), method="bounded", options={"xatol": 1e-12}).x
        return (a - b - n * d) / (n * (2 * q + d - d**2)) ** 0.5

    low, high = inference.within_one_total(a, b, n)
    assert (pressed(low), pressed(high)) == pytest.approx((1.96, -1.96), abs=1e-3)


@pytest.mark.parametrize("n", [5, 12])
def test_differences_within_one_total_cover(n):
    pairs = [(a, b) for a in range(n + 1) for b in range(n + 1 - a)]
    low, high = np.array([inference.within_one_total(a, b, n) for a, b in pairs]).T
    found = []
    for p in np.arange(0.1, 0.9, 0.1):
        for q in np.arange(0.1, 1 - p + 1e-9, 0.1):
            chance = stats.multinomial.pmf([(a, b, n - a - b) for a, b in pairs], n, [p, q, max(1 - p - q, 0)])
            found.append(chance[(low <= p - q + 1e-9) & (p - q - 1e-9 <= high)].sum())
    assert np.mean(found) > 0.945 and min(found) > 0.89


@given(counted, counted)
def test_turning_a_comparison_round_turns_its_interval(first, second):
    there, back = inference.newcombe(*first, *second), inference.newcombe(*second, *first)
    assert there == pytest.approx((-back.high, -back.low), abs=1e-9)
    within, turned = (
        inference.within_one_total(*pair, first[0] + second[0] + 1) for pair in ((first[0], second[0]), (second[0], first[0]))
    )
    assert within == pytest.approx((-turned.high, -turned.low), abs=1e-9)
    assert within.low <= (first[0] - second[0]) / (first[0] + second[0] + 1) <= within.high


@given(counted)
def test_a_design_effect_widens_every_interval(case):
    count, n = case
    for function in (inference.wilson, inference.clopper_pearson):
        ends = [function(count, n, deff=deff) for deff in (1, 2, 3)]
        assert all(wide.low <= narrow.low + 1e-12 and narrow.high <= wide.high + 1e-12 for narrow, wide in pairwise(ends))


def test_where_there_is_nothing_there_is_no_interval():
    found = [
        inference.clopper_pearson(0, 0), inference.poisson(0, 0), inference.newcombe(0, 0, 1, 1), inference.within_one_total(0, 0, 0),
        *inference.joint_shares([20, 9, 0, 0, 0]), *inference.joint_shares([30, 29, 0, 0, 0], deff=2),
    ]  # fmt: skip
    assert all(end is pd.NA for interval in found for end in interval)


def test_joint_shares_hold_together():
    counts, n = (18, 9, 2, 1, 0), 30
    assert inference.joint_shares(counts)[0] == inference.clopper_pearson(18, n, confidence=0.99)
    rng, truth = np.random.default_rng(1), [0.6, 0.3, 0.06, 0.03, 0.01]
    drawn = np.unique(rng.multinomial(n, truth, size=400), axis=0, return_counts=True)
    inside = [all(low <= p <= high for p, (low, high) in zip(truth, inference.joint_shares(row), strict=True)) for row in drawn[0].tolist()]
    assert np.average(inside, weights=drawn[1]) >= 0.95


@pytest.mark.parametrize("deff", [0.5, 0, -1])
def test_a_design_effect_under_one_is_refused(deff):
    with pytest.raises(UsageError, match="deff >= 1"):
        inference.wilson(1, 2, deff=deff)


# Shrinkage and ranks


def by_brute_force(k, n, level=None, above=None):
    """Posterior of the first county's share, straight from the definition, over a fine plain grid of mean and intraclass correlation."""
    mean, rho = (x.ravel() for x in np.meshgrid(*[(np.arange(300) + 0.5) / 300] * 2))
    size = 1 / rho - 1
    a, b = mean * size, (1 - mean) * size
    weight = np.exp(sum(stats.betabinom.logpmf(one, m, a, b) for one, m in zip(k, n, strict=True)))
    weight /= weight.sum()
    if above is not None:
        rng = np.random.default_rng(0)
        at = rng.choice(len(weight), 20000, p=weight)
        first, second = (rng.beta(a[at] + k[i], b[at] + n[i] - k[i]) for i in above)
        return float((first > second).mean())
    if level is None:
        return float(weight @ ((a + k[0]) / (size + n[0])))
    return float(weight @ stats.beta.cdf(level, a + k[0], b + n[0] - k[0]))


@pytest.mark.parametrize("k, n", [([3, 9, 5, 8, 4], [10] * 5), ([1, 40, 28, 9, 30], [1, 50, 40, 20, 61]), ([2, 3, 2, 4, 3], [9] * 5)])
def test_the_posterior_is_what_its_definition_gives(k, n):
    found = inference.shrunken(k, n).iloc[0]
    assert found["mean"] == pytest.approx(by_brute_force(k, n), abs=2e-3)
    assert by_brute_force(k, n, found["low"]) == pytest.approx(0.025, abs=2e-3)
    assert by_brute_force(k, n, found["high"]) == pytest.approx(0.975, abs=2e-3)


@pytest.mark.parametrize("kind", ["share", "rate"])
def test_a_finer_grid_changes_nothing(kind, monkeypatch):
    k, n = [3, 0, 5, 28, 6], [10, 4, 9, 60, 31]
    coarse = inference.shrunken(k, n, kind)
    monkeypatch.setattr(models, "STEPS", 60)
    fine = inference.shrunken(k, n, kind)
    assert np.allclose(coarse[["mean", "low", "high"]].astype(float), fine[["mean", "low", "high"]].astype(float), atol=1e-3)


@settings(max_examples=25, deadline=None)
@given(many, st.sampled_from(["share", "rate"]))
def test_every_county_has_a_rate_inside_its_interval(cases, kind):
    k, n = zip(*cases, strict=True)
    found = inference.shrunken(k, n, kind)
    if len(k) < inference.FEWEST:
        assert found[["mean", "low", "high"]].isna().all(axis=None) and (found["why"] == "few_counties").all()
        return
    found = found[["value", "mean", "low", "high"]].astype(float)
    assert found.notna().all(axis=None)
    assert ((found["low"] < found["high"]) & (found["low"] >= 0)).all()
    if kind == "share":
        assert (found["high"] <= 1).all()
        assert found["mean"].between(min(found["value"].min(), 0.5) - 1e-9, max(found["value"].max(), 0.5) + 1e-9).all()


@pytest.mark.parametrize("kind", ["share", "rate"])
def test_edge_cases_of_shrinkage(kind):
    zeros = inference.shrunken([0] * 20, [10] * 20, kind)
    assert (zeros["mean"] < 0.01).all() and (zeros["low"] < 1e-6).all() and (zeros["high"] < 0.05).all()
    alike = inference.shrunken([500] * 30, [1000] * 30, kind)
    assert np.allclose(alike["mean"].astype(float), 0.5, atol=1e-3)
    assert (alike["high"] - alike["low"] < 0.06).all()  # they know nearly as much as all 30000 together
    counted = {"c": 4, "d": 5, "e": 3, "f": 4, "g": 6}
    gaps = inference.shrunken({"a": None, "b": 0, **counted}, {"a": 3, "b": 0, **dict.fromkeys(counted, 9)}, kind)
    assert gaps["mean"].notna().tolist() == [False, False, *[True] * 5] and gaps.index.tolist() == [*"abcdefg"]
    assert gaps["why"].tolist() == ["no_cases", "no_cases", *[""] * 5]
    assert inference.shrunken([0, None], [0, None], kind)["mean"].isna().all()


def test_few_cases_are_drawn_further_than_many():
    found = inference.shrunken([1, 50, 30, 20, 25], [1, 50, 60, 40, 50])
    assert found["mean"].iloc[0] < found["mean"].iloc[1] and found["few"].tolist() == [True, *[False] * 4]


@pytest.mark.parametrize("counties", range(1, inference.FEWEST))
@pytest.mark.parametrize("language, words", [("zh", "少于 5 个"), ("en", "fewer than 5")])
def test_under_five_counties_nothing_is_drawn_together_and_that_is_said(counties, language, words):
    k, n = [0] * counties, [30] * counties
    ranked, funnel, tested = inference.ranked(k, n), inference.funnel(k, n), inference.against_others(k, n, "x")
    for table, columns in ((ranked, ["mean", "low", "high", "rank", "above"]), (funnel, ["low_95", "outside"]), (tested, ["p", "low"])):
        assert table[columns].isna().all(axis=None) and (table["why"] == "few_counties").all() and table["value"].eq(0).all()
    told = (inference.ranks_sentence(ranked, language), inference.funnel_sentence(funnel, language))
    assert all(words in one and f" {counties}" in one for one in (*told, inference.family_sentence(tested, language)))
    assert inference.predicted(k[1:], n[1:], 30).isna().all() and inference.ordered(k, n).isna().all(axis=None)


def test_thirty_identical_counties_have_no_order():
    found = [inference.ranked([5] * 30, [10] * 30, seed=seed) for seed in (0, 1)]
    assert all((table["rank_low"] <= 4).all() and (table["rank_high"] >= 27).all() and table["few"].all() for table in found)
    assert found[0].equals(inference.ranked([5] * 30, [10] * 30, seed=0))
    assert found[0]["above"].sum() == 0 and "30 counties cannot be ordered: in none of the 435" in inference.ranks_sentence(found[0], "en")


def test_pairs_are_ordered_by_posterior_probability_and_not_by_overlap():
    k, n = [45, 60, 50, 52, 48], [100] * 5
    table, pairs = inference.ranked(k, n), inference.ordered(k, n)
    by_hand = by_brute_force(k, n, above=(1, 0))
    assert pairs.loc[1, 0] == pytest.approx(by_hand, abs=0.02) and pairs.loc[1, 0] + pairs.loc[0, 1] == pytest.approx(1)
    assert table["above"].tolist() == (pairs >= 0.95).sum(axis=1).tolist() and table["below"].sum() == table["above"].sum()
    apart = inference.ranked([60, 102, 80, 84, 76, 70, 96], [200] * 7)
    overlap = [(a, b) for a in apart.index for b in apart.index if apart.loc[b, "low"] < apart.loc[a, "low"] < apart.loc[b, "high"]]
    assert any(inference.ordered(apart["count"], apart["n"]).loc[a, b] >= 0.95 for a, b in overlap)


@pytest.mark.parametrize("kind", ["share", "rate"])
def test_plain_differences_are_ranked(kind):
    found = inference.ranked([100, 500, 900, 300, 700, None], [1000] * 5 + [5], kind)
    assert found["rank"].tolist()[:5] == [5, 3, 1, 4, 2] and found["rank"].isna().tolist() == [*[False] * 5, True]
    assert (found["rank_low"] == found["rank_high"])[:5].all()
    assert found["above"].tolist()[:5] == [0, 2, 4, 1, 3] and found["below"].tolist()[:5] == [4, 2, 0, 3, 1]


@pytest.mark.parametrize(
    "counts, n, kind",
    [
        ([2], [1], "share"),
        ([-1], [1], "rate"),
        ([0.5], [1], "share"),
        ([1, 2], [3], "share"),
        ({"a": 1}, {"b": 1}, "share"),
        ([1], [1], "x"),
    ],
)
def test_columns_that_do_not_fit_are_refused(counts, n, kind):
    with pytest.raises(UsageError, match="the same counties"):
        inference.shrunken(counts, n, kind)


# Funnels


@given(st.floats(0.02, 0.98))
@settings(max_examples=20, deadline=None)
def test_a_funnel_states_what_it_flags_in_control(p):
    table = inference.funnel([0] * 30, range(1, 31), centre=p, between=False)
    for n, row in zip(range(1, 31), table.itertuples(), strict=True):
        k = np.arange(n + 1)
        for level, low, high, chance in (
            (0.05, row.low_95, row.high_95, row.chance_95),
            (0.002, row.low_998, row.high_998, row.chance_998),
        ):
            assert stats.binom.pmf(k[(k / n < low) | (k / n > high)], n, p).sum() == pytest.approx(chance, abs=1e-9)
            assert chance <= level + 1e-12


def test_the_variance_between_counties_is_found_again():
    rng = np.random.default_rng(3)
    n = rng.choice([5, 20, 60], 400)
    share = inference.funnel(rng.binomial(n, rng.beta(4, 6, 400)), n)["between_sd"].iloc[0]
    rate = inference.funnel(rng.poisson(n * rng.gamma(4, 0.1, 400)), n, "rate")["between_sd"].iloc[0]
    assert (share, rate) == pytest.approx((stats.beta.std(4, 6), 0.2), rel=0.15)
    assert inference.funnel([500] * 30, [1000] * 30)["between_sd"].max() < 0.01
    assert (inference.funnel([5] * 10, [10] * 10, between=False)["between_sd"] == 0).all()


def predictive(k, n, size, kind="share"):
    """Probability of each count of a county of this size, from a plain fine grid of the others' mean and the share of their variance."""
    if kind == "rate":
        mean, shape = (x.ravel() for x in np.meshgrid(np.linspace(0.0005, 0.6, 500), np.geomspace(1e-3, 1e5, 400)))
        scale = (np.sum(k) + 0.5) / np.sum(n)  # the prior's unit; flat in 1 / (1 + size / unit) and Jeffreys' for the mean
        u = shape / mean * scale
        weight = np.exp(sum(stats.nbinom.logpmf(one, shape, shape / (shape + m * mean)) for one, m in zip(k, n, strict=True)))
        weight *= u / (1 + u) ** 2 / mean**0.5  # d u over log(shape) at a given mean
        counts = np.arange(400)[:, None]
        return stats.nbinom.pmf(counts, shape, shape / (shape + size * mean)) @ (weight / weight.sum())
    mean, rho = (x.ravel() for x in np.meshgrid((np.arange(400) + 0.5) / 400, ((np.arange(400) + 0.5) / 400) ** 3))
    a, b = mean * (1 / rho - 1), (1 - mean) * (1 / rho - 1)
    weight = np.exp(sum(stats.betabinom.logpmf(one, m, a, b) for one, m in zip(k, n, strict=True))) * rho ** (2 / 3)
    return stats.betabinom.pmf(np.arange(size + 1)[:, None], size, a, b) @ (weight / weight.sum())


@pytest.mark.parametrize(
    "k, n, kind",
    [
        ([45, 45, 45, 45, 80], [100] * 5, "share"),
        ([9, 24, 40, 11, 20], [20, 50, 100, 30, 25], "share"),
        ([0, 1, 0, 2, 0, 9], [10, 15, 20, 30, 12, 60], "share"),
        ([3, 5, 4, 8, 2, 40], [100] * 6, "rate"),
    ],
)
def test_limits_are_those_of_the_others_and_of_chance(k, n, kind):
    found = inference.funnel(k, n, kind).iloc[-1]
    at_most = predictive(k[:-1], n[:-1], n[-1], kind).cumsum()
    for level, low, high in ((0.05, "low_95", "high_95"), (0.002, "low_998", "high_998")):
        low, high = round(found[low] * n[-1]), round(found[high] * n[-1])
        below, under = at_most[low - 1] if low else 0, at_most[low]
        assert below <= level / 2 + 3e-3 * (level == 0.05) + 2e-4 and under >= level / 2 * 0.85
        if high < len(at_most) - 1:
            assert 1 - at_most[high] <= level / 2 * 1.15 and 1 - at_most[high - 1] >= level / 2 * 0.85


@pytest.mark.parametrize(
    "k, n", [([900] * 30 + [1600], [2000] * 31), ([45] * 4 + [80], [100] * 5), ([14] * 30 + [1600], [30] * 30 + [2000])]
)
def test_one_large_outlier_does_not_hide_itself(k, n):
    outside = inference.funnel(k, n)["outside"].tolist()
    assert outside[-1] and not any(outside[:-1])


@pytest.mark.parametrize("sd", [0, 0.05])
@pytest.mark.parametrize("median", [30, 300])
def test_ordinary_variation_is_not_flagged(sd, median):
    rng, outside, flagged = np.random.default_rng(4), [], []
    for _ in range(12):
        n = rng.lognormal(np.log(median), 0.7, 30).astype(int) + 1
        truth = rng.beta(0.45 * (0.2475 / sd**2 - 1), 0.55 * (0.2475 / sd**2 - 1), 30) if sd else 0.45
        k = rng.binomial(n, truth)
        outside.append((inference.funnel(k, n)["outside"] != "").mean())
        flagged.append(inference.against_others(k, n, "x")["flagged"].any())
    assert np.mean(outside) <= 0.05 and sum(flagged) <= 2  # of 12 with probability .05 each, three or more have probability .02


def test_an_outlier_is_flagged_by_a_family_and_says_what_is_rejected():
    found = inference.against_others([13] * 30 + [80], [30] * 30 + [100], "x")
    assert found["flagged"].tolist() == [False] * 30 + [True]
    assert "is like the others" in inference.family_sentence(found, "en") and "与其余的县同类" in inference.family_sentence(found, "zh")


@pytest.mark.parametrize("many", [False, True])
def test_leaving_a_county_out_of_a_common_grid_is_leaving_it_out_of_the_counts(many):
    from gongkai.inference import predictive as room

    rng = np.random.default_rng(6)
    m = 60 if many else 7
    n = rng.integers(5, 200, m).astype(float)
    k = rng.binomial(n.astype(int), rng.beta(4, 6, m)).astype(float)
    for at, (_, expected) in list(enumerate(room.expectations(k, n, "share")))[::7]:
        alone = room.expectation(models.integrated(np.delete(k, at), np.delete(n, at), "share"), n[at], k[at])
        assert np.abs(expected.at_most - alone.at_most).max() < 2e-3


@pytest.mark.parametrize("n", [4001, 30000])
@pytest.mark.parametrize("mean, size", [(0.4, 30.0), (0.002, 500.0), (0.3, 1e5)])
def test_large_denominators_are_summed_as_small_ones_are(n, mean, size):
    model, point = models.BetaBinomial(), (np.array([mean]), np.array([size]))
    counts = model.counts(n, *point, np.ones(1))
    known = stats.betabinom.pmf(np.arange(n + 1), n, mean * size, (1 - mean) * size).cumsum()
    assert np.abs(model.cumulative(counts, n, *point)[:, 0] - known[counts.astype(int)]).max() < 1e-3


def test_the_middle_half_of_peers_is_that_of_reports_on_as_many_cases():
    k, n = [9, 24, 40, 11, 60], [20, 50, 100, 30, 110]
    found, at_most = inference.predicted(k, n, 25), predictive(k, n, 25).cumsum()
    for level in (0.25, 0.75):
        count = round(found[level] * 25)
        assert at_most[count - 1] < level + 5e-3 and at_most[count] > level - 5e-3
    means = inference.shrunken(k, n)["mean"]
    assert found[0.75] - found[0.25] > 1.5 * (means.quantile(0.75) - means.quantile(0.25))
    few, many = (inference.predicted(k, n, size) for size in (5, 5000))
    assert few[0.75] - few[0.25] > many[0.75] - many[0.25] > 0
    assert inference.predicted(k, n, 0).isna().all()


def test_the_middle_half_holds_about_half():
    rng, held = np.random.default_rng(8), []
    for _ in range(150):
        n = rng.lognormal(np.log(60), 0.8, 13).astype(int) + 1
        k = rng.binomial(n, rng.beta(4, 6, 13))
        found = inference.predicted(k[1:], n[1:], n[0])
        held.append(found[0.25] <= k[0] / n[0] <= found[0.75])
    assert 0.42 <= np.mean(held) <= 0.75  # 150 draws: two standard errors are .08; few others and whole counts make it wider than half


def test_edge_cases_of_funnels():
    assert inference.funnel([0, None], [0, 5])["outside"].isna().all()
    for k in (0, 4):
        found = inference.funnel([k] * 5, [4] * 5)
        assert found["outside"].eq("").all() and (found["low_95"].eq(0) if k == 0 else found["high_95"].eq(1)).all()
    alone = inference.funnel([3], [100], between=False, centre=0.2)
    assert alone["outside"].tolist() == ["998"] and inference.funnel([20], [100], between=False, centre=0.2)["outside"].tolist() == [""]
    found = inference.funnel([10, 9, 11, 12, 95], [100] * 5, between=False)
    assert found["outside"].iloc[4] == "998"
    known = inference.funnel([3, 5, 4, 8, 2, 40], [100] * 6, centre=0.04)
    assert known["outside"].tolist() == ["", "", "", "", "", "998"] and known["centre"].tolist() == pytest.approx([0.04] * 6)


# Families of tests


@pytest.mark.parametrize("first, second", [((9, 10), (3, 10)), ((1, 1), (1, 1)), ((0, 5), (0, 9)), ((13, 21), (13, 27))])
def test_mid_p_is_half_way_between_two_exact_tests(first, second):
    table = [[first[0], first[1] - first[0]], [second[0], second[1] - second[0]]]
    less, greater = (stats.fisher_exact(table, alternative=side).pvalue for side in ("less", "greater"))
    equal = less + greater - 1  # the probability of what was observed is in both tails
    assert inference.mid_p(*first, *second) == pytest.approx(min(1, 2 * min(less, greater) - equal))


def test_mid_p_rejects_about_as_often_as_it_says():
    n, p = 12, 0.4
    chance = np.outer(stats.binom.pmf(range(n + 1), n, p), stats.binom.pmf(range(n + 1), n, p))
    rejected = np.array([[inference.mid_p(a, n, b, n) <= 0.05 for b in range(n + 1)] for a in range(n + 1)])
    exact = np.array([[stats.fisher_exact([[a, n - a], [b, n - b]]).pvalue <= 0.05 for b in range(n + 1)] for a in range(n + 1)])
    assert (chance * exact).sum() < (chance * rejected).sum() <= 0.055


def test_a_family_is_named_and_adjusted_as_statsmodels_does():
    p = [0.001, 0.02, None, 0.04, 0.9]
    found = inference.discoveries(p, "an example")
    adjusted = multitest.multipletests([0.001, 0.02, 0.04, 0.9], method="fdr_bh")[1]
    assert found["adjusted"].dropna().tolist() == pytest.approx(adjusted) and found["tests"].eq(4).all()
    assert found["flagged"].tolist() == [True, True, False, False, False] and '"an example"' in inference.family_sentence(found, "en")
    assert stats.false_discovery_control([0.001, 0.02, 0.04, 0.9]) == pytest.approx(found["adjusted"].dropna().tolist())
    with pytest.raises(UsageError, match="name of the family"):
        inference.discoveries(p, " ")


def test_a_county_is_compared_with_the_others_without_it():
    counts, n = {"a": 5, "b": 30, "c": 40, "d": None, "e": 10, "f": 9}, {"a": 20, "b": 60, "c": 80, "d": 4, "e": 21, "f": 20}
    found = inference.against_others(counts, n, "an example")
    assert found.loc["a", "others"] == 89 / 181
    ends = proportion.confint_proportions_2indep(5, 20, 89, 181, method="newcomb", compare="diff")
    assert found.loc["a", ["low", "high"]].tolist() == pytest.approx(ends) and found["tests"].eq(5).all()
    chance = predictive([30, 40, 10, 9], [60, 80, 21, 20], 20)
    p = 2 * min(chance[:5].sum() + chance[5] / 2, chance[6:].sum() + chance[5] / 2)
    assert found.loc["a", "p"] == pytest.approx(p, abs=5e-3)
    assert pd.isna(found.loc["d", "p"]) and not found.loc["d", "flagged"]
    assert inference.against_others([3], [5], "one county")["difference"].isna().all()


# Inequality


def test_measures_of_inequality_from_their_definitions():
    x = np.array([3, 0, 7, 1, 9])
    assert inference.gini(x) == pytest.approx(np.abs(x[:, None] - x).mean() / (2 * x.mean()))
    cases = np.repeat(range(5), x)
    same = [cases[i] == cases[j] for i in range(len(cases)) for j in range(len(cases)) if i != j]
    assert inference.hhi(x) == pytest.approx(np.mean(same))
    share = x[x > 0] / x.sum()
    assert inference.theil_t(x) == pytest.approx((share * np.log(share * 5)).sum())


def test_chance_is_what_poisson_counts_give():
    found = inference.concentration([5] * 100)
    difference = stats.skellam.pmf(range(-60, 61), 5, 5) @ np.abs(np.arange(-60, 61))
    assert found.loc["gini", "chance"] == pytest.approx(difference / 10 * 99 / 100, abs=0.002)
    assert found.loc["hhi", "chance"] == pytest.approx(1 / 100, abs=2e-4)
    assert found.loc["gini", "beyond_chance"] and "lies below" in inference.concentration_sentence(found, "en")


def test_equal_rates_with_unequal_exposure_are_what_chance_gives():
    residents = np.array([1, 2, 5, 10, 40]) * 10
    counts = np.random.default_rng(0).poisson(residents)
    assert inference.concentration(counts)["beyond_chance"].all()
    assert not inference.concentration(counts, residents).loc["gini", "beyond_chance"]
    assert inference.concentration([1, 0]).isna().all(axis=None) and inference.concentration([None, 0]).isna().all(axis=None)


# Sentences


def test_every_text_has_both_languages_with_the_same_blanks():
    import re

    zh, en = inference.sentence_texts("zh"), inference.sentence_texts("en")
    assert zh.keys() == en.keys()
    assert all(set(re.findall(r"\{\w+\}", zh[code])) == set(re.findall(r"\{\w+\}", en[code])) for code in zh)


def said(language):
    ranked, family = inference.ranked([10, 50, 3, 40, 30], [100, 100, 99, 80, 90]), inference.discoveries([0.01], "f")
    alike = inference.funnel([5, 5, 6, 4, 5], [10] * 5)
    return [
        inference.sentence(20, 60, language, deff=2),
        inference.rate_sentence(3, 100, language), inference.rate_sentence(300, 1000, language),
        *(inference.difference_sentence(Interval(*ends), "a", "b", language) for ends in ((0.1, 0.3), (-0.3, -0.1), (-0.1, 0.1))),
        inference.ranks_sentence(ranked, language), inference.ranks_sentence(inference.ranked([1] * 5, [2] * 5), language),
        inference.funnel_sentence(alike, language), inference.family_sentence(family, language),
        *(inference.concentration_sentence(inference.concentration(x), language, m) for x, m in (([5, 6], "gini"), ([0, 60], "hhi"))),
    ]  # fmt: skip


def test_sentences_say_what_may_be_concluded():
    english = said("en")
    parts = (
        "design effect of 2", "between 0.6 and 8.8 per 100, with too few", "between 26.7 and 33.6 per 100",
        "a is higher than b by 10 to 30", "a is lower than b by 10 to 30", "cannot be told which has the higher rate",
        "of 5 counties, compared two by two, pairs in order: 9 of 10", "these 5 counties cannot be ordered",
        "of 5 counties, each beside the others, outside the 95 % limits: 0", '1 of 1 test of the family "f" is rejected',
        "lies within what chance gives", "lies above the range that chance gives",
    )  # fmt: skip
    assert [part in sentence for part, sentence in zip(parts, english, strict=True)] == [True] * len(parts)
    assert all("{" not in sentence for sentence in english + said("zh"))
    assert sum(inference.condition("zh") in s for s in said("zh")) == sum(inference.condition("en") in s for s in english) == 11


@pytest.mark.parametrize(
    "ends, told",
    [
        ((0.004, 0.09), "by 0.4 to 9.0 percentage"),
        ((-0.09, -0.0004), "by 0.04 to 9.00 percentage"),
        ((0.041, 0.044), "by 4.1 to 4.4 percentage"),
        ((-0.3, 0.004), "from -30.0 to +0.4 percentage"),
        ((-0.2, 0), "from -20 to 0 percentage"),
        ((-1, 1), "from -100 to +100 percentage"),
    ],
)
def test_no_end_of_a_difference_is_rounded_to_zero(ends, told):
    assert told in inference.difference_sentence(Interval(*ends), "a", "b", "en")


@pytest.mark.parametrize("language, named", [("zh", "行政复议的比率"), ("en", "rate of reconsiderations over replies")])
def test_a_rate_is_named(language, named):
    of = {"zh": "行政复议的", "en": " of reconsiderations over replies"}[language]
    assert all(named in inference.rate_sentence(count, 1000, language, of=of) for count in (0, 3, 300))
    assert {"zh": "件数比基数的比率", "en": "rate of cases over exposure"}[language] in inference.rate_sentence(3, 100, language)
    assert "between 0.00003 and 0.00557 per 100" in inference.rate_sentence(1, 100000, "en")


CHANCE_ALONE = {"zh": "仅凭偶然", "en": "chance alone"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_chance_alone_is_named_only_where_no_variance_is_allowed_for(language):
    told = {
        between: inference.funnel_sentence(inference.funnel([5, 5, 6, 4, 5], [10] * 5, between=between), language) for between in (0, 1)
    }
    assert CHANCE_ALONE[language] in told[0] and CHANCE_ALONE[language] not in told[1]


@pytest.mark.parametrize("language, hypothesis", [("zh", "两年比率相同"), ("en", "the two years have one rate")])
def test_a_family_says_what_its_test_rejects(language, hypothesis):
    assert hypothesis in inference.family_sentence(inference.discoveries([0.01, 0.5], "f", hypothesis=hypothesis), language)
    unnamed = {"zh": "没有写明", "en": "was not named"}[language]
    assert unnamed in inference.family_sentence(inference.discoveries([0.01], "f"), language)


def test_equal_counties_get_no_verdict_of_inequality():
    rng = np.random.default_rng(2)
    tables = [inference.concentration(rng.poisson(5, 60), draws=400) for _ in range(60)]
    assert any(table.loc["gini", "beyond_chance"] for table in tables)  # as chance has it, one time in twenty
    for language, words in (
        ("en", ("says nothing", "too alike", "check them", "more than chance gives")),
        ("zh", ("说明不了", "过于相近")),
    ):
        assert not any(word in inference.concentration_sentence(table, language) for table in tables for word in words)
    beyond = next(table for table in tables if table.loc["gini", "beyond_chance"])
    assert "draws with equal rates that are as " in inference.concentration_sentence(beyond, "en")


# Every sentence, at no case and at many, at none and at all: what stands in the clause that carries the interval.
SHARES = [
    (0, 0, "没有可以作分母的件数", "nothing to divide by"),
    (0, 1, "几乎说不出其背后过程中比率有多高（1 件中 0 件，95% Wilson 区间 0%—79%", "hardly narrows down the rate"),
    (0, 1, "区间 0%—79%", "process behind it (0 of 1; 95 % Wilson interval 0 %–79 %"),
    (1, 1, "区间 21%—100%", "interval 21 %–100 %"),
    (0, 5, "只能说在 0% 到 43% 之间", "between 0 % and 43 %, with too few cases"),
    (5, 5, "只能说在 57% 到 100% 之间", "between 57 % and 100 %, with too few cases"),
    (0, 29, "只能说在 0% 到 12% 之间", "between 0 % and 12 %, with too few cases"),
    (29, 29, "只能说在 88% 到 100% 之间", "between 88 % and 100 %, with too few cases"),
    (0, 30, "比率在 0% 到 11.4% 之间", "lies between 0 % and 11.4 %"),
    (30, 30, "比率在 88.6% 到 100% 之间", "lies between 88.6 % and 100 %"),
    (0, 1000, "比率在 0% 到 0.4% 之间", "lies between 0 % and 0.4 %"),
    (999, 1000, "比率在 99.4% 到 >99.9% 之间", "lies between 99.4 % and >99.9 %"),
    (1000, 1000, "比率在 99.6% 到 100% 之间", "lies between 99.6 % and 100 %"),
]  # fmt: skip
NEVER = ("nothing can be said", "不能下任何结论", "nan", "<NA>", "{", "chance alone", "仅凭偶然预期")


@pytest.mark.parametrize("count, n, zh, en", SHARES)
def test_what_is_said_of_a_share_at_its_ends(count, n, zh, en):
    for language, part in (("zh", zh), ("en", en)):
        told = inference.sentence(count, n, language)
        assert part in told and not any(word in told for word in NEVER)
        assert (
            n == 0 or {"zh": "背后过程", "en": "process behind"}[language] in told
        )  # a year's share is a count of all: no interval is its own


SIZES = (0, 1, 5, 29, 30, 1000)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("share", [0, 1])
def test_every_sentence_about_counties_at_its_ends(n, share, language):
    k, sizes = [share * n] * 6, [n] * 6
    ranked, funnel, tested = inference.ranked(k, sizes), inference.funnel(k, sizes), inference.against_others(k, sizes, "f")
    told = [
        inference.ranks_sentence(ranked, language), inference.funnel_sentence(funnel, language),
        inference.family_sentence(tested, language), inference.rate_sentence(share * n, n, language),
        inference.concentration_sentence(inference.concentration(k), language),
        inference.difference_sentence(inference.newcombe(share * n, n, 0, n), "a", "b", language),
    ]  # fmt: skip
    assert not any(word in one for one in told for word in NEVER)
    nothing = inference.sentence_texts(language)["none"]
    if n == 0:
        assert {*told[:4], told[5]} == {nothing}
    else:
        assert nothing not in told and funnel["outside"].eq("").all() and not tested["flagged"].any() and ranked["above"].sum() == 0
        assert {"zh": "排不出先后", "en": "cannot be ordered"}[language] in told[0]


@pytest.mark.parametrize("n", [1, 2, 3, 29, 30, 31, 100, 999, 1000])
@pytest.mark.parametrize("function", [inference.wilson, inference.clopper_pearson])
def test_ends_are_exact_at_none_and_all_and_nowhere_else(function, n):
    for k in {0, 1, n - 1, n}:
        for deff in (1, 1.5, 3):
            low, high = function(k, n, deff=deff)
            assert (low == 0) == (k == 0) and (high == 1) == (k == n)
            assert (inference.percent(low, n / deff, "en") == "0 %") == (k == 0)
            assert (inference.percent(high, n / deff, "en") == "100 %") == (k == n)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 1000), st.integers(1, 1000))
def test_ends_of_differences_and_rates_are_exact(n, m):
    assert inference.newcombe(n, n, 0, m).high == 1 and inference.newcombe(0, n, m, m).low == -1
    assert inference.newcombe(n, n, m, m).low > -1 and inference.poisson(0, n).low == 0 < inference.poisson(1, n).low
    assert inference.within_one_total(n, 0, n).high == 1 and inference.within_one_total(0, n, n).low == -1
    all_in_one = inference.joint_shares([n + 30, 0, 0])
    assert all_in_one[0].high == 1 and all_in_one[1].low == 0


def test_nothing_is_said_of_nothing():
    nothing = (
        inference.rate_sentence(0, 0, "en"), inference.difference_sentence(inference.newcombe(0, 0, 1, 1), "a", "b", "en"),
        inference.ranks_sentence(inference.ranked([0], [0]), "en"), inference.funnel_sentence(inference.funnel([0], [0]), "en"),
        inference.family_sentence(inference.discoveries([None], "f"), "en"),
    )  # fmt: skip
    assert set(nothing) == {inference.sentence_texts("en")["none"]}
    assert inference.concentration_sentence(inference.concentration([0]), "en").startswith("with fewer than two cases")
