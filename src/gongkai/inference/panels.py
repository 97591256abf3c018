"""Models of a panel of counties over years, as a referee asks for them; statsmodels fits them.

Tables have a row for each unit and year: ``unit``, ``year``, ``count``, ``n``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gongkai.core.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.95


def poisson_model(table: pd.DataFrame, base: int) -> Any:
    """Return the Poisson model of ``count`` with effects of units and years, not yet fitted, as ``wild_ratios`` of comparisons takes it.

    Units whose counts are all 0 say nothing of ratios and are left out.

    Raises
    ------
    UsageError
        With fewer than two years or two units that have a count above 0, or without the base year among them.
    """
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    used = table[table.groupby("unit")["count"].transform("sum") > 0].reset_index(drop=True)
    _refuse_too_few(used, base)
    return smf.glm(f"count ~ C(unit) + C(year, Treatment({base}))", used, family=sm.families.Poisson())


def poisson_panel(table: pd.DataFrame, base: int) -> pd.DataFrame:
    """Return the ratio of each year's count to the base year's, with the units' own levels taken out: a profile, never an effect.

    Parameters
    ----------
    table : DataFrame
        ``unit``, ``year``, ``count``.
    base : int
        The year that the others are compared with.

    Returns
    -------
    DataFrame
        ``ratio``, ``low``, ``high`` by year, and ``estimate`` and ``error`` of the logarithm. Errors are clustered by unit with the
        correction for few clusters (Cameron and Miller 2015), intervals by t with ``df``, one degree of freedom less than units. Below
        thirty units they are too narrow: put the wild bootstrap beside them.

    Raises
    ------
    UsageError
        As :func:`poisson_model`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("a", 1, 10), ("a", 2, 21), ("b", 1, 30), ("b", 2, 59)]
    >>> poisson_panel(pd.DataFrame(rows, columns=["unit", "year", "count"]), 1)["ratio"].round(2).to_dict()
    {1: 1.0, 2: 2.0}
    """
    import numpy as np
    import pandas as pd

    model = poisson_model(table, base)
    units = model.data.frame["unit"].astype("category").cat.codes
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": units}, use_t=True)
    found = pd.DataFrame({"estimate": fit.params, "error": fit.bse}).filter(like="C(year", axis=0)
    found = found.set_axis(found.index.str.extract(r"T\.(-?\d+)\]")[0].astype(int), axis=0)
    found.loc[base] = 0.0
    return _with_ends(found.sort_index(), units.nunique() - 1, "ratio", np.exp)


def share_panel(table: pd.DataFrame, base: int) -> pd.DataFrame:
    """Return the average difference of each year's shares from the base year's, by a pooled fractional logit.

    Every unit counts alike, whatever its n (Papke and Wooldridge 1996), so that it answers another question than a share of all cases.

    Parameters
    ----------
    table : DataFrame
        ``unit``, ``year``, ``count``, ``n``. Rows with n = 0 have no share and are left out.
    base : int
        The year that the others are compared with.

    Returns
    -------
    DataFrame
        ``difference`` (.1 is ten points), ``low``, ``high``, ``estimate`` (the same) and ``error`` by year, clustered by unit, with t.

    Raises
    ------
    UsageError
        With fewer than two years or two units that have a share, or without the base year among them.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("a", 1, 1, 10), ("a", 2, 3, 10), ("b", 1, 3, 10), ("b", 2, 4, 10)]
    >>> share_panel(pd.DataFrame(rows, columns=["unit", "year", "count", "n"]), 1)["difference"].round(2).to_dict()
    {1: 0.0, 2: 0.15}
    """
    import numpy as np
    import pandas as pd
    import statsmodels.api as sm

    used = table[table["n"] > 0].reset_index(drop=True)
    _refuse_too_few(used, base)
    years, units = pd.get_dummies(used["year"]).astype(float), used["unit"].astype("category").cat.codes
    model = sm.GLM(used["count"] / used["n"], years, family=sm.families.Binomial())
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": units}, use_t=True)
    share = 1 / (1 + np.exp(-fit.params))
    slope = np.diag(share * (1 - share))  # of a share by its logit: the delta method
    covariance, at = slope @ fit.cov_params().to_numpy() @ slope, list(years).index(base)
    error = np.sqrt(np.maximum(np.diag(covariance) + covariance[at, at] - 2 * covariance[at], 0))
    found = pd.DataFrame({"estimate": share - share[base], "error": error}).rename_axis("year")
    return _with_ends(found, units.nunique() - 1, "difference", lambda x: x)


def multilevel(table: pd.DataFrame) -> pd.DataFrame:
    """Return each unit's share over all years, drawn towards the others by a linear mixed model of empirical logits.

    Parameters
    ----------
    table : DataFrame
        ``unit``, ``year``, ``count``, ``n``. Rows with n = 0 have no share and are left out.

    Returns
    -------
    DataFrame
        ``share``, ``low``, ``high`` by unit, at the mean of the years' effects. The ends take the effects of years, and the spread
        between units, as known; every logit counts alike, so units with few cases are drawn in too little.

    Raises
    ------
    UsageError
        With fewer than two years or two units that have a share.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [(u, y, 10 * u + y, 100) for u in range(1, 9) for y in (1, 2, 3)]
    >>> found = multilevel(pd.DataFrame(rows, columns=["unit", "year", "count", "n"]))
    >>> bool(found["share"].is_monotonic_increasing), found.loc[4].round(2).to_dict()["share"]
    (True, 0.42)
    """
    import numpy as np
    import pandas as pd
    import statsmodels.formula.api as smf
    from scipy import stats

    used = table[table["n"] > 0].copy()
    _refuse_too_few(used, used["year"].min())
    used["logit"] = np.log((used["count"] + 0.5) / (used["n"] - used["count"] + 0.5))
    fit = smf.mixedlm("logit ~ C(year, Sum)", used, groups=used["unit"]).fit()
    at = float(fit.fe_params["Intercept"]) + pd.Series({unit: float(effect.iloc[0]) for unit, effect in fit.random_effects.items()})
    error = pd.Series({unit: math.sqrt(float(variance.iloc[0, 0])) for unit, variance in fit.random_effects_cov.items()})
    reach = stats.norm.ppf((1 + LEVEL) / 2) * error
    ends = pd.DataFrame({"share": at, "low": at - reach, "high": at + reach}).rename_axis("unit")
    return pd.DataFrame(1 / (1 + np.exp(-ends.to_numpy())), ends.index, ends.columns)


def over_candidates(fits: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Combine fits of one model to tables in which each uncertain cell has one of its candidates, by Rubin's rules (Rubin 1987).

    Parameters
    ----------
    fits : sequence of DataFrame
        What :func:`poisson_panel` or :func:`share_panel` gave of each table; five to twenty.

    Returns
    -------
    DataFrame
        As each of them, and ``between``: which part of the variance comes from not knowing the cells. Degrees of freedom are the fewer
        of Rubin's and the model's own.

    Raises
    ------
    UsageError
        With fewer than two fits.

    Examples
    --------
    >>> import pandas as pd
    >>> tables = [pd.DataFrame({"unit": [*"aabb"], "year": [1, 2, 1, 2], "count": [10, n, 30, 59]}) for n in (19, 21)]
    >>> over_candidates([poisson_panel(t, 1) for t in tables]).loc[2, ["ratio", "between"]].round(3).to_dict()
    {'ratio': 1.975, 'between': 0.289}
    """
    import numpy as np
    import pandas as pd

    if len(fits) < 2:
        raise UsageError.of("inference.fits", "fits", found=len(fits))
    m, kind = len(fits), "ratio" if "ratio" in fits[0] else "difference"
    estimates, within = pd.concat([f["estimate"] for f in fits], axis=1), pd.concat([f["error"] ** 2 for f in fits], axis=1).mean(axis=1)
    between = estimates.var(axis=1, ddof=1) * (1 + 1 / m)
    rubin = (m - 1) * (1 + within / between.where(between > 0)) ** 2
    found = pd.DataFrame({"estimate": estimates.mean(axis=1), "error": np.sqrt(within + between)})
    made = _with_ends(found, rubin.fillna(math.inf).clip(upper=fits[0]["df"]), kind, np.exp if kind == "ratio" else lambda x: x)
    return made.assign(between=(between / (within + between)).fillna(0.0))


def presence(table: pd.DataFrame, seen: Sequence[str]) -> pd.DataFrame:
    """Return, by a logit, how the odds that a report is there go with what is seen of its unit.

    Parameters
    ----------
    table : DataFrame
        A row for each unit: ``present``, 0 or 1, and columns of what is known of all of them, such as last year's numbers.
    seen : sequence of str
        Those columns.

    Returns
    -------
    DataFrame
        ``odds_ratio``, ``low``, ``high``, ``p`` by column, for one standard deviation more of it.

    Raises
    ------
    UsageError
        If all reports are there, or none is.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"present": [1, 0, 1, 1, 0, 1, 1, 1], "before": [1, 1, 1, 1, 0, 0, 0, 0]})
    >>> presence(table, ["before"])["odds_ratio"].round(3).to_dict()
    {'before': 1.0}
    """
    import numpy as np
    import pandas as pd

    fit = _presence_fit(table, seen)
    ends = pd.concat([fit.params, fit.conf_int(1 - LEVEL)], axis=1)
    found = pd.DataFrame(np.exp(ends.to_numpy()), ends.index, ["odds_ratio", "low", "high"])
    return found.assign(p=fit.pvalues).drop(index="const")


def presence_weights(table: pd.DataFrame, seen: Sequence[str]) -> pd.Series:
    """Return the inverse of each unit's probability to be present, by the logit of :func:`presence`, which says what it takes and raises.

    A mean of those present with these weights mends what goes with ``seen``, and nothing else: it is one bound, and no cure.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"present": [1, 0, 1, 1, 0, 1, 1, 1], "before": [1, 1, 1, 1, 0, 0, 0, 0]})
    >>> presence_weights(table, ["before"]).round(3).tolist()[:2]
    [1.333, 1.333]
    """
    weights: pd.Series = 1 / _presence_fit(table, seen).fittedvalues
    return weights


def _presence_fit(table: pd.DataFrame, seen: Sequence[str]) -> Any:
    import statsmodels.api as sm

    if table["present"].nunique() < 2:
        raise UsageError.of("inference.presence", "present", found=f"{int(table['present'].sum())}/{len(table)}")
    columns = table[list(seen)].astype(float)
    design = sm.add_constant((columns - columns.mean()) / columns.std(ddof=0))
    return sm.GLM(table["present"], design, family=sm.families.Binomial()).fit()


def missing_bounds(shares: pd.Series) -> tuple[float, float]:
    """Return the least and the greatest mean share that all units may have, where NA stands for a report that is missing.

    Each missing share may be anything from 0 to 1 (Manski 1989, Anatomy of the selection problem); nothing is assumed of why it is
    missing, so the bounds hold whatever the reason, and are as wide as the share of reports that are missing.

    Raises
    ------
    UsageError
        If there is no unit.

    Examples
    --------
    >>> import pandas as pd
    >>> low, high = missing_bounds(pd.Series([0.2, 0.4, None, None]))
    >>> round(low, 2), round(high, 2)
    (0.15, 0.65)
    """
    if not len(shares):
        raise UsageError.of("inference.presence", "shares", found="0")
    known = float(shares.sum())
    return known / len(shares), (known + int(shares.isna().sum())) / len(shares)


def _refuse_too_few(table: pd.DataFrame, base: int) -> None:
    units, years = table["unit"].nunique(), sorted({int(year) for year in table["year"]})
    if units < 2 or len(years) < 2 or base not in years:
        raise UsageError.of("inference.panel", "table", base=base, units=units, years=", ".join(map(str, years)) or "—")


def _with_ends(found: pd.DataFrame, df: Any, name: str, shown: Any) -> pd.DataFrame:
    """Put what is reported, and the ends of its interval, before estimate and error."""
    from scipy import stats

    at, reach = found["estimate"], stats.t.ppf((1 + LEVEL) / 2, df) * found["error"]
    made = found.assign(**{name: shown(at), "low": shown(at - reach), "high": shown(at + reach)})
    return made.assign(df=df)[[name, "low", "high", "estimate", "error", "df"]].rename_axis("year")
