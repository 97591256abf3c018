"""Shrunken rates of many counties and their ranks: beta-binomial and gamma-Poisson models, integrated over a grid.

Each county's rate is a draw from a distribution with a mean and a size (how many cases the prior is equal to). Neither is estimated and
plugged in, which is wrong for few counties (Laird and Louis 1987): the posterior is integrated over both. Before the data, the mean is flat
(``share``) or as Jeffreys has it (``rate``), and so is the share of the variance of a single case that lies between counties.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gongkai.inference.clustering import Effect, resolved
from gongkai.inference.inputs import Array, Column, beside, numbers, side_by_side
from gongkai.inference.intervals import CONFIDENCE
from gongkai.inference.mixtures import shaped

DRAWS = 4000
ORDERED = 0.95  # the posterior probability from which one county is said to lie above another


def shrunken(
    counts: Column,
    n: Column,
    kind: str = "share",
    confidence: float | None = CONFIDENCE,
    deff: Effect = 1,
    years: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Shrink the rates of many counties towards their common mean, the more so the fewer cases a county has.

    Parameters
    ----------
    counts, n : sequence, mapping or Series
        One number for each county, as in :func:`~gongkai.inference.inputs.side_by_side`.
    kind : {"share", "rate"}
        Parts of ``n`` (beta-binomial), or cases over an exposure (gamma-Poisson).
    confidence : float or None
        Of each interval; None: no intervals, which take most of the time.
    deff : float, DesignEffect or "estimated"
        The design effect, 1 or more: how many requests tell as much as an independent one; what
        :func:`~gongkai.inference.design_effect` returns; or that of ``years``.
    years : DataFrame, optional
        The years of these counties and perhaps others, as :func:`~gongkai.inference.design_effect` takes them.

    Returns
    -------
    DataFrame
        ``count``, ``n``, ``value``, ``few``, ``why``, and the posterior ``mean``, ``low``, ``high``. They are NA for a county with nothing
        to divide by, and for all where fewer than five counties have a value: those would be drawn towards an assumption, not towards each
        other. ``why`` says which. One county has its :func:`~gongkai.inference.wilson` interval.

    Notes
    -----
    Morris (1983) and Christiansen and Morris (1997) on interval estimation in such models. The counties are taken for draws from one
    distribution: a county known to differ does not belong among them.

    Examples
    --------
    >>> five = {"a": 1, "b": 40, "c": 28, "d": 30, "e": 19}, {"a": 1, "b": 50, "c": 40, "d": 44, "e": 30}
    >>> shrunken(*five)[["value", "mean", "low", "high"]].round(2).loc[["a", "b"]]
       value  mean   low  high
    a    1.0  0.72  0.42  0.97
    b    0.8  0.77  0.66  0.87
    >>> shrunken([0], [30])[["mean", "why"]].values.tolist()
    [[<NA>, 'few_counties']]
    """
    frame = side_by_side(counts, n, kind)
    known, k, e = numbers(frame, resolved(deff, years))
    posterior = shaped(k, e, kind)
    levels = {} if confidence is None else {"low": (1 - confidence) / 2, "high": (1 + confidence) / 2}
    ends = {name: posterior.quantile(level) for name, level in levels.items()}
    return beside(frame, known, {"mean": posterior.mean(), **ends})


def ranked(
    counts: Column,
    n: Column,
    kind: str = "share",
    confidence: float = CONFIDENCE,
    seed: int = 0,
    draws: int = DRAWS,
    deff: Effect = 1,
    years: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Rank counties with the interval that each rank has, from joint draws of the posterior of :func:`shrunken`.

    Parameters
    ----------
    counts, n, kind, confidence, deff, years
        As in :func:`shrunken`.
    seed, draws : int
        Of the random draws; the same seed gives the same ranks.

    Returns
    -------
    DataFrame
        As :func:`shrunken`, with ``rank`` (the posterior median; 1 is the highest rate), ``rank_low`` and ``rank_high``; ``above`` and
        ``below``, the number of counties that it lies above, or below, with a posterior probability of 0.95 or more; and
        ``confidence``. In the order given.

    Notes
    -----
    Goldstein and Spiegelhalter (1996). Ranks of raw rates, resampled, cover too seldom. A rank interval holds for one county at a time,
    not for all at once; and intervals that overlap leave many pairs in order, so an order is read from ``above`` and ``below``, each
    pair by itself.

    Examples
    --------
    >>> ranked([5, 5, 6, 5, 60], [10, 10, 10, 10, 70])[["rank_low", "rank_high", "above", "below"]].astype(int).values.tolist()
    [[2, 5, 0, 1], [2, 5, 0, 1], [1, 5, 0, 1], [2, 5, 0, 1], [1, 2, 4, 0]]
    """
    effect = resolved(deff, years)
    frame = shrunken(counts, n, kind, confidence, effect)
    known, k, e = numbers(frame, effect)
    drawn = _draw_rates(k, e, kind, seed, draws)
    ranks = 1 + np.argsort(np.argsort(-drawn, axis=1), axis=1)
    levels = {"rank": 0.5, "rank_low": (1 - confidence) / 2, "rank_high": (1 + confidence) / 2}
    at_levels = np.quantile(ranks, list(levels.values()), axis=0, method="inverted_cdf")
    above = _above(drawn) >= ORDERED
    whole = dict(zip(levels, at_levels, strict=True)) | {"above": above.sum(axis=1), "below": above.sum(axis=0)}
    return beside(frame, known, whole, "Int64").assign(confidence=confidence)


def ordered(
    counts: Column,
    n: Column,
    kind: str = "share",
    seed: int = 0,
    draws: int = DRAWS,
    deff: Effect = 1,
    years: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Give the posterior probability of each pair of counties that the first has the higher rate.

    Parameters
    ----------
    counts, n, kind, seed, draws, deff, years
        As in :func:`ranked`, whose ``above`` and ``below`` count the pairs with 0.95 or more.

    Returns
    -------
    DataFrame
        A row and a column for each county: the probability that the county of the row lies above that of the column. NA as in
        :func:`shrunken`, and for a county beside itself.

    Examples
    --------
    >>> bool(ordered([5, 5, 6, 5, 60], [10, 10, 10, 10, 70]).loc[4, 0] > 0.95)
    True
    """
    frame = side_by_side(counts, n, kind)
    known, k, e = numbers(frame, resolved(deff, years))
    found = _above(_draw_rates(k, e, kind, seed, draws))
    np.fill_diagonal(found, np.nan)
    own = frame.index[known]
    return pd.DataFrame(found, own, own).reindex(index=frame.index, columns=frame.index).astype("Float64")


def _draw_rates(k: Array, n: Array, kind: str, seed: int, draws: int) -> Array:
    """Draw the rates of all counties together, one row a draw."""
    return shaped(k, n, kind).draw(np.random.default_rng(seed), draws)


def _above(drawn: Array) -> Array:
    """Return the share of the draws in which the county of the row lies above that of the column."""
    return np.array([(one[:, None] > drawn).mean(axis=0) for one in drawn.T]).reshape(drawn.shape[1], drawn.shape[1])
