"""Shrunken rates of many counties and their ranks: beta-binomial and gamma-Poisson models, integrated over a grid.

Each county's rate is a draw from a distribution with a mean and a size (how many cases the prior is equal to). Neither is estimated and
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

from gongkai.inference.clustering import Effect, resolved
from gongkai.inference.inputs import Array, Column, beside, numbers, side_by_side
from gongkai.inference.intervals import CONFIDENCE

DRAWS = 4000
ORDERED = 0.95  # the posterior probability from which one county is said to lie above another
STEPS, PASSES = 24, 4
NEGLIGIBLE = float(np.log(1e-6))
NEGLIGIBLE_TAIL = 1e-6
EXACT = 2000  # how many probabilities at either end of a distribution are summed exactly


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

    def at(self, mean: float) -> float:
        return float(special.logit(mean))

    def counts(self, n: float, mean: Array, size: Array, weight: Array) -> Array:
        """Return the possible counts of a county with ``n``: all of them, or those at both ends and equally spaced ones between."""
        return _thinned(n, np.linspace(EXACT, n - EXACT, EXACT)) if n > 2 * EXACT else np.arange(n + 1)

    def cumulative(self, counts: Array, n: float, mean: Array, size: Array) -> Array:
        """Return the probability of each count or fewer, a row a count and a column a point of the grid.

        Summed from the nearer end; far from both ends a beta distribution of the same mean and variance is used (error below 0.001).
        """
        if np.isinf(size).all():
            return np.asarray(special.bdtr(counts[:, None], int(n), mean))
        a, b = mean * size, (1 - mean) * size
        low, high = counts <= EXACT, counts >= n - EXACT
        if n <= 2 * EXACT:
            return np.asarray(_summed(int(n), n, a, b)[counts.astype(int)])
        spread = (1 + size) * n / (n + size) - 1
        found = special.betainc(mean * spread, (1 - mean) * spread, np.minimum((counts[:, None] + 0.5) / n, 1))
        found[low] = _summed(EXACT, n, a, b)[counts[low].astype(int)]
        above = np.vstack([np.zeros(len(a)), _summed(EXACT, n, b, a)])
        found[high] = 1 - above[(n - counts[high]).astype(int)]
        return np.asarray(found)

    def between_sd(self, mean: Array, size: Array) -> Array:
        return np.asarray((mean * (1 - mean) / (1 + size)) ** 0.5)


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

    def at(self, mean: float) -> float:
        return float(np.log(mean * self.unit))

    def counts(self, n: float, mean: Array, size: Array, weight: Array) -> Array:
        """Return the possible counts for this exposure: all small ones, and equally spaced large ones."""
        top = 10.0
        while top < 1e12 and self.cumulative(np.array([top]), n, mean, size)[0] @ weight < 1 - NEGLIGIBLE_TAIL:
            top *= 2
        return _thinned(top, np.geomspace(EXACT, top, EXACT)) if top > 2 * EXACT else np.arange(top + 1)

    def cumulative(self, counts: Array, n: float, mean: Array, size: Array) -> Array:
        """Return the probability of each count or fewer, a row a count and a column a point of the grid."""
        if np.isinf(size).all():
            return np.asarray(special.pdtr(counts[:, None], n * mean))
        return np.asarray(special.betainc(mean * size, counts[:, None] + 1, size / (size + n)))

    def between_sd(self, mean: Array, size: Array) -> Array:
        return np.asarray((mean / size) ** 0.5)


Model: TypeAlias = BetaBinomial | GammaPoisson


@dataclass(frozen=True)
class Grid:
    """A grid of means and sizes (the two parameters of the prior) with their posterior weights."""

    model: Model
    mean: Array
    size: Array
    weight: Array

    def given(self, k: Array, n: Array) -> tuple[Array, Array]:
        """Return both parameters of each county's rate, one row a county and one column a point of the grid."""
        return self.model.posterior(k[..., None], n[..., None], self.mean, self.size)


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
    grid = integrated(k, e, kind)
    levels = {} if confidence is None else {"low": (1 - confidence) / 2, "high": (1 + confidence) / 2}
    ends = {name: _quantile(grid, k, e, level) for name, level in levels.items()}
    return beside(frame, known, {"mean": grid.model.expected(*grid.given(k, e)) @ grid.weight, **ends})


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


def integrated(k: Array, n: Array, kind: str, centre: float | None = None) -> Grid:
    """Place a grid where the posterior of mean and size has its mass: a coarse grid of sizes, then a finer one, with means for each size.

    Where the mean is known from elsewhere (``centre``), it is the only one.

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
        v, log_weight = _means(model, pairs, times, u, centre)
        log_weight -= log_weight.max()
        low, high = _around(u[None], log_weight.max(axis=1)[None], step)
    near = log_weight > NEGLIGIBLE
    weight = np.exp(log_weight[near])
    return Grid(model, model.mean(v[near]), model.unit * np.exp(np.broadcast_to(u[:, None], v.shape)[near]), weight / weight.sum())


def _means(model: Model, pairs: Array, times: NDArray[np.int_], u: Array, centre: float | None) -> tuple[Array, Array]:
    """Return for each size a range of means around the best one, with log weights; the larger the size, the narrower the range."""
    size = model.unit * np.exp(u)[:, None]
    log_flat = special.log_expit(u) + special.log_expit(-u)  # the prior of 1 / (1 + size / unit) is uniform
    low, high = np.full(len(u), -25.0), np.full(len(u), 25.0)
    cases, denominators = pairs[..., None, None]
    if centre is not None:
        v = np.full((len(u), 1), np.clip(model.at(centre), low[0], high[0]))
        return v, np.tensordot(times, model.log_marginal(cases, denominators, model.mean(v), size), axes=1) + log_flat[:, None]
    for _ in range(PASSES):
        v, step = _midpoints(low, high)
        likelihood = np.tensordot(times, model.log_marginal(cases, denominators, model.mean(v), size), axes=1)
        log_weight = likelihood + model.log_prior(v) + (log_flat + np.log(step))[:, None]
        low, high = _around(v, log_weight, step)
    return v, log_weight


def _midpoints(low: Array, high: Array) -> tuple[Array, Array]:
    step = (high - low) / STEPS
    return low[:, None] + step[:, None] * (np.arange(STEPS) + 0.5), step


def _around(points: Array, log_weight: Array, step: Array) -> tuple[Array, Array]:
    """Return for each row the range of points with non-negligible weight, widened by one step."""
    near = log_weight > log_weight.max(axis=1, keepdims=True) + NEGLIGIBLE
    return np.where(near, points, np.inf).min(axis=1) - step, np.where(near, points, -np.inf).max(axis=1) + step


def _draw_rates(k: Array, n: Array, kind: str, seed: int, draws: int) -> Array:
    """Draw the rates of all counties together, one row a draw."""
    grid, rng = integrated(k, n, kind), np.random.default_rng(seed)
    at = rng.choice(len(grid.weight), size=draws, p=grid.weight)
    return grid.model.draw(rng, *grid.model.posterior(k, n, grid.mean[at, None], grid.size[at, None]))


def _above(drawn: Array) -> Array:
    """Return the share of the draws in which the county of the row lies above that of the column."""
    return np.array([(one[:, None] > drawn).mean(axis=0) for one in drawn.T]).reshape(drawn.shape[1], drawn.shape[1])


def _thinned(top: float, between: Array) -> Array:
    """Return whole numbers up to ``top``: the first, some between, the last."""
    return np.unique(np.concatenate([np.arange(EXACT + 1), between.round(), np.arange(max(top - EXACT, 0), top + 1).round()]))


def _summed(last: int, n: float, a: Array, b: Array) -> Array:
    """Return the probabilities that a beta-binomial count of ``n`` is at most 0, 1, ... ``last``, a column for each ``a`` and ``b``."""
    j = np.arange(last)[:, None]
    steps = np.log((n - j) / (j + 1)) + np.log(a + j) - np.log(b + n - 1 - j)
    log_p = np.vstack([np.zeros(len(a)), np.cumsum(steps, axis=0)]) + (_rise(b, np.asarray(n)) - _rise(a + b, np.asarray(n)))
    if last < n:
        return np.asarray(np.exp(log_p).cumsum(axis=0))
    p = np.exp(log_p - log_p.max(axis=0))
    return np.asarray(p.cumsum(axis=0) / p.sum(axis=0))


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
