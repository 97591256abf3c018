"""Tests of many counties at once: exact, with the family that they belong to named."""

from __future__ import annotations

import pandas as pd
from scipy import stats

from gongkai.core.errors import UsageError
from gongkai.inference.inputs import Column, beside, side_by_side
from gongkai.inference.intervals import CONFIDENCE, newcombe

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


def discoveries(p_values: Column, family: str, rate: float = FALSE_DISCOVERIES) -> pd.DataFrame:
    """Say which of many hypotheses are rejected, where at most ``rate`` of the rejections are false on average.

    Parameters
    ----------
    p_values : sequence, mapping or Series
        One for each hypothesis; NA where nothing could be tested, which is not counted.
    family : str
        Which hypotheses are tested together, for example ``full_grant_share, 2024, 103 counties against the others``.
    rate : float
        Of false discoveries.

    Returns
    -------
    DataFrame
        ``p``, ``adjusted`` (compare it with ``rate``), ``flagged``, ``family``, ``tests`` (how many the family has) and ``rate``.

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
        raise UsageError(
            "family", ("检验族的名称", "the name of the family of tests"), ("空", "nothing"),
            ("写明哪些检验放在一起，如指标、年份、县的范围", "say which tests go together: indicator, year, which counties"),
        )  # fmt: skip
    from statsmodels.stats.multitest import multipletests

    frame = pd.DataFrame({"p": pd.Series(p_values, dtype="Float64")})
    known = frame["p"].notna()
    frame["adjusted"], frame["flagged"] = pd.Series(pd.NA, frame.index, dtype="Float64"), False
    if known.any():
        flagged, adjusted, *_ = multipletests(frame.loc[known, "p"].to_numpy(dtype=float), alpha=rate, method="fdr_bh")
        frame.loc[known, "adjusted"], frame.loc[known, "flagged"] = adjusted, flagged
    return frame.assign(family=family, tests=int(known.sum()), rate=rate)


def against_others(counts: Column, n: Column, family: str, confidence: float = CONFIDENCE, rate: float = FALSE_DISCOVERIES) -> pd.DataFrame:
    """Compare the share of each county with that of the others together, which do not contain it.

    Parameters
    ----------
    counts, n : sequence, mapping or Series
        One number for each county, as in :func:`~gongkai.inference.inputs.side_by_side`.
    family, rate
        As in :func:`discoveries`.
    confidence : float
        Of each interval.

    Returns
    -------
    DataFrame
        ``count``, ``n``, ``value``, ``few``, ``others`` (their share), ``difference``, ``low``, ``high`` (Newcombe), and the columns of
        :func:`discoveries` for the mid-p values.

    Examples
    --------
    >>> found = against_others([5, 5, 40], [20, 20, 40], "an example")
    >>> found[["others", "difference", "low", "high"]].round(2).values.tolist()[2]
    [0.25, 0.75, 0.57, 0.86]
    """
    frame = side_by_side(counts, n)
    top, bottom = (frame[column].where(frame["value"].notna(), 0) for column in ("count", "n"))
    rest, below = top.sum() - top, bottom.sum() - bottom
    known = frame["value"].notna() & (below > 0)
    cases = pd.DataFrame({"count": top, "n": bottom, "other_count": rest, "other_n": below})[known].astype(float)
    frame["others"] = (rest / below).where(known)
    frame["difference"] = frame["value"] - frame["others"]
    each = cases.to_numpy().tolist()
    ends = [newcombe(a, b, c, d, confidence) for a, b, c, d in each]
    frame = beside(frame, known, {"low": [end.low for end in ends], "high": [end.high for end in ends]})
    p_values = pd.Series([mid_p(a, b, c, d) for a, b, c, d in each], cases.index, dtype="Float64")
    return frame.join(discoveries(p_values.reindex(frame.index), family, rate))
