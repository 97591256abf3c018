"""The design effect of many counties' shares, estimated from how far the years of one county lie apart beyond chance.

A few people file most requests, and requests filed together are answered alike. Then ``n`` requests tell as much as ``n`` over the design
effect independent ones, and intervals that take all of them for independent are too narrow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from scipy import special, stats
from scipy.optimize import bisect

from gongkai.core.errors import UsageError
from gongkai.inference.inputs import Array
from gongkai.inference.intervals import CONFIDENCE, Interval, newcombe
from gongkai.inference.phrases import FEWEST

COLUMNS = ("unit", "year", "count", "n")
# With fewer units the estimate itself varies so much that intervals at it are not known to cover (measured by `make bench-inference`).
ENOUGH_UNITS = 40
# One year may weigh at most as much as a deviation of three standard errors does: one odd year is no sign of many small clusters.
MOST_DEVIATION = 9.0
PASSES, CLOSE = 50, 1e-9


@dataclass(frozen=True)
class DesignEffect:
    """An estimated design effect, and what it rests on.

    Attributes
    ----------
    value, low, high : float
        The estimate and its interval; NaN where nothing can be estimated. Below 1 it means: no sign of clusters.
    units, years : int
        How many units it rests on (those with two years or more), and how many of their years.
    why : str
        ``few_units`` where fewer than 40 units stand behind it, so that intervals at it are not known to cover; ``none`` where fewer than
        five do, or all shares are 0 or 1, and there is no estimate; else empty.
    by_unit : DataFrame
        ``years``, ``n``, ``own`` (the unit's own estimate) and ``shrunken`` (drawn towards ``value``, the more the fewer its years).
    """

    value: float
    low: float
    high: float
    units: int
    years: int
    why: str
    by_unit: pd.DataFrame

    @property
    def used(self) -> float:
        """What counts are divided by: never below 1, and 1 where there is no estimate."""
        return 1.0 if np.isnan(self.value) else max(self.value, 1.0)


Effect: TypeAlias = "float | DesignEffect | Literal['estimated']"


def resolved(deff: Effect, years: pd.DataFrame | None = None) -> float:
    """Return the number that counts are divided by: the one given, an estimate, or the estimate from a table of years.

    Raises
    ------
    UsageError
        If it is no number of 1 or more, or to be estimated without ``years``.

    Examples
    --------
    >>> resolved(2.5), resolved("estimated", pd.DataFrame({"unit": ["a"], "year": [2021], "count": [1], "n": [2]}))
    (2.5, 1.0)
    """
    if deff == "estimated" and years is not None:
        return design_effect(years).used
    if isinstance(deff, DesignEffect):
        return deff.used
    if isinstance(deff, str) or not deff >= 1 or np.isinf(deff):
        raise UsageError.of("inference.effect", "inference", found=str(deff))
    return float(deff)


def falls_at(holds: Callable[[float], bool], most: float = 100) -> float:
    """Return the smallest design effect at which a conclusion no longer holds.

    Parameters
    ----------
    holds : callable
        Given a design effect, whether the conclusion still holds; once it does not, it does not at a larger one.
    most : float
        The largest design effect that is tried.

    Returns
    -------
    float
        1 where it does not hold even for independent requests; infinite where it holds at ``most``.

    Examples
    --------
    >>> from gongkai.inference import newcombe
    >>> round(falls_at(lambda deff: newcombe(80, 100, 60, 100, deff=deff).low > 0), 1)
    2.5
    """
    if not holds(1.0):
        return 1.0
    if holds(most):
        return float("inf")
    return float(bisect(lambda deff: 0.5 - holds(deff), 1.0, most, xtol=1e-3))


def difference(
    count: float,
    n: float,
    other_count: float,
    other_n: float,
    confidence: float = CONFIDENCE,
    deff: Effect = 1,
    years: pd.DataFrame | None = None,
) -> Interval:
    """Return the interval of the difference between two shares at a design effect, given or estimated.

    Parameters
    ----------
    count, n, other_count, other_n, confidence : float
        As in :func:`~gongkai.inference.newcombe`.
    deff, years
        As in :func:`~gongkai.inference.shrunken`.

    Returns
    -------
    Interval
        As :func:`~gongkai.inference.newcombe` gives it.

    Examples
    --------
    >>> [round(end, 2) for end in difference(80, 100, 60, 100)], [round(end, 2) for end in difference(80, 100, 60, 100, deff=4)]
    ([0.07, 0.32], [-0.05, 0.42])
    """
    return newcombe(count, n, other_count, other_n, confidence, resolved(deff, years))


class _Parts(NamedTuple):
    """Numerator and denominator of the estimate and its degrees of freedom, an entry a unit."""

    deviation: Array
    expected: Array
    freedom: Array

    @property
    def ratio(self) -> float:
        return float(self.deviation.sum() / self.expected.sum())


def design_effect(table: pd.DataFrame, confidence: float = CONFIDENCE) -> DesignEffect:
    """Estimate the design effect from the dispersion between the years of each unit beyond that of independent requests.

    Parameters
    ----------
    table : DataFrame
        A row for each unit and year: ``unit``, ``year``, ``count``, ``n``. Where a column ``series`` is there, only years of one series are
        set beside each other: a break between two editions of the form is no cluster.
    confidence : float
        Of the interval.

    Returns
    -------
    DesignEffect

    Raises
    ------
    UsageError
        If a column is missing, a unit has a year twice, or a count is no part of its ``n``.

    Notes
    -----
    With the share p of a unit over its years (N requests), the sum of (count - n p)^2 / n over its T years has the expectation
    deff (T - 1) P (1 - P), where P is the unit's true share, and p (1 - p) has that of P (1 - P) (1 - deff / N). So deff is estimated by
    the sum of the former over the sum of (T - 1) p (1 - p) + (the former) / N: a ratio over all units, to which one with no or all granted
    adds nothing on either side. (Quasi-likelihood: McCullagh and Nelder 1989, section 4.5; design effect: Kish 1965; the estimate is that
    of a one-way analysis of variance.) One year adds at most as much as three standard errors do. The interval is the jackknife's over
    units, of the logarithm.

    It assumes that a unit's true share stays the same through its years. Where it changes, the change is taken for clusters, and intervals
    become wider than need be.

    Examples
    --------
    >>> table = pd.DataFrame({"unit": list("aabbccddee"), "year": [2021, 2022] * 5, "n": 100,
    ...                       "count": [40, 60, 35, 45, 50, 52, 30, 50, 61, 39]})
    >>> found = design_effect(table)
    >>> round(found.value, 1), found.units, found.years, found.why
    (5.5, 5, 10, 'few_units')
    """
    cells = _sound(table)
    several = cells[cells.groupby(_key(cells))["year"].transform("size") > 1]
    units, parts = several["unit"].nunique(), _estimated(several)
    known = units >= FEWEST and parts.expected.sum() > 0
    value, (low, high) = (parts.ratio, _jackknife(parts, confidence)) if known else (np.nan, (np.nan, np.nan))
    why = "none" if not known else "few_units" if units < ENOUGH_UNITS else ""
    return DesignEffect(value, low, high, units, len(several), why, _by_unit(several, parts, value))


def _sound(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that have a denominator, as numbers; refuse what is no count of a unit and year."""
    missing = [name for name in COLUMNS if name not in table]
    if missing:
        raise UsageError.of("inference.years", "inference", found=f"{', '.join(map(str, table.columns))} (- {', '.join(missing)})")
    cells = table.dropna(subset=["count", "n"]).astype({"count": float, "n": float})
    cells = cells[cells["n"] > 0].reset_index(drop=True)
    unfit = (cells["count"] < 0) | (cells["count"] > cells["n"]) | cells.duplicated(["unit", "year"])
    if unfit.any():
        found = cells.loc[unfit, ["unit", "year", "count", "n"]].iloc[0].astype("str")
        raise UsageError.of("inference.years", "inference", found=" ".join(found))
    return cells


def _key(cells: pd.DataFrame) -> list[str]:
    return [name for name in ("unit", "series") if name in cells]


def _estimated(cells: pd.DataFrame) -> _Parts:
    """Return the parts of the estimate by unit, no year deviating more than ``MOST_DEVIATION`` allows at the estimate itself."""
    sums = cells.groupby(_key(cells))[["count", "n"]].transform("sum")
    share, total = sums["count"] / sums["n"], sums["n"]
    raw, apart = (cells["count"] - cells["n"] * share) ** 2 / cells["n"], share * (1 - share)
    free = 1 - cells["n"] / total  # what is left of each year once the unit's own share is estimated; T - 1 in all
    parts = _summed(cells["unit"], raw, free * apart + raw / total, free)
    for _ in range(PASSES if parts.expected.sum() else 0):
        effect = max(parts.ratio, 1.0)
        shown = (1 - effect / total).clip(lower=0.1)  # how much of its true variance a unit with few requests shows
        kept = raw.clip(upper=MOST_DEVIATION * effect * free * apart / shown)
        before, parts = parts.ratio, _summed(cells["unit"], kept, free * apart + kept / total, free)
        if abs(parts.ratio - before) < CLOSE:
            break
    return parts


def _summed(unit: pd.Series[Any], *columns: pd.Series[float]) -> _Parts:
    deviation, expected, freedom = (np.asarray(column.groupby(unit, sort=True).sum(), dtype=np.float64) for column in columns)
    return _Parts(deviation, expected, freedom)


def _jackknife(parts: _Parts, confidence: float) -> tuple[float, float]:
    """Return the interval of the ratio from the logarithms of the ratios without each unit."""
    n = len(parts.deviation)
    without = (parts.deviation.sum() - parts.deviation) / (parts.expected.sum() - parts.expected)
    if not (without > 0).all() or not np.isfinite(without).all():
        return 0.0, np.inf
    error = np.sqrt((n - 1) / n * ((np.log(without) - np.log(without).mean()) ** 2).sum())
    wide = stats.t.ppf((1 + confidence) / 2, n - 1) * error
    return float(parts.ratio * np.exp(-wide)), float(parts.ratio * np.exp(wide))


def _by_unit(cells: pd.DataFrame, parts: _Parts, pooled: float) -> pd.DataFrame:
    """Return each unit's own estimate, and that drawn towards the pooled one as variances are (Smyth 2004): by degrees of freedom."""
    frame = cells.groupby("unit", sort=True).agg(years=("year", "size"), n=("n", "sum"))
    own = np.divide(parts.deviation, parts.expected, out=np.full(len(frame), np.nan), where=parts.expected > 0)
    share = parts.freedom / (parts.freedom + _prior_freedom(own, parts.freedom))
    return frame.assign(own=own, shrunken=pooled * (1 - share) + np.where(np.isnan(own), pooled, own) * share)


def _prior_freedom(own: Array, freedom: Array) -> float:
    """Return how many degrees of freedom the pooled estimate is worth, from how far the units' own lie apart; infinite: chance alone."""
    known = own > 0
    if known.sum() < FEWEST:
        return np.inf
    excess = float(np.log(own[known]).var(ddof=1) - special.polygamma(1, freedom[known] / 2).mean())
    return np.inf if excess <= 0 else 2 / excess + 1  # trigamma(x) is about 1 / (x - 1/2)
