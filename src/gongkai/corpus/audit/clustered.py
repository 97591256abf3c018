"""An interval for a weighted share of cells that were drawn from documents, where errors come together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CONFIDENCE = 0.95


def clustered_interval(
    hits: NDArray[np.float64], weights: NDArray[np.float64], clusters: NDArray[Any], confidence: float = CONFIDENCE, every: bool = False
) -> tuple[float, float, float]:
    """Return a weighted share and its interval: Clopper-Pearson at the effective sample size of Korn and Graubard.

    Parameters
    ----------
    hits : array of float
        1 for an error, 0 for none.
    weights : array of float
        One over each cell's chance of being drawn.
    clusters : array
        The document of each cell.
    confidence : float
        Between 0 and 1.
    every : bool
        Whether cells of every document there is were drawn. Documents are then strata, and only cells that were not drawn are uncertain.

    Returns
    -------
    tuple of float
        Rate, low, high.

    Notes
    -----
    The rate is a ratio estimate. Its variance is linearised and taken between documents; it gives the effective sample size, which is
    never larger than the weights allow (Kish 1965) and is corrected for the number of documents by the ratio of t quantiles (Korn and
    Graubard 1998, *Survey Methodology* 24, 193-201; the standard of the National Center for Health Statistics since 2017). Where no
    error, or nothing else, was seen there is no variance to estimate: then each document counts as one observation, which is what holds
    if errors come in whole documents, and an error seen never lowers the upper limit below that.

    Examples
    --------
    >>> import numpy as np
    >>> one_each = np.arange(200)
    >>> [round(end, 4) for end in clustered_interval(np.zeros(200), np.ones(200), one_each)]
    [0.0, 0.0, 0.0183]
    >>> [round(end, 4) for end in clustered_interval(np.zeros(200), np.ones(200), one_each // 10)]
    [0.0, 0.0, 0.1684]
    >>> [round(end, 4) for end in clustered_interval(np.zeros(200), np.full(200, 2.0), one_each // 10, every=True)]
    [0.0, 0.0, 0.0092]
    """
    import numpy as np

    _, documents = np.unique(clusters, return_inverse=True)
    total = weights.sum()
    rate = float(np.clip((weights * hits).sum() / total, 0, 1))
    if every:
        return rate, *_within(hits, weights, documents, rate, 1 - confidence)
    apart = float(total**2 / (np.bincount(documents, weights) ** 2).sum())
    spread = float((np.bincount(documents, weights * (hits - rate) / total) ** 2).sum())
    m, alpha = int(documents.max()) + 1, 1 - confidence
    if not 0 < hits.mean() < 1 or m == 1 or spread == 0:
        return rate, *_exact(rate, apart, alpha)
    flat = float(total**2 / (weights**2).sum())
    size = min(rate * (1 - rate) / (spread * m / (m - 1)), flat) * _few(len(hits), m, alpha)
    low, high = _exact(rate, size, alpha)
    return rate, low, max(high, _exact(0, apart, alpha)[1])


def _within(hits: Any, weights: Any, documents: Any, rate: float, alpha: float) -> tuple[float, float]:
    """Return the interval where documents are strata: with the finite population correction, and no narrower than for independent cells."""
    import numpy as np

    total, n = float(weights.sum()), len(hits)
    if n >= total:
        return rate, rate
    alone = np.bincount(documents)[documents] == 1
    _, strata = np.unique(np.where(alone, -1, documents), return_inverse=True)  # a variance needs two cells of a stratum
    drawn, of = np.bincount(strata), np.bincount(strata, weights)
    apart = weights * (hits - rate) / total
    off = apart - (np.bincount(strata, apart) / drawn)[strata]
    left = np.clip(1 - drawn / of, 0, 1) * drawn / np.maximum(drawn - 1, 1)
    spread = float((left * np.bincount(strata, off**2)).sum())
    flat = float(total**2 / (weights**2).sum()) / (1 - n / total)
    size = min(rate * (1 - rate) / spread, flat) * _few(n, max(n - len(drawn), 1) + 1, alpha) if spread > 0 else flat
    low, high = _exact(rate, size, alpha)
    return low, max(high, _exact(0, flat, alpha)[1]) if rate < 1 else high


def _few(n: int, documents: int, alpha: float) -> float:
    from scipy.stats import t

    return float((t.ppf(1 - alpha / 2, n - 1) / t.ppf(1 - alpha / 2, documents - 1)) ** 2)


def _exact(rate: float, n: float, alpha: float) -> tuple[float, float]:
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(rate * n, n, alpha, method="beta")
    return float(low), float(high)
