"""What counts say of a rate: beta-binomial for parts of a whole, gamma-Poisson for cases over an exposure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special

from gongkai.inference.inputs import Array

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
    """A grid of means and sizes (the two parameters of the prior) with their posterior weights, and the log evidence of the model."""

    model: Model
    mean: Array
    size: Array
    weight: Array
    evidence: float = float("nan")

    def given(self, k: Array, n: Array) -> tuple[Array, Array]:
        """Return both parameters of each county's rate, one row a county and one column a point of the grid."""
        return self.model.posterior(k[..., None], n[..., None], self.mean, self.size)


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
        most = log_weight.max()
        log_weight -= most
        low, high = _around(u[None], log_weight.max(axis=1)[None], step)
    near = log_weight > NEGLIGIBLE
    weight, size = np.exp(log_weight[near]), model.unit * np.exp(np.broadcast_to(u[:, None], v.shape)[near])
    evidence = float(most + np.log(weight.sum() * step[0]))
    return Grid(model, model.mean(v[near]), size, weight / weight.sum(), evidence)


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
