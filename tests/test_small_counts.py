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
from gongkai.inference import Interval, shrinkage

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


def by_brute_force(k, n, level=None):
    """Posterior of the first county's share, straight from the definition, over a fine plain grid of mean and intraclass correlation."""
    mean, rho = (x.ravel() for x in np.meshgrid(*[(np.arange(300) + 0.5) / 300] * 2))
    size = 1 / rho - 1
    a, b = mean * size, (1 - mean) * size
    weight = np.exp(sum(stats.betabinom.logpmf(one, m, a, b) for one, m in zip(k, n, strict=True)))
    weight /= weight.sum()
    if level is None:
        return float(weight @ ((a + k[0]) / (size + n[0])))
    return float(weight @ stats.beta.cdf(level, a + k[0], b + n[0] - k[0]))


@pytest.mark.parametrize("k, n", [([3, 9, 5, 8], [10, 10, 10, 10]), ([1, 40, 28], [1, 50, 40]), ([2, 3, 2, 4, 3], [9, 9, 9, 9, 9])])
def test_the_posterior_is_what_its_definition_gives(k, n):
    found = inference.shrunken(k, n).iloc[0]
    assert found["mean"] == pytest.approx(by_brute_force(k, n), abs=2e-3)
    assert by_brute_force(k, n, found["low"]) == pytest.approx(0.025, abs=2e-3)
    assert by_brute_force(k, n, found["high"]) == pytest.approx(0.975, abs=2e-3)


@pytest.mark.parametrize("kind", ["share", "rate"])
def test_a_finer_grid_changes_nothing(kind, monkeypatch):
    k, n = [3, 0, 5, 28, 6], [10, 4, 9, 60, 31]
    coarse = inference.shrunken(k, n, kind)
    monkeypatch.setattr(shrinkage, "STEPS", 60)
    fine = inference.shrunken(k, n, kind)
    assert np.allclose(coarse[["mean", "low", "high"]].astype(float), fine[["mean", "low", "high"]].astype(float), atol=1e-3)


@settings(max_examples=25, deadline=None)
@given(many, st.sampled_from(["share", "rate"]))
def test_every_county_has_a_rate_inside_its_interval(cases, kind):
    k, n = zip(*cases, strict=True)
    found = inference.shrunken(k, n, kind).astype(float)
    assert found[["mean", "low", "high"]].notna().all(axis=None)
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
    alone = inference.shrunken([3], [10], kind).iloc[0]
    assert 0 < alone["low"] < 0.3 < alone["high"]
    gaps = inference.shrunken({"a": None, "b": 0, "c": 4}, {"a": 3, "b": 0, "c": 9}, kind)
    assert gaps["mean"].notna().tolist() == [False, False, True] and gaps.index.tolist() == ["a", "b", "c"]
    assert inference.shrunken([0, None], [0, None], kind)["mean"].isna().all()


def test_few_cases_are_drawn_further_than_many():
    found = inference.shrunken([1, 50, 30, 20], [1, 50, 60, 40])
    assert found["mean"].iloc[0] < found["mean"].iloc[1] and found["few"].tolist() == [True, False, False, False]


def test_thirty_identical_counties_have_no_order():
    found = [inference.ranked([5] * 30, [10] * 30, seed=seed) for seed in (0, 1)]
    assert all((table["rank_low"] <= 4).all() and (table["rank_high"] >= 27).all() and table["few"].all() for table in found)
    assert found[0].equals(inference.ranked([5] * 30, [10] * 30, seed=0))
    assert "nothing can be said about the order" in inference.ranks_sentence(found[0], "en")


@pytest.mark.parametrize("kind", ["share", "rate"])
def test_plain_differences_are_ranked(kind):
    found = inference.ranked([100, 500, 900, None], [1000, 1000, 1000, 5], kind)
    assert found["rank"].tolist()[:3] == [3, 2, 1] and found["rank"].isna().tolist() == [False, False, False, True]
    assert (found["rank_low"] == found["rank_high"])[:3].all()


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
    n = rng.choice([5, 20, 60], 1000)
    share = inference.funnel(rng.binomial(n, rng.beta(4, 6, 1000)), n)["between_sd"].iloc[0]
    rate = inference.funnel(rng.poisson(n * rng.gamma(4, 0.1, 1000)), n, "rate")["between_sd"].iloc[0]
    assert (share, rate) == pytest.approx((stats.beta.std(4, 6), 0.2), rel=0.1)
    assert inference.funnel([5] * 10, [10] * 10)["between_sd"].iloc[0] == 0


def test_edge_cases_of_funnels():
    assert inference.funnel([0, None], [0, 5])["outside"].isna().all()
    assert inference.funnel([0, 0], [3, 4])["outside"].tolist() == ["", ""] == inference.funnel([3, 4], [3, 4])["outside"].tolist()
    assert inference.funnel([3], [3])["outside"].tolist() == [""]
    found = inference.funnel([10, 9, 11, 95], [100] * 4, between=False)
    assert found["outside"].iloc[3] == "998" and inference.funnel([10, 9, 11, 95], [100] * 4)["outside"].eq("").all()


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
    found = inference.against_others({"a": 5, "b": 30, "c": 40, "d": None}, {"a": 20, "b": 60, "c": 80, "d": 4}, "an example")
    assert found.loc["a", "others"] == 70 / 140
    ends = proportion.confint_proportions_2indep(5, 20, 70, 140, method="newcomb", compare="diff")
    assert found.loc["a", ["low", "high"]].tolist() == pytest.approx(ends) and found["tests"].eq(3).all()
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
    assert found.loc["gini", "beyond_chance"] and "less than chance" in inference.concentration_sentence(found, "en")


def test_equal_rates_with_unequal_exposure_are_what_chance_gives():
    residents = np.array([1, 2, 5, 10, 40]) * 10
    counts = np.random.default_rng(0).poisson(residents)
    assert inference.concentration(counts)["beyond_chance"].all()
    assert not inference.concentration(counts, residents).loc["gini", "beyond_chance"]
    assert inference.concentration([1, 0]).isna().all(axis=None) and inference.concentration([None, 0]).isna().all(axis=None)


# Sentences


def test_every_text_has_both_languages_with_the_same_blanks():
    import re

    zh, en = inference.words("zh"), inference.words("en")
    assert zh.keys() == en.keys()
    assert all(set(re.findall(r"\{\w+\}", zh[code])) == set(re.findall(r"\{\w+\}", en[code])) for code in zh)


def said(language):
    ranked, family = inference.ranked([10, 50, 3], [100, 100, 99]), inference.discoveries([0.01], "f")
    return [
        inference.sentence(20, 60, language, deff=2),
        inference.rate_sentence(3, 100, language), inference.rate_sentence(300, 1000, language),
        *(inference.difference_sentence(Interval(*ends), "a", "b", language) for ends in ((0.1, 0.3), (-0.3, -0.1), (-0.1, 0.1))),
        inference.ranks_sentence(ranked, language), inference.ranks_sentence(inference.ranked([1, 1], [2, 2]), language),
        inference.funnel_sentence(inference.funnel([5, 9], [10, 10]), language), inference.family_sentence(family, language),
        *(inference.concentration_sentence(inference.concentration(x), language, m) for x, m in (([5, 6], "gini"), ([0, 60], "hhi"))),
    ]  # fmt: skip


def test_sentences_say_what_may_be_concluded():
    english = said("en")
    parts = (
        "design effect of 2", "between 0.6 and 8.8 per 100, with too few", "between 26.7 and 33.6 per 100",
        "a is higher than b by 10 to 30", "a is lower than b by 10 to 30", "nothing can be said about which is higher",
        "of 3, half", "nothing can be said about the order of these 2", "of 2, 0 fall outside", '1 of 1 tests of the family "f"',
        "is what chance gives", "is more than chance gives",
    )  # fmt: skip
    assert [part in sentence for part, sentence in zip(parts, english, strict=True)] == [True] * len(parts)
    assert all("{" not in sentence for sentence in english + said("zh"))
    assert (
        sum(inference.condition("zh") in sentence for sentence in said("zh")) == sum(inference.condition("en") in s for s in english) == 9
    )


def test_nothing_is_said_of_nothing():
    nothing = (
        inference.rate_sentence(0, 0, "en"), inference.difference_sentence(inference.newcombe(0, 0, 1, 1), "a", "b", "en"),
        inference.ranks_sentence(inference.ranked([0], [0]), "en"), inference.funnel_sentence(inference.funnel([0], [0]), "en"),
        inference.family_sentence(inference.discoveries([None], "f"), "en"),
        inference.concentration_sentence(inference.concentration([0]), "en"),
    )  # fmt: skip
    assert set(nothing) == {inference.words("en")["none"]}
