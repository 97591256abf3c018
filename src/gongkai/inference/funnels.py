"""Funnels: within which limits a county's rate falls if it is one of the others, and how many fall outside when nothing is wrong."""

from __future__ import annotations

from typing import Any

import pandas as pd

from gongkai.inference.clustering import Effect, resolved
from gongkai.inference.inputs import Column, beside, numbers, of_whole, side_by_side
from gongkai.inference.predictive import Expected, expectations

LEVELS = {"95": 0.95, "998": 0.998}  # the wider limit is last, so that it overwrites "95" where a county lies outside both


def funnel(
    counts: Column,
    n: Column,
    kind: str = "share",
    between: bool = True,
    centre: float | None = None,
    deff: Effect = 1,
    years: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Set the rate of each county beside the limits within which the others, without it, would put a county of its size.

    Parameters
    ----------
    counts, n : sequence, mapping or Series
        One number for each county, as in :func:`~gongkai.inference.inputs.side_by_side`.
    kind : {"share", "rate"}
        Parts of ``n``, or cases over an exposure.
    between : bool
        Whether the limits make room for the variance between counties that the others show; without it, for chance alone around one rate.
    centre : float, optional
        The mean, where it is known from elsewhere; without it, the others tell it.
    deff, years
        As in :func:`~gongkai.inference.shrunken`. The limits are those of the nearest whole number of independent requests.

    Returns
    -------
    DataFrame
        ``count``, ``n``, ``value``, ``few``, ``why``; ``centre`` (the mean that the others lead to) and ``between_sd`` (their standard
        deviation, 0 without ``between``); ``low_95``, ``high_95``, ``low_998``, ``high_998``; ``outside`` (``95``, ``998`` or empty);
        and ``chance_95``, ``chance_998``: the probability that a county like the others falls outside, so that their sums are the numbers
        to expect. A value on a limit is inside. Fewer than five counties do not show what is ordinary: all this is then NA, and ``why``
        is ``few_counties``; only chance around a known ``centre`` needs no other county.

    Notes
    -----
    Funnels: Spiegelhalter (2005), Statistics in Medicine 24, 1185-1202. His variance between counties is estimated from all of them, and a
    single large outlier widens it until it lies inside. Here each county meets the predictive distribution of the others, integrated over
    what they leave open of mean and variance (:func:`~gongkai.inference.shrunken`), as Marshall and Spiegelhalter (2007), Bayesian
    Analysis 2, 409-444, do by cross-validation.

    Examples
    --------
    >>> found = funnel([45, 45, 45, 45, 80], [100] * 5)
    >>> found["outside"].tolist(), round(float(found["chance_95"].sum()), 2)
    (['', '', '', '', '95'], 0.24)
    >>> funnel([5, 30], [20, 40])["why"].tolist()
    ['few_counties', 'few_counties']
    """
    frame = side_by_side(counts, n, kind)
    if centre is not None and not between:
        frame["why"] = frame["why"].replace("few_counties", "")
    known, k, e = numbers(frame, resolved(deff, years))
    k, e = of_whole(k, e) if kind == "share" else (k, e)
    rows = pd.DataFrame(index=range(len(k)), columns=[*_COLUMNS, "outside"], dtype=object)
    for at, ((grid, expected), count, size) in enumerate(zip(expectations(k, e, kind, between, centre), k, e, strict=True)):
        sd = float(grid.weight @ grid.model.between_sd(grid.mean, grid.size)) if between else 0.0
        found = _county_limits(expected, count, size)
        rows.loc[at] = {"centre": float(grid.weight @ grid.mean), "between_sd": sd, **found}
    outside = {"outside": rows.pop("outside").to_numpy()}
    return beside(beside(frame, known, {name: rows[name].to_numpy(dtype=float) for name in _COLUMNS}), known, outside, "str")


_ENDS = [f"{end}_{name}" for name in LEVELS for end in ("low", "high", "chance")]
_COLUMNS = ["centre", "between_sd", *_ENDS]


def _county_limits(expected: Expected, count: float, n: float) -> dict[str, Any]:
    """Return the limits of one county, the probability to fall outside them, and outside which of them it lies."""
    found: dict[str, Any] = {"outside": ""}
    for name, level in LEVELS.items():
        tail = (1 - level) / 2
        low, high = expected.quantile(tail), expected.quantile(1 - tail)
        chance = expected.up_to(low - 1) + 1 - expected.up_to(high)
        found |= {f"low_{name}": low / n, f"high_{name}": high / n, f"chance_{name}": max(chance, 0.0)}
        if not low <= count <= high:
            found["outside"] = name
    return found
