"""An interval for a weighted share of cells that were drawn from documents, where errors come together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CONFIDENCE = 0.95


def clustered_interval(
    hits: NDArray[np.float64], weights: NDArray[np.float64], clusters: NDArray[Any], confidence: float = CONFIDENCE
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
    """
    import numpy as np

    _, documents = np.unique(clusters, return_inverse=True)
    total = weights.sum()
    rate = float(np.clip((weights * hits).sum() / total, 0, 1))
    apart = float(total**2 / (np.bincount(documents, weights) ** 2).sum())
    spread = float((np.bincount(documents, weights * (hits - rate) / total) ** 2).sum())
    m, alpha = int(documents.max()) + 1, 1 - confidence
    if not 0 < hits.mean() < 1 or m == 1 or spread == 0:
        return rate, *_exact(rate, apart, alpha)
    flat = float(total**2 / (weights**2).sum())
    size = min(rate * (1 - rate) / (spread * m / (m - 1)), flat) * _few(len(hits), m, alpha)
    low, high = _exact(rate, size, alpha)
    return rate, low, max(high, _exact(0, apart, alpha)[1])


def _few(n: int, documents: int, alpha: float) -> float:
    from scipy.stats import t

    return float((t.ppf(1 - alpha / 2, n - 1) / t.ppf(1 - alpha / 2, documents - 1)) ** 2)


def _exact(rate: float, n: float, alpha: float) -> tuple[float, float]:
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(rate * n, n, alpha, method="beta")
    return float(low), float(high)
