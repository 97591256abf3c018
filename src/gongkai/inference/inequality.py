"""How unequal counts are, beside how unequal chance alone makes them: for small counts the two are easily mistaken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from gongkai.inference.inputs import Column, side_by_side
from gongkai.inference.intervals import CONFIDENCE

COLUMNS = ("value", "chance", "chance_low", "chance_high")
DRAWS = 4000


def gini(counts: Any) -> Any:
    """Return the Gini coefficient of counts, over the last axis: half the mean difference of two of them over their mean.

    Parameters
    ----------
    counts : array_like
        Not negative, not all zero.

    Returns
    -------
    float or ndarray
        0 where all are equal, ``1 - 1 / m`` where one of ``m`` has everything.

    Examples
    --------
    >>> float(gini([5, 5, 5])), float(gini([0, 0, 0, 8]))
    (0.0, 0.75)
    """
    x = np.sort(np.asarray(counts, dtype=float), axis=-1)
    m = x.shape[-1]
    return (x * (2 * np.arange(1, m + 1) - m - 1)).sum(axis=-1) / (m * x.sum(axis=-1))


def hhi(counts: Any) -> Any:
    """Return the probability that two different cases fall into the same group: the Herfindahl-Hirschman index without its bias.

    Parameters
    ----------
    counts : array_like
        Whole numbers of cases, two at least in all.

    Returns
    -------
    float or ndarray
        From 0 (no two cases together) to 1. The sum of squared shares is larger by chance alone.

    Notes
    -----
    Simpson (1949): sum of x (x - 1) / n (n - 1).

    Examples
    --------
    >>> float(hhi([1, 1, 1])), float(hhi([4, 0, 0]))
    (0.0, 1.0)
    """
    x = np.asarray(counts, dtype=float)
    n = x.sum(axis=-1)
    return (x * (x - 1)).sum(axis=-1) / (n * (n - 1))


def theil_t(counts: Any) -> Any:
    """Return Theil's T of counts, which takes zeros.

    Parameters
    ----------
    counts : array_like
        Not negative, not all zero.

    Returns
    -------
    float or ndarray
        0 where all are equal, ``log(m)`` where one of ``m`` has everything.

    Notes
    -----
    Theil (1967).

    Examples
    --------
    >>> round(float(theil_t([0, 8])), 4) == round(float(np.log(2)), 4)
    True
    """
    from scipy.special import xlogy

    x = np.asarray(counts, dtype=float)
    ratio = x / x.mean(axis=-1, keepdims=True)
    return xlogy(ratio, ratio).mean(axis=-1)


MEASURES: dict[str, Callable[[Any], Any]] = {"gini": gini, "hhi": hhi, "theil_t": theil_t}


def concentration(
    counts: Column, exposure: Column | None = None, confidence: float = CONFIDENCE, seed: int = 0, draws: int = DRAWS
) -> pd.DataFrame:
    """Set Gini, HHI and Theil's T beside what chance gives where all true rates are equal.

    Parameters
    ----------
    counts : sequence, mapping or Series
        Whole numbers, one for each county (or applicant type); where there is none (NA), it is left out.
    exposure : sequence, mapping or Series, optional
        What the counts would be proportional to, such as residents; without it, all groups have the same rate.
    confidence : float
        Of the range of chance.
    seed, draws : int
        Of the random draws: Poisson counts with the same total, which is a multinomial.

    Returns
    -------
    DataFrame
        One row for each measure: ``value``, ``chance`` (its expectation), ``chance_low``, ``chance_high``, ``beyond_chance`` (NA with fewer
        than two cases, as everything then).

    Examples
    --------
    >>> concentration([5, 6, 4, 5])[["value", "chance"]].round(2).loc["gini"].tolist()
    [0.08, 0.19]
    """
    equal = pd.Series(1.0, pd.Series(counts, dtype="Float64").index)
    frame = side_by_side(counts, equal if exposure is None else exposure, "rate").dropna(subset=["count", "n"])
    x, weight = (frame[name].to_numpy(dtype=float) for name in ("count", "n"))
    if x.sum() < 2 or weight.sum() == 0:
        rows = pd.DataFrame({name: pd.array([pd.NA] * len(MEASURES), dtype="Float64") for name in COLUMNS}, index=list(MEASURES))
    else:
        drawn = np.random.default_rng(seed).multinomial(int(x.sum()), weight / weight.sum(), size=draws)
        chance = {name: measure(drawn) for name, measure in MEASURES.items()}
        ends = (1 - confidence) / 2, (1 + confidence) / 2
        found = [[MEASURES[name](x), by_chance.mean(), *np.quantile(by_chance, ends)] for name, by_chance in chance.items()]
        rows = pd.DataFrame(found, index=list(MEASURES), columns=list(COLUMNS), dtype="Float64")
    return rows.assign(beyond_chance=(rows["value"] < rows["chance_low"]) | (rows["value"] > rows["chance_high"]))
