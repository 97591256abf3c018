"""Rates of many counties drawn towards what they have in common, and their ranks: beta-binomial and gamma-Poisson, integrated over a grid.

Each county's rate is a draw from a distribution with a mean and a size (how many cases its knowledge is worth). Neither is estimated and
plugged in, which is wrong for few counties (Laird and Louis 1987): the posterior is integrated over both. Before the data, the mean is flat
(``share``) or as Jeffreys has it (``rate``), and so is the share of the variance of a single case that lies between counties.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special
from scipy.optimize import elementwise

from gongkai.inference.inputs import Column, beside, side_by_side
from gongkai.inference.intervals import CONFIDENCE

Array: TypeAlias = NDArray[np.float64]
DRAWS = 4000
STEPS, PASSES = 24, 4
NEGLIGIBLE = float(np.log(1e-6))


class BetaBinomial:
    """``k`` of ``n``; shares are Beta(mean * size, (1 - mean) * size); ``v`` is the logit of the mean."""

    unit = 1.0

    def mean(self, v: Array) -> Array:
        return np.asarray(special.expit(v))

    def log_prior(self, v: Array) -> Array:
        return np.asarray(special.log_expit(v) + special.log_expit(-v))

    def log_marginal(self, k: Array, n: Array, mean: Array, size: Array) -> Array:
        return _rise(mean * size, k) + _rise((1 - mean) * size, n - k) - _rise(size, n)

    def posterior(self, k: Array, n: Array, mean: Array, size: Array) -> tuple[Array, Array]:
        return mean * size + k, (1 - mean) * size + n - k

    def expected(self, a: Array, b: Array) -> Array:
        return a / (a + b)

    def rate(self, t: Array) -> Array:
        return t

    def below(self, t: Array, a: Array, b: Array) -> Array:
        return np.asarray(special.betainc(a, b, t))

    def draw(self, rng: np.random.Generator, a: Array, b: Array) -> Array:
        return rng.beta(a, b)


@dataclass(frozen=True)
class GammaPoisson:
    """``k`` over an exposure ``n``; rates are Gamma(mean * size, size); ``v`` is the logarithm of the mean in units of the pooled rate."""

    unit: float

    def mean(self, v: Array) -> Array:
        return np.exp(v) / self.unit

    def log_prior(self, v: Array) -> Array:
        return v / 2

    def log_marginal(self, k: Array, n: Array, mean: Array, size: Array) -> Array:
        return _rise(mean * size, k) - mean * size * np.log1p(n / size) - k * np.log(size + n)

    def posterior(self, k: Array, n: Array, mean: Array, size: Array) -> tuple[Array, Array]:
        return mean * size + k, size + n

    def expected(self, a: Array, b: Array) -> Array:
        return a / b

    def rate(self, t: Array) -> Array:
        with np.errstate(divide="ignore"):
            return np.divide(t, 1 - t) / self.unit

    def below(self, t: Array, a: Array, b: Array) -> Array:
        return np.asarray(special.gammainc(a, b * self.rate(t)))

    def draw(self, rng: np.random.Generator, a: Array, b: Array) -> Array:
        return rng.gamma(a, 1 / b)


Model: TypeAlias = BetaBinomial | GammaPoisson


@dataclass(frozen=True)
class Grid:
    """Means and sizes that the counts leave possible, with their weights."""

    model: Model
    mean: Array
    size: Array
    weight: Array

    def given(self, k: Array, n: Array) -> tuple[Array, Array]:
        """Return both parameters of each county's rate, one row a county and one column a point of the grid."""
        return self.model.posterior(k[..., None], n[..., None], self.mean, self.size)


def shrunken(counts: Column, n: Column, kind: str = "share", confidence: float | None = CONFIDENCE) -> pd.DataFrame:
    """Draw the rates of many counties towards what they have in common, the more the fewer cases stand behind them.

    Parameters
    ----------
    counts, n : sequence, mapping or Series
        One number for each county, as in :func:`~gongkai.inference.inputs.side_by_side`.
    kind : {"share", "rate"}
        Parts of ``n`` (beta-binomial), or cases over an exposure (gamma-Poisson).
    confidence : float or None
        Of each interval; None: no intervals, which take most of the time.

    Returns
    -------
    DataFrame
        ``count``, ``n``, ``value``, ``few``, and the posterior ``mean``, ``low``, ``high``. They are NA for a
        county with nothing to divide by.

    Notes
    -----
    Morris (1983) and Christiansen and Morris (1997) on interval estimation in such models. The counties are taken for draws from one
    distribution: a county known to differ does not belong among them.

    Examples
    --------
    >>> shrunken({"a": 1, "b": 40, "c": 28}, {"a": 1, "b": 50, "c": 40})[["value", "mean", "low", "high"]].round(2)
       value  mean   low  high
    a    1.0  0.77  0.33   1.0
    b    0.8  0.79  0.67  0.89
    c    0.7  0.71  0.57  0.83
    """
    frame = side_by_side(counts, n, kind)
    known, (k, e) = _numbers(frame)
    grid = integrated(k, e, kind)
    levels = {} if confidence is None else {"low": (1 - confidence) / 2, "high": (1 + confidence) / 2}
    ends = {name: _quantile(grid, k, e, level) for name, level in levels.items()}
    return beside(frame, known, {"mean": grid.model.expected(*grid.given(k, e)) @ grid.weight, **ends})


def ranked(
    counts: Column, n: Column, kind: str = "share", confidence: float = CONFIDENCE, seed: int = 0, draws: int = DRAWS
) -> pd.DataFrame:
    """Rank counties with the interval that each rank has, from joint draws of the posterior of :func:`shrunken`.

    Parameters
    ----------
    counts, n, kind, confidence
        As in :func:`shrunken`.
    seed, draws : int
        Of the random draws; the same seed gives the same ranks.

    Returns
    -------
    DataFrame
        As :func:`shrunken`, with ``rank`` (the posterior median; 1 is the highest rate), ``rank_low`` and ``rank_high``. In the order
        given: where intervals overlap there is no order to show.

    Notes
    -----
    Goldstein and Spiegelhalter (1996). Ranks of raw rates, resampled, cover too seldom.

    Examples
    --------
    >>> ranked([5, 5, 6], [10, 10, 10])[["rank", "rank_low", "rank_high"]].astype(int).values.tolist()
    [[2, 1, 3], [2, 1, 3], [2, 1, 3]]
    """
    frame = shrunken(counts, n, kind, confidence)
    known, (k, e) = _numbers(frame)
    grid, rng = integrated(k, e, kind), np.random.default_rng(seed)
    at = rng.choice(len(grid.weight), size=draws, p=grid.weight)
    drawn = grid.model.draw(rng, *grid.model.posterior(k, e, grid.mean[at, None], grid.size[at, None]))
    ranks = 1 + np.argsort(np.argsort(-drawn, axis=1), axis=1)
    levels = {"rank": 0.5, "rank_low": (1 - confidence) / 2, "rank_high": (1 + confidence) / 2}
    at_levels = np.quantile(ranks, list(levels.values()), axis=0, method="inverted_cdf")
    return beside(frame, known, dict(zip(levels, at_levels, strict=True)), "Int64")


def integrated(k: Array, n: Array, kind: str) -> Grid:
    """Lay a grid where the posterior of mean and size has its weight: sizes wide first, then closer, and for each size means of its own.

    Examples
    --------
    >>> grid = integrated(np.array([5.0, 50.0]), np.array([10.0, 100.0]), "share")
    >>> round(float(grid.weight @ grid.mean), 2)
    0.5
    """
    model: Model = BetaBinomial() if kind == "share" else GammaPoisson(max(n.sum(), 1) / (k.sum() + 0.5))
    pairs, times = np.unique(np.stack([k, n]), axis=1, return_counts=True)
    low, high = np.array([-16.0]), np.array([16.0])
    for _ in range(2):
        (u,), step = _midpoints(low, high)
        v, log_weight = _means(model, pairs, times, u)
        log_weight -= log_weight.max()
        low, high = _around(u[None], log_weight.max(axis=1)[None], step)
    near = log_weight > NEGLIGIBLE
    weight = np.exp(log_weight[near])
    return Grid(model, model.mean(v[near]), model.unit * np.exp(np.broadcast_to(u[:, None], v.shape)[near]), weight / weight.sum())


def _means(model: Model, pairs: Array, times: NDArray[np.int_], u: Array) -> tuple[Array, Array]:
    """Return for each size means around the best, with the logarithms of their weights: the larger the size, the closer they stand."""
    size = model.unit * np.exp(u)[:, None]
    log_flat = special.log_expit(u) + special.log_expit(-u)  # 1 / (1 + size / unit) is flat before the data
    low, high = np.full(len(u), -25.0), np.full(len(u), 25.0)
    for _ in range(PASSES):
        v, step = _midpoints(low, high)
        cases, denominators = pairs[..., None, None]
        likelihood = np.tensordot(times, model.log_marginal(cases, denominators, model.mean(v), size), axes=1)
        log_weight = likelihood + model.log_prior(v) + (log_flat + np.log(step))[:, None]
        low, high = _around(v, log_weight, step)
    return v, log_weight


def _midpoints(low: Array, high: Array) -> tuple[Array, Array]:
    step = (high - low) / STEPS
    return low[:, None] + step[:, None] * (np.arange(STEPS) + 0.5), step


def _around(points: Array, log_weight: Array, step: Array) -> tuple[Array, Array]:
    """Return, row by row, the range of the points that are not negligible, and one step more."""
    near = log_weight > log_weight.max(axis=1, keepdims=True) + NEGLIGIBLE
    return np.where(near, points, np.inf).min(axis=1) - step, np.where(near, points, -np.inf).max(axis=1) + step


def _numbers(frame: pd.DataFrame) -> tuple[pd.Series[bool], list[Array]]:
    known = frame["value"].notna()
    return known, [frame.loc[known, name].to_numpy(dtype=float) for name in ("count", "n")]


def _rise(start: Array, steps: Array) -> Array:
    """Return log Gamma(start + steps) - log Gamma(start); scipy's betaln is infinite where one argument is tiny."""
    return np.asarray(special.gammaln(start + steps) - special.gammaln(start))


def _quantile(grid: Grid, k: Array, n: Array, level: float) -> Array:
    """Return the rate that the mixture over the grid lies below with the probability ``level``, for each county."""

    def excess(t: Array, k: Array, n: Array) -> Any:
        return grid.model.below(t[..., None], *grid.given(k, n)) @ grid.weight - level

    pairs, back = np.unique(np.stack([k, n]), axis=1, return_inverse=True)
    ends = (np.zeros(pairs.shape[1]), np.ones(pairs.shape[1]))
    found = elementwise.find_root(excess, ends, args=tuple(pairs), tolerances={"xatol": 1e-9})
    return grid.model.rate(np.asarray(found.x))[back.ravel()]
