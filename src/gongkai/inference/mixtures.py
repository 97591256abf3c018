"""What counties have in common, in three shapes: one clump, a rate that goes with log n, two clumps; each weighs as much as it fits.

One clump is integrated over its grid. The other two have a parameter or two more, and are integrated over points drawn where their
posterior lies (importance sampling: Cornuet and others 2012), so that all three are weighed by their evidence (Kass and Raftery 1995).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import optimize, special, stats
from scipy.optimize import elementwise
from scipy.stats import qmc

from gongkai.inference.clustering import Effect, resolved
from gongkai.inference.inputs import Array, Column, numbers, side_by_side
from gongkai.inference.models import Grid, Model, integrated

SHAPES, BEFORE = ("one_clump", "log_n", "two_clumps"), (0.5, 0.25, 0.25)  # and their probabilities before the data
# Fewer counties cannot show a slope or a second clump; with as many, what they show is weighed, and seldom settles anything below forty.
MANY = 20
POINTS, PASSES, TAILS = 128, 2, 5  # points a shape; rounds of adaption; degrees of freedom of the t distribution they are drawn from
UNLIKELY = 0.01  # a shape with less posterior probability is left out
GOLDEN = (5**0.5 - 1) / 2
STEP, TINY, LONGEST, WIDEST = 1e-4, 1e-9, 100, 3.0  # of differences; added to spreads; iterations; standard deviations where it is flat
SLOPE = stats.norm(0, 0.5)  # of the logit (log) of the rate in log n: one standard deviation takes ten times n from .50 to .76
GAP = stats.norm(np.log(2), 0.7)  # log of the distance between two clumps in logits (logs): mostly from .5 to 8
EDGE = 25.0


class Part(NamedTuple):
    """One shape: for each county, point and clump the parameters of its rate, and the probability of each clump; the points' weights."""

    shape: str
    a: Array
    b: Array
    clump: Array
    weight: Array


@dataclass(frozen=True)
class Mixture:
    """The posterior of the counties' rates over all shapes and points; weights of all points add up to 1."""

    model: Model
    parts: tuple[Part, ...]

    def chances(self) -> dict[str, float]:
        """Return the posterior probability of each shape."""
        return {name: float(sum(part.weight.sum() for part in self.parts if part.shape == name)) for name in SHAPES}

    def mean(self) -> Array:
        """Return each county's posterior mean."""
        found = [(self.model.expected(part.a, part.b) * part.clump).sum(axis=2) @ part.weight for part in self.parts]
        return np.asarray(np.sum(found, axis=0))

    def quantile(self, level: float) -> Array:
        """Return the rate that each county lies below with the probability ``level``."""
        a, b, weight = self._columns()
        rows, back = np.unique(np.hstack([a[:, :1], b[:, :1]]), axis=0, return_index=True, return_inverse=True)[1:]

        def excess(t: Array, row: Array) -> Any:
            at = row.astype(int)
            return (self.model.below(t[..., None], a[at], b[at]) * weight[at]).sum(axis=-1) - level

        found = elementwise.find_root(excess, (np.zeros(len(rows)), np.ones(len(rows))), args=(rows,), tolerances={"xatol": 1e-9})
        return np.asarray(self.model.rate(np.asarray(found.x))[back.ravel()])

    def draw(self, rng: np.random.Generator, draws: int) -> Array:
        """Draw the rates of all counties together, one row a draw."""
        of = np.concatenate([np.full(len(part.weight), at) for at, part in enumerate(self.parts)])
        point = np.concatenate([np.arange(len(part.weight)) for part in self.parts])
        weight = np.concatenate([part.weight for part in self.parts])
        taken = rng.choice(len(weight), size=draws, p=weight / weight.sum())
        drawn = []
        for at, part in enumerate(self.parts):
            points = point[taken[of[taken] == at]]
            a, b, clump = (one[:, points].swapaxes(0, 1) for one in (part.a, part.b, part.clump))
            if clump.shape[2] > 1:
                second = (rng.random(clump.shape[:2]) > clump[..., 0]).astype(int)[..., None]
                a, b = (np.take_along_axis(one, second, axis=2) for one in (a, b))
            drawn.append(self.model.draw(rng, a[..., 0], b[..., 0]))
        return np.vstack(drawn)

    def _columns(self) -> tuple[Array, Array, Array]:
        """Return the parameters of all points and clumps side by side, a row a county, and their weights."""
        flat = [
            [np.reshape(one, (len(one), one.shape[1] * one.shape[2])) for one in (p.a, p.b, p.clump * p.weight[:, None])]
            for p in self.parts
        ]
        a, b, weight = (np.hstack(columns) for columns in zip(*flat, strict=True))
        return a, b, weight


def shaped(k: Array, n: Array, kind: str) -> Mixture:
    """Return the posterior of the counties' rates; below ``MANY`` counties one clump is all that is asked for.

    Examples
    --------
    >>> two = shaped(np.array([2.0] * 20 + [18.0] * 20), np.full(40, 20.0), "share")
    >>> max(two.chances(), key=two.chances().get), two.mean()[[0, -1]].round(2).tolist()
    ('two_clumps', [0.1, 0.9])
    """
    grid = integrated(k, n, kind)
    one = [Part(SHAPES[0], *_single(grid, k, n), grid.weight)]
    if len(k) < MANY:
        return Mixture(grid.model, tuple(one))
    wider = [shape(grid.model, k, n).part() for shape in (LogN, TwoClumps)]
    evidence = np.array([grid.evidence, *(log_evidence for log_evidence, _ in wider)]) + np.log(BEFORE)
    chance = special.softmax(evidence)
    parts = zip(chance, [*one, *(part for _, part in wider)], strict=True)
    kept = [part._replace(weight=part.weight * share) for share, part in parts if share > UNLIKELY]
    total = sum(part.weight.sum() for part in kept)
    return Mixture(grid.model, tuple(part._replace(weight=part.weight / total) for part in kept))


def _single(grid: Grid, k: Array, n: Array) -> tuple[Array, Array, Array]:
    a, b = (np.broadcast_to(one, (len(k), len(grid.weight)))[..., None] for one in grid.given(k, n))
    return a, b, np.ones_like(a)


class Proposal(NamedTuple):
    """A t distribution that points are drawn from."""

    at: Array
    spread: Array

    def points(self, rng: qmc.MultivariateNormalQMC) -> Array:
        wide = np.sqrt(TAILS / stats.chi2(TAILS).ppf((np.arange(POINTS) + 0.5) / POINTS))
        scattered = wide[np.argsort(np.modf(np.arange(POINTS) * GOLDEN)[0])]
        return np.asarray(self.at + scattered[:, None] * (rng.random(POINTS) @ np.linalg.cholesky(self.spread).T))

    def log_density(self, theta: Array) -> Array:
        return np.asarray(stats.multivariate_t(self.at, self.spread, TAILS).logpdf(theta))


class Wider:
    """A shape with more parameters than one clump; a row of ``theta`` is a point: the mean's logit (log), the size's log, its own."""

    shape: str
    starts: tuple[tuple[float, ...], ...]

    def __init__(self, model: Model, k: Array, n: Array) -> None:
        self.model, self.k, self.n = model, k[:, None, None], n[:, None, None]
        self.x = (np.log(n) - np.log(n).mean())[:, None, None]

    def centres(self, theta: Array) -> tuple[Array, Array]:
        """Return the logit (log) of the mean of each county, point and clump, and the log probability of each point's clumps."""
        raise NotImplementedError

    def log_prior(self, theta: Array) -> Array:
        """Return the log density of a shape's own parameters before the data."""
        raise NotImplementedError

    def part(self) -> tuple[float, Part]:
        """Return the log evidence, and as many points as are enough, drawn anew by weight so that all weigh the same."""
        proposals = [self._peak(np.array(start)) for start in self.starts]
        rng = qmc.MultivariateNormalQMC(np.zeros(len(proposals[0].at)), rng=0)
        theta = np.vstack([one.points(rng) for one in proposals])
        for _ in range(PASSES):
            weight = special.softmax(self._log_weights(theta, proposals))
            at = weight @ theta
            proposals.append(Proposal(at, np.cov(theta.T, aweights=weight, bias=True) + TINY * np.eye(len(at))))
            theta = np.vstack([theta, proposals[-1].points(rng)])
        log_weight = self._log_weights(theta, proposals)
        cumulative = special.softmax(log_weight).cumsum()
        taken = np.searchsorted(cumulative, (np.arange(POINTS) + 0.5) / POINTS * cumulative[-1])
        return float(special.logsumexp(log_weight) - np.log(len(theta))), self._posterior(theta[taken])

    def _peak(self, start: Array) -> Proposal:
        """Return where the density is highest near a start, and how far it spreads there by its curvature."""
        centre = np.array([self.model.at(float((self.k.sum() + 1) / (self.n.sum() + 2))), np.log(5.0)])

        def slope(theta: Array) -> Array:
            return -self._differences(theta, self.log_density)

        def depth(theta: Array) -> float:
            return -float(self.log_density(theta[None])[0])

        found = optimize.minimize(depth, np.concatenate([centre, start]), jac=slope, method="BFGS", options={"maxiter": LONGEST}).x
        curved = self._differences(found, lambda near: np.array([slope(one) for one in near]))
        values, vectors = np.linalg.eigh((curved + curved.T) / 2)
        return Proposal(found, vectors / np.clip(values, 1 / WIDEST**2, None) @ vectors.T)

    def _differences(self, theta: Array, of: Callable[[Array], Array]) -> Array:
        steps = STEP * np.eye(len(theta))
        return np.asarray((of(theta + steps) - of(theta - steps)) / (2 * STEP))

    def _log_weights(self, theta: Array, proposals: Sequence[Proposal]) -> Array:
        """Return the log density of each point less that of being drawn by any proposal."""
        drawn = special.logsumexp([one.log_density(theta) for one in proposals], axis=0) - np.log(len(proposals))
        return np.asarray(self.log_density(theta) - drawn)

    def log_density(self, theta: Array) -> Array:
        """Return the log of prior times likelihood of each point."""
        v, u = np.clip(theta[:, 0], -EDGE, EDGE), theta[:, 1]
        before = self.model.log_prior(v) + special.log_expit(u) + special.log_expit(-u) + self.log_prior(theta)
        return np.asarray(special.logsumexp(self._of_clumps(theta), axis=2).sum(axis=0) + before)

    def _of_clumps(self, theta: Array) -> Array:
        """Return the log probability of each county's count in each clump, times that of the clump."""
        centre, clump = self.centres(theta)
        return self.model.log_marginal(self.k, self.n, self.model.mean(np.clip(centre, -EDGE, EDGE)), self._size(theta)) + clump

    def _posterior(self, theta: Array) -> Part:
        centre, _ = self.centres(theta)
        a, b = self.model.posterior(self.k, self.n, self.model.mean(np.clip(centre, -EDGE, EDGE)), self._size(theta))
        clump = special.softmax(self._of_clumps(theta), axis=2)
        a, b = np.broadcast_arrays(a, b)
        return Part(self.shape, a, b, clump, np.full(len(theta), 1 / len(theta)))

    def _size(self, theta: Array) -> Array:
        return np.asarray(self.model.unit * np.exp(np.clip(theta[:, 1], -EDGE, EDGE))[:, None])


class LogN(Wider):
    """The logit (log) of the mean goes with log n."""

    shape = "log_n"
    starts = ((0.0,),)

    def centres(self, theta: Array) -> tuple[Array, Array]:
        return theta[:, :1] + theta[:, 2:] * self.x, np.zeros((len(theta), 1))

    def log_prior(self, theta: Array) -> Array:
        return np.asarray(SLOPE.logpdf(theta[:, 2]))


class TwoClumps(Wider):
    """Two clumps of one size, a distance apart, either side of the mean's logit (log); behind it, the logit of the first one's share."""

    shape = "two_clumps"
    starts = ((0.7, 0.0), (0.7, 1.5), (0.7, -1.5))

    def centres(self, theta: Array) -> tuple[Array, Array]:
        half = np.exp(np.clip(theta[:, 2:3], -EDGE, 3)) / 2
        share = theta[:, 3:]
        return (theta[:, :1] + half * [-1, 1])[None], np.hstack([special.log_expit(share), special.log_expit(-share)])

    def log_prior(self, theta: Array) -> Array:
        return np.asarray(GAP.logpdf(theta[:, 2]) + special.log_expit(theta[:, 3]) + special.log_expit(-theta[:, 3]))


def shapes(counts: Column, n: Column, kind: str = "share", deff: Effect = 1, years: pd.DataFrame | None = None) -> pd.Series[float]:
    """Say how likely it is that counties form one clump, that their rates go with log n, or that they form two clumps.

    Parameters
    ----------
    counts, n, kind, deff, years
        As in :func:`~gongkai.inference.shrunken`, which averages over the three.

    Returns
    -------
    Series
        The posterior probabilities of ``one_clump`` (one half before the data), ``log_n`` and ``two_clumps`` (one quarter each); below 20
        counties, which cannot show it, one clump is assumed. NA where fewer than five counties have a value.

    Examples
    --------
    >>> shapes([2] * 20 + [18] * 20, [20] * 40).round(2).to_dict()
    {'one_clump': 0.0, 'log_n': 0.0, 'two_clumps': 1.0}
    """
    known, k, e = numbers(side_by_side(counts, n, kind), resolved(deff, years))
    found = shaped(k, e, kind).chances() if known.any() else dict.fromkeys(SHAPES, pd.NA)
    return pd.Series(found, dtype="Float64")
