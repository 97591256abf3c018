"""Sentences in either language that say what may be concluded, nothing included."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gongkai.core.messages import number_text
from gongkai.inference.intervals import CONFIDENCE, Interval, poisson, wilson
from gongkai.inference.phrases import FEW, FEWEST, percent, sentence_texts, tell

if TYPE_CHECKING:
    import pandas as pd

    from gongkai.inference.clustering import DesignEffect

TOO_WIDE = 0.5
LIKELY = 0.75  # the posterior probability from which a shape is named; below it, all three are
MOST_DIGITS = 9
ROUNDING = 1e-9


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
    complete as this count is, it hardly narrows down the rate of the process behind it
    (1 of 1; 95 % Wilson interval 21 %–100 %, if these requests were independent draws from a stable process)
    """
    low, high = wilson(count, n, CONFIDENCE, deff)
    if n == 0:
        return tell("none", language)
    case = "nothing" if high - low > TOO_WIDE else "little" if n / deff < FEW else "range"
    ends = {"low": percent(low, n / deff, language), "high": percent(high, n / deff, language)}
    return tell(case, language, of=of, count=f"{count:,.0f}", n=f"{n:,.0f}", design=_design(deff, language), **ends)


def rate_sentence(count: float, exposure: float, language: str = "zh", per: float = 100, deff: float = 1, of: str = "") -> str:
    """Say what may be concluded from a count of cases over an exposure, ``per`` so many units of it.

    Parameters
    ----------
    count, exposure : float
        A whole number of cases, and what it is counted over.
    language : {"zh", "en"}
    per : float
        Units of exposure that the rate is given for.
    deff : float
        As in :func:`~gongkai.inference.poisson`.
    of : str
        What the rate is of, as it stands in the sentence: ``行政复议``, or ``" of reconsiderations over replies"``.

    Examples
    --------
    >>> print(rate_sentence(3, 100, "en", of=" of reconsiderations over replies"))
    in the process behind this complete count, the rate of reconsiderations over replies can only be placed between 0.6 and 8.8 per 100,
    with too few cases to compare it with other places or years
    (3 over 100; exact 95 % Poisson interval, if these requests were independent draws from a stable process)
    """
    low, high = poisson(count, exposure, CONFIDENCE, deff)
    if exposure == 0:
        return tell("none", language)
    ends = dict(zip(("low", "high"), _apart(per * low, per * high, 1), strict=True))
    about = {"per": f"{per:g}", "design": _design(deff, language), "of": of or sentence_texts(language)["rate_of"]}
    case = "rate_little" if count / deff < FEW else "rate_range"
    return tell(case, language, count=f"{count:.0f}", exposure=number_text(exposure), **ends, **about)


def difference_sentence(
    difference: Interval, first: str, second: str, language: str = "zh", deff: float = 1, falls: float | None = None
) -> str:
    """Say which of two rates is higher, or that it cannot be told, from the 95 % interval of the first less the second.

    ``deff`` is the design effect that the interval was made with; ``falls`` that at which it would hold zero
    (:func:`~gongkai.inference.falls_at`), where that is to be said.

    Examples
    --------
    >>> print(difference_sentence(Interval(0.004, 0.09), "2019", "2020", "en"))
    in the processes behind the counts, 2019 is higher than 2020 by 0.4 to 9.0 percentage points
    (95 % interval, if these requests were independent draws from a stable process)
    """
    import pandas as pd

    if pd.isna(difference.low):
        return tell("none", language)
    case = "difference_higher" if difference.low > 0 else "difference_lower" if difference.high < 0 else "difference_open"
    ends = [100 * end for end in difference] if case == "difference_open" else sorted(100 * abs(end) for end in difference)
    low, high = _apart(ends[0], ends[1], 0, sign=case == "difference_open")
    told = tell(case, language, deff, first=first, second=second, low=low, high=high)
    if falls is None or case == "difference_open":
        return told
    return told + (tell("falls", language, falls=_down(falls)) if math.isfinite(falls) else tell("falls_never", language))


def _down(falls: float) -> str:
    """Write the design effect at which a conclusion falls, rounded down: never later than it does."""
    return f"{math.floor(10 * falls) / 10:.1f}"


def ranks_sentence(table: pd.DataFrame, language: str = "zh", deff: float = 1) -> str:
    """Say what the table of :func:`~gongkai.inference.ranked` shows of an order: how many pairs are in order, by posterior probability.

    ``deff`` is the design effect that the table was made with.

    Examples
    --------
    >>> from gongkai.inference import ranked
    >>> print(ranks_sentence(ranked([5, 5, 6, 5, 4], [10] * 5), "en").split(";")[0])
    these 5 counties cannot be ordered: in none of the 10 pairs does the posterior probability that one is higher reach 95 %
    """
    from gongkai.inference.shrinkage import ORDERED

    known = table.dropna(subset=["rank"])
    if known.empty:
        return _none(table, language)
    n, ordered = len(known), int(known["above"].sum())
    width = (known["rank_high"] - known["rank_low"] + 1).median()
    shares = {"confidence": f"{100 * known['confidence'].iloc[0]:g}", "ordered_from": f"{100 * ORDERED:g}"}
    counts = {"n": n, "pairs": n * (n - 1) // 2, "ordered": ordered, "width": f"{width:g}", "few": int(known["few"].sum())}
    return tell("ranks" if ordered else "ranks_open", language, deff, **counts, **shares)


def funnel_sentence(table: pd.DataFrame, language: str = "zh", deff: float = 1) -> str:
    """Say how many counties of :func:`~gongkai.inference.funnel` fall outside, beside how many would if nothing were wrong.

    Chance alone is named only where the limits allow for no variance between counties; ``deff`` is the design effect of the table.

    Examples
    --------
    >>> from gongkai.inference import funnel
    >>> print(funnel_sentence(funnel([45, 45, 45, 45, 80], [100] * 5), "en"))
    of 5 counties, each beside the others, outside the 95 % limits: 1,
    where chance and ordinary differences between counties put at most 0.3 on average; outside the 99.8 % limits: 0,
    where they put at most 0.01 (if these requests were independent draws from a stable process)
    """
    known = table[table["why"] == ""]
    if known.empty:
        return _none(table, language)
    outside = {"out_95": int((known["outside"] != "").sum()), "out_998": int((known["outside"] == "998").sum())}
    case = "funnel" if (known["between_sd"] > 0).any() else "funnel_chance"
    digits = {"chance_95": 1, "chance_998": 2}
    chance = {name: _expected(float(known[name].sum()), d, case == "funnel") for name, d in digits.items()}
    return tell(case, language, deff, n=len(known), **outside, **chance)


def family_sentence(table: pd.DataFrame, language: str = "zh") -> str:
    """Name the family of tests of :func:`~gongkai.inference.discoveries`, how many of them are rejected, and what that rejects.

    Examples
    --------
    >>> from gongkai.inference import discoveries
    >>> print(family_sentence(discoveries([0.01, 0.02, 0.9], "an example", hypothesis="the two years have one rate"), "en"))
    2 of 3 tests of the family "an example" are rejected (Benjamini-Hochberg, at most 5 % of the rejections false on average);
    what is rejected is the hypothesis that the two years have one rate
    """
    if table.empty or not table["tests"].iloc[0]:
        return _none(table, language)
    family, tests, rate, hypothesis = table[["family", "tests", "rate", "hypothesis"]].iloc[0]
    about = {"family": family, "tests": tests, "flagged": int(table["flagged"].sum()), "rate": f"{100 * rate:g}"}
    case = "family" if hypothesis else "family_unnamed"
    return tell(case, language, hypothesis=sentence_texts(language).get(hypothesis, hypothesis), **about)


def design_sentence(effect: DesignEffect, language: str = "zh") -> str:
    """Say what the design effect is estimated at, on what, and on which assumption; or that it cannot be estimated.

    Examples
    --------
    >>> import pandas as pd
    >>> from gongkai.inference import design_effect
    >>> table = pd.DataFrame({"unit": list("aabb"), "year": [2021, 2022] * 2, "count": [4, 6, 3, 4], "n": 10})
    >>> print(design_sentence(design_effect(table), "en"))
    no design effect can be estimated from 2 units with two years or more, so it is not known how far intervals that take requests for
    independent are too narrow
    """
    if effect.why == "none":
        return tell("effect_none", language, units=effect.units)
    ends = {name: f"{end:.1f}" if math.isfinite(end) else "∞" for name, end in (("low", effect.low), ("high", effect.high))}
    about = {"units": effect.units, "years": effect.years, "value": f"{effect.value:.1f}", **ends}
    return tell("effect_few" if effect.why else "effect", language, **about)


def share_sentence(count: float, n: float, effect: DesignEffect | float, language: str = "zh", of: str = "") -> str:
    """Say what may be concluded from ``count`` of ``n`` if requests are independent and, where that differs, at a design effect.

    Parameters
    ----------
    count, n : float
        Whole numbers, ``0 <= count <= n``.
    effect : DesignEffect or float
        What :func:`~gongkai.inference.design_effect` returned, or a number of 1 or more.
    language : {"zh", "en"}
    of : str
        What the rate is of, as in :func:`sentence`.

    Returns
    -------
    str
        The sentence for independent requests; the interval at the design effect behind it; where an estimate rests on few units, or none
        could be made, that, and at which design effect the interval would span half of all rates and more, so that it says nothing.

    Examples
    --------
    >>> print(share_sentence(40, 100, 2.5, "en"))
    in the process behind this complete count, the rate lies between 30.9 % and 49.8 %
    (40 of 100; 95 % Wilson interval, if these requests were independent draws from a stable process);
    at a design effect of 2.5, between 26.3 % and 55.4 %
    """
    from gongkai.inference.clustering import falls_at

    deff, why, units = (effect, "", 0) if isinstance(effect, float | int) else (effect.used, effect.why, effect.units)
    told = sentence(count, n, language, of)
    if n == 0:
        return told
    if deff > 1:
        low, high = (percent(end, n / deff, language) for end in wilson(count, n, CONFIDENCE, deff))
        told += tell("at_effect", language, deff=f"{deff:.1f}", low=low, high=high)
    if why:
        told += tell("effect_doubted" if why == "few_units" else "effect_unknown", language, units=units)
        falls = falls_at(lambda deff: (ends := wilson(count, n, CONFIDENCE, deff)).high - ends.low <= TOO_WIDE)
        told += tell("says_nothing_at", language, falls=_down(falls)) if 1 < falls < math.inf else ""
    return told


def shape_sentence(chances: pd.Series[float], units: int, language: str = "zh") -> str:
    """Say which shape the counties of :func:`~gongkai.inference.mixtures` have, and what intervals and ranks promise in it.

    Examples
    --------
    >>> from gongkai.inference import shapes
    >>> print(shape_sentence(shapes([2] * 20 + [18] * 20, [20] * 40), 40, "en"))
    these 40 counties fall into two clumps (posterior probability >99 %): each is drawn towards its own,
    and one that lies between them towards both
    """
    from gongkai.inference.mixtures import MANY

    if chances.isna().any():
        return tell("few", language, n=units, fewest=FEWEST)
    if units < MANY:
        return tell("shape_few", language, units=units, many=MANY)
    best = str(chances.idxmax())
    case = f"shape_{best}" if chances[best] >= LIKELY else "shape_open"
    shares = {str(name): percent(min(float(share), 1.0), 1, language) for name, share in chances.items()}
    return tell(case, language, units=units, chance=shares[best], **shares)


def concentration_sentence(table: pd.DataFrame, language: str = "zh", measure: str = "gini") -> str:
    """Set a measure of :func:`~gongkai.inference.concentration` beside what chance gives; a verdict, which chance can give too, it is not.

    Examples
    --------
    >>> from gongkai.inference import concentration
    >>> print(concentration_sentence(concentration([5, 6, 4, 5]), "en"))
    the Gini coefficient, 0.07, lies within what chance gives where all have the same rate
    (0.19 expected, 95 % between 0.07 and 0.35): it neither shows inequality nor rules it out
    (if these requests were independent draws from a stable process)
    """
    import pandas as pd

    row: Any = table.loc[measure]
    if pd.isna(row["value"]):
        return tell("one_case", language)
    case = "within_chance" if not row["beyond_chance"] else "above_chance" if row["value"] > row["chance_high"] else "below_chance"
    names = ("value", "chance", "chance_low", "chance_high")
    digits = _digits([row[name] for name in names if name != "chance"], 2)
    figures = {name: f"{row[name]:.{digits}f}" for name in names}
    beyond = int(row["as_large"] if case == "above_chance" else row["as_small"])
    draws = {"beyond": beyond, "draws": int(row["draws"]), "confidence": f"{100 * row['confidence']:g}"}
    return tell(case, language, measure=tell(measure, language), **figures, **draws)


def _none(table: pd.DataFrame, language: str) -> str:
    """Say why nothing is said: too few counties have a value, or none has."""
    n = int(table["value"].notna().sum()) if "value" in table else 0
    return tell("few", language, n=n, fewest=FEWEST) if n else tell("none", language)


def _apart(low: float, high: float, digits: int, sign: bool = False) -> tuple[str, str]:
    """Write both ends of an interval with enough digits that they differ from each other and from zero."""
    digits = _digits([low, high, 0], digits)
    told = [f"{end:{'+' if sign and end else ''}.{digits if end else 0}f}" for end in (low, high)]
    return told[0], told[1]


def _digits(values: Sequence[float], least: int) -> int:
    """Return the decimals, ``least`` or more, with which different values are written differently."""
    different = len({*values})
    return next((d for d in range(least, MOST_DIGITS) if len({round(value, d) for value in values}) == different), MOST_DIGITS)


def _expected(number: float, digits: int, up: bool) -> str:
    """Write the expected number of counties: an upper bound is rounded up, and 0 is written only if it is exactly 0."""
    step = 10.0**-digits
    shown = math.ceil(number / step - ROUNDING) * step if up else round(number, digits)
    return f"<{step:g}" if number > 0 and not shown else f"{shown:.{digits}f}"


def _design(deff: float, language: str) -> str:
    return tell("design", language, deff=f"{deff:g}") if deff > 1 else ""
