"""On the reports that the project ships, every method agrees to six digits with another implementation of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.discrete.conditional_models import ConditionalPoisson
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from gongkai import indicators, read_corpus
from gongkai.corpus import Corpus
from gongkai.inference import clopper_pearson, discoveries, newcombe, poisson, wilson

RAW = Path(__file__).parents[1] / "data" / "raw"
SIX = {"rel": 1e-6, "abs": 1e-9}


@cache
def corpus() -> Corpus:
    return read_corpus(RAW)


@cache
def shares() -> list[tuple[int, int]]:
    """Return every share of the shipped reports once, as count and n."""
    rows = indicators.table(corpus())
    rows = rows[(rows["method"] == "wilson") & rows["value"].notna()]
    return sorted({(int(k), int(n)) for k, n in zip(rows["numerator"], rows["denominator"], strict=True)})


def test_there_is_something_to_agree_on() -> None:
    assert len(shares()) > 50 and {n for _, n in shares()} > {81, 3050}


@pytest.mark.parametrize("ours, theirs, statsmodels", [(wilson, "wilson", "wilson"), (clopper_pearson, "exact", "beta")])
def test_intervals_of_shares(ours, theirs: str, statsmodels: str) -> None:
    for count, n in shares():
        interval = stats.binomtest(count, n).proportion_ci(method=theirs)
        assert ours(count, n) == pytest.approx((interval.low, interval.high), **SIX)
        low, high = proportion_confint(count, n, method=statsmodels)
        assert ours(count, n) == pytest.approx((0 if np.isnan(low) else low, 1 if np.isnan(high) else high), **SIX)


def test_the_table_of_indicators_has_these_intervals() -> None:
    rows = indicators.table(corpus())
    rows = rows[(rows["method"] == "wilson") & rows["value"].notna()]
    for row in rows.itertuples():
        interval = stats.binomtest(int(row.numerator), int(row.denominator)).proportion_ci(method="wilson")
        assert (row.low, row.high) == pytest.approx((interval.low, interval.high), **SIX)


def test_rates_of_counts() -> None:
    for count, n in shares():
        low, high = poisson(count, n)
        # The count that the low end makes as rare as it is, and the same of the high end.
        assert (stats.poisson.sf(count - 1, low * n) if count else 0.025) == pytest.approx(0.025, **SIX)
        assert stats.poisson.cdf(count, high * n) == pytest.approx(0.025, **SIX)


def test_differences_of_two_samples() -> None:
    for (a, n), (b, m) in zip(shares(), shares()[7:], strict=False):
        assert newcombe(a, n, b, m) == pytest.approx(confint_proportions_2indep(a, n, b, m, method="newcomb", compare="diff"), **SIX)


def test_families_of_tests() -> None:
    p_values = [stats.binomtest(count, n, 0.3).pvalue for count, n in shares()]
    found = discoveries(p_values, "the shares of the shipped reports")
    assert list(found["adjusted"]) == pytest.approx(list(stats.false_discovery_control(p_values)), **SIX)


def test_counts_with_an_effect_of_each_unit() -> None:
    """The model of the lesson on panels, on the applicants of 平潭: where every unit has every year, its effects have a closed form."""
    cells = corpus().select(division_code="350128", years=(2019, 2023), table="applications").cells
    cells = cells[(cells["item"] == "new_received") & (cells["measure"] != "total")]
    years = corpus().reports.set_index("report_id")["year"]
    rows = pd.DataFrame({
        "n": cells["value"].astype(float), "unit": cells["measure"].astype(object), "year": cells["report_id"].map(years).astype(int),
    })  # fmt: skip
    rows = rows[rows.groupby("unit")["n"].transform("sum") > 0]
    dummies = smf.glm("n ~ C(unit) + C(year)", rows, family=sm.families.Poisson()).fit(tol=1e-14)
    totals = rows.groupby("year")["n"].sum()
    base, later = totals.iloc[0], totals.iloc[1:]
    assert list(dummies.params.filter(like="C(year)")) == pytest.approx(list(np.log(later / base)), **SIX)
    assert list(dummies.bse.filter(like="C(year)")) == pytest.approx(list(np.sqrt(1 / later + 1 / base)), **SIX)
    conditional = ConditionalPoisson(rows["n"], pd.get_dummies(rows["year"], drop_first=True, dtype=float), groups=rows["unit"])
    assert list(conditional.fit(disp=False).params) == pytest.approx(list(np.log(later / base)), abs=1e-4)
