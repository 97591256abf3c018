"""Exact tests of many counties at once, with control of false discoveries; the family of tests is named."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy import stats

from gongkai.core.errors import UsageError
from gongkai.inference.clustering import Effect, resolved
from gongkai.inference.inputs import Column, beside, numbers, of_whole, side_by_side
from gongkai.inference.intervals import CONFIDENCE, newcombe
from gongkai.inference.predictive import Expected, expectations

FALSE_DISCOVERIES = 0.05


def mid_p(count: float, n: float, other_count: float, other_n: float) -> float:
    """Return the exact two-sided mid-p value of the hypothesis that two independent samples have the same share.

    Parameters
    ----------
    count, n, other_count, other_n : float
        Whole numbers, as in :func:`~gongkai.inference.newcombe`.

    Returns
    -------
    float
        Twice the smaller tail of the conditional distribution, with half of what was observed counted; 1 where a sample is empty.

    Notes
    -----
    Lancaster (1961); Hirji, Tan and Elashoff (1991) for two by two tables. For discrete counts, the ordinary exact test rejects far less
    often than it says.

    Examples
    --------
    >>> round(mid_p(9, 10, 3, 10), 4), mid_p(1, 1, 1, 1)
    (0.0102, 1.0)
    """
    seen = stats.hypergeom(n + other_n, count + other_count, n)
    half = seen.pmf(count) / 2
    return float(min(1.0, 2 * min(seen.cdf(count) - half, seen.sf(count) + half)))


def discoveries(p_values: Column, family: str, rate: float = FALSE_DISCOVERIES, hypothesis: str = "") -> pd.DataFrame:
    """Say which of many hypotheses are rejected, where at most ``rate`` of the rejections are false on average.

    Parameters
    ----------
    p_values : sequence, mapping or Series
        One for each hypothesis; NA where nothing could be tested, which is not counted.
    family : str
        Which hypotheses are tested together, for example ``full_grant_share, 2024, 103 counties against the others``.
    rate : float
        Of false discoveries.
    hypothesis : str
        What each test rejects, in words that end "the hypothesis that ..."; or a name that this room has words for (``like_the_others``).

    Returns
    -------
    DataFrame
        ``p``, ``adjusted`` (compare it with ``rate``), ``flagged``, ``family``, ``tests`` (how many the family has), ``rate`` and
        ``hypothesis``.

    Raises
    ------
    UsageError
        If the family has no name.

    Notes
    -----
    Benjamini and Hochberg (1995).

    Examples
    --------
    >>> discoveries([0.01, 0.02, 0.9], "an example")["flagged"].tolist()
    [True, True, False]
    """
    if not family.strip():
        raise UsageError.of("inference.family", "family")
    from statsmodels.stats.multitest import multipletests

    frame = pd.DataFrame({"p": pd.Series(p_values, dtype="Float64")})
    known = frame["p"].notna()
    frame["adjusted"], frame["flagged"] = pd.Series(pd.NA, frame.index, dtype="Float64"), False
    if known.any():
        flagged, adjusted, *_ = multipletests(frame.loc[known, "p"].to_numpy(dtype=float), alpha=rate, method="fdr_bh")
        frame.loc[known, "adjusted"], frame.loc[known, "flagged"] = adjusted, flagged
    return frame.assign(family=family, tests=int(known.sum()), rate=rate, hypothesis=hypothesis)


def against_others(
    counts: Column,
    n: Column,
    family: str,
    confidence: float = CONFIDENCE,
    rate: float = FALSE_DISCOVERIES,
    deff: Effect = 1,
    years: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Test for each county whether its share could come from the same distribution as those of the other counties.

    Parameters
    ----------
    counts, n : sequence, mapping or Series
        One number for each county, as in :func:`~gongkai.inference.inputs.side_by_side`.
    family, rate
        As in :func:`discoveries`.
    confidence : float
        Of each range and interval.
    deff, years
        As in :func:`~gongkai.inference.shrunken`; ranges and tests are those of the nearest whole number of independent requests.

    Returns
    -------
    DataFrame
        ``count``, ``n``, ``value``, ``few``, ``why``; ``expected_low`` and ``expected_high``, between which the others lead one to expect
        the share of a county of this ``n``; the columns of :func:`discoveries` for the mid-p values of that distribution; and ``others``
        (their share together), ``difference``, ``low``, ``high`` (Newcombe). All are NA where fewer than five counties have a value.

    Notes
    -----
    What is rejected is "this county is like the others", which differ among themselves (the predictive distribution of
    :func:`~gongkai.inference.funnel`), and not "it has their share to the digit": no county has, and with enough cases that is found of
    every one. The interval of the difference answers that second question, and excludes 0 of many counties that are not flagged.

    Examples
    --------
    >>> found = against_others([41, 45, 52, 49, 46, 43, 50, 47, 90], [100] * 9, "an example")
    >>> found[["expected_low", "expected_high", "others", "difference", "low", "high"]].astype(float).round(2).values.tolist()[8]
    [0.32, 0.61, 0.47, 0.43, 0.35, 0.49]
    >>> found["flagged"].tolist().index(True), int(found["flagged"].sum())
    (8, 1)
    """
    frame = side_by_side(counts, n)
    effect = resolved(deff, years)
    known, k, e = numbers(frame)
    rest, below = k.sum() - k, e.sum() - e
    found, size = of_whole(k / effect, e / effect)
    expected = [one for _, one in expectations(found, size, "share")]
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    ranges = np.array([[one.quantile(level) for level in tails] for one in expected]).reshape(-1, 2) / size[:, None]
    ends = np.array([newcombe(*case, confidence, effect) for case in zip(k, e, rest, below, strict=True)]).reshape(-1, 2)
    columns = {
        "expected_low": ranges[:, 0], "expected_high": ranges[:, 1], "others": rest / below, "difference": k / e - rest / below,
        "low": ends[:, 0], "high": ends[:, 1],
    }  # fmt: skip
    frame = beside(frame, known, columns)
    p_values = pd.Series([_two_sided(one, count) for one, count in zip(expected, found, strict=True)], frame.index[known], dtype="Float64")
    return frame.join(discoveries(p_values.reindex(frame.index), family, rate, "like_the_others"))


def _two_sided(expected: Expected, count: float) -> float:
    """Return twice the smaller tail, with half of what was observed counted; a part of a count lies between two of them."""
    under, up_to = expected.up_to(math.ceil(count) - 1), expected.up_to(count)
    half = (up_to - under) / 2
    return max(0.0, min(1.0, 2 * min(under + half, 1 - up_to + half)))
