"""Intervals of a panel of few counties, by a wild cluster bootstrap."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from gongkai.studies.comparison.labels import tell

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

# Clustered errors are right for many clusters; below about thirty to fifty their intervals are too narrow (Cameron and Miller 2015).
FEW_CLUSTERS = 30
DRAWS, STEPS, REACH, LEVEL = 999, 24, 12.0, 0.05


def clusters_in_words(groups: Sequence[object], language: str = "zh") -> str:
    """Say how many clusters there are, and warn of fewer than thirty.

    Examples
    --------
    >>> print(clusters_in_words(["a", "a", "b"], "en"))
    2 clusters: fewer than 30, so clustered intervals are too narrow; report the wild bootstrap's.
    """
    n = len({*groups})
    return tell("clusters_few" if n < FEW_CLUSTERS else "clusters", language, n=n, few=FEW_CLUSTERS)


def wild_ratios(model: Any, groups: Sequence[object], base: int, seed: int = 0, name: str = "year") -> pd.DataFrame:
    """Return the ratio of each year to the base year with 95 % intervals by a wild bootstrap of the clusters.

    Parameters
    ----------
    model : statsmodels GLM
        Poisson, of a formula with ``C(year, Treatment(base))``; with or without offset.
    groups : sequence
        The cluster of each row.
    base : int
    seed : int
        Of the random signs.
    name : str
        Of the column of years.

    Returns
    -------
    DataFrame
        ``ratio``, ``low``, ``high`` by year. An end is where the score test of that ratio, with it imposed, has p = 0.05 against the
        scores of the clusters with random signs (Kline and Santos 2012, the restricted score bootstrap; Cameron, Gelbach and Miller
        2008). With fewer than about ten clusters there are too few signs for a p below 0.05 to mean much.
    """
    import numpy as np
    import pandas as pd

    codes = pd.Categorical(list(groups)).codes
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], (DRAWS, codes.max() + 1))
    fit = model.fit()
    found = {base: (1.0, 1.0, 1.0)}
    for n, term in enumerate(model.exog_names):
        if term.startswith(f"C({name},"):
            estimate, error = float(fit.params.iloc[n]), float(fit.bse.iloc[n])
            p = _p_value(model, n, codes, signs)
            low, high = (_end(p, estimate, side * REACH * error) for side in (-1, 1))
            found[int(term.split("T.")[1].rstrip("]"))] = (math.exp(estimate), math.exp(low), math.exp(high))
    return pd.DataFrame.from_dict(found, orient="index", columns=["ratio", "low", "high"]).sort_index()


def _p_value(model: Any, n: int, codes: np.ndarray, signs: np.ndarray) -> Callable[[float], float]:
    """Return a function from a value of the n-th coefficient to the p-value of the test of it."""
    import numpy as np
    import statsmodels.api as sm

    y, tested, others = model.endog, model.exog[:, n], np.delete(model.exog, n, axis=1)
    offset = model.offset if model.offset is not None else np.zeros(len(y))

    def p(value: float) -> float:
        mean = sm.GLM(y, others, family=sm.families.Poisson(), offset=offset + value * tested).fit().fittedvalues
        root = np.sqrt(mean)[:, None]
        beside = tested - others @ np.linalg.lstsq(others * root, tested * root[:, 0], rcond=None)[0]
        scores = np.bincount(codes, beside * (y - mean))
        return float(np.mean(np.abs(signs @ scores) >= abs(scores.sum()) - 1e-9))

    return p


def _end(p: Callable[[float], float], estimate: float, reach: float) -> float:
    """Return where p falls to the level on one side of the estimate."""
    near, far = 0.0, reach
    for _ in range(STEPS):
        middle = (near + far) / 2
        near, far = (middle, far) if p(estimate + middle) > LEVEL else (near, middle)
    return estimate + near
