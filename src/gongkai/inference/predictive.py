"""The predictive distribution of a county's count, given the counts of the other counties.

The county itself is left out: an outlier that is included widens the distribution until it no longer looks like an outlier.
So the others alone say where counties of their kind lie and how far apart, and how surely they say it; the chance of the county's own
``n`` is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gongkai.inference.inputs import Array, Column, side_by_side
from gongkai.inference.models import BetaBinomial, GammaPoisson, Grid, Model, integrated
from gongkai.inference.phrases import FEWEST

ROUNDING = 1e-12
LEVELS = (0.025, 0.25, 0.5, 0.75, 0.975)
# When a grid is reweighted: the share of its effective points that must be left, the weight (relative to the highest) below which a point
# counts as edge, and the mass that may lie on the edge.
ENOUGH, EDGE, MISSED = 0.5, 1e-4, 1e-3


@dataclass(frozen=True)
class Expected:
    """The predictive distribution of a county's count: sorted ``counts``, and the cumulative probability of each."""

    counts: Array
    at_most: Array

    def quantile(self, level: float) -> float:
        """Return the smallest count whose cumulative probability reaches ``level``."""
        place = int(np.searchsorted(self.at_most, level * (1 - ROUNDING)))
        return float(self.counts[min(place, len(self.counts) - 1)])

    def up_to(self, count: float) -> float:
        """Return the probability of this count or fewer."""
        place = int(np.searchsorted(self.counts, count, side="right")) - 1
        return float(self.at_most[place]) if place >= 0 else 0.0


def predicted(counts: Column, n: Column, size: float, kind: str = "share", levels: Sequence[float] = LEVELS) -> pd.Series[float]:
    """Say between which values a county of a given size would report its share, were it one of these counties.

    Parameters
    ----------
    counts, n : sequence, mapping or Series
        Of the others, without the county itself; one number for each, as in :func:`~gongkai.inference.inputs.side_by_side`.
    size : float
        The denominator (or exposure) of the county that is set beside them.
    kind : {"share", "rate"}
    levels : sequence of float
        Between 0.25 and 0.75 lies the middle half.

    Returns
    -------
    Series
        A reported share (or rate) for each level, on the footing of the county's own: the counties differ among themselves, so much is
        known of how far, and ``size`` requests vary by chance. NA where fewer than four others have a value, or ``size`` is 0.

    Notes
    -----
    The predictive distribution of the beta-binomial (gamma-Poisson) model of :func:`~gongkai.inference.shrunken`. The quartiles of shrunken
    means are no substitute: they lie closer together than the true shares, and closer still than reported ones.

    Examples
    --------
    >>> predicted([9, 24, 40, 11, 60], [20, 50, 100, 30, 110], size=25).round(2).to_dict()
    {0.025: 0.12, 0.25: 0.36, 0.5: 0.44, 0.75: 0.56, 0.975: 0.8}
    """
    frame = side_by_side(counts, n, kind)
    known = frame["value"].notna()
    found = pd.Series(pd.NA, list(levels), dtype="Float64")
    if known.sum() >= FEWEST - 1 and size > 0:
        k, e = (frame.loc[known, name].to_numpy(dtype=float) for name in ("count", "n"))
        expected = expectation(integrated(k, e, kind), size)
        found[:] = [expected.quantile(level) / size for level in levels]
    return found


def expectation(grid: Grid, n: float, count: float = 0) -> Expected:
    """Return the predictive distribution of the count of a county with ``n``; probabilities at ``count`` and ``count - 1`` are exact.

    Examples
    --------
    >>> grid = integrated(np.array([50.0, 49, 52, 48, 50]), np.full(5, 100.0), "share")
    >>> expectation(grid, 100).quantile(0.5)
    50.0
    """
    counts = grid.model.counts(n, grid.mean, grid.size, grid.weight)
    counts = np.union1d(counts, [max(count - 1, 0), count]) if len(counts) else counts
    at_most = grid.model.cumulative(counts, n, grid.mean, grid.size) @ grid.weight
    return Expected(counts, np.minimum(np.maximum.accumulate(at_most), 1))


def expectations(k: Array, n: Array, kind: str, between: bool = True, centre: float | None = None) -> list[tuple[Grid, Expected]]:
    """Return for each county the posterior grid given the other counties, and the predictive distribution of its count.

    Parameters
    ----------
    k, n : ndarray
        Counts and denominators (or exposures), floats.
    kind : {"share", "rate"}
    between : bool
        Whether counties may differ; otherwise all the others have one rate.
    centre : float, optional
        The mean, where it is known from elsewhere.

    Examples
    --------
    >>> found = expectations(np.array([45.0] * 4 + [80]), np.full(5, 100.0), "share")
    >>> [round(1 - expected.up_to(count - 1), 3) for (_, expected), count in zip(found, [45, 45, 45, 45, 80])]
    [0.648, 0.648, 0.648, 0.648, 0.012]
    """
    pairs, first, back = np.unique(np.stack([k, n]), axis=1, return_index=True, return_inverse=True)
    grids = _of_the_others(k, n, first, kind, centre) if between else [_one_rate(k, n, at, kind, centre) for at in first]
    found = [(grid, expectation(grid, size, count)) for grid, count, size in zip(grids, *pairs, strict=True)]
    return [found[at] for at in back.ravel()]


def _of_the_others(k: Array, n: Array, left_out: Iterable[int], kind: str, centre: float | None) -> list[Grid]:
    """Return the posterior grid without each county: the grid of all, reweighted, where it is wide enough, else one computed anew."""
    whole = integrated(k, n, kind, centre)
    grids = []
    for at in left_out:
        log_weight = np.log(whole.weight) - whole.model.log_marginal(k[at], n[at], whole.mean, whole.size)
        weight = np.exp(log_weight - log_weight.max())
        weight /= weight.sum()
        shared = replace(whole, weight=weight)
        grids.append(shared if _grid_is_wide_enough(whole, weight) else integrated(np.delete(k, at), np.delete(n, at), kind, centre))
    return grids


def _grid_is_wide_enough(whole: Grid, weight: Array) -> bool:
    """Say whether the reweighted grid of all counties is still adequate: enough points carry weight, and almost none lies at its edge."""
    edge = whole.weight < EDGE * whole.weight.max()
    return bool((whole.weight**2).sum() > ENOUGH * (weight**2).sum() and weight[edge].sum() < MISSED)


def _one_rate(k: Array, n: Array, at: int, kind: str, centre: float | None) -> Grid:
    """Return one point that stands for the posterior of the others' one rate, flat (share) or Jeffreys' (rate) before; or a known rate."""
    model: Model = BetaBinomial() if kind == "share" else GammaPoisson(1.0)
    cases, exposure = k.sum() - k[at], n.sum() - n[at]
    more, wider = (1, 2) if kind == "share" else (0.5, 0)
    mean, size = ((cases + more) / (exposure + wider), exposure + wider) if centre is None else (centre, np.inf)
    return Grid(model, np.array([mean]), np.array([size]), np.ones(1))
