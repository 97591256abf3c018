"""Intervals for shares and rates of small counts, and for their differences: a thin layer over statsmodels and scipy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from gongkai.core.errors import UsageError
from gongkai.inference.phrases import FEW

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """A confidence interval, two floats, or both NA where there is nothing to divide by, or too little to say anything."""

    low: Any
    high: Any


def wilson(count: float, n: float, confidence: float = CONFIDENCE, deff: float = 1) -> Interval:
    """Return the Wilson interval of a share.

    Parameters
    ----------
    count, n : float
        Whole numbers, ``0 <= count <= n``.
    confidence : float
        Between 0 and 1.
    deff : float
        The design effect, 1 or more: ``n`` requests that tell as much as ``n / deff`` independent ones, since few people file many.

    Returns
    -------
    Interval
        ``(low, high)`` as shares from 0 to 1, ``(NA, NA)`` where ``n`` is 0. It holds if these requests were independent draws from a
        stable process.

    Raises
    ------
    UsageError
        If the numbers are no count out of ``n``.

    Notes
    -----
    Wilson (1927); recommended for small counts by Brown, Cai and DasGupta (2001). Design effect: Kish (1965).

    Examples
    --------
    >>> [round(end, 3) for end in wilson(0, 3)]
    [0.0, 0.561]
    >>> wilson(0, 0)
    Interval(low=<NA>, high=<NA>)
    """
    return _share(count, n, confidence, deff, "wilson")


def clopper_pearson(count: float, n: float, confidence: float = CONFIDENCE, deff: float = 1) -> Interval:
    """Return the exact interval of a share, which never covers less often than it says and mostly covers more often.

    Parameters
    ----------
    count, n, confidence, deff : float
        As in :func:`wilson`.

    Returns
    -------
    Interval
        As in :func:`wilson`.

    Notes
    -----
    Clopper and Pearson (1934).

    Examples
    --------
    >>> [round(end, 3) for end in clopper_pearson(0, 3)]
    [0.0, 0.708]
    """
    return _share(count, n, confidence, deff, "beta")


def poisson(count: float, exposure: float = 1, confidence: float = CONFIDENCE, deff: float = 1) -> Interval:
    """Return the exact interval of a rate: cases over an exposure, such as reconsiderations over replies.

    Parameters
    ----------
    count, exposure : float
        A whole number of cases, and what it is counted over.
    confidence, deff : float
        As in :func:`wilson`.

    Returns
    -------
    Interval
        In cases per unit of exposure, ``(NA, NA)`` where there is no exposure.

    Notes
    -----
    Garwood (1936).

    Examples
    --------
    >>> [round(end, 4) for end in poisson(3, 100)]
    [0.0062, 0.0877]
    """
    _refuse(count >= 0 and count == int(count) and exposure >= 0, confidence, deff, f"{count} / {exposure}")
    if exposure == 0:
        return _nothing()
    from statsmodels.stats.rates import confint_poisson

    low, high = confint_poisson(count / deff, exposure / deff, method="exact-c", alpha=1 - confidence)
    return Interval(float(low), float(high))


def newcombe(count: float, n: float, other_count: float, other_n: float, confidence: float = CONFIDENCE, deff: float = 1) -> Interval:
    """Return the interval of the difference between two shares of independent samples: two counties, or two years.

    A county is compared with the others, never with a total that contains it.

    Parameters
    ----------
    count, n, other_count, other_n : float
        Whole numbers, as in :func:`wilson`.
    confidence, deff : float
        As in :func:`wilson`.

    Returns
    -------
    Interval
        Of the first share less the second, ``(NA, NA)`` where either has nothing to divide by.

    Notes
    -----
    Newcombe (1998), Statistics in Medicine 17, 873-890, method 10.

    Examples
    --------
    >>> [round(end, 2) for end in newcombe(1, 1, 1, 1)]
    [-0.79, 0.79]
    """
    _refuse_no_share(count, n, confidence, deff)
    _refuse_no_share(other_count, other_n, confidence, deff)
    if n == 0 or other_n == 0:
        return _nothing()
    from statsmodels.stats.proportion import confint_proportions_2indep

    counts = (count / deff, n / deff, other_count / deff, other_n / deff)
    low, high = confint_proportions_2indep(*counts, method="newcomb", compare="diff", alpha=1 - confidence)
    furthest = (count == 0 and other_count == other_n, count == n and other_count == 0)
    return Interval(-1.0 if furthest[0] else float(low), 1.0 if furthest[1] else float(high))


def within_one_total(count: float, other_count: float, n: float, confidence: float = CONFIDENCE, deff: float = 1) -> Interval:
    """Return the interval of the difference between two shares of one total, such as granted and refused among the processed.

    Parameters
    ----------
    count, other_count, n : float
        Two counts that exclude each other, and the total that contains both.
    confidence, deff : float
        As in :func:`wilson`.

    Returns
    -------
    Interval
        Of the first share less the second, ``(NA, NA)`` where ``n`` is 0.

    Notes
    -----
    The score interval of Tango (1998), Statistics in Medicine 17, 891-908, for the two discordant cells of a multinomial: where the
    difference is ``d``, the second share has a closed estimate, and ``d`` is kept while its score stays within the normal quantile.

    Examples
    --------
    >>> [round(end, 3) for end in within_one_total(12, 2, 50)]
    [0.061, 0.345]
    """
    _refuse_no_share(count + other_count, n, confidence, deff)
    _refuse_no_share(min(count, other_count), n, confidence, deff)
    if n == 0:
        return _nothing()
    from scipy.optimize import brentq
    from scipy.stats import norm

    a, b, total, z = count / deff, other_count / deff, n / deff, norm.ppf((1 + confidence) / 2)
    here = (a - b) / total
    low = -1.0 if here == -1 else brentq(lambda d: _score(a, b, total, d) - z, -1, here)
    high = 1.0 if here == 1 else brentq(lambda d: _score(a, b, total, d) + z, here, 1)
    return Interval(float(low), float(high))


def joint_shares(counts: Sequence[float], confidence: float = CONFIDENCE, deff: float = 1) -> tuple[Interval, ...]:
    """Return intervals that hold for all shares of one total at once, such as the five groups of results.

    Parameters
    ----------
    counts : sequence of float
        Counts that add to the total.
    confidence, deff : float
        As in :func:`wilson`; the confidence is that of all intervals together.

    Returns
    -------
    tuple of Interval
        In the order given; all NA where fewer than 30 cases (over the design effect) stand behind them.

    Notes
    -----
    Clopper and Pearson at the Bonferroni level: safe with empty groups, where the usual multinomial intervals are not.

    Examples
    --------
    >>> [round(end, 2) for end in joint_shares([20, 10, 5, 5, 0])[0]]
    [0.29, 0.71]
    >>> joint_shares([1, 0, 0, 0, 0])[0]
    Interval(low=<NA>, high=<NA>)
    """
    n = sum(counts)
    if n / deff < FEW:
        return tuple(_nothing() for _ in counts)
    each = 1 - (1 - confidence) / len(counts)
    return tuple(clopper_pearson(count, n, each, deff) for count in counts)


def share_ends(counts: Any, n: Any, confidence: float = CONFIDENCE, method: str = "wilson") -> tuple[Any, Any]:
    """Return the ends of the intervals of many shares: exactly 0 where nothing was counted, exactly 1 where everything was.

    Parameters
    ----------
    counts, n : array_like
        ``0 <= counts <= n``, no ``n`` of 0.
    confidence : float
    method : {"wilson", "beta"}
        Of statsmodels, whose Wilson ends miss 0 and 1 by a rounding error, which would be printed as "<1 %" and ">99 %".

    Returns
    -------
    tuple of two arrays

    Examples
    --------
    >>> [end.tolist() for end in share_ends([0, 3], [3, 3])][0][0], [end.tolist() for end in share_ends([0, 3], [3, 3])][1][1]
    (0.0, 1.0)
    """
    import numpy as np
    from statsmodels.stats.proportion import proportion_confint

    counts, n = np.asarray(counts, dtype=float), np.asarray(n, dtype=float)
    low, high = proportion_confint(counts, n, alpha=1 - confidence, method=method)
    return np.where(counts == 0, 0.0, np.clip(low, 0, 1)), np.where(counts == n, 1.0, np.clip(high, 0, 1))


def _score(a: float, b: float, n: float, d: float) -> float:
    """Return the score of a difference ``d`` between two shares of one total."""
    linear, constant = (2 * n - a + b) * d - a - b, -b * d * (1 - d)
    second = (max(linear**2 - 8 * n * constant, 0) ** 0.5 - linear) / (4 * n)
    variance = n * (2 * second + d * (1 - d))
    gap = a - b - n * d
    return gap / variance**0.5 if variance > 0 else (gap > 0) * 1e9 - (gap < 0) * 1e9


def _share(count: float, n: float, confidence: float, deff: float, method: str) -> Interval:
    _refuse_no_share(count, n, confidence, deff)
    if n == 0:
        return _nothing()
    return Interval(*map(float, share_ends(count / deff, n / deff, confidence, method)))


def _nothing() -> Interval:
    import pandas as pd

    return Interval(pd.NA, pd.NA)


def _refuse_no_share(count: float, n: float, confidence: float, deff: float) -> None:
    _refuse(0 <= count <= n and count == int(count) and n == int(n), confidence, deff, f"{count} / {n}")


def _refuse(sound: bool, confidence: float, deff: float, found: str) -> None:
    if not (sound and 0 < confidence < 1 and deff >= 1):
        given = f"{found}, {confidence}, {deff}"
        raise UsageError.of("inference.interval", "inference", given=given)
