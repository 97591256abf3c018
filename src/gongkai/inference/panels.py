"""Models of a panel of counties over years; statsmodels fits them. Tables have the columns unit, year, count, n."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

LEVEL = 0.95


def poisson_panel(table: pd.DataFrame, base: int) -> pd.DataFrame:
    """Return the ratio of each year's count to the base year's, unit effects taken out: a profile, not an effect.

    Parameters
    ----------
    table : DataFrame
        ``unit``, ``year``, ``count``. Units whose counts are all 0 say nothing of ratios and are left out.
    base : int

    Returns
    -------
    DataFrame
        ``ratio``, ``low``, ``high`` by year, with errors clustered by unit, statsmodels' correction for few clusters and t with
        one degree of freedom fewer than units. Below thirty units report a wild bootstrap beside it (Cameron and Miller 2015).

    Raises
    ------
    ValueError
        With fewer than two years or two units that have a count above 0, or no base year among them.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("a", 1, 10), ("a", 2, 20), ("b", 1, 30), ("b", 2, 60)]
    >>> float(poisson_panel(pd.DataFrame(rows, columns=["unit", "year", "count"]), 1).loc[2, "ratio"].round(6))
    2.0
    """
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    used = table[table.groupby("unit")["count"].transform("sum") > 0]
    _enough(used, base)
    model = smf.glm(f"count ~ C(unit) + C(year, Treatment({base}))", used, family=sm.families.Poisson())
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": used["unit"].astype("category").cat.codes}, use_t=True)
    return _by_year(_terms(fit).map(math.exp), ["ratio", "low", "high"], base, 1.0)


def share_panel(table: pd.DataFrame, base: int) -> pd.DataFrame:
    """Return the average difference of each year's shares from the base year's, by a pooled fractional logit.

    Every unit counts alike, whatever its n (Papke and Wooldridge 1996, 2008); errors are clustered by unit, with t. Rows with
    n = 0 have no share and are left out. The result has ``difference``, ``low``, ``high`` by year, in shares (0.1 is ten points).

    Raises
    ------
    ValueError
        With fewer than two years or two units that have a share, or no base year among them.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("a", 1, 1, 10), ("a", 2, 3, 10), ("b", 1, 3, 10), ("b", 2, 4, 10)]
    >>> float(share_panel(pd.DataFrame(rows, columns=["unit", "year", "count", "n"]), 1).loc[2, "difference"].round(6))
    0.15
    """
    import numpy as np
    import pandas as pd
    import statsmodels.api as sm
    from scipy import stats

    used = table[table["n"] > 0].reset_index(drop=True)
    _enough(used, base)
    design = pd.get_dummies(used["year"]).astype(float)
    groups = used["unit"].astype("category").cat.codes
    model = sm.GLM(used["count"] / used["n"], design, family=sm.families.Binomial())
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
    share = 1 / (1 + np.exp(-fit.params))
    slope = np.diag(share * (1 - share))
    cov = slope @ fit.cov_params().to_numpy() @ slope
    at, reach = list(design).index(base), stats.t.ppf((1 + LEVEL) / 2, groups.nunique() - 1)
    error = np.sqrt(np.maximum(np.diag(cov) + cov[at, at] - 2 * cov[at], 0))
    gap = share - share[base]
    return pd.DataFrame({"difference": gap, "low": gap - reach * error, "high": gap + reach * error}).rename_axis("year")


def multilevel(table: pd.DataFrame) -> pd.DataFrame:
    """Return each unit's share over all years, drawn towards the others by a linear mixed model of empirical logits.

    The result has ``share``, ``low``, ``high`` by unit, at the mean of the years' effects; the ends take those as known. Raises
    ValueError as :func:`share_panel` does.
    """
    import numpy as np
    import pandas as pd
    import statsmodels.formula.api as smf
    from scipy import stats

    used = table[table["n"] > 0].copy()
    _enough(used, used["year"].min())
    used["logit"] = np.log((used["count"] + 0.5) / (used["n"] - used["count"] + 0.5))
    fit = smf.mixedlm("logit ~ C(year, Sum)", used, groups=used["unit"]).fit()
    at = float(fit.fe_params["Intercept"]) + pd.Series({u: float(e.iloc[0]) for u, e in fit.random_effects.items()})
    reach = stats.norm.ppf((1 + LEVEL) / 2) * pd.Series({u: float(c.iloc[0, 0]) ** 0.5 for u, c in fit.random_effects_cov.items()})
    found: pd.DataFrame = (
        pd.DataFrame({"share": at, "low": at - reach, "high": at + reach}).apply(lambda x: 1 / (1 + np.exp(-x))).rename_axis("unit")
    )
    return found


def presence_weights(table: pd.DataFrame, seen: Sequence[str]) -> pd.Series:
    """Return the inverse probability of being present, by a logit of ``present`` (0, 1) on last year's columns ``seen``.

    Weights mend only what goes with what is seen: they show one bound of the bias, and do not cure it.
    """
    import statsmodels.api as sm

    design = sm.add_constant(table[list(seen)].astype(float))
    weights: pd.Series = 1 / sm.GLM(table["present"], design, family=sm.families.Binomial()).fit().fittedvalues
    return weights


def rubin(estimates: Sequence[float], variances: Sequence[float]) -> dict[str, float]:
    """Combine the estimates of several imputed tables by Rubin's rules (Rubin 1987).

    Examples
    --------
    >>> {k: round(v, 3) for k, v in rubin([1.0, 2.0, 3.0], [1.0, 1.0, 1.0]).items()}
    {'estimate': 2.0, 'error': 1.528, 'df': 6.125}
    """
    import numpy as np

    m = len(estimates)
    if m < 2 or m != len(variances):
        raise ValueError("Rubin's rules need two or more estimates, each with its variance.")
    within, between = float(np.mean(variances)), float(np.var(estimates, ddof=1)) * (1 + 1 / m)
    df = math.inf if between == 0 else (m - 1) * (1 + within / between) ** 2
    return {"estimate": float(np.mean(estimates)), "error": math.sqrt(within + between), "df": df}


def missing_bounds(shares: Sequence[float]) -> tuple[float, float]:
    """Return the least and the greatest mean share that all units may have, where NaN is a report that is missing.

    Each missing share may be anything from 0 to 1 (Manski 1989); nothing is assumed of why it is missing.

    Examples
    --------
    >>> missing_bounds([0.2, 0.4, float("nan"), float("nan")])
    (0.15, 0.65)
    """
    if not len(shares):
        raise ValueError("There are no units to bound.")
    known = [s for s in shares if not math.isnan(s)]
    return round(sum(known) / len(shares), 12), round((sum(known) + len(shares) - len(known)) / len(shares), 12)


def _enough(table: pd.DataFrame, base: int) -> None:
    if table["unit"].nunique() < 2 or table["year"].nunique() < 2 or base not in {*table["year"]}:
        raise ValueError(f"A panel needs two units and two years with something to count, {base} among the years.")


def _terms(fit: Any) -> pd.DataFrame:
    """Return estimate and ends of the years' coefficients."""
    found = fit.conf_int(1 - LEVEL)
    found.insert(0, "estimate", fit.params)
    years: pd.DataFrame = found[found.index.str.startswith("C(year")]
    return years


def _by_year(found: pd.DataFrame, columns: list[str], base: int, at_base: float) -> pd.DataFrame:
    found = found.set_axis(found.index.str.extract(r"T\.(-?\d+)\]")[0].astype(int), axis=0).set_axis(columns, axis=1)
    found.loc[base] = at_base
    return found.sort_index().rename_axis("year")
