"""Sentences in either language that say what may be concluded, nothing included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gongkai.inference.intervals import CONFIDENCE, Interval, poisson, wilson
from gongkai.inference.words import FEW, percent, tell

if TYPE_CHECKING:
    import pandas as pd

TOO_WIDE = 0.5


def sentence(count: float, n: float, language: str = "zh", of: str = "", deff: float = 1) -> str:
    """Say what may be concluded from ``count`` of ``n``, nothing included.

    Parameters
    ----------
    count, n : float
        Whole numbers, ``0 <= count <= n``.
    language : {"zh", "en"}
        The language of the sentence.
    of : str
        What the rate is of, as it stands in the sentence: ``予以公开的``, or ``" of full grants"``.
    deff : float
        The design effect, as in :func:`~gongkai.inference.wilson`.

    Returns
    -------
    str
        Without a full stop, so that it can end another sentence.

    Examples
    --------
    >>> print(sentence(1, 1, "en"))
    nothing can be said about rates
    (1 of 1; 95 % Wilson interval 21 %–100 %, if these requests were independent draws from a stable process)
    """
    low, high = wilson(count, n, CONFIDENCE, deff)
    if n == 0:
        return tell("none", language)
    case = "nothing" if high - low > TOO_WIDE else "little" if n / deff < FEW else "range"
    ends = {"low": percent(low, n / deff, language), "high": percent(high, n / deff, language)}
    return tell(case, language, of=of, count=f"{count:.0f}", n=f"{n:.0f}", design=_design(deff, language), **ends)


def rate_sentence(count: float, exposure: float, language: str = "zh", per: float = 100, deff: float = 1) -> str:
    """Say what may be concluded from a count of cases over an exposure, ``per`` so many units of it.

    Examples
    --------
    >>> print(rate_sentence(3, 100, "en"))
    the rate can only be placed between 0.6 and 8.8 per 100, with too few cases to compare it with other places or years
    (3 over 100; exact 95 % Poisson interval, if these requests were independent draws from a stable process)
    """
    low, high = poisson(count, exposure, CONFIDENCE, deff)
    if exposure == 0:
        return tell("none", language)
    ends = {"low": f"{per * low:.1f}", "high": f"{per * high:.1f}", "per": f"{per:g}", "design": _design(deff, language)}
    return tell("rate_little" if count / deff < FEW else "rate_range", language, count=f"{count:.0f}", exposure=f"{exposure:g}", **ends)


def difference_sentence(difference: Interval, first: str, second: str, language: str = "zh") -> str:
    """Say which of two shares is higher, or that nothing can be said, from the interval of the first less the second.

    Examples
    --------
    >>> print(difference_sentence(Interval(-0.79, 0.79), "2019", "2020", "en"))
    nothing can be said about which is higher, 2019 or 2020 (95 % interval of the difference -79 to +79 percentage points,
    if these requests were independent draws from a stable process)
    """
    import pandas as pd

    if pd.isna(difference.low):
        return tell("none", language)
    case = "difference_higher" if difference.low > 0 else "difference_lower" if difference.high < 0 else "difference_nothing"
    ends = list(difference) if case == "difference_nothing" else sorted(abs(end) for end in difference)
    low, high = (f"{100 * end:{'+' if case == 'difference_nothing' else ''}.0f}" for end in ends)
    return tell(case, language, first=first, second=second, low=low, high=high)


def ranks_sentence(table: pd.DataFrame, language: str = "zh") -> str:
    """Say what the table of :func:`~gongkai.inference.ranked` shows of an order.

    Examples
    --------
    >>> from gongkai.inference import ranked
    >>> print(ranks_sentence(ranked([5, 5, 6], [10, 10, 10]), "en"))
    nothing can be said about the order of these 3: all 95 % rank intervals overlap
    """
    known = table.dropna(subset=["rank"])
    if known.empty:
        return tell("none", language)
    apart = int(known["rank_low"].max()) > int(known["rank_high"].min())
    width = (known["rank_high"] - known["rank_low"] + 1).median()
    return tell("ranks" if apart else "ranks_nothing", language, n=len(known), width=f"{width:g}", few=int(known["few"].sum()))


def funnel_sentence(table: pd.DataFrame, language: str = "zh") -> str:
    """Say how many counties of :func:`~gongkai.inference.funnel` fall outside, beside how many chance alone puts there.

    Examples
    --------
    >>> from gongkai.inference import funnel
    >>> print(funnel_sentence(funnel([5, 6, 4, 30], [20, 20, 20, 40], between=False), "en"))
    of 4, 2 fall outside the 95 % limits, where chance alone puts 0.2; 1 outside the 99.8 % limits, where it puts 0.00
    (if these requests were independent draws from a stable process)
    """
    known = table.dropna(subset=["value"])
    if known.empty:
        return tell("none", language)
    outside = {"out_95": int((known["outside"] != "").sum()), "out_998": int((known["outside"] == "998").sum())}
    chance = {"chance_95": f"{known['chance_95'].sum():.1f}", "chance_998": f"{known['chance_998'].sum():.2f}"}
    return tell("funnel", language, n=len(known), **outside, **chance)


def family_sentence(table: pd.DataFrame, language: str = "zh") -> str:
    """Name the family of tests of :func:`~gongkai.inference.discoveries`, and how many of them are rejected.

    Examples
    --------
    >>> from gongkai.inference import discoveries
    >>> print(family_sentence(discoveries([0.01, 0.02, 0.9], "an example"), "en"))
    2 of 3 tests of the family "an example" are rejected (Benjamini-Hochberg, at most 5 % of the rejections false on average)
    """
    if table.empty or not table["tests"].iloc[0]:
        return tell("none", language)
    family, tests, rate = table[["family", "tests", "rate"]].iloc[0]
    return tell("family", language, family=family, tests=tests, flagged=int(table["flagged"].sum()), rate=f"{100 * rate:g}")


def concentration_sentence(table: pd.DataFrame, language: str = "zh", measure: str = "gini") -> str:
    """Say whether a measure of :func:`~gongkai.inference.concentration` is more than what chance gives.

    Examples
    --------
    >>> from gongkai.inference import concentration
    >>> print(concentration_sentence(concentration([5, 6, 4, 5]), "en"))
    the Gini coefficient, 0.07, is what chance gives where all have the same rate (0.19 expected, 95 % between 0.07 and 0.35):
    it says nothing about inequality
    """
    import pandas as pd

    row: Any = table.loc[measure]
    if pd.isna(row["value"]):
        return tell("none", language)
    case = "by_chance" if not row["beyond_chance"] else "unequal" if row["value"] > row["chance_high"] else "even"
    figures = {name: f"{row[name]:.2f}" for name in ("value", "chance", "chance_low", "chance_high")}
    return tell(case, language, measure=tell(measure, language), **figures)


def _design(deff: float, language: str) -> str:
    return tell("design", language, deff=f"{deff:g}") if deff > 1 else ""
