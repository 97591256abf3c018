"""Funnels: between which limits the rate of a county may fall by chance alone, and how many fall outside when nothing is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from gongkai.inference.inputs import Column, beside, side_by_side

LEVELS = {"95": 0.95, "998": 0.998}  # the wider one last: it overwrites "95" where a county is outside both


def funnel(counts: Column, n: Column, kind: str = "share", between: bool = True, centre: float | None = None) -> pd.DataFrame:
    """Set the rate of each county beside exact limits around what all counties have in common.

    Parameters
    ----------
    counts, n : sequence, mapping or Series
        One number for each county, as in :func:`~gongkai.inference.inputs.side_by_side`.
    kind : {"share", "rate"}
        Parts of ``n`` (binomial limits), or cases over an exposure (Poisson limits).
    between : bool
        Whether the limits make room for the variance between counties that the counts show beyond chance.
    centre : float, optional
        The rate to compare with; without it, all cases over all denominators.

    Returns
    -------
    DataFrame
        ``count``, ``n``, ``value``, ``few``; ``centre`` and ``between_sd`` (the standard deviation between counties that the limits allow
        for); ``low_95``, ``high_95``, ``low_998``, ``high_998``; ``outside`` (``95``, ``998`` or empty, NA without a value);
        and ``chance_95``, ``chance_998``: the probability that a county in control falls outside, so that their sums are the numbers to
        expect. A value on a limit is inside.

    Notes
    -----
    Spiegelhalter (2005), Statistics in Medicine 24, 1185-1202: exact limits, and an additive variance between counties by moments. A single
    case says nothing about that variance, so a share's ``n - 1`` stands where his formula has ``n``; the limits are then those of a
    beta-binomial or negative binomial count.

    Examples
    --------
    >>> found = funnel([5, 6, 4, 30], [20, 20, 20, 40], between=False)
    >>> found["outside"].tolist(), round(float(found["chance_95"].sum()), 2)
    (['', '', '95', '998'], 0.16)
    """
    frame = side_by_side(counts, n, kind)
    known = frame["value"].notna()
    k, e = (frame.loc[known, name].to_numpy(dtype=float) for name in ("count", "n"))
    middle = k.sum() / max(e.sum(), 1e-300) if centre is None else centre
    spread = _spread(k, e, middle, kind, centre is None) if between else 0.0
    control = _in_control(e, middle, spread, kind)
    found: dict[str, Any] = {"centre": middle, "between_sd": (spread * middle * (1 - middle if kind == "share" else 1)) ** 0.5}
    outside = np.full(len(k), "", dtype=object)
    for name, level in LEVELS.items():
        low, high = (np.asarray(control.ppf(q)) for q in ((1 - level) / 2, (1 + level) / 2))
        found |= {f"low_{name}": low / e, f"high_{name}": high / e, f"chance_{name}": control.cdf(low - 1) + control.sf(high)}
        outside[(k < low) | (k > high)] = name
    return beside(beside(frame, known, found), known, {"outside": outside}, "str")


def _spread(k: np.ndarray, n: np.ndarray, middle: float, kind: str, estimated: bool) -> float:
    """Return by how much the variance between counties exceeds chance, in units of the variance of a single case."""
    variance = middle * (1 - middle) if kind == "share" else middle
    free = 1 - n / n.sum() if estimated else np.ones(len(n))
    telling = float((free * (n - 1 if kind == "share" else n)).sum())
    if variance <= 0 or telling <= 0:
        return 0.0
    excess = float(((k - n * middle) ** 2 / (n * variance)).sum() - free.sum())
    return min(max(excess / telling, 0.0), 0.999 if kind == "share" else np.inf)


def _in_control(n: np.ndarray, middle: float, spread: float, kind: str) -> Any:
    """Return how counts fall where nothing but chance and the variance between counties is at work."""
    if kind == "share":
        size = (1 - spread) / spread if spread else np.inf
        return stats.betabinom(n, middle * size, (1 - middle) * size) if spread else stats.binom(n, middle)
    return stats.nbinom(middle / spread, 1 / (1 + n * spread)) if spread else stats.poisson(n * middle)
